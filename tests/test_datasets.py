"""Embedded data are what their README says; fetched data are checked."""

import hashlib
import itertools
import os
import re
import shutil
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import build_reference
import numpy as np
import pytest
import torch
from support import unchecked

import w2vlib as w2v
from w2vlib.datasets import shipped
from w2vlib.datasets.reference import MEASURES

DATA = Path(shipped.__file__).parent / "data"


def test_embedded_counts_are_what_the_readme_says(enwiki):
    readme = (DATA / "README.md").read_text("utf-8")
    assert len(enwiki) == 5000
    for number in (
        int(enwiki.vocabulary.counts.sum()),
        int(enwiki.vocabulary.counts[-1]),
        enwiki.counts.nnz,
        enwiki.total,
    ):
        assert f"{number:,}" in readme


def test_embedded_counts_are_consistent(enwiki):
    """Away from the ends of articles each token meets 2 (16 + ... + 1) of weight."""
    counts = enwiki.vocabulary.counts
    assert bool((counts.diff() <= 0).all()), "the most frequent word comes first"
    most = 2 * sum(range(1, 17)) * int(counts.sum())
    assert 0.99 * most < enwiki.total < most


def test_embedded_file_is_small_and_attributed(enwiki):
    assert (DATA / "enwiki-5k.npz").stat().st_size <= 10_000_000
    assert "English Wikipedia contributors, CC BY-SA 3.0" in enwiki.source
    with np.load(DATA / "enwiki-5k.npz", allow_pickle=False) as file:
        assert all(file[name].dtype.kind in "iuU" for name in file), "integers and text only"


@pytest.fixture(scope="module")
def reference():
    return w2v.datasets.load_reference()


@pytest.fixture(scope="module")
def statistics():
    return w2v.corpus_statistics(build_reference.counts())


class TestLists:
    """Of words, from GeoNames and from WordNet."""

    def test_places_are_where_an_atlas_has_them(self, enwiki):
        places = {place.word: place for place in w2v.datasets.load_places(enwiki.vocabulary)}
        kinds = [place.kind for place in places.values()]
        assert (kinds.count("country"), kinds.count("city")) == (37, 34)
        assert places.keys() <= enwiki.vocabulary.index.keys()
        atlas = {"japan": (36, 140), "brazil": (-16, -48), "paris": (49, 2), "seattle": (48, -122)}
        for word, (latitude, longitude) in atlas.items():
            assert places[word].latitude == pytest.approx(latitude, abs=1)
            assert places[word].longitude == pytest.approx(longitude, abs=1)
        north = [place.latitude > 0 for place in places.values() if place.continent == "Europe"]
        assert all(north)
        assert len(north) == 35

    def test_taxonomy_is_a_tree(self, enwiki):
        taxonomy = w2v.datasets.load_taxonomy(enwiki.vocabulary)
        assert len(taxonomy) == 54
        assert taxonomy.keys() <= enwiki.vocabulary.index.keys()
        assert all(chain[0] == "entity" for chain in taxonomy.values())
        for lower, upper in (("eagle", "bird"), ("bomber", "plane"), ("actress", "actor")):
            assert taxonomy[lower][: len(taxonomy[upper])] == taxonomy[upper]
        roots = ("animal", "person", "vehicle", "building")
        inside = {root: [w for w, c in taxonomy.items() if root in c] for root in roots}
        assert [len(inside[root]) for root in roots] == [20, 16, 11, 7]
        assert sorted(itertools.chain(*inside.values())) == sorted(taxonomy)

    @pytest.mark.parametrize("load", [w2v.datasets.load_places, w2v.datasets.load_taxonomy])
    def test_words_outside_the_vocabulary_are_left_out(self, load):
        assert len(load(w2v.Vocabulary(("japan", "wolf", "the"), None))) == 1
        with pytest.raises(ValueError, match="`vocabulary` has none"):
            load(w2v.Vocabulary(("the", "of"), None))

    def test_every_file_of_data_is_in_the_readme(self):
        readme = (DATA / "README.md").read_text("utf-8")
        for path in DATA.iterdir():
            assert path.name in readme or path.name == "README.md"


class TestReference:
    """The stored runs are what the script makes, as far as seconds allow to make them again."""

    @staticmethod
    def measured(statistics, words, contexts, weights):
        rule = w2v.word2vec_reweighting(statistics, **build_reference.WEIGHTS[weights])
        questions = w2v.datasets.load_analogies(words.vocabulary)
        return (
            w2v.possible_gain(statistics, words, contexts, reweighting=rule),
            w2v.solve_analogies(words, questions).accuracy,
        )

    @staticmethod
    def stored(reference, *way, run=0):
        row = reference.measured[way][run].tolist()
        return row[MEASURES.index("gain")], row[MEASURES.index("own")]

    def test_file_is_small_and_attributed(self, reference):
        assert (DATA / "word2vec-3k.npz").stat().st_size <= 2_000_000
        assert "English Wikipedia contributors, CC BY-SA 3.0" in " ".join(reference.source.split())
        assert reference.trained.vocabulary.words == build_reference.vocabulary().words

    def test_every_way_is_there(self, reference):
        for weights in build_reference.WEIGHTS:
            for vectors in ("two", "one"):
                for level, runs in (("trained", 3), ("quartic", 3), ("rank one", 1)):
                    assert len(reference.measured[weights, vectors, level]) == runs
        for level, runs in (("text", 3), ("program", 1)):
            assert len(reference.measured["1e-4, k = 5", "two", level]) == runs

    def test_stored_vectors_reach_what_is_stored(self, reference, statistics):
        """Half precision may cost one answer in a hundred."""
        trained, gensim = reference.trained, (reference.words, reference.contexts)
        found = self.measured(statistics, trained, trained, "1e-4")
        assert found == pytest.approx(self.stored(reference, "1e-4", "one", "trained"), abs=5e-3)
        found = self.measured(statistics, *gensim, "1e-4, k = 5")
        assert found == pytest.approx(
            self.stored(reference, "1e-4, k = 5", "two", "text"), abs=5e-3
        )

    @pytest.mark.parametrize("vectors", ["two", "one"])
    @pytest.mark.parametrize("level", ["rank one", "constant"])
    def test_closed_forms_made_again(self, reference, statistics, vectors, level):
        again = build_reference.closed_form(statistics, "1e-4", vectors, level)
        found = self.measured(statistics, *again, "1e-4")
        assert found == pytest.approx(self.stored(reference, "1e-4", vectors, level), abs=3e-3)

    def test_training_made_again(self, reference, statistics):
        """The loss has converged, so that it is the same on another machine; answers vary."""
        config = w2v.PopulationConfig(
            dim=100, learning_rate=0.1, schedule="linear", steps=300, initial_scale=0.1
        )
        words, contexts = map(
            build_reference.embedding, build_reference.train(statistics, config, "1e-4", 1)
        )
        gain, accuracy = self.measured(statistics, words, contexts, "1e-4")
        expected = self.stored(reference, "1e-4", "one", "trained", run=1)
        assert gain == pytest.approx(expected[0], abs=1e-3)
        assert accuracy == pytest.approx(expected[1], abs=0.02)


def test_the_halves_are_disjoint_and_sum_to_the_whole(enwiki):
    halves = [w2v.datasets.load_enwiki(name) for name in ("first", "second")]
    whole = w2v.restrict_cooccurrence(enwiki, 3000)
    assert (halves[0].counts + halves[1].counts != whole.counts).nnz == 0
    for half, which in zip(halves, ("The first, third", "The second, fourth"), strict=True):
        assert half.source.startswith(which) and enwiki.source in half.source
        assert half.vocabulary.words == whole.vocabulary.words
        # about half of the words, and away from the ends of articles each meets 2 (16 + ... + 1)
        tokens = int(half.vocabulary.counts.sum())
        assert tokens / int(whole.vocabulary.counts.sum()) == pytest.approx(0.5, abs=0.01)
        assert half.total < 2 * sum(range(1, 17)) * tokens
    assert sum(int(half.vocabulary.counts.sum()) for half in halves) == int(
        whole.vocabulary.counts.sum()
    )
    with pytest.raises(ValueError, match=r"`half` must be .*'third'"):
        unchecked(w2v.datasets.load_enwiki)("third")


def test_rebuilt_from_the_articles(tmp_path, enwiki):
    """Runs where the articles are: one file named in the provenance, in W2VLIB_DATA."""
    folder = os.environ.get("W2VLIB_DATA")
    articles = Path(folder, "enwiki-good-2018.txt.xz") if folder else None
    if articles is None or not articles.is_file():
        pytest.skip("the Wikipedia articles are not in W2VLIB_DATA")
    assert hashlib.sha256(articles.read_bytes()).hexdigest() in enwiki.source
    corpus = w2v.read_corpus(articles, max_vocabulary=5000, normalizer="text8")
    rebuilt = w2v.count_cooccurrences(corpus, source=enwiki.source)
    w2v.save_cooccurrence(rebuilt, tmp_path / "rebuilt.npz")
    assert (rebuilt.counts != enwiki.counts).nnz == 0
    assert rebuilt.vocabulary.words == enwiki.vocabulary.words
    lengths = corpus.offsets.diff()
    every_other = (torch.arange(len(lengths)) % 2 == 0).repeat_interleave(lengths)
    first = w2v.datasets.load_enwiki("first")
    tokens = corpus.tokens[every_other]
    assert tokens.bincount()[:3000].tolist() == first.vocabulary.counts.tolist()


class TestGoogleAnalogies:
    def test_the_published_file_to_the_byte(self):
        """Against the checksum that others have published, and that our README repeats."""
        pairs = (DATA / "google_analogies.txt").read_text("utf-8").splitlines()
        text = "".join(f"{line}\n" for line in shipped._google_questions(pairs))
        digest = hashlib.sha256(text.encode()).hexdigest()
        assert digest == "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36"
        assert digest in (DATA / "README.md").read_text("utf-8")

    def test_published_size(self, enwiki):
        analogies = w2v.datasets.load_google_analogies(enwiki.vocabulary)
        assert len(analogies) + analogies.out_of_vocabulary == 19_544
        assert len(analogies.categories) == 14

    def test_source_and_license_stand_beside_the_pairs(self):
        text = (DATA / "google_analogies.txt").read_text("utf-8")
        for name in (text.partition("\n:")[0], (DATA / "README.md").read_text("utf-8")):
            assert re.search("Google.*Apache License 2.0", " ".join(name.split()))
            assert "LICENSE-APACHE-2.0.txt" in name
        assert "Version 2.0, January 2004" in (DATA / "LICENSE-APACHE-2.0.txt").read_text("utf-8")


class TestText8:
    """A small archive stands in for the published one."""

    @pytest.fixture
    def small(self, tmp_path, monkeypatch):
        path = tmp_path / "served.zip"
        (tmp_path / "text8").write_text(" anarchism originated as a term of abuse")
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(tmp_path / "text8", "text8")
        for constant, file in (("_TEXT8", path), ("_TEXT8_UNPACKED", tmp_path / "text8")):
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            remote = replace(getattr(shipped, constant), sha256=digest)
            monkeypatch.setattr(shipped, constant, remote)
        monkeypatch.setenv("W2VLIB_DATA", str(tmp_path / "data"))
        return path

    @pytest.mark.parametrize("progress", [True, False])
    def test_downloaded_once_and_read(self, small, tmp_path, monkeypatch, capsys, progress):
        with local_server(tmp_path) as address:
            serve_instead(monkeypatch, "_TEXT8", f"{address}/served.zip")
            path = w2v.datasets.fetch_text8(progress=progress)
        assert ("100%" in capsys.readouterr().err) == progress
        assert path == tmp_path / "data" / "text8.zip"
        assert w2v.datasets.fetch_text8() == path, "the second time without the server"
        assert w2v.read_corpus(path).vocabulary.words[0] == "a"

    def test_unpacked_copy(self, small, tmp_path):
        (tmp_path / "data").mkdir()
        shutil.copy(tmp_path / "text8", tmp_path / "data")
        path = w2v.datasets.fetch_text8()
        assert path == tmp_path / "data" / "text8"
        assert w2v.read_corpus(path).vocabulary.words[0] == "a"

    @pytest.mark.parametrize("name", ["text8.zip", "text8"])
    def test_altered_copy_is_refused(self, small, tmp_path, name):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / name).write_bytes(b"something else")
        with pytest.raises(ValueError, match=rf"data.{name}' is not the published {name} "):
            w2v.datasets.fetch_text8()

    def test_altered_download_is_refused(self, small, tmp_path, monkeypatch):
        small.write_bytes(b"something else")
        with local_server(tmp_path) as address:
            serve_instead(monkeypatch, "_TEXT8", f"{address}/served.zip")
            with pytest.raises(ValueError, match=re.compile("hash", re.IGNORECASE)):
                w2v.datasets.fetch_text8()
        assert not list((tmp_path / "data").iterdir()), "nothing unchecked is kept"

    def test_without_network(self, small, monkeypatch):
        serve_instead(monkeypatch, "_TEXT8", "http://127.0.0.1:9/text8.zip")
        with pytest.raises(ConnectionError, match=r"name the folder in W2VLIB_DATA$"):
            w2v.datasets.fetch_text8()


def serve_instead(monkeypatch, name, url):
    monkeypatch.setattr(shipped, name, replace(getattr(shipped, name), url=url))


@contextmanager
def local_server(folder):
    """Serve a folder on this machine."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
