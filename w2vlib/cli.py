"""The command `w2v`: a text file in, word vectors out."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import w2vlib as w2v
from w2vlib._options import (
    COUNTING,
    DIM,
    READING,
    WEIGHING,
    WORDS,
    count_options,
    embed_options,
    evaluate_options,
    given,
    neighbors_options,
    settings,
)

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments after ``w2v``; None takes those of the command line.

    Returns:
        The exit code: 0, or 1 if the data or a file was at fault, or 130 if interrupted. Wrong
        usage exits with 2.
    """
    options = _parser().parse_args(argv)

    try:
        options.run(options)
        sys.stdout.flush()  # here a full disk or a closed pipe can still be reported
    except KeyboardInterrupt:
        print("w2v: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, MemoryError) as error:
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"w2v: error: {' '.join(str(message).split()) or repr(error)}", file=sys.stderr)
        return 1

    return 0


def embed(options: argparse.Namespace) -> None:
    """Turn texts or counts into word vectors."""
    start = time.perf_counter()
    moot = given(options, *WEIGHING)
    if options.unweighted and moot:
        verb = "have" if "," in moot else "has"
        raise ValueError(f"{moot} {verb} no effect with --unweighted; leave out one or the other")
    if options.unweighted and options.refine:
        raise ValueError("--refine needs word2vec's weights; leave out --unweighted")

    counts = _counts(options, options.output, options.counts)
    dim = _at_most(options, "dim", DIM, len(counts))
    if options.counts is not None:
        w2v.save_cooccurrence(counts, options.counts)

    statistics = w2v.corpus_statistics(counts, sparse=True, device=options.device)
    del counts  # its integers take twice the memory of the probabilities
    if options.unweighted:
        reweighting = w2v.uniform_reweighting(statistics)
    else:
        reweighting = w2v.word2vec_reweighting(statistics, **settings(options, WEIGHING))

    words, contexts = w2v.solve_word2vec(
        statistics,
        dim,
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

    w2v.save_embedding(words, options.output)
    size = f"{len(words):,} words x {dim} dimensions ({made})"
    _finish(options, f"{options.output}: {size}, {time.perf_counter() - start:.1f} s")


def count(options: argparse.Namespace) -> None:
    """Count the co-occurrences of words in texts."""
    start = time.perf_counter()
    cooccurrence = _counts(options, options.output)
    w2v.save_cooccurrence(cooccurrence, options.output)
    size = f"{len(cooccurrence):,} words, {cooccurrence.counts.nnz:,} non-zeros"
    _finish(options, f"{options.output}: {size}, {time.perf_counter() - start:.1f} s")


def evaluate(options: argparse.Namespace) -> None:
    """Score word vectors by analogies and word similarity."""
    embedding = w2v.load_embedding(options.vectors)
    report: dict[str, Any] = {"analogies": {}, "similarities": {}}

    for path in options.similarities:
        pairs = w2v.parse_similarities(path, embedding.vocabulary)
        report["similarities"][str(path)] = {
            "correlation": w2v.evaluate_similarity(embedding, pairs).correlation,
            "pairs": len(pairs),
            "out_of_vocabulary": pairs.out_of_vocabulary,
        }

    for name, analogies in _questions(options, embedding.vocabulary):
        result = w2v.solve_analogies(embedding, analogies, method=options.method)
        report["analogies"][name] = _scores(result)

    if not any(report.values()):
        raise ValueError(f"nothing to evaluate '{options.vectors}' with: give --similarities FILE")
    print(json.dumps(report, indent=1) if options.json else _table(report))


def neighbors(options: argparse.Namespace) -> None:
    """List the words nearest to some words, with their cosines."""
    embedding = w2v.load_embedding(options.vectors)
    found = w2v.nearest_neighbors(embedding, options.words, k=options.k)
    for word, nearest in zip(options.words, found, strict=True):
        for other, cosine in nearest:
            print(f"{word}\t{other}\t{cosine:.4f}")


def download(options: argparse.Namespace) -> None:
    """Fetch a text once, check it, and print its path."""
    print(w2v.datasets.fetch_text8(progress=sys.stderr.isatty()))


def _counts(options: argparse.Namespace, *outputs: Path | None) -> "w2v.Cooccurrence":
    """The counts in a file of counts, or those of the texts, added up.

    What is bound to fail is refused first, because reading and counting may take minutes.
    """
    from w2vlib._devices import resolve_device
    from w2vlib._files import existing_file

    paths = options.texts
    for path in paths:
        existing_file(path, "a text, or counts that `w2v count` wrote")
    for output in outputs:
        if output is not None:
            _check_output(output, paths)

    device = resolve_device(options.device)
    if any(path.suffix == ".npz" for path in paths):
        return _counts_of_file(options)

    counting, reading = settings(options, COUNTING), settings(options, READING)
    w2v.window_weights(**counting)  # refuses impossible windows
    read = partial(
        w2v.read_corpus,
        normalizer=reading["normalizer"],
        errors=reading["errors"],
        progress=_progress(options),
    )

    def counted(corpus: "w2v.Corpus", path: Path) -> "w2v.Cooccurrence":
        source = f"{path.name} (window {counting['window']}, {counting['weighting']} weights)"
        return w2v.count_cooccurrences(
            corpus.to(device), **counting, source=source, progress=_progress(options)
        )

    if len(paths) == 1:
        corpus = read(paths[0], min_count=reading["min_count"])
        size = _at_most(options, "vocab", WORDS, len(corpus.vocabulary))
        corpus = w2v.restrict_corpus(corpus, size)  # lets go of the rare words before counting
        return counted(corpus, paths[0])

    # Go through the texts twice, so that only one of them is in memory at any time.
    vocabularies = (read(path).vocabulary for path in paths)
    merged = w2v.merge_vocabularies(vocabularies, min_count=reading["min_count"])
    size = _at_most(options, "vocab", WORDS, len(merged))
    shared = w2v.merge_vocabularies([merged], max_size=size)
    corpora = ((read(path, vocabulary=shared), path) for path in paths)
    return w2v.merge_cooccurrences(counted(*each) for each in corpora if len(each[0]))


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
    return w2v.restrict_cooccurrence(counts, _at_most(options, "vocab", WORDS, len(counts)))


def _at_most(options: argparse.Namespace, name: str, default: int, available: int) -> int:
    """The number asked for; if none was, the default, or what there is if that is less."""
    asked: int | None = getattr(options, name)
    if asked is not None and asked > available:
        raise ValueError(
            f"--{name} {asked} is more than the {available:,} words there are; ask for less, or "
            "leave it out to take what there is"
        )
    if asked is None and available < default:
        _note(options, f"only {available:,} words, so --{name} is {available}, not {default}")
    return min(asked or default, available)


def _questions(
    options: argparse.Namespace, vocabulary: "w2v.Vocabulary"
) -> Iterator[tuple[str, "w2v.AnalogySet"]]:
    """The sets of analogies to answer: those asked for, or Google's and our own."""
    for path in options.analogies:
        yield str(path), w2v.parse_analogies(path, vocabulary)
    if options.analogies:
        return

    sets = {
        "Google's analogies": w2v.datasets.load_google_analogies,
        "w2vlib's analogies": w2v.datasets.load_analogies,
    }
    for name, load in sets.items():
        try:
            yield name, load(vocabulary)
        except ValueError as error:  # no question is in the vocabulary
            _note(options, f"{name} left out: {error}")


def _scores(result: "w2v.AnalogyResult") -> dict[str, Any]:
    """How many questions were answered correctly, in all and by category."""
    analogies = result.analogies
    categories = {}
    for name, accuracy in result.by_category.items():
        members = analogies.category == analogies.categories.index(name)
        categories[name] = {
            "correct": int(result.correct[members].sum()),
            "questions": int(members.sum()),
            "accuracy": accuracy,
        }

    return {
        "correct": int(result.correct.sum()),
        "questions": len(analogies),
        "accuracy": result.accuracy,
        "out_of_vocabulary": analogies.out_of_vocabulary,
        "categories": categories,
    }


def _table(report: dict[str, Any]) -> str:
    """The report in four columns: the first aligned left, the numbers aligned right."""
    rows: list[tuple[str, str, str, str]] = []

    for name, scores in report["analogies"].items():
        rows.append((Path(name).name, "correct", "total", "%"))
        for topic, part in [*scores["categories"].items(), ("total", scores)]:
            share = f"{100 * part['accuracy']:.1f}"
            rows.append((f"  {topic}", f"{part['correct']:,}", f"{part['questions']:,}", share))
        rows.append(("  out of vocabulary", "", f"{scores['out_of_vocabulary']:,}", ""))

    for name, scores in report["similarities"].items():
        rows.append((Path(name).name, "", "pairs", "rho"))
        rows.append(("  similarity", "", f"{scores['pairs']:,}", f"{scores['correlation']:.3f}"))
        rows.append(("  out of vocabulary", "", f"{scores['out_of_vocabulary']:,}", ""))

    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _check_output(output: Path, inputs: Sequence[Path]) -> None:
    """Find out, before the work begins, whether its result can be written."""
    folder = output.parent
    if not folder.is_dir():
        raise FileNotFoundError(
            f"cannot write '{output}': the folder '{folder}' does not exist; create it first"
        )

    if output.is_dir() or not os.access(folder, os.W_OK):
        raise PermissionError(
            f"cannot write '{output}': it is a folder, or its folder may not be written to"
        )

    if output.resolve() in [path.resolve() for path in inputs]:
        raise ValueError(f"'{output}' would replace the input; give another name with -o")


def _progress(options: argparse.Namespace) -> bool:
    return sys.stderr.isatty() and not options.quiet


def _note(options: argparse.Namespace, message: str) -> None:
    if not options.quiet:
        print(f"w2v: {' '.join(message.split())}", file=sys.stderr)


def _finish(options: argparse.Namespace, message: str) -> None:
    if not options.quiet:
        print(message)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="w2v",
        description="Word vectors in closed form, from texts or co-occurrence counts.",
        epilog="`w2v COMMAND --help` lists the options of a command.",
    )

    version = f"w2v {w2v.__version__}"
    parser.add_argument("-V", "--version", action="version", version=version)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").rstrip(".")
        summary = text[0].lower() + text[1:]
        added = commands.add_parser(run.__name__, help=summary, description=f"{text}.")
        added.set_defaults(run=run, quiet=False)
        return added

    embed_options(command(embed))
    count_options(command(count))
    evaluate_options(command(evaluate))
    neighbors_options(command(neighbors))
    command(download).add_argument("name", choices=["text8"])
    return parser
