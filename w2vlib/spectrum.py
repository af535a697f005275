"""The top of the spectrum of a symmetric matrix; nothing here is about words."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._arrays import canonical_signs, check_dense
from w2vlib._devices import check_room, resolve_device

__all__ = [
    "Spectrum",
    "SymmetricOperator",
    "extreme_eigenpairs",
    "factor_spectrum",
    "mode_overlaps",
    "residual_norms",
    "strongest_modes",
    "subspace_overlap",
    "top_eigenpairs",
]

_SMALL = 2000  # full diagonalization of this size takes a fraction of a second
_RESTARTS = 100  # then the iteration gives up
_LITTLE = 1e-2  # of a product: a smaller rest has lost two digits of its orthogonality, or more
_PRODUCTS = ", or a SymmetricOperator of its products"
_TILE = 512  # rows and columns of a tile that fits into the cache, with its mirror image


@dataclass(frozen=True, eq=False)
class Spectrum:
    r"""The largest eigenvalues of a symmetric matrix and their eigenvectors.

    Attributes:
        eigenvalues: :math:`\lambda_1 \ge \lambda_2 \ge ...` (signed, not by magnitude).
        eigenvectors: (vocab, modes); column k belongs to eigenvalue k, has length one, and its
            entry of largest magnitude is positive.
    """

    eigenvalues: Float[Tensor, " modes"]
    eigenvectors: Float[Tensor, "vocab modes"]

    def __post_init__(self) -> None:
        if len(self.eigenvalues) != self.eigenvectors.shape[1]:
            raise ValueError(
                f"`eigenvectors` must have one column for each of the {len(self.eigenvalues)} "
                f"`eigenvalues`; got {self.eigenvectors.shape[1]}"
            )
        if bool((self.eigenvalues.diff() > 0).any()):
            raise ValueError("`eigenvalues` must descend")

    def to(self, device: str | torch.device) -> "Spectrum":
        """The same spectrum on another device."""
        device = resolve_device(device)
        return Spectrum(self.eigenvalues.to(device), self.eigenvectors.to(device))

    def __len__(self) -> int:
        return len(self.eigenvalues)

    def __repr__(self) -> str:
        top, bottom = float(self.eigenvalues[0]), float(self.eigenvalues[-1])
        size = len(self.eigenvectors)
        return f"Spectrum({len(self)} of {size:,} modes, eigenvalues {top:.4g} to {bottom:.4g})"


@dataclass(frozen=True, eq=False)
class SymmetricOperator:
    """A symmetric matrix known only by its products, for matrices too large to write down.

    Attributes:
        size: The number of rows.
        matmul: A function from X of shape (size, columns) to the product with X, of the same dtype
            and on the same device.
        dtype: The type of the entries.
        device: The device on which `matmul` computes.
    """

    size: int
    matmul: Callable[[Tensor], Tensor]
    dtype: torch.dtype = torch.float32
    device: torch.device | str = "cpu"

    def __matmul__(self, other: Float[Tensor, "vocab modes"]) -> Float[Tensor, "vocab modes"]:
        return self.matmul(other)

    def __len__(self) -> int:
        return self.size


def top_eigenpairs(
    matrix: Float[Tensor, "vocab vocab"] | SymmetricOperator,
    k: int,
    *,
    tolerance: float = 1e-4,
    seed: int = 0,
    progress: bool = False,
) -> Spectrum:
    r"""The k algebraically largest eigenvalues of a symmetric matrix, with eigenvectors.

    .. math:: M u_k = \lambda_k u_k, \qquad \lambda_1 \ge \lambda_2 \ge ...

    *Algebraically* matters: the matrices of this library have negative eigenvalues larger in size
    than any positive one, which a singular value decomposition would return first.

    Small matrices, and requests for a large share of the modes, are diagonalized in full by LAPACK
    (on a GPU, cuSOLVER). Otherwise a block Krylov iteration searches the space of
    :math:`X, MX, M^2 X, ...`, which finds both ends of the spectrum at once: best approximations
    in that space (Rayleigh and Ritz), full orthogonalization, and a restart from the best vectors
    each time the space has grown to its limit. It needs products with the matrix and memory for
    a few hundred vectors, and nothing else. The result is that of SciPy's
    ``scipy.sparse.linalg.eigsh(M, k, which="LA")``, with the largest eigenvalue first.

    Args:
        matrix: A dense symmetric matrix, or an operator.
        k: The number of modes, in [1, size].
        tolerance: The largest residual :math:`\|M u_k - \lambda_k u_k\|` accepted, as a
            fraction of the largest :math:`|\lambda_k|` returned; residuals that rounding
            explains are accepted too.
        seed: The seed of the random start of the iteration.
        progress: Whether to show a progress bar, with the residual reached so far.

    Returns:
        The spectrum, with the dtype and on the device of `matrix`.

    Raises:
        ValueError: `k` is out of range, `matrix` is not symmetric or not finite, or so many modes
            are asked for that all must be computed, for which there is no room.
        TypeError: `matrix` is neither a dense tensor nor an operator.
        RuntimeError: The residuals, measured by a fresh product at the end, exceed `tolerance`.

    Reference:
        Golub and Underwood 1977 (block Lanczos); Wu and Simon 2000 (thick restart); Musco and
        Musco 2015 (why block Krylov spaces beat the power method).

    >>> matrix = torch.diag(torch.tensor([1.0, -5.0, 3.0]))
    >>> top_eigenpairs(matrix, k=2).eigenvalues.round(decimals=3)
    tensor([3., 1.])
    """
    if not isinstance(matrix, SymmetricOperator):
        check_dense("matrix", matrix, _PRODUCTS)
    size = len(matrix)
    if not 1 <= k <= size:
        raise ValueError(f"`k` must be in [1, {size}], the size of `matrix`; got k={k}")
    if not isinstance(matrix, SymmetricOperator):
        _check_symmetric(matrix)

    if size <= _SMALL or 2 * _Sizes.of(k).limit > size:
        device = torch.device(matrix.device)
        check_room((size, size), 4, matrix.dtype, device, "ask for fewer modes, at most V / 4")
        if isinstance(matrix, SymmetricOperator):
            matrix = matrix @ torch.eye(size, dtype=matrix.dtype, device=matrix.device)
            _check_symmetric(matrix)
        values, vectors = torch.linalg.eigh(matrix)
        values, vectors = values.flip(0), vectors[:, -k:].flip(1)
    else:
        values, vectors = _block_krylov(matrix, k, tolerance, seed, progress)

    # However they were found, the eigenpairs must fit the matrix.
    spectrum = Spectrum(values[:k], canonical_signs(vectors.contiguous()))
    worst = float(residual_norms(matrix, spectrum).max())
    allowed = _allowed(values[:k], values, tolerance, values.dtype)
    if not worst <= allowed:
        raise RuntimeError(
            f"the eigenvectors did not converge: largest residual {worst:.3g}, allowed "
            f"{allowed:.3g}; raise `tolerance` or use float64"
        )
    return spectrum


def extreme_eigenpairs(
    matrix: Float[Tensor, "vocab vocab"] | SymmetricOperator,
    largest: int,
    smallest: int,
    *,
    tolerance: float = 1e-4,
    seed: int = 0,
    progress: bool = False,
) -> Spectrum:
    r"""Both ends of the spectrum of a symmetric matrix.

    .. math:: \lambda_1 \ge \dots \ge \lambda_m, \qquad
        \lambda_{V-n+1} \ge \dots \ge \lambda_V,

    with m = `largest` and n = `smallest`: the top of M, and the top of -M turned upside down.

    Args:
        matrix: A dense symmetric matrix, or an operator.
        largest: The number m of the largest eigenvalues, at least 1.
        smallest: The number n of the smallest (the most negative) ones, at least 1.
        tolerance: The largest residual accepted, for each end as in :func:`top_eigenpairs`.
        seed: The seed of the random start.
        progress: Whether to show a progress bar for each end.

    Returns:
        m + n modes, in descending order of their eigenvalues.

    Raises:
        ValueError: `largest` and `smallest` add up to more than the size of `matrix`, or one is
            below 1; or `matrix` is not symmetric or not finite, or does not fit into memory twice.
        TypeError: `matrix` is neither a dense tensor nor an operator.
        RuntimeError: The residuals exceed `tolerance`.

    >>> matrix = torch.diag(torch.tensor([1.0, -5.0, 3.0]))
    >>> extreme_eigenpairs(matrix, 1, 1).eigenvalues.round(decimals=3)
    tensor([ 3., -5.])
    """
    if not isinstance(matrix, SymmetricOperator):
        check_dense("matrix", matrix, _PRODUCTS)
        remedy = "use a SymmetricOperator of its products"
        check_room(tuple(matrix.shape), 1, matrix.dtype, matrix.device, remedy)
    size = len(matrix)
    if min(largest, smallest) < 1 or largest + smallest > size:
        raise ValueError(
            f"`largest` and `smallest` must be at least 1 and at most {size} together, the size "
            f"of `matrix`; got {largest} and {smallest}"
        )

    if isinstance(matrix, SymmetricOperator):
        negated: Tensor | SymmetricOperator = replace(matrix, matmul=lambda X: -(matrix @ X))
    else:
        negated = -matrix
    top, bottom = (
        top_eigenpairs(M, k, tolerance=tolerance, seed=seed, progress=progress)
        for M, k in ((matrix, largest), (negated, smallest))
    )
    return Spectrum(
        torch.cat([top.eigenvalues, -bottom.eigenvalues.flip(0)]),
        torch.cat([top.eigenvectors, bottom.eigenvectors.flip(1)], dim=1),
    )


def strongest_modes(spectrum: Spectrum, k: int) -> Spectrum:
    r"""The k modes whose eigenvalues are largest in magnitude, whatever their sign.

    .. math:: \sum_{k=1}^d \lambda_k u_k u_k^\top \quad \text{with} \quad
        |\lambda_1| \ge |\lambda_2| \ge \dots

    is the best approximation of rank d to a symmetric matrix, if nothing else is asked of it.

    Args:
        spectrum: Modes of both signs, such as :func:`extreme_eigenpairs` finds.
        k: The number of modes to keep, in [1, number of modes].

    Returns:
        These modes, in descending order of their eigenvalues.

    Raises:
        ValueError: `k` is out of range.

    Reference:
        Eckart and Young 1936; Mirsky 1960.

    >>> spectrum = Spectrum(torch.tensor([3.0, 1.0, -5.0]), torch.eye(3))
    >>> strongest_modes(spectrum, 2).eigenvalues
    tensor([ 3., -5.])
    """
    if not 1 <= k <= len(spectrum):
        raise ValueError(f"`k` must be in [1, {len(spectrum)}], the modes there are; got k={k}")
    kept = spectrum.eigenvalues.abs().topk(k).indices.sort().values
    return Spectrum(spectrum.eigenvalues[kept], spectrum.eigenvectors[:, kept])


def residual_norms(
    matrix: Float[Tensor, "vocab vocab"] | SymmetricOperator, spectrum: Spectrum
) -> Float[Tensor, " modes"]:
    r"""How far each pair is from solving its equation: :math:`\|M u_k - \lambda_k u_k\|`.

    Args:
        matrix: The matrix M.
        spectrum: Claimed eigenpairs of it.
    """
    if not isinstance(matrix, SymmetricOperator):
        check_dense("matrix", matrix, _PRODUCTS)
    product = matrix @ spectrum.eigenvectors
    return (product - spectrum.eigenvectors * spectrum.eigenvalues).norm(dim=0)


def subspace_overlap(
    first: Float[Tensor, "vocab modes"], second: Float[Tensor, "vocab modes"]
) -> float:
    r"""The mean squared cosine of the angles between two subspaces of equal dimension.

    .. math:: \frac1k \, \| Q_1^\top Q_2 \|_F^2 \in [0, 1],

    with :math:`Q_1, Q_2` orthonormal bases of the spans of the columns. It does not depend on the
    choice of basis, so degenerate eigenvectors compare well.

    Args:
        first: (vocab, k), columns of full rank.
        second: (vocab, k), columns of full rank.

    >>> plane = torch.eye(4)[:, :2]
    >>> round(subspace_overlap(plane, torch.eye(4)[:, 1:3]), 3)
    0.5
    """
    check_dense("first", first)
    check_dense("second", second)
    q1, q2 = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    return float((q1.T @ q2).square().sum() / first.shape[1])


def factor_spectrum(factor: Float[Tensor, "vocab dim"]) -> Spectrum:
    r"""The modes of a product :math:`F F^\top`, such as the Gram matrix of word vectors.

    .. math:: F = V S U^\top, \qquad F F^\top = V S^2 V^\top :

    the columns of V are directions in the space of words, which do not depend on the rotation
    of the vectors; their strengths :math:`s_k^2` are what gradient flow makes grow.

    Args:
        factor: F, one row for each word.

    Returns:
        As many modes as F has columns (or rows, if they are fewer).

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), section 2.

    >>> factor_spectrum(torch.tensor([[0.0, 2.0], [1.0, 0.0]])).eigenvalues.round(decimals=3)
    tensor([4., 1.])
    """
    check_dense("factor", factor)
    V, s, _ = torch.linalg.svd(factor, full_matrices=False)
    return Spectrum(s.square(), canonical_signs(V))


def mode_overlaps(
    first: Float[Tensor, "vocab modes"], second: Float[Tensor, "vocab dim"]
) -> Float[Tensor, "modes dim"]:
    r"""How much of each mode of one set is in each mode of another.

    .. math:: (u_k \cdot v_l)^2 \in [0, 1]

    Args:
        first: Columns :math:`u_k` of length one.
        second: Columns :math:`v_l` of length one.

    Returns:
        The squares; a diagonal picture if the two sets hold the same modes in the same order.

    Raises:
        ValueError: The columns have different lengths.
    """
    check_dense("first", first)
    check_dense("second", second)
    if len(first) != len(second):
        raise ValueError(
            f"`first` and `second` must have equally many rows; got {len(first)} and {len(second)}"
        )
    return (first.T @ second).square()


def _check_symmetric(matrix: Tensor) -> None:
    if matrix.shape[0] != matrix.shape[1] or not matrix.is_floating_point():
        raise ValueError(
            f"`matrix` must be square, of float32 or float64; got {tuple(matrix.shape)}, "
            f"{matrix.dtype}"
        )

    low, high = (float(extreme) for extreme in matrix.aminmax())
    scale = max(-low, high)
    if not np.isfinite(scale):
        raise ValueError("`matrix` must be finite; it holds infinities or NaN")

    # Rounding of symmetric formulas stays within a few units in the last place.
    slack = 64 * torch.finfo(matrix.dtype).eps * scale
    for i in range(0, len(matrix), _TILE):
        for j in range(0, i + 1, _TILE):  # tiles that fit into the cache, with their mirror images
            tile = matrix[i : i + _TILE, j : j + _TILE]
            mirror = matrix[j : j + _TILE, i : i + _TILE].T
            if float((tile - mirror).abs().max()) > slack:
                raise ValueError(
                    "`matrix` must be symmetric; use its symmetric part (A + A.T) / 2"
                )


@dataclass(frozen=True)
class _Sizes:
    """Columns of the Krylov space: sizes that measured well; they are not critical."""

    block: int  # columns of one product: enough to use the cores well
    kept: int  # at a restart
    limit: int  # before a restart

    @classmethod
    def of(cls, k: int) -> "_Sizes":
        block = min(48, max(4, k // 3))
        kept = k + max(block, k // 4)
        return cls(block, kept, kept + 8 * block)


def _block_krylov(
    matrix: Tensor | SymmetricOperator, k: int, tolerance: float, seed: int, progress: bool
) -> tuple[Tensor, Tensor]:
    """All eigenvalue estimates, and the top k eigenvectors, by thick-restarted block Lanczos.

    Invariant: ``M Q = Q T + (next block) R [0 ... 0 1]``, with orthonormal columns in Q and the
    next block. R times the last rows of the eigenvectors of T therefore gives the residuals.
    """
    from tqdm.auto import tqdm

    sizes = _Sizes.of(k)
    block, kept, limit = sizes.block, sizes.kept, sizes.limit

    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(len(matrix), block, generator=generator, dtype=torch.float64)
    Q = torch.empty(len(matrix), limit + block, dtype=matrix.dtype, device=matrix.device)
    Q[:, :block] = torch.linalg.qr(start.to(Q)).Q
    T = torch.zeros(limit, limit, dtype=torch.float64)
    size = 0

    with tqdm(desc="eigenvectors", unit=" restarts", disable=not progress) as bar:
        for _ in range(_RESTARTS):
            # Grow the subspace, block by block.
            while size + block <= limit:
                product = matrix @ Q[:, size : size + block]
                size += block
                Q[:, size : size + block], coefficients, R = _orthonormal(product, Q[:, :size])
                T[:size, size - block : size] = coefficients
                T[size - block : size, :size] = coefficients.T

            # The best approximations within it (Rayleigh and Ritz), and how good they are.
            values, S = torch.linalg.eigh(T[:size, :size])
            values, S = values.flip(0), S.flip(1)
            residuals = (R @ S[size - block :, :k]).norm(dim=0)

            # Begin anew with the best of them, followed by the newest direction.
            following = Q[:, size : size + block].clone()
            Q[:, :kept] = Q[:, :size] @ S[:, :kept].to(Q)
            Q[:, kept : kept + block] = following
            T.zero_().diagonal()[:kept] = values[:kept]
            size = kept

            worst = float(residuals.max())
            bar.set_postfix(residual=f"{worst:.1e}")
            bar.update()
            if worst <= _allowed(values[:k], values, tolerance, Q.dtype) / 2:  # room for rounding
                break

    return values.to(Q), Q[:, :k]


def _allowed(top: Tensor, values: Tensor, tolerance: float, dtype: torch.dtype) -> float:
    """The largest residual accepted; never below what rounding leaves."""
    rounding = 64 * torch.finfo(dtype).eps * float(values.abs().max())
    return max(tolerance * float(top.abs().max()), rounding)


def _orthonormal(
    product: Float[Tensor, "vocab modes"], basis: Float[Tensor, "vocab context"]
) -> tuple[Tensor, Tensor, Tensor]:
    """Split a product into its part in the basis and an orthonormal rest times R.

    Subtracting twice makes up for rounding. Where little but rounding is left of a column,
    because the space is nearly exhausted, its direction must be made orthogonal once more.

    Returns:
        The rest (orthonormal columns), the coefficients in the basis, and R; the last two in
        float64 on the CPU.
    """
    coefficients = basis.T @ product
    rest = product - basis @ coefficients
    correction = basis.T @ rest
    rest, R = torch.linalg.qr(rest - basis @ correction)
    if R.diagonal().abs().min() <= _LITTLE * product.norm(dim=0).max():
        rest, again = torch.linalg.qr(rest - basis @ (basis.T @ rest))
        R = again @ R
    return rest, (coefficients + correction).cpu().double(), R.cpu().double()
