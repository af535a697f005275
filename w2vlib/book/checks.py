"""Feedback on the book's exercises, and the claims that its text makes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from w2vlib.book.exercises import EXERCISES, Exercise
from w2vlib.book.explorer.figures import Explorer

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
        exercise: The number printed next to the exercise, such as ``"01-2"``.
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
        return _check_choice(known, answer)
    if not callable(answer):
        return Feedback(False, f"The exercise asks for a function; got {answer!r}.")

    for number, example in enumerate(known.examples):
        try:
            result = answer(*(argument.clone() for argument in example))
        except Exception as error:  # a student's function may fail in any way
            return Feedback(False, f"Your function raised {type(error).__name__}: {error}")
        if isinstance(result, Tensor):
            if result.is_complex():
                return Feedback(False, "The result must hold real numbers; yours are complex.")
            result = result.detach().cpu().to_dense()

        expected = _call(known.solution, example)
        if isinstance(result, Tensor) and _close(result, expected):
            continue
        if number > 0:
            return Feedback(False, f"Right on one example, but not on others. {known.nudge}")
        return Feedback(False, _diagnosis(known, example, result, expected))

    return Feedback(True, known.praise)


def claim(name: str, value: float | str, *, between: tuple[float, float] | None = None) -> None:
    """Assert a number that the text states, and hand it to the text under `name`.

    Args:
        name: The name by which the text refers to it.
        value: The value that a cell computed.
        between: The smallest and largest value with which the text remains true.

    Raises:
        AssertionError: The value lies outside.
    """
    if between is not None and not between[0] <= float(value) <= between[1]:
        raise AssertionError(
            f"the text relies on {name} in [{between[0]:g}, {between[1]:g}]; "
            f"the cell computed {value:g}"
        )
    _hand_to_the_text(name, value)


def show(name: str, figure: "Figure | Explorer") -> "Figure | Explorer":
    """Hand a figure to the text under `name`; as the last line of a cell, display it.

    On the site the text shows the figure, with a number and a caption; the cell is tagged
    ``remove-output``. In a notebook the cell displays it.

    Args:
        name: The name by which the text refers to it.
        figure: A figure of matplotlib or of :func:`explore_panels`.

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


def _check_choice(known: Exercise, answer: object) -> Feedback:
    letter = str(answer).strip(" ().").lower()
    if letter == known.solution:
        return Feedback(True, known.praise)
    choices = sorted([*known.mistakes, known.solution])
    hint = f"Choose one of the letters {', '.join(choices)}."
    return Feedback(False, known.mistakes.get(letter, hint))


def _diagnosis(
    known: Exercise, example: tuple[Tensor, ...], result: object, expected: Tensor
) -> str:
    """Say what is likely to be wrong with a result that is not the expected one."""
    if result is None or result is ...:
        return "Your function returns nothing yet."
    if not isinstance(result, Tensor):
        return f"Return a torch tensor; your function returned {type(result).__name__}."

    for hint, mistake in known.mistakes.items():
        if _close(result, _call(mistake, example)):
            return hint

    if result.shape != expected.shape:
        return (
            f"The result must have the shape {tuple(expected.shape)}; got {tuple(result.shape)}."
        )

    if known.equivalent is not None:
        hint, shared = known.equivalent
        if _close(shared(result), shared(expected)):
            return hint

    factor = float((result * expected).sum() / expected.square().sum())
    if factor != 0 and _close(result, factor * expected):
        return f"Almost: a factor is off. Your result is {factor:.4g} times the right one."
    if _close(result[result.isfinite()], expected[result.isfinite()]):
        return "Right, but for entries that are not finite: look at zeros."

    return known.nudge


def _call(function: Callable[..., Tensor], example: tuple[Tensor, ...]) -> Tensor:
    return function(*(argument.clone() for argument in example))


def _close(first: Tensor, second: Tensor) -> bool:
    if first.shape != second.shape:
        return False
    return torch.allclose(first.double(), second.double(), rtol=1e-4, atol=1e-6, equal_nan=True)
