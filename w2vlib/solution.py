"""word2vec without training: the vectors that the command `w2v embed` writes."""

from torch import Tensor

from w2vlib.embedding import Embedding, spectral_embedding, spectral_factors
from w2vlib.spectrum import Spectrum, extreme_eigenpairs, top_eigenpairs
from w2vlib.stats import CorpusStatistics, Reweighting, rank_one_weights
from w2vlib.targets import qwem_operator
from w2vlib.text.facts import warn

__all__ = ["solve_word2vec"]

_ROUNDING = 1e-6  # the share of the largest eigenvalue below which another one is rounding


def solve_word2vec(
    statistics: CorpusStatistics,
    dim: int,
    *,
    reweighting: Reweighting,
    negative: int | None = None,
    tolerance: float = 1e-4,
    seed: int = 0,
    progress: bool = False,
) -> tuple[Embedding, Embedding]:
    r"""Word and context vectors in closed form, made to be good word vectors.

    .. math:: W = \Gamma^{-1/2} \, U \, |\Lambda|^{1/2}, \qquad
        W' = \Gamma^{-1/2} \, U \, \mathrm{sign}(\Lambda) \, |\Lambda|^{1/2},

    with modes of :math:`\Gamma^{1/2} M^* \, \Gamma^{1/2}`, where :math:`g_i g_j` comes nearest to
    the weights of pairs: the d - n with the largest eigenvalues, and the n with the smallest ones
    but the very smallest. Modes with positive eigenvalues hold words that go together, those with
    negative ones words that stand for each other; the lowest mode tells how unevenly words are
    spread over a text, which is not about meaning.

    Args:
        statistics: Joint and unigram probabilities, sparse for a large vocabulary.
        dim: d, the number of dimensions, in [1, number of words].
        reweighting: The weights A and B.
        negative: The number n of modes with negative eigenvalues; None takes a tenth of `dim`,
            and none where the vocabulary has no mode to spare.
        tolerance: The largest residual of an eigenvector, as in :func:`w2vlib.top_eigenpairs`.
        seed: The seed of the random start of the iteration.
        progress: Whether to show a progress bar.

    Returns:
        W and W', without the columns that would be zero.

    Warns:
        DataWarning: There are fewer than `dim` columns.

    Raises:
        ValueError: `dim` or `negative` is out of range, or all columns would be zero.
        RuntimeError: The residuals exceed `tolerance`.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Proposition 2, for one vector for each word.

    >>> from w2vlib import corpus_statistics, plain_reweighting
    >>> from w2vlib.datasets import toy_language
    >>> statistics = toy_language((0.6, 0.5, 0.35, 0.2)).statistics
    >>> words, contexts = solve_word2vec(
    ...     statistics, 4, reweighting=plain_reweighting(statistics)
    ... )
    >>> words
    Embedding(16 words, 4 dimensions)
    """
    size = len(statistics)
    if not 1 <= dim <= size:
        raise ValueError(f"`dim` must be in [1, {size}], the number of words; got {dim}")

    most = dim - 1 if dim < size else 0
    if negative is None:
        negative = min(dim // 10, most)
    if not 0 <= negative <= most:
        raise ValueError(
            f"`negative` must be in [0, {most}] for `dim`={dim} and {size} words; got {negative}"
        )

    weights = rank_one_weights(statistics, reweighting)
    operator = qwem_operator(statistics, reweighting, weights=weights)
    vocabulary = statistics.vocabulary
    if negative == 0:
        modes = top_eigenpairs(operator, dim, tolerance=tolerance, seed=seed, progress=progress)
        modes = _with_content(modes, modes.eigenvalues)
        words = spectral_embedding(modes, vocabulary, weights=weights)
        return words, words

    ends = extreme_eigenpairs(
        operator,
        dim - negative,
        negative + 1,
        tolerance=tolerance,
        seed=seed,
        progress=progress,
    )
    but_the_lowest = Spectrum(ends.eigenvalues[:-1], ends.eigenvectors[:, :-1])
    modes = _with_content(but_the_lowest, but_the_lowest.eigenvalues.abs())
    return spectral_factors(modes, vocabulary, weights=weights)


def _with_content(modes: Spectrum, sizes: Tensor) -> Spectrum:
    """The modes that give a column of vectors which is not zero, but for rounding."""
    present = sizes > _ROUNDING * modes.eigenvalues.abs().max()
    count, dim = int(present.sum()), len(sizes)
    if count == dim:
        return modes
    remedy = "use a longer text, or, if its documents are short, a `window` of 2 or 3"
    if count == 0:
        raise ValueError(f"all vectors would be zero, since no eigenvalue is positive: {remedy}")
    warn(
        f"only {count} of {dim} dimensions are different from zero, and the others are left out: "
        f"for more, {remedy}"
    )
    return Spectrum(modes.eigenvalues[present], modes.eigenvectors[:, present])
