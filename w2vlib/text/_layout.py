"""What the compiled loops of reading share with the rest: codes of characters, and a table."""

from typing import NamedTuple

import numpy as np

__all__ = [
    *("BREAK", "CONTINUE", "INNER", "LETTER", "LINE_FEED", "NONE", "OTHER", "START"),
    "Arrays",
]

# What a byte is.
LETTER, BREAK, LINE_FEED, OTHER = 1, 2, 3, 4
# What a character is: no part of a word, or it can begin one, only continue one, or only link two
# parts.
NONE, START, CONTINUE, INNER = 0, 1, 2, 3


class Arrays(NamedTuple):
    """The arrays of a table of words; see :class:`w2vlib.text._table.WordTable`.

    Attributes:
        keys: The first words, if they have up to 16 bytes, at the slots of their hashes: two
            numbers for the bytes, the word's number, and how often it was found since its count
            was last moved to `counts`; 0 is an empty slot.
        slots: The numbers of the others at the slots of their hashes; -1 is an empty slot.
        spelling: All words as bytes, each followed by a line feed.
        begins: Where each word begins in `spelling`; the next entry is where the next will.
        counts: How often each word was found, but for what is beside its key.
        size: (1) the number of words.
    """

    keys: np.ndarray
    slots: np.ndarray
    spelling: np.ndarray
    begins: np.ndarray
    counts: np.ndarray
    size: np.ndarray
