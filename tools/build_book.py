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

import os
import shutil
import subprocess
import sys
from pathlib import Path

import chapter_cache
import claimed_values
from myst_blocks import MystError

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


def start_afresh(root: Path) -> None:
    """Delete old pages, and the executed chapters too if they may be out of date."""
    for name in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(root / "_build" / name, ignore_errors=True)
    (root / claimed_values.COMPUTED).unlink(missing_ok=True)
    chapter_cache.drop_stale(root)


def build_environment(root: Path) -> dict[str, str]:
    """Return the environment variables under which the chapters run."""
    # The library beside the book comes first, not a copy of it installed elsewhere; and the
    # kernel is this interpreter's, not one registered under the same name by the user.
    tools = str(Path(__file__).parent)  # for the Sphinx extensions
    path = os.pathsep.join(filter(None, [str(root), tools, os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}


def build(root: Path) -> int:
    """Build the book that lies in `root`; return Jupyter Book's exit status."""
    if not (root / "_config.yml").exists():
        print(f"There is no book in `{root}`: it has no _config.yml", file=sys.stderr)
        return 2
    environment = build_environment(root)
    start_afresh(root)
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
