"""The top of the spectrum of a symmetric matrix. Knows no words."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._devices import resolve_device

__all__ = [
    "Spectrum",
    "SymmetricOperator",
    "canonical_signs",
    "residual_norms",
    "subspace_overlap",
    "top_eigenpairs",
]


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
        matmul: Maps X of shape (size, columns) to the product with X, same dtype and device.
        dtype: Of the entries.
        device: Where `matmul` computes.
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
    tolerance: float = 1e-3,
    seed: int = 0,
) -> Spectrum:
    r"""The k algebraically largest eigenvalues of a symmetric matrix, with eigenvectors.

    .. math:: M u_k = \lambda_k u_k, \qquad \lambda_1 \ge \lambda_2 \ge ...

    *Algebraically* matters: the matrices of this library have negative eigenvalues larger in size
    than any positive one, which a singular value decomposition would return first.

    A tensor is diagonalized in full by LAPACK (on a GPU, cuSOLVER); an operator is handed to
    ARPACK's Lanczos iteration (:func:`scipy.sparse.linalg.eigsh`).

    Args:
        matrix: A dense symmetric matrix, or an operator.
        k: The number of modes, in [1, size]; for an operator below its size.
        tolerance: The largest residual :math:`\|M u_k - \lambda_k u_k\|` accepted, as a
            fraction of the largest :math:`|\lambda_k|` returned.
        seed: Of the random start of the iteration (operators only).

    Returns:
        The spectrum, with the dtype and on the device of `matrix`.

    Raises:
        ValueError: `k` is out of range, or `matrix` is not symmetric or not finite.
        RuntimeError: The residuals exceed `tolerance`.

    >>> top_eigenpairs(torch.diag(torch.tensor([1.0, -5.0, 3.0])), k=2).eigenvalues
    tensor([3., 1.])
    """
    size = len(matrix)
    limit = size - 1 if isinstance(matrix, SymmetricOperator) else size
    if not 1 <= k <= limit:
        raise ValueError(f"`k` must be in [1, {limit}] for a `matrix` of size {size}; got k={k}")
    if isinstance(matrix, SymmetricOperator):
        values, vectors = _lanczos(matrix, k, tolerance, seed)
    else:
        _check_symmetric(matrix)
        values, vectors = torch.linalg.eigh(matrix)
        values, vectors = values[-k:].flip(0), vectors[:, -k:].flip(1)
    spectrum = Spectrum(values, canonical_signs(vectors.contiguous()))
    worst = float(residual_norms(matrix, spectrum).max())
    allowed = tolerance * float(values.abs().max())
    if not worst <= allowed:
        raise RuntimeError(
            f"the eigenvectors did not converge: largest residual {worst:.3g}, allowed "
            f"{allowed:.3g}; raise `tolerance` or use float64"
        )
    return spectrum


def residual_norms(
    matrix: Float[Tensor, "vocab vocab"] | SymmetricOperator, spectrum: Spectrum
) -> Float[Tensor, " modes"]:
    r"""How far each pair is from solving its equation: :math:`\|M u_k - \lambda_k u_k\|`.

    Args:
        matrix: The matrix M.
        spectrum: Claimed eigenpairs of it.
    """
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
    >>> subspace_overlap(plane, plane.flip(1)), subspace_overlap(plane, torch.eye(4)[:, 1:3])
    (1.0, 0.5)
    """
    q1, q2 = torch.linalg.qr(first).Q, torch.linalg.qr(second).Q
    return float((q1.T @ q2).square().sum() / first.shape[1])


def canonical_signs(vectors: Float[Tensor, "vocab modes"]) -> Float[Tensor, "vocab modes"]:
    """Flip columns so that the entry of largest magnitude of each is positive.

    Args:
        vectors: Columns whose sign carries no meaning, like eigenvectors.
    """
    largest = vectors.abs().argmax(dim=0, keepdim=True)
    return vectors * vectors.gather(0, largest).sign()


def _check_symmetric(matrix: Tensor) -> None:
    if matrix.shape[0] != matrix.shape[1] or not matrix.is_floating_point():
        raise ValueError(
            f"`matrix` must be square, of float32 or float64; got {tuple(matrix.shape)}, "
            f"{matrix.dtype}"
        )
    scale = float(matrix.abs().max())
    if not np.isfinite(scale):
        raise ValueError("`matrix` must be finite; it holds infinities or NaN")
    # Rounding of symmetric formulas stays within a few units in the last place.
    slack = 64 * torch.finfo(matrix.dtype).eps * scale
    if float((matrix - matrix.T).abs().max()) > slack:
        raise ValueError("`matrix` must be symmetric; use its symmetric part (A + A.T) / 2")


def _lanczos(
    operator: SymmetricOperator, k: int, tolerance: float, seed: int
) -> tuple[Tensor, Tensor]:
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    def product(columns: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(np.ascontiguousarray(columns)).to(operator.device)
        y = operator @ x.reshape(operator.size, -1)
        return y.reshape(columns.shape).cpu().numpy()

    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(operator.size, generator=generator).to(operator.dtype).numpy()
    shape = (operator.size, operator.size)
    linear = LinearOperator(shape, matvec=product, matmat=product, dtype=start.dtype)
    try:
        # ARPACK measures residuals against each eigenvalue: stricter than against the largest.
        values, vectors = eigsh(linear, k, which="LA", v0=start, tol=tolerance)
    except ArpackNoConvergence as error:
        raise RuntimeError(
            f"ARPACK found only {len(error.eigenvalues)} of {k} eigenpairs; raise `tolerance`"
        ) from error
    order = np.argsort(values)[::-1].copy()
    return (
        torch.from_numpy(values[order]).to(operator.device),
        torch.from_numpy(vectors[:, order]).to(operator.device),
    )
