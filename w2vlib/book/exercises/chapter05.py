"""The exercises of chapter 5, what word2vec factorizes."""

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import uniform, whole
from w2vlib.book.exercises.function import FunctionExercise

__all__ = ["EXERCISES"]

_SHIFT = ChoiceExercise(
    right="b",
    praise="B is multiplied by 5, so the logarithm of A / B loses log 5 everywhere.",
    mistakes={
        "a": "k stands inside the logarithm: the score is log(A / B), and B has the factor k.",
        "c": "More negative pairs are not more samples of the same loss: they change B, and with "
        "it the minimum of every pair.",
        "d": "The shift is the same for all pairs: k multiplies every B.",
    },
)


def _weights(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    a, b = uniform(generator, 2, 4, low=0.02, high=0.4)
    return (a, b), (b[:2], a[:2])


_WRITE_THE_SCORE = FunctionExercise(
    truth=lambda a, b: torch.logit(a / (a + b)),
    praise="With A = P_ij and B = k P_i P_j this is PMI - log k.",
    instances=_weights,
    mistakes={
        "The sign is turned around: a pair with more weight as a positive one needs a positive "
        "score.": lambda a, b: torch.log(b / a),
        "This is the ratio A / B, the exponential of the score; take its logarithm.": (
            lambda a, b: a / b
        ),
        "This is the logarithm to base 2; the logistic function is made of e.": (
            lambda a, b: torch.log2(a / b)
        ),
        "This is the probability sigma(s) at the minimum; solve it for s.": lambda a, b: (
            a / (a + b)
        ),
        "This is the logarithm of sigma(s) at the minimum; s itself is its log-odds.": (
            lambda a, b: torch.log(a / (a + b))
        ),
        "This is where the quadratic approximation at s = 0 has its minimum; you are asked for "
        "the minimum of the loss itself.": lambda a, b: 2 * (a - b) / (a + b),
        "This is minus the slope of the loss at s = 0; set the slope to zero and solve for s.": (
            lambda a, b: (a - b) / 2
        ),
        "Mind the order of operations: take the logarithm of the quotient.": lambda a, b: (
            torch.log(a) / b
        ),
        "There is a 1 too many inside the logarithm: this is minus the logarithm of 1 - "
        "sigma(s).": (lambda a, b: torch.log(1 + a / b)),
        "The score may be negative: do not take the positive part.": (
            lambda a, b: torch.log(a / b).clamp(min=0)
        ),
        "These are the log-odds of A, as if A + B were 1.": (lambda a, b: torch.log(a / (1 - a))),
        "This is A - B. A score is the logarithm of a ratio.": (lambda a, b: a - b),
        "Mind the order of operations: take the logarithm of the quotient, not of A alone.": (
            lambda a, b: torch.log(a) - b
        ),
    },
    nudge="Set A (1 - sigma(s)) = B sigma(s), and solve for s.",
)


def _pmi(joint: Tensor, unigram: Tensor) -> Tensor:
    return torch.log(joint / torch.outer(unigram, unigram))


# In the first matrix the ratios are 9.2 (above e^k), 6.2 and 2.6 (above k), 1.2 and less, and a
# pair was never seen. The largest belongs to two different words.
_JOINT = torch.tensor([[0.22, 0.02, 0.06], [0.02, 0.18, 0.10], [0.06, 0.10, 0.24]])
_JOINT_WITH_ZERO = torch.tensor(
    [
        [0.62, 0.08, 0.02, 0.0],
        [0.08, 0.07, 0.01, 0.005],
        [0.02, 0.01, 0.004, 0.03],
        [0.0, 0.005, 0.03, 0.016],
    ]
)
_TWO = torch.tensor(2.0)


def _texts(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """The two matrices, a little changed."""

    def changed(matrix: Tensor) -> Tensor:
        noise = uniform(generator, *matrix.shape, low=0.97, high=1.03)
        matrix = matrix * (noise + noise.T)
        return matrix / matrix.sum()

    first, second = changed(_JOINT_WITH_ZERO), changed(_JOINT)
    some, fewer = whole(generator, 19, 21) / 10, whole(generator, 14, 16) / 10
    return (first, first.sum(1), some), (second, second.sum(1), fewer)


def _larger_of_both(joint: Tensor, unigram: Tensor, k: Tensor) -> Tensor:
    chance = k * torch.outer(unigram, unigram)
    return torch.log(torch.maximum(joint, chance)) - torch.log(chance)


_WRITE_SHIFTED_PPMI = FunctionExercise(
    truth=_larger_of_both,
    praise="Unseen pairs come out as 0, and the matrix is as sparse as the counts or sparser.",
    instances=_texts,
    mistakes={
        "You shift after taking the maximum, so all pairs below chance become -log k. Shift "
        "first.": lambda p, q, k: _pmi(p, q).clamp(min=0) - torch.log(k),
        "The shift has the wrong sign: subtract log k.": lambda p, q, k: (
            _pmi(p, q) + torch.log(k)
        ).clamp(min=0),
        "You subtract k; the formula subtracts log k.": lambda p, q, k: (_pmi(p, q) - k).clamp(
            min=0
        ),
        "The shift is missing: this is the positive PMI, the case k = 1.": lambda p, q, k: _pmi(
            p, q
        ).clamp(min=0),
        "The positive part is missing: take the maximum with 0.": lambda p, q, k: (
            _pmi(p, q) - torch.log(k)
        ),
        "This is in bits: use the natural logarithm for both the PMI and the shift.": (
            lambda p, q, k: ((_pmi(p, q) - torch.log(k)) / torch.log(_TWO)).clamp(min=0)
        ),
        "Your PMI is in bits and your shift is not: use the natural logarithm for both.": (
            lambda p, q, k: (_pmi(p, q) / torch.log(_TWO) - torch.log(k)).clamp(min=0)
        ),
        "You divide the PMI by k. It is the ratio inside the logarithm that is divided by k.": (
            lambda p, q, k: (_pmi(p, q) / k).clamp(min=0)
        ),
        "You set negative entries to 0 before the shift and again after it in the other "
        "direction: use one maximum, at the end.": lambda p, q, k: (
            torch.log(k) - _pmi(p, q).clamp(min=0)
        ).clamp(min=0),
        "You keep the pairs below log k and drop those above it: take the maximum with 0, not "
        "the minimum.": lambda p, q, k: (_pmi(p, q) - torch.log(k)).clamp(max=0),
        "The probability of independent words is the outer product P_i P_j; you use P_i for "
        "every column.": lambda p, q, k: (torch.log(p / q[:, None]) - torch.log(k)).clamp(min=0),
        "`unigram * unigram` multiplies entry by entry; the outer product gives P_i P_j.": (
            lambda p, q, k: (torch.log(p / (q * q)) - torch.log(k)).clamp(min=0)
        ),
        "The logarithm is missing.": (lambda p, q, k: (p / torch.outer(q, q) - k).clamp(min=0)),
        "You set unseen pairs to 0 and keep all others. Every negative entry becomes 0.": (
            lambda p, q, k: (_pmi(p, q) - torch.log(k)).nan_to_num(neginf=0.0)
        ),
        "Take the maximum of the logarithm and 0; log(1 + x) is something else.": (
            lambda p, q, k: (torch.log1p(p / torch.outer(q, q)) - torch.log(k)).clamp(min=0)
        ),
        "This is the PMI: shift it, then take the positive part.": (lambda p, q, k: _pmi(p, q)),
        "The sign is lost: negative entries become 0, not positive.": (
            lambda p, q, k: (_pmi(p, q) - torch.log(k)).abs()
        ),
        "The sign is turned around: pairs above chance must be positive.": (
            lambda p, q, k: (torch.log(k) - _pmi(p, q)).clamp(min=0)
        ),
    },
    nudge="Write the PMI with the outer product of `unigram` with itself, subtract log k, and "
    "take the positive part last.",
)

EXERCISES = {
    "05-1": _SHIFT,
    "05-2": _WRITE_THE_SCORE,
    "05-3": _WRITE_SHIFTED_PPMI,
}
