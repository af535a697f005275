"""Files of word vectors, of this library and of others; and vectors from and for gensim."""

from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from w2vlib._files import existing_file, replacing
from w2vlib.embedding import Embedding
from w2vlib.text.facts import warn
from w2vlib.vectors._layout import HEAD, Layout, layout_of
from w2vlib.vectors._rows import read_binary, read_text
from w2vlib.vectors._sources import Stream, opened_vectors
from w2vlib.vectors._table import DTYPES, Table
from w2vlib.vectors._writing import is_binary, number_lines, open_for, write_binary, write_text
from w2vlib.vocabulary import Vocabulary, as_word

__all__ = [
    "from_keyed_vectors",
    "load_embedding",
    "save_embedding",
    "save_for_projector",
    "to_keyed_vectors",
]

_ROWS = 2**14  # of gensim's vectors, that are copied at one time

if TYPE_CHECKING:
    from gensim.models import KeyedVectors


def save_embedding(embedding: Embedding, path: str | Path) -> None:
    """Write word vectors in a format of word2vec, which gensim and many others read.

    Both formats hold float32; the decimal numbers of the text format are the shortest that read
    back as the same float32. Neither holds how often words occur, only their order.

    Args:
        embedding: The word vectors.
        path: The file: ``.txt`` or ``.vec`` for text, ``.bin`` for binary, with ``.gz`` to
            compress it; an existing file is replaced once the new one is whole.

    Raises:
        ValueError: The suffix is none of these.
        FileNotFoundError: The folder of `path` does not exist.
    """
    path = Path(path)
    binary = is_binary(path)
    words = embedding.vocabulary.words

    vectors = embedding.vectors.detach().cpu().float().numpy()
    with replacing(path) as temporary, open_for(temporary, "wb", path) as file:
        (write_binary if binary else write_text)(file, words, vectors)


def load_embedding(
    path: str | Path, *, limit: int | None = None, dtype: torch.dtype = torch.float32
) -> Embedding:
    """Read word vectors: those of this library, of word2vec, GloVe, fastText, gensim, and others.

    The content tells the format, whatever the name of the file: lines of a word and its numbers,
    separated by spaces or tabs, with a header ``words dimensions`` (word2vec, fastText's
    ``.vec``) or without one (GloVe), or word2vec's binary format; each of them as it is, or
    compressed by gzip, bzip2, xz, or zip. Of a word that occurs twice the first vector counts,
    and ``_`` takes the place of white space in a word. Lines that are no word and its numbers are
    left out. One :class:`DataWarning` says what was left out or changed.

    Args:
        path: The file.
        limit: The number of words to read; files begin with the most frequent ones. None reads
            all.
        dtype: The type of the vectors in memory: float16 and bfloat16 take half of it.

    Returns:
        The vectors. The files do not say how often a word occurs, so the counts of the
        vocabulary are unknown.

    Raises:
        FileNotFoundError: There is no file at `path`.
        ValueError: The file is damaged or holds no word vectors, half of its lines are no word and
            its numbers, a number is too large for `dtype`, or an argument is out of range.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"`limit` must be at least 1, or None to read all words; got {limit}")
    if dtype not in DTYPES:
        allowed = ", ".join(map(str, DTYPES))
        raise ValueError(f"`dtype` must be one of {allowed}; got {dtype}")

    path = existing_file(path, "word vectors")
    with opened_vectors(path) as stream:
        try:
            layout = layout_of(*stream.peek(HEAD))
            table = Table(layout.dim, dtype, limit, _expected(layout, stream, limit))
            table.unit = "vector" if layout.binary else "line"
            (read_binary if layout.binary else read_text)(stream, layout, table)
            table.check(end=True)
        except ValueError as error:
            raise ValueError(f"'{path}' {error}") from error
    return _embedding(table, f"'{path}'")


def _expected(layout: Layout, stream: Stream, limit: int | None) -> int:
    """The rows to make room for; 0 if a header says it that may be wrong, or none does."""
    if layout.count is None or stream.size is None:
        return 0
    least = layout.dim * (4 if layout.binary else 2)
    return min(layout.count, limit or layout.count, stream.size // least)


def _embedding(table: Table, origin: str) -> Embedding:
    """What a table holds; a warning says what it does not."""
    if report := table.report():
        warn(f"{origin}: {report}", stacklevel=3)
    vectors, words = table.vectors(), tuple(table.index)
    table.index.clear()  # the vocabulary makes its own
    return Embedding(vectors, Vocabulary(words, None))


def from_keyed_vectors(keyed: "KeyedVectors") -> Embedding:
    """The word vectors of a gensim object, with the counts of the words if they are known.

    gensim invents counts for files that have none, each less by one than the one before; such
    counts are unknown here. Keys that are no words are left out or changed as in
    :func:`load_embedding`.

    Args:
        keyed: The vectors, a :class:`gensim.models.KeyedVectors` or one of its kind, such as
            ``model.wv``.

    Returns:
        A copy of the vectors.

    Raises:
        ValueError: `keyed` is no such object, or half of its keys or more have no vectors.
    """
    if not (hasattr(keyed, "index_to_key") and hasattr(keyed, "vectors")):
        hint = "; take its `.wv`" if hasattr(keyed, "wv") else ""
        raise ValueError(
            f"`keyed` must be gensim's KeyedVectors; got {type(keyed).__name__}{hint}"
        )

    if not len(keyed.index_to_key):
        raise ValueError("`keyed` must hold at least one word; got none")
    keys, vectors = list(keyed.index_to_key), np.asarray(keyed.vectors)
    dtype = torch.from_numpy(vectors[:0]).dtype
    table = Table(vectors.shape[1], dtype, expected=len(keys), unit="key")
    for first in range(0, len(keys), _ROWS):
        block = slice(first, first + _ROWS)
        table.add(keys[block], vectors[block], partial(range, first, first + _ROWS))
    try:
        table.check(end=True)
    except ValueError as error:
        raise ValueError(f"`keyed` {error}") from error

    embedding = _embedding(table, "`keyed`")
    counts = _counts(keyed)
    if counts is None:
        return embedding
    if len(embedding) < len(keys):
        known: dict[str, int] = {}
        for key, vector, count in zip(keys, vectors, counts, strict=True):
            if np.isfinite(vector).all():
                known.setdefault(as_word(str(key)), count)
        counts = [known[word] for word in embedding.vocabulary.words]
    vocabulary = Vocabulary(embedding.vocabulary.words, torch.tensor(counts))
    return Embedding(embedding.vectors, vocabulary)


def _counts(keyed: "KeyedVectors") -> list[int] | None:
    """How often words occur; None if that is unknown, or invented by gensim."""
    counts = list(keyed.expandos.get("count", ()))
    if len(counts) != len(keyed.index_to_key) or not all(counts):
        return None
    invented = all(first - second == 1 for first, second in pairwise(counts))
    return None if invented else [int(count) for count in counts]


def to_keyed_vectors(embedding: Embedding) -> "KeyedVectors":
    """The same word vectors as a gensim object, with the counts of the words if they are known.

    Args:
        embedding: The word vectors.

    Returns:
        A :class:`gensim.models.KeyedVectors`.

    Raises:
        ImportError: gensim is not installed.
    """
    try:
        from gensim.models import KeyedVectors
    except ImportError as error:
        raise ImportError(
            "gensim is not installed: run `pip install 'gensim>=4.4'`, up to Python 3.13"
        ) from error

    keyed = KeyedVectors(embedding.dim)
    vectors = embedding.vectors.detach().cpu().float().numpy()
    keyed.add_vectors(list(embedding.vocabulary.words), vectors)
    if embedding.vocabulary.counts is not None:
        for word, count in zip(
            embedding.vocabulary.words, embedding.vocabulary.counts.tolist(), strict=True
        ):
            keyed.set_vecattr(word, "count", count)
    return keyed


def save_for_projector(embedding: Embedding, folder: str | Path) -> tuple[Path, Path]:
    """Write the two files that TensorBoard's Embedding Projector loads.

    Args:
        embedding: The word vectors.
        folder: The folder of the files; it is made if it does not exist, and files of the same
            names in it are replaced.

    Returns:
        The paths of ``vectors.tsv``, a line of numbers for each word, and of ``metadata.tsv``, a
        line for each word. If the counts of the words are known, they are a second column, and a
        first line names both, as the projector wants it.

    Raises:
        FileNotFoundError: The folder that should hold `folder` does not exist.
        NotADirectoryError: There is a file at `folder`.
    """
    folder = folder_to_make(folder)
    folder.mkdir(exist_ok=True)
    vectors, metadata = folder / "vectors.tsv", folder / "metadata.tsv"
    numbers = embedding.vectors.detach().cpu().float().numpy()
    with replacing(vectors) as temporary, temporary.open("w", encoding="utf-8") as file:
        for lines in number_lines(numbers, "\t"):
            file.writelines(f"{line}\n" for line in lines)

    words, counts = embedding.vocabulary.words, embedding.vocabulary.counts
    lines = list(words)
    if counts is not None:
        pairs = zip(words, counts.tolist(), strict=True)
        lines = ["word\tcount", *(f"{word}\t{count}" for word, count in pairs)]
    with replacing(metadata) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return vectors, metadata


def folder_to_make(folder: str | Path) -> Path:
    """Refuse what cannot become a folder."""
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(
            f"`folder` must be a folder; '{folder}' is a file: choose another"
        )
    if not folder.parent.is_dir():
        raise FileNotFoundError(
            f"cannot make '{folder}': the folder '{folder.parent}' does not exist; create it first"
        )
    return folder
