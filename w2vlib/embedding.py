"""Word vectors: made from a spectrum, and asked for neighbors."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._devices import resolve_device
from w2vlib.corpus import Vocabulary
from w2vlib.spectrum import Spectrum, canonical_signs

__all__ = [
    "Embedding",
    "mode_words",
    "nearest_neighbors",
    "principal_coordinates",
    "spectral_embedding",
]


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
        if not bool(self.vectors.isfinite().all()):
            raise ValueError("`vectors` must be finite; some entries are infinite or NaN")

    @property
    def dim(self) -> int:
        """The number of coordinates of a vector."""
        return self.vectors.shape[1]

    def to(self, device: str | torch.device) -> "Embedding":
        """The same embedding on another device."""
        device = resolve_device(device)
        return Embedding(self.vectors.to(device), self.vocabulary)

    def __len__(self) -> int:
        return len(self.vectors)

    def __repr__(self) -> str:
        return f"Embedding({len(self):,} words, {self.dim} dimensions)"


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

    with p = 1/2 and without weights (g = 1) the best approximation :math:`W W^\top \approx M`
    of rank d. With weights, the spectrum must be that of :math:`\Gamma^{1/2} M \Gamma^{1/2}`;
    then W minimizes :math:`\sum_{ij} g_i g_j ((W W^\top)_{ij} - M_{ij})^2`.

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
    vectors = spectrum.eigenvectors * strengths
    if weights is not None:
        if weights.shape != vectors.shape[:1] or not bool((weights > 0).all()):
            raise ValueError(
                f"`weights` must be {len(vectors)} positive numbers, one for each word"
            )
        vectors = vectors / weights.to(vectors).sqrt()[:, None]
    return Embedding(vectors, vocabulary)


def nearest_neighbors(embedding: Embedding, word: str, *, k: int = 10) -> list[tuple[str, float]]:
    """The k words with the largest cosine to `word`, the nearest first.

    Args:
        embedding: The word vectors.
        word: A word of its vocabulary; it is not its own neighbor.
        k: How many, in [1, number of words - 1].

    Returns:
        Pairs of a word and its cosine.

    Raises:
        KeyError: `word` is not in the vocabulary.
        ValueError: `k` is out of range.

    >>> vectors = torch.tensor([[1.0, 0.0], [2.0, 0.1], [0.0, 1.0]])
    >>> words = Vocabulary(("tea", "coffee", "iron"), torch.tensor([3, 2, 1]))
    >>> [word for word, cosine in nearest_neighbors(Embedding(vectors, words), "tea", k=2)]
    ['coffee', 'iron']
    """
    if not 1 <= k < len(embedding):
        raise ValueError(f"`k` must be in [1, {len(embedding) - 1}]; got k={k}")
    number = embedding.vocabulary.number(word)
    unit = torch.nn.functional.normalize(embedding.vectors, dim=1)
    cosines = unit @ unit[number]
    cosines[number] = -torch.inf
    top = cosines.topk(k)
    words = embedding.vocabulary.words
    return [(words[i], c) for i, c in zip(top.indices.tolist(), top.values.tolist(), strict=True)]


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
        count: How many axes, at most the number of dimensions and of words.

    Returns:
        One row for each word, in the given order; signs as in
        :func:`w2vlib.canonical_signs` of the axes.

    Raises:
        KeyError: A word is not in the vocabulary.
        ValueError: `count` is out of range.
    """
    limit = min(embedding.dim, len(words))
    if len(words) < 2:
        raise ValueError(f"`words` must hold at least two words; got {len(words)}")
    if not 1 <= count <= limit:
        raise ValueError(f"`count` must be in [1, {limit}]; got {count}")
    numbers = [embedding.vocabulary.number(word) for word in words]
    unit = torch.nn.functional.normalize(embedding.vectors[numbers], dim=1)
    centered = unit - unit.mean(dim=0)
    axes = torch.linalg.svd(centered, full_matrices=False).Vh[:count].T
    return centered @ canonical_signs(axes)


def mode_words(
    spectrum: Spectrum, vocabulary: Vocabulary, *, count: int = 8
) -> list[tuple[list[str], list[str]]]:
    """The words at the two poles of every mode: its topic.

    Args:
        spectrum: Eigenvectors over the vocabulary.
        vocabulary: The words of the rows.
        count: How many words to list at each pole.

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
