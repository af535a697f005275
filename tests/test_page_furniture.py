"""What the site adds to every chapter: the map, names of folds, minutes. A small book is built."""

import html
import re
import subprocess
import sys

import pytest
from book_pages import read_pages
from build_book import build_environment
from ladder_map import ACROSS, RUNGS, rungs_of
from support import ROOT

FIRST, EIGHTH = "book/01-first-look/01-closed-form", "book/03-solvable-model/08-gradient-flow"
CONF = """
extensions = ["myst_nb", "chapter_header", "ladder_map", "named_folds", "book_minutes"]
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "off"
root_doc = "book/intro"
html_theme = "basic"
exclude_patterns = ["**.ipynb"]
"""
FRONT = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
chapter: {difficulty: introductory}
---
# Chapter
"""
CELLS = """
```{code-cell}
:tags: [setup, hide-cell]
import one
```

Shown:

```{code-cell}
two = 2
```

```{code-cell}
:tags: [remove-output]
three = draw()
show("three", three)
```

```{code-cell}
:tags: [hide-input]
def four():
    return 4
```

```{code-cell}
:tags: [claims, hide-cell]
claim("five", 5)
```
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A book with every page of the map, one of them with code, and a page beside the map."""
    root = tmp_path_factory.mktemp("book")
    names = sorted({*ACROSS, *(rung.page for rung in RUNGS)})
    toc = "format: jb-book\nroot: book/intro\nparts:\n"
    for part, some in (("First", names[:1]), ("Others", names[1:])):
        files = "".join(f"      - file: {name}\n" for name in some)
        toc += f"  - caption: {part}\n    numbered: true\n    chapters:\n{files}"
    listed = "\n".join(f"/{name}" for name in [*names, "book/beside"])
    files = {f"{name}.md": FRONT for name in [*names, "book/beside"]} | {
        f"{EIGHTH}.md": FRONT + CELLS,
        f"{FIRST}.md": FRONT + "word " * 3000,
        "book/intro.md": f"# Intro\n\n```{{book-minutes}}\n```\n\n```{{toctree}}\n{listed}\n```\n",
        "_toc.yml": toc,
        "conf.py": CONF,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
        (root / name).with_suffix(".ipynb").write_text("{}")  # what the header line offers

    environment = build_environment(ROOT)
    environment["PYTHONPATH"] += f":{ROOT / 'book' / '_ext'}"
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", root, root / "out"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "out"


def page(site, name):
    return (site / f"{name}.html").read_text("utf-8")


def map_of(text):
    """The links of the map, with the names of the marked rungs and of the current page's."""
    nav = re.search(r'<nav class="ladder-map".*?</nav>', text, re.DOTALL)[0]
    links = re.findall(r'<a href="(.*?)"', nav)
    marked = re.findall(r'<li class="here"><a [^>]*>(.*?)</a>', nav)
    current = re.findall(r'aria-current="page">(.*?)</a>', nav)
    return links, marked, current


@pytest.mark.build
def test_the_map_marks_the_chapter_and_leads_to_the_others(site):
    links, marked, current = map_of(page(site, EIGHTH))
    assert marked == current == ["solution"]
    folder = (site / EIGHTH).parent
    own = [folder / link if link not in ("", "#") else site / f"{EIGHTH}.html" for link in links]
    assert [path.resolve() for path in own] == [site / f"{rung.page}.html" for rung in RUNGS]


@pytest.mark.build
def test_a_chapter_across_the_map_has_several_marks_and_says_them(site):
    _, marked, current = map_of(page(site, FIRST))
    assert marked == list(ACROSS[FIRST]) and current == []
    assert f"You are here: <strong>{', '.join(marked)}</strong>" in page(site, FIRST)


@pytest.mark.build
def test_the_map_is_below_the_header_line_of_chapters_only(site):
    text = page(site, EIGHTH)
    places = [text.index(piece) for piece in ("<h1>", 'class="chapter-header"', "ladder-map")]
    assert places == sorted(places)
    assert "ladder-map" not in page(site, "book/beside")
    assert "chapter-header" in page(site, "book/beside")


def test_every_chapter_has_a_place_on_the_map():
    pages = {page.name for page in read_pages(ROOT)}
    numbered = [page for page in read_pages(ROOT) if page.chapter]
    chapters = [page.name for page in numbered if not page.is_appendix]
    assert [name for name in chapters if not rungs_of(name)] == []
    assert {rung.page for rung in RUNGS} | set(ACROSS) <= pages
    assert set().union(*ACROSS.values()) <= {rung.name for rung in RUNGS}


def folds(text):
    """The name of each fold and the first word of its code."""
    found = re.findall(r"<details.*?</details>", text, re.DOTALL)
    for fold in found:
        summary, _, code = fold.partition("</summary>")
        assert "aria-label" not in summary
        names = {html.unescape(name) for name in re.findall(r"<p[^>]*>(.*?)</p>", summary)}
        assert len(names) == 1  # open and closed
        plain = re.sub(r"<.*?>", "", code).split()
        yield names.pop(), plain[0] if plain[0] not in ("import", "def") else plain[1]


@pytest.mark.build
def test_folded_code_has_a_name_and_figures_fold_by_themselves(site):
    assert list(folds(page(site, EIGHTH))) == [
        ("Set-up", "one"),
        ("How this figure is drawn", "three"),
        ("How this figure is drawn", "four():"),
        ("The numbers of this chapter, asserted", 'claim("five",'),
    ]


@pytest.mark.build
def test_minutes_of_the_chapters_add_up_on_the_first_page(site):
    assert "reading about 20 min" in page(site, FIRST)
    rows = re.findall(r"<tr.*?</tr>", page(site, "book/intro"), re.DOTALL)
    cells = [re.findall(r">([^<>\n]+)</", row) for row in rows]
    others = len({*ACROSS, *(rung.page for rung in RUNGS)}) - 1
    hours, rest = divmod(5 * others, 60)
    assert hours == 1
    assert cells == [
        ["Part", "Reading", "Exercises"],
        ["First", "20 min", "–"],
        ["Others", f"{hours} h {rest:02} min" if rest else f"{hours} h", "–"],
        ["All", f"1 h {5 * others + 20 - 60:02} min", "0 min"],
    ]


@pytest.mark.parametrize("name", ["chapter_header", "ladder_map", "named_folds", "book_minutes"])
def test_the_book_uses_every_extension(name):
    assert f"{name}: book/_ext/" in (ROOT / "_config.yml").read_text("utf-8")
