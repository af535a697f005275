"""Run each notebook once: what this very state of the book has run already is not run again."""

import time
from pathlib import Path

import chapter_cache
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

ROOT = Path(__file__).resolve().parents[1]

REASON = (
    "a notebook that has run already, in this very state of library, pins and chapter; "
    "`make clean` forgets that"
)
collect_ignore = ["conftest.py"]  # no doctests here; another folder's has the same module name
BEGUN = pytest.StashKey[float]()


def chapter_of(notebook):
    """The page that a notebook was made from."""
    return notebook.path.with_suffix(".md")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # once, before workers start
        chapter_cache.drop_stale(ROOT)


def pytest_collection_modifyitems(items):
    notebooks = {item.parent for item in items if isinstance(item, IPyNbCell)}
    known = {
        notebook
        for notebook in notebooks
        if chapter_of(notebook).exists() and chapter_cache.has_run(ROOT, chapter_of(notebook))
    }
    for item in items:
        if item.parent in known:
            item.add_marker(pytest.mark.skip(reason=REASON))


def pytest_runtest_setup(item):
    if isinstance(item.parent, IPyNbFile):
        item.parent.stash.setdefault(BEGUN, time.perf_counter())


def pytest_runtest_teardown(item, nextitem):
    """After the last cell of a notebook, keep what all of them put out, for the build to show."""
    notebook = item.parent
    last = nextitem is None or nextitem.parent is not notebook
    if not isinstance(notebook, IPyNbFile) or not last or not chapter_of(notebook).exists():
        return
    cells = [other for other in item.session.items if other.parent is notebook]
    if all(cell.test_outputs is not None and not _failed(cell.test_outputs) for cell in cells):
        seconds = time.perf_counter() - notebook.stash[BEGUN]
        ran = [(cell.cell.source, cell.test_outputs) for cell in cells]
        chapter_cache.keep(ROOT, chapter_of(notebook), ran, seconds)


def _failed(outputs):
    return any(output.output_type == "error" for output in outputs)
