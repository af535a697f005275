"""M* against its identities."""

import torch

import w2vlib as w2v


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


def test_dtype_is_kept(toy_statistics):
    assert w2v.qwem_target(toy_statistics).dtype == torch.float64


def test_entries_minimize_the_quadratic_loss_of_a_pair(toy_statistics):
    """QWEM's loss of one pair, P (s^2/4 - s) + P P (s^2/4 + s), is least at s = M*."""
    joint, unigram = toy_statistics.joint, toy_statistics.unigram
    independent = torch.outer(unigram, unigram)
    s = w2v.qwem_target(toy_statistics).requires_grad_()
    loss = (joint * (s**2 / 4 - s) + independent * (s**2 / 4 + s)).sum()
    (gradient,) = torch.autograd.grad(loss, s)
    assert float(gradient.abs().max()) < 1e-17
