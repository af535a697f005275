r"""Losses of pairs of words, as functions of the inner product of their vectors.

A loss takes the inner products :math:`s_{ij}` and the weights :math:`A_{ij}` of positive and
:math:`B_{ij}` of negative pairs (:func:`w2vlib.pair_weights`) and says, entry by entry, how badly
the pairs fit; the sum over all pairs is what training makes small. Any function of these three
tensors will do: :func:`w2vlib.train_population` trains on it, and
:func:`w2vlib.contrastive_target` gives its target matrix. GloVe's loss has only one weight, the
counts, and the loss with a softmax is not a sum over pairs.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus

__all__ = [
    "PairLoss",
    "contrastive_loss",
    "glove_loss",
    "infonce_loss",
    "quartic_expansion",
    "qwem_loss",
    "sgns_loss",
    "spectral_contrastive_loss",
]

PairLoss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From s, A and B to the loss of every pair, entry by entry."""


def sgns_loss(
    inner_products: Float[Tensor, "..."],
    positive: Float[Tensor, "..."],
    negative: Float[Tensor, "..."],
) -> Float[Tensor, "..."]:
    r"""The loss of skip-gram with negative sampling: word2vec.

    .. math:: A \log(1 + e^{-s}) + B \log(1 + e^{s})

    For given A and B the smallest value is at :math:`s = \log (A / B)`.

    Args:
        inner_products: :math:`s`.
        positive: A, the weights of positive pairs.
        negative: B, the weights of negative pairs.

    Returns:
        The loss of every pair.

    Reference:
        Mikolov et al. 2013 (arXiv:1310.4546), equation 4; Karkada et al. 2025
        (arXiv:2502.09863), equation 1.

    >>> sgns_loss(torch.zeros(1), torch.ones(1), torch.ones(1))  # 2 log 2
    tensor([1.3863])
    """
    return positive * softplus(-inner_products) + negative * softplus(inner_products)


def qwem_loss(
    inner_products: Float[Tensor, "..."],
    positive: Float[Tensor, "..."],
    negative: Float[Tensor, "..."],
) -> Float[Tensor, "..."]:
    r"""The quartic approximation of word2vec's loss: quadratic in s, quartic in the vectors.

    .. math:: A \left(-s + \tfrac14 s^2\right) + B \left(s + \tfrac14 s^2\right)
        = \tfrac14 (A + B) (s - M^*)^2 + \mathrm{const}, \qquad
        M^* = \frac{A - B}{\tfrac12 (A + B)} .

    It is *twice* the expansion of :func:`sgns_loss` about s = 0, without the constant: the
    convention of the paper, in which the time of :mod:`w2vlib.flow` is stated.

    Args:
        inner_products: :math:`s`.
        positive: A, the weights of positive pairs.
        negative: B, the weights of negative pairs.

    Returns:
        The loss of every pair.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), equation 3.

    >>> qwem_loss(torch.tensor([1.0]), torch.tensor([3.0]), torch.tensor([1.0]))  # at M* = 1
    tensor([-1.])
    """
    square = inner_products.square() / 4
    return positive * (square - inner_products) + negative * (square + inner_products)


def spectral_contrastive_loss(
    inner_products: Float[Tensor, "..."],
    positive: Float[Tensor, "..."],
    negative: Float[Tensor, "..."],
) -> Float[Tensor, "..."]:
    r"""A loss that is quadratic as it stands, so that its expansion is exact.

    .. math:: -2 A s + B s^2

    Args:
        inner_products: :math:`s`.
        positive: A, the weights of positive pairs.
        negative: B, the weights of negative pairs.

    Returns:
        The loss of every pair; the smallest is at :math:`s = A / B`.

    Reference:
        HaoChen et al. 2021 (arXiv:2106.04156), equation 6.
    """
    return negative * inner_products.square() - 2 * positive * inner_products


def glove_loss(
    inner_products: Float[Tensor, "..."],
    counts: Float[Tensor, "..."],
    *,
    maximum: int | float = 100,
    exponent: int | float = 0.75,
) -> Float[Tensor, "..."]:
    r"""GloVe's weighted least squares.

    .. math:: f(X) \, (s - \log X)^2, \qquad f(X) = \min\left(1, (X / x_{\max})^{\alpha}\right),

    where s includes the biases of the word and of the context. Pairs that never occur have no
    weight. Another unit for X, such as a probability with a maximum to match, moves
    :math:`\log X` by a constant, which the biases absorb.

    Args:
        inner_products: :math:`s`.
        counts: X, the counts of pairs or a multiple of them.
        maximum: :math:`x_{\max}`, in the unit of `counts`.
        exponent: :math:`\alpha`.

    Returns:
        The loss of every pair.

    Reference:
        Pennington, Socher, Manning 2014, equations 8 and 9.

    >>> glove_loss(torch.zeros(2), torch.tensor([0.0, 100.0]))
    tensor([ 0.0000, 21.2076])
    """
    seen = counts > 0
    gap = torch.where(seen, inner_products - counts.where(seen, 1).log(), 0)
    return glove_weight(counts, maximum, exponent) * gap.square()


def glove_weight(counts: Tensor, maximum: int | float, exponent: int | float) -> Tensor:
    """The weight f(X) of :func:`glove_loss`."""
    return (counts / maximum).clamp(max=1).pow(exponent)


def infonce_loss(
    inner_products: Float[Tensor, "vocab context"],
    joint: Float[Tensor, "vocab context"],
) -> Float[Tensor, ""]:
    r"""The loss of SimCLR and other contrastive learning, in the limit of large batches.

    .. math:: -\sum_{ij} P_{ij} \, s_{ij} + \sum_i P_i \log \sum_j P_j \, e^{s_{ij}}, \qquad
        P_i = \sum_j P_{ij} .

    It is not a sum over pairs, because the logarithm couples those of a row. So the total is
    returned, and the target matrix has a function of its own, :func:`w2vlib.infonce_target`.

    Args:
        inner_products: s, divided by the temperature.
        joint: :math:`P_{ij}`, symmetric.

    Returns:
        The loss.

    Reference:
        van den Oord et al. 2018 (arXiv:1807.03748); Chen et al. 2020 (arXiv:2002.05709).
    """
    unigram = joint.sum(dim=1)
    partition = torch.logsumexp(inner_products + unigram.log(), dim=1)
    return (unigram * partition).sum() - (joint * inner_products).sum()


def contrastive_loss(
    positive_loss: Callable[[Tensor], Tensor], negative_loss: Callable[[Tensor], Tensor]
) -> PairLoss:
    r"""A loss of your own, from what a positive and what a negative pair costs.

    .. math:: A \, f_+(s) + B \, f_-(s)

    Args:
        positive_loss: :math:`f_+`, applied to a tensor entry by entry.
        negative_loss: :math:`f_-`, likewise.

    Returns:
        A function like :func:`sgns_loss`.

    >>> square = contrastive_loss(lambda s: (1 - s) ** 2, lambda s: (1 + s) ** 2)
    >>> square(torch.ones(1), torch.ones(1), torch.ones(1))
    tensor([4.])
    """

    def loss(inner_products: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return positive * positive_loss(inner_products) + negative * negative_loss(inner_products)

    return loss


def quartic_expansion(inner_products: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    r"""The logistic loss to second order in s.

    .. math:: \log(1 + e^{-s}) \approx \log 2 - \tfrac12 s + \tfrac18 s^2,

    with an error of :math:`-s^4 / 192 + O(s^6)`: there is no cubic term.

    Args:
        inner_products: s; for a negative pair, -s.

    Returns:
        The expansion.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), equation 3.
    """
    return math.log(2) - inner_products / 2 + inner_products.square() / 8
