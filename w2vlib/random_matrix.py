r"""Random matrices: what noise looks like in a spectrum, and when a signal stands out from it.

All laws are about the eigenvalues of :math:`\tfrac1d R R^\top`, for a matrix R of N rows and d
columns whose entries are independent with mean 0.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = [
    "MarchenkoPastur",
    "bbp_threshold",
    "edge_fluctuation",
    "fit_marchenko_pastur",
    "generalized_mp_density",
    "generalized_mp_edge",
    "mp_cdf",
    "mp_density",
    "mp_edges",
    "outlier_eigenvalue",
    "spike_overlap",
]


@dataclass(frozen=True)
class MarchenkoPastur:
    r"""The eigenvalues of :math:`\tfrac1d R R^\top` for noise R, as N and d grow together.

    Attributes:
        ratio: :math:`\gamma = N / d`, rows by columns.
        variance: :math:`\sigma^2`, the variance of an entry of R.
    """

    ratio: int | float
    variance: int | float = 1.0

    def __post_init__(self) -> None:
        for name in ("ratio", "variance"):
            number = getattr(self, name)
            if not 0 < number < float("inf"):
                raise ValueError(f"`{name}` must be positive and finite; got {number}")


def mp_edges(law: MarchenkoPastur) -> tuple[float, float]:
    r"""Where the bulk begins and ends.

    .. math:: \lambda_\pm = \sigma^2 (1 \pm \sqrt\gamma)^2

    Args:
        law: The law.

    Returns:
        The lower and the upper edge. With more rows than columns, a share :math:`1 - 1/\gamma`
        of the eigenvalues is 0, below the lower edge.

    Reference:
        Marchenko, Pastur 1967.

    >>> mp_edges(MarchenkoPastur(ratio=0.25))
    (0.25, 2.25)
    """
    root = law.ratio**0.5
    return law.variance * (1 - root) ** 2, law.variance * (1 + root) ** 2


def mp_density(law: MarchenkoPastur, x: Float[Tensor, " points"]) -> Float[Tensor, " points"]:
    r"""How dense eigenvalues are in the bulk.

    .. math:: \rho(x) = \frac{\sqrt{(\lambda_+ - x)(x - \lambda_-)}}{2 \pi \gamma \sigma^2 x}
        \quad\text{between the edges}

    Args:
        law: The law.
        x: The points at which to evaluate.

    Returns:
        The density of the bulk, whose integral is :math:`\min(1, 1 / \gamma)`.

    Reference:
        Marchenko, Pastur 1967.
    """
    low, high = mp_edges(law)
    inside = (x > low) & (x < high)
    root = ((high - x) * (x - low)).clamp(min=0).sqrt()
    density = root / (2 * torch.pi * law.ratio * law.variance * torch.where(inside, x, 1))
    return torch.where(inside, density, 0)


def mp_cdf(law: MarchenkoPastur, x: Float[Tensor, " points"]) -> Float[Tensor, " points"]:
    r"""The share of eigenvalues up to x, those that are 0 included.

    .. math:: F(x) = \max(0, 1 - \tfrac1\gamma)
        + \frac{r \sin a + m a - g b}{2 \pi \gamma \sigma^2},

    with the arithmetic and geometric means of the edges, m and g, half their distance, r, and

    .. math:: \cos a = \frac{m - x}{r}, \qquad
        \tan\frac b2 = \sqrt{\frac{\lambda_+}{\lambda_-}} \, \tan\frac a2 .

    Args:
        law: The law.
        x: The points at which to evaluate.

    Reference:
        The integral of :func:`mp_density`.
    """
    root = law.ratio**0.5
    m, r, g = 1 + law.ratio, 2 * root, abs(1 - law.ratio)  # in units of the variance
    y = x.double() / law.variance
    a = ((m - y) / r).clamp(-1, 1).acos()

    # m a - g b, in terms of b - a, so that little is lost where both are nearly equal.
    less = 2 * min(1.0, law.ratio) * a
    if g > 0:
        c, s = (a / 2).cos(), (a / 2).sin()
        # tan(b / 2) = (1 + excess) tan(a / 2): the root of the ratio of the edges, less 1.
        excess = 2 * min(1.0, root) / abs(1 - root)
        less = less - g * 2 * torch.atan2(excess * s * c, 1 + excess * s.square())

    # With more rows than columns, a share of the eigenvalues is zero; it is below all others.
    zeros = max(0.0, 1 - 1 / law.ratio)
    share = zeros + (r * a.sin() + less) / (2 * torch.pi * law.ratio)
    return torch.where(x < 0, 0, share.clamp(zeros, 1)).to(x)


def fit_marchenko_pastur(
    eigenvalues: Float[Tensor, " modes"], *, outliers: int = 0
) -> MarchenkoPastur:
    r"""The law whose mean and variance are those of a spectrum.

    .. math:: \sigma^2 = \mathrm{mean}(\lambda), \qquad
        \gamma = \frac{\mathrm{var}(\lambda)}{\mathrm{mean}(\lambda)^2}

    There is nothing to set by hand. If the entries of R have unequal variances, :math:`N/\gamma`,
    with N the number of eigenvalues that are kept, is the *effective dimension*: the number of
    columns of equal variance that would spread the eigenvalues as far. For unequal columns it is
    :math:`\left(\sum_k v_k\right)^2 / \sum_k v_k^2`; rows of unequal lengths make it smaller, too.

    Args:
        eigenvalues: All N eigenvalues of :math:`\tfrac1d R R^\top`.
        outliers: The number of the largest eigenvalues that are signal and are left out.

    Raises:
        ValueError: Fewer than two different eigenvalues remain.

    Reference:
        The first two moments of Marchenko, Pastur 1967.

    >>> fit_marchenko_pastur(torch.tensor([9.0, 1.5, 0.5]), outliers=1)
    MarchenkoPastur(ratio=0.25, variance=1.0)
    """
    if not 0 <= outliers <= len(eigenvalues) - 2:
        raise ValueError(
            f"`outliers` must leave at least 2 of the {len(eigenvalues)} eigenvalues; "
            f"got {outliers}"
        )
    bulk = eigenvalues.double().sort().values[: len(eigenvalues) - outliers]
    mean, variance = float(bulk.mean()), float(bulk.var(correction=0))
    if not mean > 0 or not variance > 0:
        raise ValueError("`eigenvalues` must be positive on average, and not all the same")
    return MarchenkoPastur(variance / mean**2, mean)


def bbp_threshold(law: MarchenkoPastur) -> float:
    r"""How strong a signal must be to stand out from the noise.

    .. math:: \theta^2 = \sigma^2 \sqrt\gamma

    For :math:`R = \theta \sqrt{d} \, u v^\top + \Xi` with unit vectors u and v, that is, with
    signal :math:`\theta^2 u u^\top` in :math:`\tfrac1d R R^\top`, the top eigenvalue leaves the
    bulk if :math:`\theta^2` is larger than this; below, nothing of the signal can be seen in it.

    Args:
        law: The law of the noise.

    Reference:
        Baik, Ben Arous, Péché 2005; Benaych-Georges, Nadakuditi 2012.

    >>> bbp_threshold(MarchenkoPastur(ratio=0.25, variance=2.0))
    1.0
    """
    return law.variance * law.ratio**0.5


def outlier_eigenvalue(law: MarchenkoPastur, signal: int | float) -> float:
    r"""Where the eigenvalue of a signal is found.

    .. math:: \frac{(\sigma^2 + \theta^2)(\gamma \sigma^2 + \theta^2)}{\theta^2}
        \quad\text{above the threshold, else } \lambda_+

    Args:
        law: The law of the noise.
        signal: :math:`\theta^2`, the eigenvalue of the signal alone.

    Raises:
        ValueError: `signal` is negative or not finite.

    Reference:
        Benaych-Georges, Nadakuditi 2012, section 3.1.
    """
    _check_signal(signal)
    if signal <= bbp_threshold(law):
        return mp_edges(law)[1]
    return (law.variance + signal) * (law.ratio * law.variance + signal) / signal


def spike_overlap(law: MarchenkoPastur, signal: int | float) -> float:
    r"""How much of a signal's direction the top eigenvector holds.

    .. math:: (\hat u \cdot u)^2 = 1 - \frac{\gamma (1 + t)}{t (t + \gamma)}, \qquad
        t = \theta^2 / \sigma^2,

    above the threshold, and 0 below it.

    Args:
        law: The law of the noise.
        signal: :math:`\theta^2`, the eigenvalue of the signal alone.

    Raises:
        ValueError: `signal` is negative or not finite.

    Reference:
        Benaych-Georges, Nadakuditi 2012, section 3.1.
    """
    _check_signal(signal)
    if signal <= bbp_threshold(law):
        return 0.0
    t = signal / law.variance
    return 1 - law.ratio * (1 + t) / (t * (t + law.ratio))


def edge_fluctuation(rows: int, columns: int, variance: int | float = 1.0) -> tuple[float, float]:
    r"""Mean and standard deviation of the largest eigenvalue of finite noise.

    .. math:: \lambda_1 \approx \frac{\sigma^2}{d} (\mu + s X), \qquad
        \mu = \left(\sqrt{N'} + \sqrt{d'}\right)^2,

    .. math:: s = \left(\sqrt{N'} + \sqrt{d'}\right)
        \left(\tfrac{1}{\sqrt{N'}} + \tfrac{1}{\sqrt{d'}}\right)^{1/3},

    with :math:`N' = N - \tfrac12`, :math:`d' = d - \tfrac12` and X of the Tracy-Widom law of real
    matrices, whose mean is -1.21: finite noise stays inside its bulk on average.

    Args:
        rows: :math:`N`.
        columns: :math:`d`.
        variance: :math:`\sigma^2`, the variance of an entry of R.

    Returns:
        Both in the unit of the eigenvalues, for normally distributed entries.

    Raises:
        ValueError: There are fewer than two rows or columns, or `variance` is not positive.

    Reference:
        Johnstone 2001; Ma 2012 (the halves); Bornemann 2010 (the moments of X).
    """
    if min(rows, columns) < 2:
        raise ValueError(f"`rows` and `columns` must be at least 2; got {rows} and {columns}")
    variance = MarchenkoPastur(rows / columns, variance).variance
    a, b = (rows - 0.5) ** 0.5, (columns - 0.5) ** 0.5
    mu, s = (a + b) ** 2, (a + b) * (1 / a + 1 / b) ** (1 / 3)
    return variance / columns * (mu + s * _TW_MEAN), variance / columns * s * _TW_DEVIATION


def generalized_mp_density(
    variances: Float[Tensor, " dim"], rows: int, x: Float[Tensor, " points"]
) -> Float[Tensor, " points"]:
    r"""The bulk if the columns of R have unequal variances.

    The normalized trace m(z) of :math:`(\tfrac1d R R^\top - z)^{-1}` obeys

    .. math:: z(m) = -\frac1m + \frac1d \sum_k \frac{v_k}{1 + \tfrac{N}{d} v_k m},
        \qquad \rho(x) = \frac1\pi \, \mathrm{Im} \, m(x + i0) .

    With equal :math:`v_k` this is the law of Marchenko and Pastur. Unequal *rows* are the unequal
    columns of :math:`R^\top`: exchange N and d; the eigenvalues of :math:`\tfrac1N R^\top R` are
    d / N times those of :math:`\tfrac1d R R^\top`, apart from zeros.

    Args:
        variances: :math:`v_k`, the variance of the entries of each of the d columns.
        rows: :math:`N`.
        x: The points at which to evaluate, positive.

    Returns:
        The density of the eigenvalues that are not 0. Its integral is 1, or the number of columns
        that are not 0 divided by N, if that is less.

    Raises:
        ValueError: A variance is negative or not finite, all are 0, an x is not positive, or
            there is no row.
        RuntimeError: The equation could not be solved at some x, as happens near 0.

    Reference:
        Marchenko, Pastur 1967; Silverstein, Bai 1995.
    """
    v = _checked_variances(variances, rows)
    if not bool((x > 0).all()):
        raise ValueError("`x` must be positive")

    c, points = rows / len(v), x.to(v)
    height = 10 * (v.mean() + points)
    m = -1 / (points + 1j * height)

    # From high above the axis, where m = -1/z, down to it; each solution starts the next.
    for step in torch.linspace(0, 1, _STEPS, dtype=torch.float64):
        z = points + 1j * height ** (1 - step) * (1e-10 * points) ** step
        # Newton's method, for all points at once.
        for _ in range(_NEWTON):
            part = v / (1 + c * v * m[:, None])
            gap = m * (z - part.mean(dim=1)) + 1
            slope = z - part.mean(dim=1) + m * c * part.square().mean(dim=1)
            m = m - gap / slope

    if not bool((gap.abs() < 1e-6).all()):
        raise RuntimeError("the density was not found everywhere; leave out the points nearest 0")
    return (m.imag / torch.pi).clamp(min=0).to(x)


def generalized_mp_edge(variances: Float[Tensor, " dim"], rows: int) -> float:
    r"""Where the bulk ends if the columns of R have unequal variances.

    .. math:: \lambda_+ = \min_m \, z(m) \quad\text{over}\quad
        -\frac{d}{N \max_k v_k} < m < 0,

    with z(m) as in :func:`generalized_mp_density`. Noise stays below, up to a fluctuation
    of the order :math:`N^{-2/3}`. The law treats each column as one of many: a single one that
    is much stronger than all others gives a single eigenvalue, for which the law gives the band
    in which it may fall.

    Args:
        variances: :math:`v_k`, the variance of the entries of each of the d columns.
        rows: :math:`N`.

    Raises:
        ValueError: A variance is negative or not finite, all are 0, or there is no row.

    Reference:
        Silverstein, Choi 1995.

    >>> round(generalized_mp_edge(torch.ones(8), 2), 6)  # (1 + 1/2)^2
    2.25
    """
    from scipy.optimize import brentq

    v = _checked_variances(variances, rows)
    c, top = rows / len(v), float(v.max())

    def slope(share: float) -> float:
        """The slope of z, times m^2, at m = -share / (c v_max): it falls from 1 to -infinity."""
        m = -share / (c * top)
        return 1 - float((c * (v * m / (1 + c * v * m)).square()).mean())

    share = brentq(slope, 0, 1 - 1e-12, xtol=1e-14)
    m = -share / (c * top)
    return -1 / m + float((v / (1 + c * v * m)).mean())


def _check_signal(signal: int | float) -> None:
    if not 0 <= signal < float("inf"):
        raise ValueError(f"`signal` must be finite and not negative; got {signal}")


def _checked_variances(variances: Tensor, rows: int) -> Tensor:
    if rows < 1:
        raise ValueError(f"`rows` must be at least 1; got {rows}")
    v = variances.double()
    if not bool((v >= 0).all() & v.isfinite().all()) or not bool(v.sum() > 0):
        raise ValueError("`variances` must be finite, not negative, and not all 0")
    return v


_TW_MEAN, _TW_DEVIATION = -1.2065335745820, 1.6077810345810**0.5
_STEPS, _NEWTON = 100, 4
