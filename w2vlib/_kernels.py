"""Compiled inner loops. Each runs on one thread without the interpreter's lock."""

from typing import no_type_check

import numba
import numpy as np

__all__ = ["count_rows", "fill_excess", "invert", "pad_documents"]

_RARE = 8  # sort a row's neighbors instead of scanning it if they fill less than 1/8 of it


@numba.njit(nogil=True, cache=True)
@no_type_check  # numba compiles the function itself, not a type-checking wrapper
def pad_documents(
    tokens: np.ndarray, offsets: np.ndarray, gap: int, padded: np.ndarray, filler: int
) -> None:
    """Copy the documents with `gap` fillers before, between and after them.

    Args:
        tokens: The word at each position of the corpus.
        offsets: Document n is ``tokens[offsets[n]:offsets[n + 1]]``.
        gap: The number of fillers; at least the window, so that no window crosses a gap.
        padded: (tokens + (documents + 1) gap), changed in place.
        filler: A number that stands for no word.
    """
    padded[:gap] = filler
    place = gap
    for document in range(len(offsets) - 1):
        for position in range(offsets[document], offsets[document + 1]):
            padded[place] = tokens[position]
            place += 1
        padded[place : place + gap] = filler
        place += gap


@numba.njit(nogil=True, cache=True)
@no_type_check
def invert(
    padded: np.ndarray, starts: np.ndarray, positions: np.ndarray, first: int, last: int
) -> None:
    """List the positions of each word within a range: a counting sort.

    Args:
        padded: The word at each position; numbers from ``len(starts) - 1`` on are fillers.
        starts: Word i will be at ``positions[starts[i]:starts[i + 1]]``.
        positions: (tokens), changed in place.
        first: The first position of the range.
        last: The position after the last.
    """
    free = starts.copy()
    for position in range(first, last):
        word = padded[position]
        if word < len(starts) - 1:
            positions[free[word]] = position
            free[word] += 1


@numba.njit(nogil=True, cache=True)
@no_type_check
def count_rows(
    padded: np.ndarray,
    positions: np.ndarray,
    starts: np.ndarray,
    weights: np.ndarray,
    rows: tuple[int, int],
    columns: np.ndarray,
    counts: np.ndarray,
    lengths: np.ndarray,
) -> int:
    """Count the neighbors of the words ``rows[0] <= i < rows[1]``, sparse and sorted.

    A row is added up in one accumulator that stays in the cache. Unsigned numbers spare the
    inner loop a test for negative indices.

    Args:
        padded: The word at each position, with gaps between documents.
        positions: Word i is at ``positions[starts[i]:starts[i + 1]]``.
        starts: See `positions`; (vocab + 1).
        weights: The weight at distance 1, 2, ...
        rows: The first word, and the one after the last.
        columns: Room for the neighbors, one row after the other; changed in place.
        counts: Room for their counts; changed in place.
        lengths: (rows) The number of neighbors of each word; changed in place.

    Returns:
        The number of all neighbors.
    """
    size = len(starts) - 1
    window = np.uint64(len(weights))
    one = np.uint64(1)
    row_counts = np.zeros(size + 1, np.int64)  # the last entry takes the fillers
    end = 0

    for word in range(rows[0], rows[1]):
        begin = end
        # Add up the weights of all neighbors.
        for n in range(starts[word], starts[word + 1]):
            center = np.uint64(positions[n])
            for distance in range(one, window + one):
                weight = weights[distance - one]
                row_counts[padded[center - distance]] += weight
                row_counts[padded[center + distance]] += weight

        row_counts[size] = 0
        if _RARE * 2 * len(weights) * (starts[word + 1] - starts[word]) < size:
            # Take each neighbor once: the sign marks those that are on the list.
            for n in range(starts[word], starts[word + 1]):
                center = np.uint64(positions[n])
                for place in range(center - window, center + window + one):
                    neighbor = padded[place]
                    if row_counts[neighbor] > 0:
                        row_counts[neighbor] = -row_counts[neighbor]
                        columns[end] = neighbor
                        end += 1

            columns[begin:end].sort()
            for n in range(begin, end):
                counts[n] = -row_counts[columns[n]]
                row_counts[columns[n]] = 0
        else:
            for neighbor in range(size):
                if row_counts[neighbor] != 0:
                    columns[end] = neighbor
                    counts[end] = row_counts[neighbor]
                    row_counts[neighbor] = 0
                    end += 1

        lengths[word - rows[0]] = end - begin
    return end


@numba.njit(nogil=True, cache=True)
@no_type_check
def fill_excess(
    starts: np.ndarray,
    columns: np.ndarray,
    joint: np.ndarray,
    factors: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    excess: np.ndarray,
) -> None:
    """Compute ``4 A / (A + B)`` times the roots of both words' weights, for each pair that occurs.

    Args:
        starts: Row i of the probabilities is ``joint[starts[i]:starts[i + 1]]``.
        columns: The column of each probability.
        joint: The probabilities of the pairs that occur.
        factors: For each word, the a, alpha and nu of its reweighting, and the root of its weight.
        excess: (pairs) for the pairs alone, or (vocab, vocab) zeros; changed in place.
    """
    keep, center, noise, root = factors
    for i in range(len(starts) - 1):
        for n in range(starts[i], starts[i + 1]):
            j = columns[n]
            positive = keep[i] * keep[j] * joint[n]
            negative = (center[i] * noise[j] + noise[i] * center[j]) / 2
            entry = 4 * positive / (positive + negative) * (root[i] * root[j])
            if excess.ndim == 2:  # decided at compile time
                excess[i, j] = entry
            else:
                excess[n] = entry
