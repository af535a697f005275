"""From the bytes of a file to numbered words, a block at a time."""

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from w2vlib._devices import available_cores
from w2vlib._files import existing_file

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Errors", "Normalizer", "read_words"]

Normalizer = Literal["text8", "whitespace"] | Callable[[str], Iterable[str]]
Errors = Literal["strict", "replace"]

_BLOCK_BYTES = 2**22  # bytes read and numbered at one time
_LONGEST_WORD = 2**20  # bytes; more than this without a space is not a text
_ARCHIVES = {".7z", ".rar", ".tar", ".tgz", ".zst"}
_OPENERS = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
# The last is what `zipfile` raises for encryption, and for methods that it does not know.
_DAMAGE = (EOFError, OSError, lzma.LZMAError, zipfile.BadZipFile, zlib.error, RuntimeError)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WORD = re.compile(r"[^ \t\n\v\f\r]+")

_SPACE, _LINE_FEED = 32, 10
# What each byte stands for: a letter, a space, or the end of a line.
_LETTERS = np.full(256, _SPACE, np.uint8)
_LETTERS[_LINE_FEED] = _LINE_FEED
for _letter in b"abcdefghijklmnopqrstuvwxyz":
    _LETTERS[[_letter, _letter - 32]] = _letter  # a capital is 32 below its small letter
_WHITESPACE = np.arange(256, dtype=np.uint8)
_WHITESPACE[list(b"\t\v\f\r")] = _SPACE


def read_words(
    path: Path, normalizer: Normalizer, errors: Errors, progress: bool
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Number the words of a text, one document per line.

    Args:
        path: The text file, plain or compressed.
        normalizer: What a word is.
        errors: What to do with bytes that are not UTF-8.
        progress: Whether to show a progress bar.

    Returns:
        The different words; the number of the word at each position; and for every line that
        ends, the position after its last word.
    """
    import pyarrow as pa

    def number(block: bytes) -> tuple[pa.DictionaryArray, np.ndarray]:
        words, ends = (
            _by_callable(block, normalizer)
            if callable(normalizer)
            else _by_table(block, normalizer)
        )
        return words.dictionary_encode(), ends

    blocks = _blocks(path, errors, not callable(normalizer), progress)
    # A function of the user's sees the lines one by one and in order: it may keep state.
    results = map(number, blocks) if callable(normalizer) else _ahead(number, blocks)

    dictionaries, numbers, ends, position = [], [], [], 0
    for block, block_ends in results:
        dictionaries.append(block.dictionary)
        numbers.append(block.indices.to_numpy())
        ends.append(block_ends + position)
        position += len(block)

    # Every block has numbers of its own, which are replaced by those of one dictionary.
    together = pa.concat_arrays(dictionaries).dictionary_encode()
    bounds = np.cumsum([len(dictionary) for dictionary in dictionaries])
    merged, place = np.empty(position, np.int32), 0
    for old, new in zip(numbers, np.split(together.indices.to_numpy(), bounds[:-1]), strict=True):
        merged[place : place + len(old)] = new[old]
        place += len(old)

    words = together.dictionary.to_pylist()
    return words, merged, np.append(np.concatenate(ends), position)


def _ahead(work: Callable[[bytes], Any], blocks: Iterable[bytes]) -> Iterator[Any]:
    """Like `map`, on all cores, while only a few blocks wait in memory."""
    cores = available_cores()
    with ThreadPoolExecutor(cores) as pool:
        waiting: deque[Future[Any]] = deque()
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) > cores:
                yield waiting.popleft().result()
        for future in waiting:
            yield future.result()


def _by_table(block: bytes, normalizer: str) -> tuple["pa.StringArray", np.ndarray]:
    """The words of a block as an Arrow array, and the number of words before each line feed."""
    import pyarrow as pa

    from w2vlib._kernels import split_words

    if normalizer == "text8":
        # The two characters outside ASCII with an ASCII letter in their lower case: the dotted
        # capital I (i and a combining dot) and the Kelvin sign (k).
        block = block.replace("\u0130".encode(), b"i ").replace("\u212a".encode(), b"k")

    text = np.frombuffer(block, np.uint8)
    letters = np.empty(len(text), np.uint8)
    stops = np.empty(len(text) // 2 + 2, np.int32)
    lines = np.empty(block.count(b"\n"), np.int64)
    table = _LETTERS if normalizer == "text8" else _WHITESPACE
    words = split_words(text, table, letters, stops, lines)

    buffers = [None, pa.py_buffer(stops), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.string(), words, buffers), lines


def _by_callable(
    block: bytes, normalizer: Callable[[str], Iterable[str]]
) -> tuple["pa.StringArray", np.ndarray]:
    import pyarrow as pa

    words: list[str] = []
    ends = []
    lines = block.decode().split("\n")
    if not lines[-1]:
        lines.pop()  # what follows the last line feed

    for line in lines:
        for word in normalizer(line.removesuffix("\r")):
            if not isinstance(word, str) or not _WORD.fullmatch(word):
                raise ValueError(
                    f"`normalizer` must yield words: strings that are not empty and hold no "
                    f"white space; got {word!r} from the line {line[:40]!r}"
                )
            words.append(word)
        ends.append(len(words))

    return pa.array(words, pa.string()), np.array(ends, np.int64)


def _blocks(path: Path, errors: Errors, at_spaces: bool, progress: bool) -> Iterator[bytes]:
    """The text in blocks of whole words (or whole lines), in valid UTF-8."""
    separators = b"\n \t\r" if at_spaces else b"\n"  # never part of a longer UTF-8 character
    rest, offset, line = b"", 0, 1

    for read in _read(path, progress):
        data = rest + read
        if offset == 0:
            _refuse_wide_characters(path, data)
            if data.startswith(_BYTE_ORDER_MARK):
                offset = len(_BYTE_ORDER_MARK)
                data = data[offset:]

        # Cut where a word (or a line) ends; the rest waits for more.
        cut = max(data.rfind(byte) for byte in separators) + 1
        if cut == 0 and at_spaces and len(data) > _LONGEST_WORD:
            raise ValueError(
                f"'{path}' has {len(data):,} bytes without a space near line {line}; "
                "expected text with spaces between words"
            )

        block, rest = data[:cut], data[cut:]
        yield _valid(path, block, errors, offset, line)
        offset += cut
        line += block.count(b"\n")

    yield _valid(path, rest, errors, offset, line)


def _valid(path: Path, block: bytes, errors: Errors, offset: int, line: int) -> bytes:
    if b"\0" in block:
        raise ValueError(f"'{path}' holds zero bytes; it is not a text in UTF-8")

    if block.isascii():
        return block
    try:
        block.decode()
    except UnicodeDecodeError as error:
        if errors == "replace":
            return block.decode(errors="replace").encode()
        line += block[: error.start].count(b"\n")
        raise ValueError(
            f"'{path}' is not UTF-8: byte 0x{block[error.start]:02x} in line {line}, at offset "
            f"{offset + error.start:,} of the text; convert it (`iconv -f LATIN1 -t UTF-8`, for "
            "example), or read it with errors='replace'"
        ) from None

    return block


def _refuse_wide_characters(path: Path, block: bytes) -> None:
    if block.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in block[:1000]:
        raise ValueError(
            f"'{path}' looks like UTF-16 or UTF-32 (or is not a text); convert it to UTF-8, "
            "for example with `iconv -f UTF-16 -t UTF-8`"
        )


def _read(path: Path, progress: bool) -> Iterator[bytes]:
    """Raw blocks of the decompressed file, with a progress bar over the file on disk."""
    from tqdm.auto import tqdm

    path = existing_file(path, "a text with one document per line")
    suffix = path.suffix.lower()
    if suffix in _ARCHIVES or Path(path.stem).suffix.lower() == ".tar":
        raise ValueError(
            f"'{path}' is an archive; unpack it first; plain text and the suffixes "
            f"{', '.join(_OPENERS)}, .zip can be read"
        )

    try:
        with (
            path.open("rb") as raw,
            _decompressed(path, raw) as file,
            tqdm(
                total=path.stat().st_size, desc="reading", unit="B", unit_scale=True,
                disable=not progress,
            ) as bar,
        ):  # fmt: skip
            while block := file.read(_BLOCK_BYTES):
                bar.update(raw.tell() - bar.n)
                yield block
            bar.update(bar.total - bar.n)  # what follows the text in a zip file
    except PermissionError:
        raise
    except _DAMAGE as error:
        raise ValueError(
            f"'{path}' is damaged or not a {path.suffix or 'text'} file ({error}); "
            "fetch or compress it again"
        ) from error


def _decompressed(path: Path, raw: io.BufferedReader) -> io.BufferedIOBase:
    if path.suffix.lower() != ".zip":
        opener = _OPENERS.get(path.suffix.lower())
        return opener(raw, "rb") if opener else raw  # type: ignore[operator]

    archive = zipfile.ZipFile(raw)
    members = [name for name in archive.namelist() if not name.endswith("/")]
    if len(members) != 1:
        raise ValueError(
            f"'{path}' must hold exactly one text; it holds {len(members)} files"
            + (f" ({', '.join(members[:3])}, ...)" if members else "")
            + ": unpack it and give the path of one"
        )
    return archive.open(members[0])  # type: ignore[return-value]
