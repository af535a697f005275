"""Phrases against gensim, the plain definition, and sentences counted by hand."""

import math
from collections import Counter
from itertools import chain, pairwise

import pytest
import torch
from hypothesis import assume, example, given
from hypothesis import strategies as st

import w2vlib as w2v

DOCUMENTS = st.lists(st.lists(st.sampled_from("abcd"), max_size=12), min_size=1, max_size=8)
# The underscore of a joined word, so that spellings meet.
JOINED = st.lists(
    st.lists(st.sampled_from(["a", "b", "a_b", "b_a", "a_a"]), max_size=12), min_size=1, max_size=5
)
LEVELS = st.sampled_from([0.0, 0.5, 1.0, 1.37, 2.0, 3.0])


def corpus_of(documents):
    documents = [list(document) for document in documents]
    return w2v.encode(documents, w2v.build_vocabulary(chain.from_iterable(documents)))


def decoded(corpus):
    """The documents as lists of words."""
    tokens, words = corpus.tokens.tolist(), corpus.vocabulary.words
    return [
        [words[n] for n in tokens[start:stop]] for start, stop in pairwise(corpus.offsets.tolist())
    ]


def scores_of(phrases):
    return dict(zip(phrases.words, phrases.scores.tolist(), strict=True))


def check_vocabulary(corpus):
    """It is the one that the text itself gives."""
    expected = w2v.build_vocabulary(chain.from_iterable(decoded(corpus)))
    assert corpus.vocabulary.words == expected.words
    assert torch.equal(corpus.vocabulary.counts, expected.counts)


def random_documents(words=400, tokens=100_000, seed=0):
    """A long text with some frequent pairs and documents of many lengths."""
    generator = torch.Generator().manual_seed(seed)
    numbers = (torch.rand(tokens, generator=generator) ** 3 * words).int()
    follow = torch.rand(tokens, generator=generator) < 0.2
    numbers[1:] = torch.where(follow[1:], (numbers[:-1] * 7 + 3) % words, numbers[1:])
    cuts = (torch.rand(2000, generator=generator) * tokens).int().sort().values.tolist()
    text = [f"w{n}" for n in numbers.tolist()]
    return [text[start:stop] for start, stop in pairwise([0, *cuts, tokens])]


def test_hand_counted_passes():
    documents = [
        "the new york times".split(),
        "new york".split(),
        "the new york times in new york".split(),
        "times".split(),
        [],
        "new in york the".split(),
    ]
    # 18 tokens: new 5, york 5, times 3, the 3, in 2.
    corpus = corpus_of(documents)
    phrases = w2v.find_phrases(corpus, min_count=1, threshold=2.0)
    # the_new: (2 - 1) / 15 * 18 = 1.2 is too little, as is york_times.
    assert scores_of(phrases) == pytest.approx({"new_york": 3 / 25 * 18})
    assert phrases.counts.tolist() == [4]
    assert decoded(phrases.corpus) == [
        ["the", "new_york", "times"],
        ["new_york"],
        ["the", "new_york", "times", "in", "new_york"],
        ["times"],
        [],
        ["new", "in", "york", "the"],
    ]
    assert phrases.corpus.vocabulary.words == ("new_york", "the", "times", "in", "new", "york")
    assert phrases.corpus.vocabulary.counts.tolist() == [4, 3, 3, 2, 1, 1]
    assert repr(phrases) == "Phrases(1 phrases: new_york, ...)" and len(phrases) == 1

    # 14 tokens: new_york 4, times 3, the 3; the_new_york and new_york_times both have a score of
    # (2 - 1) / 12 * 14, above 1.1, and the first takes all places of the second.
    phrases = w2v.find_phrases(phrases.corpus, min_count=1, threshold=1.1)
    both = {"the_new_york": 14 / 12, "new_york_times": 14 / 12}
    assert scores_of(phrases) == pytest.approx(both)
    assert phrases.words == ("new_york_times", "the_new_york"), "equal ones by the alphabet"
    assert decoded(phrases.corpus)[2] == ["the_new_york", "times", "in", "new_york"]
    assert "new_york_times" not in phrases.corpus.vocabulary


def test_two_passes_make_phrases_of_three_words():
    documents = ["new york times".split()] * 6 + ["new york".split()] * 6
    documents += [[word] for word in "abcdefgh"] * 4
    # 62 tokens: (12 - 1) / (12 * 12) * 62 = 4.7, and (6 - 1) / (12 * 6) * 62 = 4.3; then there
    # are 50 tokens, and (6 - 1) / (12 * 6) * 50 = 3.5.
    corpus = corpus_of(documents)
    once = w2v.find_phrases(corpus, min_count=1, threshold=3.0)
    assert once.words == ("new_york", "york_times")
    twice = w2v.find_phrases(corpus, min_count=1, threshold=3.0, passes=2)
    assert twice.words == ("new_york", "york_times", "new_york_times")
    assert twice.counts.tolist() == [12, 6, 6]
    assert decoded(twice.corpus)[:12] == [["new_york_times"]] * 6 + [["new_york"]] * 6
    more = w2v.find_phrases(corpus, min_count=1, threshold=3.0, passes=9)
    assert more.words == twice.words, "nothing is left to join"


def test_runs_are_joined_from_left_to_right():
    phrases = w2v.find_phrases(corpus_of(["aaaaa", "aa", "a"]), min_count=1, threshold=0.0)
    assert decoded(phrases.corpus) == [["a_a", "a_a", "a"], ["a_a"], ["a"]]
    assert phrases.counts.tolist() == [5], "pairs that overlap"


def test_no_phrase_crosses_documents():
    documents = [["x", "a"], ["b", "y"]] * 20
    phrases = w2v.find_phrases(corpus_of(documents), min_count=1, threshold=0.0)
    assert set(phrases.words) == {"x_a", "b_y"}
    phrases = w2v.find_phrases(corpus_of(["a", "b"] * 20), min_count=1, threshold=0.0)
    assert len(phrases) == 0 and repr(phrases) == "Phrases(0 phrases)"
    assert decoded(phrases.corpus) == [["a"], ["b"]] * 20


def test_counts_are_those_of_the_text_and_words_without_tokens_go():
    """A vocabulary may come from another text."""
    vocabulary = w2v.Vocabulary(("z", "b", "a"), torch.tensor([9, 8, 7]))
    phrases = w2v.find_phrases(
        w2v.encode([["a", "b"]] * 2, vocabulary), min_count=1, threshold=0.5
    )
    assert scores_of(phrases) == {"a_b": 1 / 4 * 4}
    assert phrases.corpus.vocabulary.words == ("a_b",)
    phrases = w2v.find_phrases(w2v.encode([["a", "b"]] * 2, vocabulary), threshold=0.5)
    assert phrases.corpus.vocabulary.words == ("a", "b"), "also if there is no phrase"


def test_equal_spellings_are_one_word():
    documents = [["a", "b"]] * 3 + [["a_b"]] * 2 + [["a", "b_c"]] * 4 + [["a_b", "c"]] * 5
    phrases = w2v.find_phrases(corpus_of(documents), min_count=1, threshold=0.0)
    # 26 tokens: a 7, b 3, a_b 7, b_c 4, c 5; a_b_c is 3 / 28 * 26 or 4 / 35 * 26.
    assert phrases.words == ("a_b_c", "a_b")
    assert phrases.scores.tolist() == pytest.approx([4 / 35 * 26, 2 / 21 * 26])
    assert phrases.counts.tolist() == [9, 3]
    assert decoded(phrases.corpus) == [["a_b"]] * 5 + [["a_b_c"]] * 9


def definition(documents, min_count, threshold):
    """One pass in plain Python: the joined documents, and all counts and scores of phrases."""
    words = Counter(chain.from_iterable(documents))
    pairs = Counter(chain.from_iterable(map(pairwise, documents)))
    tokens = words.total()
    scores = {
        (a, b): (n - min_count) / (words[a] * words[b]) * tokens for (a, b), n in pairs.items()
    }
    phrases = {pair: score for pair, score in scores.items() if score > threshold}

    joined = []
    for document in documents:
        rest, result = list(document), []
        while rest:
            size = 2 if tuple(rest[:2]) in phrases else 1
            result.append("_".join(rest[:size]))
            rest = rest[size:]
        joined.append(result)

    best, counts = {}, Counter()
    for pair, score in phrases.items():
        best["_".join(pair)] = max(best.get("_".join(pair), 0), score)
        counts["_".join(pair)] += pairs[pair]
    return joined, best, counts


@example(documents=[["a"], [], ["b", "a_b", "a", "b", "a", "b"]], min_count=1, level=0.0, passes=3)
@given(
    documents=st.one_of(DOCUMENTS, JOINED),
    min_count=st.integers(1, 3),
    level=LEVELS,
    passes=st.integers(1, 3),
)
def test_the_plain_definition(documents, min_count, level, passes):
    assume(any(documents))
    phrases = w2v.find_phrases(
        corpus_of(documents), min_count=min_count, threshold=level, passes=passes
    )
    tokens = sum(map(len, documents))
    scores, counts = {}, Counter()
    for _ in range(passes):
        documents, found, times = definition(documents, min_count, level)
        scores.update({word: max(scores.get(word, 0), score) for word, score in found.items()})
        counts += times

    assert decoded(phrases.corpus) == documents
    check_vocabulary(phrases.corpus)
    assert scores_of(phrases) == scores
    assert dict(zip(phrases.words, phrases.counts.tolist(), strict=True)) == counts
    assert max(scores.values(), default=0) <= tokens / (4 * min_count) * (1 + 1e-12), "the bound"
    assert list(phrases.words) == sorted(scores, key=lambda w: (-scores[w], -counts[w], w))


def word2phrase(worda_count, wordb_count, bigram_count, len_vocab, min_count, corpus_word_count):
    """The score as a function for gensim, whose default has `len_vocab` in the place of N."""
    return (bigram_count - min_count) / (worda_count * wordb_count) * corpus_word_count


@pytest.fixture(scope="module")
def model_of(gensim):
    from gensim.models.phrases import Phrases

    def make(documents, min_count, threshold, scoring=word2phrase):
        return Phrases(documents, min_count=min_count, threshold=threshold, scoring=scoring)

    return make


class TestGensim:
    """The same phrases and the same joined text."""

    @given(documents=DOCUMENTS, min_count=st.integers(1, 3), level=LEVELS)
    def test_random_texts(self, model_of, documents, min_count, level):
        assume(any(documents))
        model = model_of(documents, min_count, level)
        phrases = w2v.find_phrases(corpus_of(documents), min_count=min_count, threshold=level)
        assert scores_of(phrases) == model.export_phrases()
        assert decoded(phrases.corpus) == [model[document] for document in documents]

    @given(documents=DOCUMENTS, min_count=st.integers(1, 2), level=LEVELS)
    def test_passes(self, model_of, documents, min_count, level):
        assume(any(documents))
        phrases = w2v.find_phrases(
            corpus_of(documents), min_count=min_count, threshold=level, passes=3
        )
        for _ in range(3):
            model = model_of(documents, min_count, level)
            documents = [model[document] for document in documents]
        assert decoded(phrases.corpus) == documents

    @pytest.mark.parametrize(("min_count", "level"), [(5, 3.0), (1, 1.0), (20, 2.0), (2, 0.0)])
    def test_long_text(self, model_of, min_count, level):
        documents = random_documents()
        model = model_of(documents, min_count, level)
        phrases = w2v.find_phrases(corpus_of(documents), min_count=min_count, threshold=level)
        assert len(phrases) > 100
        assert scores_of(phrases) == model.export_phrases()
        counts = [model.vocab[word] for word in phrases.words]
        assert phrases.counts.tolist() == counts
        assert decoded(phrases.corpus) == [model[document] for document in documents]
        check_vocabulary(phrases.corpus)

    def test_default_score_is_another_scale(self, model_of):
        """With the number of distinct words and pairs for N."""
        documents = random_documents(tokens=30_000)
        distinct = set(chain.from_iterable(documents))
        distinct |= {f"{a}_{b}" for document in documents for a, b in pairwise(document)}
        scale = len(distinct) / sum(map(len, documents))
        model = model_of(documents, 5, 3.0 * scale, scoring="default")
        assert len(model.vocab) == len(distinct)
        phrases = w2v.find_phrases(corpus_of(documents), min_count=5, threshold=3.0)
        theirs = model.export_phrases()
        assert len(phrases) > 100
        assert scores_of(phrases) == pytest.approx({w: s / scale for w, s in theirs.items()})
        assert decoded(phrases.corpus) == [model[document] for document in documents]


def test_to_a_device_and_back():
    corpus = corpus_of(["abab", "ab"]).to("auto")
    before = corpus.tokens.clone()
    phrases = w2v.find_phrases(corpus, min_count=1, threshold=0.0)
    assert phrases.corpus.tokens.device == corpus.tokens.device
    assert torch.equal(corpus.tokens, before), "the corpus itself remains"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_count": 0}, "`min_count` and `passes` must be at least 1; got 0 and 1"),
        ({"passes": 0}, "`min_count` and `passes` must be at least 1; got 5 and 0"),
        ({"threshold": -1.0}, "`threshold` must not be negative; got -1.0"),
        ({"threshold": math.nan}, "`threshold` must not be negative; got nan"),
    ],
)
def test_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        w2v.find_phrases(corpus_of(["ab"]), **arguments)


def test_empty_corpus():
    empty = w2v.encode([["unknown"]], w2v.build_vocabulary(["a", "b"]))
    with pytest.raises(ValueError, match="`corpus` is empty"):
        w2v.find_phrases(empty)


def test_parts_of_the_noun_are_equally_long():
    scores = torch.ones(2, dtype=torch.float64)
    with pytest.raises(ValueError, match="equally long; got 1, 2 and 2"):
        w2v.Phrases(corpus_of(["ab"]), ("a_b",), torch.tensor([1, 2]), scores)
