"""The exercises of chapter 10, what is learned, and when."""

import torch
from torch import Generator, Tensor

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.draws import orthonormal, uniform
from w2vlib.book.exercises.function import FunctionExercise

__all__ = ["EXERCISES"]


def _overlap(first: Tensor, second: Tensor) -> Tensor:
    return (first.T @ second).square().sum() / first.shape[1]


def _by_angles(first: Tensor, second: Tensor) -> Tensor:
    """The mean of the squared cosines of the principal angles."""
    return torch.linalg.svdvals(first.T @ second).square().mean()


def _spaces(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    return tuple(
        (orthonormal(generator, n, k), orthonormal(generator, n, k)) for n, k in ((9, 4), (5, 2))
    )


_MODES_EXCHANGED = ChoiceExercise(
    right="c",
    praise="The plane of two close eigenvalues is stable, the axes inside it are not.",
    mistakes={
        "a": "Noise of one half is not found in the other; mode 14 is, under another number.",
        "b": "Both are exact to many digits. The two matrices are different.",
        "d": "Then neither would be found again. More than half of mode 14 is in one other mode.",
    },
)

_OVERLAP = FunctionExercise(
    truth=_by_angles,
    praise="It does not depend on the bases, so it compares spaces and not vectors.",
    instances=_spaces,
    mistakes={
        "The cosines are not squared; the overlap is the mean of their squares.": lambda a, b: (
            (a.T @ b).sum() / a.shape[1]
        ),
        "You sum sizes; sum the squares of the entries.": lambda a, b: (
            (a.T @ b).abs().sum() / a.shape[1]
        ),
        "Divide the sum by k, the number of columns, so that equal spaces get 1.": lambda a, b: (
            (a.T @ b).square().sum()
        ),
        "Divide by k, not by the k squared entries of the product.": lambda a, b: (
            (a.T @ b).square().mean()
        ),
        "Divide by the number of columns, not by the number of words.": lambda a, b: (
            (a.T @ b).square().sum() / a.shape[0]
        ),
        "The transpose is at the wrong place: columns must meet columns, U^T U'. With U U'^T "
        "rows meet rows.": lambda a, b: (a @ b.T).square().sum() / a.shape[1],
        "These compare mode k with mode k only. A space does not care about the order: take all "
        "products of columns.": lambda a, b: (a * b).sum(0).square().mean(),
        "This is the norm itself; the formula has its square.": lambda a, b: (
            (a.T @ b).norm() / a.shape[1]
        ),
        "This is the root of the mean square; leave the square.": (
            lambda a, b: _overlap(a, b).sqrt()
        ),
        "This is the mean of the cosines, the singular values of U^T U'. Take the mean of their "
        "squares.": (lambda a, b: torch.linalg.svdvals(a.T @ b).mean()),
        "This is the share outside, 1 minus the overlap.": (lambda a, b: 1 - _overlap(a, b)),
        "This compares mode k with mode k only, by the trace. Take all products of columns, and "
        "square them.": (lambda a, b: (a.T @ b).trace() / a.shape[1]),
        "This is the largest cosine, squared. Take the mean over all angles.": (
            lambda a, b: torch.linalg.matrix_norm(a.T @ b, 2).square()
        ),
        "This is the norm. Square it, and divide by k.": (lambda a, b: (a.T @ b).norm()),
        "For each column you take the best partner only; sum over all.": (
            lambda a, b: (a.T @ b).square().amax(1).mean()
        ),
    },
    nudge="Multiply the transpose of one matrix by the other and sum the squares of its entries.",
)


def _modes_of(eigenvectors: Tensor, group: Tensor) -> Tensor:
    squares = (eigenvectors.T @ group).square()
    return squares.sum().square() / squares.square().sum()


def _from_entropy(squares: Tensor) -> Tensor:
    shares = squares / squares.sum()
    return torch.exp(-(shares * shares.log()).sum())


def _by_unit_vector(eigenvectors: Tensor, group: Tensor) -> Tensor:
    inside = torch.nn.functional.normalize(eigenvectors.T @ group, dim=0)
    return 1 / inside.pow(4).sum()


def _groups(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Eigenvectors, and a group of about a third of the words."""

    def group(words: int, members: int) -> Tensor:
        chosen = torch.randperm(words, generator=generator)[:members]
        return torch.zeros(words).index_fill(0, chosen, 1)

    return tuple(
        (orthonormal(generator, n, k), group(n, members))
        for n, k, members in ((8, 4, 3), (6, 3, 2))
    )


_SPREAD = FunctionExercise(
    truth=_by_unit_vector,
    praise="One for a group that is a mode, k for a group spread evenly over all k modes.",
    instances=_groups,
    mistakes={
        "This is the IPR; the number of modes is one over it.": lambda u, x: 1 / _modes_of(u, x),
        "Square the products before you compare them: the IPR has fourth and second powers.": (
            lambda u, x: (u.T @ x).abs().sum().square() / (u.T @ x).square().sum()
        ),
        "The sum of squares must itself be squared.": lambda u, x: (
            (u.T @ x).square().sum() / (u.T @ x).square().square().sum()
        ),
        "You take one over the sum of fourth powers; the length of the vector matters then. "
        "Divide by the square of the sum of squares first.": lambda u, x: (
            1 / (u.T @ x).square().square().sum()
        ),
        "This is the participation of words in the modes of the group; the entries of v belong "
        "to modes, v_k = u_k . x.": lambda u, x: _modes_of(u.T, u.T @ x),
        "This sums the squares, which is how much of the group lies in these modes, not in how "
        "many.": lambda u, x: (u.T @ x).square().sum(),
        "This is a number of modes, too, but from the entropy; use the IPR.": (
            lambda u, x: _from_entropy((u.T @ x).square())
        ),
        "This is a share of the k modes; do not divide by k.": (
            lambda u, x: _modes_of(u, x) / u.shape[1]
        ),
        "These are the words of the group, not modes: multiply by the eigenvectors first.": (
            lambda u, x: x.sum()
        ),
        "You divide by the largest square. Divide the square of the sum by the sum of squares.": (
            lambda u, x: (u.T @ x).square().sum() / (u.T @ x).square().max()
        ),
        "The fraction is turned around, and the sum of squares must itself be squared.": (
            lambda u, x: (u.T @ x).pow(4).sum() / (u.T @ x).square().sum()
        ),
        "Take the squares, not the sizes, of the products: the IPR has fourth and second "
        "powers.": (lambda u, x: (u.T @ x).abs().sum() / (u.T @ x).square().sum()),
    },
    nudge="Compute v = U^T x, then the sum of v^2, squared, over the sum of v^4.",
)


def _mu(eigenvalues: Tensor, edge: Tensor) -> Tensor:
    return (eigenvalues + (eigenvalues.square() - edge.square()).sqrt()) / 2


def _signal(eigenvalues: Tensor, edge: Tensor) -> Tensor:
    return 1 - edge.square() / (4 * _mu(eigenvalues, edge).square())


def _by_hyperbola(eigenvalues: Tensor, edge: Tensor) -> Tensor:
    """With lambda = edge cosh(x), mu is edge e^x / 2."""
    return -torch.expm1(-2 * torch.acosh(eigenvalues / edge))


def _edges(generator: Generator) -> tuple[tuple[Tensor, ...], ...]:
    """Eigenvalues outside of the noise, and where it ends."""

    def draw(modes: int) -> tuple[Tensor, Tensor]:
        edge = uniform(generator, 1, low=1.2, high=3)
        return edge * uniform(generator, modes, low=1.2, high=4), edge

    return draw(3), draw(2)


_SIGNAL = FunctionExercise(
    truth=_by_hyperbola,
    praise="An eigenvalue and the noise edge are enough; no second text was needed.",
    instances=_edges,
    mistakes={
        "You put the observed eigenvalue in the place of mu; noise has made it larger.": (
            lambda w, e: 1 - e.square() / (4 * w.square())
        ),
        "This is mu. Put it into the formula of rho.": _mu,
        "The factor 4 is missing: rho = 1 - edge^2 / (4 mu^2).": lambda w, e: (
            1 - e.square() / _mu(w, e).square()
        ),
        "You took the smaller solution of the quadratic equation; the signal is the larger.": (
            lambda w, e: 1 - e.square() / (w - (w.square() - e.square()).sqrt()).square()
        ),
        "The factor 1/2 of mu is missing.": lambda w, e: (
            1 - e.square() / (16 * _mu(w, e).square())
        ),
        "This is the square, the overlap of two halves; the exercise asks for rho.": lambda w, e: (
            _signal(w, e).square()
        ),
        "This is the share of noise, 1 - rho.": lambda w, e: 1 - _signal(w, e),
        "The edge is not squared.": lambda w, e: 1 - e / (4 * _mu(w, e).square()),
        "This is 1 - edge^2 / lambda^2. Compute mu first, and do not forget the factor 4.": (
            lambda w, e: 1 - e.square() / w.square()
        ),
        "This is the cosine between the two directions; rho is its square.": (
            lambda w, e: _signal(w, e).sqrt()
        ),
        "mu is squared: rho = 1 - edge^2 / (4 mu^2).": (
            lambda w, e: 1 - e.square() / (4 * _mu(w, e))
        ),
        "Mind the order of operations: put 4 mu^2 in brackets.": (
            lambda w, e: 1 - e.square() / 4 * _mu(w, e).square()
        ),
        "Solve lambda = mu + edge^2 / (4 mu) again: the root is that of lambda^2 *minus* "
        "edge^2.": (lambda w, e: 1 - e.square() / (w + (w.square() + e.square()).sqrt()).square()),
        "The 1/2 of mu covers the whole sum: put it in brackets.": (
            lambda w, e: 1 - e.square() / (w + 2 * (w.square() - e.square()).sqrt()).square()
        ),
        "The squares under the root of mu are missing.": (
            lambda w, e: 1 - e.square() / (w + (w - e).sqrt()).square()
        ),
        "This is how much the eigenvalue shrinks, mu / lambda. Put mu into the formula of rho.": (
            lambda w, e: _mu(w, e) / w
        ),
    },
    nudge="First mu, the larger solution of lambda = mu + edge^2 / (4 mu), then rho.",
)

EXERCISES = {
    "10-1": _MODES_EXCHANGED,
    "10-2": _OVERLAP,
    "10-3": _SPREAD,
    "10-4": _SIGNAL,
}
