"""The command `w2v` does what the library does, and fails in one line."""

import argparse
import inspect
import json
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import w2vlib as w2v
from w2vlib import _options
from w2vlib.cli import main

COMMANDS = ["embed", "count", "evaluate", "neighbors", "download"]


@pytest.fixture(scope="module")
def sentences():
    """A hundred lines over sixty words, with frequencies as in a real text."""
    draw = random.Random(0)
    words = [a + b + c for a in "kmt" for b in "aeiou" for c in "lnrs"]
    return [
        " ".join(draw.choices(words, [1 / rank for rank in range(1, 61)], k=40)) + "."
        for _ in range(100)
    ]


@pytest.fixture
def text(tmp_path, sentences, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "text.txt"
    path.write_text("\n".join(sentences))
    return path


@pytest.fixture
def questions(tmp_path, enwiki_embedding):
    """Vectors of 5,000 real words, in a file."""
    path = tmp_path / "enwiki.bin"
    w2v.save_embedding(enwiki_embedding, path)
    return path


def succeed(*arguments):
    assert main([str(argument) for argument in arguments]) == 0


def same_counts(first, second):
    assert first.vocabulary.words == second.vocabulary.words
    assert torch.equal(first.vocabulary.counts, second.vocabulary.counts)
    return (first.counts != second.counts).nnz == 0


def embedded(counts, tricks, dim, **solver):
    """The weighted closed form, arrow by arrow."""
    statistics = w2v.corpus_statistics(counts, sparse=True)
    reweighting = w2v.word2vec_reweighting(statistics, **tricks)
    weights = w2v.rank_one_weights(statistics, reweighting)
    operator = w2v.qwem_operator(statistics, reweighting, weights=weights)
    spectrum = w2v.top_eigenpairs(operator, dim, **solver)
    return w2v.spectral_embedding(spectrum, counts.vocabulary, weights=weights)


class TestEmbed:
    def test_default_is_the_weighted_closed_form(self, text, capsys):
        succeed("embed", text)
        counts = w2v.count_cooccurrences(w2v.read_corpus(text))
        tricks = {"negatives": 1, "exponent": 0.75, "sample": None}
        expected = embedded(counts, tricks, 60, tolerance=1e-3)
        written = w2v.load_embedding("vectors.txt")
        assert written.vocabulary.words == expected.vocabulary.words
        assert torch.equal(written.vectors, expected.vectors)
        out, err = capsys.readouterr()
        assert out.startswith("vectors.txt: 60 words x 60 dimensions, ")
        assert len(out.splitlines()) == 1
        assert err.splitlines() == [
            "w2v: only 60 words, so --vocab is 60, not 10000",
            "w2v: only 60 words, so --dim is 60, not 200",
        ]

    def test_every_option_arrives(self, text):
        succeed(
            *("embed", text, "-o", "v.bin", "--counts", "c.npz", "--dim", 7, "--vocab", 41),
            *("--min-count", 2, "--window", 3, "--weighting", "harmonic", "--errors", "replace"),
            *("--normalizer", "whitespace", "--negatives", 2.5, "--exponent", 0.5),
            *("--sample", 1e-2, "--seed", 3, "--device", "cpu", "--tolerance", 1e-5, "--quiet"),
        )
        corpus = w2v.read_corpus(text, max_vocabulary=41, min_count=2, normalizer="whitespace")
        counts = w2v.count_cooccurrences(corpus, window=3, weighting="harmonic")
        tricks = {"negatives": 2.5, "exponent": 0.5, "sample": 1e-2}
        expected = embedded(counts, tricks, 7, tolerance=1e-5, seed=3)
        assert same_counts(w2v.load_cooccurrence("c.npz"), counts)
        assert torch.equal(w2v.load_embedding("v.bin").vectors, expected.vectors)

    def test_unweighted_is_theorem_1(self, text):
        """Against the dense target matrix, which the command never writes down."""
        succeed("embed", text, "--dim", 5, "--unweighted")
        counts = w2v.count_cooccurrences(w2v.read_corpus(text))
        target = w2v.qwem_target(w2v.corpus_statistics(counts, dtype=torch.float64))
        spectrum = w2v.top_eigenpairs(target, 5)
        expected = w2v.spectral_embedding(spectrum, counts.vocabulary).vectors
        written = w2v.load_embedding("vectors.txt").vectors.double()
        torch.testing.assert_close(written, expected, atol=1e-4, rtol=0)

    def test_refined_is_trained_from_there(self, text):
        """The steps of the library from the vectors without --refine; the loss falls."""
        arguments = ["embed", text, "--dim", 5, "--negatives", 2, "--quiet"]
        succeed(*arguments, "-o", "closed.txt")
        succeed(*arguments, "-o", "refined.txt", "--refine", 8)
        counts = w2v.count_cooccurrences(w2v.read_corpus(text))
        statistics = w2v.corpus_statistics(counts)
        reweighting = w2v.word2vec_reweighting(statistics, negatives=2, sample=None)
        config = w2v.PopulationConfig(dim=5, biases=True, steps=8, schedule="linear")
        expected = w2v.train_population(
            statistics,
            config,
            reweighting=reweighting,
            initial=w2v.load_embedding("closed.txt"),
        )
        written = w2v.load_embedding("refined.txt")
        torch.testing.assert_close(written.vectors, expected.embedding.vectors)
        assert float(expected.history.loss[-1]) < float(expected.history.loss[0])

    def test_solver_options_reach_the_solver(self, text, monkeypatch):
        """A small matrix is diagonalized in full; there they would have no effect."""
        seen = []
        solve = w2v.top_eigenpairs
        monkeypatch.setattr(
            w2v, "top_eigenpairs", lambda *a, **k: seen.append(k) or solve(*a, **k)
        )
        succeed("embed", text, "--seed", 3, "--tolerance", 1e-5)
        assert seen == [{"seed": 3, "tolerance": 1e-5, "progress": False}]

    def test_sample_none_is_the_default(self, text):
        for name, sample in (("a.vec", []), ("b.vec", ["--sample", "none"])):
            succeed("embed", text, "-o", name, *sample)
        assert Path("a.vec").read_bytes() == Path("b.vec").read_bytes()

    @pytest.mark.parametrize("name", ["v.txt", "v.vec.gz", "v.bin", "v.bin.gz"])
    def test_formats(self, text, name):
        succeed("embed", text, "-o", name, "--dim", 5)
        assert w2v.load_embedding(name).vectors.shape == (60, 5)

    def test_counts_instead_of_text(self, text):
        """The file of counts gives what its text gives."""
        succeed("embed", text, "-o", "a.bin", "--counts", "c.npz", "--window", 5)
        succeed("embed", "c.npz", "-o", "b.bin")
        first, second = (w2v.load_embedding(name) for name in ("a.bin", "b.bin"))
        assert first.vocabulary.words == second.vocabulary.words
        assert torch.equal(first.vectors, second.vectors)

    def test_quiet(self, text, capsys):
        succeed("embed", text, "--quiet")
        assert capsys.readouterr() == ("", "")


class TestCount:
    def test_equals_the_library(self, text, capsys):
        succeed("count", text, "--window", 4, "--weighting", "uniform", "--vocab", 30)
        written = w2v.load_cooccurrence("counts.npz")
        corpus = w2v.read_corpus(text, max_vocabulary=30)
        expected = w2v.count_cooccurrences(corpus, window=4, weighting="uniform")
        assert same_counts(written, expected)
        assert written.source == "text.txt (window 4, uniform weights)"
        summary = f"counts.npz: 30 words, {expected.counts.nnz:,} non-zeros, "
        assert capsys.readouterr().out.startswith(summary)

    def test_defaults_are_those_of_the_library(self):
        """The tables of defaults repeat what the library's signatures say."""
        for defaults, function in (
            (_options.READING, w2v.read_corpus),
            (_options.COUNTING, w2v.count_cooccurrences),
        ):
            parameters = inspect.signature(function).parameters
            assert defaults == {name: parameters[name].default for name in defaults}

    def test_several_files_equal_one(self, text, sentences):
        """Also where a file has no word of the vocabulary, and others have it in another order."""
        for name, part in (
            ("a.txt", sentences[:30]),
            ("b.txt", sentences[30:]),
            ("c.txt", ["zebra"]),
        ):
            Path(name).write_text("\n".join(part))
        succeed("count", "a.txt", "b.txt", "c.txt", "--vocab", 50, "--min-count", 2)
        succeed("count", text, "--vocab", 50, "--min-count", 2, "-o", "whole.npz")
        merged, whole = (w2v.load_cooccurrence(name) for name in ("counts.npz", "whole.npz"))
        assert same_counts(merged, whole)
        assert "a.txt" in merged.source and "b.txt" in merged.source

    def test_smaller_vocabulary_of_counts(self, text):
        succeed("count", text)
        succeed("count", "counts.npz", "--vocab", 20, "-o", "small.npz")
        full, small = (w2v.load_cooccurrence(name) for name in ("counts.npz", "small.npz"))
        assert np.array_equal(small.counts.toarray(), full.counts.toarray()[:20, :20])


class TestEvaluate:
    def test_default_questions(self, questions, enwiki_embedding, capsys):
        succeed("evaluate", questions)
        table = capsys.readouterr().out
        vocabulary = enwiki_embedding.vocabulary
        for analogies in (
            w2v.datasets.load_google_analogies(vocabulary),
            w2v.datasets.load_analogies(vocabulary),
        ):
            result = w2v.solve_analogies(enwiki_embedding, analogies)
            correct, total = int(result.correct.sum()), len(result)
            rows = [line.split() for line in table.splitlines()]
            share = f"{100 * correct / total:.1f}"
            assert ["total", f"{correct:,}", f"{total:,}", share] in rows
            missing = f"{analogies.out_of_vocabulary:,}"
            assert ["out", "of", "vocabulary", missing] in rows
        lines = [line for line in table.splitlines() if re.search(r"\d\.\d$", line)]
        assert len(lines) > 20 and len({len(line) for line in lines}) == 1, "columns line up"

    @pytest.mark.parametrize("method", ["add", "mul"])
    def test_json(self, datapath, questions, enwiki_embedding, tmp_path, capsys, method):
        path = tmp_path / "own.txt"
        path.write_text(
            ": one\nking queen man woman\nman woman king queen\n: two\nhe she his her\n"
        )
        pairs = datapath("wordsim353.tsv")
        succeed(
            *("evaluate", questions, "--analogies", path, "--similarities", pairs),
            *("--method", method, "--json"),
        )
        report = json.loads(capsys.readouterr().out)
        vocabulary = enwiki_embedding.vocabulary
        analogies = w2v.parse_analogies(path, vocabulary)
        result = w2v.solve_analogies(enwiki_embedding, analogies, method=method)
        correct = result.correct.tolist()
        assert report["analogies"] == {
            str(path): {
                "correct": sum(correct),
                "questions": 3,
                "accuracy": sum(correct) / 3,
                "out_of_vocabulary": 0,
                "categories": {
                    "one": {
                        "correct": sum(correct[:2]),
                        "questions": 2,
                        "accuracy": sum(correct[:2]) / 2,
                    },
                    "two": {"correct": correct[2], "questions": 1, "accuracy": float(correct[2])},
                },
            }
        }
        similarities = w2v.parse_similarities(pairs, vocabulary)
        assert report["similarities"] == {
            pairs: {
                "correlation": w2v.evaluate_similarity(enwiki_embedding, similarities).correlation,
                "pairs": len(similarities),
                "out_of_vocabulary": similarities.out_of_vocabulary,
            }
        }

    def test_methods_differ(self, questions, capsys):
        reports = []
        for method in ("add", "mul"):
            succeed("evaluate", questions, "--method", method, "--json")
            reports.append(json.loads(capsys.readouterr().out))
        assert reports[0] != reports[1]

    def test_several_files(self, datapath, questions, capsys):
        files = [datapath(name) for name in ("wordsim353.tsv", "simlex999.txt")]
        both = [argument for file in files for argument in ("--similarities", file)]
        succeed("evaluate", questions, *both, "--json")
        assert list(json.loads(capsys.readouterr().out)["similarities"]) == files

    def test_similarity_in_the_table(self, datapath, questions, enwiki_embedding, capsys):
        pairs = datapath("simlex999.txt")
        succeed("evaluate", questions, "--similarities", pairs)
        similarities = w2v.parse_similarities(pairs, enwiki_embedding.vocabulary)
        rho = w2v.evaluate_similarity(enwiki_embedding, similarities).correlation
        rows = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert ["similarity", str(len(similarities)), f"{rho:.3f}"] in rows

    def test_nothing_to_ask(self, text, capsys):
        succeed("embed", text, "--quiet")
        assert main(["evaluate", "vectors.txt"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert "w2v: error: nothing to evaluate 'vectors.txt' with" in err


def test_neighbors(questions, enwiki_embedding, capsys):
    succeed("neighbors", questions, "physics", "france", "-k", 3)
    expected = [
        f"{word}\t{other}\t{cosine:.4f}"
        for word in ("physics", "france")
        for other, cosine in w2v.nearest_neighbors(enwiki_embedding, word, k=3)
    ]
    assert capsys.readouterr().out.splitlines() == expected


def test_download(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(w2v.datasets, "fetch_text8", lambda progress: tmp_path / "text8.zip")
    succeed("download", "text8")
    assert capsys.readouterr().out == f"{tmp_path / 'text8.zip'}\n"


class TestFailure:
    @pytest.fixture(autouse=True)
    def nothing_written(self, text):
        """Whatever fails leaves the folder as it was."""
        yield
        assert list(text.parent.iterdir()) == [text]

    def fails(self, capsys, *arguments, code=1):
        assert main([str(argument) for argument in arguments]) == code
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("w2v: error: ") and len(err.splitlines()) == 1
        return err

    @pytest.fixture
    def no_work(self, monkeypatch):
        """What can be refused at once is refused before the text is read."""

        def work(*arguments, **options):
            raise AssertionError("the text was read")

        monkeypatch.setattr(w2v, "read_corpus", work)

    def test_missing_text(self, text, no_work, capsys):
        error = self.fails(capsys, "embed", text, "nowhere.txt")
        assert "'nowhere.txt' does not exist" in error

    @pytest.mark.parametrize("option", ["-o", "--counts"])
    def test_missing_folder(self, text, no_work, capsys, option):
        name = "nowhere/v.npz" if option == "--counts" else "nowhere/v.txt"
        error = self.fails(capsys, "embed", text, option, name)
        assert "the folder 'nowhere' does not exist; create it first" in error

    def test_output_is_the_input(self, text, no_work, capsys):
        error = self.fails(capsys, "embed", "text.txt", "-o", text)
        assert "would replace the input" in error

    def test_output_is_a_folder(self, text, no_work, capsys, tmp_path_factory):
        folder = tmp_path_factory.mktemp("folder") / "v.txt"
        folder.mkdir()
        assert "it is a folder" in self.fails(capsys, "embed", text, "-o", folder)

    def test_device_that_is_not_there(self, text, no_work, capsys):
        error = self.fails(capsys, "embed", text, "--device", "cuda:99")
        assert "is not available on this machine" in error

    def test_impossible_window(self, text, no_work, capsys):
        arguments = ["--window", 23, "--weighting", "harmonic"]
        assert "`window` must be at most 22" in self.fails(capsys, "count", text, *arguments)

    def test_options_without_effect(self, text, no_work, capsys):
        arguments = ["--unweighted", "--negatives", 5, "--sample", "none"]
        error = self.fails(capsys, "embed", text, *arguments)
        assert "--negatives, --sample has no effect with --unweighted" in error
        error = self.fails(capsys, "embed", text, "--unweighted", "--refine", 3)
        assert "--refine needs word2vec's weights; leave out --unweighted" in error

    def test_asking_for_too_much(self, text, capsys):
        error = self.fails(capsys, "embed", text, "--vocab", 61)
        assert "--vocab 61 is more than the 60 words there are" in error
        arguments = ["--vocab", 20, "--dim", 21, "--counts", "c.npz"]
        error = self.fails(capsys, "embed", text, *arguments)
        assert "--dim 21 is more than the 20 words there are" in error

    def test_unknown_word(self, text, capsys):
        succeed("embed", text, "--quiet")
        error = self.fails(capsys, "neighbors", "vectors.txt", "kall")
        start = (
            "w2v: error: 'kall' is not among the 60 words of the vocabulary; did you mean 'kal'"
        )
        assert error.startswith(start)
        Path("vectors.txt").unlink()

    def test_not_utf8(self, tmp_path_factory, capsys):
        path = tmp_path_factory.mktemp("latin") / "latin.txt"
        path.write_bytes("caf\u00e9 au lait\n".encode("latin-1") * 9)
        assert "UTF-8" in self.fails(capsys, "count", path)

    def test_full_disk(self, text, monkeypatch, capsys):
        def write(file, words, vectors):
            file.write(b"60 60\n")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("w2vlib.embedding.write_text", write)
        error = self.fails(capsys, "embed", text, "--quiet")
        assert error == "w2v: error: [Errno 28] No space left on device\n"

    def test_no_convergence(self, text, monkeypatch, capsys):
        def solve(*arguments, **options):
            raise RuntimeError("the eigenvectors\ndid not converge")

        monkeypatch.setattr(w2v, "top_eigenpairs", solve)
        error = self.fails(capsys, "embed", text, "--quiet", "--unweighted")
        assert error == "w2v: error: the eigenvectors did not converge\n"

    def test_interrupted(self, text, monkeypatch, capsys):
        def interrupt(*arguments, **options):
            raise KeyboardInterrupt

        monkeypatch.setattr(w2v, "count_cooccurrences", interrupt)
        assert main(["embed", str(text), "--quiet"]) == 130
        assert capsys.readouterr() == ("", "w2v: interrupted\n")

    def test_our_own_bugs_are_not_hidden(self, text, monkeypatch):
        def bug(*arguments, **options):
            raise AssertionError("a bug")

        monkeypatch.setattr(w2v, "count_cooccurrences", bug)
        with pytest.raises(AssertionError, match="a bug"):
            main(["embed", str(text), "--quiet"])


class TestCounts:
    def test_options_that_come_too_late(self, text, capsys):
        succeed("count", text)
        capsys.readouterr()
        assert main(["embed", "counts.npz", "--window", "16", "--min-count", "2"]) == 1
        error = capsys.readouterr().err
        assert "'counts.npz' holds counts, made before: --min-count, --window cannot" in error
        assert main(["embed", "counts.npz", "text.txt"]) == 1
        assert "give texts, or one .npz file of counts" in capsys.readouterr().err
        assert main(["embed", "counts.npz", "--vocab", "61"]) == 1
        assert "--vocab 61 is more than the 60 words" in capsys.readouterr().err

    def test_of_another_format(self, text, capsys):
        np.savez("other.npz", x=np.zeros(3))
        assert main(["embed", "other.npz"]) == 1
        assert "'other.npz' is damaged or was not written by" in capsys.readouterr().err


class TestUsage:
    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["train"],
            ["embed"],
            ["embed", "text.txt", "--dim", "0"],
            ["embed", "text.txt", "--vocab", "many"],
            ["embed", "text.txt", "--window", "1.5"],
            ["embed", "text.txt", "--negatives", "-1"],
            ["embed", "text.txt", "--negatives", "nan"],
            ["embed", "text.txt", "--sample", "some"],
            ["embed", "text.txt", "--tolerance", "inf"],
            ["embed", "text.txt", "--weighting", "gaussian"],
            ["embed", "text.txt", "-o", "vectors.csv"],
            ["embed", "text.txt", "-o", "vectors.gz"],
            ["embed", "text.txt", "--counts", "counts.txt"],
            ["count", "text.txt", "-o", "counts.txt"],
            ["neighbors", "vectors.txt"],
            ["neighbors", "vectors.txt", "word", "-k", "0"],
            ["evaluate", "vectors.txt", "--method", "nearest"],
            ["download", "text9"],
        ],
        ids=" ".join,
    )
    def test_wrong_usage(self, arguments, capsys):
        with pytest.raises(SystemExit) as exit:
            main(arguments)
        assert exit.value.code == 2
        assert "usage: w2v" in capsys.readouterr().err

    def test_help_lists_all_commands(self, capsys):
        with pytest.raises(SystemExit) as exit:
            main(["--help"])
        assert exit.value.code == 0
        text = capsys.readouterr().out
        assert all(f"\n    {command} " in text for command in COMMANDS)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_help_of_a_command(self, command, capsys):
        with pytest.raises(SystemExit) as exit:
            main([command, "--help"])
        assert exit.value.code == 0
        assert f"usage: w2v {command}" in capsys.readouterr().out

    def test_stated_defaults_are_the_defaults(self):
        parser = argparse.ArgumentParser()
        _options.embed_options(parser)
        helps = {action.dest: action.help for action in parser._actions}
        defaults = {**_options.READING, **_options.COUNTING, **_options.WEIGHING}
        for name, value in defaults.items():
            stated = "none" if value is None else f"{value:g}" if name == "negatives" else value
            assert f"(default: {stated})" in helps[name], name

    def test_version(self, capsys):
        with pytest.raises(SystemExit) as exit:
            main(["--version"])
        assert exit.value.code == 0
        assert capsys.readouterr().out == f"w2v {w2v.__version__}\n"


class TestProcess:
    """As its own process, the way it is used."""

    COMMAND = (sys.executable, "-m", "w2vlib")

    def test_embed(self, text):
        command = [*self.COMMAND, "embed", str(text), "--dim", "5"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0
        assert done.stdout.startswith("vectors.txt: 60 words x 5 dimensions, ")
        assert done.stderr == "w2v: only 60 words, so --vocab is 60, not 10000\n"
        assert w2v.load_embedding("vectors.txt").vectors.shape == (60, 5)

    def test_failure(self, tmp_path):
        command = [*self.COMMAND, "neighbors", "nowhere.txt", "word"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("w2v: error: 'nowhere.txt' does not exist")
        assert len(done.stderr.splitlines()) == 1

    @pytest.mark.parametrize("count", [1, 5000], ids=["at the end", "in the middle"])
    def test_reader_that_has_seen_enough(self, text, count):
        """`w2v neighbors ... | head -1` ends without a complaint, also if all fits a buffer."""
        succeed("embed", text, "--dim", 5, "--quiet")
        word = w2v.load_embedding("vectors.txt").vocabulary.words[0]
        command = [*self.COMMAND, "neighbors", "vectors.txt", *[word] * count]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1

    @pytest.mark.skipif(sys.platform == "win32", reason="signals are different there")
    def test_control_c(self, text):
        """The signal comes while the text is being read; sleep stands for reading."""
        program = (
            "import signal, sys, time, w2vlib; from w2vlib.cli import main; "
            # What runs in the background of a shell inherits deafness to this signal.
            "signal.signal(signal.SIGINT, signal.default_int_handler); "
            "w2vlib.read_corpus = lambda *a, **k: print('reading', flush=True) or time.sleep(60); "
            "sys.exit(main(sys.argv[1:]))"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program, "embed", str(text)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout.readline() == b"reading\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[1] == b"w2v: interrupted\n"
        assert process.returncode == 130
        assert list(text.parent.iterdir()) == [text]
