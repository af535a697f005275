"""Training on statistics: its gradient, where it ends, and how it gets there."""

import functools
import math
import subprocess
import sys

import numpy as np
import pytest
import scipy.optimize
import torch

import w2vlib as w2v
from w2vlib._blocks import Factors, PairBlocks, loss_and_gradient
from w2vlib.datasets import sample_pairs, toy_language, toy_spectrum

REWEIGHTINGS = {
    "plain": functools.partial(w2v.word2vec_reweighting, negatives=1, exponent=1, sample=None),
    "word2vec": functools.partial(w2v.word2vec_reweighting, negatives=5, sample=0.05),
    "uniform": w2v.uniform_reweighting,
}


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.fixture(scope="module")
def language():
    return toy_language((0.6, 0.5, 0.35, 0.2))


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
    monkeypatch.setattr("w2vlib._blocks._ENTRIES", 60)  # blocks of five rows, and a rest
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
    device = torch.device("cpu")
    blocks = PairBlocks(toy_statistics, reweighting, torch.float64, device, symmetric=tied)
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
def test_counts_train_like_their_statistics(language, tied, room, monkeypatch):
    """With and without room for a dense matrix."""
    monkeypatch.setattr("w2vlib._blocks._DENSE_BYTES", room)
    monkeypatch.setattr("w2vlib._blocks._ENTRIES", 80)
    counts = sample_pairs(language, 5000)
    start = w2v.Embedding(random(16, 2), counts.vocabulary)
    config = w2v.PopulationConfig(dim=2, steps=20, tied=tied)
    statistics = w2v.corpus_statistics(counts, dtype=torch.float64)
    reweighting = w2v.word2vec_reweighting(counts, sample=0.01)
    results = [
        w2v.train_population(source, config, reweighting=reweighting, initial=start)
        for source in (counts, statistics)
    ]
    one, two = (result.embedding.vectors for result in results)
    assert one.dtype == torch.float64
    torch.testing.assert_close(one, two)


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
        loss=functools.partial(w2v.glove_loss, maximum=1e-9),
        biases=True,
        optimizer="lbfgs",
        learning_rate=1,
        steps=300,
        initial_scale=0.3,
    )
    result = w2v.train_population(statistics, config)
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
    one, two, other = (
        w2v.train_population(toy_statistics, config, seed=seed) for seed in (1, 1, 2)
    )
    assert one.embedding.vectors.equal(two.embedding.vectors)
    assert one.contexts.vectors.equal(two.contexts.vectors)
    assert not one.embedding.vectors.equal(other.embedding.vectors)
    assert not one.embedding.vectors.equal(one.contexts.vectors)


def test_learning_rate_falls(toy_statistics):
    plan = {"dim": 2, "steps": 4, "learning_rate": 0.1, "record_every": 1}
    falling = w2v.train_population(
        toy_statistics, w2v.PopulationConfig(**plan, schedule="linear")
    ).history.times
    assert falling.tolist() == pytest.approx([0, 0.2, 0.35, 0.45, 0.5])
    steady = w2v.train_population(toy_statistics, w2v.PopulationConfig(**plan)).history.times
    assert steady.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])


class TestFeatures:
    def test_identity_changes_nothing(self, toy_statistics):
        config = w2v.PopulationConfig(dim=3, steps=10)
        plain = w2v.train_population(toy_statistics, config).embedding.vectors
        eye = torch.eye(12, dtype=torch.float64)
        for features in (eye, eye.to_sparse()):
            same = w2v.train_population(toy_statistics, config, features=features)
            torch.testing.assert_close(same.embedding.vectors, plain)

    def test_is_gradient_descent_with_a_preconditioner(self, toy_statistics):
        """One small step in Z moves W = F Z along F F^T times the gradient."""
        F = random(12, 20, seed=5)
        config = w2v.PopulationConfig(
            dim=3, steps=1, optimizer="gd", learning_rate=1e-3, initial_scale=1
        )
        states = []
        w2v.train_population(
            toy_statistics,
            config,
            features=F,
            callback=lambda step, embedding: states.append(embedding.vectors),
        )
        before = states[0].clone().requires_grad_()
        plain = REWEIGHTINGS["plain"](toy_statistics)
        loss = full_loss(w2v.sgns_loss, toy_statistics, plain, before, before, None)
        (gradient,) = torch.autograd.grad(loss, before)
        mean = torch.add(*w2v.pair_weights(toy_statistics, plain)).mean()
        torch.testing.assert_close(states[1] - states[0], -1e-3 * F @ F.T @ gradient / mean)


class TestCheckpoints:
    @pytest.mark.parametrize("optimizer", ["gd", "momentum", "adam", "lbfgs"])
    def test_interrupted_and_continued(self, toy_statistics, tmp_path, optimizer):
        plan = {"dim": 3, "optimizer": optimizer, "steps": 9, "record_every": 2}
        whole = w2v.train_population(toy_statistics, w2v.PopulationConfig(**plan), seed=4)

        def interrupt(step, embedding):
            if step == 6:
                raise KeyboardInterrupt

        config = w2v.PopulationConfig(**plan, checkpoint=tmp_path / "run.npz")
        with pytest.raises(KeyboardInterrupt):
            w2v.train_population(toy_statistics, config, seed=4, callback=interrupt)
        resumed = w2v.train_population(toy_statistics, config, seed=4)
        assert resumed.embedding.vectors.equal(whole.embedding.vectors)
        assert resumed.history.steps.equal(whole.history.steps)
        assert resumed.history.loss.equal(whole.history.loss)
        assert resumed.history.times.equal(whole.history.times)
        assert resumed.history.singular_values.equal(whole.history.singular_values)

    def test_continued_by_another_process(self, tmp_path):
        """Nothing in the file may depend on where things lie in memory."""
        program = """
import sys
from functools import partial
import w2vlib as w2v
from w2vlib import sgns_loss
statistics = w2v.datasets.toy_language((0.5, 0.2)).statistics
for name, loss in {"sgns": sgns_loss, "glove": partial(w2v.glove_loss, maximum=1e-3)}.items():
    config = w2v.PopulationConfig(
        dim=2, loss=loss, steps=int(sys.argv[1]), checkpoint=f"{sys.argv[2]}/{name}.npz"
    )
    print(len(w2v.train_population(statistics, config).history))
"""
        for steps, records in ((10, "2\n2\n"), (30, "4\n4\n")):
            done = subprocess.run(
                [sys.executable, "-c", program, str(steps), tmp_path],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            assert done.stdout == records

    def test_more_steps_go_on_from_the_end(self, toy_statistics, tmp_path):
        path = tmp_path / "run.npz"
        short, long = (
            w2v.PopulationConfig(dim=2, steps=steps, checkpoint=path) for steps in (10, 20)
        )
        w2v.train_population(toy_statistics, short)
        extended = w2v.train_population(toy_statistics, long)
        whole = w2v.train_population(toy_statistics, w2v.PopulationConfig(dim=2, steps=20))
        assert extended.embedding.vectors.equal(whole.embedding.vectors)

    def test_another_run_is_refused(self, toy_statistics, tmp_path):
        path = tmp_path / "run.npz"
        config = w2v.PopulationConfig(dim=2, steps=4, checkpoint=path)
        w2v.train_population(toy_statistics, config)
        content = path.read_bytes()
        other = w2v.PopulationConfig(dim=2, steps=4, learning_rate=0.5, checkpoint=path)
        for changed, seed, reweighting in (
            (other, 0, None),
            (config, 1, None),
            (config, 0, w2v.uniform_reweighting(toy_statistics)),
        ):
            with pytest.raises(ValueError, match="another run"):
                w2v.train_population(toy_statistics, changed, seed=seed, reweighting=reweighting)
        start = w2v.Embedding(random(12, 2), toy_statistics.vocabulary)
        with pytest.raises(ValueError, match="another run"):
            w2v.train_population(toy_statistics, config, initial=start)
        assert path.read_bytes() == content

    @pytest.mark.parametrize("content", [b"", b"no checkpoint", "archive"])
    def test_another_file_is_refused(self, toy_statistics, tmp_path, content):
        path = tmp_path / "run.npz"
        if content == "archive":
            np.savez(path, words=np.zeros(3))
        else:
            path.write_bytes(content)
        config = w2v.PopulationConfig(dim=2, steps=4, checkpoint=path)
        with pytest.raises(ValueError, match="is not a checkpoint"):
            w2v.train_population(toy_statistics, config)


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
            ({"checkpoint": "run.pt"}, "npz"),
        ],
    )
    def test_impossible_configurations(self, change, message):
        make = getattr(w2v.PopulationConfig, "__wrapped__", w2v.PopulationConfig)
        with pytest.raises(Exception, match=message):
            make(**change)

    def test_sizes(self, toy_statistics, language):
        config = w2v.PopulationConfig(dim=2, steps=1)
        start = w2v.Embedding(random(12, 3), toy_statistics.vocabulary)
        with pytest.raises(ValueError, match="`initial` must be 12 words x 2 dimensions"):
            w2v.train_population(toy_statistics, config, initial=start)
        with pytest.raises(ValueError, match="`features` must have 12 rows; got 5"):
            w2v.train_population(toy_statistics, config, features=torch.eye(5))
        other = w2v.uniform_reweighting(language.statistics)
        with pytest.raises(ValueError, match="`reweighting` must be for the 12 words"):
            w2v.train_population(toy_statistics, config, reweighting=other)
        fitting = w2v.Embedding(random(12, 2), toy_statistics.vocabulary)
        with pytest.raises(ValueError, match="leave out one or the other"):
            w2v.train_population(toy_statistics, config, features=torch.eye(12), initial=fitting)
