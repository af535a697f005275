"""The commands that start from texts: `embed`, `count`, `phrases`, `download`."""

import argparse
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import w2vlib as w2v
from w2vlib._devices import resolve_device
from w2vlib.commands._messages import check_output, check_strict, finish, note
from w2vlib.commands._options import COUNTING, DIM, READING, WEIGHING, WORDS, given, settings
from w2vlib.text.facts import warn

__all__ = ["count", "download", "embed", "phrases"]

_STDIN = Path("-")


def embed(options: argparse.Namespace) -> None:
    """Turn texts or counts into word vectors."""
    start = time.perf_counter()
    moot = given(options, *WEIGHING)
    if options.unweighted and moot:
        verb = "have" if "," in moot else "has"
        raise ValueError(f"{moot} {verb} no effect with --unweighted; leave out one or the other")
    if options.unweighted and options.refine:
        raise ValueError("--refine needs word2vec's weights; leave out --unweighted")

    counts, read = _counts(options, options.output, options.counts)
    statistics = w2v.corpus_statistics(counts, sparse=True, device=options.device)
    asked = options.dim or DIM
    _note_fewer(options, "dim", asked, len(statistics))
    check_strict(options)  # before the counts, too, are written
    if options.counts is not None:
        w2v.save_cooccurrence(counts, options.counts)
    del counts  # its integers take twice the memory of the probabilities
    if options.unweighted:
        reweighting = w2v.uniform_reweighting(statistics)
    else:
        reweighting = w2v.word2vec_reweighting(statistics, **settings(options, WEIGHING))

    words, contexts = w2v.solve_word2vec(
        statistics,
        min(asked, len(statistics)),
        reweighting=reweighting,
        negative=0 if options.unweighted else None,
        tolerance=options.tolerance,
        seed=options.seed,
        progress=_progress(options),
    )
    if options.refine:
        words = _refined(options, statistics, reweighting, (words, contexts))
        made = f"{options.refine} steps from the closed form"
    else:
        negative = int((words.vectors * contexts.vectors).sum(dim=0).lt(0).sum())
        made = f"{negative} of negative eigenvalues"

    check_strict(options)
    w2v.save_embedding(words, options.output)
    size = f"{len(words):,} words x {words.dim} dimensions ({made})"
    finish(options, read, f"{options.output}: {size}, {time.perf_counter() - start:.1f} s")


def count(options: argparse.Namespace) -> None:
    """Count the co-occurrences of words in texts."""
    start = time.perf_counter()
    cooccurrence, read = _counts(options, options.output)
    check_strict(options)
    w2v.save_cooccurrence(cooccurrence, options.output)
    size = f"{len(cooccurrence):,} words, {cooccurrence.counts.nnz:,} non-zeros"
    finish(options, read, f"{options.output}: {size}, {time.perf_counter() - start:.1f} s")


def phrases(options: argparse.Namespace) -> None:
    """Join words that often follow each other into phrases."""
    from w2vlib._files import replacing
    from w2vlib.vectors._writing import open_for

    start = time.perf_counter()
    check_output(options.output, options.texts)
    corpus = _corpus(options)
    found = w2v.find_phrases(
        corpus,
        min_count=options.min_count,
        threshold=options.threshold,
        passes=options.passes,
    )
    check_strict(options)
    words, tokens = found.corpus.vocabulary.words, found.corpus.tokens
    with replacing(options.output) as temporary, open_for(temporary, "wb", options.output) as file:
        for first, last in pairwise(found.corpus.offsets.tolist()):
            line = " ".join(words[token] for token in tokens[first:last].tolist())
            file.write(f"{line}\n".encode())
    best = ", ".join(found.words[:5]) + (", ..." if len(found) > 5 else "")
    size = f"{len(found):,} phrases ({best}), {time.perf_counter() - start:.1f} s"
    finish(options, f"read {corpus.reading}", f"{options.output}: {size}")


def download(options: argparse.Namespace) -> None:
    """Fetch a text once, check it, and print its path."""
    print(w2v.datasets.fetch_text8(progress=sys.stderr.isatty()))


def _counts(options: argparse.Namespace, *outputs: Path | None) -> tuple["w2v.Cooccurrence", str]:
    """The counts in a file of counts, or those of the texts; and what was read of these.

    What is bound to fail is refused first, because reading and counting may take minutes.
    """
    from w2vlib.text._sources import sources_of

    if options.texts != [_STDIN]:
        sources_of(options.texts)  # refuses paths without a file
    for output in outputs:
        if output is not None:
            check_output(output, options.texts)
    device = resolve_device(options.device)
    if any(path.suffix == ".npz" for path in options.texts):
        return _counts_of_file(options), ""

    counting = settings(options, COUNTING)
    w2v.window_weights(**counting)  # refuses impossible windows
    asked = options.vocab or WORDS
    corpus = _corpus(
        options, max_vocabulary=asked, min_count=settings(options, READING)["min_count"]
    )
    _note_fewer(options, "vocab", asked, len(corpus.vocabulary))

    paths = options.texts
    names = [path.name for path in paths]
    name = ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else "")
    source = f"{name} (window {counting['window']}, {counting['weighting']} weights)"
    counts = w2v.count_cooccurrences(
        corpus.to(device), **counting, source=source, progress=_progress(options)
    )
    return counts, f"read {corpus.reading}; cut {100 * (counts.cut or 0):.2g} % of the pairs"


def _corpus(
    options: argparse.Namespace, max_vocabulary: int | None = None, min_count: int = 1
) -> "w2v.Corpus":
    """The texts that a command names."""
    reading = settings(options, READING)
    paths: Any = options.texts
    if _STDIN in paths:
        if len(paths) > 1:
            raise ValueError(f"- is standard input, and must be the only text; got {len(paths)}")
        paths = sys.stdin.buffer
    corpus = w2v.read_corpus(
        paths,
        column=reading["column"],
        documents=reading["documents"],
        normalizer=reading["normalizer"],
        errors=reading["errors"],
        max_vocabulary=max_vocabulary,
        min_count=min_count,
        progress=_progress(options),
    )
    check_strict(options)
    return corpus


def _refined(
    options: argparse.Namespace,
    statistics: "w2v.CorpusStatistics",
    reweighting: "w2v.Reweighting",
    initial: tuple["w2v.Embedding", "w2v.Embedding"],
) -> "w2v.Embedding":
    """Some steps of word2vec's own training, from the closed form of its approximation."""
    config = w2v.PopulationConfig(
        dim=initial[0].dim,
        tied=False,
        biases=True,
        schedule="linear",
        steps=options.refine,
        record_every=options.refine,
    )
    return w2v.train_population(
        statistics, config, reweighting=reweighting, initial=initial, progress=_progress(options)
    ).embedding


def _counts_of_file(options: argparse.Namespace) -> "w2v.Cooccurrence":
    if len(options.texts) > 1:
        raise ValueError(f"give texts, or one .npz file of counts; got {len(options.texts)} files")

    fixed = given(options, *READING, *COUNTING)
    if fixed:
        raise ValueError(
            f"'{options.texts[0]}' holds counts, made before: leave out {fixed}, or start from "
            "the text"
        )

    counts = w2v.load_cooccurrence(options.texts[0])
    if options.vocab is None:
        return counts
    _note_fewer(options, "vocab", options.vocab, len(counts))
    return w2v.restrict_cooccurrence(counts, min(options.vocab, len(counts)))


def _note_fewer(options: argparse.Namespace, name: str, asked: int, there: int) -> None:
    """Say that there is less than was asked for; warn, if it was asked for in so many words."""
    if there < asked:
        if getattr(options, name) is None:
            note(options, f"only {there:,} words: --{name} is {there:,} (else {asked:,})")
        else:
            warn(f"there are only {there:,} words, so --{name} is {there}, not {asked}")
            check_strict(options)


def _progress(options: argparse.Namespace) -> bool:
    return sys.stderr.isatty() and not options.quiet
