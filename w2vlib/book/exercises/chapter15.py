"""The exercises of chapter 15, every contrastive loss has a target."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn.functional import softplus

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import orthonormal, uniform
from w2vlib.book.exercises.function import FunctionExercise
from w2vlib.book.exercises.number import NumberExercise, PredictionExercise

__all__ = ["EXERCISES"]


def _by_newton(a: Tensor, b: Tensor, bias: Tensor) -> Tensor:
    """Minus the first over the second derivative at zero, by automatic differentiation."""
    s = torch.zeros_like(a).requires_grad_()
    loss = a * softplus(-s - bias) + b * softplus(s + bias)
    (first,) = torch.autograd.grad(loss.sum(), s, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), s)
    return -first.detach() / second


def _slope(a: Tensor, b: Tensor, bias: Tensor) -> Tensor:
    return a * torch.sigmoid(-bias) - b * torch.sigmoid(bias)


def _curvature(a: Tensor, b: Tensor, bias: Tensor) -> Tensor:
    return (a + b) * torch.sigmoid(bias) * torch.sigmoid(-bias)


def _weights_and_bias(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """A and B of four pairs, one of them never seen, and a bias of either sign."""
    a, b = uniform(generator, 2, 4, low=0.2, high=2, dtype=torch.float64)
    a[1] = 0
    low, high = uniform(generator, 2, low=0.5, high=2, dtype=torch.float64)
    return (a, b, -low), (b.reshape(2, 2), a.reshape(2, 2) + 0.1, high)


_YOUR_LOSS = FunctionExercise(
    truth=_by_newton,
    praise="With the bias -log k it is the target of k negatives, centered for independent words.",
    instances=_weights_and_bias,
    mistakes={
        "This is the target without a bias: at s = 0 the sigmoids are not one half.": (
            lambda a, b, bias: 2 * (a - b) / (a + b)
        ),
        "The bias has the wrong sign: the score s + b takes the place of s.": (
            lambda a, b, bias: _by_newton(a, b, -bias)
        ),
        "This is the best score of the pair, log(A / B) - b. The target is one Newton step from "
        "zero.": lambda a, b, bias: (a / b).log() - bias,
        "The sign is turned around: the step is minus the first derivative over the second.": (
            lambda a, b, bias: -_by_newton(a, b, bias)
        ),
        "The slope is right. The curvature is (A + B) σ(b) σ(-b), which is a quarter of A + B "
        "only for b = 0.": lambda a, b, bias: 4 * _slope(a, b, bias) / (a + b),
        "Divide by the second derivative, which has the factor σ(b) σ(-b) as well.": (
            lambda a, b, bias: _slope(a, b, bias) / (a + b)
        ),
        "This is minus the first derivative; divide it by the second.": _slope,
        "This is the weight, the second derivative; the target is minus the first over it.": (
            _curvature
        ),
        "The target is small where the curvature is large: divide, do not multiply.": (
            lambda a, b, bias: _slope(a, b, bias) * _curvature(a, b, bias)
        ),
    },
    nudge="Differentiate both logarithms at s = 0: the first derivatives are -σ(-b) and σ(b), the "
    "second ones both σ(b) σ(-b).",
)


def _by_cholesky(sigma: Tensor, paired: Tensor) -> Tensor:
    """The same encoder from a triangular root in the place of the symmetric one."""
    lower = torch.linalg.cholesky(sigma)
    half = torch.linalg.solve_triangular(lower, paired, upper=False)
    quotient = torch.linalg.solve_triangular(lower, half.T, upper=False)
    lam, vectors = torch.linalg.eigh((quotient + quotient.T) / 2)
    encoder = torch.linalg.solve_triangular(lower.T, vectors[:, -2:], upper=True)
    return encoder * lam[-2:] @ encoder.T


def _power(sigma: Tensor, exponent: int | float) -> Tensor:
    values, vectors = torch.linalg.eigh(sigma)
    return vectors * values**exponent @ vectors.T


def _encoder(
    strength: int | float = 1,
    chosen: slice = slice(-2, None),
    by_size: bool = False,
    outer: int | float = -0.5,
) -> Callable[[Tensor, Tensor], Tensor]:
    """The encoder with other strengths, other modes, or another matrix before the vectors."""

    def product(sigma: Tensor, paired: Tensor) -> Tensor:
        inverse = _power(sigma, -0.5)
        lam, vectors = torch.linalg.eigh(inverse @ paired @ inverse)
        if by_size:
            order = lam.abs().argsort()
            lam, vectors = lam[order], vectors[:, order]
        lam, vectors = lam[chosen], vectors[:, chosen]
        encoder = _power(sigma, outer) @ vectors
        return encoder * lam.abs() ** strength @ encoder.T

    return product


def _top_two(matrix: Tensor) -> Tensor:
    lam, vectors = torch.linalg.eigh(matrix)
    return vectors[:, -2:] * lam[-2:] @ vectors[:, -2:].T


def _covariances(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """A covariance of an item and one of pairs; the largest correlation in size is negative."""
    drawn = []
    for size in (4, 5):
        basis = orthonormal(generator, size, size, dtype=torch.float64)
        variances = uniform(generator, size, low=0.3, high=3, dtype=torch.float64)
        sigma = basis * variances @ basis.T
        modes = orthonormal(generator, size, size, dtype=torch.float64)
        lam = torch.tensor([-0.9, *([-0.1] * (size - 3)), 0.4, 0.8], dtype=torch.float64)
        root = _power(sigma, 0.5)
        drawn.append((sigma, root @ (modes * lam @ modes.T) @ root))
    return tuple(drawn)


_ENCODER = FunctionExercise(
    truth=_by_cholesky,
    praise="Two covariance matrices are all that this model needs to know of the data.",
    instances=_covariances,
    mistakes={
        "All strengths are one here: these are white vectors. Multiply by the root of each "
        "eigenvalue.": _encoder(strength=0),
        "Multiply each column of Y by the root of its eigenvalue, not by the eigenvalue.": (
            _encoder(strength=2)
        ),
        "You take the modes that are largest in size. W W^T reaches no negative ones: take the "
        "algebraically largest.": _encoder(by_size=True),
        "`eigh` sorts from the lowest to the highest; these are the lowest two.": (
            _encoder(chosen=slice(0, 2))
        ),
        "This is Z Z^T; multiply by the inverse root of sigma on both sides to get Y Y^T.": (
            _encoder(outer=0)
        ),
        "From Z to Y it is the inverse root of sigma, not the root.": _encoder(outer=0.5),
        "These are the top modes of the covariance of pairs; divide by that of an item first.": (
            lambda sigma, paired: _top_two(paired)
        ),
        "These are principal components: they do not look at pairs.": (
            lambda sigma, paired: _top_two(sigma)
        ),
        "You keep all modes; the encoder has two columns, for the two largest eigenvalues.": (
            lambda sigma, paired: torch.linalg.solve(sigma, torch.linalg.solve(sigma, paired).T)
        ),
    },
    nudge="Compute the inverse root of sigma from its eigenvalues, multiply it on both sides of "
    "paired, and take the top two modes.",
)

_PAIRS_BY_LABEL = NumberExercise(
    truth=9.0,
    absolute=0.1,
    praise="The covariance of ten means that add up to zero has rank nine.",
    mistakes={
        "There are ten means, but weighted they add up to zero: the images are centered.": (10.0),
        "There are as many pixels, but two images of a pair share nothing but their class.": 64.0,
        "Each class gives a mean of its own; one is not enough to tell ten classes apart.": 1.0,
    },
    nudge="What do two images of a pair have in common? How many independent vectors are that?",
)

# What follows is asked in the sections, each before the text or a cell answers it.

_TEMPERATURE = NumberExercise(
    truth=1 / 3,
    praise="The target of 2s is two thirds, so that of s is one third.",
    mistakes={
        "This is the target of 2s, the score over the temperature; the question is about s.": 2
        / 3,
        "The score over the temperature has the target 2/3; multiply by the temperature, do not "
        "divide by it.": 4 / 3,
        "The first derivative takes one factor of 2 and the second takes two; their quotient "
        "loses one, not two.": 1 / 6,
    },
    nudge="Take two derivatives at s = 0: the chain rule gives a factor 2 each time.",
)

_SOFTMAX = ChoiceExercise(
    right="b",
    praise="A vector v for all contexts adds the same number to all scores of a center.",
    mistakes={
        "a": "Multiplying one context vector changes its own scores and no others.",
        "c": "Write down which scores change: all those of one context, by different amounts for "
        "each center.",
        "d": "Adding v to all contexts adds the product of w and v to all scores of a center. "
        "What does the logarithm make of it?",
    },
)

_MOVED = PredictionExercise(
    truth=26.4,
    band=(12, 42),
    explanation="To a linear classifier a pixel is a place, and one step moves every stroke.",
)

_WHITE = ChoiceExercise(
    right="b",
    praise="The best scores are the same, and the metric of the flow is not.",
    mistakes={
        "a": "Every encoder of white pixels is one of raw pixels, so the best scores agree.",
        "c": "The path changes. For the end ask: which scores can be reached with white pixels, "
        "and which with raw ones?",
        "d": "The loss is, but gradient descent moves Y, and how far a step in Y moves the scores "
        "depends on the inputs.",
    },
)

_SPELLING = PredictionExercise(
    truth=-10.2,
    band=(-25, -3),
    explanation="N-grams of the wrong word tie words together that have nothing in common.",
)

EXERCISES = {
    "15-temperature": _TEMPERATURE,
    "15-softmax": _SOFTMAX,
    "15-moved": _MOVED,
    "15-white": _WHITE,
    "15-spelling": _SPELLING,
    "15-1": _YOUR_LOSS,
    "15-2": _ENCODER,
    "15-3": _PAIRS_BY_LABEL,
}
