"""GloVe: weighted least squares on the logarithms of counts."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._arrays import accumulate
from w2vlib._devices import check_room, resolve_device
from w2vlib.cooccurrence import Cooccurrence
from w2vlib.losses import glove_weight
from w2vlib.text.facts import warn
from w2vlib.training._divergence import LOOK_EVERY, Watch, smaller_steps
from w2vlib.training._recorder import Callback, Recorder
from w2vlib.training._validation import at_least_one, positive
from w2vlib.training.results import TrainingResult

__all__ = ["GloVeConfig", "glove_target", "train_glove"]


@dataclass(frozen=True)
class GloVeConfig:
    r"""The hyperparameters of GloVe; the defaults are the published ones.

    Attributes:
        dim: d, the number of dimensions.
        maximum: :math:`x_{\max}`, the count from which pairs have full weight.
        exponent: :math:`\alpha` of the weight.
        learning_rate: :math:`\eta` of AdaGrad.
        epochs: The number of passes through the pairs.
        batch_pairs: The number of pairs whose updates are computed at once, from the same
            vectors, and summed; 1 is the published algorithm, but for the bound on the steps.
    """

    dim: int = 200
    maximum: int | float = 100
    exponent: int | float = 0.75
    learning_rate: int | float = 0.05
    epochs: int = 25
    batch_pairs: int = 4096

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "epochs", "batch_pairs")
        positive(self, "maximum", "exponent", "learning_rate")


def train_glove(
    cooccurrence: Cooccurrence,
    config: GloVeConfig,
    *,
    scale: int | float | None = None,
    seed: int = 0,
    device: str | torch.device = "cpu",
    callback: Callback | None = None,
    progress: bool = False,
) -> TrainingResult:
    r"""GloVe as published: AdaGrad on the pairs that occur, in random order.

    .. math:: L = \tfrac12 \sum_{X_{ij} > 0} f(X_{ij})
        \left(w_i \cdot w'_j + b_i + b'_j - \log X_{ij}\right)^2, \qquad
        f(X) = \min\left(1, (X / x_{\max})^{\alpha}\right).

    The steps of a word in many pairs of a batch add up. With
    :math:`\eta_m = \eta / \sqrt{S_m}`, AdaGrad's step for number m of a word i, they are
    divided by 2h where h is above one half,

    .. math:: h_i = \sum_j f(X_{ij}) \, \bigl(\eta_b + \sum_m \eta_m \, w_{jm}'^2\bigr),

    over the pairs of the word in the batch, with :math:`\eta_b` the step of its bias: words and
    contexts then move no further together than to where the squares are least. Single pairs hardly
    ever come near this.

    The published vectors are the sums w + w': :func:`w2vlib.words_plus_contexts`.

    Args:
        cooccurrence: The counts; the published program weighs pairs harmonically.
        config: The hyperparameters.
        scale: What one co-occurrence at distance 1 counts in `cooccurrence`: X is the counts
            divided by it. None takes ``cooccurrence.unit``, or 1 if that is unknown.
        seed: The seed of the start and of the order of the pairs.
        device: The device to compute on; ``"auto"`` takes a GPU if there is one.
        callback: A function called with the epoch and the vectors of the words after each epoch;
            the numbers it returns by name become part of the history.
        progress: Whether to show a progress bar.

    Returns:
        Vectors of words and contexts; the loss of the history is L, as seen during the epoch.

    Warns:
        DataWarning: All pairs have full weight, and the unit of the counts is unknown.

    Raises:
        ValueError: There are no counts, `scale` is not positive, or the device is not there.
        RuntimeError: The vectors diverged, which is noticed within 1,000 steps, a step being a
            batch. The message names settings to try.

    Reference:
        Pennington, Socher, Manning 2014, equations 8 and 9 and section 4.2; Duchi et al. 2011.
    """
    from tqdm.auto import trange

    state = _Glove(cooccurrence, config, _scale(cooccurrence, config, scale), seed, device)
    recorder = Recorder(callback, cooccurrence.vocabulary)
    at_zero = state.weights @ state.logs.square() / 2  # with all vectors and biases zero
    watch, step = Watch(float(state.weights.sum()), float(at_zero)), 0
    last = config.epochs * math.ceil(len(state.logs) / config.batch_pairs)

    for epoch in trange(1, config.epochs + 1, desc="training", disable=not progress):
        loss = 0.0
        for part, pairs in state.parts_of_epoch(config):
            loss, step = loss + part, step + math.ceil(pairs / config.batch_pairs)
            diverges = watch.diverges(step, part * len(state.logs) / pairs, *state.tables)
            if diverges or (step == last and watch.rose(loss)):
                raise watch.error(f"after step {step:,} (epoch {epoch})", state.remedy(config))

        words, contexts = (table[:, :-1] for table in state.tables)
        recorder.add(epoch, math.nan, loss, words, contexts)  # AdaGrad has no common time
    return recorder.result(words, contexts)


def _scale(cooccurrence: Cooccurrence, config: GloVeConfig, scale: int | float | None) -> float:
    """What one co-occurrence counts, as far as it is known."""
    if scale is not None:
        return float(scale)
    if cooccurrence.unit is not None:
        return float(cooccurrence.unit)

    counts = cooccurrence.counts.data
    if len(counts) and bool((counts[counts > 0] >= config.maximum).all()):
        warn(
            f"all pairs have full weight, since every count is at least {config.maximum}, the "
            "`maximum`: if the counts are weighted by distance, pass `scale`, what one "
            "co-occurrence at distance 1 counts (window_weights(window, weighting)[0])"
        )
    return 1.0


class _Glove:
    """Vectors with their biases as a last column, and AdaGrad's sums of squares."""

    def __init__(
        self,
        cooccurrence: Cooccurrence,
        config: GloVeConfig,
        scale: float,
        seed: int,
        device: str | torch.device,
    ) -> None:
        if not scale > 0:
            raise ValueError(f"`scale` must be positive; got {scale}")
        pairs = cooccurrence.counts.tocoo()
        if not len(pairs.data):
            raise ValueError("`cooccurrence` holds no counts; count a longer text")

        self.device = resolve_device(device)
        self.generator = torch.Generator().manual_seed(seed)
        self.rows = tuple(torch.from_numpy(c.astype(np.int64)) for c in pairs.coords)
        counts = torch.from_numpy(pairs.data / scale)
        self.logs = counts.log().float()
        self.weights = glove_weight(counts, config.maximum, config.exponent).float()

        shape = (2, len(cooccurrence), config.dim + 1)
        start = (torch.rand(shape, generator=self.generator) - 0.5) / (config.dim + 1)
        self.tables = list(start.to(self.device))
        self.squares = [torch.ones_like(table) for table in self.tables]

    def parts_of_epoch(self, config: GloVeConfig) -> Iterator[tuple[float, int]]:
        """Go once through all pairs; now and then yield the loss, and its number of pairs."""
        order = torch.randperm(len(self.logs), generator=self.generator)
        for part in order.split(config.batch_pairs * LOOK_EVERY):
            losses = [self.step(chosen, config) for chosen in part.split(config.batch_pairs)]
            yield float(torch.stack(losses).cpu().double().sum()), len(part)

    def step(self, chosen: Tensor, config: GloVeConfig) -> Tensor:
        """One step for some pairs; return their loss, without waiting for the device."""
        i, j = (rows[chosen].to(self.device) for rows in self.rows)
        w, c = self.tables[0][i], self.tables[1][j]
        s = (w[:, :-1] * c[:, :-1]).sum(dim=1) + w[:, -1] + c[:, -1]
        gap = s - self.logs[chosen].to(self.device)
        weights = self.weights[chosen].to(self.device)
        weighted = weights * gap

        # AdaGrad: each number has a step size of its own, smaller the more it has moved. Where
        # the pairs of a word would take it too far together, all of its steps are shorter.
        ones = torch.ones_like(gap)[:, None]
        for n, (rows, other) in enumerate(((i, c), (j, w))):
            slopes = torch.cat([other[:, :-1], ones], dim=1)
            sizes = config.learning_rate * self.squares[n][rows].rsqrt()
            h = torch.zeros_like(self.tables[n][:, 0])
            accumulate(h, rows, weights * (slopes.square() * sizes).sum(dim=1))
            gradient = weighted[:, None] * slopes
            accumulate(self.tables[n], rows, -gradient * sizes / (2 * h).clamp(min=1)[rows, None])
            accumulate(self.squares[n], rows, gradient.square())
        return weighted @ gap / 2

    def remedy(self, config: GloVeConfig) -> str:
        """Settings with shorter steps."""
        size = min(config.batch_pairs, len(self.logs))
        heaviest = max(float(rows.bincount(self.weights).max()) for rows in self.rows)
        rate, usual = float(config.learning_rate), float(GloVeConfig.learning_rate)
        crowd = heaviest * size / len(self.logs)
        return smaller_steps(rate, usual, 1, crowd, ("batch_pairs", size))


def glove_target(cooccurrence: Cooccurrence) -> Float[Tensor, "vocab vocab"]:
    r"""What GloVe factorizes in closed form if all pairs weigh the same.

    .. math:: J \log(1 + X) \, J, \qquad J = I - \tfrac1V 1 1^\top .

    With constant weight, the best biases are the means of rows and columns, which J takes away;
    one is added to the counts because the logarithm of 0 has no value. The top positive modes
    are the word vectors.

    Args:
        cooccurrence: The counts X.

    Returns:
        A symmetric matrix in float32, V x V: time and memory grow as :math:`V^2`.

    Raises:
        ValueError: The matrix would not fit into memory.

    Reference:
        Pennington, Socher, Manning 2014, equation 8 with f = 1; Karkada et al. 2025
        (arXiv:2502.09863), on other losses.
    """
    # Its float64 means and their copy in float32 take three times as much as the matrix.
    remedy = "use a smaller vocabulary (restrict_cooccurrence), or `train_glove`"
    check_room(cooccurrence.counts.shape, 4, torch.float32, torch.device("cpu"), remedy)
    logs = cooccurrence.counts.astype(np.float64)
    np.log1p(logs.data, out=logs.data)
    target = torch.from_numpy(logs.astype(np.float32).toarray())
    means = torch.from_numpy(np.asarray(logs.sum(axis=1)) / len(cooccurrence))
    target -= (means[:, None] + means - means.mean()).float()
    return target
