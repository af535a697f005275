"""Files of word vectors: gensim and this library read each other's, to the last bit."""

import gzip
import struct

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import w2vlib as w2v
from w2vlib import embedding as module

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
WORDS = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=5).filter(
    lambda word: word.split() == [word]
)


@st.composite
def words_and_vectors(draw):
    words = draw(st.lists(WORDS, min_size=1, max_size=6, unique=True))
    shape = (len(words), draw(st.integers(1, 5)))
    vectors = draw(hnp.arrays(np.float32, shape, elements=FLOATS))
    return tuple(words), torch.from_numpy(vectors)


def equal(first, second):
    """Same words, same bits (minus zero included)."""
    return (
        first.vocabulary.words == second.vocabulary.words
        and first.vectors.dtype == second.vectors.dtype == torch.float32
        and first.vectors.numpy().tobytes() == second.vectors.numpy().tobytes()
    )


@pytest.fixture(scope="module")
def small():
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(300, 7, generator=generator) * 1e-3
    words = tuple(f"word{n}" for n in range(300))
    return w2v.Embedding(vectors, w2v.Vocabulary(words, torch.arange(300, 0, -1)))


@pytest.mark.parametrize("suffix", [".txt", ".vec", ".bin", ".txt.gz", ".bin.gz"])
@given(drawn=words_and_vectors())
def test_what_is_written_is_read(tmp_path_factory, suffix, drawn):
    words, vectors = drawn
    counts = torch.arange(len(words), 0, -1)
    embedding = w2v.Embedding(vectors, w2v.Vocabulary(words, counts))
    path = tmp_path_factory.getbasetemp() / f"vectors{suffix}"
    w2v.save_embedding(embedding, path)
    loaded = w2v.load_embedding(path)
    assert equal(loaded, embedding)
    assert loaded.vocabulary.counts is None, "a file of vectors has none"


@pytest.mark.parametrize("suffix", [".txt", ".bin"])
class TestGensim:
    def test_reads_ours(self, gensim, small, tmp_path, suffix):
        w2v.save_embedding(small, tmp_path / f"ours{suffix}")
        theirs = gensim.models.KeyedVectors.load_word2vec_format(
            str(tmp_path / f"ours{suffix}"), binary=suffix == ".bin"
        )
        assert tuple(theirs.index_to_key) == small.vocabulary.words
        assert theirs.vectors.tobytes() == small.vectors.numpy().tobytes()

    def test_we_read_theirs(self, gensim, small, tmp_path, suffix):
        path = tmp_path / f"theirs{suffix}"
        keyed = w2v.to_keyed_vectors(small)
        keyed.save_word2vec_format(str(path), binary=suffix == ".bin")
        loaded = w2v.load_embedding(path)
        assert equal(loaded, small)


def test_binary_is_that_of_gensim_byte_for_byte(gensim, small, tmp_path):
    w2v.save_embedding(small, tmp_path / "ours.bin")
    w2v.to_keyed_vectors(small).save_word2vec_format(str(tmp_path / "theirs.bin"), binary=True)
    assert (tmp_path / "ours.bin").read_bytes() == (tmp_path / "theirs.bin").read_bytes()


def test_files_of_the_c_program(tmp_path):
    """It ends lines of text with a space, and binary rows with a line feed."""
    text, binary = tmp_path / "c.txt", tmp_path / "c.bin"
    text.write_bytes(b"2 2\n</s> 0.5 -1 \nthe 2e-3 4 \n")
    rows = [struct.pack("<2f", 0.5, -1), struct.pack("<2f", 2e-3, 4)]
    binary.write_bytes(b"2 2\n</s> " + rows[0] + b"\nthe " + rows[1] + b"\n")
    expected = torch.tensor([[0.5, -1], [2e-3, 4]])
    for path in (text, binary):
        loaded = w2v.load_embedding(path)
        assert loaded.vocabulary.words == ("</s>", "the")
        assert torch.equal(loaded.vectors, expected)


def test_words_that_look_like_something_else(tmp_path):
    words = ("nan", "null", "NA", "3.5", '"', "#", "true", ",")
    vocabulary = w2v.Vocabulary(words, torch.arange(len(words), 0, -1))
    embedding = w2v.Embedding(torch.arange(8.0)[:, None], vocabulary)
    w2v.save_embedding(embedding, tmp_path / "odd.txt")
    assert equal(w2v.load_embedding(tmp_path / "odd.txt"), embedding)


def test_keyed_vectors(gensim, small):
    keyed = w2v.to_keyed_vectors(small)
    assert isinstance(keyed, gensim.models.KeyedVectors)
    assert keyed.get_vecattr("word0", "count") == 300
    word, cosine = keyed.most_similar("word5", topn=1)[0]
    assert w2v.nearest_neighbors(small, "word5", k=1) == [(word, pytest.approx(cosine, abs=1e-6))]


class TestBadInput:
    @pytest.mark.parametrize("suffix", [".npz", "", ".gz", ".csv.gz"])
    def test_suffix(self, small, tmp_path, suffix):
        path = tmp_path / f"vectors{suffix}"
        with pytest.raises(ValueError, match=r"must end in .txt or .vec \(text\) or .bin"):
            w2v.save_embedding(small, path)
        path.write_text("1 1\na 1\n")
        with pytest.raises(ValueError, match=r"must end in .txt or .vec"):
            w2v.load_embedding(path)

    def test_folders(self, small, tmp_path):
        with pytest.raises(FileNotFoundError, match="create it first"):
            w2v.save_embedding(small, tmp_path / "no" / "x.txt")
        with pytest.raises(FileNotFoundError, match="expected word vectors"):
            w2v.load_embedding(tmp_path / "none.txt")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "must begin with a line 'words dimensions'"),
            (b"the 0.1 0.2\n", "GloVe's files have no such line"),
            (b"0 5\n", "must begin with a line"),
            (b"2 2\na 1 2\n", "holds 1 whole vectors, but its header announces 2"),
            (b"1 2\na 1 2\nb 1 2\n", "holds 2 whole vectors, but its header announces 1"),
            (b"1 2\na 1\n", "is damaged"),
            (b"2 2\na 1 2\nb 1 2 3\n", "is damaged.*b 1 2 3"),
            (b"2 2\na 1 2\nb 1 x\n", "is damaged.*x"),
            (b"1 2\na 1 nan\n", "must be finite"),
            (b"1 2\na 1 inf\n", "must be finite"),
            (b"2 1\na 1\na 2\n", r"must all be different; repeated: \['a'\]"),
            (b"1 1\n\xff\xfe 1\n", "is damaged.*UTF8"),
        ],
    )
    def test_damaged_text(self, tmp_path, content, message):
        path = tmp_path / "bad.txt"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=message) as error:
            w2v.load_embedding(path)
        assert "bad.txt" in str(error.value)

    def test_damaged_binary(self, small, tmp_path):
        path = tmp_path / "bad.bin"
        w2v.save_embedding(small, path)
        whole = path.read_bytes()
        for content, message in (
            (whole[:-1], "holds 299 whole vectors, but its header announces 300"),
            (whole + b"x", "goes on after the 300 vectors"),
            (whole[:3], "must begin with a line"),
        ):
            path.write_bytes(content)
            with pytest.raises(ValueError, match=message):
                w2v.load_embedding(path)

    @pytest.mark.parametrize("suffix", [".txt.gz", ".bin.gz"])
    def test_damaged_compression(self, small, tmp_path, suffix):
        path = tmp_path / f"bad{suffix}"
        w2v.save_embedding(small, path)
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(ValueError, match="is damaged"):
            w2v.load_embedding(path)
        path.write_bytes(b"not compressed")
        with pytest.raises(ValueError, match="is damaged"):
            w2v.load_embedding(path)

    def test_nothing_half_written(self, small, tmp_path, monkeypatch):
        path = tmp_path / "vectors.txt.gz"
        path.write_bytes(gzip.compress(b"1 1\nold 1\n"))

        def broken_disk(file, words, vectors):
            file.write(b"half")
            raise OSError("no space left on device")

        monkeypatch.setattr(module, "write_text", broken_disk)
        with pytest.raises(OSError, match="no space"):
            w2v.save_embedding(small, path)
        assert [left.name for left in tmp_path.iterdir()] == [path.name]
        assert w2v.load_embedding(path).vocabulary.words == ("old",)
