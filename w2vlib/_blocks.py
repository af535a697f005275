"""The weights of pairs a few rows at a time, and the gradient of a loss over all pairs."""

from collections.abc import Iterator

import scipy.sparse as sp
import torch
from torch import Tensor

from w2vlib._arrays import NUMPY_DTYPE
from w2vlib.cooccurrence import Cooccurrence
from w2vlib.losses import PairLoss, pair_slope
from w2vlib.stats import CorpusStatistics, Reweighting, check_words, corpus_statistics

__all__ = ["Factors", "PairBlocks", "loss_and_gradient"]

_ENTRIES = 2**20  # of a block: a few megabytes, which the processor's cache can hold
_DENSE_BYTES = 2**30  # up to here all pairs are written out once, instead of at each step

_Block = tuple[slice, slice, Tensor, Tensor]


class PairBlocks:
    """A and B of all pairs, block by block of rows; for large vocabularies only one at a time.

    Attributes:
        mean: Of A + B, over all pairs.
        symmetric: Whether the inner products are symmetric, too: then the columns of a block
            begin with its first row, and those before are its mirror image.
    """

    def __init__(
        self,
        statistics: CorpusStatistics | Cooccurrence,
        reweighting: Reweighting,
        dtype: torch.dtype,
        device: torch.device,
        *,
        symmetric: bool,
    ) -> None:
        check_words(statistics, reweighting)
        vectors = (reweighting.keep, reweighting.center, reweighting.noise)
        self.keep, self.center, self.noise = (v.to(device, dtype) for v in vectors)
        self.uniform, self.symmetric = reweighting.uniform, symmetric
        self.size = len(statistics)
        self._thinned = bool((reweighting.keep != 1).any())
        dense = self.size**2 * dtype.itemsize  # bytes of a matrix with all pairs
        if isinstance(statistics, Cooccurrence) and (
            dense <= _DENSE_BYTES or device.type != "cpu"
        ):
            statistics = corpus_statistics(statistics, dtype=dtype, device=device)
        if isinstance(statistics, Cooccurrence):
            counts = statistics.counts
            shares = (counts.data / statistics.total).astype(NUMPY_DTYPE[dtype])
            self._joint: Tensor | sp.csr_array = sp.csr_array(
                (shares, counts.indices, counts.indptr), shape=counts.shape
            )
        else:
            self._joint = statistics.joint.to(device, dtype)
        self.mean = 1.0 if self.uniform else self._mean()
        fits = dense * (1 if symmetric else 2) <= _DENSE_BYTES  # half of A and of B, or both
        self._kept = list(self._blocks()) if fits else None
        if fits:
            del self._joint

    def __iter__(self) -> Iterator[_Block]:
        """Slices of rows and columns, with their A and B."""
        return self._blocks() if self._kept is None else iter(self._kept)

    def _blocks(self) -> Iterator[_Block]:
        first = 0
        while first < self.size:
            columns = slice(first if self.symmetric else 0, self.size)
            step = max(1, _ENTRIES // (columns.stop - columns.start))
            rows = slice(first, min(first + step, self.size))
            yield rows, columns, *self._weights(rows, columns)
            first = rows.stop

    def _weights(self, rows: slice, columns: slice) -> tuple[Tensor, Tensor]:
        positive = self._block(rows, columns)
        if self._thinned:
            positive = positive * self.keep[rows, None] * self.keep[columns]
        half = self.noise / 2
        negative = torch.outer(self.center[rows], half[columns])
        negative.addr_(half[rows], self.center[columns])
        if self.uniform:
            total = positive + negative
            return positive / total, negative / total
        return positive, negative

    def _block(self, rows: slice, columns: slice) -> Tensor:
        block = self._joint[rows, columns]
        return block if isinstance(block, Tensor) else torch.from_numpy(block.toarray())

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
        words: :math:`W`.
        contexts: W'; the same tensor as `words` if the two are tied.
        biases: b and b', or None; the same tensor twice if tied.
    """

    def __init__(
        self, words: Tensor, contexts: Tensor, biases: tuple[Tensor, Tensor] | None
    ) -> None:
        self.words, self.contexts, self.biases = words, contexts, biases
        self.tied = contexts is words

    def inner_products(self, rows: slice, columns: slice) -> Tensor:
        """Of the words in `rows` with the contexts in `columns`, biases included."""
        s = self.words[rows] @ self.contexts[columns].T
        if self.biases is not None:
            word, context = self.biases
            s = s.add_(word[rows, None]).add_(context[columns])
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
    words, contexts = torch.zeros_like(W), torch.zeros_like(C)
    ones = W.new_zeros(len(W)), C.new_zeros(len(C))
    total = 0.0
    for rows, columns, positive, negative in blocks:
        s = factors.inner_products(rows, columns)
        # Of a symmetric matrix, the part right of the diagonal block stands for two.
        mirrored = slice(rows.stop - rows.start if blocks.symmetric else s.shape[1], None)
        if with_loss:
            losses = loss(s, positive, negative)
            total += float(losses.sum(dtype=torch.float64))
            total += float(losses[:, mirrored].sum(dtype=torch.float64))
        slope = pair_slope(loss, s, positive, negative)
        words[rows].addmm_(slope, C[columns])
        if blocks.symmetric:
            words[rows.stop :].addmm_(slope[:, mirrored].T, W[rows])
        else:
            contexts.addmm_(slope.T, W[rows])
        if factors.biases is not None:
            ones[0][rows] += slope.sum(dim=1)
            if blocks.symmetric:
                ones[0][rows.stop :] += slope[:, mirrored].sum(dim=0)
            else:
                ones[1].add_(slope.sum(dim=0))
    # Tied vectors are words and contexts at once, and the weights are symmetric.
    parts = [2 * words] if factors.tied else [words, contexts]
    if factors.biases is not None:
        parts += [2 * ones[0]] if factors.tied else list(ones)
    return (total if with_loss else float("nan")), [part / blocks.mean for part in parts]
