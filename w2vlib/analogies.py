"""Analogies: a is to b as c is to which word?"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from w2vlib._scores import METHODS, Method, score_batches
from w2vlib.embedding import Embedding, unit_vectors
from w2vlib.questions import AnalogySet, right_answers

__all__ = ["AnalogyResult", "analogy", "solve_analogies", "standard_error"]


@dataclass(frozen=True, eq=False)
class AnalogyResult:
    """The answers of an embedding.

    Attributes:
        analogies: The questions.
        predicted: The number of the word answered to each question.
        correct: Whether each answer is the expected word, or one of its alternatives.
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


def analogy(
    embedding: Embedding, a: str, b: str, c: str, *, k: int | None = None, method: Method = "add"
) -> list[tuple[str, float]]:
    """Answer "a is to b as c is to which word?", the best answers first.

    Args:
        embedding: The word vectors.
        a: A word, as it is written in the vocabulary.
        b: The word that a is to.
        c: The word whose counterpart is asked for.
        k: The number of answers; None means ten, or as many as there are. The words of the
            question are no answers.
        method: ``"add"``, ``"mul"`` or ``"nearest"``; see :func:`solve_analogies`.

    Returns:
        Pairs of a word and its score: what :func:`solve_analogies` maximizes. Of equal scores,
        the more frequent word comes first.

    Raises:
        KeyError: A word is not in the vocabulary.
        ValueError: `method` is unknown, `k` is out of range, or no other word is left.

    Reference:
        Mikolov, Yih, Zweig 2013.

    >>> from w2vlib.vocabulary import Vocabulary
    >>> vectors = torch.tensor([[1.0, 1, 0], [1, -1, 0], [0, 1, 1], [0, -1, 1], [1, 0, 0]])
    >>> words = Vocabulary(("king", "queen", "man", "woman", "crown"), None)
    >>> answers = analogy(Embedding(vectors, words), "man", "king", "woman", k=2)
    >>> [word for word, score in answers]
    ['queen', 'crown']
    """
    _check_method(method)
    question = [embedding.vocabulary.number(word) for word in (a, b, c)]
    others = len(embedding) - len(set(question))
    if others == 0:
        raise ValueError(f"`embedding` has no word but those of the question: {a}, {b}, {c}")
    if k is not None and not 1 <= k <= others:
        raise ValueError(f"`k` must be in [1, {others}], the number of other words; got k={k}")

    unit = unit_vectors(embedding)
    questions = torch.tensor([[*question, question[2]]], device=unit.device)
    ((_, scores),) = score_batches(unit, questions, method)
    scores[0, question] = -torch.inf
    best = scores[0].sort(descending=True, stable=True)

    answers = slice(min(10, others) if k is None else k)
    words = [embedding.vocabulary.words[number] for number in best.indices[answers].tolist()]
    return list(zip(words, best.values[answers].tolist(), strict=True))


def solve_analogies(
    embedding: Embedding, analogies: AnalogySet, *, method: Method = "add"
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

    The whole vocabulary competes; the three words of the question do not, even where one of them
    is a right answer. The third method, ``"nearest"``, is the baseline that ignores a and b and
    answers the word nearest to c. Beside the vectors, the work takes room for about 2**25 scores
    (twice that for ``"mul"``), or for those of one question if they are more.

    Args:
        embedding: The word vectors.
        analogies: Questions over the same vocabulary. Of several right answers, any is correct.
        method: ``"add"``, ``"mul"`` or ``"nearest"``.

    Returns:
        The answers, on the CPU.

    Raises:
        ValueError: The vocabularies differ, or `method` is unknown.

    Reference:
        Mikolov, Yih, Zweig 2013 (3CosAdd); Levy and Goldberg 2014, *Linguistic regularities in
        sparse and explicit word representations* (3CosMul); Linzen 2016 (the baseline).
    """
    check_vocabulary(embedding, analogies)
    _check_method(method)

    unit = unit_vectors(embedding)
    predicted = []
    for batch, scores in score_batches(unit, analogies.questions.to(unit.device), method):
        predicted.append(_argmax_rows(scores.scatter_(1, batch[:, :3], -torch.inf)))

    answers = torch.cat(predicted).cpu()
    correct = (right_answers(analogies) == answers[:, None]).any(dim=1)
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


def check_vocabulary(embedding: Embedding, analogies: AnalogySet) -> None:
    """Refuse questions about other words than an embedding's."""
    if embedding.vocabulary.words != analogies.vocabulary.words:
        raise ValueError(
            "`embedding` and `analogies` must share a vocabulary: "
            "parse the analogies with `embedding.vocabulary`"
        )


def _check_method(method: str) -> None:
    if method not in METHODS:
        raise ValueError(f"`method` must be one of {', '.join(METHODS)}; got {method!r}")


def _argmax_rows(scores: Float[Tensor, "batch vocab"]) -> Int64[Tensor, " batch"]:
    """The first largest entry of each row. On the CPU, NumPy's is much faster."""
    if scores.device.type == "cpu":
        known = scores.float() if scores.dtype == torch.bfloat16 else scores  # not to NumPy
        return torch.from_numpy(known.numpy().argmax(axis=1))
    return scores.argmax(dim=1)
