"""From counts to probabilities: how often words occur, alone and together."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib._devices import resolve_device
from w2vlib.cooccurrence import Cooccurrence
from w2vlib.corpus import Vocabulary

__all__ = ["CorpusStatistics", "corpus_statistics"]


@dataclass(frozen=True, eq=False)
class CorpusStatistics:
    r"""The joint and the unigram distribution of word pairs.

    Attributes:
        joint: :math:`P_{ij}`, the probability that a pair drawn from the windows is (i, j);
            symmetric, sums to one over ordered pairs.
        unigram: :math:`P_i = \sum_j P_{ij}`, all positive.
        vocabulary: The words of the rows.
    """

    joint: Float[Tensor, "vocab vocab"]
    unigram: Float[Tensor, " vocab"]
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        if len(self.unigram) != len(self.vocabulary):
            raise ValueError(
                f"`unigram` must have one entry for each of the {len(self.vocabulary)} words; "
                f"got {len(self.unigram)}"
            )
        if not bool(self.joint.min() >= 0):
            raise ValueError("`joint` must hold probabilities; some are negative or not a number")
        if not bool(self.unigram.min() > 0):
            raise ValueError("`unigram` must be positive; drop words that never co-occur")
        # Rows are added up in float64 on the CPU: not every device has float64.
        rows, columns = (self.joint.sum(dim=n).cpu().double() for n in (1, 0))
        if abs(float(rows.sum()) - 1) > 1e-4:
            raise ValueError(f"`joint` must sum to 1; it sums to {float(rows.sum()):.6g}")
        if not torch.allclose(rows, columns, rtol=1e-4):
            raise ValueError("`joint` must be symmetric; use (P + P.T) / 2")
        if not torch.allclose(rows, self.unigram.cpu().double(), rtol=1e-4):
            raise ValueError("`unigram` must hold the sums of the rows of `joint`")

    def to(self, device: str | torch.device) -> "CorpusStatistics":
        """The same statistics on another device."""
        device = resolve_device(device)
        return CorpusStatistics(self.joint.to(device), self.unigram.to(device), self.vocabulary)

    def __len__(self) -> int:
        return len(self.unigram)

    def __repr__(self) -> str:
        kind = str(self.joint.dtype).removeprefix("torch.")
        return f"CorpusStatistics({len(self):,} words, {kind}, {self.joint.device})"


def corpus_statistics(
    cooccurrence: Cooccurrence,
    *,
    dtype: torch.dtype = torch.float32,
    device: str | torch.device = "cpu",
) -> CorpusStatistics:
    r"""Normalize counts to probabilities.

    .. math:: P_{ij} = \frac{C_{ij}}{\sum_{kl} C_{kl}}, \qquad P_i = \sum_j P_{ij}.

    The unigram probabilities are the marginals of the pairs, not word frequencies: the two differ
    a little at the ends of documents, and only with the marginals do the rows of
    :math:`P_{ij} - P_i P_j` sum to zero.

    Args:
        cooccurrence: The counts C.
        dtype: Of the result; the division is done in float64.
        device: Of the result; ``"auto"`` takes a GPU if there is one.

    Returns:
        Dense statistics: V x V numbers.

    Raises:
        ValueError: A word never co-occurs with any, the device is not there, or `dtype` is
            neither float32 nor float64.

    Reference:
        Karkada et al. 2025, section 2 (the skip-gram distribution).

    >>> from w2vlib import build_vocabulary, count_cooccurrences, encode
    >>> words = "to be or not to be".split()
    >>> counts = count_cooccurrences(encode([words], build_vocabulary(words)), window=1)
    >>> corpus_statistics(counts).unigram
    tensor([0.3000, 0.3000, 0.2000, 0.2000])
    """
    marginals = np.asarray(cooccurrence.counts.sum(axis=1))
    if not marginals.all():
        lonely = [cooccurrence.vocabulary.words[i] for i in np.flatnonzero(marginals == 0)[:3]]
        raise ValueError(
            f"every word must co-occur with some word; these do not: {', '.join(lonely)}: "
            "leave them out of the vocabulary, or count with a larger window"
        )
    total = cooccurrence.total
    if dtype not in _NUMPY_DTYPE:
        raise ValueError(f"`dtype` must be torch.float32 or torch.float64; got {dtype}")
    target = resolve_device(device)
    joint = cooccurrence.counts.astype(np.float64)
    joint.data /= total
    dense = torch.from_numpy(joint.astype(_NUMPY_DTYPE[dtype]).toarray())
    unigram = torch.from_numpy(marginals / total).to(dtype)
    return CorpusStatistics(dense.to(target), unigram.to(target), cooccurrence.vocabulary)


_NUMPY_DTYPE = {torch.float32: np.float32, torch.float64: np.float64}
