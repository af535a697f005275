"""Build the book so that nothing wrong can pass unseen: `python tools/build_book.py [ROOT]`.

Jupyter Book by itself reports success in cases that must fail here. Each has its counter:

- A crashing cell: `raise_on_error` in _config.yml, warnings as errors, the traceback shown.
- Warnings that an incremental build no longer repeats: pages and doctrees always start afresh.
- Outputs kept although the library changed: the cache of executed chapters is dropped whenever
  anything changes that a chapter can read beside its own cells.
- A text that states one number here and another in its notebook: the values that the chapters
  computed are compared with the committed ones.
- An exit status lost in a pipe: there is no pipe; the status is passed on as it is.
"""

import hashlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import claimed_values
from myst_blocks import MystError

# jupyter-cache compares the code of a chapter itself; texts, styles and Sphinx extensions
# cannot change what a cell computes.
NOT_READ_BY_CELLS = {".md", ".ipynb", ".bib", ".pyc"}
FOLDERS_NOT_READ = {"__pycache__", ".ipynb_checkpoints", "_static", "_ext"}
LIBRARIES = ["gensim", "ipykernel", "matplotlib", "numba", "numpy", "scipy", "torch"]

# Jupyter Book follows a crash with the traceback of its own innards; the messages that Sphinx
# printed before say what is wrong.
JUPYTER_BOOK = """
import sys
from jupyter_book.cli.main import main
try:
    main()
except RuntimeError:
    sys.exit(1)
"""


def files_read_by_cells(root: Path) -> Iterator[Path]:
    """Yield the library, its data, data files of the book, and the pins."""
    stated = root / claimed_values.COMMITTED  # an output of the chapters
    for folder in ("w2vlib", "book"):
        for file in sorted((root / folder).rglob("*")):
            inside = FOLDERS_NOT_READ.isdisjoint(file.relative_to(root).parts)
            code_or_data = file.suffix not in NOT_READ_BY_CELLS and file != stated
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


def cache_key(root: Path) -> str:
    """Return a hash that changes whenever an executed chapter may have become out of date."""
    digest = hashlib.sha256(platform.python_version().encode())
    for version in installed_versions():
        digest.update(version.encode())
    for file in files_read_by_cells(root):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def start_afresh(build: Path, key: str) -> None:
    """Delete old pages, and the executed chapters too if they may be out of date."""
    for name in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(build / name, ignore_errors=True)
    (build / claimed_values.COMPUTED.name).unlink(missing_ok=True)
    record = build / ".cache-key"
    if record.exists() and record.read_text(encoding="utf-8") == key:
        return
    if (build / ".jupyter_cache").exists():
        print("The library, its data or the pins changed: all chapters run again", flush=True)
        shutil.rmtree(build / ".jupyter_cache")
    build.mkdir(parents=True, exist_ok=True)
    partial = record.with_suffix(".partial")
    partial.write_text(key, encoding="utf-8")
    partial.replace(record)


def build_environment(root: Path) -> dict[str, str]:
    """Return the environment variables under which the chapters run."""
    # The library beside the book comes first, not a copy of it installed elsewhere; and the
    # kernel is this interpreter's, not one registered under the same name by the user.
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}


def build(root: Path) -> int:
    """Build the book that lies in `root`; return Jupyter Book's exit status."""
    if not (root / "_config.yml").exists():
        print(f"There is no book in `{root}`: it has no _config.yml", file=sys.stderr)
        return 2
    environment = build_environment(root)
    start_afresh(root / "_build", cache_key(root))
    # On its first import matplotlib says that it builds a font cache; a chapter that prints to
    # stderr would not pass, so that import happens here.
    subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], env=environment)
    flags = ["-W", "-n", "--keep-going"]
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(root), *flags]
    return subprocess.run(command, cwd=root, env=environment).returncode


def main(arguments: list[str]) -> int:
    """Build the book named on the command line, or the one this script belongs to."""
    root = Path(arguments[0]) if arguments else Path(__file__).parents[1]
    root = root.resolve()
    status = build(root)
    if status != 0:
        print("\nThe book was NOT built: see the messages above.", file=sys.stderr)
        return status if status >= 0 else 128 - status
    try:
        claimed_values.record(root)
        return claimed_values.compare(root)
    except MystError as error:
        print(f"build_book: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
