"""Training on the statistics of a corpus: gradient descent on all pairs of words at once."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
from torch import Tensor
from torch.optim import LBFGS, SGD, Adam, Optimizer

from w2vlib.embedding import Embedding
from w2vlib.losses import PairLoss, sgns_loss
from w2vlib.stats import CorpusStatistics, Reweighting
from w2vlib.training._divergence import LOOK_EVERY, Watch
from w2vlib.training._pair_blocks import Factors, PairBlocks, loss_and_gradient
from w2vlib.training._recorder import Callback, Recorder
from w2vlib.training._validation import at_least_one, one_of, positive, start_of_shape
from w2vlib.training.results import TrainingResult

__all__ = ["PopulationConfig", "train_population"]


@dataclass(frozen=True)
class PopulationConfig:
    r"""How to train on the statistics of a corpus.

    Attributes:
        dim: d, the number of dimensions.
        loss: The loss of each pair, such as :func:`w2vlib.qwem_loss`; see :mod:`w2vlib.losses`.
        tied: Whether each word has one vector, W' = W; else words and contexts have their own.
        biases: Whether to add a number for each word (and, untied, each context) to the inner
            products. They start at :math:`-\tfrac12 \log k`, where k is the number of negative
            pairs for each positive one. With k > 1 nearly all inner products must be negative, and
            :math:`W W^\top`, which is positive semi-definite, cannot be that: without biases the
            vectors shrink instead.
        optimizer: ``"gd"`` is plain gradient descent, which follows the gradient flow of
            :mod:`w2vlib.flow`; ``"momentum"``, ``"adam"`` and ``"lbfgs"`` get to the end sooner.
        learning_rate: The step :math:`\eta`; see :func:`train_population` for its unit.
        momentum: The share of the last step that ``"momentum"`` adds to the next.
        schedule: Whether to keep the learning rate or to let it fall linearly to zero.
        steps: The number of steps.
        initial_scale: :math:`\sigma`; all entries start as independent
            :math:`\mathcal N(0, \sigma^2)`.
        record_every: The number of steps between two entries of the history; the first and the
            last state are always recorded.
        keep_vectors: Whether to keep the vectors of every record, too: the trajectory of the
            result.
    """

    dim: int = 200
    loss: PairLoss = sgns_loss
    tied: bool = True
    biases: bool = False
    optimizer: Literal["gd", "momentum", "adam", "lbfgs"] = "adam"
    learning_rate: int | float = 0.03
    momentum: int | float = 0.9
    schedule: Literal["constant", "linear"] = "constant"
    steps: int = 200
    initial_scale: int | float = 1e-3
    record_every: int = 10
    keep_vectors: bool = False

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "steps", "record_every")
        positive(self, "learning_rate", "initial_scale")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"`momentum` must be in [0, 1); got {self.momentum}")
        one_of(self, "optimizer", ("gd", "momentum", "adam", "lbfgs"))
        one_of(self, "schedule", ("constant", "linear"))


def train_population(
    statistics: CorpusStatistics,
    config: PopulationConfig,
    *,
    reweighting: Reweighting,
    features: Tensor | None = None,
    initial: Embedding | tuple[Embedding, Embedding] | None = None,
    seed: int = 0,
    callback: Callback | None = None,
    progress: bool = False,
) -> TrainingResult:
    r"""Minimize a loss over all pairs of words at once, without sampling.

    .. math:: L = \sum_{ij} \ell(s_{ij}, A_{ij}, B_{ij}), \qquad
        s_{ij} = w_i \cdot w'_j \; (+ \, b_i + b'_j),

    by descending along :math:`\nabla L / \bar g`, where :math:`\bar g` is the mean of
    :math:`A_{ij} + B_{ij}`, so that a learning rate means the same under every reweighting. For
    plain gradient descent, n steps of size :math:`\eta` take the time :math:`t = 2 \eta n` of
    the flow :math:`dW/dt = -\nabla L / 2 \bar g`; it is stable for :math:`\eta` below about
    :math:`1 / \lambda_1`, with :math:`\lambda_1` the top eigenvalue of the target matrix.

    A step costs time as :math:`d V^2`, whether the statistics are sparse or not.
    The weights of all pairs are kept up to a gigabyte; beyond it, only a block of rows exists at
    any time, besides the statistics.

    Args:
        statistics: Joint and unigram probabilities; sparse ones for a large vocabulary.
            Computation is on their device and in their dtype.
        config: Loss, optimizer, number of steps and so on.
        reweighting: The weights A and B. With :func:`w2vlib.plain_reweighting` the loss is that
            of word2vec without its tricks; with :func:`w2vlib.uniform_reweighting` and
            :func:`w2vlib.qwem_loss` training ends at the closed form.
        features: F, (vocab, n), dense or sparse: W = F Z, and Z is trained. For words that
            share letters, see :func:`w2vlib.ngram_incidence`. None trains W itself.
        initial: The vectors to start from, for words and contexts alike; or those of the words
            and those of the contexts, such as :func:`w2vlib.spectral_factors` returns, if each
            word has two. Not with `features`.
        seed: The seed of the random start.
        callback: A function that is called with the step and the embedding at every record; the
            numbers it returns by name become part of the history.
        progress: Whether to show a progress bar.

    Returns:
        Vectors and history; the vectors along the way if `config` asks for them.

    Raises:
        ValueError: The sizes disagree.
        RuntimeError: The loss diverged, which is noticed within 1,000 steps.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), equations 1 and 3.
    """
    from tqdm.auto import trange

    features = None if features is None else features.to(statistics.unigram)
    trained = _start(statistics, config, reweighting, features, initial, seed)
    optimizer = _optimizer(config, list(trained.values()))
    records = Recorder(callback, statistics.vocabulary, keep_vectors=config.keep_vectors)
    pairs = PairBlocks(statistics, reweighting, symmetric=config.tied)
    put_gradients = partial(_put_gradients, trained, features, pairs, config.loss)
    watch, elapsed = Watch(pairs.mean * pairs.size**2), 0.0

    for step in trange(config.steps + 1, desc="training", disable=not progress):
        last = step == config.steps
        recording = last or step % config.record_every == 0
        looking = recording or step % LOOK_EVERY == 0
        loss = put_gradients(with_loss=looking)
        if looking:
            diverges = watch.diverges(step, loss, *trained.values())
            if diverges or (last and watch.rose(loss)):
                raise watch.error(f"at step {step:,}", _remedy(config))
        if recording:
            factors = _factors(trained, features)
            records.add(step, elapsed, loss, factors.words, factors.contexts)
        if not last:
            elapsed += 2 * _set_rate(optimizer, config, step)
            # L-BFGS looks along a line, and asks for the loss and the gradients there.
            along = partial(put_gradients, with_loss=True, scale=1 / pairs.mean)
            optimizer.step(along) if config.optimizer == "lbfgs" else optimizer.step()
    return records.result(factors.words, factors.contexts)


def _start(
    statistics: CorpusStatistics,
    config: PopulationConfig,
    reweighting: Reweighting,
    features: Tensor | None,
    initial: Embedding | tuple[Embedding, Embedding] | None,
    seed: int,
) -> dict[str, Tensor]:
    """What is trained, by name, at the first step."""
    size, like = len(statistics), statistics.unigram
    if features is not None and len(features) != size:
        raise ValueError(f"`features` must have {size} rows; got {len(features)}")
    if features is not None and initial is not None:
        raise ValueError("`initial` has no meaning with `features`; leave out one or the other")
    if isinstance(initial, tuple) and config.tied:
        raise ValueError(
            "`initial` has two vectors for each word and `config` only one; use `tied=False`, or "
            "start from the first"
        )

    pair = initial if isinstance(initial, tuple) else (initial, initial)
    generator = torch.Generator().manual_seed(seed)

    def vectors(rows: int, start: Embedding | None) -> Tensor:
        if start is not None:
            start_of_shape(start, size, config.dim)
            return start.vectors.detach().to(like).clone()
        normal = torch.randn(rows, config.dim, generator=generator, dtype=torch.float64)
        return (normal * config.initial_scale).to(like)

    trained = {"words": vectors(size if features is None else features.shape[1], pair[0])}
    if not config.tied:
        trained["contexts"] = vectors(size, pair[1])
    if config.biases:
        names = ("word_biases",) if config.tied else ("word_biases", "context_biases")
        shift = -math.log(float(reweighting.noise.sum())) / 2
        trained |= {name: torch.full_like(like, shift) for name in names}
    return trained


def _factors(trained: dict[str, Tensor], features: Tensor | None) -> Factors:
    """Word and context vectors and biases at this moment."""
    words = trained["words"]
    if features is not None:
        words = features @ words
    biases = None
    if "word_biases" in trained:
        biases = trained["word_biases"], trained.get("context_biases", trained["word_biases"])
    return Factors(words, trained.get("contexts", words), biases)


def _put_gradients(
    trained: dict[str, Tensor],
    features: Tensor | None,
    pairs: PairBlocks,
    loss: PairLoss,
    *,
    with_loss: bool,
    scale: float = 1.0,
) -> float:
    """Put the gradients where the optimizer looks for them; return the loss times `scale`."""
    factors = _factors(trained, features)
    value, gradients = loss_and_gradient(factors, pairs, loss, with_loss=with_loss)
    if features is not None:
        gradients[0] = features.T @ gradients[0]
    for parameter, gradient in zip(trained.values(), gradients, strict=True):
        parameter.grad = gradient
    return value * scale


def _optimizer(config: PopulationConfig, parameters: list[Tensor]) -> Optimizer:
    rate = float(config.learning_rate)
    if config.optimizer == "adam":
        return Adam(parameters, lr=rate)

    if config.optimizer == "lbfgs":
        return LBFGS(
            parameters,
            lr=rate,
            max_iter=1,
            max_eval=25,  # for the line search of this one iteration
            tolerance_grad=0,
            tolerance_change=0,
            line_search_fn="strong_wolfe",
        )

    momentum = config.momentum if config.optimizer == "momentum" else 0.0
    return SGD(parameters, lr=rate, momentum=float(momentum))


def _set_rate(optimizer: Optimizer, config: PopulationConfig, step: int) -> float:
    """Set and return the learning rate of a step."""
    rate = float(config.learning_rate)
    if config.schedule == "linear":
        rate *= 1 - step / config.steps
    for group in optimizer.param_groups:
        group["lr"] = rate
    return rate


def _remedy(config: PopulationConfig) -> str:
    """Settings with shorter steps."""
    rate = min(float(config.learning_rate) / 10, float(PopulationConfig.learning_rate))
    remedy = f"use a `learning_rate` of {rate:.2g}, or less if that diverges, too"
    if config.optimizer != "adam":
        remedy += "; or `optimizer='adam'`, whose steps do not grow with the gradient"
    return remedy
