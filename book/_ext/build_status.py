"""Sphinx extension: two tables on what built this copy of the book, and how firm its numbers are.

`{build-status}` names versions and the kind of machine, never a user, a host or a folder.
`{claim-margins}` shows what `make jitter` found.
"""

import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
from pathlib import Path

import chapter_cache  # in tools/, which is on the path of the build
from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

MARGINS = Path("book/margins.json")
LIBRARIES = ["torch", "numpy", "scipy", "numba", "matplotlib", "gensim", "jupyter-book"]


def version(distribution):
    """Return the installed version of a distribution."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def git(folder, *arguments):
    """Return what a git command answers, or None where there is no git or no history."""
    try:
        answer = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True)
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def commit(folder):
    """Return the commit that the sources are at, and whether they differ from it."""
    name = git(folder, "rev-parse", "--short=12", "HEAD")
    if name is None:
        return "unknown (the sources are not a git checkout)"
    return f"{name}, with uncommitted changes" if git(folder, "status", "--porcelain") else name


def facts(folder):
    """Return the rows of the table."""
    now = datetime.datetime.now(datetime.UTC)
    return [
        ("w2vlib", version("w2vlib")),
        ("Commit", commit(folder)),
        ("Built", now.strftime("%Y-%m-%d %H:%M UTC")),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("System", f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"),
        *((name, version(name)) for name in LIBRARIES),
    ]


def times(ratio):
    """Say how many times the spread fits into the margin; None where rounding changes nothing."""
    return "nothing changed" if ratio is None else f"{ratio:,.0f} times the spread"


def margins(folder):
    """Return the rows of the table of margins, each with the name of its page."""
    for page, record in json.loads((folder / MARGINS).read_text(encoding="utf-8")).items():
        source = folder / f"{page}.md"
        if source.exists():
            old = chapter_cache.code_key(source) != record["code"]
            smallest = times(record["ratio"]) + ", before the last change of its code" * old
            yield page, str(record["claims"]), smallest


def table(widths, head, rows):
    """Return a table; each cell is a text or a node."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths))
    group["cols"] = len(widths)
    group += nodes.thead("", *([row(head)] if head else []))
    group += nodes.tbody("", *map(row, rows))
    return nodes.table("", group, classes=["build-status"])


def row(cells):
    """Return a row of a table."""
    inline = [cell if isinstance(cell, nodes.Node) else nodes.Text(cell) for cell in cells]
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in inline))


class BuildStatus(SphinxDirective):
    """Insert the table of versions."""

    def run(self):
        """Return the table; the page that shows it is read anew in every build."""
        self.env.note_reread()
        known = facts(self.env.srcdir)
        return [table((30, 70), (), [(nodes.strong("", name), value) for name, value in known])]


class ClaimMargins(SphinxDirective):
    """Insert the table of margins."""

    def run(self):
        """Return the table."""
        self.env.note_reread()
        head = ("Chapter", "Claims", "Smallest margin")
        rows = [
            (self.link(page), claims, smallest)
            for page, claims, smallest in margins(Path(self.env.srcdir))
        ]
        return [table((45, 10, 45), head, rows)]

    def link(self, page):
        """Return a link to a page, which takes the page's title as its text."""
        options = {"refdomain": "std", "reftype": "doc", "refexplicit": False, "refwarn": True}
        link = addnodes.pending_xref("", reftarget=f"/{page}", refdoc=self.env.docname, **options)
        link += nodes.inline("", page)
        return link


def setup(app):
    """Register the directive."""
    app.add_directive("build-status", BuildStatus)
    app.add_directive("claim-margins", ClaimMargins)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
