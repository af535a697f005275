"""What a word is: the same definition for the compiled reader and for a string in Python."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Literal

import numpy as np

from w2vlib.text._layout import BREAK, CONTINUE, INNER, LETTER, LINE_FEED, OTHER, START

__all__ = ["NAMES", "Normalizer", "byte_classes", "character_units", "fold", "split_line"]

Normalizer = Literal["unicode", "text8", "whitespace"] | Callable[[str], Iterable[str]]
NAMES = ("unicode", "text8", "whitespace")

_LOWER = b"abcdefghijklmnopqrstuvwxyz"
_SPACES = b" \t\v\f\r"
_JOINERS = "\u200c\u200d"  # they shape letters: in Persian they stand between parts of a word
_INVISIBLE = "\u00ad\u2060\ufeff"  # soft hyphen, word joiner, a byte order mark gone astray
_LINKS = "'-_\u2019\u2010\u2011"
_ONE_WAY = {"\u2019": "'", "\u2010": "-", "\u2011": "-", "\u0130": "i"}
_ONE_WAY |= dict.fromkeys(_INVISIBLE, "")
# Characters are given out in these planes; what comes later counts as no letter.
_PLANES = (range(0x40000), range(0xE0000, 0xE0200))


@lru_cache
def byte_classes(normalizer: str) -> np.ndarray:
    """What each byte is: a letter, a break, the end of a line, or part of something else."""
    classes = np.full(256, BREAK if normalizer == "text8" else OTHER, np.uint8)
    classes[list(_LOWER)] = LETTER
    if normalizer != "whitespace":
        classes[list(_LOWER.upper())] = LETTER
    if normalizer == "unicode":
        other = b"0123456789'-_"
        breaks = [byte for byte in range(128) if classes[byte] != LETTER and byte not in other]
        classes[breaks] = BREAK
    classes[list(_SPACES)] = BREAK
    classes[ord("\n")] = LINE_FEED
    return classes


@lru_cache
def character_units() -> np.ndarray:
    """What each character is: it can begin a word, continue one, link two parts, or neither."""
    units = np.zeros(0x110000, np.uint8)
    for code in (code for plane in _PLANES for code in plane):
        category = unicodedata.category(chr(code))
        if category[0] == "L" or category == "Nd":
            units[code] = START
        elif category[0] == "M":
            units[code] = CONTINUE
    units[[ord(character) for character in _JOINERS + _INVISIBLE]] = CONTINUE
    units[[ord(character) for character in _LINKS]] = INNER
    return units


def fold(text: str) -> str:
    """Words in lower case, with one spelling for each of the ways in which Unicode writes them.

    The dotted capital I of Turkish becomes i; typographic apostrophes and hyphens those of ASCII;
    invisible characters go.
    """
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    for old, new in _ONE_WAY.items():
        text = text.replace(old, new)
    if any(joiner in text for joiner in _JOINERS):
        text = re.sub(f"[{_JOINERS}]+(?=\n|$)", "", text)
    return unicodedata.normalize("NFC", text.lower())


def split_line(text: str, normalizer: str) -> list[str]:
    """The words of a string."""
    if normalizer == "text8":
        return re.findall("[a-z]+", text.lower())
    if normalizer == "whitespace":
        return re.findall(r"[^ \t\n\v\f\r]+", text)
    found = _pattern().findall(text)
    return fold("\n".join(found)).split("\n") if found else []


@lru_cache
def _pattern() -> re.Pattern[str]:
    """A word of `unicode`, as a regular expression made of ranges of characters."""
    units = character_units()

    def ranges(kinds: tuple[int, ...]) -> str:
        inside = np.isin(units, kinds)
        edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
        return "".join(
            f"{re.escape(chr(first))}-{re.escape(chr(stop - 1))}"
            for first, stop in edges.reshape(-1, 2).tolist()
        )

    start, inside = f"[{ranges((START,))}]", f"[{ranges((START, CONTINUE))}]"
    return re.compile(f"{start}{inside}*(?:[{re.escape(_LINKS)}]{start}{inside}*)*")
