"""The options of the command `w2v`, their defaults, and what they mean."""

import argparse
import math
from pathlib import Path
from typing import Any

__all__ = [
    "COUNTING",
    "DIM",
    "READING",
    "WEIGHING",
    "WORDS",
    "analogy_options",
    "common_options",
    "count_options",
    "embed_options",
    "evaluate_options",
    "export_options",
    "given",
    "neighbors_options",
    "phrases_options",
    "plot_options",
    "settings",
]

_FIGURES = (".svg", ".pdf", ".png")

WORDS, DIM = 10_000, 200  # the defaults, if there are that many words
# Absent unless they are given, so that `given` can tell; `settings` fills in these defaults.
READING: dict[str, Any] = {
    "column": None,
    "documents": "lines",
    "min_count": 1,
    "normalizer": "unicode",
    "errors": "drop",
}
COUNTING: dict[str, Any] = {"window": 16, "weighting": "linear"}
WEIGHING: dict[str, Any] = {"negatives": 1.0, "exponent": 0.75, "sample": None}


def settings(options: argparse.Namespace, defaults: dict[str, Any]) -> dict[str, Any]:
    """The settings given on the command line, and `defaults` for the rest."""
    return {name: getattr(options, name, default) for name, default in defaults.items()}


def given(options: argparse.Namespace, *names: str) -> str:
    """Those of the options `names` that were given, as they are written."""
    return ", ".join(_flag(name) for name in names if hasattr(options, name))


def embed_options(parser: argparse.ArgumentParser) -> None:
    """The options of `w2v embed`."""
    parser.description = (
        "Turn texts (or one .npz file of counts) into word vectors: the closed form of word2vec's "
        "quartic approximation, with pairs weighted as word2vec weighs them. A tenth of the "
        "dimensions come from negative eigenvalues, but not from the lowest one."
    )

    add = parser.add_argument
    add(
        *("-o", "--output"),
        type=_vectors,
        default=Path("vectors.txt"),
        metavar="FILE",
        help=".txt or .vec (text), .bin (binary), possibly with .gz; replaced if it is there "
        "(default: vectors.txt)",
    )
    add("--counts", type=_npz, metavar="FILE", help="also write the counts to this .npz file")
    dim = f"dimensions of a vector (default: {DIM}, or the number of words if smaller)"
    add("--dim", type=_positive_int, metavar="N", help=dim)

    _text_options(parser)

    # How the pairs weigh.
    negatives = "negative pairs for each positive pair"
    _setting(parser, "negatives", negatives, type=_positive, metavar="K")
    exponent = "exponent of the words' frequencies in the noise distribution"
    _setting(parser, "exponent", exponent, type=float, metavar="X")
    sample = "threshold of subsampling, such as 1e-3, or none"
    _setting(parser, "sample", sample, type=_threshold, metavar="T")
    add(
        "--unweighted",
        action="store_true",
        help="let all pairs weigh the same, positive eigenvalues only (Theorem 1)",
    )

    refine = (
        "then minimize word2vec's own loss from there, in N steps over all pairs (default: 0; for "
        "10,000 words 20 double the time, which grows as the square of the number of words)"
    )
    add("--refine", type=_whole_number, default=0, metavar="N", help=refine)

    tolerance = "largest residual accepted, as a share of the largest eigenvalue (default: 1e-3)"
    add("--tolerance", type=_positive, default=1e-3, metavar="X", help=tolerance)
    add("--seed", type=int, default=0, metavar="N", help="seed of the solver's start (default: 0)")


def count_options(parser: argparse.ArgumentParser) -> None:
    """The options of `w2v count`."""
    parser.add_argument(
        *("-o", "--output"),
        type=_npz,
        default=Path("counts.npz"),
        metavar="FILE",
        help=".npz file (default: counts.npz)",
    )
    _text_options(parser)


def phrases_options(parser: argparse.ArgumentParser) -> None:
    """The options of `w2v phrases`."""
    parser.description = (
        "Join pairs of words that follow each other more often than by chance, such as new_york, "
        "and write the text, one document per line, for `w2v embed`. A pair is a phrase if its "
        "score, (n_ab - N) / (n_a n_b) times the number of words, is above the threshold; N is "
        "--min-count."
    )
    add = parser.add_argument
    texts = "files, folders, or -, as for `w2v embed`"
    add("texts", type=Path, nargs="*", metavar="text", help=texts)
    output = "text file, possibly with .gz (default: phrases.txt)"
    add(*("-o", "--output"), type=Path, default=Path("phrases.txt"), metavar="FILE", help=output)
    count = "join only pairs that occur more often than this (default: 5)"
    add("--min-count", type=_positive_int, default=5, metavar="N", help=count)
    threshold = "score above which a pair is a phrase (default: 100)"
    add("--threshold", type=_positive, default=100.0, metavar="X", help=threshold)
    passes = "how often to join; 2 makes phrases of up to four words (default: 1)"
    add("--passes", type=_positive_int, default=1, metavar="N", help=passes)
    _reading_options(parser)


def common_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that reads or writes."""
    add = parser.add_argument
    add("--quiet", action="store_true", help="print nothing but results and errors")
    add("--strict", action="store_true", help="make warnings errors")


def evaluate_options(parser: argparse.ArgumentParser) -> None:
    """The options of `w2v evaluate`."""
    add = parser.add_argument
    _vectors_argument(parser)

    several: dict[str, Any] = {"type": Path, "action": "append", "metavar": "FILE"}
    questions = (
        "questions 'a b c d' or pairs 'a b', with or without lines ': category': a file, or a "
        "folder such as BATS's; may be repeated (default: Google's and w2vlib's)"
    )
    add("--analogies", **several, default=[], help=questions)
    pairs = "table of word pairs with scores, as published; may be repeated (default: none)"
    add("--similarities", **several, default=[], help=pairs)

    _method(parser)
    add("--json", action="store_true", help="print JSON instead of a table")


def neighbors_options(parser: argparse.ArgumentParser) -> None:
    """The options of `w2v neighbors`."""
    _vectors_argument(parser)
    parser.add_argument("words", nargs="+", metavar="word", help="word of the vocabulary")
    k = "number of neighbors of each word (default: 10, or all others if fewer)"
    parser.add_argument("-k", type=_positive_int, metavar="N", help=k)


def analogy_options(parser: argparse.ArgumentParser) -> None:
    """The options of `w2v analogy`."""
    add = parser.add_argument
    _vectors_argument(parser)
    add("a", help="word; `w2v analogy v.txt man king woman` asks: man is to king as woman is to?")
    add("b", help="word that a is to")
    add("c", help="word whose counterpart is asked for")
    k = "number of answers (default: 10, or all other words if fewer)"
    add("-k", type=_positive_int, metavar="N", help=k)
    _method(parser)


def plot_options(parser: argparse.ArgumentParser) -> None:
    """The options of `w2v plot`."""
    add = parser.add_argument
    _vectors_argument(parser)
    add("--words", nargs="+", required=True, metavar="word", help="two words or more")
    output = f"{', '.join(_FIGURES[:-1])} or {_FIGURES[-1]} (default: map.svg)"
    add(*("-o", "--output"), type=_figure, default=Path("map.svg"), metavar="FILE", help=output)


def export_options(parser: argparse.ArgumentParser) -> None:
    """The options of `w2v export`."""
    _vectors_argument(parser)
    output = "folder for vectors.tsv and metadata.tsv (default: projector)"
    default = Path("projector")
    parser.add_argument(*("-o", "--output"), type=Path, default=default, metavar="D", help=output)


def _method(parser: argparse.ArgumentParser) -> None:
    method = "3CosAdd or 3CosMul (default: add)"
    parser.add_argument("--method", choices=["add", "mul"], default="add", help=method)


def _text_options(parser: argparse.ArgumentParser) -> None:
    """The options that `embed` and `count` share."""
    add = parser.add_argument
    texts = (
        "files, folders, or - for standard input: text in UTF-8, plain, .gz, .bz2, .xz or .zip, "
        "or a table (.csv, .tsv, .jsonl, .parquet; see --column); several are one text. Or one "
        ".npz file of counts"
    )
    add("texts", type=Path, nargs="*", metavar="text", help=texts)

    vocab = f"number of words, the most frequent ones, or all if fewer (default: {WORDS})"
    add("--vocab", type=_positive_int, metavar="N", help=vocab)
    min_count = "drop words that occur less often than this"
    _setting(parser, "min_count", min_count, type=_positive_int, metavar="N")
    _reading_options(parser)

    # Which pairs count, and how much.
    window = "largest distance between the two words of a pair"
    _setting(parser, "window", window, type=_positive_int, metavar="N")
    weighting = "weight of a pair by distance; linear is word2vec's dynamic window"
    _setting(parser, "weighting", weighting, choices=["uniform", "linear", "harmonic"])

    device = "auto, cpu or cuda (default: auto, which takes a GPU if there is one)"
    add("--device", default="auto", help=device)


def _reading_options(parser: argparse.ArgumentParser) -> None:
    """How bytes become documents and words."""
    column = "column of a table that holds the text; each cell is a document"
    _setting(parser, "column", column, metavar="NAME")
    documents = "what a document is, within which pairs count; paragraphs lie between blank lines"
    _setting(parser, "documents", documents, choices=["lines", "paragraphs", "files"])
    normalizer = (
        "unicode: lower case, letters, marks and digits of any script; text8: lower case, a to z "
        "only; whitespace: words as they are"
    )
    _setting(parser, "normalizer", normalizer, choices=["unicode", "text8", "whitespace"])
    errors = (
        "words with bytes that are not UTF-8: drop them (if they are few), refuse the text, or "
        "replace the bytes"
    )
    _setting(parser, "errors", errors, choices=["drop", "strict", "replace"])


def _vectors_argument(parser: argparse.ArgumentParser) -> None:
    vectors = "file of word vectors: word2vec's, GloVe's or fastText's, compressed or not"
    parser.add_argument("vectors", type=Path, help=vectors)
    limit = "read only the first N words, which are the most frequent (default: all)"
    parser.add_argument("--limit", type=_positive_int, metavar="N", help=limit)


def _setting(
    parser: argparse.ArgumentParser,
    name: str,
    text: str,
    **options: Any,  # noqa: ANN401
) -> None:
    value = {**READING, **COUNTING, **WEIGHING}[name]
    stated = "none" if value is None else f"{value:g}" if isinstance(value, float) else value
    text = f"{text} (default: {stated})"
    parser.add_argument(_flag(name), default=argparse.SUPPRESS, help=text, **options)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _positive_int(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"must be a positive whole number; got {text!r}")
    return int(text)


def _whole_number(text: str) -> int:
    return 0 if text == "0" else _positive_int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be a positive number; got {text!r}")
    return value


def _threshold(text: str) -> float | None:
    return None if text == "none" else _positive(text)


def _npz(text: str) -> Path:
    if not text.endswith(".npz"):
        raise argparse.ArgumentTypeError(f"must end in .npz; got {text!r}")
    return Path(text)


def _vectors(text: str) -> Path:
    from w2vlib.vectors._writing import is_binary

    try:
        is_binary(Path(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return Path(text)


def _figure(text: str) -> Path:
    if not text.endswith(_FIGURES):
        raise argparse.ArgumentTypeError(f"must end in one of {' '.join(_FIGURES)}; got {text!r}")
    return Path(text)
