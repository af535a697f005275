"""The book's exercises: an example to try, the solution, and what common mistakes would give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

__all__ = ["EXERCISES", "Exercise"]


@dataclass(frozen=True)
class Exercise:
    """What :func:`w2vlib.checks.check` needs to judge an answer.

    Attributes:
        solution: The right function, or the right value.
        praise: Said to a right answer.
        example: Arguments to call functions with.
        mistakes: For functions, a hint and the function with that mistake; for values, the wrong
            value and a hint.
        nudge: Said to a wrong answer that matches no known mistake.
    """

    solution: Any
    praise: str
    example: tuple[Tensor, ...] = ()
    mistakes: Mapping[str, Any] = field(default_factory=dict)
    nudge: str = "Compare your code with the formula, symbol by symbol."


def _target(joint: Tensor, unigram: Tensor) -> Tensor:
    independent = torch.outer(unigram, unigram)
    return (joint - independent) / (0.5 * (joint + independent))


# Not symmetric in its scale: rows of different sums tell P_i P_j from P_i P_i.
_JOINT = torch.tensor([[0.10, 0.20, 0.00], [0.20, 0.05, 0.15], [0.00, 0.15, 0.15]])

_WRITE_THE_TARGET = Exercise(
    solution=_target,
    praise="You wrote the matrix that word2vec's quartic approximation factorizes.",
    example=(_JOINT, _JOINT.sum(1)),
    mistakes={
        "This is the numerator only; divide it by the mean of P_ij and P_i P_j.": lambda p, q: (
            p - torch.outer(q, q)
        ),
        "The factor 1/2 of the denominator is missing: it is the mean of P_ij and P_i P_j, not "
        "their sum.": lambda p, q: _target(p, q) / 2,
        "The sign is turned around: pairs seen more often than by chance must be positive.": (
            lambda p, q: -_target(p, q)
        ),
        "This is the PMI. It agrees with M* near zero, but is not bounded: unseen pairs get "
        "minus infinity.": lambda p, q: torch.log(p / torch.outer(q, q)),
        "You divide by P_i P_j alone. The denominator is the mean of P_ij and P_i P_j.": (
            lambda p, q: p / torch.outer(q, q) - 1
        ),
        "The probability of independent words is the outer product P_i P_j; you use P_i for "
        "every column.": lambda p, q: (p - q[:, None]) / (0.5 * (p + q[:, None])),
        "The probability of independent words is the outer product P_i P_j; you use P_j for "
        "every row.": lambda p, q: (p - q) / (0.5 * (p + q)),
    },
    nudge="Compute the outer product of `unigram` with itself first; then the formula for M*.",
)


def _embed(eigenvalues: Tensor, eigenvectors: Tensor) -> Tensor:
    return eigenvectors * eigenvalues.sqrt()


_WRITE_THE_EMBEDDING = Exercise(
    solution=_embed,
    praise="W W^T is now the best approximation of rank d.",
    example=(
        torch.tensor([4.0, 1.0]),
        torch.tensor([[0.6, 0.8], [0.8, -0.6], [0.0, 0.0]]),
    ),
    mistakes={
        "The square root is missing: with U Lambda, the product W W^T is U Lambda^2 U^T.": (
            lambda w, u: u * w
        ),
        "These are the eigenvectors alone; scale each column by the square root of its "
        "eigenvalue.": lambda w, u: u,
        "You divide by the square root of the eigenvalue; multiply by it.": (
            lambda w, u: u / w.sqrt()
        ),
        "You square the eigenvalues; take their square root.": lambda w, u: u * w.square(),
        "This is W W^T. Return W, one row for each word.": lambda w, u: (u * w) @ u.T,
    },
    nudge="Scale column k of the eigenvectors by the square root of eigenvalue k.",
)

_UNSEEN_PAIRS = Exercise(
    solution="b",
    praise="With P_ij = 0 the numerator is -P_i P_j and the denominator P_i P_j / 2.",
    mistakes={
        "a": "0 means independent: seen exactly as often as by chance. Never seen is less.",
        "c": "That is the PMI, log 0. M* is bounded.",
        "d": "The probabilities cancel: put P_ij = 0 into the formula.",
    },
)

EXERCISES: dict[str, Exercise] = {
    "01-1": _UNSEEN_PAIRS,
    "01-2": _WRITE_THE_TARGET,
    "01-3": _WRITE_THE_EMBEDDING,
}
