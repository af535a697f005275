"""The exercises of chapter 12, task vectors."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import normal, uniform
from w2vlib.book.exercises.function import FunctionExercise
from w2vlib.book.exercises.number import NumberExercise, PredictionExercise

__all__ = ["EXERCISES"]

_SNR_BY_HAND = NumberExercise(
    truth=2.0,
    praise="The sum is 9, so the mean of the three that are not 0 is 3.",
    mistakes={
        "You divide by the mean of all four; an eigenvalue that is 0 does not count.": 8 / 3,
        "This is the spike share; multiply it by the rank.": 2 / 3,
        "You divide by the mean of the others; the largest itself belongs to the mean, too.": 4.0,
        "This is the ratio to the second; divide by the mean of those that are not 0.": 3.0,
        "This is the largest eigenvalue; divide it by the mean of those that are not 0.": 6.0,
    },
    nudge="Take the largest, times the number of those that are not 0, over their sum.",
)

_TURNED_PAIRS = ChoiceExercise(
    right="b",
    praise="Turning a pair changes the sign of its row: inner products change signs, eigenvalues "
    "do not.",
    mistakes={
        "a": "Write the new matrix as S R with a diagonal S of signs. What are the eigenvalues of "
        "S R Rᵀ S?",
        "c": "It is the other way round: the mean feels a sign, an eigenvalue does not.",
        "d": "The mean of r and -r is 0, so the mean must feel it.",
    },
)


def _by_least_squares(R: Tensor) -> Tensor:
    """What the best common vector, and the best line, leave unexplained."""
    mean = R.mean(dim=0)
    line = torch.linalg.svd(R, full_matrices=False).Vh[0]
    left = R - mean, R - torch.outer(R @ line, line)
    return 1 - torch.stack([part.square().sum() for part in left]) / R.square().sum()


def _shares(
    centered: bool = False, mean: float = 1.0, squared: bool = True, ranked: bool = False
) -> Callable[[Tensor], Tensor]:
    """Both shares from their definition, with a mistake."""

    def made(R: Tensor) -> Tensor:
        S = R - R.mean(dim=0) if centered else R
        singular = torch.linalg.svdvals(S)
        strengths = singular.square() if squared else singular
        first = strengths[0] / strengths.sum() * (len(singular) if ranked else 1)
        second = len(R) * R.mean(dim=0).square().sum() / R.square().sum()
        return torch.stack([mean * second, first])

    return made


def _families(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Task vectors with something in common, and noise of unequal lengths."""
    drawn = []
    for pairs, dim in ((5, 12), (7, 20)):
        step = normal(generator, dim, dtype=torch.float64)
        noise = normal(generator, pairs, dim, dtype=torch.float64)
        lengths = uniform(generator, pairs, 1, low=0.5, high=1, dtype=torch.float64)
        drawn.append((2 * step + lengths * noise,))
    return tuple(drawn)


def _sum_not_mean(R: Tensor) -> Tensor:
    """The share of the mean without the factor N."""
    right = _by_least_squares(R)
    return torch.stack([right[0] / len(R), right[1]])


_TWO_SHARES = FunctionExercise(
    truth=_by_least_squares,
    praise="The second can never be less than the first.",
    instances=_families,
    mistakes={
        "The spike share is of R as it is: do not subtract the mean.": _shares(centered=True),
        "Squares are missing: eigenvalues of R Rᵀ are the squares of the singular values of R.": (
            _shares(squared=False)
        ),
        "The second number is the SNR; the share has no rank in it.": _shares(ranked=True),
        "The factor N is missing in the share of the mean.": _sum_not_mean,
        "You exchanged the two: the share of the mean comes first.": (
            lambda R: _by_least_squares(R).flip(0)
        ),
        "These are the parts that remain; subtract them from 1.": (
            lambda R: 1 - _by_least_squares(R)
        ),
    },
    nudge="Divide N times the squared length of the mean, and the largest eigenvalue of R Rᵀ, by "
    "the sum of all squares.",
)


def _located(noise: Tensor, signal: Tensor, ratio: float) -> Tensor:
    return (noise + signal) * (ratio * noise + signal) / signal


def _by_pairs_of_rows(R: Tensor) -> Tensor:
    """Noise from the distances between rows, the signal from the products of different rows."""
    N, d = R.shape
    m, n = torch.triu_indices(N, N, offset=1)
    noise = (R[m] - R[n]).square().sum(dim=1).mean() / (2 * d)
    signal = N * (R[m] * R[n]).sum(dim=1).mean() / d
    return _located(noise, signal, N / d)


def _spike(
    centered: bool = True,
    lost: int = 1,
    corrected: bool = True,
    over: str = "d",
    upside_down: bool = False,
    result: Callable[[Tensor, Tensor, float], Tensor] = _located,
) -> Callable[[Tensor], Tensor]:
    """The place of the spike from moments, with a mistake."""

    def made(R: Tensor) -> Tensor:
        N, d = R.shape
        S = R - R.mean(dim=0) if centered else R
        noise = S.square().sum() / ((N - lost) * d)
        signal = N * R.mean(dim=0).square().sum() / (d if over == "d" else N)
        if corrected:
            signal = signal - noise
        return result(noise, signal, d / N if upside_down else N / d)

    return made


def _edge(noise: Tensor, signal: Tensor, ratio: float) -> Tensor:
    return noise * (1 + ratio**0.5) ** 2


_PLACE_OF_THE_SPIKE = FunctionExercise(
    truth=_by_pairs_of_rows,
    praise="Nothing is fitted: the mean gives the signal, the rest gives the noise.",
    instances=_families,
    mistakes={
        "Subtract the mean before you measure the noise.": _spike(centered=False, lost=0),
        "Divide the squares by (N - 1) d: the mean takes one row's worth of noise with it.": (
            _spike(lost=0)
        ),
        "The squared length of a mean holds noise, too: subtract ν from the signal.": (
            _spike(corrected=False)
        ),
        "The signal is divided by d, not by N.": _spike(over="N"),
        "γ is N / d, rows by columns; yours is upside down.": _spike(upside_down=True),
        "This is the edge of the bulk.": _spike(result=_edge),
        "This is μ, the signal; noise pushes the eigenvalue up from there.": (
            _spike(result=lambda noise, signal, ratio: signal)
        ),
        "This is ν, the variance of the noise.": (
            _spike(result=lambda noise, signal, ratio: noise)
        ),
    },
    nudge="Measure ν on the centered rows, μ on their mean less ν, and put both into the formula.",
)


def _by_even_parts(r: Tensor) -> Tensor:
    """The number of equal parts whose squares add up to the same."""
    parts = r.square() / r.square().sum()
    return 1 / (parts * parts).sum()


def _vectors(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    return tuple((normal(generator, dim, dtype=torch.float64),) for dim in (6, 11))


_HOW_MANY_MODES = FunctionExercise(
    truth=_by_even_parts,
    praise="It is 1 for a vector along one mode, and d if all modes have equal parts.",
    instances=_vectors,
    mistakes={
        "This is the inverse participation ratio; the number of modes is its inverse.": (
            lambda r: 1 / _by_even_parts(r)
        ),
        "Square the entries first: parts of a squared length add up to one.": (
            lambda r: r.abs().sum().square() / r.square().sum()
        ),
        "You count the modes that are not 0; weigh them by their parts.": (
            lambda r: torch.tensor(float(len(r)), dtype=r.dtype)
        ),
        "Divide by the sum of the squares, so that the parts add up to one.": (
            lambda r: 1 / r.pow(4).sum()
        ),
        "Square the sum of the squares: the ratio must not change with the length of r.": (
            lambda r: r.square().sum() / r.pow(4).sum()
        ),
    },
    nudge="Take the square of the sum of the squares, over the sum of the fourth powers.",
)

_ONE_LONG_PAIR = PredictionExercise(
    truth=88,
    band=(60, 100),
    explanation="The longest task vector is only half as long again as a typical one, but its "
    "square counts, and the noise of all others spreads over many directions.",
)

# What follows is asked in the sections, each before the text or a cell answers it.

_TWO_LENGTHS = NumberExercise(
    truth=0.8,
    praise="The spike share is 1, so a fifth of the squares is due to the scale alone.",
    mistakes={
        "This is the spike share, as both lie on one line.": 1.0,
        "The factor N is missing: two times the squared length of the mean.": 0.4,
        "This is what remains; subtract it from 1.": 0.2,
        "Square the lengths before you add them.": 2.0,
    },
    nudge="The mean has the length 2. Take two times its square, over the sum of the squares.",
)

_ROTATED = PredictionExercise(
    truth=12,
    band=(6, 20),
    explanation="A guess among the eight words of the thing would be right in one of eight cases.",
)

_NOISE_ALONE = NumberExercise(
    truth=1.5625,
    praise="The largest of many eigenvalues is above their mean even if nothing is there.",
    mistakes={
        "This would be noise without spread, as for infinitely many dimensions.": 1.0,
        "γ is the ratio N / d; take its root before you add 1.": (1 + 32 / 512) ** 2,
        "This is the root of it; square the bracket.": 1.25,
        "You put d / N in the place of N / d.": 25.0,
        "This is the lower edge: the sign of the root is plus.": 0.5625,
    },
    nudge="The mean of the bulk is ν, and its edge ν (1 + √γ)² with γ = 32 / 512.",
)

_WHY_FEWER = ChoiceExercise(
    right="c",
    praise="The same noise with pairs of equal lengths would be spread much less.",
    mistakes={
        "a": "The last modes are a little weaker than the first, but the law of the pairs has "
        "all modes equal, and it fits.",
        "b": "Few pairs make a spectrum wide as well, but the law knows N, and takes it into "
        "account.",
        "d": "The mean was subtracted before the bulk was compared.",
    },
)

_WHAT_STAYS = ChoiceExercise(
    right="a",
    praise="The mean of differences is the difference of the means, whoever is whose partner.",
    mistakes={
        "b": "Cosines are of single task vectors, and these change with the partner.",
        "c": "The largest eigenvalue depends on products of single task vectors.",
        "d": "What is the mean of b minus a, written with the means of b and of a?",
    },
)

_READ_THE_MODE = NumberExercise(
    truth=13.0,
    absolute=1.0,
    praise="It holds about a tenth of the mean, not more.",
    mistakes={
        "This is the strongest mode of all, but it has little of the past tense.": 1.0,
        "This mode has the second largest part.": 4.0,
        "This is the mode that is largest for places.": 19.0,
    },
    nudge="Find the highest bar on the left, and read its number off the axis below.",
)

EXERCISES = {
    "12-lengths": _TWO_LENGTHS,
    "12-rotated": _ROTATED,
    "12-noise": _NOISE_ALONE,
    "12-fewer": _WHY_FEWER,
    "12-stays": _WHAT_STAYS,
    "12-read": _READ_THE_MODE,
    "12-1": _SNR_BY_HAND,
    "12-2": _TURNED_PAIRS,
    "12-3": _TWO_SHARES,
    "12-4": _PLACE_OF_THE_SPIKE,
    "12-6": _ONE_LONG_PAIR,
    "12-7": _HOW_MANY_MODES,
}
