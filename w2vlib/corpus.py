"""A text as numbers: documents of words that have a number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float64, Int32, Int64
from torch import Tensor

from w2vlib._devices import resolve_device
from w2vlib.text.facts import Reading
from w2vlib.vocabulary import Vocabulary

__all__ = ["Corpus", "encode", "keep_probability", "restrict_corpus", "subsample"]


@dataclass(frozen=True, eq=False)
class Corpus:
    """Documents as numbers: words outside the vocabulary are gone, the others keep their order.

    Attributes:
        tokens: All documents end to end; ``tokens[t]`` is the number of a word.
        offsets: Document n is ``tokens[offsets[n]:offsets[n + 1]]``.
        vocabulary: The words behind the numbers.
        reading: What was read of the text, kept and dropped; None if it was not read but made.
    """

    tokens: Int32[Tensor, " tokens"]
    offsets: Int64[Tensor, " bounds"]
    vocabulary: Vocabulary
    reading: Reading | None = None

    def __post_init__(self) -> None:
        if len(self.offsets) < 2 or self.offsets[0] != 0 or self.offsets[-1] != len(self.tokens):
            raise ValueError("`offsets` must begin with 0 and end with the number of `tokens`")
        if bool((self.offsets.diff() < 0).any()):
            raise ValueError("`offsets` must not decrease")
        if len(self.tokens) and not 0 <= int(self.tokens.min()) <= int(self.tokens.max()) < len(
            self.vocabulary
        ):
            raise ValueError(f"`tokens` must lie in [0, {len(self.vocabulary) - 1}]")

    @property
    def documents(self) -> int:
        """The number of documents, empty ones included."""
        return len(self.offsets) - 1

    def to(self, device: str | torch.device) -> "Corpus":
        """The same corpus on another device."""
        device = resolve_device(device)
        return replace(self, tokens=self.tokens.to(device), offsets=self.offsets.to(device))

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        return (
            f"Corpus({len(self):,} tokens in {self.documents:,} documents, "
            f"{len(self.vocabulary):,} words)"
        )


def encode(documents: Iterable[Sequence[str]], vocabulary: Vocabulary) -> Corpus:
    """Replace words by their numbers; words outside the vocabulary are dropped.

    Dropping happens before any window is laid, as in word2vec, so windows reach over dropped
    words (Goldberg and Levy 2014, section 3.2).

    Args:
        documents: The words of each document.
        vocabulary: The words that have a number.

    Raises:
        ValueError: There are no documents, or one is a string.

    >>> from w2vlib import build_vocabulary
    >>> encode([["a", "cat"], ["cat"]], build_vocabulary(["cat"])).offsets
    tensor([0, 1, 2])
    """
    index = vocabulary.index
    numbers = [
        np.fromiter((index[word] for word in _words(document) if word in index), np.int32)
        for document in _words(documents)
    ]
    if not numbers:
        raise ValueError("`documents` must hold at least one document; got none")
    lengths = torch.tensor([0, *map(len, numbers)])
    tokens = torch.from_numpy(np.concatenate([np.empty(0, np.int32), *numbers]))
    return Corpus(tokens, lengths.cumsum(0), vocabulary)


def _words(document: Iterable[Any]) -> Iterable[Any]:
    """The words of a document, or the documents of a text; a string is neither."""
    if isinstance(document, str) or not isinstance(document, Iterable):
        kind = "a string" if isinstance(document, str) else type(document).__name__
        raise ValueError(
            f"each of `documents` must be a list of words; got {kind} ({document!r:.40}): split a "
            "text, for example with `tokenize`, or use `read_texts`"
        )
    return document


def restrict_corpus(corpus: Corpus, size: int) -> Corpus:
    """Keep the first `size` words, the most frequent ones; the gaps left by the others close up.

    This is what reading the text with the smaller vocabulary gives.

    Args:
        corpus: The encoded text.
        size: The number of words to keep.

    Raises:
        ValueError: `size` is not in [1, number of words].
    """
    words = len(corpus.vocabulary)
    if not 1 <= size <= words:
        raise ValueError(f"`size` must be in [1, {words}], the size of the vocabulary; got {size}")
    from w2vlib.text._kernels import renumber

    tokens = corpus.tokens.cpu().numpy().copy()
    offsets = corpus.offsets.cpu().numpy().copy()
    number = np.arange(words, dtype=np.int32)
    kept = renumber(tokens, offsets, np.where(number < size, number, -1))
    tokens.resize(kept, refcheck=False)
    restricted = Corpus(
        torch.from_numpy(tokens),
        torch.from_numpy(offsets),
        corpus.vocabulary.first(size),
        None if corpus.reading is None else replace(corpus.reading, kept=kept),
    )
    return restricted.to(corpus.tokens.device)


def keep_probability(vocabulary: Vocabulary, threshold: float) -> Float64[Tensor, " vocab"]:
    r"""How likely word2vec's subsampling is to keep a token of each word.

    .. math:: a_i = \min\left(1, \sqrt{t / f_i} + t / f_i\right),

    with :math:`f_i` the share of word i among the tokens of the vocabulary and t the threshold.
    This is what the published program does; its paper prints the probability
    :math:`1 - \sqrt{t / f_i}` of dropping a token instead.

    Args:
        vocabulary: Words with their counts.
        threshold: Words with a share above about 2.6 times this are thinned out; t > 0.

    Raises:
        ValueError: `threshold` is not positive, or the counts are unknown or all 0.

    Reference:
        Mikolov et al. 2013 (arXiv:1310.4546), section 2.3, and ``word2vec.c``.

    >>> vocabulary = Vocabulary(("the", "cat"), torch.tensor([96, 4]))
    >>> keep_probability(vocabulary, 0.06)
    tensor([0.3125, 1.0000], dtype=torch.float64)
    """
    if not threshold > 0:
        raise ValueError(f"`threshold` must be positive; got {threshold}")
    counts = vocabulary.known_counts("to tell frequent words")
    if not counts.any():
        raise ValueError("`vocabulary` must have counts; got only zeros: build it from a text")
    return keep_share(counts.double() / counts.sum(), threshold)


def keep_share(shares: Tensor, threshold: float) -> Tensor:
    """The formula of :func:`keep_probability`, for words with these shares of the text."""
    return ((threshold / shares).sqrt() + threshold / shares).clamp(max=1)


def subsample(corpus: Corpus, threshold: float = 1e-3, *, seed: int = 0) -> Corpus:
    """Drop tokens of frequent words at random, as word2vec does before it lays windows.

    Args:
        corpus: The encoded text.
        threshold: See :func:`keep_probability`; common values are 1e-3 to 1e-5.
        seed: The seed of the random choice.

    Returns:
        A shorter corpus with the same documents and the same vocabulary, whose counts remain
        those of the full text.

    Raises:
        ValueError: `threshold` is not positive, or the counts are unknown or all 0.

    Reference:
        Mikolov et al. 2013 (arXiv:1310.4546), section 2.3.

    >>> from w2vlib import build_vocabulary
    >>> corpus = encode([["a"] * 1000], build_vocabulary(["a"]))
    >>> subsample(corpus, 0.01)  # keeps 11 percent, give or take
    Corpus(97 tokens in 1 documents, 1 words)
    """
    keep = keep_probability(corpus.vocabulary, threshold)
    generator = torch.Generator().manual_seed(seed)
    draw = torch.rand(len(corpus), generator=generator, dtype=torch.float64)
    kept = draw < keep[corpus.tokens.cpu()]
    positions = kept.to(corpus.tokens.device).nonzero().squeeze(1)
    offsets = torch.searchsorted(positions, corpus.offsets)
    return Corpus(corpus.tokens[positions], offsets, corpus.vocabulary, corpus.reading)
