"""What was read of a text, what was kept, and what was dropped: nothing is left out in silence."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["DataWarning", "Reading"]

_LETTERS = 0.05  # the share of dropped letters above which a text is probably not what was meant
_UNSPACED = 5  # characters of a "word", on average, in Chinese, Thai, ...: then it is a sentence


class DataWarning(UserWarning):
    """Something about the data that would mislead if nobody said it; the message has a remedy.

    Silence all of them with ``warnings.simplefilter("ignore", w2v.DataWarning)``, or make them
    errors with ``"error"`` in its place.
    """


def warn(message: str, stacklevel: int = 3) -> None:
    """Warn the user about their data."""
    warnings.warn(message, DataWarning, stacklevel=stacklevel + 1)


@dataclass(frozen=True)
class Reading:
    """What was read of a text, kept, and dropped.

    Attributes:
        sources: The number of files, or 1 for texts in memory or a pipe.
        empty: The names of the files that hold no word.
        refused: Why files were left out, because they are no texts.
        markup: Which files look like HTML, XML or JSON, whose marks count as words.
        documents: The number of documents with at least one word.
        lines: Whether each line is a document.
        words: The number of all words in the text, repeated ones included.
        distinct: The number of different words.
        kept: The number of words in the vocabulary, repeated ones included.
        letters_dropped: The share of the letters that belong to no word.
        not_utf8: The number of words that were left out, because some of their bytes are not
            UTF-8.
        faulty: The names of the files with such words.
        missing: The number of texts in memory or cells of a table without content.
        malformed: The number of rows of a table that were left out, because they cannot be read.
        swallowed: The number of cells of a table that hold its separator, as if a quote had not
            been closed.
        unspaced: The mean number of characters of the words in scripts without spaces between
            words, such as Chinese, Japanese or Thai; 0 if there are few such words.
        forms: The number of words that differ from another one only in their Unicode form.
    """

    sources: int
    documents: int
    words: int
    distinct: int
    kept: int
    empty: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    markup: tuple[str, ...] = ()
    lines: bool = True
    letters_dropped: float = 0.0
    not_utf8: int = 0
    faulty: tuple[str, ...] = ()
    missing: int = 0
    malformed: int = 0
    swallowed: int = 0
    unspaced: float = 0.0
    forms: int = 0

    def __str__(self) -> str:
        """One line that says it all."""
        files = f" from {self.sources:,} files" if self.sources > 1 else ""
        share = 100 * self.kept / self.words if self.words else 0.0
        parts = [
            f"{_number(self.documents, 'document')}{files}, {_number(self.words, 'word')}, "
            f"{self.distinct:,} different",
            f"the vocabulary has {share:.3g} % of the text",
        ]
        dropped = [f"{_percent(self.letters_dropped)} of the letters"]
        for number, what in (
            (self.not_utf8, "words that are not UTF-8"),
            (len(self.empty), "files without a word"),
            (len(self.refused), "files that are no texts"),
            (self.missing, "empty texts"),
            (self.malformed, "malformed rows"),
        ):
            if number:
                dropped.append(f"{number:,} {what}")
        return "; ".join([*parts, "dropped " + ", ".join(dropped)])


def warn_of(reading: Reading, normalizer: object) -> None:
    """Warn of what would mislead a user who did not look at the reading."""
    for message in (*_on_sources(reading), *_on_words(reading, normalizer)):
        warn(message, stacklevel=4)


def _on_sources(reading: Reading) -> Iterator[str]:
    """What was left out, because it holds no text, and what is none."""
    if reading.empty:
        yield f"of {reading.sources:,} files {len(reading.empty):,} without a word: " + _some(
            reading.empty, ", "
        )
    if reading.refused:
        yield f"of {reading.sources:,} files {len(reading.refused):,} left out: " + _some(
            reading.refused, "; "
        )
    if reading.markup:
        yield (
            f"{_some(reading.markup, '; ')}: its tags, names and numbers count as words; take the "
            "text out first, or let the name of a table end in .csv, .tsv or .jsonl (one object "
            "per line) and say which `column` holds the text"
        )
    if reading.missing:
        yield f"{_number(reading.missing, 'text')} without content left out"
    if reading.swallowed:
        yield (
            f"{reading.swallowed:,} cells hold the separator of the table: a quote that is not "
            "closed may have swallowed the rows after it; double the quotes within cells, or take "
            "the column out first (`cut -f`)"
        )
    if reading.malformed:
        yield (
            f"{_number(reading.malformed, 'row')} left out, because they cannot be read as rows "
            "of the table; check quotes and separators"
        )


def _on_words(reading: Reading, normalizer: object) -> Iterator[str]:
    """What is lost of the words, and what is no word."""
    if reading.letters_dropped > _LETTERS:
        reason = (
            'they are not a to z; to keep words of every script, use `normalizer="unicode"`'
            if normalizer == "text8"
            else "the words that `normalizer` yields do not hold them"
        )
        share = _percent(reading.letters_dropped)
        yield f"{share} of the letters of this text were dropped: {reason}"
    if reading.not_utf8:
        yield (
            f"{_number(reading.not_utf8, 'word')} left out, because some of their bytes are not "
            f"UTF-8, in {_some(reading.faulty, ', ')}: if a text is in another encoding, convert "
            "it (such as `iconv -f LATIN1 -t UTF-8`, with the encoding that it has)"
        )
    if reading.unspaced > _UNSPACED:
        yield (
            f"words in scripts without spaces have {reading.unspaced:.0f} characters on average, "
            "so they are whole phrases: put spaces between words first, with a segmenter such as "
            "jieba (Chinese), fugashi (Japanese), or pythainlp (Thai)"
        )
    if reading.forms:
        yield (
            f"{reading.forms:,} words differ from another one only in how Unicode writes an "
            "accent, and count as different words: normalize the text first (NFC), or use "
            '`normalizer="unicode"`'
        )


def _some(names: tuple[str, ...], separator: str) -> str:
    """The first three of some names."""
    return separator.join([*names[:3], *(["..."] if len(names) > 3 else [])])


def _percent(share: float) -> str:
    if share == 0:
        return "0 %"
    return f"{100 * share:.{2 if share < 0.995 else 3}g} %"


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
