"""Counts against a triple loop, and files that are whole or refused."""

import io
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from multiprocessing import get_context

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support import unchecked

import w2vlib as w2v
from w2vlib import _counting
from w2vlib import cooccurrence as module

DOCUMENTS = st.lists(
    st.lists(st.sampled_from("abcde"), max_size=12), min_size=1, max_size=5
).filter(any)


def brute_force(documents, words, window, weighting):
    """Every pair of positions of every document, straight from the definition."""
    counts = np.zeros((len(words), len(words)), np.int64)
    multiple = np.lcm.reduce(np.arange(1, window + 1))
    for document in documents:
        for s in range(len(document)):
            for t in range(len(document)):
                distance = abs(s - t)
                if 1 <= distance <= window:
                    counts[words.index(document[s]), words.index(document[t])] += {
                        "uniform": 1,
                        "linear": window + 1 - distance,
                        "harmonic": multiple // distance,
                    }[weighting]
    return counts


def corpus_of(documents, words="abcde"):
    return w2v.encode(documents, w2v.Vocabulary(tuple(words), torch.ones(5, dtype=torch.int64)))


@pytest.mark.parametrize("weighting", ["uniform", "linear", "harmonic"])
@pytest.mark.parametrize("task", [_counting._TASK, 1], ids=["as cut", "one row per task"])
@given(documents=DOCUMENTS, window=st.integers(1, 16))
def test_equals_the_triple_loop(task, weighting, documents, window):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_counting, "_TASK", task)
        counts = w2v.count_cooccurrences(corpus_of(documents), window=window, weighting=weighting)
    expected = brute_force(documents, "abcde", window, weighting)
    np.testing.assert_array_equal(counts.counts.toarray(), expected)
    assert counts.counts.dtype == np.int64 and counts.total == expected.sum()


@given(seed=st.integers(0, 2**32 - 1), window=st.integers(1, 3))
@settings(max_examples=30)
def test_rare_words_of_a_large_vocabulary(seed, window):
    """Rows with few neighbors take another branch of the kernel; both must sort and add up."""
    words = [f"word{n}" for n in range(400)]
    generator = np.random.default_rng(seed)
    texts = [
        [words[n] for n in generator.integers(0, upper, 12)]
        for upper in (400, 400, 3)
        for _ in "ab"
    ]
    vocabulary = w2v.Vocabulary(tuple(words), torch.ones(400, dtype=torch.int64))
    counts = w2v.count_cooccurrences(w2v.encode(texts, vocabulary), window=window).counts
    np.testing.assert_array_equal(counts.toarray(), brute_force(texts, words, window, "linear"))
    assert all((np.diff(counts.indices[a:b]) > 0).all() for a, b in pairwise(counts.indptr))


@given(documents=DOCUMENTS, window=st.integers(1, 15), block=st.integers(1, 20))
def test_blocks_add_up_to_the_whole(documents, window, block):
    """Wherever a block ends, within a document or between two, no pair is lost or doubled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_counting, "_BLOCK", block)
        counts = w2v.count_cooccurrences(corpus_of(documents), window=window).counts
    np.testing.assert_array_equal(
        counts.toarray(), brute_force(documents, "abcde", window, "linear")
    )


@given(sizes=st.lists(st.integers(0, 6), min_size=1, max_size=20))
def test_sums_of_many_parts(sizes):
    generator = np.random.default_rng(0)
    parts = [sp.csr_array(generator.integers(0, 3, (6, 6)) * (np.arange(6) < n)) for n in sizes]
    total = _counting.summed(iter(parts))
    assert total is not None
    np.testing.assert_array_equal(total.toarray(), sum(part.toarray() for part in parts))
    assert _counting.summed([]) is None


def test_numbers_beyond_16_bits():
    size = 70_000
    vocabulary = w2v.Vocabulary(tuple(map(str, range(size))), torch.ones(size, dtype=torch.int64))
    tokens = torch.tensor([69_999, 3, 65_536, 65_535, 0], dtype=torch.int32)
    corpus = w2v.Corpus(tokens, torch.tensor([0, 5]), vocabulary)
    counts = w2v.count_cooccurrences(corpus, window=1).counts.tocoo()
    pairs = {(int(i), int(j)) for i, j in zip(*counts.coords, strict=True)}
    chain = list(pairwise(tokens.tolist()))
    assert pairs == {*chain, *((j, i) for i, j in chain)}


@pytest.mark.parametrize("block", [2**27, 13])
@given(documents=DOCUMENTS, window=st.integers(1, 15))
@settings(max_examples=30)
def test_the_code_for_gpus_counts_the_same(block, documents, window):
    corpus = corpus_of(documents)
    weights = w2v.window_weights(window)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_counting, "_DENSE_ENTRIES", block)  # 13 entries: two rows of five words
        counts = _counting.count_on_device(corpus.tokens, corpus.offsets, 5, weights)
    np.testing.assert_array_equal(
        counts.toarray(), brute_force(documents, "abcde", window, "linear")
    )


@pytest.mark.filterwarnings("ignore:.*cut off where lines end")
class TestExecutors:
    """Parts of a corpus, counted elsewhere, add up to the counts of the whole."""

    @pytest.fixture
    def corpus(self, monkeypatch):
        monkeypatch.setattr(module, "_SHARD", 50)
        generator = np.random.default_rng(0)
        lengths = [0, 0, 3, 120, 0, 7, 1, 40, 60, 0]
        return corpus_of(
            [[str("abcde"[n]) for n in generator.integers(0, 5, length)] for length in lengths]
        )

    def check(self, corpus, executor):
        whole = w2v.count_cooccurrences(corpus)
        parts = w2v.count_cooccurrences(corpus, executor=executor)
        assert (whole.counts != parts.counts).nnz == 0
        assert parts.counts.dtype == np.int64

    @given(documents=DOCUMENTS, shard=st.integers(1, 9))
    @settings(max_examples=30)
    def test_threads(self, documents, shard):
        with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as executor:
            patch.setattr(module, "_SHARD", shard)
            self.check(corpus_of(documents), executor)

    # Python 3.12 and newer warn of any fork beside threads; ours holds no lock there.
    @pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks safely")
    def test_forked_processes_after_threads(self, corpus):
        w2v.count_cooccurrences(corpus)  # the parent has counted before
        with ProcessPoolExecutor(2, mp_context=get_context("fork")) as executor:
            self.check(corpus, executor)

    def test_dask_cluster(self, corpus):
        distributed = pytest.importorskip("distributed")
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, dashboard_address=":0"
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            self.check(corpus, client.get_executor())

    def test_spawned_processes(self, corpus, tmp_path):
        """Also by the recipe of the documentation: a vocabulary, then a count for each file."""
        texts = ["a b c a\nb b a\n", "c c d\na c\n", "d a\n"]
        paths = [tmp_path / f"part{n}.txt" for n in range(3)]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
            self.check(corpus, executor)
            shards = executor.map(w2v.read_corpus, paths)
            vocabulary = w2v.merge_vocabularies((part.vocabulary for part in shards), max_size=3)
            count = partial(count_file, vocabulary=vocabulary)
            merged = w2v.merge_cooccurrences(executor.map(count, paths))
        whole = tmp_path / "whole.txt"
        whole.write_text("".join(texts))
        together = w2v.count_cooccurrences(w2v.read_corpus(whole, max_vocabulary=3))
        assert merged.vocabulary.words == together.vocabulary.words
        assert torch.equal(merged.vocabulary.counts, together.vocabulary.counts)
        np.testing.assert_array_equal(merged.counts.toarray(), together.counts.toarray())


def count_file(path, vocabulary):
    return w2v.count_cooccurrences(w2v.read_corpus(path, vocabulary=vocabulary))


def test_merging_lists_the_sources_once():
    corpus = corpus_of([list("ab")])
    parts = [w2v.count_cooccurrences(corpus, source=name) for name in ("x", "", "y", "x")]
    merged = w2v.merge_cooccurrences(iter(parts))
    assert merged.source == "x; y"
    np.testing.assert_array_equal(merged.counts.toarray(), 4 * parts[0].counts.toarray())


@given(texts=st.lists(DOCUMENTS, min_size=1, max_size=3), window=st.integers(1, 4))
@settings(max_examples=30)
def test_merging_keeps_window_weighting_and_share_cut(texts, window):
    """The share by the definition: of the pairs of each text in one piece."""
    parts = [w2v.count_cooccurrences(corpus_of(text), window=window) for text in texts]
    merged = w2v.merge_cooccurrences(parts)
    assert (merged.window, merged.weighting, merged.unit) == (window, "linear", window)
    joined = [["".join(map("".join, text))] for text in texts]
    whole = sum(brute_force(text, "abcde", window, "linear").sum() for text in joined)
    if merged.cut is None:
        assert any(part.total == 0 for part in parts)
    else:
        assert merged.cut == pytest.approx(1 - merged.total / whole if whole else 0)


def test_counts_of_different_windows_are_not_added_up():
    corpus = corpus_of([list("abcab")])
    uniform = w2v.count_cooccurrences(corpus, window=2, weighting="uniform")
    linear = w2v.count_cooccurrences(corpus, window=2)
    unknown = w2v.Cooccurrence(linear.counts, linear.vocabulary)
    for parts in ([uniform, linear], [uniform, unknown, linear]):
        with pytest.raises(ValueError, match=r"uniform.* linear"):
            w2v.merge_cooccurrences(parts)
    with pytest.raises(ValueError, match=r"window 2.* 3"):
        w2v.merge_cooccurrences([linear, w2v.count_cooccurrences(corpus, window=3)])
    mixed = w2v.merge_cooccurrences([unknown, linear])
    assert mixed.window is mixed.weighting is mixed.unit is mixed.cut is None


@pytest.mark.parametrize(("weighting", "unit"), [("uniform", 1), ("linear", 6), ("harmonic", 60)])
def test_counts_know_their_unit(weighting, unit, tmp_path):
    """Two words side by side, once: that is counted as one unit; also in a file, in a part."""
    corpus = corpus_of([list("ab")])
    counts = w2v.count_cooccurrences(corpus, window=6, weighting=weighting)
    w2v.save_cooccurrence(counts, tmp_path / "c.npz")
    loaded = w2v.load_cooccurrence(tmp_path / "c.npz")
    for each in (counts, loaded, w2v.restrict_cooccurrence(loaded, 3)):
        assert each.unit == int(each.counts[0, 1]) == unit
        assert (each.window, each.weighting, each.cut) == (6, weighting, counts.cut)


def test_what_is_unknown_stays_unknown_in_a_file(tmp_path):
    w2v.save_cooccurrence(AB, tmp_path / "c.npz")
    loaded = w2v.load_cooccurrence(tmp_path / "c.npz")
    assert loaded.window is loaded.weighting is loaded.unit is loaded.cut is None


def test_restrict_cooccurrence():
    counts = w2v.count_cooccurrences(corpus_of([list("abcdeabc")]))
    small = w2v.restrict_cooccurrence(counts, 3)
    np.testing.assert_array_equal(small.counts.toarray(), counts.counts.toarray()[:3, :3])
    assert small.vocabulary.words == ("a", "b", "c")


@given(documents=DOCUMENTS)
@settings(max_examples=30)
def test_save_and_load_are_inverse(documents, tmp_path_factory):
    path = tmp_path_factory.mktemp("counts") / "counts.npz"
    counts = w2v.count_cooccurrences(corpus_of(documents), source="some text, © someone")
    w2v.save_cooccurrence(counts, path)
    loaded = w2v.load_cooccurrence(path)
    np.testing.assert_array_equal(loaded.counts.toarray(), counts.counts.toarray())
    assert loaded.vocabulary.words == counts.vocabulary.words
    assert loaded.source == counts.source


@pytest.mark.parametrize("largest", [1, 255, 256, 2**24 + 1, 2**40 + 12345])
def test_large_counts_and_stored_zeros_survive_the_file(largest, tmp_path):
    counts = cooccurrence([[largest, 9, 7], [9, 0, 0], [7, 0, 1]], "abc")
    counts.counts.data[counts.counts.data == 9] = 0  # zeros that are stored
    w2v.save_cooccurrence(counts, tmp_path / "c.npz")
    loaded = w2v.load_cooccurrence(tmp_path / "c.npz")
    np.testing.assert_array_equal(loaded.counts.toarray(), [[largest, 0, 7], [0] * 3, [7, 0, 1]])


def cooccurrence(matrix, words):
    vocabulary = w2v.Vocabulary(tuple(words), torch.ones(len(words), dtype=torch.int64))
    return w2v.Cooccurrence(sp.csr_array(np.array(matrix)), vocabulary)


AB = cooccurrence([[0, 16], [16, 0]], "ab")


class TestBadInput:
    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: cooccurrence([[0, 1], [0, 0]], "ab"), "`counts` must be symmetric"),
            (lambda: cooccurrence([[-1]], "a"), "negative"),
            (lambda: cooccurrence([[1.0]], "a"), "int64"),
            (lambda: cooccurrence([[1, 0], [0, 1]], "a"), "1 x 1.* 2 x 2"),
            (lambda: w2v.Cooccurrence(AB.counts, AB.vocabulary, window=2), "`window`.* neither"),
            (lambda: w2v.count_cooccurrences(corpus_of([["unknown"]])), "`corpus` is empty"),
            (lambda: w2v.window_weights(0), "`window`.* 1"),
            (lambda: unchecked(w2v.window_weights)(4, "cubic"), "'linear'.*'cubic'"),
            (lambda: w2v.window_weights(23, "harmonic"), "`window`.* 22"),
            (lambda: w2v.restrict_cooccurrence(AB, 6), r"`size`.*\[1, 2\].* 6"),
            (lambda: w2v.merge_cooccurrences([]), "none"),
            (lambda: w2v.merge_cooccurrences([AB, cooccurrence([[1]], "a")]), "part 1"),
            (lambda: w2v.save_cooccurrence(AB, "counts.txt"), r"\.npz"),
        ],
    )
    def test_arguments(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()

    def test_no_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"none\.npz"):
            w2v.load_cooccurrence(tmp_path / "none.npz")
        with pytest.raises(FileNotFoundError, match="create"):
            w2v.save_cooccurrence(AB, tmp_path / "no" / "counts.npz")

    def test_damaged_file(self, tmp_path):
        path, array = tmp_path / "damaged.npz", io.BytesIO()
        w2v.save_cooccurrence(w2v.count_cooccurrences(corpus_of([list("abcde") * 9])), path)
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[whole.index(b"counts.npy") + 200] ^= 0xFF
        np.save(array, np.arange(3))
        for content in (whole[: len(whole) // 2], b"hello", array.getvalue(), flipped):
            path.write_bytes(content)
            with pytest.raises(ValueError, match=r"damaged\.npz' is damaged"):
                w2v.load_cooccurrence(path)
        np.savez(path, x=np.arange(3))
        with pytest.raises(ValueError, match=r"damaged\.npz' is damaged"):
            w2v.load_cooccurrence(path)

    def test_nothing_half_written(self, tmp_path, monkeypatch):
        path = tmp_path / "counts.npz"
        path.write_bytes(b"the old file")

        def broken_disk(file, **arrays):
            file.write(b"half")
            raise OSError("no space left on device")

        monkeypatch.setattr(np, "savez_compressed", broken_disk)
        with pytest.raises(OSError, match="no space"):
            w2v.save_cooccurrence(AB, path)
        assert path.read_bytes() == b"the old file"
        assert [left.name for left in tmp_path.iterdir()] == ["counts.npz"]
