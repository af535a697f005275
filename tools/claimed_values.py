"""The values that the text states: computed by a build, committed in `book/values.json`.

On the site `{glue:text}` shows what a cell computed. A notebook has no such role, so the export
writes the value into the text. It takes it from the committed file, so that an export need not
run every chapter first. After a build the two are compared as the reader sees them, except for the
last digit, which may differ from machine to machine.
"""

import json
import os
import posixpath
from ast import literal_eval
from pathlib import Path
from typing import NamedTuple

from book_pages import Page, read_pages
from myst_blocks import INLINE, MystError, walk
from myst_nb.core.variables import format_plain_text

COMMITTED = Path("book/values.json")
COMPUTED = Path("_build/values.json")
REMEDY = "run `make book`, then `make notebooks`"

Values = dict[str, int | float | str]  # of one page, by name


class Use(NamedTuple):
    """One `{glue:text}`: whose value, its name, and how to format it."""

    page: str
    name: str
    spec: str


def read_use(content: str, page: str) -> Use:
    """Read what a `{glue:text}` on a page holds: `name`, `name:spec`, `other.md::name:spec`."""
    other, _, value = content.rpartition("::")
    name, _, spec = value.partition(":")
    if other:
        folder = posixpath.dirname(page)
        page = posixpath.normpath(posixpath.join(folder, other)).removesuffix(".md")
    return Use(page, name, spec or "s")


def uses(pages: list[Page]) -> dict[str, list[Use]]:
    """Find every use on the pages, those in solutions too, by the page whose value it is."""
    found: dict[str, list[Use]] = {page.name: [] for page in pages}
    for page in pages:
        for block in walk(page.blocks):
            for match in INLINE.finditer(block.body) if block.kind == "text" else ():
                if match["role"] == "glue:text":
                    use = read_use(" ".join(match["content"].split()), page.name)
                    found.setdefault(use.page, []).append(use)
    return found


def formatted(values: Values, use: Use) -> str | None:
    """Format a value as the site does; None if there is none or the format does not fit it."""
    try:
        return str(format_plain_text(repr(values[use.name]), use.spec))
    except (KeyError, ValueError):
        return None


def read(path: Path) -> dict[str, Values]:
    """Read a file of values, by page; no file, no values."""
    if not path.exists():
        return {}
    try:
        values: dict[str, Values] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise MystError(f"{path.name}: {error}; delete the file and {REMEDY}") from None
    return values


def write(path: Path, text: str) -> None:
    """Replace a file in one step, so that an interruption leaves the old one whole."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)


def _as_json(values: dict[str, Values]) -> str:
    return json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def record(root: Path, folder: Path) -> None:
    """Write down what the chapters of the last build glued, figures left out.

    MyST-NB leaves one file for each page in the `folder`; other pages keep the values they have.
    """
    values = read(root / COMPUTED)
    for file in folder.rglob("*.glue.json"):
        page = file.relative_to(folder).as_posix().removesuffix(".glue.json")
        outputs = json.loads(file.read_text(encoding="utf-8"))
        values[page] = {
            name: _value(output["data"]["text/plain"])
            for name, output in outputs.items()
            if list(output["data"]) == ["text/plain"]
        }
    write(root / COMPUTED, _as_json(values))


def _value(text: str) -> int | float | str:
    try:
        value = literal_eval(text)  # takes the quotes off a string
    except (SyntaxError, ValueError):
        return text
    return value if isinstance(value, int | float | str) else text


def reads_the_same(stated: str | None, now: str | None) -> bool:
    """Say whether two formatted values agree up to one unit of the last digit that is shown.

    On another machine rounding may flip one answer in thousands, and with it the last digit.
    """
    if stated is None or now is None:
        return stated is now
    try:
        difference = abs(float(stated.replace(",", "")) - float(now.replace(",", "")))
    except ValueError:
        return stated == now
    return difference < 1.5 * 10 ** -len(stated.partition(".")[2])


def compare(root: Path) -> int:
    """Say which values the build computed differently; in CI this is an error, status 1."""
    committed, computed = read(root / COMMITTED), read(root / COMPUTED)
    differences = 0
    for page, wanted in uses(read_pages(root)).items():
        old, new = committed.get(page, {}), computed.get(page, {})
        for use in dict.fromkeys(wanted):
            stated, now = formatted(old, use), formatted(new, use)
            if not reads_the_same(stated, now):
                differences += 1
                print(f"{page}: `{use.name}`: stated {stated}, computed {now}")
    if differences:
        print(f"{COMMITTED} is not what this build computed; run `make notebooks`", flush=True)
    return int(differences > 0 and bool(os.environ.get("CI")))


def take_over(root: Path) -> None:
    """Bring the committed values up to those of the last build, if there was one."""
    if not (root / COMPUTED).exists():
        return
    committed, computed = read(root / COMMITTED), read(root / COMPUTED)
    values: dict[str, Values] = {}
    for page, all_uses in uses(read_pages(root)).items():
        old, new = committed.get(page, {}), computed.get(page, {})
        wanted = set(all_uses)
        if {use.name for use in wanted} <= new.keys():
            # Values that read as before stay: the last of their digits differ from machine to
            # machine, and no commit should be about digits that nobody sees.
            changed = {use.name for use in wanted if formatted(old, use) != formatted(new, use)}
            kept = old | {name: new[name] for name in changed}
            old = {use.name: kept[use.name] for use in wanted if use.name in kept}
        values[page] = old
    text = _as_json({page: content for page, content in values.items() if content})
    if not (root / COMMITTED).exists() or (root / COMMITTED).read_text(encoding="utf-8") != text:
        write(root / COMMITTED, text)
        print(f"wrote {COMMITTED}")
