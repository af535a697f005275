"""The executed chapters, which the book's build and the tests share.

Each chapter runs once: `make book` shows what a notebook test computed, and a notebook that the
build has run is not run again by `make test`. jupyter-cache keeps the outputs in `_build` and
compares a chapter's own code; this module drops them all when the library, its data, the pins or
the installed versions change, because every chapter may then compute something else.
"""

import hashlib
import importlib.metadata
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from myst_nb.core.read import read_myst_markdown_notebook

# Texts, styles and Sphinx extensions cannot change what a cell computes.
NOT_READ_BY_CELLS = {".md", ".ipynb", ".bib", ".pyc"}
FOLDERS_NOT_READ = {"__pycache__", ".ipynb_checkpoints", "_static", "_ext"}
NOT_CODE = {"book/conftest.py", "book/margins.json", "book/values.json"}
LIBRARIES = ["gensim", "ipykernel", "matplotlib", "numba", "numpy", "scipy", "torch"]
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}  # as the kernel says


def files_read_by_cells(root: Path) -> Iterator[Path]:
    """Yield the library, its data, data files of the book, and the pins."""
    for folder in ("w2vlib", "book"):
        for file in sorted((root / folder).rglob("*")):
            name = file.relative_to(root)
            inside = FOLDERS_NOT_READ.isdisjoint(name.parts)
            code_or_data = file.suffix not in NOT_READ_BY_CELLS and name.as_posix() not in NOT_CODE
            if inside and file.is_file() and code_or_data:
                yield file
    if (root / "constraints.txt").exists():
        yield root / "constraints.txt"


def installed_versions() -> Iterator[str]:
    """Yield the versions of what computes, for environments that were not made from the pins."""
    for name in LIBRARIES:
        try:
            yield f"{name}=={importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"{name} is missing"


def state_key(root: Path) -> str:
    """Return a hash that changes whenever an executed chapter may have become out of date."""
    digest = hashlib.sha256(platform.python_version().encode())
    for version in installed_versions():
        digest.update(version.encode())
    for file in files_read_by_cells(root):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def drop_stale(root: Path) -> None:
    """Delete the executed chapters if they may be out of date; then there is a cache."""
    build, key = root / "_build", state_key(root)
    record = build / ".cache-key"
    if not record.exists() or record.read_text(encoding="utf-8") != key:
        _drop(build, record, key)
    _ = _cache(root).db  # made here, since two processes at once cannot make it


def _drop(build: Path, record: Path, key: str) -> None:
    if (build / ".jupyter_cache").exists():
        print("The library, its data or the pins changed: all chapters run again", flush=True)
        shutil.rmtree(build / ".jupyter_cache")
    build.mkdir(parents=True, exist_ok=True)
    partial = record.with_suffix(".partial")
    partial.write_text(key, encoding="utf-8")
    partial.replace(record)


def code_cells(chapter: Path) -> list[str]:
    """Return the code of a chapter, cell by cell."""
    return [cell.source for cell in _read(chapter).cells if cell.cell_type == "code"]


def code_key(chapter: Path) -> str:
    """Return a hash of the code of a chapter."""
    return hashlib.sha256("\0".join(code_cells(chapter)).encode()).hexdigest()[:16]


def has_run(root: Path, chapter: Path) -> bool:
    """Tell whether the code of a chapter ran to its end in this very state."""
    try:
        _cache(root).match_cache_notebook(_read(chapter))
    except KeyError:
        return False
    return True


def keep(root: Path, chapter: Path, ran: list[tuple[str, list[dict]]], seconds: float) -> bool:
    """Store the outputs of the cells of a chapter, unless one of them has not run.

    Args:
        root: The folder of the book.
        chapter: The chapter's MyST page.
        ran: The source of each cell that ran, in order, with its outputs; the notebook of a
            chapter has more cells than its page.
        seconds: The time that all of them took.

    Returns:
        Whether all cells of the chapter were there.
    """
    notebook = _read(chapter)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    following = iter(ran)
    for number, cell in enumerate(cells, 1):
        outputs = next((outputs for source, outputs in following if source == cell.source), None)
        if outputs is None:
            return False
        cell.execution_count = number
        # A build does not run these: what a running kernel shows is dead on a page.
        skipped = "skip-execution" in cell.metadata.get("tags", [])
        cell.outputs = [] if skipped else nbformat.from_dict(outputs)
    notebook.metadata["language_info"] = LANGUAGE
    bundle = CacheBundleIn(notebook, str(chapter), data={"execution_seconds": seconds})
    _cache(root).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return True


def _cache(root: Path) -> JupyterCacheAbstract:
    return get_cache(root / "_build" / ".jupyter_cache")


def _read(chapter: Path) -> nbformat.NotebookNode:
    return read_myst_markdown_notebook(chapter.read_text(encoding="utf-8"), path=chapter)
