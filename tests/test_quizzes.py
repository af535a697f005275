"""Quizzes are answered in the page: every choice and every number has a reply, said when asked.

A small site with all quizzes of the book is built, and nothing of it is run.
"""

import html
import json
import math
import re
import shutil
import subprocess
import sys
from itertools import pairwise

import pytest
from book_pages import read_book
from support import ROOT

from w2vlib.book.exercises import EXERCISES
from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.number import NumberExercise, PredictionExercise, judge_number

CHOICES = {name: e for name, e in EXERCISES.items() if isinstance(e, ChoiceExercise)}
NUMBERS = {name: e for name, e in EXERCISES.items() if isinstance(e, NumberExercise)}
GUESSES = {name: e for name, e in EXERCISES.items() if isinstance(e, PredictionExercise)}
CONF = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "book" / "_ext")!r}]
extensions = ["myst_nb", "sphinx_exercise", "quizzes"]
nb_execution_mode = "off"
myst_enable_extensions = ["colon_fence", "dollarmath"]
html_theme = "basic"
html_static_path = ["_static"]
mathjax_path = "mathjax.js"  # empty: nothing is loaded from elsewhere
"""
PAGE = """---
jupytext: {{text_representation: {{extension: .md, format_name: myst}}}}
kernelspec: {{display_name: Python 3, language: python, name: python3}}
---
# Quizzes

{}
"""
QUIZ = """
:::{{{kind}}} A title
:class: quiz

{text}
:::

```{{code-cell}} python3
check("{name}", "?")  # put your letter here
```
"""


def build(folder, text):
    """Build a site of one page; return the page and the warnings."""
    (folder / "_static").mkdir(parents=True)
    for name in ("quiz.js", "quiz.css"):
        shutil.copy(ROOT / "book" / "_static" / name, folder / "_static")
    (folder / "_static" / "mathjax.js").write_text("")
    (folder / "conf.py").write_text(CONF)
    (folder / "index.md").write_text(PAGE.format(text))
    command = [sys.executable, "-m", "sphinx", "-q", "-E", folder, folder / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return folder / "out" / "index.html", done.stderr


def quizzes():
    """The text of each quiz of the book; what cells compute for it is left out."""
    for page in read_book(ROOT).pages.values():
        for block, below in pairwise(block for block in page.blocks if block.body.strip()):
            if "quiz" in str(block.options.get("class")).split():
                text = re.sub(r"\{[\w:]+\}`[^`]*`", "something", block.body)
                yield re.match(r"check\(.([\w-]+)", below.body)[1], text


TRICKY = "What is $x$? (a) $(b) + 1$ (as ever), (b) (a) and (c),\n(c) *many*, (d) 4."
FOUR = "What? (a) 1, (b) 2, (c) 3, (d) 4."


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    parts = [QUIZ.format(kind="admonition", name=name, text=text) for name, text in quizzes()]
    parts.append(QUIZ.format(kind="admonition", name="08-limit", text=TRICKY))
    path, warnings = build(tmp_path_factory.mktemp("quizzes"), "\n".join(parts))
    assert not warnings
    return path


def forms(page):
    return re.findall('<form class="quiz-form".*?</form>', page.read_text("utf-8"), re.DOTALL)


def labels(form):
    """The letters of a form and what stands behind them."""
    found = re.findall(r"<span>\((\w)\) (.*?)</span></label>", form, re.DOTALL)
    return {letter: re.sub(r"<[^>]*>", "", label) for letter, label in found}


def test_every_quiz_of_the_book_offers_its_choices(page):
    *found, _ = forms(page)
    assert len(found) == len([*quizzes()]) > 9
    assert {name for name, _ in quizzes()} >= {*CHOICES, *NUMBERS, *GUESSES}
    for (name, _), form in zip(quizzes(), found, strict=True):
        if name in CHOICES:
            assert [*labels(form)] == CHOICES[name].letters
            assert all(re.search(r"[^\s,;.]$", label) for label in labels(form).values())
            assert form.count('data-passed="true"') == 1


def reply_in_page(page, name, number):
    """What the form would say to a number, found as its script finds it."""
    (form,) = (form for form in forms(page) if f'name="quiz-{name}"' in form)
    known = json.loads(html.unescape(re.search('data-replies="(.*?)"', form)[1]))
    return next(
        reply
        for low, high, _, reply in known
        if (-math.inf if low is None else low) <= number <= (math.inf if high is None else high)
    )


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_get_the_replies_of_check(page, name):
    exercise = NUMBERS[name]
    tried = [exercise.truth, *exercise.mistakes.values(), 2 * exercise.truth, -1e9, 1e9]
    for number in tried:
        expected = " ".join(repr(judge_number(exercise, number)).split())
        assert reply_in_page(page, name, number) == expected


@pytest.mark.parametrize("name", GUESSES)
def test_guesses_are_close_within_their_band_and_always_told_the_truth(page, name):
    low, high = GUESSES[name].band
    assert low < GUESSES[name].truth < high
    for number, verdict in (
        (low, "Close."),
        (high, "Close."),
        (low - 0.01 * abs(low), "Far off."),
    ):
        reply = reply_in_page(page, name, number)
        assert reply.startswith(f"{verdict} It is ")
        assert reply.endswith(GUESSES[name].explanation)


def test_choices_may_hold_formulas_and_brackets(page):
    *_, form = forms(page)
    said = {"a": r"\((b) + 1\) (as ever)", "b": "(a) and (c)", "c": "many", "d": "4"}
    assert labels(form) == said


def test_the_site_shows_no_code_for_quizzes_and_no_form_without_javascript(page):
    text = page.read_text("utf-8")
    assert "check(" not in re.sub(r"<[^>]*>", "", text)
    assert all(re.match(r"<form [^>]* hidden>", form) for form in forms(page))
    assert "(a) All become ten times longer. (b)" in text, "the text stands as it was written"


def test_quizzes_that_cannot_be_answered_are_warnings(tmp_path):
    good = QUIZ.format(kind="exercise", name="08-1", text=FOUR)
    faults = {
        ("(d) 4.", "4."): "08-1 offers the choices a, b, c, and its exercise has a, b, c, d",
        ("08-1", "08-99"): "08-99 offers the choices a, b, c, d, and its exercise has none",
        ("08-1", "08-2"): "08-2 offers the choices a, b, c, d, and its exercise has none",
        (FOUR, "1"): "08-1 offers the choices none",
        ('check("08-1", "?")', "print()"): "needs a cell",
    }
    page, warnings = build(tmp_path, "\n".join(good.replace(*change) for change in faults))
    found = warnings.strip().splitlines()
    assert len(found) == len(faults)
    assert all(fault in line for fault, line in zip(faults.values(), found, strict=True))
    assert not forms(page)


@pytest.fixture
def form(page, browser):
    """The form of exercise 8.1; afterwards the console must be empty."""
    browser.get(page.as_uri())
    (choice,) = browser.find_elements("css selector", "[name='quiz-08-1'][value=a]")
    yield choice.find_element("xpath", "ancestor::form")
    assert browser.get_log("browser") == []


def choose(form, letter):
    form.find_element("css selector", f"[value={letter}]").click()


def reply(form):
    return form.find_element("css selector", "[role=status]").text


@pytest.mark.parametrize("letter", "abcd")
def test_the_page_replies_as_check_does(form, letter):
    exercise = CHOICES["08-1"]
    choose(form, letter)
    assert reply(form) == "", "nothing is said before the reader asks"
    form.find_element("tag name", "button").click()
    right = letter == exercise.right
    said = exercise.praise if right else exercise.mistakes[letter]
    assert reply(form) == f"{'Correct.' if right else 'Not yet.'} {said}"


def test_a_reply_never_stands_beside_another_choice(form):
    choose(form, "a")
    form.find_element("tag name", "button").click()
    choose(form, "b")
    assert reply(form) == ""


def test_the_button_before_any_choice_asks_for_one(form):
    form.find_element("tag name", "button").click()
    assert reply(form) == "Choose an answer first."


def test_a_quiz_is_answered_by_keyboard(form, browser):
    from selenium.webdriver.common.keys import Keys

    first, last = form.find_elements("css selector", "[value=a], [value=d]")
    first.send_keys(Keys.SPACE)
    first.send_keys(Keys.ARROW_UP)  # from the first to the last
    assert browser.switch_to.active_element == last
    last.send_keys(Keys.ENTER)
    assert reply(form).startswith("Correct.")


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        ("0.125", "Correct."),
        (" 1/8 ", "Correct."),
        ("0,125", "Correct."),
        ("1,000", "Not yet. How many"),
        ("−1/8", "Not yet. The sign"),
        ("one", "Put a number"),
        ("", "Put a number"),
        ("1/0", "Put a number"),
    ],
)
def test_numbers_are_read_as_readers_write_them(page, browser, typed, verdict):
    from selenium.webdriver.common.keys import Keys

    browser.get(page.as_uri())
    field = browser.find_element("name", "quiz-08-left")
    form = field.find_element("xpath", "ancestor::form")
    field.send_keys(typed, Keys.ENTER)
    assert reply(form).startswith(verdict)
    field.send_keys("5")
    assert reply(form) == "", "a reply never stands beside another number"


def test_choices_are_said_once_on_the_screen_and_as_text_on_paper(form, browser):
    text = form.find_element("xpath", "..").find_element("class name", "quiz-choices")
    assert form.is_displayed() and not text.is_displayed()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert text.is_displayed() and not form.is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
