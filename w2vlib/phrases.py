"""Phrases: neighbors that occur together far more often than by chance become one word."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from w2vlib._arrays import prefix_sums
from w2vlib.corpus import Corpus
from w2vlib.vocabulary import Vocabulary, merge_vocabularies

__all__ = ["Phrases", "find_phrases"]


@dataclass(frozen=True, eq=False)
class Phrases:
    """The phrases of a text, and the text in which each of them is one word.

    Attributes:
        corpus: The joined text. Its vocabulary is that of the joined text: all words that are
            left and the phrases, numbered by frequency.
        words: The phrases as they are written, such as ``"new_york"``, by falling score.
        counts: How often the two parts of each phrase follow each other in the text where the
            phrase was found: :math:`n_{ab}`. How often it was joined is its count in the
            vocabulary of `corpus`, which is smaller where phrases overlap or became parts of
            longer ones; a phrase that is never left on its own is not in that vocabulary.
        scores: The score of each phrase.
    """

    corpus: Corpus
    words: tuple[str, ...]
    counts: Int64[Tensor, " phrases"]
    scores: Float64[Tensor, " phrases"]

    def __post_init__(self) -> None:
        if not len(self.words) == len(self.counts) == len(self.scores):
            raise ValueError(
                "`words`, `counts` and `scores` must be equally long; "
                f"got {len(self.words)}, {len(self.counts)} and {len(self.scores)}"
            )

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        best = f": {', '.join(self.words[:3])}, ..." if self.words else ""
        return f"Phrases({len(self):,} phrases{best})"


def find_phrases(
    corpus: Corpus, *, min_count: int = 5, threshold: float = 100.0, passes: int = 1
) -> Phrases:
    r"""Find the pairs of neighbors that are phrases, and make one word of each.

    .. math:: \mathrm{score}(a, b) = \frac{n_{ab} - \delta}{n_a n_b} N,

    with :math:`n_{ab}` how often word b directly follows word a in a document, :math:`n_a` and
    :math:`n_b` the counts of the two words in this corpus, N the number of its tokens and
    :math:`\delta` the `min_count`. Without the discount :math:`\delta`, this is how many times
    more often the pair occurs than if words fell independently, the exponential of its pointwise
    mutual information; the discount keeps out pairs that occur a few times by chance. The pair is
    a phrase if its score is above the threshold; it then occurs more than :math:`\delta` times.

    Two words that only occur together, n times, have the score :math:`(n - \delta) N / n^2`. It
    is greatest at :math:`n = 2 \delta`, so the phrases of highest score are rare names; and no
    score is above :math:`N / (4 \delta)`, so a short text needs a lower threshold.

    Each document is read from left to right. Two neighbors that are a phrase become the word
    ``a_b``, and the next pair begins after them. If the text already has a word of this
    spelling, or another pair gives the same one, they are one word from here on, and their counts
    add up; so do those of `counts`, and the greater score remains.

    Words that were dropped leave neighbors that are none in the text. So read a text without
    limits to its vocabulary, find its phrases, and restrict the joined text afterwards, before it
    is subsampled::

        corpus = w2v.read_corpus(path)
        corpus = w2v.restrict_corpus(w2v.find_phrases(corpus).corpus, 10_000)

    Args:
        corpus: The encoded text.
        min_count: The discount :math:`\delta`, at least 1.
        threshold: The score that a phrase exceeds, not negative; higher means fewer phrases.
        passes: How often to do this, each time on the joined text of the last, with counts of its
            own: the second makes new_york_times of new_york and times. All passes have the same
            threshold. For a decreasing one, as the paper has it, call this function again on the
            joined text.

    Returns:
        The phrases of all passes and the joined text. It has the same documents, and no words
        that do not occur.

    Raises:
        ValueError: The corpus is empty, or an argument is out of its range.

    Reference:
        Mikolov et al. 2013 (arXiv:1310.4546), section 4, and ``word2phrase.c``; equation 6 of the
        paper lacks the factor N. The program also counts the pairs across the ends of lines,
        which it never joins. In gensim's default score, N is the number of distinct words and
        pairs instead.

    >>> from w2vlib import build_vocabulary, encode
    >>> words = "old york or new york but new york".split()
    >>> corpus = encode([words], build_vocabulary(words))
    >>> phrases = find_phrases(corpus, min_count=1, threshold=1.0)
    >>> phrases.words, phrases.scores  # (2 - 1) / (2 * 3) * 8
    (('new_york',), tensor([1.3333], dtype=torch.float64))
    >>> [phrases.corpus.vocabulary.words[number] for number in phrases.corpus.tokens]
    ['old', 'york', 'or', 'new_york', 'but', 'new_york']
    """
    if min_count < 1 or passes < 1:
        raise ValueError(
            f"`min_count` and `passes` must be at least 1; got {min_count} and {passes}"
        )
    if not threshold >= 0:
        raise ValueError(
            f"`threshold` must not be negative; got {threshold}: 0 joins all pairs that occur "
            "more than `min_count` times"
        )
    if len(corpus) == 0:
        raise ValueError("`corpus` is empty: it holds no word of its vocabulary")

    text = corpus.to("cpu")
    found: dict[str, tuple[float, int]] = {}
    for _ in range(passes):
        pairs, counts, scores = _pairs_above(text, min_count, threshold)
        words = text.vocabulary.words
        spelled = [f"{words[first]}_{words[second]}" for first, second in pairs.tolist()]
        for phrase, count, score in zip(spelled, counts.tolist(), scores.tolist(), strict=True):
            best, total = found.get(phrase, (0.0, 0))
            found[phrase] = max(best, score), total + count
        text = _joined(text, pairs, spelled)
        if not spelled:
            break

    order = sorted(sorted(found), key=found.__getitem__, reverse=True)  # equal ones stay in order
    return Phrases(
        text.to(corpus.tokens.device),
        tuple(order),
        torch.tensor([found[phrase][1] for phrase in order], dtype=torch.int64),
        torch.tensor([found[phrase][0] for phrase in order], dtype=torch.float64),
    )


def _pairs_above(
    corpus: Corpus, min_count: int, threshold: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pairs (pairs, 2) that are phrases, in ascending order, with their counts and scores.

    The pairs are counted by their first word, so that memory grows with the tokens and with the
    pairs that occur more than `min_count` times, not with all that occur.
    """
    from w2vlib._phrase_kernels import count_followers, group_followers

    # PyTorch counts 32-bit numbers as they are; NumPy would make a copy of 64 bits.
    frequency = torch.bincount(corpus.tokens, minlength=len(corpus.vocabulary)).numpy()
    tokens, offsets = corpus.tokens.numpy(), corpus.offsets.numpy()

    # The words of a pair that occurs often occur often.
    frequent = frequency > min_count
    starts = prefix_sums(np.where(frequent, frequency, 0))
    followers = np.empty(starts[-1], np.int32)
    ends = group_followers(tokens, offsets, frequent, starts, followers)

    room = len(followers) // (min_count + 1)
    pairs, counts = np.empty((room, 2), np.int32), np.empty(room, np.int64)
    kept = count_followers(starts, ends, followers, min_count, pairs, counts)
    pairs, counts = pairs[:kept], counts[:kept]

    first, second = frequency[pairs].T
    scores = (counts - min_count) / (first * second) * len(tokens)
    above = scores > threshold
    pairs, counts, scores = pairs[above], counts[above], scores[above]
    order = np.lexsort(pairs.T[::-1])
    return pairs[order], counts[order], scores[order]


def _joined(corpus: Corpus, pairs: np.ndarray, spelled: list[str]) -> Corpus:
    """The text with `pairs`, in ascending order, as the words `spelled`; numbered anew."""
    from w2vlib._phrase_kernels import join_pairs
    from w2vlib.text._kernels import renumber

    size, documents = len(corpus.vocabulary), corpus.documents
    words = tuple(dict.fromkeys([*corpus.vocabulary.words, *spelled]))
    number = {word: place for place, word in enumerate(words)}
    numbers = np.array([number[phrase] for phrase in spelled], np.int32)

    starts = np.searchsorted(pairs[:, 0], np.arange(size + 1))
    joined, bounds = np.empty(len(corpus), np.int32), np.empty(documents + 1, np.int64)
    seconds = np.ascontiguousarray(pairs[:, 1])
    tokens, offsets = corpus.tokens.numpy(), corpus.offsets.numpy()
    kept = join_pairs(tokens, offsets, starts, seconds, numbers, joined, bounds)
    joined.resize(kept, refcheck=False)

    # Words that are left, by frequency.
    counts = torch.bincount(torch.from_numpy(joined), minlength=len(words))
    vocabulary = merge_vocabularies([Vocabulary(words, counts)])
    translation = np.array([vocabulary.index.get(word, -1) for word in words], np.int32)
    renumber(joined, bounds.copy(), translation)
    return Corpus(torch.from_numpy(joined), torch.from_numpy(bounds), vocabulary, corpus.reading)
