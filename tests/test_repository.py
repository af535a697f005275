"""The repository's address is set once, in `_config.yml`, and every link follows."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import export_notebooks  # noqa: E402
import sync_repository  # noqa: E402

# Written without the tool's own patterns: OWNER and NAME in each kind of link that we use.
LINK = re.compile(
    r"(?:https?://|git@|git\+https://|\b)"
    r"(?:github\.com[/:]|raw\.githubusercontent\.com/|colab\.research\.google\.com/github/"
    r"|mybinder\.org/v2/gh/)"
    r"([\w-]+)/([\w.-]+)"
    r"|([\w-]+)\.github\.io/([\w.-]+)",
    re.IGNORECASE,
)
TEXT = {
    ".cff",
    ".css",
    ".html",
    ".ipynb",
    ".js",
    ".md",
    ".py",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
    "",
}


def foreign_links(text, slug, project):
    """List the links to a repository named like ours that is not OWNER/NAME of `slug`."""
    owner, name = slug.lower().split("/")
    found = []
    for match in LINK.finditer(text):
        its_owner = (match[1] or match[3]).lower()
        its_name = (match[2] or match[4]).lower().removesuffix(".git").rstrip(".")
        if its_name in (name, project) and (its_owner, its_name) != (owner, name):
            found.append(match[0])
    return found


def project_files():
    """Return the files that git tracks or would track; all that are not hidden without git."""
    command = ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, check=False)
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if path.relative_to(ROOT).as_posix()[0] != "."]
    return [path for path in paths if path.is_file() and path.suffix in TEXT]


def test_no_file_links_to_another_repository_of_our_name():
    slug, _ = sync_repository.configured(ROOT)
    wrong = {}
    for path in project_files():
        if path != Path(__file__):
            links = foreign_links(
                path.read_text(encoding="utf-8", errors="ignore"), slug, "w2vlib"
            )
            wrong |= {str(path.relative_to(ROOT)): links} if links else {}
    assert not wrong, "run `make notebooks`"


def test_this_project_is_in_step():
    assert sync_repository.main(["--check"]) == 0
    assert sync_repository.recorded(ROOT) == sync_repository.configured(ROOT)[0]


@pytest.mark.parametrize(
    "link",
    [
        "https://github.com/other/w2vlib",
        "git+https://github.com/other/w2vlib.git@main",
        "https://colab.research.google.com/github/other/w2vlib/blob/main/book/x.ipynb",
        "https://mybinder.org/v2/gh/other/w2vlib/main?urlpath=lab",
        "https://other.github.io/w2vlib/",
    ],
)
def test_scan_finds_a_link_that_was_left_behind(link):
    assert foreign_links(f"See [it]({link}).", "our/w2vlib", "w2vlib")
    assert foreign_links(f"See [it]({link}).", "our/renamed", "w2vlib")
    assert not foreign_links(f"See [it]({link}).", "other/w2vlib", "w2vlib")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://github.com/old/book", "https://github.com/New-Org/the.book"),
        ("https://github.com/old/book.git)", "https://github.com/New-Org/the.book.git)"),
        ("git@github.com:old/book.git", "git@github.com:New-Org/the.book.git"),
        ("github.com/old/book/blob/main/x.md", "github.com/New-Org/the.book/blob/trunk/x.md"),
        (
            "https://colab.research.google.com/github/old/book/blob/main/book/x.ipynb",
            "https://colab.research.google.com/github/New-Org/the.book/blob/trunk/book/x.ipynb",
        ),
        (
            "https://mybinder.org/v2/gh/old/book/main?urlpath=lab/tree/x",
            "https://mybinder.org/v2/gh/New-Org/the.book/trunk?urlpath=lab/tree/x",
        ),
        ("See https://old.github.io/book/.", "See https://new-org.github.io/the.book/."),
        (
            "https://raw.githubusercontent.com/old/book/main/a.png",
            "https://raw.githubusercontent.com/New-Org/the.book/trunk/a.png",
        ),
        ("Is at https://github.com/old/book.", "Is at https://github.com/New-Org/the.book."),
        (
            "https://img.shields.io/github/license/old/book?style=flat",
            "https://img.shields.io/github/license/New-Org/the.book?style=flat",
        ),
        # not ours
        ("https://github.com/old/book-2", "https://github.com/old/book-2"),
        ("https://github.com/old/books", "https://github.com/old/books"),
        ("https://github.com/old/book.js", "https://github.com/old/book.js"),
        ("https://github.com/cold/book", "https://github.com/cold/book"),
        ("https://github.com/a/b/blob/main/x", "https://github.com/a/b/blob/main/x"),
        ("the folder old/book", "the folder old/book"),
        ("https://cold.github.io/book", "https://cold.github.io/book"),
    ],
)
def test_links_are_redirected(before, after):
    assert sync_repository.redirect(before, "old/book", "New-Org/the.book", "trunk") == after


@pytest.mark.parametrize(
    "setting",
    [
        {"url": "https://gitlab.com/a/b"},
        {"url": "https://github.com/a"},
        {"url": "https://github.com/a/b", "branch": "feature/x"},
    ],
)
def test_a_setting_that_makes_no_links_is_refused(tmp_path, setting):
    (tmp_path / "_config.yml").write_text(yaml.safe_dump({"repository": setting}))
    with pytest.raises(SystemExit, match=r"_config\.yml: `repository` is url .*OWNER/NAME"):
        sync_repository.configured(tmp_path)


def test_changing_the_one_setting_changes_every_link(tmp_path, capsys):
    """On a copy of this project, with the two tools that `make notebooks` runs."""
    skipped = shutil.ignore_patterns(
        ".*", "_build", "data", "__pycache__", "node_modules", "mathjax"
    )
    tree = tmp_path / "tree"
    shutil.copytree(ROOT, tree, ignore=skipped)
    slug, branch = sync_repository.configured(ROOT)
    config = tree / "_config.yml"
    text = config.read_text(encoding="utf-8")
    text = text.replace(
        f"url: https://github.com/{slug}", "url: https://github.com/New-Org/my-book"
    )
    text = text.replace(f"branch: {branch}", "branch: trunk")
    assert "New-Org/my-book" in text
    assert "branch: trunk" in text
    config.write_text(text, encoding="utf-8")

    assert sync_repository.main(["--root", str(tree), "--check"]) == 1
    for tool in (sync_repository, export_notebooks):
        assert tool.main(["--root", str(tree)]) == 0, capsys.readouterr().err
        assert tool.main(["--root", str(tree), "--check"]) == 0

    assert "https://github.com/New-Org/my-book" in (tree / "README.md").read_text()
    assert "https://github.com/New-Org/my-book" in (tree / "CITATION.cff").read_text()
    urls = tomllib.loads((tree / "pyproject.toml").read_text())["project"]["urls"]
    assert urls["Repository"] == "https://github.com/New-Org/my-book"
    notebooks = sorted((tree / "book").rglob("*.ipynb"))
    assert notebooks
    for path in notebooks:
        assert "git+https://github.com/New-Org/my-book@trunk" in path.read_text()
    left = re.compile(
        rf"(github(usercontent)?\.com[/:]|/github/|/gh/){re.escape(slug)}(?![\w-])"
        rf"|my-book/(blob|tree|raw)/{branch}\b|gh/New-Org/my-book/{branch}\b"
    )
    for path in tree.rglob("*"):
        if path.suffix in TEXT and path.is_file() and path.name != Path(__file__).name:
            assert not left.search(path.read_text(encoding="utf-8", errors="ignore")), path
