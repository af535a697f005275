#!/usr/bin/env python3
"""Which method makes good word vectors: matrices of counts, factorized, beside trained models.

    python benchmarks/methods.py ARTICLES.txt [--vocab 10000] [--epochs 5]

The text has one document per line. All methods get the same words, and those that start from
counts the same counts. Tables and their numbers go to `benchmarks/results/`.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from harness import RESULTS, Bench, Row, machine, save
from report import named_rows, run_line, table

import w2vlib as w2v

DIM = 200
REFERENCE = "Proposition 2: word2vec's weights"
Matrix = torch.Tensor

REPORT = """\
# Methods

{run}

The {words:,} most frequent words of a text of {tokens:,} tokens of them; window 16, {dim}
dimensions. Google's analogies, our own, and WordSim-353. *Error* is the standard error of a
score over word pairs; *behind* is how many points a method is behind the closed form of
Proposition 2, with the standard error of this difference.

{scores}

All methods but the last four are one factorization of one matrix. SVD: the {dim} modes largest in
size, U |&Lambda;|^p; the others take the {dim} with the largest eigenvalues, and p = 1/2. GloVe
has {glove} epochs, gensim's models have {epochs}, all with the hyperparameters of the closed form
where they have such.

## One family

The matrix (p_i p_j)^a f(x_ij), where x is the PMI under the noise exponent b: Google's analogies,
and our own, in percent. Correspondence analysis is exp(x) - 1 with a = 1/2, Theorem 1 is
2 tanh(x/2) with a = 0, and Proposition 2 comes near 2 tanh(x/2) with a = 0.45, b = 0.75.

{family}
"""


def main() -> None:
    """Score every method on one text, and every member of the family."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="plain UTF-8 text, one document per line")
    parser.add_argument("--vocab", type=int, default=10_000, help="words (default 10,000)")
    parser.add_argument("--epochs", type=int, default=5, help="of gensim (default 5)")
    parser.add_argument("--glove", type=int, default=15, help="epochs of GloVe (default 15)")
    parser.add_argument("--output", type=Path, default=RESULTS / "methods")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as folder:
        work = Path(folder)
        bench = Bench(work, repeats=1)
        corpus = str(options.corpus.resolve())
        read = bench.once("prepare", corpus=corpus, vocabulary=options.vocab)
        counts = w2v.load_cooccurrence(work / "counts.npz")
        statistics = w2v.corpus_statistics(counts)
        score = Scores(counts.vocabulary)
        for name, make in factorizations(statistics, counts.vocabulary):
            score.add(name, make())
        for name, vectors in trained(bench, options):
            score.add(name, w2v.load_embedding(vectors))
        results = {
            "machine": machine(),
            "command": f"python benchmarks/methods.py {options.corpus.name}",
            "tokens": read["tokens"],
            "words": options.vocab,
            "epochs": options.epochs,
            "glove": options.glove,
            "dim": DIM,
            "methods": score.rows(),
            "family": family(statistics, score),
        }
    save(results, methods_report(results), options.output)


# --- methods ----------------------------------------------------------------------------------


def factorizations(
    statistics: w2v.CorpusStatistics, vocabulary: w2v.Vocabulary
) -> Iterator[tuple[str, Callable[[], w2v.Embedding]]]:
    """The methods that factorize one matrix, each with the function that does."""
    size = len(statistics.unigram)
    p = statistics.unigram.double()
    word2vec = w2v.word2vec_reweighting(statistics, negatives=1, sample=None)
    unit = torch.ones(size)

    def svd(matrix: Matrix, power: float = 0.5) -> w2v.Embedding:
        modes = w2v.extreme_eigenpairs(matrix, DIM, DIM)
        modes = w2v.strongest_modes(modes, DIM)
        lengths = modes.eigenvalues.abs().pow(power)
        return w2v.Embedding(modes.eigenvectors * lengths, vocabulary)

    def top(matrix: Matrix, weights: Matrix = unit) -> w2v.Embedding:
        spectrum = w2v.top_eigenpairs(matrix, DIM)
        return w2v.spectral_embedding(spectrum, vocabulary, weights=weights)

    def rank_one() -> w2v.Embedding:
        g = w2v.rank_one_weights(statistics, word2vec)
        operator = w2v.qwem_operator(statistics, word2vec, weights=g)
        spectrum = w2v.top_eigenpairs(operator, k=DIM)
        return w2v.spectral_embedding(spectrum, vocabulary, weights=g)

    def two_vectors() -> w2v.Embedding:
        return w2v.solve_word2vec(statistics, DIM, reweighting=word2vec)[0]

    def cut(lowest: float) -> Matrix:
        return logarithm(statistics, 0.75).clamp(min=lowest)

    def correspondence(joint: Matrix) -> Matrix:
        joint = joint / joint.sum()
        row = joint.sum(dim=1, dtype=torch.float64).to(joint)
        expected = torch.outer(row, row)
        return (joint - expected) / expected.sqrt()

    def canonical() -> Matrix:
        root = p.pow(-0.25).to(statistics.joint)
        return statistics.joint.sqrt() * root[:, None] * root

    yield "PPMI, SVD, p = 1/2", lambda: svd(w2v.ppmi(statistics))
    yield "PPMI, SVD, p = 1/4", lambda: svd(w2v.ppmi(statistics), 0.25)
    yield "PPMI, positive eigenvalues", lambda: top(w2v.ppmi(statistics))
    yield "PPMI shifted by log 5", lambda: svd(w2v.shifted_ppmi(statistics, negatives=5))
    yield "smoothed PMI, cut at -1", lambda: svd(cut(-1.0))
    yield "correspondence analysis", lambda: svd(correspondence(statistics.joint))
    yield "correspondence analysis of roots", lambda: svd(correspondence(statistics.joint.sqrt()))
    yield "canonical correlations of roots", lambda: svd(canonical())
    yield "Theorem 1: constant weights", lambda: top(w2v.qwem_target(statistics))
    yield REFERENCE, rank_one
    yield "Proposition 2 with two vectors", two_vectors


def trained(bench: Bench, options: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    """The methods that train, each with its file of vectors."""
    vocabulary = {"vocabulary": options.vocab}
    bench.once("embed_ours", corpus=str(bench.work / "normalized.txt"), **vocabulary, steps=20)
    yield "two vectors, then 20 steps", bench.work / "ours.txt"
    bench.once("embed_glove", epochs=options.glove)
    yield "GloVe", bench.work / "glove.txt"
    for model in ("Word2Vec", "FastText"):
        bench.once("embed_gensim", **vocabulary, epochs=options.epochs, model=model)
        yield f"gensim's {model}", bench.work / f"{model}.txt"


def logarithm(statistics: w2v.CorpusStatistics, exponent: float) -> Matrix:
    """The PMI under this noise exponent; minus infinity for pairs that never met."""
    smooth = w2v.word2vec_reweighting(statistics, negatives=1, exponent=exponent, sample=None)
    A, B = w2v.pair_weights(statistics, smooth)
    return A.div_(B).log_()


def family(statistics: w2v.CorpusStatistics, score: "Scores") -> Row:
    """Scores of each bounded or unbounded f, each exponent a of the weights, each b of noise."""
    functions: dict[str, Callable[[Matrix], Matrix]] = {
        "2 tanh(x/2)": lambda x: 2 * torch.tanh(x / 2),
        "max(x, -2)": lambda x: x.clamp(min=-2),
        "max(x, -1)": lambda x: x.clamp(min=-1),
        "exp(x/2) - 1": lambda x: torch.expm1(x / 2),
        "max(x, 0)": lambda x: x.clamp(min=0),
        "exp(x) - 1": lambda x: torch.expm1(x),
    }
    p = statistics.unigram.double()
    rows: Row = {}
    for b in (1.0, 0.75):
        for name, f in functions.items():
            for a in (0.0, 0.25, 0.35, 0.45, 0.6):
                weights = p.pow(a).to(statistics.joint)
                matrix = f(logarithm(statistics, b)).mul_(weights[:, None]).mul_(weights)
                spectrum = w2v.top_eigenpairs(matrix, DIM)
                embedding = w2v.spectral_embedding(spectrum, score.vocabulary)
                key = f"{name}, b = {b:g}"
                rows.setdefault(key, {})[f"{a:g}"] = score.short(embedding)
                print(key, a, rows[key][f"{a:g}"], file=sys.stderr, flush=True)
    return rows


# --- scores -----------------------------------------------------------------------------------


class Scores:
    """Questions about one vocabulary, and the answers of each method."""

    def __init__(self, vocabulary: w2v.Vocabulary) -> None:
        from gensim.test.utils import datapath

        self.vocabulary = vocabulary
        self.sets = {
            "google": w2v.datasets.load_google_analogies(vocabulary),
            "own": w2v.datasets.load_analogies(vocabulary),
        }
        self.pairs = w2v.parse_similarities(datapath("wordsim353.tsv"), vocabulary)
        self.answers: dict[str, dict[str, w2v.AnalogyResult]] = {}
        self.wordsim: dict[str, float] = {}

    def add(self, name: str, embedding: w2v.Embedding) -> None:
        """Ask a method everything; its words may be in another order."""
        numbers = [embedding.vocabulary.number(word) for word in self.vocabulary.words]
        embedding = w2v.Embedding(embedding.vectors[numbers], self.vocabulary)
        self.answers[name] = {
            key: w2v.solve_analogies(embedding, asked) for key, asked in self.sets.items()
        }
        self.wordsim[name] = w2v.evaluate_similarity(embedding, self.pairs).correlation
        print(name, self.row(name), file=sys.stderr, flush=True)

    def short(self, embedding: w2v.Embedding) -> Row:
        """The accuracies alone."""
        return {
            key: w2v.solve_analogies(embedding, asked).accuracy for key, asked in self.sets.items()
        }

    def row(self, name: str) -> Row:
        """The scores of a method, and how far it is behind the reference, if that was asked."""
        row: Row = {"wordsim": self.wordsim[name]}
        for key, result in self.answers[name].items():
            row[key] = result.accuracy
            row[f"{key}_error"] = w2v.standard_error(result)
            if REFERENCE in self.answers:
                best = self.answers[REFERENCE][key]
                row[f"{key}_behind"] = best.accuracy - result.accuracy
                row[f"{key}_behind_error"] = w2v.standard_error(best, baseline=result)
        return row

    def rows(self) -> dict[str, Row]:
        """The scores of all methods."""
        return {name: self.row(name) for name in self.answers}


def methods_report(results: Row) -> str:
    """The tables."""
    columns = {}
    for key, name in (("google", "Google"), ("own", "own")):
        columns[name + ", %"] = lambda row, key=key: f"{100 * row[key]:.1f}"
        columns[name + ", error"] = lambda row, key=key: f"{100 * row[key + '_error']:.1f}"
        columns[name + ", behind"] = lambda row, key=key: (
            f"{100 * row[key + '_behind']:.1f} ± {100 * row[key + '_behind_error']:.1f}"
        )
    columns["WordSim"] = "{wordsim:.3f}"
    exponents = list(next(iter(results["family"].values())))
    rows = [
        [f"{name}", *(f"{100 * row[a]['google']:.1f}, {100 * row[a]['own']:.1f}" for a in row)]
        for name, row in results["family"].items()
    ]
    return REPORT.format(
        run=run_line(results),
        scores=named_rows(results["methods"], columns, "method"),
        family=table(["f", *(f"a = {a}" for a in exponents)], rows),
        **{name: results[name] for name in ("words", "tokens", "dim", "epochs", "glove")},
    )


if __name__ == "__main__":
    main()
