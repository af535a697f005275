"""Feedback: right answers pass, each known mistake is recognized as itself, claims can fail."""

import matplotlib.pyplot as plt
import pytest
import torch

import w2vlib as w2v
from w2vlib.book import check, claim, show
from w2vlib.book.exercises import EXERCISES

FUNCTIONS = {name: e for name, e in EXERCISES.items() if callable(e.solution)}


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_passes(name):
    assert check(name, EXERCISES[name].solution)


def test_solutions_agree_with_the_library(toy_statistics):
    mine = EXERCISES["01-2"].solution(toy_statistics.joint, toy_statistics.unigram)
    torch.testing.assert_close(mine, w2v.qwem_target(toy_statistics))
    spectrum = w2v.top_eigenpairs(mine, k=2)
    embedded = EXERCISES["01-3"].solution(spectrum.eigenvalues, spectrum.eigenvectors)
    library = w2v.spectral_embedding(spectrum, toy_statistics.vocabulary).vectors
    torch.testing.assert_close(embedded, library)


def mistakes():
    """Of functions by their hints, of choices by their letters: name, answer and hint."""
    for name, exercise in EXERCISES.items():
        for key, value in exercise.mistakes.items():
            yield (name, value, key) if name in FUNCTIONS else (name, key, value)


@pytest.mark.parametrize(("name", "answer", "hint"), [*mistakes()])
def test_each_mistake_gets_its_own_hint(name, answer, hint):
    feedback = check(name, answer)
    assert not feedback
    assert feedback.message == hint


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_constant_factor_is_named(name):
    solution = EXERCISES[name].solution
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
        (lambda *a: a[1].new_full(EXERCISES["01-2"].examples[0][0].shape, 0.123), ""),
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
    assert check("01-2", EXERCISES["01-2"].solution)


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
    solution, turn = EXERCISES["01-3"].solution, torch.linalg.qr(torch.ones(3, 3) - torch.eye(3)).Q
    feedback = check("01-3", lambda w, u: solution(w, u) @ turn)
    assert not feedback and "your vectors are as good" in feedback.message


def test_right_on_the_first_example_only():
    right = EXERCISES["01-3"].solution(*EXERCISES["01-3"].examples[0])
    assert "Right on one example" in check("01-3", lambda w, u: right.clone()).message


@pytest.mark.parametrize("strange", [torch.Tensor.to_sparse, lambda m: m.requires_grad_()])
def test_right_answers_in_other_forms_pass(strange):
    solution = EXERCISES["01-2"].solution
    assert check("01-2", lambda p, q: strange(solution(p, q)))


def test_wrong_answers_in_strange_forms():
    assert "real numbers" in check("01-2", lambda p, q: p + 1j).message
    zero = check("01-2", lambda p, q: torch.zeros_like(p))
    assert not zero and "0 times" not in zero.message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_examples_enough_to_tell_a_factor(name):
    assert len(EXERCISES[name].examples) > 1


def is_one_number(exercise):
    return exercise.solution(*exercise.examples[0]).numel() == 1


SCALAR = [name for name, exercise in FUNCTIONS.items() if is_one_number(exercise)]


@pytest.mark.parametrize("name", SCALAR)
@pytest.mark.parametrize("wrong", [0.123, -2.0, 1e6])
def test_one_number_is_no_factor_of_another(name, wrong):
    """Any number is a multiple of any other, so a wrong one is not "a factor off"."""
    feedback = check(name, lambda *_: torch.tensor(wrong))
    assert feedback.message == EXERCISES[name].nudge


@pytest.mark.parametrize("name", SCALAR)
def test_a_factor_that_changes_is_none(name):
    solution, factors = EXERCISES[name].solution, iter((3.0, 3.1, 3.2))
    assert "factor" not in check(name, lambda *a: next(factors) * solution(*a)).message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_not_a_number_gets_a_hint_of_its_own(name):
    solution = EXERCISES[name].solution
    feedback = check(name, lambda *a: solution(*a) * torch.nan)
    assert not feedback and "not a number" in feedback.message and "right" not in feedback.message


def test_not_a_number_on_a_later_example():
    solution, after = EXERCISES["10-2"].solution, iter((1, torch.nan))
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
    solution = EXERCISES["01-2"].solution
    feedback = check("01-2", lambda p, q: solution(p, q).masked_fill(p == 0, -torch.inf))
    assert "not finite" in feedback.message
    feedback = check("01-2", lambda p, q: solution(p, q).masked_fill(p == 0, torch.nan))
    assert "not a number" in feedback.message and "The others are right" in feedback.message


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
