"""How often words occur near each other: exact, weighted, symmetric counts."""

import math
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
import torch
from jaxtyping import Int64
from torch import Tensor

from w2vlib._counting import count_on_cpu, count_on_device, summed
from w2vlib._files import opened_npz, replacing
from w2vlib._planes import from_planes, lower_triangle, symmetric, to_planes, triangle_entries
from w2vlib.corpus import Corpus
from w2vlib.text.facts import warn
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "Cooccurrence",
    "count_cooccurrences",
    "load_cooccurrence",
    "merge_cooccurrences",
    "restrict_cooccurrence",
    "save_cooccurrence",
    "window_weights",
]

Weighting = Literal["uniform", "linear", "harmonic"]

_FORMAT = "w2vlib-cooccurrence-1"
_FACTS = ("cut", "window", "weighting")  # a file has those that are known
_MUCH = 0.25  # the share of pairs cut off above which a text is probably not what was meant
_SHARD = 2**22  # tokens that a worker of an executor counts at one time


@dataclass(frozen=True, eq=False)
class Cooccurrence:
    """Weighted counts of the pairs of words that occur within a window of each other.

    Attributes:
        counts: Symmetric (vocab, vocab) array of int64 in SciPy's CSR format; each pair of
            positions is counted in both orders.
        vocabulary: The words of the rows and columns.
        source: What was counted and how, and under which license; empty if unknown.
        cut: The share of the pairs within the window that the ends of documents cut off, in the
            text with all of its words; None if unknown.
        window: The largest distance L of a pair; None if unknown.
        weighting: The weight of a pair by its distance, as in :func:`window_weights`; None if
            unknown.
    """

    counts: sp.csr_array
    vocabulary: Vocabulary
    source: str = ""
    cut: float | None = None
    window: int | None = None
    weighting: Weighting | None = None

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

        if (self.window is None) != (self.weighting is None):
            raise ValueError(
                "`window` and `weighting` make sense together only: give both, or neither if "
                f"unknown; got {self.window} and {self.weighting!r}"
            )
        if self.window is not None and self.weighting is not None:
            window_weights(self.window, self.weighting)  # refuses what does not exist

    @property
    def unit(self) -> int | None:
        """What one co-occurrence at distance 1 counts; None if unknown."""
        if self.window is None or self.weighting is None:
            return None
        return int(window_weights(self.window, self.weighting)[0])

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
        # A common multiple of the distances keeps the counts whole.
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
    executor: Executor | None = None,
    progress: bool = False,
) -> Cooccurrence:
    r"""Count the pairs of words within `window` positions of each other, in each document.

    .. math:: C_{ij} = \sum_{s, t} w_{|s - t|} \, [\, x_s = i \,] \, [\, x_t = j \,],
        \qquad 1 \le |s - t| \le L,

    over positions s, t of the same document, with :math:`x_t` the word at position t and w the
    :func:`window_weights`. The counts are exact integers, whatever counts them: the cores of
    this machine (the default), the GPU that holds the tokens (``corpus.to("cuda")``), or the
    workers of an executor.

    Args:
        corpus: The encoded text.
        window: The largest distance L between two words of a pair.
        weighting: The weight of a pair by its distance; see :func:`window_weights`.
        source: A note on where the text comes from, kept with the counts.
        executor: The workers that count runs of documents, to be added up here: any
            :class:`concurrent.futures.Executor`, such as a ``ProcessPoolExecutor`` or a dask
            cluster's ``client.get_executor()``. For texts of many files see
            :func:`merge_cooccurrences`.
        progress: Whether to show a progress bar.

    Warns:
        DataWarning: More than a quarter of the pairs were cut off where lines of the text end.

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
    weights = window_weights(window, weighting)
    if len(corpus) == 0:
        raise ValueError("`corpus` is empty: it holds no word of its vocabulary")
    size = len(corpus.vocabulary)

    if executor is not None:
        counts = _count_elsewhere(corpus, weights.numpy(), executor, progress)
    elif corpus.tokens.device.type == "cpu":
        tokens, offsets = corpus.tokens.numpy(), corpus.offsets.numpy()
        counts = count_on_cpu(tokens, offsets, size, weights.numpy(), progress)
    else:
        counts = count_on_device(corpus.tokens, corpus.offsets, size, weights, progress)
    cut = _share_cut(corpus.offsets, weights)
    if corpus.reading is not None and corpus.reading.lines and cut > _MUCH:
        words = int(corpus.offsets.diff().double().median())
        warn(
            f"{100 * cut:.0f} % of the pairs were cut off where lines end: each line is a "
            f"document, half of them have at most {words} words, and the window reaches {window} "
            'to each side. If a line is only part of a text, use `documents="paragraphs"` or '
            '`documents="files"`'
        )
    return Cooccurrence(counts, corpus.vocabulary, source, cut, window, weighting)


def _share_cut(offsets: Tensor, weights: Tensor) -> float:
    """The share of the weight of pairs that is lost because documents end."""
    lengths = offsets.diff().double().cpu()
    distances = torch.arange(1, len(weights) + 1, dtype=torch.float64)
    inside = torch.stack([(lengths - d).clamp(min=0).sum() for d in distances.tolist()])
    whole = (lengths.sum() - distances).clamp(min=0)
    possible = float(weights.double() @ whole)
    return 1 - float(weights.double() @ inside.cpu()) / possible if possible else 0.0


def merge_cooccurrences(parts: Iterable[Cooccurrence]) -> Cooccurrence:
    r"""Add up the counts of several texts over one vocabulary: exact, in any order.

    For a text of many files, number the words of each file by the same vocabulary::

        vocabulary = w2v.merge_vocabularies(
            (w2v.read_corpus(path).vocabulary for path in paths), max_size=10_000
        )
        counts = w2v.merge_cooccurrences(
            w2v.count_cooccurrences(w2v.read_corpus(path, vocabulary=vocabulary))
            for path in paths
        )

    Each of the two steps can also be an ``executor.map`` over the files.

    Args:
        parts: Counts of disjoint sets of documents, made with equal windows and weights; they are
            taken one at a time.

    Returns:
        The sum. Its `source` lists those of the parts, each once; window, weighting and share of
        pairs cut off are unknown if those of a part are.

    Raises:
        ValueError: There are no parts, or their vocabularies, windows or weightings differ.
    """
    vocabulary: Vocabulary | None = None
    sources: dict[str, None] = {}
    windows: dict[tuple[int | None, Weighting | None], int] = {}
    shares: list[tuple[int, float | None]] = []

    def checked() -> Iterator[sp.csr_array]:
        nonlocal vocabulary
        for number, part in enumerate(parts):
            sources[part.source] = None
            shares.append((part.total, part.cut))
            _check_window(windows, part, number)
            vocabulary = vocabulary or part.vocabulary
            if vocabulary.words != part.vocabulary.words:
                raise ValueError(
                    f"`parts` must share one vocabulary; part {number} has other words than part "
                    "0: read every text with the same `vocabulary`"
                )
            yield part.counts

    counts = summed(checked())
    if counts is None or vocabulary is None:
        raise ValueError("`parts` must hold at least one set of counts; got none")
    window, weighting = next(iter(windows)) if len(windows) == 1 else (None, None)
    source = "; ".join(filter(None, sources))
    return Cooccurrence(counts, vocabulary, source, _cut_of_all(shares), window, weighting)


def _check_window(
    windows: dict[tuple[int | None, Weighting | None], int], part: Cooccurrence, number: int
) -> None:
    """Refuse a part in other units than those before; where these are unknown, nobody can say."""
    windows.setdefault((part.window, part.weighting), number)
    known = [(of, first) for of, first in windows.items() if of[0] is not None]
    if len(known) > 1:
        (one, first), (other, last) = known
        raise ValueError(
            f"`parts` must have one window and one weighting, or their sum means nothing: part "
            f"{first} was counted with window {one[0]} and {one[1]} weights, part {last} with "
            f"{other[0]} and {other[1]}; count all texts alike"
        )


def _cut_of_all(shares: list[tuple[int, float | None]]) -> float | None:
    """The share of pairs cut off in several texts, from the total and the share of each."""
    inside = possible = 0.0
    for total, cut in shares:
        if cut is None or (cut == 1 and len(shares) > 1):  # of how many pairs is then unknown
            return None
        inside += total
        possible += total / (1 - cut) if cut < 1 else 0.0
    return 1 - inside / possible if possible else shares[0][1]


def restrict_cooccurrence(cooccurrence: Cooccurrence, size: int) -> Cooccurrence:
    """Keep the counts among the first `size` words, the most frequent ones.

    The result is not what counting with the small vocabulary would give: there, dropped words
    would no longer take up places in the window.

    Args:
        cooccurrence: The counts.
        size: The number of words to keep.

    Raises:
        ValueError: `size` is not in [1, number of words].
    """
    if not 1 <= size <= len(cooccurrence):
        raise ValueError(
            f"`size` must be in [1, {len(cooccurrence)}], the size of the vocabulary; got {size}"
        )
    return replace(
        cooccurrence,
        counts=sp.csr_array(cooccurrence.counts[:size, :size]),
        vocabulary=cooccurrence.vocabulary.first(size),
    )


def save_cooccurrence(cooccurrence: Cooccurrence, path: str | Path) -> None:
    """Write counts, words, and how they were counted to an ``npz`` file, without pickle.

    Only the lower triangle is stored: for each row the gaps between its column numbers, and the
    counts, byte by byte (all lowest bytes, then all second bytes, ...), which compresses well.

    Args:
        cooccurrence: The counts to write.
        path: The file, ending in ``.npz``; an existing file is replaced once the new one is whole.

    Raises:
        ValueError: `path` does not end in ``.npz``.
        FileNotFoundError: The folder of `path` does not exist.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"`path` must end in '.npz'; got '{path}'")

    # One triangle says it all. Gaps between columns are small numbers, which pack well.
    row_lengths, gaps, counts = triangle_entries(cooccurrence.counts)
    word_counts = cooccurrence.vocabulary.counts
    facts: dict[str, Any] = _known_facts(cooccurrence)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            format=np.array(_FORMAT),
            source=np.array(cooccurrence.source),
            words=np.frombuffer("\n".join(cooccurrence.vocabulary.words).encode(), np.uint8),
            word_counts=np.empty(0, np.int64) if word_counts is None else word_counts.numpy(),
            row_lengths=row_lengths,
            gaps=to_planes(gaps),
            counts=to_planes(counts),
            **facts,
        )


def _known_facts(cooccurrence: Cooccurrence) -> dict[str, np.ndarray]:
    """How it was counted, as far as it is known."""
    facts = {name: getattr(cooccurrence, name) for name in _FACTS}
    return {name: np.array(fact) for name, fact in facts.items() if fact is not None}


def load_cooccurrence(path: str | Path) -> Cooccurrence:
    """Read what :func:`save_cooccurrence` wrote.

    Args:
        path: The file to read.

    Raises:
        FileNotFoundError: There is no file at `path`.
        ValueError: The file is damaged or of another format.
    """
    with opened_npz(path, _FORMAT, "save_cooccurrence") as file:
        words = file["words"].tobytes().decode().split("\n")
        counts = torch.from_numpy(file["word_counts"])
        vocabulary = Vocabulary(tuple(words), counts if len(counts) else None)
        lower = lower_triangle(
            file["row_lengths"], from_planes(file["gaps"]), from_planes(file["counts"])
        )
        facts = {name: file[name].item() for name in _FACTS if name in file.files}
        return Cooccurrence(symmetric(lower), vocabulary, str(file["source"]), **facts)


def _count_elsewhere(
    corpus: Corpus, weights: np.ndarray, executor: Executor, progress: bool
) -> sp.csr_array:
    """Count runs of documents on the executor's workers, and add them up as they come in."""
    from tqdm.auto import tqdm

    size = len(corpus.vocabulary)
    tokens, offsets = corpus.tokens.cpu().numpy(), corpus.offsets.cpu().numpy()

    # Cut where the documents reach the next multiple of a shard's size.
    cuts = np.searchsorted(offsets, np.arange(0, len(tokens), _SHARD))
    cuts = np.unique(np.append(cuts, len(offsets) - 1))

    futures = [
        executor.submit(
            count_on_cpu,
            tokens[offsets[first] : offsets[last]],
            offsets[first : last + 1] - offsets[first],
            size,
            weights,
        )
        for first, last in pairwise(cuts)
    ]

    finished = as_completed(futures)
    bar = tqdm(finished, "counting", len(futures), unit=" parts", disable=not progress)
    return summed(future.result() for future in bar)
