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
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

LIBRARIES = ["w2vlib", "torch", "numpy", "scipy", "numba", "matplotlib", "gensim", "jupyter-book"]


def version(distribution):
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def commit(folder):
    """Return the commit that the sources are at, and whether they differ from it."""
    command = ["git", "-C", folder, "describe", "--always", "--exclude=*", "--abbrev=12"]
    command += ["--dirty=, with uncommitted changes"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:  # no git on this machine
        answer = ""
    return answer or "unknown (the sources are not a git checkout)"


def facts(folder):
    """Yield the rows of the table of versions."""
    yield "Part", "Version"
    yield "Commit", commit(folder)
    yield "Built", f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC"
    yield "Python", f"{platform.python_implementation()} {platform.python_version()}"
    yield "System", f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    yield from ((name, version(name)) for name in LIBRARIES)


def margins(folder):
    """Yield the rows of the table of margins; without a ratio, rounding changes no claim."""
    yield "Chapter", "Claims", "Smallest margin"
    for page, record in json.loads((folder / "book" / "margins.json").read_text()).items():
        source, ratio = folder / f"{page}.md", record.get("ratio")
        if source.exists():
            smallest = "nothing changed" if ratio is None else f"{ratio:,.0f} times the spread"
            if chapter_cache.code_key(source) != record["code"]:
                smallest += ", before the last change of its code"
            yield f"{{doc}}`/{page}`", str(record["claims"]), smallest


class Table(SphinxDirective):
    """Insert a table as Markdown would write it."""

    def run(self):
        """Return the table; the page that shows it is read anew in every build."""
        self.env.note_reread()
        rows = {"build-status": facts, "claim-margins": margins}[self.name]
        head, *body = rows(Path(self.env.srcdir))
        lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *body)]
        container = nodes.container()
        self.state.nested_parse(StringList(lines), self.content_offset, container)
        return container.children


def setup(app):
    """Register the directives."""
    app.add_directive("build-status", Table)
    app.add_directive("claim-margins", Table)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
