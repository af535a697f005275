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
    """

    def __init__(self) -> None:
        self.missing = self.malformed = 0
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
                f"'{name}' is no table with a column {column!r}: leave `column` out, or give the "
                f"file one of the suffixes {', '.join(TABLES)}"
            )
        return file

    cells = Cells()
    read = {".csv": _csv, ".tsv": _csv, ".parquet": _parquet}.get(suffix, _json)
    cells.batches = read(cast("IO[bytes]", file), name, column, cells)
    return cells


def lines_of(cells: "pa.Array") -> tuple[bytes, int]:
    """Strings as lines, in which a line feed is a space; and how many have no content."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.fill_null(cells.cast(pa.large_binary()), b"")
    missing = pc.sum(pc.equal(pc.binary_length(cells), 0)).as_py() or 0
    lines = pc.binary_join_element_wise(pc.replace_substring(cells, b"\n", b" "), b"", b"\n")
    return b"".join(lines.to_pylist()), missing


def _csv(file: IO[bytes], name: str, column: str | None, cells: Cells) -> Iterator["pa.Array"]:
    import pyarrow as pa
    from pyarrow import csv as reader

    header = file.readline().decode("utf-8-sig", "replace")
    delimiter = "\t" if "\t" in header else max(",;", key=header.count)
    columns = next(csv.reader([header], delimiter=delimiter), [])
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
                yield batch.column(0)
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise ValueError(f"'{name}' is not a table of {delimiter!r}: {error}") from error


def _json(file: IO[bytes], name: str, column: str | None, cells: Cells) -> Iterator["pa.Array"]:
    """One object per line; lines that are no objects, or whose cell is no string, are left out."""
    import pyarrow as pa

    first = True
    while lines := file.readlines(_BLOCK_BYTES):
        texts: list[str | None] = []
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                row = None if line.strip() else {}
            if not isinstance(row, dict):
                cells.malformed += 1
                continue
            if first and row:
                _check(name, column, list(row))
                first = False
            text = row.get(column)
            if text is not None and not isinstance(text, str):
                cells.malformed += 1
            elif row:
                texts.append(text)
        yield pa.array(texts, pa.string())


def _parquet(file: IO[bytes], name: str, column: str | None, cells: Cells) -> Iterator["pa.Array"]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(file)
    except (pa.ArrowInvalid, io.UnsupportedOperation) as error:
        raise ValueError(f"'{name}' is damaged or not a Parquet file ({error})") from error
    _check(name, column, table.schema_arrow.names)
    for batch in table.iter_batches(columns=[column]):
        yield batch.column(0).cast(pa.string())


def _check(name: str, column: str | None, columns: Iterable[str]) -> None:
    """Refuse a table without the column."""
    columns = list(columns)
    if column in columns:
        return None
    listed = ", ".join(columns[:10]) + (", ..." if len(columns) > 10 else "")
    need = "" if column is None else f", not {column!r}"
    example = next((each for each in columns if "text" in each.lower()), columns[-1:] or ["text"])
    example = example if isinstance(example, str) else example[0]
    raise ValueError(
        f"'{name}' is a table with the columns {listed}{need}: say which one holds the text, "
        f'such as `column="{example}"`'
    )
