"""The exercises of chapter 8, gradient flow in closed form."""

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import normal, orthonormal, uniform
from w2vlib.book.exercises.function import FunctionExercise
from w2vlib.book.exercises.number import NumberExercise, PredictionExercise
from w2vlib.flow import gram_at

__all__ = ["EXERCISES"]

_SMALLER_START = ChoiceExercise(
    right="d",
    praise="sₖ(0)² becomes a hundred times smaller, which adds ln 100 = 2 ln 10.",
    mistakes={
        "a": "The start stands under a logarithm: a factor becomes a sum.",
        "b": "The wait is counted in units of 1 / λₖ, which differs between modes.",
        "c": "The strength is the square sₖ(0)²: it becomes a hundred times smaller.",
    },
)


def _strengths(eigenvalues: Tensor, initial: Tensor, time: Tensor) -> Tensor:
    return eigenvalues / (1 + (eigenvalues / initial - 1) * torch.exp(-eigenvalues * time))


def _overflowing(eigenvalues: Tensor, initial: Tensor, time: Tensor) -> Tensor:
    growth = torch.exp(eigenvalues * time)
    return eigenvalues * initial * growth / (eigenvalues + initial * (growth - 1))


def _by_log_odds(eigenvalues: Tensor, initial: Tensor, time: Tensor) -> Tensor:
    """The log-odds of the learned share grow along a straight line."""
    return eigenvalues * torch.sigmoid(torch.logit(initial / eigenvalues) + eigenvalues * time)


def _modes(generator: Generator) -> tuple[Tensor, Tensor]:
    """Eigenvalues and initial strengths; the last mode is so fast that exp(lambda t) overflows."""
    eigenvalues = _double(generator, 3, 0.8, 1.2) * torch.tensor([2.0, 0.5, 1000.0]).double()
    initial = _double(generator, 3, 0.7, 1.3) * torch.tensor([0.1, 0.25, 0.01]).double()
    return eigenvalues, initial


def _double(generator: Generator, count: int, low: float, high: float) -> Tensor:
    return uniform(generator, count, low=low, high=high, dtype=torch.float64)


def _modes_and_times(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    (eigenvalues, initial), times = _modes(generator), _double(generator, 2, 1.5, 2.5)
    return (eigenvalues, initial, times[0]), (eigenvalues[:2], initial[:2], 2 * times[1])


def _is_slope(function: Callable[..., Tensor], w: Tensor, x: Tensor, t: Tensor) -> bool:
    """The logistic equation, by finite differences."""
    slope = (function(w, x, t + 1e-3) - function(w, x, t - 1e-3)) / 2e-3
    now = function(w, x, t)
    return _near(slope / w.square(), now * (w - now) / w.square())


def _near(first: Tensor, second: Tensor) -> bool:
    return torch.allclose(first.double(), second.double(), rtol=1e-2, atol=1e-2)


_WRITE_THE_SIGMOID = FunctionExercise(
    truth=_by_log_odds,
    praise="Your function rises, saturates and never overflows.",
    instances=_modes_and_times,
    properties={
        "At the time 0 the result must be `initial`.": (
            lambda f, w, x, t: _near(f(w, x, 0 * t) / x, x / x)
        ),
        "After a long time the result must be the eigenvalue.": (
            lambda f, w, x, t: _near(f(w, x, 50 * t) / w, w / w)
        ),
        "Start and end are right, but between them a strength x must change at the rate "
        "x (lambda - x).": _is_slope,
    },
    mistakes={
        "On paper this is right, but exp(lambda t) overflows, and infinity divided by infinity "
        "is not a number. Use exp(-lambda t).": _overflowing,
        "The eigenvalue is missing in the exponent: every mode has a pace of its own.": (
            lambda w, x, t: w / (1 + (w / x - 1) * torch.exp(-t))
        ),
        "The sign of the exponent is turned around: this falls in time.": (
            lambda w, x, t: w / (1 + (w / x - 1) * torch.exp(w * t))
        ),
        "The exponent has no factor 1/2: that is the pace of s_k, and the strength is its "
        "square.": lambda w, x, t: w / (1 + (w / x - 1) * torch.exp(-w * t / 2)),
        "You return s_k, the singular values; the exercise asks for the strengths, their "
        "squares.": lambda w, x, t: _strengths(w, x, t).sqrt(),
        "You square `initial`, but it is a strength already.": (
            lambda w, x, t: _strengths(w, x.square(), t)
        ),
        "The -1 in the bracket is missing: at t = 0 the result must be `initial`.": (
            lambda w, x, t: w / (1 + w / x * torch.exp(-w * t))
        ),
        "This is the share of the final strength; multiply it by the eigenvalue.": (
            lambda w, x, t: _strengths(w, x, t) / w
        ),
        "This is the beginning only, before the mode saturates.": (
            lambda w, x, t: x * torch.exp(w * t)
        ),
        "This rises at once and only slows down. A mode grows at a pace proportional to its own "
        "strength: slow, fast, slow.": (lambda w, x, t: w * (1 - torch.exp(-w * t))),
        "This rises at once, and to 1. A mode starts at `initial`, waits, and ends at its "
        "eigenvalue.": (lambda w, x, t: 1 - torch.exp(-w * t)),
        "Start and end are right, but this approaches the end from the first moment on. A mode "
        "grows at a pace proportional to its own strength.": (
            lambda w, x, t: x + (w - x) * (1 - torch.exp(-w * t))
        ),
        "The exponent is lambda_k t; a factor 2 is too much.": (
            lambda w, x, t: _strengths(w, x, 2 * t)
        ),
        "The quotient in the bracket is turned around: lambda_k over `initial`.": (
            lambda w, x, t: w / (1 + (x / w - 1) * torch.exp(-w * t))
        ),
        "This grows exponentially and is cut off at the end; the curve bends toward it.": (
            lambda w, x, t: torch.minimum(w, x * torch.exp(w * t))
        ),
        "You take the square root of `initial`, but it is a strength already.": (
            lambda w, x, t: _strengths(w, x.sqrt(), t)
        ),
        "The 1 in the denominator is missing: for long times the result must be lambda_k.": (
            lambda w, x, t: w / ((w / x - 1) * torch.exp(-w * t))
        ),
        "This starts at half of the final strength, whatever `initial` is.": (
            lambda w, x, t: w * torch.sigmoid(w * t)
        ),
    },
    nudge="Begin with exp(-lambda t), then put the fraction together; at t = 0 it is `initial`.",
)


def _rest(initial: Tensor, eigenvectors: Tensor) -> Tensor:
    return torch.linalg.qr(initial.T @ eigenvectors).R.diagonal().square()


def _by_volumes(initial: Tensor, eigenvectors: Tensor) -> Tensor:
    """A box is as high as its volume over that of its base; Gram determinants are squares."""
    columns = initial.T @ eigenvectors
    gram = columns.T @ columns
    volumes = torch.stack([torch.linalg.det(gram[:k, :k]) for k in range(len(gram) + 1)])
    return volumes[1:] / volumes[:-1]


def _starts(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """A start for each number of modes, and eigenvectors."""
    start = normal(generator, 4, 3, dtype=torch.float64)
    basis = orthonormal(generator, 4, 3, dtype=torch.float64)
    # QR reflects a vector away from its first entry: here it makes r_1 negative.
    start = start * (basis[:, 0] @ start[:, 0]).sign()
    return (start, basis), (start.flip(0)[:, :2], basis[:, :2])


def _ignores_rotations(function: Callable[..., Tensor], w: Tensor, u: Tensor) -> bool:
    turn = torch.linalg.qr(torch.ones_like(w.T @ w) - torch.eye(w.shape[1]).to(w)).Q
    return _near(function(w @ turn, u), function(w, u))


_WHAT_IS_LEFT = FunctionExercise(
    truth=_by_volumes,
    praise="These are the strengths from which the modes begin to grow.",
    instances=_starts,
    properties={
        "The first strength must be the squared length of y_1: no vector comes before it.": (
            lambda f, w, u: _near(f(w, u)[0], (w.T @ u[:, 0]).square().sum())
        ),
        "A rotation of the start from the right must not change the result.": _ignores_rotations,
    },
    mistakes={
        "These are the squared singular values of the start. Most of it lies along directions "
        "that are never learned.": lambda w, u: torch.linalg.svdvals(w).square(),
        "These are the full strengths |y_k|^2. Remove from y_k its parts along the vectors "
        "before it.": lambda w, u: (w.T @ u).square().sum(0),
        "These are r_k, up to signs; the strengths are their squares.": (
            lambda w, u: torch.linalg.qr(w.T @ u).R.diagonal().abs()
        ),
        "These are r_k with signs; the strengths are their squares.": (
            lambda w, u: torch.linalg.qr(w.T @ u).R.diagonal()
        ),
        "The columns must be y_1, ..., y_d: decompose W^T U, not U^T W.": (
            lambda w, u: torch.linalg.qr(u.T @ w).R.diagonal().square()
        ),
        "This is the diagonal of W^T U squared, which depends on how the start is rotated.": (
            lambda w, u: (w.T @ u).diagonal().square()
        ),
        "These are the squared singular values of W^T U; the order of the modes matters.": (
            lambda w, u: torch.linalg.svdvals(w.T @ u).square()
        ),
        "The order is turned around: the first mode takes its direction first.": (
            lambda w, u: torch.linalg.qr((w.T @ u).flip(1)).R.diagonal().square().flip(0)
        ),
        "These are the lengths of y_k. Square them, and remove the parts along the vectors "
        "before.": (lambda w, u: (w.T @ u).norm(dim=0)),
        "The columns must be y_1, ..., y_d: these are sums over the coordinates of the start.": (
            lambda w, u: (w.T @ u).square().sum(1)
        ),
        "These are the squares of a whole row of R; the diagonal alone is what is left.": (
            lambda w, u: torch.linalg.qr(w.T @ u).R.square().sum(1)
        ),
        "The eigenvectors are missing: this decomposes the start itself.": (
            lambda w, u: torch.linalg.qr(w).R.diagonal().square()
        ),
    },
    nudge="Put y_1, ..., y_d side by side as the columns of W^T U, and take the diagonal of R.",
)


def _steps(eigenvalues: Tensor, initial: Tensor, g: Tensor, rate: Tensor) -> Tensor:
    return torch.log(eigenvalues / initial) / eigenvalues / (2 * g * rate)


def _by_bisection(eigenvalues: Tensor, initial: Tensor, g: Tensor, rate: Tensor) -> Tensor:
    """The steps after which free growth, x e^(lambda t), reaches lambda."""
    low, high = torch.zeros_like(eigenvalues), 100 / eigenvalues
    for _ in range(60):
        middle = (low + high) / 2
        below = initial * torch.exp(eigenvalues * middle) < eigenvalues
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return low / (2 * g * rate)


def _plans(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Slow training of slow modes from a small start, and the contrary."""
    eigenvalues, initial = _modes(generator)
    weight, rate = _double(generator, 2, 0.8, 1.2) * torch.tensor([2.5, 0.005]).double()
    return (eigenvalues[:2], initial[:2] / 100, weight, rate), (eigenvalues, initial, rate, weight)


_HOW_MANY_STEPS = FunctionExercise(
    truth=_by_bisection,
    praise="Now you can plan a training run before you start it.",
    instances=_plans,
    properties={
        "Half the learning rate must take twice the steps.": (
            lambda f, w, x, g, r: _near(f(w, x, g, r / 2) / f(w, x, g, r), torch.full_like(w, 2))
        ),
    },
    mistakes={
        "This is the time tau_k; divide it by the time that one step takes.": (
            lambda w, x, g, r: torch.log(w / x) / w
        ),
        "One step of the paper's loss takes the time 2 g eta; a factor 2 is missing.": (
            lambda w, x, g, r: torch.log(w / x) / w / (g * r)
        ),
        "The weight g is missing: it makes the gradient larger.": (
            lambda w, x, g, r: torch.log(w / x) / w / (2 * r)
        ),
        "The learning rate alone is the time of a step for the loss with 1/8, not for the "
        "paper's.": lambda w, x, g, r: torch.log(w / x) / w / r,
        "You multiply by the time of a step; divide by it.": (
            lambda w, x, g, r: torch.log(w / x) / w * (2 * g * r)
        ),
        "The division by lambda_k is missing: strong modes are faster.": (
            lambda w, x, g, r: torch.log(w / x) / (2 * g * r)
        ),
        "The logarithm has a base of e, not of 10.": (
            lambda w, x, g, r: torch.log10(w / x) / w / (2 * g * r)
        ),
        "You take the logarithm of the start alone; it is that of lambda_k over the start.": (
            lambda w, x, g, r: -torch.log(x) / w / (2 * g * r)
        ),
        "You square `initial`, but it is a strength already.": (
            lambda w, x, g, r: torch.log(w / x.square()) / w / (2 * g * r)
        ),
        "This is the number of steps to half of the final strength, which has log(lambda / "
        "initial - 1). tau_k has no -1.": (
            lambda w, x, g, r: torch.log(w / x - 1) / w / (2 * g * r)
        ),
        "You multiply by lambda_k; divide by it: strong modes are faster.": (
            lambda w, x, g, r: torch.log(w / x) * w / (2 * g * r)
        ),
        "Do not round.": (lambda w, x, g, r: _steps(w, x, g, r).ceil()),
        "The quotient is turned around, so the number is negative: lambda_k over the start.": (
            lambda w, x, g, r: -_steps(w, x, g, r)
        ),
        "You take the square root of `initial`, but it is a strength already.": (
            lambda w, x, g, r: _steps(w, x.sqrt(), g, r)
        ),
        "Mind the order of operations: put 2 g eta in brackets, or divide by each.": (
            lambda w, x, g, r: torch.log(w / x) / w / 2 * g * r
        ),
        "This is half of the time tau_k: that of s_k is the same as that of its square.": (
            lambda w, x, g, r: _steps(w, x, g, r) / 2
        ),
    },
    nudge="Compute tau_k, then divide by the time of one step, 2 g eta.",
)


def _targets(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Positive eigenvalues, largest first, eigenvectors, and a time for the modes to wait."""

    def draw(words: int, modes: int) -> tuple[Tensor, ...]:
        eigenvalues = _double(generator, modes, 1.2, 2.0).sort(descending=True).values
        basis = orthonormal(generator, words, modes, dtype=torch.float64)
        return eigenvalues, basis, _double(generator, 1, 4.0, 5.0)[0]

    return draw(5, 3), draw(4, 2)


def _are_half_learned(
    function: Callable[..., Tensor], eigenvalues: Tensor, basis: Tensor, time: Tensor
) -> bool:
    """By the flow of the whole matrix, which knows nothing of modes."""
    start = function(eigenvalues, basis, time).to(basis)
    K = gram_at((basis * eigenvalues) @ basis.T, start, float(time))
    strengths = (basis * (K @ basis)).sum(0)
    return _near(strengths / eigenvalues, torch.full_like(eigenvalues, 0.5))


_ALL_AT_ONCE = FunctionExercise(
    praise="From this start all modes are half learned at the same time. The weak ones need it "
    "much larger.",
    instances=_targets,
    properties={
        "The start W_0 must have the shape of the eigenvectors, with a row for each word.": (
            lambda f, w, u, t: f(w, u, t).shape == u.shape
        ),
        "From your start the modes are not all half learned at the given time. Set the learning "
        "time equal to it, and solve for the strength.": _are_half_learned,
    },
    mistakes={
        "From equal strengths the strong modes come first.": lambda w, u, t: 1e-3 * u,
        "These are the strengths; the columns of W_0 have their square roots as lengths.": (
            lambda w, u, t: u * w * torch.exp(-w * t)
        ),
        "The square root covers the exponential, too.": (
            lambda w, u, t: u * w.sqrt() * torch.exp(-w * t)
        ),
        "The sign of the exponent is turned around: a start is small.": (
            lambda w, u, t: u * (w * torch.exp(w * t)).sqrt()
        ),
        "This is the end of training, where no mode moves.": lambda w, u, t: u * w.sqrt(),
        "The factor lambda_k before the exponential is missing.": (
            lambda w, u, t: u * torch.exp(-w * t / 2)
        ),
    },
)

# What follows is asked in the sections, each before the text or a cell answers it.

_SMALLER_BY_A_MILLION = PredictionExercise(
    truth=1.836,
    band=(1.3, 3.0),
    explanation="The start stands under a logarithm: ln(λ₁ / s²) grows from 33 to 61.",
)

# A mode with the eigenvalue 3 from s = 10⁻⁴, with g = 2.5 and the learning rate 0.002.
_WAIT, _ONE_STEP = math.log(3 / 1e-4**2) / 3, 2 * 2.5 * 0.002

_FIRST_PLAN = NumberExercise(
    truth=_WAIT / _ONE_STEP,
    praise="The learning time is 6.51, and one step of the paper's loss takes the time 2gη.",
    mistakes={
        "The strength of the start is the square of 10⁻⁴.": math.log(3 / 1e-4) / 3 / _ONE_STEP,
        "This is the time; divide it by the time of one step.": _WAIT,
        "The weight g is missing in the time of a step, 2gη.": _WAIT / _ONE_STEP * 2.5,
        "The division by λ is missing in the learning time.": 3 * _WAIT / _ONE_STEP,
        "Divide by λ; you multiply by it.": 9 * _WAIT / _ONE_STEP,
    },
    nudge="First the learning time, ln(λ / s²) / λ, then divide by the time of one step, 2gη.",
)

_READ_MODE_THREE = NumberExercise(
    truth=1.364,
    absolute=0.1,
    praise="The ratio of the learning times is nearly that of the eigenvalues, λ₁ / λ₃.",
    mistakes={
        "This is mode 1, whose time is the unit.": 1.0,
        "This is mode 2: count the curves from the left.": 1.13,
        "This is mode 4: count the curves from the left.": 1.652,
    },
    nudge="Follow the third curve from the left to half of its own height, then go down to the "
    "axis.",
)

_WHAT_LIMITS_A_STEP = ChoiceExercise(
    right="c",
    praise="For our matrix λ₁ − λ_V is 548, more than 2λ₁, which is 451.",
    mistakes={
        "a": "It would be the limit if no eigenvalue were below -λ₁. Look at the other end of "
        "the spectrum.",
        "b": "The slowest mode sets how many steps are needed, not how long one may be.",
        "d": "The limit is about small deviations at the end of training, where the start is "
        "forgotten.",
    },
)


_LEFT_FOR_THE_LAST = NumberExercise(
    truth=1 / 8,
    praise="Seven directions are taken, and one of eight is left.",
    mistakes={
        "Mode 8 does not start from its full length: the directions of the modes before it are "
        "taken.": 1.0,
        "This is the share that is taken. How much is left?": 7 / 8,
        "Seven modes come before mode 8, so seven directions are taken, not six.": 2 / 8,
        "Seven modes come before mode 8, so one direction is left, not none.": 0.0,
        "This is the share of the length r₈; the question is about its square.": (1 / 8) ** 0.5,
    },
    nudge="How many of the 8 coordinates of a vector are left if it must be orthogonal to 7 "
    "others?",
)

_FIRST_OF_TWO_SETS = ChoiceExercise(
    right="b",
    praise="Two sets learn by size: the product of two different matrices can be negative.",
    mistakes={
        "a": "This is what one set of vectors learns, whose product has no negative eigenvalues.",
        "c": "The order is by size, whatever the sign, and 7 is larger than 5.",
        "d": "There is a second dimension, and a mode of 5 to fill it.",
    },
)

_SOFT_EDGE = PredictionExercise(
    truth=29,
    band=(15, 58),
    explanation="The steps of neighbors in the spectrum are far wider than the time between them.",
)

EXERCISES = {
    "08-wait": _SMALLER_BY_A_MILLION,
    "08-clock": _FIRST_PLAN,
    "08-order": _READ_MODE_THREE,
    "08-limit": _WHAT_LIMITS_A_STEP,
    "08-left": _LEFT_FOR_THE_LAST,
    "08-first": _FIRST_OF_TWO_SETS,
    "08-soft": _SOFT_EDGE,
    "08-1": _SMALLER_START,
    "08-2": _WRITE_THE_SIGMOID,
    "08-3": _WHAT_IS_LEFT,
    "08-4": _HOW_MANY_STEPS,
    "08-8": _ALL_AT_ONCE,
}
