"""The exercises of chapter 8, gradient flow in closed form."""

import torch
from torch import Tensor

from w2vlib.book.exercises.exercise import Exercise

__all__ = ["EXERCISES"]

_SMALLER_START = Exercise(
    solution="d",
    praise="s_k(0)^2 becomes a hundred times smaller, which adds ln 100 = 2 ln 10.",
    mistakes={
        "a": "The start stands under a logarithm: a factor becomes a sum.",
        "b": "The wait is counted in units of 1 / lambda_k, which differs between modes.",
        "c": "The strength is the square s_k(0)^2: it becomes a hundred times smaller.",
    },
)


def _strengths(eigenvalues: Tensor, initial: Tensor, time: Tensor) -> Tensor:
    return eigenvalues / (1 + (eigenvalues / initial - 1) * torch.exp(-eigenvalues * time))


def _overflowing(eigenvalues: Tensor, initial: Tensor, time: Tensor) -> Tensor:
    growth = torch.exp(eigenvalues * time)
    return eigenvalues * initial * growth / (eigenvalues + initial * (growth - 1))


# The last mode is so fast that exp(lambda t) is infinite.
_EIGENVALUES = torch.tensor([2.0, 0.5, 1000.0], dtype=torch.float64)
_INITIAL = torch.tensor([0.1, 0.3, 0.01], dtype=torch.float64)
_TIME = torch.tensor(2.0, dtype=torch.float64)

_WRITE_THE_SIGMOID = Exercise(
    solution=_strengths,
    praise="Your function rises, saturates and never overflows.",
    examples=((_EIGENVALUES, _INITIAL, _TIME), (_EIGENVALUES[:2], _INITIAL[:2], 2 * _TIME)),
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


_BASIS = torch.tensor(
    [[2.0, 1.0, 2.0, 0.0], [-2.0, 2.0, 1.0, 0.0], [1.0, 2.0, -2.0, 0.0]], dtype=torch.float64
).T
_START = torch.tensor(
    [[0.3, -0.1, 0.2], [0.1, 0.4, -0.2], [-0.2, 0.1, 0.5], [0.3, 0.2, 0.1]], dtype=torch.float64
)

_WHAT_IS_LEFT = Exercise(
    solution=_rest,
    praise="These are the strengths from which the modes begin to grow.",
    examples=(
        (_START, _BASIS / 3),
        (_START.flip(0)[:, :2], _BASIS[:, :2] / 3),
    ),
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


_WEIGHT = torch.tensor(2.5, dtype=torch.float64)
_RATE = torch.tensor(0.005, dtype=torch.float64)

_HOW_MANY_STEPS = Exercise(
    solution=_steps,
    praise="Now you can plan a training run before you start it.",
    examples=(
        (_EIGENVALUES[:2], _INITIAL[:2] / 100, _WEIGHT, _RATE),
        (_EIGENVALUES, _INITIAL, _RATE, _WEIGHT),
    ),
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

EXERCISES = {
    "08-1": _SMALLER_START,
    "08-2": _WRITE_THE_SIGMOID,
    "08-3": _WHAT_IS_LEFT,
    "08-4": _HOW_MANY_STEPS,
}
