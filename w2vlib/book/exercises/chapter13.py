"""The exercises of chapter 13, which analogies are easy."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import normal
from w2vlib.book.exercises.function import FunctionExercise
from w2vlib.book.exercises.number import NumberExercise, PredictionExercise

__all__ = ["EXERCISES"]

_MEAN_STEP = PredictionExercise(
    truth=69,
    band=(55, 85),
    explanation="The step's own noise drops out; what is special about the verb that is asked "
    "for stays.",
)


def _leads_one_by_one(R: Tensor, n: Tensor, z: Tensor) -> Tensor:
    """Half the way minus the error toward the competitor, from predictions."""
    answer = torch.zeros_like(z)  # any place will do
    start, row = answer - R[int(n)], []
    for step in R:
        error = start + step - answer
        row.append(((z / 2) ** 2).sum().sqrt() - (error * z).sum() / (z**2).sum().sqrt())
    return torch.stack(row)


def _families(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Task vectors with something in common, a pair, and the way to a competitor."""
    drawn = []
    for pairs, dim, asked in ((5, 3, 1), (7, 6, 4)):
        common, z = normal(generator, 2, dim, dtype=torch.float64)
        noise = normal(generator, pairs, dim, dtype=torch.float64)
        drawn.append((common + noise / 2, torch.tensor(asked), z))
    return tuple(drawn)


_LEADS = FunctionExercise(
    truth=_leads_one_by_one,
    praise="With its own step the lead is half the way: the prediction is the answer.",
    instances=_families,
    mistakes={
        "The error is r_k - r_n, and the lead subtracts it: the sign is turned around.": (
            lambda R, n, z: z.norm() / 2 - (R[int(n)] - R) @ z / z.norm()
        ),
        "Divide by the length of z: the direction must have length one.": (
            lambda R, n, z: z.norm() / 2 + (R[int(n)] - R) @ z
        ),
        "Half the way, not the whole way.": (
            lambda R, n, z: z.norm() + (R[int(n)] - R) @ z / z.norm()
        ),
        "Half the way is missing.": lambda R, n, z: (R[int(n)] - R) @ z / z.norm(),
        "You leave out what is special about the pair n itself.": (
            lambda R, n, z: z.norm() / 2 - (R - R.mean(dim=0)) @ z / z.norm()
        ),
        "This uses r_k in the place of its noise: subtract the mean, or r_n.": (
            lambda R, n, z: z.norm() / 2 - R @ z / z.norm()
        ),
        "This is the mean over all steps; return the lead for each of them.": (
            lambda R, n, z: z.norm() / 2 + (R[int(n)] - R.mean(dim=0)) @ z / z.norm()
        ),
        "Divide by the length of z once: the product with z over its length, not its square.": (
            lambda R, n, z: z.norm() / 2 + (R[int(n)] - R) @ z / (z @ z)
        ),
        "The part of the error along z counts, not the length of the error.": (
            lambda R, n, z: z.norm() / 2 - (R - R[int(n)]).norm(dim=1)
        ),
    },
    nudge="Project R[n] - R on z divided by its length, and add half the length of z.",
)


def _correlation(x: Tensor, y: Tensor) -> Tensor:
    return torch.corrcoef(torch.stack([x, y]))[0, 1]


def _partial_by_lines(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """Correlate what straight lines in z leave of x and of y."""
    line = torch.stack([torch.ones_like(z), z], dim=1)
    left = [
        each - line @ torch.linalg.lstsq(line, each[:, None]).solution[:, 0] for each in (x, y)
    ]
    return _correlation(*left)


def _three_lists(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Lists that share much with the third and something with each other."""
    drawn = []
    for size in (8, 14):
        z, common, own, other = normal(generator, 4, size, dtype=torch.float64)
        drawn.append((z + common + own / 2, z - common + other, z))
    return tuple(drawn)


def _with(change: str) -> Callable[..., Tensor]:
    def answer(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        if change == "ranks":
            x, y, z = (each.argsort().argsort().to(each.dtype) for each in (x, y, z))
            return _partial_by_lines(x, y, z)
        a, b, c = _correlation(x, y), _correlation(x, z), _correlation(y, z)
        squares = (1 - b**2) * (1 - c**2)
        return {
            "root": (a - b * c) / squares,
            "numerator": a - b * c,
            "squares": (a - b * c) / ((1 - b) * (1 - c)).sqrt(),
            "plus": (a + b * c) / squares.sqrt(),
            "one": (a - b * c) / (1 - b**2).sqrt(),
        }[change]

    return answer


_PARTIAL = FunctionExercise(
    truth=_partial_by_lines,
    praise="It is what a straight line in z leaves of both, correlated.",
    instances=_three_lists,
    mistakes={
        "This is the correlation of x and y; take out what both share with z.": (
            lambda x, y, z: _correlation(x, y)
        ),
        "These are correlations of ranks; take those of the numbers.": _with("ranks"),
        "This takes out y and correlates x with z; take z out of x and y.": (
            lambda x, y, z: _partial_by_lines(x, z, y)
        ),
        "Take the root of the denominator.": _with("root"),
        "Divide by the root of (1 - r_xz²)(1 - r_yz²).": _with("numerator"),
        "The correlations in the denominator are squared.": _with("squares"),
        "The product of the two correlations with z is subtracted.": _with("plus"),
        "Take z out of both: both correlations with z belong in the denominator.": _with("one"),
    },
    nudge="Compute the three correlations first, with torch.corrcoef, then combine them.",
)

_BEST_OF_FOUR = NumberExercise(
    truth=1.03 / 3,
    praise="One third, from nothing but choice.",
    mistakes={
        "This is the largest of four numbers with standard deviation 1; ours is one third.": 1.03,
        "The standard deviation is 1 over the root of 9, not 1 over 9.": 1.03 / 9,
        "This is the standard deviation of one; the largest of four is a little above it.": 1 / 3,
        "Use the root of 10 - 1, not of 10.": 1.03 / 10**0.5,
        "The four do not add up; only the largest counts.": 4 / 3,
    },
    nudge="Multiply the mean of the largest of four standard normal numbers by one third.",
)

_OWN_TIMES = ChoiceExercise(
    right="b",
    praise="The peaks are broad, and a choice from few pairs fits their noise.",
    mistakes={
        "a": "The curves are flat near their peaks: how much is lost by being a little off?",
        "c": "The peaks do differ, so that something is gained, if the choice is not all noise.",
        "d": "Most of that gain is made by stopping anywhere near 8 τ₁.",
    },
)

# What follows is asked in the sections, each before the text or a cell answers it.

_ORDER = PredictionExercise(
    truth=0.24,
    band=(0.05, 0.45),
    explanation="Chance gives as much in one of four random orders.",
)

_SELECT = ChoiceExercise(
    right="b",
    praise="A test needs families that took no part in the choice.",
    mistakes={
        "a": "The p-value does not know that nine other predictors were tried.",
        "c": "They can be compared: all are between -1 and 1, over the same families.",
        "d": "More families would help, but the choice would still be made on the test.",
    },
)

_KNOWN = PredictionExercise(
    truth=0.97,
    band=(0.85, 1),
    explanation="Counts and hyperparameters fix it, up to little.",
)

_DIRECTION = NumberExercise(
    truth=20.0,
    praise="The variance in one direction is 1/100, and so is that of the lead.",
    mistakes={
        "This is without the variance in the denominator: 0.01 / 0.04.": 25.0,
        "You took all noise as noise toward the competitor; one direction has a hundredth.": (
            100 / 1.04
        ),
        "The mean lead is squared in the bound.": 100 * 0.01 / 0.21,
        "This is the share that wins; the question is about those that lose.": 80.0,
        "The variance in one direction is 1/100, not its standard deviation.": (
            100 * 0.0001 / 0.0401
        ),
        "You took 1/100 as the standard deviation of all noise.": 100 * 1e-6 / 0.040001,
    },
    nudge="The noise along one direction is the trace over 100; put it into the bound.",
)

_STOP = ChoiceExercise(
    right="c",
    praise="About a hundred modes are past their learning time.",
    mistakes={
        "a": "The last modes are weak, and need more than twice that time.",
        "b": "Compute τ for mode 100: is it before or after 8 τ₁?",
        "d": "Ten modes are learned at 3 τ₁ already.",
    },
)

EXERCISES = {
    "13-order": _ORDER,
    "13-select": _SELECT,
    "13-known": _KNOWN,
    "13-direction": _DIRECTION,
    "13-stop": _STOP,
    "13-1": _MEAN_STEP,
    "13-2": _LEADS,
    "13-3": _PARTIAL,
    "13-4": _BEST_OF_FOUR,
    "13-7": _OWN_TIMES,
}
