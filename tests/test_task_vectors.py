"""Task vectors against planted geometry, linear algebra by other means, and random matrices."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import w2vlib as w2v


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def vocabulary(size):
    return w2v.Vocabulary(tuple(f"w{n}" for n in range(size)), torch.arange(size, 0, -1))


def family(R, seed=9):
    """Task vectors R of an embedding: pair n is words 2 n and 2 n + 1."""
    first = normal(*R.shape, seed=seed)
    vectors = torch.stack([first, first + R], dim=1).flatten(0, 1)
    embedding = w2v.Embedding(vectors, vocabulary(len(vectors)))
    pairs = torch.arange(len(vectors)).reshape(-1, 2)
    return w2v.extract_task_vectors(embedding, pairs)


matrices = st.builds(
    lambda rows, columns, seed: normal(rows, columns, seed=seed),
    st.integers(2, 9),
    st.integers(1, 9),
    st.integers(0, 1000),
)


class TestPairs:
    def test_pairs_of_a_family(self):
        words = w2v.Vocabulary(tuple("abcdef"), torch.arange(6, 0, -1))
        lines = [": letters", "a b", "e f", "c d", ": other", "a f", "b e"]
        analogies = w2v.parse_analogies(w2v.questions_from_pairs(lines), words)
        pairs = w2v.family_pairs(analogies, "letters")
        assert pairs.tolist() == [[0, 1], [2, 3], [4, 5]]
        single = w2v.parse_analogies([": letters", "a b c d"], words)
        assert w2v.family_pairs(single, "letters").tolist() == [[0, 1], [2, 3]]
        with pytest.raises(ValueError, match="must be one of 'letters', 'other'; got 'verbs'"):
            w2v.family_pairs(analogies, "verbs")

    def test_a_family_without_questions(self):
        lines = [": far", "x y", "z u", ": near", "a b", "c d"]
        words = w2v.Vocabulary(tuple("abcd"), torch.arange(4, 0, -1))
        analogies = w2v.parse_analogies(w2v.questions_from_pairs(lines), words)
        with pytest.raises(ValueError, match="no question in the vocabulary"):
            w2v.family_pairs(analogies, "far")

    @given(st.integers(2, 20), st.integers(0, 99))
    def test_nobody_keeps_the_partner(self, number, seed):
        pairs = torch.arange(2 * number).reshape(-1, 2)
        shuffled = w2v.shuffled_pairs(pairs, seed=seed)
        assert torch.equal(shuffled[:, 0], pairs[:, 0])
        assert sorted(shuffled[:, 1].tolist()) == pairs[:, 1].tolist()
        assert not (shuffled[:, 1] == pairs[:, 1]).any()

    def test_seeds_shuffle_differently(self):
        pairs = torch.arange(40).reshape(-1, 2)
        first, again, other = (w2v.shuffled_pairs(pairs, seed=seed) for seed in (0, 0, 1))
        assert torch.equal(first, again) and not torch.equal(first, other)

    def test_shuffling_leaves_the_mean(self):
        embedding = w2v.Embedding(normal(40, 7), vocabulary(40))
        pairs = torch.arange(40).reshape(-1, 2)
        means = [
            w2v.extract_task_vectors(embedding, p).vectors.mean(dim=0)
            for p in (pairs, w2v.shuffled_pairs(pairs))
        ]
        torch.testing.assert_close(*means)

    @pytest.mark.parametrize("pairs", [[[0, 1]], [[0, 1], [2, 9]], [[0, 1], [-1, 2]]])
    def test_impossible_pairs(self, pairs):
        embedding = w2v.Embedding(normal(5, 3), vocabulary(5))
        with pytest.raises(ValueError, match=r"`pairs` must be two or more"):
            w2v.extract_task_vectors(embedding, torch.tensor(pairs))

    def test_a_single_pair_has_no_other_partner(self):
        with pytest.raises(ValueError, match="at least two pairs; got 1"):
            w2v.shuffled_pairs(torch.tensor([[0, 1]]))

    def test_equal_words_have_no_direction(self):
        embedding = w2v.Embedding(torch.ones(4, 2), vocabulary(4))
        with pytest.raises(ValueError, match="not all 0"):
            w2v.extract_task_vectors(embedding, torch.tensor([[0, 1], [2, 3]]))

    def test_normalized_words(self):
        vectors = normal(6, 3)
        pairs = torch.tensor([[0, 1], [4, 2]])
        found = w2v.extract_task_vectors(
            w2v.Embedding(vectors, vocabulary(6)), pairs, normalize=True
        ).vectors
        unit = vectors / vectors.norm(dim=1, keepdim=True)
        torch.testing.assert_close(found, torch.stack([unit[1] - unit[0], unit[2] - unit[4]]))

    def test_a_word_without_a_vector(self):
        vectors = normal(4, 3).requires_grad_()
        blank = vectors * torch.tensor([[0.0], [1], [1], [1]]).double()
        embedding = w2v.Embedding(blank, vocabulary(4))
        task = w2v.extract_task_vectors(embedding, torch.tensor([[0, 1], [2, 3]]), normalize=True)
        assert float(task.vectors[0].norm()) == pytest.approx(1)
        assert not task.vectors.requires_grad


class TestSpectrum:
    @given(matrices)
    def test_gram_spectrum_is_that_of_the_singular_values(self, R):
        found = w2v.gram_spectrum(family(R))
        singular = scipy.linalg.svdvals(R.numpy())
        expected = np.zeros(len(R))
        expected[: len(singular)] = singular**2 / R.shape[1]
        np.testing.assert_allclose(found.eigenvalues, expected, atol=1e-10)
        gram = R @ R.T / R.shape[1]
        back = found.eigenvectors * found.eigenvalues @ found.eigenvectors.T
        torch.testing.assert_close(back, gram, rtol=0, atol=1e-9)

    @given(matrices)
    def test_centered(self, R):
        """The mean is gone, and with it one dimension of the pairs."""
        found = w2v.gram_spectrum(family(R), centered=True)
        centered = R - R.mean(dim=0)
        expected = torch.linalg.eigvalsh(centered @ centered.T / R.shape[1]).flip(0)
        torch.testing.assert_close(found.eigenvalues, expected[:-1], rtol=1e-6, atol=1e-9)
        ones = torch.ones(len(R), dtype=torch.float64)
        assert float((found.eigenvectors.T @ ones).abs().max()) < 1e-6

    def test_of_equal_task_vectors(self):
        """Centered, nothing is left; the modes still know nothing of a constant."""
        found = w2v.gram_spectrum(family(torch.ones(4, 3).double()), centered=True)
        torch.testing.assert_close(found.eigenvalues, torch.zeros(3).double(), rtol=0, atol=1e-12)
        ones = torch.ones(4, dtype=torch.float64)
        assert float((found.eigenvectors.T @ ones).abs().max()) < 1e-6
        largest = found.eigenvectors.abs().argmax(dim=0, keepdim=True)
        assert (found.eigenvectors.gather(0, largest) > 0).all()

    def test_is_never_negative(self):
        """Not even by rounding: more pairs than dimensions leave eigenvalues of 0."""
        assert (w2v.gram_spectrum(family(normal(60, 5))).eigenvalues >= 0).all()

    def test_noise_has_no_spike(self):
        """The bulk is Marchenko and Pastur's, and its end is that of finite noise."""
        rows, columns = 60, 300
        found = w2v.gram_spectrum(family(normal(rows, columns))).eigenvalues
        law = w2v.random_matrix.MarchenkoPastur(rows / columns)
        ranks = 1 - torch.arange(rows) / rows
        assert (
            float((w2v.random_matrix.mp_cdf(law, found) - ranks).abs().max())
            < math.log(rows) / rows
        )
        mean, deviation = w2v.random_matrix.edge_fluctuation(rows, columns)
        assert float(found[0]) == pytest.approx(mean, abs=4 * deviation)

    @pytest.mark.parametrize("times", [3.0, 10.0])
    def test_a_common_direction_is_a_spike_of_known_height(self, times):
        """R = 1 m^T + noise: theta^2 = N |m|^2 / d, in the law of a spiked matrix."""
        rows, columns = 150, 600
        law = w2v.random_matrix.MarchenkoPastur(rows / columns)
        strength = times * w2v.random_matrix.bbp_threshold(law)
        mean = torch.nn.functional.normalize(normal(columns, seed=3), dim=0)
        R = (strength * columns / rows) ** 0.5 * mean + normal(rows, columns, seed=4)
        found = w2v.gram_spectrum(family(R))
        height = w2v.random_matrix.outlier_eigenvalue(law, strength)
        assert float(found.eigenvalues[0]) == pytest.approx(height, rel=3 * rows**-0.5)
        ones = torch.ones(rows, dtype=torch.float64) / rows**0.5
        overlap = float(found.eigenvectors[:, 0] @ ones) ** 2
        assert overlap == pytest.approx(
            w2v.random_matrix.spike_overlap(law, strength), abs=3 * rows**-0.5
        )


class TestStrength:
    @pytest.mark.parametrize("shape", [(40, 400), (400, 40), (100, 100)])
    def test_of_noise(self, shape):
        ratio = min(shape) / max(shape)
        found = w2v.spike_strength(family(normal(*shape)))
        assert found == pytest.approx((1 + ratio**0.5) ** 2, rel=2 * min(shape) ** (-2 / 3))

    @given(matrices)
    def test_bounds_and_scale(self, R):
        found = w2v.spike_strength(family(R))
        rank = int(torch.linalg.matrix_rank(R))
        assert 1 - 1e-9 <= found <= rank + 1e-9
        assert w2v.spike_strength(family(1e-3 * R)) == pytest.approx(found, rel=1e-6)

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_rank_is_that_of_the_vectors(self, dtype):
        """Rotated out of four dimensions, rounding fills the others; the SNR does not see it."""
        R = normal(12, 4)
        turned = (
            torch.cat([R, torch.zeros(12, 16).double()], dim=1) @ torch.linalg.qr(normal(20, 20)).Q
        )
        task = w2v.TaskVectors(turned.to(dtype), torch.arange(24).reshape(-1, 2), vocabulary(24))
        singular = np.linalg.svd(R.numpy(), compute_uv=False)
        expected = 4 * singular[0] ** 2 / (singular**2).sum()
        assert w2v.spike_strength(task) == pytest.approx(expected, rel=1e-5)

    def test_columns_that_are_zero_do_not_count(self):
        R = normal(8, 20)
        padded = torch.cat([R, torch.zeros(8, 5, dtype=torch.float64)], dim=1)
        assert w2v.spike_strength(family(padded)) == pytest.approx(w2v.spike_strength(family(R)))
        thin = normal(8, 3)
        assert w2v.spike_strength(family(thin)) <= 3

    @pytest.mark.parametrize("tricks", [False, True])
    def test_one_decomposition_serves_all_dimensions(self, enwiki, tricks):
        """As if each dimension had its own, for uniform weights and for word2vec's."""
        counts = w2v.restrict_cooccurrence(enwiki, 1000)
        data = w2v.corpus_statistics(counts, sparse=True, dtype=torch.float64)
        pairs = w2v.family_pairs(w2v.datasets.load_analogies(data.vocabulary), "male-female")
        reweighting = w2v.word2vec_reweighting(data) if tricks else None
        g = w2v.rank_one_weights(data, reweighting) if tricks else None
        operator = w2v.qwem_operator(data, reweighting, weights=g)

        def closed_form(dim):
            spectrum = w2v.top_eigenpairs(operator, dim, tolerance=1e-10)
            return w2v.spectral_embedding(spectrum, data.vocabulary, weights=g)

        dims = [2, 20, 60]
        expected = w2v.expected_strengths(closed_form(60), pairs, dims)
        for d, strength in zip(dims, expected.tolist(), strict=True):
            found = w2v.spike_strength(w2v.extract_task_vectors(closed_form(d), pairs))
            assert found == pytest.approx(strength, rel=1e-5)

    def test_before_training_as_after(self, enwiki):
        """Training on the quartic loss ends at the signal-to-noise ratio that is expected.

        It is the same for all rotations, so nothing is aligned.
        """
        statistics = w2v.corpus_statistics(w2v.restrict_cooccurrence(enwiki, 600))
        pairs = w2v.family_pairs(w2v.datasets.load_analogies(statistics.vocabulary), "male-female")
        spectrum = w2v.top_eigenpairs(w2v.qwem_target(statistics), 30)
        closed = w2v.spectral_embedding(spectrum, statistics.vocabulary)
        config = w2v.PopulationConfig(dim=30, loss=w2v.qwem_loss, steps=400, learning_rate=0.02)
        uniform = w2v.uniform_reweighting(statistics)
        trained = w2v.train_population(statistics, config, reweighting=uniform).embedding
        found = w2v.spike_strength(w2v.extract_task_vectors(trained, pairs))
        expected = float(w2v.expected_strengths(closed, pairs, [30])[0])
        assert found == pytest.approx(expected, rel=0.02)

    def test_modes_with_a_negative_eigenvalue_do_not_count(self):
        """No real vectors can follow them: their columns are 0."""
        R = torch.cat([torch.zeros(4, 1), torch.ones(4, 1)], dim=1).double()
        with pytest.raises(ValueError, match="all task vectors are 0 in the smallest of `dims`"):
            closed = w2v.Embedding(torch.cat([R, 3 * R]), vocabulary(8))
            w2v.expected_strengths(closed, torch.arange(8).reshape(2, 4).T, [1, 2])

    @pytest.mark.parametrize("dims", [[], [0], [1, 4]])
    def test_impossible_dimensions(self, dims):
        embedding = w2v.Embedding(normal(5, 3), vocabulary(5))
        with pytest.raises(ValueError, match=r"`dims` must be numbers in \[1, 3\]"):
            w2v.expected_strengths(embedding, torch.tensor([[0, 1], [2, 3]]), dims)

    def test_of_a_language_of_which_all_is_known(self):
        """An attribute flips exactly one of the K modes: every task vector is the same."""
        toy = w2v.datasets.toy_language((0.6, 0.5, 0.4))
        spectrum = w2v.datasets.toy_spectrum(toy, "pmi", k=3)
        for attribute in range(3):
            pairs = w2v.family_pairs(toy.analogies, f"attribute {attribute + 1}")
            embedding = w2v.spectral_embedding(spectrum, toy.vocabulary)
            task = w2v.extract_task_vectors(embedding, pairs)
            assert w2v.mean_share(task) == pytest.approx(1)
            mean = task.vectors.mean(dim=0)
            assert float(w2v.inverse_participation_ratio(mean)) == pytest.approx(1)
            # r = 2 sqrt(lambda) / sqrt(V), with lambda = V artanh(s).
            length = 2 * math.atanh((0.6, 0.5, 0.4)[attribute]) ** 0.5
            assert float(mean.norm()) == pytest.approx(length)


class TestShares:
    @given(matrices)
    @settings(max_examples=40)
    def test_are_what_the_best_fits_leave(self, R):
        """A common vector; and one with a factor for each pair, by alternating least squares."""
        task, total = family(R), float(R.square().sum())
        left = float((R - R.mean(dim=0)).square().sum())
        assert w2v.mean_share(task) == pytest.approx(1 - left / total, abs=1e-9)
        v = R[int(R.norm(dim=1).argmax())]
        for _ in range(2000):
            c = R @ v / (v @ v)
            v = c @ R / (c @ c)
        left = float((R - torch.outer(c, v)).square().sum())
        assert w2v.spike_share(task) == pytest.approx(1 - left / total, abs=1e-4)
        assert w2v.mean_share(task) <= w2v.spike_share(task) + 1e-9

    def test_rank_one_is_not_equal(self):
        """Vectors on one line, of alternating sign: all rank one, nothing in common."""
        line = normal(1, 12)
        scales = torch.tensor([1.0, -1, 2, -2]).double()[:, None]
        assert w2v.spike_share(family(scales * line)) == pytest.approx(1)
        assert w2v.mean_share(family(scales * line)) == pytest.approx(0, abs=1e-9)
        cosines = w2v.pairwise_cosines(family(scales * line))
        assert sorted(cosines.round().int().tolist()) == [-1, -1, -1, -1, 1, 1]

    def test_nothing_in_common(self):
        rows, columns = 50, 400
        task = family(normal(rows, columns))
        assert w2v.mean_share(task) == pytest.approx(1 / rows, rel=4 * (2 / columns) ** 0.5)
        cosines = w2v.pairwise_cosines(task)
        assert len(cosines) == rows * (rows - 1) // 2
        assert float(cosines.mean()) == pytest.approx(0, abs=4 / (len(cosines) * columns) ** 0.5)
        assert float(cosines.std()) == pytest.approx(columns**-0.5, rel=0.1)

    def test_a_family_may_be_stretched_but_not_turned(self):
        """Every first word has five neighbors as far away as its partner; which one is it?"""
        pairs, dim, decoys = 40, 300, 4
        first = torch.nn.functional.normalize(normal(pairs, dim), dim=1)
        turns = torch.nn.functional.normalize(normal(decoys, pairs, dim, seed=3), dim=2)
        common = torch.nn.functional.normalize(normal(1, dim, seed=1), dim=1)
        turned = torch.nn.functional.normalize(normal(pairs, dim, seed=4), dim=1)
        stretch = 1.2 ** normal(pairs, 1, seed=2)
        lines = [": planted", *(f"w{n} w{n + pairs}" for n in range(pairs))]
        accuracy = {}
        for name, R in {"stretched": stretch * common, "turned": turned}.items():
            vectors = torch.cat([first, first + R, *(first + turns)])
            embedding = w2v.Embedding(vectors, vocabulary(len(vectors)))
            analogies = w2v.parse_analogies(w2v.questions_from_pairs(lines), embedding.vocabulary)
            accuracy[name] = w2v.solve_analogies(embedding, analogies).accuracy
            task = w2v.extract_task_vectors(embedding, torch.arange(2 * pairs).reshape(2, -1).T)
            assert (w2v.spike_share(task) > 0.99) == (name == "stretched")
        assert accuracy["stretched"] > 0.98
        share = 1 / (decoys + 1)
        error = (share * (1 - share) / pairs) ** 0.5  # words, not questions, are independent
        assert accuracy["turned"] == pytest.approx(share, abs=4 * error)


class TestParticipation:
    @given(st.integers(1, 30), st.integers(0, 5))
    def test_counts_modes(self, modes, zeros):
        vector = torch.cat([torch.full((modes,), 3.0), torch.zeros(zeros)])
        assert float(1 / w2v.inverse_participation_ratio(vector)) == pytest.approx(modes)

    def test_small_numbers(self):
        """Fourth powers of 1e-12 are below what float32 can hold."""
        found = w2v.inverse_participation_ratio(torch.tensor([1e-12, 1e-12]))
        assert float(found) == pytest.approx(0.5)

    def test_of_noise(self):
        """The mean of x^4 is three times the square of that of x^2: a third of all take part."""
        found = w2v.inverse_participation_ratio(normal(500, 1000))
        assert found.shape == (500,)
        assert float(found.mean()) == pytest.approx(3 / 1000, rel=0.02)


def test_modes_of_an_embedding_that_was_turned(enwiki, enwiki_embedding):
    """Training ends at the closed form up to a rotation, which `align` undoes."""
    pairs = w2v.family_pairs(w2v.datasets.load_analogies(enwiki.vocabulary), "male-female")

    def participation(embedding):
        mean = w2v.extract_task_vectors(embedding, pairs).vectors.mean(dim=0)
        return 1 / float(w2v.inverse_participation_ratio(mean))

    rotation = torch.linalg.qr(normal(200, 200)).Q.float()
    turned = w2v.Embedding(enwiki_embedding.vectors @ rotation, enwiki.vocabulary)
    expected = participation(enwiki_embedding)
    assert participation(turned) > 1.3 * expected
    assert participation(w2v.align(turned, enwiki_embedding)) == pytest.approx(expected, rel=1e-3)


def test_impossible_task_vectors():
    pairs = torch.tensor([[0, 1], [2, 3]])
    with pytest.raises(ValueError, match="at least two pairs, and a vector for each; got 1"):
        w2v.TaskVectors(normal(1, 2), pairs[:1], vocabulary(4))
    with pytest.raises(ValueError, match="finite"):
        w2v.TaskVectors(torch.full((2, 2), math.nan), pairs, vocabulary(4))
