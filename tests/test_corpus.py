"""Corpora against hand-counted sentences and the plain definition of a word."""

import bz2
import gzip
import lzma
import re
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import w2vlib as w2v
from w2vlib.corpus import _normalize


def test_hand_counted_sentence():
    vocabulary = w2v.build_vocabulary("the cat saw the dog and the cat ran".split())
    assert vocabulary.words == ("the", "cat", "and", "dog", "ran", "saw")
    assert vocabulary.counts.tolist() == [3, 2, 1, 1, 1, 1]


def test_equal_frequencies_in_alphabetical_order():
    assert w2v.build_vocabulary("c b a".split()).words == ("a", "b", "c")


def test_min_count_and_max_size():
    words = "a a a b b c".split()
    assert w2v.build_vocabulary(words, min_count=2).words == ("a", "b")
    assert w2v.build_vocabulary(words, max_size=1).words == ("a",)


@given(st.lists(st.lists(st.sampled_from("abcdefg"), max_size=8), min_size=1, max_size=6))
def test_encode_decodes_to_the_documents_without_unknown_words(documents):
    vocabulary = w2v.Vocabulary(("a", "c", "e"), torch.tensor([3, 2, 1]))
    corpus = w2v.encode(documents, vocabulary)
    bounds = corpus.offsets.tolist()
    decoded = [
        [vocabulary.words[i] for i in corpus.tokens[start:stop]]
        for start, stop in pairwise(bounds)
    ]
    assert decoded == [[word for word in document if word in "ace"] for document in documents]


def test_token_zero_is_a_word():
    vocabulary = w2v.build_vocabulary(["a"])
    assert vocabulary.number("a") == 0
    assert w2v.encode([["a", "a"]], vocabulary).tokens.tolist() == [0, 0]


@given(st.text())
def test_fast_normalization_is_the_definition(text):
    definition = re.findall("[a-z]+", text.lower())
    assert _normalize(text.encode("utf-8", "replace")).split() == definition
    assert w2v.tokenize(text) == definition


def test_every_character_normalizes_as_defined():
    for code in range(0x110000):
        if not 0xD800 <= code < 0xE000:
            text = f"a{chr(code)}b"
            assert _normalize(text.encode()).split() == re.findall("[a-z]+", text.lower()), code


@pytest.mark.parametrize(
    "opener", [(".txt", open), (".gz", gzip.open), (".bz2", bz2.open), (".xz", lzma.open)]
)
def test_read_corpus(tmp_path, opener):
    suffix, open_ = opener
    path = tmp_path / f"text{suffix}"
    with open_(path, "wb") as file:
        file.write("\ufeffThe cat.\r\n\n \nThe Éclair, the dog\n".encode())
    corpus = w2v.read_corpus(path)
    assert corpus.vocabulary.words == ("the", "cat", "clair", "dog")
    assert corpus.tokens.tolist() == [0, 1, 0, 2, 0, 3]
    assert corpus.offsets.tolist() == [0, 2, 6], "empty lines are not documents"


class TestBadInput:
    def test_missing_file(self, tmp_path):
        with pytest.raises(
            FileNotFoundError, match=r"nowhere\.txt' does not exist.*check the path"
        ):
            w2v.read_corpus(tmp_path / "nowhere.txt")

    def test_a_folder(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="is a folder"):
            w2v.read_corpus(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"\n \n", b"1 2 3\n"])
    def test_empty_corpus(self, tmp_path, content):
        path = tmp_path / "empty.txt"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"empty\.txt' holds no word"):
            w2v.read_corpus(path)

    def test_vocabulary_larger_than_the_corpus(self, tmp_path):
        path = tmp_path / "small.txt"
        path.write_text("one two three")
        with pytest.raises(ValueError, match=r"small\.txt' has 3 distinct words.*5,000.*fewer"):
            w2v.read_corpus(path, max_vocabulary=5000)

    def test_no_documents(self):
        with pytest.raises(ValueError, match="at least one document"):
            w2v.encode([], w2v.build_vocabulary(["a"]))

    def test_min_count_too_high(self):
        with pytest.raises(ValueError, match="no word of `words` occurs at least 3 times"):
            w2v.build_vocabulary(["a", "a", "b"], min_count=3)

    @pytest.mark.parametrize("options", [{"max_size": 0}, {"min_count": 0}])
    def test_sizes_below_one(self, options):
        with pytest.raises(ValueError, match="`min_count` must be at least 1"):
            w2v.build_vocabulary(["a"], **options)

    def test_archive(self, tmp_path):
        path = tmp_path / "text.zip"
        path.write_bytes(b"PK some words")
        with pytest.raises(ValueError, match=r"text\.zip' is an archive; unpack it first"):
            w2v.read_corpus(path)

    def test_truncated_file(self, tmp_path):
        path = tmp_path / "cut.xz"
        path.write_bytes(lzma.compress(b"some words " * 1000)[:-20])
        with pytest.raises(ValueError, match=r"cut\.xz' is damaged"):
            w2v.read_corpus(path)

    @pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
    def test_not_compressed(self, tmp_path, suffix):
        path = tmp_path / f"plain{suffix}"
        path.write_text("some words")
        with pytest.raises(ValueError, match="damaged or not a"):
            w2v.read_corpus(path)

    def test_unknown_word(self):
        vocabulary = w2v.build_vocabulary(["physics", "music"])
        with pytest.raises(KeyError, match=r"'physicss' is not among.*did you mean 'physics'"):
            vocabulary.number("physicss")

    def test_repeated_word(self):
        with pytest.raises(ValueError, match=r"repeated: \['a'\]"):
            w2v.Vocabulary(("a", "a"), torch.tensor([1, 1]))

    def test_tokens_outside_the_vocabulary(self):
        vocabulary = w2v.build_vocabulary(["a"])
        tokens = torch.tensor([0, 1], dtype=torch.int32)
        with pytest.raises(ValueError, match=r"`tokens` must lie in \[0, 0\]"):
            w2v.Corpus(tokens, torch.tensor([0, 2]), vocabulary)
