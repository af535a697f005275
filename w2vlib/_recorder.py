"""The history of a training while it is being made."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from w2vlib.corpus import Vocabulary
from w2vlib.embedding import Embedding
from w2vlib.history import TrainingHistory

__all__ = ["Callback", "Recorder"]

Callback = Callable[[int, Embedding], Mapping[str, float] | None]


class Recorder:
    """The history while it is being made."""

    def __init__(self, callback: Callback | None, vocabulary: Vocabulary) -> None:
        self.callback, self.vocabulary = callback, vocabulary
        self.rows: dict[str, Any] = {"steps": [], "times": [], "loss": [], "values": []}
        self.rows["measured"] = {}

    def add(self, step: int, elapsed: float, loss: float, words: Tensor) -> None:
        """Measure what is to be known about a state."""
        words = words.detach()
        wide = words.cpu().double()  # the squares of small starts are smaller still
        gram = wide.T @ wide
        values = torch.linalg.eigvalsh(gram).clamp(min=0).sqrt().flip(0)
        row = (step, elapsed, loss, values)
        for name, value in zip(("steps", "times", "loss", "values"), row, strict=True):
            self.rows[name].append(value)
        if self.callback is not None:
            measured = self.callback(step, Embedding(words.clone(), self.vocabulary)) or {}
            for name, number in measured.items():
                self.rows["measured"].setdefault(name, []).append(float(number))

    def history(self) -> TrainingHistory:
        """The records so far."""
        rows = self.rows
        return TrainingHistory(
            torch.tensor(rows["steps"]),
            torch.tensor(rows["times"], dtype=torch.float64),
            torch.tensor(rows["loss"], dtype=torch.float64),
            torch.stack(rows["values"]),
            {
                name: torch.tensor(numbers, dtype=torch.float64)
                for name, numbers in rows["measured"].items()
            },
        )
