"""Write each chapter's notebook: `python tools/export_notebooks.py [--check]`.

A chapter is a MyST page, `NN-slug.md`. Colab, Binder and JupyterLab want `NN-slug.ipynb` and
understand none of MyST's directives and roles. The export turns these into plain Markdown, with
the numbers that the site shows for equations, theorems, figures and exercises. It writes out what
cells computed for the text, leaves out the solutions and every output, and gives each exercise a
cell for its answer. The same source always gives the same bytes, so that the notebooks can be
committed; `--check` writes nothing and fails where a notebook is not what its page gives.
"""

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from book_pages import Book, Page, read_book
from claimed_values import COMMITTED, REMEDY, read, take_over, write
from myst_blocks import Block, MystError
from plain_markdown import Renderer, reference_list

ROOT = Path(__file__).resolve().parent.parent
SECTION = re.compile(r"^(?=## )", re.MULTILINE)
ANSWER = "*Your answer:*"
MARK = "generated_from"  # in the metadata of every notebook that the export may replace or remove
GUARD = """\
import sys

if "google.colab" in sys.modules:  # Colab has torch and numpy, but not this library
    %pip install -q "w2vlib @ git+{repository}@{branch}\""""


def notebook(book: Book, page: Page) -> str:
    """Return the text of the notebook of `page`."""
    renderer = Renderer(book, page)
    guard = GUARD.format(repository=book.repository, branch=book.branch)
    cells = [_cell("code", guard, {"tags": ["colab"]})]
    waiting: list[str] = []
    asked = False  # an exercise has begun

    def flush() -> None:
        """Make a cell of the text so far."""
        if waiting:
            cells.append(_cell("markdown", "\n\n".join(waiting)))
        waiting.clear()

    def close() -> None:
        """End an exercise; one that no code cell follows gets a place for its answer."""
        nonlocal asked
        flush()
        cells.extend([_cell("markdown", ANSWER)] if asked else [])
        asked = False

    for block in page.blocks:
        if block.name == "code-cell":
            flush()
            asked = False
            renderer.code_above += block.body
            cells.append(_cell("code", block.body, block.options))
        elif text := renderer.blocks([block]):
            if asked:
                close()
            if block.name == "exercise":
                flush()
                asked = True
            for part in _sections(block, text):
                if part.startswith("## "):
                    flush()
                waiting.append(part)
    close()
    if renderer.unknown:
        names = ", ".join(sorted(renderer.unknown))
        print(f"{page.name}.md: no value for {names}; {REMEDY}", file=sys.stderr)
    if renderer.cited:
        cells.append(_cell("markdown", reference_list(book.bibliography, renderer.cited)))
    _add_header(cells, book, page)
    _refuse_leaks(cells, page)
    return _as_json(cells, Path(page.name).name + ".md")


def _sections(block: Block, text: str) -> list[str]:
    """Cut the text of a block before each heading of a section."""
    parts = SECTION.split(text) if block.kind == "text" else [text]
    return [part.strip("\n") for part in parts if part.strip()]


def _cell(kind: str, source: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "metadata": metadata or {}, "source": source}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _add_header(cells: list[dict[str, Any]], book: Book, page: Page) -> None:
    """Number the title as the site does, and say below it where the chapter comes from."""
    home = f"*Generated from [the source of this chapter]({book.url(page.name)}).*"
    if book.site:
        home = f"*This chapter [on the book's site]({book.url(page.name)}), with solutions.*"
    for cell in cells:
        if cell["cell_type"] == "markdown" and cell["source"].startswith("# "):
            title, _, rest = cell["source"].removeprefix("# ").partition("\n")
            number = f"{page.chapter}. " if page.chapter else ""
            cell["source"] = f"# {number}{title}\n\n{home}\n{rest}".rstrip("\n")
            return
    raise MystError(f"{page.name}.md: the page has no title; start it with `# Title`")


def _refuse_leaks(cells: list[dict[str, Any]], page: Page) -> None:
    """Stop if MyST is left in the text, where the export did not see it."""
    for cell in cells:
        leak = re.search(r"\{[A-Za-z][\w:.+-]*\}`|(`{3,}|~{3,}|:{3,})\{", cell["source"])
        if leak and cell["cell_type"] == "markdown":
            raise MystError(
                f"{page.name}.md: `{leak[0]}` is left in the notebook; start the directive on a "
                "line of its own, and keep roles out of inline code"
            )


def _as_json(cells: list[dict[str, Any]], source: str) -> str:
    """Write the notebook's JSON; a cell's id comes from its text, so that edits stay local."""
    seen: Counter[str] = Counter()
    for cell in cells:
        digest = hashlib.sha256(cell["source"].encode()).hexdigest()[:12]
        seen[digest] += 1
        cell["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        cell["source"] = cell["source"].splitlines(keepends=True)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        MARK: source,
    }
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def export(root: Path) -> dict[Path, str | None]:
    """Return what each generated notebook must contain; None for one whose page is gone."""
    book = read_book(root)
    book.values = read(root / COMMITTED)
    wanted: dict[Path, str | None] = {
        root / f"{page.name}.ipynb": notebook(book, page)
        for page in book.pages.values()
        if page.is_notebook
    }
    for path in sorted((root / "book").rglob("*.ipynb")):
        if path not in wanted and ".ipynb_checkpoints" not in path.parts:
            metadata = json.loads(path.read_text(encoding="utf-8")).get("metadata", {})
            wanted |= {path: None} if MARK in metadata else {}
    return wanted


def main(arguments: list[str] | None = None) -> int:
    """Export every chapter, or only compare; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of _config.yml")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    try:
        if not options.check:
            take_over(root)
        wanted = export(root)
    except MystError as error:
        print(f"export_notebooks: {error}", file=sys.stderr)
        return 2
    stale = [
        path
        for path, text in wanted.items()
        if text is None or not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        text, name = wanted[path], path.relative_to(root)
        if options.check:
            reason = "has no page any more" if text is None else "is not what its page gives"
            print(f"{name} {reason}; run `make notebooks`", file=sys.stderr)
        elif text is None:
            path.unlink()
            print(f"removed {name}")
        else:
            write(path, text)
            print(f"wrote {name}")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
