"""The reply to an answer."""

import textwrap
from dataclasses import dataclass

__all__ = ["Feedback"]

WIDTH = 78  # of a line; pages cut longer ones off


@dataclass(frozen=True)
class Feedback:
    """What :func:`w2vlib.book.check` found.

    Attributes:
        passed: Whether the answer is right.
        message: What is right, or what is likely to be missing.
        verdict: The first words of the reply; "Correct." or "Not yet." if empty.
    """

    passed: bool
    message: str
    verdict: str = ""

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        verdict = self.verdict or ("Correct." if self.passed else "Not yet.")
        return textwrap.fill(f"{verdict} {self.message}", WIDTH, break_long_words=False)
