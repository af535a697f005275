"""The commands that ask word vectors: `evaluate`, `neighbors`, `analogy`, `plot`, `export`."""

import argparse
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import w2vlib as w2v
from w2vlib._files import replacing
from w2vlib.commands._messages import check_output, check_strict, finish, note
from w2vlib.text.facts import warn
from w2vlib.vector_files import folder_to_make

__all__ = ["analogy", "evaluate", "export", "neighbors", "plot"]


def evaluate(options: argparse.Namespace) -> None:
    """Score word vectors by analogies and word similarity."""
    embedding = _loaded(options)
    report: dict[str, Any] = {"analogies": {}, "similarities": {}}

    for path in options.similarities:
        pairs = w2v.parse_similarities(path, embedding.vocabulary)
        report["similarities"][str(path)] = {
            "correlation": w2v.evaluate_similarity(embedding, pairs).correlation,
            "pairs": len(pairs),
            "out_of_vocabulary": pairs.out_of_vocabulary,
            "other_case": pairs.other_case,
        }

    for name, analogies in _questions(options, embedding.vocabulary):
        asked = len(analogies) + analogies.out_of_vocabulary
        if not options.analogies and len(analogies) < asked / 100:
            note(
                options,
                f"the vectors have all words of only {len(analogies):,} of {asked:,} questions of "
                f"{name}, which are in English; --analogies FILE asks others",
            )
        result = w2v.solve_analogies(embedding, analogies, method=options.method)
        report["analogies"][name] = _scores(result)

    if not any(report.values()):
        raise ValueError(f"nothing to evaluate '{options.vectors}' with: give --similarities FILE")
    check_strict(options)
    print(json.dumps(report, indent=1) if options.json else _table(report))


def neighbors(options: argparse.Namespace) -> None:
    """List the words nearest to some words, with their cosines."""
    embedding = _loaded(options)
    known = _known(options, embedding.vocabulary)
    check_strict(options)
    found = w2v.nearest_neighbors(embedding, known, k=options.k)
    for word, nearest in zip(known, found, strict=True):
        for other, cosine in nearest:
            print(f"{word}\t{other}\t{cosine:.4f}")


def analogy(options: argparse.Namespace) -> None:
    """Answer "a is to b as c is to which word?", the best answers first."""
    embedding = _loaded(options)
    question = (options.a, options.b, options.c)
    a, b, c = (_spelled(word, embedding.vocabulary) for word in question)
    check_strict(options)
    for word, score in w2v.analogy(embedding, a, b, c, k=options.k, method=options.method):
        print(f"{word}\t{score:.4f}")


def plot(options: argparse.Namespace) -> None:
    """Draw some words in the plane in which their unit vectors vary most."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # the weights of fonts
    check_output(options.output)
    embedding = _loaded(options)
    words = list(dict.fromkeys(_known(options, embedding.vocabulary)))
    if len(words) < 2:
        raise ValueError(f"--words must name at least two words to draw; got {words}")
    if embedding.dim < 2:
        raise ValueError(f"the vectors of '{options.vectors}' have one dimension, and no plane")
    as_text = options.output.suffix == ".svg"  # the viewer has the fonts
    missing = "" if as_text else w2v.plotting.missing_letters(words)
    if missing:
        warn(
            f"no font of this computer has the letters {missing[:20]!r}: install one, such as "
            "Noto Sans CJK for Chinese, or write an .svg"
        )
    check_strict(options)

    most = min(embedding.dim, len(words))
    coordinates = w2v.principal_coordinates(embedding, words, count=most)
    shares = coordinates.square().sum(dim=0) / coordinates.square().sum()
    with (
        warnings.catch_warnings(),
        mpl.rc_context({"svg.fonttype": "none"}),
        replacing(options.output) as temporary,
    ):
        warnings.filterwarnings("ignore", "Glyph")  # said above, and no fault of an .svg
        figure = Figure(figsize=(8, 6), layout="constrained")
        ax = w2v.plotting.plot_words(coordinates[:, :2], words, ax=figure.subplots())
        ax.set(xlabel="first principal axis", ylabel="second principal axis")
        ax.spines[["top", "right"]].set_visible(False)
        figure.savefig(temporary, format=options.output.suffix.removeprefix("."), dpi=200)
    shown = f"the plane holds {100 * float(shares[:2].sum()):.0f} % of their variance"
    finish(options, f"{options.output}: {len(words)} words; {shown}")


def export(options: argparse.Namespace) -> None:
    """Write the two files of TensorBoard's Embedding Projector."""
    folder_to_make(options.output)  # refused before the work
    embedding = _loaded(options)
    check_strict(options)
    vectors, metadata = w2v.save_for_projector(embedding, options.output)
    load = "load both at projector.tensorflow.org, or in TensorBoard"
    finish(options, f"{vectors} and {metadata}: {load}")


def _loaded(options: argparse.Namespace) -> "w2v.Embedding":
    return w2v.load_embedding(options.vectors, limit=options.limit)


def _known(options: argparse.Namespace, vocabulary: "w2v.Vocabulary") -> list[str]:
    """Those of the words that are known, as the vocabulary writes them."""
    if len(options.words) == 1:
        return [_spelled(options.words[0], vocabulary)]
    known = []
    for word in options.words:
        number = vocabulary.find(word)
        if number >= 0:
            known.append(vocabulary.words[number])
        else:
            warn(f"{vocabulary.missing(word)} It is left out")
    if not known:
        raise ValueError(f"none of the words is in the vocabulary of '{options.vectors}'")
    return known


def _spelled(word: str, vocabulary: "w2v.Vocabulary") -> str:
    """A word as the vocabulary writes it; if it has none, the error says which are similar."""
    number = vocabulary.find(word)
    return vocabulary.words[vocabulary.number(word) if number < 0 else number]


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
            note(options, f"{name} left out: {error}")


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
        "other_case": analogies.other_case,
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
        if scores["other_case"]:
            rows.append(("  found in another case", "", f"{scores['other_case']:,}", ""))

    for name, scores in report["similarities"].items():
        rows.append((Path(name).name, "", "pairs", "rho"))
        rows.append(("  similarity", "", f"{scores['pairs']:,}", f"{scores['correlation']:.3f}"))
        rows.append(("  out of vocabulary", "", f"{scores['out_of_vocabulary']:,}", ""))
        if scores["other_case"]:
            rows.append(("  found in another case", "", f"{scores['other_case']:,}", ""))

    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
