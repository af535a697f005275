r"""Gradient flow of the factorization :math:`W W^\top \approx M`, in closed form.

Time is defined here once and for all, as in the paper. With the loss
:math:`L(W) = \tfrac{g}{4} \| W W^\top - M \|_F^2` the flow is

.. math:: \frac{dW}{dt} = -\frac{1}{2g} \nabla L = \tfrac12 (M - W W^\top) W,

so that n steps of gradient descent with learning rate :math:`\eta` take the time
:math:`t = 2 g \eta n`. The *strength* of a mode is the square :math:`s_k^2` of the singular value
of W along eigenvector k of M.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib.embedding import Embedding
from w2vlib.spectrum import Spectrum
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "FlowTrajectory",
    "aligned_strengths",
    "flow_embedding",
    "gram_at",
    "integrate_flow",
    "learning_times",
    "mode_strengths",
    "modes_learned",
    "untied_factors",
]


@dataclass(frozen=True, eq=False)
class FlowTrajectory:
    """Factors of a matrix at increasing times.

    Attributes:
        times: The times, in the unit of this module.
        factors: W at each time.
        contexts: W' at each time; the same as `factors` if the two are tied.
    """

    times: Float[Tensor, " time"]
    factors: Float[Tensor, "time vocab dim"]
    contexts: Float[Tensor, "time context dim"]

    def __post_init__(self) -> None:
        if not len(self.times) == len(self.factors) == len(self.contexts):
            raise ValueError("`factors` and `contexts` must have one entry for each of `times`")

    @property
    def singular_values(self) -> Float[Tensor, "time dim"]:
        """The singular values of W, the largest first, at each time."""
        return torch.linalg.svdvals(self.factors)

    def __len__(self) -> int:
        return len(self.times)

    def __repr__(self) -> str:
        _, size, dim = self.factors.shape
        return f"FlowTrajectory({len(self)} times to {float(self.times[-1]):.4g}, {size} x {dim})"


def mode_strengths(
    eigenvalues: Float[Tensor, " modes"],
    initial: Float[Tensor, " modes"],
    times: Float[Tensor, " time"],
) -> Float[Tensor, "time modes"]:
    r"""How strong each mode is after some time: a sigmoid for each positive eigenvalue.

    .. math:: s_k^2(t) = \frac{\lambda_k}{1 + (\lambda_k / s_k^2(0) - 1) \, e^{-\lambda_k t}},

    the solution of :math:`\frac{d}{dt} s_k^2 = s_k^2 (\lambda_k - s_k^2)`. For
    :math:`\lambda_k = 0` it is :math:`s_k^2(0) / (1 + s_k^2(0) \, t)`; modes with a negative
    eigenvalue die out; a mode that starts at 0 stays there.

    Args:
        eigenvalues: :math:`\lambda_k`.
        initial: :math:`s_k^2(0)`, not negative.
        times: t, not negative; may be infinite.

    Raises:
        ValueError: A strength or time is negative or not a number.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Lemma 3.1; Saxe et al. 2014 (arXiv:1312.6120).

    >>> mode_strengths(torch.tensor([2.0]), torch.tensor([1e-3]), torch.tensor([0.0, 3.0, 9.0]))
    tensor([[1.0000e-03],
            [3.3585e-01],
            [1.9999e+00]])
    """
    _check_not_negative(initial=initial, times=times)
    size, flat, time = eigenvalues.abs(), eigenvalues == 0, times[:, None]
    elapsed = torch.where(flat, 0, size * time)  # not 0 times infinity
    # Every exponential is at most one, whatever the sign of the eigenvalue.
    fading = torch.exp(-elapsed)
    integral = torch.where(flat, time, -torch.expm1(-elapsed) / torch.where(flat, 1, size))
    growing = initial / (fading + initial * integral)
    dying = initial * fading / (1 + initial * integral)
    strengths = torch.where(eigenvalues > 0, growing, dying)
    return torch.where(initial == 0, 0, strengths)


def learning_times(
    eigenvalues: Float[Tensor, " modes"], initial: Float[Tensor, " modes"]
) -> Float[Tensor, " modes"]:
    r"""When each mode is learned: halfway to its final strength, if it starts small.

    .. math:: \tau_k = \frac{1}{\lambda_k} \ln \frac{\lambda_k}{s_k^2(0)} .

    Small starts make the times long compared with the width of the steps,
    :math:`2 \ln 9 / \lambda_k` from 10 to 90 percent: the modes come one after the other.

    Args:
        eigenvalues: :math:`\lambda_k`.
        initial: :math:`s_k^2(0)`, not negative.

    Returns:
        The times; infinite for modes that are never learned (no positive eigenvalue, or a start
        at 0), negative for modes that start above their final strength.

    Raises:
        ValueError: A strength is negative or not a number.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Lemma 3.1.

    >>> learning_times(torch.tensor([2.0, 1.0, -1.0]), torch.full((3,), 1e-4))
    tensor([4.9517, 9.2103,    inf])
    """
    _check_not_negative(initial=initial)
    learned = (eigenvalues > 0) & (initial > 0)
    size = torch.where(learned, eigenvalues, 1)
    times = (size.log() - torch.where(learned, initial, 1).log()) / size
    return torch.where(learned, times, torch.inf)


def modes_learned(
    eigenvalues: Float[Tensor, " modes"], initial: Float[Tensor, " modes"], time: float
) -> int:
    r"""How many modes are learned by some time: the number of :math:`\tau_k \le t`.

    Model size and training time are dual: stopping a large model between :math:`\tau_d` and
    :math:`\tau_{d+1}` gives nearly the same matrix :math:`W W^\top` as training a model with d
    dimensions to the end.

    Args:
        eigenvalues: :math:`\lambda_k`.
        initial: :math:`s_k^2(0)`, not negative.
        time: :math:`t`.

    >>> modes_learned(torch.tensor([2.0, 1.0, -1.0]), torch.full((3,), 1e-4), time=6.0)
    1
    """
    return int((learning_times(eigenvalues, initial) <= time).sum())


def aligned_strengths(
    spectrum: Spectrum, initial: Float[Tensor, "vocab dim"]
) -> Float[Tensor, " modes"]:
    r"""The strengths from which the modes of a small random start begin to grow.

    .. math:: s_k^2(0) = R_{kk}^2, \qquad W_0^\top U = Q R .

    A start that is not aligned with the eigenvectors turns toward them before it grows. Mode k
    gets what the stronger modes leave of it: the diagonal of R, not the k-th singular value of
    :math:`W_0`, which is larger and would put the steps too early.

    Args:
        spectrum: The top eigenpairs of the target; only as many as there are dimensions matter.
        initial: :math:`W_0`.

    Returns:
        One strength for each mode; 0 for modes beyond the number of dimensions.

    Raises:
        ValueError: The sizes disagree.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), the derivation of Result 3.
    """
    _check_rows("initial", initial, len(spectrum.eigenvectors), "spectrum")
    used = spectrum.eigenvectors[:, : initial.shape[1]]
    diagonal = torch.linalg.qr(initial.T @ used).R.diagonal()
    strengths = torch.zeros_like(spectrum.eigenvalues)
    strengths[: len(diagonal)] = diagonal.square()
    return strengths


def flow_embedding(
    spectrum: Spectrum,
    vocabulary: Vocabulary,
    time: int | float,
    *,
    initial: float | Float[Tensor, " modes"] = 1e-6,
) -> Embedding:
    r"""The word vectors at some time of training, from a start aligned with the eigenvectors.

    .. math:: W(t) = U \, \mathrm{diag}(s_1(t), ..., s_d(t)).

    As t grows they become those of :func:`w2vlib.spectral_embedding`.

    Args:
        spectrum: The top d eigenpairs of the target.
        vocabulary: The words of the rows.
        time: t, not negative; may be infinite.
        initial: :math:`s_k^2(0)`, one number for all modes or one for each.

    Raises:
        ValueError: `time` or a strength is negative.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), Lemma 3.1.
    """
    values = spectrum.eigenvalues
    start = torch.as_tensor(initial, dtype=values.dtype, device=values.device).expand_as(values)
    strengths = mode_strengths(values, start, values.new_tensor([time]))[0]
    return Embedding(spectrum.eigenvectors * strengths.sqrt(), vocabulary)


def gram_at(
    target: Float[Tensor, "vocab vocab"], initial: Float[Tensor, "vocab dim"], time: int | float
) -> Float[Tensor, "vocab vocab"]:
    r"""The matrix of inner products after some time, from any start.

    :math:`K = W W^\top` obeys the Riccati equation
    :math:`\dot K = \tfrac12 (MK + KM) - K^2`, whose solution is

    .. math:: K(t) = E W_0 \left[ I + W_0^\top J W_0 \right]^{-1} W_0^\top E, \qquad
        E = e^{M t / 2}, \quad J = \int_0^t e^{M \tau} d\tau .

    In the eigenbasis of M, and with :math:`W_0` rotated from the right until it is lower
    triangular (:math:`L`), this is

    .. math:: K = G C \left[ C^\top C + J^{-1} \right]^{-1} C^\top G, \qquad
        C_{ik} = L_{ik} \sqrt{J_i / J_k}, \quad G_i^2 = \frac{\lambda_i}{1 - e^{-\lambda_i t}},

    with the eigenvalues in descending order, so that nothing overflows, however large
    :math:`\lambda t` is.

    Args:
        target: M, symmetric.
        initial: :math:`W_0`.
        time: t, not negative and finite.

    Returns:
        K(t).

    Raises:
        ValueError: The sizes disagree, or `time` is negative or infinite.

    Reference:
        Reid 1972 (Riccati equations: with :math:`W = X Y^{-1}` those of X and Y are linear).
    """
    _check_rows("initial", initial, len(target), "target")
    if not 0 <= time < torch.inf:
        raise ValueError(f"`time` must be finite and not negative; got {time}")
    if time == 0:
        return initial @ initial.T

    # The start in the eigenbasis of M, rotated from the right until it is lower triangular.
    values, U = torch.linalg.eigh(target)
    values, U = values.flip(0), U.flip(1)
    L = torch.linalg.qr((U.T @ initial).T).R.T

    # The matrices of the second formula: E and J only in quotients that stay finite.
    G, J_ratios, J_inverse = _exponentials(values, time, L.shape[1])
    C = L * J_ratios.sqrt()
    bracket = C.T @ C + torch.diag(J_inverse)

    # Half of K, so that K = H H^T is symmetric: the inverse of the bracket, by its eigenvectors.
    # Directions that the start lacks have a zero on the diagonal; they are left out.
    scale = bracket.diagonal().clamp(min=torch.finfo(C.dtype).tiny).rsqrt()
    mu, S = torch.linalg.eigh(scale[:, None] * bracket * scale)
    kept = mu > len(mu) * torch.finfo(C.dtype).eps
    H = U @ (G[:, None] * (C * scale) @ (S[:, kept] / mu[kept].sqrt()))
    return H @ H.T


def _exponentials(values: Tensor, time: int | float, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """What :func:`gram_at` needs of E and J, both diagonal in the eigenbasis of M.

    With x = lambda t, E^2 is e^x, and J is e^max(x, 0) f t with f = (1 - e^-|x|) / |x|, which is
    between 0 and 1.

    Args:
        values: The eigenvalues lambda_i, in descending order.
        time: The time t, positive.
        count: The number of columns k.

    Returns:
        The diagonal of G, which is E / sqrt(J); the ratios J_i / J_k for k <= i, else 0; 1 / J_k.
    """
    x = values * time
    rise, fall = x.clamp(min=0), x.clamp(max=0)
    f = torch.where(x == 0, 1, -torch.expm1(-x.abs()) / x.abs())

    G = (fall.exp() / (f * time)).sqrt()
    J_ratios = torch.exp(rise[:, None] - rise[:count]).tril() * f[:, None] / f[:count]
    J_inverse = torch.exp(-rise[:count]) / (f[:count] * time)
    return G, J_ratios, J_inverse


def untied_factors(
    target: Float[Tensor, "vocab context"], dim: int, time: int | float, *, initial: float = 1e-6
) -> tuple[Float[Tensor, "vocab dim"], Float[Tensor, "context dim"]]:
    r"""Separate word and context vectors at some time, from an aligned, balanced start.

    The flow is :func:`integrate_flow`'s. From :math:`W = U \, \mathrm{diag}(s)` and
    :math:`W' = V \, \mathrm{diag}(s)`, with :math:`M = U \Sigma V^\top`, the strengths
    :math:`s_k^2` follow :func:`mode_strengths` with :math:`\sigma_k` for the eigenvalue, at half
    the speed. Negative eigenvalues are learned, too: by W and W' with opposite signs.

    Args:
        target: M, which need not be symmetric or square.
        dim: The number of modes, the largest singular values first.
        time: t, not negative; may be infinite.
        initial: :math:`s_k^2(0)`.

    Returns:
        W(t) and W'(t).

    Raises:
        ValueError: `dim` is out of range, or `time` or `initial` is negative.

    Reference:
        Saxe, McClelland, Ganguli 2014 (arXiv:1312.6120), equation 6.

    >>> W, context = untied_factors(torch.tensor([[-4.0]]), 1, torch.inf)
    >>> W.round(decimals=3), context.round(decimals=3)
    (tensor([[-2.]]), tensor([[2.]]))
    """
    limit = min(target.shape)
    if not 1 <= dim <= limit:
        raise ValueError(f"`dim` must be in [1, {limit}], the sizes of `target`; got {dim}")
    U, sigma, Vh = torch.linalg.svd(target, full_matrices=False)
    sigma = sigma[:dim]
    start = torch.full_like(sigma, initial)
    s = mode_strengths(sigma, start, sigma.new_tensor([time / 2]))[0].sqrt()
    return U[:, :dim] * s, Vh[:dim].T * s


def integrate_flow(
    target: Float[Tensor, "vocab context"],
    initial: Float[Tensor, "vocab dim"],
    times: Float[Tensor, " time"],
    *,
    initial_context: Float[Tensor, "context dim"] | None = None,
    tolerance: float = 1e-8,
) -> FlowTrajectory:
    r"""Follow the flow numerically, from any start: the reference for the closed forms.

    .. math:: \dot W = \tfrac12 (M - W W^\top) W \quad\text{(tied), or}\quad
        \dot W = \tfrac14 (M - W W'^\top) W', \;
        \dot W' = \tfrac14 (M - W W'^\top)^\top W .

    Args:
        target: M; symmetric if the vectors are tied.
        initial: :math:`W_0`.
        times: The times to record, increasing from a time not before 0, at which `initial` holds.
        initial_context: :math:`W'_0`; None ties the vectors, W' = W.
        tolerance: The tolerance of the solver, relative to W.

    Returns:
        The factors at the times.

    Raises:
        ValueError: The sizes disagree, or `times` do not increase.
        RuntimeError: The solver failed.

    Reference:
        Hairer, Norsett, Wanner 1993 (the method DOP853 of :func:`scipy.integrate.solve_ivp`).
    """
    from scipy.integrate import solve_ivp

    _check_rows("initial", initial, len(target), "target")
    _check_not_negative(times=times)
    if len(times) == 0 or bool((times.diff() <= 0).any()):
        raise ValueError("`times` must increase, and there must be at least one")

    parts = [initial]
    if initial_context is not None:
        _check_rows("initial_context", initial_context, target.shape[1], "target's columns")
        parts.append(initial_context)

    M = target.cpu().double()
    sizes = [part.numel() for part in parts]

    def velocity(_: float, state: np.ndarray) -> np.ndarray:
        pieces = torch.from_numpy(state).split(sizes)
        W, *rest = (p.reshape(part.shape) for p, part in zip(pieces, parts, strict=True))
        if not rest:
            return ((M - W @ W.T) @ W / 2).flatten().numpy()
        gap = M - W @ rest[0].T
        return torch.cat([(gap @ rest[0]).flatten(), (gap.T @ W).flatten()]).numpy() / 4

    start = torch.cat([part.flatten() for part in parts]).cpu().double().numpy()
    # Small starts grow by many orders of magnitude: errors are measured against the start.
    absolute = tolerance * max(float(np.abs(start).mean()), np.finfo(np.float64).tiny)
    span = (min(0.0, float(times[0])), float(times[-1]))
    solution = solve_ivp(
        velocity, span, start, "DOP853", times.cpu().double(), rtol=tolerance, atol=absolute
    )

    if not solution.success:
        raise RuntimeError(f"the flow could not be followed: {solution.message}")

    states = torch.from_numpy(solution.y.T.copy()).to(initial).split(sizes, dim=1)
    factors = [s.reshape(-1, *part.shape) for s, part in zip(states, parts, strict=True)]
    return FlowTrajectory(times, factors[0], factors[-1])


def _check_not_negative(**arguments: Tensor) -> None:
    for name, values in arguments.items():
        if not bool((values >= 0).all()):
            raise ValueError(
                f"`{name}` must not be negative or NaN; the smallest is {float(values.min()):.3g}"
            )


def _check_rows(name: str, matrix: Tensor, rows: int, other: str) -> None:
    if len(matrix) != rows:
        raise ValueError(f"`{name}` must have {rows} rows, to fit `{other}`; got {len(matrix)}")
