"""Compiled inner loops, cached on disk after the first use."""

from typing import no_type_check

import numba
import numpy as np

__all__ = ["count_rows"]


@numba.njit(parallel=True, cache=True)
@no_type_check  # numba compiles the function itself, not a type-checking wrapper
def count_rows(
    tokens: np.ndarray,
    bounds: np.ndarray,
    positions: np.ndarray,
    starts: np.ndarray,
    first: int,
    weights: np.ndarray,
    block: np.ndarray,
) -> None:
    """Add to ``block[r]`` the weighted counts of the neighbors of word ``first + r``.

    Each row belongs to one center word and so to one thread: there is nothing to lock.

    Args:
        tokens: The word at each position of the corpus.
        bounds: Document n is ``tokens[bounds[n]:bounds[n + 1]]``.
        positions: All positions, sorted by their word.
        starts: Word i stands at ``positions[starts[i]:starts[i + 1]]``.
        first: The word of the first row of the block.
        weights: The weight at distance 1, 2, ...
        block: Int64 (rows, vocab), changed in place.
    """
    for row in numba.prange(block.shape[0]):
        document = 0
        for n in range(starts[first + row], starts[first + row + 1]):
            center = positions[n]
            while bounds[document + 1] <= center:
                document += 1
            left = max(bounds[document], center - len(weights))
            right = min(bounds[document + 1], center + len(weights) + 1)
            for neighbor in range(left, center):
                block[row, tokens[neighbor]] += weights[center - neighbor - 1]
            for neighbor in range(center + 1, right):
                block[row, tokens[neighbor]] += weights[neighbor - center - 1]
