"""Text in, token numbers out: words, a vocabulary, an encoded corpus."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float64, Int32, Int64
from torch import Tensor

from w2vlib._devices import resolve_device
from w2vlib._reading import Errors, Normalizer, read_words

__all__ = [
    "Corpus",
    "Vocabulary",
    "build_vocabulary",
    "encode",
    "keep_probability",
    "merge_vocabularies",
    "read_corpus",
    "restrict_corpus",
    "subsample",
    "tokenize",
]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words that have a number, the most frequent first.

    Attributes:
        words: The word with number i is ``words[i]``; all are different.
        counts: How often each word occurs in the text the vocabulary was built from.
    """

    words: tuple[str, ...]
    counts: Int64[Tensor, " vocab"]

    def __post_init__(self) -> None:
        if len(self.words) == 0:
            raise ValueError("`words` must hold at least one word; got none")
        if len(self.words) != len(self.counts):
            raise ValueError(
                f"`words` and `counts` must be equally long; "
                f"got {len(self.words)} words and {len(self.counts)} counts"
            )
        if len(self.index) != len(self.words):
            twice = [word for word, n in Counter(self.words).items() if n > 1]
            raise ValueError(f"`words` must all be different; repeated: {twice[:3]}")

    @cached_property
    def index(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words)}

    def number(self, word: str) -> int:
        """The number of `word`.

        Raises:
            KeyError: `word` is not in the vocabulary; the message lists similar spellings.
        """
        if word in self.index:
            return self.index[word]
        similar = get_close_matches(word.lower(), self.words, n=3)
        hint = f"did you mean {' or '.join(map(repr, similar))}?" if similar else "try another"
        raise KeyError(f"{word!r} is not among the {len(self):,} words of the vocabulary; {hint}")

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __repr__(self) -> str:
        return f"Vocabulary({len(self):,} words: {', '.join(self.words[:3])}, ...)"


@dataclass(frozen=True, eq=False)
class Corpus:
    """Documents as numbers: words outside the vocabulary are gone, the others keep their order.

    Attributes:
        tokens: All documents end to end; ``tokens[t]`` is the number of a word.
        offsets: Document n is ``tokens[offsets[n]:offsets[n + 1]]``.
        vocabulary: The words behind the numbers.
    """

    tokens: Int32[Tensor, " tokens"]
    offsets: Int64[Tensor, " bounds"]
    vocabulary: Vocabulary

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
        return Corpus(self.tokens.to(device), self.offsets.to(device), self.vocabulary)

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        return (
            f"Corpus({len(self):,} tokens in {self.documents:,} documents, "
            f"{len(self.vocabulary):,} words)"
        )


def tokenize(text: str) -> list[str]:
    """Split a text into words: lower case, and only runs of the letters a to z.

    This is the normalization of the ``text8`` corpus, except that digits are left out.

    Args:
        text: Any text.

    >>> tokenize("The cat's 9 lives.")
    ['the', 'cat', 's', 'lives']
    """
    return re.findall("[a-z]+", text.lower())


def build_vocabulary(
    words: Iterable[str], *, max_size: int | None = None, min_count: int = 1
) -> Vocabulary:
    """Number words by frequency, those of equal frequency in alphabetical order.

    Args:
        words: The words of a text, in any order.
        max_size: Keep this many of the most frequent words; None keeps all.
        min_count: Drop words that occur less often than this.

    Raises:
        ValueError: No word is left, or fewer than `max_size`.

    >>> build_vocabulary("b a b c a b".split(), max_size=2).words
    ('b', 'a')
    """
    return _most_frequent(Counter(words), max_size, min_count, "`words`")


def encode(documents: Iterable[Sequence[str]], vocabulary: Vocabulary) -> Corpus:
    """Replace words by their numbers; words outside the vocabulary are dropped.

    Dropping happens before any window is laid, as in word2vec, so windows reach over dropped
    words (Goldberg and Levy 2014, section 3.2).

    Args:
        documents: The words of each document.
        vocabulary: The words that have a number.

    Raises:
        ValueError: There are no documents.

    >>> encode([["a", "cat"], ["cat"]], build_vocabulary(["cat"])).offsets
    tensor([0, 1, 2])
    """
    index = vocabulary.index
    numbers = [
        np.fromiter((index[word] for word in document if word in index), np.int32)
        for document in documents
    ]
    if not numbers:
        raise ValueError("`documents` must hold at least one document; got none")
    lengths = torch.tensor([0, *map(len, numbers)])
    tokens = torch.from_numpy(np.concatenate([np.empty(0, np.int32), *numbers]))
    return Corpus(tokens, lengths.cumsum(0), vocabulary)


def read_corpus(
    path: str | Path,
    *,
    max_vocabulary: int | None = None,
    min_count: int = 1,
    vocabulary: Vocabulary | None = None,
    normalizer: Normalizer = "text8",
    errors: Errors = "strict",
    progress: bool = False,
) -> Corpus:
    """Read a text with one document per line, normalize it, and number its words.

    The text is never in memory as a whole, whether it has many lines or, like the text8 corpus,
    a single one; the numbers of its words are.

    Args:
        path: A text in UTF-8, plain or compressed (``.gz``, ``.bz2``, ``.xz``, or a ``.zip``
            with one file in it).
        max_vocabulary: Keep this many of the most frequent words; None keeps all.
        min_count: Drop words that occur less often than this.
        vocabulary: Number the words by this vocabulary, made from another text or from many (see
            :func:`merge_vocabularies`), instead of by their frequency in this one.
        normalizer: What a word is. ``"text8"``: lower case, runs of the letters a to z, as in
            :func:`tokenize`. ``"whitespace"``: what is between the white space of ASCII
            (space, tab, line feed, carriage return, vertical tab, form feed), unchanged, for
            texts that are tokenized already. Or a function from a line (a string without its
            end) to its words, which is slower and holds whole lines in memory.
        errors: ``"strict"`` refuses bytes that are not UTF-8; ``"replace"`` reads them as the
            replacement character, U+FFFD.
        progress: Whether to show a progress bar.

    Returns:
        One document for each line that holds a word, in the vocabulary or not. A line ends with
        a line feed.

    Raises:
        FileNotFoundError: There is no file at `path`.
        ValueError: The file is damaged, not UTF-8, holds no word, or holds fewer than
            `max_vocabulary`; or arguments contradict each other.
    """
    path = Path(path)
    if vocabulary is not None and (max_vocabulary is not None or min_count != 1):
        raise ValueError(
            "`vocabulary` already says which words to keep; leave out `max_vocabulary` and "
            "`min_count`"
        )
    if not callable(normalizer) and normalizer not in ("text8", "whitespace"):
        raise ValueError(
            f"`normalizer` must be 'text8', 'whitespace' or a function; got {normalizer!r}"
        )

    words, numbers, ends = read_words(path, normalizer, errors, progress)
    if not words:
        letters = " with the letters a to z" if normalizer == "text8" else ""
        raise ValueError(f"'{path}' holds no word; expected text{letters}")

    if vocabulary is None:
        # PyTorch counts 32-bit numbers as they are; NumPy would make a copy of 64 bits.
        counts = torch.bincount(torch.from_numpy(numbers), minlength=len(words)).tolist()
        frequency = dict(zip(words, counts, strict=True))
        vocabulary = _most_frequent(frequency, max_vocabulary, min_count, f"'{path}'")

    index = vocabulary.index
    translation = np.array([index.get(word, -1) for word in words], np.int32)
    bounds = np.unique(np.append(0, ends))  # a line without words ends where it began
    return _renumbered(numbers, translation, bounds, vocabulary)


def merge_vocabularies(
    vocabularies: Iterable[Vocabulary], *, max_size: int | None = None, min_count: int = 1
) -> Vocabulary:
    """One vocabulary for several texts: counts add up.

    Args:
        vocabularies: Those of the texts; if they lack words, rare ones are undercounted.
        max_size: Keep this many of the most frequent words; None keeps all.
        min_count: Drop words that occur less often than this in all texts together.

    Raises:
        ValueError: No word is left, or fewer than `max_size`.

    >>> texts = ["a b a".split(), "b b c".split()]
    >>> merge_vocabularies(map(build_vocabulary, texts)).words
    ('b', 'a', 'c')
    """
    frequency: Counter[str] = Counter()
    for vocabulary in vocabularies:
        frequency.update(dict(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)))
    return _most_frequent(frequency, max_size, min_count, "`vocabularies`")


def restrict_corpus(corpus: Corpus, size: int) -> Corpus:
    """Keep the first `size` words, the most frequent ones; the gaps left by the others close up.

    This is what reading the text with the smaller vocabulary gives.

    Args:
        corpus: The encoded text.
        size: The number of words to keep.

    Raises:
        ValueError: `size` is not in [1, number of words].
    """
    words, counts = corpus.vocabulary.words, corpus.vocabulary.counts
    if not 1 <= size <= len(words):
        raise ValueError(
            f"`size` must be in [1, {len(words)}], the size of the vocabulary; got {size}"
        )
    vocabulary = Vocabulary(words[:size], counts[:size])
    tokens, offsets = corpus.tokens.cpu().numpy().copy(), corpus.offsets.cpu().numpy()
    number = np.arange(len(words), dtype=np.int32)
    translation = np.where(number < size, number, -1)
    return _renumbered(tokens, translation, offsets, vocabulary).to(corpus.tokens.device)


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
        ValueError: `threshold` is not positive, or all counts are 0.

    Reference:
        Mikolov et al. 2013 (arXiv:1310.4546), section 2.3, and ``word2vec.c``.

    >>> vocabulary = Vocabulary(("the", "cat"), torch.tensor([96, 4]))
    >>> keep_probability(vocabulary, 0.06)
    tensor([0.3125, 1.0000], dtype=torch.float64)
    """
    if not threshold > 0:
        raise ValueError(f"`threshold` must be positive; got {threshold}")
    if not vocabulary.counts.any():  # as in files of vectors, which have no counts
        raise ValueError("`vocabulary` must have counts; got only zeros: build it from a text")
    return keep_share(vocabulary.counts.double() / vocabulary.counts.sum(), threshold)


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
        ValueError: `threshold` is not positive, or all counts are 0.

    Reference:
        Mikolov et al. 2013 (arXiv:1310.4546), section 2.3.

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
    return Corpus(corpus.tokens[positions], offsets, corpus.vocabulary)


def _renumbered(
    numbers: np.ndarray, translation: np.ndarray, bounds: np.ndarray, vocabulary: Vocabulary
) -> Corpus:
    """A corpus in the memory of `numbers`, which nothing else may hold; -1 drops a word."""
    from w2vlib._kernels import encode_words

    offsets = np.empty(len(bounds), np.int64)
    kept = encode_words(numbers, translation, bounds, offsets)
    numbers.resize(kept, refcheck=False)
    return Corpus(torch.from_numpy(numbers), torch.from_numpy(offsets), vocabulary)


def _most_frequent(
    counter: Mapping[str, int], max_size: int | None, min_count: int, source: str
) -> Vocabulary:
    if (max_size is not None and max_size < 1) or min_count < 1:
        raise ValueError(
            "the size of the vocabulary and `min_count` must be at least 1; "
            f"got {max_size} and {min_count}"
        )
    if not counter:
        raise ValueError(f"{source} holds no word; expected at least one")

    frequent = sorted(word for word, n in counter.items() if n >= min_count)
    frequent.sort(key=counter.__getitem__, reverse=True)  # equal ones stay in order
    if not frequent:
        raise ValueError(
            f"no word of {source} occurs at least {min_count} times; lower `min_count`, or take a "
            "larger corpus"
        )

    if max_size is not None and len(frequent) < max_size:
        raise ValueError(
            f"{source} has {len(frequent):,} distinct words that occur at least {min_count} "
            f"times; a vocabulary of {max_size:,} was asked for: ask for fewer words, "
            "lower `min_count`, or take a larger corpus"
        )

    frequent = frequent[:max_size]
    return Vocabulary(tuple(frequent), torch.tensor([counter[word] for word in frequent]))
