"""Matrices that embeddings factorize, as functions of the corpus statistics."""

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._arrays import NUMPY_DTYPE, sparse_tensor
from w2vlib._devices import resolve_device
from w2vlib.cooccurrence import Cooccurrence
from w2vlib.spectrum import SymmetricOperator
from w2vlib.stats import CorpusStatistics, Reweighting, pair_weights, uniform_reweighting

__all__ = [
    "contrastive_target",
    "contrastive_weights",
    "pmi",
    "ppmi",
    "qwem_operator",
    "qwem_target",
    "shifted_ppmi",
    "weighted_target",
]

Loss = Callable[[Tensor], Tensor]


def pmi(statistics: CorpusStatistics) -> Float[Tensor, "vocab vocab"]:
    r"""Pointwise mutual information: what word2vec's loss asks for if nothing limits the rank.

    .. math:: \mathrm{PMI}_{ij} = \log \frac{P_{ij}}{P_i P_j},

    the minimizer of the loss of skip-gram with one negative over unconstrained inner products;
    with k negatives it is :math:`\mathrm{PMI}_{ij} - \log k`.

    Args:
        statistics: Joint and unigram probabilities.

    Returns:
        A symmetric matrix; minus infinity for pairs that never occur.

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
    independent = torch.outer(statistics.unigram, statistics.unigram)
    return (statistics.joint / independent).log_()


def ppmi(statistics: CorpusStatistics) -> Float[Tensor, "vocab vocab"]:
    r"""Positive pointwise mutual information, :math:`\max(0, \mathrm{PMI}_{ij})`.

    Args:
        statistics: Joint and unigram probabilities.

    Returns:
        A symmetric matrix, as sparse as the counts or sparser.

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
        ValueError: `negatives` is not positive.

    Reference:
        Levy and Goldberg 2014 (*Neural word embedding as implicit matrix factorization*),
        section 4.1.
    """
    if not negatives > 0:
        raise ValueError(f"`negatives` must be positive; got {negatives}")
    return pmi(statistics).sub_(float(np.log(negatives))).clamp_(min=0)


def qwem_target(
    statistics: CorpusStatistics, reweighting: Reweighting | None = None
) -> Float[Tensor, "vocab vocab"]:
    r"""The matrix that the quartic approximation of word2vec factorizes.

    .. math:: M^*_{ij} = \frac{P_{ij} - P_i P_j}{\tfrac12 (P_{ij} + P_i P_j)}
        = 2 \tanh\left(\tfrac12 \mathrm{PMI}_{ij}\right),
        \qquad \mathrm{PMI}_{ij} = \log \frac{P_{ij}}{P_i P_j}.

    It is the relative deviation from independence: 0 for independent words, 2 in the limit of
    words that only occur together, and exactly -2 for pairs that never occur. With a
    reweighting, its A and B take the places of :math:`P_{ij}` and :math:`P_i P_j`.

    Args:
        statistics: Joint and unigram probabilities.
        reweighting: The weights of positive and negative pairs; None weighs them equally.

    Returns:
        A symmetric matrix with entries in [-2, 2], of the dtype and on the device of the joint
        probabilities.

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
    if reweighting is None:
        positive = statistics.joint
        negative = torch.outer(statistics.unigram, statistics.unigram)
    else:
        positive, negative = pair_weights(statistics, reweighting)
    difference = positive - negative
    return difference.div_(negative.add_(positive)).mul_(2)


def contrastive_target(
    statistics: CorpusStatistics,
    positive_loss: Loss,
    negative_loss: Loss,
    reweighting: Reweighting | None = None,
) -> Float[Tensor, "vocab vocab"]:
    r"""The matrix that any contrastive loss factorizes while its vectors are small.

    The loss :math:`\sum_{ij} A_{ij} f_+(s_{ij}) + B_{ij} f_-(s_{ij})` of the inner products s is,
    to second order and up to a constant, :math:`\sum_{ij} G_{ij} (s_{ij} - M^*_{ij})^2` with

    .. math:: M^*_{ij} = -\frac{f_+'(0) A_{ij} + f_-'(0) B_{ij}}
        {f_+''(0) A_{ij} + f_-''(0) B_{ij}}, \qquad
        G_{ij} = \tfrac12 \left( f_+''(0) A_{ij} + f_-''(0) B_{ij} \right).

    The logistic losses of word2vec give :func:`qwem_target`. The spectral contrastive loss,
    :math:`f_+ = -2 s` and :math:`f_- = s^2`, gives :math:`P_{ij} / (P_i P_j)`; SimCLR's, whose
    softmax is to second order :math:`f_+ = -s` and :math:`f_- = s + \tfrac12 s^2` if the vectors
    have mean 0, gives that minus 1. Vectors that are sums over subwords have the same target, and
    another way to it.

    Args:
        statistics: Joint and unigram probabilities.
        positive_loss: :math:`f_+`, applied to a tensor of numbers entry by entry.
        negative_loss: :math:`f_-`, likewise.
        reweighting: The weights A and B; None takes :math:`P_{ij}` and :math:`P_i P_j`.

    Returns:
        M*. Its weights G are :func:`contrastive_weights`.

    Raises:
        ValueError: The loss does not curve upward at 0 for some pair: it has no minimum there.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), appendix D.2.

    >>> from w2vlib import Vocabulary
    >>> words = Vocabulary(("a", "b"), torch.tensor([1, 1]))
    >>> joint = torch.tensor([[0.0, 0.5], [0.5, 0.0]])
    >>> statistics = CorpusStatistics(joint, joint.sum(0), words)
    >>> contrastive_target(statistics, lambda s: -2 * s, lambda s: s**2)  # P_ij / (P_i P_j)
    tensor([[-0., 2.],
            [2., -0.]])
    """
    first, second = _expansion(statistics, positive_loss, negative_loss, reweighting)
    return first.div_(second).neg_()


def contrastive_weights(
    statistics: CorpusStatistics,
    positive_loss: Loss,
    negative_loss: Loss,
    reweighting: Reweighting | None = None,
) -> Float[Tensor, "vocab vocab"]:
    r"""How much a contrastive loss minds that a pair misses its target.

    .. math:: G_{ij} = \tfrac12 \left( f_+''(0) A_{ij} + f_-''(0) B_{ij} \right) ;

    see :func:`contrastive_target`.

    Args:
        statistics: Joint and unigram probabilities.
        positive_loss: :math:`f_+`, applied to a tensor of numbers entry by entry.
        negative_loss: :math:`f_-`, likewise.
        reweighting: The weights A and B; None takes :math:`P_{ij}` and :math:`P_i P_j`.

    Returns:
        G, positive.

    Raises:
        ValueError: The loss does not curve upward at 0 for some pair.
    """
    return _expansion(statistics, positive_loss, negative_loss, reweighting)[1].div_(2)


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

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Proposition 2.
    """
    root = weights.to(target).sqrt()
    return target * root[:, None] * root


def qwem_operator(
    cooccurrence: Cooccurrence,
    reweighting: Reweighting | None = None,
    *,
    weights: Float[Tensor, " vocab"] | None = None,
    dtype: torch.dtype = torch.float32,
    device: str | torch.device = "cpu",
) -> SymmetricOperator:
    r"""The target matrix of a large vocabulary, as its product with other matrices.

    .. math:: M^* = S - 2 \, 1 1^\top, \qquad
        S_{ij} = \frac{4 A_{ij}}{A_{ij} + B_{ij}},

    with S as sparse as the counts, so that 100,000 words need no V x V matrix. With weights g
    the product is that with :math:`\Gamma^{1/2} M^* \, \Gamma^{1/2}`,
    :math:`\Gamma = \mathrm{diag}(g)`.

    Args:
        cooccurrence: The counts.
        reweighting: The weights of positive and negative pairs; None weighs them equally.
        weights: The weights g of the words; None takes ones.
        dtype: Of the products.
        device: Where to hold S; ``"auto"`` takes a GPU if there is one.

    Returns:
        The operator for :func:`w2vlib.top_eigenpairs`. Where S is small and has few zeros, a
        dense matrix stands behind it, because that multiplies faster.

    Raises:
        ValueError: A word never co-occurs with any, the device is not there, or `weights` are
            not positive.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), equation 5 and Proposition 2.
    """
    if reweighting is None:
        reweighting = uniform_reweighting(cooccurrence)
    size = len(cooccurrence)
    root = torch.ones(size, dtype=torch.float64) if weights is None else weights.cpu().sqrt()
    if len(root) != size or not bool((root > 0).all()):
        raise ValueError(f"`weights` must be {size} positive numbers, one for each word")
    target = resolve_device(device)
    counts = cooccurrence.counts
    few_zeros = counts.nnz > _DENSE_SHARE * size**2
    dense = few_zeros and size**2 * dtype.itemsize <= _DENSE_BYTES
    excess = np.zeros((size, size) if dense else counts.nnz, NUMPY_DTYPE[dtype])
    _fill_excess(cooccurrence, reweighting, root, excess)
    root = root.to(target, dtype)
    if dense:
        matrix = torch.from_numpy(excess).to(target).addr_(root, root, alpha=-2)
        return SymmetricOperator(size, matrix.matmul, dtype, target)
    entries = sp.csr_array((excess, counts.indices, counts.indptr), shape=counts.shape)
    sparse = sparse_tensor(entries).to(target)

    def product(other: Tensor) -> Tensor:
        return (sparse @ other).addmm_(root[:, None], root[None] @ other, alpha=-2)

    return SymmetricOperator(size, product, dtype, target)


def _expansion(
    statistics: CorpusStatistics,
    positive_loss: Loss,
    negative_loss: Loss,
    reweighting: Reweighting | None,
) -> tuple[Tensor, Tensor]:
    """First and second derivative of the loss of every pair at s = 0."""
    if reweighting is None:
        independent = torch.outer(statistics.unigram, statistics.unigram)
        pairs = (statistics.joint, independent)
    else:
        pairs = pair_weights(statistics, reweighting)
    slopes = []
    for loss in (positive_loss, negative_loss):
        s = torch.zeros((), dtype=torch.float64, requires_grad=True)
        (first,) = torch.autograd.grad(loss(s), s, create_graph=True)
        second = torch.tensor(0.0)
        if first.requires_grad:
            (second,) = torch.autograd.grad(first, s)
        slopes.append((float(first.detach()), float(second)))
    first, second = (slopes[0][order] * pairs[0] + slopes[1][order] * pairs[1] for order in (0, 1))
    if not bool((second > 0).all()):
        raise ValueError(
            "the loss must curve upward at 0 for every pair, or its expansion has no minimum; "
            f"`positive_loss` has second derivative {slopes[0][1]:.3g} there and "
            f"`negative_loss` {slopes[1][1]:.3g}"
        )
    return first, second


def _fill_excess(
    cooccurrence: Cooccurrence, reweighting: Reweighting, root: Tensor, excess: np.ndarray
) -> None:
    """The matrix S with rows and columns times `root`: its entries, or as a dense matrix."""
    from w2vlib._kernels import fill_excess

    counts = cooccurrence.counts
    factors = tuple(
        vector.cpu().double().numpy()
        for vector in (reweighting.keep, reweighting.center, reweighting.noise, root)
    )
    fill_excess(counts.indptr, counts.indices, counts.data, cooccurrence.total, factors, excess)


_DENSE_SHARE = 0.07  # of non-zeros: with fewer, the sparse product was the faster one
_DENSE_BYTES = 2**30
