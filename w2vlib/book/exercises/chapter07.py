"""The exercises of chapter 7, the target."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import normal, uniform, whole
from w2vlib.book.exercises.function import FunctionExercise

__all__ = ["EXERCISES"]


def _target(pmi: Tensor, k: Tensor) -> Tensor:
    return 2 * torch.tanh((pmi - torch.log(k)) / 2)


def _by_detector(pmi: Tensor, k: Tensor) -> Tensor:
    """4 (p - 1/2), with the odds e^PMI / k of a real pair."""
    odds = torch.exp(pmi) / k
    return 4 * (odds / (1 + odds) - 0.5)


def _pmis(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """A symmetric matrix with a pair never seen and a very frequent one, twice with another k."""
    pmi = normal(generator, 3, 3)
    pmi = pmi + pmi.T
    pmi[0, 2] = pmi[2, 0] = -torch.inf
    pmi[2, 2] = uniform(generator, low=4, high=6)
    return (pmi, whole(generator, 4, 9)), (pmi, whole(generator, 2, 3))


_FROM_PMI = FunctionExercise(
    truth=_by_detector,
    praise="One formula for all pairs; the hyperbolic tangent takes care of those never seen.",
    instances=_pmis,
    mistakes={
        "You do not use k: it shifts the PMI by log k.": lambda x, k: 2 * torch.tanh(x / 2),
        "Subtract log k, not k.": lambda x, k: 2 * torch.tanh((x - k) / 2),
        "The sign of the shift is wrong: more negatives lower the target.": lambda x, k: _target(
            x, 1 / k
        ),
        "The 1/2 belongs to the shift too: put x - log k in brackets.": lambda x, k: (
            2 * torch.tanh(x / 2 - torch.log(k))
        ),
        "The 1/2 inside the hyperbolic tangent is missing.": lambda x, k: (
            2 * torch.tanh(x - torch.log(k))
        ),
        "The factor 2 before the hyperbolic tangent is missing: the target ends at -2 and 2.": (
            lambda x, k: _target(x, k) / 2
        ),
        "This is the shifted PMI. Its hyperbolic tangent is still to be taken.": lambda x, k: (
            x - torch.log(k)
        ),
        "This is the answer p of the detector, between 0 and 1; the target is 4 (p - 1/2).": (
            lambda x, k: torch.sigmoid(x - torch.log(k))
        ),
        "You shift the target itself. The shift belongs to the PMI, inside the hyperbolic "
        "tangent.": lambda x, k: 2 * torch.tanh(x / 2) - torch.log(k),
        "log k is the natural logarithm; you took it to base 2.": lambda x, k: (
            2 * torch.tanh((x - torch.log2(k)) / 2)
        ),
        "This is the shifted PMI, cut off at -2 and 2. The target bends toward these limits.": (
            lambda x, k: (x - torch.log(k)).clamp(-2, 2)
        ),
        "Both factors are missing: 2 before the hyperbolic tangent, and 1/2 inside.": (
            lambda x, k: torch.tanh(x - torch.log(k))
        ),
        "Mind the order of operations: put x - log k in brackets, then divide by 2.": (
            lambda x, k: 2 * torch.tanh(x - torch.log(k) / 2)
        ),
        "This is 4 p. The target is 4 (p - 1/2), which is 4 p - 2.": (
            lambda x, k: 4 * torch.sigmoid(x - torch.log(k))
        ),
        "The target is 4 p - 2; you subtract 1.": lambda x, k: (
            4 * torch.sigmoid(x - torch.log(k)) - 1
        ),
        "These are the odds A / B. The target is 2 (odds - 1) / (odds + 1).": (
            lambda x, k: torch.exp(x) / k
        ),
        "The target of pairs below chance is negative: do not cut it off.": lambda x, k: _target(
            x, k
        ).clamp(min=0),
        "You divide the PMI by k. It is the ratio inside the logarithm that is divided by k.": (
            lambda x, k: 2 * torch.tanh(x / k / 2)
        ),
    },
    nudge="Shift the PMI by log k, then apply the hyperbolic tangent that leads to the other "
    "scale.",
)


def _top_two(matrix: Tensor) -> tuple[Tensor, Tensor]:
    values, vectors = torch.linalg.eigh(matrix)
    return values[-2:], vectors[:, -2:]


def _product(words: Tensor) -> Tensor:
    return words @ words.T


def _factor(M: Tensor, g: Tensor) -> Tensor:
    """U sqrt(Lambda) of the scaled matrix: what remains is to undo the scaling."""
    root = g.sqrt()
    values, vectors = _top_two(root[:, None] * M * root)
    return vectors * values.clamp(min=0).sqrt()


def _best_product(M: Tensor, g: Tensor) -> Tensor:
    return _product(_factor(M, g) / g.sqrt()[:, None])


def _squared_scaling(M: Tensor, g: Tensor) -> Tensor:
    return _product(_factor(M, g.square()) / g[:, None])


def _no_root_of_eigenvalues(M: Tensor, g: Tensor) -> Tensor:
    root = g.sqrt()
    values, vectors = _top_two(root[:, None] * M * root)
    return _product(vectors * values / root[:, None])


def _largest_in_size(M: Tensor, g: Tensor) -> Tensor:
    root = g.sqrt()
    values, vectors = torch.linalg.eigh(root[:, None] * M * root)
    chosen = values.abs().topk(2).indices
    return _product(vectors[:, chosen] * values[chosen].abs().sqrt() / root[:, None])


def _lowest(M: Tensor, g: Tensor) -> Tensor:
    root = g.sqrt()
    values, vectors = torch.linalg.eigh(root[:, None] * M * root)
    return _product(vectors[:, :2] * values[:2].abs().sqrt() / root[:, None])


def _rows_only(M: Tensor, g: Tensor) -> Tensor:
    values, vectors = _top_two(g.sqrt()[:, None] * M)
    return _product(vectors * values.clamp(min=0).sqrt() / g.sqrt()[:, None])


def _top(M: Tensor, g: Tensor, d: int) -> Tensor:
    """The best product with d columns."""
    root = g.sqrt()
    values, vectors = torch.linalg.eigh(root[:, None] * M * root)
    values, vectors = values[-d:].clamp(min=0), vectors[:, -d:]
    return (vectors * values) @ vectors.T / torch.outer(root, root)


def _not_clamped(
    change: Callable[[Tensor], Tensor],
) -> Callable[[Tensor, Tensor], Tensor]:
    """The product of U and `change` of the eigenvalues, negative ones too."""

    def product(M: Tensor, g: Tensor) -> Tensor:
        root = g.sqrt()
        values, vectors = _top_two(root[:, None] * M * root)
        return (vectors * change(values)) @ vectors.T / torch.outer(root, root)

    return product


def _singular(M: Tensor, g: Tensor) -> Tensor:
    root = g.sqrt()
    U, values, V = torch.linalg.svd(root[:, None] * M * root)
    return (U[:, :2] * values[:2]) @ V[:2] / torch.outer(root, root)


# One eigenvalue is negative and the largest in size; the weights differ much.
_M = torch.tensor(
    [[1.0, 0.5, -2.0, 0.2], [0.5, 1.5, -1.0, 0.4], [-2.0, -1.0, -3.0, 0.3], [0.2, 0.4, 0.3, 0.8]]
)
_ONE_NEGATIVE = torch.tensor([[1.0, 2.0], [2.0, 1.0]])


def _weighted(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """The two matrices, a little changed, and weights."""

    def changed(matrix: Tensor, weights: list[float]) -> tuple[Tensor, ...]:
        noise = uniform(generator, *matrix.shape, low=-0.1, high=0.1)
        factor = uniform(generator, len(weights), low=0.9, high=1.1)
        return matrix.to(noise) + noise + noise.T, factor * torch.tensor(weights)

    return changed(_M, [4.0, 1.0, 2.0, 0.5]), changed(_ONE_NEGATIVE, [1.0, 3.0])


_RANK_ONE = FunctionExercise(
    truth=_best_product,
    praise="No other vectors with two coordinates have a smaller error under these weights.",
    instances=_weighted,
    mistakes={
        "The weights are missing: this is the solution for equal weights.": lambda M, g: _product(
            _factor(M, torch.ones_like(g))
        ),
        "The last step is missing: undo the scaling, and divide row i by the square root of "
        "g_i.": lambda M, g: _product(_factor(M, g)),
        "You scale by Gamma; the rows and columns need its square root.": _squared_scaling,
        "You scale M by Gamma instead of its square root, but undo it by the square root.": (
            lambda M, g: _product(_factor(M, g.square()) / g.sqrt()[:, None])
        ),
        "You undo the scaling by Gamma; divide row i by the square root of g_i.": lambda M, g: (
            _product(_factor(M, g) / g[:, None])
        ),
        "At the end you multiply by the square root of g_i; divide by it.": lambda M, g: _product(
            _factor(M, g) * g.sqrt()[:, None]
        ),
        "You divide M by the square roots of the weights; multiply it by them, and divide the "
        "vectors.": lambda M, g: _best_product(M, 1 / g),
        "The square root of the eigenvalues is missing.": _no_root_of_eigenvalues,
        "You took the eigenvalues of largest magnitude; take the largest with their sign.": (
            _largest_in_size
        ),
        "You took the lowest eigenvalues: `eigh` returns them in ascending order.": _lowest,
        "You scaled the rows only; M must stay symmetric, so scale the columns too.": _rows_only,
        "This is W; return the product W W^T.": lambda M, g: _factor(M, g) / g.sqrt()[:, None],
        "An eigenvalue below 0 must become 0 (`clamp(min=0)`) before you take its square root, "
        "which is nan otherwise.": _not_clamped(lambda x: x.sqrt().square()),
        "You took the size of a negative eigenvalue. It must become 0 (`clamp(min=0)`).": (
            _not_clamped(torch.abs)
        ),
        "W W^T has no negative eigenvalue: those of the scaled matrix that are below 0 must "
        "become 0.": _not_clamped(lambda x: x),
        "You took one eigenvalue, the largest; take two.": lambda M, g: _top(M, g, 1),
        "These are all positive eigenvalues; take the two largest.": (
            lambda M, g: _top(M, g, len(g))
        ),
        "This is the best matrix of rank 2, from singular values; it has a negative eigenvalue, "
        "which W W^T cannot have.": _singular,
    },
    nudge="Scale rows and columns of M by the square roots of g, take the two largest "
    "eigenvalues, not below 0, and undo the scaling.",
)

_AT_CHANCE = ChoiceExercise(
    right="c",
    praise="The detector says p = 1/6: one real pair beside five made-up ones.",
    mistakes={
        "a": "That would be k = 1. With five negatives a pair at chance is mostly made up.",
        "b": "That is the shifted PMI of the pair, PMI - log k. The target is bounded.",
        "d": "That is a pair that never occurs. This one does, as often as by chance.",
    },
)

EXERCISES = {
    "07-1": _AT_CHANCE,
    "07-2": _FROM_PMI,
    "07-3": _RANK_ONE,
}
