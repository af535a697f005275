"""Laws of random matrices against simulated matrices, integrals and an independent package."""

import math

import numpy as np
import pytest
import torch
from freealg.distributions import DeformedMarchenkoPastur
from freealg.distributions import MarchenkoPastur as Theirs
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp, trapezoid
from scipy.special import airy

import w2vlib as w2v
from w2vlib import random_matrix

LAWS = [(0.05, 1.0), (0.3, 2.5), (1.0, 0.4), (3.0, 1.5)]
ratios, variances = st.floats(0.02, 30), st.floats(1e-3, 1e3)


def noise(rows, columns, seed=0, batch=()):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*batch, rows, columns, generator=generator, dtype=torch.float64)


def eigenvalues(R):
    return torch.linalg.eigvalsh(R @ R.mT / R.shape[-1])


class TestLaw:
    @given(ratio=ratios, variance=variances)
    def test_integrates_to_one(self, ratio, variance):
        """The density of the bulk and the share of zeros together; mean and variance."""
        assume(abs(ratio - 1) > 0.01)  # the density is infinite at 0, hard for a quadrature
        law = w2v.random_matrix.MarchenkoPastur(ratio, variance)
        low, high = w2v.random_matrix.mp_edges(law)
        # x = m + r sin(phi) takes the square roots at the edges away.
        m, r = (low + high) / 2, (high - low) / 2

        def moment(order):
            def integrand(phi):
                x = torch.tensor([m + r * math.sin(phi)], dtype=torch.float64)
                return float(w2v.random_matrix.mp_density(law, x) * x**order) * r * math.cos(phi)

            return quad(integrand, -math.pi / 2, math.pi / 2, epsabs=0, epsrel=1e-9, limit=200)[0]

        assert moment(0) + max(0, 1 - 1 / ratio) == pytest.approx(1, rel=1e-6)
        assert moment(1) == pytest.approx(variance, rel=1e-6)
        assert moment(2) - variance**2 == pytest.approx(ratio * variance**2, rel=1e-6)

    @pytest.mark.parametrize(("ratio", "variance"), LAWS)
    def test_agrees_with_an_independent_package(self, ratio, variance):
        law, theirs = (
            w2v.random_matrix.MarchenkoPastur(ratio, variance),
            Theirs(ratio, sigma=variance**0.5),
        )
        low, high = w2v.random_matrix.mp_edges(law)
        assert [low, high] == pytest.approx(list(theirs.support()[0]), abs=1e-12)
        x = torch.linspace(low + 0.01 * (high - low), 1.1 * high, 50, dtype=torch.float64)
        density = theirs.density(x.numpy())
        np.testing.assert_allclose(
            w2v.random_matrix.mp_density(law, x), density, rtol=1e-9, atol=1e-12
        )

    @given(ratio=ratios, variance=variances)
    def test_cdf_is_the_integral_of_the_density(self, ratio, variance):
        law = w2v.random_matrix.MarchenkoPastur(ratio, variance)
        low, high = w2v.random_matrix.mp_edges(law)
        inside = torch.linspace(0, 1, 22, dtype=torch.float64)[1:-1]
        x = (low + inside * (high - low)).requires_grad_()
        (slope,) = torch.autograd.grad(w2v.random_matrix.mp_cdf(law, x).sum(), x)
        torch.testing.assert_close(
            slope, w2v.random_matrix.mp_density(law, x.detach()), rtol=1e-6, atol=0
        )
        ends = torch.tensor([-1, low, high, 2 * high], dtype=torch.float64)
        zeros = max(0.0, 1 - 1 / ratio)
        expected = torch.tensor([0, zeros, 1, 1], dtype=torch.float64)
        torch.testing.assert_close(
            w2v.random_matrix.mp_cdf(law, ends), expected, rtol=0, atol=1e-6
        )

    @pytest.mark.parametrize("ratio", [1e-12, 1e-6, 1.0, 1e6])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_extreme_ratios(self, ratio, dtype):
        """The bulk is a semicircle, half of it below its middle; or 0 takes part in it."""
        law = w2v.random_matrix.MarchenkoPastur(ratio)
        root = ratio**0.5
        grid = (1 + ratio + 2 * root * torch.linspace(-1, 1, 9, dtype=torch.float64)).clamp(min=0)
        share = w2v.random_matrix.mp_cdf(law, grid.to(dtype))
        assert share.dtype == dtype and (share.diff() >= 0).all()
        if ratio == 1:  # 1/2 + (sqrt(x (4 - x)) + 2 arcsin(x / 2 - 1)) / (2 pi)
            expected = 0.5 + ((grid * (4 - grid)).sqrt() + 2 * (grid / 2 - 1).asin()) / (
                2 * math.pi
            )
            torch.testing.assert_close(share.double(), expected, rtol=1e-6, atol=1e-6)
        elif dtype == torch.float64:
            zeros = max(0.0, 1 - 1 / ratio)
            middle = (float(share[4]) - zeros) / (1 - zeros)
            assert middle == pytest.approx(0.5, abs=min(root, 1 / root) + 1e-4)

    @pytest.mark.parametrize(("rows", "columns"), [(150, 600), (400, 400), (600, 200)])
    def test_simulated_matrices_follow_it(self, rows, columns):
        """The largest gap of the distribution functions is of the order log(N) / N."""
        law = w2v.random_matrix.MarchenkoPastur(rows / columns)
        found = eigenvalues(noise(rows, columns)).clamp(min=0)
        ranks = torch.arange(1, rows + 1) / rows
        above = found > 1e-9  # zeros sit at a step of the function
        gap = (w2v.random_matrix.mp_cdf(law, found) - ranks)[above].abs().max()
        assert float(gap) < math.log(rows) / rows

    @pytest.mark.parametrize("entry", ["signs", "uniform"])
    def test_the_law_is_universal(self, entry):
        """Only mean and variance of the entries matter."""
        generator = np.random.default_rng(1)
        draws = generator.random((200, 500))
        R = torch.from_numpy(np.sign(draws - 0.5) if entry == "signs" else draws - 0.5)
        law = w2v.random_matrix.MarchenkoPastur(0.4, 1.0 if entry == "signs" else 1 / 12)
        gap = w2v.random_matrix.mp_cdf(law, eigenvalues(R)) - torch.arange(1, 201) / 200
        assert float(gap.abs().max()) < math.log(200) / 200

    @pytest.mark.parametrize("bad", [{"ratio": 0.0}, {"ratio": 1.0, "variance": float("inf")}])
    def test_impossible_laws(self, bad):
        with pytest.raises(ValueError, match="must be positive and finite"):
            w2v.random_matrix.MarchenkoPastur(**bad)


class TestFit:
    def test_finds_the_law_of_noise(self):
        """The mean is off by the error of N d squares; the ratio, like the spread, by O(1 / N)."""
        rows, columns, variance = 200, 700, 3.0
        law = w2v.random_matrix.fit_marchenko_pastur(
            eigenvalues(variance**0.5 * noise(rows, columns))
        )
        assert law.variance == pytest.approx(variance, rel=4 * (2 / (rows * columns)) ** 0.5)
        assert law.ratio == pytest.approx(rows / columns, rel=6 / rows)

    def test_leaves_a_spike_out(self):
        rows, columns = 100, 400
        signal = torch.ones(rows, 1).double() * noise(1, columns, seed=1)
        found = eigenvalues(signal + noise(rows, columns))
        law = w2v.random_matrix.fit_marchenko_pastur(found, outliers=1)
        assert law.ratio == pytest.approx(rows / columns, rel=0.1)
        assert w2v.random_matrix.fit_marchenko_pastur(found).ratio > 5 * law.ratio

    def test_effective_dimension_of_unequal_columns(self):
        """N / ratio is (sum of variances)^2 / sum of squares: known, not fitted."""
        rows, v = 300, torch.arange(1, 801).double() ** -0.6
        found = eigenvalues(noise(rows, 800) * v.sqrt())
        dimension = float(v.sum() ** 2 / v.square().sum())
        law = w2v.random_matrix.fit_marchenko_pastur(found)
        # The squares of the lengths of columns fluctuate: v^2 |z|^4, by 8 / N relative to N^2.
        error = float((8 / rows * (v**4).sum()).sqrt() / v.square().sum())
        assert rows / law.ratio == pytest.approx(dimension, rel=4 * error)

    @pytest.mark.parametrize("outliers", [-1, 2, 3])
    def test_too_few_eigenvalues(self, outliers):
        with pytest.raises(ValueError, match="must leave at least 2 of the 3"):
            w2v.random_matrix.fit_marchenko_pastur(
                torch.tensor([3.0, 2.0, 1.0]), outliers=outliers
            )

    def test_no_spread(self):
        with pytest.raises(ValueError, match="not all the same"):
            w2v.random_matrix.fit_marchenko_pastur(torch.ones(4))


class TestSpike:
    """One planted direction, theta sqrt(d) u v^T, in noise of variance sigma^2."""

    rows, columns, variance = 600, 1500, 2.0
    law = w2v.random_matrix.MarchenkoPastur(600 / 1500, 2.0)

    def top(self, strength):
        """Eigenvalue, and overlap with the planted direction, averaged over five matrices."""
        u, v = (torch.nn.functional.normalize(noise(n, 1, seed=2), dim=0) for n in (600, 1500))
        values, overlaps = [], []
        for seed in range(5):
            R = self.variance**0.5 * noise(self.rows, self.columns, seed=10 + seed)
            R = R + (strength * self.columns) ** 0.5 * u @ v.T
            found = torch.linalg.eigh(R @ R.T / self.columns)
            values.append(float(found.eigenvalues[-1]))
            overlaps.append(float(found.eigenvectors[:, -1] @ u[:, 0]) ** 2)
        return np.mean(values), np.mean(overlaps)

    @pytest.mark.parametrize("times", [1.5, 2.0, 4.0, 20.0])
    def test_stands_out_above_the_threshold(self, times):
        """Fluctuations are of the order N^(-1/2), a little more next to the threshold."""
        strength = times * w2v.random_matrix.bbp_threshold(self.law)
        value, overlap = self.top(strength)
        scale = self.rows**-0.5
        assert value == pytest.approx(
            w2v.random_matrix.outlier_eigenvalue(self.law, strength), rel=1.5 * scale
        )
        assert overlap == pytest.approx(
            w2v.random_matrix.spike_overlap(self.law, strength), abs=1.5 * scale
        )

    @pytest.mark.parametrize("times", [0.0, 0.3, 0.6])
    def test_cannot_be_seen_below(self, times):
        """The top eigenvalue is that of noise, and its direction has nothing of the signal's."""
        value, overlap = self.top(times * w2v.random_matrix.bbp_threshold(self.law))
        mean, deviation = w2v.random_matrix.edge_fluctuation(
            self.rows, self.columns, self.variance
        )
        assert value == pytest.approx(mean, abs=5 * deviation)
        assert overlap < 25 / self.rows
        strength = times * w2v.random_matrix.bbp_threshold(self.law)
        assert w2v.random_matrix.spike_overlap(self.law, strength) == 0
        assert (
            w2v.random_matrix.outlier_eigenvalue(self.law, strength)
            == w2v.random_matrix.mp_edges(self.law)[1]
        )

    def test_threshold_is_where_both_laws_begin(self):
        """Solved for: the signal at which the formula of the outlier touches the edge."""
        law = self.law
        edge = w2v.random_matrix.mp_edges(law)[1]
        b = law.variance * (1 + law.ratio) - edge  # signal^2 + b signal + c = 0, twice the same
        assert w2v.random_matrix.bbp_threshold(law) == pytest.approx(-b / 2)
        assert b**2 == pytest.approx(4 * law.ratio * law.variance**2)

    @given(ratio=ratios, variance=variances)
    def test_both_are_continuous_at_the_threshold(self, ratio, variance):
        law = w2v.random_matrix.MarchenkoPastur(ratio, variance)
        just_above = w2v.random_matrix.bbp_threshold(law) * (1 + 1e-7)
        edge = w2v.random_matrix.mp_edges(law)[1]
        assert w2v.random_matrix.outlier_eigenvalue(law, just_above) == pytest.approx(
            edge, rel=1e-9
        )
        assert w2v.random_matrix.spike_overlap(law, just_above) == pytest.approx(0, abs=1e-6)

    @pytest.mark.parametrize(
        "law_of", [w2v.random_matrix.outlier_eigenvalue, w2v.random_matrix.spike_overlap]
    )
    @pytest.mark.parametrize("signal", [-1.0, math.nan, math.inf])
    def test_impossible_signal(self, law_of, signal):
        with pytest.raises(ValueError, match="`signal` must be finite and not negative"):
            law_of(self.law, signal)


class TestEdge:
    def test_moments_of_the_tracy_widom_law(self):
        """The law from the solution of q'' = x q + 2 q^3 that decays like Airy's function."""
        start = 6.0
        q, slope = airy(start)[:2]
        points = np.linspace(start, -7.5, 4001)

        def flow(x, y):  # q, q', integral of q, of q^2, of (t - x) q^2, from infinity
            return [y[1], x * y[0] + 2 * y[0] ** 3, -y[0], -(y[0] ** 2), -y[3]]

        solution = solve_ivp(
            flow,
            (start, points[-1]),
            [q, slope, 0, 0, 0],
            "DOP853",
            points,
            rtol=1e-12,
            atol=1e-15,
        )
        _, _, integral, _, moment = solution.y
        F, x = np.exp(-(integral + moment) / 2)[::-1], points[::-1]
        mean = x[-1] - trapezoid(F, x)
        second = x[-1] ** 2 - trapezoid(2 * x * F, x)
        assert mean == pytest.approx(random_matrix._TW_MEAN, abs=2e-4)
        deviation = (second - mean**2) ** 0.5
        assert deviation == pytest.approx(random_matrix._TW_DEVIATION, abs=1e-3)

    @pytest.mark.parametrize(("rows", "columns"), [(27, 200), (60, 60), (80, 20)])
    def test_simulated_matrices(self, rows, columns):
        """The law is approached at the rate N^(-2/3); 2,000 draws add sampling error."""
        draws, variance = 2000, 0.5
        top = eigenvalues(variance**0.5 * noise(rows, columns, batch=(draws,)))[:, -1]
        mean, deviation = w2v.random_matrix.edge_fluctuation(rows, columns, variance)
        rate = min(rows, columns) ** (-2 / 3)
        error = abs(float(top.mean()) - mean) / deviation
        assert error < 4 / draws**0.5 + rate
        assert float(top.std()) == pytest.approx(deviation, rel=4 / (2 * draws) ** 0.5 + rate)
        assert (
            mean
            < w2v.random_matrix.mp_edges(
                w2v.random_matrix.MarchenkoPastur(rows / columns, variance)
            )[1]
        )

    def test_halves_make_it_exact_to_second_order(self):
        """In matrices of 8 x 8 the mean without them is off by a tenth of a deviation more."""
        top = eigenvalues(noise(8, 8, batch=(20_000,)))[:, -1]
        mean, deviation = w2v.random_matrix.edge_fluctuation(8, 8)
        error = abs(float(top.mean()) - mean) / deviation
        larger = (
            w2v.random_matrix.edge_fluctuation(9, 9)[0] * 9 / 8
        )  # N + 1 and d + 1 rows and columns
        assert error < 0.15 < abs(float(top.mean()) - larger) / deviation

    def test_impossible(self):
        with pytest.raises(ValueError, match="must be at least 2; got 1 and 5"):
            w2v.random_matrix.edge_fluctuation(1, 5)
        with pytest.raises(ValueError, match="`variance` must be positive and finite; got -1"):
            w2v.random_matrix.edge_fluctuation(5, 5, -1.0)


class TestUnequalColumns:
    @pytest.mark.parametrize(("ratio", "variance"), LAWS[:2])
    def test_equal_columns_are_the_plain_law(self, ratio, variance):
        columns = 200
        law = w2v.random_matrix.MarchenkoPastur(ratio, variance)
        v = torch.full((columns,), variance)
        low, high = w2v.random_matrix.mp_edges(law)
        x = torch.linspace(low, high, 42, dtype=torch.float64)[1:-1]
        density = w2v.random_matrix.generalized_mp_density(v, int(ratio * columns), x)
        torch.testing.assert_close(
            density, w2v.random_matrix.mp_density(law, x), rtol=1e-4, atol=0
        )
        edge = w2v.random_matrix.generalized_mp_edge(v, int(ratio * columns))
        assert edge == pytest.approx(high, rel=1e-9)

    @pytest.mark.filterwarnings("ignore::RuntimeWarning:freealg")
    def test_agrees_with_an_independent_package(self):
        """Their matrix is divided by the number of rows, and also counts the zeros."""
        atoms, shares, columns, rows = [1.0, 3.0, 8.0], [0.5, 0.3, 0.2], 200, 60
        v = torch.tensor(atoms).repeat_interleave(torch.tensor([100, 60, 40]))
        theirs = DeformedMarchenkoPastur(atoms, shares, c=columns / rows)
        edge = w2v.random_matrix.generalized_mp_edge(v, rows)
        scale = columns / rows
        support = theirs.support(eta=1e-7, thr=1e-7)
        assert edge * scale == pytest.approx(support[-1][1], rel=1e-6)
        x = torch.linspace(0.35, 1.02 * edge, 60, dtype=torch.float64)
        density = torch.from_numpy(theirs.density(x.numpy() * scale, eta=1e-9)) * scale**2
        found = w2v.random_matrix.generalized_mp_density(v, rows, x)
        torch.testing.assert_close(found, density, rtol=1e-6, atol=1e-7)

    def test_simulated_matrices(self):
        """Variances of a power law, like an embedding's, ten columns of each."""
        rows, v = 150, (torch.arange(1, 61).double() ** -0.6).repeat_interleave(10)
        found = torch.cat([eigenvalues(noise(rows, 600, seed) * v.sqrt()) for seed in range(10)])
        edge = w2v.random_matrix.generalized_mp_edge(v, rows)
        x = torch.linspace(float(found.min()) * 0.8, edge, 400, dtype=torch.float64)
        density = w2v.random_matrix.generalized_mp_density(v, rows, x)
        cdf = torch.cumulative_trapezoid(density, x)
        assert float(cdf[-1]) == pytest.approx(1, abs=2e-3)
        share = (found[None] <= x[1:, None]).double().mean(dim=1)
        assert float((share - cdf).abs().max()) < math.log(rows) / rows
        top = found.reshape(10, rows)[:, -1]
        assert float(top.mean()) == pytest.approx(edge, rel=rows ** (-2 / 3))

    def test_unequal_rows_by_transposition(self):
        """Rows of lengths 1 and 3: the matrix the other way around, in its own units."""
        rows, columns, v = 150, 400, torch.tensor([1.0, 9.0]).repeat_interleave(75).double()
        found = torch.cat(
            [eigenvalues(noise(rows, columns, s) * v.sqrt()[:, None]) for s in (0, 1)]
        )
        scale = columns / rows
        edge = w2v.random_matrix.generalized_mp_edge(v, columns) / scale
        assert float(found.max()) == pytest.approx(edge, rel=rows ** (-2 / 3))
        x = torch.linspace(float(found.min()) * 0.8, edge, 800, dtype=torch.float64)
        density = scale**2 * w2v.random_matrix.generalized_mp_density(v, columns, scale * x)
        cdf = torch.cumulative_trapezoid(density, x)
        assert float(cdf[-1]) == pytest.approx(1, abs=5e-3)
        share = (found[None] <= x[1:, None]).double().mean(dim=1)
        assert float((share - cdf).abs().max()) < math.log(rows) / rows

    def test_columns_of_zeros(self):
        """They are not there, but for the unit: d counts them."""
        v = torch.tensor([2.0, 0.0]).repeat_interleave(50)
        x = torch.linspace(0.5, 3, 20, dtype=torch.float64)
        padded = w2v.random_matrix.generalized_mp_density(v, 20, x / 2)
        torch.testing.assert_close(
            padded / 2, w2v.random_matrix.generalized_mp_density(v[:50], 20, x)
        )
        edges = [w2v.random_matrix.generalized_mp_edge(u, 20) for u in (v, v[:50])]
        assert edges[0] == pytest.approx(edges[1] / 2)

    def test_points_far_apart(self):
        """Each as exact as if it were alone; next to an atom at 0 nothing leaks out of it."""
        law, v = w2v.random_matrix.MarchenkoPastur(0.5), torch.ones(20)
        x = torch.tensor([1.0, 1e8], dtype=torch.float64)
        torch.testing.assert_close(
            w2v.random_matrix.generalized_mp_density(v, 10, x),
            w2v.random_matrix.mp_density(law, x),
        )
        x = torch.tensor([1e-5, 1e-3, 300.0], dtype=torch.float64)
        density = w2v.random_matrix.generalized_mp_density(torch.ones(2), 200, x)
        torch.testing.assert_close(density, torch.zeros(3).double(), rtol=0, atol=1e-4)

    def test_no_solution_is_no_silent_number(self, monkeypatch):
        monkeypatch.setattr(random_matrix, "_STEPS", 1)
        monkeypatch.setattr(random_matrix, "_NEWTON", 1)
        with pytest.raises(RuntimeError, match="leave out the points nearest 0"):
            w2v.random_matrix.generalized_mp_density(torch.ones(4), 2, torch.ones(1))

    def test_no_rows(self):
        for verb in (
            w2v.random_matrix.generalized_mp_edge,
            lambda v, rows: w2v.random_matrix.generalized_mp_density(v, rows, torch.ones(1)),
        ):
            with pytest.raises(ValueError, match="`rows` must be at least 1; got 0"):
                verb(torch.ones(3), 0)

    @pytest.mark.parametrize("bad", [[-1.0, 2.0], [0.0, 0.0], [math.nan, 1.0]])
    def test_impossible_variances(self, bad):
        with pytest.raises(ValueError, match="must be finite, not negative"):
            w2v.random_matrix.generalized_mp_edge(torch.tensor(bad), 3)
        with pytest.raises(ValueError, match="must be finite, not negative"):
            w2v.random_matrix.generalized_mp_density(torch.tensor(bad), 3, torch.ones(1))

    def test_points_must_be_positive(self):
        with pytest.raises(ValueError, match="`x` must be positive"):
            w2v.random_matrix.generalized_mp_density(torch.ones(3), 2, torch.tensor([-1.0, 1.0]))
