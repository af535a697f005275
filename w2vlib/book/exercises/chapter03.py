"""The exercises of chapter 3, skip-gram and negative sampling."""

import torch
from torch import Generator, Tensor
from torch.nn.functional import logsigmoid, softplus

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import joint, shares, uniform, whole
from w2vlib.book.exercises.function import FunctionExercise
from w2vlib.losses import sgns_loss

__all__ = ["EXERCISES"]

_ONLY_REAL_PAIRS = ChoiceExercise(
    right="c",
    praise="All vectors align, and then all scores grow, those of unseen pairs with them.",
    mistakes={
        "a": "The loss holds no pair that should get a low score. What would pull it down?",
        "b": "One half is the answer at the start, when all scores are near zero.",
        "d": "Frequency decides how fast a score grows, not whether it grows.",
    },
)


def _in_double_precision(s: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return -a * logsigmoid(s.double()) - b * logsigmoid(-s.double())


def _scores(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Scores in single precision, two of them large, and weights.

    A score of 200 overflows exp, and 1 - sigmoid(20) is 0, but log(1 + exp(20)) is fine: that
    tells the two ways to lose digits apart.
    """

    def draw(*shape: int, low: int | float, high: int | float) -> Tensor:
        return uniform(generator, *shape, low=low, high=high, dtype=torch.float32)

    scores = draw(2, 3, low=-3, high=3)
    scores[0, 2] = draw(low=18, high=30)
    scores[1, 1:] = draw(low=150, high=250) * torch.tensor([1.0, -1.0])
    few = draw(3, low=-3, high=3)
    return tuple(
        (s, draw(*s.shape, low=0.1, high=0.6), draw(*s.shape, low=0.1, high=0.6))
        for s in (scores, few)
    )


_WRITE_THE_LOSS = FunctionExercise(
    truth=_in_double_precision,
    praise="Two terms, one that pulls the score up and one that pushes it down, and no overflow.",
    instances=_scores,
    mistakes={
        "The formula is right, but in single precision exp(200) is infinite and sigmoid(-200) is "
        "0; use softplus or logsigmoid of torch.nn.functional.": lambda s, a, b: (
            a * torch.log(1 + torch.exp(-s)) + b * torch.log(1 + torch.exp(s))
        ),
        "The formula is right, but 1 - sigmoid(20) is 0 in single precision, and its logarithm "
        "is minus infinity; use sigma(-s), and logsigmoid or softplus for its logarithm.": (
            lambda s, a, b: -a * torch.log(torch.sigmoid(s)) - b * torch.log(1 - torch.sigmoid(s))
        ),
        "The signs of the scores are turned around: a real pair must cost less when its score "
        "grows.": lambda s, a, b: a * softplus(s) + b * softplus(-s),
        "This is the log-likelihood. A loss has the opposite sign.": (
            lambda s, a, b: -sgns_loss(s, a, b)
        ),
        "Both terms have softplus(-s); negative pairs need softplus(s).": (
            lambda s, a, b: (a + b) * softplus(-s)
        ),
        "Both terms have softplus(s); real pairs need softplus(-s).": (
            lambda s, a, b: (a + b) * softplus(s)
        ),
        "The negative pairs are missing.": lambda s, a, b: a * softplus(-s),
        "The negative pairs must be weighted by B.": lambda s, a, b: (
            a * softplus(-s) + softplus(s)
        ),
        "The two terms are added, not subtracted.": lambda s, a, b: (
            a * softplus(-s) - b * softplus(s)
        ),
        "This is the sum over all pairs; return the loss of every pair.": (
            lambda s, a, b: sgns_loss(s, a, b).sum()
        ),
        "This is the mean over all pairs; return the loss of every pair.": (
            lambda s, a, b: sgns_loss(s, a, b).mean()
        ),
        "The real pairs are missing.": (lambda s, a, b: b * softplus(s)),
        "The real pairs must be weighted by A.": (lambda s, a, b: softplus(-s) + b * softplus(s)),
        "Both weights are missing: real pairs count A times, made-up pairs B times.": (
            lambda s, a, b: softplus(-s) + softplus(s)
        ),
        "The real pairs have the wrong sign: each term is a cost, a positive number.": (
            lambda s, a, b: b * softplus(s) - a * softplus(-s)
        ),
        "The logarithms are missing: this is the expected number of wrong answers.": (
            lambda s, a, b: a * torch.sigmoid(-s) + b * torch.sigmoid(s)
        ),
        "This is the slope of the loss. Return the loss itself.": (
            lambda s, a, b: (a + b) * torch.sigmoid(s) - a
        ),
        "You divide by A + B; the weights stay as they are.": (
            lambda s, a, b: sgns_loss(s, a, b) / (a + b)
        ),
    },
    nudge="Multiply A by softplus of minus the score, and B by softplus of the score.",
)


def _noise(counts: Tensor, exponent: Tensor) -> Tensor:
    return counts**exponent / (counts**exponent).sum()


def _by_softmax(counts: Tensor, exponent: Tensor) -> Tensor:
    return torch.softmax(exponent * torch.log(counts), dim=0)


def _counts(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Counts of different size; two words of the second text have the same."""
    first = torch.stack([whole(generator, low, 2 * low) for low in (200, 50, 10, 2)])
    tied = torch.stack([whole(generator, 4, 9)] * 2 + [whole(generator, 1, 3)])
    return tuple((c, uniform(generator, low=0.55, high=0.7)) for c in (first, tied))


_WRITE_THE_NOISE = FunctionExercise(
    truth=_by_softmax,
    praise="Frequent words are drawn less often than they occur, rare ones more often.",
    instances=_counts,
    mistakes={
        "These are the powers; divide them by their sum, so that they are probabilities.": (
            lambda c, b: c**b
        ),
        "You normalize before the power. Then the result does not sum to 1; normalize after it.": (
            lambda c, b: (c / c.sum()) ** b
        ),
        "You divide by the sum of the counts; divide by the sum of their powers.": (
            lambda c, b: c**b / c.sum()
        ),
        "This is the unigram distribution: the exponent is not used, or it cancels.": (
            lambda c, b: c / c.sum()
        ),
        "This is a softmax: it takes the exponential of the counts. Take their power.": (
            lambda c, b: torch.softmax(c, dim=0)
        ),
        "The exponent is one over the right one: frequent words must lose, not gain.": (
            lambda c, b: _noise(c, 1 / b)
        ),
        "The sign of the exponent is turned around: rare words would be drawn most often.": (
            lambda c, b: _noise(c, -b)
        ),
        "The power of each count must be divided by the sum of the powers, not by the largest.": (
            lambda c, b: (c / c.max()) ** b
        ),
        "The exponent is 1 minus the right one.": lambda c, b: _noise(c, 1 - b),
        "You wrote the exponent as a number. Use the argument.": (
            lambda c, b: _noise(c, torch.tensor(0.75))
        ),
        "All words are equally likely: that would be the exponent 0.": (
            lambda c, b: torch.ones_like(c) / len(c)
        ),
        "Base and exponent are exchanged: raise the counts to the power.": (
            lambda c, b: b**c / (b**c).sum()
        ),
        "These are sums over all words up to each one; return the probability of each.": (
            lambda c, b: _noise(c, b).cumsum(0)
        ),
        "You divide by the mean of the powers; divide by their sum.": (
            lambda c, b: c**b / (c**b).mean()
        ),
    },
    nudge="Raise the counts to the power, then divide by the sum of what you got.",
)


def _classifier(joint: Tensor, noise: Tensor, negatives: Tensor) -> Tensor:
    return joint / (joint + negatives * torch.outer(joint.sum(dim=1), noise))


def _made_up(joint: Tensor, noise: Tensor) -> Tensor:
    return torch.outer(joint.sum(dim=1), noise)


def _by_score(joint: Tensor, noise: Tensor, negatives: Tensor) -> Tensor:
    return torch.sigmoid(torch.log(joint / (negatives * _made_up(joint, noise))))


def _games(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Noise that differs from the unigram probabilities; one pair is never seen."""
    return tuple(
        (joint(generator, n, unseen=n > 2), shares(generator, n), whole(generator, 2, 9))
        for n in (3, 2)
    )


_WRITE_THE_ANSWER = FunctionExercise(
    truth=_by_score,
    praise="No player of the game can answer better than this.",
    instances=_games,
    mistakes={
        "The number of negatives is missing: there are k made-up pairs for each real one.": (
            lambda p, q, k: p / (p + _made_up(p, q))
        ),
        "The number of negatives belongs to the made-up pairs, not to the real ones.": (
            lambda p, q, k: k * p / (k * p + _made_up(p, q))
        ),
        "This is the probability that the pair is made up.": (
            lambda p, q, k: 1 - _classifier(p, q, k)
        ),
        "These are the odds A / B. The probability is A / (A + B).": (
            lambda p, q, k: p / (k * _made_up(p, q))
        ),
        "This is the best score, log(A / B). The exercise asks for the probability, sigma of "
        "it.": lambda p, q, k: torch.log(p / (k * _made_up(p, q))),
        "You divide by the weight of the real pairs plus k. Divide by A + B.": (
            lambda p, q, k: p / (p + k)
        ),
        "Made-up pairs draw the center from P_i and the context from the noise; you draw both "
        "from the noise.": lambda p, q, k: p / (p + k * torch.outer(q, q)),
        "Made-up pairs draw the context from the noise; you draw it from P_j.": (
            lambda p, q, k: p / (p + k * _made_up(p, p.sum(dim=0)))
        ),
        "Rows are centers and columns are contexts: this is P_j q_i in place of P_i q_j.": (
            lambda p, q, k: p / (p + k * _made_up(p, q).T)
        ),
        "The probability of the center is missing: a made-up pair has the probability P_i q_j.": (
            lambda p, q, k: p / (p + k * q)
        ),
        "The logistic function takes the score, log(A / B); you gave it the odds, A / B.": (
            lambda p, q, k: torch.sigmoid(p / (k * _made_up(p, q)))
        ),
        "The noise distribution is missing: a made-up pair has the probability P_i q_j.": (
            lambda p, q, k: p / (p + k * p.sum(dim=1, keepdim=True))
        ),
        "This is P_ij / P_i, the probability of the context in the text. No made-up pairs are "
        "in it.": (lambda p, q, k: p / p.sum(dim=1, keepdim=True)),
        "k multiplies the made-up pairs alone, not the sum.": (
            lambda p, q, k: p / (k * (p + _made_up(p, q)))
        ),
        "This is the logarithm of the probability.": (
            lambda p, q, k: torch.log(_classifier(p, q, k))
        ),
        "`*` multiplies entry by entry; P_i q_j for all pairs is the outer product.": (
            lambda p, q, k: p / (p + k * p.sum(dim=1) * q)
        ),
    },
    nudge="Name the outer product P_i q_j, times k, first; then divide P_ij by the sum of both.",
)

EXERCISES = {
    "03-1": _ONLY_REAL_PAIRS,
    "03-2": _WRITE_THE_LOSS,
    "03-3": _WRITE_THE_NOISE,
    "03-4": _WRITE_THE_ANSWER,
}
