r"""Factorization with weights: how far it is from the one that can be solved."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._arrays import check_dense
from w2vlib.spectrum import top_eigenpairs
from w2vlib.stats import CorpusStatistics, Reweighting, check_square, pair_weights

__all__ = [
    "WeightedFactors",
    "factorize_weighted",
    "log_weight_spread",
    "rank_one_share",
]

_GRAM_ENTRIES = 2**24  # entries of the Gram matrices that are solved at one time


@dataclass(frozen=True, eq=False)
class WeightedFactors:
    """Two factors of a matrix, found by alternating least squares.

    Attributes:
        words: :math:`W`.
        contexts: The factor W'.
        errors: The weighted squared error after each sweep; it never increases.
    """

    words: Float[Tensor, "vocab dim"]
    contexts: Float[Tensor, "context dim"]
    errors: Float[Tensor, " time"]

    def __repr__(self) -> str:
        size, dim = self.words.shape
        return f"WeightedFactors({size} x {dim}, error {float(self.errors[-1]):.6g})"


def factorize_weighted(
    target: Float[Tensor, "vocab context"],
    weights: Float[Tensor, "vocab context"],
    dim: int,
    *,
    sweeps: int = 20,
    initial: Float[Tensor, "context dim"] | None = None,
    seed: int = 0,
) -> WeightedFactors:
    r"""Alternating least squares for a factorization in which every entry has its own weight.

    .. math:: \min_{W, W'} \; \sum_{ij} G_{ij} \, (w_i \cdot w'_j - M_{ij})^2

    With one factor fixed, the other is a least-squares problem for each row,
    :math:`(W'^\top \mathrm{diag}(G_{i \cdot}) W') w_i = W'^\top (G_{i \cdot} \circ M_{i \cdot})`.
    Each sweep solves for both. Where the iteration ends can depend on the start: the general
    problem is NP-hard, because the weights couple the modes, and a mode that is best for some
    entries is not for others. Only if G has rank one do the modes decouple
    (:func:`w2vlib.weighted_target`).

    Args:
        target: :math:`M`.
        weights: G, not negative; some entries may be 0 (unknown).
        dim: The number of columns of the factors.
        sweeps: The number of sweeps, each over both factors.
        initial: W' to start from; None draws it from a normal distribution.
        seed: The seed of the random start.

    Returns:
        The factors and how the error fell.

    Raises:
        ValueError: A weight is negative, the sizes disagree, or so few weights are positive that
            a row of a factor is not determined.

    Reference:
        Srebro and Jaakkola 2003 (the problem); Gillis and Glineur 2011 (it is NP-hard).
    """
    check_dense("target", target)
    check_dense("weights", weights)
    if weights.shape != target.shape:
        raise ValueError(
            f"`weights` must have the shape of `target`, {tuple(target.shape)}; "
            f"got {tuple(weights.shape)}"
        )
    if not bool((weights >= 0).all()) or not bool(weights.isfinite().all()):
        raise ValueError("`weights` must be finite and not negative")

    limit = min(target.shape)
    if not 1 <= dim <= limit or sweeps < 1:
        raise ValueError(
            f"`dim` must be in [1, {limit}] and `sweeps` at least 1; got {dim} and {sweeps}"
        )

    known = (weights > 0).long()
    scarce = min(int(known.sum(dim=axis).min()) for axis in (0, 1))
    if scarce < dim:
        raise ValueError(
            f"`weights` leave a row of a factor undetermined: each row and column needs at least "
            f"`dim`={dim} positive weights, one has {scarce}; lower `dim`, or give unknown "
            "entries a small weight"
        )

    if initial is None:
        generator = torch.Generator().manual_seed(seed)
        start = torch.randn(target.shape[1], dim, generator=generator, dtype=torch.float64)
        initial = start.to(target)

    # With one factor fixed, the other is a problem of least squares: they take turns.
    contexts, errors = initial, []
    for _ in range(sweeps):
        words = _solve_rows(target, weights, contexts)
        contexts = _solve_rows(target.T, weights.T, words)
        residual = (words @ contexts.T).sub_(target).square_().mul_(weights)
        errors.append(float(residual.sum(dtype=torch.float64)))
    return WeightedFactors(words, contexts, torch.tensor(errors, dtype=torch.float64))


def rank_one_share(statistics: CorpusStatistics, reweighting: Reweighting) -> float:
    r"""How close the weights of pairs are to products of weights of words.

    .. math:: \frac{\mu_1^2}{\| G \|_F^2} \in (0, 1], \qquad G = A + B,

    with :math:`\mu_1` the top eigenvalue of G; it is 1 if G has rank one, and then the weighted
    factorization has a closed form.

    Args:
        statistics: Joint and unigram probabilities.
        reweighting: The weights A and B.

    Raises:
        ValueError: `reweighting` is for another number of words, or the V x V matrices would not
            fit into memory.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Proposition 2.
    """
    check_square(statistics, 4)
    G = torch.add(*pair_weights(statistics, reweighting))
    top = float(top_eigenpairs(G, 1).eigenvalues[0])
    return top**2 / float(G.square().sum(dtype=torch.float64))


def log_weight_spread(statistics: CorpusStatistics, reweighting: Reweighting) -> float:
    r"""How unequal the weights of pairs are, in powers of ten.

    .. math:: \text{standard deviation of } \log_{10} G_{ij}, \qquad G = A + B,

    over all pairs: 0 in the setting that can be solved, where all weigh the same.

    Args:
        statistics: Joint and unigram probabilities.
        reweighting: The weights A and B.

    Raises:
        ValueError: `reweighting` is for another number of words, or the V x V matrices would not
            fit into memory.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Setting 3.1 and appendix A.3.
    """
    check_square(statistics, 4)
    G = torch.add(*pair_weights(statistics, reweighting))
    return float(G.log10().double().std(correction=0))


def _solve_rows(target: Tensor, weights: Tensor, other: Tensor) -> Tensor:
    """The rows of one factor, given the other."""
    dim = other.shape[1]
    products = (other[:, :, None] * other[:, None, :]).flatten(1)
    rows = []
    for first in range(0, len(target), max(1, _GRAM_ENTRIES // dim**2)):
        part = slice(first, first + max(1, _GRAM_ENTRIES // dim**2))
        gram = (weights[part] @ products).reshape(-1, dim, dim)
        right = (weights[part] * target[part]) @ other
        rows.append(torch.linalg.solve(gram, right))
    return torch.cat(rows)
