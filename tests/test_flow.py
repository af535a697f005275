"""The flow in closed form against numerical integration, limits and gradient descent."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp
from support import unchecked

import w2vlib as w2v
from w2vlib import flow

VOCABULARY = w2v.Vocabulary(tuple("abcdefgh"), torch.arange(8, 0, -1))
VALUES = torch.tensor([3.0, 2.0, 1.5, 0.7, 0.0, -0.5, -1.0, -6.0], dtype=torch.float64)


def rotation(size, seed=0):
    noise = torch.randn(size, size, generator=torch.Generator().manual_seed(seed))
    return torch.linalg.qr(noise.double()).Q


def noise(rows, columns, scale=1.0, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(rows, columns, generator=generator, dtype=torch.float64)


@pytest.fixture
def target():
    """Symmetric, with positive, zero and negative eigenvalues; the largest in size is negative."""
    U = rotation(8)
    return (U * VALUES) @ U.T


@pytest.fixture
def spectrum(target):
    return w2v.top_eigenpairs(target, k=3)


class TestStrengths:
    @given(
        eigenvalue=st.floats(-50, 50).filter(lambda x: x == 0 or abs(x) > 1e-9),
        initial=st.floats(1e-12, 10),
        time=st.floats(0, 30),
    )
    def test_against_many_digits(self, eigenvalue, initial, time):
        mp.dps = 60
        growth = mp.exp(mp.mpf(eigenvalue) * mp.mpf(time))
        rate = mp.mpf(time) if eigenvalue == 0 else (growth - 1) / mp.mpf(eigenvalue)
        expected = float(mp.mpf(initial) * growth / (1 + mp.mpf(initial) * rate))
        given = (torch.tensor([x], dtype=torch.float64) for x in (eigenvalue, initial, time))
        assert float(flow.mode_strengths(*given)) == pytest.approx(expected, rel=1e-11, abs=1e-300)

    def test_solves_its_equation(self):
        """d s^2 / dt = s^2 (lambda - s^2), by automatic differentiation in t."""
        times = torch.linspace(0, 9, 50, dtype=torch.float64).requires_grad_()
        strengths = flow.mode_strengths(VALUES, torch.full_like(VALUES, 1e-2), times)
        for k, eigenvalue in enumerate(VALUES):
            (slope,) = torch.autograd.grad(strengths[:, k].sum(), times, retain_graph=True)
            s2 = strengths[:, k]
            torch.testing.assert_close(slope, s2 * (eigenvalue - s2), rtol=1e-9, atol=1e-12)

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_limits(self, dtype):
        values = torch.tensor([1e6, 1.0, 0.0, -1.0, -1e6, 2.0], dtype=dtype)
        initial = torch.tensor([1e-24, 1e-24, 0.5, 0.5, 0.5, 0.0], dtype=dtype)
        times = torch.tensor([0.0, 1e6, torch.inf], dtype=dtype)
        strengths = flow.mode_strengths(values, initial, times)
        assert strengths.dtype == dtype
        torch.testing.assert_close(strengths[0], initial)
        torch.testing.assert_close(strengths[2], torch.tensor([1e6, 1, 0, 0, 0, 0], dtype=dtype))
        assert float(strengths[1, 2]) == pytest.approx(0.5 / (1 + 0.5e6), rel=1e-6)
        assert bool(strengths.isfinite().all())

    def test_half_way_at_the_learning_time(self):
        values, initial = VALUES[:4], torch.full((4,), 1e-9, dtype=torch.float64)
        tau = flow.learning_times(values, initial)
        half = flow.mode_strengths(values, initial, tau).diagonal()
        torch.testing.assert_close(half, values**2 / (2 * values - initial))

    def test_width_of_a_step(self):
        values, initial = torch.tensor([[2.5], [1e-10]], dtype=torch.float64)
        center, width = float(flow.learning_times(values, initial)), 2 * math.log(9) / 2.5
        edges = torch.tensor([center - width / 2, center + width / 2], dtype=torch.float64)
        shares = flow.mode_strengths(values, initial, edges)[:, 0] / values
        np.testing.assert_allclose(shares, [0.1, 0.9], atol=1e-8)

    def test_modes_that_are_never_learned(self):
        initial = torch.tensor([1e-3, 1e-3, 0.0, 5.0]).double()
        tau = flow.learning_times(torch.tensor([0.0, -1.0, 2.0, 2.0]).double(), initial)
        assert tau[:3].tolist() == [math.inf] * 3
        assert float(tau[3]) == pytest.approx(math.log(2 / 5) / 2)

    def test_order_and_number(self):
        initial = torch.full((8,), 1e-8, dtype=torch.float64)
        tau = flow.learning_times(VALUES, initial)
        assert bool((tau[:4].diff() > 0).all())
        for d in range(4):
            between = float(tau[d] + tau[d + 1]) / 2 if d < 3 else 2 * float(tau[3])
            assert flow.modes_learned(VALUES, initial, between) == d + 1


class TestEmbedding:
    def test_grows_into_the_spectral_embedding(self, spectrum):
        final = w2v.spectral_embedding(spectrum, VOCABULARY).vectors
        for time in (1e3, torch.inf):
            grown = flow.flow_embedding(spectrum, VOCABULARY, time)
            torch.testing.assert_close(grown.vectors, final)

    def test_is_the_flow_from_an_aligned_start(self, target, spectrum):
        initial = torch.tensor([1e-2, 3e-2, 1e-3]).double()
        start = flow.flow_embedding(spectrum, VOCABULARY, 0, initial=initial).vectors
        torch.testing.assert_close(start, spectrum.eigenvectors * initial.sqrt())
        times = torch.tensor([0.5, 2.0, 6.0]).double()
        numerical = flow.integrate_flow(target, start, times, tolerance=1e-11)
        for time, factor in zip(times.tolist(), numerical.factors, strict=True):
            closed = flow.flow_embedding(spectrum, VOCABULARY, time, initial=initial).vectors
            torch.testing.assert_close(closed, factor, rtol=1e-8, atol=1e-9)

    def test_stopping_early_is_truncating_the_rank(self):
        """Between tau_d and tau_{d+1}, W W^T is nearly the best approximation of rank d."""
        values = torch.tensor([16.0, 8.0, 4.0, 2.0]).double()
        U = rotation(8)[:, :4]
        full = w2v.Spectrum(values, U)
        initial = torch.full((4,), 1e-12).double()
        tau = flow.learning_times(values, initial)
        for d in (1, 2, 3):
            time = float((tau[d - 1] * tau[d]).sqrt())
            W = flow.flow_embedding(full, VOCABULARY, time, initial=1e-12).vectors
            best = (U[:, :d] * values[:d]) @ U[:, :d].T
            error = float((W @ W.T - best).norm() / best.norm())
            assert error < 1e-2
            assert flow.modes_learned(values, initial, time) == d


class TestGram:
    @pytest.mark.parametrize("dim", [1, 3, 8, 11])
    @pytest.mark.parametrize("scale", [1e-4, 1.0])
    def test_against_integration(self, target, dim, scale):
        start = noise(8, dim, scale)
        times = torch.tensor([0.3, 1.0, 4.0]).double()
        numerical = flow.integrate_flow(target, start, times, tolerance=1e-11)
        for time, factor in zip(times.tolist(), numerical.factors, strict=True):
            gram = flow.gram_at(target, start, time)
            torch.testing.assert_close(gram, factor @ factor.T, rtol=1e-7, atol=1e-9)

    def test_start(self, target):
        start = noise(8, 3)
        torch.testing.assert_close(flow.gram_at(target, start, 0), start @ start.T)
        torch.testing.assert_close(flow.gram_at(target, start, 1e-12), start @ start.T)

    @given(first=st.floats(0.01, 5), second=st.floats(0.01, 5), seed=st.integers(0, 99))
    def test_semigroup(self, first, second, seed):
        U = rotation(8, seed)
        target, start = (U * VALUES) @ U.T, noise(8, 2, seed=seed)
        middle = flow.gram_at(target, start, first)
        values, vectors = torch.linalg.eigh(middle)
        factor = (vectors * values.clamp(min=0).sqrt())[:, -2:]
        twice = flow.gram_at(target, factor, second)
        torch.testing.assert_close(
            twice, flow.gram_at(target, start, first + second), rtol=1e-6, atol=1e-8
        )

    @pytest.mark.parametrize("dim", [2, 4, 6])
    def test_limit_and_no_overflow(self, target, dim):
        """All positive modes are learned that fit; negative ones die."""
        U = rotation(8)
        for factor, time in ((1, 200.0), (1000, 1e4)):
            gram = flow.gram_at(target * factor, noise(8, dim), time)
            d = min(dim, 4)
            best = (U[:, :d] * VALUES[:d] * factor) @ U[:, :d].T
            remaining = 2 / time if dim > 4 else 0  # the zero mode dies like 1 / t
            torch.testing.assert_close(gram, best, rtol=1e-9, atol=1e-9 * factor + remaining)

    def test_start_that_lacks_directions(self, target):
        start = noise(8, 3)
        start[:, 1] = 2 * start[:, 0]
        start[:, 2] = 0
        numerical = flow.integrate_flow(target, start, torch.tensor([2.0]).double())
        expected = numerical.factors[0] @ numerical.factors[0].T
        torch.testing.assert_close(
            flow.gram_at(target, start, 2.0), expected, rtol=1e-6, atol=1e-7
        )


class TestSmallRandomStarts:
    """Result 3: they follow the aligned solution, with the right strengths to begin with."""

    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_error_vanishes_with_the_scale(self, seed):
        U = rotation(8)
        values = torch.tensor([8.0, 4.0, 2.0]).double()
        target, full = (U[:, :3] * values) @ U[:, :3].T, w2v.Spectrum(values, U[:, :3])
        errors = []
        for scale in (1e-2, 1e-4, 1e-6):
            start = noise(8, 3, scale, seed)
            initial = flow.aligned_strengths(full, start)
            times = torch.linspace(0.2, 1.5, 60).double() * flow.learning_times(values, initial)[2]
            singular = torch.stack(
                [
                    torch.linalg.eigvalsh(flow.gram_at(target, start, float(t))).flip(0)[:3]
                    for t in times
                ]
            )
            predicted = flow.mode_strengths(values, initial, times).sort(1, descending=True).values
            errors.append(float((singular - predicted).abs().max()))
        assert errors[0] > errors[1] > errors[2]
        assert errors[2] < 0.01

    def test_singular_values_of_the_start_are_too_early(self):
        U = rotation(60)
        values = torch.linspace(20, 1, 60).double()
        full = w2v.Spectrum(values[:20], U[:, :20])
        start = noise(60, 20, 1e-3)
        right = flow.learning_times(values[:20], flow.aligned_strengths(full, start))
        naive = flow.learning_times(values[:20], torch.linalg.svdvals(start) ** 2)
        target = (U * values) @ U.T
        for k in (0, 4, 9):
            crossing = next(
                float(t)
                for t in torch.linspace(0.5, 1.5, 60) * right[k]
                if float(U[:, k] @ flow.gram_at(target, start, float(t)) @ U[:, k]) > values[k] / 2
            )
            assert abs(crossing - right[k]) < 0.5 * abs(crossing - naive[k])

    def test_modes_beyond_the_dimensions_start_at_zero(self, spectrum):
        strengths = flow.aligned_strengths(spectrum, noise(8, 2))
        assert float(strengths[2]) == 0 and bool((strengths[:2] > 0).all())


class TestUntied:
    @pytest.mark.parametrize("shape", [(8, 8), (8, 5), (4, 8)])
    def test_against_integration(self, shape):
        target = noise(*shape, seed=4)
        W, context = flow.untied_factors(target, 3, 0, initial=1e-2)
        times = torch.tensor([1.0, 5.0]).double()
        numerical = flow.integrate_flow(target, W, times, initial_context=context, tolerance=1e-11)
        for n, time in enumerate(times.tolist()):
            W, context = flow.untied_factors(target, 3, time, initial=1e-2)
            torch.testing.assert_close(W, numerical.factors[n], rtol=1e-7, atol=1e-9)
            torch.testing.assert_close(context, numerical.contexts[n], rtol=1e-7, atol=1e-9)

    def test_negative_directions_are_learned_with_opposite_signs(self, target):
        W, context = flow.untied_factors(target, 1, torch.inf)
        torch.testing.assert_close(W, -context)
        torch.testing.assert_close((W @ context.T).trace(), VALUES[-1])

    def test_conserved_balance(self, target):
        W, context = noise(8, 3, 0.3, 5), noise(8, 3, 0.3, 6)
        path = flow.integrate_flow(
            target,
            W,
            torch.tensor([1.0, 8.0]).double(),
            initial_context=context,
            tolerance=1e-11,
        )
        for n in range(len(path)):
            now = path.factors[n].T @ path.factors[n] - path.contexts[n].T @ path.contexts[n]
            torch.testing.assert_close(now, W.T @ W - context.T @ context, rtol=1e-7, atol=1e-8)

    def test_half_as_fast_as_tied(self):
        target = torch.diag(torch.tensor([3.0, 1.0]).double())
        W, context = flow.untied_factors(target, 2, 4.0, initial=1e-3)
        tied = flow.mode_strengths(
            torch.tensor([3.0, 1.0]).double(),
            torch.full((2,), 1e-3).double(),
            torch.tensor([2.0]).double(),
        )
        torch.testing.assert_close((W @ context.T).diagonal(), tied[0])


def test_gradient_descent_converges_to_the_flow_with_order_one(target):
    """t = 2 g x learning rate x steps, on the loss (g/4) ||W W^T - M||^2."""
    g, time = 0.7, 1.5
    start = noise(8, 3, 0.1)
    exact = flow.integrate_flow(target, start, torch.tensor([time]).double()).factors[0]
    steps, errors = [200, 400, 800], []
    for count in steps:
        learning_rate = time / (2 * g * count)
        W = start.clone()
        for _ in range(count):
            W = W.requires_grad_()
            loss = g / 4 * (W @ W.T - target).square().sum()
            (gradient,) = torch.autograd.grad(loss, W)
            W = (W - learning_rate * gradient).detach()
        errors.append(float((W - exact).norm()))
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert slope == pytest.approx(-1, abs=0.05)


def test_loss_falls_by_the_square_of_each_eigenvalue():
    values = torch.tensor([9.0, 3.0, 1.0]).double()
    U = rotation(8)[:, :3]
    target, initial = (U * values) @ U.T, 1e-14
    tau = flow.learning_times(values, torch.full((3,), initial).double())
    plateaus = [0.0, float((tau[0] * tau[1]).sqrt()), float((tau[1] * tau[2]).sqrt()), 100.0]
    losses = []
    for time in plateaus:
        W = flow.flow_embedding(w2v.Spectrum(values, U), VOCABULARY, time, initial=initial).vectors
        losses.append(float((W @ W.T - target).square().sum()))
    np.testing.assert_allclose(-np.diff(losses), values**2, rtol=1e-2)


def test_trajectory_noun(target):
    path = flow.integrate_flow(target, noise(8, 2), torch.tensor([0.0, 1.0]).double())
    torch.testing.assert_close(path.factors[0], noise(8, 2))
    torch.testing.assert_close(path.singular_values[1], torch.linalg.svdvals(path.factors[1]))


class TestBadInput:
    def test_negative_or_nan(self):
        ones = torch.ones(1)
        for initial, times, name in (
            (-ones, ones, "initial"),
            (ones * torch.nan, ones, "initial"),
            (ones, -ones, "times"),
        ):
            with pytest.raises(ValueError, match=f"`{name}` must not be negative or NaN"):
                flow.mode_strengths(ones, initial, times)

    def test_times(self, target):
        start = noise(8, 2)
        for times in (torch.tensor([1.0, 1.0]), torch.tensor([2.0, 1.0]), torch.tensor([])):
            with pytest.raises(ValueError, match="`times` must increase"):
                flow.integrate_flow(target, start, times.double())
        for time in (-1.0, math.inf, math.nan):
            with pytest.raises(ValueError, match="`time` must be finite and not negative"):
                flow.gram_at(target, start, time)

    def test_sizes(self, target, spectrum):
        start = noise(7, 2)
        calls = (
            lambda: unchecked(flow.gram_at)(target, start, 1.0),
            lambda: unchecked(flow.integrate_flow)(target, start, torch.ones(1)),
            lambda: flow.aligned_strengths(spectrum, start),
        )
        for call in calls:
            with pytest.raises(ValueError, match=r"`initial` must have 8 rows.*got 7"):
                call()
        for dim in (0, 9):
            with pytest.raises(ValueError, match=r"`dim` must be in \[1, 8\]"):
                flow.untied_factors(target, dim, 1.0)
