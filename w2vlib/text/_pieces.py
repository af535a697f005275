"""A text in pieces of whole words or lines, whatever it comes from."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from w2vlib.text._sources import Opened, Source, opened
from w2vlib.text._table import PADDING
from w2vlib.text._totals import Totals

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["Piece", "pieces_of"]

_BLOCK_BYTES = 2**21  # bytes read at one time
_LONGEST_WORD = 2**20  # bytes; more than this without a space is not a text
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BREAKS = np.zeros(256, bool)
_BREAKS[list(b"\n \t\r")] = True  # never part of a longer UTF-8 character
_TAG = re.compile(rb"</?[A-Za-z!?][^<>]{0,200}>")
_OBJECT = re.compile(rb"[ \t]*\{.*\}[ \t\r]*")
_TAGS = 0.05  # of the words, above which a text looks like HTML or XML


class Piece:
    """Some of a text: whole words, or whole lines.

    Attributes:
        text: The bytes, followed by `PADDING` spaces.
        source: The number of the source.
        offset: The place of the first byte in the source.
    """

    __slots__ = ("offset", "source", "text")

    def __init__(self, text: np.ndarray, source: int, offset: int) -> None:
        self.text, self.source, self.offset = text, source, offset


def pieces_of(
    sources: list[Source],
    column: str | None,
    documents: str,
    at_spaces: bool,
    totals: Totals,
    bar: "tqdm[object]",
) -> Iterator[Piece]:
    """The pieces of all sources, one after the other; each source ends with a line feed.

    Args:
        sources: The texts.
        column: The column of tables that holds the text.
        documents: What a document is: ``"lines"``, ``"paragraphs"``, ``"files"``.
        at_spaces: Whether a piece may end within a line.
        totals: What was left out, changed in place. One of several sources that turns out not to
            be a text at its beginning is left out.
        bar: A progress bar over the bytes on the disk.

    Raises:
        ValueError: A text cannot be read.
    """
    for number, source in enumerate(sources):
        begun = False
        try:
            with opened(source, column, bar) as file:
                joined = documents if file.cells is None else "lines"
                for text, offset in _pieces(file, source.name, joined, at_spaces):
                    if not begun and file.cells is None:
                        _note_markup(text, number, totals)
                    begun = True
                    yield Piece(text, number, offset)
                if file.cells is not None:
                    totals.missing += file.cells.missing
                    totals.malformed += file.cells.malformed
        except ValueError as error:
            if begun or len(sources) == 1:
                raise
            totals.refused[number] = str(error)


def _pieces(
    file: Opened, name: str, documents: str, at_spaces: bool
) -> Iterator[tuple[np.ndarray, int]]:
    """The pieces of one text, and where each begins."""
    from w2vlib.text._kernels import join_lines

    rest = np.empty(0, np.uint8)
    offset, lines, written, more = 0, 1, False, True

    while more:
        # Twice what is left over, at least, so that long lines do not cost the square of it.
        size = max(_BLOCK_BYTES, len(rest))
        room = np.empty(len(rest) + size + 1 + PADDING, np.uint8)
        room[: len(rest)] = rest
        read = file.readinto(room.data[len(rest) : len(rest) + size])
        end, more = len(rest) + read, read == size

        fresh = room[len(rest) : end]
        if offset == 0:
            _refuse_wide_characters(name, room[: min(end, 1000)].tobytes())
            if room[: min(end, 3)].tobytes() == _BYTE_ORDER_MARK:
                offset, room, end = 3, room[3:], end - 3
                fresh = room[max(0, len(rest) - 3) : end]
        if documents != "lines":
            written = join_lines(fresh, documents == "paragraphs", written)

        if not more:
            room[end] = ord("\n")
            end += 1
        cut = _last_break(room[:end], at_spaces)
        if cut == 0 and at_spaces and end > _LONGEST_WORD:
            raise ValueError(
                f"'{name}' has {end:,} bytes without a space near line {lines:,}; expected text "
                "with spaces between words: for a language without them, use a segmenter first"
            )
        rest = room[cut:end].copy()
        if cut:
            lines += int(np.count_nonzero(room[:cut] == 10))
            room[cut : cut + PADDING] = ord(" ")
            yield room[: cut + PADDING], offset
            offset += cut


def _last_break(text: np.ndarray, at_spaces: bool) -> int:
    """The place after the last byte that ends a word (or a line)."""
    for size in (2**12, len(text)):
        tail = text[-size:]
        places = np.flatnonzero(_BREAKS[tail] if at_spaces else tail == 10)
        if len(places):
            return len(text) - len(tail) + int(places[-1]) + 1
    return 0


def _refuse_wide_characters(name: str, start: bytes) -> None:
    if start.startswith(b"PAR1"):
        raise ValueError(
            f"'{name}' is a Parquet file: let its name end in .parquet, and say which `column` "
            "holds the text"
        )
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start:
        raise ValueError(
            f"'{name}' looks like UTF-16 or UTF-32 (or is not a text); convert it to UTF-8, "
            "for example with `iconv -f UTF-16 -t UTF-8`"
        )


def _note_markup(text: np.ndarray, number: int, totals: Totals) -> None:
    """Note a text that looks like HTML, XML or JSON."""
    start = text[: 2**16].tobytes()
    lines = [line for line in start.split(b"\n")[:20] if line.strip()]
    if len(_TAG.findall(start)) > _TAGS * len(start.split()):
        totals.markup[number] = "HTML or XML"
    elif len(lines) > 1 and all(map(_OBJECT.fullmatch, lines[:-1])):
        totals.markup[number] = "JSON lines"
