"""The command `w2v` does what the library does, and fails in one line."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

import w2vlib as w2v
from w2vlib.cli import main


@pytest.fixture
def text(tmp_path, monkeypatch):
    """A hundred lines over sixty words, with frequencies as in a real text; alone in a folder."""
    monkeypatch.chdir(tmp_path)
    draw = random.Random(0)
    words = [a + b + c for a in "kmt" for b in "aeiou" for c in "lnrs"]
    weights = [1 / rank for rank in range(1, 61)]
    lines = [" ".join(draw.choices(words, weights, k=40)) + "." for _ in range(100)]
    path = tmp_path / "text.txt"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def vectors(tmp_path, enwiki_embedding):
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


def embedded(counts, tricks, dim):
    """The vectors that the library makes of counts."""
    statistics = w2v.corpus_statistics(counts, sparse=True)
    reweighting = w2v.word2vec_reweighting(statistics, **tricks)
    return w2v.solve_word2vec(statistics, dim, reweighting=reweighting)[0]


class TestEmbed:
    def test_default_is_the_weighted_closed_form(self, text, capsys):
        succeed("embed", text)
        counts = w2v.count_cooccurrences(w2v.read_corpus(text))
        tricks = {"negatives": 1, "exponent": 0.75, "sample": None}
        with pytest.warns(w2v.DataWarning, match="others are left out"):
            expected = embedded(counts, tricks, 60)
        written = w2v.load_embedding("vectors.txt")
        assert written.vocabulary.words == expected.vocabulary.words
        # On a GPU, if there is one, to rounding; on the same cores to the last bit.
        torch.testing.assert_close(written.vectors, expected.vectors, rtol=0, atol=1e-3)
        out, err = capsys.readouterr()
        read, made = out.splitlines()
        assert "100 documents, 4,000 words" in read and "vectors.txt" in made
        for note, option in zip(err.splitlines(), ("--vocab", "--dim", "dimensions"), strict=True):
            assert option in note and "60" in note, "less than the default was there"

    def test_every_option_arrives(self, text, monkeypatch):
        """Those of the solver are looked for there: on a small matrix they have no effect."""
        solve, seen = w2v.solve_word2vec, {}
        monkeypatch.setattr(
            w2v, "solve_word2vec", lambda *a, **k: seen.update(k) or solve(*a, **k)
        )
        succeed(
            *("embed", text, "-o", "v.bin", "--counts", "c.npz", "--dim", 7, "--vocab", 41),
            *("--min-count", 2, "--window", 3, "--weighting", "harmonic", "--errors", "replace"),
            *("--normalizer", "whitespace", "--negatives", 2.5, "--exponent", 0.5),
            *("--sample", 1e-2, "--seed", 3, "--device", "cpu", "--tolerance", 1e-5, "--quiet"),
        )
        corpus = w2v.read_corpus(text, max_vocabulary=41, min_count=2, normalizer="whitespace")
        counts = w2v.count_cooccurrences(corpus, window=3, weighting="harmonic")
        tricks = {"negatives": 2.5, "exponent": 0.5, "sample": 1e-2}
        assert (seen["seed"], seen["tolerance"]) == (3, 1e-5)
        expected = embedded(counts, tricks, 7)
        assert same_counts(w2v.load_cooccurrence("c.npz"), counts)
        assert torch.equal(w2v.load_embedding("v.bin").vectors, expected.vectors)

    def test_unweighted_is_theorem_1(self, text):
        """Against the dense target matrix, which the command never writes down."""
        succeed("embed", text, "--dim", 20, "--unweighted")
        counts = w2v.count_cooccurrences(w2v.read_corpus(text))
        target = w2v.qwem_target(w2v.corpus_statistics(counts, dtype=torch.float64))
        spectrum = w2v.top_eigenpairs(target, 20)
        expected = w2v.spectral_embedding(spectrum, counts.vocabulary).vectors
        written = w2v.load_embedding("vectors.txt").vectors.double()
        torch.testing.assert_close(written, expected, atol=1e-4, rtol=0)

    def test_says_how_many_dimensions_are_of_negative_eigenvalues(self, text, capsys):
        for options, number in (((), 2), (("--unweighted",), 0)):
            succeed("embed", text, "--dim", 20, *options)
            assert f"20 dimensions ({number} of" in "".join(capsys.readouterr())

    def test_refined_is_trained_from_there(self, text):
        """The steps of the library from both vectors of the closed form; the loss falls."""
        arguments = ["embed", text, "--dim", 20, "--negatives", 2, "--sample", "none"]
        succeed(*arguments, "-o", "refined.txt", "--refine", 8)
        counts = w2v.count_cooccurrences(w2v.read_corpus(text))
        statistics = w2v.corpus_statistics(counts)
        reweighting = w2v.word2vec_reweighting(statistics, negatives=2, sample=None)
        config = w2v.PopulationConfig(dim=20, tied=False, biases=True, steps=8, schedule="linear")
        initial = w2v.solve_word2vec(statistics, 20, reweighting=reweighting)
        expected = w2v.train_population(
            statistics, config, reweighting=reweighting, initial=initial
        )
        written = w2v.load_embedding("refined.txt")
        torch.testing.assert_close(  # Adam enlarges what rounding does
            written.vectors, expected.embedding.vectors, rtol=0, atol=2e-3
        )
        moved = (expected.embedding.vectors - initial[0].vectors).abs().median()
        assert float(moved) > 2e-2
        assert float(expected.history.loss[-1]) < float(expected.history.loss[0])

    def test_counts_instead_of_text(self, text):
        """The file of counts gives what its text gives."""
        succeed("embed", text, "-o", "a.bin", "--counts", "c.npz", "--window", 5)
        succeed("embed", "c.npz", "-o", "b.bin")
        assert Path("a.bin").read_bytes() == Path("b.bin").read_bytes()


class TestCount:
    def test_equals_the_library(self, text, capsys):
        succeed("count", text, "--window", 4, "--weighting", "uniform", "--vocab", 30)
        written = w2v.load_cooccurrence("counts.npz")
        corpus = w2v.read_corpus(text, max_vocabulary=30)
        expected = w2v.count_cooccurrences(corpus, window=4, weighting="uniform")
        assert same_counts(written, expected)
        assert all(part in written.source for part in ("text.txt", "4", "uniform"))
        out = capsys.readouterr().out
        assert all(part in out for part in ("counts.npz", "30", f"{expected.counts.nnz:,}"))

    def test_several_files_equal_one(self, text):
        """Also where a file has no word of the vocabulary, and others have it in another order."""
        sentences = text.read_text().splitlines()
        parts = {"a.txt": sentences[:30], "b.txt": sentences[30:], "c.txt": ["zebra"]}
        for name, part in parts.items():
            Path(name).write_text("\n".join(part))
        succeed("count", *parts, "--vocab", 50, "--min-count", 2)
        succeed("count", text, "--vocab", 50, "--min-count", 2, "-o", "whole.npz")
        merged, whole = (w2v.load_cooccurrence(name) for name in ("counts.npz", "whole.npz"))
        assert same_counts(merged, whole)
        assert "a.txt" in merged.source and "b.txt" in merged.source
        succeed("count", "counts.npz", "--vocab", 20, "-o", "small.npz")
        small = w2v.load_cooccurrence("small.npz").counts
        assert np.array_equal(small.toarray(), whole.counts.toarray()[:20, :20])


class TestEvaluate:
    @pytest.fixture
    def pairs(self, tmp_path):
        """Two files of similarities; a word of the second is unknown."""
        paths = [tmp_path / "one.txt", tmp_path / "two.txt"]
        paths[0].write_text("king queen 9\nman woman 7\nphysics she 1\nriver of 0\n")
        paths[1].write_text("france italy 8\nmusic army 2\nking zyzzyva 5\nchemistry physics 9\n")
        return [str(path) for path in paths]

    def test_table(self, vectors, pairs, capsys):
        """The numbers that the JSON has, and the next test checks."""
        command = ("evaluate", vectors, "--similarities", pairs[0])
        succeed(*command, "--json")
        report = json.loads(capsys.readouterr().out)
        succeed(*command)
        rows = [line.split() for line in capsys.readouterr().out.splitlines()]
        for scores in report["analogies"].values():
            row = ["total", f"{scores['correct']:,}", f"{scores['questions']:,}"]
            assert [*row, f"{100 * scores['accuracy']:.1f}"] in rows
            assert ["out", "of", "vocabulary", f"{scores['out_of_vocabulary']:,}"] in rows
        rho = report["similarities"][pairs[0]]["correlation"]
        assert ["similarity", "4", f"{rho:.3f}"] in rows

    @pytest.mark.parametrize("method", ["add", "mul"])
    def test_json(self, vectors, enwiki_embedding, pairs, capsys, method):
        both = [argument for path in pairs for argument in ("--similarities", path)]
        succeed("evaluate", vectors, *both, "--method", method, "--json")
        report = json.loads(capsys.readouterr().out)
        loads = (w2v.datasets.load_google_analogies, w2v.datasets.load_analogies)
        for scores, load in zip(report["analogies"].values(), loads, strict=True):
            analogies = load(enwiki_embedding.vocabulary)
            result = w2v.solve_analogies(enwiki_embedding, analogies, method=method)
            parts = scores.pop("categories")
            assert scores == {
                "correct": int(result.correct.sum()),
                "questions": len(result),
                "accuracy": result.accuracy,
                "out_of_vocabulary": analogies.out_of_vocabulary,
                "other_case": analogies.other_case,
            }
            assert {name: part["accuracy"] for name, part in parts.items()} == result.by_category
            assert sum(part["correct"] for part in parts.values()) == scores["correct"]
        assert list(report["similarities"]) == pairs
        for path, found in report["similarities"].items():
            similarities = w2v.parse_similarities(path, enwiki_embedding.vocabulary)
            rho = w2v.evaluate_similarity(enwiki_embedding, similarities).correlation
            missing = similarities.out_of_vocabulary
            expected = {"correlation": rho, "pairs": 4 - missing, "out_of_vocabulary": missing}
            assert found == {**expected, "other_case": 0}

    def test_own_questions(self, vectors, tmp_path, capsys):
        path = tmp_path / "own.txt"
        path.write_text(": one\nking queen man woman\nman woman king queen\n: two\nhe she his her")
        succeed("evaluate", vectors, "--analogies", path, "--json")
        analogies = json.loads(capsys.readouterr().out)["analogies"]
        assert list(analogies) == [str(path)]
        parts = analogies[str(path)]["categories"]
        assert {name: part["questions"] for name, part in parts.items()} == {"one": 2, "two": 1}

    def test_vectors_of_another_language(self, tmp_path, enwiki_embedding, capsys):
        """Names of a few countries are among them; that is not what the questions are about."""
        words = (*tuple(f"wort{n}" for n in range(96)), "paris", "france", "rome", "italy")
        embedding = w2v.Embedding(enwiki_embedding.vectors[:100], w2v.Vocabulary(words, None))
        w2v.save_embedding(embedding, tmp_path / "v.txt")
        succeed("evaluate", tmp_path / "v.txt")
        assert "English" in capsys.readouterr().err

    def test_nothing_to_ask(self, text, capsys):
        """Both sets of questions are left out, which is said (and --quiet says nothing)."""
        succeed("embed", text, "--quiet")
        assert main(["evaluate", "vectors.txt"]) == 1
        out, err = capsys.readouterr()
        assert out == "" and len(err.splitlines()) == 3 and "--similarities" in err


def test_neighbors(vectors, enwiki_embedding, capsys):
    succeed("neighbors", vectors, "physics", "france", "-k", 3)
    expected = [
        f"{word}\t{other}\t{cosine:.4f}"
        for word in ("physics", "france")
        for other, cosine in w2v.nearest_neighbors(enwiki_embedding, word, k=3)
    ]
    assert capsys.readouterr().out.splitlines() == expected


def test_neighbors_of_a_toy_vocabulary_are_all_others(tmp_path, capsys):
    words = w2v.Vocabulary(("cat", "dog", "sun"), None)
    w2v.save_embedding(w2v.Embedding(torch.eye(3), words), tmp_path / "v.txt")
    succeed("neighbors", tmp_path / "v.txt", "cat")
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_limit_reads_the_first_words(vectors, capsys):
    succeed("neighbors", vectors, "the", "--limit", 3, "-k", 2)
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["neighbors", str(vectors), "physics", "--limit", "3"]) == 1
    assert "3 words" in capsys.readouterr().err


class TestAnalogy:
    @pytest.mark.parametrize("method", ["add", "mul"])
    def test_is_the_library_s(self, vectors, enwiki_embedding, capsys, method):
        question = ("france", "paris", "italy")
        succeed("analogy", vectors, *question, "-k", 3, "--method", method)
        answers = w2v.analogy(enwiki_embedding, *question, k=3, method=method)
        expected = [f"{word}\t{score:.4f}" for word, score in answers]
        assert capsys.readouterr().out.splitlines() == expected
        assert expected[0].startswith("rome\t")

    def test_finds_words_in_another_case(self, vectors, capsys):
        succeed("analogy", vectors, "France", "Paris", "Italy", "-k", 1)
        assert capsys.readouterr().out.startswith("rome\t")

    def test_says_which_words_are_similar(self, vectors, capsys):
        assert main(["analogy", str(vectors), "france", "paris", "itly"]) == 1
        assert "'italy'" in capsys.readouterr().err


class TestPlot:
    def drawn(self, path):
        """The texts of an image that keeps texts."""
        return {text for text in ElementTree.parse(path).getroot().itertext() if text.strip()}

    def test_shows_the_words_as_text(self, vectors, tmp_path, capsys):
        path, words = tmp_path / "map.svg", ["paris", "france", "Rome", "italy"]
        succeed("plot", vectors, "--words", *words, "-o", path)
        assert {"paris", "france", "rome", "italy"} <= self.drawn(path)
        assert "4 words" in capsys.readouterr().out

    def test_leaves_unknown_words_out_and_says_so(self, vectors, tmp_path, capsys):
        path = tmp_path / "map.svg"
        succeed("plot", vectors, "--words", "paris", "rome", "frnace", "-o", path)
        err = capsys.readouterr().err
        assert "frnace" in err and "'france'" in err
        assert "frnace" not in self.drawn(path)

    def test_words_are_no_mathematics_and_of_any_script(self, tmp_path, capsys):
        words = ("$x^{$", "a$b$", "王后", "한국", "नमस्ते", "queen")
        embedding = w2v.Embedding(torch.eye(6), w2v.Vocabulary(words, None))
        w2v.save_embedding(embedding, tmp_path / "v.txt")
        succeed("plot", tmp_path / "v.txt", "--words", *words, "-o", tmp_path / "map.svg")
        assert set(words) <= self.drawn(tmp_path / "map.svg")
        assert capsys.readouterr().err == ""

    def test_says_which_letters_no_font_has(self, tmp_path, capsys):
        """In a file of pixels; the letter is for private use."""
        words = ("cat", "\U00100000")
        embedding = w2v.Embedding(torch.eye(2), w2v.Vocabulary(words, None))
        w2v.save_embedding(embedding, tmp_path / "v.txt")
        succeed("plot", tmp_path / "v.txt", "--words", *words, "-o", tmp_path / "map.png")
        err = capsys.readouterr().err
        assert ".svg" in err and "font" in err
        assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")

    @pytest.mark.parametrize("words", [["paris"], ["paris", "Paris"], ["qqq", "rrr"]])
    def test_needs_two_words(self, vectors, tmp_path, words, capsys):
        path = tmp_path / "map.svg"
        assert main(["plot", str(vectors), "--words", *words, "-o", str(path)]) == 1
        assert not path.exists() and capsys.readouterr().out == ""

    def test_refuses_other_formats_before_the_work(self, vectors, capsys):
        with pytest.raises(SystemExit) as error:
            main(["plot", str(vectors), "--words", "a", "b", "-o", "map.doc"])
        assert error.value.code == 2 and ".svg" in capsys.readouterr().err


class TestExport:
    def test_projector_s_files_hold_vectors_and_words(self, vectors, enwiki_embedding, tmp_path):
        folder = tmp_path / "projector"
        succeed("export", vectors, "-o", folder)
        rows = [line.split("\t") for line in (folder / "vectors.tsv").read_text().splitlines()]
        written = torch.tensor([[float(number) for number in row] for row in rows])
        assert torch.equal(written, enwiki_embedding.vectors.float())
        words = (folder / "metadata.tsv").read_text("utf-8").splitlines()
        assert tuple(words) == enwiki_embedding.vocabulary.words

    def test_known_counts_are_a_second_column_below_a_heading(self, tmp_path):
        embedding = w2v.Embedding(torch.eye(2), w2v.Vocabulary(("a", "b"), torch.tensor([3, 1])))
        vectors, metadata = w2v.save_for_projector(embedding, tmp_path)
        assert len(vectors.read_text().splitlines()) == 2
        assert metadata.read_text() == "word\tcount\na\t3\nb\t1\n"

    def test_a_folder_that_cannot_be_is_refused(self, vectors, tmp_path, capsys):
        assert main(["export", str(vectors), "-o", str(tmp_path / "a" / "b")]) == 1
        assert "create it" in capsys.readouterr().err
        assert main(["export", str(vectors), "-o", str(vectors)]) == 1
        assert "is a file" in capsys.readouterr().err


def test_download(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(w2v.datasets, "fetch_text8", lambda progress: tmp_path / "text8.zip")
    succeed("download", "text8")
    assert capsys.readouterr().out == f"{tmp_path / 'text8.zip'}\n"


class TestFailure:
    @pytest.fixture
    def fails(self, text, capsys):
        """Run a command that must fail in one line and leave the folder as it is."""

        def run(arguments, named="", code=1):
            before = {path: path.is_dir() or path.read_bytes() for path in Path().iterdir()}
            capsys.readouterr()
            assert main(arguments.replace("TEXT", str(text)).split()) == code
            out, err = capsys.readouterr()
            assert out == "" and err.startswith("w2v: ") and len(err.splitlines()) == 1
            assert all(word in err for word in named.split()), err
            assert before == {path: path.is_dir() or path.read_bytes() for path in before}
            assert set(Path().iterdir()) == set(before)

        return run

    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            ("embed text.txt nowhere.txt", "nowhere.txt"),
            ("embed text.txt -o nowhere/v.txt", "nowhere"),
            ("embed text.txt --counts nowhere/c.npz", "nowhere"),
            ("embed text.txt -o TEXT", "text.txt -o"),
            ("embed text.txt -o folder.txt", "folder.txt"),
            ("embed text.txt --device cuda:99", "cuda:99"),
            ("count text.txt --window 23 --weighting harmonic", "window 22"),
            ("embed text.txt --unweighted --negatives 5 --sample none", "--negatives --sample"),
            ("embed text.txt --unweighted --refine 3", "--refine --unweighted"),
        ],
    )
    def test_what_cannot_work_is_refused_before_the_text_is_read(
        self, fails, monkeypatch, arguments, named
    ):
        def work(*arguments, **options):
            raise AssertionError("the text was read")

        monkeypatch.setattr(w2v, "read_corpus", work)
        Path("folder.txt").mkdir()
        fails(arguments, named)

    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            ("embed text.txt --vocab 61 --strict", "--vocab 61 60"),
            ("embed text.txt --vocab 20 --dim 21 --counts c.npz --strict", "--dim 21 20"),
            ("embed counts.npz --window 16 --min-count 2", "counts.npz --window --min-count"),
            ("embed counts.npz text.txt", ".npz"),
            ("embed counts.npz --vocab 61 --strict", "--vocab 61 60"),
            ("embed other.npz", "other.npz"),
            ("neighbors vectors.txt kall", "'kall' 60 'kal'"),
            ("count latin.txt", "latin.txt UTF-8"),
        ],
    )
    def test_what_the_files_do_not_allow(self, text, fails, arguments, named):
        succeed("embed", text, "--quiet", "--counts", "counts.npz")
        np.savez("other.npz", x=np.zeros(3))
        Path("latin.txt").write_bytes("caf\u00e9 au lait\n".encode("latin-1") * 9)
        fails(arguments, named)

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (OSError(28, "No space left"), 1),
            (RuntimeError("two\nlines"), 1),
            (KeyboardInterrupt(), 130),
        ],
    )
    def test_what_goes_wrong_in_the_middle_of_writing(self, fails, monkeypatch, error, code):
        def write(file, words, vectors):
            file.write(b"60 60\n")
            raise error

        monkeypatch.setattr("w2vlib.vector_files.write_text", write)
        fails("embed text.txt --quiet", str(error), code=code)

    def test_our_own_bugs_are_not_hidden(self, text, monkeypatch):
        monkeypatch.setattr(w2v, "count_cooccurrences", None)
        with pytest.raises(TypeError):
            main(["embed", str(text), "--quiet"])


class TestUsage:
    @pytest.mark.parametrize(
        "arguments",
        [
            "",
            "train",
            "embed text.txt --dim 0",
            "embed text.txt --window 1.5",
            "embed text.txt --negatives -1",
            "embed text.txt --negatives nan",
            "embed text.txt --sample some",
            "embed text.txt --tolerance inf",
            "embed text.txt --weighting gaussian",
            "embed text.txt -o vectors.csv",
            "embed text.txt --counts counts.txt",
            "count text.txt -o counts.txt",
            "neighbors vectors.txt",
            "neighbors vectors.txt word -k 0",
            "analogy vectors.txt man king",
            "plot vectors.txt",
            "evaluate vectors.txt --limit 0",
            "evaluate vectors.txt --method nearest",
            "download text9",
        ],
    )
    def test_wrong_usage(self, arguments, capsys):
        with pytest.raises(SystemExit) as exit:
            main(arguments.split())
        assert exit.value.code == 2
        assert "usage: w2v" in capsys.readouterr().err

    def test_a_forgotten_text_shows_the_usage_of_the_command(self, capsys):
        with pytest.raises(SystemExit) as exit:
            main(["embed"])
        assert exit.value.code == 2 and "usage: w2v embed" in capsys.readouterr().err

    def test_help_and_version(self, capsys):
        commands = [
            *("embed", "count", "phrases", "evaluate", "neighbors", "analogy", "plot", "export"),
            "download",
        ]
        for arguments in (["--help"], ["--version"], *([name, "--help"] for name in commands)):
            with pytest.raises(SystemExit) as exit:
                main(arguments)
            assert exit.value.code == 0
        out = capsys.readouterr().out
        named = [f"w2v {name}" for name in (w2v.__version__, *commands)]
        assert all(name in out for name in named)


class TestProcess:
    """As its own process, the way it is used."""

    COMMAND = (sys.executable, "-m", "w2vlib")

    @pytest.mark.parametrize(("name", "code"), [("text.txt", 0), ("nowhere.txt", 1)])
    def test_exit_status(self, text, name, code):
        command = [*self.COMMAND, "embed", name, "--dim", "5"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == code
        assert ("vectors.txt" in done.stdout) == Path("vectors.txt").exists() == (code == 0)
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
        assert len(process.communicate(timeout=30)[1].splitlines()) == 1
        assert process.returncode == 130
        assert list(text.parent.iterdir()) == [text]
