#!/usr/bin/env python3
"""Run a task of the project in an environment that this script sets up on first use.

    python3 tools/dev.py book        build the site and check it (`book 09`: only chapter 9)
    python3 tools/dev.py test        run the tests (further arguments go to pytest)
    python3 tools/dev.py notebooks   write the notebooks that Colab and Binder open
    python3 tools/dev.py lint        check style, formatting and types
    python3 tools/dev.py versions    test every Python, with the lowest and the newest packages
    python3 tools/dev.py browser     look at the built site through a headless Chromium
    python3 tools/dev.py jitter      ask which claims of the book hang on rounding
    python3 tools/dev.py serve       serve the built site on this computer
    python3 tools/dev.py clean       delete everything that can be built again

Only the standard library is needed. `make` offers the same tasks under the same names. The
environment is in `.venv`; the variable W2VLIB_VENV names another place.
"""

# Old Pythons must get as far as the message that says which one is needed: hence the quotes
# around the types that they do not know.

import functools
import hashlib
import http.server
import os
import platform
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = Path(os.environ.get("W2VLIB_VENV") or ROOT / ".venv").absolute()
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / ".w2vlib-stamp"
OLDEST_PYTHON = (3, 11)
EXTRAS = "book,browser,lint,test"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CACHES = ["_build", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"]


def run(*command: "str | Path") -> None:
    """Run a command in the project's root; raise CalledProcessError if it fails."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def environment_key() -> str:
    """Return a text that changes whenever the environment has to be set up again."""
    files = [ROOT / "constraints.txt", ROOT / "pyproject.toml"]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return f"{digest} {platform.python_version()} {sys.base_prefix} {ROOT}\n"


def is_set_up() -> bool:
    """Tell whether a set-up has finished and nothing has changed since."""
    finished = PYTHON.exists() and STAMP.exists()
    return finished and STAMP.read_text(encoding="utf-8") == environment_key()


def made_by_this_python() -> bool:
    """Tell whether the environment exists and runs the interpreter's own version."""
    query = "import sys; print(sys.version_info[:2])"
    try:
        answer = subprocess.run([PYTHON, "-c", query], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.stdout.strip() == str(sys.version_info[:2])


def create_environment() -> "list[str | Path]":
    """Create the virtual environment if need be; return the pip command that fills it."""
    # Debian and Ubuntu ship ensurepip in a package of its own; pip can then work from outside.
    inside = find_spec("ensurepip") is not None
    if not made_by_this_python():
        print(f"Creating a Python {platform.python_version()} environment in {VENV}", flush=True)
        clear = (VENV / "pyvenv.cfg").exists()  # never empty a folder that is no environment
        venv.create(VENV, with_pip=inside, clear=clear, symlinks=os.name != "nt")
    has_pip = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True)
    if has_pip.returncode == 0:
        return [PYTHON, "-m", "pip"]
    if inside:
        run(PYTHON, "-m", "ensurepip", "--default-pip")
        return [PYTHON, "-m", "pip"]
    if find_spec("pip") is None:
        sys.exit(
            "This Python has neither `ensurepip` nor `pip`, so no environment can be made.\n"
            "Install them first; on Debian or Ubuntu: sudo apt install python3-venv"
        )
    return [sys.executable, "-m", "pip", "--python", PYTHON]


def install_cpu_torch(install: "list[str | Path]", pins: Path) -> None:
    """Install the pinned torch for CPUs, where the default has gigabytes of CUDA (Linux).

    It comes first and alone: on the whole install, an unreachable index would cost retries per
    package.
    """
    lines = pins.read_text(encoding="utf-8").splitlines()
    torch = next(line for line in lines if line.startswith("torch=="))
    run(*install, "--no-deps", "--retries", "1", "--extra-index-url", CPU_INDEX, torch)


def set_up() -> None:
    """Make the environment ready; do nothing if nothing changed since last time."""
    if sys.version_info < OLDEST_PYTHON:
        wanted, got = ".".join(map(str, OLDEST_PYTHON)), platform.python_version()
        sys.exit(
            f"w2vlib needs Python {wanted} or newer; `{sys.executable}` is Python {got}.\n"
            f"Install a newer Python and name it: make PYTHON=python{wanted} book"
        )
    if is_set_up():
        return
    STAMP.unlink(missing_ok=True)  # an interrupted set-up starts again next time
    pip = create_environment()
    print("Installing the packages of constraints.txt (minutes on the first run)", flush=True)
    install = [*pip, "install", "--quiet", "--disable-pip-version-check"]
    if sys.platform == "linux":
        install_cpu_torch(install, ROOT / "constraints.txt")
    run(*install, "--constraint", "constraints.txt", "--editable", f".[{EXTRAS}]")
    STAMP.write_text(environment_key(), encoding="utf-8")  # half of it would not be the key


def book(*arguments: str) -> None:
    """Build the site, check it and say where it is; or look at one chapter only."""
    set_up()
    run(PYTHON, "tools/build_book.py", *arguments)
    if arguments:
        return
    run(PYTHON, "tools/check_site.py", "_build/html")
    print(f"\nThe book is ready. Open {ROOT / '_build' / 'html' / 'index.html'}")
    print("in a browser, or run `make serve` (the search works best that way).")


def test(*arguments: str) -> None:
    """Run pytest: everything on two processes, or exactly what the arguments ask for."""
    set_up()
    # `loadfile` keeps the cells of one notebook in one process, and so in one kernel.
    parallel = ["-n", "2", "--dist", "loadfile"] if not arguments else []
    run(PYTHON, "-m", "pytest", *parallel, *arguments)


def notebooks(*arguments: str) -> None:
    """Write the notebooks beside the chapters."""
    set_up()
    run(PYTHON, "tools/export_notebooks.py", *arguments)


def lint() -> None:
    """Run ruff and mypy."""
    set_up()
    run(PYTHON, "-m", "ruff", "check", ".")
    run(PYTHON, "-m", "ruff", "format", "--check", ".")
    run(PYTHON, "-m", "mypy")


def versions(*arguments: str) -> None:
    """Run the library's tests on other versions, in environments of their own."""
    run(sys.executable, "tools/check_versions.py", *arguments)


def browser(*arguments: str) -> None:
    """Check the built site in Chromium."""
    set_up()
    run(PYTHON, "tools/check_browser.py", *arguments)


def jitter(*arguments: str) -> None:
    """Run the chapters with disturbed sums and products, and report the margin of each claim."""
    set_up()
    run(PYTHON, "tools/jitter.py", *arguments)


def serve(port: str = "8000") -> None:
    """Serve the built site on this computer only."""
    site = ROOT / "_build" / "html"
    if not (site / "index.html").exists():
        sys.exit("There is no built site yet. Run `make book` first.")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=site)
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler)
    except OSError as error:
        sys.exit(f"Port {port} is not free ({error.strerror}). Try: tools/dev.py serve 8001")
    print(f"The book is at http://127.0.0.1:{server.server_port}/  (stop with Ctrl-C)", flush=True)
    server.serve_forever()


def clean() -> None:
    """Delete builds and caches; the environment stays."""
    for name in CACHES:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    print("Deleted", ", ".join(CACHES))


TASKS: "dict[str, Callable[..., None]]" = {
    task.__name__: task
    for task in (book, test, notebooks, lint, versions, browser, jitter, serve, clean)
}


def main(arguments: "list[str]") -> int:
    """Run one task; return the exit status of the command that failed, or zero."""
    if not arguments or arguments[0] not in TASKS:
        print(__doc__, file=sys.stderr)
        return 0 if arguments and arguments[0] in ("-h", "--help", "help") else 2
    try:
        TASKS[arguments[0]](*arguments[1:])
    except subprocess.CalledProcessError as error:
        # A command killed by signal n reports -n; shells know that as 128 + n.
        return error.returncode if error.returncode >= 0 else 128 - error.returncode
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
