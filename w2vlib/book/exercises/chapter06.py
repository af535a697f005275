"""The exercises of chapter 6, the quartic approximation."""

import math

import torch
from torch import Generator, Tensor
from torch.nn.functional import softplus

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import uniform
from w2vlib.book.exercises.function import FunctionExercise

__all__ = ["EXERCISES"]

_LOG2 = math.log(2)


def _loss(s: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return (a + b) * (_LOG2 + s.square() / 8) - (a - b) * s / 2


def _at_zero(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Value, slope and curvature of word2vec's loss at s = 0, by automatic differentiation."""
    s = torch.zeros_like(a).requires_grad_()
    loss = a * softplus(-s) + b * softplus(s)
    (slope,) = torch.autograd.grad(loss.sum(), s, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), s)
    return loss.detach(), slope.detach(), curvature


def _by_taylor(s: Tensor, a: Tensor, b: Tensor) -> Tensor:
    value, slope, curvature = _at_zero(a, b)
    return value + slope * s + curvature * s.square() / 2


def _weights(generator: Generator) -> tuple[Tensor, Tensor]:
    """A and B of four pairs; one pair is never a real one."""
    a, b = uniform(generator, 2, 4, low=0.2, high=2)
    a[2] = 0
    return a, b


def _scores_and_weights(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Scores large enough to tell the parabola from the loss."""
    s, (a, b) = uniform(generator, 4, low=0.5, high=1.5), _weights(generator)
    s = s * torch.tensor([-1.0, 1.0, 1.5, 2.0])
    return (s, a, b), (s.flip(0), b, a)


def _pairs_of_weights(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    a, b = _weights(generator)
    return (a, b), (b.reshape(2, 2), a.reshape(2, 2))


def _any_loss(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Slopes of opposite signs and positive curvatures, and those of word2vec."""
    a, b = _weights(generator)
    drawn = uniform(generator, 4, low=0.5, high=3) * torch.tensor([-1.0, 1.0, 1.0, 1.0])
    return (a, b, drawn), (a, b, torch.tensor([-0.5, 0.5, 0.25, 0.25]))


_WRITE_THE_LOSS = FunctionExercise(
    truth=_by_taylor,
    praise="Quadratic in s, so quartic in the vectors; its lowest point is at M.",
    instances=_scores_and_weights,
    mistakes={
        "This is word2vec's loss itself; replace each logarithm by its parabola.": (
            lambda s, a, b: a * torch.log1p(torch.exp(-s)) + b * torch.log1p(torch.exp(s))
        ),
        "The signs are turned around: a high score must make a real pair cheap and a made-up "
        "pair dear.": lambda s, a, b: _loss(-s, a, b),
        "The constant log 2 is missing: at s = 0 each pair costs log 2 times A + B.": (
            lambda s, a, b: _loss(s, a, b) - _LOG2 * (a + b)
        ),
        "This is the loss as the paper writes it, twice as large and without the constant.": (
            lambda s, a, b: a * (s.square() / 4 - s) + b * (s.square() / 4 + s)
        ),
        "The coefficient of s^2 is the second derivative over 2!, which is 1/8 and not 1/4.": (
            lambda s, a, b: (a + b) * (_LOG2 + s.square() / 4) - (a - b) * s / 2
        ),
        "Both signs of s have the same quadratic term, + s^2 / 8; you subtract it for made-up "
        "pairs.": lambda s, a, b: _LOG2 * (a + b) + (a - b) * (s.square() / 8 - s / 2),
        "You left out the made-up pairs, with weight B.": (
            lambda s, a, b: a * (_LOG2 - s / 2 + s.square() / 8)
        ),
        "You kept the next term, - s^4 / 192, too. Stop at s^2.": (
            lambda s, a, b: _loss(s, a, b) - (a + b) * s**4 / 192
        ),
        "Each pair costs log 2 at s = 0, real or made up: the constant is (A + B) log 2.": (
            lambda s, a, b: _loss(s, a, b) - _LOG2 * (a + b - 1)
        ),
        "The linear terms have opposite signs: -s/2 for real pairs, +s/2 for made-up ones.": (
            lambda s, a, b: (a + b) * (_LOG2 - s / 2 + s.square() / 8)
        ),
        "The slope at zero is -1/2 for real pairs and 1/2 for made-up ones; you have twice "
        "that.": (lambda s, a, b: _loss(s, a, b) - (a - b) * s / 2),
        "The second derivative at zero is 1/4, not 1: the coefficient of s^2 is 1/8.": (
            lambda s, a, b: _loss(s, a, b) + (a + b) * 3 / 8 * s.square()
        ),
        "This is right up to a constant: completing the square drops what does not depend on s.": (
            lambda s, a, b: (a + b) / 8 * (s - 2 * (a - b) / (a + b)).square()
        ),
        "You left out the real pairs, with weight A.": (
            lambda s, a, b: b * (_LOG2 + s / 2 + s.square() / 8)
        ),
        "The linear term is missing: without it the lowest point is at 0 for all pairs.": (
            lambda s, a, b: _loss(s, a, b) + (a - b) * s / 2
        ),
    },
    nudge="Write log 2 - s/2 + s^2/8 for a real pair, the same with -s for a made-up one, and "
    "weight the two by A and B.",
)


def _by_newton(a: Tensor, b: Tensor) -> Tensor:
    """The curvature without its factor 1/4, and where one Newton step from zero ends."""
    _, slope, curvature = _at_zero(a, b)
    return torch.stack([4 * curvature, -slope / curvature])


_WEIGHT_AND_TARGET = FunctionExercise(
    truth=_by_newton,
    praise="Any weights of real and made-up pairs give a target between -2 and 2.",
    instances=_pairs_of_weights,
    mistakes={
        "G is the sum A + B, not the mean; the mean is the denominator of M.": (
            lambda a, b: torch.stack([(a + b) / 2, 2 * (a - b) / (a + b)])
        ),
        "This M is half of the right one: divide A - B by the mean of A and B, not by the "
        "sum.": lambda a, b: torch.stack([a + b, (a - b) / (a + b)]),
        "Mind the order of operations: `x / 0.5 * G` is `(x / 0.5) * G`; put the denominator in "
        "brackets.": lambda a, b: torch.stack([a + b, (a - b) / 0.5 * (a + b)]),
        "The sign of M is turned around: pairs that are more often real than made up must be "
        "positive.": lambda a, b: torch.stack([a + b, 2 * (b - a) / (a + b)]),
        "This is the minimum of word2vec's own loss, log(A / B). M is where one Newton step "
        "from zero ends.": lambda a, b: torch.stack([a + b, torch.log(a / b)]),
        "The order is turned around: first G, then M.": (
            lambda a, b: torch.stack([2 * (a - b) / (a + b), a + b])
        ),
        "This is M alone; return `torch.stack([G, M])`.": lambda a, b: 2 * (a - b) / (a + b),
        "These are the numerator and the denominator of M; divide the one by the other.": (
            lambda a, b: torch.stack([a - b, (a + b) / 2])
        ),
        "The 1/2 inside the hyperbolic tangent is missing: the target is 2 tanh(log(A / B) / "
        "2).": (lambda a, b: torch.stack([a + b, 2 * torch.tanh(torch.log(a / b))])),
        "Your first row is the second derivative of the loss, (A + B) / 4; G is the sum A + B.": (
            lambda a, b: torch.stack([(a + b) / 4, 2 * (a - b) / (a + b)])
        ),
        "Mind the order of operations: `x / A + B` is `(x / A) + B`; put the denominator in "
        "brackets.": (lambda a, b: torch.stack([a + b, 2 * (a - b) / a + b])),
        "You divide by B alone. Divide by the mean of A and B.": (
            lambda a, b: torch.stack([a + b, a / b - 1])
        ),
        "G holds the weights of made-up pairs, too: it is A + B.": (
            lambda a, b: torch.stack([a, 2 * (a - b) / (a + b)])
        ),
    },
    nudge="G = A + B, and M is A - B divided by half of that.",
)


def _target(a: Tensor, b: Tensor, f: Tensor) -> Tensor:
    return -(f[0] * a + f[1] * b) / (f[2] * a + f[3] * b)


_LOSS_OF_YOUR_OWN = FunctionExercise(
    truth=_target,
    praise="With (-1/2, 1/2, 1/4, 1/4) it is M of word2vec.",
    instances=_any_loss,
    mistakes={
        "The minus sign is missing: a parabola with slope f' and curvature f'' at zero has its "
        "lowest point at -f'/f''.": lambda a, b, f: -_target(a, b, f),
        "This is the reciprocal: divide the slope by the curvature.": (
            lambda a, b, f: 1 / _target(a, b, f)
        ),
        "The lowest point of f' s + f'' s^2 / 2 is at -f'/f''; a factor 2 is wrong.": (
            lambda a, b, f: _target(a, b, f) / 2
        ),
        "You took the lowest point of each loss and averaged; add up slopes and curvatures "
        "first, then divide.": (lambda a, b, f: -(a * f[0] / f[2] + b * f[1] / f[3]) / (a + b)),
        "The four numbers come in the order slope of f+, slope of f-, curvature of f+, curvature "
        "of f-.": lambda a, b, f: -(f[0] * a + f[2] * b) / (f[1] * a + f[3] * b),
        "A belongs to f+ and B to f-; you exchanged them.": lambda a, b, f: _target(b, a, f),
        "The slope of f- has its sign already: add the two terms.": (
            lambda a, b, f: -(f[0] * a - f[1] * b) / (f[2] * a + f[3] * b)
        ),
        "You divide by the weights, A + B; divide by the weighted curvatures.": (
            lambda a, b, f: -(f[0] * a + f[1] * b) / (a + b)
        ),
        "This is minus the slope. Divide it by the curvature.": (
            lambda a, b, f: -(f[0] * a + f[1] * b)
        ),
        "Mind the order of operations: put numerator and denominator in brackets.": (
            lambda a, b, f: -f[0] * a + f[1] * b / f[2] * a + f[3] * b
        ),
        "You took the lowest point of each loss and added them; add up slopes and curvatures "
        "first, then divide.": (lambda a, b, f: -(a * f[0] / f[2] + b * f[1] / f[3])),
        "This is the target of word2vec. Use the four numbers.": (
            lambda a, b, f: 2 * (a - b) / (a + b)
        ),
    },
    nudge="Collect the slope at zero and the curvature at zero of A f+ + B f-, then divide.",
)

_QUARTIC_IN_WHAT = ChoiceExercise(
    right="b",
    praise="The highest power of a score is 2, and a score is a product of two vectors.",
    mistakes={
        "a": "The term with the fourth power of s is the first that is left out.",
        "c": "A sum does not raise the degree. Count the powers of the entries of W in one score.",
        "d": "No term is squared. The highest power of a score is 2.",
    },
)

EXERCISES = {
    "06-1": _QUARTIC_IN_WHAT,
    "06-2": _WRITE_THE_LOSS,
    "06-3": _WEIGHT_AND_TARGET,
    "06-4": _LOSS_OF_YOUR_OWN,
}
