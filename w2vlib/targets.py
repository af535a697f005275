"""Matrices that embeddings factorize, as functions of the corpus statistics.

All but :func:`qwem_operator` are dense: they take time and memory as the square of the vocabulary,
and are refused where they would not fit into the memory that is free.
"""

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._arrays import NUMPY_DTYPE, check_dense, dense_block, quiet_sparse
from w2vlib._devices import check_room
from w2vlib.losses import PairLoss
from w2vlib.spectrum import SymmetricOperator
from w2vlib.stats import (
    CorpusStatistics,
    Reweighting,
    check_square,
    check_words,
    pair_weights,
    plain_reweighting,
)

__all__ = [
    "contrastive_target",
    "contrastive_weights",
    "infonce_target",
    "pmi",
    "ppmi",
    "qwem_operator",
    "qwem_target",
    "shifted_ppmi",
    "weighted_target",
]

_DENSE_SHARE = 0.07  # of non-zeros: with fewer, the sparse product was faster
_DENSE_BYTES = 2**30


def pmi(statistics: CorpusStatistics) -> Float[Tensor, "vocab vocab"]:
    r"""Pointwise mutual information: what word2vec's loss asks for if nothing limits the rank.

    .. math:: \mathrm{PMI}_{ij} = \log \frac{P_{ij}}{P_i P_j},

    the minimizer of the loss of skip-gram with one negative over unconstrained inner products;
    with k negatives it is :math:`\mathrm{PMI}_{ij} - \log k`.

    Args:
        statistics: Joint and unigram probabilities.

    Returns:
        A symmetric matrix; minus infinity for pairs that never occur.

    Raises:
        ValueError: The V x V matrix would not fit into memory.

    Reference:
        Church and Hanks 1990; Levy and Goldberg 2014 (*Neural word embedding as implicit matrix
        factorization*), section 3.1.

    >>> from w2vlib import Vocabulary
    >>> words = Vocabulary(("a", "b"), torch.tensor([1, 1]))
    >>> joint = torch.tensor([[0.0, 0.5], [0.5, 0.0]])
    >>> pmi(CorpusStatistics(joint, joint.sum(0), words))
    tensor([[  -inf, 0.6931],
            [0.6931,   -inf]])
    """
    check_square(statistics, 2)
    independent = torch.outer(statistics.unigram, statistics.unigram)
    return (dense_block(statistics.joint) / independent).log_()


def ppmi(statistics: CorpusStatistics) -> Float[Tensor, "vocab vocab"]:
    r"""Positive pointwise mutual information, :math:`\max(0, \mathrm{PMI}_{ij})`.

    Args:
        statistics: Joint and unigram probabilities.

    Returns:
        A symmetric matrix, as sparse as the counts or sparser.

    Raises:
        ValueError: The V x V matrix would not fit into memory.

    Reference:
        Bullinaria and Levy 2007; Levy and Goldberg 2014 (*Neural word embedding as implicit
        matrix factorization*), section 3.2.
    """
    return shifted_ppmi(statistics, negatives=1)


def shifted_ppmi(
    statistics: CorpusStatistics, *, negatives: int | float
) -> Float[Tensor, "vocab vocab"]:
    r"""Shifted positive PMI, :math:`\max(0, \mathrm{PMI}_{ij} - \log k)`.

    Args:
        statistics: Joint and unigram probabilities.
        negatives: The number k of negative pairs for each positive pair, k > 0.

    Returns:
        A symmetric matrix, as sparse as the counts or sparser.

    Raises:
        ValueError: `negatives` is not positive, or the matrix would not fit into memory.

    Reference:
        Levy and Goldberg 2014 (*Neural word embedding as implicit matrix factorization*),
        section 4.1.
    """
    if not negatives > 0:
        raise ValueError(f"`negatives` must be positive; got {negatives}")
    return pmi(statistics).sub_(math.log(negatives)).clamp_(min=0)


def qwem_target(
    statistics: CorpusStatistics, reweighting: Reweighting | None = None
) -> Float[Tensor, "vocab vocab"]:
    r"""The matrix that the quartic approximation of word2vec factorizes.

    .. math:: M^*_{ij} = \frac{P_{ij} - P_i P_j}{\tfrac12 (P_{ij} + P_i P_j)}
        = 2 \tanh\left(\tfrac12 \mathrm{PMI}_{ij}\right),
        \qquad \mathrm{PMI}_{ij} = \log \frac{P_{ij}}{P_i P_j}.

    It is the relative deviation from independence: 0 for independent words, 2 in the limit of
    words that occur only together, and exactly -2 for pairs that never occur. With a
    reweighting, its A and B take the place of :math:`P_{ij}` and :math:`P_i P_j`. Only their
    ratio counts, so :func:`w2vlib.plain_reweighting` and
    :func:`w2vlib.uniform_reweighting` have the same target.

    Args:
        statistics: Joint and unigram probabilities.
        reweighting: The weights A and B; None means :math:`P_{ij}` and :math:`P_i P_j`.

    Returns:
        A symmetric matrix with entries in [-2, 2], of the dtype and on the device of the joint
        probabilities.

    Raises:
        ValueError: The V x V matrix would not fit into memory.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), equation 5.

    >>> import torch
    >>> from w2vlib import Vocabulary
    >>> words = Vocabulary(("a", "b"), torch.tensor([1, 1]))
    >>> joint = torch.tensor([[0.0, 0.5], [0.5, 0.0]])
    >>> qwem_target(CorpusStatistics(joint, joint.sum(0), words))
    tensor([[-2.0000,  0.6667],
            [ 0.6667, -2.0000]])
    """
    A, B = pair_weights(statistics, _or_plain(reweighting, statistics))
    ratio = A.div_(B)
    sum_of_both = torch.add(ratio, 1, out=B)
    return ratio.sub_(1).div_(sum_of_both).mul_(2)


def contrastive_target(
    statistics: CorpusStatistics, loss: PairLoss, reweighting: Reweighting | None = None
) -> Float[Tensor, "vocab vocab"]:
    r"""The matrix that a loss factorizes while its vectors are small.

    The loss :math:`\sum_{ij} \ell(s_{ij}, A_{ij}, B_{ij})` of the inner products s is, to second
    order and up to a constant, :math:`\sum_{ij} G_{ij} (s_{ij} - M^*_{ij})^2` with

    .. math:: M^*_{ij} = -\frac{\ell'_{ij}}{\ell''_{ij}}, \qquad
        G_{ij} = \tfrac12 \ell''_{ij},

    where :math:`\ell'_{ij}` and :math:`\ell''_{ij}` are the derivatives with respect to s at
    :math:`s = 0`. :func:`w2vlib.sgns_loss` gives :func:`qwem_target`, and
    :func:`w2vlib.spectral_contrastive_loss` gives :math:`A_{ij} / B_{ij}`. The loss with a softmax
    has its own function, :func:`infonce_target`. Vectors that are sums over subwords have the same
    target, but reach it by another path.

    Args:
        statistics: Joint and unigram probabilities.
        loss: A function of s, A and B like :func:`w2vlib.sgns_loss`; see :mod:`w2vlib.losses`.
        reweighting: The weights A and B; None means :math:`P_{ij}` and :math:`P_i P_j`.

    Returns:
        M*. Its weights G are :func:`contrastive_weights`.

    Raises:
        ValueError: The loss does not curve upward at 0 for some pair, where it has no minimum
            then, or the matrices would not fit into memory.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), appendix D.2.

    >>> from w2vlib import Vocabulary, spectral_contrastive_loss
    >>> words = Vocabulary(("a", "b"), torch.tensor([1, 1]))
    >>> joint = torch.tensor([[0.0, 0.5], [0.5, 0.0]])
    >>> statistics = CorpusStatistics(joint, joint.sum(0), words)
    >>> contrastive_target(statistics, spectral_contrastive_loss)[0, 1]  # 0.5 / 0.25
    tensor(2.)
    """
    first, second = _derivatives(statistics, loss, _or_plain(reweighting, statistics))
    return first.div_(second).neg_()


def contrastive_weights(
    statistics: CorpusStatistics, loss: PairLoss, reweighting: Reweighting
) -> Float[Tensor, "vocab vocab"]:
    r"""How much a loss minds that a pair misses its target.

    .. math:: G_{ij} = \tfrac12 \ell''_{ij},

    with the second derivative of the loss of a pair at :math:`s = 0`; see
    :func:`contrastive_target`.

    Args:
        statistics: Joint and unigram probabilities.
        loss: A function of s, A and B like :func:`w2vlib.sgns_loss`.
        reweighting: The weights A and B.

    Returns:
        G, positive.

    Raises:
        ValueError: The loss does not curve upward at 0 for some pair, or the matrices would not
            fit into memory.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), appendix D.2.
    """
    return _derivatives(statistics, loss, reweighting)[1].div_(2)


def infonce_target(statistics: CorpusStatistics) -> Float[Tensor, "vocab vocab"]:
    r"""The matrix that the loss with a softmax, InfoNCE, factorizes while its vectors are small.

    .. math:: M^*_{ij} = \frac{P_{ij} - P_i P_j}{P_i P_j}, \qquad
        G_{ij} = \tfrac12 P_i P_j .

    To second order :func:`w2vlib.infonce_loss` is
    :math:`\sum_{ij} G_{ij} (s_{ij} - M^*_{ij})^2`, up to a constant and to
    :math:`-\tfrac12 \sum_i P_i (\sum_j P_j s_{ij})^2`, which vanishes for vectors with
    :math:`\sum_i P_i w_i = 0`, such as those at its minimum. The weights G are products of weights
    of words, :math:`g_i = P_i`, so the best vectors have a closed form whatever the
    frequencies: give :func:`weighted_target` this matrix and the unigram probabilities.

    Args:
        statistics: Joint and unigram probabilities.

    Returns:
        M*, symmetric.

    Raises:
        ValueError: The V x V matrix would not fit into memory.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), appendix D.2; HaoChen et al. 2021
        (arXiv:2106.04156).
    """
    check_square(statistics, 2)
    independent = torch.outer(statistics.unigram, statistics.unigram)
    return (dense_block(statistics.joint) / independent).sub_(1)


def weighted_target(
    target: Float[Tensor, "vocab vocab"], weights: Float[Tensor, " vocab"]
) -> Float[Tensor, "vocab vocab"]:
    r"""The matrix whose top modes solve the factorization with weights :math:`g_i g_j`.

    .. math:: \Gamma^{1/2} M \, \Gamma^{1/2}, \qquad \Gamma = \mathrm{diag}(g) .

    Args:
        target: M, symmetric.
        weights: g, one number for each word.

    Returns:
        The matrix for :func:`w2vlib.top_eigenpairs`; give its spectrum to
        :func:`w2vlib.spectral_embedding` with the same weights.

    Raises:
        ValueError: The matrix would not fit into memory.
        TypeError: `target` is no dense tensor.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Proposition 2.
    """
    check_dense("target", target)
    remedy = "use a smaller vocabulary, or `qwem_operator` with `weights`"
    check_room(tuple(target.shape), 2, target.dtype, target.device, remedy)
    root = weights.to(target).sqrt()
    return target * root[:, None] * root


def qwem_operator(
    statistics: CorpusStatistics,
    reweighting: Reweighting | None = None,
    *,
    weights: Float[Tensor, " vocab"] | None = None,
) -> SymmetricOperator:
    r"""The target matrix of a large vocabulary, as its product with other matrices.

    .. math:: M^* = S - 2 \, 1 1^\top, \qquad
        S_{ij} = \frac{4 A_{ij}}{A_{ij} + B_{ij}},

    with S as sparse as the counts, so that 100,000 words need no V x V matrix. With weights g
    the product is that with :math:`\Gamma^{1/2} M^* \, \Gamma^{1/2}`,
    :math:`\Gamma = \mathrm{diag}(g)`.

    Args:
        statistics: Joint and unigram probabilities, sparse for a large vocabulary. The operator
            is of their dtype and on their device.
        reweighting: The weights A and B, as in :func:`qwem_target`; None means :math:`P_{ij}` and
            :math:`P_i P_j`.
        weights: The weights g of the words; None means ones.

    Returns:
        The operator for :func:`w2vlib.top_eigenpairs`. Where S is small and has few zeros, it
        uses a dense matrix, which multiplies faster.

    Raises:
        ValueError: `weights` are not positive, or `reweighting` is for another number of words.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), equation 5 and Proposition 2.
    """
    joint, size = statistics.joint, len(statistics)
    root = torch.ones_like(statistics.unigram) if weights is None else weights.to(joint).sqrt()
    if len(root) != size or not bool((root > 0).all()):
        raise ValueError(f"`weights` must be {size} positive numbers, one for each word")

    reweighting = _or_plain(reweighting, statistics)
    check_words(statistics, reweighting)
    matrix = _seen_pairs(statistics, reweighting, root)
    if matrix.layout == torch.strided:
        matrix.addr_(root, root, alpha=-2)
        return SymmetricOperator(size, matrix.matmul, joint.dtype, joint.device)

    def product(other: Tensor) -> Tensor:
        return (matrix @ other).addmm_(root[:, None], root[None] @ other, alpha=-2)

    return SymmetricOperator(size, product, joint.dtype, joint.device)


def _or_plain(reweighting: Reweighting | None, statistics: CorpusStatistics) -> Reweighting:
    return plain_reweighting(statistics) if reweighting is None else reweighting


def _derivatives(
    statistics: CorpusStatistics, loss: PairLoss, reweighting: Reweighting
) -> tuple[Tensor, Tensor]:
    """First and second derivative of the loss of every pair at s = 0."""
    check_square(statistics, 6)  # A, B, the scores, two derivatives, and one on the way
    A, B = pair_weights(statistics, reweighting)
    s = torch.zeros_like(A).requires_grad_()
    (first,) = torch.autograd.grad(loss(s, A, B).sum(), s, create_graph=True)
    second = torch.zeros_like(A)
    if first.requires_grad:  # not linear in s
        (second,) = torch.autograd.grad(first.sum(), s)

    if not bool((second > 0).all()):
        raise ValueError(
            "`loss` must curve upward at 0 for every pair, or its expansion has no minimum; the "
            f"smallest second derivative there is {float(second.min()):.3g}"
        )

    return first.detach(), second


def _seen_pairs(statistics: CorpusStatistics, reweighting: Reweighting, root: Tensor) -> Tensor:
    """The matrix S with rows and columns times `root`; dense where that multiplies faster."""
    from w2vlib._kernels import fill_excess

    joint = statistics.joint
    if joint.layout == torch.strided:
        A, B = pair_weights(statistics, reweighting)
        return A.div_(B.add_(A)).mul_(4 * root[:, None]).mul_(root)

    size, values = len(statistics), joint.values()
    few_zeros = len(values) > _DENSE_SHARE * size**2
    dense = few_zeros and size**2 * joint.dtype.itemsize <= _DENSE_BYTES
    # NumPy's zeros lie in large pages of memory, which makes the products faster.
    excess = np.zeros((size, size) if dense else len(values), NUMPY_DTYPE[joint.dtype])
    factors = tuple(
        vector.cpu().double().numpy()
        for vector in (reweighting.keep, reweighting.center, reweighting.noise, root)
    )

    pattern = joint.crow_indices(), joint.col_indices()
    parts = (part.cpu().numpy() for part in (*pattern, values))
    fill_excess(*parts, factors, excess)
    filled = torch.from_numpy(excess).to(joint.device)

    if dense:
        return filled
    with quiet_sparse():
        return torch.sparse_csr_tensor(*pattern, filled, joint.shape, check_invariants=False)
