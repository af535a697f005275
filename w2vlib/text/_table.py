"""A table of words that grows: each new word gets the next number."""

import numpy as np

from w2vlib.text._layout import LINE_FEED, OTHER, Arrays

__all__ = ["ONE_UNIT", "PADDING", "WordTable", "padded"]

PADDING = 16  # bytes after a text, which are loaded and not read

_KEYS = 2**19  # words that are found at once, 32 bytes each; frequent ones come early
ONE_UNIT = np.zeros(1, np.uint8)  # all characters belong to words
_AS_WRITTEN = np.full(256, OTHER, np.uint8)
_AS_WRITTEN[ord("\n")] = LINE_FEED


def padded(text: bytes) -> np.ndarray:
    """A text with a break at its end, as the compiled loops read it."""
    return np.frombuffer(text + b" " * (PADDING + 1), np.uint8)[:-1]


class WordTable:
    """Words, numbered in the order in which they were found, with how often they were."""

    def __init__(self, words: int = 2**12, letters: int = 2**16) -> None:
        slots = 1 << int(words * 4 / 3).bit_length()  # at most three of four are taken
        self._arrays = Arrays(
            keys=np.zeros(4 * min(slots, _KEYS), np.uint64),
            slots=np.full(slots, -1, np.int32),
            spelling=np.zeros(letters + PADDING, np.uint8),
            begins=np.zeros(words + 1, np.int64),
            counts=np.zeros(words + 1, np.int64),
            size=np.zeros(1, np.int64),
        )

    def __len__(self) -> int:
        return int(self._arrays.size[0])

    @property
    def counts(self) -> np.ndarray:
        """How often each word was found."""
        self._settle()
        return self._arrays.counts[: len(self)]

    def _settle(self) -> None:
        """Move the counts that are beside the keys to where all counts are."""
        keys = self._arrays.keys.reshape(-1, 4)
        taken = np.flatnonzero(keys[:, 3])
        self._arrays.counts[keys[taken, 2]] += keys[taken, 3].astype(np.int64)
        keys[taken, 3] = 0

    @property
    def spelling(self) -> bytes:
        """All words, each followed by a line feed."""
        return self._arrays.spelling[: self._arrays.begins[len(self)]].tobytes()

    def by_script(self) -> tuple[np.ndarray, bytes, bytes]:
        """Which words have characters outside ASCII; the others, spelled, and these."""
        begins = self._arrays.begins[: len(self) + 1]
        spelling = self._arrays.spelling[: begins[-1]]
        other = np.zeros(len(self), bool)
        if len(self):
            other = np.maximum.reduceat(spelling, begins[:-1]) > 127
        inside = np.repeat(other, np.diff(begins))
        return other, spelling[~inside].tobytes(), spelling[inside].tobytes()

    def words(self, numbers: np.ndarray) -> list[str]:
        """The words with these numbers."""
        begins, spelling = self._arrays.begins, self._arrays.spelling
        return [
            spelling[begin:end].tobytes().decode()
            for begin, end in zip(
                begins[numbers].tolist(), (begins[numbers + 1] - 1).tolist(), strict=True
            )
        ]

    def number(
        self,
        text: np.ndarray,
        classes: np.ndarray,
        units: np.ndarray,
        tokens: np.ndarray,
        ends: np.ndarray,
    ) -> np.ndarray:
        """Number the words of a text, and add new ones to the table.

        Args:
            text: The bytes, followed by `PADDING` spaces.
            classes: What each byte is.
            units: What each character is.
            tokens: Room for the number of each word; changed in place.
            ends: Room for the number of words before each line feed; changed in place.

        Returns:
            The number of bytes, of words and of line feeds; of letters in words of nothing but a
            to z; of words in scripts without spaces, and of their bytes.
        """
        from w2vlib.text._kernels import number_words

        at = np.zeros(6, np.int64)
        while not number_words(text, classes, units, self._arrays, tokens, ends, at):
            self._grow(len(text))
        return at

    def add(self, spelling: bytes) -> np.ndarray:
        """The numbers of some words, each followed by a line feed; new ones are added."""
        count = spelling.count(b"\n")
        text = padded(spelling)
        tokens, ends = np.empty(count + 1, np.int32), np.empty(count + 1, np.int64)
        self.number(text, _AS_WRITTEN, ONE_UNIT, tokens, ends)
        return tokens[:count]

    def _grow(self, text: int) -> None:
        """Make more room: the same words with the same numbers in a larger table."""
        old = self._arrays
        words, letters = len(old.begins) - 1, len(old.spelling) - PADDING
        if len(self) == words:
            words *= 4 if words < _KEYS else 2
        letters = max(2 * letters, int(old.begins[len(self)]) + text)

        larger = WordTable(words, letters)
        larger.add(self.spelling)
        larger.counts[:] = self.counts
        self._arrays = larger._arrays
