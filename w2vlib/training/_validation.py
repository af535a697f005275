"""Checks of configurations and arguments, with messages in one style."""

import math
from typing import Any

__all__ = ["at_least_one", "one_of", "positive", "start_of_shape"]


def at_least_one(config: Any, *names: str) -> None:  # noqa: ANN401
    """Refuse counts below 1."""
    for name in names:
        if getattr(config, name) < 1:
            raise ValueError(f"`{name}` must be at least 1; got {getattr(config, name)}")


def positive(config: Any, *names: str) -> None:  # noqa: ANN401
    """Refuse numbers that are not positive and finite; None passes."""
    for name in names:
        value = getattr(config, name)
        if value is not None and not 0 < value < math.inf:
            raise ValueError(f"`{name}` must be positive and finite; got {value}")


def one_of(config: Any, name: str, known: tuple[str, ...]) -> None:  # noqa: ANN401
    """Refuse unknown names."""
    if getattr(config, name) not in known:
        raise ValueError(f"`{name}` must be one of {known}; got {getattr(config, name)!r}")


def start_of_shape(initial: Any, words: int, dim: int) -> None:  # noqa: ANN401
    """Refuse starting vectors whose shape is not (words, dim)."""
    if initial.vectors.shape != (words, dim):
        raise ValueError(
            f"`initial` must be {words} words x {dim} dimensions, as the data and `config` say; "
            f"got {len(initial)} x {initial.dim}"
        )
