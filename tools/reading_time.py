"""How long a page takes, by one formula for all pages, counted in its source.

The line below a chapter's title, the first page, and the test of a chapter's length count with
this module. The page *How to use this book* says the formula to readers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from folds import fold_of
from myst_blocks import INLINE, Block, walk

WORDS_A_MINUTE = 150  # of technical prose, read to be understood; a novel goes at 250
MINUTES_A_FORMULA = 1 / 2  # displayed
MINUTES_A_LINE = 1 / 15  # of code that the page shows unfolded
MINUTES_AN_EXERCISE = 8  # thinking and writing, beside the words of exercise and solution
STEP = 5  # minutes: no estimate is finer

WORD = re.compile(r"\S*\w\S*")
EXERCISES = ("exercise", "solution")
# What a reader of the running text passes over: it is folded, a task, or below a figure.
ASIDES = (*EXERCISES, "prf:proof", "glue:figure")


@dataclass(frozen=True)
class Minutes:
    """What a page takes: its reading, folded proofs included, and its exercises."""

    reading: int
    exercises: int

    def __add__(self, other: "Minutes") -> "Minutes":
        return Minutes(self.reading + other.reading, self.exercises + other.exercises)

    def __str__(self) -> str:
        """Say it as the pages do: "reading about 40 min, exercises about 1 h 10 min"."""
        exercises = f", exercises about {spoken(self.exercises)}" if self.exercises else ""
        return f"reading about {spoken(self.reading)}{exercises}"


def minutes(blocks: list[Block]) -> Minutes:
    """Return how long a page takes, each number a multiple of five minutes."""
    parts = list(_outside(blocks, EXERCISES))
    tasks = [block for block in walk(blocks) if block.name in EXERCISES]
    count = sum(block.name == "exercise" for block in tasks)
    inside = [block for task in tasks for block in walk(task.blocks)]
    return Minutes(
        max(STEP, _rounded(_reading(parts))),
        _rounded(_reading(inside) + MINUTES_AN_EXERCISE * count),
    )


def words_of_prose(blocks: list[Block]) -> int:
    """Count the words of the running text.

    Headings, tables and open boxes, such as theorems, count; folded proofs, exercises, solutions,
    captions and code do not. A formula or a reference within a sentence is one word.
    """
    texts = _outside(blocks, ASIDES)
    return sum(_words(block) for block in texts if block.kind == "text")


def spoken(minutes: int) -> str:
    """Say a time in hours and minutes: "40 min", "1 h", "2 h 05 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02} min" if rest else f"{hours} h"


def _outside(blocks: list[Block], names: tuple[str, ...]) -> Iterator[Block]:
    """Yield every block that is not, and is not inside, a directive of these names."""
    for block in blocks:
        is_folded = "dropdown" in str(block.options.get("class", ""))
        if block.name in names or (is_folded and names is ASIDES):
            continue
        yield block
        yield from _outside(block.blocks, names)


def _reading(blocks: list[Block]) -> float:
    """Return the minutes of what is in these blocks, without what they contain."""
    words = sum(_words(block) for block in blocks if block.kind == "text")
    formulas = sum(block.kind == "math" for block in blocks)
    lines = sum(_lines_of_code(block) for block in blocks)
    return words / WORDS_A_MINUTE + formulas * MINUTES_A_FORMULA + lines * MINUTES_A_LINE


def _words(block: Block) -> int:
    def as_one(found: re.Match[str]) -> str:
        return "" if found["comment"] else "x"

    return len(WORD.findall(INLINE.sub(as_one, block.body)))


def _lines_of_code(block: Block) -> int:
    if block.name == "code-cell" and not fold_of(block.options.get("tags", []), block.body):
        lines = block.lines
    else:
        lines = block.lines[1:-1] if block.kind == "code" else []  # without its fences
    return sum(bool(line.strip()) for line in lines)


def _rounded(minutes: float) -> int:
    return STEP * round(minutes / STEP)
