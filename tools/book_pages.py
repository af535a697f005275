"""Read the book's pages and give every equation, theorem, figure and exercise its number.

The numbers are those that Sphinx gives on the site: the chapter's number, which runs on from part
to part, or an appendix's letter, then a count of its own for each kind. A test builds a book and
compares.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import yaml
from myst_blocks import Block, MystError, parse, walk
from pybtex.database import BibliographyData, parse_file

TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Target:
    """What a label stands for: `reference` is "Theorem 1.2", or "" if it has no number."""

    page: str
    anchor: str
    reference: str


@dataclass
class Page:
    """One page of the book; `chapter` is its number or letter on the site, "" if it has none."""

    name: str  # the path from the root of the book, without suffix
    chapter: str
    front: dict[str, Any]
    blocks: list[Block]
    part: str = ""  # the caption of its part of the book

    @property
    def is_notebook(self) -> bool:
        """Whether the page has code to run."""
        return "kernelspec" in self.front

    @property
    def is_appendix(self) -> bool:
        """Whether the page is an appendix, which has a letter for a number."""
        return bool(self.front.get("chapter", {}).get("kind") == "appendix")

    @property
    def title(self) -> str:
        """The first heading."""
        texts = "\n".join(block.body for block in self.blocks if block.kind == "text")
        heading = TITLE.search(texts)
        return heading[1] if heading else self.name


@dataclass
class Book:
    """What a page needs to know of the other pages."""

    root: Path
    repository: str
    branch: str
    site: str
    bibliography: BibliographyData
    pages: dict[str, Page] = field(default_factory=dict)
    labels: dict[str, Target] = field(default_factory=dict)
    values: dict[str, dict[str, int | float | str]] = field(default_factory=dict)

    def url(self, name: str, anchor: str = "") -> str:
        """Return the address of a page: on the site if it has one, else of its source."""
        if self.site:
            return f"{self.site}/{name}.html" + (f"#{anchor}" if anchor else "")
        return f"{self.repository}/blob/{self.branch}/{name}.md"


def read_book(root: Path) -> Book:
    """Read the configuration, the table of contents and every page, and number what it holds."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    bibliography = BibliographyData()
    for name in config.get("bibtex_bibfiles", []):
        bibliography.add_entries(parse_file(str(root / name)).entries.items())
    book = Book(
        root,
        config["repository"]["url"].rstrip("/"),
        config["repository"].get("branch", "main"),
        (config.get("html") or {}).get("baseurl", "").rstrip("/"),
        bibliography,
    )
    for page in read_pages(root):
        book.pages[page.name] = page
        _number(page, book)
    return book


def read_pages(root: Path) -> list[Page]:
    """Read the table of contents and every page of it."""
    return [_read_page(root, *entry) for entry in _entries(root)]


def _entries(root: Path) -> list[tuple[str, str, str]]:
    """List the pages of the table of contents, each with its chapter's number and its part."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    entries = [(toc["root"], "", "")]
    numbers, letters = map(str, count(1)), iter(ascii_uppercase)
    for part in toc.get("parts", [toc]):
        numbered = bool(part.get("numbered"))
        marks = letters if part.get("style") == "alphaupper" else numbers
        for entry in part.get("chapters", []):
            if numbered and "sections" in entry:
                raise MystError(f"_toc.yml: `{entry['file']}` has sections; make each a chapter")
            name, mark = entry["file"].removesuffix(".md"), next(marks) if numbered else ""
            entries.append((name, mark, part.get("caption", "")))
    return entries


def _read_page(root: Path, name: str, chapter: str, part: str) -> Page:
    source = root / f"{name}.md"
    if not source.exists():
        raise MystError(f"_toc.yml: there is no {name}.md; write the page or remove the line")
    try:
        blocks = parse(source.read_text(encoding="utf-8").split("\n"))
    except MystError as error:
        raise MystError(f"{name}.md, {error}") from None
    front = {}
    if blocks and blocks[0].kind == "front_matter":
        front = yaml.safe_load("\n".join(blocks.pop(0).lines[1:-1]))
    return Page(name, chapter, front, blocks, part)


def _kind(block: Block) -> str:
    """Name the counter that the site advances for this block; "" if it counts it nowhere."""
    if block.kind == "math":
        return "equation" if block.label else ""
    if "nonumber" in block.options or block.name == "prf:proof":
        return ""
    if block.name.startswith("prf:"):
        return block.name.removeprefix("prf:").capitalize()
    if block.name == "exercise":
        return "Exercise"
    return "Figure" if block.name == "glue:figure" and block.body.strip() else ""


def _number(page: Page, book: Book) -> None:
    """Write the site's numbers into the blocks of a page, and its labels into the book."""
    counters: Counter[str] = Counter()
    for block in walk(page.blocks):
        anchor, reference = block.label, ""
        if kind := _kind(block):
            counters[kind] += 1
            block.number = f"{page.chapter}.{counters[kind]}" if page.chapter else ""
            reference = f"{kind} {block.number}"
        if kind == "equation":
            anchor, reference = f"equation-{block.label}", f"({block.number})"
        if block.label in book.labels:
            where = f"{page.name}.md, line {block.line}"
            raise MystError(f"{where}: the label `{block.label}` is taken; choose another")
        if block.label:
            anchor = re.sub(r"[^a-z0-9]+", "-", anchor.lower()).strip("-")  # as docutils does
            book.labels[block.label] = Target(page.name, anchor, reference)
