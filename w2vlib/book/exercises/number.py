"""Exercises that are answered by a number: computed, read off a figure, or predicted."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import SupportsFloat, cast

from w2vlib.book.exercises.feedback import Feedback
from w2vlib.book.writing import write_number

__all__ = ["NumberExercise", "PredictionExercise", "judge_number", "judge_prediction", "replies"]

# A slip, and what it makes of the right number.
SLIPS = {
    "This is twice the right number.": 2.0,
    "This is half of the right number.": 0.5,
    "The sign is turned around.": -1.0,
    "Percent or share? This is a hundred times the right number.": 100.0,
    "Percent or share? This is a hundredth of the right number.": 0.01,
    "This is the right number over ln 10: you took a logarithm to base 10.": 1 / math.log(10),
    "This is the right number over ln 2: you took a logarithm to base 2.": 1 / math.log(2),
}


@dataclass(frozen=True)
class NumberExercise:
    """A number to compute, or to read off a figure.

    Attributes:
        truth: The right number.
        praise: The reply to a right answer.
        relative: The largest difference that counts as right, as a share of the right number.
        absolute: The same in units of the number, for what is read off a figure; the larger of
            the two decides.
        mistakes: A hint, and the wrong number that it belongs to.
        nudge: The reply to a wrong answer that matches no known mistake.
    """

    truth: int | float
    praise: str
    relative: int | float = 0.01
    absolute: int | float = 0
    mistakes: Mapping[str, int | float] = field(default_factory=dict)
    nudge: str = "Write the formula down, and put the numbers in last."


@dataclass(frozen=True)
class PredictionExercise:
    """A number to guess before it is computed. Every reply tells the truth.

    Attributes:
        truth: What comes out.
        band: The smallest and the largest prediction that count as close.
        explanation: Why it comes out so.
    """

    truth: int | float
    band: tuple[int | float, int | float]
    explanation: str


@dataclass(frozen=True)
class Reply:
    """What is said to every number from `low` to `high`."""

    low: float
    high: float
    feedback: Feedback


def replies(exercise: NumberExercise | PredictionExercise) -> list[Reply]:
    """List the replies to numbers; of those that fit, the first one counts.

    A number is compared with the right one, then with what listed mistakes and usual slips give.
    """
    if isinstance(exercise, PredictionExercise):
        told = f"It is {write_number(exercise.truth)}. {exercise.explanation}"
        close, far = Feedback(True, told, "Close."), Feedback(False, told, "Far off.")
        return [Reply(*exercise.band, close), Reply(-math.inf, math.inf, far)]

    def near(number: float, feedback: Feedback) -> Reply:
        tolerance = max(exercise.relative * abs(number), exercise.absolute)
        return Reply(number - tolerance, number + tolerance, feedback)

    slips = {hint: factor * exercise.truth for hint, factor in SLIPS.items()}
    wrong = (dict(exercise.mistakes) | slips).items()
    return [
        near(exercise.truth, Feedback(True, exercise.praise)),
        *(near(number, Feedback(False, hint)) for hint, number in wrong),
        Reply(-math.inf, math.inf, Feedback(False, exercise.nudge)),
    ]


def judge_number(exercise: NumberExercise, answer: object) -> Feedback:
    """Give the reply to a number."""
    value = _number(answer)
    if isinstance(value, str):
        return Feedback(False, value)
    return next(r.feedback for r in replies(exercise) if r.low <= value <= r.high)


def judge_prediction(exercise: PredictionExercise, answer: object) -> Feedback:
    """Say what comes out, how far off the prediction is, and why."""
    value = _number(answer)
    if isinstance(value, str):
        return Feedback(False, f"{value} A guess is enough; the reply tells what comes out.")

    low, high = exercise.band
    close = low <= value <= high
    told = f"You predicted {write_number(value)}, and it is {write_number(exercise.truth)}"
    message = f"{told}{_difference(value, exercise.truth)}. {exercise.explanation}"
    return Feedback(close, message, "Close." if close else "Far off.")


def _number(answer: object) -> float | str:
    """The number, from Python, NumPy or PyTorch, or what is wrong with it."""
    if answer is None or answer is ... or (isinstance(answer, str) and answer in ("", "?")):
        return "Put a number in the place of the question mark."
    try:
        value = math.nan if isinstance(answer, bool) else float(cast(SupportsFloat, answer))
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return f"The exercise asks for a number; got {answer!r}."
    return value if math.isfinite(value) else f"The exercise asks for a number; got {answer!r}."


def _difference(value: float, truth: int | float) -> str:
    """How far off a prediction is: by a factor if it is 2 or more, and else in percent."""
    if value * truth <= 0:
        return ""  # the two numbers say it
    ratio = value / truth
    if ratio >= 2:
        return f": {write_number(ratio, 2)} times too large"
    if ratio <= 0.5:
        return f": {write_number(1 / ratio, 2)} times too small"
    percent = round(100 * abs(ratio - 1))
    return f": {percent} % too {'large' if ratio > 1 else 'small'}" if percent else ""
