"""The weights of pairs a few rows at a time, and the gradient of a loss over all pairs."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from w2vlib.losses import PairLoss, qwem_loss, sgns_loss
from w2vlib.stats import CorpusStatistics, Reweighting, mean_weight, pair_weights

__all__ = ["Factors", "PairBlocks", "loss_and_gradient", "pair_slope"]

_BLOCK_ENTRIES = 2**20  # entries of a block: a few megabytes, which the processor's cache can hold
_KEPT_BYTES = 2**30  # up to this size, all weights are computed once, not at each step


class PairBlocks:
    """A and B of all pairs, block by block of rows; for large vocabularies only one at a time.

    Attributes:
        symmetric: Whether the inner products are symmetric, too: then the columns of a block
            begin with its first row, and those before are its mirror image.
        mean: The mean of A + B over all pairs.
    """

    def __init__(
        self, statistics: CorpusStatistics, reweighting: Reweighting, *, symmetric: bool
    ) -> None:
        self.statistics, self.reweighting = statistics, reweighting
        self.symmetric, self.size = symmetric, len(statistics)
        self.mean = mean_weight(statistics, reweighting)
        matrix = self.size**2 * statistics.joint.dtype.itemsize
        both = matrix if symmetric else 2 * matrix  # half of A and of B, or all
        self._kept = list(self._computed()) if both <= _KEPT_BYTES else None

    def __iter__(self) -> Iterator[tuple[slice, slice, Tensor, Tensor]]:
        """Slices of rows and columns, with their A and B."""
        return iter(self._kept) if self._kept is not None else self._computed()

    def _computed(self) -> Iterator[tuple[slice, slice, Tensor, Tensor]]:
        first = 0
        while first < self.size:
            columns = slice(first if self.symmetric else 0, self.size)
            step = max(1, _BLOCK_ENTRIES // (columns.stop - columns.start))
            rows = slice(first, min(first + step, self.size))
            yield rows, columns, *pair_weights(self.statistics, self.reweighting, rows, columns)
            first = rows.stop


@dataclass(frozen=True, eq=False)
class Factors:
    """Word vectors, context vectors and biases, from which the inner products come.

    Attributes:
        words: :math:`W`.
        contexts: W'; the same tensor as `words` if the two are tied.
        biases: b and b', or None; the same tensor twice if tied.
    """

    words: Tensor
    contexts: Tensor
    biases: tuple[Tensor, Tensor] | None

    @property
    def tied(self) -> bool:
        """Whether words and contexts have the same vectors."""
        return self.contexts is self.words


def loss_and_gradient(
    factors: Factors, blocks: PairBlocks, loss: PairLoss, *, with_loss: bool
) -> tuple[float, list[Tensor]]:
    """The loss, and its gradient divided by the mean weight of a pair.

    Returns:
        The loss (NaN unless asked for) and the gradients for words, contexts (unless tied), and
        the biases of words and (unless tied) of contexts.
    """
    W, C = factors.words, factors.contexts
    dW, dC = torch.zeros_like(W), torch.zeros_like(C)
    db, dc = W.new_zeros(len(W)), C.new_zeros(len(C))
    total = 0.0

    for rows, columns, A, B in blocks:
        s = W[rows] @ C[columns].T
        if factors.biases is not None:
            b, c = factors.biases
            s = s.add_(b[rows, None]).add_(c[columns])
        slope = pair_slope(loss, s, A, B)

        # Of a symmetric matrix, the part to the right of the diagonal block counts twice.
        mirrored = slice(rows.stop - rows.start if blocks.symmetric else s.shape[1], None)
        if with_loss:
            losses = loss(s, A, B)
            total += float(losses.sum(dtype=torch.float64))
            total += float(losses[:, mirrored].sum(dtype=torch.float64))

        dW[rows].addmm_(slope, C[columns])
        db[rows] += slope.sum(dim=1)
        if blocks.symmetric:
            dW[rows.stop :].addmm_(slope[:, mirrored].T, W[rows])
            db[rows.stop :] += slope[:, mirrored].sum(dim=0)
        else:
            dC.addmm_(slope.T, W[rows])
            dc += slope.sum(dim=0)

    # Tied vectors are words and contexts at once, and the weights are symmetric.
    gradients = [2 * dW] if factors.tied else [dW, dC]
    if factors.biases is not None:
        gradients += [2 * db] if factors.tied else [db, dc]
    return (total if with_loss else float("nan")), [part / blocks.mean for part in gradients]


def pair_slope(loss: PairLoss, s: Tensor, A: Tensor, B: Tensor) -> Tensor:
    r"""The derivative of the loss of every pair with respect to its inner product.

    For :func:`w2vlib.sgns_loss` it is :math:`(A + B) \, \sigma(s) - A`, for
    :func:`w2vlib.qwem_loss` :math:`\tfrac12 (A + B) s - (A - B)`; those of other losses come from
    automatic differentiation.
    """
    known = _SLOPES.get(loss)
    if known is not None:
        return known(s, A, B)
    with torch.enable_grad():
        s = s.detach().requires_grad_()
        (slope,) = torch.autograd.grad(loss(s, A, B).sum(), s)
    return slope


def _sgns_slope(s: Tensor, A: Tensor, B: Tensor) -> Tensor:
    return torch.sigmoid(s).mul_(A + B).sub_(A)


def _qwem_slope(s: Tensor, A: Tensor, B: Tensor) -> Tensor:
    return (A + B).mul_(s / 2).sub_(A).add_(B)


# Written out, because training spends its time here.
_SLOPES: dict[PairLoss, PairLoss] = {sgns_loss: _sgns_slope, qwem_loss: _qwem_slope}
