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


NAMES = "king queen cat dog sun moon car bus take remove score #fun # nan"
KNOWN = w2v.Vocabulary(tuple(NAMES.split()), None)
TRIPLES = [("king", "queen", 8.5), ("cat", "dog", 7.25), ("sun", "moon", 1)]


def read(lines, vocabulary=KNOWN):
    """The pairs with their scores, as words."""
    found = w2v.parse_similarities(lines, vocabulary)
    rows = zip(found.pairs.tolist(), found.scores.tolist(), strict=True)
    return [(*(vocabulary.words[n] for n in pair), score) for pair, score in rows]


def table(head, row):
    """A heading, if there is one, and a row for each of the pairs."""
    rows = [
        row.format(n=n, one=one, other=other, score=score, comma=str(score).replace(".", ","))
        for n, (one, other, score) in enumerate(TRIPLES)
    ]
    return [*([head] if head else []), *rows]


PUBLISHED = {
    "SimLex-999": (
        "word1\tword2\tPOS\tSimLex999\tconc(w1)\tconc(w2)\tconcQ\tAssoc(USF)\tSD(SimLex)",
        "{one}\t{other}\tN\t{score}\t2.7{n}\t2.8{n}\t{n}\t7.2{n}\t1.{n}",
    ),
    "SimVerb-3500": ("", "{one}\t{other}\tV\t{score}\tSYNONYMS"),
    "WordSim-353": ("Word 1,Word 2,Human (mean)", "{one},{other},{score}"),
    "WordSim-353, combined.tab": ("Word 1\tWord 2\tHuman (mean)", "{one}\t{other}\t{score}"),
    "WordSim-353, with raters": (
        "Word 1,Word 2,Human (mean),1,2,3",
        "{one},{other},{score},{n},2.5,9",
    ),
    "MEN": ("", "{one} {other} {score}"),
    "RG-65": ("", "{one};{other};{score}"),
    "RG-65 with spaces": ("", "{one}   {other}\t{score}"),
    "MTurk": ("", "{one}, {other}, {score}"),
    "pandas": (",word1,word2,similarity", '{n},"{one}",{other},{score}'),
    "pandas without names": ("", "{n},{one},{other},{score}"),
    "pandas, tabs": ("\tpos\tw1\tw2\trating", "{n}\tN\t{one}\t{other}\t{score}"),
    "R": ('"word1" "word2" "score"', '"{n}" "{one}" "{other}" {score}'),
    "R, csv": ('"","word1","word2","mean"', '"{n}","{one}","{other}",{score}'),
    "Excel in German": ('\ufeff"Wort 1";"Wort 2";"Wert"\r\n', '"{one}";"{other}";"{comma}"\r\n'),
    "a comma in quotes": ("", '"{one}","{other}","{comma}"'),
    "score first": ("Score,Word1,Word2", "{score},{one},{other}"),
    "numbered parts": ("word1 word2 part score", "{one} {other} 1 {score}"),
    "a heading with a mark": ("#word1\tword2\tscore", "{one}\t{other}\t{score}"),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_tables(name, tmp_path):
    lines = table(*PUBLISHED[name])
    assert read(lines) == TRIPLES
    path = tmp_path / "table.txt"
    path.write_bytes("\n".join(line.removesuffix("\n") for line in lines).encode())
    assert read(path) == TRIPLES


def test_a_first_pair_with_a_decimal_comma_is_a_pair():
    assert read(["king queen 8,5", "cat dog 7,25", "sun moon 1,0"]) == TRIPLES


def test_words_that_look_like_numbers_or_comments():
    lines = ["#fun nan 3", "king queen 2", "cat dog 1"]
    assert read(lines)[0] == ("#fun", "nan", 3)


def test_the_mean_comes_before_the_raters():
    """Rare Words: ten columns of ratings follow, and no heading says so."""
    lines = table("", "{one}\t{other}\t{score}\t{n}\t3\t5")
    with pytest.warns(w2v.DataWarning, match=r"columns 3, 4, 5, 6 .*column 3"):
        assert read(lines) == TRIPLES


def test_a_constant_number_is_not_the_score():
    with pytest.warns(w2v.DataWarning, match=r"columns 3, 4 .*column 4"):
        assert read(table("", "{one} {other} 1 {score}")) == TRIPLES


def test_two_columns_named_as_scores():
    lines = table("word1,word2,similarity,relatedness", "{one},{other},{score},{n}")
    with pytest.warns(w2v.DataWarning, match="column 3 was taken"):
        assert read(lines) == TRIPLES


@pytest.mark.parametrize("row", ["{one}-n {other}-n {score}", "{one}_N {other}_V {score}"])
def test_tags_of_the_part_of_speech(row):
    lines = [*table("", row), "zebra-n cat-n 3".replace("-n", row[5:7])]
    with pytest.warns(w2v.DataWarning, match="without their tags"):
        assert read(lines) == TRIPLES


def test_tags_that_the_vocabulary_has_stay():
    words = w2v.Vocabulary(("sun-n", "sun", "moon-n", "king-n", "cat-n"), None)
    lines = ["sun-n moon-n 3", "king-n cat-n 2", "sun-n king-n 1"]
    assert read(lines, words)[0] == ("sun-n", "moon-n", 3)


def test_a_word_that_ends_like_a_tag_among_others_stays():
    words = w2v.Vocabulary(("vitamin", "vitamin-a", "cat", "dog"), None)
    lines = ["vitamin-a cat 3", "vitamin-n dog 2", "cat dog 1", "vitamin cat 1"]
    assert w2v.parse_similarities(lines, words).out_of_vocabulary == 1


class TestDoubts:
    def test_a_kind_before_the_words(self):
        lines = ["s king queen 3", "s cat dog 2", "s sun moon 1"]
        words = w2v.Vocabulary(("s", *KNOWN.words), None)
        with pytest.warns(w2v.DataWarning, match="columns 1 and 2 were taken for the words"):
            assert w2v.parse_similarities(lines, words).pairs[0, 0] == 0
        assert read(["kind word1 word2 score", *lines])[0] == ("king", "queen", 3)

    def test_a_first_row_of_known_words_without_a_score(self):
        lines = ["car bus NA", *table("", "{one} {other} {score}")]
        with pytest.warns(w2v.DataWarning, match="heading.*'car' and 'bus'"):
            assert read(lines) == TRIPLES

    @pytest.mark.parametrize(
        ("comment", "separator"), [("# cat 3.5", " "), ("# car\tbus\t3.5", "\t")]
    )
    def test_a_comment_that_could_be_a_pair(self, comment, separator):
        lines = [comment, *table("", separator.join(["{one}", "{other}", "{score}"]))]
        with pytest.warns(w2v.DataWarning, match="comments"):
            assert read(lines) == TRIPLES

    def test_an_open_quote_swallows_its_own_line_only(self):
        lines = ['"car bus 3', *table("", "{one} {other} {score}")]
        with pytest.warns(w2v.DataWarning, match="line 1"):
            assert read(lines) == TRIPLES


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


def test_a_table_of_few_pairs_does_not_blame_the_vocabulary():
    words = w2v.Vocabulary(("king", "queen"), None)
    with pytest.raises(ValueError, match="more pairs"):
        w2v.parse_similarities(["king queen 8.5"], words)
