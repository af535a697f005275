"""Word vectors: made from a spectrum, and asked for neighbors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._arrays import canonical_signs
from w2vlib._devices import resolve_device
from w2vlib.spectrum import Spectrum
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "Embedding",
    "align",
    "mode_words",
    "nearest_neighbors",
    "principal_coordinates",
    "spectral_embedding",
    "spectral_factors",
]

_COSINES = 2**25  # computed at one time
_CHECKED = 2**22  # numbers that are checked at one time

Neighbors = list[tuple[str, float]]


@dataclass(frozen=True, eq=False)
class Embedding:
    """One vector for each word.

    Attributes:
        vectors: (vocab, dim); row i is the vector of word i.
        vocabulary: The words of the rows.
    """

    vectors: Float[Tensor, "vocab dim"]
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        if len(self.vectors) != len(self.vocabulary):
            raise ValueError(
                f"`vectors` must have one row for each of the {len(self.vocabulary)} words; "
                f"got {len(self.vectors)}"
            )
        blocks = self.vectors.split(max(1, _CHECKED // max(1, self.dim)))
        if not all(bool(block.isfinite().all()) for block in blocks):
            raise ValueError("`vectors` must be finite; some entries are infinite or NaN")

    @property
    def dim(self) -> int:
        """The number of coordinates of a vector."""
        return self.vectors.shape[1]

    def to(self, device: str | torch.device) -> "Embedding":
        """The same embedding on another device."""
        device = resolve_device(device)
        return Embedding(self.vectors.to(device), self.vocabulary)

    def __getitem__(self, word: str) -> Float[Tensor, " dim"]:
        """The vector of `word`, as a view.

        Raises:
            KeyError: `word` is not in the vocabulary; the message lists similar spellings.

        >>> Embedding(torch.eye(2), Vocabulary(("king", "queen"), None))["queen"]
        tensor([0., 1.])
        """
        return self.vectors[self.vocabulary.number(word)]

    def __contains__(self, word: object) -> bool:
        return word in self.vocabulary

    def __iter__(self) -> Iterator[str]:
        return iter(self.vocabulary.words)

    def __len__(self) -> int:
        return len(self.vectors)

    def __repr__(self) -> str:
        return f"Embedding({len(self):,} words, {self.dim} dimensions)"


def unit_vectors(embedding: Embedding) -> Tensor:
    """The vectors divided by their lengths, for measurements: without automatic derivatives."""
    return torch.nn.functional.normalize(embedding.vectors.detach(), dim=1)


def spectral_embedding(
    spectrum: Spectrum,
    vocabulary: Vocabulary,
    *,
    power: float = 0.5,
    weights: Float[Tensor, " vocab"] | None = None,
) -> Embedding:
    r"""Word vectors from eigenvectors, in closed form.

    .. math:: W = \Gamma^{-1/2} \, U_d \, \Lambda_d^{p}, \qquad
        \Gamma = \mathrm{diag}(g),

    which for p = 1/2 and without weights (g = 1) gives the best approximation
    :math:`W W^\top \approx M` of rank d. With weights, the spectrum must be that of
    :math:`\Gamma^{1/2} M \Gamma^{1/2}`; then W minimizes
    :math:`\sum_{ij} g_i g_j ((W W^\top)_{ij} - M_{ij})^2`.

    Args:
        spectrum: The top d eigenpairs :math:`\Lambda_d, U_d`.
        vocabulary: The words of the rows of the eigenvectors.
        power: The exponent p; 1/2 is the theory's.
        weights: The weights g of the words, positive; None weighs all pairs equally.

    Returns:
        One column for each mode. Modes with a negative eigenvalue give columns of zeros: no real
        :math:`W W^\top` can follow them.

    Raises:
        ValueError: The sizes disagree, or a weight is not positive.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), equation 7 (Theorem 1) and equation 9
        (Proposition 2); Eckart and Young 1936.

    >>> from w2vlib import top_eigenpairs
    >>> words = Vocabulary(("a", "b"), torch.tensor([2, 1]))
    >>> spectrum = top_eigenpairs(torch.tensor([[2.0, 0.0], [0.0, 1.0]]), k=1)
    >>> spectral_embedding(spectrum, words).vectors.square()
    tensor([[2.0000],
            [0.0000]])
    """
    positive = spectrum.eigenvalues > 0
    strengths = torch.where(positive, spectrum.eigenvalues.abs().pow(power), 0)
    return Embedding(_unweighted(spectrum.eigenvectors * strengths, weights), vocabulary)


def spectral_factors(
    spectrum: Spectrum,
    vocabulary: Vocabulary,
    *,
    weights: Float[Tensor, " vocab"] | None = None,
) -> tuple[Embedding, Embedding]:
    r"""Word and context vectors in closed form: with two vectors, no eigenvalue is out of reach.

    .. math:: W = \Gamma^{-1/2} \, U \, |\Lambda|^{1/2}, \qquad
        W' = \Gamma^{-1/2} \, U \, \mathrm{sign}(\Lambda) \, |\Lambda|^{1/2} .

    The product :math:`W W'^\top = \Gamma^{-1/2} \, U \Lambda U^\top \, \Gamma^{-1/2}`
    minimizes :math:`\sum_{ij} g_i g_j (w_i \cdot w'_j - M_{ij})^2` over all W and W' with d
    columns, if the spectrum holds the d modes of :math:`\Gamma^{1/2} M \Gamma^{1/2}` that are
    strongest in magnitude. On a mode with a negative eigenvalue contexts are mirror images of
    words. The balanced form, :math:`W^\top W = W'^\top W'` in these coordinates, is the one
    that training from a small start finds.

    Args:
        spectrum: The modes :math:`\Lambda, U`, of either sign; see
            :func:`w2vlib.strongest_modes`.
        vocabulary: The words of the rows of the eigenvectors.
        weights: The weights g of the words, positive; None weighs all pairs equally.

    Returns:
        W and W', one column for each mode.

    Raises:
        ValueError: The sizes disagree, or a weight is not positive.

    Reference:
        Eckart and Young 1936; Karkada et al. 2025 (arXiv:2502.09863), Proposition 2, for one
        vector; Assylbekov and Takhanov 2019 (arXiv:1902.09859) observe the mirror images.

    >>> words = Vocabulary(("a", "b"), torch.tensor([2, 1]))
    >>> spectrum = Spectrum(torch.tensor([4.0, -9.0]), torch.eye(2))
    >>> W, C = spectral_factors(spectrum, words)
    >>> W.vectors @ C.vectors.T
    tensor([[ 4.,  0.],
            [ 0., -9.]])
    """
    strengths = spectrum.eigenvalues.abs().sqrt()
    words = _unweighted(spectrum.eigenvectors * strengths, weights)
    contexts = words * spectrum.eigenvalues.sign()
    return Embedding(words, vocabulary), Embedding(contexts, vocabulary)


def _unweighted(rows: Tensor, weights: Tensor | None) -> Tensor:
    """The rows divided by the roots of the weights of their words."""
    if weights is None:
        return rows
    if weights.shape != rows.shape[:1] or not bool((weights > 0).all()):
        raise ValueError(f"`weights` must be {len(rows)} positive numbers, one for each word")
    return rows / weights.to(rows).sqrt()[:, None]


@overload
def nearest_neighbors(  # type: ignore[overload-overlap]  # a string is a sequence of strings
    embedding: Embedding, words: str, *, k: int | None = None
) -> Neighbors: ...
@overload
def nearest_neighbors(
    embedding: Embedding, words: Sequence[str], *, k: int | None = None
) -> list[Neighbors]: ...
def nearest_neighbors(
    embedding: Embedding, words: str | Sequence[str], *, k: int | None = None
) -> Neighbors | list[Neighbors]:
    """The k words with the largest cosine to a word, the nearest first.

    Args:
        embedding: The word vectors.
        words: A word of the vocabulary, or several; no word is its own neighbor.
        k: The number of neighbors, in [1, number of words - 1]; None means ten, or as many as
            there are.

    Returns:
        Pairs of a word and its cosine; for several words a list of such lists.

    Raises:
        KeyError: A word is not in the vocabulary.
        ValueError: `k` is out of range.

    >>> vectors = torch.tensor([[1.0, 0.0], [2.0, 0.1], [0.0, 1.0]])
    >>> words = Vocabulary(("tea", "coffee", "iron"), torch.tensor([3, 2, 1]))
    >>> [word for word, cosine in nearest_neighbors(Embedding(vectors, words), "tea", k=2)]
    ['coffee', 'iron']
    """
    if isinstance(words, str):
        return nearest_neighbors(embedding, [words], k=k)[0]
    others = len(embedding) - 1
    if k is not None and not 1 <= k <= others:
        raise ValueError(f"`k` must be in [1, {others}]; got k={k}")

    numbers = torch.tensor([embedding.vocabulary.number(word) for word in words])
    unit = unit_vectors(embedding)
    spelling = embedding.vocabulary.words
    neighbors: list[Neighbors] = []

    for batch in numbers.to(unit.device).split(max(1, _COSINES // len(unit))):
        cosines = unit[batch] @ unit.T
        cosines.scatter_(1, batch[:, None], -torch.inf)
        top = cosines.topk(min(10, others) if k is None else k, dim=1)
        for indices, values in zip(top.indices.tolist(), top.values.tolist(), strict=True):
            neighbors.append([(spelling[i], c) for i, c in zip(indices, values, strict=True)])

    return neighbors


def align(embedding: Embedding, reference: Embedding) -> Embedding:
    r"""Rotate an embedding onto another one; the loss of word2vec cannot tell them apart.

    .. math:: R = \arg\min_{R^\top R = I} \; \| W R - W_{\mathrm{ref}} \|_F
        = U V^\top, \qquad W^\top W_{\mathrm{ref}} = U \Sigma V^\top,

    over the rows of the words that both have. Reflections are allowed; nothing is centered or
    scaled.

    Args:
        embedding: The word vectors to rotate.
        reference: The word vectors to approach, of equally many dimensions.

    Returns:
        All words of `embedding`, with vectors W R.

    Raises:
        ValueError: The dimensions differ, or there are fewer common words than dimensions.

    Reference:
        Schoenemann 1966 (the orthogonal Procrustes problem); Hamilton et al. 2016.
    """
    if embedding.dim != reference.dim:
        raise ValueError(
            f"`embedding` and `reference` must have equally many dimensions; "
            f"got {embedding.dim} and {reference.dim}"
        )

    index = reference.vocabulary.index
    common = [
        (row, index[word]) for row, word in enumerate(embedding.vocabulary.words) if word in index
    ]
    if len(common) < embedding.dim:
        raise ValueError(
            f"`embedding` and `reference` must share at least {embedding.dim} words, as many as "
            f"dimensions; they share {len(common)}"
        )

    # The rotation that brings the common words together (orthogonal Procrustes).
    rows, reference_rows = (list(column) for column in zip(*common, strict=True))
    vectors = _precise(embedding.vectors)
    target = reference.vectors[reference_rows].to(vectors)
    U, _, Vh = torch.linalg.svd(vectors[rows].T @ target)
    return Embedding((vectors @ (U @ Vh)).to(embedding.vectors.dtype), embedding.vocabulary)


def principal_coordinates(
    embedding: Embedding, words: Sequence[str], *, count: int = 2
) -> Float[Tensor, "batch modes"]:
    r"""Coordinates of some words in the directions in which their unit vectors vary most.

    .. math:: X = (\hat W - \bar w) \, A,

    with the unit vectors of the words as rows of :math:`\hat W`, their mean :math:`\bar w`, and
    the leading principal axes as columns of A.

    Args:
        embedding: The word vectors.
        words: At least two words of the vocabulary.
        count: The number of axes, at most the number of dimensions and that of words.

    Returns:
        One row for each word, in the given order. The signs of the axes are such that the entry
        of largest magnitude of each is positive.

    Raises:
        KeyError: A word is not in the vocabulary.
        ValueError: `count` is out of range.
    """
    limit = min(embedding.dim, len(words))
    if isinstance(words, str) or len(words) < 2:
        raise ValueError(f"`words` must be a list of at least two words; got {words!r:.60}")
    if not 1 <= count <= limit:
        raise ValueError(f"`count` must be in [1, {limit}]; got {count}")
    numbers = [embedding.vocabulary.number(word) for word in words]
    unit = torch.nn.functional.normalize(_precise(embedding.vectors[numbers]), dim=1)
    centered = unit - unit.mean(dim=0)
    axes = torch.linalg.svd(centered, full_matrices=False).Vh[:count].T
    return centered @ canonical_signs(axes)


def _precise(vectors: Tensor) -> Tensor:
    """The vectors in float32 at least, as decompositions need them."""
    return vectors.to(torch.promote_types(vectors.dtype, torch.float32))


def mode_words(
    spectrum: Spectrum, vocabulary: Vocabulary, *, count: int = 8
) -> list[tuple[list[str], list[str]]]:
    """The words at the two poles of every mode: its topic.

    Args:
        spectrum: Eigenvectors over the vocabulary.
        vocabulary: The words of the rows.
        count: The number of words to list at each pole.

    Returns:
        For each mode, the words with the largest entries (largest first), and those with the
        smallest (smallest first).

    Raises:
        ValueError: `count` is out of range, or the sizes disagree.
    """
    if len(spectrum.eigenvectors) != len(vocabulary):
        raise ValueError(
            f"`vocabulary` must have a word for each of the {len(spectrum.eigenvectors)} rows of "
            f"the eigenvectors; got {len(vocabulary)}"
        )
    if not 1 <= count <= len(vocabulary):
        raise ValueError(f"`count` must be in [1, {len(vocabulary)}]; got {count}")

    poles = [
        (sign * spectrum.eigenvectors).topk(count, dim=0).indices.T.tolist() for sign in (1, -1)
    ]
    words = vocabulary.words
    return [
        ([words[i] for i in high], [words[i] for i in low])
        for high, low in zip(*poles, strict=True)
    ]
