"""Sphinx extension: quizzes are answered in the page.

A quiz is a block of class `quiz`, followed by the cell `check("01-1", "?")`. It asks for a number,
or names its choices in its text, "(a) ..., (b) ...". In the notebook readers put a number or a
letter into the cell. On the site a form takes its place, with the replies of the exercise. Without
JavaScript, and in print, the text stands as it was written.
"""

import json
import math
import re
from html import escape
from string import ascii_lowercase

from docutils import nodes
from sphinx.util import logging

from w2vlib.book.exercises import EXERCISES
from w2vlib.book.exercises.choice import ChoiceExercise, judge_choice
from w2vlib.book.exercises.number import NumberExercise, PredictionExercise, replies

CALL = re.compile(r"""check\(["']([\w-]+)["'], ["']\?["']\)""")
BEFORE_CHOICE = re.compile(r"(?=\([a-z]\)\s)")
CHOICE = re.compile(r"\(([a-z])\)\s+(.*)", re.DOTALL)
AFTER_CHOICE = " ,;.\n"  # ends a choice within a sentence, but not on a line of its own
FORM = '<form class="quiz-form"'

log = logging.getLogger(__name__)


def add_forms(app, doctree, docname):
    """Put a form into each quiz, and drop the cell that it stands for."""
    if app.builder.format != "html":
        return
    for quiz in list(doctree.findall(nodes.Element)):
        if "quiz" not in quiz.get("classes", ()):
            continue
        cell = quiz.next_node(is_cell, descend=False, siblings=True)
        code = next(iter(cell.findall(nodes.literal_block)), None) if cell else None
        call = CALL.match(code.astext()) if code else None
        if not call:
            log.warning('a quiz needs a cell `check("01-1", "?")` below it', location=quiz)
            continue

        exercise = EXERCISES.get(call[1])
        if isinstance(exercise, NumberExercise | PredictionExercise):
            quiz += number_form(call[1], exercise)
            cell.parent.remove(cell)
            continue

        choices = set_choices_apart(quiz)
        known = exercise.letters if isinstance(exercise, ChoiceExercise) else []
        if known != list(choices):
            log.warning(
                f"the quiz {call[1]} offers the choices {', '.join(choices) or 'none'}, and its "
                f"exercise has {', '.join(known) or 'none'}; name them (a), (b) ... in both",
                location=quiz,
            )
            continue
        quiz += choice_form(call[1], exercise, choices)
        cell.parent.remove(cell)


def is_cell(node):
    return isinstance(node, nodes.container) and "cell" in node["classes"]


def set_choices_apart(quiz):
    """Wrap the choices in the text, which the form repeats; return what each letter says."""
    choices = {}
    for paragraph in list(quiz.findall(nodes.paragraph)):
        question, wrapper = [], nodes.inline(classes=["quiz-choices"])
        for piece in pieces(paragraph):
            choice = CHOICE.match(piece) if isinstance(piece, nodes.Text) else None
            if choice and choice[1] == ascii_lowercase[len(choices)]:
                choices[choice[1]] = [nodes.Text(choice[2])]
            elif choices:
                choices[max(choices)].append(piece.deepcopy())
            (wrapper if choices else question).append(piece)
        paragraph.children = []
        paragraph += [*question, *([wrapper] if len(wrapper) else [])]
    return choices


def pieces(paragraph):
    """Yield what is in a paragraph, with its texts cut before each choice."""
    for child in paragraph.children:
        if isinstance(child, nodes.Text):
            yield from map(nodes.Text, filter(None, BEFORE_CHOICE.split(child)))
        else:
            yield child


def number_form(name, exercise):
    """Return the node of a form with a field for a number, and the replies to all numbers."""
    known = [
        [end if math.isfinite(end) else None for end in (reply.low, reply.high)]
        + [reply.feedback.passed, said(reply.feedback)]
        for reply in replies(exercise)
    ]
    html = (
        f'{FORM} data-replies="{escape(json.dumps(known, ensure_ascii=False))}" hidden>'
        f'<div class="quiz-number"><label>Your answer <input type="text" name="quiz-{name}" '
        'inputmode="decimal" autocomplete="off" size="9"></label>'
        '<button type="submit">Check</button></div><p role="status"></p></form>'
    )
    return nodes.raw("", html, format="html")


def said(feedback):
    """Return a reply as one line; the page breaks it."""
    return " ".join(repr(feedback).split())


def choice_form(name, exercise, choices):
    """Return the nodes of a form with a choice and its reply for each letter."""
    parts = [f"{FORM} hidden><fieldset><legend>Your answer</legend>"]
    for letter, label in choices.items():
        feedback = judge_choice(exercise, letter)
        parts.append(
            f'<label><input type="radio" name="quiz-{name}" value="{letter}" '
            f'data-passed="{str(feedback.passed).lower()}" '
            f'data-reply="{escape(said(feedback))}"><span>({letter}) '
        )
        parts += [*trimmed(label), "</span></label>"]
    parts.append('<button type="submit">Check</button><p role="status"></p></fieldset></form>')
    return [nodes.raw("", p, format="html") if type(p) is str else p for p in parts]


def trimmed(label):
    """Drop what ends a choice only within a sentence; a line's end is a text of its own."""
    label = list(label)
    while label and isinstance(label[-1], nodes.Text):
        if text := label.pop().astext().rstrip(AFTER_CHOICE):
            return [*label, nodes.Text(text)]
    return label


def add_files(app, pagename, templatename, context, doctree):
    """Load the script and the style where there is a form."""
    if FORM in context.get("body", ""):
        app.add_css_file("quiz.css")
        app.add_js_file("quiz.js", loading_method="defer")


def setup(app):
    app.connect("doctree-resolved", add_forms)
    app.connect("html-page-context", add_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
