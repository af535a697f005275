"""Small things about arrays that several modules need."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

__all__ = [
    "NUMPY_DTYPE",
    "accumulate",
    "canonical_signs",
    "check_dense",
    "dense_block",
    "prefix_sums",
    "quiet_sparse",
    "sparse_tensor",
]

NUMPY_DTYPE = {torch.float32: np.float32, torch.float64: np.float64}


def accumulate(rows: Tensor, numbers: Tensor, updates: Tensor) -> None:
    """Add updates to rows, several possibly to the same row, in the same order every time."""
    if rows.is_cuda:  # where `index_add_` adds in no fixed order
        rows.index_put_((numbers,), updates, accumulate=True)
    else:
        rows.index_add_(0, numbers, updates)


def canonical_signs(vectors: Tensor) -> Tensor:
    """Flip the signs of columns so that the entry of largest magnitude of each is positive."""
    largest = vectors.abs().argmax(dim=0, keepdim=True)
    return vectors * vectors.gather(0, largest).sign()


def prefix_sums(lengths: np.ndarray) -> np.ndarray:
    """The places where consecutive parts of these lengths begin, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths)])


@contextmanager
def quiet_sparse() -> Iterator[None]:
    """Hide two warnings of PyTorch's from users, who can do nothing about them."""
    with warnings.catch_warnings():
        # The second is PyTorch 2.11's, which does not count `check_invariants` as a choice.
        for message in ("Sparse CSR tensor support is in", "Sparse invariant checks are"):
            warnings.filterwarnings("ignore", message)
        yield


def sparse_tensor(matrix: sp.csr_array) -> Tensor:
    """The same matrix for PyTorch, whose products use all cores, without copying the numbers."""
    with quiet_sparse():
        return torch.sparse_csr_tensor(
            torch.from_numpy(matrix.indptr),
            torch.from_numpy(matrix.indices),
            torch.from_numpy(matrix.data),
            size=matrix.shape,
            check_invariants=False,  # it is valid: SciPy made it
        )


def check_dense(name: str, matrix: object, instead: str = "") -> None:
    """Refuse what is no dense tensor; say how to make one, or what does instead if sparse."""
    if isinstance(matrix, np.ndarray):
        remedy = f"torch.from_numpy({name})"
    elif sp.issparse(matrix):
        remedy = f"torch.from_numpy({name}.toarray()){instead}"
    elif not isinstance(matrix, Tensor):
        remedy = f"torch.as_tensor({name})"
    elif matrix.layout != torch.strided:
        remedy = f"{name}.to_dense(){instead}"
    else:
        return
    kind = f"{type(matrix).__module__.partition('.')[0]}.{type(matrix).__qualname__}"
    kind = f"sparse {kind}" if isinstance(matrix, Tensor) else kind
    raise TypeError(f"`{name}` must be a dense tensor of PyTorch; got a {kind}: use {remedy}")


def dense_block(matrix: Tensor, rows: slice = slice(None), columns: slice = slice(None)) -> Tensor:
    """Some rows and columns of a dense matrix, or of one in CSR format, written out."""
    if matrix.layout == torch.strided:
        return matrix[rows, columns]

    top, bottom, _ = rows.indices(matrix.shape[0])
    left, right, _ = columns.indices(matrix.shape[1])
    starts = matrix.crow_indices()[top : bottom + 1]
    stored = slice(int(starts[0]), int(starts[-1]))

    i = torch.repeat_interleave(starts.diff())
    j = matrix.col_indices()[stored].long()
    inside = (j >= left) & (j < right)

    block = matrix.values().new_zeros(bottom - top, right - left)
    block[i[inside], j[inside] - left] = matrix.values()[stored][inside]
    return block
