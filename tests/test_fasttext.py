"""fastText: n-grams, hashes and sums as gensim has them; steps as calculus has them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from support import Sizes

import w2vlib as w2v
from w2vlib.training.fasttext import BagVectors, bucket_of
from w2vlib.training.sgns import WordVectors, run_skipgram

WORDS = ["a", "be", "where", "naïve", "straße", "日本語", "co-op", "x" * 30]


@pytest.mark.parametrize("lengths", [(1, 1), (2, 4), (3, 6), (5, 5)])
@pytest.mark.parametrize("word", WORDS)
def test_ngrams_and_hashes_against_gensim(gensim, word, lengths):
    theirs = gensim.models.fasttext
    ours = w2v.character_ngrams(word, min_n=lengths[0], max_n=lengths[1])
    marks = {"<", ">"} if lengths[0] == 1 else set()  # gensim keeps them, the program does not
    assert sorted(ours) == sorted(
        g for g in theirs.compute_ngrams(word, *lengths) if g not in marks
    )
    if not marks:
        hashes = [bucket_of(ngram, 1000) for ngram in ours]
        assert sorted(hashes) == sorted(theirs.ft_ngram_hashes(word, *lengths, 1000))


def tiny(text, **config):
    words = text.split()
    corpus = w2v.encode([words], w2v.build_vocabulary(words))
    plan = {"dim": 5, "window": 2, "epochs": 3, "sample": None, "buckets": 50, **config}
    return corpus, w2v.FastTextConfig(**plan)


def test_vectors_of_any_word_against_gensim(gensim):
    """The parts that gensim trained, put together by us: the same vectors."""
    sentences = [["the", "quick", "fox"], ["quick", "foxes", "jump"]] * 10
    model = gensim.models.FastText(
        sentences, vector_size=6, min_count=1, bucket=40, epochs=3, min_n=2, max_n=4, workers=1
    )
    vocabulary = w2v.build_vocabulary(w for s in sentences for w in s)
    config = w2v.FastTextConfig(dim=6, min_n=2, max_n=4, buckets=40)
    rows = [model.wv.key_to_index[word] for word in vocabulary.words]
    subwords = w2v.SubwordVectors(
        torch.from_numpy(model.wv.vectors_vocab[rows]),
        torch.from_numpy(model.wv.vectors_ngrams),
        torch.arange(40),
        vocabulary,
        config,
    )
    for word in [*vocabulary.words, "foxy", "jumps", "unheard"]:
        ours = w2v.subword_vector(subwords, word).numpy()
        np.testing.assert_allclose(ours, model.wv.get_vector(word), rtol=0, atol=1e-6)


def test_embedding_is_made_of_its_parts():
    corpus, config = tiny("tea teas teapot pot pots the tea and the pot " * 5)
    result = w2v.train_fasttext(corpus, config)
    for number, word in enumerate(corpus.vocabulary.words):
        torch.testing.assert_close(
            w2v.subword_vector(result.subwords, word), result.embedding.vectors[number]
        )
    assert w2v.subword_vector(result.subwords, "teapots").shape == (5,)
    numbers = result.subwords.bucket_numbers
    used = {
        bucket_of(gram, 50)
        for word in corpus.vocabulary.words
        for gram in w2v.character_ngrams(word)
    }
    assert numbers.tolist() == sorted(used)


def test_a_word_without_known_parts():
    corpus, config = tiny("tea pot tea pot tea", buckets=2_000_000)
    result = w2v.train_fasttext(corpus, config)
    with pytest.raises(KeyError, match="'zyzzyva' is not in the vocabulary"):
        w2v.subword_vector(result.subwords, "zyzzyva")


def test_steps_reach_all_parts_in_proportion():
    """Against autograd through the mean."""
    bags = [[0, 3, 4], [1], [2, 4, 4, 5]]
    rows = torch.randn(6, 2, generator=torch.Generator().manual_seed(0)).requires_grad_()
    words = torch.tensor([[0, 2], [2, 1]])
    pull = torch.randn(2, 2, 2, generator=torch.Generator().manual_seed(1))
    means = torch.stack([torch.stack([rows[bags[w]].mean(0) for w in pair]) for pair in words])
    (gradient,) = torch.autograd.grad((means * pull).sum(), rows)
    vectors = BagVectors(rows.detach().clone(), bags)
    torch.testing.assert_close(vectors[words], means.detach())
    vectors.add(words, pull)
    torch.testing.assert_close(vectors.rows, rows.detach() + gradient)
    torch.testing.assert_close(vectors.table()[1], vectors.rows[1])


def test_one_long_token_costs_what_its_own_ngrams_cost():
    """A link or a string of DNA: 8,000 n-grams, in one of 200 sentences."""
    generator = np.random.default_rng(0)
    words = ["".join(generator.choice(list("abcdefgh"), 7)) for _ in range(300)]
    sentences = [list(generator.choice(words, 20)) for _ in range(200)]
    config = w2v.FastTextConfig(dim=20, epochs=1, sample=None)
    link = "".join(generator.choice(list("acgt"), 2000))
    sizes = []
    for token in (words[0], link):
        sentences[100][7] = token
        corpus = w2v.encode(sentences, w2v.build_vocabulary(w for s in sentences for w in s))
        with Sizes() as counted:
            w2v.train_fasttext(corpus, config)
        sizes.append(counted.made)
    ngrams = len(w2v.character_ngrams(link)) * config.dim
    assert max(sizes[1]) < max(sizes[0]) + 2 * ngrams, "the memory"
    assert sum(sizes[1]) < sum(sizes[0]) + 40 * ngrams, "the work"


def test_without_ngrams_it_is_word2vec():
    """n-grams longer than all words: only the words are left, and the steps are the same."""
    corpus, config = tiny("a b c a d b a c " * 30, min_n=9, max_n=9)
    ours = w2v.train_fasttext(corpus, config, seed=3)
    assert len(ours.subwords.ngrams) == 0
    plain = w2v.SGNSConfig(**{name: getattr(config, name) for name in vars(w2v.SGNSConfig())})
    # word2vec starts elsewhere: give it the same start, where steps of no length end.
    still = w2v.train_fasttext(corpus, replace(config, learning_rate=1e-30), seed=3)
    W, C = still.embedding.vectors.clone(), torch.zeros(4, 5)
    run_skipgram(corpus, plain, WordVectors(W), C, 3, None, False)
    torch.testing.assert_close(ours.embedding.vectors, W)
    torch.testing.assert_close(ours.contexts.vectors, C)


def test_same_seed_same_bits():
    corpus, config = tiny("tea teas teapot pot pots the tea and the pot " * 3)
    one, two, other = (w2v.train_fasttext(corpus, config, seed=s) for s in (1, 1, 2))
    assert one.subwords.ngrams.equal(two.subwords.ngrams)
    assert not one.subwords.ngrams.equal(other.subwords.ngrams)


class TestIncidence:
    def test_by_hand(self):
        words = w2v.Vocabulary(("tea", "teas", "at"), torch.tensor([3, 2, 1]))
        F, columns = w2v.ngram_incidence(words, min_n=2, max_n=3)
        assert columns == ["tea", "teas", "at", "<t", "<te", "te", "tea", "ea"]
        assert F.to_dense().tolist() == [
            [1, 0, 0, 1, 1, 1, 1, 1],
            [0, 1, 0, 1, 1, 1, 1, 1],
            [0, 0, 1, 0, 0, 0, 0, 0],
        ]

    def test_counts_repeated_ngrams(self):
        words = w2v.Vocabulary(("papapa", "pap"), torch.tensor([2, 1]))
        F, columns = w2v.ngram_incidence(words, min_n=2, max_n=2)
        assert int(F.to_dense()[0, columns.index("pa")]) == 3

    def test_inflections_help_inflections(self, enwiki):
        """In QWEM's loss on Wikipedia: after equally many steps, better at word forms.

        In the end there is nothing to gain: F has full rank, so that W = F Z can be any W.
        """
        small = w2v.restrict_cooccurrence(enwiki, 2000)
        statistics = w2v.corpus_statistics(small)
        config = w2v.PopulationConfig(
            dim=50, loss=w2v.qwem_loss, steps=120, learning_rate=0.01, initial_scale=0.01
        )
        uniform = w2v.uniform_reweighting(statistics)
        questions = w2v.datasets.load_analogies(small.vocabulary)
        F, _ = w2v.ngram_incidence(small.vocabulary)
        plain, spelled = (
            w2v.train_population(statistics, config, reweighting=uniform, features=features)
            for features in (None, F)
        )
        accuracies = [
            w2v.solve_analogies(result.embedding, questions).accuracy
            for result in (plain, spelled)
        ]
        assert accuracies[1] > accuracies[0] + 0.05


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"min_n": 0}, "min_n"),
        ({"min_n": 4, "max_n": 3}, "min_n"),
        ({"buckets": 0}, "buckets"),
        ({"dim": 0}, "dim"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        w2v.FastTextConfig(**change)


class TestFiles:
    def test_parts_come_back_with_what_makes_new_words(self, tmp_path):
        corpus, config = tiny("the quick fox and the quick foxes", min_n=2, max_n=4)
        subwords = w2v.train_fasttext(corpus, config).subwords
        w2v.save_subwords(subwords, tmp_path / "parts.npz")
        kept = w2v.load_subwords(tmp_path / "parts.npz")
        for word in ("fox", "foxy", "quickly"):
            vector = w2v.subword_vector(subwords, word)
            assert torch.equal(w2v.subword_vector(kept, word), vector)
        assert kept.config == config
        assert torch.equal(kept.vocabulary.counts, subwords.vocabulary.counts)

    def test_damage_is_said(self, tmp_path):
        path = tmp_path / "parts.npz"
        corpus, config = tiny("the quick fox and the quick foxes")
        w2v.save_subwords(w2v.train_fasttext(corpus, config).subwords, path)
        path.write_bytes(path.read_bytes()[:-50])
        with pytest.raises(ValueError, match="damaged"):
            w2v.load_subwords(path)

    def test_counts_are_no_parts(self, tmp_path):
        corpus, _ = tiny("the quick fox and the quick foxes")
        w2v.save_cooccurrence(w2v.count_cooccurrences(corpus), tmp_path / "counts.npz")
        with pytest.raises(ValueError, match="save_subwords"):
            w2v.load_subwords(tmp_path / "counts.npz")
