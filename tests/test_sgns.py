"""word2vec on tokens: its expected step, its bits, and what it learns."""

import itertools
import math
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import softplus

import w2vlib as w2v
from w2vlib.datasets import sample_tokens, toy_language
from w2vlib.training._pair_blocks import pair_slope
from w2vlib.training.sgns import WordVectors, descend, make_batches, noise_distribution


def corpus_of(*documents):
    words = [word for document in documents for word in document.split()]
    return w2v.encode([d.split() for d in documents], w2v.build_vocabulary(words))


@pytest.fixture(scope="module")
def text():
    return corpus_of("a b c a d b a c", "d a a b", "c", "b d c a b a d a a c b d a b c a")


def vectors(text, dim=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    W, C = torch.randn(2, len(text.vocabulary), dim, generator=generator).unbind()
    return W.contiguous(), C.contiguous()


def batches(text, config, seed=0):
    noise = noise_distribution(text, config)
    return list(make_batches(text, config, noise, torch.Generator().manual_seed(seed)))


def test_neighbors_are_all_tokens_within_some_reach():
    """Each once, and never across documents. No word is repeated, so a word is a place."""
    offsets = [0, 8, 12, 13, 40]
    places = [range(start, end) for start, end in itertools.pairwise(offsets)]
    text = corpus_of(*(" ".join(f"w{n:02}" for n in place) for place in places))
    assert text.tokens.tolist() == list(range(40))
    found = [[] for _ in range(40)]
    for batch in batches(text, w2v.SGNSConfig(dim=3, window=3, batch_tokens=16)):
        for block, row, column in batch.labels.nonzero().tolist():
            found[batch.centers[block, row]].append(int(batch.others[block, column]))
    for place in places:
        for i in place:
            reaches = [[j for j in place if 1 <= abs(i - j) <= reach] for reach in (1, 2, 3)]
            assert sorted(found[i]) in reaches


def test_step_is_the_gradient_of_the_loss(text):
    config = w2v.SGNSConfig(dim=3, window=2, negatives=2, noise_words=5)
    (batch,) = batches(text, config)
    W, C = (v.double().requires_grad_() for v in vectors(text))
    s = W[batch.centers] @ C[batch.others].mT
    sign = torch.where(batch.labels > 0, -1, 1)
    loss = (batch.weights * softplus(sign * s)).sum()
    gradients = torch.autograd.grad(loss, (W, C))
    W, C = W.detach(), C.detach()
    before = W.clone(), C.clone()
    reported = descend(batch, WordVectors(W), C, 1e-3, with_loss=True)
    assert reported == [pytest.approx(float(loss.detach() / batch.labels.sum()))]
    for after, start, gradient in zip((W, C), before, gradients, strict=True):
        torch.testing.assert_close(after, start - 1e-3 * gradient)


def test_long_steps_end_at_one_over_the_trace_of_the_second_derivative(text):
    """Against the Hessian of automatic differentiation, all words of one matrix at a time."""
    config = w2v.SGNSConfig(dim=3, window=2, negatives=2, noise_words=5)
    (batch,) = batches(text, config)
    W, C = (v.double() for v in vectors(text))
    sign = torch.where(batch.labels > 0, -1, 1)

    def loss(W, C):
        return (batch.weights * softplus(sign * (W[batch.centers] @ C[batch.others].mT))).sum()

    gradients = torch.func.grad(loss, argnums=(0, 1))(W, C)
    hessians = torch.autograd.functional.hessian(loss, (W, C))
    before = W.clone(), C.clone()
    descend(batch, WordVectors(W), C, 1e3)
    for n, (after, start) in enumerate(zip((W, C), before, strict=True)):
        h = torch.einsum("idid->i", hessians[n][n])
        step = torch.minimum(1 / h, torch.tensor(1e3))
        torch.testing.assert_close(after, start - step[:, None] * gradients[n])
        assert bool((step < 1e3).any())


def test_expected_step_is_that_of_population_training(text):
    """The mean over many draws against the exact gradient from counts, within 4 errors."""
    L, k, exponent = 3, 2, 0.75
    config = w2v.SGNSConfig(
        dim=3, window=L, negatives=k, exponent=exponent, noise_words=3, batch_tokens=64
    )
    W, C = (v.double() for v in vectors(text))
    draws, rate = [], 1e-3

    for seed in range(3000):
        (batch,) = batches(text, config, seed)
        w, c = W.clone(), C.clone()
        descend(batch, WordVectors(w), c, rate)
        draws.append(torch.cat([w - W, c - C]) / rate)
    steps = torch.stack(draws)
    counts = w2v.count_cooccurrences(text, window=L, weighting="linear")
    positive = torch.from_numpy(counts.counts.toarray() / L)  # a chance of (L+1-d)/L each
    frequency = text.vocabulary.counts.double().pow(exponent)
    noise = frequency / frequency.sum()
    negative = torch.outer(k * positive.sum(1), noise)
    slope = pair_slope(w2v.sgns_loss, W @ C.T, positive, negative)
    expected = -torch.cat([slope @ C, slope.T @ W])
    error = steps.std(0) / len(steps) ** 0.5
    assert bool(((steps.mean(0) - expected).abs() < 4.5 * error).all())


def test_noise_follows_the_power_of_the_counts(text):
    counts = text.vocabulary.counts.double()
    config = w2v.SGNSConfig(exponent=0.5)
    shares = noise_distribution(text, config).diff(prepend=torch.zeros(1, dtype=torch.float64))
    torch.testing.assert_close(shares, counts.sqrt() / counts.sqrt().sum())


def test_same_seed_same_bits(text):
    config = w2v.SGNSConfig(dim=4, epochs=2, sample=0.1, batch_tokens=16)
    one, two, other = (w2v.train_sgns(text, config, seed=seed) for seed in (1, 1, 2))
    assert one.embedding.vectors.equal(two.embedding.vectors)
    assert one.contexts.vectors.equal(two.contexts.vectors)
    assert not one.embedding.vectors.equal(other.embedding.vectors)


def test_does_not_touch_its_input(text):
    W, _ = vectors(text)
    start = w2v.Embedding(W.clone(), text.vocabulary)
    w2v.train_sgns(text, w2v.SGNSConfig(dim=3, epochs=1), initial=start)
    assert start.vectors.equal(W)


def test_learns_the_toy_language():
    """From tokens to analogies. Besides a constant mode, its modes are the attributes."""
    language = toy_language((0.7, 0.6, 0.5, 0.4))
    text = sample_tokens(language, 40_000, documents=20, seed=3)
    config = w2v.SGNSConfig(
        dim=5, window=1, sample=None, epochs=8, learning_rate=0.05, batch_tokens=64
    )
    result = w2v.train_sgns(text, config)
    assert w2v.solve_analogies(result.embedding, language.analogies).accuracy > 0.9
    Q = w2v.factor_spectrum(result.embedding.vectors.double()).eigenvectors
    constant = torch.ones(16, 1, dtype=torch.float64)
    assert w2v.subspace_overlap(Q, torch.cat([language.attributes, constant], dim=1)) > 0.95
    assert len(result.history) == 8
    assert float(result.history.loss[-1]) < float(result.history.loss[0])


def test_curvature_shortens_the_steps_of_a_huge_learning_rate():
    """A learning rate at which plain sums of steps explode: the loss still falls."""
    language = toy_language((0.7, 0.6))
    text = sample_tokens(language, 20_000, seed=3)
    config = w2v.SGNSConfig(dim=3, window=2, sample=None, learning_rate=100, batch_tokens=4096)
    history = w2v.train_sgns(text, config).history
    assert float(history.loss[-1]) < float(history.loss[0])


def test_history(text):
    config = w2v.SGNSConfig(dim=3, epochs=3, sample=None, records_per_epoch=1)
    seen = []
    result = w2v.train_sgns(
        text, config, callback=lambda step, _: seen.append(step) or {"one": 1.0}
    )
    assert seen == result.history.steps.tolist() == [len(text) * n for n in (1, 2, 3)]
    assert result.history.measured["one"].tolist() == [1, 1, 1]
    torch.testing.assert_close(
        result.history.singular_values[-1], torch.linalg.svdvals(result.embedding.vectors.double())
    )


def test_records_within_an_epoch():
    text = sample_tokens(toy_language(), 4096, seed=0)
    config = w2v.SGNSConfig(
        dim=2, window=1, epochs=2, sample=None, batch_tokens=256, records_per_epoch=4
    )
    history = w2v.train_sgns(text, config).history
    assert history.steps.tolist() == [1024 * n for n in range(1, 9)]


class TestBadInput:
    @pytest.mark.parametrize("documents", [("a", "b", "c"), ("a",)])
    def test_no_neighbors(self, documents):
        with pytest.raises(ValueError, match="no two tokens are neighbors"):
            w2v.train_sgns(corpus_of(*documents), w2v.SGNSConfig(dim=2))

    def test_short_of_the_window_still_has_neighbors(self):
        result = w2v.train_sgns(corpus_of("a b"), w2v.SGNSConfig(dim=2, window=16, sample=None))
        assert len(result.embedding) == 2

    def test_divergence(self, text):
        start = w2v.Embedding(torch.full((4, 2), 1e30), text.vocabulary)
        config = w2v.SGNSConfig(dim=2, sample=None)
        with pytest.raises(RuntimeError, match=r"after step 1 .*; start from shorter vectors"):
            w2v.train_sgns(text, config, initial=start)

    def test_start_of_another_shape(self, text):
        start = w2v.Embedding(torch.zeros(4, 2), text.vocabulary)
        with pytest.raises(ValueError, match=r"must be 4 words x 3 dimensions, .* got 4 x 2"):
            w2v.train_sgns(text, w2v.SGNSConfig(dim=3), initial=start)

    @pytest.mark.parametrize(
        "change",
        [
            {"dim": 0},
            {"window": 0},
            {"epochs": 0},
            {"batch_tokens": 0},
            {"noise_words": 0},
            {"records_per_epoch": 0},
            {"negatives": 0},
            {"sample": 0.0},
            {"learning_rate": math.inf},
            {"exponent": math.nan},
        ],
    )
    def test_impossible_configurations(self, change):
        with pytest.raises(ValueError, match=f"`{next(iter(change))}` must be"):
            replace(w2v.SGNSConfig(), **change)
