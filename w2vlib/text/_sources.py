"""Where a text comes from: files, folders, pipes, compressed or not, and tables with a column."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from w2vlib.text._columns import TABLES, Bytes, Cells, column_of

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["Opened", "Source", "opened", "sources_of"]

_ARCHIVES = {".7z", ".rar", ".tar", ".tgz", ".zst"}
_MAGIC = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\xfd7zXZ\0": ".xz"}
_OPENERS = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
# The last is what `zipfile` raises for encryption, and for methods that it does not know.
_DAMAGE = (EOFError, OSError, lzma.LZMAError, zipfile.BadZipFile, zlib.error, RuntimeError)


@dataclass(frozen=True)
class Source:
    """One text: a file, or what can be read once.

    Attributes:
        name: How messages call it.
        path: The file, or None.
        stream: What is read if there is no file.
    """

    name: str
    path: Path | None = None
    stream: Bytes | None = None

    @property
    def size(self) -> int:
        """The bytes on disk; 0 if it is no regular file."""
        return self.path.stat().st_size if self.path is not None and self.path.is_file() else 0


def sources_of(texts: str | Path | IO[bytes] | Iterable[str | Path]) -> list[Source]:
    """The texts that a user means: files, all files below folders, or an open file.

    Raises:
        FileNotFoundError: There is no file at one of the paths, or none in a folder.
        ValueError: There are no paths, or something else than paths.
    """
    if isinstance(texts, str | Path):
        texts = [texts]
    if hasattr(texts, "columns") or hasattr(texts, "column_names"):
        raise ValueError(
            "`source` must be a path, or several; got a table: take the column with the text, and "
            'use `read_texts(table["text"])`'
        )
    if hasattr(texts, "read"):
        if isinstance(texts, io.TextIOBase):
            raise ValueError(
                "`source` must be open in binary mode, or a path; got an open text file: use "
                "`open(path, 'rb')`"
            )
        name = str(getattr(texts, "name", "the text"))
        name = "standard input" if name == "<stdin>" else name
        return [Source(name, stream=cast(Bytes, texts))]

    sources = []
    for path in texts:
        if not isinstance(path, str | Path):
            raise ValueError(
                f"`source` must be a path, or several; got {path!r}: for strings of text use "
                "`read_texts`"
            )
        sources += _files(Path(path))
    if not sources:
        raise ValueError("`source` must hold at least one path; got none")
    return sources


def _files(path: Path) -> list[Source]:
    """The file at a path, or all files below a folder, in order; hidden ones are no texts."""
    if not path.exists():
        hint = " (strings of text are for `read_texts`)" if " " in str(path) else ""
        raise FileNotFoundError(
            f"'{path!s:.100}' does not exist; expected a text: check the path{hint}"
        )
    if not path.is_dir():
        return [Source(str(path), path)]

    found = sorted(
        file
        for file in path.rglob("*")
        if file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    if not found:
        raise FileNotFoundError(f"'{path}' is a folder without files; expected texts")
    return [Source(str(file), file) for file in found]


@contextmanager
def opened(source: Source, column: str | None, bar: "tqdm[object]") -> Iterator["Opened"]:
    """The decompressed bytes of a source: those of its text, or of the cells of a column.

    Raises:
        ValueError: The file is damaged, an archive, or a table without the column.
    """
    path = source.path
    suffix = path.suffix.lower() if path is not None else ""
    if path is not None and (suffix in _ARCHIVES or Path(path.stem).suffix.lower() == ".tar"):
        raise ValueError(
            f"'{path}' is an archive; unpack it first; plain text and the suffixes "
            f"{', '.join(_OPENERS)}, .zip can be read"
        )

    try:
        with _raw(source) as raw, _decompressed(source, raw) as (file, name):
            table = Path(name).suffix.lower() if Path(name).suffix.lower() in TABLES else ""
            yield Opened(column_of(file, source.name, table, column), raw, bar)
            if source.size:
                bar.update(
                    source.size - cast(Any, raw).tell()
                )  # what follows the text in a zip file
    except PermissionError:
        raise
    except _DAMAGE as error:
        raise ValueError(
            f"'{source.name}' is damaged or not a {suffix or 'text'} file ({error}); "
            "fetch or compress it again"
        ) from error


class Opened:
    """What is read of a source, while a progress bar follows the bytes on the disk."""

    def __init__(self, file: Bytes, raw: Bytes, bar: "tqdm[object]") -> None:
        self._file, self._raw, self._bar = file, raw, bar
        self._place = 0

    def readinto(self, room: memoryview) -> int:
        """Fill the room as far as the text goes, and return how far that is."""
        filled = 0
        while filled < len(room):
            read = self._file.readinto(room[filled:])
            if not read:
                break
            filled += read
        if self._raw.seekable():
            place = cast(Any, self._raw).tell()
            self._bar.update(place - self._place)
            self._place = place
        else:
            self._bar.update(filled)
        return filled

    @property
    def cells(self) -> Cells | None:
        """The cells of a table, which know how many were left out; None for a text."""
        return self._file if isinstance(self._file, Cells) else None


@contextmanager
def _raw(source: Source) -> Iterator[Bytes]:
    """The bytes of a source as they are stored; a stream of the user's stays open."""
    if source.stream is not None:
        yield source.stream
    else:
        assert source.path is not None
        with source.path.open("rb") as file:
            yield file


@contextmanager
def _decompressed(source: Source, raw: Bytes) -> Iterator[tuple[Bytes, str]]:
    """The bytes of the text, and the name of what they are without that of a compression."""
    name = source.path.name if source.path is not None else ""
    suffix = source.path.suffix.lower() if source.path is not None else _suffix_of(raw)
    if suffix in _OPENERS:
        with _OPENERS[suffix](raw, "rb") as file:  # type: ignore[operator]
            yield file, Path(name).stem
    elif suffix == ".zip":
        archive = zipfile.ZipFile(cast(Any, raw))
        members = [member for member in archive.namelist() if not member.endswith("/")]
        if len(members) != 1:
            raise ValueError(
                f"'{source.name}' must hold exactly one text; it holds {len(members)} files"
                + (f" ({', '.join(members[:3])}, ...)" if members else "")
                + ": unpack it and give the path of one"
            )
        with archive.open(members[0]) as member:
            yield cast(Bytes, member), members[0]
    else:
        yield raw, name


def _suffix_of(stream: Bytes) -> str:
    """What the first bytes of a stream say of its compression, if it lets itself be looked at."""
    first = cast(Any, stream).peek(6)[:6] if hasattr(stream, "peek") else b""
    return next((suffix for magic, suffix in _MAGIC.items() if first.startswith(magic)), "")
