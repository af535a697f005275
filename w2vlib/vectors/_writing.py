"""The two file formats of word2vec: a line of text, or a word and raw bytes, for each vector."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["is_binary", "number_lines", "open_for", "write_binary", "write_text"]

_TEXT_NUMBERS = 2**18  # numbers that are written as text at one time


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
