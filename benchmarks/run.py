#!/usr/bin/env python3
"""Measure w2vlib and its peers side by side, on a text of your own.

    python benchmarks/run.py ARTICLES.txt [--glove PATH_TO_COOCCUR] [--epochs 5]

The text has one document per line. All measurements run one after the other on the same machine,
each in a process of its own, so that the ratios hold even where the seconds do not. The tables go
to `benchmarks/results/`, as Markdown to read and as JSON to compute with.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from harness import RESULTS, Bench, Row, machine, save
from report import report


def main() -> None:
    """Run every comparison and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="plain UTF-8 text, one document per line")
    parser.add_argument("--glove", type=Path, help="the compiled `cooccur` of GloVe")
    parser.add_argument("--vocab", type=int, default=10_000, help="words (default 10,000)")
    large = "words of a second, large vocabulary (default 100,000); 0 leaves it out"
    parser.add_argument("--large", type=int, default=100_000, help=large)
    parser.add_argument("--epochs", type=int, default=5, help="of gensim; 0 leaves gensim out")
    parser.add_argument("--repeats", type=int, default=3, help="of the short measurements")
    parser.add_argument("--output", type=Path, default=RESULTS / "cpu")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as work:
        bench = Bench(Path(work), options.repeats)
        results = {"machine": machine(), "command": command_line(options)}
        corpus = str(options.corpus.resolve())
        results["reading"] = bench.once("prepare", corpus=corpus, vocabulary=options.vocab)
        results["counting"] = counting(bench, options.glove)
        results["solver"] = solver(bench)
        results["analogies"] = bench.alternate(
            {"ours": "analogies_ours", "gensim": "analogies_gensim"}
        )
        results["loading"] = bench.alternate({"ours": "loading_ours", "gensim": "loading_gensim"})
        results["embedding"] = embedding(bench, corpus, options)
        results["growth"] = growth(bench, options.vocab)
    save(results, report(results), options.output)


def counting(bench: Bench, glove: Path | None) -> dict[str, Row]:
    """Ours on one and two cores, the dense scatter, GloVe."""
    cases: dict[str, str | tuple[str, Row]] = {
        "ours, 2 cores": ("count_ours", {"threads": 2}),
        "ours, 1 core": ("count_ours", {"threads": 1}),
        "dense scatter + transpose, 1 core": "count_scatter",
    }
    if glove is not None:
        cases["ours, harmonic, 2 cores"] = ("count_ours", {"weighting": "harmonic"})
        cases["GloVe cooccur, 1 core"] = ("count_glove", {"binary": str(glove.resolve())})
    return bench.alternate(cases)


def solver(bench: Bench) -> dict[str, Row]:
    """Ours and the libraries' solvers; each says what residual it reached."""
    rows = bench.alternate(
        {
            f"ours, tolerance {t:g}": ("solve_ours", {"tolerance": t})
            for t in (1e-2, 5e-3, 1e-3, 1e-4)
        }
    )
    for digits in (1, 2, 3):
        name = f"SciPy eigsh, tol 1e-{digits}"
        rows[name] = bench.once("solve_arpack", tolerance=10.0**-digits)
    rows["SciPy lobpcg, 40 iterations"] = bench.once("solve_scipy_lobpcg")
    rows["torch.lobpcg, 40 iterations"] = bench.once("solve_torch_lobpcg")
    rows["torch.linalg.eigh, all modes"] = bench.once("solve_full")
    return rows


def embedding(bench: Bench, corpus: str, options: argparse.Namespace) -> dict[str, Row]:
    """A text file to 200-dimensional vectors."""
    arguments = {"corpus": corpus, "vocabulary": options.vocab}
    rows = bench.alternate({"w2v embed": ("embed_ours", arguments)})
    if options.large:
        rows[f"w2v embed, {options.large:,} words"] = bench.once(
            "embed_ours", corpus=corpus, vocabulary=options.large
        )
    if options.epochs:
        rows[f"gensim, {options.epochs} epochs, 2 workers"] = bench.once(
            "embed_gensim", vocabulary=options.vocab, epochs=options.epochs
        )
    return rows


def growth(bench: Bench, vocabulary: int) -> dict[str, Row]:
    """How the time grows with the text, the vocabulary and the number of modes."""
    tables = {
        "counting, with tokens": (
            "tokens",
            [("count_ours", {"tokens": share}) for share in (0.125, 0.25, 0.5, 1.0)],
        ),
        "counting, with words": (
            "words",
            [("count_ours", {"words": vocabulary // n}) for n in (8, 4, 2, 1)],
        ),
        "solver, with words": (
            "words",
            [("solve_ours", {"words": vocabulary // n, "k": 100}) for n in (4, 2, 1)],
        ),
        "solver, with k": ("k", [("solve_ours", {"k": k}) for k in (50, 100, 200, 400)]),
    }
    results = {}
    for name, (axis, cases) in tables.items():
        rows = [bench.once(case, **arguments) for case, arguments in cases]
        sizes, seconds = ([row[key] for row in rows] for key in (axis, "seconds"))
        exponent = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
        results[name] = {"axis": axis, "sizes": sizes, "seconds": seconds, "exponent": exponent}
    return results


def command_line(options: argparse.Namespace) -> str:
    """How to run this again, without the paths of one machine."""
    glove = " --glove COOCCUR" if options.glove else ""
    return f"python benchmarks/run.py {options.corpus.name}{glove} --epochs {options.epochs}"


if __name__ == "__main__":
    main()
