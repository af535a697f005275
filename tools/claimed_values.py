"""The values that the text states: computed by a build, committed in `book/values.json`.

On the site `{glue:text}` shows what a cell computed. A notebook has no such role, so the export
writes the value into the text. It takes it from the committed file, lest an export run every
chapter first. After a build the two are compared as the reader sees them, up to the last digit:
it may differ from machine to machine.
"""

import json
import os
import posixpath
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from book_pages import Page, cell_figure, read_pages
from myst_blocks import INLINE, MystError, walk
from myst_nb.core.variables import format_plain_text

COMMITTED = Path("book/values.json")
COMPUTED = Path("_build/values.json")
REMEDY = "run `make book`, then `make notebooks`"

Values = dict[str, dict[str, int | float | str]]  # by page, then by name


class Use(NamedTuple):
    """One `{glue:text}`: the page whose cell computes the value, its name, how to format it."""

    page: str
    name: str
    spec: str


def read_use(content: str, page: str) -> Use:
    """Read the content of a `{glue:text}` on `page`: `name`, `name:spec` or `file::name:spec`."""
    key, _, spec = content.rpartition(":") if ":" in content else (content, "", "s")
    file, _, name = key.rpartition("::")
    if file:
        inside = file[1:] if file[0] == "/" else posixpath.join(posixpath.dirname(page), file)
        page = posixpath.normpath(inside).removesuffix(".md")
    return Use(page, name, spec)


def uses(page: Page) -> Iterator[Use]:
    """Yield each use on a page, those in solutions too."""
    for block in walk(page.blocks):
        text = block.body if block.kind == "text" else cell_figure(block).get("caption", "")
        for match in INLINE.finditer(text):
            if match["role"] == "glue:text":
                yield read_use(" ".join(match["content"].split()), page.name)


def formatted(values: Values, use: Use) -> str | None:
    """Format a value as the site does; None if there is none or the format does not fit it."""
    try:
        return str(format_plain_text(repr(values[use.page][use.name]), use.spec))
    except (KeyError, ValueError):
        return None


def read(path: Path) -> Values:
    """Read a file of values; no file, no values."""
    if not path.exists():
        return {}
    try:
        values: Values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise MystError(f"{path.name}: {error}; delete the file and {REMEDY}") from None
    return values


def write(path: Path, text: str) -> None:
    """Replace a file in one step, so that an interruption leaves the old one whole."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)


def _as_json(values: Values) -> str:
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

    On another machine rounding may turn one answer in thousands, and with it the last digit.
    """
    if stated is None or now is None:
        return stated is now
    try:
        difference = abs(float(stated.replace(",", "")) - float(now.replace(",", "")))
    except ValueError:
        return stated == now
    return difference < 1.5 * 10 ** -len(stated.partition(".")[2])


def compare(root: Path) -> int:
    """Say which values the build computed otherwise; in CI this is an error, status 1."""
    committed, computed = read(root / COMMITTED), read(root / COMPUTED)
    differences = 0
    for page in read_pages(root):
        for use in dict.fromkeys(uses(page)):
            stated, now = formatted(committed, use), formatted(computed, use)
            if not reads_the_same(stated, now):
                differences += 1
                print(f"{page.name}: `{use.name}`: stated {stated}, computed {now}")
    if differences:
        print(f"{COMMITTED} is not what this build computed; run `make notebooks`", flush=True)
    return int(differences > 0 and bool(os.environ.get("CI")))


def take_over(root: Path) -> None:
    """Bring the committed values up to those of the last build, if there was one."""
    if not (root / COMPUTED).exists():
        return
    old, new = read(root / COMMITTED), read(root / COMPUTED)
    used: dict[str, list[Use]] = {}
    for use in (use for page in read_pages(root) for use in uses(page)):
        used.setdefault(use.page, []).append(use)
    values: Values = {}
    for page, wanted in used.items():
        values[page] = old.get(page, {})
        if {use.name for use in wanted} <= new.get(page, {}).keys():
            # What reads as before stays: no commit should be about digits that nobody sees.
            changed = {use.name for use in wanted if formatted(old, use) != formatted(new, use)}
            values[page] = {
                use.name: (new if use.name in changed else old)[page][use.name] for use in wanted
            }
    text = _as_json({page: content for page, content in values.items() if content})
    if not (root / COMMITTED).exists() or (root / COMMITTED).read_text(encoding="utf-8") != text:
        write(root / COMMITTED, text)
        print(f"wrote {COMMITTED}")
