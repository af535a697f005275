"""The README tells the truth: its program prints what it shows."""

import os
import re
import subprocess
import sys

import build_readme
import pytest
from support import ROOT

README = (ROOT / "README.md").read_text("utf-8")


ALONE = """
import runpy, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise OSError("there is no network")

sys.addaudithook(refuse)
sys.modules["gensim"] = None  # its import fails
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_the_program_prints_what_the_readme_shows():
    """Also where there is neither a network, nor a folder of data, nor gensim."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE, ROOT / "tools/build_readme.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "W2VLIB_DATA"},
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("printed", "agrees"),
    [
        ("france -> italy\n5,130 of 13,810, 37.2%\n", True),
        ("france -> spain\n5,129 of 13,810, 37.1%\n", False),
        ("france -> italy\n5,200 of 13,810, 37.7%\n", False),
        ("france -> italy\n5,129 of 13,810\n", False),
    ],
)
def test_only_the_last_digits_may_differ_between_machines(printed, agrees):
    stated = "france -> italy\n5,129 of 13,810, 37.1%\n"
    assert build_readme.agrees(stated, printed) is agrees


def test_targets_of_make_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"`?make (\w+)", README)) - {"lists"}
    assert {"book", "test"} <= named
    for target in named:
        assert re.search(rf"(?m)^{target}:", makefile), target


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_relative_links_lead_to_files(page):
    text = (ROOT / page).read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert links
    for link in links:
        assert (ROOT / link.split("#")[0]).exists(), link
