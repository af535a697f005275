"""Training on statistics: its gradient, where it ends, and how it gets there."""

import functools
import math

import pytest
import scipy.optimize
import torch
from support import unchecked

import w2vlib as w2v
from w2vlib.datasets import sample_pairs, toy_language, toy_spectrum
from w2vlib.training._pair_blocks import Factors, PairBlocks, loss_and_gradient

REWEIGHTINGS = {
    "plain": w2v.plain_reweighting,
    "word2vec": functools.partial(w2v.word2vec_reweighting, negatives=5, sample=0.05),
    "uniform": w2v.uniform_reweighting,
}


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.fixture(scope="module")
def language():
    return toy_language((0.6, 0.5, 0.35, 0.2))


def train_by(kind, statistics, config, **arguments):
    reweighting = REWEIGHTINGS[kind](statistics)
    return w2v.train_population(statistics, config, reweighting=reweighting, **arguments)


def full_loss(loss, statistics, reweighting, words, contexts, biases):
    s = words @ contexts.T
    if biases is not None:
        s = s + biases[0][:, None] + biases[1]
    return loss(s, *w2v.pair_weights(statistics, reweighting)).sum()


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("negatives", [1, 5, 0.5])
def test_biases_start_where_no_other_constant_is_better(toy_statistics, tied, negatives):
    """Among all matrices s of equal entries, by a search on a line."""
    reweighting = w2v.word2vec_reweighting(toy_statistics, negatives=negatives)
    config = w2v.PopulationConfig(dim=2, tied=tied, biases=True, steps=1, initial_scale=1e-9)
    result = w2v.train_population(toy_statistics, config, reweighting=reweighting)
    A, B = w2v.pair_weights(toy_statistics, reweighting)

    def loss(s):
        return float(w2v.sgns_loss(torch.full_like(A, s), A, B).sum())

    best = scipy.optimize.minimize_scalar(loss, bracket=(-3, 3), tol=1e-12)
    assert float(result.history.loss[0]) == pytest.approx(best.fun, rel=1e-10)


def test_without_biases_many_negatives_shrink_the_vectors(toy_statistics):
    """The matrix W W^T has no negative eigenvalues, so it cannot be near -log k everywhere."""
    reweighting = w2v.word2vec_reweighting(toy_statistics, negatives=20, sample=None)
    plain, biased = (
        w2v.train_population(
            toy_statistics,
            w2v.PopulationConfig(dim=2, biases=biases, steps=2000, initial_scale=0.1),
            reweighting=reweighting,
        )
        for biases in (False, True)
    )
    assert float(plain.embedding.vectors.norm()) < 0.5 * float(biased.embedding.vectors.norm())
    assert float(plain.history.loss[-1]) > float(biased.history.loss[-1])


@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", REWEIGHTINGS)
@pytest.mark.parametrize("loss", [w2v.sgns_loss, w2v.qwem_loss, w2v.spectral_contrastive_loss])
def test_gradient_against_autograd(toy_statistics, loss, kind, tied, biases, monkeypatch):
    # Blocks of five rows, and a rest.
    monkeypatch.setattr("w2vlib.training._pair_blocks._BLOCK_ENTRIES", 60)
    reweighting = REWEIGHTINGS[kind](toy_statistics)
    words = random(12, 3)
    contexts = words if tied else random(12, 3, seed=1)
    pair = None
    if biases:
        pair = (random(12, seed=2),) * 2 if tied else (random(12, seed=2), random(12, seed=3))
    parameters = [words] if tied else [words, contexts]
    parameters += [] if pair is None else [pair[0]] if tied else list(pair)
    for parameter in parameters:
        parameter.requires_grad_()
    expected = full_loss(loss, toy_statistics, reweighting, words, contexts, pair)
    gradients = torch.autograd.grad(expected, parameters)
    blocks = PairBlocks(toy_statistics, reweighting, symmetric=tied)
    with torch.no_grad():
        found, parts = loss_and_gradient(
            Factors(words, contexts, pair), blocks, loss, with_loss=True
        )
    assert found == pytest.approx(float(expected.detach()))
    mean = float(torch.add(*w2v.pair_weights(toy_statistics, reweighting)).mean())
    assert blocks.mean == pytest.approx(mean)
    for part, gradient in zip(parts, gradients, strict=True):
        torch.testing.assert_close(part * mean, gradient)


@pytest.mark.parametrize("room", [0, 2**30])
@pytest.mark.parametrize("tied", [True, False])
def test_sparse_statistics_train_like_dense_ones(language, tied, room, monkeypatch):
    """With and without room for the weights of all pairs."""
    monkeypatch.setattr("w2vlib.training._pair_blocks._KEPT_BYTES", room)
    monkeypatch.setattr("w2vlib.training._pair_blocks._BLOCK_ENTRIES", 80)
    counts = sample_pairs(language, 5000)
    config = w2v.PopulationConfig(dim=2, steps=20, tied=tied, initial_scale=1)
    one, two = (
        train_by("word2vec", w2v.corpus_statistics(counts, sparse=s, dtype=torch.float64), config)
        for s in (False, True)
    )
    torch.testing.assert_close(one.embedding.vectors, two.embedding.vectors)


@pytest.mark.parametrize("optimizer", ["lbfgs", "momentum", "gd"])
def test_quartic_loss_ends_at_the_top_modes(language, optimizer):
    """Theorem 1: up to rotation, whatever the optimizer and the start."""
    steps, rate = {"lbfgs": (60, 1), "momentum": (2000, 0.02), "gd": (4000, 0.05)}[optimizer]
    config = w2v.PopulationConfig(
        dim=3,
        loss=w2v.qwem_loss,
        optimizer=optimizer,
        learning_rate=rate,
        steps=steps,
        initial_scale=0.1,
    )
    result = w2v.train_population(
        language.statistics, config, reweighting=w2v.uniform_reweighting(language.statistics)
    )
    W = result.embedding.vectors
    spectrum = toy_spectrum(language, k=3)
    expected = (spectrum.eigenvectors * spectrum.eigenvalues) @ spectrum.eigenvectors.T
    torch.testing.assert_close(W @ W.T, expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(
        result.history.singular_values[-1], spectrum.eigenvalues.sqrt(), rtol=0, atol=1e-5
    )


def test_gradient_descent_follows_the_closed_form(language):
    """Lemma 3.1, from an aligned start: the only error is the length of the steps."""
    spectrum = toy_spectrum(language, k=4)
    start = 0.03
    squares = torch.full((4,), start**2, dtype=torch.float64)
    errors = []
    for rate, steps in ((1e-3, 3000), (5e-4, 6000)):
        config = w2v.PopulationConfig(
            dim=4,
            loss=w2v.qwem_loss,
            optimizer="gd",
            learning_rate=rate,
            steps=steps,
            record_every=25,
        )
        history = w2v.train_population(
            language.statistics,
            config,
            reweighting=w2v.uniform_reweighting(language.statistics),
            initial=w2v.Embedding(start * spectrum.eigenvectors, language.vocabulary),
        ).history
        times = 2 * rate * history.steps.double()
        torch.testing.assert_close(history.times, times, rtol=1e-9, atol=0)
        exact = w2v.mode_strengths(spectrum.eigenvalues, squares, times).sqrt()
        error = (history.singular_values - exact.sort(dim=1, descending=True).values).abs()
        errors.append(float((error / exact.max()).max()))
        all_learned = 0.99 * float(spectrum.eigenvalues[-1].sqrt())
        assert float(exact[-1].min()) > all_learned
    assert errors[1] < 5e-3
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.05)


def test_word2vec_without_limits_learns_shifted_pmi(language):
    """Levy and Goldberg: with as many dimensions as words, PMI - log k."""
    k = 2
    reweighting = w2v.word2vec_reweighting(
        language.statistics, negatives=k, exponent=1, sample=None
    )
    config = w2v.PopulationConfig(
        dim=16, tied=False, optimizer="lbfgs", learning_rate=1, steps=300, initial_scale=0.5
    )
    result = w2v.train_population(language.statistics, config, reweighting=reweighting)
    products = result.embedding.vectors @ result.contexts.vectors.T
    expected = w2v.pmi(language.statistics) - math.log(k)
    torch.testing.assert_close(products, expected, rtol=0, atol=1e-3)


def test_glove_with_equal_weights_has_a_closed_form(toy_statistics):
    """Biases take away what is constant along rows and columns."""
    joint = toy_statistics.joint + 1e-3  # all pairs occur
    joint = joint / joint.sum()
    statistics = w2v.CorpusStatistics(joint, joint.sum(1), toy_statistics.vocabulary)
    config = w2v.PopulationConfig(
        dim=3,
        loss=lambda s, A, B: w2v.glove_loss(s, A, maximum=1e-9),
        biases=True,
        optimizer="lbfgs",
        learning_rate=1,
        steps=300,
        initial_scale=0.3,
    )
    result = train_by("plain", statistics, config)
    centering = torch.eye(12, dtype=torch.float64) - 1 / 12
    target = centering @ joint.log() @ centering
    eigenvalues, U = (part.flip(-1) for part in torch.linalg.eigh(target))
    rest = float(eigenvalues.square().sum() - eigenvalues[:3].clamp(min=0).square().sum())
    assert float(result.history.loss[-1]) == pytest.approx(rest, rel=1e-6)
    W = centering @ result.embedding.vectors
    expected = (U[:, :3] * eigenvalues[:3].clamp(min=0)) @ U[:, :3].T
    torch.testing.assert_close(W @ W.T, expected, rtol=0, atol=1e-3)


def test_loss_of_the_history_is_the_loss(toy_statistics):
    config = w2v.PopulationConfig(dim=2, steps=7, record_every=3)
    reweighting = REWEIGHTINGS["word2vec"](toy_statistics)
    result = w2v.train_population(toy_statistics, config, reweighting=reweighting)
    assert result.history.steps.tolist() == [0, 3, 6, 7]
    W = result.embedding.vectors
    expected = full_loss(w2v.sgns_loss, toy_statistics, reweighting, W, W, None)
    assert float(result.history.loss[-1]) == pytest.approx(float(expected))
    torch.testing.assert_close(result.history.singular_values[-1], torch.linalg.svdvals(W))
    assert result.contexts is result.embedding


@pytest.mark.parametrize("tied", [True, False])
def test_vectors_along_the_way(toy_statistics, tied):
    """They are those of a training that ends there."""
    plan = {"dim": 2, "tied": tied, "record_every": 3, "optimizer": "gd"}
    config = w2v.PopulationConfig(**plan, steps=7, keep_vectors=True)
    result = train_by("plain", toy_statistics, config)
    trajectory, history = result.trajectory, result.history
    torch.testing.assert_close(trajectory.times, history.times)
    for n, steps in enumerate(history.steps.tolist()[1:], start=1):
        shorter = train_by("plain", toy_statistics, w2v.PopulationConfig(**plan, steps=steps))
        torch.testing.assert_close(trajectory.factors[n], shorter.embedding.vectors)
        torch.testing.assert_close(trajectory.contexts[n], shorter.contexts.vectors)
    assert (trajectory.contexts is trajectory.factors) == tied
    assert train_by("plain", toy_statistics, w2v.PopulationConfig(**plan)).trajectory is None


def test_two_vectors_start_where_they_are_told(toy_statistics):
    """From the closed form of the quartic loss with constant weights nothing moves."""
    M = w2v.qwem_target(toy_statistics)
    modes = w2v.strongest_modes(w2v.top_eigenpairs(M, len(M)), 3)
    start = w2v.spectral_factors(modes, toy_statistics.vocabulary)
    config = w2v.PopulationConfig(dim=3, loss=w2v.qwem_loss, tied=False, optimizer="gd", steps=50)
    result = train_by("uniform", toy_statistics, config, initial=start)
    for end, begin in zip((result.embedding, result.contexts), start, strict=True):
        torch.testing.assert_close(end.vectors, begin.vectors, rtol=1e-4, atol=1e-5)


class TestPossibleGain:
    def test_ends(self, toy_statistics):
        """No vectors gain nothing; vectors that fit every score gain all there is."""
        words, size = toy_statistics.vocabulary, len(toy_statistics)
        rule = REWEIGHTINGS["word2vec"](toy_statistics)
        A, B = w2v.pair_weights(toy_statistics, rule)
        best = w2v.Embedding((A / B).log().clamp(min=-80), words)
        one = w2v.Embedding(torch.eye(size).to(A), words)
        zero = w2v.Embedding(torch.zeros_like(A), words)
        assert w2v.possible_gain(toy_statistics, best, one, reweighting=rule) == pytest.approx(1)
        assert w2v.possible_gain(toy_statistics, zero, reweighting=rule) == pytest.approx(0)

    def test_between_and_below(self, toy_statistics):
        words = toy_statistics.vocabulary
        rule = REWEIGHTINGS["plain"](toy_statistics)
        A, B = w2v.pair_weights(toy_statistics, rule)
        for scale in (0.1, 20):
            W = scale * torch.randn(len(words), 2, generator=torch.Generator().manual_seed(0))
            s = (W @ W.T).to(A)
            none, reached, least = (
                float(w2v.sgns_loss(x, A, B).sum())
                for x in (0 * s, s, (A / B).log().clamp(min=-80))
            )
            expected = (none - reached) / (none - least)
            embedding = w2v.Embedding(W, words)
            found = w2v.possible_gain(toy_statistics, embedding, reweighting=rule)
            assert found == pytest.approx(expected, rel=1e-4)
        assert found < 0

    def test_pairs_never_seen_cost_nothing_at_best(self):
        joint = torch.tensor([[0.0, 0.5], [0.5, 0.0]])
        words = w2v.Vocabulary(("a", "b"), torch.tensor([1, 1]))
        statistics = w2v.CorpusStatistics(joint, joint.sum(0), words)
        rule = w2v.plain_reweighting(statistics)
        far = w2v.Embedding(torch.tensor([[0.0, -80.0], [-80.0, 0.0]]), words)
        best = w2v.Embedding(torch.tensor([[-80.0, math.log(2)], [math.log(2), -80.0]]), words)
        one = w2v.Embedding(torch.eye(2), words)
        assert w2v.possible_gain(statistics, best, one, reweighting=rule) == pytest.approx(1)
        assert w2v.possible_gain(statistics, far, one, reweighting=rule) < 0

    def test_sizes(self, toy_statistics):
        rule = REWEIGHTINGS["plain"](toy_statistics)
        words = toy_statistics.vocabulary
        one, two = (w2v.Embedding(torch.ones(len(words), d), words) for d in (1, 2))
        with pytest.raises(ValueError, match="of equal dimensions; got Embedding"):
            w2v.possible_gain(toy_statistics, one, two, reweighting=rule)


def test_callback_measures(language):
    spectrum = toy_spectrum(language, k=2)

    def measure(step, embedding):
        Q = w2v.factor_spectrum(embedding.vectors).eigenvectors
        return {
            "overlap": w2v.subspace_overlap(Q, spectrum.eigenvectors),
            "accuracy": w2v.solve_analogies(embedding, language.analogies).accuracy,
        }

    config = w2v.PopulationConfig(dim=2, loss=w2v.qwem_loss, steps=400, record_every=100)
    result = w2v.train_population(
        language.statistics,
        config,
        reweighting=w2v.uniform_reweighting(language.statistics),
        callback=measure,
    )
    overlap = result.history.measured["overlap"]
    assert len(overlap) == len(result.history) == 5
    assert float(overlap[0]) < 0.7 < 0.999 < float(overlap[-1])
    assert len(result.history.measured["accuracy"]) == 5


def test_same_seed_same_bits(toy_statistics):
    config = w2v.PopulationConfig(dim=3, steps=5, tied=False)
    one, two, other = (train_by("plain", toy_statistics, config, seed=seed) for seed in (1, 1, 2))
    assert one.embedding.vectors.equal(two.embedding.vectors)
    assert one.contexts.vectors.equal(two.contexts.vectors)
    assert not one.embedding.vectors.equal(other.embedding.vectors)
    assert not one.embedding.vectors.equal(one.contexts.vectors)


def test_learning_rate_falls(toy_statistics):
    plan = {"dim": 2, "steps": 4, "learning_rate": 0.1, "record_every": 1}
    falling = train_by(
        "plain", toy_statistics, w2v.PopulationConfig(**plan, schedule="linear")
    ).history.times
    assert falling.tolist() == pytest.approx([0, 0.2, 0.35, 0.45, 0.5])
    steady = train_by("plain", toy_statistics, w2v.PopulationConfig(**plan)).history.times
    assert steady.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])


class TestFeatures:
    def test_identity_changes_nothing(self, toy_statistics):
        config = w2v.PopulationConfig(dim=3, steps=10)
        plain = train_by("plain", toy_statistics, config).embedding.vectors
        eye = torch.eye(12, dtype=torch.float64)
        for features in (eye, eye.to_sparse()):
            same = train_by("plain", toy_statistics, config, features=features)
            torch.testing.assert_close(same.embedding.vectors, plain)

    def test_is_gradient_descent_with_a_preconditioner(self, toy_statistics):
        """One small step in Z moves W = F Z along F F^T times the gradient."""
        F = random(12, 20, seed=5)
        config = w2v.PopulationConfig(
            dim=3,
            steps=1,
            optimizer="gd",
            learning_rate=1e-3,
            initial_scale=1,
            keep_vectors=True,
        )
        states = train_by("plain", toy_statistics, config, features=F).trajectory.factors
        before = states[0].clone().requires_grad_()
        plain = REWEIGHTINGS["plain"](toy_statistics)
        loss = full_loss(w2v.sgns_loss, toy_statistics, plain, before, before, None)
        (gradient,) = torch.autograd.grad(loss, before)
        mean = torch.add(*w2v.pair_weights(toy_statistics, plain)).mean()
        torch.testing.assert_close(states[1] - states[0], -1e-3 * F @ F.T @ gradient / mean)


class TestBadInput:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"dim": 0}, "`dim` must be at least 1; got 0"),
            ({"steps": 0}, "steps"),
            ({"record_every": 0}, "record_every"),
            ({"learning_rate": -1}, "learning_rate"),
            ({"learning_rate": math.nan}, "learning_rate"),
            ({"initial_scale": math.inf}, "initial_scale"),
            ({"momentum": 1}, "momentum"),
            ({"optimizer": "magic"}, "optimizer"),
            ({"schedule": "magic"}, "schedule"),
        ],
    )
    def test_impossible_configurations(self, change, message):
        with pytest.raises(Exception, match=message):
            unchecked(w2v.PopulationConfig)(**change)

    def test_two_vectors_for_one(self, toy_statistics):
        words = toy_statistics.vocabulary
        start = w2v.Embedding(torch.ones(len(words), 2), words)
        config = w2v.PopulationConfig(dim=2)
        with pytest.raises(ValueError, match="`initial` has two vectors for each word"):
            train_by("plain", toy_statistics, config, initial=(start, start))

    def test_the_weights_must_be_chosen(self, toy_statistics):
        """No default: what is right for one loss is wrong for another."""
        with pytest.raises(TypeError, match="reweighting"):
            w2v.train_population(toy_statistics, w2v.PopulationConfig(dim=2))

    def test_sizes(self, toy_statistics, language):
        config = w2v.PopulationConfig(dim=2, steps=1)
        start = w2v.Embedding(random(12, 3), toy_statistics.vocabulary)
        with pytest.raises(ValueError, match="`initial` must be 12 words x 2 dimensions"):
            train_by("plain", toy_statistics, config, initial=start)
        with pytest.raises(ValueError, match="`features` must have 12 rows; got 5"):
            train_by("plain", toy_statistics, config, features=torch.eye(5))
        for rule in REWEIGHTINGS.values():
            other = rule(language.statistics)
            with pytest.raises(ValueError, match="`reweighting` must be for the 12 words"):
                w2v.train_population(toy_statistics, config, reweighting=other)
        fitting = w2v.Embedding(random(12, 2), toy_statistics.vocabulary)
        with pytest.raises(ValueError, match="leave out one or the other"):
            train_by("plain", toy_statistics, config, features=torch.eye(12), initial=fitting)
