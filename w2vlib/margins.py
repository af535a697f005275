r"""How narrowly analogies are answered: errors, competitors and the room between words.

The prediction for "a is to b as c is to d" is :math:`x = \hat w_b - \hat w_a + \hat w_c`. It
misses the answer by the *error* :math:`e = x - \hat w_d`, and yet the answer is right as long as
no other word fits better.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from w2vlib.analogies import AnalogySet, check_vocabulary
from w2vlib.embedding import Embedding, unit_vectors

__all__ = ["AnalogyMargins", "analogy_margins"]


@dataclass(frozen=True, eq=False)
class AnalogyMargins:
    r"""For every question: how the answer fares against its strongest competitor v.

    .. math:: \hat w_d \cdot x - \hat w_v \cdot x
        = \lVert \hat w_v - \hat w_d \rVert
        \left(\tfrac12 \lVert \hat w_v - \hat w_d \rVert - e \cdot
        \frac{\hat w_v - \hat w_d}{\lVert \hat w_v - \hat w_d \rVert}\right) :

    the answer wins if the error, *in the direction of the competitor*, is less than half the way
    to it. The length of the error does not matter.

    Attributes:
        analogies: The questions.
        rank: The place of the answer d among all words but a, b, c; 1 if it is right.
        score: The score of the answer, :math:`\hat w_d \cdot x`.
        cosine: The cosine of the angle between x and the answer.
        error: :math:`\lVert e \rVert`.
        competitor: The number of the word v besides a, b, c, d with the largest score.
        competitor_score: :math:`\hat w_v \cdot x`.
        spacing: :math:`\lVert \hat w_v - \hat w_d \rVert`.
        pull: The error in the direction of the competitor.
    """

    analogies: AnalogySet
    rank: Int64[Tensor, " questions"]
    score: Float[Tensor, " questions"]
    cosine: Float[Tensor, " questions"]
    error: Float[Tensor, " questions"]
    competitor: Int64[Tensor, " questions"]
    competitor_score: Float[Tensor, " questions"]
    spacing: Float[Tensor, " questions"]
    pull: Float[Tensor, " questions"]

    @property
    def margin(self) -> Float[Tensor, " questions"]:
        """How much larger the answer's score is than the competitor's; negative if it lost."""
        return self.score - self.competitor_score

    @property
    def correct(self) -> Bool[Tensor, " questions"]:
        """Whether the answer comes first."""
        return self.rank == 1

    def __len__(self) -> int:
        return len(self.analogies)

    def __repr__(self) -> str:
        return (
            f"AnalogyMargins({len(self):,} questions, median rank {int(self.rank.median()):,}, "
            f"median margin {float(self.margin.median()):.3f})"
        )


def analogy_margins(
    embedding: Embedding, analogies: AnalogySet, *, batch_size: int = 512
) -> AnalogyMargins:
    """Measure how narrowly analogies are answered by addition.

    Args:
        embedding: The word vectors.
        analogies: Questions over the same vocabulary of at least five words.
        batch_size: The number of questions to answer at one time.

    Returns:
        The measures, on the CPU. A question whose answer is one of its own words can never be
        answered: its rank is the last, whatever its margin.

    Raises:
        ValueError: The vocabularies differ, there are fewer than five words, or `batch_size` is
            below 1.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), appendix on the top-1 accuracy.
    """
    check_vocabulary(embedding, analogies)
    if len(embedding) < 5:
        raise ValueError(f"`embedding` must hold at least five words; got {len(embedding)}")
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be at least 1; got {batch_size}")

    unit = unit_vectors(embedding)
    batches = [
        _measure(unit, batch) for batch in analogies.questions.to(unit.device).split(batch_size)
    ]

    columns = (torch.cat(column).cpu() for column in zip(*batches, strict=True))
    return AnalogyMargins(analogies, *columns)


def _measure(unit: Float[Tensor, "vocab dim"], batch: Int64[Tensor, "batch 4"]) -> tuple:
    """The fields of the result, in their order."""
    a, b, c, d = unit[batch].unbind(dim=1)
    x = b - a + c
    scores = x @ unit.T
    score = scores.gather(1, batch[:, 3:])
    scores.scatter_(1, batch[:, :3], -torch.inf)

    # Ties go to the first word, as they do where the largest score is taken.
    before = torch.arange(len(unit), device=unit.device) < batch[:, 3:]
    rank = 1 + ((scores > score) | ((scores == score) & before)).sum(dim=1)
    rank[(batch[:, :3] == batch[:, 3:]).any(dim=1)] = len(unit) - 2

    best, competitor = scores.scatter_(1, batch[:, 3:], -torch.inf).max(dim=1)
    apart, e, score = unit[competitor] - d, x - d, score.squeeze(1)
    spacing, length = apart.norm(dim=1), x.norm(dim=1)
    tiny = torch.finfo(unit.dtype).tiny  # for words that have the same vector, or none
    pull = (e * apart).sum(dim=1) / spacing.clamp(min=tiny)
    cosine = score / length.clamp(min=tiny)

    return rank, score, cosine, e.norm(dim=1), competitor, best, spacing, pull
