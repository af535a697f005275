"""The words that have a number."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import torch
from jaxtyping import Int64
from torch import Tensor

__all__ = ["Vocabulary", "build_vocabulary", "merge_vocabularies"]

_WORD = re.compile(r"[^ \t\n\v\f\r\0\ud800-\udfff]+")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words that have a number, the most frequent first.

    A word is a string that is not empty and holds no white space of ASCII (space, tab, line feed,
    carriage return, vertical tab, form feed), so that every file format can hold it. All readers,
    savers and question files ask the vocabulary what a word is.

    Attributes:
        words: The word with number i is ``words[i]``; all are different.
        counts: How often each word occurs in the text the vocabulary was built from; None if
            that is unknown, as for the words of a file of vectors.
    """

    words: tuple[str, ...]
    counts: Int64[Tensor, " vocab"] | None

    def __post_init__(self) -> None:
        if len(self.words) == 0:
            raise ValueError("`words` must hold at least one word; got none")
        if isinstance(self.words, str):
            raise ValueError("`words` must be a tuple of words; got a string: split it first")
        if not are_words(self.words):
            for word in self.words:
                check_word(word)
        if self.counts is not None and len(self.words) != len(self.counts):
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

    @cached_property
    def _by_plain_form(self) -> dict[str, int]:
        """The most frequent word of each plain form."""
        return {_plain(word): n for n, word in reversed(list(enumerate(self.words)))}

    def find(self, word: str) -> int:
        """The number of `word` as it is written, else in another case or form of Unicode, else -1.

        >>> Vocabulary(("paris", "Rome"), None).find("Paris")
        0
        """
        number = self.index.get(word)
        return self._by_plain_form.get(_plain(word), -1) if number is None else number

    def number(self, word: str) -> int:
        """The number of `word`.

        Raises:
            KeyError: `word` is not in the vocabulary; the message lists similar spellings.
        """
        if word in self.index:
            return self.index[word]
        raise KeyError(self.missing(word))

    def missing(self, word: str) -> str:
        """That `word` is not in the vocabulary, and which spellings are similar."""
        similar = get_close_matches(word.lower(), self.words, n=3)
        hint = f"; did you mean {' or '.join(map(repr, similar))}?" if similar else ""
        return f"{word!r} is not among the {len(self):,} words of the vocabulary{hint}"

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def first(self, size: int) -> "Vocabulary":
        """The vocabulary of the most frequent words, at most this many."""
        return Vocabulary(self.words[:size], None if self.counts is None else self.counts[:size])

    def known_counts(self, purpose: str) -> Int64[Tensor, " vocab"]:
        """The counts.

        Args:
            purpose: What they are needed for; the message says it.

        Raises:
            ValueError: The counts are unknown.
        """
        if self.counts is None:
            raise ValueError(
                f"`vocabulary` must have counts {purpose}; they are unknown, as for the words of "
                "a file of vectors: read a text with `vocabulary=` this one, and take that "
                "corpus's vocabulary"
            )
        return self.counts

    def __repr__(self) -> str:
        return f"Vocabulary({len(self):,} words: {', '.join(self.words[:3])}, ...)"


def check_word(word: object) -> None:
    """Refuse what is no word: see :class:`Vocabulary`.

    Raises:
        ValueError: `word` is no string, empty, or holds white space or half a character.
    """
    if not isinstance(word, str) or not _WORD.fullmatch(word):
        kind = "is empty" if word == "" else "holds white space or is no text"
        kind = kind if isinstance(word, str) else f"is no string but {type(word).__name__}"
        raise ValueError(
            f"each word must be a string without white space; {word!r:.60} {kind}: split a text "
            "into words, for example with `tokenize`, and join the words of a phrase with '_'"
        )


def are_words(words: Sequence[str]) -> bool:
    """The same for many words, quickly."""
    if not all(isinstance(word, str) for word in words):
        return False
    return all(words) and _WORD.fullmatch("".join(words)) is not None


def as_word(text: str) -> str:
    """The word that a text becomes if '_' takes the place of white space; may be empty.

    >>> as_word("new  york ")
    'new_york'
    """
    return "_".join(_WORD.findall(text))


def _plain(word: str) -> str:
    """The form that a word shares with those that differ in case or in the form of Unicode."""
    folded = unicodedata.normalize("NFC", word).replace("\u0130", "i").casefold()
    return unicodedata.normalize("NFC", folded)


def build_vocabulary(
    words: Iterable[str], *, max_size: int | None = None, min_count: int = 1
) -> Vocabulary:
    """Number words by frequency, those of equal frequency in alphabetical order.

    Args:
        words: The words of a text, in any order.
        max_size: Keep the most frequent words, at most this many; None keeps all.
        min_count: Drop words that occur less often than this.

    Raises:
        ValueError: No word is left, or `words` does not hold words.

    >>> build_vocabulary("b a b c a b".split(), max_size=2).words
    ('b', 'a')
    """
    if isinstance(words, str) or hasattr(words, "columns"):
        kind = "a string" if isinstance(words, str) else "a table, whose column names"
        raise ValueError(
            f"`words` must be the words of a text, one by one; got {kind}: take one column, and "
            "split it, for example with `tokenize`"
        )
    try:
        counter = Counter(words)
    except TypeError as error:
        raise ValueError(
            f"`words` must be the words of a text, one by one ({error}); join the lists of "
            "several documents, for example with `itertools.chain.from_iterable`"
        ) from error
    for word in counter:
        check_word(word)
    return most_frequent(counter, max_size, min_count, "`words`")


def merge_vocabularies(
    vocabularies: Iterable[Vocabulary], *, max_size: int | None = None, min_count: int = 1
) -> Vocabulary:
    """One vocabulary for several texts: counts add up.

    Args:
        vocabularies: Those of the texts; if they lack words, rare ones are undercounted.
        max_size: Keep the most frequent words, at most this many; None keeps all.
        min_count: Drop words that occur less often than this in all texts together.

    Raises:
        ValueError: No word is left, or the counts of a vocabulary are unknown.

    >>> texts = ["a b a".split(), "b b c".split()]
    >>> merge_vocabularies(map(build_vocabulary, texts)).words
    ('b', 'a', 'c')
    """
    frequency: Counter[str] = Counter()
    for vocabulary in vocabularies:
        counts = vocabulary.known_counts("to be merged").tolist()
        frequency.update(dict(zip(vocabulary.words, counts, strict=True)))
    return most_frequent(frequency, max_size, min_count, "`vocabularies`")


def most_frequent(
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

    frequent = frequent[:max_size]
    return Vocabulary(tuple(frequent), torch.tensor([counter[word] for word in frequent]))
