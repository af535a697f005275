"""word2vec in closed form, against the dense matrix and all its modes."""

import numpy as np
import pytest
import torch

import w2vlib as w2v


@pytest.fixture(scope="module")
def statistics(enwiki):
    small = w2v.restrict_cooccurrence(enwiki, 120)
    return w2v.corpus_statistics(small, dtype=torch.float64)


@pytest.fixture(scope="module")
def reweighting(statistics):
    return w2v.word2vec_reweighting(statistics, negatives=1, sample=1e-3)


def dense_modes(statistics, reweighting):
    """Eigenvalues of the weighted target, ascending, and rows of vectors without the weights."""
    g = w2v.rank_one_weights(statistics, reweighting)
    target = w2v.weighted_target(w2v.qwem_target(statistics, reweighting), g)
    values, vectors = np.linalg.eigh(target.numpy())
    return values, vectors / np.sqrt(g.numpy())[:, None]


@pytest.mark.parametrize(("dim", "negative"), [(20, None), (20, 7), (9, None), (119, 30)])
def test_scores_are_those_of_the_modes(statistics, reweighting, dim, negative):
    """The largest eigenvalues, and the smallest but the very smallest: a tenth of them."""
    W, C = w2v.solve_word2vec(statistics, dim, reweighting=reweighting, negative=negative)
    n = dim // 10 if negative is None else negative
    values, rows = dense_modes(statistics, reweighting)
    kept = [*range(1, n + 1), *range(len(values) - (dim - n), len(values))]
    expected = (rows[:, kept] * values[kept]) @ rows[:, kept].T
    found = (W.vectors @ C.vectors.T).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    assert W.dim == C.dim == dim
    assert int((W.vectors == -C.vectors).all(dim=0).sum()) == (values[kept] < 0).sum()


def test_sparse_statistics_give_the_same(enwiki):
    small = w2v.restrict_cooccurrence(enwiki, 120)
    gram = []
    for sparse in (True, False):
        statistics = w2v.corpus_statistics(small, sparse=sparse, dtype=torch.float64)
        rule = w2v.word2vec_reweighting(statistics, negatives=1, sample=None)
        W, C = w2v.solve_word2vec(statistics, 30, reweighting=rule)
        gram.append(W.vectors @ C.vectors.T)
    torch.testing.assert_close(*gram, rtol=0, atol=1e-4)


def test_as_many_dimensions_as_words(statistics, reweighting):
    """Then no mode is to spare, and each word has one vector, as in Theorem 1: no zeros."""
    with pytest.warns(w2v.DataWarning, match="of 120 dimensions are different from zero"):
        W, C = w2v.solve_word2vec(statistics, 120, reweighting=reweighting)
    assert W is C and bool((W.vectors != 0).any(dim=0).all())
    g = w2v.rank_one_weights(statistics, reweighting)
    target = w2v.qwem_operator(statistics, reweighting, weights=g) @ torch.eye(
        120, dtype=statistics.joint.dtype
    )
    assert W.dim == int((torch.linalg.eigvalsh(target.double()) > 1e-5).sum())


@pytest.mark.parametrize(
    ("dim", "negative", "message"),
    [
        (0, None, r"`dim` must be in \[1, 120\]"),
        (121, None, r"`dim` must be in \[1, 120\]"),
        (20, 20, r"`negative` must be in \[0, 19\]"),
        (20, -1, r"`negative` must be in \[0, 19\]"),
        (120, 1, r"`negative` must be in \[0, 0\]"),
    ],
)
def test_refuses(statistics, reweighting, dim, negative, message):
    with pytest.raises(ValueError, match=message):
        w2v.solve_word2vec(statistics, dim, reweighting=reweighting, negative=negative)
