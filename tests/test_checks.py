"""Feedback: right answers pass, each known mistake is recognized as itself, claims can fail."""

import math
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from book_pages import read_book
from support import ROOT

import w2vlib as w2v
from w2vlib.book import check, claim, show
from w2vlib.book.exercises import EXERCISES
from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.function import FunctionExercise, judge_function
from w2vlib.book.exercises.number import (
    NumberExercise,
    PredictionExercise,
    judge_number,
    judge_prediction,
)

SEEDS = range(3)


def of_kind(kind):
    return {name: e for name, e in EXERCISES.items() if isinstance(e, kind)}


FUNCTIONS, CHOICES, NUMBERS = map(of_kind, (FunctionExercise, ChoiceExercise, NumberExercise))
COMPARED = [name for name, exercise in FUNCTIONS.items() if exercise.truth]


def instances(name, seed=0):
    return FUNCTIONS[name].instances(torch.Generator().manual_seed(seed))


def solutions():
    """The functions of the book's own solutions, by the numbers of their exercises."""
    for page in read_book(ROOT).pages.values():
        for solution in page.blocks:
            name = solution.title.removeprefix("ex-")
            if solution.name == "solution" and name in FUNCTIONS:
                code = re.findall(r"```python\n(.*?)```", solution.body, re.DOTALL)
                yield pytest.param(name, "\n".join(code), id=name)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "code"), [*solutions()])
def test_the_solution_that_the_book_prints_passes(name, code, seed):
    room = {"math": math, "torch": torch, "w2v": w2v, "F": torch.nn.functional}
    exec(code, room)
    (answer,) = [thing for key, thing in room.items() if key.startswith("my_")]
    assert check(name, answer, seed=seed)


def test_every_function_of_the_book_has_a_solution_to_test():
    printed = {case.id for case in solutions()}
    assert printed == {name for name in FUNCTIONS if name[-1].isdigit()}


@pytest.mark.parametrize("name", [*CHOICES, *NUMBERS])
def test_the_right_choice_or_number_passes(name):
    exercise = EXERCISES[name]
    assert check(name, exercise.right if name in CHOICES else exercise.truth)


def test_truths_agree_with_the_library(toy_statistics):
    mine = FUNCTIONS["01-2"].truth(toy_statistics.joint, toy_statistics.unigram)
    torch.testing.assert_close(mine, w2v.qwem_target(toy_statistics))
    spectrum = w2v.top_eigenpairs(mine, k=2)
    embedded = FUNCTIONS["01-3"].truth(spectrum.eigenvalues, spectrum.eigenvectors)
    library = w2v.spectral_embedding(spectrum, toy_statistics.vocabulary).vectors
    torch.testing.assert_close(embedded, library)


def test_numbers_of_chapter_8_are_those_of_its_matrix(enwiki):
    small = w2v.restrict_cooccurrence(enwiki, 1000)
    M = w2v.qwem_target(w2v.corpus_statistics(small, dtype=torch.float64))
    eigenvalues = torch.linalg.eigvalsh(M).flip(0)
    wait, shorter = (
        w2v.learning_times(eigenvalues[:8], torch.full((8,), s**2, dtype=torch.float64))
        for s in (1e-12, 1e-6)
    )
    assert EXERCISES["08-wait"].truth == pytest.approx(float(wait[0] / shorter[0]), abs=1e-3)
    order = EXERCISES["08-order"]
    read = dict(enumerate((shorter / shorter[0]).tolist(), start=1))
    assert order.truth == pytest.approx(read[3], abs=1e-3)
    assert [*order.mistakes.values()] == pytest.approx([read[1], read[2], read[4]], abs=1e-2)
    spread = float(eigenvalues[0] - eigenvalues[-1])
    assert f"{spread:.0f}, more than 2λ₁, which is {2 * eigenvalues[0]:.0f}" in (
        EXERCISES["08-limit"].praise
    )


def test_the_soft_edge_of_chapter_8_is_that_of_its_matrix(enwiki):
    target = w2v.qwem_target(w2v.corpus_statistics(w2v.restrict_cooccurrence(enwiki, 3000)))
    eigenvalues = torch.linalg.eigvalsh(target.double()).flip(0)[:400]
    start = torch.full_like(eigenvalues, 1e-6)
    stop = w2v.learning_times(eigenvalues, start)[49:51].mean()
    share = w2v.mode_strengths(eigenvalues, start, stop[None])[0] / eigenvalues
    under_way = int(((share > 0.1) & (share < 0.9)).sum())
    assert EXERCISES["08-soft"].truth == pytest.approx(under_way, abs=1)  # one may be on the edge


def mistakes():
    """Of functions and numbers by their hints, of choices by their letters."""
    for name, exercise in EXERCISES.items():
        for key, value in getattr(exercise, "mistakes", {}).items():
            yield (name, key, value) if name in CHOICES else (name, value, key)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "answer", "hint"), [*mistakes()])
def test_each_mistake_gets_its_own_hint(name, answer, hint, seed):
    feedback = check(name, answer, seed=seed)
    assert not feedback
    assert feedback.message == hint


@pytest.mark.parametrize("name", COMPARED)
def test_a_constant_factor_is_named(name):
    solution = EXERCISES[name].truth
    feedback = check(name, lambda *a: 3 * solution(*a))
    assert not feedback and "3 times" in feedback.message


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (lambda *a: None, "nothing"),
        (lambda *a: ..., "Your function"),
        (lambda *a: a[0].numpy(), "ndarray"),
        (lambda *a: torch.zeros(1), "shape"),
        (lambda *a: 1 / 0, "ZeroDivisionError"),
        (lambda *a: a[1].new_full(instances("01-2")[0][0].shape, 0.123), ""),
        (3, "3"),
    ],
)
def test_other_answers_never_raise(name, answer, named):
    feedback = check(name, answer)
    assert not feedback and named in feedback.message


def test_an_answer_that_changes_its_arguments_does_not_spoil_the_next():
    def greedy(joint, unigram):
        joint.zero_()
        return joint

    assert not check("01-2", greedy)
    assert check("01-2", EXERCISES["01-2"].truth)


def test_unknown_exercise():
    with pytest.raises(KeyError, match=r"'99-9'.* 01-1"):
        check("99-9", None)


def test_choices_are_letters_in_any_dress():
    assert "letters a, b, c, d" in check("01-1", "?").message
    assert all(check("01-1", answer) for answer in ("b", "B", "(b)", " b. ", "b)"))


@pytest.mark.parametrize("answer", ["-2", -2, "minus two", None])
def test_the_value_in_place_of_its_letter(answer):
    feedback = check("01-1", answer)
    assert not feedback and feedback.message.startswith("Type a letter, one of a, b, c, d")


def test_vectors_as_good_are_recognized():
    solution, turn = EXERCISES["01-3"].truth, torch.linalg.qr(torch.ones(3, 3) - torch.eye(3)).Q
    feedback = check("01-3", lambda w, u: solution(w, u) @ turn)
    assert not feedback and "your vectors are as good" in feedback.message


def test_right_on_the_first_example_only():
    right = EXERCISES["01-3"].truth(*instances("01-3")[0])
    assert "Right on one example" in check("01-3", lambda w, u: right.clone()).message


@pytest.mark.parametrize("strange", [torch.Tensor.to_sparse, lambda m: m.requires_grad_()])
def test_right_answers_in_other_forms_pass(strange):
    solution = EXERCISES["01-2"].truth
    assert check("01-2", lambda p, q: strange(solution(p, q)))


def test_wrong_answers_in_strange_forms():
    assert "real numbers" in check("01-2", lambda p, q: p + 1j).message
    zero = check("01-2", lambda p, q: torch.zeros_like(p))
    assert not zero and "0 times" not in zero.message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_examples_enough_to_tell_a_factor(name):
    assert len(instances(name)) > 1


SCALAR = [n for n in COMPARED if FUNCTIONS[n].truth(*instances(n)[0]).numel() == 1]


@pytest.mark.parametrize("name", SCALAR)
@pytest.mark.parametrize("wrong", [0.123, -2.0, 1e6])
def test_one_number_is_no_factor_of_another(name, wrong):
    """Any number is a multiple of any other, so a wrong one is not "a factor off"."""
    feedback = check(name, lambda *_: torch.tensor(wrong))
    assert feedback.message == EXERCISES[name].nudge


@pytest.mark.parametrize("name", SCALAR)
def test_a_factor_that_changes_is_none(name):
    solution, factors = EXERCISES[name].truth, iter((3.0, 3.1, 3.2))
    assert "factor" not in check(name, lambda *a: next(factors) * solution(*a)).message


@pytest.mark.parametrize("name", COMPARED)
def test_not_a_number_gets_a_hint_of_its_own(name):
    solution = EXERCISES[name].truth
    feedback = check(name, lambda *a: solution(*a) * torch.nan)
    assert not feedback and "not a number" in feedback.message and "right" not in feedback.message


def test_not_a_number_on_a_later_example():
    solution, after = EXERCISES["10-2"].truth, iter((1, torch.nan))
    message = check("10-2", lambda *a: solution(*a) * next(after)).message
    assert message.startswith("Right on one example") and "not a number" in message


def test_a_mistake_that_shows_later_is_named():
    """Without the limit at zero, only the second example has the root of a negative number."""

    def no_limit(M, g):
        values, vectors = torch.linalg.eigh(g.sqrt()[:, None] * M * g.sqrt())
        W = vectors[:, -2:] * values[-2:].sqrt() / g.sqrt()[:, None]
        return W @ W.T

    assert "clamp(min=0)" in check("07-3", no_limit).message


def test_entries_that_are_not_finite_are_named():
    feedback = check("01-2", lambda p, q: 2 * torch.tanh(torch.log(p / torch.outer(q, q)) / 2))
    assert feedback, "the other form is right too"
    solution = EXERCISES["01-2"].truth
    feedback = check("01-2", lambda p, q: solution(p, q).masked_fill(p == 0, -torch.inf))
    assert "not finite" in feedback.message
    feedback = check("01-2", lambda p, q: solution(p, q).masked_fill(p == 0, torch.nan))
    assert "not a number" in feedback.message and "The others are right" in feedback.message


def test_another_seed_draws_other_examples():
    """What is right on the reader's examples alone is found by the seed of the grader."""
    by_heart = iter([FUNCTIONS["10-2"].truth(*arguments) for arguments in instances("10-2")] * 2)
    assert check("10-2", lambda *_: next(by_heart))
    assert not check("10-2", lambda *_: next(by_heart), seed=1)


def any_root(properties, **more):
    def draw(generator):
        return ((torch.rand(3, generator=generator),),)

    return FunctionExercise("Good.", draw, properties=properties, **more)


def test_properties_alone_can_judge_an_answer_that_is_not_unique():
    hint = "The square must be the argument."
    exercise = any_root({hint: lambda f, x: torch.allclose(f(x).square(), x)}, nudge="Think.")
    assert judge_function(exercise, torch.sqrt, 0)
    assert judge_function(exercise, lambda x: -torch.sqrt(x), 0)
    assert judge_function(exercise, lambda x: x, 0).message == hint
    assert "not a number" in judge_function(exercise, lambda x: (-x).sqrt(), 0).message
    assert "ZeroDivisionError" in judge_function(exercise, lambda x: x / (1 // 0), 0).message


def test_a_property_explains_what_no_listed_mistake_does():
    w, x = torch.tensor([2.0]), torch.tensor([0.1])
    truth = FUNCTIONS["08-2"].truth
    assert "time 0" in check("08-2", lambda w, x, t: truth(w, x, t + 1)).message
    assert "long time" in check("08-2", lambda w, x, t: truth(w, x, t).clamp(max=0.9 * w)).message
    assert "rate" in check("08-2", lambda w, x, t: truth(w, x, t**2 / (1 + t))).message
    assert truth(w, x, torch.tensor(0.0)) == x


def test_an_exercise_that_any_answer_would_pass_is_refused():
    with pytest.raises(ValueError, match="truth and properties"):
        any_root({})


NUMBER = NumberExercise(20.0, "Good.", mistakes={"Add one.": 19.0}, nudge="Think.")


@pytest.mark.parametrize("answer", [20, 20.1, torch.tensor(19.9), np.float32(20), np.array(20)])
def test_numbers_of_all_kinds_pass(answer):
    assert judge_number(NUMBER, answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (19, "Add one."),
        (40, "twice"),
        (10, "half"),
        (-20, "sign"),
        (2000, "Percent"),
        (0.2, "Percent"),
        (20 / math.log(10), "base 10"),
        (20 / math.log(2), "base 2"),
        (20.4, "Think."),
        ("?", "in the place of"),
        (..., "in the place of"),
        ("twenty", "asks for a number"),
        (True, "asks for a number"),
        (math.nan, "asks for a number"),
        (2 + 1j, "asks for a number"),
        (torch.ones(2), "asks for a number"),
    ],
)
def test_wrong_numbers_get_a_hint(answer, hint):
    feedback = judge_number(NUMBER, answer)
    assert not feedback and hint in feedback.message


def test_a_reading_may_be_off_by_what_an_eye_can_see():
    reading = NumberExercise(0.5, "Good.", absolute=0.1)
    assert judge_number(reading, 0.41) and judge_number(reading, 0.59)
    assert not judge_number(reading, 0.61)


@pytest.mark.parametrize(
    ("guess", "close", "said"),
    [
        (2.1, True, "You predicted 2.1, and it is 2: 5 % too large. Because."),
        (2, True, "You predicted 2, and it is 2. Because."),
        (5, False, "2.5 times too large"),
        (0.5, False, "4 times too small"),
        (3e7, False, "3×10⁷, and it is 2: 1.5×10⁷ times too large"),
        (1e-6, False, "You predicted 10⁻⁶"),
        (-2, False, "You predicted −2, and it is 2. Because."),
    ],
)
def test_a_prediction_is_told_the_truth(guess, close, said):
    feedback = judge_prediction(PredictionExercise(2, (1.5, 4.0), "Because."), guess)
    assert bool(feedback) == close and said in feedback.message
    assert repr(feedback).startswith("Close." if close else "Far off.")


def test_a_prediction_not_made_is_told_nothing():
    feedback = judge_prediction(PredictionExercise(2, (1.5, 4.0), "Because."), "?")
    assert not feedback and "2" not in feedback.message and "Because" not in feedback.message


def test_claims_hold_or_raise():
    claim("one", 1.0, between=(0.9, 1.1))
    with pytest.raises(AssertionError, match=r"one in \[0.9, 1.1\].* 2"):
        claim("one", 2.0, between=(0.9, 1.1))
    with pytest.raises(AssertionError):
        claim("one", float("nan"), between=(0.9, 1.1))


def test_figures_are_shown_once():
    """`show` returns a plot for the notebook to display, and closes matplotlib's figure."""
    figure = plt.figure()
    assert "image/png" in show("figure", figure)._repr_mimebundle_()
    assert figure.number not in plt.get_fignums()
