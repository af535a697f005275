"""The exercises of chapter 4, training word2vec."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn.functional import logsigmoid

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import joint, normal, shares, uniform, whole
from w2vlib.book.exercises.function import FunctionExercise

__all__ = ["EXERCISES"]

_FIVE_NEGATIVES = ChoiceExercise(
    right="b",
    praise="B contains the factor k, and the best score is log(A/B).",
    mistakes={
        "a": "The minimum of the loss of a pair is at log(A/B). Does B contain k?",
        "c": "The best score is the logarithm of A/B: a factor in B becomes a summand.",
        "d": "More negatives push scores down: B is the denominator in log(A/B).",
    },
)


def _surprise(w: Tensor, contexts: Tensor) -> Tensor:
    label = torch.zeros(len(contexts))
    label[0] = 1
    return label - torch.sigmoid(contexts @ w)


def _moved(w: Tensor, contexts: Tensor, eta: Tensor, surprise: Tensor) -> Tensor:
    return torch.vstack([w + eta * surprise @ contexts, contexts + eta * torch.outer(surprise, w)])


def _update(w: Tensor, contexts: Tensor, eta: Tensor) -> Tensor:
    return _moved(w, contexts, eta, _surprise(w, contexts))


def _with_surprise(
    change: Callable[[Tensor, Tensor], Tensor],
) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """The update with another surprise, made from the right one and the probabilities."""

    def update(w: Tensor, contexts: Tensor, eta: Tensor) -> Tensor:
        surprise = change(_surprise(w, contexts), torch.sigmoid(contexts @ w))
        return _moved(w, contexts, eta, surprise)

    return update


def _word_first(w: Tensor, contexts: Tensor, eta: Tensor) -> Tensor:
    surprise = _surprise(w, contexts)
    new = w + eta * surprise @ contexts
    return torch.vstack([new, contexts + eta * torch.outer(surprise, new)])


def _contexts_first(w: Tensor, contexts: Tensor, eta: Tensor) -> Tensor:
    surprise = _surprise(w, contexts)
    new = contexts + eta * torch.outer(surprise, w)
    return torch.vstack([w + eta * surprise @ new, new])


def _by_autograd(w: Tensor, contexts: Tensor, eta: Tensor) -> Tensor:
    vectors = torch.vstack([w, contexts]).requires_grad_()
    scores = vectors[1:] @ vectors[0]
    loss = -logsigmoid(scores[0]) - logsigmoid(-scores[1:]).sum()
    (gradient,) = torch.autograd.grad(loss, vectors)
    return (vectors - eta * gradient).detach()


def _vectors(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """A word, its neighbor and some noise words, and a learning rate."""
    return tuple(
        (normal(generator, d), normal(generator, rows, d), uniform(generator, low=0.1, high=0.4))
        for rows, d in ((3, 3), (4, 2))
    )


_WRITE_THE_UPDATE = FunctionExercise(
    truth=_by_autograd,
    praise="This is the inner loop of word2vec: a surprise times a vector, for each vector.",
    instances=_vectors,
    mistakes={
        "The signs are turned around: this makes the loss larger. The neighbor is pulled nearer, "
        "noise words are pushed away.": _with_surprise(lambda right, p: -right),
        "The neighbor's surprise is 1 - sigma, not sigma: what was expected moves nothing.": (
            _with_surprise(lambda right, p: torch.cat([p[:1], right[1:]]))
        ),
        "The noise words are pulled nearer; their surprise has a minus sign, -sigma.": (
            _with_surprise(lambda right, p: torch.cat([right[:1], p[1:]]))
        ),
        "You treat the noise words as neighbors: all rows have 1 - sigma, but only the first is "
        "a neighbor.": _with_surprise(lambda right, p: 1 - p),
        "You treat the neighbor as a noise word: its surprise is 1 - sigma, not -sigma.": (
            _with_surprise(lambda right, p: -p)
        ),
        "The sigmoid is missing: you use the scores themselves as probabilities.": (
            _with_surprise(lambda right, p: right + p - torch.logit(p))
        ),
        "The context vectors must move by the word vector *before* its own update; you use the "
        "updated one.": _word_first,
        "The word vector must move by the context vectors *before* their update; you use the "
        "updated ones.": _contexts_first,
        "The learning rate is missing.": lambda w, c, eta: _update(w, c, torch.ones(())),
        "This is the word vector alone. Return the context vectors below it, in one matrix.": (
            lambda w, c, eta: _update(w, c, eta)[0]
        ),
        "These are the context vectors alone. Put the word vector above them.": (
            lambda w, c, eta: _update(w, c, eta)[1:]
        ),
        "The word vector belongs in the first row, above the context vectors.": (
            lambda w, c, eta: _update(w, c, eta).roll(-1, dims=0)
        ),
        "Only the word vector has moved. The context vectors are updated, too.": (
            lambda w, c, eta: torch.vstack([_update(w, c, eta)[:1], c])
        ),
        "Only the context vectors have moved. The word vector is updated, too.": (
            lambda w, c, eta: torch.vstack([w, _update(w, c, eta)[1:]])
        ),
        "These are the changes. Add them to the vectors.": (
            lambda w, c, eta: _update(w, c, eta) - torch.vstack([w, c])
        ),
        "The learning rate is missing in the change of the context vectors.": (
            lambda w, c, eta: torch.vstack(
                [_update(w, c, eta)[:1], _update(w, c, torch.ones(()))[1:]]
            )
        ),
        "The learning rate is missing in the change of the word vector.": (
            lambda w, c, eta: torch.vstack(
                [_update(w, c, torch.ones(()))[:1], _update(w, c, eta)[1:]]
            )
        ),
        "The noise words are missing: they push, and are pushed away.": _with_surprise(
            lambda right, p: torch.cat([right[:1], 0 * right[1:]])
        ),
        "The neighbor is missing: it pulls the word vector, and is pulled nearer.": _with_surprise(
            lambda right, p: torch.cat([0 * right[:1], right[1:]])
        ),
        "This is a softmax over the rows. Each pair has a sigmoid of its own.": _with_surprise(
            lambda right, p: right + p - torch.softmax(torch.logit(p), dim=0)
        ),
        "The word vector moves in the wrong direction; the context vectors are right.": (
            lambda w, c, eta: torch.vstack([2 * w - _update(w, c, eta)[0], _update(w, c, eta)[1:]])
        ),
        "The context vectors move in the wrong direction; the word vector is right.": (
            lambda w, c, eta: torch.vstack(
                [_update(w, c, eta)[:1], 2 * c - _update(w, c, eta)[1:]]
            )
        ),
        "Each context vector moves along the word vector, not along itself.": (
            lambda w, c, eta: torch.vstack(
                [_update(w, c, eta)[:1], c + eta * _surprise(w, c)[:, None] * c]
            )
        ),
        "Each context vector moves by its own surprise, not by the sum of all.": (
            lambda w, c, eta: torch.vstack(
                [_update(w, c, eta)[:1], c + eta * _surprise(w, c).sum() * w]
            )
        ),
    },
    nudge="Compute the surprises of all rows first; then each new vector is the old one plus "
    "eta times a surprise times a vector.",
)


def _rate(seen: Tensor, total: Tensor, start: Tensor) -> Tensor:
    return start * (1 - seen / total).clamp(min=1e-4)


def _progress(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """A run to its end, and one just before it, where gensim's line is no longer near."""
    total, longer = whole(generator, 40, 100), whole(generator, 40, 100)
    seen = total * torch.tensor([0.0, 0.25, 0.5, 1.0])
    start = uniform(generator, 2, low=0.1, high=0.8)
    return (seen, total, start[0]), (longer * torch.tensor([0, 0.3, 0.98]), longer, 3 * start[1])


_WRITE_THE_SCHEDULE = FunctionExercise(
    truth=_rate,
    praise="The rate falls along a straight line and never quite reaches zero.",
    instances=_progress,
    mistakes={
        "The lower bound is missing: at the end the rate must be a ten-thousandth of the first, "
        "not zero.": lambda n, total, start: start * (1 - n / total),
        "The lower bound is a ten-thousandth *of the first rate*, not of one.": (
            lambda n, total, start: (start * (1 - n / total)).clamp(min=1e-4)
        ),
        "You bound the rate from above; the bound is from below (`min=`).": (
            lambda n, total, start: start * (1 - n / total).clamp(max=1e-4)
        ),
        "The rate rises; it must fall from its first value.": (
            lambda n, total, start: start * (n / total).clamp(min=1e-4)
        ),
        "The first rate is missing as a factor.": (
            lambda n, total, start: (1 - n / total).clamp(min=1e-4)
        ),
        "This falls exponentially; the schedule is a straight line.": (
            lambda n, total, start: start * torch.exp(-n / total)
        ),
        "The rate does not change; it must fall with the tokens seen.": (
            lambda n, total, start: start.expand(len(n))
        ),
        "Divide by the total: the progress is a number between 0 and 1.": (
            lambda n, total, start: start * (total - n).clamp(min=1e-4)
        ),
        "This is gensim's line, which *ends* at its lowest rate. Here the line aims at zero and "
        "is cut off.": (lambda n, total, start: start * (1 - (1 - 1e-4) * n / total)),
        "The program divides by total + 1, so that it never divides by zero. The formula has "
        "the total.": (lambda n, total, start: start * (1 - n / (total + 1)).clamp(min=1e-4)),
        "You subtract the progress from the first rate. The rate is a share of the first rate.": (
            lambda n, total, start: (start - n / total).clamp(min=1e-4)
        ),
        "The bound is a ten-thousandth, 1e-4.": (
            lambda n, total, start: start * (1 - n / total).clamp(min=1e-3)
        ),
        "The progress is turned around: divide the tokens seen by the total.": (
            lambda n, total, start: start * (1 - total / n).clamp(min=1e-4)
        ),
        "Divide by the total number, not by the last number of tokens seen.": (
            lambda n, total, start: start * (1 - n / n.max()).clamp(min=1e-4)
        ),
    },
    nudge="One minus the progress, bounded from below, times the first rate.",
)


def _gradient(W: Tensor, contexts: Tensor, A: Tensor, B: Tensor) -> Tensor:
    return _slope(W, contexts, A, B) @ contexts


def _slope(W: Tensor, contexts: Tensor, A: Tensor, B: Tensor) -> Tensor:
    return (A + B) * torch.sigmoid(W @ contexts.T) - A


def _gradient_by_autograd(W: Tensor, contexts: Tensor, A: Tensor, B: Tensor) -> Tensor:
    W = W.requires_grad_()
    scores = W @ contexts.T
    loss = -(A * logsigmoid(scores) + B * logsigmoid(-scores)).sum()
    return torch.autograd.grad(loss, W)[0]


def _words_and_weights(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Both kinds of vectors, weights of real pairs, and weights that are not symmetric."""
    W, C, A = normal(generator, 4, 2), normal(generator, 4, 2), joint(generator, 4, unseen=True)
    B = 2 * torch.outer(A.sum(1), shares(generator, 4))
    return (W, C, A, B), (C, W, B, A)


_WRITE_THE_GRADIENT = FunctionExercise(
    truth=_gradient_by_autograd,
    praise="This is a step of word2vec averaged over the whole text, from counts alone.",
    instances=_words_and_weights,
    mistakes={
        "This is minus the gradient, the direction in which the vectors move.": (
            lambda W, C, A, B: -_gradient(W, C, A, B)
        ),
        "The negative pairs are missing: this is the gradient of the terms with A.": (
            lambda W, C, A, B: _gradient(W, C, A, torch.zeros_like(B))
        ),
        "The positive pairs are missing: this is the gradient of the terms with B.": (
            lambda W, C, A, B: _gradient(W, C, torch.zeros_like(A), B)
        ),
        "The term -A is missing in the slope.": (
            lambda W, C, A, B: (A + B) * torch.sigmoid(W @ C.T) @ C
        ),
        "A and B have changed places.": lambda W, C, A, B: _gradient(W, C, B, A),
        "These are the slopes by the scores. Multiply them by the context vectors.": _slope,
        "Multiply the slopes by the context vectors; you use the word vectors.": (
            lambda W, C, A, B: _slope(W, C, A, B) @ W
        ),
        "This is the gradient by the context vectors; the exercise asks for the word vectors.": (
            lambda W, C, A, B: _slope(W, C, A, B).T @ W
        ),
        "The slopes are transposed: row i belongs to the word i.": (
            lambda W, C, A, B: _slope(W, C, A, B).T @ C
        ),
        "The sigmoid has the wrong sign: it is that of the score, not of minus the score.": (
            lambda W, C, A, B: ((A + B) * torch.sigmoid(-W @ C.T) - A) @ C
        ),
        "The sigmoid is missing: you use the scores themselves.": (
            lambda W, C, A, B: ((A + B) * (W @ C.T) - A) @ C
        ),
        "The scores are inner products of words with contexts; you use words with words.": (
            lambda W, C, A, B: ((A + B) * torch.sigmoid(W @ W.T) - A) @ C
        ),
        "Positive pairs have the slope -(1 - sigma): the loss falls when their score rises.": (
            lambda W, C, A, B: (A * torch.sigmoid(-W @ C.T) + B * torch.sigmoid(W @ C.T)) @ C
        ),
        "These are the slopes at scores of zero; sigma depends on the scores.": (
            lambda W, C, A, B: (B - A) / 2 @ C
        ),
        "The bracket around A + B is missing: sigma multiplies both.": (
            lambda W, C, A, B: (A + B * torch.sigmoid(W @ C.T)) @ C
        ),
        "This is the gradient by both kinds of vectors, added up. The exercise asks for the "
        "words.": (lambda W, C, A, B: _slope(W, C, A, B) @ C + _slope(W, C, A, B).T @ W),
    },
    nudge="First the matrix of slopes, (A + B) sigma(s) - A, then its product with W'.",
)

EXERCISES = {
    "04-1": _FIVE_NEGATIVES,
    "04-2": _WRITE_THE_UPDATE,
    "04-3": _WRITE_THE_SCHEDULE,
    "04-4": _WRITE_THE_GRADIENT,
}
