"""Files of word vectors: gensim's to the last bit, and those that others have published."""

import bz2
import gzip
import io
import lzma
import pickle
import struct
import subprocess
import sys
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support import Sizes

import w2vlib as w2v
from w2vlib import vector_files as module

STATUS = Path("/proc/self/status")
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


ROWS = [(0.5, -1.0), (2e-3, 4.0), (7.0, 8.0)]


@pytest.fixture
def load(tmp_path):
    """Load bytes from a file, whose name says nothing; no warning may come."""

    def loaded(content, **options):
        (tmp_path / "vectors").write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return w2v.load_embedding(tmp_path / "vectors", **options)

    return loaded


@pytest.fixture
def warned(tmp_path):
    """Load bytes from a file, and return what the one warning says, too."""

    def loaded(content, **options):
        (tmp_path / "vectors").write_bytes(content)
        with pytest.warns(w2v.DataWarning) as caught:
            embedding = w2v.load_embedding(tmp_path / "vectors", **options)
        assert len(caught) == 1
        return embedding, str(caught[0].message)

    return loaded


@pytest.fixture
def refused(tmp_path):
    """The message with which bytes of a file are refused; it names the file."""

    def message(content, **options):
        (tmp_path / "vectors").write_bytes(content)
        with pytest.raises(ValueError) as error:
            w2v.load_embedding(tmp_path / "vectors", **options)
        assert options or str(tmp_path / "vectors") in str(error.value)
        return str(error.value)

    return message


def holds(embedding, words, rows=ROWS):
    """Whether these are the words, and these the vectors."""
    expected = torch.tensor(rows[: len(words)], dtype=torch.float64)
    return embedding.vocabulary.words == tuple(words) and torch.equal(
        embedding.vectors.double(), expected.to(embedding.vectors.dtype).double()
    )


def binary(words, rows=ROWS, count=None, end=b""):
    """A binary file; word2vec's program ends rows with a line feed, and gensim does not."""
    parts = [f"{len(words) if count is None else count} {len(rows[0])}\n".encode()]
    for word, row in zip(words, rows, strict=False):
        parts.append(word + b" " + struct.pack(f"<{len(row)}f", *row) + end)
    return b"".join(parts)


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


GLOVE = b"the 0.5 -1\nof 2e-3 4\nand 7 8\n"


class TestReleasedFiles:
    """Files as they are published, in small."""

    def test_glove_files_without_a_header(self, load):
        assert holds(load(GLOVE), ["the", "of", "and"])

    def test_glove_files_whose_first_word_is_a_number(self, load):
        assert holds(load(b"1 0.5 -1\n2 2e-3 4\nx 7 8\n"), ["1", "2", "x"])
        assert holds(load(b"1999 7\n2000 8\n"), ["1999", "2000"], [(7.0,), (8.0,)])
        assert holds(load(b"3 5\nthe 7\nof 8\n"), ["3", "the", "of"], [(5.0,), (7.0,), (8.0,)])

    def test_a_header_of_one_dimension(self, load):
        assert holds(load(b"2 1\nthe 7\nof 8\n"), ["the", "of"], [(7.0,), (8.0,)])

    def test_without_a_header_as_gensim_reads_it(self, gensim, small, tmp_path):
        w2v.save_embedding(small, tmp_path / "v.txt")
        text = (tmp_path / "v.txt").read_bytes().split(b"\n", 1)[1]
        (tmp_path / "glove.txt").write_bytes(text)
        keyed = gensim.models.KeyedVectors.load_word2vec_format(
            str(tmp_path / "glove.txt"), no_header=True
        )
        loaded = w2v.load_embedding(tmp_path / "glove.txt")
        assert loaded.vocabulary.words == tuple(keyed.index_to_key)
        assert loaded.vectors.numpy().tobytes() == keyed.vectors.tobytes()

    def test_tokens_with_spaces_as_in_glove_840B(self, warned):
        content = b"the 0.5 -1\n. . . 2e-3 4\nat name@domain.com 7 8\n"
        loaded, message = warned(content)
        assert holds(loaded, ["the", "._._.", "at_name@domain.com"])
        assert "line 2" in message and "line 3" in message

    def test_fasttext_vec(self, load):
        assert holds(
            load(b"3 2\n, 0.5 -1 \nthe 2e-3 4 \n\xc3\xa9t\xc3\xa9 7 8 \n"), [",", "the", "été"]
        )

    def test_google_news(self, load, gensim, tmp_path):
        words = [b"</s>", b"New_York", "été".encode()]
        for end in (b"", b"\n"):
            loaded = load(binary(words, end=end))
            assert holds(loaded, ["</s>", "New_York", "été"])
            keyed = gensim.models.KeyedVectors.load_word2vec_format(
                str(tmp_path / "vectors"), binary=True
            )
            assert keyed.index_to_key == list(loaded.vocabulary.words)
            assert np.array_equal(keyed.vectors, loaded.vectors.numpy())

    @pytest.mark.parametrize("content", [GLOVE, b"3 2\n" + GLOVE, binary([b"the", b"of", b"and"])])
    @pytest.mark.parametrize(
        "compress",
        [
            gzip.compress,
            bz2.compress,
            lzma.compress,
            lambda content: zipped({"folder/x.vec": content}),
            lambda content: zipped({"README.md": b"# Vectors\n", "a/": b"", "x": content}),
            lambda content: gzip.compress(content[:5]) + gzip.compress(content[5:]),
        ],
        ids=["gzip", "bzip2", "xz", "zip", "zip with a readme", "gzip in parts"],
    )
    def test_compression_is_told_by_content(self, load, compress, content):
        assert holds(load(compress(content)), ["the", "of", "and"])

    def test_suffixes_may_lie(self, small, tmp_path):
        w2v.save_embedding(small, tmp_path / "v.bin")
        for name in ("v.txt", "v.csv.gz", "v.npz", "v"):
            (tmp_path / name).write_bytes((tmp_path / "v.bin").read_bytes())
            assert equal(w2v.load_embedding(tmp_path / name), small)

    def test_an_archive_of_several_sizes_is_refused_by_name(self, refused):
        message = refused(zipped({"glove.50d.txt": GLOVE, "glove.100d.txt": GLOVE, "x.md": b"-"}))
        assert "glove.50d.txt" in message and "glove.100d.txt" in message and "x.md" not in message
        assert "a.md" in refused(zipped({"a.md": b"no", "b.md": b"vectors"}))


class TestLenientText:
    @pytest.mark.parametrize(
        "content",
        [
            b"the\t0.5\t-1\nof\t2e-3\t4\nand\t7\t8\n",
            b"the  0.5   -1\nof \t 2e-3 4\nand 7\t8\n",
            b"the 0.5 -1 \nof 2e-3 4\nand 7 8 \t\n",
            b"the 0.5 -1\r\nof 2e-3 4\nand 7 8\r\n",
            b"the 0.5 -1\rof 2e-3 4\rand 7 8\r",
            b"\xef\xbb\xbfthe 0.5 -1\nof 2e-3 4\nand 7 8",
            b"\n\nthe 0.5 -1\n\n \t\nof 2e-3 4\nand 7 8\n\n",
            b" the +.5 -1.\n of .002E0 4e+0\nand 7 8\n",
        ],
        ids=["tabs", "runs", "ends", "crlf", "cr", "bom", "blank", "numbers"],
    )
    @pytest.mark.parametrize("header", [b"", b"3 2\n", b"3\t2 \r\n"])
    def test_separators_and_line_ends(self, load, content, header):
        bom = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
        content = bom + header + content.removeprefix(bom)
        assert holds(load(content), ["the", "of", "and"])

    def test_numbers_too_small_for_float32_are_zero(self, load):
        assert holds(load(b"a 1e-50 1\nb -1e-400 1\n"), ["a", "b"], [(0.0, 1.0), (-0.0, 1.0)])

    @pytest.mark.parametrize("space", ["\u00a0", "\u2028", "\u0085", "\u3000", "\x1c"])
    def test_what_is_no_ascii_space_belongs_to_the_word(self, load, space):
        words = [f"a{space}b", "c", space]
        content = "".join(f"{word} {x} {y}\n" for word, (x, y) in zip(words, ROWS, strict=True))
        assert holds(load(content.encode()), words)
        assert holds(load(binary([word.encode() for word in words])), words)

    @pytest.mark.parametrize(
        ("line", "word"),
        [
            (b"one 1\n", "one"),
            (b"four 1 2 3\n", "four"),
            (b"no 1 x\n", "no"),
            (b"comma 1 0,5\n", "comma"),
            (b"under 1 1_0\n", "under"),
            (b"not nan 1\n", "not"),
            (b"inf 1 -inf\n", "inf"),
            (b"large 1 1e39\n", "large"),
            (b"the 5 6\n", "the"),
            (b" 5 6\n", ""),
        ],
    )
    def test_a_malformed_line_is_left_out_and_said(self, warned, line, word):
        loaded, message = warned(b"the 0.5 -1\n\n" + line + b"of 2e-3 4\nand 7 8\n")
        assert holds(loaded, ["the", "of", "and"])
        assert "line 3" in message and repr(word) in message and "line 4" not in message

    def test_words_that_are_not_utf8(self, warned):
        loaded, message = warned(b"caf\xe9 0.5 -1\nof 2e-3 4\ncaf\xe8 1 1\nand 7 8\n")
        assert holds(loaded, ["caf\ufffd", "of", "and"])
        assert "UTF-8" in message and "line 1" in message and "line 3" in message

    def test_a_word_with_white_space_meets_one_that_has_it_already(self, warned):
        loaded, _ = warned(b"new_york 0.5 -1\nof 2e-3 4\nnew york 1 1\nand 7 8\nx\x0by 9 9\n")
        assert loaded.vocabulary.words == ("new_york", "of", "and", "x_y")

    @pytest.mark.parametrize("announced", [1, 2, 4, 10**12])
    def test_a_header_that_miscounts(self, warned, announced):
        loaded, message = warned(f"{announced} 2\n".encode() + GLOVE)
        assert holds(loaded, ["the", "of", "and"])
        assert f"{announced:,}" in message and "3" in message

    def test_all_that_is_wrong_is_in_one_warning(self, warned):
        good = b"".join(b"w%d 1 2\n" % n for n in range(200))
        loaded, message = warned(
            b"300 2\n" + good + b"w1 1 2\n" * 50 + b"a b c 1 2\nz 1\nz nan 1\n"
        )
        assert len(loaded) == 201
        assert all(part in message for part in ("300", "50", "'a b c'", "'z'", "253"))

    def test_bad_lines_among_many(self, warned):
        """Whatever the blocks in which lines are read: only bad ones are lost, and all of them."""
        lines, bad = [], {}
        for n in range(60_000):
            line = f"w{n} {n} 0.25"
            if n % 9_973 == 5_000:
                line = [f"w{n} {n}", f"w {n} {n} x", f"w{n} {n} nan", "w1 1 2"][len(bad) % 4]
                bad[n] = line
            lines.append(line)
        loaded, message = warned("\n".join(lines).encode())
        kept = [n for n in range(60_000) if n not in bad]
        assert loaded.vocabulary.words == tuple(f"w{n}" for n in kept)
        assert loaded.vectors[:, 0].tolist() == kept
        for n in list(bad)[:4]:
            assert f"line {n + 1:,}:" in message

    def test_a_cut_text_keeps_its_whole_lines(self, warned):
        loaded, message = warned(b"3 2\n" + GLOVE[:-3])
        assert holds(loaded, ["the", "of"])
        assert "line 4" in message

    @pytest.mark.parametrize(
        "content",
        [
            b"the 1 2\nof 1\n",
            b"2 2\nthe 1 2\nof 1 x\n",
            b"1 2\nthe nan 1\n",
            b"5 2\n",
            b"2 3\nthe 1 2 \nof 1 2\n",
            b"All work and no play\nmakes Jack a dull boy\n" * 1000,
            b"word,x,y\nthe,0.5,1\nof,1,2\n",
            b"\n \n\n",
        ],
    )
    def test_what_is_probably_no_file_of_vectors(self, refused, content):
        assert "word vectors" in refused(content)


class TestBinary:
    @pytest.mark.parametrize("cut", [1, 5, 8, 12])
    def test_a_truncated_file(self, refused, load, cut):
        content = binary([b"the", b"of", b"and"])[:-cut]
        for packed in (content, gzip.compress(content), zipped({"x.bin": content})):
            assert all(word in refused(packed) for word in ("damaged", "fetch", "`limit`", "3"))
            assert holds(load(packed, limit=1), ["the"])

    @pytest.mark.parametrize(
        "compress",
        [gzip.compress, bz2.compress, lambda content: lzma.compress(content, preset=0)],
        ids=["gzip", "bzip2", "xz"],
    )
    def test_a_truncated_compressed_file(self, refused, load, compress):
        rows = np.random.default_rng(0).integers(10**8, size=(15_000, 20)).tolist()
        words = [b"w%d" % n for n in range(len(rows))]
        lines = (b"w%d" % n + b" %d" * 20 % tuple(row) + b"\n" for n, row in enumerate(rows))
        for content in (binary(words, rows), b"".join(lines)):
            cut = compress(content)[:-200]
            assert "damaged" in refused(cut)
            assert len(load(cut, limit=100)) == 100

    @pytest.mark.parametrize("count", [635_974, 10**15 - 1])
    def test_a_header_that_claims_more_than_there_is(self, refused, count):
        """As in `635974 635974`: refused without asking for that memory."""
        content = binary([b"the"], ROWS, count=count)
        assert "damaged" in refused(content) and "damaged" in refused(gzip.compress(content))
        content = f"{count} {count}\nthe ".encode() + bytes(100)
        assert "damaged" in refused(content) and "damaged" in refused(gzip.compress(content))

    def test_a_header_that_claims_fewer(self, warned):
        loaded, message = warned(binary([b"the", b"of", b"and"], count=2))
        assert holds(loaded, ["the", "of"])
        assert "2" in message

    def test_words_that_are_none(self, warned):
        words = [b"the", b"", b"caf\xe9", b"new\tyork", b"the", b"new_york", b"x", b"y"]
        rows = [*((float(n), 0.0) for n in range(6)), (np.nan, 1.0), (7.0, 7.0)]
        loaded, message = warned(binary(words, rows))
        assert loaded.vocabulary.words == ("the", "caf\ufffd", "new_york", "y")
        assert loaded.vectors[:, 0].tolist() == [0, 2, 3, 7]
        assert all(f"vector {n}" in message for n in (2, 3, 4, 5, 6, 7))

    def test_words_without_end(self, refused):
        assert "damaged" in refused(b"2 2\n" + b"\0" * 100_000)


class TestLimitAndType:
    @pytest.mark.parametrize("content", [GLOVE, b"3 2\n" + GLOVE, binary([b"the", b"of", b"and"])])
    def test_limit(self, load, content):
        for limit in (1, 2, 3, 4, None):
            assert holds(load(content, limit=limit), ["the", "of", "and"][:limit])

    def test_reading_stops_there(self, load, warned):
        """What comes later is not looked at; words that are left out do not count."""
        bad = b"the 0.5 -1\nof 2e-3 4\n" + b"x\n" + b"and 7 8\n"
        assert holds(load(bad, limit=2), ["the", "of"])
        assert holds(warned(bad, limit=3)[0], ["the", "of", "and"])
        double = b"the 0.5 -1\nthe 1 1\nof 2e-3 4\nand 7 8\nof 1 1\n"
        loaded, message = warned(double, limit=2)
        assert holds(loaded, ["the", "of"]) and "line 5" not in message

    @pytest.mark.parametrize(
        "dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64]
    )
    @pytest.mark.parametrize("content", [GLOVE, binary([b"the", b"of", b"and"])])
    def test_types(self, load, content, dtype):
        loaded = load(content, dtype=dtype)
        rows = ROWS if content is GLOVE else np.float32(ROWS).tolist()
        assert loaded.vectors.dtype == dtype and holds(loaded, ["the", "of", "and"], rows)

    def test_double_precision_of_text(self, load):
        vectors = load(b"a 0.1234567890123456 1e300\nb 1 2\n", dtype=torch.float64).vectors
        assert vectors[0].tolist() == [0.1234567890123456, 1e300]

    def test_numbers_too_large_for_the_type(self, refused):
        content = b"a 1 70000\nb 1 2\n"
        assert "bfloat16" in refused(content, dtype=torch.float16)

    @pytest.mark.parametrize(
        ("options", "named"),
        [({"limit": 0}, "limit"), ({"limit": -1}, "limit"), ({"dtype": torch.int8}, "dtype")],
    )
    def test_bad_arguments(self, refused, options, named):
        assert f"`{named}`" in refused(GLOVE, **options)


class TestMemory:
    """Large files are read into one matrix, whatever their format."""

    @pytest.mark.skipif(not STATUS.is_file(), reason="nobody tells the memory of a process here")
    @pytest.mark.parametrize("form", ["text", "text without a header", "binary", "binary.gz"])
    def test_reading_takes_little_more_than_the_vectors(self, tmp_path, form):
        rows, dim = 100_000, 400
        with (gzip.open if form.endswith("gz") else open)(tmp_path / "v", "wb") as file:
            if "without" not in form:
                file.write(b"%d %d\n" % (rows, dim))
            row = b" 0.25" * dim + b"\n"
            if form.startswith("binary"):
                row = b" " + struct.pack("<f", 0.25) * dim
            file.writelines(b"w%d" % n + row for n in range(rows))
        program = (
            "import sys, torch, w2vlib as w2v\n"
            "def memory(what):\n"
            "    lines = open('/proc/self/status').read().splitlines()\n"
            "    return int(dict(line.split(':', 1) for line in lines)[what].split()[0]) * 1024\n"
            "w2v.load_embedding(sys.argv[1], limit=2_000)\n"
            "before = memory('VmRSS')\n"
            "vectors = w2v.load_embedding(sys.argv[1]).vectors\n"
            "print((memory('VmHWM') - before) / vectors.nbytes)\n"
            "assert torch.equal(vectors, torch.full((100_000, 400), 0.25))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, tmp_path / "v"], stdout=subprocess.PIPE, check=True
        )
        assert float(done.stdout) < 1.7

    def test_the_first_words_of_a_large_file_take_no_more_than_they_need(self, tmp_path):
        rows, dim = 40_000, 400
        row = b" " + struct.pack("<f", 0.25) * dim
        with (tmp_path / "v").open("wb") as file:
            file.write(b"%d %d\n" % (rows, dim))
            file.writelines(b"w%d" % n + row for n in range(rows))
        tracemalloc.start()
        try:
            assert len(w2v.load_embedding(tmp_path / "v", limit=10)) == 10
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < (tmp_path / "v").stat().st_size / 4

    def test_the_check_of_an_embedding_goes_block_by_block(self):
        vectors = torch.zeros(20_000, 800)
        vocabulary = w2v.Vocabulary(tuple(f"w{n}" for n in range(len(vectors))), None)
        with Sizes() as sizes:
            w2v.Embedding(vectors, vocabulary)
        assert max(sizes.made) < vectors.numel() / 2
        vectors[-1, -1] = torch.nan
        with pytest.raises(ValueError, match="finite"):
            w2v.Embedding(vectors, vocabulary)


class TestOtherFormats:
    """They are named for what they are, with the way from there."""

    @pytest.mark.parametrize(
        ("content", "named"),
        [
            (b"", "empty"),
            ((793712314).to_bytes(4, "little") + bytes(100), "load_facebook_vectors"),
            (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
            (b"PAR1" + bytes(100), "Parquet"),
            ((20).to_bytes(8, "little") + b'{"x":{"dtype":"F32"}}' + bytes(9), "safetensors"),
            (b"\n<!DOCTYPE html>\n<html><body>404</body></html>", "web page"),
            (b"<html>\n", "web page"),
            (
                b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
                "git lfs pull",
            ),
            (b"3 9\nthe 1:0.5 7:2\nof 2:0.5\nand 3:1 4:1\n", "sparse"),
            (b"the 1:0.5 7:2\nof 2:0.5\n", "sparse"),
            (pickle.dumps({"a": 1}), "pickle"),
            ("the 1 2\nof 3 4\n".encode("utf-16"), "UTF-16"),
            (b"\x28\xb5\x2f\xfd" + bytes(20), "unpack"),
        ],
    )
    def test_named(self, refused, content, named):
        assert named in refused(content)
        if content and not content.startswith(b"\x28"):
            assert named in refused(gzip.compress(content))

    def test_files_of_gensim(self, gensim, small, tmp_path):
        w2v.to_keyed_vectors(small).save(str(tmp_path / "v.kv"), separately=["vectors"])
        for name in ("v.kv", "v.kv.vectors.npy"):
            with pytest.raises(ValueError, match="from_keyed_vectors"):
                w2v.load_embedding(tmp_path / name)

    def test_files_of_torch(self, tmp_path):
        for new in (True, False):
            torch.save(torch.eye(2), tmp_path / "v.pt", _use_new_zipfile_serialization=new)
            with pytest.raises(ValueError, match=r"torch\.load"):
                w2v.load_embedding(tmp_path / "v.pt")

    def test_counts(self, tmp_path):
        corpus = w2v.read_texts(["a b a b"])
        w2v.save_cooccurrence(w2v.count_cooccurrences(corpus, window=1), tmp_path / "c.npz")
        with pytest.raises(ValueError, match="load_cooccurrence"):
            w2v.load_embedding(tmp_path / "c.npz")
        np.savez(tmp_path / "x.npz", x=np.eye(2))
        with pytest.raises(ValueError, match=r"\.npz"):
            w2v.load_embedding(tmp_path / "x.npz")


class TestKeyedVectors:
    def test_there_and_back(self, gensim, small):
        back = w2v.from_keyed_vectors(w2v.to_keyed_vectors(small))
        assert equal(back, small)

    def test_counts_of_a_model_are_known(self, gensim):
        texts = [["a", "b", "a", "c"], ["a", "b", "d"]] * 5
        model = gensim.models.Word2Vec(texts, vector_size=3, min_count=1, workers=1, seed=1)
        embedding = w2v.from_keyed_vectors(model.wv)
        words = embedding.vocabulary
        assert dict(zip(words.words, words.counts.tolist(), strict=True)) == {
            "a": 15,
            "b": 10,
            "c": 5,
            "d": 5,
        }
        assert torch.equal(embedding["b"], torch.tensor(model.wv["b"]))
        with pytest.raises(ValueError, match=r"\.wv"):
            w2v.from_keyed_vectors.__wrapped__(model)

    def test_counts_that_gensim_invents_are_unknown(self, gensim, small, tmp_path):
        w2v.save_embedding(small, tmp_path / "v.bin")
        keyed = gensim.models.KeyedVectors.load_word2vec_format(
            str(tmp_path / "v.bin"), binary=True
        )
        assert keyed.get_vecattr("word0", "count") == 300, "gensim's invention"
        assert w2v.from_keyed_vectors(keyed).vocabulary.counts is None

    def test_subwords_of_fasttext(self, gensim):
        texts = [["tea", "coffee", "iron"]] * 5
        model = gensim.models.FastText(texts, vector_size=3, min_count=1, bucket=50, workers=1)
        embedding = w2v.from_keyed_vectors(model.wv)
        assert np.array_equal(embedding["tea"].numpy(), model.wv["tea"])

    def test_a_copy(self, gensim, small):
        keyed = w2v.to_keyed_vectors(small)
        copy = w2v.from_keyed_vectors(keyed)
        keyed.vectors[:] = 0
        assert equal(copy, small)

    def test_keys_that_are_no_words(self, gensim):
        keyed = gensim.models.KeyedVectors(2)
        keys = ["the", "new york", 7, "new_york", "", "of"]
        keyed.add_vectors(keys, np.arange(12, dtype=np.float32).reshape(6, 2))
        for key, count in zip(keys, (9, 8, 5, 4, 3, 1), strict=True):
            keyed.set_vecattr(key, "count", count)
        with pytest.warns(w2v.DataWarning) as caught:
            embedding = w2v.from_keyed_vectors(keyed)
        assert len(caught) == 1 and "'new york'" in str(caught[0].message)
        assert embedding.vocabulary.words == ("the", "new_york", "7", "of")
        assert embedding.vocabulary.counts.tolist() == [9, 8, 5, 1]
        assert embedding.vectors[:, 0].tolist() == [0, 2, 4, 10]

    def test_nothing_in_it(self, gensim):
        with pytest.raises(ValueError, match="at least one"):
            w2v.from_keyed_vectors(gensim.models.KeyedVectors(2))


class TestBadInput:
    @pytest.mark.parametrize("suffix", [".npz", "", ".gz", ".csv.gz"])
    def test_suffix(self, small, tmp_path, suffix):
        with pytest.raises(ValueError, match=r"must end in .txt or .vec \(text\) or .bin"):
            w2v.save_embedding(small, tmp_path / f"vectors{suffix}")

    def test_folders(self, small, tmp_path):
        with pytest.raises(FileNotFoundError, match="create it first"):
            w2v.save_embedding(small, tmp_path / "no" / "x.txt")
        with pytest.raises(FileNotFoundError, match="expected word vectors"):
            w2v.load_embedding(tmp_path / "none.txt")

    @pytest.mark.parametrize("where", [slice(-40), slice(20)])
    @pytest.mark.parametrize("suffix", [".txt.gz", ".bin.gz"])
    def test_damaged_compression(self, small, tmp_path, suffix, where):
        path = tmp_path / f"bad{suffix}"
        w2v.save_embedding(small, path)
        path.write_bytes(path.read_bytes()[where])
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


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_vectors_of_another_type_answer_what_those_of_float32_do(
    enwiki_embedding, tmp_path, dtype
):
    """To the rounding of their numbers; 16 bits hold three digits of them, or two."""
    w2v.save_embedding(enwiki_embedding, tmp_path / "v.bin")
    loaded = w2v.load_embedding(tmp_path / "v.bin", dtype=dtype)
    assert loaded.vectors.dtype == dtype
    questions = w2v.datasets.load_google_analogies(loaded.vocabulary)
    for method in ("add", "mul"):
        here, there = (
            w2v.solve_analogies(each, questions, method=method).accuracy
            for each in (enwiki_embedding, loaded)
        )
        assert here == pytest.approx(there, abs=0.03)
    assert w2v.analogy(loaded, "france", "paris", "italy", k=1)[0][0] == "rome"
    found = [word for word, _ in w2v.nearest_neighbors(loaded, "physics", k=20)]
    expected = [word for word, _ in w2v.nearest_neighbors(enwiki_embedding, "physics", k=10)]
    assert set(expected[:5]) <= set(found)

    words = ["france", "paris", "italy", "rome"]
    here, there = (w2v.principal_coordinates(each, words) for each in (enwiki_embedding, loaded))
    torch.testing.assert_close(there.float(), here, rtol=0, atol=0.03)
    pairs = ["king queen 8", "france paris 6", "music physics 1", "song album 9"]
    pairs = w2v.parse_similarities(pairs, loaded.vocabulary)
    here, there = (w2v.evaluate_similarity(each, pairs) for each in (enwiki_embedding, loaded))
    torch.testing.assert_close(there.cosines.float(), here.cosines, rtol=0, atol=0.03)
    turned = w2v.align(loaded, enwiki_embedding)
    assert turned.vectors.dtype == dtype
    torch.testing.assert_close(
        turned.vectors.float(), enwiki_embedding.vectors, rtol=0.05, atol=0.03
    )
