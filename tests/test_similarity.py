"""Word similarity against SciPy, gensim and cases by hand."""

import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

import w2vlib as w2v

VOCABULARY = w2v.Vocabulary(tuple("abcd"), torch.tensor([4, 3, 2, 1]))
LINES = ["a\tb\t9", "a\tc\t5", "b\td\t1"]


def embedding_at(angles):
    """Unit vectors in the plane."""
    angles = torch.tensor(angles, dtype=torch.float64)
    return w2v.Embedding(torch.stack([angles.cos(), angles.sin()], dim=1), VOCABULARY)


def test_by_hand():
    similarities = w2v.parse_similarities(LINES, VOCABULARY)
    result = w2v.evaluate_similarity(embedding_at([0.0, 0.1, 0.5, 2.0]), similarities)
    torch.testing.assert_close(result.cosines, torch.tensor([0.1, 0.5, 1.9]).double().cos())
    assert result.correlation == pytest.approx(1)
    backwards = w2v.evaluate_similarity(embedding_at([0.0, 3.0, 0.5, 3.1]), similarities)
    assert backwards.correlation == pytest.approx(-1)


def test_lengths_do_not_matter():
    similarities = w2v.parse_similarities(LINES, VOCABULARY)
    unit = embedding_at([0.0, 0.1, 0.5, 2.0])
    scaled = w2v.Embedding(unit.vectors * torch.tensor([[1.0], [9], [3], [0.1]]), VOCABULARY)
    first, second = (w2v.evaluate_similarity(e, similarities) for e in (unit, scaled))
    torch.testing.assert_close(first.cosines, second.cosines)


@pytest.mark.parametrize("name", ["wordsim353.tsv", "simlex999.txt"])
def test_agrees_with_gensim(enwiki_embedding, datapath, name):
    vocabulary = enwiki_embedding.vocabulary
    similarities = w2v.parse_similarities(datapath(name), vocabulary)
    ours = w2v.evaluate_similarity(enwiki_embedding, similarities)
    keyed = w2v.to_keyed_vectors(enwiki_embedding)
    _, theirs, ratio = keyed.evaluate_word_pairs(datapath(name), restrict_vocab=len(vocabulary))
    assert ours.correlation == pytest.approx(theirs.statistic, abs=1e-4)  # rounding may swap ranks
    total = len(similarities) + similarities.out_of_vocabulary
    assert 100 * similarities.out_of_vocabulary / total == pytest.approx(ratio)


@given(st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_ties_share_their_rank(scores):
    pairs = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
    lines = [f"{i} {j} {score}" for (i, j), score in zip(pairs, scores, strict=True)]
    similarities = w2v.parse_similarities(lines, VOCABULARY)
    embedding = embedding_at([0.0, 0.1, 0.5, 2.0])
    if len(set(scores)) == 1:
        with pytest.raises(ValueError, match="all scores are equal"):
            w2v.evaluate_similarity(embedding, similarities)
        return
    result = w2v.evaluate_similarity(embedding, similarities)
    ranks = [scipy.stats.rankdata(x) for x in (result.cosines.numpy(), scores)]
    expected = scipy.stats.pearsonr(*ranks).statistic
    assert result.correlation == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("separator", ["\t", ",", " ", "  ", ", "])
def test_formats(separator):
    lines = ["# a comment", "word1,word2,score", "", "A,b,1.5,noun", "b,c,2", "zebra,a,3", "c,d,4"]
    lines = [line.replace(",", separator) for line in lines]
    similarities = w2v.parse_similarities(lines, VOCABULARY)
    assert similarities.pairs.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert similarities.scores.tolist() == [1.5, 2, 4]
    assert similarities.out_of_vocabulary == 1


class TestBadInput:
    def test_lines_that_are_no_pairs(self, tmp_path):
        path = tmp_path / "pairs.txt"
        path.write_text("a b 1\na b\nb c high\na c 2\na d 3\n")
        shown = r"2 lines of '.*pairs.txt' .*line 2: 'a b'; line 3"
        with pytest.warns(w2v.DataWarning, match=shown):
            assert len(w2v.parse_similarities(path, VOCABULARY)) == 3
        path.write_text("\na b\nb c high\n")
        with pytest.raises(ValueError, match=shown):
            w2v.parse_similarities(path, VOCABULARY)

    def test_missing_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="expected pairs of words"):
            w2v.parse_similarities(tmp_path / "none.txt", VOCABULARY)

    def test_too_few_pairs(self):
        with pytest.raises(ValueError, match=r"only 1 pairs .*\(1 were left out\)"):
            w2v.parse_similarities(["a b 1", "a zebra 2"], VOCABULARY)

    def test_other_vocabulary(self):
        similarities = w2v.parse_similarities(LINES, VOCABULARY)
        other = w2v.Vocabulary(tuple("dcba"), VOCABULARY.counts)
        embedding = w2v.Embedding(torch.eye(4), other)
        with pytest.raises(ValueError, match="must share a vocabulary"):
            w2v.evaluate_similarity(embedding, similarities)

    def test_equal_cosines(self):
        similarities = w2v.parse_similarities(LINES, VOCABULARY)
        with pytest.raises(ValueError, match="all cosines are equal"):
            w2v.evaluate_similarity(
                w2v.Embedding(torch.tensor([[1.0, 0.0]] * 4), VOCABULARY), similarities
            )

    def test_impossible_sets(self):
        pairs, scores = torch.zeros(3, 2, dtype=torch.int64), torch.ones(3, dtype=torch.float64)
        with pytest.raises(ValueError, match=r"`pairs` must lie in \[0, 3\]"):
            w2v.SimilaritySet(pairs + 4, scores, VOCABULARY)
        with pytest.raises(ValueError, match="`scores` must be finite"):
            w2v.SimilaritySet(pairs, scores * torch.nan, VOCABULARY)
