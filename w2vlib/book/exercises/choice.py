"""Exercises that offer choices, answered by a letter."""

from collections.abc import Mapping
from dataclasses import dataclass

from w2vlib.book.exercises.feedback import Feedback

__all__ = ["ChoiceExercise", "judge_choice"]


@dataclass(frozen=True)
class ChoiceExercise:
    """A question with choices (a), (b) and so on. The page shows the replies as well.

    Attributes:
        right: The letter of the right choice.
        praise: The reply to the right choice.
        mistakes: Each wrong letter, and why it is wrong.
    """

    right: str
    praise: str
    mistakes: Mapping[str, str]

    @property
    def letters(self) -> list[str]:
        """All letters, in order."""
        return sorted([*self.mistakes, self.right])


def judge_choice(exercise: ChoiceExercise, answer: object) -> Feedback:
    """Compare letters; "(B)." is as good as "b"."""
    letter = str(answer).strip(" ().:").lower()
    if letter == exercise.right:
        return Feedback(True, exercise.praise)

    letters = ", ".join(exercise.letters)
    hint = f"Choose one of the letters {letters}."
    if letter not in ("", "?"):
        hint = f"Type a letter, one of {letters}, and not what stands behind it."
    return Feedback(False, exercise.mistakes.get(letter, hint))
