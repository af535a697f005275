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


class TestBadInput:
    def test_lonely_words_are_named(self):
        with pytest.raises(ValueError, match="these do not: b, c: leave them out"):
            w2v.corpus_statistics(cooccurrence_of([[1, 0, 0], [0, 0, 0], [0, 0, 0]]))

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
