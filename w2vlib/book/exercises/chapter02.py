"""The exercises of chapter 2, from text to counts."""

import torch
from torch import Tensor

from w2vlib.book.exercises.exercise import Exercise

__all__ = ["EXERCISES"]


def _inside(distance: Tensor, window: Tensor) -> Tensor:
    return (window + 1 - distance).clamp(min=0) / window


_DISTANCES = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 7.0])

_WRITE_THE_WINDOW = Exercise(
    solution=_inside,
    praise="Of the L window sizes, L + 1 - delta reach a neighbor at distance delta.",
    examples=(
        (_DISTANCES, torch.tensor(4.0)),
        (torch.tensor([1.0, 2.0]), torch.tensor(1.0)),
        (torch.tensor([2.0, 6.0, 11.0, 12.0]), torch.tensor(11.0)),
    ),
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


# One word below the threshold, one between it and the cut-off, and two far above.
_SHARES = torch.tensor([0.5, 0.25, 0.16, 0.09])

_WRITE_THE_SUBSAMPLING = Exercise(
    solution=_keep,
    praise="This is the rule of the published program.",
    examples=(
        (_SHARES, torch.tensor(0.1)),
        (torch.tensor([0.9, 0.1]), torch.tensor(0.001)),
    ),
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


_WRITE_THE_SHARES = Exercise(
    solution=_thinned,
    praise="The denominator is the kept share of the whole text.",
    examples=(
        (torch.tensor([0.5, 0.3, 0.15, 0.05]), torch.tensor([0.2, 0.4, 0.5, 1.0])),
        (torch.tensor([0.9, 0.1]), torch.tensor([0.1, 0.9])),
    ),
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

_HOW_FAR = Exercise(
    solution="d",
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
