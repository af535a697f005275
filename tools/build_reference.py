#!/usr/bin/env python3
"""Make the reference that chapters compare with: word2vec, trained in every way of the book.

    python tools/build_reference.py ARTICLES.txt.xz --program word2vec --work _build/reference

Runs of hours cannot be part of a chapter. This makes them once: gensim and the original program
word2vec.c on the text, and training on counts, with two vectors for each word or one, with every
loss and weight of the book, from three starts each. The file has the vectors of two of these
models, what was measured for all, and how. Finished runs are kept in the folder `--work`.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import torch

import w2vlib as w2v
from w2vlib.datasets.reference import MEASURES

ROOT = Path(__file__).resolve().parents[1]
WORDS, READ, DIM, WINDOW, EPOCHS, SEEDS = 3000, 5000, 100, 16, 5, 3
OTHER_DIMS = (50, 200)  # for the book's trained word2vec only
STEPS, RATE, SCALE = 300, 0.1, 0.1
# The weights of pairs: none of word2vec's tricks, or subsampling and the noise exponent.
WEIGHTS: dict[str, dict[str, Any]] = {
    "plain": {"negatives": 1, "exponent": 1, "sample": None},
    "1e-4": {"negatives": 1, "exponent": 0.75, "sample": 1e-4},
    "1e-5": {"negatives": 1, "exponent": 0.75, "sample": 1e-5},
    "1e-4, k = 5": {"negatives": 5, "exponent": 0.75, "sample": 1e-4},
}
ON_TEXT = WEIGHTS["1e-4, k = 5"]
SOURCE = f"""\
Word vectors and measurements, computed from articles of the English Wikipedia, early 2019 or
before, by the English Wikipedia contributors, CC BY-SA 3.0
(https://creativecommons.org/licenses/by-sa/3.0/), like the counts of enwiki-5k.npz.
{WORDS:,} words, {DIM} dimensions. gensim: skip-gram on the text in the {READ:,} words of these
counts, window {WINDOW}, five negatives, exponent 3/4, sample 1e-4, {EPOCHS} epochs, one thread,
seeds 0 to {SEEDS - 1}; vectors of seed 0. On counts: train_population, {STEPS} steps of Adam,
rate {RATE} falling linearly to zero, start of deviation {SCALE}, seeds 0 to {SEEDS - 1}; vectors
of seed 0, one for each word, weights 1e-4. Made by tools/build_reference.py."""
PROGRAM = "word2vec.c: version 0.1c, the settings of gensim, alpha 0.025, its own random numbers."


@dataclass(frozen=True)
class Run:
    """Word vectors and context vectors, and how they were made."""

    weights: str
    vectors: str
    level: str
    seed: int
    words: w2v.Embedding
    contexts: w2v.Embedding | None  # the original program does not write them


def main() -> None:
    """Make all runs, measure them, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("articles", type=Path, help="UTF-8 text, one article per line; .xz etc.")
    parser.add_argument("--program", type=Path, help="the compiled word2vec.c; left out if absent")
    parser.add_argument("--work", type=Path, help="folder that keeps finished runs")
    output = ROOT / "w2vlib/datasets/data/word2vec-3k.npz"
    parser.add_argument("--output", type=Path, default=output)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="w2v-reference-") as temporary:
        work = options.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        runs = [*on_text(options.articles, options.program, work), *on_counts(work)]
    write(runs, options.output)
    print(f"{options.output}: {options.output.stat().st_size:,} bytes, {len(runs)} runs")


# --- on the text ------------------------------------------------------------------------------


def on_text(articles: Path, program: Path | None, work: Path) -> Iterator[Run]:
    """Gensim from three seeds, and the original program, whose random numbers have only one."""
    text = work / "text.txt"
    if not text.exists():
        write_text(articles, text)
    for seed in range(SEEDS):
        found = kept(work / f"gensim-{seed}.npz", partial(train_gensim, text, seed))
        yield Run("1e-4, k = 5", "two", "text", seed, *map(embedding, found))
    if program is not None:
        (words,) = kept(work / "program.npz", lambda: (run_program(program, text, work),))
        yield Run("1e-4, k = 5", "two", "program", 0, embedding(words), None)


def write_text(articles: Path, path: Path) -> None:
    """Write the words that both are to see, an article to a line."""
    corpus = w2v.read_corpus(articles, max_vocabulary=READ, normalizer="text8")
    words, tokens = corpus.vocabulary.words, corpus.tokens.tolist()
    offsets = corpus.offsets.tolist()
    with path.open("w") as file:
        for first, last in pairwise(offsets):
            file.write(" ".join(words[token] for token in tokens[first:last]) + "\n")


def train_gensim(text: Path, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Word and context vectors of gensim's skip-gram, on one thread, so that a seed decides."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        corpus_file=str(text),
        vector_size=DIM,
        window=WINDOW,
        sg=1,
        negative=ON_TEXT["negatives"],
        ns_exponent=ON_TEXT["exponent"],
        sample=ON_TEXT["sample"],
        epochs=EPOCHS,
        min_count=1,
        seed=seed,
        workers=1,
    )
    rows = [model.wv.key_to_index[word] for word in vocabulary().words]
    return model.wv.vectors[rows], model.syn1neg[rows]


def run_program(program: Path, text: Path, work: Path) -> np.ndarray:
    """Word vectors of the original program."""
    output = work / "program.txt"
    settings = {
        "train": text,
        "output": output,
        "size": DIM,
        "window": WINDOW,
        "cbow": 0,
        "negative": ON_TEXT["negatives"],
        "sample": ON_TEXT["sample"],
        "iter": EPOCHS,
        "alpha": 0.025,
        "min-count": 1,
        "threads": 1,
    }
    options = [part for name, value in settings.items() for part in (f"-{name}", str(value))]
    subprocess.run([str(program.resolve()), *options], check=True, stdout=subprocess.DEVNULL)
    trained = w2v.load_embedding(output)
    rows = [trained.vocabulary.number(word) for word in vocabulary().words]
    return trained.vectors[rows].numpy()


# --- on counts --------------------------------------------------------------------------------


def on_counts(work: Path) -> Iterator[Run]:
    """Training and closed forms for all weights, with two vectors for each word and with one."""
    statistics = w2v.corpus_statistics(counts())
    config = w2v.PopulationConfig(
        dim=DIM,
        learning_rate=RATE,
        schedule="linear",
        steps=STEPS,
        initial_scale=SCALE,
        record_every=STEPS,
    )
    quartic = replace(config, loss=w2v.qwem_loss)
    trained = [
        (name, vectors, level, replace(how, tied=vectors == "one"))
        for name, vectors in product(WEIGHTS, ("two", "one"))
        for level, how in (("trained", config), ("quartic", quartic))
    ]
    trained += [("1e-4", "one", f"trained, d = {d}", replace(config, dim=d)) for d in OTHER_DIMS]

    for name, vectors, level, how in trained:
        for seed in range(SEEDS):
            make = partial(train, statistics, how, name, seed)
            found = kept(work / f"{name}-{vectors}-{level}-{seed}.npz", make)
            yield Run(name, vectors, level, seed, *map(embedding, found))
    for name, vectors, level in product(WEIGHTS, ("two", "one"), ("rank one", "constant")):
        yield Run(name, vectors, level, 0, *closed_form(statistics, name, vectors, level))


def train(
    statistics: w2v.CorpusStatistics, config: w2v.PopulationConfig, weights: str, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Word and context vectors at the end of training on counts."""
    rule = w2v.word2vec_reweighting(statistics, **WEIGHTS[weights])
    result = w2v.train_population(statistics, config, reweighting=rule, seed=seed)
    return result.embedding.vectors.numpy(), result.contexts.vectors.numpy()


def closed_form(
    statistics: w2v.CorpusStatistics, weights: str, vectors: str, level: str
) -> tuple[w2v.Embedding, w2v.Embedding]:
    """The solution for weights of rank one, or for constant ones, without training."""
    rule = w2v.word2vec_reweighting(statistics, **WEIGHTS[weights])
    target = w2v.qwem_target(statistics, rule)
    g = None
    if level == "rank one":
        g = w2v.rank_one_weights(statistics, rule)
        target = w2v.weighted_target(target, g)
    if vectors == "one":
        spectrum = w2v.top_eigenpairs(target, DIM)
        words = w2v.spectral_embedding(spectrum, statistics.vocabulary, weights=g)
        return words, words
    spectrum = w2v.strongest_modes(w2v.extreme_eigenpairs(target, DIM, DIM), DIM)
    return w2v.spectral_factors(spectrum, statistics.vocabulary, weights=g)


# --- measurements -----------------------------------------------------------------------------


def measure(runs: list[Run]) -> dict[tuple[str, str, str], np.ndarray]:
    """What each way reaches: an array of runs times measures for each."""
    statistics = w2v.corpus_statistics(counts())
    google = w2v.datasets.load_google_analogies(vocabulary())
    own = w2v.datasets.load_analogies(vocabulary())
    by_name = {(run.weights, run.vectors, run.level, run.seed): run for run in runs}

    table: dict[tuple[str, str, str], list[list[float]]] = {}
    for run in runs:
        # All are compared with training from another start, which no run shares.
        level = run.level if run.level.startswith("trained") else "trained"
        reference = by_name[run.weights, run.vectors, level, (run.seed + 1) % SEEDS]

        rule = w2v.word2vec_reweighting(statistics, **WEIGHTS[run.weights])
        gain = float("nan")
        if run.contexts is not None:
            gain = w2v.possible_gain(statistics, run.words, run.contexts, reweighting=rule)
        overlap = w2v.subspace_overlap(run.words.vectors, reference.words.vectors)
        row = {"gain": gain, "overlap": overlap}
        for name, questions in (("google", google), ("own", own)):
            answers, others = (w2v.solve_analogies(r.words, questions) for r in (run, reference))
            row[name] = answers.accuracy
            row[f"{name}_error"] = w2v.standard_error(answers, baseline=others)
        table.setdefault((run.weights, run.vectors, run.level), []).append(
            [row[name] for name in MEASURES]
        )
    return {key: np.array(rows) for key, rows in table.items()}


def write(runs: list[Run], output: Path) -> None:
    """Write vectors, measurements and where they come from."""
    from w2vlib._files import replacing

    table = measure(runs)
    program = PROGRAM if any(run.level == "program" for run in runs) else ""
    measured = np.full((len(table), SEEDS, len(MEASURES)), np.nan, dtype=np.float32)
    for number, rows in enumerate(table.values()):
        measured[number, : len(rows)] = rows

    stored = {(run.weights, run.vectors, run.level): run for run in runs if run.seed == 0}
    gensim, trained = stored["1e-4, k = 5", "two", "text"], stored["1e-4", "one", "trained"]
    assert gensim.contexts is not None
    with replacing(output) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            ways=np.array(list(table)),
            measured=measured,
            source=np.array(" ".join(f"{SOURCE} {program}".split())),
            gensim_words=gensim.words.vectors.half().numpy(),
            gensim_contexts=gensim.contexts.vectors.half().numpy(),
            trained_words=trained.words.vectors.half().numpy(),
        )


# --- helpers ----------------------------------------------------------------------------------


def counts() -> w2v.Cooccurrence:
    """The counts behind all runs."""
    return w2v.restrict_cooccurrence(w2v.datasets.load_enwiki(), WORDS)


def vocabulary() -> w2v.Vocabulary:
    """The words of all vectors."""
    return counts().vocabulary


def embedding(vectors: np.ndarray) -> w2v.Embedding:
    """Vectors with their words."""
    return w2v.Embedding(torch.from_numpy(vectors).float(), vocabulary())


def kept(path: Path, make: Callable[[], tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
    """What was made before, or else is made now."""
    if not path.exists():
        np.savez(path, *make())
        print(path.name, flush=True)
    with np.load(path) as file:
        return tuple(file[name] for name in file.files)


if __name__ == "__main__":
    main()
