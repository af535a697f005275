"""Trained word2vec, to compare with: stored, because it takes longer than a chapter has."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from w2vlib.datasets.shipped import embedded, load_enwiki
from w2vlib.embedding import Embedding

__all__ = ["Reference", "load_reference"]

MEASURES = ("gain", "google", "own", "overlap", "google_error", "own_error")

Way = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class Reference:
    """Trained word vectors, and what every way of the book to make some reaches.

    Attributes:
        words: The word vectors of gensim's skip-gram on the text, with five negatives.
        contexts: Its context vectors.
        trained: The vectors of word2vec trained on counts with one vector for each word, one
            negative, exponent 3/4 and subsampling threshold 1e-4: what the book calls trained
            word2vec.
        measured: For each way one row for each run: three seeds, or one if nothing is random. The
            columns are the share of the possible gain of word2vec's loss that is reached
            (:func:`w2vlib.possible_gain`; NaN without context vectors), the shares of Google's
            and of the library's analogies that are answered, the overlap of the space of the
            word vectors with that of trained ones of the same weights and another seed, and the
            standard errors of the differences of the two accuracies from theirs.

            A way has three names: the weights (``"plain"``, ``"1e-4"``, ``"1e-5"``,
            ``"1e-4, k = 5"``), the vectors for each word (``"two"``, ``"one"``), and the level
            (``"program"`` for word2vec.c and ``"text"`` for gensim, both on text;
            ``"trained"`` and ``"quartic"`` on counts; ``"rank one"`` and ``"constant"`` for
            closed forms). All have 100 dimensions, except for the levels ``"trained, d = 50"``
            and ``"trained, d = 200"``.
        source: Settings, seeds, origin and license.
    """

    words: Embedding
    contexts: Embedding
    trained: Embedding
    measured: Mapping[Way, Float[Tensor, "points sizes"]]
    source: str

    def __repr__(self) -> str:
        return f"Reference({self.trained}, {len(self.measured)} ways)"


def load_reference() -> Reference:
    """Word vectors of trained word2vec, and the prices of all simplifications.

    All are for the first 3,000 words of :func:`load_enwiki`, in 100 dimensions. The vectors are
    stored in half precision.

    Returns:
        The vectors and measurements; `source` says how they were made.

    >>> load_reference().trained
    Embedding(3,000 words, 100 dimensions)
    """
    with (
        resources.as_file(embedded("word2vec-3k.npz")) as path,
        np.load(path, allow_pickle=False) as file,
    ):
        stored = {name: file[name] for name in file.files}

    vocabulary = load_enwiki().vocabulary.first(len(stored["trained_words"]))

    def embedding(name: str) -> Embedding:
        return Embedding(torch.from_numpy(stored[name]).float(), vocabulary)

    measured = {}
    for way, rows in zip(stored["ways"].tolist(), stored["measured"], strict=True):
        made = ~np.isnan(rows).all(axis=1)
        measured[tuple(way)] = torch.from_numpy(rows[made])
    return Reference(
        words=embedding("gensim_words"),
        contexts=embedding("gensim_contexts"),
        trained=embedding("trained_words"),
        measured=measured,
        source=str(stored["source"]),
    )
