#!/usr/bin/env python3
"""Count the co-occurrences that come with the package, from a text with one article per line.

    python tools/build_enwiki.py ARTICLES.txt.xz

The text itself never enters the project: only the list of its most frequent words and how often
they stand near each other.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import w2vlib as w2v

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Read the articles, count, write the file, and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("articles", type=Path, help="UTF-8 text, one article per line; .xz etc.")
    parser.add_argument("--output", type=Path, default=ROOT / "w2vlib/data/enwiki-5k.npz")
    parser.add_argument("--words", type=int, default=5000, help="size of the vocabulary")
    parser.add_argument("--window", type=int, default=16)
    options = parser.parse_args()
    try:
        counts = build(options.articles, options.words, options.window)
        w2v.save_cooccurrence(counts, options.output)
    except (OSError, ValueError) as error:
        sys.exit(f"build_enwiki: {error}")
    print(counts, f"{options.output.stat().st_size:,} bytes in {options.output}", sep="\n")


def build(articles: Path, words: int, window: int) -> w2v.Cooccurrence:
    """Count co-occurrences of the `words` most frequent words, and note where they are from."""
    corpus = w2v.read_corpus(articles, max_vocabulary=words)
    source = (
        f"Counts of word pairs in {corpus.documents:,} articles of the English Wikipedia, early "
        "2019 or before, by the English Wikipedia contributors, CC BY-SA 3.0 "
        "(https://creativecommons.org/licenses/by-sa/3.0/). "
        f"The {words:,} most frequent words, {len(corpus):,} tokens, the rarest word "
        f"{int(corpus.vocabulary.counts[-1]):,} times; lower case, a-z; window {window} on each "
        f"side with weights {window}, ..., 1; articles separate. "
        f"SHA-256 of the text file: {hashlib.sha256(articles.read_bytes()).hexdigest()}."
    )
    return w2v.count_cooccurrences(corpus, window=window, source=source, progress=True)


if __name__ == "__main__":
    main()
