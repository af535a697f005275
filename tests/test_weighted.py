"""Weighted factorization: where it has a closed form, and where it has not."""

import pytest
import torch
from support import unchecked

import w2vlib as w2v


def matrix(size=12, seed=0):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(size, size, generator=generator, dtype=torch.float64)
    return noise + noise.T


def error(words, contexts, target, weights):
    return float((weights * (words @ contexts.T - target).square()).sum())


def test_equal_weights_give_the_truncated_svd():
    M = matrix()
    found = w2v.factorize_weighted(M, torch.ones_like(M), 4, sweeps=200)
    U, s, Vh = torch.linalg.svd(M)
    best = (U[:, :4] * s[:4]) @ Vh[:4]
    torch.testing.assert_close(found.words @ found.contexts.T, best, rtol=0, atol=1e-6)
    assert float(found.errors[-1]) == pytest.approx(float(s[4:].square().sum()))


def test_weights_of_rank_one_have_a_closed_form():
    """Against Proposition 2, for a target whose top modes are positive."""
    generator = torch.Generator().manual_seed(1)
    factor = torch.randn(12, 5, generator=generator, dtype=torch.float64)
    M = factor @ factor.T
    g = torch.rand(12, generator=generator, dtype=torch.float64) + 0.1
    spectrum = w2v.top_eigenpairs(w2v.weighted_target(M, g), k=3)
    words = w2v.Vocabulary(tuple("abcdefghijkl"), torch.ones(12, dtype=torch.int64))
    W = w2v.spectral_embedding(spectrum, words, weights=g).vectors
    found = w2v.factorize_weighted(M, torch.outer(g, g), 3, sweeps=300)
    torch.testing.assert_close(found.words @ found.contexts.T, W @ W.T, rtol=0, atol=1e-6)


def test_each_sweep_solves_least_squares():
    M, G = matrix(seed=2), torch.rand(12, 12, dtype=torch.float64) + 0.1
    start = matrix(seed=3)[:, :3]
    found = w2v.factorize_weighted(M, G, 3, sweeps=1, initial=start)
    rows = [
        torch.linalg.lstsq(
            start * G[i, :, None].sqrt(), (M[i] * G[i].sqrt())[:, None]
        ).solution.squeeze(1)
        for i in range(12)
    ]
    torch.testing.assert_close(found.words, torch.stack(rows))


def test_error_never_increases():
    M, G = matrix(seed=4), matrix(seed=5).square()
    found = w2v.factorize_weighted(M, G, 3, sweeps=30)
    assert bool((found.errors.diff() <= 1e-12 * found.errors[0]).all())
    assert float(found.errors[-1]) == pytest.approx(error(found.words, found.contexts, M, G))


def test_general_weights_have_several_ends():
    """Why the general problem is hard: which mode is learned depends on the start.

    The heavy weights off the diagonal forbid to mix the two modes, so that each is a local
    minimum of its own; the error is the square of the diagonal entry that is given up.
    """
    M = torch.diag(torch.tensor([1.0, 0.9], dtype=torch.float64))
    G = torch.tensor([[1.0, 5.0], [5.0, 1.0]], dtype=torch.float64)
    starts = torch.tensor([[[1.0], [0.01]], [[0.01], [1.0]]], dtype=torch.float64)
    found = [w2v.factorize_weighted(M, G, 1, sweeps=200, initial=s) for s in starts]
    assert [float(f.errors[-1]) for f in found] == pytest.approx([0.81, 1.0])


def test_measures_of_the_setting(toy_statistics):
    uniform = w2v.uniform_reweighting(toy_statistics)
    assert w2v.rank_one_share(toy_statistics, uniform) == pytest.approx(1)
    assert w2v.log_weight_spread(toy_statistics, uniform) == pytest.approx(0, abs=1e-12)
    plain = w2v.word2vec_reweighting(toy_statistics, negatives=2, exponent=1, sample=None)
    G = torch.add(*w2v.pair_weights(toy_statistics, plain))
    singular = torch.linalg.svdvals(G)
    share = float(singular[0] ** 2 / singular.square().sum())
    assert w2v.rank_one_share(toy_statistics, plain) == pytest.approx(share)
    spread = float(G.log10().std(correction=0))
    assert w2v.log_weight_spread(toy_statistics, plain) == pytest.approx(spread)


def test_subsampling_makes_weights_of_wikipedia_more_equal(enwiki):
    """What the paper says of word2vec's defaults: the stronger, the nearer to the setting."""
    statistics = w2v.corpus_statistics(w2v.restrict_cooccurrence(enwiki, 1000))
    spreads = [
        w2v.log_weight_spread(
            statistics,
            w2v.word2vec_reweighting(statistics, negatives=1, exponent=1, sample=sample),
        )
        for sample in (None, 1e-3, 1e-4)
    ]
    assert spreads == sorted(spreads, reverse=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": torch.ones(3, 4)}, "shape"),
        ({"weights": -torch.ones(4, 4)}, "not negative"),
        ({"weights": torch.full((4, 4), torch.nan)}, "finite"),
        ({"weights": torch.eye(4)}, "undetermined"),
        ({"dim": 5}, r"\[1, 4\]"),
        ({"sweeps": 0}, "sweeps"),
    ],
)
def test_refuses(change, message):
    arguments = {"target": torch.eye(4), "weights": torch.ones(4, 4), "dim": 2, **change}
    with pytest.raises(ValueError, match=message):
        unchecked(w2v.factorize_weighted)(**arguments)
