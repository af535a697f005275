"""The page that compares the papers with the book names tests and files that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "book" / "papers.md").read_text(encoding="utf-8")


def named_tests():
    """Yield file and name of each test on the page; `::name` alone belongs to the file before."""
    file = None
    for given, name in re.findall(r"`(?:(test_\w+\.py))?(?:::(\w+))?`", PAGE):
        file = given or file
        yield file, name


@pytest.mark.parametrize(("file", "name"), sorted(set(named_tests())))
def test_named_test_exists(file, name):
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert not name or name in defined


def test_the_page_names_tests_and_reports():
    assert len(set(named_tests())) > 20
    for path in re.findall(r"`(benchmarks/[\w/.]+)`", PAGE):
        assert (ROOT / path).is_file()
