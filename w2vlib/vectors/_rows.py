"""The rows of a file of vectors, block by block: lines of text, or words and raw bytes."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch

from w2vlib.vectors._layout import HEAD, Layout, line_ends, number_of
from w2vlib.vectors._sources import Stream
from w2vlib.vectors._table import COLUMNS, EMPTY, NO_NUMBER, Table

__all__ = ["read_binary", "read_text"]

_BLOCK = 2**21  # bytes that are read at one time
_FEW = 8  # lines that are read one by one
_JOINT = b"\v"  # white space between the parts of a word, which does not separate columns
_WORD = 2**16  # bytes of a word; if it is longer, the file is damaged
_BOM = b"\xef\xbb\xbf"

Parser = Callable[[bytes], tuple[list[bytes], np.ndarray] | None]


def read_text(stream: Stream, layout: Layout, table: Table) -> None:
    """Read the lines of a text into a table.

    Raises:
        ValueError: Half of the lines or more are malformed.
    """
    parse = _parser(layout.dim, np.float64 if table.dtype == torch.float64 else np.float32)
    number = 1
    for block in _blocks(stream):
        if number == 1:
            block = b"\n" * layout.start + block.removeprefix(_BOM).split(b"\n", layout.start)[-1]
        _read_lines(block, number, parse, table)
        number += block.count(b"\n")

        table.check()
        if table.full:
            return
    if layout.count is not None and layout.count != table.seen:
        table.remarks.append(
            f"the header announces {layout.count:,} vectors, and there are {table.seen:,} lines"
        )


def _blocks(stream: Stream) -> Iterator[bytes]:
    """Whole lines, with line feeds at their ends."""
    rest = b""
    while data := stream.read(_BLOCK):
        if data.endswith(b"\r"):
            data += stream.read(1)
        data = rest + line_ends(data)
        cut = data.rfind(b"\n") + 1
        rest = data[cut:]
        if cut:
            yield data[:cut]
    if rest:
        yield rest + b"\n"


def _read_lines(block: bytes, number: int, parse: Parser, table: Table) -> None:
    """Read lines, all together if that can be done; otherwise look at each."""
    parsed = parse(block)
    if parsed is None:
        parsed = parse(block := _tidy(block))
    if parsed is not None:
        table.add(*parsed, lambda: _filled(block.split(b"\n"), number))
        return

    lines: list[bytes] = []
    for n, line in enumerate(block.split(b"\n"), number):
        if line and line.count(b" ") != table.dim:
            line, fault = _joined(line, table.dim)
            if fault:
                _read_regular(lines, n - len(lines), parse, table)
                if table.full:
                    return
                table.leave_out(fault, n, line.split(b" ")[0].decode("utf-8", "replace"))
                lines = []
                continue
        lines.append(line)
    _read_regular(lines, number + block.count(b"\n") + 1 - len(lines), parse, table)


def _joined(line: bytes, dim: int) -> tuple[bytes, str]:
    """A line whose word has spaces as one with a single word, or what is wrong with the line."""
    columns = line.split(b" ")
    numeric = [number_of(column) is not None for column in columns[-dim - 1 :]]
    if len(columns) == dim and all(numeric):
        return b" " + line, EMPTY
    if len(columns) <= dim or numeric[0] or not all(numeric[1:]):
        return line, COLUMNS
    return b" ".join([_JOINT.join(columns[:-dim]), *columns[-dim:]]), ""


def _read_regular(lines: list[bytes], number: int, parse: Parser, table: Table) -> None:
    """Read lines of equally many columns; halve them until all that are numbers are found."""
    if len(lines) <= _FEW:
        for n, line in enumerate(lines, number):
            if line and not table.full:
                _read_line(line, n, table)
    elif (parsed := parse(b"\n".join(lines))) is not None:
        table.add(*parsed, lambda: _filled(lines, number))
    else:
        half = len(lines) // 2
        _read_regular(lines[:half], number, parse, table)
        if not table.full:
            _read_regular(lines[half:], number + half, parse, table)


def _tidy(block: bytes) -> bytes:
    """One space between columns, and none at the ends of lines."""
    if b"\t" in block:
        block = block.replace(b"\t", b" ")
    while b"  " in block:
        block = block.replace(b"  ", b" ")
    if b" \n" in block:
        block = block.replace(b" \n", b"\n")
    return block.removeprefix(b" ").replace(b"\n ", b"\n") if b"\n " in b"\n" + block else block


def _filled(lines: list[bytes], number: int) -> list[int]:
    """The numbers of the lines that are not blank."""
    return [n for n, line in enumerate(lines, number) if line]


def _parser(dim: int, dtype: type[np.floating]) -> Parser:
    """The function that reads lines of a word and `dim` numbers; None if they are not all so."""
    import pyarrow as pa
    from pyarrow import csv

    names = ["word", *map(str, range(dim))]
    number = pa.from_numpy_dtype(dtype)
    parse = csv.ParseOptions(delimiter=" ", quote_char=False)
    convert = csv.ConvertOptions(
        column_types={"word": pa.binary(), **dict.fromkeys(names[1:], number)}, null_values=[]
    )

    pool = pa.system_memory_pool()  # gives back what it no longer needs

    def parsed(block: bytes) -> tuple[list[bytes], np.ndarray] | None:
        if block.startswith(_BOM):
            block = b"\n" + block  # a word may begin so
        size = max(2**10, len(block) + 1)
        options = csv.ReadOptions(column_names=names, block_size=size, use_threads=False)
        try:
            columns = csv.read_csv(pa.BufferReader(block), options, parse, convert, pool).columns
        except pa.ArrowInvalid:
            return None
        vectors = np.empty((len(columns[0]), dim), dtype)
        for place, column in enumerate(columns[1:]):  # `to_numpy` would import pandas
            numbers = column.combine_chunks()
            vectors[:, place] = np.frombuffer(
                numbers.buffers()[1], dtype, len(numbers), numbers.offset * vectors.itemsize
            )
        return columns[0].to_pylist(), vectors

    return parsed


def _read_line(line: bytes, number: int, table: Table) -> None:
    """Read a line of a word and as many columns as there should be numbers."""
    word, *columns = line.split(b" ")
    numbers = [number_of(column) for column in columns]
    if None in numbers:
        table.leave_out(NO_NUMBER, number, word.decode("utf-8", "replace"))
        return
    dtype = np.float64 if table.dtype == torch.float64 else np.float32
    with np.errstate(over="ignore"):
        vectors = np.array([numbers], np.float64).astype(dtype)
    table.add([word], vectors, lambda: [number])


def read_binary(stream: Stream, layout: Layout, table: Table) -> None:
    """Read words and float32 into a table.

    Raises:
        ValueError: The file holds fewer vectors than its header announces.
    """
    assert layout.count is not None
    width = 4 * layout.dim
    head, _ = stream.peek(HEAD)
    place = len(head) - len(head.split(b"\n", layout.start)[-1])
    stream.read(place)
    if stream.size is not None:
        wanted = min(layout.count, table.limit or layout.count)
        if wanted * (width + 1) > stream.size - place:
            fit = (stream.size - place) // (width + 1)
            raise ValueError(_cut(f"at most {fit:,}", layout.count))

    data, row = b"", 0
    while True:
        words, starts, end = _rows(data, width, layout.count - row)
        if words:
            raw = np.frombuffer(data, np.uint8)
            taken = np.lib.stride_tricks.sliding_window_view(raw, width)[starts]
            first, row = row + 1, row + len(words)
            vectors = taken.view("<f4").astype(np.float32, copy=False)
            table.add(words, vectors, partial(range, first, row + 1))
        data = data[end:]
        if table.full:
            return
        if row == layout.count:
            break
        if not (more := stream.read(_BLOCK)):
            raise ValueError(_cut(f"{row:,} whole", layout.count))
        data += more

    _check_end(stream, data, layout.count, table)


def _rows(data: bytes, width: int, count: int) -> tuple[list[bytes], list[int], int]:
    """The words of whole rows, where their vectors begin, and where the last of them ends."""
    words, starts, end = [], [], 0
    for _ in range(count):
        space = data.find(b" ", end)
        if (len(data) if space < 0 else space) - end > _WORD:
            raise ValueError(
                f"is damaged: a word of more than {_WORD:,} bytes; write or fetch it again"
            )
        if space < 0 or space + 1 + width > len(data):
            break
        words.append(data[end:space].lstrip(b"\n"))
        starts.append(space + 1)
        end = space + 1 + width
    return words, starts, end


def _check_end(stream: Stream, data: bytes, count: int, table: Table) -> None:
    """Note what follows the last row that the header announces."""
    more = len(data.strip(b"\n"))
    while rest := stream.read(_BLOCK):
        more += len(rest)
    if more:
        table.remarks.append(
            f"the file goes on for {more:,} bytes after the {count:,} vectors that its header "
            "announces, and they are left out"
        )


def _cut(found: str, announced: int) -> str:
    return (
        f"is damaged: it holds {found} vectors, but its header announces {announced:,}; write or "
        "fetch it again, or read the first ones with `limit`"
    )
