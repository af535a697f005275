"""The scores of all words as answers to analogy questions, in bounded memory."""

from collections.abc import Iterator
from typing import Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor

__all__ = ["METHODS", "Method", "score_batches"]

Method = Literal["add", "mul", "nearest"]
METHODS = ("add", "mul", "nearest")

_QUESTIONS, _AT_ONCE = 512, 2**25  # at most so many questions and scores in a batch


def score_batches(
    unit: Float[Tensor, "vocab dim"], questions: Int64[Tensor, "questions 4"], method: Method
) -> Iterator[tuple[Int64[Tensor, "batch 4"], Float[Tensor, "batch vocab"]]]:
    """The questions in batches, each with the score of every word.

    All batches share one room, which the next one overwrites: new memory would cost as much as
    the products.
    """
    most = max(1, min(_QUESTIONS, _AT_ONCE // len(unit)))
    rooms = [
        unit.new_empty(min(most, len(questions)), len(unit)) for _ in range(1 + (method == "mul"))
    ]
    for batch in questions.split(most):
        yield batch, _scores(unit, batch, method, *(room[: len(batch)] for room in rooms))


def _scores(
    unit: Float[Tensor, "vocab dim"],
    batch: Int64[Tensor, "batch 4"],
    method: Method,
    *rooms: Float[Tensor, "batch vocab"],
) -> Float[Tensor, "batch vocab"]:
    """The scores, in the first room; the second one is for the factors of 3CosMul."""
    a, b, c = (unit[batch[:, column]] for column in range(3))
    if method == "add":
        return torch.mm(b - a + c, unit.T, out=rooms[0])
    if method == "nearest":
        return torch.mm(c, unit.T, out=rooms[0])

    product, factor = rooms
    _closeness(b, unit, product).mul_(_closeness(c, unit, factor))
    return product.div_(_closeness(a, unit, factor).add_(0.001))


def _closeness(
    rows: Float[Tensor, "batch dim"],
    unit: Float[Tensor, "vocab dim"],
    room: Float[Tensor, "batch vocab"],
) -> Float[Tensor, "batch vocab"]:
    """Cosines, mapped to the interval from 0 to 1."""
    return torch.mm(rows, unit.T, out=room).add_(1).div_(2)
