"""Random arguments for functions, from a generator."""

import torch
from torch import Generator, Tensor

__all__ = ["joint", "normal", "orthonormal", "shares", "uniform", "whole"]


def uniform(
    generator: Generator,
    *shape: int,
    low: int | float = 0,
    high: int | float = 1,
    dtype: torch.dtype | None = None,
) -> Tensor:
    """Numbers from `low` to `high`."""
    return low + (high - low) * torch.rand(shape, generator=generator, dtype=dtype)


def normal(generator: Generator, *shape: int, dtype: torch.dtype | None = None) -> Tensor:
    """Standard normal numbers."""
    return torch.randn(shape, generator=generator, dtype=dtype)


def whole(generator: Generator, low: int, high: int) -> Tensor:
    """A whole number from `low` to `high`, both included, as a tensor to compute with."""
    drawn = torch.randint(low, high + 1, (), generator=generator)
    return drawn.to(torch.get_default_dtype())


def shares(generator: Generator, count: int) -> Tensor:
    """Positive numbers that sum to 1."""
    drawn = uniform(generator, count, low=0.2)
    return drawn / drawn.sum()


def joint(generator: Generator, words: int, unseen: bool = False) -> Tensor:
    """Symmetric joint probabilities; the first and the last word may never meet."""
    drawn = uniform(generator, words, words, low=0.2)
    drawn = drawn + drawn.T
    if unseen:
        drawn[0, -1] = drawn[-1, 0] = 0
    return drawn / drawn.sum()


def orthonormal(
    generator: Generator, rows: int, columns: int, dtype: torch.dtype | None = None
) -> Tensor:
    """Orthonormal columns in random directions."""
    return torch.linalg.qr(normal(generator, rows, columns, dtype=dtype)).Q
