"""Vectors against Eckart-Young, and neighbors against a loop."""

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given
from hypothesis import strategies as st

import w2vlib as w2v
from w2vlib import embedding as module


def symmetric(size=12, seed=0):
    noise = torch.randn(size, size, generator=torch.Generator().manual_seed(seed)).double()
    return noise + noise.T


def vocabulary_of(size):
    return w2v.Vocabulary(tuple(f"w{n}" for n in range(size)), torch.arange(size, 0, -1))


def descend(target, weights, d, seed=0):
    """Minimize sum_ij g_i g_j ((W W^T)_ij - M_ij)^2 numerically, from a random start."""
    w = torch.randn(len(target), d, generator=torch.Generator().manual_seed(seed)).double()
    w.requires_grad_()
    outer = torch.outer(weights, weights)
    solver = torch.optim.LBFGS(
        [w], max_iter=3000, tolerance_grad=1e-12, line_search_fn="strong_wolfe"
    )

    def loss():
        solver.zero_grad()
        value = (outer * (w @ w.T - target).square()).sum()
        value.backward()
        return value

    solver.step(loss)
    return loss().item(), (w @ w.T).detach()


@pytest.mark.parametrize("weighted", [False, True])
def test_closed_form_is_the_minimum(weighted):
    """Numerical minimization of the loss finds the same Gram matrix, with and without weights."""
    size, d = 12, 3
    target, words = symmetric(size), vocabulary_of(size)
    g = torch.linspace(0.5, 2, size).double() if weighted else torch.ones(size).double()
    root = g.sqrt()
    spectrum = w2v.top_eigenpairs(root[:, None] * target * root, k=d)
    embedding = w2v.spectral_embedding(spectrum, words, weights=g if weighted else None)
    gram = embedding.vectors @ embedding.vectors.T
    loss = float((torch.outer(g, g) * (gram - target).square()).sum())
    numerical_loss, numerical_gram = descend(target, g, d)
    assert loss == pytest.approx(numerical_loss, rel=1e-8)
    torch.testing.assert_close(gram, numerical_gram, rtol=0, atol=1e-4)


def test_two_vectors_are_the_minimum():
    """The truncated singular value decomposition of the weighted target; both factors balanced."""
    target, words = symmetric(), vocabulary_of(12)
    g = torch.linspace(0.5, 2, 12).double()
    root = g.sqrt()
    scaled = root[:, None] * target * root
    modes = w2v.strongest_modes(w2v.top_eigenpairs(scaled, 12), 5)
    W, C = (each.vectors for each in w2v.spectral_factors(modes, words, weights=g))

    U, s, Vh = np.linalg.svd(scaled.numpy())
    best = (U[:, :5] * s[:5]) @ Vh[:5] / np.outer(root.numpy(), root.numpy())
    np.testing.assert_allclose((W @ C.T).numpy(), best, atol=1e-10)
    torch.testing.assert_close(W.T @ (g[:, None] * W), C.T @ (g[:, None] * C))
    assert float((W + C).norm()) > 0 and float((W - C).norm()) > 0, "modes of both signs"


def test_power():
    spectrum = w2v.top_eigenpairs(symmetric(), k=3)
    vectors = w2v.spectral_embedding(spectrum, vocabulary_of(12), power=0.0).vectors
    assert torch.equal(vectors, spectrum.eigenvectors)


@pytest.mark.parametrize("power", [0.5, 0.0, -0.5, 1.0])
def test_negative_modes_give_zero_columns(power):
    spectrum = w2v.top_eigenpairs(torch.diag(torch.tensor([2.0, -0.5, -1.0])), k=3)
    vectors = w2v.spectral_embedding(spectrum, vocabulary_of(3), power=power).vectors
    assert vectors[:, 1:].abs().max() == 0
    assert float(vectors[:, 0].norm()) == pytest.approx(2**power, rel=1e-5)


def test_weights_do_not_change_the_dtype():
    spectrum = w2v.top_eigenpairs(torch.eye(3), k=2)
    weights = torch.ones(3, dtype=torch.float64)
    assert w2v.spectral_embedding(spectrum, vocabulary_of(3), weights=weights).vectors.dtype == (
        torch.float32
    )


def test_neighbors_are_those_of_a_loop():
    noise = torch.randn(30, 4, generator=torch.Generator().manual_seed(1))
    embedding = w2v.Embedding(noise, vocabulary_of(30))
    found = w2v.nearest_neighbors(embedding, "w5", k=29)
    cosines = {
        f"w{n}": float(noise[n] @ noise[5] / (noise[n].norm() * noise[5].norm()))
        for n in range(30)
        if n != 5
    }
    expected = sorted(cosines, key=cosines.__getitem__, reverse=True)
    assert [word for word, _ in found] == expected
    np.testing.assert_allclose([c for _, c in found], [cosines[w] for w in expected], rtol=1e-5)


def test_neighbors_make_sense(enwiki_embedding):
    for word, kin in [
        ("physics", {"chemistry", "theory"}),
        ("france", {"italy", "spain", "germany"}),
        ("she", {"her", "herself"}),
        ("music", {"songs", "album"}),
    ]:
        assert kin <= {neighbor for neighbor, _ in w2v.nearest_neighbors(enwiki_embedding, word)}


def test_vector_of_a_word_as_people_ask_for_it(enwiki_embedding):
    assert "king" in enwiki_embedding
    assert "queeen" not in enwiki_embedding
    number = enwiki_embedding.vocabulary.words.index("king")
    assert torch.equal(enwiki_embedding["king"], enwiki_embedding.vectors[number])
    assert tuple(enwiki_embedding) == enwiki_embedding.vocabulary.words
    with pytest.raises(KeyError, match="queen"):
        enwiki_embedding["queeen"]


def test_poles_of_modes():
    vectors = torch.tensor([[0.9, 0.1], [0.1, 0.7], [-0.4, -0.7]])
    spectrum = w2v.Spectrum(torch.tensor([2.0, 1.0]), vectors)
    modes = w2v.mode_words(spectrum, vocabulary_of(3), count=2)
    assert modes == [(["w0", "w1"], ["w2", "w1"]), (["w1", "w0"], ["w2", "w0"])]


def test_principal_coordinates_are_those_of_numpy():
    noise = torch.randn(9, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    embedding = w2v.Embedding(noise, vocabulary_of(9))
    words = ["w3", "w1", "w8", "w0", "w5"]
    found = w2v.principal_coordinates(embedding, words).numpy()
    points = noise[[3, 1, 8, 0, 5]].numpy()
    points = points / np.linalg.norm(points, axis=1, keepdims=True)
    covariance = np.cov(points.T)
    axes = np.linalg.eigh(covariance)[1][:, [-1, -2]]
    expected = (points - points.mean(0)) @ axes
    np.testing.assert_allclose(found * np.sign((found * expected).sum(0)), expected, atol=1e-12)


def test_as_many_neighbors_as_there_are():
    embedding = w2v.Embedding(torch.eye(3), vocabulary_of(3))
    assert sorted(word for word, _ in w2v.nearest_neighbors(embedding, "w1")) == ["w0", "w2"]
    embedding = w2v.Embedding(torch.eye(30), vocabulary_of(30))
    assert [len(near) for near in w2v.nearest_neighbors(embedding, ["w1", "w2"])] == [10, 10]


class TestBadInput:
    @pytest.mark.parametrize("k", [0, 3])
    def test_number_of_neighbors(self, k):
        embedding = w2v.Embedding(torch.eye(3), vocabulary_of(3))
        with pytest.raises(ValueError, match=rf"`k` must be in \[1, 2\]; got k={k}"):
            w2v.nearest_neighbors(embedding, "w0", k=k)

    def test_unknown_word(self):
        embedding = w2v.Embedding(torch.eye(3), vocabulary_of(3))
        with pytest.raises(KeyError, match="'w9' is not among the 3 words"):
            w2v.nearest_neighbors(embedding, "w9", k=1)

    def test_sizes_disagree(self):
        with pytest.raises(ValueError, match="one row for each of the 2 words; got 3"):
            w2v.Embedding(torch.eye(3), vocabulary_of(2))

    def test_not_finite(self):
        with pytest.raises(ValueError, match="must be finite"):
            w2v.Embedding(torch.full((2, 2), torch.inf), vocabulary_of(2))

    def test_poles_of_other_words(self):
        spectrum = w2v.top_eigenpairs(torch.eye(3), k=1)
        with pytest.raises(ValueError, match=r"a word for each of the 3 rows.*got 2"):
            w2v.mode_words(spectrum, vocabulary_of(2), count=1)

    def test_axes_of_one_word(self):
        embedding = w2v.Embedding(torch.eye(3), vocabulary_of(3))
        with pytest.raises(ValueError, match=r"at least two words; got \['"):
            w2v.principal_coordinates(embedding, ["w0"], count=1)

    @pytest.mark.parametrize("count", [0, 3])
    def test_number_of_axes(self, count):
        embedding = w2v.Embedding(torch.eye(3), vocabulary_of(3))
        with pytest.raises(ValueError, match=rf"`count` must be in \[1, 2\]; got {count}"):
            w2v.principal_coordinates(embedding, ["w0", "w2"], count=count)

    @pytest.mark.parametrize("weights", [[1.0, 0.0], [1.0, -1.0], [1.0, torch.nan]])
    def test_weights(self, weights):
        spectrum = w2v.top_eigenpairs(torch.eye(2), k=1)
        with pytest.raises(ValueError, match="`weights` must be 2 positive numbers"):
            w2v.spectral_embedding(spectrum, vocabulary_of(2), weights=torch.tensor(weights))


class TestManyNeighbors:
    def test_batches_equal_single_words(self, enwiki_embedding, monkeypatch):
        words = ["physics", "france", "the", "music", "physics"]
        single = [w2v.nearest_neighbors(enwiki_embedding, word, k=4) for word in words]
        monkeypatch.setattr(module, "_COSINES", 10_000)  # two words at one time
        together = w2v.nearest_neighbors(enwiki_embedding, words, k=4)
        assert [[word for word, _ in one] for one in together] == [
            [word for word, _ in one] for one in single
        ]
        cosines = [[c for _, c in one] for one in together]
        np.testing.assert_allclose(cosines, [[c for _, c in one] for one in single], atol=1e-5)

    def test_agrees_with_gensim(self, enwiki_embedding, gensim):
        keyed = w2v.to_keyed_vectors(enwiki_embedding)
        for word, ours in zip(
            words := ["river", "king"],
            w2v.nearest_neighbors(enwiki_embedding, words, k=10),
            strict=True,
        ):
            theirs = keyed.most_similar(word, topn=10)
            assert [w for w, _ in ours] == [w for w, _ in theirs]

    def test_unknown_word(self, enwiki_embedding):
        with pytest.raises(KeyError, match="'physicss' is not among"):
            w2v.nearest_neighbors(enwiki_embedding, ["physics", "physicss"])


class TestAlign:
    def embedding(self, vectors, words):
        return w2v.Embedding(vectors, w2v.Vocabulary(tuple(words), torch.ones(len(words)).long()))

    @given(seed=st.integers(0, 2**31))
    def test_undoes_a_rotation_and_a_reflection(self, seed):
        generator = torch.Generator().manual_seed(seed)
        vectors = torch.randn(9, 4, generator=generator, dtype=torch.float64)
        rotation = torch.linalg.qr(torch.randn(4, 4, generator=generator).double()).Q
        reference = self.embedding(vectors, "abcdefghi")
        order = torch.randperm(9, generator=generator)
        turned = self.embedding(
            (vectors @ rotation)[order], ["abcdefghi"[n] for n in order.tolist()]
        )
        aligned = w2v.align(turned, reference)
        torch.testing.assert_close(aligned.vectors, vectors[order])
        assert aligned.vocabulary is turned.vocabulary

    def test_agrees_with_scipy_on_common_words(self):
        generator = torch.Generator().manual_seed(0)
        first = self.embedding(torch.randn(6, 3, generator=generator).double(), "abcdef")
        second = self.embedding(torch.randn(5, 3, generator=generator).double(), "zedcb")
        rotation, _ = scipy.linalg.orthogonal_procrustes(
            first.vectors[[1, 2, 3, 4]].numpy(), second.vectors[[4, 3, 2, 1]].numpy()
        )
        aligned = w2v.align(first, second)
        np.testing.assert_allclose(aligned.vectors, first.vectors.numpy() @ rotation)

    def test_bad_input(self):
        first = self.embedding(torch.eye(3), "abc")
        with pytest.raises(ValueError, match="equally many dimensions; got 3 and 2"):
            w2v.align(first, self.embedding(torch.ones(3, 2), "abc"))
        with pytest.raises(ValueError, match=r"share at least 3 words.*they share 2"):
            w2v.align(first, self.embedding(torch.eye(3), "abz"))
