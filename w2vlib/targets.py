"""Matrices that embeddings factorize, as functions of the corpus statistics."""

import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib.stats import CorpusStatistics

__all__ = ["qwem_target"]


def qwem_target(statistics: CorpusStatistics) -> Float[Tensor, "vocab vocab"]:
    r"""The matrix that the quartic approximation of word2vec factorizes.

    .. math:: M^*_{ij} = \frac{P_{ij} - P_i P_j}{\tfrac12 (P_{ij} + P_i P_j)}
        = 2 \tanh\left(\tfrac12 \mathrm{PMI}_{ij}\right),
        \qquad \mathrm{PMI}_{ij} = \log \frac{P_{ij}}{P_i P_j}.

    It is the relative deviation from independence: 0 for independent words, 2 in the limit of
    words that only occur together, and exactly -2 for pairs that never occur.

    Args:
        statistics: Joint and unigram probabilities.

    Returns:
        A symmetric matrix with entries in [-2, 2], of the dtype and on the device of the joint
        probabilities.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), equation 5, with equal weights of positive and
        negative pairs.

    >>> import torch
    >>> from w2vlib import Vocabulary
    >>> words = Vocabulary(("a", "b"), torch.tensor([1, 1]))
    >>> joint = torch.tensor([[0.0, 0.5], [0.5, 0.0]])
    >>> qwem_target(CorpusStatistics(joint, joint.sum(0), words))
    tensor([[-2.0000,  0.6667],
            [ 0.6667, -2.0000]])
    """
    independent = torch.outer(statistics.unigram, statistics.unigram)
    deviation = statistics.joint - independent
    return deviation.div_(independent.add_(statistics.joint)).mul_(2)
