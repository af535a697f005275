"""Carry the repository's address everywhere: `python tools/sync_repository.py [--check]`.

`_config.yml` has the one setting, `repository: {url, branch}`. The README, the citation file, the
package's metadata and some pages must name the repository in static text. This tool finds our
links to GitHub, Colab, Binder and GitHub Pages there and points them to the configured repository
and branch. The notebooks take the address from `_config.yml` themselves, when they are exported.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = {".cff", ".css", ".html", ".js", ".md", ".py", ".toml", ".txt", ".yaml", ".yml"}
HIDDEN_BUT_OURS = {".binder", ".ci", ".github"}
GENERATED = {"_build", "__pycache__", "build", "dist", "node_modules", "mathjax"}
HOSTS = (
    r"(?:github\.com[/:]|raw\.githubusercontent\.com/|colab\.research\.google\.com/github/"
    r"|mybinder\.org/v2/gh/|img\.shields\.io/github/[\w/-]+/)"
)
END_OF_NAME = r"(?![\w-]|\.(?!git\b)\w)"  # "book" is not the start of "book-2", but of "book.git"


def configured(root: Path) -> tuple[str, str]:
    """Return OWNER/NAME and the branch that `_config.yml` sets."""
    repository = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]
    match = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)/?", repository["url"])
    branch = repository.get("branch", "main")
    if not match or not re.fullmatch(r"[\w.-]+", branch):
        raise SystemExit(
            f"_config.yml: `repository` is url {repository['url']!r}, branch {branch!r}; the url "
            "must read https://github.com/OWNER/NAME, and the branch must have no slash"
        )
    return match[1], branch


def recorded(root: Path) -> str:
    """Return the OWNER/NAME that the static text still has, from the package's metadata."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Repository"]).removeprefix("https://github.com/").strip("/")


def redirect(text: str, old: str, new: str, branch: str) -> str:
    """Point every link of `text` from the repository `old` to `new`, and to `branch`."""
    (owner, name), (new_owner, new_name) = old.split("/"), new.split("/")
    slug = re.escape(old) + END_OF_NAME
    pages = rf"\b{re.escape(owner)}\.github\.io/{re.escape(name)}{END_OF_NAME}"
    text = re.sub(rf"({HOSTS}){slug}", rf"\g<1>{new}", text, flags=re.IGNORECASE)
    text = re.sub(pages, f"{new_owner.lower()}.github.io/{new_name}", text, flags=re.IGNORECASE)
    on_branch = (
        rf"(/{re.escape(new)}/(?:blob|tree|raw)/|mybinder\.org/v2/gh/{re.escape(new)}/"
        rf"|raw\.githubusercontent\.com/{re.escape(new)}/)[\w.-]+"
    )
    return re.sub(on_branch, rf"\g<1>{branch}", text)


def text_files(root: Path) -> Iterator[Path]:
    """Yield the files that people wrote, without those of tools and environments."""
    for path in sorted(root.iterdir()):
        hidden = path.name.startswith(".") and path.name not in HIDDEN_BUT_OURS
        if path.is_dir() and not hidden and path.name not in GENERATED:
            yield from text_files(path)
        elif path.suffix in SUFFIXES and path.is_file():
            yield path


def main(arguments: list[str] | None = None) -> int:
    """Rewrite the links, or only name the files that need it; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of _config.yml")
    options = parser.parse_args(arguments)
    new, branch = configured(options.root)
    old = recorded(options.root)
    stale = 0
    record = options.root / "pyproject.toml"
    # The record of the old address goes last: an interrupted run can then be repeated.
    for path in sorted(text_files(options.root), key=lambda path: path == record):
        before = path.read_text(encoding="utf-8")
        after = redirect(before, old, new, branch)
        if after == before:
            continue
        stale += 1
        name = path.relative_to(options.root)
        if options.check:
            print(f"{name} links to {old}; run `make notebooks`", file=sys.stderr)
            continue
        temporary = path.with_name(path.name + ".tmp")
        temporary.write_text(after, encoding="utf-8", newline="\n")
        temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
        print(f"updated {name}")
    return int(options.check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
