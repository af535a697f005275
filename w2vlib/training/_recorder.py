"""The history of training while it is being made."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from w2vlib.embedding import Embedding
from w2vlib.flow import FlowTrajectory
from w2vlib.training.results import TrainingHistory, TrainingResult
from w2vlib.vocabulary import Vocabulary

__all__ = ["Callback", "Recorder"]

Callback = Callable[[int, Embedding], Mapping[str, float] | None]
"""From the step and the embedding at it to numbers by name."""


class Recorder:
    """The history while it is being made, and the result at its end."""

    def __init__(
        self, callback: Callback | None, vocabulary: Vocabulary, *, keep_vectors: bool = False
    ) -> None:
        self.callback, self.vocabulary, self.keep_vectors = callback, vocabulary, keep_vectors
        self.rows: list[tuple[int, float, float]] = []
        self.singular_values: list[Tensor] = []
        self.measured: dict[str, list[float]] = {}
        self.kept: list[tuple[Tensor, Tensor]] = []

    def add(self, step: int, elapsed: float, loss: float, words: Tensor, contexts: Tensor) -> None:
        """Measure what the history records of a state."""
        words, tied = words.detach(), contexts is words
        wide = words.cpu().double()  # the squares of small starts are smaller still
        values = torch.linalg.eigvalsh(wide.T @ wide).clamp(min=0).sqrt().flip(0)

        self.rows.append((step, elapsed, loss))
        self.singular_values.append(values)
        if self.keep_vectors:
            kept = words.clone()
            self.kept.append((kept, kept if tied else contexts.detach().clone()))

        if self.callback is not None:
            measured = self.callback(step, Embedding(words.clone(), self.vocabulary)) or {}
            for name, number in measured.items():
                self.measured.setdefault(name, []).append(float(number))

    def history(self) -> TrainingHistory:
        """The records so far."""
        steps, times, losses = zip(*self.rows, strict=True)
        return TrainingHistory(
            torch.tensor(steps),
            torch.tensor(times, dtype=torch.float64),
            torch.tensor(losses, dtype=torch.float64),
            torch.stack(self.singular_values),
            {name: torch.tensor(row, dtype=torch.float64) for name, row in self.measured.items()},
        )

    def result(self, words: Tensor, contexts: Tensor) -> TrainingResult:
        """Vectors and history; the same object twice if words and contexts have one tensor."""
        tied, history = contexts is words, self.history()
        embedding = Embedding(words.detach().clone(), self.vocabulary)
        other = embedding if tied else Embedding(contexts.detach().clone(), self.vocabulary)
        if not self.keep_vectors:
            return TrainingResult(embedding, other, history)
        factors = torch.stack([kept for kept, _ in self.kept])
        contexts = factors if tied else torch.stack([kept for _, kept in self.kept])
        trajectory = FlowTrajectory(history.times.to(factors), factors, contexts)
        return TrainingResult(embedding, other, history, trajectory)
