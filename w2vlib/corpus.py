"""Text in, token numbers out: words, a vocabulary, an encoded corpus."""

import bz2
import gzip
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int32, Int64
from torch import Tensor

from w2vlib._files import existing_file

__all__ = ["Corpus", "Vocabulary", "build_vocabulary", "encode", "read_corpus", "tokenize"]


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
    """Documents as numbers: words outside the vocabulary are gone, the others stand in order.

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

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        return (
            f"Corpus({len(self):,} tokens in {self.documents:,} documents, "
            f"{len(self.vocabulary):,} words)"
        )


def tokenize(text: str) -> list[str]:
    """Split a text into words: lower case, and only runs of the letters a to z.

    This is the normalization of the ``text8`` corpus, digits left out.

    Args:
        text: Any text.

    >>> tokenize("The cat's 9 lives.")
    ['the', 'cat', 's', 'lives']
    """
    return re.findall("[a-z]+", text.lower())


def build_vocabulary(
    words: Iterable[str], *, max_size: int | None = None, min_count: int = 1
) -> Vocabulary:
    """Number words by frequency, equal frequencies in alphabetical order.

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

    Dropping happens before any window is laid, as in word2vec, so that windows reach over
    dropped words (Goldberg and Levy 2014, section 3.2).

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
    path: str | Path, *, max_vocabulary: int | None = None, min_count: int = 1
) -> Corpus:
    """Read a text with one document per line, normalize it, and number its words.

    Args:
        path: A text in UTF-8, plain or compressed (``.gz``, ``.bz2``, ``.xz``).
        max_vocabulary: Keep this many of the most frequent words; None keeps all.
        min_count: Drop words that occur less often than this.

    Returns:
        One document for each line that holds a word.

    Raises:
        FileNotFoundError: There is no file at `path`.
        ValueError: The file is damaged, holds no word, or holds fewer than `max_vocabulary`.
    """
    path = existing_file(path, "a text with one document per line")
    if path.suffix in _ARCHIVES:
        raise ValueError(
            f"'{path}' is an archive; unpack it first; plain text and the suffixes "
            f"{', '.join(_OPENERS)} can be read"
        )
    lines = [line for line in _normalized_lines(path) if line]
    counter: Counter[str] = Counter()
    for line in lines:
        counter.update(line.split())
    vocabulary = _most_frequent(counter, max_vocabulary, min_count, f"'{path}'")
    return encode((line.split() for line in lines), vocabulary)


def _most_frequent(
    counter: Counter[str], max_size: int | None, min_count: int, source: str
) -> Vocabulary:
    if (max_size is not None and max_size < 1) or min_count < 1:
        raise ValueError(
            "the size of the vocabulary and `min_count` must be at least 1; "
            f"got {max_size} and {min_count}"
        )
    if not counter:
        raise ValueError(f"{source} holds no word; expected text with the letters a to z")
    frequent = sorted((-n, word) for word, n in counter.items() if n >= min_count)
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
    return Vocabulary(tuple(word for _, word in frequent), torch.tensor([-n for n, _ in frequent]))


# Bytes outside A-Z and a-z become spaces, except the line feed, which ends a document.
_TO_TEXT8 = bytes(
    byte | 32 if chr(byte).isalpha() and byte < 128 else 10 if byte == 10 else 32
    for byte in range(256)
)


def _normalize(line: bytes) -> str:
    """`" ".join(tokenize(line))` up to spaces, on UTF-8 bytes and much faster.

    Two characters outside ASCII have an ASCII letter in their lower case: the dotted capital I
    (i and a combining dot) and the Kelvin sign (k).
    """
    line = line.replace("\u0130".encode(), b"i ").replace("\u212a".encode(), b"k")
    return line.translate(_TO_TEXT8).decode("ascii").strip()


_ARCHIVES = {".7z", ".tar", ".tgz", ".zip", ".zst"}
_OPENERS = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def _normalized_lines(path: Path) -> Iterator[str]:
    try:
        with _OPENERS.get(path.suffix, open)(path, "rb") as file:  # type: ignore[operator]
            for line in file:
                yield _normalize(line)
    except PermissionError:
        raise
    except (EOFError, OSError, lzma.LZMAError) as error:
        raise ValueError(
            f"'{path}' is damaged or not a {path.suffix or 'text'} file ({error}); "
            "fetch or compress it again"
        ) from error
