"""The reply to an answer."""

from dataclasses import dataclass

__all__ = ["Feedback"]


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
        return f"{self.verdict or ('Correct.' if self.passed else 'Not yet.')} {self.message}"
