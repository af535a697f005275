"""Word similarity: do cosines put pairs of words in the order that people do?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from w2vlib._files import leave_out_malformed, read_lines
from w2vlib._score_tables import ScoreTable, read_table
from w2vlib.embedding import Embedding, unit_vectors
from w2vlib.text.facts import warn
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "SimilarityResult",
    "SimilaritySet",
    "evaluate_similarity",
    "nearest_label_accuracy",
    "parse_similarities",
]

_COSINES = 2**25  # computed at one time
_TAG = re.compile(r"[-_]([nvjar]|nn|vb|jj|rb)$", re.IGNORECASE)  # of a part of speech


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
            remedy = "use a larger vocabulary" if self.out_of_vocabulary else "give more pairs"
            raise ValueError(
                f"only {len(self.pairs)} pairs have both words in the vocabulary of "
                f"{len(self.vocabulary):,} words ({self.out_of_vocabulary:,} were left out); at "
                f"least 3 are needed: {remedy}"
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
    """Read pairs of words with scores, as they are published.

    Files of SimLex-999, SimVerb-3500, WordSim-353, MEN, RG-65, MTurk and Rare Words can be read,
    and tables that pandas, R or a spreadsheet wrote: columns separated by tabs, semicolons, commas
    or spaces, with or without a heading and quotes, and with decimal points or commas.

    The heading says which column is the score (``score``, ``similarity``, ``relatedness``,
    ``mean``, ``rating``, ``Human (mean)``, ``SimLex999``, ...) and which are the words
    (``word1``, ``Word 2``, ...). Without such names, the words are the first two columns that are
    not numbers, and the score is the first column of numbers after them that is not constant.

    Args:
        source: A file, or its lines. A comment is ``#`` and white space. A word is looked up as
            it is written, then in other cases. If all words end in a tag, as in MEN's ``sun-n``,
            those that are not in the vocabulary are looked up without it.
        vocabulary: The known words; pairs with any other word are counted and left out.

    Warns:
        DataWarning: Lines that are not pairs were left out; a heading or a comment could be a
            pair; several columns could be the score; or words were looked up without their tags.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: No line is a pair with a score; or fewer than three pairs lie in the
            vocabulary.

    Reference:
        Finkelstein et al. 2002 (WordSim-353); Hill, Reichart, Korhonen 2015 (SimLex-999); Bruni,
        Tran, Baroni 2014 (MEN).
    """
    lines, origin = read_lines(source, "pairs of words, lines 'word word score'")
    table = read_table(lines)
    leave_out_malformed(table.malformed, len(table.pairs), origin, "two words and a score")

    spelling = _spelling(table, vocabulary, origin)
    _warn_of_doubts(table, vocabulary, origin)
    pairs: list[list[int]] = []
    scores: list[float] = []
    other_case = 0
    for one, other, score in table.pairs:
        words = [spelling.get(word, word) for word in (one, other)]
        numbers = [vocabulary.find(word) for word in words]
        if min(numbers) >= 0:
            other_case += any(word not in vocabulary for word in words)
            pairs.append(numbers)
            scores.append(score)

    return SimilaritySet(
        torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2),
        torch.tensor(scores, dtype=torch.float64),
        vocabulary,
        len(table.pairs) - len(pairs),
        other_case,
    )


def _spelling(table: ScoreTable, vocabulary: Vocabulary, origin: str) -> dict[str, str]:
    """What to look up in place of the words that the vocabulary has only without their tags."""
    words = dict.fromkeys(word for pair in table.pairs for word in pair[:2])
    stems = {word: _TAG.sub("", word) for word in words}
    if any(stem in ("", word) for word, stem in stems.items()):
        return {}

    known = {
        word: stem
        for word, stem in stems.items()
        if vocabulary.find(word) < 0 <= vocabulary.find(stem)
    }
    if known:
        word, stem = next(iter(known.items()))
        warn(
            f"{len(known):,} words{origin} were looked up without their tags, such as {word!r} as "
            f"{stem!r}: the vocabulary has them only so"
        )
    return known


def _warn_of_doubts(table: ScoreTable, vocabulary: Vocabulary, origin: str) -> None:
    """Say what was not used, or could be meant in another way."""
    if table.doubt:
        warn(
            f"of the table{origin}, {table.doubt}; if that is wrong, write a heading that names "
            "columns 'word1', 'word2' and 'score', or leave the others out"
        )

    known = [pair for pair in table.comments if min(map(vocabulary.find, pair[:2])) >= 0]
    if known:
        warn(
            f"{len(known):,} lines{origin} that begin with '#' were left out as comments, and "
            f"could be pairs, such as {known[0][:2]}; put the other word first, or leave out '#'"
        )

    if table.heading and min(map(vocabulary.find, table.heading)) >= 0:
        warn(
            f"the first row{origin} has no number where the others have their score, and was "
            f"taken for a heading, but {' and '.join(map(repr, table.heading))} are words of the "
            "vocabulary; if it is a pair, give it a score"
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

    correlation = float(spearmanr(cosines.double().numpy(), similarities.scores.numpy()).statistic)
    return SimilarityResult(similarities, cosines, correlation)


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
