"""From counts to probabilities: how often words occur, alone and together."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._arrays import NUMPY_DTYPE, sparse_tensor
from w2vlib._devices import resolve_device
from w2vlib.cooccurrence import Cooccurrence
from w2vlib.corpus import Vocabulary
from w2vlib.spectrum import SymmetricOperator, top_eigenpairs

__all__ = [
    "CorpusStatistics",
    "Reweighting",
    "corpus_statistics",
    "pair_weights",
    "rank_one_weights",
    "uniform_reweighting",
    "word2vec_reweighting",
]


@dataclass(frozen=True, eq=False)
class CorpusStatistics:
    r"""The joint and the unigram distribution of word pairs.

    Attributes:
        joint: :math:`P_{ij}`, the probability that a pair drawn from the windows is (i, j);
            symmetric, sums to one over ordered pairs.
        unigram: :math:`P_i = \sum_j P_{ij}`, all positive.
        vocabulary: The words of the rows.
    """

    joint: Float[Tensor, "vocab vocab"]
    unigram: Float[Tensor, " vocab"]
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        if len(self.unigram) != len(self.vocabulary):
            raise ValueError(
                f"`unigram` must have one entry for each of the {len(self.vocabulary)} words; "
                f"got {len(self.unigram)}"
            )
        if not bool(self.joint.min() >= 0):
            raise ValueError("`joint` must hold probabilities; some are negative or not a number")
        if not bool(self.unigram.min() > 0):
            raise ValueError("`unigram` must be positive; drop words that never co-occur")
        # Rows are added up in float64 on the CPU: not every device has float64.
        rows, columns = (self.joint.sum(dim=n).cpu().double() for n in (1, 0))
        if abs(float(rows.sum()) - 1) > 1e-4:
            raise ValueError(f"`joint` must sum to 1; it sums to {float(rows.sum()):.6g}")
        if not torch.allclose(rows, columns, rtol=1e-4):
            raise ValueError("`joint` must be symmetric; use (P + P.T) / 2")
        if not torch.allclose(rows, self.unigram.cpu().double(), rtol=1e-4):
            raise ValueError("`unigram` must hold the sums of the rows of `joint`")

    def to(self, device: str | torch.device) -> "CorpusStatistics":
        """The same statistics on another device."""
        device = resolve_device(device)
        return CorpusStatistics(self.joint.to(device), self.unigram.to(device), self.vocabulary)

    def __len__(self) -> int:
        return len(self.unigram)

    def __repr__(self) -> str:
        kind = str(self.joint.dtype).removeprefix("torch.")
        return f"CorpusStatistics({len(self):,} words, {kind}, {self.joint.device})"


@dataclass(frozen=True, eq=False)
class Reweighting:
    r"""How much each pair of words counts in the loss, as a positive and as a negative pair.

    The loss of word2vec and its relatives is a sum over pairs,

    .. math:: \sum_{ij} A_{ij} \, \ell_+(s_{ij}) + \sum_{ij} B_{ij} \, \ell_-(s_{ij}), \qquad
        A_{ij} = \Psi^+_{ij} P_{ij}, \quad B_{ij} = \Psi^-_{ij} P_i P_j .

    Every trick of word2vec's changes A and B through three numbers for each word,

    .. math:: A_{ij} = a_i a_j P_{ij}, \qquad
        B_{ij} = \tfrac12 (\alpha_i \nu_j + \nu_i \alpha_j),

    with a the share of a word's tokens that subsampling keeps, :math:`\alpha` how often the
    word is then the center of a positive pair, and :math:`\nu` how many negatives are drawn for
    each, times the noise distribution. B is made symmetric because one vector for each word
    cannot tell centers from contexts.

    Attributes:
        keep: :math:`a`.
        center: :math:`\alpha`.
        noise: :math:`\nu`.
        uniform: Divide both A and B by their sum: the setting in which every pair has weight one.
    """

    keep: Float[Tensor, " vocab"]
    center: Float[Tensor, " vocab"]
    noise: Float[Tensor, " vocab"]
    uniform: bool = False

    def __post_init__(self) -> None:
        for name in ("keep", "center", "noise"):
            numbers = getattr(self, name)
            if not bool((numbers > 0).all() & numbers.isfinite().all()):
                raise ValueError(f"`{name}` must be positive and finite for every word")

    def to(self, device: str | torch.device) -> "Reweighting":
        """The same reweighting on another device."""
        device = resolve_device(device)
        vectors = (self.keep.to(device), self.center.to(device), self.noise.to(device))
        return Reweighting(*vectors, self.uniform)

    def __len__(self) -> int:
        return len(self.keep)

    def __repr__(self) -> str:
        return f"Reweighting({len(self):,} words{', uniform' if self.uniform else ''})"


def corpus_statistics(
    cooccurrence: Cooccurrence,
    *,
    dtype: torch.dtype = torch.float32,
    device: str | torch.device = "cpu",
) -> CorpusStatistics:
    r"""Normalize counts to probabilities.

    .. math:: P_{ij} = \frac{C_{ij}}{\sum_{kl} C_{kl}}, \qquad P_i = \sum_j P_{ij}.

    The unigram probabilities are the marginals of the pairs, not word frequencies: the two differ
    a little at the ends of documents, and only with the marginals do the rows of
    :math:`P_{ij} - P_i P_j` sum to zero.

    Args:
        cooccurrence: The counts C.
        dtype: Of the result; the division is done in float64.
        device: Of the result; ``"auto"`` takes a GPU if there is one.

    Returns:
        Dense statistics, V x V numbers.

    Raises:
        ValueError: A word never co-occurs with any, the device is not there, or `dtype` is
            neither float32 nor float64.

    Reference:
        Karkada et al. 2025, section 2 (the skip-gram distribution).

    >>> from w2vlib import build_vocabulary, count_cooccurrences, encode
    >>> words = "to be or not to be".split()
    >>> counts = count_cooccurrences(encode([words], build_vocabulary(words)), window=1)
    >>> corpus_statistics(counts).unigram
    tensor([0.3000, 0.3000, 0.2000, 0.2000])
    """
    marginals = _refuse_lonely_words(cooccurrence)
    total = cooccurrence.total
    if dtype not in NUMPY_DTYPE:
        raise ValueError(f"`dtype` must be torch.float32 or torch.float64; got {dtype}")
    target = resolve_device(device)
    size = len(cooccurrence)
    joint = torch.empty(size, size, dtype=dtype)
    step = max(1, _ENTRIES // size)
    for first in range(0, size, step):  # only a few rows of int64 and float64 at any time
        rows = slice(first, first + step)
        joint[rows] = torch.from_numpy(cooccurrence.counts[rows].toarray() / total)
    unigram = torch.from_numpy(marginals / total).to(dtype)
    return CorpusStatistics(joint.to(target), unigram.to(target), cooccurrence.vocabulary)


def uniform_reweighting(statistics: CorpusStatistics | Cooccurrence) -> Reweighting:
    r"""The setting in which word2vec's approximation can be solved: all pairs weigh the same.

    .. math:: \Psi^+_{ij} = \Psi^-_{ij} = \frac{1}{P_{ij} + P_i P_j}, \qquad
        A_{ij} + B_{ij} = 1 .

    Args:
        statistics: Joint and unigram probabilities, or the counts they come from.

    Returns:
        Float64 if made from counts, else of the dtype and on the device of the probabilities.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Setting 3.1.
    """
    unigram = _unigram(statistics)
    return Reweighting(torch.ones_like(unigram), unigram, unigram, uniform=True)


def word2vec_reweighting(
    statistics: CorpusStatistics | Cooccurrence,
    *,
    negatives: int | float = 5,
    exponent: int | float = 0.75,
    sample: float | None = 1e-3,
) -> Reweighting:
    r"""What word2vec's hyperparameters do to the weight of a pair, on average.

    .. math:: A_{ij} = a_i a_j P_{ij}, \qquad
        B_{ij} = \tfrac{k}{2} (A_i q_j + q_i A_j), \qquad
        a_i = \min\left(1, \sqrt{t / P_i} + t / P_i\right), \qquad
        q_i = \frac{P_i^{\beta}}{\sum_l P_l^{\beta}},

    with t = `sample`, k = `negatives`, :math:`\beta` = `exponent` and
    :math:`A_i = \sum_j A_{ij}`, so that there are k negative pairs for each positive one. The
    defaults are those of the original program. What has no place in these formulas: subsampling
    there happens before windows are laid, which makes them reach farther
    (:func:`w2vlib.subsample` does that to the text itself).

    Args:
        statistics: Joint and unigram probabilities, or the counts they come from.
        negatives: Negative pairs for each positive pair, k > 0.
        exponent: Of the unigram probabilities in the noise distribution.
        sample: Words with a larger share of the text than this are thinned out; None keeps all.

    Returns:
        Float64 if made from counts, else of the dtype and on the device of the probabilities.

    Raises:
        ValueError: `negatives` or `sample` is not positive.

    Reference:
        Mikolov et al. 2013 (arXiv:1310.4546), sections 2.2 and 2.3, with the keep probability of
        the published program; Karkada et al. 2025 (arXiv:2502.09863), appendix A.3.
    """
    for name, value in (("negatives", negatives), ("sample", sample)):
        if value is not None and not value > 0:
            raise ValueError(f"`{name}` must be positive; got {value}")
    unigram = _unigram(statistics)
    keep, center = torch.ones_like(unigram), unigram
    if sample is not None:
        keep = ((sample / unigram).sqrt() + sample / unigram).clamp(max=1)
        center = keep * _times_joint(statistics)(keep)
    noise = unigram.pow(exponent)
    return Reweighting(keep, center, negatives * noise / noise.sum())


def pair_weights(
    statistics: CorpusStatistics, reweighting: Reweighting
) -> tuple[Float[Tensor, "vocab vocab"], Float[Tensor, "vocab vocab"]]:
    r"""The weights A of positive and B of negative pairs, written out.

    .. math:: A_{ij} = \Psi^+_{ij} P_{ij}, \qquad B_{ij} = \Psi^-_{ij} P_i P_j .

    Args:
        statistics: Joint and unigram probabilities.
        reweighting: The factors of A and B; see :class:`Reweighting`.

    Returns:
        A and B, V x V each, of the dtype and on the device of the joint probabilities.

    Raises:
        ValueError: `reweighting` is for another number of words.
    """
    check_words(statistics, reweighting)
    joint = statistics.joint
    keep, center, noise = (
        vector.to(joint) for vector in (reweighting.keep, reweighting.center, reweighting.noise)
    )
    positive = joint * keep[:, None] * keep
    negative = torch.outer(center, noise / 2)
    negative = negative + negative.T
    if reweighting.uniform:
        total = positive + negative
        positive, negative = positive / total, negative / total
    return positive, negative


def rank_one_weights(
    statistics: CorpusStatistics | Cooccurrence, reweighting: Reweighting
) -> Float[Tensor, " vocab"]:
    r"""The weights g of words whose products come nearest to the weights of pairs.

    .. math:: g = \arg\min_g \; \| G - g g^\top \|_F = \sqrt{\mu_1} \, v_1, \qquad
        G_{ij} = A_{ij} + B_{ij},

    with :math:`\mu_1, v_1` the top eigenpair of G. All entries of G are positive, so those of
    its top eigenvector are too (Perron and Frobenius). The weights of word2vec are nearly of
    rank one; with g in their place the weighted factorization has a closed form.

    Args:
        statistics: Joint and unigram probabilities, or the counts they come from.
        reweighting: The weights A and B.

    Returns:
        g, of the dtype and on the device of the reweighting; ones if that is uniform.

    Raises:
        ValueError: `reweighting` is for another number of words.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Proposition 2.
    """
    check_words(statistics, reweighting)
    keep, center, noise = reweighting.keep, reweighting.center, reweighting.noise
    if reweighting.uniform:
        return torch.ones_like(keep)
    joint = _times_joint(statistics)

    def product(x: Tensor) -> Tensor:
        a, alpha, nu = keep[:, None], center[:, None], noise[:, None]
        negative = alpha * (noise @ x) + nu * (center @ x)
        return a * joint(a * x) + negative / 2

    operator = SymmetricOperator(len(keep), product, keep.dtype, keep.device)
    top = top_eigenpairs(operator, 1, tolerance=1e-4)
    return top.eigenvalues.sqrt() * top.eigenvectors[:, 0].abs()


def _unigram(statistics: CorpusStatistics | Cooccurrence) -> Tensor:
    """The probabilities P_i."""
    if isinstance(statistics, CorpusStatistics):
        return statistics.unigram
    return torch.from_numpy(_refuse_lonely_words(statistics) / statistics.total)


def _times_joint(statistics: CorpusStatistics | Cooccurrence) -> Callable[[Tensor], Tensor]:
    """The product with the matrix P_ij, without writing P_ij down for counts."""
    if isinstance(statistics, CorpusStatistics):
        return statistics.joint.matmul
    counts, total = statistics.counts, statistics.total
    numbers = (counts.data.astype(np.float64), counts.indices, counts.indptr)
    matrix = sparse_tensor(sp.csr_array(numbers, shape=counts.shape))

    def product(vectors: Tensor) -> Tensor:
        return (matrix @ vectors.cpu().double()).to(vectors) / total

    return product


def check_words(statistics: CorpusStatistics | Cooccurrence, reweighting: Reweighting) -> None:
    """Refuse a reweighting for another number of words."""
    if len(reweighting) != len(statistics):
        raise ValueError(
            f"`reweighting` must be for the {len(statistics)} words of `statistics`; "
            f"it is for {len(reweighting)}"
        )


def _refuse_lonely_words(cooccurrence: Cooccurrence) -> np.ndarray:
    """The marginals of the counts, all positive."""
    marginals = np.asarray(cooccurrence.counts.sum(axis=1))
    if not marginals.all():
        lonely = [cooccurrence.vocabulary.words[i] for i in np.flatnonzero(marginals == 0)[:3]]
        raise ValueError(
            f"every word must co-occur with some word; these do not: {', '.join(lonely)}: "
            "leave them out of the vocabulary, or count with a larger window"
        )
    return marginals


_ENTRIES = 2**22
