"""Targets against their identities and the losses they come from."""

import math

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.nn.functional import softplus

import w2vlib as w2v
from w2vlib import targets


def test_twice_the_hyperbolic_tangent_of_half_the_pmi(toy_statistics):
    joint, unigram = toy_statistics.joint, toy_statistics.unigram
    pmi = torch.log(joint / torch.outer(unigram, unigram))  # minus infinity where joint is zero
    expected = 2 * torch.tanh(pmi / 2)
    torch.testing.assert_close(w2v.qwem_target(toy_statistics), expected, rtol=1e-13, atol=1e-14)


def test_four_times_the_classifier_probability_minus_two(toy_statistics):
    joint, unigram = toy_statistics.joint, toy_statistics.unigram
    from_data = joint / (joint + torch.outer(unigram, unigram))
    torch.testing.assert_close(w2v.qwem_target(toy_statistics), 4 * (from_data - 0.5))


def test_independence_gives_zero(toy_statistics):
    unigram = toy_statistics.unigram
    joint = torch.outer(unigram, unigram)
    independent = w2v.CorpusStatistics(joint, unigram, toy_statistics.vocabulary)
    assert float(w2v.qwem_target(independent).abs().max()) == 0


def test_unseen_pairs_give_exactly_minus_two(enwiki, enwiki_target):
    seen = torch.from_numpy(enwiki.counts.toarray() > 0)
    assert bool((enwiki_target[~seen] == -2).all())
    assert bool((enwiki_target[seen] > -2).all())
    assert float(enwiki_target.max()) <= 2


def test_input_is_not_changed(toy_statistics):
    before = toy_statistics.joint.clone()
    w2v.qwem_target(toy_statistics)
    assert torch.equal(toy_statistics.joint, before)


def test_entries_minimize_the_quadratic_loss_of_a_pair(toy_statistics):
    """QWEM's loss of one pair, P (s^2/4 - s) + P P (s^2/4 + s), is least at s = M*."""
    joint, unigram = toy_statistics.joint, toy_statistics.unigram
    independent = torch.outer(unigram, unigram)
    s = w2v.qwem_target(toy_statistics).requires_grad_()
    loss = (joint * (s**2 / 4 - s) + independent * (s**2 / 4 + s)).sum()
    (gradient,) = torch.autograd.grad(loss, s)
    assert float(gradient.abs().max()) < 1e-17


class TestMutualInformation:
    def test_entries_minimize_the_loss_of_word2vec(self, toy_statistics):
        """The logistic loss of a pair with k negatives is least at s = PMI - log k."""
        joint, unigram = toy_statistics.joint, toy_statistics.unigram
        independent = torch.outer(unigram, unigram)
        for k in (1, 5):
            s = (w2v.pmi(toy_statistics) - math.log(k)).requires_grad_()
            seen = joint > 0
            loss = joint * softplus(-s) + k * independent * softplus(s)
            (gradient,) = torch.autograd.grad(loss[seen].sum(), s)
            assert float(gradient[seen].abs().max()) < 1e-17

    def test_never_seen_is_minus_infinity(self, toy_statistics):
        assert float(w2v.pmi(toy_statistics)[0, 1]) == -math.inf
        assert float(w2v.ppmi(toy_statistics)[0, 1]) == 0

    def test_positive_parts(self, toy_statistics):
        pmi = w2v.pmi(toy_statistics)
        for k in (1, 1.3, 5):
            expected = [[max(0.0, float(x) - math.log(k)) for x in row] for row in pmi]
            shifted = w2v.shifted_ppmi(toy_statistics, negatives=k)
            torch.testing.assert_close(shifted, torch.tensor(expected, dtype=torch.float64))
        assert torch.equal(w2v.ppmi(toy_statistics), w2v.shifted_ppmi(toy_statistics, negatives=1))

    def test_bounded_relative(self, toy_statistics):
        """M* agrees with the PMI near 0 and never exceeds it in size."""
        target, pmi = w2v.qwem_target(toy_statistics), w2v.pmi(toy_statistics)
        assert bool((target.abs() <= pmi.abs()).all())
        near = pmi.abs() < 0.5
        difference = (target - pmi + pmi**3 / 12)[near]
        assert near.any() and float((difference.abs() / pmi[near].abs() ** 5).max()) < 1 / 100

    def test_no_negatives(self, toy_statistics):
        with pytest.raises(ValueError, match="`negatives` must be positive; got 0"):
            w2v.shifted_ppmi(toy_statistics, negatives=0)


class TestReweightedTarget:
    def test_uniform_weights_change_nothing(self, toy_statistics):
        uniform = w2v.uniform_reweighting(toy_statistics)
        torch.testing.assert_close(
            w2v.qwem_target(toy_statistics, uniform), w2v.qwem_target(toy_statistics)
        )

    @pytest.mark.parametrize("k", [1, 4])
    def test_negatives_shift_the_argument(self, toy_statistics, k):
        """Without the other tricks: M* = 2 tanh((PMI - log k) / 2)."""
        plain = w2v.word2vec_reweighting(toy_statistics, negatives=k, exponent=1, sample=None)
        expected = 2 * torch.tanh((w2v.pmi(toy_statistics) - math.log(k)) / 2)
        torch.testing.assert_close(w2v.qwem_target(toy_statistics, plain), expected)


class TestContrastiveTarget:
    def test_logistic_losses_give_qwem(self, toy_statistics):
        for reweighting in (None, w2v.word2vec_reweighting(toy_statistics)):
            target = w2v.contrastive_target(toy_statistics, w2v.sgns_loss, reweighting)
            torch.testing.assert_close(target, w2v.qwem_target(toy_statistics, reweighting))

    def test_weights_of_the_logistic_losses(self, toy_statistics):
        reweighting = w2v.word2vec_reweighting(toy_statistics)
        weights = w2v.contrastive_weights(toy_statistics, w2v.sgns_loss, reweighting)
        positive, negative = w2v.pair_weights(toy_statistics, reweighting)
        torch.testing.assert_close(weights, (positive + negative) / 8)

    def test_square_losses_have_their_exact_minimum(self, toy_statistics):
        """Least squares to the labels 1 and 0 is its own expansion: the minimum is p(D = 1)."""
        square = w2v.contrastive_loss(lambda s: (s - 1) ** 2, lambda s: s**2)
        target = w2v.contrastive_target(toy_statistics, square)
        unigram = toy_statistics.unigram
        from_data = toy_statistics.joint / (toy_statistics.joint + torch.outer(unigram, unigram))
        torch.testing.assert_close(target, from_data)

    def test_expansion_is_of_second_order(self, toy_statistics):
        """The loss minus its expansion shrinks like the third power of the inner products."""
        losses = (lambda s: torch.exp(-s) + s**2, lambda s: torch.exp(2 * s))
        loss, plain = w2v.contrastive_loss(*losses), w2v.plain_reweighting(toy_statistics)
        target = w2v.contrastive_target(toy_statistics, loss)
        weights = w2v.contrastive_weights(toy_statistics, loss, plain)
        unigram = toy_statistics.unigram
        pairs = (toy_statistics.joint, torch.outer(unigram, unigram))

        def error(scale):
            s = scale * torch.linspace(-1, 1, 144, dtype=torch.float64).reshape(12, 12)
            true = sum(p * (f(s) - f(0 * s)) for p, f in zip(pairs, losses, strict=True))
            expansion = weights * ((s - target) ** 2 - target**2)
            return float((true - expansion).abs().max())

        assert math.log2(error(2e-3) / error(1e-3)) == pytest.approx(3, abs=0.05)

    def test_a_loss_that_does_not_curve(self, toy_statistics):
        with pytest.raises(ValueError, match="must curve upward at 0 for every pair"):
            w2v.contrastive_target(toy_statistics, lambda s, A, B: (B - A) * s)


class TestOperator:
    @pytest.fixture(params=["dense", "sparse"])
    def behind(self, request, monkeypatch):
        monkeypatch.setattr(targets, "_DENSE_SHARE", 0.0 if request.param == "dense" else 1.0)

    @given(
        counts=st.lists(st.integers(0, 3), min_size=10, max_size=10),
        weighted=st.booleans(),
        tricks=st.booleans(),
    )
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_product_equals_the_dense_one(self, behind, counts, weighted, tricks):
        dense, sparse = (
            w2v.corpus_statistics(cooccurrence_of(counts), sparse=s, dtype=torch.float64)
            for s in (False, True)
        )
        reweighting = w2v.word2vec_reweighting(dense) if tricks else None
        weights = torch.tensor([3.0, 0.5, 1.0, 2.0, 0.1], dtype=torch.float64)
        expected = w2v.qwem_target(dense, reweighting)
        if weighted:
            expected = w2v.weighted_target(expected, weights)
        for statistics in (dense, sparse):
            operator = w2v.qwem_operator(
                statistics, reweighting, weights=weights if weighted else None
            )
            product = operator @ torch.eye(5, dtype=torch.float64)
            torch.testing.assert_close(product, expected, rtol=1e-12, atol=1e-12)

    def test_real_counts(self, behind, enwiki):
        small = w2v.restrict_cooccurrence(enwiki, 500)
        target = w2v.qwem_target(w2v.corpus_statistics(small))
        operator = w2v.qwem_operator(w2v.corpus_statistics(small, sparse=True))
        assert operator.dtype == torch.float32
        x = torch.randn(500, 3, generator=torch.Generator().manual_seed(0))
        torch.testing.assert_close(operator @ x, target @ x, rtol=1e-4, atol=1e-3)

    def test_weights(self, enwiki):
        small = w2v.corpus_statistics(w2v.restrict_cooccurrence(enwiki, 10))
        for weights in (torch.ones(9), torch.zeros(10)):
            with pytest.raises(ValueError, match="`weights` must be 10 positive numbers"):
                w2v.qwem_operator(small, weights=weights)


def cooccurrence_of(counts):
    """Symmetric counts of five words from ten numbers; no word stands alone."""
    matrix = np.zeros((5, 5), np.int64)
    matrix[np.triu_indices(5, 1)] = counts
    matrix += matrix.T + np.eye(5, dtype=np.int64)
    words = w2v.Vocabulary(tuple("abcde"), torch.ones(5, dtype=torch.int64))
    return w2v.Cooccurrence(sp.csr_array(matrix), words)


def test_weighted_closed_form_minimizes_the_weighted_loss():
    """Proposition 2 against gradient descent from many starts."""
    cooccurrence = cooccurrence_of([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    statistics = w2v.corpus_statistics(cooccurrence, dtype=torch.float64)
    reweighting = w2v.word2vec_reweighting(statistics, negatives=1, sample=None)
    g = w2v.rank_one_weights(statistics, reweighting)
    target = w2v.qwem_target(statistics, reweighting)
    spectrum = w2v.top_eigenpairs(w2v.weighted_target(target, g), k=2)
    solution = w2v.spectral_embedding(spectrum, cooccurrence.vocabulary, weights=g).vectors

    def loss(vectors):
        return (torch.outer(g, g) * (vectors @ vectors.T - target) ** 2).sum()

    best = float(loss(solution))
    for seed in range(5):
        start = torch.randn(5, 2, generator=torch.Generator().manual_seed(seed)).double()
        vectors = start.requires_grad_()
        optimizer = torch.optim.LBFGS([vectors], max_iter=500, tolerance_grad=1e-12)

        def closure(vectors=vectors, optimizer=optimizer):
            optimizer.zero_grad()
            value = loss(vectors)
            value.backward()
            return value

        optimizer.step(closure)
        assert float(loss(vectors).detach()) >= best * (1 - 1e-9)
