"""A text in pieces of whole words or lines, whatever it comes from."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from w2vlib.text._normalizers import character_units
from w2vlib.text._sources import Opened, Source, opened
from w2vlib.text._table import PADDING
from w2vlib.text._totals import Totals

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["NOT_A_TEXT", "Piece", "pieces_of", "repaired"]

_BLOCK_BYTES = 2**20  # bytes read at one time
_LONGEST_WORD = 2**20  # bytes; more than this without a space is not a text
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BREAKS = np.zeros(256, bool)
_BREAKS[list(b"\n \t\r")] = True  # never part of a longer UTF-8 character
_TAG = re.compile(rb"</?[A-Za-z!?][^<>]{0,200}>")
_OBJECT = re.compile(rb"[ \t]*\{.*\}[ \t\r]*")
_MARKUP = (b"<!doctype html", b"<html", b"<?xml", b"<mediawiki")
_JSON = re.compile(rb"\[\s*[\{\[\"]")
_KINDS = {
    b"\x89PNG": "an image (PNG)",
    b"\xff\xd8\xff": "an image (JPEG)",
    b"GIF8": "an image (GIF)",
    b"%PDF": "a PDF",
    b"PK\3\4": "an archive or a document of an office program",
    b"\x7fELF": "a program",
    b"\x1f\x8b": "compressed by gzip (let its name end in .gz)",
}
_BROKEN = re.compile("[^ \t\n\v\f\r]*[\0\udc80-\udcff][^ \t\n\v\f\r]*")
_LOOKED_AT = 100  # sources whose shape is looked at; many files are mostly of one kind
NOT_A_TEXT = 0.01  # the share of words that are not UTF-8 above which a text is refused
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
    drop_broken: bool,
    totals: Totals,
    bar: "tqdm[object]",
) -> Iterator[Piece]:
    """The pieces of all sources, one after the other; each source ends with a line feed.

    Args:
        sources: The texts.
        column: The column of tables that holds the text.
        documents: What a document is: ``"lines"``, ``"paragraphs"``, ``"files"``.
        at_spaces: Whether a piece may end within a line.
        drop_broken: Whether one of several sources that is not in UTF-8 is left out.
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
                        if drop_broken and len(sources) > 1:
                            _refuse_other_encoding(text, source.name)
                        if number < _LOOKED_AT:
                            _note_markup(text, number, totals)
                    begun = True
                    yield Piece(text, number, offset)
                if file.cells is not None:
                    totals.tables.add(number)
                    totals.missing += file.cells.missing
                    totals.malformed += file.cells.malformed
                    totals.swallowed += file.cells.swallowed
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
    offset, lines, written, more, ended = 0, 1, False, True, False

    while more:
        # Twice what is left over, at least, so that long lines do not cost the square of it.
        size = max(_BLOCK_BYTES, len(rest))
        room = np.empty(len(rest) + size + 1 + PADDING, np.uint8)
        room[: len(rest)] = rest
        read = file.readinto(room.data[len(rest) : len(rest) + size])
        end, more = len(rest) + read, read == size

        fresh = room[len(rest) : end]
        if offset == 0 and file.cells is None:
            _refuse_no_text(name, room[: min(end, 1000)].tobytes())
            if room[: min(end, 3)].tobytes() == _BYTE_ORDER_MARK:
                offset, room, end = 3, room[3:], end - 3
                fresh = room[max(0, len(rest) - 3) : end]
        if documents != "lines":
            written = join_lines(fresh, documents == "paragraphs", written)

        if not more and not (ended if end == 0 else room[end - 1] == ord("\n")):
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
            ended = bool(room[cut - 1] == ord("\n"))
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


def _refuse_no_text(name: str, start: bytes) -> None:
    kind = next((kind for magic, kind in _KINDS.items() if start.startswith(magic)), "")
    if kind:
        raise ValueError(f"'{name}' is {kind}, not a text: take the text out of it first")
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


def repaired(text: np.ndarray) -> tuple[str, int]:
    """A text without the words that hold zeros or bytes that are not UTF-8; how many there are."""
    return _BROKEN.subn(" ", text[:-PADDING].tobytes().decode(errors="surrogateescape"))


def _refuse_other_encoding(text: np.ndarray, name: str) -> None:
    """Leave one of several files out if its first piece is in another encoding."""
    from w2vlib.text._kernels import inspect

    if inspect(text, character_units(), np.zeros(2, np.int64)) < 0:
        return
    rest, broken = repaired(text)
    if broken > NOT_A_TEXT * (len(rest.split()) + broken):
        raise ValueError(
            f"'{name}' is not UTF-8: convert it (`iconv -f LATIN1 -t UTF-8`, for example, with "
            "the encoding that it has)"
        )


def _note_markup(text: np.ndarray, number: int, totals: Totals) -> None:
    """Note a text that looks like HTML, XML, JSON or a table."""
    start = text[: 2**14].tobytes()
    head = start[:1000].lstrip().lower()
    lines = [line for line in start.split(b"\n")[:20] if line.strip()]
    if head.startswith(_MARKUP) or len(_TAG.findall(start)) > _TAGS * len(start.split()):
        totals.markup[number] = "HTML or XML"
    elif _JSON.match(head) or (len(lines) > 1 and all(map(_OBJECT.fullmatch, lines[:-1]))):
        totals.markup[number] = "JSON"
    elif any(_is_table(start, delimiter) for delimiter in "\t,;"):
        totals.markup[number] = "a table"


def _is_table(start: bytes, delimiter: str) -> bool:
    """Whether a text begins with names, and all rows have as many cells."""
    if delimiter.encode() not in start.partition(b"\n")[0]:
        return False
    rows = csv.reader(io.StringIO(start.decode(errors="replace")), delimiter=delimiter)
    try:
        first, *others = islice(rows, 50)
    except (csv.Error, ValueError):
        return False
    complete = others[:-1]  # the last one may be cut
    names = all(re.fullmatch(r"[\w.-]{1,40}", cell) for cell in first)
    return names and len(complete) > 3 and all(len(row) == len(first) for row in complete)
