"""The benchmarks run, compare like with like, and their tables come from their numbers."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A small text, prepared as `run.py` does it."""
    folder = tmp_path_factory.mktemp("benchmark")
    draw = random.Random(0)
    words = [a + b + c for a in "bdfghjk" for b in "aeiou" for c in "lmnprst"]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    lines = (" ".join(draw.choices(words, weights, k=200)) for _ in range(200))
    text = folder / "text.txt"
    text.write_text("\n".join(lines))
    case(folder, "prepare", corpus=str(text), vocabulary=245)
    return folder


def case(folder, name, **arguments):
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks/cases.py", name, folder, json.dumps(arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_counters_count_the_same(work):
    ours, scatter = case(work, "count_ours", threads=1), case(work, "count_scatter")
    assert ours["total"] == scatter["total"]
    assert ours["tokens"] == 200 * 200
    assert ours["pairs"] == 200 * sum(200 - distance for distance in range(1, 17))


def test_solvers_solve_the_same(work):
    rows = [
        case(work, "solve_ours", k=5, tolerance=1e-5),
        case(work, "solve_arpack", k=5, tolerance=1e-5),
        case(work, "solve_full", k=5),
    ]
    for row in rows:
        assert row["residual"] < 1e-4
        assert row["top"] == pytest.approx(rows[0]["top"], rel=1e-4)


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_committed_tables_are_those_of_the_committed_numbers(path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from report import report

    results = json.loads(path.read_text("utf-8"))
    assert path.with_suffix(".md").read_text("utf-8") == report(results)
