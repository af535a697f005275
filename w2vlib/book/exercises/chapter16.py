"""The exercises of chapter 16, not only words."""

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import normal
from w2vlib.book.exercises.function import FunctionExercise
from w2vlib.book.exercises.number import NumberExercise, PredictionExercise

__all__ = ["EXERCISES"]


def _pairs_one_by_one(N: Tensor) -> Tensor:
    """Every ordered pair of different places of every basket."""
    counts = torch.zeros(N.shape[1], N.shape[1], dtype=N.dtype)
    for basket in N.long():
        goods = torch.repeat_interleave(torch.arange(len(basket)), basket).tolist()
        for s, i in enumerate(goods):
            for t, j in enumerate(goods):
                counts[i, j] += s != t
    return counts


def _baskets(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Tables in which some goods are in a basket twice or more."""

    def draw(baskets: int, goods: int) -> tuple[Tensor]:
        return (torch.randint(0, 4, (baskets, goods), generator=generator).double(),)

    return draw(6, 4), draw(5, 7)


_COUNT_BASKETS = FunctionExercise(
    truth=_pairs_one_by_one,
    praise="One product of matrices counts all pairs, in whatever order the goods lie.",
    instances=_baskets,
    mistakes={
        "Each item also makes a pair with itself here: take these pairs off the diagonal.": (
            lambda N: N.T @ N
        ),
        "You set the diagonal to 0; a good that is twice in a basket makes pairs with itself.": (
            lambda N: (N.T @ N).fill_diagonal_(0)
        ),
        "You count whether goods are in a basket, not how often.": (
            lambda N: ((N > 0).double().T @ (N > 0).double()).fill_diagonal_(0)
        ),
        "You count each pair in one order only. The order within a basket means nothing, so "
        "both count, and C is symmetric.": (
            lambda N: torch.triu(N.T @ N - torch.diag(N.sum(dim=0)))
        ),
        "These are pairs of baskets that share goods; the words are the goods.": (
            lambda N: N @ N.T
        ),
        "You take away each good's pairs with itself once for each basket; do it once for each "
        "item.": (lambda N: N.T @ N - torch.diag((N > 0).double().sum(dim=0))),
        "This is what is expected by chance; count the pairs.": (
            lambda N: torch.outer(N.sum(dim=0), N.sum(dim=0)) / N.sum()
        ),
    },
    nudge="In one basket, good i makes N_i N_j pairs with another good j, and N_i (N_i - 1) with "
    "itself. Sum over the baskets.",
)


def _firsts(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """An eigenvalue among those of shuffled tables, two of which are as large."""

    def draw(shuffles: int, place: int) -> tuple[Tensor, Tensor]:
        shuffled = normal(generator, shuffles, dtype=torch.float64).sort().values
        shuffled[place + 1] = shuffled[place]
        return shuffled[place].clone(), shuffled

    return draw(19, 14), draw(12, 3)


def _p_by_ranks(value: Tensor, shuffled: Tensor) -> Tensor:
    """The place of the table among all, the largest first; ties count against it."""
    everyone = [float(value), *shuffled.tolist()]
    place = sum(each >= everyone[0] for each in everyone)
    return torch.tensor(place / len(everyone))


_P_VALUE = FunctionExercise(
    truth=_p_by_ranks,
    praise="The table itself is one of the tables, so the p-value is never 0.",
    instances=_firsts,
    mistakes={
        "This can be 0, which no number of shuffles can show: count the table itself, above and "
        "below.": lambda value, shuffled: (shuffled >= value).double().mean(),
        "You count the table in the number of tables, but not among those that are at least as "
        "large.": lambda value, shuffled: (shuffled >= value).sum() / (1 + len(shuffled)),
        "You count the table among the large ones, but not in the number of tables.": (
            lambda value, shuffled: (1 + (shuffled >= value).sum()) / len(shuffled)
        ),
        "Ties count against an alarm: use >=, not >.": (
            lambda value, shuffled: (1 + (shuffled > value).sum()) / (1 + len(shuffled))
        ),
        "You count the shuffled tables that are smaller; count the larger ones, and ties.": (
            lambda value, shuffled: (1 + (shuffled <= value).sum()) / (1 + len(shuffled))
        ),
        "This is one minus the p-value.": (
            lambda value, shuffled: 1 - (1 + (shuffled >= value).sum()) / (1 + len(shuffled))
        ),
    },
    nudge="Put the table among its shuffles. Which share of them all is at least as large?",
)


def _graphs(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Graphs of three and of four communities."""

    def draw(nodes: int, communities: int) -> tuple[Tensor, Tensor]:
        labels = torch.arange(nodes) % communities
        chance = torch.where(labels[:, None] == labels, 0.8, 0.2)
        upper = torch.triu(torch.rand(nodes, nodes, generator=generator) < chance, diagonal=1)
        return (upper | upper.T).double(), labels

    return draw(12, 3), draw(12, 4)


def _signal_link_by_link(A: Tensor, labels: Tensor) -> Tensor:
    """By the second eigenvalue of the matrix of steps between equal communities."""
    K = len(labels.unique())
    links = [(int(i), int(j)) for i, j in torch.nonzero(A).tolist()]
    within = sum(bool(labels[i] == labels[j]) for i, j in links) / len(links)
    steps = torch.full((K, K), (1 - within) / (K - 1), dtype=torch.float64).fill_diagonal_(within)
    eigenvalues = torch.linalg.eigvalsh(steps)
    second = eigenvalues[(eigenvalues - 1).abs().argsort(descending=True)][0]
    return len(links) / len(labels) * second.square()


def _signal(
    A: Tensor, labels: Tensor, *, power: int = 2, two: bool = False, within: bool = False
) -> Tensor:
    K = int(labels.max()) + 1
    mixing = (A * ((labels[:, None] == labels) == within)).sum() / A.sum()
    return A.sum(dim=1).mean() * (1 - mixing * (2 if two else K / (K - 1))) ** power


_SIGNAL = FunctionExercise(
    truth=_signal_link_by_link,
    praise="Above 1 there is hope; the more above, the clearer the communities.",
    instances=_graphs,
    mistakes={
        "You use 1 - 2 mixing, which is right for two communities only.": (
            lambda A, labels: _signal(A, labels, two=True)
        ),
        "The second eigenvalue enters squared.": lambda A, labels: _signal(A, labels, power=1),
        "This is the squared eigenvalue; multiply it by the number of links of a node.": (
            lambda A, labels: _signal(A, labels) / A.sum(dim=1).mean()
        ),
        "You multiply by the number of all links; c is the mean number of links of a node.": (
            lambda A, labels: _signal(A, labels) / A.sum(dim=1).mean() * A.sum()
        ),
        "You halve the number of links of a node. Each row of A has all links of its node.": (
            lambda A, labels: _signal(A, labels) / 2
        ),
        "You take the share of links within communities for the mixing, not that outside.": (
            lambda A, labels: _signal(A, labels, within=True)
        ),
        "This is 1 minus twice the mixing; look up what multiplies c.": (
            lambda A, labels: _signal(A, labels, two=True, power=1) / A.sum(dim=1).mean()
        ),
    },
    nudge="Three steps: the mean of the row sums, the share of links between communities, and "
    "1 - mixing K / (K - 1), squared.",
)

_MARKET = NumberExercise(
    truth=30.7,
    relative=0.002,
    praise="1 on the diagonal and 99 correlations of 0.3 in each row.",
    mistakes={
        "The diagonal is 1, not 0.3: each row has 99 correlations of 0.3, and a 1.": 30.0,
        "You left the diagonal out.": 29.7,
        "This is 1 plus 100 times 0.3; each asset has 99 others.": 31.0,
        "This is the edge of noise.": 2.094,
        "This is 1 - 0.3, the eigenvalue of all directions without the market.": 0.7,
    },
    nudge="Try the vector of ones: what is the sum of a row of the correlation matrix?",
)

# What follows is asked in the sections, each before the text or a cell answers it.

_DOCUMENT = ChoiceExercise(
    right="b",
    praise="Diagnoses meet in patients, as words meet in articles.",
    mistakes={
        "a": "Then patients would get the vectors: the document holds what gets a vector.",
        "c": "A line holds one diagnosis, so no two would ever meet.",
        "d": "Then all diagnoses meet all others, and every pair is as frequent as by chance.",
    },
)

_SHUFFLES = NumberExercise(
    truth=99.0,
    relative=0.001,
    praise="With the table itself they are a hundred.",
    mistakes={
        "One less is enough: the table itself counts, too.": 100.0,
        "The bound is 1 / (n + 1): solve for n.": 101.0,
        "This is enough for one false alarm in twenty.": 19.0,
    },
    nudge="The theorem bounds the probability by 1 / (n + 1).",
)

_ANALOGIES = PredictionExercise(
    truth=99,
    band=(85, 100),
    explanation="Two versions of a product are neighbors of each other, and a, b and c are "
    "excluded: the neighbor of c is the answer, without any brand.",
)

_THRESHOLD = NumberExercise(
    truth=2 / 3 * (1 - 12**-0.5),
    relative=0.01,
    praise="The second eigenvalue is then the inverse root of 12.",
    mistakes={
        "This is for two communities; for three the factor is 3 / 2.": 0.5 * (1 - 12**-0.5),
        "You forgot the square: 12 times the square of the eigenvalue is 1.": 2 / 3 * 11 / 12,
        "This is the second eigenvalue; solve for the mixing.": 12**-0.5,
        "You divided by K / (K - 1) the wrong way.": 1.5 * (1 - 12**-0.5),
    },
    nudge="Set 12 (1 - 3 m / 2)² to 1, and solve for the mixing m.",
)

_ASSETS = ChoiceExercise(
    right="c",
    praise="Ranks are hardly disturbed by a few far days, and keep more than counts do.",
    mistakes={
        "a": "Counting keeps only in which quarter a return was: look at the left panel.",
        "b": "A few far days decide plain correlations: look at the right panel.",
        "d": "Such a graph would be made from co-movements; the question is how to measure them.",
    },
)

_SIGN = ChoiceExercise(
    right="b",
    praise="Vowels avoid vowels, and so do consonants: the two take turns.",
    mistakes={
        "a": "This would hold for a positive eigenvalue: the mode adds λ u_i u_j to entry ij.",
        "c": "How often a letter occurs is in its frequency, not in the sign of an eigenvalue.",
        "d": "The sign of an eigenvector is arbitrary, that of an eigenvalue is not.",
    },
)

EXERCISES = {
    "16-document": _DOCUMENT,
    "16-shuffles": _SHUFFLES,
    "16-analogies": _ANALOGIES,
    "16-threshold": _THRESHOLD,
    "16-assets": _ASSETS,
    "16-sign": _SIGN,
    "16-1": _COUNT_BASKETS,
    "16-2": _P_VALUE,
    "16-3": _SIGNAL,
    "16-4": _MARKET,
}
