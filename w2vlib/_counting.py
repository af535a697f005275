"""How pairs are counted: by center word on the CPU, by blocks of rows on a GPU."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from w2vlib._arrays import prefix_sums
from w2vlib._devices import available_cores

__all__ = ["count_on_cpu", "count_on_device", "summed"]

Part = tuple[np.ndarray, ...]  # the columns, counts and row lengths of a run of rows


class Block(NamedTuple):
    """A part of a text, ready to be counted.

    Attributes:
        padded: The word at each position, with gaps between documents.
        positions: Word i is at ``positions[starts[i]:starts[i + 1]]``.
        starts: See `positions`; (vocab + 1).
    """

    padded: np.ndarray
    positions: np.ndarray
    starts: np.ndarray


_ROOM = 2**22  # the most neighbors that a task makes room for, unless one word has more
_BLOCK = 2**25  # the most tokens that are counted at one time
_TASK = 2**19  # the most tokens of a task, so that all threads stay busy to the end
_DENSE_ENTRIES = 2**27  # entries of the dense block of rows on a GPU: 1 GiB


def count_on_cpu(
    tokens: np.ndarray, offsets: np.ndarray, size: int, weights: np.ndarray, progress: bool = False
) -> sp.csr_array:
    """Count by center word: all positions of a word first, then those of the next.

    The accumulator of one row stays in the cache; each row belongs to one thread, so there is
    nothing to lock. A long text is counted a block at a time, so memory grows with the non-zeros.

    Args:
        tokens: The word at each position of the corpus.
        offsets: Document n is ``tokens[offsets[n]:offsets[n + 1]]``.
        size: The number of words in the vocabulary.
        weights: The weight at distance 1, 2, ...; int64.
        progress: Whether to show a progress bar.
    """
    from tqdm.auto import tqdm

    if len(tokens) == 0:
        return sp.csr_array((size, size), dtype=np.int64)
    frequency = torch.bincount(torch.from_numpy(tokens), minlength=size).numpy()
    room = np.minimum(size, 2 * len(weights) * frequency)  # a word cannot have more neighbors
    tasks = list(_tasks(frequency, np.minimum(room, 2 * len(weights) * _BLOCK)))
    parts: list[Part] = [()] * len(tasks)

    def count(block: Block, n: int) -> int:
        parts[n] = _added(parts[n], _count(block, weights, tasks[n]), size)
        first, last = tasks[n]
        return int(block.starts[last] - block.starts[first])

    with (
        ThreadPoolExecutor(available_cores()) as pool,
        tqdm(total=len(tokens), desc="counting", unit=" tokens", disable=not progress) as bar,
    ):
        for first in range(0, len(tokens), _BLOCK):
            last = min(first + _BLOCK, len(tokens))
            inside = _with_context(tokens, offsets, first, last, len(weights))
            block = _block(*inside, size, len(weights))
            for counted in pool.map(partial(count, block), range(len(tasks))):
                bar.update(counted)

    return _joined(parts)


def _with_context(
    tokens: np.ndarray, offsets: np.ndarray, first: int, last: int, window: int
) -> tuple[np.ndarray, np.ndarray, int, int]:
    """The tokens from `first` to `last`, with those within the window of them.

    Returns:
        The tokens; the bounds of their documents; and how many of them, at the beginning and at
        the end, are only neighbors.
    """
    from_document = int(np.searchsorted(offsets, first, side="right")) - 1
    to_document = int(np.searchsorted(offsets, last, side="left"))
    bounds = offsets[from_document : to_document + 1].copy()
    bounds[0] = max(bounds[0], first - window)
    bounds[-1] = min(bounds[-1], last + window)
    before, after = first - int(bounds[0]), int(bounds[-1]) - last
    return tokens[bounds[0] : bounds[-1]], bounds - bounds[0], before, after


def _block(
    tokens: np.ndarray, offsets: np.ndarray, before: int, after: int, size: int, window: int
) -> Block:
    """The tokens with gaps between documents, and the positions of each word."""
    from w2vlib._kernels import invert, pad_documents

    # Numbers that fit into 16 bits, with one more for the gaps, halve the bytes to read.
    padded = np.empty(
        len(tokens) + len(offsets) * window, np.uint16 if size < 2**16 else np.uint32
    )
    pad_documents(tokens, offsets, window, padded, size)

    centers = torch.from_numpy(tokens[before : len(tokens) - after])
    starts = prefix_sums(torch.bincount(centers, minlength=size).numpy())
    positions = np.empty(len(centers), np.uint32 if len(padded) < 2**32 else np.uint64)
    invert(padded, starts, positions, window + before, len(padded) - window - after)
    return Block(padded, positions, starts)


def _count(block: Block, weights: np.ndarray, rows: tuple[int, int]) -> Part:
    """The neighbors of a range of words in a block."""
    from w2vlib._kernels import count_rows

    first, last = rows
    size = len(block.starts) - 1
    room = np.minimum(size, 2 * len(weights) * np.diff(block.starts[first : last + 1]))
    columns = np.empty(room.sum(), np.int32)
    counts = np.empty(len(columns), np.int64)
    lengths = np.empty(last - first, np.int64)
    end = count_rows(
        block.padded, block.positions, block.starts, weights, rows, columns, counts, lengths
    )
    for array in (columns, counts):
        array.resize(end, refcheck=False)  # in place: gives back the rest of the room
    return columns, counts, lengths


def _added(one: Part, other: Part, size: int) -> Part:
    """The sum of two counts of the same rows; the first may be empty."""
    if not one:
        return other
    rows = []
    for columns, counts, lengths in (one, other):
        ends = prefix_sums(lengths).astype(np.int32)
        rows.append(sp.csr_array((counts, columns, ends), shape=(len(lengths), size)))
    total = rows[0] + rows[1]
    return total.indices, total.data, np.diff(total.indptr).astype(np.int64)


def count_on_device(
    tokens: Tensor, offsets: Tensor, size: int, weights: Tensor, progress: bool = False
) -> sp.csr_array:
    """The same counts by PyTorch, on the device of `tokens`: one dense block of rows at a time.

    Args:
        tokens: The word at each position of the corpus.
        offsets: Document n is ``tokens[offsets[n]:offsets[n + 1]]``.
        size: The number of words in the vocabulary.
        weights: The weight at distance 1, 2, ...; int64.
        progress: Whether to show a progress bar.
    """
    from tqdm.auto import tqdm

    window, device = len(weights), tokens.device

    # Fillers around the documents, so that no window reaches into the next.
    documents = torch.arange(len(offsets) - 1, device=device)
    document = documents.repeat_interleave(offsets.to(device).diff())
    places = torch.arange(len(tokens), device=device) + (document + 1) * window
    padded = torch.full((len(tokens) + len(offsets) * window,), size, device=device)
    padded[places] = tokens.long()

    frequency = torch.bincount(tokens, minlength=size).cpu()
    starts = prefix_sums(frequency.numpy())
    positions = padded.argsort(stable=True)  # fillers come last

    parts: list[Part] = []
    rows_at_once = max(1, _DENSE_ENTRIES // (size + 1))
    for first in tqdm(range(0, size, rows_at_once), "counting", disable=not progress):
        last = min(first + rows_at_once, size)
        centers = positions[starts[first] : starts[last]]
        row = (padded[centers] - first) * (size + 1)

        block = torch.zeros((last - first) * (size + 1), dtype=torch.int64, device=device)
        for distance, weight in enumerate(weights.to(device), start=1):
            for neighbors in (centers - distance, centers + distance):
                block.index_add_(0, row + padded[neighbors], weight.expand(len(row)))
        block = block.reshape(last - first, size + 1)[:, :size]  # the last column took fillers

        at = block.nonzero(as_tuple=True)
        lengths = torch.bincount(at[0], minlength=last - first)
        part = (at[1].int(), block[at], lengths)
        parts.append(tuple(tensor.cpu().numpy() for tensor in part))

    return _joined(parts)


def summed(parts: Iterable[sp.csr_array]) -> sp.csr_array | None:
    """The sum of sparse matrices, taken one at a time; None if there are none.

    Those of about equal size are added first, so that no part is added to a large sum again and
    again.
    """
    waiting: list[sp.csr_array] = []  # each has at most half as many entries as the one before
    for part in parts:
        waiting.append(part)
        while len(waiting) > 1 and waiting[-2].nnz < 2 * waiting[-1].nnz:
            waiting.append(waiting.pop() + waiting.pop())
    while len(waiting) > 1:
        waiting.append(waiting.pop() + waiting.pop())
    return waiting[0] if waiting else None


def _tasks(frequency: np.ndarray, room: np.ndarray) -> Iterator[tuple[int, int]]:
    """Cut the rows into runs that are small in memory and in work."""
    first, memory, work = 0, 0, 0
    for word in range(len(frequency)):
        if word > first and (memory + room[word] > _ROOM or work + frequency[word] > _TASK):
            yield first, word
            first, memory, work = word, 0, 0
        memory += room[word]
        work += frequency[word]
    yield first, len(frequency)


def _joined(parts: list[Part]) -> sp.csr_array:
    """Join runs of rows, freeing each on the way.

    SciPy would copy columns whose type differs from that of the row ends.
    """
    starts = prefix_sums(np.array([len(columns) for columns, _, _ in parts]))
    ends = prefix_sums(np.concatenate([lengths for _, _, lengths in parts]))
    joined, data = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int64)

    def fill(n: int) -> None:
        place = slice(starts[n], starts[n + 1])
        joined[place], data[place], _ = parts[n]
        parts[n] = ()  # the memory of the parts becomes that of the whole

    # On all cores: most of the time goes into the first touch of new memory.
    with ThreadPoolExecutor(available_cores()) as pool:
        list(pool.map(fill, range(len(parts))))

    ends = ends.astype(np.int32 if len(data) < 2**31 else np.int64)
    return sp.csr_array((data, joined, ends), shape=(len(ends) - 1,) * 2)
