"""Word similarity: do cosines put pairs of words in the order that people do?"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from w2vlib._files import leave_out_malformed, read_lines
from w2vlib.embedding import Embedding, unit_vectors
from w2vlib.text._normalizers import split_line
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "SimilarityResult",
    "SimilaritySet",
    "evaluate_similarity",
    "nearest_label_accuracy",
    "parse_similarities",
]

_COSINES = 2**25  # computed at one time


@dataclass(frozen=True, eq=False)
class SimilaritySet:
    """Pairs of words with the similarity that people gave them.

    Attributes:
        pairs: The numbers of the two words of each pair.
        scores: Their similarity, on any scale: only the order counts.
        vocabulary: The words behind the numbers.
        out_of_vocabulary: The number of pairs that were read and left out.
        other_case: The number of pairs with a word that the vocabulary has only in another case,
            or another form of Unicode.
    """

    pairs: Int64[Tensor, "pairs 2"]
    scores: Float64[Tensor, " pairs"]
    vocabulary: Vocabulary
    out_of_vocabulary: int = 0
    other_case: int = 0

    def __post_init__(self) -> None:
        if len(self.pairs) < 3:
            raise ValueError(
                f"only {len(self.pairs)} pairs have both words in the vocabulary of "
                f"{len(self.vocabulary):,} words ({self.out_of_vocabulary:,} were left out); at "
                "least 3 are needed: use a larger vocabulary"
            )

        if len(self.scores) != len(self.pairs):
            raise ValueError(
                f"`scores` must have one entry for each of the {len(self.pairs)} pairs; "
                f"got {len(self.scores)}"
            )

        if not 0 <= int(self.pairs.min()) <= int(self.pairs.max()) < len(self.vocabulary):
            raise ValueError(f"`pairs` must lie in [0, {len(self.vocabulary) - 1}]")
        if not bool(self.scores.isfinite().all()):
            raise ValueError("`scores` must be finite; some are infinite or NaN")

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        return f"SimilaritySet({len(self):,} pairs, {self.out_of_vocabulary:,} out of vocabulary)"


@dataclass(frozen=True, eq=False)
class SimilarityResult:
    """How well an embedding orders the pairs.

    Attributes:
        similarities: The pairs.
        cosines: The cosine of the vectors of each pair.
        correlation: Spearman's rank correlation of the cosines with the scores.
    """

    similarities: SimilaritySet
    cosines: Float[Tensor, " pairs"]
    correlation: float

    def __len__(self) -> int:
        return len(self.similarities)

    def __repr__(self) -> str:
        return (
            f"SimilarityResult(correlation {self.correlation:.3f} over {len(self):,} pairs; "
            f"{self.similarities.out_of_vocabulary:,} out of vocabulary)"
        )


def parse_similarities(
    source: str | Path | Iterable[str], vocabulary: Vocabulary
) -> SimilaritySet:
    """Read pairs of words with scores: the format of WordSim-353, SimLex-999 or MEN.

    Args:
        source: A file, or its lines: two words and a number, separated by tabs, commas or
            spaces; more columns are ignored, and so are lines that begin with ``#``, and a first
            line without a number in the third column (a heading). A word is looked up
            as it is written, then in other cases.
        vocabulary: The known words; pairs with any other word are counted and left out.

    Warns:
        DataWarning: Lines that are not pairs were left out.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: No line is a pair with a score; or fewer than three pairs lie in the
            vocabulary.

    Reference:
        Finkelstein et al. 2002 (WordSim-353); Hill, Reichart, Korhonen 2015 (SimLex-999).
    """
    lines, origin = read_lines(source, "pairs of words, lines 'word word score'")
    pairs: list[list[int]] = []
    scores: list[float] = []
    malformed: list[str] = []
    missing, other_case, heading_allowed = 0, 0, True

    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue

        separator = next((mark for mark in "\t," if mark in line), None)
        words = line.split(separator) if separator else split_line(line, "whitespace")
        words = [word.strip() for word in words]
        score = _number(words[2]) if len(words) > 2 else None
        if score is not None:
            numbers = [vocabulary.find(word) for word in words[:2]]
            if min(numbers) < 0:
                missing += 1
            else:
                other_case += any(word not in vocabulary for word in words[:2])
                pairs.append(numbers)
                scores.append(score)
        elif not (heading_allowed and len(words) > 2):
            malformed.append(f"line {number}: {line.strip()!r}")
        heading_allowed = False

    leave_out_malformed(malformed, len(pairs) + missing, origin, "two words and a score")
    return SimilaritySet(
        torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2),
        torch.tensor(scores, dtype=torch.float64),
        vocabulary,
        missing,
        other_case,
    )


def evaluate_similarity(embedding: Embedding, similarities: SimilaritySet) -> SimilarityResult:
    r"""Compare the cosines of pairs of words with the scores that people gave.

    .. math:: \rho = \mathrm{corr}(\mathrm{rank}(\hat w_i \cdot \hat w_j),
        \mathrm{rank}(\mathrm{score}_{ij})),

    with equal values sharing the mean of their ranks (Spearman).

    Args:
        embedding: The word vectors.
        similarities: Pairs over the same vocabulary.

    Returns:
        The correlation and the cosines, the latter on the CPU.

    Raises:
        ValueError: The vocabularies differ, or all cosines or all scores are equal.
    """
    from scipy.stats import spearmanr

    if embedding.vocabulary.words != similarities.vocabulary.words:
        raise ValueError(
            "`embedding` and `similarities` must share a vocabulary: "
            "parse the similarities with `embedding.vocabulary`"
        )

    first, second = embedding.vectors[similarities.pairs.to(embedding.vectors.device)].unbind(1)
    cosines = torch.cosine_similarity(first, second, dim=1).cpu()
    for name, values in (("cosines", cosines), ("scores", similarities.scores)):
        if bool((values == values[0]).all()):
            raise ValueError(f"all {name} are equal: they have no order to compare")

    correlation = float(spearmanr(cosines.numpy(), similarities.scores.numpy()).statistic)
    return SimilarityResult(similarities, cosines, correlation)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def nearest_label_accuracy(embedding: Embedding, labels: Int64[Tensor, " vocab"]) -> float:
    r"""How often the nearest word has the same label: one-nearest-neighbor classification.

    .. math:: \frac{1}{n} \sum_i \left[ \ell_i = \ell_{\nu(i)} \right], \qquad
        \nu(i) = \arg\max_{j \ne i} \; \hat w_i \cdot \hat w_j,

    over the n words that have a label. Labels that have nothing to do with the vectors give
    :math:`\sum_g n_g (n_g - 1) / (n (n - 1))`, with the sizes :math:`n_g` of the groups.

    Args:
        embedding: The word vectors.
        labels: For every word, the number of its group; negative if it has none. Words without a
            label are nobody's neighbors here.

    Returns:
        The share, in [0, 1].

    Raises:
        ValueError: There are not as many labels as words, or fewer than two words have one.

    Reference:
        Cover and Hart 1967.

    >>> angles = torch.tensor([0.0, 0.1, 2.0, 2.1, 1.0])
    >>> words = Vocabulary(tuple("abcde"), torch.ones(5, dtype=torch.int64))
    >>> embedding = Embedding(torch.stack([angles.cos(), angles.sin()], dim=1), words)
    >>> nearest_label_accuracy(embedding, torch.tensor([0, 0, 1, 1, -1]))
    1.0
    """
    if len(labels) != len(embedding):
        raise ValueError(
            f"`labels` must have one entry for each of the {len(embedding)} words; "
            f"got {len(labels)}"
        )

    labeled = torch.nonzero(labels >= 0).flatten()
    if len(labeled) < 2:
        raise ValueError(f"at least two words must have a label; {len(labeled)} have one")

    labels = labels[labeled]
    unit = unit_vectors(embedding)[labeled]
    same = 0
    for rows in torch.arange(len(unit)).split(max(1, _COSINES // len(unit))):
        cosines = (unit[rows] @ unit.T).scatter_(1, rows[:, None].to(unit.device), -torch.inf)
        same += int((labels[cosines.argmax(dim=1).cpu()] == labels[rows]).sum())

    return same / len(labels)
