"""Training on the tokens of a corpus: the algorithm of word2vec, in matrix products."""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from w2vlib._arrays import accumulate
from w2vlib.corpus import Corpus, subsample
from w2vlib.embedding import Embedding
from w2vlib.training._divergence import LOOK_EVERY, Watch, smaller_steps
from w2vlib.training._recorder import Callback, Recorder
from w2vlib.training._validation import at_least_one, positive, start_of_shape
from w2vlib.training.results import TrainingResult

__all__ = ["SGNSConfig", "train_sgns"]

_SHARING = 16  # tokens that share their noise words
_LOSS_EVERY = 16  # the loss costs another pass: some batches say enough; divides LOOK_EVERY


@dataclass(frozen=True)
class SGNSConfig:
    r"""The hyperparameters of word2vec; the defaults, except for d, are those of the program.

    Attributes:
        dim: d, the number of dimensions.
        window: L. Each token draws how far its own window reaches from 1 to L, so a
            neighbor at distance :math:`\delta` counts with weight :math:`(L + 1 - \delta) / L`.
        negatives: k, the number of noise words for each neighbor.
        exponent: The exponent of the words' frequencies in the noise distribution.
        sample: Tokens of words with a larger share of the text than this are dropped at random,
            anew in every epoch; None keeps all.
        epochs: The number of passes through the text.
        learning_rate: :math:`\eta`; falls linearly to :math:`10^{-4}` of it.
        batch_tokens: The number of tokens whose updates are computed at once, from the same
            vectors.
        noise_words: The number of noise words that a block of 16 tokens shares. Each stands for
            :math:`k n / \text{noise\_words}` draws for a token with n neighbors, so that the
            expected update is that of k draws for each neighbor.
        records_per_epoch: The number of entries of the history in each epoch.
    """

    dim: int = 200
    window: int = 5
    negatives: int | float = 5
    exponent: int | float = 0.75
    sample: float | None = 1e-3
    epochs: int = 5
    learning_rate: int | float = 0.025
    batch_tokens: int = 256
    noise_words: int = 64
    records_per_epoch: int = 1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "window", "epochs")
        at_least_one(self, "batch_tokens", "noise_words", "records_per_epoch")
        positive(self, "negatives", "learning_rate", "sample")
        if not math.isfinite(self.exponent):
            raise ValueError(f"`exponent` must be finite; got {self.exponent}")


@dataclass(frozen=True)
class Batch:
    """Blocks of tokens with their neighbors and their noise words.

    Attributes:
        centers: (batch, block); padded with any word, which then has no neighbors.
        others: (batch, context): the neighbors and those beside them, then the noise words.
        labels: (batch, block, context): 1 for neighbors.
        weights: (batch, block, context): how often each counts.
    """

    centers: Tensor
    others: Tensor
    labels: Tensor
    weights: Tensor


def train_sgns(
    corpus: Corpus,
    config: SGNSConfig,
    *,
    initial: Embedding | None = None,
    seed: int = 0,
    callback: Callback | None = None,
    progress: bool = False,
) -> TrainingResult:
    r"""Skip-gram with negative sampling on a text: word2vec.

    For each token i and each token j in its window, and for noise words n,

    .. math:: \ell = \log(1 + e^{-w_i \cdot w'_j})
        + \sum_{n} \log(1 + e^{w_i \cdot w'_n})

    is made smaller by a step along its gradient. Sixteen tokens at a time share their noise
    words, so the work is products of matrices, and the gradients of a batch are summed.
    A word that is in many pairs of a batch takes a shorter step than :math:`\eta`: at most
    :math:`1 / h`, where h is the trace of the second derivative of the batch's loss by its vector,

    .. math:: h = \sum_j \sigma(s_j) \, (1 - \sigma(s_j)) \, |w'_j|^2, \qquad
        s_j = w \cdot w'_j,

    over its pairs. Longer steps could overshoot; single pairs, one after the other as in the
    original program, do not come near this. Where scores are large the loss hardly bends and h
    bounds nothing: ten times the default learning rate can diverge, and so can large batches,
    in which more pairs of a word add up. Training then stops within 1,000 steps, and says so.

    The published program takes the neighbor for i and predicts the center. Windows are symmetric,
    so the mean step is the same. It also skips a noise word that equals the predicted word, where
    this function skips none.

    Args:
        corpus: The encoded text. Computation is on its device, in float32.
        config: The hyperparameters.
        initial: Vectors of the words to start from; None draws them uniformly from
            [-1/2d, 1/2d]. The context vectors start at zero, or (given `initial`) as a copy.
        seed: The seed of all random choices; the same seed gives the same bits on one machine.
        callback: A function called with the number of tokens seen and the embedding at every
            record; the numbers it returns by name become part of the history.
        progress: Whether to show a progress bar.

    Returns:
        Vectors of words and of contexts, and the history.

    Raises:
        ValueError: No two tokens are neighbors, or `initial` has another shape.
        RuntimeError: The vectors diverged, which is noticed within 1,000 steps, a step being a
            batch. The message names settings to try.

    Reference:
        Mikolov et al. 2013 (arXiv:1310.4546), section 2, with the settings of the published
        program; Ji et al. 2016 (arXiv:1604.04661) for sharing noise words.
    """
    device, vocabulary = corpus.tokens.device, corpus.vocabulary
    generator = torch.Generator().manual_seed(seed)
    if initial is None:
        W = (torch.rand(len(vocabulary), config.dim, generator=generator) - 0.5) / config.dim
        C = torch.zeros_like(W)
    else:
        start_of_shape(initial, len(vocabulary), config.dim)
        W = initial.vectors.detach().cpu().float().clone()
        C = W.clone()

    W, C = W.to(device), C.to(device)
    centers = WordVectors(W)
    records = run_skipgram(corpus, config, centers, C, seed, callback, progress)
    return records.result(W, C)


class WordVectors:
    """Vectors of the centers: a row for each word."""

    def __init__(self, rows: Tensor) -> None:
        self.rows = rows

    def __getitem__(self, words: Tensor) -> Tensor:
        return self.rows[words]

    def add(self, words: Tensor, updates: Tensor) -> None:
        """Add to the vectors of some words; a word may occur more than once."""
        accumulate(self.rows, words.flatten(), updates.flatten(0, -2))

    def table(self) -> Tensor:
        """The vectors of all words."""
        return self.rows


def run_skipgram(
    corpus: Corpus,
    config: SGNSConfig,
    centers: WordVectors,
    contexts: Tensor,
    seed: int,
    callback: Callback | None,
    progress: bool,
) -> Recorder:
    """Train `centers` and `contexts` in place."""
    from tqdm.auto import tqdm

    if not bool((corpus.offsets.diff() > 1).any()):
        raise ValueError(
            "no two tokens are neighbors: `corpus` has no document of two words or more; check "
            "that each line of the text is a document, or enlarge the vocabulary"
        )

    recorder = Recorder(callback, corpus.vocabulary)
    total, seen, elapsed = len(corpus) * config.epochs, 0, 0.0
    losses: list[float] = []
    watch = Watch(1 + float(config.negatives))  # the weight of a neighbor and its noise words

    with tqdm(total=total, desc="training", unit=" tokens", disable=not progress) as bar:
        for number, turn in enumerate(_turns(corpus, config, seed)):
            rate = float(config.learning_rate) * max(1 - seen / total, 1e-4)
            with_loss = number % _LOSS_EVERY == 0 or turn.record
            losses += descend(turn.batch, centers, contexts, rate, with_loss=with_loss)

            thorough = number % LOOK_EVERY == 0 or turn.record
            vectors = (centers.rows, contexts) if thorough else ()
            if with_loss and (
                watch.diverges(number, losses[-1], *vectors)
                or (turn.seen == total and watch.rose(sum(losses) / len(losses)))
            ):
                remedy = _remedy(turn.batch, centers, contexts, config)
                raise watch.error(f"after step {number + 1:,} ({turn.seen:,} tokens)", remedy)

            elapsed += 2 * rate
            bar.update(turn.seen - seen)
            seen = turn.seen
            if turn.record:
                mean = sum(losses) / len(losses)
                recorder.add(seen, elapsed, mean, centers.table(), contexts)
                losses = []
    return recorder


@dataclass(frozen=True)
class _Turn:
    """A batch, the number of tokens seen after it, and whether to make a record then."""

    batch: Batch
    seen: int
    record: bool


def _turns(corpus: Corpus, config: SGNSConfig, seed: int) -> Iterator[_Turn]:
    """All batches of all epochs."""
    noise, parts = noise_distribution(corpus, config), config.records_per_epoch
    seeds = torch.randint(2**62, (config.epochs, 2), generator=torch.Generator().manual_seed(seed))
    for epoch, (first, second) in enumerate(seeds.tolist()):
        kept = corpus if config.sample is None else subsample(corpus, config.sample, seed=first)
        batches = math.ceil(len(kept) / (_blocks_at_once(config) * _SHARING))
        marks = {math.ceil(batches * (n + 1) / parts) for n in range(parts)}
        generator = torch.Generator().manual_seed(second)
        for number, batch in enumerate(make_batches(kept, config, noise, generator), start=1):
            seen = round(len(corpus) * (epoch + number / batches))
            yield _Turn(batch, seen, number in marks)


def _blocks_at_once(config: SGNSConfig) -> int:
    return max(1, config.batch_tokens // _SHARING)


def noise_distribution(corpus: Corpus, config: SGNSConfig) -> Tensor:
    """The cumulative noise distribution."""
    counts = corpus.vocabulary.known_counts("to draw noise words").cpu().double()
    shares = torch.where(counts > 0, counts.pow(config.exponent), 0)
    return shares.cumsum(0) / shares.sum()


def make_batches(
    corpus: Corpus, config: SGNSConfig, noise: Tensor, generator: torch.Generator
) -> Iterator[Batch]:
    """Go once through the text."""
    L, size = config.window, len(corpus)
    device = corpus.tokens.device
    blocks = math.ceil(size / _SHARING)

    # A margin of L on both sides, and the last block filled up: tokens of no document.
    pad = (L, blocks * _SHARING - size + L)
    tokens = torch.nn.functional.pad(corpus.tokens.long(), pad)
    document = torch.searchsorted(corpus.offsets, torch.arange(size, device=device), right=True)
    document = torch.nn.functional.pad(document, pad, value=-1)
    neighbors = tokens.unfold(0, _SHARING + 2 * L, _SHARING)
    near = document.unfold(0, _SHARING + 2 * L, _SHARING)

    inside = slice(L, L + _SHARING)
    i, j = torch.arange(_SHARING)[:, None], torch.arange(_SHARING + 2 * L)
    distance = (j - i - L).abs().to(device)
    distance = torch.where(distance == 0, L + 1, distance)

    at_once = _blocks_at_once(config)
    for first in range(0, blocks, at_once):
        part = slice(first, min(first + at_once, blocks))
        count = part.stop - part.start
        reach = torch.randint(1, L + 1, (count, _SHARING, 1), generator=generator).to(device)
        draws = torch.rand(count, config.noise_words, generator=generator, dtype=torch.float64)
        random = torch.searchsorted(noise, draws).clamp(max=len(noise) - 1).to(device)

        # Only other tokens within reach, in the same document, count.
        own = near[part, inside, None]
        labels = ((distance <= reach) & (own == near[part, None]) & (own >= 0)).float()
        share = labels.sum(dim=2, keepdim=True) * (config.negatives / config.noise_words)
        share = share.expand(-1, -1, config.noise_words)

        yield Batch(
            neighbors[part, inside],
            torch.cat([neighbors[part], random], dim=1),
            torch.cat([labels, torch.zeros_like(share)], dim=2),
            torch.cat([labels, share], dim=2),
        )


def descend(
    batch: Batch, centers: WordVectors, contexts: Tensor, rate: float, *, with_loss: bool = False
) -> list[float]:
    """One step along the gradient of a batch, in place.

    Returns:
        The mean loss of a neighbor and its noise words, if asked for.
    """
    W, C = centers[batch.centers], contexts[batch.others]
    labels, weights = batch.labels.to(W), batch.weights.to(W)
    s = W @ C.mT
    p = torch.sigmoid(s)

    loss = []
    if with_loss:
        pairs = weights * softplus(torch.where(labels > 0, -s, s))
        loss.append(float(pairs.sum() / labels.sum().clamp(min=1)))

    # Steps along the slope, kept short where the loss bends.
    slope, bend = labels - weights * p, weights * p * (1 - p)
    updates = slope @ C, slope.mT @ W
    h = bend @ C.square().sum(dim=2, keepdim=True), bend.mT @ W.square().sum(dim=2, keepdim=True)

    size = len(contexts)
    centers.add(batch.centers, updates[0] * _steps(rate, size, batch.centers, h[0]))
    steps = _steps(rate, size, batch.others, h[1])
    accumulate(contexts, batch.others.flatten(), (updates[1] * steps).flatten(0, 1))
    return loss


def _steps(rate: float, size: int, words: Tensor, h: Tensor) -> Tensor:
    """For each position the step of its word: the rate, or 1/h if that is shorter.

    Args:
        rate: The step of words that are rare in the batch.
        size: The number of words.
        words: The word at each position.
        h: The curvature at each position; that of a word is the sum over its positions.
    """
    total = h.new_zeros(size)
    accumulate(total, words.flatten(), h.flatten())
    return (1 / total.clamp(min=1 / rate))[words][..., None]


def _remedy(batch: Batch, centers: WordVectors, contexts: Tensor, config: SGNSConfig) -> str:
    """Settings with shorter steps than a batch took."""
    pairs = copy.copy(centers)  # the steps of pairs that are all of length 1
    pairs.rows = centers.rows.new_zeros(len(centers.rows), 1)
    pairs.add(batch.centers, batch.weights.sum(dim=2, keepdim=True))
    others = contexts.new_zeros(len(contexts))
    accumulate(others, batch.others.flatten(), batch.weights.sum(dim=1).flatten())
    crowd = max(float(pairs.table().max()), float(others.max()))
    tokens = ("batch_tokens", batch.centers.numel())
    rate, usual = float(config.learning_rate), float(SGNSConfig.learning_rate)
    return smaller_steps(rate, usual, 1 / 4, crowd, tokens, unit=_SHARING)
