"""What is noted while a text is read."""

from dataclasses import dataclass, field

__all__ = ["Totals"]


@dataclass
class Totals:
    """What was found in the pieces; added up as they come in.

    Attributes:
        words: The number of words of each source.
        lines: The number of line feeds of each source.
        letters: The letters of words, if some were dropped.
        letters_dropped: The letters that belong to no word.
        unspaced_words: The words in scripts without spaces.
        unspaced_bytes: Their bytes.
        not_utf8: The words left out, because some of their bytes are not UTF-8.
        faulty: The names of the sources with such words.
        first_fault: What a message says of the first of these.
        missing: The cells of a table without content.
        malformed: The rows of a table that were left out.
        swallowed: The cells of tables that hold the separator.
        tables: The sources that are tables.
        refused: Why sources were left out.
        markup: The sources that look like HTML, XML or JSON.
    """

    words: list[int]
    lines: list[int]
    letters: int = 0
    letters_dropped: int = 0
    unspaced_words: int = 0
    unspaced_bytes: int = 0
    not_utf8: int = 0
    faulty: dict[str, None] = field(default_factory=dict)
    first_fault: str = ""
    missing: int = 0
    malformed: int = 0
    swallowed: int = 0
    tables: set[int] = field(default_factory=set)
    refused: dict[int, str] = field(default_factory=dict)
    markup: dict[int, str] = field(default_factory=dict)
