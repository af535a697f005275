#!/usr/bin/env python3
"""Count the co-occurrences that come with the package, from a text with one article per line.

    python tools/build_enwiki.py ARTICLES.txt.xz --half w2vlib/datasets/data/enwiki-3k-half.npz

The text itself never enters the project: only the list of its most frequent words and how often
they occur near each other.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import torch

import w2vlib as w2v

ROOT = Path(__file__).resolve().parents[1]
WORDS_OF_HALF = 3000


def main() -> None:
    """Read the articles, count, write the file, and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("articles", type=Path, help="UTF-8 text, one article per line; .xz etc.")
    parser.add_argument("--output", type=Path, default=ROOT / "w2vlib/datasets/data/enwiki-5k.npz")
    parser.add_argument("--half", type=Path, help="also count every other article, into this file")
    parser.add_argument("--words", type=int, default=5000, help="size of the vocabulary")
    parser.add_argument("--window", type=int, default=16)
    options = parser.parse_args()
    try:
        corpus = w2v.read_corpus(
            options.articles, max_vocabulary=options.words, normalizer="text8"
        )
        if len(corpus.vocabulary) < options.words:
            sys.exit(
                f"build_enwiki: '{options.articles}' has {len(corpus.vocabulary):,} words; "
                f"{options.words:,} are needed"
            )
        source = provenance(corpus, options)
        save(corpus, options.window, source, options.output)
        if options.half:
            first = every_other_article(corpus)
            which = f"The first, third, fifth, ... article, the first {WORDS_OF_HALF:,} words."
            source = f"{which} {source}"
            save(first, options.window, source, options.half, WORDS_OF_HALF)
    except (OSError, ValueError) as error:
        sys.exit(f"build_enwiki: {error}")


def every_other_article(corpus: w2v.Corpus) -> w2v.Corpus:
    """Keep the first, third, fifth, ... article; the words keep their numbers."""
    lengths = corpus.offsets.diff()
    kept = torch.arange(corpus.documents) % 2 == 0
    tokens = corpus.tokens[kept.repeat_interleave(lengths)]
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), lengths[kept].cumsum(0)])
    size = len(corpus.vocabulary)
    vocabulary = w2v.Vocabulary(corpus.vocabulary.words, tokens.bincount(minlength=size))
    return w2v.Corpus(tokens, offsets, vocabulary)


def save(
    corpus: w2v.Corpus, window: int, source: str, output: Path, at_most: int | None = None
) -> None:
    """Count, keep the first `at_most` words, write the file, and say what is in it."""
    counts = w2v.count_cooccurrences(corpus, window=window, source=source, progress=True)
    counts = w2v.restrict_cooccurrence(counts, min(at_most or len(counts), len(counts)))
    w2v.save_cooccurrence(counts, output)
    print(counts, f"{output.stat().st_size:,} bytes in {output}", sep="\n")


def provenance(corpus: w2v.Corpus, options: argparse.Namespace) -> str:
    """Say where counts are from and how they were made."""
    words, window = options.words, options.window
    rarest = corpus.vocabulary.known_counts("to name the rarest").min()
    return (
        f"Counts of word pairs in {corpus.documents:,} articles of the English Wikipedia, early "
        "2019 or before, by the English Wikipedia contributors, CC BY-SA 3.0 "
        "(https://creativecommons.org/licenses/by-sa/3.0/). "
        f"The {words:,} most frequent words, {len(corpus):,} tokens, the rarest word "
        f"{int(rarest):,} times; lower case, a-z; window {window} on each side with "
        f"weights {window}, ..., 1; articles separate. "
        f"SHA-256 of the text file: {hashlib.sha256(options.articles.read_bytes()).hexdigest()}."
    )


if __name__ == "__main__":
    main()
