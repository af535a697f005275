"""The exercises of chapter 2, from text to counts."""

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import shares, uniform, whole
from w2vlib.book.exercises.function import FunctionExercise

__all__ = ["EXERCISES"]


def _inside(distance: Tensor, window: Tensor) -> Tensor:
    return (window + 1 - distance).clamp(min=0) / window


def _by_counting(distance: Tensor, window: Tensor) -> Tensor:
    sizes = torch.arange(1, int(window) + 1)
    return (sizes[:, None] >= distance).double().mean(0)


def _windows(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Neighbors inside, at the end of the window and beyond it; one window has one word."""
    small, large = whole(generator, 4, 7), whole(generator, 8, 14)
    near, far = torch.arange(1, int(small) + 4.0), torch.arange(2, int(large) + 2.0, 3)
    beside, one = torch.tensor([1.0, 2.0]), torch.tensor(1.0)
    return (near, small), (beside, one), (torch.cat([far, large + beside]), large)


_WRITE_THE_WINDOW = FunctionExercise(
    truth=_by_counting,
    praise="Of the L window sizes, L + 1 - delta reach a neighbor at distance delta.",
    instances=_windows,
    mistakes={
        "Off by one: with L - delta the next word would be missed sometimes, but every window "
        "reaches it; a neighbor at distance L is inside once in L draws.": lambda x, L: (
            (L - x).clamp(min=0) / L
        ),
        "A probability cannot be negative: beyond L it is 0.": lambda x, L: (L + 1 - x) / L,
        "These are the weights of the counts. Divide them by L to get probabilities.": (
            lambda x, L: (L + 1 - x).clamp(min=0)
        ),
        "The sizes are 1 to L, so there are L of them, not L + 1: divide by L.": lambda x, L: (
            (L + 1 - x).clamp(min=0) / (L + 1)
        ),
        "These are GloVe's weights, 1 / delta. Count how many window sizes reach the neighbor.": (
            lambda x, L: torch.where(x <= L, 1 / x, 0.0)
        ),
        "These are GloVe's weights, 1 / delta, and they do not even end at L. Count how many "
        "window sizes reach the neighbor.": lambda x, L: 1 / x,
        "This is a window of fixed size. Here the size is drawn from 1 to L at each center.": (
            lambda x, L: (x <= L).to(x)
        ),
        "This is the probability that the window is exactly delta. Larger windows reach the "
        "neighbor, too.": lambda x, L: torch.where(x <= L, 1 / L, 0.0),
        "This is the probability that the window ends before the neighbor, or at it; you need "
        "those that reach it.": lambda x, L: (x / L).clamp(max=1),
        "This is the probability of being outside.": lambda x, L: 1 - _inside(x, L),
        "These weights are normalized to sum to one over the window. The probability of being "
        "inside is 1 for the next word.": lambda x, L: (
            (L + 1 - x).clamp(min=0) / (L * (L + 1) / 2)
        ),
        "Off by one, and negative beyond L: the next word is inside for certain, and a distance "
        "beyond L never.": (lambda x, L: 1 - x / L),
        "Off by one: L + 1 - delta sizes reach the neighbor.": (
            lambda x, L: ((L + 2 - x) / L).clamp(0, 1)
        ),
        "A neighbor at distance L is inside, too, if the size is L.": (
            lambda x, L: torch.where(x < L, (L + 1 - x) / L, 0.0)
        ),
        "Mind the order of operations: put L + 1 - delta in brackets.": (
            lambda x, L: (L + 1 - x / L).clamp(min=0)
        ),
        "`//` drops the fraction; divide by `/`.": (lambda x, L: ((L + 1 - x) // L).clamp(min=0)),
        "Beyond L you get a positive number again: cut off with `clamp(min=0)`, not with `abs`.": (
            lambda x, L: (L + 1 - x).abs() / L
        ),
    },
    nudge="How many of the sizes 1, ..., L are at least delta? Divide by how many there are.",
)


def _keep(share: Tensor, threshold: Tensor) -> Tensor:
    return ((threshold / share).sqrt() + threshold / share).clamp(max=1)


def _in_the_program(share: Tensor, threshold: Tensor) -> Tensor:
    return (((share / threshold).sqrt() + 1) * threshold / share).clamp(max=1)


def _frequencies(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """One word below the threshold, one between it and the cut-off, and two far above."""
    threshold = uniform(generator, low=0.06, high=0.1)
    rare = threshold * uniform(generator, low=0.5, high=0.9)
    middle = threshold * uniform(generator, low=1.2, high=2.4)
    first = (1 - rare - middle) * uniform(generator, low=0.5, high=0.6)
    share = torch.stack([first, 1 - rare - middle - first, middle, rare])
    return (share, threshold), (shares(generator, 2), threshold / 100)


_WRITE_THE_SUBSAMPLING = FunctionExercise(
    truth=_in_the_program,
    praise="This is the rule of the published program.",
    instances=_frequencies,
    mistakes={
        "A probability is at most 1: rare words are kept, but not more than once.": (
            lambda f, t: (t / f).sqrt() + t / f
        ),
        "This is the paper's formula, one minus the probability it prints for removing a token. "
        "The program adds another term.": lambda f, t: (t / f).sqrt().clamp(max=1),
        "This is the probability that the paper prints for removing a token. You need the "
        "program's, for keeping it.": lambda f, t: (1 - (t / f).sqrt()).clamp(min=0),
        "This is the probability of removing a token; one minus it is what is asked for.": (
            lambda f, t: 1 - _keep(f, t)
        ),
        "The square root is missing in the first term.": lambda f, t: (t / f + t / f).clamp(max=1),
        "Only t / f has no square root; the root covers the first term alone.": lambda f, t: (
            (t / f + t / f).sqrt().clamp(max=1)
        ),
        "The fraction is turned around: divide the threshold by the share, so that frequent "
        "words are kept less often.": lambda f, t: ((f / t).sqrt() + f / t).clamp(max=1),
        "The first term, the square root, is missing.": lambda f, t: (t / f).clamp(max=1),
        "Clamp the sum, not its terms: together they may exceed 1.": lambda f, t: (
            (t / f).sqrt().clamp(max=1) + (t / f).clamp(max=1)
        ),
        "A probability is at most 1: `clamp(max=1)` lowers what is larger to 1; `clamp(min=1)` "
        "raises what is smaller.": lambda f, t: ((t / f).sqrt() + t / f).clamp(min=1),
        "This is the paper's formula without its limit, 1. The program also adds another term.": (
            lambda f, t: (t / f).sqrt()
        ),
        "This is what the paper prints for removing a token, negative for rare words. You need "
        "the program's, for keeping it.": (lambda f, t: 1 - (t / f).sqrt()),
        "The two terms are added, not subtracted.": (
            lambda f, t: ((t / f).sqrt() - t / f).clamp(max=1)
        ),
        "The two terms are added, not multiplied.": (
            lambda f, t: ((t / f).sqrt() * t / f).clamp(max=1)
        ),
        "z is the *square root* of threshold / share, and the result is z + z^2; you took the "
        "quotient for z.": (lambda f, t: (t / f + (t / f).square()).clamp(max=1)),
        "The root covers the whole quotient, threshold / share.": (
            lambda f, t: (t.sqrt() / f + t / f).clamp(max=1)
        ),
        "Thinning does not begin at the threshold: just above it the sum still exceeds 1. Take "
        "the smaller of the sum and 1.": (
            lambda f, t: torch.where(f > t, (t / f).sqrt() + t / f, 1.0)
        ),
        "This is the share of all tokens that is kept of each word. Do not multiply by the "
        "share.": (lambda f, t: f * _keep(f, t)),
    },
    nudge="Write z for the square root of threshold / share; the result is z + z^2, at most 1.",
)


def _thinned(share: Tensor, keep: Tensor) -> Tensor:
    return share * keep / (share @ keep)


def _shares_and_keep(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    return tuple((shares(generator, n), uniform(generator, n, low=0.1)) for n in (4, 2))


_WRITE_THE_SHARES = FunctionExercise(
    truth=_thinned,
    praise="The denominator is the kept share of the whole text.",
    instances=_shares_and_keep,
    mistakes={
        "These shares do not sum to 1: divide by the kept share of the text.": (
            lambda f, a: f * a
        ),
        "You divide by the mean of the keep probabilities over words. It must be the mean over "
        "tokens, in which frequent words count more.": lambda f, a: f * a / a.mean(),
        "You divide by the sum of the keep probabilities. Divide by the sum of your numerator.": (
            lambda f, a: f * a / a.sum()
        ),
        "This is the kept share of the text, one number. Return one number for each word.": (
            lambda f, a: f @ a
        ),
        "You normalized the keep probabilities alone; multiply them by the shares first.": (
            lambda f, a: a / a.sum()
        ),
        "Thinning multiplies the share by the keep probability; you divide by it.": lambda f, a: (
            (f / a) / (f / a).sum()
        ),
        "These are the shares among the tokens that were removed.": lambda f, a: (
            f * (1 - a) / (f @ (1 - a))
        ),
        "The shares are missing in the numerator: it is f_i a_i.": (lambda f, a: a / (f @ a)),
        "The keep probabilities are missing in the numerator: it is f_i a_i.": (
            lambda f, a: f / (f @ a)
        ),
        "You divide by the largest entry. Shares sum to 1: divide by the sum.": (
            lambda f, a: f * a / (f * a).max()
        ),
        "You divide by the mean of your numerator; divide by its sum.": (
            lambda f, a: f * a / (f * a).mean()
        ),
    },
    nudge="Of the kept tokens, f_i a_i belong to word i; divide by the sum over all words.",
)

_HOW_FAR = ChoiceExercise(
    right="d",
    praise="The m-th kept neighbor stands m / kappa tokens away, here 10 times 5.",
    mistakes={
        "a": "Thinning spreads neighbors out, not together: divide by the kept share.",
        "b": "That is the kept distance. In the original text there were others between.",
        "c": "That is the mean over all neighbors in the window, with linear weights. The "
        "question is about the farthest.",
    },
)

EXERCISES = {
    "02-1": _HOW_FAR,
    "02-2": _WRITE_THE_WINDOW,
    "02-3": _WRITE_THE_SUBSAMPLING,
    "02-7": _WRITE_THE_SHARES,
}
