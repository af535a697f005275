"""The two file formats of word2vec: a line of text, or a word and raw bytes, for each vector."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

__all__ = [
    "is_binary",
    "number_lines",
    "open_for",
    "read_binary",
    "read_text",
    "write_binary",
    "write_text",
]

_TEXT_NUMBERS = 2**18  # numbers that are written as text at one time
_EXPECTED = "expected the text format of word2vec: 'words dimensions', then one line for each word"


def is_binary(path: Path) -> bool:
    """Whether the suffix of `path` (before .gz) says binary; unknown ones are refused."""
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if suffix not in (".txt", ".vec", ".bin"):
        raise ValueError(
            f"'{path}' must end in .txt or .vec (text) or .bin (binary), possibly with .gz, to "
            "say which format of word2vec it has"
        )
    return suffix == ".bin"


def open_for(path: Path, mode: str, name: Path) -> Any:  # noqa: ANN401
    """Open `path`, compressed if `name` ends in .gz."""
    return gzip.open(path, mode) if name.suffix == ".gz" else path.open(mode)


def write_text(file: io.BufferedIOBase, words: tuple[str, ...], vectors: np.ndarray) -> None:
    """Write the shortest decimal numbers that read back as the same float32.

    Args:
        file: A file open for writing bytes.
        words: The words, without spaces.
        vectors: The vectors, float32 (words, dim).
    """
    count, dim = vectors.shape
    file.write(f"{count} {dim}\n".encode())
    done = 0
    for lines in number_lines(vectors, " "):
        block = zip(words[done : done + len(lines)], lines, strict=True)
        file.write("".join(f"{word} {line}\n" for word, line in block).encode())
        done += len(lines)


def number_lines(vectors: np.ndarray, separator: str) -> Iterator[list[str]]:
    """The rows as text, in blocks: the shortest decimal numbers that read back as the same.

    Args:
        vectors: The vectors, float32 (words, dim).
        separator: What stands between two numbers.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    count, dim = vectors.shape
    rows = max(1, _TEXT_NUMBERS // dim)
    for first in range(0, count, rows):
        block = np.ascontiguousarray(vectors[first : first + rows])
        ends = pa.array(np.arange(0, block.size + 1, dim, dtype=np.int32))
        numbers = pc.cast(pa.array(block.ravel()), pa.string())
        yield pc.binary_join(pa.ListArray.from_arrays(ends, numbers), separator).to_pylist()


def write_binary(file: io.BufferedIOBase, words: tuple[str, ...], vectors: np.ndarray) -> None:
    """Write words and little-endian float32, byte for byte as gensim does.

    Args:
        file: A file open for writing bytes.
        words: The words, without spaces.
        vectors: The vectors, float32 (words, dim).
    """
    count, dim = vectors.shape
    file.write(f"{count} {dim}\n".encode())
    for word, vector in zip(words, vectors.astype("<f4"), strict=True):
        file.write(word.encode() + b" " + vector.tobytes())


def read_text(file: io.BufferedIOBase, path: Path) -> tuple[list[str], np.ndarray]:
    """Read what :func:`write_text`, gensim or the C program wrote.

    Args:
        file: A file open for reading bytes.
        path: The path to name in messages.

    Returns:
        The words, and their vectors, float32 (words, dim).
    """
    import pyarrow as pa
    from pyarrow import csv

    count, dim = _header(file, path)
    first = file.readline()
    trailing = 1 if first.rstrip(b"\r\n").endswith(b" ") else 0  # as the C program ends lines
    names = ["word", *map(str, range(dim + trailing))]
    types = {name: pa.float32() for name in names[1 : dim + 1]}

    try:
        table = csv.read_csv(
            _Chained(first, file),
            # With threads, reading from a Python file can abort the process as it ends.
            read_options=csv.ReadOptions(
                column_names=names, block_size=max(2**20, 64 * dim), use_threads=False
            ),
            parse_options=csv.ParseOptions(delimiter=" ", quote_char=False),
            convert_options=csv.ConvertOptions(
                column_types={"word": pa.string(), **types}, include_columns=names[: dim + 1]
            ),
        )
    except pa.ArrowInvalid as error:
        raise ValueError(f"'{path}' is damaged: {error}; {_EXPECTED}") from error

    _check_count(path, table.num_rows, count)
    columns = [table.column(name).to_numpy() for name in names[1 : dim + 1]]
    vectors = np.stack(columns, axis=1).astype(np.float32, copy=False)
    return table.column("word").to_pylist(), vectors


def read_binary(file: io.BufferedIOBase, path: Path) -> tuple[list[str], np.ndarray]:
    """Read what :func:`write_binary`, gensim or the C program wrote.

    Args:
        file: A file open for reading bytes.
        path: The path to name in messages.

    Returns:
        The words, and their vectors, float32 (words, dim).
    """
    count, dim = _header(file, path)
    data = file.read()
    words, place = [], 0
    vectors = np.empty((count, dim), np.float32)

    for row in range(count):
        space = data.find(b" ", place)
        if space < 0 or len(data) < space + 1 + 4 * dim:
            _check_count(path, row, count)
        words.append(data[place:space].lstrip(b"\n").decode())  # as the C program ends rows
        vectors[row] = np.frombuffer(data, "<f4", dim, space + 1)
        place = space + 1 + 4 * dim

    if data[place:].strip(b"\n"):
        raise ValueError(f"'{path}' goes on after the {count:,} vectors that its header announces")
    return words, vectors


class _Chained(io.RawIOBase):
    """A line that was read ahead, and then the rest of its file."""

    def __init__(self, line: bytes, file: io.BufferedIOBase) -> None:
        self._line, self._file = line, file

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._line:
            line, self._line = self._line, b""
            return line
        return self._file.read(size)


def _header(file: io.BufferedIOBase, path: Path) -> tuple[int, int]:
    line = file.readline(1000)
    try:
        count, dim = map(int, line.split())
    except ValueError:
        count = dim = 0

    if count < 1 or dim < 1:
        raise ValueError(
            f"'{path}' must begin with a line 'words dimensions'; it begins with {line[:40]!r} "
            "(GloVe's files have no such line: add it)"
        )
    return count, dim


def _check_count(path: Path, found: int, announced: int) -> None:
    if found != announced:
        raise ValueError(
            f"'{path}' holds {found:,} whole vectors, but its header announces {announced:,}; "
            "write or fetch it again"
        )
