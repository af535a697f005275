"""The cells of a column of a table, one line each: CSV, TSV, JSON lines, Parquet."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Protocol, cast, runtime_checkable

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TABLES", "Bytes", "Cells", "column_of", "lines_of"]

_BLOCK_BYTES = 2**24
_WORDS = 5  # no name of a column has more
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")


@runtime_checkable
class Bytes(Protocol):
    """What can be read like a file: a file, a decompressor, or `Cells`."""

    def readinto(self, room: memoryview, /) -> int | None:
        """Fill the room, and return how far; 0 at the end."""

    def seekable(self) -> bool:
        """Whether it knows its place."""


class Cells:
    """The cells of a column as lines of bytes, to be read like a file.

    Attributes:
        missing: How many cells without content were read so far.
        malformed: How many rows could not be read so far.
        swallowed: How many cells hold the separator of the table, as if a quote was not closed.
    """

    def __init__(self) -> None:
        self.missing = self.malformed = self.swallowed = 0
        self.batches: Iterator[pa.Array] = iter(())
        self._lines = memoryview(b"")

    def seekable(self) -> bool:
        """Lines come one after the other."""
        return False

    def readinto(self, room: memoryview) -> int:
        """Fill the room as far as the next lines go, and return how far that is."""
        while not self._lines:
            batch = next(self.batches, None)
            if batch is None:
                return 0
            lines, missing = lines_of(batch)
            self._lines = memoryview(lines)
            self.missing += missing
        size = min(len(room), len(self._lines))
        room[:size] = self._lines[:size]
        self._lines = self._lines[size:]
        return size


def column_of(file: Bytes, name: str, suffix: str, column: str | None) -> Bytes:
    """The bytes of a text, or of one column of a table, one cell per line.

    Args:
        file: The decompressed bytes.
        name: How messages call the file.
        suffix: That of a table, or empty.
        column: The name of the column, or None for a text.

    Raises:
        ValueError: The table has no such column, or the text no columns at all, or a table was
            given without saying which column.
    """
    if not suffix:
        if column is not None:
            raise ValueError(
                f"'{name}' is no table with a column {column!r}, as far as its name says: give a "
                f"file one of the suffixes {', '.join(TABLES)}, and write what comes through a "
                "pipe into a file first, or take the column out of it (`cut -f2`)"
            )
        return file

    cells = Cells()
    read = {".csv": _csv, ".tsv": _csv, ".parquet": _parquet}.get(suffix, _json)
    cells.batches = read(file, name, column, cells)
    return cells


def lines_of(cells: "pa.Array") -> tuple[bytes, int]:
    """Strings as lines, in which a line feed is a space; and how many have no content."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.fill_null(cells.cast(pa.large_binary()), b"")
    missing = pc.sum(pc.equal(pc.binary_length(cells), 0)).as_py() or 0
    nothing, line_feed = (pa.scalar(part, pa.large_binary()) for part in (b"", b"\n"))
    flat = pc.replace_substring(cells, b"\n", b" ")
    lines = pc.binary_join_element_wise(flat, nothing, line_feed)
    return b"".join(lines.to_pylist()), missing


def _csv(file: Bytes, name: str, column: str | None, cells: Cells) -> Iterator["pa.Array"]:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv as reader

    columns, delimiter = _header(cast("IO[bytes]", file).readline(), name)
    _check(name, column, columns)

    def skip(row: object) -> str:
        cells.malformed += 1
        return "skip"

    try:
        with reader.open_csv(
            file,
            reader.ReadOptions(column_names=columns, block_size=_BLOCK_BYTES),
            reader.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            reader.ConvertOptions(include_columns=[column], column_types={column: pa.binary()}),
        ) as batches:
            for batch in batches:
                if delimiter == "\t":  # in a line after the first: the next rows of the table
                    found = pc.match_substring_regex(batch.column(0), "\n[^\n]*\t")
                    cells.swallowed += pc.sum(found).as_py() or 0
                yield batch.column(0)
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise ValueError(f"'{name}' is not a table of {delimiter!r}: {error}") from error


def _header(line: bytes, name: str) -> tuple[list[str], str]:
    """The names of the columns, and what separates them."""
    if not line.strip():
        raise ValueError(f"'{name}' has no first line with the names of the columns")
    if b"\0" in line or b"\r" in line.rstrip(b"\r\n"):
        remedy = "`iconv -f UTF-16 -t UTF-8`" if b"\0" in line else "`tr '\\r' '\\n'`"
        raise ValueError(
            f"'{name}' is not a table in UTF-8 with line feeds at the ends of its lines: "
            f"convert it, for example with {remedy}"
        )
    header = line.decode("utf-8-sig", "replace")
    delimiter = "\t" if "\t" in header else max(",;", key=header.count)
    columns = next(csv.reader([header], delimiter=delimiter))
    # A single column needs no separator, so its cells may hold all of them.
    return columns, delimiter if len(columns) > 1 else "\x1f"


def _json(file: Bytes, name: str, column: str | None, cells: Cells) -> Iterator["pa.Array"]:
    """One object per line; lines that are no objects, or whose cell is no text, are left out."""
    import pyarrow as pa

    checked = False
    while lines := cast("IO[bytes]", file).readlines(_BLOCK_BYTES):
        rows = [_object(line) for line in lines if line.strip()]
        objects = [row for row in rows if row is not None]
        if not checked:
            _check(name, column, dict.fromkeys(key for row in objects for key in row))
            checked = True
        found = [_joined(row.get(column or "")) for row in objects]
        texts = [text for text in found if text is None or isinstance(text, str)]
        cells.malformed += len(rows) - len(texts)
        yield pa.array(texts, pa.string())


def _object(line: bytes) -> dict[str, object] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _joined(cell: object) -> object:
    """A list of words as a text."""
    if isinstance(cell, list) and all(isinstance(word, str) for word in cell):
        return " ".join(cell)
    return cell


def _parquet(file: Bytes, name: str, column: str | None, cells: Cells) -> Iterator["pa.Array"]:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(file)
    except (pa.ArrowInvalid, io.UnsupportedOperation) as error:
        raise ValueError(f"'{name}' is damaged or not a Parquet file ({error})") from error
    _check(name, column, table.schema_arrow.names)
    kind = table.schema_arrow.field(column).type
    words = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if (words and not pa.types.is_string(kind.value_type)) or pa.types.is_struct(kind):
        raise ValueError(
            f"the column {column!r} of '{name}' must hold texts or lists of words; it holds {kind}"
        )
    for batch in table.iter_batches(columns=[column]):
        found = batch.column(0)
        yield pc.binary_join(found, " ") if words else found.cast(pa.string())


def _check(name: str, column: str | None, columns: Iterable[str]) -> None:
    """Refuse a table without the column."""
    columns = [each or "" for each in columns]
    if column in columns:
        return None
    listed = ", ".join(columns[:10]) + (", ..." if len(columns) > 10 else "")
    need = "" if column is None else f", not {column!r}"
    example = next((each for each in columns if "text" in each.lower()), columns[-1:] or ["text"])
    example = example if isinstance(example, str) else example[0]
    if any(len(each.split()) > _WORDS for each in columns):  # the first row is no heading
        raise ValueError(
            f"the first line of '{name}' must have the names of the columns; it is "
            f"{listed[:60]!r}...: write one above it, or take the column out "
            f"(`cut -f{len(columns)} {name} | w2v embed -`, if tabs separate the columns)"
        )
    raise ValueError(
        f"'{name}' is a table with the columns {listed:.200}{need}: say which one holds the text, "
        f'such as `column="{example}"`'
    )
