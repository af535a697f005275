"""The exercises of chapter 11, analogies as arithmetic."""

from collections.abc import Callable
from itertools import permutations

import torch
from torch import Generator, Tensor
from torch.nn.functional import normalize

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import normal, uniform
from w2vlib.book.exercises.function import FunctionExercise
from w2vlib.book.exercises.number import NumberExercise, PredictionExercise

__all__ = ["EXERCISES"]

_WRONG_WAY_ROUND = ChoiceExercise(
    right="b",
    praise="The step from a city to a country, taken from a country, leads away from cities.",
    mistakes={
        "a": "A step has a direction: from paris to france is not from france to paris.",
        "c": "The step now leads from a city to a country, and so away from cities.",
        "d": "The prediction is still near italy, and a step between kinds of words is no noise.",
    },
)


def _by_distance(vectors: Tensor, questions: Tensor) -> Tensor:
    """The word that is nearest to the fourth corner, one question at a time."""
    unit = vectors / vectors.square().sum(dim=1, keepdim=True).sqrt()
    found = []
    for a, b, c, _ in questions.tolist():
        distances = (unit - (unit[b] - unit[a] + unit[c])).square().sum(dim=1)
        distances[[a, b, c]] = torch.inf
        found.append(distances.argmin())
    return torch.stack(found)


def _best(
    points: Callable[[Tensor, Tensor, Tensor], Tensor],
    excluded: tuple[int, ...] = (0, 1, 2),
    summed: bool = True,
    compared: bool = True,
) -> Callable[[Tensor, Tensor], Tensor]:
    """The rule with points of a, b and c; vectors are scaled in the sum, and where compared."""

    def answers(vectors: Tensor, questions: Tensor) -> Tensor:
        terms = normalize(vectors, dim=1) if summed else vectors
        words = normalize(vectors, dim=1) if compared else vectors
        a, b, c, _ = terms[questions].unbind(dim=1)
        scores = points(a, b, c) @ words.T
        if excluded:
            scores.scatter_(1, questions[:, list(excluded)], -torch.inf)
        return scores.argmax(dim=1)

    return answers


def _add(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    return b - a + c


def _best_scores(vectors: Tensor, questions: Tensor) -> Tensor:
    unit = normalize(vectors, dim=1)
    a, b, c, _ = unit[questions].unbind(dim=1)
    scores = _add(a, b, c) @ unit.T
    return scores.scatter_(1, questions[:, :3], -torch.inf).amax(dim=1)


def _columns_scaled(vectors: Tensor, questions: Tensor) -> Tensor:
    return _best(_add, summed=False, compared=False)(normalize(vectors, dim=0), questions)


def _pairs(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Families of pairs with a step in common and some noise, and words of any length.

    In the last, the step is long and hardly exact: b would win where only c is excluded.
    """
    drawn = []
    for pairs, dim, far, noisy in ((6, 5, 1, 1 / 4), (5, 4, 1, 1 / 4), (12, 4, 4, 2)):
        first = normal(generator, pairs, dim, dtype=torch.float64)
        step = normal(generator, dim, dtype=torch.float64)
        noise = normal(generator, pairs, dim, dtype=torch.float64)
        others = normal(generator, 12, dim, dtype=torch.float64)
        words = torch.cat([first, first + far * step + noisy * noise, others])
        lengths = uniform(generator, len(words), 1, low=0.2, high=3, dtype=torch.float64)
        asked = [(i, i + pairs, j, j + pairs) for i, j in permutations(range(pairs), 2)]
        drawn.append((normalize(words, dim=1) * lengths, torch.tensor(asked)))
    return tuple(drawn)


_WRITE_THE_RULE = FunctionExercise(
    truth=_by_distance,
    praise="This is 3CosAdd, with all of its rules.",
    instances=_pairs,
    mistakes={
        "The words of the question compete, and mostly c wins. Exclude a, b and c.": (
            _best(_add, excluded=())
        ),
        "You exclude c, but a and b must not compete, either.": _best(_add, excluded=(2,)),
        "You exclude the fourth word, too: it is the right answer.": (
            _best(_add, excluded=(0, 1, 2, 3))
        ),
        "Nothing is scaled to length one, so long vectors win.": (
            _best(_add, summed=False, compared=False)
        ),
        "You scale the columns to length one; words are rows, so scale along dim=1.": (
            _columns_scaled
        ),
        "The words in the sum keep their lengths; scale all vectors to length one first.": (
            _best(_add, summed=False)
        ),
        "The competing words keep their lengths; scale them to length one as well.": (
            _best(_add, compared=False)
        ),
        "a and b are exchanged: the step leads from a to b.": _best(lambda a, b, c: a - b + c),
        "b and c are fine, but a must be taken away.": _best(lambda a, b, c: b + c),
        "a and c are exchanged: the step is taken from c.": _best(lambda a, b, c: a + b - c),
        "This is the word nearest to c, without the step from a to b.": _best(lambda a, b, c: c),
        "This is the word nearest to b.": _best(lambda a, b, c: b),
        "This is the word nearest to the step alone; start from c.": (
            _best(lambda a, b, c: b - a)
        ),
        "These are the largest scores; return the numbers of their words.": _best_scores,
        "You return the right answers, which the rule does not know.": (
            lambda vectors, questions: questions[:, 3]
        ),
    },
    nudge="Scale all rows to length one, add, multiply with all words, exclude three, and take "
    "the argmax of each row.",
)


def _way(y: Tensor, v: Tensor) -> Tensor:
    return (v - y).norm(dim=1)


def _toward(x: Tensor, y: Tensor, v: Tensor) -> Tensor:
    return ((x - y) * (v - y)).sum(dim=1) / _way(y, v)


def _by_products(x: Tensor, y: Tensor, v: Tensor) -> Tensor:
    """The difference of the scores, over the way."""
    return ((y - v) * x).sum(dim=1) / _way(y, v)


def _predictions(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Predictions of any length, answers and competitors of length one."""

    def draw(questions: int, dim: int) -> tuple[Tensor, ...]:
        x, y, v = normal(generator, 3, questions, dim, dtype=torch.float64)
        return x, normalize(y, dim=1), normalize(v, dim=1)

    return draw(4, 3), draw(5, 6)


_THE_LEAD = FunctionExercise(
    truth=_by_products,
    praise="Where it is positive, the answer beats this competitor.",
    instances=_predictions,
    mistakes={
        "This is the whole way minus the error toward the competitor: take half of the way, and "
        "as the error x - y, not x.": (lambda x, y, v: _way(y, v) - _toward(x, y, v)),
        "You take the length of the error; only its part toward the competitor counts.": (
            lambda x, y, v: _way(y, v) / 2 - (x - y).norm(dim=1)
        ),
        "Divide by the length of v - y: the direction must have length one.": (
            lambda x, y, v: _way(y, v) / 2 - ((x - y) * (v - y)).sum(dim=1)
        ),
        "This is the difference of the two scores; divide it by the way.": (
            lambda x, y, v: ((y - v) * x).sum(dim=1)
        ),
        "The error is x - y, not y - x: it leads from the answer to the prediction.": (
            lambda x, y, v: _way(y, v) / 2 + _toward(x, y, v)
        ),
        "The error is x - y: it is measured from the answer, not from the competitor.": (
            lambda x, y, v: _way(y, v) / 2 - ((x - v) * (v - y)).sum(dim=1) / _way(y, v)
        ),
        "Only the way is halved, not the error.": (
            lambda x, y, v: _way(y, v) / 2 - _toward(x, y, v) / 2
        ),
        "This is the difference of two distances from x. The sign is right, the number is not; "
        "project the error.": lambda x, y, v: (x - v).norm(dim=1) - (x - y).norm(dim=1),
        "The sign is turned around: half the way minus the error, so that winners are positive.": (
            lambda x, y, v: _toward(x, y, v) - _way(y, v) / 2
        ),
        "This is the error toward the competitor; subtract it from half the way.": _toward,
        "This is half the way; subtract the error toward the competitor.": (
            lambda x, y, v: _way(y, v) / 2
        ),
        "This scales the prediction to length one first; leave it as it is.": (
            lambda x, y, v: _way(y, v) / 2 - _toward(normalize(x, dim=1), y, v)
        ),
        "This is a cosine: do not divide by the length of the error.": (
            lambda x, y, v: _way(y, v) / 2 - _toward(x, y, v) / (x - y).norm(dim=1)
        ),
    },
    nudge="The way is v - y, the error x - y. Project the error on the way, and subtract from "
    "half the length of the way.",
)

_TWO_MEANS = NumberExercise(
    truth=74.0,
    praise="Each question counts once: 360 and 10 right answers of 500.",
    mistakes={
        "This is the mean over categories, in which a question about opposites counts four times "
        "as much as one about capitals.": 50.0,
        "You exchanged the sizes of the two categories.": 26.0,
        "This is a number of questions; divide it by that of all.": 370.0,
    },
    nudge="Count the right answers of both categories, and divide by the number of questions.",
)

_WRONG_PARTNER = PredictionExercise(
    truth=31.2,
    band=(22, 42),
    explanation="The wrong a takes away what its category shares, which helps, and what is "
    "special about itself, which is an error.",
)

# What follows is asked in the sections, each before the text or a cell answers it.

_NEAREST = ChoiceExercise(
    right="b",
    praise="The length of the prediction is the same for all words, so all three orders agree.",
    mistakes={
        "a": "Write the squared distance out: for words of length one it is a constant minus "
        "twice the product.",
        "c": "The cosine is the product over the length of the prediction, which is the same for "
        "all words.",
        "d": "Write the squared distance and the cosine out: which parts of them depend on the "
        "word?",
    },
)

_WHICH_ERROR = ChoiceExercise(
    right="c",
    praise="The error of the difference is about one point.",
    mistakes={
        "a": "The error of one accuracy says how it varies with the questions. The other varies "
        "with it.",
        "b": "This would hold for two independent sets of questions; here they are the same.",
        "d": "The same questions, compared one by one, say more than the two accuracies.",
    },
)

_HONEST = PredictionExercise(
    truth=1.8,
    band=(0.5, 5),
    explanation="In nine of ten questions the answer is then c itself.",
)

_HALF_THE_WAY = NumberExercise(
    truth=0.4,
    praise="The two words are 0.8 apart, since the squared distance is 2 - 2 · 0.68.",
    mistakes={
        "This is the whole way; half of it is the limit.": 0.8,
        "This is the squared distance of the two words; take the root, and half of it.": 0.64,
        "This is half the squared distance; take half of the distance.": 0.32,
        "This is half of the cosine; compute the distance of the two words first.": 0.34,
        "This is one minus the cosine, halved; the squared distance is 2 minus twice the cosine, "
        "and you need its root.": 0.16,
        "This is the angle between the words, in radians; take the straight distance, and half of "
        "it.": 0.8230,
    },
    nudge="The squared distance of two vectors of length one is 2 minus twice their cosine.",
)

_READ_THE_SCORES = NumberExercise(
    truth=2.97,
    absolute=0.16,
    praise="By the first place alone it takes twice as long.",
    mistakes={
        "This is the curve of the first place.": 5.85,
        "This is the curve of the first hundred.": 1.72,
    },
    nudge="Go up to 40 % at the left, then to the right to the middle curve, then down.",
)

EXERCISES = {
    "11-nearest": _NEAREST,
    "11-error": _WHICH_ERROR,
    "11-honest": _HONEST,
    "11-half": _HALF_THE_WAY,
    "11-read": _READ_THE_SCORES,
    "11-1": _WRONG_WAY_ROUND,
    "11-2": _WRITE_THE_RULE,
    "11-3": _THE_LEAD,
    "11-5": _TWO_MEANS,
    "11-6": _WRONG_PARTNER,
}
