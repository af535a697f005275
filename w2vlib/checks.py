"""Feedback on the book's exercises, and the claims that its text makes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from w2vlib._exercises import EXERCISES, Exercise
from w2vlib.explorer import Explorer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Feedback", "check", "claim", "show"]


@dataclass(frozen=True)
class Feedback:
    """What :func:`check` found.

    Attributes:
        passed: Whether the answer is right.
        message: What is right, or what is likely to be missing.
    """

    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"{'Correct.' if self.passed else 'Not yet.'} {self.message}"


def check(exercise: str, answer: object) -> Feedback:
    """Check an answer to an exercise and say what is likely to be wrong.

    A function is called on a small example. If its result is not the expected one, it is compared
    with what common mistakes would give.

    Args:
        exercise: The number printed at the exercise, like ``"01-2"``.
        answer: The function, letter or number that the exercise asks for.

    Returns:
        The verdict and a hint; it never raises for a wrong answer.

    Raises:
        KeyError: There is no such exercise.

    >>> check("01-2", lambda joint, unigram: joint - unigram[:, None] * unigram)
    Not yet. This is the numerator only; divide it by the mean of P_ij and P_i P_j.
    """
    if exercise not in EXERCISES:
        raise KeyError(f"there is no exercise {exercise!r}; there are {', '.join(EXERCISES)}")
    known = EXERCISES[exercise]
    if not callable(known.solution):
        return _check_value(known, answer)
    if not callable(answer):
        return Feedback(False, f"The exercise asks for a function; got {answer!r}.")
    try:
        result = answer(*(example.clone() for example in known.example))
    except Exception as error:  # a student's function may fail in any way
        return Feedback(False, f"Your function raised {type(error).__name__}: {error}")
    return _compare(known, result)


def claim(name: str, value: float | str, *, between: tuple[float, float] | None = None) -> None:
    """Assert a number that the text states, and hand it to the text under `name`.

    Args:
        name: How the text refers to it.
        value: What a cell computed.
        between: The smallest and largest value with which the text remains true.

    Raises:
        AssertionError: The value lies outside.
    """
    if between is not None:
        low, high = between
        assert low <= float(value) <= high, (
            f"the text relies on {name} in [{low:g}, {high:g}]; the cell computed {value:g}"
        )
    _hand_to_the_text(name, value)


def show(name: str, figure: "Figure | Explorer") -> "Figure | Explorer":
    """Hand a figure to the text under `name`; as the last line of a cell, display it.

    On the site the text shows the figure, with a number and a caption; the cell is tagged
    ``remove-output``. In a notebook the cell displays it.

    Args:
        name: How the text refers to it.
        figure: A figure of matplotlib or of :mod:`w2vlib.explorer`.

    Returns:
        The figure.
    """
    _hand_to_the_text(name, figure)
    if not isinstance(figure, Explorer):
        import matplotlib.pyplot as plt

        plt.close(figure)  # or a notebook would display it once more
    return figure


def _hand_to_the_text(name: str, value: object) -> None:
    try:
        from myst_nb import glue
    except ImportError:  # a notebook outside the book: there is no text to hand it to
        return
    glue(name, value, display=False)


def _check_value(known: Exercise, answer: object) -> Feedback:
    if answer == known.solution:
        return Feedback(True, known.praise)
    choices = sorted([*known.mistakes, known.solution])
    hint = f"Choose one of {', '.join(map(repr, choices))}."
    return Feedback(False, known.mistakes.get(str(answer), hint))


def _compare(known: Exercise, result: object) -> Feedback:
    expected = _call(known.solution, known)
    if not isinstance(result, Tensor):
        return Feedback(False, f"Your function must return a tensor; it returned {result!r:.60}.")
    if _close(result, expected):
        return Feedback(True, known.praise)
    for hint, mistake in known.mistakes.items():
        if _close(result, _call(mistake, known)):
            return Feedback(False, hint)
    if result.shape != expected.shape:
        got, need = tuple(result.shape), tuple(expected.shape)
        return Feedback(False, f"The result must have the shape {need}; yours has {got}.")
    factor = float((result * expected).sum() / expected.square().sum())
    if _close(result, factor * expected):
        return Feedback(False, f"Almost: a factor is off. Your result is {factor:.4g} times it.")
    if _close(result[expected.isfinite()], expected[expected.isfinite()]):
        return Feedback(False, "Right, but for entries that are not finite: look at zeros.")
    return Feedback(False, known.nudge)


def _call(function: Callable[..., Tensor], known: Exercise) -> Tensor:
    return function(*(example.clone() for example in known.example))


def _close(first: Tensor, second: Tensor) -> bool:
    if first.shape != second.shape:
        return False
    return torch.allclose(first.double(), second.double(), rtol=1e-4, atol=1e-6, equal_nan=True)
