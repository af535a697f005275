"""What is needed to judge an answer to an exercise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

__all__ = ["Exercise"]


@dataclass(frozen=True)
class Exercise:
    """What :func:`w2vlib.book.check` needs to judge an answer.

    Attributes:
        solution: The right function, or the letter of the right choice.
        praise: The reply to a right answer.
        examples: Lists of arguments to call functions with; two or more, so that a result that
            is one number shows whether a factor is the same for all.
        mistakes: For functions, a hint and the function with that mistake; for choices, the wrong
            letter and a hint.
        equivalent: A hint for answers that are as good, but not what was asked for, and what
            such answers share with the solution.
        nudge: The reply to a wrong answer that matches no known mistake.
    """

    solution: Any
    praise: str
    examples: tuple[tuple[Tensor, ...], ...] = ()
    mistakes: Mapping[str, Any] = field(default_factory=dict)
    equivalent: tuple[str, Callable[[Tensor], Tensor]] | None = None
    nudge: str = "Compare your code with the formula, symbol by symbol."
