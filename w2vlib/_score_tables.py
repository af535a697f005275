"""Tables of word pairs with scores, as they are published: which columns hold what?"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from w2vlib.text._normalizers import split_line

__all__ = ["ScoreTable", "read_table"]

_SEPARATORS = "\t;, "
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE)
_SCORE_NAME = re.compile(
    r"(human|average|avg|mean|gold)?(score|similarity|sim|relatedness|rel|rating)s?(score)?"
    r"|(human)?(mean|average|avg)|human|gold|value|simlex(999)?|simverb(3500)?"
    r"|wert|mittelwert|ähnlichkeit"
)
_WORD_NAME = re.compile(r"(the)?(first|second)?(words?|wort|w|term|noun|verb)[12ab]?")

Pair = tuple[str, str, float]


@dataclass(frozen=True)
class ScoreTable:
    """What a table says.

    Attributes:
        pairs: Two words and their score, for each row.
        malformed: What is said of each row that holds none.
        comments: Lines left out as comments, read as if they were rows.
        heading: The words of the first row, if it was left out although it names no columns.
        doubt: Which columns were taken, if others could be meant; else empty.
    """

    pairs: list[Pair]
    malformed: list[str]
    comments: list[Pair]
    heading: tuple[str, str] | None = None
    doubt: str = ""


@dataclass(frozen=True)
class _Columns:
    """The places of what a row holds."""

    first: int
    second: int
    score: int

    def read(self, row: Sequence[str]) -> Pair | None:
        """The pair of a row."""
        if len(row) <= max(self.first, self.second, self.score):
            return None
        one, other, score = row[self.first], row[self.second], _number(row[self.score])
        return None if score is None or not one or not other else (one, other, score)


def read_table(lines: Iterable[str]) -> ScoreTable:
    """Find the separator, the heading and the columns, and read the rows."""
    written = [
        (number, line.removeprefix("\ufeff").strip("\r\n"))
        for number, line in enumerate(lines, start=1)
        if line.strip("\ufeff \t\n\v\f\r")
    ]
    commented = [line for _, line in written if _is_comment(line)]
    places = [(number, line) for number, line in written if not _is_comment(line)]
    separator = _separator([line for _, line in places])
    rows = [_cells(line, separator) for _, line in places]

    columns, heading, doubt = _layout(rows)
    if columns is None:
        return ScoreTable([], [f"line {number}: {line.strip()!r}" for number, line in places], [])

    found = [columns.read(row) for row in rows]
    first = rows[0]
    is_heading = found[0] is None and (bool(heading) or len(first) > columns.score)
    unnamed = (first[columns.first], first[columns.second]) if is_heading and not heading else None

    left_out = zip(places[is_heading:], found[is_heading:], strict=True)
    malformed = [f"line {n}: {line.strip()!r}" for (n, line), pair in left_out if pair is None]
    comments = [columns.read(_cells(line, separator)) for line in commented]
    if separator != " ":  # a pair that was struck out
        comments += [columns.read(_cells(line.lstrip("# "), separator)) for line in commented]
    return ScoreTable(_known(found), malformed, _known(comments), unnamed, doubt)


def _layout(rows: list[list[str]]) -> tuple[_Columns | None, list[str], str]:
    """The columns, if there are any; the names, if the first row has them; and what is doubtful.

    The first row may be a heading, so that the others say which columns hold numbers.
    """
    body = rows[1:] or rows
    width = max(map(len, body), default=0)
    numbers = [[_number(row[j]) for row in body if len(row) > j] for j in range(width)]
    filled = [sum(n is not None for n in column) for column in numbers]
    numeric = [0 < n >= len(column) / 2 for n, column in zip(filled, numbers, strict=True)]

    names = _names(rows, numeric)
    named = [j for j, name in enumerate(names) if _SCORE_NAME.fullmatch(name) and numeric[j]]
    called = [j for j, name in enumerate(names) if _WORD_NAME.fullmatch(name) and not numeric[j]]
    texts = called if len(called) >= 2 else [j for j in range(width) if not numeric[j]]
    if len(texts) < 2:
        return None, [], ""

    after = [j for j in range(texts[1] + 1, width) if numeric[j]]
    after = [j for j in after if filled[j] >= len(body) / 2] or after
    varying = [j for j in after if len(set(numbers[j])) > 1]  # a constant may number a part
    possible = named or after
    if not possible:
        return None, [], ""

    score = (named or varying or after)[0]
    doubt = ""
    if len(possible) > 1:
        places = ", ".join(str(j + 1) for j in possible[:5]) + (", ..." if possible[5:] else "")
        doubt = f"columns {places} could be the score, and column {score + 1} was taken for it"
    different = {j: len({row[j] for row in body if len(row) > j}) for j in range(score)}
    between = [j for j in range(texts[1] + 1, score) if not numeric[j]]
    if not called and any(different[j] > different[texts[0]] for j in between):
        doubt = f"columns {texts[0] + 1} and {texts[1] + 1} were taken for the words"
    return _Columns(texts[0], texts[1], score), names if named or called else [], doubt


def _names(rows: list[list[str]], numeric: list[bool]) -> list[str]:
    """The cells of the first row, as names: small letters and digits."""
    names = [re.sub(r"[\W_]+", "", cell.casefold()) for cell in rows[0]] if rows else []
    usual = Counter(map(len, rows[1:])).most_common(1)
    if usual and len(names) == usual[0][0] - 1 and numeric[0]:
        names.insert(0, "")  # R writes no name above the names of the rows
    return names[: len(numeric)]


def _separator(lines: list[str]) -> str:
    """The one that splits most lines into two words and a number at least."""

    def readable(separator: str) -> int:
        rows = (_cells(line, separator) for line in lines)
        return sum(
            sum(map(_is_word, row)) >= 2 and any(_number(cell) is not None for cell in row)
            for row in rows
        )

    return max(_SEPARATORS, key=readable)


def _cells(line: str, separator: str) -> list[str]:
    """The cells of a row, without quotes; none if they cannot be told apart."""
    if separator == " ":
        line = " ".join(split_line(line, "whitespace"))
    try:
        reader = csv.reader([line], delimiter=separator, skipinitialspace=True)
        return [cell.strip() for cell in next(reader, [])]
    except csv.Error:
        return []


def _is_comment(line: str) -> bool:
    """A word may begin with ``#``."""
    return set(line.split(maxsplit=1)[0]) == {"#"}


def _is_word(cell: str) -> bool:
    return cell != "" and not re.search(r"\s", cell) and _number(cell) is None


def _number(cell: str) -> float | None:
    """A number with a point or a comma; ``nan`` is a word."""
    return float(cell.replace(",", ".")) if _NUMBER.fullmatch(cell) else None


def _known(pairs: Iterable[Pair | None]) -> list[Pair]:
    return [pair for pair in pairs if pair is not None]
