"""Build the book so that nothing wrong can pass unseen: `tools/build_book.py [CHAPTER]`.

Jupyter Book by itself reports success in cases that must fail here. Each has its counter:

- A crashing cell: `raise_on_error` in _config.yml, warnings as errors, the traceback shown.
- Warnings that an incremental build no longer repeats: pages and doctrees always start afresh.
- Outputs kept although the library changed: the cache of executed chapters is dropped whenever
  anything changes that a chapter can read beside its own cells.
- A text that states one number here and another in its notebook: the values that the chapters
  computed are compared with the committed ones.
- An exit status lost in a pipe: there is no pipe; the status is passed on as it is.

Given the beginning of a chapter's file name, such as 09, the script runs and writes this chapter
alone, into `_build/preview`, for its author to look at. Its warnings are errors there, too. Pages
whose values it states are run with it.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import chapter_cache
import claimed_values
from book_pages import Page, read_pages
from myst_blocks import MystError

PREVIEW = Path("_build/preview")

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

# The same for one page, which Jupyter Book's command has no option for: ROOT PAGE OTHER ...
# All pages are read, because the page refers to them; but only it is written, and only those whose
# values it states are run beside it.
PREVIEW_PROGRAM = """
import sys
from jupyter_book.sphinx import build_sphinx
root, page, *others = sys.argv[1:]
overrides = {
    "external_toc_path": root + "/_toc.yml",
    "latex_individualpages": False,
    "nb_execution_excludepatterns": [other + ".md" for other in others],
    "nb_execution_cache_path": root + "/_build/.jupyter_cache",
    "nitpicky": True,
}
status = build_sphinx(
    root, root + "/_build/preview/html", path_config=root + "/_config.yml", noconfig=True,
    confoverrides=overrides, filenames=[f"{root}/{page}.md"], quiet=True, keep_going=True,
)
sys.exit(status if isinstance(status, int) else 1)
"""

NO_FAULT = [
    "Kernel is running over TCP",
    "search index couldn't be loaded",  # that of a site of which one page is written
    "download file not readable",  # the notebook, which `make notebooks` writes
]


def start_afresh(root: Path, folder: Path) -> None:
    """Delete the pages in `folder`, and the executed chapters if they may be out of date."""
    for name in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(root / folder / name, ignore_errors=True)
    chapter_cache.drop_stale(root)


def build_environment(root: Path) -> dict[str, str]:
    """Prepare what the chapters need; return the environment variables under which they run."""
    # The library beside the book comes first, not a copy of it installed elsewhere; and the
    # kernel is this interpreter's, not one registered under the same name by the user.
    tools = str(Path(__file__).parent)  # for the Sphinx extensions
    path = os.pathsep.join(filter(None, [str(root), tools, os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}
    # On its first import matplotlib says that it builds a font cache; a chapter that prints to
    # stderr would not pass, so that import happens here.
    subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], env=environment)
    return environment


def build(root: Path) -> int:
    """Build the book in `root`; return Jupyter Book's exit status."""
    if not (root / "_config.yml").exists():
        print(f"There is no book in `{root}`: it has no _config.yml", file=sys.stderr)
        return 2
    environment = build_environment(root)
    start_afresh(root, Path("_build"))
    (root / claimed_values.COMPUTED).unlink(missing_ok=True)
    flags = ["-W", "-n", "--keep-going"]
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(root), *flags]
    return subprocess.run(command, cwd=root, env=environment).returncode


def preview(root: Path, start: str) -> int:
    """Build the one page whose file name begins with `start`; return an exit status."""
    pages = [page for page in read_pages(root) if page.is_notebook]
    found = [page for page in pages if Path(page.name).name.startswith(start)]
    if len(found) != 1:
        choices = ", ".join(Path(page.name).name for page in found or pages)
        print(f"`{start}` must begin the name of one chapter, not of: {choices}", file=sys.stderr)
        return 2
    (page,) = found
    with_values = {page.name, *claimed_values.uses([page])}
    others = [other for other in pages if other.name not in with_values]

    print(f"Building {page.name}", flush=True)
    start_afresh(root, PREVIEW)
    names = [page.name, *(other.name for other in others)]
    command = [sys.executable, "-c", PREVIEW_PROGRAM, str(root), *names]
    environment = build_environment(root)
    done = subprocess.run(command, cwd=root, env=environment, stderr=subprocess.PIPE, text=True)
    about_it = _without(done.stderr, others)
    print(about_it, file=sys.stderr, end="")
    if done.returncode != 0 or "WARNING" in about_it:
        print("\nThe chapter was NOT built: see the messages above.", file=sys.stderr)
        return done.returncode or 1

    claimed_values.record(root, root / PREVIEW / "jupyter_execute")
    print(f"\nOpen {root / PREVIEW / 'html' / f'{page.name}.html'}")
    print("Values of its claims are noted; `make notebooks` writes them into the notebook.")
    return 0


def _without(messages: str, others: list[Page]) -> str:
    """Leave out messages about other pages, which lack their results, and harmless ones."""
    names = [*(f"{other.name}.md" for other in others), *NO_FAULT]
    lines = messages.splitlines(keepends=True)
    return "".join(line for line in lines if not any(name in line for name in names))


def main() -> int:
    """Build the book, or one chapter of it; return an exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapter", nargs="?", help="only this one; how its file's name begins")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="the book")
    options = parser.parse_args()
    root = options.root.resolve()
    try:
        if options.chapter:
            return preview(root, options.chapter)
        status = build(root)
        if status != 0:
            print("\nThe book was NOT built: see the messages above.", file=sys.stderr)
            return status if status >= 0 else 128 - status
        claimed_values.record(root, root / "_build" / "jupyter_execute")
        return claimed_values.compare(root)
    except MystError as error:
        print(f"build_book: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
