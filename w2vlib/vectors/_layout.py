"""What the first bytes of a file say of the vectors in it, or that there are none."""

import re
from collections import Counter
from dataclasses import dataclass

__all__ = ["HEAD", "Layout", "layout_of", "line_ends", "number_of"]

HEAD = 2**20  # bytes that are looked at before a file is read
_LINES = 100  # lines that are looked at
_BOM = b"\xef\xbb\xbf"
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NO_FINITE = re.compile(rb"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_COUNT = re.compile(rb"\d{1,15}")
_DECIMALS = re.compile(rb"[-+.\deE\s]+")
_SPARSE = re.compile(rb"\d+:[-+.\d]")
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_FASTTEXT = (793712314).to_bytes(4, "little")
_NONE = (
    "holds no word vectors: expected lines of a word and its numbers, between spaces or tabs, or "
    "a header 'words dimensions' before such lines or before binary rows"
)
_SQUEEZED = "compressed or an archive of a kind that is not read here: unpack it first"

# How files of other formats begin, what they are, and the way from there to word vectors.
_OTHERS = {
    b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.": (
        "a file of PyTorch: load it with `torch.load`, and make a `w2v.Embedding` of the tensor "
        "and a `w2v.Vocabulary`"
    ),
    b"\x93NUMPY": (
        "an array of NumPy, such as lies beside the .kv or .model of gensim: load that one with "
        "gensim's `KeyedVectors.load`, and use `from_keyed_vectors`"
    ),
    _FASTTEXT: (
        "a model of fastText: take the .vec of the same name, or load it with "
        "`gensim.models.fasttext.load_facebook_vectors`, and use `from_keyed_vectors`"
    ),
    b"\x89HDF\r\n\x1a\n": "HDF5: read it with h5py or pandas, and make a `w2v.Embedding` of it",
    b"PAR1": "Parquet: read it with pyarrow or pandas, and make a `w2v.Embedding` of it",
    b"ARROW1": "Arrow: read it with pyarrow, and make a `w2v.Embedding` of it",
    b"SQLite format 3\0": "a database of SQLite (as of Magnitude): fetch the text format instead",
    b"version https://git-lfs.github.com/spec/": (
        "a pointer of Git LFS, not the file itself: run `git lfs pull`, or download the file"
    ),
    b"\xff\xfe": "UTF-16: convert it, for example with `iconv -f UTF-16 -t UTF-8`",
    b"\xfe\xff": "UTF-16: convert it, for example with `iconv -f UTF-16 -t UTF-8`",
    b"\x28\xb5\x2f\xfd": _SQUEEZED,
    b"7z\xbc\xaf\x27\x1c": _SQUEEZED,
    b"Rar!": _SQUEEZED,
}


@dataclass(frozen=True)
class Layout:
    """How the vectors lie in a file.

    Attributes:
        dim: The numbers of a vector.
        count: The vectors that the header announces; None without a header.
        start: The lines before the first row.
        binary: Whether the numbers are float32 rather than decimals.
    """

    dim: int
    count: int | None
    start: int
    binary: bool = False


def layout_of(head: bytes, whole: bool) -> Layout:
    """The layout of a file of word vectors.

    Args:
        head: The first bytes.
        whole: Whether these are all.

    Raises:
        ValueError: They are no word vectors; the message begins with "is" or "holds".
    """
    _refuse_others(head)
    rows = _sample(head, whole)
    if not rows:
        raise ValueError(_NONE)

    if sum(any(map(_SPARSE.match, columns[1:])) for _, columns in rows) * 2 > len(rows):
        raise ValueError(
            "holds sparse vectors (as '9:0.02'), and an embedding is dense: take a dense version"
        )

    line, first = rows[0]
    if len(first) == 2 and all(map(_COUNT.fullmatch, first)):
        count, announced = map(int, first)
        pairs = sum(len(columns) == 2 and _numbers(columns) == 1 for _, columns in rows[1:])
        if announced == 1 or (announced and (not pairs or 2 * pairs < len(rows) - 1)):
            return _with_header(head, whole, rows, Layout(announced, count, line + 1))
    dim, _ = _dim(rows)
    if not dim:
        raise ValueError(_NONE)
    return Layout(dim, None, 0)


def line_ends(text: bytes) -> bytes:
    """The text with line feeds at the ends of all lines."""
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def number_of(column: bytes) -> float | None:
    """The number that a column holds, as decimals; None if it is none."""
    return float(column) if _NUMBER.fullmatch(column) or _NO_FINITE.fullmatch(column) else None


def _refuse_others(head: bytes) -> None:
    """Say what a file is that is no word vectors."""
    if not head:
        raise ValueError("is empty; write or fetch it again")
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise ValueError(f"is {what}")
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
        owner = "gensim" if b"gensim" in head[:4096] else "Python"
        raise ValueError(
            f"is a pickle of {owner}: load it with gensim's `KeyedVectors.load` (a model of "
            "gensim has its vectors in `.wv`), and use `from_keyed_vectors`"
        )
    if head[8:10] == b'{"' and int.from_bytes(head[:8], "little") < 2**32:
        raise ValueError(
            "is safetensors: load it with `safetensors.torch.load_file`, and make a "
            "`w2v.Embedding` of the tensor and a `w2v.Vocabulary`"
        )
    if head[257:262] == b"ustar":
        raise ValueError(f"is {_SQUEEZED}")
    if head.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise ValueError("is a web page, as of a failed download: fetch the file again")


def _sample(head: bytes, whole: bool) -> list[tuple[int, list[bytes]]]:
    """The numbers, from 0, and the columns of the first whole lines that are not blank."""
    lines = line_ends(head.removeprefix(_BOM)).split(b"\n")
    if not whole:
        lines.pop()
    rows: list[tuple[int, list[bytes]]] = []
    for number, line in enumerate(lines):
        columns = line.replace(b"\t", b" ").split(b" ")
        if columns := [column for column in columns if column]:
            rows.append((number, columns))
        if len(rows) == _LINES:
            break
    return rows


def _dim(rows: list[tuple[int, list[bytes]]]) -> tuple[int, float]:
    """How many numbers most lines end with, and the share of those lines."""
    found = Counter(map(_numbers, (columns for _, columns in rows)))
    del found[0]
    if not found:
        return 0, 0.0
    dim, lines = found.most_common(1)[0]
    return dim, lines / len(rows)


def _numbers(columns: list[bytes]) -> int:
    """How many numbers a line ends with, after at least one column that is the word."""
    for place in range(len(columns) - 1, 0, -1):
        if number_of(columns[place]) is None:
            return len(columns) - 1 - place
    return len(columns) - 1


def _with_header(
    head: bytes, whole: bool, rows: list[tuple[int, list[bytes]]], text: Layout
) -> Layout:
    """Whether decimals or float32 follow a header."""
    binary = Layout(text.dim, text.count, text.start, binary=True)
    good = sum(_numbers(columns) == text.dim for _, columns in rows[1:])
    body = head.split(b"\n", text.start)[-1]
    if 0 < good == len(rows) - 1:
        return text
    if whole and _fits(body, binary, whole=True):
        return binary
    if good and 2 * good >= len(rows) - 1:
        return text
    if (_CONTROL.search(body) or not _is_utf8(body, whole)) and _fits(body, binary, whole=False):
        return binary

    dim, share = _dim(rows[1:])
    if share > 0.5 and not good:
        raise ValueError(
            f"holds no word vectors as its header announces them: rows have {dim} numbers, and "
            f"the header says {text.dim}; correct it, or delete it"
        )
    return text


def _is_utf8(body: bytes, whole: bool) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return not whole and error.start >= len(body) - 3
    return True


def _fits(body: bytes, layout: Layout, whole: bool) -> bool:
    """Whether words and float32 can be what the bytes hold; few of these may look like decimals.

    Args:
        body: What follows the header.
        layout: What the header says.
        whole: Whether the last of them must end with the bytes.
    """
    place = rows = decimals = 0
    while rows < (layout.count or 0):
        space = body.find(b" ", place)
        end = space + 1 + 4 * layout.dim
        if space < 0 or end > len(body):
            break
        if b"\n" in body[place:space].lstrip(b"\n"):
            return False
        decimals += _DECIMALS.fullmatch(body, space, end) is not None
        rows, place = rows + 1, end
    ends = rows == layout.count and not body[place:].strip(b"\n")
    return (ends or not whole) and (not decimals or 2 * decimals < rows)
