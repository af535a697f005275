"""Files that are either whole or absent."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["existing_file", "read_lines", "refuse_malformed", "replacing"]


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
    if not path.is_file():
        raise FileNotFoundError(f"'{path}' does not exist; expected {what}: check the path")
    return path


def read_lines(source: str | Path | Iterable[str], what: str) -> tuple[Iterable[str], str]:
    """The lines of a file, or those given; and how to name their origin in a message.

    Raises:
        FileNotFoundError: There is no file at the path `source`.
    """
    if not isinstance(source, str | Path):
        return source, ""
    return existing_file(source, what).read_text("utf-8").splitlines(), f" of '{source}'"


def refuse_malformed(lines: Sequence[str], origin: str, expected: str) -> None:
    """Report the first of these unreadable lines, if there are any.

    Raises:
        ValueError: There is at least one.
    """
    if lines:
        raise ValueError(f"{len(lines)} lines{origin} are not {expected}: " + "; ".join(lines[:3]))
