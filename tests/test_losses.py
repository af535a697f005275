"""Losses: their slopes by finite differences, their minima, and how fast the expansion fails."""

import math

import pytest
import torch

import w2vlib as w2v
from w2vlib.training._pair_blocks import pair_slope

LOSSES = {
    "sgns": w2v.sgns_loss,
    "qwem": w2v.qwem_loss,
    "spectral": w2v.spectral_contrastive_loss,
    "glove": lambda s, A, B: w2v.glove_loss(s, A, maximum=0.7),
    "square": w2v.contrastive_loss(lambda s: (1 - s) ** 2, lambda s: (1 + s) ** 2),
}


def weights(size=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(3, size, size, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_by_finite_differences(name):
    s, positive, negative = weights()
    s = (4 * s - 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda s: LOSSES[name](s, positive, negative), s)


@pytest.mark.parametrize("name", LOSSES)
def test_slope_is_the_derivative(name):
    s, positive, negative = weights(seed=1)
    step = 1e-6
    up, down = (LOSSES[name](s + sign * step, positive, negative) for sign in (1, -1))
    slope = pair_slope(LOSSES[name], s, positive, negative)
    torch.testing.assert_close(slope, (up - down) / (2 * step), rtol=1e-7, atol=1e-8)
    assert not slope.requires_grad


def minimizer(loss, positive, negative):
    """By bisection of the slope, which increases."""
    low, high = torch.full_like(positive, -50), torch.full_like(positive, 50)
    for _ in range(80):
        middle = (low + high) / 2
        rising = pair_slope(loss, middle, positive, negative) > 0
        low, high = torch.where(rising, low, middle), torch.where(rising, middle, high)
    return low


def test_unconstrained_minima(toy_statistics):
    """Shifted PMI for word2vec, M* for the quartic loss, the ratio for the spectral one."""
    k = 3
    reweighting = w2v.word2vec_reweighting(toy_statistics, negatives=k, exponent=1, sample=None)
    A, B = w2v.pair_weights(toy_statistics, reweighting)
    seen = A > 0
    sgns = minimizer(w2v.sgns_loss, A, B)
    expected = w2v.pmi(toy_statistics) - math.log(k)
    torch.testing.assert_close(sgns[seen], expected[seen], rtol=0, atol=1e-9)
    qwem = minimizer(w2v.qwem_loss, A, B)
    torch.testing.assert_close(
        qwem, w2v.qwem_target(toy_statistics, reweighting), rtol=0, atol=1e-9
    )
    spectral = minimizer(w2v.spectral_contrastive_loss, A, B)
    torch.testing.assert_close(spectral, A / B, rtol=1e-9, atol=1e-9)


def test_expansion_has_an_error_of_fourth_order():
    s = torch.tensor([0.4, 0.2, 0.1], dtype=torch.float64)
    error = torch.nn.functional.softplus(-s) - w2v.quartic_expansion(s)
    torch.testing.assert_close(error, -(s**4) / 192, rtol=0.02, atol=0)
    orders = (error[:-1] / error[1:]).log2()
    assert ((orders - 4).abs() < 0.02).all()


def test_quartic_loss_is_twice_the_expansion():
    s, positive, negative = weights(seed=2)
    expansion = positive * w2v.quartic_expansion(s) + negative * w2v.quartic_expansion(-s)
    constant = math.log(2) * (positive + negative)
    quartic = w2v.qwem_loss(s, positive, negative)
    torch.testing.assert_close(quartic, 2 * (expansion - constant))


def test_quartic_loss_is_a_weighted_factorization():
    s, A, B = weights(seed=3)
    G, M = A + B, (A - B) / ((A + B) / 2)
    difference = w2v.qwem_loss(s, A, B) - G / 4 * (s - M).square()
    torch.testing.assert_close(difference, -G / 4 * M.square())


def test_glove_by_hand():
    counts = torch.tensor([0.0, 50.0, 100.0, 400.0], dtype=torch.float64)
    s = torch.tensor([3.0, 1.0, 1.0, 1.0], dtype=torch.float64)
    expected = [
        0,
        0.5**0.75 * (1 - math.log(50)) ** 2,
        (1 - math.log(100)) ** 2,
        (1 - math.log(400)) ** 2,
    ]
    assert w2v.glove_loss(s, counts).tolist() == pytest.approx(expected)


def test_infonce_is_the_limit_of_cross_entropies(toy_statistics):
    """Against the loss of a batch: the true partner among n others, on average."""
    P = toy_statistics.joint
    generator = torch.Generator().manual_seed(0)
    s = torch.randn(12, 12, generator=generator, dtype=torch.float64)
    exact = float(w2v.infonce_loss(s, P))
    n, batches = 1000, 400
    flat = torch.multinomial(P.flatten(), batches, replacement=True, generator=generator)
    i, j = flat // 12, flat % 12
    unigram = toy_statistics.unigram
    others = torch.multinomial(unigram, n * batches, replacement=True, generator=generator)
    partition = s[i][:, None].expand(-1, n, -1).gather(2, others.view(batches, n, 1))
    losses = torch.logsumexp(partition.squeeze(2), 1) - math.log(n) - s[i, j]
    error = float(losses.std()) / batches**0.5
    assert abs(float(losses.mean()) - exact) < 4 * error
