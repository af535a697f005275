"""What several tests need: the folder of the project, functions without shape checks, sizes."""

from pathlib import Path

import torch
from torch.utils._python_dispatch import TorchDispatchMode

ROOT = Path(__file__).parents[1]


def unchecked(function):
    """The function without the check of shapes and types, which would refuse before it does."""
    return getattr(function, "__wrapped__", function)


class Sizes(TorchDispatchMode):
    """The numbers of entries of all tensors that are computed."""

    def __init__(self):
        super().__init__()
        self.made = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        results = result if isinstance(result, tuple | list) else [result]
        self.made += [part.numel() for part in results if isinstance(part, torch.Tensor)]
        return result
