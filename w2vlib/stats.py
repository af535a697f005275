"""From counts to probabilities: how often words occur, alone and together."""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._arrays import NUMPY_DTYPE, check_dense, dense_block, quiet_sparse, sparse_tensor
from w2vlib._devices import check_room, resolve_device
from w2vlib.cooccurrence import Cooccurrence
from w2vlib.corpus import keep_share
from w2vlib.spectrum import SymmetricOperator, top_eigenpairs
from w2vlib.text.facts import warn
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "CorpusStatistics",
    "Reweighting",
    "corpus_statistics",
    "pair_weights",
    "plain_reweighting",
    "rank_one_weights",
    "uniform_reweighting",
    "word2vec_reweighting",
]

_WIDE_ENTRIES = 2**22  # numbers of a matrix that are held in float64 at any time


@dataclass(frozen=True, eq=False)
class CorpusStatistics:
    r"""The joint and the unigram distribution of word pairs.

    Attributes:
        joint: :math:`P_{ij}`, the probability that a pair drawn from the windows is (i, j);
            symmetric, sums to one over ordered pairs. A dense matrix, or a sparse one in PyTorch's
            CSR format: every function takes either.
        unigram: :math:`P_i = \sum_j P_{ij}`, all positive.
        vocabulary: The words of the rows.
    """

    joint: Float[Tensor, "vocab vocab"]
    unigram: Float[Tensor, " vocab"]
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        if not (isinstance(self.joint, Tensor) and self.is_sparse):
            check_dense(
                "joint", self.joint, ", or a tensor in CSR format (sparse_tensor.to_sparse_csr())"
            )
        if len(self.unigram) != len(self.vocabulary):
            raise ValueError(
                f"`unigram` must have one entry for each of the {len(self.vocabulary)} words; "
                f"got {len(self.unigram)}"
            )

        entries = self.joint.values() if self.is_sparse else self.joint
        if not bool(entries.min() >= 0):
            raise ValueError("`joint` must hold probabilities; some are negative or not a number")
        if not bool(self.unigram.min() > 0):
            raise ValueError("`unigram` must be positive; drop words that never co-occur")

        rows = _row_sums(self.joint)
        if abs(float(rows.sum()) - 1) > 1e-4:
            raise ValueError(f"`joint` must sum to 1; it sums to {float(rows.sum()):.6g}")
        # x P y = y P x for random x and y: only a symmetric matrix does that.
        x, y = torch.randn(2, len(self), generator=torch.Generator().manual_seed(0)).to(self.joint)
        Px, Py = (self.joint @ torch.stack([x, y], dim=1)).T
        if float((x @ Py - y @ Px).abs()) > 1e-3 * float(entries.norm()):
            raise ValueError("`joint` must be symmetric; use (P + P.T) / 2")
        if not torch.allclose(rows, self.unigram.cpu().double(), rtol=1e-4):
            raise ValueError("`unigram` must hold the sums of the rows of `joint`")

    @property
    def is_sparse(self) -> bool:
        """Whether only the pairs that occur are stored."""
        return self.joint.layout == torch.sparse_csr

    def to(self, device: str | torch.device) -> "CorpusStatistics":
        """The same statistics on another device."""
        device = resolve_device(device)
        with quiet_sparse():
            joint = self.joint.to(device)
        return CorpusStatistics(joint, self.unigram.to(device), self.vocabulary)

    def __len__(self) -> int:
        return len(self.unigram)

    def __repr__(self) -> str:
        kind = str(self.joint.dtype).removeprefix("torch.")
        kind += f", {len(self.joint.values()):,} pairs" if self.is_sparse else ""
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
    sparse: bool = False,
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
        sparse: Whether to store only the pairs that occur, as large vocabularies require; else the
            matrix has V x V numbers, and whatever is made of it takes time and memory as
            :math:`V^2`.
        dtype: The type of the numbers; the division is done in float64.
        device: The device of the result; ``"auto"`` takes a GPU if there is one.

    Returns:
        Joint and unigram probabilities.

    Raises:
        TypeError: `cooccurrence` is a bare matrix.
        ValueError: No two words co-occur, the device is not there, `dtype` is neither float32
            nor float64, or the dense matrix would not fit into memory.

    Reference:
        Karkada et al. 2025, section 2 (the skip-gram distribution).

    >>> from w2vlib import build_vocabulary, count_cooccurrences, encode
    >>> words = "to be or not to be".split()
    >>> counts = count_cooccurrences(encode([words], build_vocabulary(words)), window=1)
    >>> corpus_statistics(counts).unigram
    tensor([0.3000, 0.3000, 0.2000, 0.2000])
    """
    if dtype not in NUMPY_DTYPE:
        raise ValueError(f"`dtype` must be torch.float32 or torch.float64; got {dtype}")
    if not isinstance(cooccurrence, Cooccurrence):
        raise TypeError(
            f"`cooccurrence` must be a Cooccurrence; got {type(cooccurrence).__name__}: give a "
            "matrix its words, `Cooccurrence(scipy.sparse.csr_array(matrix), vocabulary)`"
        )

    target = resolve_device(device)
    if not sparse:
        for place in {torch.device("cpu"), target}:
            room = "use `sparse=True`, or a smaller vocabulary (restrict_cooccurrence)"
            check_room(cooccurrence.counts.shape, 1, dtype, place, room)
    cooccurrence = _without_lonely_words(cooccurrence)
    counts, total = cooccurrence.counts, cooccurrence.total
    marginals = np.asarray(counts.sum(axis=1))

    shape = counts.shape
    if sparse:
        shares = np.empty(counts.nnz, NUMPY_DTYPE[dtype])
        np.divide(counts.data, total, out=shares, casting="same_kind")
        joint = sparse_tensor(sp.csr_array((shares, counts.indices, counts.indptr), shape=shape))
    else:
        joint = torch.empty(shape, dtype=dtype)
        step = max(1, _WIDE_ENTRIES // len(cooccurrence))
        for first in range(0, len(cooccurrence), step):
            rows = slice(first, first + step)
            joint[rows] = torch.from_numpy(counts[rows].toarray() / total)

    unigram = torch.from_numpy(marginals / total).to(dtype)
    statistics = CorpusStatistics(joint, unigram, cooccurrence.vocabulary)
    return statistics if target.type == "cpu" else statistics.to(target)


def plain_reweighting(statistics: CorpusStatistics) -> Reweighting:
    r"""No reweighting: one negative pair for each positive one, and none of word2vec's tricks.

    .. math:: \Psi^+_{ij} = \Psi^-_{ij} = 1, \qquad A_{ij} = P_{ij}, \qquad B_{ij} = P_i P_j .

    Args:
        statistics: Joint and unigram probabilities.

    Returns:
        Numbers of the type and on the device of the probabilities.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), equation 1.
    """
    unigram = statistics.unigram
    return Reweighting(torch.ones_like(unigram), unigram, unigram)


def uniform_reweighting(statistics: CorpusStatistics) -> Reweighting:
    r"""The setting in which word2vec's approximation can be solved: all pairs weigh the same.

    .. math:: \Psi^+_{ij} = \Psi^-_{ij} = \frac{1}{P_{ij} + P_i P_j}, \qquad
        A_{ij} + B_{ij} = 1 .

    Args:
        statistics: Joint and unigram probabilities.

    Returns:
        Numbers of the type and on the device of the probabilities.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Setting 3.1.
    """
    return replace(plain_reweighting(statistics), uniform=True)


def word2vec_reweighting(
    statistics: CorpusStatistics,
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
    defaults are those of the original program. One effect has no place in these formulas: the
    program subsamples before it lays windows, which makes them reach farther
    (:func:`w2vlib.subsample` does that to the text itself).

    Args:
        statistics: Joint and unigram probabilities.
        negatives: The number k > 0 of negative pairs for each positive pair.
        exponent: The exponent :math:`\beta` of the unigram probabilities in the noise.
        sample: The threshold t: words with a larger share of the text than this are thinned out;
            None keeps all.

    Returns:
        Numbers of the type and on the device of the probabilities.

    Raises:
        ValueError: `negatives` or `sample` is not positive.

    Reference:
        Mikolov et al. 2013 (arXiv:1310.4546), sections 2.2 and 2.3, with the keep probability of
        the published program; Karkada et al. 2025 (arXiv:2502.09863), appendix A.3.
    """
    for name, value in (("negatives", negatives), ("sample", sample)):
        if value is not None and not value > 0:
            raise ValueError(f"`{name}` must be positive; got {value}")
    unigram = statistics.unigram
    keep, center = torch.ones_like(unigram), unigram
    if sample is not None:
        keep = keep_share(unigram, sample)
        center = keep * (statistics.joint @ keep)
    noise = unigram.pow(exponent)
    return Reweighting(keep, center, negatives * noise / noise.sum())


def pair_weights(
    statistics: CorpusStatistics,
    reweighting: Reweighting,
    rows: slice = slice(None),
    columns: slice = slice(None),
) -> tuple[Float[Tensor, "rows columns"], Float[Tensor, "rows columns"]]:
    r"""The weights A of positive and B of negative pairs, written out.

    .. math:: A_{ij} = \Psi^+_{ij} P_{ij}, \qquad B_{ij} = \Psi^-_{ij} P_i P_j .

    Args:
        statistics: Joint and unigram probabilities.
        reweighting: The factors of A and B; see :class:`Reweighting`.
        rows: The range of the words i; by default all.
        columns: The range of the words j; by default all.

    Returns:
        A and B, dense, of the dtype and on the device of the joint probabilities; of all pairs,
        they take memory as :math:`V^2`.

    Raises:
        ValueError: `reweighting` is for another number of words, or A and B would not fit into
            memory.
    """
    check_words(statistics, reweighting)
    check_square(statistics, 2, rows, columns)
    joint = dense_block(statistics.joint, rows, columns)
    a, alpha, nu = (v.to(joint) for v in (reweighting.keep, reweighting.center, reweighting.noise))

    A = joint * a[rows, None] * a[columns]
    half = nu / 2
    B = torch.outer(alpha[rows], half[columns])
    B.addr_(half[rows], alpha[columns])

    if reweighting.uniform:
        total = A + B
        A, B = A.div_(total), B.div_(total)
    return A, B


def mean_weight(statistics: CorpusStatistics, reweighting: Reweighting) -> float:
    """The mean of A + B over all pairs, without writing them down."""
    check_words(statistics, reweighting)
    if reweighting.uniform:
        return 1.0
    joint = statistics.joint
    a, alpha, nu = (v.to(joint) for v in (reweighting.keep, reweighting.center, reweighting.noise))
    positive = float(a.double() @ (joint @ a).double())
    negative = float(alpha.double().sum() * nu.double().sum())
    return (positive + negative) / len(statistics) ** 2


def rank_one_weights(
    statistics: CorpusStatistics, reweighting: Reweighting
) -> Float[Tensor, " vocab"]:
    r"""The weights g of words whose products come nearest to the weights of pairs.

    .. math:: g = \arg\min_g \; \| G - g g^\top \|_F = \sqrt{\mu_1} \, v_1, \qquad
        G_{ij} = A_{ij} + B_{ij},

    with :math:`\mu_1, v_1` the top eigenpair of G. All entries of G are positive, so those of
    its top eigenvector are too (Perron and Frobenius). The weights of word2vec are nearly of
    rank one; with g in their place the weighted factorization has a closed form.

    Args:
        statistics: Joint and unigram probabilities.
        reweighting: The weights A and B.

    Returns:
        g, of the dtype and on the device of the probabilities; ones if all pairs weigh the same.

    Raises:
        ValueError: `reweighting` is for another number of words.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Proposition 2.
    """
    check_words(statistics, reweighting)
    joint, unigram = statistics.joint, statistics.unigram
    if reweighting.uniform:
        return torch.ones_like(unigram)

    vectors = (reweighting.keep, reweighting.center, reweighting.noise)
    a, alpha, nu = (v.to(unigram)[:, None] for v in vectors)

    def product(x: Tensor) -> Tensor:
        positive = a * (joint @ (a * x))
        negative = (alpha * (nu.T @ x) + nu * (alpha.T @ x)) / 2
        return positive + negative

    operator = SymmetricOperator(len(unigram), product, unigram.dtype, unigram.device)
    top = top_eigenpairs(operator, 1, tolerance=1e-4)
    return top.eigenvalues.sqrt() * top.eigenvectors[:, 0].abs()


def check_square(
    statistics: CorpusStatistics,
    copies: int,
    rows: slice = slice(None),
    columns: slice = slice(None),
) -> None:
    """Refuse dense matrices of pairs of words, besides the statistics, that do not fit."""
    joint, size = statistics.joint, len(statistics)
    shape = len(range(*rows.indices(size))), len(range(*columns.indices(size)))
    copies += statistics.is_sparse  # the probabilities written out
    remedy = (
        "use a smaller vocabulary (restrict_cooccurrence), or `qwem_operator` or `solve_word2vec` "
        "with sparse statistics, which need no dense matrix"
    )
    check_room(shape, copies, joint.dtype, joint.device, remedy)


def check_words(statistics: CorpusStatistics, reweighting: Reweighting) -> None:
    """Refuse a reweighting for another number of words."""
    if len(reweighting) != len(statistics):
        raise ValueError(
            f"`reweighting` must be for the {len(statistics)} words of `statistics`; "
            f"it is for {len(reweighting)}"
        )


def _without_lonely_words(cooccurrence: Cooccurrence) -> Cooccurrence:
    """Leave out words that never co-occur with any: they have no probability."""
    lonely = np.asarray(cooccurrence.counts.sum(axis=1)) == 0
    if not lonely.any():
        return cooccurrence
    words, word_counts = cooccurrence.vocabulary.words, cooccurrence.vocabulary.counts
    if lonely.all():
        raise ValueError(
            "no two words occur within the window of each other, as when each document has one "
            "word: join documents, count with a larger window, or take another column of a table"
        )
    named = ", ".join(repr(words[i]) for i in np.flatnonzero(lonely)[:3])
    more = ", ..." if lonely.sum() > 3 else ""
    warn(
        f"{lonely.sum():,} of {len(lonely):,} words never occur near another one, such as alone "
        f"in a document, and are left out: {named}{more}"
    )
    kept = np.flatnonzero(~lonely)
    vocabulary = Vocabulary(
        tuple(words[i] for i in kept),
        None if word_counts is None else word_counts[torch.from_numpy(kept)],
    )
    counts = sp.csr_array(cooccurrence.counts[kept][:, kept])
    return replace(cooccurrence, counts=counts, vocabulary=vocabulary)


def _row_sums(joint: Tensor) -> Tensor:
    """The sums of the rows, on the CPU; added up in pairs, which keeps the digits."""
    if joint.layout == torch.strided:
        return joint.sum(dim=1).cpu().double()

    starts, values = joint.crow_indices().cpu(), joint.values().cpu()
    rows, filled = torch.zeros(len(joint), dtype=torch.float64), starts.diff() > 0
    firsts = starts[:-1][filled].numpy()
    rows[filled] = torch.from_numpy(np.add.reduceat(values.numpy(), firsts)).double()
    return rows
