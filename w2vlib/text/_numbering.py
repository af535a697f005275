"""From bytes to numbers: blocks of a text, numbered on all cores, each with a table of its own."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Literal

import numpy as np

from w2vlib._devices import available_cores
from w2vlib.text._layout import LETTER
from w2vlib.text._normalizers import Normalizer, byte_classes, character_units, fold
from w2vlib.text._pieces import NOT_A_TEXT, Piece, pieces_of, repaired
from w2vlib.text._sources import Source
from w2vlib.text._spool import Spool
from w2vlib.text._table import ONE_UNIT, PADDING, WordTable, padded
from w2vlib.text._totals import Totals

__all__ = ["Errors", "Numbered", "number_sources"]

Errors = Literal["drop", "strict", "replace"]

_BATCH_BYTES = 2**20  # of small files that are numbered together
_WORD = re.compile(r"[^ \t\n\v\f\r]+")


@dataclass(frozen=True)
class Result:
    """The words of a piece, in the numbers of one table, and what was found beside them."""

    table: int
    tokens: np.ndarray
    ends: np.ndarray
    letters: int
    letters_dropped: int
    unspaced_words: int = 0
    unspaced_bytes: int = 0
    not_utf8: int = 0
    fault: int = -1


@dataclass(frozen=True)
class Numbered:
    """A text as numbers of words.

    Attributes:
        words: The words, folded, with how often each occurs.
        tokens: For each piece the words, in the numbers of the table that numbered it.
        blocks: For each piece the number of that table, and the places where documents end.
        translations: For each table, the numbers that its words have in `words`.
        totals: What was found on the way.
    """

    words: WordTable
    tokens: Spool
    blocks: list[tuple[int, np.ndarray]]
    translations: list[np.ndarray]
    totals: Totals

    def encode(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Renumber the words, leave out those without a number, and let go of the blocks.

        Args:
            numbers: For each of `words` its number, or -1.

        Returns:
            The numbers of all words, and the bounds of the documents; a line without words is no
            document.
        """
        from w2vlib.text._kernels import renumber

        translations = [numbers[translation] for translation in self.translations]
        last = 0  # where the last document ended, before this block
        for n, ((table, ends), length) in enumerate(
            zip(self.blocks, self.tokens.lengths, strict=True)
        ):
            filled = np.diff(ends, prepend=last) > 0
            last = (int(ends[-1]) if len(ends) else last) - length
            self.blocks[n] = (table, ends[filled])

        def shorten(n: int, tokens: np.ndarray) -> int:
            table, ends = self.blocks[n]
            return renumber(tokens, ends, translations[table])

        tokens, kept = self.tokens.shortened(shorten)
        places = np.cumsum([0, *kept])
        bounds = [ends + place for (_, ends), place in zip(self.blocks, places, strict=False)]
        return tokens, np.concatenate([[0], *bounds]).astype(np.int64)


class Worker:
    """What a thread needs: a table of words of its own, and room for the numbers of a piece."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.table = WordTable()
        self.tokens = np.empty(0, np.int32)
        self.ends = np.empty(0, np.int64)

    def room(self, size: int) -> None:
        """Make room for the numbers of a piece of this many bytes."""
        if len(self.ends) < size:
            self.tokens = np.empty(size // 2 + 1, np.int32)
            self.ends = np.empty(size, np.int64)


def number_sources(
    sources: list[Source],
    *,
    column: str | None,
    documents: str,
    normalizer: Normalizer,
    errors: Errors,
    progress: bool,
) -> Numbered:
    """Number the words of all sources, as if they were one text.

    Args:
        sources: The texts.
        column: The column of tables that holds the text.
        documents: What a document is: ``"lines"``, ``"paragraphs"``, ``"files"``.
        normalizer: What a word is.
        errors: What to do with words that are not UTF-8.
        progress: Whether to show a progress bar.

    Raises:
        ValueError: A text cannot be read.
    """
    from tqdm.auto import tqdm

    totals = Totals([0] * len(sources), [0] * len(sources))
    workers = [
        Worker(number) for number in range(1 if callable(normalizer) else available_cores())
    ]
    size = sum(source.size for source in sources) or None
    tokens, blocks = Spool(), []

    with tqdm(total=size, desc="reading", unit="B", unit_scale=True, disable=not progress) as bar:
        at_spaces, drop = not callable(normalizer), errors == "drop"
        pieces = pieces_of(sources, column, documents, at_spaces, drop, totals, bar)
        if callable(normalizer):
            # A function of the user's sees the lines one by one and in order: it may keep state.
            work = partial(_by_callable, normalizer=normalizer, errors=errors, worker=workers[0])
            results = _one_by_one(work, pieces)
        else:
            idle: SimpleQueue[Worker] = SimpleQueue()
            for worker in workers:
                idle.put(worker)
            work = partial(_by_table, normalizer=normalizer, errors=errors, idle=idle)
            results = _ahead(work, pieces)
        for piece, result in results:
            _note(totals, sources[piece.source], piece, result, errors, documents)
            tokens.append(result.tokens)
            blocks.append((result.table, result.ends))

    _refuse_other_encodings(totals)
    words, translations = _merged([worker.table for worker in workers], normalizer)
    return Numbered(words, tokens, blocks, translations, totals)


def _one_by_one(
    work: Callable[[Piece], Result], pieces: Iterable[Piece]
) -> Iterator[tuple[Piece, Result]]:
    for piece in pieces:
        yield piece, work(piece)


def _ahead(
    work: Callable[[Piece], Result], pieces: Iterable[Piece]
) -> Iterator[tuple[Piece, Result]]:
    """Like `map`, on all cores, while only a few pieces wait in memory."""
    cores = available_cores()

    def all_of(batch: list[Piece]) -> list[Result]:
        return [work(piece) for piece in batch]

    with ThreadPoolExecutor(cores) as pool:
        waiting: deque[tuple[list[Piece], Future[list[Result]]]] = deque()
        for batch in _batches(pieces):
            waiting.append((batch, pool.submit(all_of, batch)))
            if len(waiting) > cores + 1:
                first, future = waiting.popleft()
                yield from zip(first, future.result(), strict=True)
        for first, future in waiting:
            yield from zip(first, future.result(), strict=True)


def _batches(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Small files together, so that a thread has something to do."""
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece.text)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _by_table(piece: Piece, normalizer: str, errors: Errors, idle: SimpleQueue[Worker]) -> Result:
    text, letters, not_utf8, fault = _valid(piece.text, errors)
    if normalizer == "text8" and letters[1]:
        # The two characters outside ASCII with an ASCII letter in their lower case: the dotted
        # capital I (i and a combining dot) and the Kelvin sign (k).
        data = text[:-PADDING].tobytes()
        text = padded(data.replace("\u0130".encode(), b"i ").replace("\u212a".encode(), b"k"))

    units = character_units() if normalizer == "unicode" else ONE_UNIT
    worker = idle.get()
    try:
        worker.room(len(text))
        at = worker.table.number(text, byte_classes(normalizer), units, worker.tokens, worker.ends)
        _, words, lines, letters_a_to_z, unspaced_words, unspaced_bytes = at.tolist()
        tokens, ends = worker.tokens[:words].copy(), worker.ends[:lines].copy()
    finally:
        idle.put(worker)
    dropped = int(letters[0]) if normalizer == "text8" else 0
    unspaced = (unspaced_words, unspaced_bytes)
    return Result(worker.number, tokens, ends, letters_a_to_z, dropped, *unspaced, not_utf8, fault)


def _by_callable(
    piece: Piece, normalizer: Callable[[str], Iterable[str]], errors: Errors, worker: Worker
) -> Result:
    text, _, not_utf8, fault = _valid(piece.text, errors)
    data = text[:-PADDING].tobytes()
    words: list[str] = []
    ends = []
    for line in data.decode().removesuffix("\n").split("\n"):
        for word in normalizer(line.removesuffix("\r")):
            if not isinstance(word, str) or not _WORD.fullmatch(word):
                raise ValueError(
                    f"`normalizer` must yield words: strings that are not empty and hold no "
                    f"white space; got {word!r} from the line {line[:40]!r}"
                )
            words.append(word)
        ends.append(len(words))

    spelling = "".join(f"{word}\n" for word in words).encode()
    kept = _letters(spelling)
    dropped = max(0, _letters(data) - kept)
    tokens = worker.table.add(spelling)
    return Result(
        worker.number, tokens, np.array(ends), kept, dropped, not_utf8=not_utf8, fault=fault
    )


def _letters(text: bytes) -> int:
    """The number of letters of any script."""
    from w2vlib.text._kernels import inspect

    found = np.zeros(2, np.int64)
    array = np.frombuffer(text, np.uint8)
    inspect(array, character_units(), found)
    return int(found[0] + (byte_classes("text8")[array] == LETTER).sum())


def _valid(text: np.ndarray, errors: Errors) -> tuple[np.ndarray, np.ndarray, int, int]:
    """A text in valid UTF-8 without zero bytes.

    Returns:
        The text; the number of its letters outside ASCII, and of those whose lower case has a
        letter of ASCII; the number of words that were left out; and the place of the first fault,
        or -1.
    """
    from w2vlib.text._kernels import inspect

    letters = np.zeros(2, np.int64)
    fault = inspect(text, character_units(), letters)
    if fault < 0:
        return text, letters, 0, -1

    if errors == "replace":
        data = text[:-PADDING].tobytes()
        new, words = data.decode(errors="replace").replace("\0", "\ufffd"), 0
    else:
        new, words = repaired(text)
    text = padded(new.encode())
    letters[:] = 0
    inspect(text, character_units(), letters)
    return text, letters, words, fault


def _note(
    totals: Totals, source: Source, piece: Piece, result: Result, errors: Errors, documents: str
) -> None:
    """Add what was found in a piece to the totals."""
    n = piece.source
    if result.fault >= 0 and errors != "replace":
        byte = int(piece.text[result.fault])
        lines = totals.lines[n] + int((piece.text[: result.fault] == 10).sum()) + 1
        where = f"in line {lines:,}, " if documents == "lines" else ""
        place = f"{where}at offset {piece.offset + result.fault:,} of the text"
        fault = (
            f"'{source.name}' is not UTF-8: byte 0x{byte:02x} {place}; convert it (`iconv -f "
            "LATIN1 -t UTF-8`, for example, with the encoding that it has), or use "
            '`errors="replace"`'
            if byte
            else f"'{source.name}' holds zero bytes, the first {place}: it is not a text in "
            "UTF-8; find out what it is, or remove them (`tr -d '\\000'`)"
        )
        if errors == "strict":
            raise ValueError(fault)
        totals.first_fault = totals.first_fault or fault

    totals.words[n] += len(result.tokens)
    totals.lines[n] += len(result.ends)
    totals.letters += result.letters
    totals.letters_dropped += result.letters_dropped
    totals.unspaced_words += result.unspaced_words
    totals.unspaced_bytes += result.unspaced_bytes
    totals.not_utf8 += result.not_utf8
    if result.not_utf8:
        totals.faulty[source.name] = None


def _refuse_other_encodings(totals: Totals) -> None:
    """A few words may be broken; if many are, the text is in another encoding, or is none."""
    words = sum(totals.words)
    if totals.not_utf8 > NOT_A_TEXT * (words + totals.not_utf8):
        raise ValueError(totals.first_fault)


def _merged(tables: list[WordTable], normalizer: Normalizer) -> tuple[WordTable, list[np.ndarray]]:
    """One table of all words, and the numbers that each table's words have in it."""
    counts = [table.counts.copy() for table in tables]
    if normalizer == "unicode":
        merged = WordTable()
        translations = [_folded(table, merged) for table in tables]
    else:
        merged = tables[0]
        same = np.arange(len(merged), dtype=np.int32)
        translations = [same, *(merged.add(table.spelling) for table in tables[1:])]

    total = np.zeros(len(merged), np.int64)
    for translation, count in zip(translations, counts, strict=True):
        np.add.at(total, translation, count)
    merged.counts[:] = total
    return merged, translations


def _folded(table: WordTable, merged: WordTable) -> np.ndarray:
    """Add the words of a table to another one in lower case, and say which numbers they have."""
    # Words of ASCII, most of all, need less work than the others.
    other, of_ascii, others = table.by_script()
    translation = np.empty(len(table), np.int32)
    translation[~other] = merged.add(of_ascii.lower())
    translation[other] = merged.add(fold(others.decode()).encode())
    return translation
