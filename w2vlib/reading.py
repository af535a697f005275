"""A text in, token numbers out: files, folders, pipes, tables, or strings in memory."""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO, Literal

import numpy as np
import torch

from w2vlib.corpus import Corpus
from w2vlib.text._normalizers import NAMES, Normalizer, split_line
from w2vlib.text._numbering import Errors, Numbered, number_sources
from w2vlib.text._sources import Source, sources_of
from w2vlib.text._strings import stream_of
from w2vlib.text._totals import Totals
from w2vlib.text.facts import Reading, warn_of
from w2vlib.vocabulary import Vocabulary, most_frequent

__all__ = ["read_corpus", "read_texts", "tokenize"]

Documents = Literal["lines", "paragraphs", "files"]

_SOME = 0.05  # the share of a text in scripts without spaces that is worth a word


def tokenize(
    text: str, normalizer: Literal["unicode", "text8", "whitespace"] = "unicode"
) -> list[str]:
    """Split a text into words, as :func:`read_corpus` does.

    Args:
        text: Any text.
        normalizer: What a word is; see :func:`read_corpus`.

    Raises:
        ValueError: There is no such normalizer.

    >>> tokenize("The cat's 9 lives.")
    ['the', "cat's", '9', 'lives']
    >>> tokenize("The cat's 9 lives.", "text8")
    ['the', 'cat', 's', 'lives']
    """
    if not isinstance(text, str):
        raise ValueError(f"`text` must be a string; got {text!r:.40}")
    if normalizer not in NAMES:
        raise ValueError(f"`normalizer` must be one of {', '.join(NAMES)}; got {normalizer!r}")
    return split_line(text, normalizer)


def read_corpus(
    source: str | Path | IO[bytes] | Iterable[str | Path],
    *,
    column: str | None = None,
    documents: Documents = "lines",
    max_vocabulary: int | None = None,
    min_count: int = 1,
    vocabulary: Vocabulary | None = None,
    normalizer: Normalizer = "unicode",
    errors: Errors = "drop",
    progress: bool = False,
) -> Corpus:
    """Read a text, normalize it, and number its words.

    The text is never in memory as a whole, whether it has many lines or, like the text8 corpus,
    a single one; the numbers of its words are.

    Args:
        source: The text in UTF-8: a file, plain or compressed (``.gz``, ``.bz2``, ``.xz``, or a
            ``.zip`` with one file in it); a table (``.csv``, ``.tsv``, ``.jsonl``, ``.parquet``,
            the first four possibly compressed); a folder, of which all files are read; several of
            these; or a file open in binary mode, such as ``sys.stdin.buffer``.
        column: The name of the column of a table that holds the text; each cell is a document.
        documents: What a document is; pairs of words are counted within documents. ``"lines"``:
            each line; ``"paragraphs"``: what blank lines divide, for text wrapped into short
            lines; ``"files"``: each file.
        max_vocabulary: Keep the most frequent words, at most this many; None keeps all.
        min_count: Drop words that occur less often than this.
        vocabulary: Number the words by this vocabulary, made from another text or from many (see
            :func:`merge_vocabularies`), instead of by their frequency in this one. If its counts
            are unknown, they are those of this text.
        normalizer: What a word is. ``"unicode"``: letters, marks and digits of any script, in
            lower case and in Unicode's form NFC; apostrophes, hyphens and underscores within a
            word belong to it. ``"text8"``: lower case, runs of the letters a to z.
            ``"whitespace"``: what is between the white space of ASCII (space, tab, line feed,
            carriage return, vertical tab, form feed), unchanged, for texts that are tokenized
            already. Or a function from a line (a string without its end) to its words, which is
            slower and holds whole lines in memory.
        errors: What to do with words that hold bytes that are not UTF-8. ``"drop"`` leaves them
            out with a warning, and refuses a text in which they are more than one in a hundred;
            ``"strict"`` refuses the first; ``"replace"`` reads such bytes as the replacement
            character, U+FFFD.
        progress: Whether to show a progress bar.

    Returns:
        One document for each line, paragraph, file or cell that holds a word, in the vocabulary
        or not. A line ends with a line feed. Its attribute ``reading`` says what was read, kept
        and dropped.

    Warns:
        DataWarning: What was dropped would mislead, or the text is not what it seems to be.

    Raises:
        FileNotFoundError: There is no file at one of the paths.
        ValueError: A file is damaged, not UTF-8, or a table without the column; there is no word;
            or arguments contradict each other. One of several files that is no text or holds no
            word is left out, with a warning.
    """
    _check(vocabulary, max_vocabulary, min_count, normalizer)
    if documents not in ("lines", "paragraphs", "files"):
        raise ValueError(
            f"`documents` must be 'lines', 'paragraphs' or 'files'; got {documents!r}"
        )
    if errors not in ("drop", "strict", "replace"):
        raise ValueError(f"`errors` must be 'drop', 'strict' or 'replace'; got {errors!r}")
    sources = sources_of(source)
    numbered = number_sources(
        sources,
        column=column,
        documents=documents,
        normalizer=normalizer,
        errors=errors,
        progress=progress,
    )
    return _corpus(
        numbered, sources, documents, normalizer, vocabulary, (max_vocabulary, min_count)
    )


def read_texts(
    texts: Iterable[str | None],
    *,
    max_vocabulary: int | None = None,
    min_count: int = 1,
    vocabulary: Vocabulary | None = None,
    normalizer: Normalizer = "unicode",
    progress: bool = False,
) -> Corpus:
    """Number the words of texts in memory, such as the column of a data frame.

    Args:
        texts: The documents, as strings: a list, or a column of pandas, polars or PyArrow.
            Missing values are left out.
        max_vocabulary: Keep the most frequent words, at most this many; None keeps all.
        min_count: Drop words that occur less often than this.
        vocabulary: Number the words by this vocabulary instead; see :func:`read_corpus`.
        normalizer: What a word is; see :func:`read_corpus`.
        progress: Whether to show a progress bar.

    Returns:
        One document for each text that holds a word, in the vocabulary or not.

    Warns:
        DataWarning: As in :func:`read_corpus`; also if texts are missing.

    Raises:
        ValueError: `texts` does not hold strings, or no word; or arguments contradict each other.

    >>> read_texts(["The cat sat.", "The dog"], max_vocabulary=2).vocabulary.words
    ('the', 'cat')
    """
    sources = [Source("`texts`", stream=stream_of(texts))]
    _check(vocabulary, max_vocabulary, min_count, normalizer)
    numbered = number_sources(
        sources,
        column=None,
        documents="lines",
        normalizer=normalizer,
        errors="drop",
        progress=progress,
    )
    return _corpus(numbered, sources, "texts", normalizer, vocabulary, (max_vocabulary, min_count))


def _check(
    vocabulary: Vocabulary | None,
    max_vocabulary: int | None,
    min_count: int,
    normalizer: object,
) -> None:
    """Refuse arguments that make no sense, before the text is read."""
    if vocabulary is not None and (max_vocabulary is not None or min_count != 1):
        raise ValueError(
            "`vocabulary` already says which words to keep; leave out `max_vocabulary` and "
            "`min_count`"
        )
    if (max_vocabulary is not None and max_vocabulary < 1) or min_count < 1:
        raise ValueError(
            "`max_vocabulary` and `min_count` must be at least 1; "
            f"got {max_vocabulary} and {min_count}"
        )
    if not callable(normalizer) and normalizer not in NAMES:
        raise ValueError(
            f"`normalizer` must be {', '.join(map(repr, NAMES))} or a function; got {normalizer!r}"
        )


def _corpus(
    numbered: Numbered,
    sources: list[Source],
    documents: str,
    normalizer: Normalizer,
    vocabulary: Vocabulary | None,
    limits: tuple[int | None, int],
) -> Corpus:
    """Choose the vocabulary, renumber the words by it, and say what became of the others."""
    name = sources[0].name if len(sources) == 1 else f"{sources[0].name} and others"
    distinct = len(numbered.words)
    if not distinct:
        remedy = (
            ""
            if normalizer != "text8"
            else (' with the letters a to z: for other scripts use `normalizer="unicode"`')
        )
        reason = next(iter(numbered.totals.refused.values()), "")
        raise ValueError(reason or f"'{name}' holds no word; expected text{remedy}")

    forms = 0 if normalizer in ("unicode", "text8") else _forms(numbered)
    if vocabulary is None:
        vocabulary, numbers = _most_frequent(numbered, *limits, f"'{name}'")
    else:
        vocabulary, numbers = _given(numbered, vocabulary)
    tokens, bounds = numbered.encode(numbers)

    found = _reading(numbered.totals, sources, documents)
    reading = replace(
        found, documents=len(bounds) - 1, distinct=distinct, kept=len(tokens), forms=forms
    )
    warn_of(reading, normalizer)
    return Corpus(torch.from_numpy(tokens), torch.from_numpy(bounds), vocabulary, reading)


def _reading(totals: Totals, sources: list[Source], documents: str) -> Reading:
    """What was found while the sources were read."""
    characters = totals.unspaced_bytes / 3  # three bytes are a character in these scripts
    many = characters > _SOME * (sum(totals.words) + characters)
    return Reading(
        sources=len(sources),
        documents=0,
        words=sum(totals.words),
        distinct=0,
        kept=0,
        lines=documents == "lines" and len(totals.tables) < len(sources),
        empty=tuple(
            source.name
            for n, (source, words) in enumerate(zip(sources, totals.words, strict=True))
            if not words and n not in totals.refused
        ),
        refused=tuple(totals.refused.values()),
        markup=tuple(f"'{sources[n].name}' looks like {it}" for n, it in totals.markup.items()),
        letters_dropped=totals.letters_dropped / max(1, totals.letters + totals.letters_dropped),
        not_utf8=totals.not_utf8,
        faulty=tuple(totals.faulty),
        missing=totals.missing,
        malformed=totals.malformed,
        swallowed=totals.swallowed,
        unspaced=characters / totals.unspaced_words if many else 0.0,
    )


def _forms(numbered: Numbered) -> int:
    """How many words are another one in a different form of Unicode."""
    text = numbered.words.spelling.decode()
    if unicodedata.is_normalized("NFC", text):
        return 0
    words = unicodedata.normalize("NFC", text).split("\n")[:-1]
    return len(words) - len(set(words))


def _most_frequent(
    numbered: Numbered, max_size: int | None, min_count: int, source: str
) -> tuple[Vocabulary, np.ndarray]:
    """The vocabulary of the most frequent words, and the number of each word in it, or -1."""
    counts = numbered.words.counts
    least = min_count
    if max_size is not None and max_size < len(counts):
        least = max(least, int(np.partition(counts, -max_size)[-max_size]))
    candidates = np.flatnonzero(counts >= least)
    words = numbered.words.words(candidates)
    frequency = dict(zip(words, counts[candidates].tolist(), strict=True))
    vocabulary = most_frequent(frequency or {"": 0}, max_size, min_count, source)

    numbers = np.full(len(counts), -1, np.int32)
    numbers[candidates] = [vocabulary.index.get(word, -1) for word in words]
    return vocabulary, numbers


def _given(numbered: Numbered, vocabulary: Vocabulary) -> tuple[Vocabulary, np.ndarray]:
    """The vocabulary, with the counts of this text if it has none, and the numbers in it."""
    table, before = numbered.words, numbered.words.counts.copy()
    found = table.add("".join(f"{word}\n" for word in vocabulary.words).encode())
    numbers = np.full(len(table), -1, np.int32)
    numbers[found] = np.arange(len(found))
    if vocabulary.counts is None:
        counts = np.append(before, np.zeros(len(table) - len(before), np.int64))[found]
        vocabulary = Vocabulary(vocabulary.words, torch.from_numpy(counts))
    return vocabulary, numbers
