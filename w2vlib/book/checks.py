"""Feedback on the book's exercises, and the claims that its text makes."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from w2vlib.book.exercises import EXERCISES, Exercise
from w2vlib.book.explorer.figures import Explorer
from w2vlib.book.plots.plot import Plot, make_plot

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

    A function is called on small examples. If its results are not the expected ones, they are
    compared with what common mistakes would give.

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

    results = [_result(answer, example) for example in known.examples]
    expected = [_call(known.solution, example) for example in known.examples]
    for number, (result, right) in enumerate(zip(results, expected, strict=True)):
        if not _close(result, right):
            return Feedback(False, _diagnosis(known, results, expected, number))

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


def show(
    name: str,
    figure: "Figure | Explorer",
    *,
    table: Mapping[str, Sequence[object]] | None = None,
) -> "Plot | Explorer":
    """Hand a figure to the text under `name`; as the last line of a cell, display it.

    On the site the text shows the figure, with a number and a caption; the cell is tagged
    ``remove-output``. In a notebook the cell displays it.

    Args:
        name: The name by which the text refers to it.
        figure: A figure of matplotlib or of :func:`explore_panels`.
        table: The columns of the data that a figure of matplotlib shows, where they cannot be
            read off its lines, points and bars.

    Returns:
        The figure as the text shows it.
    """
    if not isinstance(figure, Explorer):
        import matplotlib.pyplot as plt

        plt.close(figure)  # or a notebook would display it once more
    shown = figure if isinstance(figure, Explorer) else make_plot(figure, table=table)
    _hand_to_the_text(name, shown)
    return shown


def _hand_to_the_text(name: str, value: object) -> None:
    try:
        from myst_nb import glue
    except ImportError:  # a notebook outside the book: there is no text to hand it to
        return
    glue(name, value, display=False)


def _check_choice(known: Exercise, answer: object) -> Feedback:
    letter = str(answer).strip(" ().:").lower()
    if letter == known.solution:
        return Feedback(True, known.praise)
    choices = ", ".join(sorted([*known.mistakes, known.solution]))
    hint = f"Choose one of the letters {choices}."
    if letter not in ("", "?"):
        hint = f"Type a letter, one of {choices}, and not what stands behind it."
    return Feedback(False, known.mistakes.get(letter, hint))


def _result(answer: Callable[..., object], example: tuple[Tensor, ...]) -> Tensor | str:
    """What a student's function returns, or what is wrong if it is no tensor to compare."""
    try:
        result = answer(*(argument.clone() for argument in example))
    except Exception as error:  # a student's function may fail in any way
        return f"Your function raised {type(error).__name__}: {error}"

    if result is None or result is ...:
        return "Your function returns nothing yet."
    if not isinstance(result, Tensor):
        return f"Return a torch tensor; your function returned {type(result).__name__}."
    if result.is_complex():
        return "The result must hold real numbers; yours are complex."
    return result.detach().cpu().to_dense()


def _diagnosis(
    known: Exercise, results: list[Tensor | str], expected: list[Tensor], number: int
) -> str:
    """Say what is likely to be wrong with the result of example `number`, the first not right."""
    result, right = results[number], expected[number]
    if isinstance(result, str):
        return result

    # A mistake is known by what it does to every example: one number may be right by accident.
    for hint, mistake in known.mistakes.items():
        made = [_result(mistake, example) for example in known.examples]
        if all(map(_alike, results, made)):
            return hint

    so_far = "Right on one example, but not on others. " if number else ""
    if result.shape != right.shape:
        wanted, got = tuple(right.shape), tuple(result.shape)
        return f"{so_far}The result must have the shape {wanted}; got {got}."

    if known.equivalent is not None:
        hint, shared = known.equivalent
        if _close(shared(result), shared(right)):
            return hint

    nan, finite = result.isnan(), result.isfinite()
    if bool(nan.any()):
        rest = result[~nan]
        others = " The others are right." if _close(rest, right[~nan]) else ""
        return (
            f"{so_far}Your result holds nan, which is not a number: it comes from 0 / 0, from "
            "infinity minus infinity, and from the square root or logarithm of a negative number."
            f"{others if len(rest) else ''}"
        )

    # Any number is a multiple of any other: one number says nothing, the same factor in several.
    factor = _factor(result, right)
    factors = [_factor(*pair) for pair in zip(results, expected, strict=True)]
    same = len(factors) > 1 and all(abs(f / factor - 1) < 1e-5 for f in factors)
    if abs(factor - 1) > 1e-3 and (result.numel() > 1 or same):
        return f"{so_far}Almost: a factor is off. Your result is {factor:.4g} times the right one."
    if _close(result[finite], right[finite]) and not finite.all():
        return f"{so_far}Right, but for entries that are not finite: look at zeros."

    return so_far + known.nudge


def _factor(result: Tensor | str, right: Tensor) -> float:
    """The number that turns the right result into this one, or nan if there is none but 0."""
    if isinstance(result, str) or result.shape != right.shape:
        return math.nan
    factor = float((result * right).sum() / right.square().sum())
    return factor if factor and _close(result, factor * right) else math.nan


def _call(function: Callable[..., Tensor], example: tuple[Tensor, ...]) -> Tensor:
    return function(*(argument.clone() for argument in example))


def _alike(first: Tensor | str, second: Tensor | str) -> bool:
    """Whether two answers give the same, or both give nothing to compare."""
    return isinstance(first, str) if isinstance(second, str) else _close(first, second)


def _close(first: Tensor | str, second: Tensor) -> bool:
    if isinstance(first, str) or first.shape != second.shape:
        return False
    return torch.allclose(first.double(), second.double(), rtol=1e-4, atol=1e-6, equal_nan=True)
