"""Sums into rows, the same bits every time."""

from torch import Tensor

__all__ = ["accumulate"]


def accumulate(rows: Tensor, numbers: Tensor, updates: Tensor) -> None:
    """Add updates to rows, some of them to the same, in the same order every time."""
    if rows.is_cuda:  # there `index_add_` adds in any order
        rows.index_put_((numbers,), updates, accumulate=True)
    else:
        rows.index_add_(0, numbers, updates)
