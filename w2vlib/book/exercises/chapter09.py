"""The exercises of chapter 9, theory meets training."""

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import joint, normal, uniform, whole
from w2vlib.book.exercises.function import FunctionExercise

__all__ = ["EXERCISES"]

_WHICH_ASSUMPTION = ChoiceExercise(
    right="b",
    praise="With equal weights, what grows is what is learned in the end.",
    mistakes={
        "a": "The parabola changes sizes by some percent; the learned directions stay those of "
        "the weights.",
        "c": "A smaller start makes steps sharper, but along the same directions as before.",
        "d": "Smaller steps follow the flow more closely, but the flow depends on the weights.",
    },
)


def _rank(shares: Tensor) -> Tensor:
    return (-(shares * shares.log()).sum()).exp()


def _shares(values: Tensor) -> Tensor:
    return values / values.sum()


def _strengths(vectors: Tensor, weights: Tensor) -> Tensor:
    return torch.linalg.svdvals(weights.sqrt()[:, None] * vectors).square()


def _by_gram_matrix(vectors: Tensor, weights: Tensor) -> Tensor:
    strengths = torch.linalg.eigvalsh(vectors.T @ (weights[:, None] * vectors)).clamp(min=0)
    return torch.special.entr(_shares(strengths)).sum().exp()


def _vectors_and_weights(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    W, g = normal(generator, 4, 3), uniform(generator, 4, low=0.2, high=3)
    return (W, g), (W[:, :2], g.flip(0))


_EFFECTIVE_RANK = FunctionExercise(
    truth=_by_gram_matrix,
    praise="It counts directions by their strength, and does not ask which basis they are in.",
    instances=_vectors_and_weights,
    mistakes={
        "You take shares of the singular values; take shares of their squares, the strengths.": (
            lambda w, g: _rank(_shares(_strengths(w, g).sqrt()))
        ),
        "This is the entropy. Take its exponential to get a number of directions.": (
            lambda w, g: _rank(_shares(_strengths(w, g))).log()
        ),
        "The sign of the entropy is missing: the logarithms of shares are negative.": (
            lambda w, g: 1 / _rank(_shares(_strengths(w, g)))
        ),
        "Natural logarithm and exponential belong together; you use the logarithm to base 2 "
        "with exp.": lambda w, g: torch.exp(torch.log2(_rank(_shares(_strengths(w, g))))),
        "This is the participation ratio, another effective number of directions; use the "
        "entropy.": lambda w, g: 1 / _shares(_strengths(w, g)).square().sum(),
        "The shares must sum to one: divide the squares by their sum.": (
            lambda w, g: _rank(_strengths(w, g))
        ),
        "This is the effective rank of W; multiply row i by the square root of g_i first.": (
            lambda w, g: _rank(_shares(_strengths(w, torch.ones_like(g))))
        ),
        "Multiply row i by the square root of g_i, not by g_i.": (
            lambda w, g: _rank(_shares(_strengths(w, g.square())))
        ),
        "This is the sum divided by the largest, another effective number of directions; use the "
        "entropy.": (lambda w, g: 1 / _shares(_strengths(w, g)).max()),
        "You take the lengths of the columns, which depend on the basis; take the singular "
        "values.": (lambda w, g: _rank(_shares((g.sqrt()[:, None] * w).square().sum(0)))),
        "This is the number of columns, or the rank. Directions of little strength must count "
        "less.": (lambda w, g: torch.tensor(float(w.shape[1]))),
        "The mean is not the entropy: sum p log p.": (
            lambda w, g: _rank(_shares(_strengths(w, g))).log().div(w.shape[1]).exp()
        ),
        "You divide row i by the square root of g_i; multiply by it.": (
            lambda w, g: _rank(_shares(_strengths(w, 1 / g)))
        ),
        "Both the weights and the squares are missing: multiply row i by the square root of "
        "g_i, and take the squares of the singular values.": (
            lambda w, g: _rank(_shares(torch.linalg.svdvals(w)))
        ),
    },
    nudge="First the shares p of the squares, then exp of minus the sum of p log p.",
)


def _time(rate: Tensor, steps: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return (a + b).mean() * rate * steps


def _runs(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """A learning rate, a number of steps, and the weights of real and of made-up pairs."""
    return tuple(
        (
            uniform(generator, low=0.01, high=0.2),
            whole(generator, 7, 60),
            joint(generator, words) * uniform(generator, low=2, high=4),
            joint(generator, words) * uniform(generator, low=5, high=7),
        )
        for words in (3, 2)
    )


_STEPS_TO_TIME = FunctionExercise(
    truth=_time,
    praise="On this clock, runs with different weights can be compared.",
    instances=_runs,
    mistakes={
        "The mean weight is missing: the clock divides the gradient by it, gradient descent "
        "does not.": lambda rate, steps, a, b: rate * steps,
        "You divide by the mean weight; heavier weights make gradient descent faster, so "
        "multiply.": lambda rate, steps, a, b: rate * steps / (a + b).mean(),
        "The factor 2 belongs to the paper's loss, which is twice as large.": (
            lambda rate, steps, a, b: 2 * _time(rate, steps, a, b)
        ),
        "Take the mean over all pairs of words, not the sum.": lambda rate, steps, a, b: (
            (a + b).sum() * rate * steps
        ),
        "You take the weights of positive pairs only; G is A + B.": lambda rate, steps, a, b: (
            a.mean() * rate * steps
        ),
        "You divide by the number of words; there are V times V pairs.": (
            lambda rate, steps, a, b: (a + b).sum() / len(a) * rate * steps
        ),
        "G is the sum A + B, not the mean of A and B.": (
            lambda rate, steps, a, b: _time(rate, steps, a, b) / 2
        ),
        "You take the weights of made-up pairs only; G is A + B.": (
            lambda rate, steps, a, b: b.mean() * rate * steps
        ),
        "The rate is missing: it is the length of a step.": (
            lambda rate, steps, a, b: (a + b).mean() * steps
        ),
        "The number of steps is missing: this is the time of one.": (
            lambda rate, steps, a, b: (a + b).mean() * rate
        ),
        "You divide by the rate and the mean weight; multiply by them.": (
            lambda rate, steps, a, b: steps / (rate * (a + b).mean())
        ),
        "G is the sum A + B, not the difference.": (
            lambda rate, steps, a, b: (a - b).mean() * rate * steps
        ),
    },
    nudge="A step is -rate * gradient; a unit of time is -gradient / mean(A + B).",
)

EXERCISES = {
    "09-1": _WHICH_ASSUMPTION,
    "09-2": _EFFECTIVE_RANK,
    "09-3": _STEPS_TO_TIME,
}
