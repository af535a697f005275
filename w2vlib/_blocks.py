"""The weights of pairs a few rows at a time, and the gradient of a loss over all pairs."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from w2vlib.cooccurrence import Cooccurrence
from w2vlib.losses import PairLoss, pair_slope
from w2vlib.stats import CorpusStatistics, Reweighting, corpus_statistics

__all__ = ["Factors", "PairBlocks", "loss_and_gradient"]

_ENTRIES = 2**20  # of a block: a few megabytes, which the processor's cache can hold


class PairBlocks:
    """A and B of all pairs, of which only a block of rows is ever written out.

    Attributes:
        mean: Of A + B, over all pairs.
    """

    def __init__(
        self,
        statistics: CorpusStatistics | Cooccurrence,
        reweighting: Reweighting,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        if len(reweighting) != len(statistics):
            raise ValueError(
                f"`reweighting` must be for the {len(statistics)} words of `statistics`; "
                f"it is for {len(reweighting)}"
            )
        vectors = (reweighting.keep, reweighting.center, reweighting.noise)
        self.keep, self.center, self.noise = (v.to(device, dtype) for v in vectors)
        self.uniform = reweighting.uniform
        self.size = len(statistics)
        self._thinned = bool((reweighting.keep != 1).any())
        if isinstance(statistics, Cooccurrence) and device.type != "cpu":
            statistics = corpus_statistics(statistics, dtype=dtype, device=device)
        if isinstance(statistics, Cooccurrence):
            counts = statistics.counts
            shares = (counts.data / statistics.total).astype(_NUMPY_DTYPE[dtype])
            self._joint: Tensor | sp.csr_array = sp.csr_array(
                (shares, counts.indices, counts.indptr), shape=counts.shape
            )
        else:
            self._joint = statistics.joint.to(device, dtype)
        self.mean = 1.0 if self.uniform else self._mean()

    def __iter__(self) -> Iterator[tuple[slice, Tensor, Tensor]]:
        """Slices of rows, with their A and B."""
        step = max(1, _ENTRIES // self.size)
        for first in range(0, self.size, step):
            rows = slice(first, min(first + step, self.size))
            yield rows, *self._weights(rows)

    def _weights(self, rows: slice) -> tuple[Tensor, Tensor]:
        positive = self._rows(rows)
        if self._thinned:
            positive = positive * self.keep[rows, None] * self.keep
        half = self.noise / 2
        negative = torch.outer(self.center[rows], half).addr_(half[rows], self.center)
        if self.uniform:
            total = positive + negative
            return positive / total, negative / total
        return positive, negative

    def _rows(self, rows: slice) -> Tensor:
        if isinstance(self._joint, Tensor):
            return self._joint[rows]
        return torch.from_numpy(self._joint[rows.start : rows.stop].toarray())

    def _mean(self) -> float:
        keep = self.keep.double()
        if isinstance(self._joint, Tensor):
            positive = float(keep @ (self._joint @ self.keep).double())
        else:
            positive = float(keep.numpy() @ (self._joint @ keep.numpy()))
        negative = float(self.center.double().sum() * self.noise.double().sum())
        return (positive + negative) / self.size**2


class Factors:
    """Word vectors, context vectors and biases, from which the inner products come.

    Attributes:
        words: W.
        contexts: W'; the same tensor as `words` if the two are tied.
        biases: b and b', or None; the same tensor twice if tied.
    """

    def __init__(
        self, words: Tensor, contexts: Tensor, biases: tuple[Tensor, Tensor] | None
    ) -> None:
        self.words, self.contexts, self.biases = words, contexts, biases
        self.tied = contexts is words

    def inner_products(self, rows: slice) -> Tensor:
        """Of the words in `rows` with all contexts, biases included."""
        s = self.words[rows] @ self.contexts.T
        if self.biases is not None:
            word, context = self.biases
            s = s.add_(word[rows, None]).add_(context)
        return s


def loss_and_gradient(
    factors: Factors, blocks: PairBlocks, loss: PairLoss, *, with_loss: bool
) -> tuple[float, list[Tensor]]:
    """The loss, and its gradient divided by the mean weight of a pair.

    Returns:
        The loss (NaN unless asked for) and the gradients for words, contexts (unless tied), and
        the biases of words and (unless tied) of contexts.
    """
    W, C = factors.words, factors.contexts
    words, contexts = torch.empty_like(W), torch.zeros_like(C)
    ones = W.new_zeros(len(W)), C.new_zeros(len(C))
    total = 0.0
    for rows, positive, negative in blocks:
        s = factors.inner_products(rows)
        if with_loss:
            total += float(loss(s, positive, negative).sum(dtype=torch.float64))
        slope = pair_slope(loss, s, positive, negative)
        words[rows] = slope @ C
        ones[0][rows] = slope.sum(dim=1)
        if not factors.tied:
            contexts.addmm_(slope.T, W[rows])
            ones[1].add_(slope.sum(dim=0))
    # Tied vectors are words and contexts at once, and the weights are symmetric.
    parts = [2 * words] if factors.tied else [words, contexts]
    if factors.biases is not None:
        parts += [2 * ones[0]] if factors.tied else list(ones)
    return (total if with_loss else float("nan")), [part / blocks.mean for part in parts]


_NUMPY_DTYPE = {torch.float32: np.float32, torch.float64: np.float64}
