"""The commands that ask word vectors: `evaluate`, `neighbors`, `analogy`, `plot`, `export`."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import w2vlib as w2v
from w2vlib.commands._messages import check_strict, note
from w2vlib.text.facts import warn

__all__ = ["evaluate", "neighbors"]


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
            "other_case": pairs.other_case,
        }

    for name, analogies in _questions(options, embedding.vocabulary):
        result = w2v.solve_analogies(embedding, analogies, method=options.method)
        report["analogies"][name] = _scores(result)

    if not any(report.values()):
        raise ValueError(f"nothing to evaluate '{options.vectors}' with: give --similarities FILE")
    check_strict(options)
    print(json.dumps(report, indent=1) if options.json else _table(report))


def neighbors(options: argparse.Namespace) -> None:
    """List the words nearest to some words, with their cosines."""
    embedding = w2v.load_embedding(options.vectors)
    k = options.k or max(1, min(10, len(embedding) - 1))
    vocabulary = embedding.vocabulary
    known = []
    for word in options.words:
        number = vocabulary.find(word)
        if number >= 0:
            known.append(vocabulary.words[number])
        elif len(options.words) == 1:
            vocabulary.number(word)  # says which words are similar
        else:
            warn(f"{word!r} is not among the {len(vocabulary):,} words, and is left out")
    if not known:
        raise ValueError(f"none of the words is in the vocabulary of '{options.vectors}'")
    check_strict(options)
    found = w2v.nearest_neighbors(embedding, known, k=k)
    for word, nearest in zip(known, found, strict=True):
        for other, cosine in nearest:
            print(f"{word}\t{other}\t{cosine:.4f}")


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
