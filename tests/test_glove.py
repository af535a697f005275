"""GloVe: the published algorithm step by step, and its closed form."""

import math

import numpy as np
import pytest
import scipy.sparse as sp
import torch

import w2vlib as w2v
from w2vlib.training.glove import _Glove


@pytest.fixture(scope="module")
def counts():
    numbers = np.random.default_rng(0).integers(0, 40, (6, 6))
    words = w2v.Vocabulary(tuple("abcdef"), torch.ones(6, dtype=torch.int64))
    return w2v.Cooccurrence(sp.csr_array((numbers + numbers.T).astype(np.int64)), words)


def published(triples, tables, config):
    """AdaGrad on one pair (i, j, X_ij) at a time, in plain Python; return the losses."""
    d, squares, losses = config.dim, np.ones_like(tables), []
    for i, j, x in triples:
        w, c = tables[0, i].copy(), tables[1, j].copy()
        gap = w[:d] @ c[:d] + w[d] + c[d] - math.log(x)
        f = min(1.0, (x / config.maximum) ** config.exponent)
        losses.append(0.5 * f * gap**2)
        for side, row, other in ((0, i, c), (1, j, w)):
            gradient = f * gap * np.append(other[:d], 1.0)
            tables[side, row] -= config.learning_rate * gradient / np.sqrt(squares[side, row])
            squares[side, row] += gradient**2
    return losses


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_one_pair_at_a_time_is_the_published_algorithm(counts, scale):
    config = w2v.GloVeConfig(dim=3, maximum=20)
    state = _Glove(counts, config, scale, 5, "cpu")
    tables = torch.stack(state.tables).double().numpy()
    pairs = counts.counts.tocoo()
    triples = list(zip(*pairs.coords, pairs.data / scale, strict=True))
    order = np.random.default_rng(1).integers(len(triples), size=150)
    losses = [float(state.step(torch.tensor([n]), config)) for n in order]
    expected = published([triples[n] for n in order], tables, config)
    assert losses == pytest.approx(expected, rel=1e-3)
    np.testing.assert_allclose(torch.stack(state.tables), tables, rtol=0, atol=1e-5)


@pytest.mark.parametrize("weighting", ["uniform", "linear", "harmonic"])
def test_counts_are_taken_in_their_unit(weighting):
    """Harmonic counts of window 10 are 2,520 times those of the published program."""
    tokens = torch.randint(30, (3000,), generator=torch.Generator().manual_seed(0))
    words = w2v.Vocabulary(tuple(f"w{n}" for n in range(30)), tokens.bincount())
    corpus = w2v.Corpus(tokens.int(), torch.tensor([0, 3000]), words)
    counts = w2v.count_cooccurrences(corpus, window=10, weighting=weighting)
    config = w2v.GloVeConfig(dim=3, epochs=1)
    unit = int(w2v.window_weights(10, weighting)[0])
    default, told = (w2v.train_glove(counts, config, scale=scale) for scale in (None, unit))
    assert default.embedding.vectors.equal(told.embedding.vectors)
    assert counts.counts.data.min() / unit < config.maximum, "not every pair has full weight"


def test_counts_of_unknown_unit_with_full_weight_everywhere(counts):
    large = w2v.Cooccurrence(sp.csr_array(counts.counts.toarray() + 2520), counts.vocabulary)
    config = w2v.GloVeConfig(dim=3, epochs=1)
    with pytest.warns(w2v.DataWarning, match="`scale`"):
        w2v.train_glove(large, config)
    w2v.train_glove(large, config, scale=1)


def objective(tables, counts):
    """Half the sum of GloVe's loss over all pairs, for vectors with biases as a last column."""
    w, c = tables
    s = w[:, :-1] @ c[:, :-1].T + w[:, -1:] + c[:, -1]
    X = torch.from_numpy(counts.counts.toarray()).float()
    return w2v.glove_loss(s, X, maximum=20).sum() / 2


def test_a_batch_is_a_step_along_the_gradient_of_the_objective(counts):
    """All pairs at once, from the start, where AdaGrad has not yet seen a square."""
    config = w2v.GloVeConfig(dim=2, maximum=20, epochs=1, batch_pairs=100)
    result = w2v.train_glove(counts, config, scale=1, seed=3)
    start = torch.stack(_Glove(counts, config, 1.0, 3, "cpu").tables).requires_grad_()
    (gradient,) = torch.autograd.grad(objective(start, counts), start)
    for side, found in enumerate((result.embedding, result.contexts)):
        expected = (start - 0.05 * gradient)[side, :, :2].detach()
        torch.testing.assert_close(found.vectors, expected)


@pytest.mark.parametrize("batch_pairs", [1, 7, 100])
def test_an_epoch_goes_once_through_all_pairs(counts, batch_pairs):
    """With steps of no length, its loss is the objective."""
    config = w2v.GloVeConfig(
        dim=2, maximum=20, epochs=2, batch_pairs=batch_pairs, learning_rate=1e-30
    )
    history = w2v.train_glove(counts, config, scale=1, seed=3).history
    start = torch.stack(_Glove(counts, config, 1.0, 3, "cpu").tables)
    expected = float(objective(start, counts))
    assert history.loss.tolist() == pytest.approx([expected, expected], rel=1e-5)
    assert history.times.isnan().all(), "AdaGrad's steps share no time"


def test_same_seed_same_bits(counts):
    config = w2v.GloVeConfig(dim=3, epochs=2)
    one, two, other = (w2v.train_glove(counts, config, seed=seed) for seed in (1, 1, 2))
    assert one.embedding.vectors.equal(two.embedding.vectors)
    assert not one.embedding.vectors.equal(other.embedding.vectors)


def test_closed_form_takes_away_the_best_biases(counts):
    """Against least squares for the biases: what they cannot explain is the target."""
    logs = np.log1p(counts.counts.toarray())
    design = np.stack(
        [np.add.outer(np.eye(6)[n], np.zeros(6)).ravel() for n in range(6)]
        + [np.add.outer(np.zeros(6), np.eye(6)[n]).ravel() for n in range(6)],
        axis=1,
    )
    solution = np.linalg.lstsq(design, logs.ravel(), rcond=None)[0]
    expected = logs - (design @ solution).reshape(6, 6)
    np.testing.assert_allclose(w2v.glove_target(counts).numpy(), expected, atol=1e-5)


def test_closed_form_shares_its_topics_with_the_quartic_one(enwiki, enwiki_target):
    """The paper's authors on other losses: with equal weights GloVe learns like topics."""
    glove = w2v.top_eigenpairs(w2v.glove_target(enwiki), k=10)
    qwem = w2v.top_eigenpairs(enwiki_target, k=10)
    assert w2v.subspace_overlap(glove.eigenvectors, qwem.eigenvectors) > 0.9


def test_sums(counts):
    result = w2v.train_glove(counts, w2v.GloVeConfig(dim=3, epochs=1))
    total = w2v.words_plus_contexts(result)
    assert total.vectors.equal(result.embedding.vectors + result.contexts.vectors)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: w2v.GloVeConfig(dim=0), "dim"),
        (lambda c: w2v.GloVeConfig(maximum=0), "maximum"),
        (lambda c: w2v.train_glove(c, w2v.GloVeConfig(dim=2), scale=0), "scale"),
        (lambda c: w2v.train_glove(c, w2v.GloVeConfig(dim=2), device="cuda:9"), "not available"),
        (
            lambda c: w2v.train_glove(
                w2v.Cooccurrence(sp.csr_array((6, 6), dtype=np.int64), c.vocabulary),
                w2v.GloVeConfig(dim=2),
            ),
            "holds no counts",
        ),
    ],
)
def test_refuses(counts, call, message):
    with pytest.raises(ValueError, match=message):
        call(counts)
