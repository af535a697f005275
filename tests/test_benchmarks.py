"""The benchmarks run, compare like with like, and their tables come from their numbers."""

import importlib
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A small text with words that analogies and WordSim-353 ask about, as `run.py` does it."""
    folder = tmp_path_factory.mktemp("benchmark")
    draw = random.Random(0)
    words = (
        "france paris germany berlin italy rome king queen man woman boy girl tiger cat".split()
    )
    words += [a + b + c for a in "bdfghjk" for b in "aeiou" for c in "lmnprst"]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    lines = (" ".join(draw.choices(words, weights, k=200)) for _ in range(200))
    text = folder / "text.txt"
    text.write_text("\n".join(lines))
    case(folder, "prepare", corpus=str(text), vocabulary=len(words))
    return folder


def case(folder, name, **arguments):
    """Run a case in this process, where all is imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        run = importlib.import_module("cases").CASES[name]
    return json.loads(json.dumps(run(folder, **arguments)))


def case_alone(folder, name, **arguments):
    """Run a case in a process of its own, as `run.py` does."""
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks/cases.py", name, folder, json.dumps(arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_readers_of_vectors_read_the_same(work, gensim):
    ours, theirs = case(work, "loading_ours", limit=50), case(work, "loading_gensim", limit=50)
    assert ours["words"] == theirs["words"] == 50
    assert case(work, "loading_ours")["words"] > 50


def test_counters_count_the_same(work):
    ours, scatter = case_alone(work, "count_ours", threads=1), case(work, "count_scatter")
    assert ours["peak_mib"] > 0
    assert ours["total"] == scatter["total"]
    assert ours["tokens"] == 200 * 200
    assert ours["pairs"] == 200 * sum(200 - distance for distance in range(1, 17))


@pytest.mark.parametrize("normalizer", ["text8", "unicode"])
def test_readers_read_the_same(work, normalizer):
    source = str(work / "text.txt")
    ours = case(work, "read_ours", source=source, normalizer=normalizer, threads=64)
    python = case(work, "read_python", source=source, normalizer=normalizer)
    assert [ours[name] for name in ("words", "kept")] == [200 * 200, 200 * 200]
    assert [python[name] for name in ("words", "kept")] == [200 * 200, 200 * 200]


def test_a_long_text_is_the_text_several_times(work):
    row = case(work, "count_long", source=str(work / "text.txt"), copies=3, words=50)
    assert row["words_read"] == 3 * 200 * 200 and row["vocabulary"] == 50
    assert row["nonzeros"] == 50 * 50
    if Path("/proc/self/status").is_file():
        assert row["memory_mib"] > 0


def test_solvers_solve_the_same(work):
    rows = [
        case(work, "solve_ours", k=5, tolerance=1e-5),
        case(work, "solve_arpack", k=5, tolerance=1e-5),
        case(work, "solve_full", k=5),
    ]
    for row in rows:
        assert row["residual"] < 1e-4
        assert row["top"] == pytest.approx(rows[0]["top"], rel=1e-4)


REPORTS = {
    "cpu": ("report", "report"),
    "reading": ("report", "reading_report"),
    "training": ("report", "training_report"),
    "theory": ("report", "theory_report"),
    "geometry": ("geometry_report", "geometry_report"),
    "gpu": ("gpu", "gpu_report"),
    "methods": ("methods", "methods_report"),
}


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_committed_tables_are_those_of_the_committed_numbers(path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    module, function = REPORTS[path.stem]
    results = json.loads(path.read_text("utf-8"))
    written = getattr(importlib.import_module(module), function)(results)
    assert path.with_suffix(".md").read_text("utf-8") == written


@pytest.mark.parametrize(
    ("way", "arguments", "records"),
    [
        ("train_statistics", {"closed_form": True, "steps": 10}, 6),
        ("train_statistics", {"closed_form": False, "steps": 10}, 6),
        ("train_tokens", {"epochs": 2}, 2),
        ("train_gensim", {"epochs": 2}, 2),
    ],
    ids=["closed form", "random start", "train_sgns", "gensim"],
)
def test_ways_of_training_are_scored_along_the_way(gensim, work, way, arguments, records):
    if way != "train_gensim":  # that one reads the normalized text
        arguments = {**arguments, "corpus": str(work / "text.txt")}
    row = case(work, way, vocabulary=259, **arguments)
    assert len(row["points"]) == records
    seconds = [point["seconds"] for point in row["points"]]
    assert seconds == sorted(seconds)
    for point in row["points"]:
        assert {"google", "own", "wordsim"} <= point.keys()


def test_every_step_is_timed_on_a_device(work):
    row = case(work, "parts", device="cpu", again=2, tokens=2_000)
    assert len(row["steps"]) == 9
    for step in row["steps"].values():
        assert step["first"] > 0 and min(step["all"]) <= step["again"] <= max(step["all"])


def test_time_to_an_accuracy(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from report import time_to

    row = {"points": [{"seconds": 3, "google": 0.2}, {"seconds": 5, "google": 0.4}]}
    assert [time_to(row, goal) for goal in (0.1, 0.3, 0.4, 0.5)] == [3, 5, 5, None]


def test_methods_answer_the_same_questions(work, gensim, monkeypatch, tmp_path):
    words, draw = sorted(set((work / "normalized.txt").read_text().split())), random.Random(0)
    firsts = (draw.randrange(len(words)) for _ in range(400))  # a subject: words in a row
    lines = ((words + words)[first : first + 25] for first in firsts)
    text = tmp_path / "subjects.txt"
    text.write_text("\n".join(" ".join(draw.choices(line, k=100)) for line in lines))
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    methods = importlib.import_module("methods")
    monkeypatch.setattr(methods, "DIM", 20)
    monkeypatch.setattr(
        methods.Bench, "once", lambda self, name, **rest: case(self.work, name, **rest)
    )
    output = tmp_path / "methods"
    options = ["--vocab", "259", "--epochs", "1", "--glove", "1", "--output", str(output)]
    monkeypatch.setattr(sys, "argv", ["methods.py", str(text), *options])
    methods.main()

    results = json.loads(output.with_suffix(".json").read_text("utf-8"))
    same = results["methods"][methods.REFERENCE]
    assert same["google_behind"] == same["google_behind_error"] == 0
    member = results["family"]["2 tanh(x/2), b = 1"]["0"]
    constant = results["methods"]["Theorem 1: constant weights"]
    assert member["own"] == pytest.approx(constant["own"], abs=0.1)  # one matrix, two ways
    assert output.with_suffix(".md").read_text("utf-8") == methods.methods_report(results)
