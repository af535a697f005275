"""A language whose statistics are known exactly: words are combinations of binary attributes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._arrays import canonical_signs
from w2vlib.cooccurrence import Cooccurrence, window_weights
from w2vlib.corpus import Corpus
from w2vlib.questions import AnalogySet
from w2vlib.spectrum import Spectrum
from w2vlib.stats import CorpusStatistics
from w2vlib.vocabulary import Vocabulary

__all__ = ["ToyLanguage", "sample_pairs", "sample_tokens", "toy_language", "toy_spectrum"]

_CONSONANTS = "bdgklmnt"


@dataclass(frozen=True, eq=False)
class ToyLanguage:
    r"""Words with binary attributes, and all that follows from them.

    Attributes:
        attributes: :math:`\alpha_i^k = \pm 1`, (vocab, modes): one row for each of the
            :math:`V = 2^K` combinations.
        strengths: :math:`s_k`: how strongly neighbors share attribute k.
        window: The reach of the window whose pairs `statistics` describes.
        weighting: The weights of the window; see :func:`w2vlib.window_weights`.
        statistics: The exact probabilities, in float64.
        analogies: "a is to b as c is to d" for all words that differ in one attribute,
            with a category for each attribute.
    """

    attributes: Float[Tensor, "vocab modes"]
    strengths: Float[Tensor, " modes"]
    window: int
    weighting: Literal["uniform", "linear", "harmonic"]
    statistics: CorpusStatistics
    analogies: AnalogySet

    @property
    def vocabulary(self) -> Vocabulary:
        """Words of a syllable for each attribute, with an a for +1 and an o for -1."""
        return self.statistics.vocabulary

    def __len__(self) -> int:
        return len(self.attributes)

    def __repr__(self) -> str:
        strengths = ", ".join(f"{s:g}" for s in self.strengths.tolist())
        return f"ToyLanguage({len(self)} words, attributes of strength {strengths})"


def toy_language(
    strengths: Sequence[float] = (0.6, 0.5, 0.4, 0.3, 0.2),
    *,
    window: int = 1,
    weighting: Literal["uniform", "linear", "harmonic"] = "linear",
) -> ToyLanguage:
    r"""A language whose statistics, target matrices and analogies have closed forms.

    A word is a combination of K attributes :math:`\alpha^k = \pm 1`. Along the text each
    attribute is a Markov chain of its own that flips with probability :math:`(1 - s_k) / 2`, so
    words at distance :math:`\delta` occur together with probability

    .. math:: P^{(\delta)}_{ij} = \frac{1}{V^2} \prod_k
        \left(1 + s_k^\delta \, \alpha_i^k \alpha_j^k \right), \qquad V = 2^K,

    and the :math:`P_{ij}` of a window is their mean with its weights. All words are equally
    frequent. For a window of one,

    .. math:: \mathrm{PMI}_{ij} = \tfrac12 \sum_k \log(1 - s_k^2)
        + \sum_k \mathrm{artanh}(s_k) \, \alpha_i^k \alpha_j^k :

    apart from a constant it has exactly K modes, the attributes, with eigenvalues
    :math:`V \mathrm{artanh}(s_k)`; :func:`toy_spectrum` has those of :math:`M^*`.

    Args:
        strengths: :math:`s_k`, two to eight numbers strictly between -1 and 1.
        window: The reach of the window.
        weighting: ``"uniform"``, ``"linear"`` or ``"harmonic"``.

    Raises:
        ValueError: A strength, or their number, is out of range; or an impossible window.

    Reference:
        Korchinski, Karkada, Bahri, Wyart 2025 (words with independent binary attributes).

    >>> language = toy_language((0.5, 0.25))
    >>> language.vocabulary.words
    ('bada', 'bado', 'boda', 'bodo')
    >>> (16 * language.statistics.joint[0]).tolist()  # (1 + 1/2) (1 + 1/4), ...
    [1.875, 1.125, 0.625, 0.375]
    """
    K = len(strengths)
    if not 2 <= K <= len(_CONSONANTS) or not all(-1 < s < 1 for s in strengths):
        raise ValueError(
            "`strengths` must be two to eight numbers between -1 and 1, without these; "
            f"got {list(strengths)}"
        )

    weights = window_weights(window, weighting).double()
    s = torch.tensor([float(x) for x in strengths], dtype=torch.float64)
    words = torch.arange(2**K)
    attributes = 1 - 2 * (words[:, None] >> torch.arange(K).flip(0) & 1).double()
    joint = torch.zeros(2**K, 2**K, dtype=torch.float64)

    # Each distance contributes as much as its weight; attributes are independent.
    for distance, weight in enumerate(weights / weights.sum(), start=1):
        ratio = torch.ones_like(joint)
        for k in range(K):
            ratio.mul_(1 + s[k] ** distance * torch.outer(attributes[:, k], attributes[:, k]))
        joint.add_(ratio, alpha=float(weight) / 4**K)

    names = tuple(
        "".join(
            letter + ("a" if x > 0 else "o") for letter, x in zip(_CONSONANTS, row, strict=False)
        )
        for row in attributes.tolist()
    )

    vocabulary = Vocabulary(names, torch.ones(2**K, dtype=torch.int64))
    statistics = CorpusStatistics(joint, joint.sum(dim=1), vocabulary)
    return ToyLanguage(attributes, s, window, weighting, statistics, _analogies(K, vocabulary))


def toy_spectrum(
    language: ToyLanguage, target: Literal["qwem", "pmi"] = "qwem", *, k: int | None = None
) -> Spectrum:
    r"""All eigenvalues and eigenvectors of a target matrix of a toy language, in closed form.

    The entries of the target depend on i and j only through the products
    :math:`z^k = \alpha_i^k \alpha_j^k`; every such matrix :math:`m(z)` has the eigenvectors
    (Walsh functions)

    .. math:: u_S(i) = \frac{1}{\sqrt V} \prod_{k \in S} \alpha_i^k, \qquad
        \lambda_S = \sum_z m(z) \prod_{k \in S} z^k,

    one for each set S of attributes. No eigenvalue problem has to be solved.

    Args:
        language: The language.
        target: ``"qwem"`` for :math:`M^*`, or ``"pmi"``.
        k: The number of the largest eigenvalues; None means all V.

    Returns:
        The spectrum, in float64.

    Raises:
        ValueError: `k` or `target` is out of range.
    """
    V = len(language)
    if k is not None and not 1 <= k <= V:
        raise ValueError(f"`k` must be in [1, {V}]; got k={k}")

    ratio = language.statistics.joint[0] * V**2  # word 0 has all attributes +1, so that z = alpha
    if target == "qwem":
        m = 2 * (ratio - 1) / (ratio + 1)
    elif target == "pmi":
        m = ratio.log()
    else:
        raise ValueError(f"`target` must be 'qwem' or 'pmi'; got {target!r}")

    # The eigenvectors are the products of attributes: each attribute doubles their number.
    walsh = torch.ones(V, 1, dtype=torch.float64)
    for attribute in language.attributes.T:
        walsh = torch.cat([walsh, walsh * attribute[:, None]], dim=1)

    eigenvalues, order = (walsh.T @ m).sort(descending=True, stable=True)
    order = order[:k]
    return Spectrum(eigenvalues[:k], canonical_signs(walsh[:, order] / math.sqrt(V)))


def sample_tokens(
    language: ToyLanguage, tokens: int, *, documents: int = 1, seed: int = 0
) -> Corpus:
    """Draw a text from a toy language.

    Args:
        language: The language.
        tokens: The length of the text.
        documents: The number of documents, of (nearly) equal length; each starts afresh.
        seed: The seed of the random choices.

    Returns:
        The text; its vocabulary keeps the counts of the language, all 1.

    Raises:
        ValueError: There are fewer tokens than documents.
    """
    if not 1 <= documents <= tokens:
        raise ValueError(
            f"`documents` must be in [1, {tokens}], the number of tokens; got {documents}"
        )

    K = len(language.strengths)
    generator = torch.Generator().manual_seed(seed)
    draws = torch.rand(tokens, K, generator=generator, dtype=torch.float64)
    offsets = torch.arange(documents + 1) * tokens // documents

    flip = (1 - language.strengths) / 2
    flips = draws < flip
    flips[offsets[:-1]] = draws[offsets[:-1]] < 0.5

    # The state is the parity of the flips so far; a new document flips with probability 1/2.
    state = flips.cumsum(dim=0) % 2
    places = 2 ** torch.arange(K).flip(0)
    return Corpus((state * places).sum(dim=1).int(), offsets, language.vocabulary)


def sample_pairs(
    language: ToyLanguage | CorpusStatistics, pairs: int, *, seed: int = 0
) -> Cooccurrence:
    """Draw independent pairs of words, each counted in both orders.

    Args:
        language: The language, or exact statistics in a dense matrix.
        pairs: The number of pairs.
        seed: The seed of the random choices.

    Raises:
        ValueError: `pairs` is below 1.
    """
    if pairs < 1:
        raise ValueError(f"`pairs` must be at least 1; got {pairs}")
    statistics = language.statistics if isinstance(language, ToyLanguage) else language
    joint = statistics.joint.numpy()
    drawn = np.random.default_rng(seed).multinomial(pairs, joint.ravel() / joint.sum())
    drawn = drawn.reshape(joint.shape).astype(np.int64)
    source = "toy language" if isinstance(language, ToyLanguage) else "drawn from statistics"
    return Cooccurrence(sp.csr_array(drawn + drawn.T), statistics.vocabulary, source)


def _analogies(K: int, vocabulary: Vocabulary) -> AnalogySet:
    """For each attribute, all pairs of pairs of words that differ in it alone."""
    words = torch.arange(2**K)
    questions, category = [], []
    for attribute in range(K):
        bit = 1 << (K - 1 - attribute)
        without = words[(words & bit) == 0]
        a, c = torch.cartesian_prod(without, without).T
        different = a != c
        a, c = a[different], c[different]
        questions.append(torch.stack([a, a | bit, c, c | bit], dim=1))
        category += [attribute] * len(a)

    names = tuple(f"attribute {k + 1}" for k in range(K))
    return AnalogySet(torch.cat(questions), torch.tensor(category), names, vocabulary)
