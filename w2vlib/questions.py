"""Analogy questions: "a is to b as c is to d", as they are published."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Int64
from torch import Tensor

from w2vlib._files import leave_out_malformed, read_lines
from w2vlib.text._normalizers import split_line
from w2vlib.text.facts import warn
from w2vlib.vocabulary import Vocabulary

__all__ = ["AnalogySet", "parse_analogies", "questions_from_pairs"]

_WHAT = "analogy questions, lines 'a b c d', or pairs of words, lines 'a b'"
_TAG = re.compile(r"[A-Z]+\$?_[A-Z]+\$?")  # of the answers in another file: JJ_JJR


@dataclass(frozen=True, eq=False)
class AnalogySet:
    """Questions "a is to b as c is to d", all of whose words are in a vocabulary.

    Attributes:
        questions: The numbers of the words a, b, c, d.
        category: For each question, the number of its category.
        categories: The names of the categories.
        vocabulary: The words behind the numbers.
        out_of_vocabulary: The number of questions left out because a word is missing.
        other_case: The number of questions with a word that the vocabulary has only in another
            case, or another form of Unicode.
        alternatives: For each question, the numbers of further words that are as right as d; a
            row with fewer of them than others is filled up with d. None if d alone is right.
    """

    questions: Int64[Tensor, "questions 4"]
    category: Int64[Tensor, " questions"]
    categories: tuple[str, ...]
    vocabulary: Vocabulary
    out_of_vocabulary: int = 0
    other_case: int = 0
    alternatives: Int64[Tensor, "questions answers"] | None = None

    def __post_init__(self) -> None:
        if len(self.questions) == 0:
            raise ValueError(
                f"no question has all its words in the vocabulary of {len(self.vocabulary):,} "
                f"words ({self.out_of_vocabulary:,} were read); use a larger vocabulary"
            )

        if len(self.category) != len(self.questions):
            raise ValueError(
                f"`category` must have one entry for each of the {len(self.questions)} questions; "
                f"got {len(self.category)}"
            )

        further = self.questions[:, 3:] if self.alternatives is None else self.alternatives
        if further.ndim != 2 or len(further) != len(self.questions) or further.shape[1] == 0:
            raise ValueError(
                f"`alternatives` must be None, or have one row for each of the "
                f"{len(self.questions)} questions and a column or more; got {tuple(further.shape)}"
            )

        for name, numbers, limit in (
            ("questions", self.questions, len(self.vocabulary)),
            ("category", self.category, len(self.categories)),
            ("alternatives", further, len(self.vocabulary)),
        ):
            if not 0 <= int(numbers.min()) <= int(numbers.max()) < limit:
                raise ValueError(f"`{name}` must lie in [0, {limit - 1}]")

    def __len__(self) -> int:
        return len(self.questions)

    def __repr__(self) -> str:
        return (
            f"AnalogySet({len(self):,} questions in {len(self.categories)} categories, "
            f"{self.out_of_vocabulary:,} out of vocabulary)"
        )


def right_answers(analogies: AnalogySet) -> Int64[Tensor, "questions answers"]:
    """All right answers to each question, d first."""
    answer = analogies.questions[:, 3:]
    return (
        answer
        if analogies.alternatives is None
        else torch.cat([answer, analogies.alternatives], dim=1)
    )


def questions_from_pairs(lines: Iterable[str]) -> Iterator[str]:
    """Expand word pairs into analogy questions, line by line.

    Every ordered pair of two different pairs of a category is a question.

    Args:
        lines: ``: category`` headings, each followed by lines ``a b``; empty lines are skipped,
            and so are comments: ``#`` and white space. A word may begin with ``#``.

    Returns:
        Lines in the format of ``questions-words``, that is, headings (``: category``)
        and questions (``a b c d``).

    Raises:
        ValueError: A line is neither a heading nor a pair.

    >>> list(questions_from_pairs([": capitals", "paris france", "rome italy"]))
    [': capitals', 'paris france rome italy', 'rome italy paris france']
    """
    for name, pairs in pairs_by_category(lines).items():
        yield f": {name}"
        different = dict.fromkeys(pairs)
        yield from (" ".join(first + second) for first, second in permutations(different, 2))


def pairs_by_category(lines: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """The word pairs of each category; see :func:`questions_from_pairs` for the lines."""
    families: dict[str, list[tuple[str, str]]] = {}
    for number, line in enumerate(lines, start=1):
        words = _words(line)
        if not words or _is_comment(words):
            continue

        if _is_heading(words):
            pairs = families.setdefault(_name(words), [])
        elif len(words) == 2 and families:
            pairs.append((words[0], words[1]))
        else:
            raise ValueError(
                f"line {number} must be a heading ': category' or a pair 'a b' below one; "
                f"got {line.strip()!r} (a comment begins with '# ')"
            )

    return families


def parse_analogies(source: str | Path | Iterable[str], vocabulary: Vocabulary) -> AnalogySet:
    """Read analogy questions as they are published.

    There are two kinds of lines, and a file holds one of them:

    - Questions ``a b c d``: Google's set has ``: category`` headings, Microsoft's has none.
    - Pairs ``a b``, such as BATS has, a file for each category. All ordered pairs of two
      different pairs of a category are questions. Several right words are separated by ``/``, as
      in ``rome italy/italian``. As the b of a question serves the first that is in the
      vocabulary, and as answer any of them.

    Args:
        source: A file; a folder, of which all files are read that are not hidden, in subfolders
            as well; or lines. A category is named by its heading (``: name``, or ``:name`` alone
            on a line), else by its file, without the suffix. A comment is ``#`` and white space.
            A word is looked up as it is written, then in other cases.
        vocabulary: The known words; questions with any other word are counted and left out.

    Warns:
        DataWarning: Lines or files that hold no questions were left out; comments could be
            questions; a category has a single pair.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: No line is a question, or no question lies in the vocabulary; or the answers
            are in another file.

    Reference:
        Mikolov et al. 2013 (arXiv:1301.3781), section 4.1 (Google's set); Mikolov, Yih, Zweig
        2013 (Microsoft's); Gladkova, Drozd, Matsuoka 2016 (BATS).

    >>> words = Vocabulary(("rome", "italy", "roman", "athens", "greek"), None)
    >>> analogies = parse_analogies(["athens greece/greek", "rome italy/roman"], words)
    >>> [[words.words[i] for i in question] for question in analogies.questions]
    [['athens', 'greek', 'rome', 'italy'], ['rome', 'italy', 'athens', 'greek']]
    """
    if isinstance(source, str | Path) and Path(source).is_dir():
        parts = _read_folder(Path(source), vocabulary)
    else:
        lines, origin = read_lines(source, _WHAT)
        name = Path(source).stem if isinstance(source, str | Path) else "questions"
        parts = [_read(lines, name, origin, vocabulary)]

    names = dict.fromkeys(name for part in parts for name in part.categories)
    number = {name: n for n, name in enumerate(names)}
    found = [question for part in parts for question in part.questions]
    most = max((len(each.further) for each in found), default=0)
    further = [[*each.further, *[each.words[3]] * (most - len(each.further))] for each in found]
    return AnalogySet(
        torch.tensor([each.words for each in found], dtype=torch.int64).reshape(-1, 4),
        torch.tensor([number[each.category] for each in found], dtype=torch.int64),
        tuple(names),
        vocabulary,
        sum(part.missing for part in parts),
        sum(each.other_case for each in found),
        torch.tensor(further, dtype=torch.int64) if most else None,
    )


class _Question(NamedTuple):
    """A question whose words are known, by their numbers."""

    category: str
    words: list[int]
    further: list[int]
    other_case: bool


class _Part(NamedTuple):
    """What a file holds."""

    categories: list[str]
    questions: list[_Question]
    missing: int


class _Entry(NamedTuple):
    """The words of a line: a pair or a question."""

    category: str
    words: list[str]
    place: str


def _read_folder(folder: Path, vocabulary: Vocabulary) -> list[_Part]:
    """What the files of a folder hold; those without questions are reported."""
    inside = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    names = [name for name in inside if not any(part.startswith(".") for part in name.parts)]
    parts, refused = [], []
    for path in (folder / name for name in names):
        try:
            lines, origin = read_lines(path, _WHAT)
            parts.append(_read(lines, path.stem, origin, vocabulary, strict=True))
        except (OSError, ValueError) as error:
            refused.append(str(error))

    shown = "; ".join(refused[:3]) + ("; ..." if len(refused) > 3 else "")
    if not parts:
        raise ValueError(
            f"none of the {len(names)} files of the folder '{folder}' holds {_WHAT}"
            + (f": {shown}" if refused else "")
        )
    if refused:
        warn(f"{len(refused)} of {len(names)} files of '{folder}' were left out: {shown}")
    return parts


def _read(
    lines: Iterable[str], name: str, origin: str, vocabulary: Vocabulary, strict: bool = False
) -> _Part:
    """The questions of some lines. If `strict`, most lines must be questions or pairs."""
    headings, entries, comments = _sort(lines, name)
    sizes = Counter(len(entry.words) for entry in entries)
    size, expected = (2, "pairs 'a b'") if sizes[2] > sizes[4] else (4, "questions 'a b c d'")
    expected += " separated by white space (a heading is ': name')"
    good = [entry for entry in entries if len(entry.words) == size]
    malformed = [entry.place for entry in entries if len(entry.words) != size]
    if strict and not entries:
        raise ValueError(f"there are no lines{origin}")
    if strict and len(malformed) >= len(good):
        raise ValueError(f"{len(malformed)} of {len(entries)} lines{origin} are not {expected}")
    leave_out_malformed(malformed, len(good), origin, expected)

    if good and all(_TAG.fullmatch(entry.words[-1]) for entry in good) and size == 4:
        raise ValueError(
            f"the fourth column of the questions{origin} holds no words but tags such as "
            f"{good[0].words[3]!r}: the answers lie in another file; put them into the fourth "
            "column (for example with `cut` and `paste`)"
        )

    if comments and not headings and len(good) > 1:
        shown = " ".join(comments[0])
        warn(
            f"{len(comments)} lines{origin} such as {shown!r:.40} were left out as comments: if "
            "they are headings of categories, begin them with ': ' instead of '#'"
        )
    could_be = sum(
        len(words) == size and min(map(vocabulary.find, words)) >= 0 for words in comments
    )
    if could_be:
        warn(
            f"{could_be} lines{origin} were left out as comments, but '#' is a word of the "
            f"vocabulary, and they could be {expected}; let another word come first"
        )

    categories = list(dict.fromkeys([*headings, *(entry.category for entry in good)]))
    if size == 4:
        return _Part(categories, *_known_questions(good, vocabulary))
    return _Part(categories, *_questions_of_pairs(good, origin, vocabulary))


def _sort(lines: Iterable[str], name: str) -> tuple[list[str], list[_Entry], list[list[str]]]:
    """The headings, the lines below them, and the comments."""
    headings, entries, comments = [], [], []
    for number, line in enumerate(lines, start=1):
        words = _words(line)
        if not words:
            continue
        if _is_comment(words):
            comments.append(words)
        elif _is_heading(words):
            name = _name(words)
            headings.append(name)
        else:
            entries.append(_Entry(name, words, f"line {number}: {line.strip()!r}"))
    return headings, entries, comments


def _known_questions(entries: list[_Entry], vocabulary: Vocabulary) -> tuple[list[_Question], int]:
    """The questions whose words are all known, and the number of the others."""
    found = []
    for category, words, _ in entries:
        numbers = [vocabulary.find(word) for word in words]
        if min(numbers) >= 0:
            other_case = any(word not in vocabulary for word in words)
            found.append(_Question(category, numbers, [], other_case))
    return found, len(entries) - len(found)


def _questions_of_pairs(
    entries: list[_Entry], origin: str, vocabulary: Vocabulary
) -> tuple[list[_Question], int]:
    """The questions that pairs make, and the number of those with an unknown word."""
    families: dict[str, dict[tuple[str, str], None]] = {}
    for category, (left, right), _ in entries:
        families.setdefault(category, {})[left, right] = None
    alone = [name for name, pairs in families.items() if len(pairs) == 1]
    if alone:
        warn(
            f"{len(alone)} categories{origin} have a single pair, which makes no question: "
            + ", ".join(alone[:3])
        )

    found, asked = [], 0
    for category, pairs in families.items():
        known = []
        for left, right in pairs:
            a, bs = vocabulary.find(left), _right(right, vocabulary)
            if a >= 0 and bs:
                exact = vocabulary.words[bs[0]] in (right, *right.split("/"))
                known.append((a, bs, left not in vocabulary or not exact))
        asked += len(pairs) * (len(pairs) - 1)
        for (a, bs, first), (c, ds, second) in permutations(known, 2):
            found.append(_Question(category, [a, bs[0], c, ds[0]], ds[1:], first or second))
    return found, asked - len(found)


def _right(text: str, vocabulary: Vocabulary) -> list[int]:
    """The known words among the right ones, each once; a word of the vocabulary may hold ``/``."""
    words = [text] if text in vocabulary else filter(None, text.split("/"))
    return list(dict.fromkeys(n for n in map(vocabulary.find, words) if n >= 0))


def _words(line: str) -> list[str]:
    return split_line(line.removeprefix("\ufeff"), "whitespace")


def _is_comment(words: list[str]) -> bool:
    return set(words[0]) == {"#"}


def _is_heading(words: list[str]) -> bool:
    """A question may begin with ``:)``."""
    return words[0] == ":" or (len(words) == 1 and words[0].startswith(":"))


def _name(words: list[str]) -> str:
    return " ".join(words).lstrip(": ")
