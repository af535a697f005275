"""Small things about arrays that several modules need."""

import numpy as np
import torch
from torch import Tensor

__all__ = ["NUMPY_DTYPE", "accumulate"]

NUMPY_DTYPE = {torch.float32: np.float32, torch.float64: np.float64}


def accumulate(rows: Tensor, numbers: Tensor, updates: Tensor) -> None:
    """Add updates to rows, some of them to the same, in the same order every time."""
    if rows.is_cuda:  # there `index_add_` adds in any order
        rows.index_put_((numbers,), updates, accumulate=True)
    else:
        rows.index_add_(0, numbers, updates)
