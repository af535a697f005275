"""Words and their vectors as they are read: a matrix that grows, and what was left out of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from w2vlib.vocabulary import are_words, as_word

__all__ = ["COLUMNS", "DTYPES", "EMPTY", "INFINITE", "NO_NUMBER", "Table"]

COLUMNS = "with another number of columns"
NO_NUMBER = "with something that is no number"
INFINITE = "with numbers that are infinite or NaN"
EMPTY = "without a word"
_TWICE = "with a word that came before"
_SPACES = "with white space, which is now '_'"
_NOT_UTF8 = "that are not UTF-8, and now hold '\N{REPLACEMENT CHARACTER}'"
_NO_TEXT = "that are no text, and now are"
_MALFORMED = (COLUMNS, NO_NUMBER, INFINITE)
_CHANGED = (_SPACES, _NOT_UTF8, _NO_TEXT)

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_STORED = {  # bfloat16 is unknown to NumPy
    torch.float16: np.float16,
    torch.bfloat16: np.int16,
    torch.float32: np.float32,
    torch.float64: np.float64,
}
_STEP = 33 * 2**20  # bytes of a piece of a matrix: so large that the system gets it back at once


@dataclass
class Table:
    """The words and vectors that were read.

    Attributes:
        dim: The numbers of a vector.
        dtype: The type in which vectors are kept.
        limit: The number of words after which reading stops; None reads all.
        expected: How many rows there will be, as far as is known; 0 if it is not.
        unit: What the numbers of rows count: lines, vectors, keys.
        seen: The rows that were read, those that were left out included.
        index: The number of each word.
        remarks: What is to be said of the whole file.
        found: For each kind of trouble, how often it occurred, and examples.
    """

    dim: int
    dtype: torch.dtype
    limit: int | None = None
    expected: int = 0
    unit: str = "line"
    seen: int = 0
    index: dict[str, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    found: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pieces: list[np.ndarray] = []
        self._free = 0  # rows of the last piece

    @property
    def full(self) -> bool:
        """Whether as many words were read as are wanted."""
        return self.limit is not None and len(self.index) >= self.limit

    def check(self, end: bool = False) -> None:
        """Refuse what is probably no file of vectors.

        Args:
            end: Whether all rows were read.

        Raises:
            ValueError: Half of the rows or more are malformed, or there is none in the end.
        """
        malformed = sum(self.found[kind][0] for kind in _MALFORMED if kind in self.found)
        if (malformed and 2 * malformed >= self.seen) or (end and not self.index):
            raise ValueError(
                f"is probably no file of word vectors: of {self.seen:,} {self.unit}s "
                f"{len(self.index):,} are a word and {self.dim} numbers; {self.report()}"
            )

    def leave_out(self, kind: str, number: int, word: str) -> None:
        """Note a row that was left out."""
        self.seen += 1
        self._note(kind, number, word)

    def add(
        self,
        words: Sequence[object],
        vectors: np.ndarray,
        numbers: Callable[[], Sequence[int]],
    ) -> None:
        """Add rows, up to the limit, without those that have no word, a known one, or no numbers.

        Args:
            words: The words, text or bytes of it.
            vectors: (rows, dim) The vectors.
            numbers: Returns the number of each row, for messages.
        """
        room = len(words) if self.limit is None else self.limit - len(self.index)
        decoded = _decoded(words[:room])
        new = dict.fromkeys(decoded)
        if (
            len(new) == len(decoded)
            and are_words(decoded)
            and self.index.keys().isdisjoint(new)
            and np.isfinite(vectors[:room]).all()
        ):
            first = len(self.index)
            self.index.update(zip(decoded, range(first, first + len(decoded)), strict=True))
            self.seen += len(decoded)
            self._store(vectors[:room])
        elif decoded:
            self._store(vectors[self._choose(words, vectors, numbers())])

    def _choose(
        self, words: Sequence[object], vectors: np.ndarray, numbers: Sequence[int]
    ) -> list[int]:
        """The rows to keep; their words get numbers, and what is wrong with others is noted."""
        kept = []
        finite = np.isfinite(vectors).all(axis=1)
        for row, word in enumerate(words):
            if self.full:
                break
            text = word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word)
            name = "" if word is None else as_word(text)
            fault = (
                (not finite[row] and INFINITE)
                or (not name and EMPTY)
                or (name in self.index and _TWICE)
            )
            if fault:
                self.leave_out(fault, numbers[row], text)
                continue

            if name != text:
                self._note(_SPACES, numbers[row], text)
            elif isinstance(word, bytes) and text.encode() != word:
                self._note(_NOT_UTF8, numbers[row], text)
            elif not isinstance(word, bytes | str):
                self._note(_NO_TEXT, numbers[row], text)
            self.index[name] = len(self.index)
            self.seen += 1
            kept.append(row)
        return kept

    def _note(self, kind: str, number: int, word: str) -> None:
        count, examples = self.found.get(kind, (0, []))
        if len(examples) < 3:
            word = word.replace("\v", " ")
            shown = repr(word if len(word) <= 30 else f"{word[:30]}...")
            examples.append(f"{self.unit} {number:,}: {shown}")
        self.found[kind] = (count + 1, examples)

    def _store(self, vectors: np.ndarray) -> None:
        """Append rows, in pieces: to make an array longer may copy it."""
        while len(vectors):
            if not self._free:
                step = max(1, _STEP // (self.dim * np.dtype(_STORED[self.dtype]).itemsize))
                self._free = step if self._pieces else self.expected or step
                self._pieces.append(np.empty((self._free, self.dim), _STORED[self.dtype]))
            part, vectors = vectors[: self._free], vectors[self._free :]
            begin = len(self._pieces[-1]) - self._free
            self._free -= len(part)
            self._put(part, self._pieces[-1][begin : begin + len(part)])

    def _put(self, vectors: np.ndarray, place: np.ndarray) -> None:
        target = torch.from_numpy(place).view(self.dtype)
        target.copy_(torch.from_numpy(vectors))
        if not bool(target.isfinite().all()):
            largest = torch.finfo(self.dtype).max
            raise ValueError(
                f"`dtype`={self.dtype} cannot hold all numbers of the vectors: its largest is "
                f"{largest:.5g}, and they go up to {np.abs(vectors).max():.5g}; use torch.float32"
                + (" or torch.bfloat16" if self.dtype == torch.float16 else "")
            )

    def vectors(self) -> Tensor:
        """The matrix of the rows that were read; the table is empty afterwards."""
        if len(self._pieces) == 1:
            matrix = self._pieces.pop()
            if self._free:
                matrix.resize((len(self.index), self.dim), refcheck=False)
            return torch.from_numpy(matrix).view(self.dtype)

        matrix = np.empty((len(self.index), self.dim), _STORED[self.dtype])
        self._pieces.reverse()
        done = 0
        while self._pieces:  # each is given back as soon as its rows are in their place
            piece = self._pieces.pop()[: len(matrix) - done]
            matrix[done : done + len(piece)] = piece
            done += len(piece)
        return torch.from_numpy(matrix).view(self.dtype)

    def report(self) -> str:
        """What was left out and what was changed; empty if nothing was."""
        changed = [kind for kind in self.found if kind in _CHANGED]
        left_out = [kind for kind in self.found if kind not in _CHANGED]
        parts = list(self.remarks)
        for done, unit, kinds in (("left out", self.unit, left_out), ("changed", "word", changed)):
            if kinds:
                number = sum(self.found[kind][0] for kind in kinds)
                plural = "" if number == 1 else "s"
                listed = ", ".join(map(self._shown, kinds))
                parts.append(f"{done} {number:,} {unit}{plural}: {listed}")
        return "; ".join(parts)

    def _shown(self, kind: str) -> str:
        count, examples = self.found[kind]
        more = "; ..." if count > len(examples) else ""
        return f"{count:,} {kind} ({'; '.join(examples)}{more})"


def _decoded(words: Sequence[object]) -> list[str]:
    """The text of words, if all of them are such; otherwise none that are words."""
    if words and isinstance(words[0], bytes):
        try:
            decoded = b"\n".join(words).decode().split("\n")  # type: ignore[arg-type]
        except UnicodeDecodeError:
            return [""]
        return decoded if len(decoded) == len(words) else [""]
    return list(words) if all(isinstance(word, str) for word in words) else [""]  # type: ignore[arg-type]
