"""The exercises of chapter 14, symmetry."""

from itertools import permutations

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import normal, uniform
from w2vlib.book.exercises.function import FunctionExercise
from w2vlib.book.exercises.number import NumberExercise, PredictionExercise

__all__ = ["EXERCISES"]


def _by_projection(block: Tensor) -> Tensor:
    """J M J, with the matrix J."""
    J = torch.eye(len(block), dtype=block.dtype) - 1 / len(block)
    return J @ block @ J


def _squares(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Two matrices, not symmetric, so that rows and columns can be told apart."""
    return tuple((normal(generator, n, n, dtype=torch.float64) + 1,) for n in (4, 5))


_CENTER = FunctionExercise(
    truth=_by_projection,
    praise="All its rows and columns sum to zero.",
    instances=_squares,
    mistakes={
        "Only the columns have mean zero; subtract the means of the rows as well.": (
            lambda block: block - block.mean(dim=0, keepdim=True)
        ),
        "Only the rows have mean zero; subtract the means of the columns as well.": (
            lambda block: block - block.mean(dim=1, keepdim=True)
        ),
        "This subtracts the mean of all entries, one number; rows still have means of their "
        "own.": lambda block: block - block.mean(),
        "The mean of all entries is subtracted twice, with the rows and with the columns; add it "
        "once.": (
            lambda block: block - block.mean(dim=0, keepdim=True) - block.mean(dim=1, keepdim=True)
        ),
        "The mean of all entries has the wrong sign: add it back.": (
            lambda block: (
                block
                - block.mean(dim=0, keepdim=True)
                - block.mean(dim=1, keepdim=True)
                - block.mean()
            )
        ),
    },
    nudge="Subtract from each entry the means of its row and of its column, and add the mean of "
    "all.",
)


def _by_matrix(f: Tensor, n: Tensor, k: Tensor) -> Tensor:
    """The eigenvalue, from the matrix and a wave in it."""
    i = torch.arange(int(n))
    apart = (i[:, None] - i).abs()
    wave = torch.cos(2 * torch.pi * k * i / n)
    return (f[torch.minimum(apart, int(n) - apart)] @ wave)[0]


def _on_the_ring(f: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
    """The numbers t from 0 to n - 1, and f at the distance of each."""
    t = torch.arange(int(n))
    return t, f[torch.minimum(t, int(n) - t)]


def _terms(f: Tensor, n: Tensor, k: Tensor) -> Tensor:
    """The term of each distance, once."""
    t = torch.arange(len(f))
    return f * torch.cos(2 * torch.pi * k * t / n)


def _functions(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Rings of an even and of an odd number of words."""
    drawn = []
    for n, k in ((6, 1), (7, 2), (8, 3)):
        f = uniform(generator, n // 2 + 1, low=0.1, high=2, dtype=torch.float64)
        size, wave = torch.tensor([n, k], dtype=torch.float64)
        drawn.append((f, size, wave))
    return tuple(drawn)


_WAVE = FunctionExercise(
    truth=_by_matrix,
    praise="It is the discrete Fourier transform of a row.",
    instances=_functions,
    mistakes={
        "Each distance counts once here. All but 0, and n/2 for even n, are there twice: on both "
        "sides.": lambda f, n, k: _terms(f, n, k).sum(),
        "Distance 0 is there once, not twice.": lambda f, n, k: 2 * _terms(f, n, k).sum(),
        "The opposite word is there once if n is even.": (
            lambda f, n, k: 2 * _terms(f, n, k).sum() - f[0]
        ),
        "The frequency is 2 π k / n; you have π k / n.": (
            lambda f, n, k: (
                _on_the_ring(f, n)[1] * torch.cos(torch.pi * k * _on_the_ring(f, n)[0] / n)
            ).sum()
        ),
        "This is the eigenvalue of the constant wave, without the cosine.": (
            lambda f, n, k: _on_the_ring(f, n)[1].sum()
        ),
        "This is zero for every f: it has the sine in the place of the cosine.": (
            lambda f, n, k: (
                _on_the_ring(f, n)[1] * torch.sin(2 * torch.pi * k * _on_the_ring(f, n)[0] / n)
            ).sum()
        ),
        "Divide by nothing: an eigenvalue is a sum, not a mean.": (
            lambda f, n, k: _by_matrix(f, n, k) / n
        ),
    },
    nudge="Let t run from 0 to n - 1, take f at the shorter way to t, and weigh with the cosine.",
)


def _by_the_longest_tour(block: Tensor) -> Tensor:
    """Of all orders, the one whose neighbors have the largest sum; offsets do not change it."""
    n = len(block)
    tours = [(0, *rest) for rest in permutations(range(1, n)) if rest[0] < rest[-1]]
    sums = [sum(float(block[a, b]) for a, b in zip(t, t[1:] + t[:1], strict=True)) for t in tours]
    return torch.tensor(tours[max(range(len(tours)), key=sums.__getitem__)])


def _turned(modes: Tensor) -> Tensor:
    return torch.atan2(modes[:, 1], modes[:, 0]).argsort()


def _canonical(order: Tensor) -> Tensor:
    order = order.roll(-int(torch.nonzero(order == 0)))
    return order if order[1] < order[-1] else torch.cat([order[:1], order[1:].flip(0)])


def _leading(block: Tensor, first: int = 0) -> Tensor:
    """Two neighboring modes, from the given one."""
    modes = torch.linalg.eigh(block).eigenvectors.flip(1)
    return modes[:, first : first + 2]


def _rings(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Shuffled rings with offsets that are larger than the ring's own differences."""
    drawn = []
    for n in (6, 7):
        i = torch.arange(n)
        apart = (i[:, None] - i).abs()
        ring = 2 * 0.6 ** torch.minimum(apart, n - apart).double()
        places = torch.randperm(n, generator=generator)
        own = uniform(generator, n, low=1, high=9, dtype=torch.float64)
        drawn.append((ring[places][:, places] + own[:, None] + own,))
    return tuple(drawn)


_ORDER = FunctionExercise(
    truth=_by_the_longest_tour,
    praise="The angle in the plane of two waves is the place on the ring.",
    instances=_rings,
    mistakes={
        "Center the block first: the offsets of the words decide its leading modes.": (
            lambda block: _canonical(_turned(_leading(block)))
        ),
        "The order around is right, but start with word 0, and go toward the smaller of its two "
        "neighbors.": lambda block: _turned(_leading(_by_projection(block))),
        "Start with word 0: turn the order until it comes first.": (
            lambda block: _canonical(_turned(_leading(_by_projection(block)))).roll(1)
        ),
        "Start is right, but the direction is not: the second number must be smaller than the "
        "last.": (
            lambda block: torch.cat(
                [
                    torch.zeros(1, dtype=torch.int64),
                    _canonical(_turned(_leading(_by_projection(block))))[1:].flip(0),
                ]
            )
        ),
        "You sort by one mode only; take the angle in the plane of two.": (
            lambda block: _canonical(_leading(_by_projection(block))[:, 0].argsort())
        ),
        "These are modes 2 and 3; one of them is faster. Take the two of largest eigenvalue.": (
            lambda block: _canonical(_turned(_leading(_by_projection(block), first=1)))
        ),
        "`eigh` returns the smallest eigenvalue first; the leading modes are the last ones.": (
            lambda block: _canonical(_turned(_leading(-_by_projection(block))))
        ),
        "This is the place of each word; return the words in the order of their places.": (
            lambda block: _canonical(_turned(_leading(_by_projection(block)))).argsort()
        ),
    },
    nudge="Center, take the two modes of largest eigenvalue, sort by the angle, and turn the "
    "order until word 0 is first.",
)

_HALF_A_YEAR = ChoiceExercise(
    right="b",
    praise="Eight of twelve months have two ends, like a line.",
    mistakes={
        "a": "What closes the circle are the four months that are left out.",
        "c": "The first mode is half a wave; look at the second, which is a whole one.",
        "d": "Near months still meet more often than distant ones: all that an order needs.",
    },
)

# What follows is asked in the sections, each before the text or a cell answers it.

_RING_OF_FOUR = NumberExercise(
    truth=1.4,
    praise="The two neighbors have cosine 0, and the opposite word cosine -1.",
    mistakes={
        "This is the constant wave, k = 0.": 2.6,
        "This is the wave with k = 2.": 0.6,
        "The frequency is π/2; and the opposite word, whose cosine is -1, counts, too.": 1.5,
        "The opposite word enters with its cosine, which is -1.": 1.6,
        "The opposite word is there once, not on both sides.": 1.3,
        "The two neighbors are multiplied by their cosine, which is 0.": 2.4,
        "This has the sine in the place of the cosine.": 0.0,
        "An eigenvalue is a sum; do not divide by 4.": 0.35,
    },
    nudge="The frequency is π/2. Sum f times cosine over t = 0, 1, 2, 3, at distances 0, 1, 2, 1.",
)

_LINE = ChoiceExercise(
    right="c",
    praise="cos 2x = 2 cos² x - 1.",
    mistakes={
        "a": "The second coordinate goes down and up again while the first only goes down.",
        "b": "An ellipse needs a sine beside the cosine of the same frequency. Write cos 2x by "
        "cos x.",
        "d": "There is one number x for each word, so they lie on a curve.",
    },
)

_MAY = PredictionExercise(
    truth=94.0,
    band=(84, 99),
    explanation="Nearly all that distance leaves unexplained is a shift of one row.",
)

_REMOVE = ChoiceExercise(
    right="c",
    praise="Two months have the target -2 now, all alike; the other words are still there.",
    mistakes={
        "a": "A vector is made from a word's counts with all other words. How many of these were "
        "removed?",
        "b": "In the block all entries are equal now. What is left of it after centering?",
        "d": "It is the block that was wiped out: what else does a vector depend on?",
    },
)

_RIVAL = ChoiceExercise(
    right="b",
    praise="Chance is a weak rival: anything that goes with the coordinates beats it.",
    mistakes={
        "a": "Whoever knows the continents only would beat the dealt maps, too.",
        "c": "Each country is predicted by a regression that has not seen it.",
        "d": "37 are enough to reject chance: the best of 500 dealt maps is far below the true.",
    },
)

_TREE = ChoiceExercise(
    right="a",
    praise="Level 3 lies inside level 2, so it is the finer one.",
    mistakes={
        "b": "That is what a tree in the block should give: its levels before the rest.",
        "c": "Vehicles and people differ on a coarse level, so this fits well enough.",
        "d": "The order of the modes says what comes first, not how fast eigenvalues fall.",
    },
)

EXERCISES = {
    "14-wave": _RING_OF_FOUR,
    "14-line": _LINE,
    "14-may": _MAY,
    "14-remove": _REMOVE,
    "14-rival": _RIVAL,
    "14-tree": _TREE,
    "14-1": _CENTER,
    "14-2": _WAVE,
    "14-3": _ORDER,
    "14-5": _HALF_A_YEAR,
}
