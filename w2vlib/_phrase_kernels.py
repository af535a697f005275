"""Compiled inner loops for phrases. Each runs on one thread without the interpreter's lock."""

from typing import no_type_check

import numba
import numpy as np

__all__ = ["count_followers", "group_followers", "join_pairs"]


@numba.njit(nogil=True, cache=True)
@no_type_check  # numba compiles the function itself, not a type-checking wrapper
def group_followers(
    tokens: np.ndarray,
    offsets: np.ndarray,
    frequent: np.ndarray,
    starts: np.ndarray,
    followers: np.ndarray,
) -> np.ndarray:
    """List what follows each frequent word: a counting sort of the pairs by their first word.

    Args:
        tokens: The word at each position of the corpus.
        offsets: Document n is ``tokens[offsets[n]:offsets[n + 1]]``.
        frequent: (vocab) Whether a word may be part of a pair.
        starts: (vocab + 1) Where the room for the followers of each word begins.
        followers: Room for them; changed in place.

    Returns:
        (vocab) Where the followers of each word end.
    """
    ends = starts[:-1].copy()
    for document in range(len(offsets) - 1):
        for position in range(offsets[document], offsets[document + 1] - 1):
            first, second = tokens[position], tokens[position + 1]
            if frequent[first] and frequent[second]:
                followers[ends[first]] = second
                ends[first] += 1
    return ends


@numba.njit(nogil=True, cache=True)
@no_type_check
def count_followers(
    starts: np.ndarray,
    ends: np.ndarray,
    followers: np.ndarray,
    above: int,
    pairs: np.ndarray,
    counts: np.ndarray,
) -> int:
    """Count pairs, one first word after the other, and keep those that occur often.

    Args:
        starts: Word i is followed by ``followers[starts[i]:ends[i]]``.
        ends: See `starts`.
        followers: See `starts`.
        above: Keep a pair that occurs more often than this.
        pairs: (room, 2) Room for both words of each pair; changed in place. The first words
            ascend, the second ones are in the order of the text.
        counts: (room) Room for how often each pair occurs; changed in place.

    Returns:
        The number of pairs.
    """
    row = np.zeros(len(ends), np.int64)
    kept = 0
    for first in range(len(ends)):
        for place in range(starts[first], ends[first]):
            row[followers[place]] += 1

        # Take each follower once, and leave zeros for the next word.
        for place in range(starts[first], ends[first]):
            second = followers[place]
            if row[second] > above:
                pairs[kept, 0] = first
                pairs[kept, 1] = second
                counts[kept] = row[second]
                kept += 1
            row[second] = 0
    return kept


@numba.njit(nogil=True, cache=True)
@no_type_check
def join_pairs(
    tokens: np.ndarray,
    offsets: np.ndarray,
    starts: np.ndarray,
    seconds: np.ndarray,
    numbers: np.ndarray,
    joined: np.ndarray,
    bounds: np.ndarray,
) -> int:
    """Replace pairs by one number each, from left to right; a token is part of one pair at most.

    Args:
        tokens: The word at each position of the corpus.
        offsets: Document n is ``tokens[offsets[n]:offsets[n + 1]]``.
        starts: (vocab + 1) The pairs that begin with word i are
            ``starts[i] <= place < starts[i + 1]``.
        seconds: The second word of each pair, ascending within a first word.
        numbers: What each pair becomes.
        joined: Room for the new tokens; changed in place.
        bounds: The offsets of the new documents; changed in place.

    Returns:
        The number of new tokens.
    """
    kept = 0
    bounds[0] = 0
    for document in range(len(offsets) - 1):
        position, stop = offsets[document], offsets[document + 1]
        while position < stop:
            number = tokens[position]
            position += 1
            if position < stop:
                # Bisect the pairs that begin with this word.
                second, low, high = tokens[position], starts[number], starts[number + 1]
                end = high
                while low < high:
                    middle = (low + high) // 2
                    if seconds[middle] < second:
                        low = middle + 1
                    else:
                        high = middle
                if low < end and seconds[low] == second:
                    number = numbers[low]
                    position += 1
            joined[kept] = number
            kept += 1
        bounds[document + 1] = kept
    return kept
