"""How much of what word2vec's loss can gain some vectors reach, trained or not."""

import math

import torch

from w2vlib.embedding import Embedding
from w2vlib.losses import sgns_loss
from w2vlib.stats import CorpusStatistics, Reweighting
from w2vlib.training._pair_blocks import PairBlocks

__all__ = ["possible_gain"]


def possible_gain(
    statistics: CorpusStatistics,
    words: Embedding,
    contexts: Embedding | None = None,
    *,
    reweighting: Reweighting,
) -> float:
    r"""The share of the possible gain of word2vec's loss that vectors reach.

    .. math:: \frac{\mathcal L(0) - \mathcal L(W W'^\top)}{\mathcal L(0) - \mathcal L(s^*)},
        \qquad \mathcal L(s) = \sum_{ij} A_{ij} \log(1 + e^{-s_{ij}})
        + B_{ij} \log(1 + e^{s_{ij}}), \qquad s^*_{ij} = \log \frac{A_{ij}}{B_{ij}} .

    It is 0 for vectors of length zero and 1 for scores that are free; vectors that fit worse than
    none have a negative share. Unlike the loss itself it can be compared between reweightings.

    Args:
        statistics: Joint and unigram probabilities.
        words: :math:`W`.
        contexts: W'; None means W, one vector for each word.
        reweighting: The weights A and B.

    Returns:
        The share, at most 1.

    Raises:
        ValueError: The numbers of words or of dimensions disagree.
    """
    contexts = words if contexts is None else contexts
    if not len(statistics) == len(words) == len(contexts) or words.dim != contexts.dim:
        raise ValueError(
            f"`words` and `contexts` must have a vector for each of the {len(statistics)} words "
            f"of `statistics`, of equal dimensions; got {words} and {contexts}"
        )

    W, C = (each.vectors.detach().to(statistics.unigram) for each in (words, contexts))
    none = reached = least = 0.0
    for rows, columns, A, B in PairBlocks(statistics, reweighting, symmetric=False):
        losses = sgns_loss(W[rows] @ C[columns].T, A, B)
        # At its best score a pair costs the entropy of being real or made up.
        real = A / (A + B)
        entropy = -torch.xlogy(A, real) - torch.xlogy(B, 1 - real)

        none += math.log(2) * float((A + B).sum(dtype=torch.float64))
        reached += float(losses.sum(dtype=torch.float64))
        least += float(entropy.sum(dtype=torch.float64))
    return (none - reached) / (none - least)
