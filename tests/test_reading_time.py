"""The minutes of a page, from pages whose words, formulas, lines and exercises are known."""

import pytest
from book_pages import read_pages
from myst_blocks import parse
from reading_time import Minutes, minutes, spoken, words_of_prose
from support import ROOT

WORDS = "word " * 1500 + "\n\n"  # ten minutes
FORMULA = "$$\na = b\n$$\n\n"
CELL = "```{code-cell}\n%s\n```\n\n"
EXERCISE = "```{exercise}\n:label: ex\nWhat?\n```\n\n"
LINES = "x = 1\n" * 150  # ten minutes


def taken(text):
    return minutes(parse(text.split("\n")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A word.", Minutes(5, 0)),  # no page takes no time
        (WORDS, Minutes(10, 0)),
        (FORMULA * 20, Minutes(10, 0)),
        (CELL % LINES, Minutes(10, 0)),
        (f"```python\n{LINES}```", Minutes(10, 0)),
        (CELL % f"# a figure\n{LINES}show('name', figure)", Minutes(5, 0)),  # folded
        (CELL % f":tags: [setup, hide-cell]\n{LINES}", Minutes(5, 0)),
        (CELL % f":tags: [claims, hide-cell]\n{LINES}", Minutes(5, 0)),
        (EXERCISE * 5, Minutes(5, 40)),
        (WORDS + EXERCISE * 5, Minutes(10, 40)),
        (f"```{{solution}} ex\n:class: dropdown\n{WORDS}{FORMULA * 20}```", Minutes(5, 20)),
        (f"```{{prf:proof}}\n:class: dropdown\n{WORDS}{FORMULA * 20}```", Minutes(20, 0)),
        (WORDS + FORMULA * 20 + CELL % LINES, Minutes(30, 0)),
    ],
)
def test_minutes(text, expected):
    assert taken(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two words.", 2),
        ("## A heading\n\nA word.", 4),
        ("The *state-of-the-art* -- 3 x 2", 5),
        ("See {eq}`eq-one` and $a + b = c$ here", 5),
        ("A [link of words](https://a.b), `code with spaces`", 5),
        ("One <!-- cited --> word", 2),
        ("| a | b |\n| --- | --- |\n| c | d |", 4),
        (":::{prf:theorem} Best\n:label: thm\nIt is best.\n:::", 3),
        (":::{prf:proof}\n:class: dropdown\nClear.\n:::", 0),
        (":::{admonition} A reader asks\n:class: dropdown\nWhy?\n:::", 0),
        (":::{exercise} Title\nWhat?\n:::\n\n:::{solution} ex\nThis.\n:::", 0),
        ("```{glue:figure} plot\n:name: fig-plot\nA caption.\n```", 0),
        (f"{CELL % 'x = 1'}word", 1),
    ],
)
def test_words_of_prose(text, words):
    assert words_of_prose(parse(text.split("\n"))) == words


def test_minutes_are_said_in_hours():
    assert [spoken(time) for time in (5, 60, 65, 600)] == ["5 min", "1 h", "1 h 05 min", "10 h"]
    assert str(Minutes(40, 60)) == "reading about 40 min, exercises about 1 h"
    assert str(Minutes(10, 0)) == "reading about 10 min"


def test_minutes_add_up():
    assert Minutes(40, 60) + Minutes(5, 0) == Minutes(45, 60)


def test_the_formula_is_the_one_that_readers_are_told():
    """Change the constants together with the page *How to use this book*."""
    told = (ROOT / "book/how-to-use.md").read_text("utf-8")
    for words in ("150 words a minute", "half a minute for each displayed", "8 minutes each"):
        assert words in told
    assert "15 lines of\nunfolded code a minute" in told


def test_chapters_know_their_part():
    parts = {page.name.split("/")[1]: page.part for page in read_pages(ROOT) if page.chapter}
    assert parts["02-word2vec-explained"] == "word2vec explained"
