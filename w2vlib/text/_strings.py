"""Strings in memory, as the cells of a column."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from w2vlib.text._columns import Cells

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["stream_of"]

_BATCH = 10_000  # strings at one time


def stream_of(texts: Iterable[str | None]) -> Cells:
    """The strings as lines of bytes.

    Raises:
        ValueError: `texts` is a string or a table; while reading, also if a text is no string.
    """
    if isinstance(texts, str):
        raise ValueError(
            "`texts` must be several texts; got one string: put it into a list, or, if it is a "
            "path, use `read_corpus`"
        )
    if isinstance(texts, Mapping) or hasattr(texts, "columns") or hasattr(texts, "column_names"):
        raise ValueError(
            "`texts` must be one column; got a table: take the column with the text, such as "
            '`table["text"]`'
        )
    cells = Cells()
    cells.batches = _batches(iter(texts))
    return cells


def _batches(texts: Iterator[object]) -> Iterator["pa.Array"]:
    import pyarrow as pa

    while batch := list(islice(texts, _BATCH)):
        batch = [text.as_py() if isinstance(text, pa.Scalar) else text for text in batch]
        try:
            yield pa.array(batch, pa.string(), from_pandas=True)
        except UnicodeEncodeError:  # halves of characters: bytes that are not UTF-8
            yield pa.array(list(map(_encoded, batch)), pa.binary(), from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            wrong = next((text for text in batch if _is_wrong(text)), None)
            raise ValueError(
                f"each of `texts` must be a string or missing; got {wrong!r:.60}: for lists of "
                "words use `encode`"
            ) from error


def _encoded(text: object) -> object:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text


def _is_wrong(text: object) -> bool:
    missing = text is None or (isinstance(text, float) and text != text)
    return not missing and not isinstance(text, str)
