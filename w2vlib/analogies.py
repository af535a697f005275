"""Analogies: a is to b as c is to which word?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from w2vlib._files import leave_out_malformed, read_lines
from w2vlib.embedding import Embedding, unit_vectors
from w2vlib.text._normalizers import split_line
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "AnalogyResult",
    "AnalogySet",
    "parse_analogies",
    "questions_from_pairs",
    "solve_analogies",
    "standard_error",
]


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
    """

    questions: Int64[Tensor, "questions 4"]
    category: Int64[Tensor, " questions"]
    categories: tuple[str, ...]
    vocabulary: Vocabulary
    out_of_vocabulary: int = 0
    other_case: int = 0

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

        for name, numbers, limit in (
            ("questions", self.questions, len(self.vocabulary)),
            ("category", self.category, len(self.categories)),
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


@dataclass(frozen=True, eq=False)
class AnalogyResult:
    """The answers of an embedding.

    Attributes:
        analogies: The questions.
        predicted: The number of the word answered to each question.
        correct: Whether each answer is the expected word.
    """

    analogies: AnalogySet
    predicted: Int64[Tensor, " questions"]
    correct: Bool[Tensor, " questions"]

    @property
    def accuracy(self) -> float:
        """The share of correct answers among all questions in the vocabulary."""
        return float(self.correct.double().mean())

    @property
    def by_category(self) -> dict[str, float]:
        """The share of correct answers in each category that has questions."""
        category = self.analogies.category
        return {
            name: float(self.correct[category == number].double().mean())
            for number, name in enumerate(self.analogies.categories)
            if bool((category == number).any())
        }

    def __len__(self) -> int:
        return len(self.analogies)

    def __repr__(self) -> str:
        return (
            f"AnalogyResult({int(self.correct.sum()):,} of {len(self):,} correct, "
            f"{self.accuracy:.1%}; {self.analogies.out_of_vocabulary:,} out of vocabulary)"
        )


def questions_from_pairs(lines: Iterable[str]) -> Iterator[str]:
    """Expand word pairs into analogy questions, line by line.

    Every ordered pair of two different pairs of a category is a question.

    Args:
        lines: ``: category`` headings, each followed by lines ``a b``; empty lines and lines
            that begin with ``#`` are skipped.

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
        yield from (" ".join(first + second) for first, second in permutations(pairs, 2))


def parse_analogies(source: str | Path | Iterable[str], vocabulary: Vocabulary) -> AnalogySet:
    """Read analogy questions in the ``questions-words`` format.

    Args:
        source: A file, or its lines: ``: category`` headings, each followed by questions
            ``a b c d``. A word is looked up as it is written, then in other cases.
        vocabulary: The known words; questions with any other word are counted and left out.

    Warns:
        DataWarning: Lines that are not questions were left out.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: No line is a question; or no question lies in the vocabulary.

    Reference:
        Mikolov et al. 2013 (arXiv:1301.3781), section 4.1.
    """
    lines, origin = read_lines(source, "analogy questions, lines 'a b c d' below ': category'")
    categories: list[str] = []
    questions: list[list[int]] = []
    category: list[int] = []
    malformed: list[str] = []
    missing, other_case, current = 0, 0, 0

    for number, line in enumerate(lines, start=1):
        words = split_line(line, "whitespace")
        if words and words[0].startswith(":"):
            name = line.lstrip(": ").strip()
            if name not in categories:
                categories.append(name)
            current = categories.index(name)
        elif len(words) == 4 and categories:
            numbers = [vocabulary.find(word) for word in words]
            if min(numbers) < 0:
                missing += 1
            else:
                other_case += any(word not in vocabulary for word in words)
                questions.append(numbers)
                category.append(current)
        elif words:
            malformed.append(f"line {number}: {line.strip()!r}")

    expected = "questions 'a b c d' below a ': category'"
    leave_out_malformed(malformed, len(questions) + missing, origin, expected)
    return AnalogySet(
        torch.tensor(questions, dtype=torch.int64).reshape(-1, 4),
        torch.tensor(category, dtype=torch.int64),
        tuple(categories),
        vocabulary,
        missing,
        other_case,
    )


def solve_analogies(
    embedding: Embedding,
    analogies: AnalogySet,
    *,
    method: Literal["add", "mul", "nearest"] = "add",
    batch_size: int = 512,
) -> AnalogyResult:
    r"""Answer analogy questions with word vectors.

    With unit vectors :math:`\hat w`, the answer to "a is to b as c is to" is, by addition
    (3CosAdd),

    .. math:: \arg\max_{x \notin \{a, b, c\}} \;
        \hat w_x \cdot (\hat w_b - \hat w_a + \hat w_c),

    or by multiplication (3CosMul), with cosines mapped to the interval from 0 to 1 by
    :math:`s(x, y) = (\hat w_x \cdot \hat w_y + 1) / 2`,

    .. math:: \arg\max_{x \notin \{a, b, c\}} \;
        \frac{s(x, b) \, s(x, c)}{s(x, a) + 0.001}.

    The whole vocabulary competes; the three words of the question do not. The third method,
    ``"nearest"``, is the baseline that ignores a and b and answers the word nearest to c.

    Args:
        embedding: The word vectors.
        analogies: Questions over the same vocabulary.
        method: ``"add"``, ``"mul"`` or ``"nearest"``.
        batch_size: The number of questions to answer at one time.

    Returns:
        The answers, on the CPU.

    Raises:
        ValueError: The vocabularies differ, `method` is unknown, or `batch_size` is below 1.

    Reference:
        Mikolov, Yih, Zweig 2013 (3CosAdd); Levy and Goldberg 2014, *Linguistic regularities in
        sparse and explicit word representations* (3CosMul); Linzen 2016 (the baseline).
    """
    check_vocabulary(embedding, analogies)
    if method not in _SCORES:
        raise ValueError(f"`method` must be one of {', '.join(_SCORES)}; got {method!r}")
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be at least 1; got {batch_size}")

    unit = unit_vectors(embedding)
    questions = analogies.questions.to(unit.device)

    # All batches share one buffer: new memory would cost as much as the products.
    room = unit.new_empty(min(batch_size, len(questions)), len(unit))
    predicted = []
    for batch in questions.split(batch_size):
        scores = _SCORES[method](unit, batch, room[: len(batch)])
        predicted.append(_argmax_rows(scores.scatter_(1, batch[:, :3], -torch.inf)))

    answers = torch.cat(predicted).cpu()
    correct = answers == analogies.questions[:, 3]
    return AnalogyResult(analogies, answers, correct)


def standard_error(
    result: AnalogyResult,
    *,
    baseline: AnalogyResult | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> float:
    """How much the accuracy would vary with other word pairs of the same categories.

    Questions share their words, so they are not independent: a set of n questions says less than
    n coin tosses. This bootstrap draws the *pairs* of each category anew, with replacement, and
    weighs each question "a is to b as c is to d" by how often its two pairs were drawn.

    Two embeddings mostly find the same questions hard. The error of the *difference* of their
    accuracies is therefore smaller than their two errors suggest.

    Args:
        result: The answers.
        baseline: Other answers to the same questions; the error is then that of the accuracy of
            `result` minus theirs.
        resamples: The number of times to draw.
        seed: The seed of the random draws.

    Returns:
        The standard deviation of the accuracy, or of the difference, over the resamples.

    Raises:
        ValueError: `resamples` is less than 2, or `baseline` answers other questions.

    Reference:
        Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 6.
    """
    if resamples < 2:
        raise ValueError(f"`resamples` must be at least 2; got {resamples}")

    analogies, scores = result.analogies, result.correct.float()
    if baseline is not None:
        if not torch.equal(baseline.analogies.questions, analogies.questions):
            raise ValueError(
                f"`baseline` must answer the same {len(analogies):,} questions as `result`; solve "
                "them with one AnalogySet"
            )
        scores = scores - baseline.correct.float()

    # A question is two pairs of one category. Each pair gets a number.
    halves = [
        torch.column_stack([analogies.category, analogies.questions[:, half]])
        for half in (slice(0, 2), slice(2, 4))
    ]
    pairs, number = torch.unique(torch.cat(halves), dim=0, return_inverse=True)
    first, second = number.chunk(2)

    # Draw the pairs of each category anew, as many as there are.
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.zeros(resamples, len(pairs))
    for category in pairs[:, 0].unique():
        members = torch.nonzero(pairs[:, 0] == category).squeeze(1)
        draw = torch.randint(len(members), (resamples, len(members)), generator=generator)
        drawn.scatter_add_(1, members[draw], torch.ones(draw.shape))

    # A question counts as often as both its pairs were drawn: the product.
    weights = drawn[:, first] * drawn[:, second]
    accuracy = (weights * scores).sum(dim=1) / weights.sum(dim=1)
    return float(accuracy[weights.sum(dim=1) > 0].std())


def pairs_by_category(lines: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """The word pairs of each category; see :func:`questions_from_pairs` for the lines."""
    families: dict[str, list[tuple[str, str]]] = {}
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue

        if words[0].startswith(":"):
            pairs = families.setdefault(line.lstrip(": ").strip(), [])
        elif len(words) == 2 and families:
            pairs.append((words[0], words[1]))
        else:
            raise ValueError(
                f"line {number} must be a heading ': category' or a pair 'a b' below one; "
                f"got {line.strip()!r}"
            )

    return families


def check_vocabulary(embedding: Embedding, analogies: AnalogySet) -> None:
    """Refuse questions about other words than an embedding's."""
    if embedding.vocabulary.words != analogies.vocabulary.words:
        raise ValueError(
            "`embedding` and `analogies` must share a vocabulary: "
            "parse the analogies with `embedding.vocabulary`"
        )


def _argmax_rows(scores: Float[Tensor, "batch vocab"]) -> Int64[Tensor, " batch"]:
    """The first largest entry of each row. On the CPU, NumPy's is much faster."""
    if scores.device.type == "cpu":
        return torch.from_numpy(scores.numpy().argmax(axis=1))
    return scores.argmax(dim=1)


def _add_scores(
    unit: Float[Tensor, "vocab dim"],
    questions: Int64[Tensor, "batch 4"],
    room: Float[Tensor, "batch vocab"],
) -> Float[Tensor, "batch vocab"]:
    a, b, c, _ = unit[questions].unbind(dim=1)
    return torch.mm(b - a + c, unit.T, out=room)


def _mul_scores(
    unit: Float[Tensor, "vocab dim"],
    questions: Int64[Tensor, "batch 4"],
    room: Float[Tensor, "batch vocab"],
) -> Float[Tensor, "batch vocab"]:
    a, b, c = (((unit[questions[:, n]] @ unit.T) + 1) / 2 for n in range(3))
    return torch.mul(b, c, out=room).div_(a + 0.001)


def _nearest_scores(
    unit: Float[Tensor, "vocab dim"],
    questions: Int64[Tensor, "batch 4"],
    room: Float[Tensor, "batch vocab"],
) -> Float[Tensor, "batch vocab"]:
    return torch.mm(unit[questions[:, 2]], unit.T, out=room)


_SCORES = {"add": _add_scores, "mul": _mul_scores, "nearest": _nearest_scores}
