"""The repository's address is set in `_config.yml`, and every link to it agrees."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from support import ROOT

# Owner and, where a link has one, branch of a link to a repository of our name.
LINK = re.compile(
    r"(?:github\.com[/:]|raw\.githubusercontent\.com/|/github/|mybinder\.org/v2/gh/)"
    r"([\w.-]+)/{name}(?![\w-])(?:\.git(?:@([\w.-]+))?|/(?:(?:blob|tree|raw|edit)/)?([\w.-]+))?"
    r"|([\w-]+)\.github\.io/{name}(?![\w-])".replace("{name}", "w2vlib"),
    re.IGNORECASE,
)


def strangers(text, owner, branch):
    """The links of a text to a repository of our name that is not ours, or to another branch."""
    return [
        link[0]
        for link in LINK.finditer(text)
        if (link[1] or link[4]).lower() != owner.lower()
        or (("/blob/" in link[0] or "/gh/" in link[0]) and (link[3] or branch) != branch)
    ]


def test_all_links_lead_to_the_configured_repository():
    setting = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    owner = setting["url"].removeprefix("https://github.com/").split("/")[0]
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git repository")

    wrong = {}
    for path in map(ROOT.joinpath, listed.stdout.splitlines()):
        if path != Path(__file__) and path.is_file():
            text = path.read_text(encoding="utf-8", errors="ignore")
            if links := strangers(text, owner, setting["branch"]):
                wrong[str(path)] = links
    assert not wrong, "`git grep -l OLD | xargs sed -i s#OLD#NEW#`, then `make notebooks`"


@pytest.mark.parametrize(
    "link",
    [
        "https://github.com/{}/w2vlib",
        "git+https://github.com/{}/w2vlib.git@main",
        "https://colab.research.google.com/github/{}/w2vlib/blob/main/book/x.ipynb",
        "https://mybinder.org/v2/gh/{}/w2vlib/main?urlpath=lab",
        "https://{}.github.io/w2vlib/",
    ],
)
def test_finds_a_link_that_was_left_behind(link):
    assert strangers(link.format("other"), "ours", "main")
    assert not strangers(link.format("ours"), "ours", "main")
