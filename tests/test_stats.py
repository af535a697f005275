"""Probabilities: they sum to one, and do not care how words are numbered."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

import w2vlib as w2v


def cooccurrence_of(matrix):
    words = tuple("abcdefgh"[: len(matrix)])
    vocabulary = w2v.Vocabulary(words, torch.ones(len(words), dtype=torch.int64))
    return w2v.Cooccurrence(sp.csr_array(np.asarray(matrix, dtype=np.int64)), vocabulary)


def random_counts(size=6, seed=0):
    counts = np.random.default_rng(seed).integers(0, 9, (size, size))
    return counts + counts.T + 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_sums(dtype):
    statistics = w2v.corpus_statistics(cooccurrence_of(random_counts()), dtype=dtype)
    assert statistics.joint.dtype == statistics.unigram.dtype == dtype
    eps = torch.finfo(dtype).eps
    assert float(statistics.joint.sum()) == pytest.approx(1, abs=8 * eps)
    torch.testing.assert_close(statistics.joint.sum(1), statistics.unigram)


def test_by_hand():
    statistics = w2v.corpus_statistics(cooccurrence_of([[2, 1], [1, 0]]), dtype=torch.float64)
    assert statistics.joint.tolist() == [[0.5, 0.25], [0.25, 0]]
    assert statistics.unigram.tolist() == [0.75, 0.25]


def test_equivariance():
    counts, order = random_counts(), np.array([3, 1, 5, 0, 2, 4])
    plain = w2v.corpus_statistics(cooccurrence_of(counts), dtype=torch.float64)
    moved = w2v.corpus_statistics(
        cooccurrence_of(counts[np.ix_(order, order)]), dtype=torch.float64
    )
    torch.testing.assert_close(moved.joint, plain.joint[order][:, order], rtol=0, atol=0)
    torch.testing.assert_close(moved.unigram, plain.unigram[order], rtol=0, atol=0)


def test_counts_beyond_float32_stay_exact():
    counts = cooccurrence_of([[0, 2**24 + 1], [2**24 + 1, 2**24]])
    statistics = w2v.corpus_statistics(counts, dtype=torch.float64)
    assert float(statistics.joint[0, 1]) == (2**24 + 1) / (3 * 2**24 + 2)


@pytest.fixture(params=["dense", "sparse"])
def statistics(request):
    counts = cooccurrence_of(random_counts() * (random_counts(seed=1) > 4))
    return w2v.corpus_statistics(counts, sparse=request.param == "sparse", dtype=torch.float64)


class TestSparse:
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_holds_the_same_numbers(self, dtype):
        counts = cooccurrence_of([[0, 3, 0, 1], [3, 0, 0, 0], [0, 0, 2, 0], [1, 0, 0, 5]])
        dense, sparse = (
            w2v.corpus_statistics(counts, sparse=s, dtype=dtype) for s in (False, True)
        )
        assert sparse.is_sparse and not dense.is_sparse
        assert sparse.joint.values().numel() == counts.counts.nnz
        assert sparse.joint.to_dense().equal(dense.joint)
        assert sparse.unigram.equal(dense.unigram)

    @pytest.mark.parametrize("rows", [slice(None), slice(1, 3), slice(2, 6), slice(4, 5)])
    @pytest.mark.parametrize("columns", [slice(None), slice(0, 2), slice(3, 6)])
    def test_blocks_of_the_weights(self, statistics, rows, columns):
        reweighting = w2v.word2vec_reweighting(statistics)
        blocks = w2v.pair_weights(statistics, reweighting, rows, columns)
        for block, whole in zip(blocks, w2v.pair_weights(statistics, reweighting), strict=True):
            torch.testing.assert_close(block, whole[rows, columns])

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda values: -values, "probabilities"),
            (lambda values: values * torch.nan, "probabilities"),
            (lambda values: 2 * values, "sum to 1"),
            (lambda values: values * torch.linspace(0.5, 1.5, len(values)).double(), "symmetric"),
        ],
    )
    def test_refuses_what_a_dense_matrix_may_not_be(self, change, message):
        good = w2v.corpus_statistics(cooccurrence_of(random_counts()), sparse=True)
        pattern = good.joint.crow_indices(), good.joint.col_indices()
        values = change(good.joint.values().double())
        values = values / values.sum() if message == "symmetric" else values
        joint = torch.sparse_csr_tensor(*pattern, values, good.joint.shape, check_invariants=True)
        with pytest.raises(ValueError, match=message):
            w2v.CorpusStatistics(joint, good.unigram.double(), good.vocabulary)


class TestReweighting:
    def test_uniform(self, statistics):
        positive, negative = w2v.pair_weights(statistics, w2v.uniform_reweighting(statistics))
        torch.testing.assert_close(positive + negative, torch.ones_like(positive))
        odds = statistics.joint.to_dense() / torch.outer(statistics.unigram, statistics.unigram)
        torch.testing.assert_close(positive / negative, odds)

    def test_no_tricks(self, statistics):
        plain = w2v.plain_reweighting(statistics)
        positive, negative = w2v.pair_weights(statistics, plain)
        torch.testing.assert_close(positive, statistics.joint.to_dense())
        torch.testing.assert_close(negative, torch.outer(statistics.unigram, statistics.unigram))
        off = w2v.word2vec_reweighting(statistics, negatives=1, exponent=1, sample=None)
        torch.testing.assert_close(w2v.pair_weights(statistics, off), (positive, negative))

    def test_frequencies_of_drawn_pairs(self, statistics):
        """Draw pairs as word2vec does, many times, and count which turn up."""
        k, threshold, draws = 3, 0.05, 400_000
        reweighting = w2v.word2vec_reweighting(statistics, negatives=k, sample=threshold)
        positive, negative = w2v.pair_weights(statistics, reweighting)
        generator = np.random.default_rng(0)
        P, P_i = statistics.joint.to_dense().numpy(), statistics.unigram.numpy()
        size = len(P)
        pairs = generator.choice(size**2, draws, p=P.ravel() / P.sum())
        i, j = np.divmod(pairs, size)
        keep = np.minimum(1, np.sqrt(threshold / P_i) + threshold / P_i)
        assert 0 < (keep < 1).sum() < size or (keep < 1).all()
        kept = (generator.random((2, draws)) < keep[[i, j]]).all(axis=0)
        i, j = i[kept], j[kept]
        noise = P_i**0.75 / (P_i**0.75).sum()
        contexts = generator.choice(size, (k, len(i)), p=noise)
        drawn = np.zeros((2, size, size))
        np.add.at(drawn[0], (i, j), 1)
        np.add.at(drawn[1], (np.broadcast_to(i, contexts.shape), contexts), 1)
        for expected, seen in zip((positive, negative), drawn / draws, strict=True):
            deviation = np.sqrt(expected.numpy() * k / draws)
            symmetric = (seen + seen.T) / 2
            np.testing.assert_array_less(
                np.abs(symmetric - expected.numpy()), 6 * deviation + 1e-12
            )

    def test_k_negatives_for_each_positive(self, statistics):
        reweighting = w2v.word2vec_reweighting(statistics, negatives=7, sample=0.01)
        positive, negative = w2v.pair_weights(statistics, reweighting)
        assert float(negative.sum() / positive.sum()) == pytest.approx(7)
        torch.testing.assert_close(negative, negative.T)

    def test_rank_one_weights(self, statistics):
        reweighting = w2v.word2vec_reweighting(statistics)
        g = w2v.rank_one_weights(statistics, reweighting)
        G = sum(w2v.pair_weights(statistics, reweighting))
        values, vectors = np.linalg.eigh(G.numpy())
        expected = np.sqrt(values[-1]) * np.abs(vectors[:, -1])
        np.testing.assert_allclose(g, expected, rtol=1e-3)
        ones = w2v.rank_one_weights(statistics, w2v.uniform_reweighting(statistics))
        assert ones.tolist() == [1.0] * len(statistics)

    @pytest.mark.parametrize("arguments", [{"negatives": 0}, {"sample": -1.0}])
    def test_bad_hyperparameters(self, statistics, arguments):
        (name,) = arguments
        with pytest.raises(ValueError, match=f"`{name}` must be positive; got"):
            w2v.word2vec_reweighting(statistics, **arguments)

    def test_another_number_of_words(self, statistics):
        other = w2v.uniform_reweighting(w2v.corpus_statistics(cooccurrence_of(random_counts(4))))
        for verb in (w2v.pair_weights, w2v.rank_one_weights, w2v.qwem_operator):
            with pytest.raises(ValueError, match=r"must be for the 6 words .*; it is for 4"):
                verb(statistics, other)

    def test_not_positive(self):
        ones = torch.ones(3)
        with pytest.raises(ValueError, match="`noise` must be positive and finite"):
            w2v.Reweighting(ones, ones, torch.tensor([1.0, 0.0, 1.0]))


class TestBadInput:
    def test_words_without_neighbors_are_left_out(self):
        counts = cooccurrence_of([[0, 0, 2], [0, 0, 0], [2, 0, 4]])
        with pytest.warns(w2v.DataWarning, match="1 of 3 words .* left out: 'b'"):
            statistics = w2v.corpus_statistics(counts)
        assert statistics.vocabulary.words == ("a", "c")
        assert statistics.vocabulary.counts.tolist() == counts.vocabulary.counts[[0, 2]].tolist()
        assert statistics.joint.tolist() == [[0, 0.25], [0.25, 0.5]]

    def test_no_word_has_a_neighbor(self):
        with pytest.raises(ValueError, match="no two words occur within the window"):
            w2v.corpus_statistics(cooccurrence_of([[0, 0], [0, 0]]))

    @pytest.mark.parametrize(
        ("device", "message"), [("cuda:99", "not available"), ("abacus", "must be 'auto', 'cpu'")]
    )
    def test_device(self, device, message):
        with pytest.raises(ValueError, match=message):
            w2v.corpus_statistics(cooccurrence_of(random_counts()), device=device)

    def test_impossible_probabilities(self, toy_statistics):
        joint, unigram = toy_statistics.joint, toy_statistics.unigram
        skewed = joint.clone()  # the rows keep their sums, two columns do not
        skewed[2, 3:5] += torch.tensor([0.5, -0.5]) * joint[2, 4]
        for bad, message in [
            (2 * joint, "must sum to 1"),
            (-joint, "negative or not"),
            (joint * torch.nan, "negative or not"),
            (skewed, "must be symmetric"),
        ]:
            with pytest.raises(ValueError, match=message):
                w2v.CorpusStatistics(bad, unigram, toy_statistics.vocabulary)

    def test_unigram_of_other_words(self, toy_statistics):
        with pytest.raises(ValueError, match="sums of the rows"):
            w2v.CorpusStatistics(
                toy_statistics.joint, toy_statistics.unigram.flip(0), toy_statistics.vocabulary
            )

    def test_dtype(self):
        with pytest.raises(ValueError, match=r"float32 or torch\.float64; got torch\.float16"):
            w2v.corpus_statistics(cooccurrence_of(random_counts()), dtype=torch.float16)


def test_auto_device_says_what_it_chose(caplog):
    with caplog.at_level("INFO", logger="w2vlib"):
        statistics = w2v.corpus_statistics(cooccurrence_of(random_counts()), device="auto")
    assert f"using {statistics.joint.device.type}" in caplog.text
