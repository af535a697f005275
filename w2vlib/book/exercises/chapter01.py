"""The exercises of chapter 1, word vectors in closed form."""

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import joint, orthonormal, uniform
from w2vlib.book.exercises.function import FunctionExercise

__all__ = ["EXERCISES"]


def _chance(unigram: Tensor) -> Tensor:
    return torch.outer(unigram, unigram)


def _target(joint: Tensor, unigram: Tensor) -> Tensor:
    return (joint - _chance(unigram)) / (0.5 * (joint + _chance(unigram)))


def _by_tanh(joint: Tensor, unigram: Tensor) -> Tensor:
    return 2 * torch.tanh(torch.log(joint / _chance(unigram)) / 2)


def _statistics(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Three words, of which two never meet, and two words."""
    three, two = joint(generator, 3, unseen=True), joint(generator, 2)
    return (three, three.sum(1)), (two, two.sum(1))


_WRITE_THE_TARGET = FunctionExercise(
    truth=_by_tanh,
    praise="You wrote the matrix that the quartic approximation of word2vec factorizes.",
    instances=_statistics,
    mistakes={
        "This is the numerator only; divide it by the mean of P_ij and P_i P_j.": lambda p, q: (
            p - _chance(q)
        ),
        "This is half of M*: the factor 1/2 belongs to the denominator, the mean of P_ij and "
        "P_i P_j (or, in the other form, a factor 2 before the tanh).": lambda p, q: (
            _target(p, q) / 2
        ),
        "Mind the order of operations: `a / 0.5 * b` is `(a / 0.5) * b`; put the whole "
        "denominator in brackets.": lambda p, q: (p - _chance(q)) / 0.5 * (p + _chance(q)),
        "Mind the order of operations: put the whole numerator in brackets.": lambda p, q: (
            p - _chance(q) / (0.5 * (p + _chance(q)))
        ),
        "The sign is turned around: pairs seen more often than by chance must be positive.": (
            lambda p, q: -_target(p, q)
        ),
        "This is the PMI. It agrees with M* near zero, but is not bounded: unseen pairs get "
        "minus infinity.": lambda p, q: torch.log(p / _chance(q)),
        "This is the PMI in bits, with the logarithm to base 2. M* has no logarithm.": (
            lambda p, q: torch.log2(p / _chance(q))
        ),
        "This is how many times more often than by chance; M* is a relative difference.": (
            lambda p, q: p / _chance(q)
        ),
        "You divide by P_i P_j alone. The denominator is the mean of P_ij and P_i P_j.": (
            lambda p, q: p / _chance(q) - 1
        ),
        "The probability of independent words is the outer product P_i P_j; you use P_i for "
        "every column.": lambda p, q: (p - q[:, None]) / (0.5 * (p + q[:, None])),
        "The probability of independent words is the outer product P_i P_j; you use P_j for "
        "every row.": lambda p, q: (p - q) / (0.5 * (p + q)),
        "`unigram * unigram` multiplies entry by entry and gives P_i P_i; the outer product "
        "gives P_i P_j.": lambda p, q: (p - q * q) / (0.5 * (p + q * q)),
        "The 1/2 inside the hyperbolic tangent is missing: M* = 2 tanh(PMI / 2).": (
            lambda p, q: 2 * torch.tanh(torch.log(p / _chance(q)))
        ),
        "This is the PMI, cut off at -2 and 2. M* has the same limits, but bends toward them.": (
            lambda p, q: torch.log(p / _chance(q)).clamp(-2, 2)
        ),
        "You divide by the larger of P_ij and P_i P_j. The denominator is their mean.": (
            lambda p, q: (p - _chance(q)) / torch.maximum(p, _chance(q))
        ),
        "You divide by the geometric mean, the root of a product. The denominator is half of "
        "the sum.": (lambda p, q: (p - _chance(q)) / (p * _chance(q)).sqrt()),
        "You divide by P_ij alone. The denominator is the mean of P_ij and P_i P_j.": (
            lambda p, q: 1 - _chance(q) / p
        ),
        "The factor 0.5 reaches P_ij only: put the sum of the denominator in brackets.": (
            lambda p, q: (p - _chance(q)) / (0.5 * p + _chance(q))
        ),
        "This is the positive PMI. M* has negative entries, too, and no logarithm.": (
            lambda p, q: torch.log(p / _chance(q)).clamp(min=0)
        ),
        "You cut off the negative entries: pairs seen less often than by chance keep their "
        "sign.": (lambda p, q: _target(p, q).clamp(min=0)),
        "The sign is lost: pairs seen less often than by chance must be negative.": (
            lambda p, q: _target(p, q).abs()
        ),
    },
    nudge="Name the outer product of `unigram` with itself, then write the formula with it.",
)


def _embed(eigenvalues: Tensor, eigenvectors: Tensor) -> Tensor:
    return eigenvectors * eigenvalues.sqrt()


def _eigenpairs(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """First as many modes as words, so that a confusion of rows and columns has a shape."""
    values = uniform(generator, 3, low=0.2, high=5).sort(descending=True).values
    vectors = orthonormal(generator, 3, 3)
    return (values, vectors), (values[:2], vectors[:, :2])


_WRITE_THE_EMBEDDING = FunctionExercise(
    truth=_embed,
    praise="W W^T is now the best approximation of rank d.",
    instances=_eigenpairs,
    mistakes={
        "The square root is missing: with U Lambda, the product W W^T is U Lambda^2 U^T.": (
            lambda w, u: u * w
        ),
        "These are the eigenvectors alone; scale each column by the square root of its "
        "eigenvalue.": lambda w, u: u,
        "Multiply the columns, not the rows: column k belongs to eigenvalue k.": (
            lambda w, u: w.sqrt()[:, None] * u
        ),
        "You divide by the square root of the eigenvalue; multiply by it.": (
            lambda w, u: u / w.sqrt()
        ),
        "You square the eigenvalues; take their square root.": lambda w, u: u * w.square(),
        "This is W W^T. Return W, one row for each word.": lambda w, u: (u * w) @ u.T,
        "This is the transpose: W has one row for each word and one column for each mode.": (
            lambda w, u: (u * w.sqrt()).T
        ),
        "Take the square root of the eigenvalues alone: entries of eigenvectors may be "
        "negative, and their roots are nan.": (lambda w, u: (u * w).sqrt()),
        "The signs of the eigenvectors are lost. Take the square root of the eigenvalues alone.": (
            lambda w, u: (u * w).abs().sqrt()
        ),
        "You divide by the eigenvalue; multiply by its square root.": (lambda w, u: u / w),
        "You halve the eigenvalue; take its square root.": (lambda w, u: u * w / 2),
        "You gave all rows the length 1. The lengths are part of W.": (
            lambda w, u: torch.nn.functional.normalize(_embed(w, u))
        ),
    },
    equivalent=(
        "W W^T is right, so your vectors are as good; but the exercise asks for the columns of "
        "the formula, not turned or flipped.",
        lambda w: w @ w.T,
    ),
    nudge="Scale column k of the eigenvectors by the square root of eigenvalue k.",
)

_UNSEEN_PAIRS = ChoiceExercise(
    right="b",
    praise="With P_ij = 0 the numerator is -P_i P_j and the denominator P_i P_j / 2.",
    mistakes={
        "a": "0 means independent: seen exactly as often as by chance. Never seen is less.",
        "c": "That is the PMI, log 0. M* is bounded.",
        "d": "The probabilities cancel: put P_ij = 0 into the formula.",
    },
)

EXERCISES = {
    "01-1": _UNSEEN_PAIRS,
    "01-2": _WRITE_THE_TARGET,
    "01-3": _WRITE_THE_EMBEDDING,
}
