"""The command `w2v`: a text file in, word vectors out."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import w2vlib as w2v
from w2vlib import datasets

__all__ = ["main"]

_WORDS, _DIM = 10_000, 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: What stands after ``w2v`` on the command line; None takes it from there.

    Returns:
        The exit code: 0, 1 if the data or a file were at fault, 130 if interrupted. Wrong usage
        exits with 2.
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except KeyboardInterrupt:
        print("w2v: interrupted", file=sys.stderr)
        return 130
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, MemoryError) as error:
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"w2v: error: {' '.join(str(message).split()) or repr(error)}", file=sys.stderr)
        return 1
    return 0


def embed(options: argparse.Namespace) -> None:
    """Texts or counts to word vectors."""
    start = time.perf_counter()
    _check_folder(options.output, options.counts)
    if options.output.suffix != ".gz" and options.output.suffix not in (".txt", ".vec", ".bin"):
        raise ValueError(f"'{options.output}' must end in .txt, .vec or .bin, possibly with .gz")
    counts = _counts(options)
    if options.counts is not None:
        w2v.save_cooccurrence(counts, options.counts)
    dim = _at_most(options, "dim", _DIM, len(counts))
    if options.unweighted:
        reweighting = w2v.uniform_reweighting(counts)
    else:
        reweighting = w2v.word2vec_reweighting(
            counts, negatives=options.negatives, exponent=options.exponent, sample=options.sample
        )
    weights = w2v.rank_one_weights(counts, reweighting)
    operator = w2v.qwem_operator(counts, reweighting, weights=weights, device=options.device)
    spectrum = w2v.top_eigenpairs(
        operator, dim, tolerance=options.tolerance, seed=options.seed, progress=_progress(options)
    )
    embedding = w2v.spectral_embedding(spectrum, counts.vocabulary, weights=weights)
    w2v.save_embedding(embedding, options.output)
    seconds = time.perf_counter() - start
    _say(
        options,
        f"{options.output}: {len(embedding):,} words, {dim} dimensions, {seconds:.1f} s",
    )


def count(options: argparse.Namespace) -> None:
    """Texts to co-occurrence counts."""
    _check_folder(options.output)
    counts = _counts(options)
    w2v.save_cooccurrence(counts, options.output)
    _say(options, f"{options.output}: {counts}")


def evaluate(options: argparse.Namespace) -> None:
    """Analogies and word similarity."""
    embedding = w2v.load_embedding(options.vectors)
    report: dict[str, Any] = {}
    for name, analogies in _questions(options, embedding.vocabulary):
        result = w2v.solve_analogies(embedding, analogies, method=options.method)
        report[name] = {
            "accuracy": result.accuracy,
            "correct": int(result.correct.sum()),
            "questions": len(analogies),
            "out_of_vocabulary": analogies.out_of_vocabulary,
            "by_category": result.by_category,
        }
    if options.similarities is not None:
        pairs = w2v.parse_similarities(options.similarities, embedding.vocabulary)
        report[str(options.similarities)] = {
            "correlation": w2v.evaluate_similarity(embedding, pairs).correlation,
            "pairs": len(pairs),
            "out_of_vocabulary": pairs.out_of_vocabulary,
        }
    print(json.dumps(report, indent=1) if options.json else _table(report))


def neighbors(options: argparse.Namespace) -> None:
    """The words nearest to some words."""
    embedding = w2v.load_embedding(options.vectors)
    found = w2v.nearest_neighbors(embedding, options.words, k=options.k)
    for word, nearest in zip(options.words, found, strict=True):
        print(f"{word}: " + ", ".join(f"{other} {cosine:.2f}" for other, cosine in nearest))


def download(options: argparse.Namespace) -> None:
    """Fetch data once, checked."""
    fetch = {"google-analogies": datasets.google_analogies_path, "text8": datasets.fetch_text8}
    print(fetch[options.name]())


def _counts(options: argparse.Namespace) -> w2v.Cooccurrence:
    """The counts in a file of counts, or those of the texts, added up."""
    progress = _progress(options)
    if options.texts[0].suffix == ".npz":
        if len(options.texts) > 1:
            raise ValueError("give one file of counts, or texts")
        counts = w2v.load_cooccurrence(options.texts[0])
        if options.vocab is None:
            return counts
        return w2v.restrict_vocabulary(counts, options.vocab)

    read = partial(
        w2v.read_corpus, normalizer=options.normalizer, errors=options.errors, progress=progress
    )
    count = partial(
        w2v.count_cooccurrences,
        window=options.window,
        weighting=options.weighting,
        source=f"window {options.window}, {options.weighting} weights",
        progress=progress,
    )
    if len(options.texts) == 1:
        corpus = read(options.texts[0], min_count=options.min_count)
        available = len(corpus.vocabulary)
        size = _at_most(options, "vocab", _WORDS, available)
        return count(w2v.restrict_corpus(corpus, size))
    # Twice through the texts, so that only one of them is in memory at any time.
    merged = w2v.merge_vocabularies(
        (read(path).vocabulary for path in options.texts), min_count=options.min_count
    )
    size = _at_most(options, "vocab", _WORDS, len(merged))
    shared = w2v.merge_vocabularies([merged], max_size=size)
    return w2v.merge_cooccurrences(count(read(path, vocabulary=shared)) for path in options.texts)


def _at_most(options: argparse.Namespace, name: str, default: int, available: int) -> int:
    """The number asked for, or the default, or (not asked) what there is."""
    asked: int | None = getattr(options, name)
    if asked is not None and asked > available:
        raise ValueError(f"--{name} {asked:,} is more than the {available:,} words there are")
    if asked is None and available < default:
        _say(options, f"only {available:,} words: --{name} is {available:,}, not {default:,}")
    return min(asked or default, available)


def _questions(
    options: argparse.Namespace, vocabulary: w2v.Vocabulary
) -> Iterator[tuple[str, w2v.AnalogySet]]:
    """The sets of analogies to answer: those asked for, or Google's and our own."""
    if options.analogies is not None:
        yield str(options.analogies), w2v.parse_analogies(options.analogies, vocabulary)
        return
    sets = {
        "Google analogies": datasets.fetch_google_analogies,
        "our own analogies": datasets.load_analogies,
    }
    for name, load in sets.items():
        try:
            yield name, load(vocabulary)
        except (ConnectionError, ValueError) as error:  # no network, or no question in the words
            print(f"w2v: {name} left out: {error}", file=sys.stderr)


def _table(report: dict[str, Any]) -> str:
    lines = []
    for name, row in report.items():
        missing = f"{row['out_of_vocabulary']:,} out of vocabulary"
        if "correlation" in row:
            pairs = f"{row['pairs']:,} pairs; {missing}"
            lines.append(f"{row['correlation']:7.3f}  {name} (Spearman's rho), {pairs}")
            continue
        questions = f"{row['correct']:,} of {row['questions']:,}; {missing}"
        lines.append(f"{row['accuracy']:7.1%}  {name}, {questions}")
        lines += [f"{share:11.1%}  {topic}" for topic, share in row["by_category"].items()]
    return "\n".join(lines)


def _check_folder(*paths: Path | None) -> None:
    """Find out before the work whether its result can be written."""
    for path in paths:
        if path is not None and not path.parent.is_dir():
            raise FileNotFoundError(
                f"cannot write '{path}': the folder '{path.parent}' does not exist; "
                "create it first"
            )


def _progress(options: argparse.Namespace) -> bool:
    return sys.stderr.isatty() and not options.quiet


def _say(options: argparse.Namespace, message: str) -> None:
    if not options.quiet:
        print(message, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="w2v",
        description="Word vectors in closed form, from text or co-occurrence counts.",
        epilog="`w2v COMMAND --help` lists the options of a command.",
    )
    parser.add_argument("--version", action="version", version=f"w2v {w2v.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").rstrip(".")
        added = commands.add_parser(
            run.__name__,
            help=text[0].lower() + text[1:],
            description=text + ".",
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        added.set_defaults(run=run, quiet=False)
        return added

    _embed_options(command(embed))
    _count_options(command(count))
    _evaluate_options(command(evaluate))
    found = command(neighbors)
    found.add_argument("vectors", type=Path, help="word vectors in a format of word2vec")
    found.add_argument("words", nargs="+", metavar="word")
    found.add_argument("-k", type=int, default=10, help="how many neighbors of each word")
    fetched = command(download)
    fetched.add_argument("name", choices=["google-analogies", "text8"])
    return parser


def _text_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        *("texts",),
        type=Path,
        nargs="+",
        metavar="text",
        help="UTF-8, one document per line; plain, .gz, .bz2, .xz or .zip; several are added up",
    )
    add("--vocab", type=int, help=f"how many of the most frequent words (default: {_WORDS:,})")
    add("--min-count", type=int, default=1, help="drop words that occur less often")
    add("--window", type=int, default=16, help="largest distance of two words of a pair")
    add(
        "--weighting",
        choices=["uniform", "linear", "harmonic"],
        default="linear",
        help="weight of a pair by its distance; linear is word2vec's dynamic window",
    )
    add(
        "--normalizer",
        choices=["text8", "whitespace"],
        default="text8",
        help="text8: lower case, a-z only; whitespace: words as they stand between spaces",
    )
    add(
        "--errors",
        choices=["strict", "replace"],
        default="strict",
        help="what to do with bytes that are not UTF-8",
    )
    add("--quiet", action="store_true", help="print nothing but errors")


def _embed_options(parser: argparse.ArgumentParser) -> None:
    _text_options(parser)
    parser.description = (
        "Texts (or one .npz file of `w2v count`) to word vectors: the closed form of word2vec's "
        "quadratic approximation, weighted as word2vec weighs its pairs."
    )
    add = parser.add_argument
    add(
        *("-o", "--output"),
        type=Path,
        default=Path("vectors.txt"),
        help=".txt, .vec (text) or .bin (binary format of word2vec), possibly with .gz",
    )
    add("--dim", type=int, help=f"dimensions of a vector (default: {_DIM})")
    add("--negatives", type=float, default=1.0, help="negative pairs for each positive pair")
    add("--exponent", type=float, default=0.75, help="of the noise distribution")
    add("--sample", type=float, help="threshold of subsampling, such as 1e-3 (default: none)")
    add("--unweighted", action="store_true", help="all pairs count the same (Theorem 1)")
    add("--counts", type=Path, help="also write the co-occurrence counts to this .npz file")
    add("--device", default="auto", help="auto, cpu or cuda")
    add("--tolerance", type=float, default=1e-3, help="residual accepted, relative to the largest")
    add("--seed", type=int, default=0, help="of the solver's random start")


def _count_options(parser: argparse.ArgumentParser) -> None:
    _text_options(parser)
    parser.add_argument("-o", "--output", type=Path, default=Path("counts.npz"), help=".npz file")


def _evaluate_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("vectors", type=Path, help="word vectors in a format of word2vec (.txt, .vec, .bin)")
    add("--analogies", type=Path, help="questions 'a b c d' (default: Google's and our own)")
    add("--similarities", type=Path, help="lines 'word word score', such as WordSim-353")
    add("--method", choices=["add", "mul"], default="add", help="3CosAdd or 3CosMul")
    add("--json", action="store_true", help="print JSON")
