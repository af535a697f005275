"""Feedback on the book's exercises, and the claims that its text makes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from w2vlib.book.exercises import EXERCISES
from w2vlib.book.exercises.choice import ChoiceExercise, judge_choice
from w2vlib.book.exercises.feedback import Feedback
from w2vlib.book.exercises.function import judge_function
from w2vlib.book.exercises.number import (
    NumberExercise,
    PredictionExercise,
    judge_number,
    judge_prediction,
)
from w2vlib.book.explorer.figures import Explorer
from w2vlib.book.plots.plot import Plot, make_plot

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Feedback", "check", "claim", "show"]


def check(exercise: str, answer: object, *, seed: int = 0) -> Feedback:
    """Check an answer to an exercise and say what is likely to be wrong.

    A function is called on small random examples. If its results are not the expected ones, they
    are compared with what common mistakes would give.

    Args:
        exercise: The number printed next to the exercise, such as ``"01-2"``.
        answer: The function, letter or number that the exercise asks for.
        seed: The seed of the examples. To grade, take another than the reader's.

    Returns:
        The verdict and a hint; it never raises for a wrong answer.

    Raises:
        KeyError: There is no such exercise.

    >>> check("01-2", lambda joint, unigram: joint - unigram[:, None] * unigram)
    Not yet. This is the numerator only; divide it by the mean of P_ij and P_i
    P_j.
    """
    if exercise not in EXERCISES:
        raise KeyError(f"there is no exercise {exercise!r}; there are {', '.join(EXERCISES)}")

    known = EXERCISES[exercise]
    if isinstance(known, ChoiceExercise):
        return judge_choice(known, answer)
    if isinstance(known, NumberExercise):
        return judge_number(known, answer)
    if isinstance(known, PredictionExercise):
        return judge_prediction(known, answer)
    return judge_function(known, answer, seed)


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
    _hand_to_the_text(name, value if isinstance(value, str | int) else float(value))


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
