"""Sphinx extension: the directive `{build-status}`, a table of what built this copy of the book.

It names versions and the kind of machine, never a user, a host or a folder.
"""

import datetime
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

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


def from_file(path, label):
    """Return the first value that stands after `label :` in a file of /proc, or None."""
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(label)), None)


def processor():
    """Return the processor's model, as far as the system tells."""
    return from_file("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def memory():
    """Return the size of the main memory."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return "unknown"
    return f"{size / 2**30:.0f} GiB"


def cores():
    """Return the number of processor cores that the build may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return str(len(affinity(0)) if affinity else os.cpu_count())


def facts(folder):
    """Return the rows of the table."""
    now = datetime.datetime.now(datetime.UTC)
    return [
        ("w2vlib", version("w2vlib")),
        ("Commit", commit(folder)),
        ("Built", now.strftime("%Y-%m-%d %H:%M UTC")),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("System", f"{platform.system()} on {platform.machine()}"),
        ("Processor", processor()),
        ("Cores", cores()),
        ("Memory", memory()),
        *((name, version(name)) for name in LIBRARIES),
    ]


def cell(text, title=False):
    """Return one cell of the table."""
    paragraph = nodes.paragraph("", "", nodes.strong("", text) if title else nodes.Text(text))
    return nodes.entry("", paragraph)


class BuildStatus(SphinxDirective):
    """Insert the table."""

    def run(self):
        """Return the table; the page that shows it is read anew in every build."""
        self.env.note_reread()
        group = nodes.tgroup("", nodes.colspec(colwidth=30), nodes.colspec(colwidth=70), cols=2)
        rows = [
            nodes.row("", cell(name, title=True), cell(value))
            for name, value in facts(self.env.srcdir)
        ]
        group += nodes.tbody("", *rows)
        return [nodes.table("", group, classes=["build-status"])]


def setup(app):
    """Register the directive."""
    app.add_directive("build-status", BuildStatus)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
