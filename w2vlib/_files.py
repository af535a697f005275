"""Files that are either whole or absent."""

import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from w2vlib.text.facts import warn

__all__ = ["existing_file", "leave_out_malformed", "opened_npz", "read_lines", "replacing"]


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`; rename it to `path` if the block succeeds.

    Args:
        path: The file to write. Its folder must exist.

    Raises:
        FileNotFoundError: The folder of `path` does not exist.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"cannot write '{path}': the folder '{path.parent}' does not exist; create it first"
        )

    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def existing_file(path: str | Path, what: str) -> Path:
    """Return `path` as a `Path`, or say which file is missing and what it should hold.

    Raises:
        FileNotFoundError: There is no file at `path`.
    """
    path = Path(path)
    if path.is_dir():
        raise FileNotFoundError(f"'{path}' is a folder; expected {what}: give the path of a file")
    if not path.exists():
        raise FileNotFoundError(f"'{path}' does not exist; expected {what}: check the path")
    return path


@contextmanager
def opened_npz(path: str | Path, kind: str, writer: str) -> Iterator["np.lib.npyio.NpzFile"]:
    """Open an npz file of this library; what goes wrong with its content is damage.

    Args:
        path: The file.
        kind: What its entry ``format`` must say.
        writer: The function that writes such files.

    Raises:
        FileNotFoundError: There is no file at `path`.
        ValueError: The file is damaged or of another format.
    """
    path = existing_file(path, f"an npz file written by w2vlib.{writer}")
    try:
        with np.load(path, allow_pickle=False) as file:
            if str(file["format"]) != kind:
                raise ValueError(f"its format is {str(file['format'])!r}, not {kind!r}")
            yield file
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise ValueError(
            f"'{path}' is damaged or was not written by w2vlib.{writer} ({error}); make or fetch "
            "it again"
        ) from error


def read_lines(source: str | Path | Iterable[str], what: str) -> tuple[Iterable[str], str]:
    """The lines of a file, or those given; and how to name their origin in a message.

    Raises:
        FileNotFoundError: There is no file at the path `source`.
        ValueError: The file is not UTF-8.
    """
    if not isinstance(source, str | Path):
        return source, ""
    path = existing_file(source, what)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"'{path}' is not UTF-8 (byte 0x{error.object[error.start]:02x} at offset "
            f"{error.start:,}): convert it with `iconv -f ENCODING -t UTF-8`, where "
            "ENCODING names the encoding that it has (`iconv -l` lists them)"
        ) from error
    return text.removesuffix("\n").split("\n"), f" of '{source}'"


def leave_out_malformed(lines: Sequence[str], good: int, origin: str, expected: str) -> None:
    """Warn of unreadable lines, if there are any; refuse a file that has no other lines.

    Args:
        lines: What is said of each unreadable line.
        good: The number of lines that can be read.
        origin: How to name the origin of the lines.
        expected: What each line should be.

    Raises:
        ValueError: There are unreadable lines and no others.
    """
    if not lines:
        return
    more = "; ..." if len(lines) > 3 else ""
    shown = "; ".join(lines[:3]) + more
    if not good:
        raise ValueError(f"{len(lines)} lines{origin} are not {expected}: {shown}")
    warn(f"{len(lines)} lines{origin} are not {expected}, and were left out: {shown}")
