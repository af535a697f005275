"""Files of vectors, opened whatever their compression; that is told by how they begin."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from w2vlib.vectors._layout import HEAD, layout_of

__all__ = ["Stream", "opened_vectors"]

_OPENERS: dict[bytes, Any] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
DAMAGE = (EOFError, OSError, lzma.LZMAError, zipfile.BadZipFile, zlib.error)
_PART = 2**18  # bytes that are asked for at one time


class Stream:
    """A file whose beginning can be looked at before it is read.

    Attributes:
        size: Its bytes; None if that is unknown before it is read.
    """

    def __init__(self, file: Any, size: int | None = None) -> None:  # noqa: ANN401
        self.size = size
        self._file, self._head = file, b""
        self._damage: Exception | None = None

    def peek(self, size: int) -> tuple[bytes, bool]:
        """The next bytes, fewer only if no more can be read, and whether the file ends there."""
        if self._damage is None:
            self._head += self._read(size - len(self._head))
        return self._head[:size], len(self._head) < size and self._damage is None

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end. Damage is raised after all that is before it."""
        read, self._head = self._head[:size], self._head[size:]
        return read or self._read(size)

    def _read(self, size: int) -> bytes:
        parts: list[bytes] = []
        missing = size
        while missing > 0 and self._damage is None:
            try:
                part = self._file.read1(min(missing, _PART))
            except DAMAGE as error:
                self._damage = error
                break
            if not part:
                break
            parts.append(part)
            missing -= len(part)
        if self._damage is not None and not parts:
            raise self._damage
        return b"".join(parts)


@contextmanager
def opened_vectors(path: Path) -> Iterator[Stream]:
    """The decompressed bytes of a file.

    Raises:
        ValueError: The file is damaged, or an archive without vectors or with several.
    """
    try:
        with path.open("rb") as raw:
            magic = raw.peek(8)[:8]
            opener = next((_OPENERS[known] for known in _OPENERS if magic.startswith(known)), None)
            if opener is not None:
                with opener(raw) if opener is not gzip.GzipFile else opener(fileobj=raw) as file:
                    yield Stream(file)
            elif magic.startswith((b"PK\x03\x04", b"PK\x05\x06")):
                with zipfile.ZipFile(raw) as archive, _member(archive, path) as file:
                    yield Stream(file)
            else:
                yield Stream(raw, path.stat().st_size if path.is_file() else None)
    except PermissionError:
        raise
    except DAMAGE as error:
        raise ValueError(f"'{path}' is damaged ({error}); write or fetch it again") from error


def _member(archive: zipfile.ZipFile, path: Path) -> Any:  # noqa: ANN401
    """The file of an archive that holds vectors, opened."""
    names = [name for name in archive.namelist() if not name.endswith("/")]
    names = [name for name in names if not Path(name).name.startswith(".") and name[:2] != "__"]
    if any(Path(name).name == "data.pkl" for name in names):
        raise ValueError(
            f"'{path}' is a file of PyTorch: load it with `torch.load`, and make a "
            "`w2v.Embedding` of the tensor and a `w2v.Vocabulary`"
        )
    if names and all(name.endswith(".npy") for name in names):
        counts = {"word_counts.npy", "row_lengths.npy"} <= set(names)
        raise ValueError(
            f"'{path}' holds co-occurrence counts, not vectors: use `load_cooccurrence`, and make "
            "vectors of them, as `w2v embed` does"
            if counts
            else f"'{path}' is an .npz of NumPy's arrays: load it with `numpy.load`, and make a "
            "`w2v.Embedding` of the vectors and a `w2v.Vocabulary`"
        )

    fit = names if len(names) == 1 else [name for name in names if _may_hold(archive, name)]
    if len(fit) != 1:
        several = ", ".join(fit or names) or "no file"
        raise ValueError(
            f"'{path}' must hold one file of word vectors; it holds {several}: unpack it, and "
            "give the path of one"
        )
    return _open_member(archive, fit[0], path)


def _may_hold(archive: zipfile.ZipFile, name: str) -> bool:
    with _open_member(archive, name, Path(archive.filename or "")) as file:
        head = file.read(HEAD)
    try:
        layout_of(head, len(head) < HEAD)
    except ValueError:
        return False
    return True


def _open_member(archive: zipfile.ZipFile, name: str, path: Path) -> Any:  # noqa: ANN401
    try:
        return archive.open(name)
    except RuntimeError as error:  # encrypted, or compressed by an unknown method
        raise ValueError(f"'{path}' cannot be read ({error}): unpack it first") from error
