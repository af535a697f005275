"""How often words stand near each other: exact, weighted, symmetric counts."""

import math
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import scipy.sparse as sp
import torch
from jaxtyping import Int64
from torch import Tensor

from w2vlib._files import existing_file, replacing
from w2vlib.corpus import Corpus, Vocabulary

__all__ = [
    "Cooccurrence",
    "count_cooccurrences",
    "load_cooccurrence",
    "restrict_vocabulary",
    "save_cooccurrence",
    "window_weights",
]

Weighting = Literal["uniform", "linear", "harmonic"]

_FORMAT = "w2vlib-cooccurrence-1"
_BLOCK = 2**22  # entries of the dense block of rows that is filled at one time: 32 MiB


@dataclass(frozen=True, eq=False)
class Cooccurrence:
    """Weighted counts of the pairs of words that stand within a window of each other.

    Attributes:
        counts: Symmetric (vocab, vocab) array of int64 in SciPy's CSR format; each pair of
            positions is counted in both orders.
        vocabulary: The words of the rows and columns.
        source: What was counted and how, and under which license; empty if unknown.
    """

    counts: sp.csr_array
    vocabulary: Vocabulary
    source: str = ""

    def __post_init__(self) -> None:
        size = len(self.vocabulary)
        if not isinstance(self.counts, sp.csr_array) or self.counts.dtype != np.int64:
            raise ValueError("`counts` must be a scipy.sparse.csr_array of int64")
        if self.counts.shape != (size, size):
            raise ValueError(
                f"`counts` must be {size} x {size}, one row and column for each word of "
                f"`vocabulary`; got {self.counts.shape[0]} x {self.counts.shape[1]}"
            )
        if self.counts.nnz and self.counts.data.min() < 0:
            raise ValueError("`counts` must not be negative")
        # Equal marginals do not prove symmetry, but they are cheap and catch half a matrix.
        if not np.array_equal(self.counts.sum(axis=0), self.counts.sum(axis=1)):
            raise ValueError("`counts` must be symmetric: add the transpose to one-sided counts")

    @property
    def total(self) -> int:
        """The sum of all counts, over ordered pairs."""
        return int(self.counts.sum())

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __repr__(self) -> str:
        return (
            f"Cooccurrence({len(self):,} words, {self.counts.nnz:,} non-zeros, "
            f"total {self.total:,})"
        )


def window_weights(window: int, weighting: Weighting = "linear") -> Int64[Tensor, " context"]:
    r"""The integer weight of a pair of words at distance 1, 2, ..., `window`.

    With :math:`L` the window and :math:`\delta` the distance, the weights are 1 (uniform),
    :math:`L + 1 - \delta` (linear) or :math:`\mathrm{lcm}(1, ..., L) / \delta` (harmonic, as
    in GloVe, times a common multiple that keeps them integers). The linear weights are word2vec's
    *dynamic window*: if the window is drawn uniformly from 1, ..., L for each center word, a
    neighbor at distance :math:`\delta` is inside it with probability
    :math:`(L + 1 - \delta) / L`.

    Args:
        window: The largest distance L, at least 1.
        weighting: ``"uniform"``, ``"linear"`` or ``"harmonic"``.

    Raises:
        ValueError: An impossible `window`, or an unknown `weighting`.

    Reference:
        Mikolov et al. 2013 (arXiv:1301.3781), section 3.2; Levy, Goldberg, Dagan 2015.

    >>> window_weights(4, "linear").tolist()
    [4, 3, 2, 1]
    """
    if window < 1:
        raise ValueError(f"`window` must be at least 1; got {window}")
    distance = torch.arange(1, window + 1)
    if weighting == "uniform":
        return torch.ones_like(distance)
    if weighting == "linear":
        return window + 1 - distance
    if weighting == "harmonic":
        multiple = math.lcm(*range(1, window + 1))
        if multiple >= 2**31:
            raise ValueError(
                f"`window` must be at most 22 for harmonic weights, or the integer counts of a "
                f"large text may overflow; got {window}: use a smaller window or linear weights"
            )
        return multiple // distance
    raise ValueError(f"`weighting` must be 'uniform', 'linear' or 'harmonic'; got {weighting!r}")


def count_cooccurrences(
    corpus: Corpus,
    *,
    window: int = 16,
    weighting: Weighting = "linear",
    source: str = "",
    progress: bool = False,
) -> Cooccurrence:
    r"""Count the pairs of words within `window` positions of each other, in each document.

    .. math:: C_{ij} = \sum_{s, t} w_{|s - t|} \, [\, x_s = i \,] \, [\, x_t = j \,],
        \qquad 1 \le |s - t| \le L,

    over positions s, t of the same document, with :math:`x_t` the word at position t and w the
    :func:`window_weights`. The counts are exact integers.

    Args:
        corpus: The encoded text.
        window: The largest distance L between two words of a pair.
        weighting: The weight of a pair by its distance; see :func:`window_weights`.
        source: A note on where the text comes from, kept with the counts.
        progress: Show a progress bar.

    Raises:
        ValueError: The corpus is empty.

    >>> from w2vlib import build_vocabulary, encode
    >>> words = "to be or not to be".split()
    >>> corpus = encode([words], build_vocabulary(words))
    >>> corpus.vocabulary.words
    ('be', 'to', 'not', 'or')
    >>> count_cooccurrences(corpus, window=1).counts.toarray()
    array([[0, 2, 0, 1],
           [2, 0, 1, 0],
           [0, 1, 0, 1],
           [1, 0, 1, 0]])
    """
    from tqdm.auto import tqdm

    from w2vlib._kernels import count_rows

    weights = window_weights(window, weighting).numpy()
    if len(corpus) == 0:
        raise ValueError("`corpus` is empty: it holds no word of its vocabulary")
    size = len(corpus.vocabulary)
    tokens, bounds = corpus.tokens.numpy(), corpus.offsets.numpy()
    positions = np.argsort(tokens, kind="stable")
    starts = np.searchsorted(tokens, np.arange(size + 1), sorter=positions)
    rows_at_once = max(1, _BLOCK // size)
    blocks = []
    for first in tqdm(range(0, size, rows_at_once), "counting", disable=not progress):
        block = np.zeros((min(rows_at_once, size - first), size), np.int64)
        count_rows(tokens, bounds, positions, starts, first, weights, block)
        blocks.append(sp.csr_array(block))
    return Cooccurrence(sp.vstack(blocks, format="csr"), corpus.vocabulary, source)


def restrict_vocabulary(cooccurrence: Cooccurrence, size: int) -> Cooccurrence:
    """Keep the counts among the first `size` words, the most frequent ones.

    The result is not what counting with the small vocabulary would give: there, dropped words
    would no longer take up places in the window.

    Args:
        cooccurrence: The counts.
        size: How many words to keep.

    Raises:
        ValueError: `size` is not in [1, number of words].
    """
    if not 1 <= size <= len(cooccurrence):
        raise ValueError(
            f"`size` must be in [1, {len(cooccurrence)}], the size of the vocabulary; got {size}"
        )
    words, counts = cooccurrence.vocabulary.words, cooccurrence.vocabulary.counts
    return Cooccurrence(
        sp.csr_array(cooccurrence.counts[:size, :size]),
        Vocabulary(words[:size], counts[:size]),
        cooccurrence.source,
    )


def save_cooccurrence(cooccurrence: Cooccurrence, path: str | Path) -> None:
    """Write counts, words and their source to an ``npz`` file, without pickle.

    Only the lower triangle is stored: for each row the gaps between its column numbers, and the
    counts, byte by byte (all lowest bytes, then all second bytes, ...), which compresses well.

    Args:
        cooccurrence: What to write.
        path: The file, ending in ``.npz``; an existing file is replaced once the new one is whole.

    Raises:
        ValueError: `path` does not end in ``.npz``.
        FileNotFoundError: The folder of `path` does not exist.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"`path` must end in '.npz'; got '{path}'")
    lower = sp.csr_array(sp.tril(cooccurrence.counts, format="csr"))
    lower.eliminate_zeros()
    lower.sort_indices()
    gaps = np.diff(lower.indices, prepend=0)
    firsts = lower.indptr[:-1][np.diff(lower.indptr) > 0]
    gaps[firsts] = lower.indices[firsts]
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            format=np.array(_FORMAT),
            source=np.array(cooccurrence.source),
            words=np.frombuffer("\n".join(cooccurrence.vocabulary.words).encode(), np.uint8),
            word_counts=cooccurrence.vocabulary.counts.numpy(),
            row_lengths=np.diff(lower.indptr),
            gaps=_to_planes(gaps),
            counts=_to_planes(lower.data),
        )


def load_cooccurrence(path: str | Path) -> Cooccurrence:
    """Read what :func:`save_cooccurrence` wrote.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: There is no file at `path`.
        ValueError: The file is damaged or of another format.
    """
    path = existing_file(path, "an npz file written by w2vlib.save_cooccurrence")
    try:
        with np.load(path, allow_pickle=False) as file:
            if str(file["format"]) != _FORMAT:
                raise ValueError(f"its format is {str(file['format'])!r}, not {_FORMAT!r}")
            words = file["words"].tobytes().decode().split("\n")
            vocabulary = Vocabulary(tuple(words), torch.from_numpy(file["word_counts"]))
            lower = _lower_triangle(
                file["row_lengths"], _from_planes(file["gaps"]), _from_planes(file["counts"])
            )
            return Cooccurrence(_symmetric(lower), vocabulary, str(file["source"]))
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        IndexError,
        TypeError,
        ValueError,
    ) as error:
        raise ValueError(
            f"'{path}' is damaged or was not written by w2vlib.save_cooccurrence ({error}); "
            "make or fetch it again"
        ) from error


def _to_planes(numbers: np.ndarray) -> np.ndarray:
    """Split non-negative integers into bytes, (bytes, n): the lowest bytes first."""
    width = max(1, (int(numbers.max(initial=0)).bit_length() + 7) // 8)
    return np.stack([(numbers >> (8 * b)).astype(np.uint8) for b in range(width)])


def _from_planes(planes: np.ndarray) -> np.ndarray:
    numbers = planes[0].astype(np.int64)
    for b in range(1, len(planes)):
        # Most high bytes are zero; touching only the others halves the time of loading.
        high = np.flatnonzero(planes[b])
        numbers[high] |= planes[b][high].astype(np.int64) << (8 * b)
    return numbers


def _lower_triangle(lengths: np.ndarray, gaps: np.ndarray, data: np.ndarray) -> sp.csr_array:
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    columns = np.cumsum(gaps)
    # The running sum goes on over the ends of rows: take off what earlier rows left behind.
    firsts = indptr[:-1][lengths > 0]
    columns -= np.repeat(columns[firsts] - gaps[firsts], lengths[lengths > 0])
    return sp.csr_array((data, columns.astype(np.int32), indptr), shape=(len(lengths),) * 2)


def _symmetric(lower: sp.csr_array) -> sp.csr_array:
    """The symmetric matrix with this lower triangle (rows sorted)."""
    both = sp.csr_array(lower + lower.T.tocsr())
    # The sum counts the diagonal twice. It is the last entry of a row of the lower triangle.
    on_diagonal = np.flatnonzero(lower.diagonal())
    last = np.diff(lower.indptr)[on_diagonal] - 1
    both.data[both.indptr[on_diagonal] + last] //= 2
    return both
