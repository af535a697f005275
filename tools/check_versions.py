#!/usr/bin/env python3
"""Run the library's tests on every Python, with the lowest declared versions and the newest.

    python3 tools/check_versions.py
    python3 tools/check_versions.py --python 3.12 --resolution newest -- -k corpus

Each environment is made from scratch in a temporary folder and deleted afterwards. uv resolves and
installs; where it is missing, pip installs it. Arguments after `--` go to pytest. Python 3.11 is
needed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import dev

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}
SHOWN = ["torch", "numpy", "scipy"]
CUDA = ("nvidia-", "cuda-", "triton")  # what only the CUDA wheels of torch need
PYTHON = dev.PYTHON.relative_to(dev.VENV)
TEXT: dict[str, Any] = {"capture_output": True, "text": True}


def find_python(version: str) -> str | None:
    """Return an interpreter of this version, or none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    known = [str(path) for path in pyenv.glob(f"versions/{version}.*/bin/python")]
    query = "import sys; print('%d.%d' % sys.version_info[:2])"
    for name in (sys.executable, shutil.which(f"python{version}"), *known):
        # pyenv's stand-in on the path fails where this version is not the active one.
        if name and subprocess.run([name, "-c", query], **TEXT).stdout.strip() == version:
            return name
    return None


def find_uv(folder: Path) -> Path:
    """Return uv; install it into the folder if it is not on the path."""
    if found := shutil.which("uv"):
        return Path(found)
    venv.create(folder, with_pip=True)
    dev.run(folder / PYTHON, "-m", "pip", "install", "--quiet", "uv")
    return (folder / PYTHON).with_name("uv")


def install(uv: Path, base: str, version: str, resolution: str, folder: Path) -> Path:
    """Make an environment with the library and the extra `test`; return its interpreter."""
    pins, python = folder / "pins.txt", folder / "env" / PYTHON
    resolve: list[str | Path] = [uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
    resolve += ["--resolution", RESOLUTIONS[resolution], "--python-version", version]
    # Wheels only: an old release that has none for this Python does not count.
    resolve += ["--only-binary", ":all:", "--extra", "test", "--output-file", pins]
    dev.run(*resolve, "pyproject.toml")
    dev.run(uv, "venv", "--quiet", "--seed", "--python", base, folder / "env")
    if sys.platform == "linux":
        dev.install_cpu_torch([python, "-m", "pip", "install", "--quiet"], pins)
        if versions(python, "torch")[0].endswith("+cpu"):
            needs = pins.read_text(encoding="utf-8").splitlines()
            needs = [need for need in needs if not need.startswith(("torch==", *CUDA))]
            pins.write_text("\n".join(needs), encoding="utf-8")
    into: list[str | Path] = [uv, "pip", "install", "--quiet", "--no-deps", "--python", python]
    dev.run(*into, "--requirement", pins, "--editable", ".")
    return python


def versions(python: Path, *packages: str) -> list[str]:
    """Return the versions of these packages in the interpreter's environment."""
    code = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
    return subprocess.run([python, "-c", code, *packages], check=True, **TEXT).stdout.split()


def library_tests() -> list[str]:
    """Return the tests that need nothing of the book: they do not look into the repository."""
    files = sorted((dev.ROOT / "tests").glob("test_*.py"))
    return ["w2vlib", *(str(f) for f in files if "ROOT" not in f.read_text(encoding="utf-8"))]


def run_tests(python: Path, report: Path, arguments: list[str]) -> tuple[str, bool]:
    """Run pytest; return what came out, and whether all is well."""
    options = ["-q", "-rfEs", "-p", "no:cacheprovider", f"--junitxml={report}"]
    command = [str(python), "-m", "pytest", *options, *library_tests(), *arguments]
    well = subprocess.run(command, cwd=dev.ROOT).returncode == 0
    if not report.exists():
        return "pytest broke off", False
    suite = next(ElementTree.parse(report).iter("testsuite"))
    total, failed, skipped = (
        sum(int(suite.attrib[name]) for name in names)
        for names in (["tests"], ["failures", "errors"], ["skipped"])
    )
    return f"{total - failed - skipped} passed, {failed} failed, {skipped} skipped", well


def check(uv: Path, base: str, version: str, resolution: str, arguments: list[str]) -> list[str]:
    """Test one environment; return the row from torch on."""
    print(f"Python {version}, {resolution} versions", flush=True)
    shown = [""] * len(SHOWN)
    with tempfile.TemporaryDirectory() as folder:
        try:
            python = install(uv, base, version, resolution, Path(folder))
            shown = versions(python, *SHOWN)
        except subprocess.CalledProcessError as error:
            command = " ".join(map(str, error.cmd))
            return [*shown, f"cannot be installed: {command[:60]}", "FAILED"]
        result, well = run_tests(python, Path(folder, "report.xml"), arguments)
    return [*shown, result, "ok" if well else "FAILED"]


def main() -> int:
    """Check each pair of Python and resolution; print the table; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", nargs="+", choices=PYTHONS, help="these must be here")
    parser.add_argument("--resolution", nargs="+", choices=RESOLUTIONS, default=[*RESOLUTIONS])
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, after --")
    options = parser.parse_args()
    table = [["python", "resolution", *SHOWN, "tests", ""]]
    with tempfile.TemporaryDirectory() as folder:
        uv = find_uv(Path(folder))
        for version in options.python or PYTHONS:
            base = find_python(version)
            missing = [*[""] * len(SHOWN), "not run: this Python is not here"]
            missing.append("FAILED" if options.python else "")
            for resolution in options.resolution:
                found = check(uv, base, version, resolution, options.pytest) if base else missing
                table.append([version, resolution, *found])
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    return int(any(row[-1] == "FAILED" for row in table))


if __name__ == "__main__":
    sys.exit(main())
