"""A symmetric matrix of counts as bytes that compress well: the layout of the npz files."""

from itertools import pairwise

import numpy as np
import scipy.sparse as sp

from w2vlib._arrays import prefix_sums

__all__ = ["from_planes", "lower_triangle", "symmetric", "to_planes", "triangle_entries"]

_ENTRIES = 2**22  # entries of a matrix that are looked at at one time


def to_planes(numbers: np.ndarray) -> np.ndarray:
    """Split non-negative integers into bytes, (bytes, n): the lowest bytes first.

    Args:
        numbers: The integers, (n), non-negative.
    """
    width = max(1, (int(numbers.max(initial=0)).bit_length() + 7) // 8)
    octets = numbers.astype(f"<i{numbers.itemsize}", copy=False).view(np.uint8)
    return np.ascontiguousarray(octets.reshape(-1, numbers.itemsize)[:, :width].T)


def from_planes(planes: np.ndarray) -> np.ndarray:
    """The integers that :func:`to_planes` split.

    Args:
        planes: The bytes, (bytes, n), the lowest ones first.
    """
    numbers = planes[0].astype(np.int64)
    for b in range(1, len(planes)):
        # Most high bytes are zero; touching only the others halves the time of loading.
        high = np.flatnonzero(planes[b])
        numbers[high] |= planes[b][high].astype(np.int64) << (8 * b)
    return numbers


def triangle_entries(matrix: sp.csr_array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is stored of a symmetric matrix: the lower triangle without zeros, in sorted rows.

    Args:
        matrix: The matrix; some rows at a time are looked at, so that little memory is needed.

    Returns:
        The number of entries of each row; the first column of each row, and the steps to the next
        ones; and the entries.
    """
    if not matrix.has_sorted_indices:
        matrix = matrix.sorted_indices()
    starts, size = matrix.indptr, matrix.shape[0]
    cuts = np.searchsorted(starts, np.arange(0, starts[-1], _ENTRIES))
    bounds: list[int] = np.unique([0, *cuts, size]).tolist()

    def rows(first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        part = slice(starts[first], starts[last])
        row = np.repeat(np.arange(first, last), np.diff(starts[first : last + 1]))
        kept = (matrix.indices[part] <= row) & (matrix.data[part] != 0)
        return row[kept], matrix.indices[part][kept], matrix.data[part][kept]

    lengths = np.concatenate(
        [np.bincount(rows(a, b)[0] - a, minlength=b - a) for a, b in pairwise(bounds)]
    )
    ends = prefix_sums(lengths)
    gaps, data = np.empty(ends[-1], np.int32), np.empty(ends[-1], matrix.data.dtype)
    for first, last in pairwise(bounds):
        row, columns, entries = rows(first, last)
        new_row = np.diff(row, prepend=-1) > 0
        steps = np.diff(columns, prepend=0)
        steps[new_row] = columns[new_row]
        gaps[ends[first] : ends[last]], data[ends[first] : ends[last]] = steps, entries
    return lengths, gaps, data


def lower_triangle(lengths: np.ndarray, gaps: np.ndarray, data: np.ndarray) -> sp.csr_array:
    """The triangle whose column numbers were stored as gaps.

    Args:
        lengths: The number of entries of each row.
        gaps: The first column of each row, and the steps to the next ones.
        data: The entries.
    """
    index = sp.get_index_dtype(maxval=2 * len(data))  # wide enough for both triangles
    indptr = prefix_sums(lengths).astype(index)
    columns = np.cumsum(gaps)
    # The running sum goes on over the ends of rows: take off what earlier rows left behind.
    firsts = indptr[:-1][lengths > 0]
    columns -= np.repeat(columns[firsts] - gaps[firsts], lengths[lengths > 0])
    return sp.csr_array((data, columns.astype(index), indptr), shape=(len(lengths),) * 2)


def symmetric(lower: sp.csr_array) -> sp.csr_array:
    """The symmetric matrix with this lower triangle.

    Args:
        lower: The lower triangle, with sorted rows.
    """
    upper = lower.T.tocsr()
    # The diagonal is in both. It is the first entry of a row of the upper triangle.
    starts = upper.indptr[:-1] + (lower.diagonal() != 0)
    left = list(map(slice, lower.indptr[:-1], lower.indptr[1:]))
    right = list(map(slice, starts, upper.indptr[1:]))

    def side_by_side(of_lower: np.ndarray, of_upper: np.ndarray) -> np.ndarray:
        rows = zip(left, right, strict=True)
        return np.concatenate([part for a, b in rows for part in (of_lower[a], of_upper[b])])

    lengths = np.diff(lower.indptr) + upper.indptr[1:] - starts
    indptr = prefix_sums(lengths).astype(lower.indptr.dtype)
    indices = side_by_side(lower.indices, upper.indices)
    return sp.csr_array((side_by_side(lower.data, upper.data), indices, indptr), lower.shape)
