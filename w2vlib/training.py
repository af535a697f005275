"""Training on the statistics of a corpus: gradient descent on all pairs of words at once."""

import hashlib
import math
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from w2vlib._blocks import Factors, PairBlocks, loss_and_gradient
from w2vlib._checkpoints import load_checkpoint, save_checkpoint
from w2vlib._divergence import LOOK_EVERY, Watch
from w2vlib._recorder import Callback, Recorder
from w2vlib._validation import at_least_one, one_of, positive, start_of_shape
from w2vlib.cooccurrence import Cooccurrence
from w2vlib.embedding import Embedding
from w2vlib.history import TrainingResult
from w2vlib.losses import PairLoss, sgns_loss
from w2vlib.stats import CorpusStatistics, Reweighting, word2vec_reweighting

__all__ = ["PopulationConfig", "train_population"]


@dataclass(frozen=True)
class PopulationConfig:
    r"""How to train on the statistics of a corpus.

    Attributes:
        dim: d, the number of dimensions.
        loss: Of the inner products, entry by entry, such as :func:`w2vlib.qwem_loss`.
        tied: One vector for each word, W' = W; else words and contexts have their own.
        biases: Add a number for each word (and, untied, each context) to the inner products.
            They start at :math:`-\tfrac12 \log k`, where k is the number of negative pairs for
            each positive one. With k > 1 nearly all inner products must be negative, and
            :math:`W W^\top`, which is positive semi-definite, cannot be that: without biases the
            vectors shrink instead.
        optimizer: ``"gd"`` is plain gradient descent, which follows the gradient flow of
            :mod:`w2vlib.flow`; ``"momentum"``, ``"adam"`` and ``"lbfgs"`` get to the end sooner.
        learning_rate: The step :math:`\eta`; see :func:`train_population` for its unit.
        momentum: Of ``"momentum"``.
        schedule: Keep the learning rate, or let it fall linearly to zero.
        steps: How many.
        initial_scale: :math:`\sigma`; all entries start as independent
            :math:`\mathcal N(0, \sigma^2)`.
        record_every: Steps between two entries of the history; the first and the last state are
            always recorded.
        checkpoint: An ``.npz`` file. It is written at every record; if it is there already,
            training goes on from it.
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
    checkpoint: str | Path | None = None

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "steps", "record_every")
        positive(self, "learning_rate", "initial_scale")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"`momentum` must be in [0, 1); got {self.momentum}")
        one_of(self, "optimizer", ("gd", "momentum", "adam", "lbfgs"))
        one_of(self, "schedule", ("constant", "linear"))
        if self.checkpoint is not None and Path(self.checkpoint).suffix != ".npz":
            raise ValueError(f"`checkpoint` must end in .npz; got '{self.checkpoint}'")


def train_population(
    statistics: CorpusStatistics | Cooccurrence,
    config: PopulationConfig,
    *,
    reweighting: Reweighting | None = None,
    features: Tensor | None = None,
    initial: Embedding | None = None,
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

    The weights of all pairs are kept up to a gigabyte; beyond it, only a block of rows exists at
    any time, besides the statistics.

    Args:
        statistics: Joint and unigram probabilities, or the counts they come from. Computation
            is on their device and in their dtype (counts: on the CPU, in float32, or as
            `initial` is).
        config: Loss, optimizer, number of steps and so on.
        reweighting: The weights A and B; None takes :math:`P_{ij}` and :math:`P_i P_j`.
        features: F, (vocab, n), dense or sparse: W = F Z, and Z is trained. For words spelled
            with the same letters, see :func:`w2vlib.ngram_incidence`. None takes W itself.
        initial: The vectors to start from, for words and contexts alike; not with `features`.
        seed: Of the start.
        callback: Called with the step and the embedding at every record; the numbers it returns
            by name become part of the history.
        progress: Show a progress bar.

    Returns:
        Vectors and history.

    Raises:
        ValueError: The sizes disagree, or a checkpoint belongs to another run.
        RuntimeError: The loss diverged, which is noticed within 1,000 steps.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), equations 1 and 3.
    """
    run = _Run.start(statistics, config, reweighting, features, initial, seed)
    records, first = Recorder(callback, statistics.vocabulary), 0
    path = Path(config.checkpoint) if config.checkpoint is not None else None
    if path is not None and path.exists():
        first = run.restore(load_checkpoint(path), records, path)
    from tqdm.auto import trange

    for step in trange(first, config.steps + 1, desc="training", disable=not progress):
        recording = step % config.record_every == 0 or step == config.steps
        looking = recording or step % LOOK_EVERY == 0
        loss = run.evaluate(with_loss=looking)
        if looking:
            run.check(step, loss)
        if recording and step not in records.rows["steps"]:
            records.add(step, run.elapsed, loss, run.factors().words)
            if path is not None:
                save_checkpoint(path, run.state(step, records))
        if step < config.steps:
            run.step(step)
    factors = run.factors()
    embedding = Embedding(factors.words.detach().clone(), statistics.vocabulary)
    contexts = embedding
    if not factors.tied:
        contexts = Embedding(factors.contexts.detach().clone(), statistics.vocabulary)
    return TrainingResult(embedding, contexts, records.history())


class _Run:
    """Parameters, optimizer and weights of a training on statistics."""

    def __init__(
        self,
        config: PopulationConfig,
        blocks: PairBlocks,
        parameters: dict[str, Tensor],
        features: Tensor | None,
    ) -> None:
        self.config, self.blocks, self.features = config, blocks, features
        self.parameters = parameters
        self.optimizer = _optimizer(config, list(parameters.values()))
        self.elapsed = 0.0
        self.watch = Watch(self.blocks.mean * self.blocks.size**2)
        self.identity = "" if config.checkpoint is None else self._fingerprint()

    @classmethod
    def start(
        cls,
        statistics: CorpusStatistics | Cooccurrence,
        config: PopulationConfig,
        reweighting: Reweighting | None,
        features: Tensor | None,
        initial: Embedding | None,
        seed: int,
    ) -> "_Run":
        like = initial.vectors if initial is not None else torch.empty(0)
        if isinstance(statistics, CorpusStatistics):
            like = statistics.joint
        if reweighting is None:
            reweighting = word2vec_reweighting(statistics, negatives=1, exponent=1, sample=None)
        blocks = PairBlocks(
            statistics, reweighting, like.dtype, like.device, symmetric=config.tied
        )
        generator = torch.Generator().manual_seed(seed)
        words = _start(config, len(statistics), features, initial, generator).to(like)
        parameters = {"words": words}
        if not config.tied:
            contexts = _start(config, len(statistics), None, initial, generator)
            parameters["contexts"] = contexts.to(like)
        if config.biases:
            names = ("word_biases",) if config.tied else ("word_biases", "context_biases")
            shift = -math.log(float(reweighting.noise.sum())) / 2
            parameters |= {name: like.new_full((len(statistics),), shift) for name in names}
        if features is not None:
            features = features.to(like.device, like.dtype)
        return cls(config, blocks, parameters, features)

    def factors(self) -> Factors:
        """Word and context vectors and biases at this moment."""
        p = self.parameters
        words = p["words"] if self.features is None else self.features @ p["words"]
        biases = None
        if self.config.biases:
            biases = p["word_biases"], p.get("context_biases", p["word_biases"])
        return Factors(words, p.get("contexts", words), biases)

    def evaluate(self, *, with_loss: bool) -> float:
        """Put the gradients where the optimizer looks for them; return the loss."""
        with torch.no_grad():
            loss, gradients = loss_and_gradient(
                self.factors(), self.blocks, self.config.loss, with_loss=with_loss
            )
        if self.features is not None:
            gradients[0] = self.features.T @ gradients[0]
        for parameter, gradient in zip(self.parameters.values(), gradients, strict=True):
            parameter.grad = gradient
        return loss

    def step(self, step: int) -> None:
        """One step of the optimizer; the gradients are there, L-BFGS asks for more."""
        config = self.config
        rate = float(config.learning_rate)
        if config.schedule == "linear":
            rate *= 1 - step / config.steps
        for group in self.optimizer.param_groups:
            group["lr"] = rate

        if config.optimizer == "lbfgs":
            self.optimizer.step(lambda: self.evaluate(with_loss=True) / self.blocks.mean)
        else:
            self.optimizer.step()
        self.elapsed += 2 * rate

    def check(self, step: int, loss: float) -> None:
        """Refuse to go on if the training diverges, and to end far above the start."""
        config = self.config
        gradients = [p.grad for p in self.parameters.values() if p.grad is not None]
        diverges = self.watch.diverges(step, loss, *gradients)
        if diverges or (step == config.steps and self.watch.ends_far_above):
            rate = min(float(config.learning_rate) / 10, float(PopulationConfig.learning_rate))
            remedy = f"use a `learning_rate` of {rate:.2g}, or less if that diverges, too"
            if config.optimizer != "adam":
                remedy += "; or `optimizer='adam'`, whose steps do not grow with the gradient"
            raise self.watch.error(f"at step {step:,}", remedy)

    def restore(self, state: dict[str, Any], records: Recorder, path: Path) -> int:
        """Go back to a saved state; return its step."""
        if state["run"] != self.identity:
            raise ValueError(
                f"'{path}' is the checkpoint of another run (other data, start, seed or "
                "configuration); delete it, or give another name"
            )
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(state["parameters"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        self.elapsed, self.watch.start = state["elapsed"], state["loss_at_start"]
        records.rows.update(state["records"])
        return state["step"]

    def _fingerprint(self) -> str:
        """Of the start, and all else that must not change between a run and its continuation."""
        config, blocks = self.config, self.blocks
        plan = {field.name: getattr(config, field.name) for field in fields(config)}
        for name in ("checkpoint", "record_every"):
            del plan[name]
        if config.schedule == "constant":
            del plan["steps"]  # there may be more of them
        plan["loss"] = _name(config.loss)
        digest = hashlib.sha256(repr((plan, blocks.uniform)).encode())
        start = (self.factors().words, *self.parameters.values())
        for tensor in (blocks.keep, blocks.center, blocks.noise, *start):
            digest.update(tensor.cpu().numpy().tobytes())
        return digest.hexdigest()

    def state(self, step: int, records: Recorder) -> dict[str, Any]:
        """All that is needed to go on."""
        return {
            "run": self.identity,
            "step": step,
            "elapsed": self.elapsed,
            "loss_at_start": self.watch.start,
            "parameters": self.parameters,
            "optimizer": self.optimizer.state_dict(),
            "records": records.rows,
        }


def _name(loss: PairLoss) -> str:
    """The same in every process, as an address in memory is not."""
    if isinstance(loss, partial):
        return f"{_name(loss.func)}{loss.args}{sorted(loss.keywords.items())}"
    return getattr(loss, "__qualname__", type(loss).__qualname__)


def _optimizer(config: PopulationConfig, parameters: list[Tensor]) -> torch.optim.Optimizer:
    rate = float(config.learning_rate)
    if config.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=rate)
    if config.optimizer == "lbfgs":
        return torch.optim.LBFGS(
            parameters,
            lr=rate,
            max_iter=1,
            max_eval=25,  # for the line search of this one iteration
            tolerance_grad=0,
            tolerance_change=0,
            line_search_fn="strong_wolfe",
        )
    momentum = config.momentum if config.optimizer == "momentum" else 0.0
    return torch.optim.SGD(parameters, lr=rate, momentum=float(momentum))


def _start(
    config: PopulationConfig,
    words: int,
    features: Tensor | None,
    initial: Embedding | None,
    generator: torch.Generator,
) -> Tensor:
    """The vectors of the first step, on the CPU."""
    rows = words if features is None else features.shape[1]
    if features is not None and len(features) != words:
        raise ValueError(f"`features` must have {words} rows; got {len(features)}")
    if initial is None:
        normal = torch.randn(rows, config.dim, generator=generator, dtype=torch.float64)
        return normal * config.initial_scale
    if features is not None:
        raise ValueError("`initial` has no meaning with `features`; leave out one or the other")
    start_of_shape(initial, words, config.dim)
    return initial.vectors.detach().cpu().clone()
