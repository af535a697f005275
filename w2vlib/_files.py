"""Files that are either whole or absent."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["existing_file", "replacing"]


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
