"""Corpora against hand-counted sentences and the plain definition of a word."""

import bz2
import gzip
import io
import lzma
import re
import threading
import unicodedata
import zipfile
from itertools import pairwise

import numpy as np
import pytest
import torch
import tqdm.auto
from hypothesis import example, given
from hypothesis import strategies as st
from support import unchecked

import w2vlib as w2v
from w2vlib.text import _pieces, _spool, _table


def test_hand_counted_sentence():
    words = "the cat saw the dog and the cat ran".split()
    vocabulary = w2v.build_vocabulary(words)
    assert vocabulary.words == ("the", "cat", "and", "dog", "ran", "saw")
    assert vocabulary.counts.tolist() == [3, 2, 1, 1, 1, 1]
    assert w2v.build_vocabulary(words, min_count=2).words == ("the", "cat")
    assert w2v.build_vocabulary(words, max_size=1).words == ("the",)


def decoded(corpus):
    """The documents as lists of words."""
    tokens, words = corpus.tokens.tolist(), corpus.vocabulary.words
    return [
        [words[n] for n in tokens[start:stop]] for start, stop in pairwise(corpus.offsets.tolist())
    ]


@given(st.lists(st.lists(st.sampled_from("abcdefg"), max_size=8), min_size=1, max_size=6))
def test_encode_decodes_to_the_documents_without_unknown_words(documents):
    vocabulary = w2v.Vocabulary(("a", "c", "e"), torch.tensor([3, 2, 1]))
    corpus = w2v.encode(documents, vocabulary)
    known = [[word for word in document if word in "ace"] for document in documents]
    assert decoded(corpus) == known


def unicode_words(line):
    """Letters, marks and digits, which begin with no mark; single links between two of these."""

    def kind(character):
        category = unicodedata.category(character)
        if category[0] == "L" or category == "Nd":
            return "l"
        if category[0] == "M" or character in "\u00ad\u200c\u200d\u2060\ufeff":
            return "m"
        return "-" if character in "'-_\u2019\u2010\u2011" else " "

    kinds = "".join(map(kind, line))
    words = []
    for found in re.finditer("l[lm]*(?:-l[lm]*)*", kinds):
        word = unicodedata.normalize("NFC", line[found.start() : found.end()])
        word = word.replace("\u0130", "i").replace("\u2019", "'")
        word = re.sub("[\u2010\u2011]", "-", re.sub("[\u00ad\u2060\ufeff]", "", word))
        word = re.sub("[\u200c\u200d]+$", "", word).lower()
        words.append(unicodedata.normalize("NFC", word))
    return words


NORMALIZERS = {
    "unicode": unicode_words,
    "text8": lambda line: re.findall("[a-z]+", line.lower()),
    "whitespace": lambda line: re.findall(r"[^ \t\v\f\r]+", line),
}
# Words and line ends around the characters that matter, so that blocks are cut everywhere: any
# text, most of them short, and long ones with many words and lines.
SPECIAL = "aB \n\r\t\ufeff\u0130\u212a\u00e9\u4e2d\U0001f600\x0b\x0c\x1f\u00a0\u2028"
SPECIAL += "9'-_\u2019\u0301\u03a3\u03c3\u05d0\u0e01\u200d\u00ad\u0411"
TEXTS = st.one_of(
    st.text(
        st.one_of(
            st.sampled_from(SPECIAL),
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
        )
    ),
    st.lists(st.sampled_from([*SPECIAL, "ab", "ba", "\n"]), min_size=25).map("".join),
)


@pytest.mark.filterwarnings("ignore::w2vlib.DataWarning")
@pytest.mark.parametrize("normalizer", NORMALIZERS)
@example(text="\ufeffaB\na", block=2)
@example(text="a\n\nb\n\n", block=9)
@given(text=TEXTS, block=st.integers(1, 30))
def test_reading_in_blocks_is_the_definition(tmp_path_factory, normalizer, text, block):
    words = NORMALIZERS[normalizer]
    lines = text.removeprefix("\ufeff").split("\n")  # a byte order mark is not text
    expected = [words(line) for line in lines if words(line)]
    path = tmp_path_factory.getbasetemp() / "blocks.txt"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_pieces, "_BLOCK_BYTES", block)
        if not expected:
            with pytest.raises(ValueError, match="holds no word"):
                w2v.read_corpus(path, normalizer=normalizer)
        else:
            assert decoded(w2v.read_corpus(path, normalizer=normalizer)) == expected
            corpus = w2v.read_corpus(path, normalizer=lambda line: w2v.tokenize(line, normalizer))
            assert decoded(corpus) == expected
    assert w2v.tokenize(text, normalizer) == words(text.replace("\n", " "))


@pytest.mark.filterwarnings("ignore::w2vlib.DataWarning")
@pytest.mark.parametrize("normalizer", NORMALIZERS)
def test_every_character_is_read_as_defined(tmp_path, normalizer):
    """All, but every 64th of those beyond all letters, which Unicode has not given out."""
    codes = [*range(1, 0x34000), *range(0x34000, 0x110000, 64), *range(0xE0000, 0xE0200), 0x10FFFF]
    codes = [code for code in codes if not 0xD800 <= code < 0xE000 and code != 10]
    path = tmp_path / "characters.txt"
    text = "\n".join(f"a{chr(code)}b" for code in codes)
    path.write_text(text, "utf-8", newline="\n")
    documents = decoded(w2v.read_corpus(path, normalizer=normalizer))
    words = NORMALIZERS[normalizer]
    lines = text.replace("\n", " ")
    assert w2v.tokenize(text, normalizer) == words(lines)
    for code, document in zip(codes, documents, strict=True):
        assert document == words(f"a{chr(code)}b"), code


def compressed(path, data):
    """Write `data` in the format that the suffix of `path` says."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("text", data)
        return path
    opener = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}.get(path.suffix.lower(), open)
    with opener(path, "wb") as file:
        file.write(data)
    return path


@pytest.mark.parametrize("suffix", [".txt", "", ".gz", ".GZ", ".bz2", ".xz", ".zip", ".Zip"])
def test_formats(tmp_path, suffix):
    path = compressed(
        tmp_path / f"text{suffix}", "\ufeffThe cat.\r\n\n \nThe Éclair, the dog\n".encode()
    )
    corpus = w2v.read_corpus(path, normalizer="text8")
    assert corpus.vocabulary.words == ("the", "cat", "clair", "dog")
    assert corpus.vocabulary.counts.tolist() == [3, 1, 1, 1]
    assert corpus.tokens.tolist() == [0, 1, 0, 2, 0, 3]
    assert corpus.offsets.tolist() == [0, 2, 6], "empty lines are not documents"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_normalizer_sees_the_lines_in_order_in_its_own_thread(tmp_path, monkeypatch, end):
    monkeypatch.setattr(_pieces, "_BLOCK_BYTES", 16)
    lines = [f"{n}\u00a0{n}" + " x" * (n % 5) if n % 7 else "" for n in range(200)]
    path = tmp_path / "text.txt"
    path.write_text(end.join(lines), "utf-8", newline="")
    seen = []

    def words(line):
        seen.append(line)
        assert threading.current_thread() is threading.main_thread()
        return line.split(" ") if line else []

    corpus = w2v.read_corpus(path, normalizer=words)
    assert seen == lines
    assert decoded(corpus) == [line.split(" ") for line in lines if line]


@pytest.mark.parametrize("normalizer", ["unicode", "whitespace"])
def test_a_long_text_is_kept_on_the_disk(tmp_path, monkeypatch, normalizer):
    """The same corpus, whether its numbers fit into memory or not, and its counts."""
    path = tmp_path / "text.txt"
    path.write_text(
        "\n".join(" ".join(f"w{n * k % 97}" for k in range(n % 9)) for n in range(300))
    )
    expected = w2v.read_corpus(path, max_vocabulary=60, normalizer=normalizer)
    monkeypatch.setattr(_spool, "_IN_MEMORY", 50)
    monkeypatch.setattr(_pieces, "_BLOCK_BYTES", 100)
    found = w2v.read_corpus(path, max_vocabulary=60, normalizer=normalizer)
    assert found.vocabulary.words == expected.vocabulary.words
    assert torch.equal(found.tokens, expected.tokens)
    assert torch.equal(found.offsets, expected.offsets)
    assert w2v.restrict_corpus(found, 9).vocabulary.words == found.vocabulary.words[:9]


def test_no_room_on_the_disk(tmp_path, monkeypatch):
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    path = tmp_path / "text.txt"
    path.write_text("some words " * 50)
    monkeypatch.setattr(_spool, "_IN_MEMORY", 50)
    monkeypatch.setattr(_spool.tempfile, "TemporaryFile", Full)
    with pytest.raises(OSError, match=r"TMPDIR"):
        w2v.read_corpus(path)


@given(words=st.lists(st.text("ab", min_size=1, max_size=40), min_size=1, max_size=300))
def test_tables_of_words_grow(words):
    """Words of all lengths, also when those that are found at once have no more room."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_table, "_KEYS", 4)
        table = _table.WordTable(words=2, letters=4)
        numbers = table.add("".join(f"{word}\n" for word in words).encode())
    different = list(dict.fromkeys(words))
    assert numbers.tolist() == [different.index(word) for word in words]
    assert table.words(np.arange(len(table))) == different
    assert table.counts.tolist() == [words.count(word) for word in different]


def test_a_long_line_needs_white_space_but_not_a_space(tmp_path, monkeypatch):
    monkeypatch.setattr(_pieces, "_LONGEST_WORD", 100)
    monkeypatch.setattr(_pieces, "_BLOCK_BYTES", 64)
    for number, separator in enumerate("\t\r"):
        path = tmp_path / f"{number}.txt"
        path.write_text(separator.join(["word"] * 100), newline="")
        assert decoded(w2v.read_corpus(path)) == [["word"] * 100]
    path.write_text("acgt" * 100)
    with pytest.raises(ValueError, match=r"128 bytes without a space .*line 1"):
        w2v.read_corpus(path)


@pytest.mark.parametrize("suffix", [".txt", ".xz", ".zip"])
def test_progress_is_over_the_bytes_of_the_file(tmp_path, monkeypatch, capsys, suffix):
    path = compressed(tmp_path / f"text{suffix}", b"some words " * 2000)
    steps = []

    class Bar(tqdm.auto.tqdm):
        def update(self, n=1):
            steps.append((n, self.total))
            return super().update(n)

    monkeypatch.setattr(_pieces, "_BLOCK_BYTES", 1000)
    w2v.read_corpus(path)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(tqdm.auto, "tqdm", Bar)
    w2v.read_corpus(path, progress=True)
    assert "100%" in capsys.readouterr().err
    assert {total for _, total in steps} == {path.stat().st_size}
    assert min(n for n, _ in steps) >= 0, "never beyond the end"
    assert sum(n for n, _ in steps) == path.stat().st_size


@given(
    documents=st.lists(st.lists(st.sampled_from("abcde"), min_size=1), min_size=1, max_size=5),
    size=st.integers(1, 5),
)
def test_restricting_is_reading_with_the_smaller_vocabulary(tmp_path_factory, documents, size):
    path = tmp_path_factory.getbasetemp() / "restricted.txt"
    path.write_text("\n".join(map(" ".join, documents)))
    corpus = w2v.read_corpus(path)
    size = min(size, len(corpus.vocabulary))
    restricted = w2v.restrict_corpus(corpus, size)
    expected = w2v.read_corpus(path, max_vocabulary=size)
    assert restricted.vocabulary.words == expected.vocabulary.words
    assert torch.equal(restricted.vocabulary.counts, expected.vocabulary.counts)
    assert torch.equal(restricted.tokens, expected.tokens)
    assert torch.equal(restricted.offsets, expected.offsets)


def test_to_a_device():
    corpus = w2v.encode([["a", "b"], ["b"]], w2v.build_vocabulary(list("abb")))
    moved = corpus.to("auto")
    assert moved.tokens.device == moved.offsets.device
    assert decoded(moved) == [["a", "b"], ["b"]] and moved.vocabulary is corpus.vocabulary


def test_words_outside_the_vocabulary_leave_their_document_empty(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("c b a d\nb\nd d\n")
    assert decoded(w2v.read_corpus(path, max_vocabulary=1)) == [["d"], [], ["d", "d"]]
    vocabulary = w2v.build_vocabulary("a a b c".split())
    corpus = w2v.read_corpus(path, vocabulary=vocabulary)
    assert corpus.vocabulary is vocabulary
    assert decoded(corpus) == [["c", "b", "a"], ["b"], []]


def test_replaced_bytes(tmp_path):
    path = tmp_path / "latin1.txt"
    path.write_bytes("naïve café\n".encode("latin-1"))
    assert decoded(w2v.read_corpus(path, errors="replace")) == [["na", "ve", "caf"]]
    kept = w2v.read_corpus(path, errors="replace", normalizer="whitespace")
    assert decoded(kept) == [["na\ufffdve", "caf\ufffd"]]


@given(
    texts=st.lists(st.lists(st.sampled_from("abcdef"), min_size=1), min_size=1, max_size=4),
    size=st.integers(1, 6),
)
def test_merged_vocabularies_are_that_of_the_whole(texts, size):
    every = [word for text in texts for word in text]
    size = min(size, len(set(every)))
    merged = w2v.merge_vocabularies(map(w2v.build_vocabulary, texts), max_size=size)
    whole = w2v.build_vocabulary(every, max_size=size)
    assert merged.words == whole.words
    assert torch.equal(merged.counts, whole.counts)


class TestSubsampling:
    @pytest.fixture
    def corpus(self):
        generator = torch.Generator().manual_seed(1)
        lengths = torch.tensor([0, 30_000, 0, 70_000])
        tokens = (torch.rand(100_000, generator=generator) ** 3 * 5).int()
        counts = torch.bincount(tokens, minlength=5)
        return w2v.Corpus(tokens, lengths.cumsum(0), w2v.Vocabulary(tuple("abcde"), counts))

    def test_keep_probability_is_that_of_gensim(self, corpus, gensim):
        texts = [[corpus.vocabulary.words[n] for n in corpus.tokens.tolist()]]
        model = gensim.models.Word2Vec(sample=0.01, min_count=1, vector_size=1)
        model.build_vocab(texts)
        ours = w2v.keep_probability(corpus.vocabulary, 0.01)
        for word, probability in zip("abcde", ours.tolist(), strict=True):
            theirs = model.wv.get_vecattr(word, "sample_int") / (2**32 - 1)
            assert probability == pytest.approx(theirs, rel=1e-6)

    def test_share_of_tokens_kept(self, corpus):
        keep = w2v.keep_probability(corpus.vocabulary, 0.01)
        assert bool((keep < 1).all())
        thinned = w2v.subsample(corpus, 0.01)
        assert thinned.documents == corpus.documents
        for document in (0, 2):
            before, after = (
                torch.bincount(text.tokens[text.offsets[document] : text.offsets[document + 1]])
                for text in (corpus, thinned)
            )
            deviation = (before * keep * (1 - keep)).sqrt()
            assert bool(((after - before * keep).abs() < 5 * deviation).all())

    def test_order_is_kept_and_seed_decides(self, corpus):
        first, second, other = (w2v.subsample(corpus, 0.01, seed=seed) for seed in (3, 3, 4))
        assert torch.equal(first.tokens, second.tokens)
        assert not torch.equal(first.tokens[:100], other.tokens[:100])
        assert first.vocabulary is corpus.vocabulary and first.documents == corpus.documents
        everything = w2v.subsample(corpus, 1.0)
        assert torch.equal(everything.tokens, corpus.tokens)
        assert torch.equal(everything.offsets, corpus.offsets)

    def test_vocabulary_without_counts(self):
        vocabulary = w2v.Vocabulary(("a", "b"), torch.tensor([0, 0]))
        with pytest.raises(ValueError, match="`vocabulary` must have counts; got only zeros"):
            w2v.keep_probability(vocabulary, 0.01)
        some = w2v.Vocabulary(("a", "b"), torch.tensor([1, 0]))
        assert w2v.keep_probability(some, 0.01).tolist() == pytest.approx([0.11, 1])


ONE = w2v.build_vocabulary(["a"])
COMPRESSED = [".gz", ".bz2", ".xz", ".zip"]
ARCHIVES = [".tar", ".tgz", ".7z", ".zst", ".tar.gz", ".TAR.XZ"]


class TestBadInput:
    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("empty.txt", b"", "no word"),
            ("lines.txt", b"\n \n", "no word"),
            ("signs.txt", b"! ? $\n", "no word"),
            ("zeros.txt", b"word " * 500 + b"\0 " * 10, "zero bytes"),
            *((f"text{suffix}", b"PK some words", "unpack") for suffix in ARCHIVES),
            *((f"plain{suffix}", b"some words", "damaged") for suffix in COMPRESSED),
            *(
                (f"{wide}.txt", "some words".encode(wide), "UTF-16")
                for wide in ("utf-16", "utf-16-le", "utf-32")
            ),
        ],
    )
    @pytest.mark.parametrize("vocabulary", [None, ONE])
    def test_what_is_no_text(self, tmp_path, name, content, message, vocabulary):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(ValueError, match=message) as error:
            w2v.read_corpus(path, vocabulary=vocabulary)
        assert name in str(error.value)

    def test_no_file(self, tmp_path):
        for path in (tmp_path / "nowhere.txt", tmp_path):
            with pytest.raises(FileNotFoundError, match=path.name):
                w2v.read_corpus(path)

    @pytest.mark.parametrize("names", [[], ["one", "two"]])
    def test_zip_without_exactly_one_file(self, tmp_path, names):
        path = tmp_path / "text.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "words")
        with pytest.raises(ValueError, match=f"one text; it holds {len(names)}"):
            w2v.read_corpus(path)

    @pytest.mark.parametrize("suffix", COMPRESSED)
    @pytest.mark.parametrize("fault", ["end", "byte"])
    def test_damaged(self, tmp_path, suffix, fault):
        text = b"words " + b" ".join(b"%d" % (n * n) for n in range(5000))
        path = compressed(tmp_path / f"bad{suffix}", text)
        data = bytearray(path.read_bytes())
        if fault == "end":
            del data[-30:]
        else:
            data[len(data) // 2] ^= 255
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"bad.* is damaged"):
            w2v.read_corpus(path)

    def test_encrypted_zip(self, tmp_path):
        path = compressed(tmp_path / "secret.zip", b"some words")
        data = bytearray(path.read_bytes())
        for header, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            data[data.index(header) + flags] |= 1
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"secret\.zip.*encrypted"):
            w2v.read_corpus(path)

    @pytest.mark.parametrize("block", [1, 8, 1000])
    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_not_utf8(self, tmp_path, monkeypatch, block, mark):
        monkeypatch.setattr(_pieces, "_BLOCK_BYTES", block)
        path = tmp_path / "latin1.txt"
        text = mark + "one two\nthr\u00e9e four\n".encode() + b"na\xefve\n"
        path.write_bytes(text)
        found = rf"UTF-8.* 0xef .*line 3,.* {text.index(0xEF, 3)} "
        with pytest.raises(ValueError, match=found):
            w2v.read_corpus(path)

    @pytest.mark.parametrize("word", ["", "two words", " padded", "line\n", "a\tb", 7, None])
    def test_normalizer_that_yields_no_words(self, tmp_path, word):
        path = tmp_path / "text.txt"
        path.write_text("some text")
        with pytest.raises(ValueError, match=r"`normalizer`.*some text"):
            w2v.read_corpus(path, normalizer=lambda line: [word])

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: w2v.merge_vocabularies([]), "`vocabularies`"),
            (lambda: w2v.encode([], ONE), "one document"),
            (lambda: w2v.build_vocabulary(["a", "a", "b"], min_count=3), "`words`.* 3 "),
            (lambda: w2v.build_vocabulary(["a"], max_size=0), "size .* 0 "),
            (lambda: w2v.build_vocabulary(["a"], min_count=0), "`min_count`"),
            (lambda: w2v.read_corpus("x", vocabulary=ONE, max_vocabulary=3), "`max_vocabulary`"),
            (lambda: unchecked(w2v.read_corpus)("x", normalizer="nltk"), "`normalizer`.*'nltk'"),
            (lambda: w2v.restrict_corpus(w2v.encode([["a"]], ONE), 2), r"`size`.*\[1, 1\].* 2"),
            (lambda: w2v.Vocabulary(("a", "a"), torch.tensor([1, 1])), "'a'"),
            (lambda: w2v.Corpus(torch.tensor([1]).int(), torch.tensor([0, 1]), ONE), "`tokens`"),
            (lambda: w2v.keep_probability(ONE, 0.0), "`threshold`.* 0"),
        ],
    )
    def test_arguments(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()
