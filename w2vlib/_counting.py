"""How pairs are counted: by center word on the CPU, by blocks of rows on a GPU."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from w2vlib._arrays import prefix_sums
from w2vlib._devices import available_cores

__all__ = ["count_on_cpu", "count_on_device"]

Part = tuple[np.ndarray, ...]  # the columns, counts and row lengths of a run of rows

_ROOM = 2**22  # the most neighbors that a task makes room for, unless one word has more
_TASK = 2**19  # the most tokens of a task, so that all threads stay busy to the end
_DENSE_ENTRIES = 2**27  # entries of the dense block of rows on a GPU: 1 GiB


def count_on_cpu(
    tokens: np.ndarray, offsets: np.ndarray, size: int, weights: np.ndarray, progress: bool = False
) -> sp.csr_array:
    """Count by center word: all positions of a word first, then those of the next.

    The accumulator of one row stays in the cache; each row belongs to one thread, so there is
    nothing to lock; and memory grows with the non-zeros.

    Args:
        tokens: The word at each position of the corpus.
        offsets: Document n is ``tokens[offsets[n]:offsets[n + 1]]``.
        size: The number of words in the vocabulary.
        weights: The weight at distance 1, 2, ...; int64.
        progress: Whether to show a progress bar.
    """
    from tqdm.auto import tqdm

    from w2vlib._kernels import count_rows, invert, pad_documents

    window = len(weights)
    # Numbers that fit into 16 bits, with one more for the gaps, halve the bytes to read.
    padded = np.empty(
        len(tokens) + len(offsets) * window, np.uint16 if size < 2**16 else np.uint32
    )
    frequency = np.zeros(size, np.int64)
    pad_documents(tokens, offsets, window, padded, frequency)

    # The positions of each word, one word after the other.
    starts = prefix_sums(frequency)
    positions = np.empty(len(tokens), np.uint32 if len(padded) < 2**32 else np.uint64)
    invert(padded, starts, positions)

    room = np.minimum(size, 2 * window * frequency)  # a word cannot have more neighbors

    def task(rows: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        first, last = rows
        columns = np.empty(room[first:last].sum(), np.int32)
        counts = np.empty(len(columns), np.int64)
        lengths = np.empty(last - first, np.int64)
        end = count_rows(padded, positions, starts, weights, rows, columns, counts, lengths)
        for array in (columns, counts):
            array.resize(end, refcheck=False)  # in place: gives back the rest of the room
        return columns, counts, lengths

    with (
        ThreadPoolExecutor(available_cores()) as pool,
        tqdm(total=len(tokens), desc="counting", unit=" tokens", disable=not progress) as bar,
    ):
        parts: list[Part] = []
        tasks = list(_tasks(frequency, room))
        for rows, part in zip(tasks, pool.map(task, tasks), strict=True):
            parts.append(part)
            bar.update(int(frequency[slice(*rows)].sum()))

    return _joined(parts)


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
