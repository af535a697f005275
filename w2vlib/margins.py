r"""How narrowly analogies are answered: errors, competitors and the room between words.

The prediction for "a is to b as c is to d" is :math:`x = \hat w_b - \hat w_a + \hat w_c`. It
misses the answer by the *error* :math:`e = x - \hat w_d`, and yet the answer is right as long as
no other word fits better.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from w2vlib._scores import score_batches
from w2vlib.analogies import check_vocabulary
from w2vlib.embedding import Embedding, unit_vectors
from w2vlib.questions import AnalogySet, right_answers

__all__ = ["AnalogyMargins", "analogy_margins"]


@dataclass(frozen=True, eq=False)
class AnalogyMargins:
    r"""For every question: how the answer fares against its strongest competitor v.

    .. math:: \hat w_d \cdot x - \hat w_v \cdot x
        = \lVert \hat w_v - \hat w_d \rVert
        \left(\tfrac12 \lVert \hat w_v - \hat w_d \rVert - e \cdot
        \frac{\hat w_v - \hat w_d}{\lVert \hat w_v - \hat w_d \rVert}\right) :

    the answer wins if the error, *in the direction of the competitor*, is less than half the way
    to it. The length of the error does not matter. If a question has several right answers, d is
    the one with the largest score.

    Attributes:
        analogies: The questions.
        answer: The number of the word d.
        rank: The place of the answer d among all words but a, b, c; 1 if it is right.
        score: The score of the answer, :math:`\hat w_d \cdot x`.
        cosine: The cosine of the angle between x and the answer.
        error: :math:`\lVert e \rVert`.
        competitor: The number of the word v with the largest score besides a, b, c and the right
            answers.
        competitor_score: :math:`\hat w_v \cdot x`.
        spacing: :math:`\lVert \hat w_v - \hat w_d \rVert`.
        pull: The error in the direction of the competitor.
    """

    analogies: AnalogySet
    answer: Int64[Tensor, " questions"]
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


def analogy_margins(embedding: Embedding, analogies: AnalogySet) -> AnalogyMargins:
    """Measure how narrowly analogies are answered by addition.

    Args:
        embedding: The word vectors.
        analogies: Questions over the same vocabulary, of more words than a question and its right
            answers have: at least five.

    Returns:
        The measures, on the CPU. A question whose answer is one of its own words can never be
        answered: its rank is the last, whatever its margin.

    Raises:
        ValueError: The vocabularies differ, or there are too few words.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), appendix on the top-1 accuracy.
    """
    check_vocabulary(embedding, analogies)
    right = right_answers(analogies)
    fewest = right.shape[1] + 4
    if len(embedding) < fewest:
        raise ValueError(
            f"`embedding` must hold at least {fewest} words, so that one is no word of a question "
            f"and no right answer; got {len(embedding)}"
        )

    unit = unit_vectors(embedding)
    questions, right = analogies.questions.to(unit.device), right.to(unit.device)
    batches, done = [], 0
    for batch, scores in score_batches(unit, questions, "add"):
        batches.append(_measure(unit, batch, right[done : done + len(batch)], scores))
        done += len(batch)

    columns = (torch.cat(column).cpu() for column in zip(*batches, strict=True))
    return AnalogyMargins(analogies, *columns)


def _measure(
    unit: Float[Tensor, "vocab dim"],
    batch: Int64[Tensor, "batch 4"],
    right: Int64[Tensor, "batch answers"],
    scores: Float[Tensor, "batch vocab"],
) -> tuple:
    """The fields of the result, in their order; the scores are overwritten."""
    unmasked = scores.gather(1, right)
    scores.scatter_(1, batch[:, :3], -torch.inf)

    # Ties go to the first word, as they do where the largest score is taken.
    masked = scores.gather(1, right)
    best_of_right = masked == masked.amax(dim=1, keepdim=True)
    answer = right.where(best_of_right, len(unit)).amin(dim=1, keepdim=True)
    score = unmasked.gather(1, (right == answer).long().argmax(dim=1, keepdim=True))
    ahead = scores == score
    ahead &= torch.arange(len(unit), device=unit.device) < answer
    ahead |= scores > score
    rank = 1 + ahead.view(torch.int8).sum(dim=1, dtype=torch.int32).long()  # bools add slowly
    rank[(batch[:, :3] == answer).any(dim=1)] = len(unit) - 2

    best, competitor = scores.scatter_(1, right, -torch.inf).max(dim=1)
    a, b, c = unit[batch[:, :3]].unbind(dim=1)
    answer, score = answer.squeeze(1), score.squeeze(1)
    x, d = b - a + c, unit[answer]
    apart, e = unit[competitor] - d, x - d
    spacing, length = apart.norm(dim=1), x.norm(dim=1)
    tiny = torch.finfo(unit.dtype).tiny  # for words that have the same vector, or none
    pull = (e * apart).sum(dim=1) / spacing.clamp(min=tiny)
    cosine = score / length.clamp(min=tiny)

    return answer, rank, score, cosine, e.norm(dim=1), competitor, best, spacing, pull
