"""What training returns: vectors, and how they came about."""

from dataclasses import dataclass, field

from jaxtyping import Float, Int
from torch import Tensor

from w2vlib.embedding import Embedding
from w2vlib.flow import FlowTrajectory

__all__ = ["TrainingHistory", "TrainingResult", "words_plus_contexts"]


@dataclass(frozen=True, eq=False)
class TrainingHistory:
    """What was measured along the way.

    Attributes:
        steps: Numbers of the steps after which a record was made, from 0.
        times: Twice the sum of the learning rates so far. For plain gradient descent on the
            statistics this is the time of :mod:`w2vlib.flow`. NaN where the steps differ from word
            to word (AdaGrad, in :func:`w2vlib.train_glove`).
        loss: The loss, summed over all pairs; for training on tokens, its mean over the pairs
            seen since the last record.
        singular_values: The singular values of W, the largest first.
        measured: What the callback returned, by name.
    """

    steps: Int[Tensor, " time"]
    times: Float[Tensor, " time"]
    loss: Float[Tensor, " time"]
    singular_values: Float[Tensor, "time modes"]
    measured: dict[str, Float[Tensor, " time"]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        final = f"loss {float(self.loss[-1]):.6g}" if len(self) else "empty"
        return f"TrainingHistory({len(self)} records, {final})"


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """Trained vectors.

    Attributes:
        embedding: W, the vectors of the words.
        contexts: W', the vectors of the words as contexts; the same object if the two are tied.
        history: What was measured along the way.
        trajectory: W and W' at the records of the history; None unless the configuration asks
            for them.
    """

    embedding: Embedding
    contexts: Embedding
    history: TrainingHistory
    trajectory: FlowTrajectory | None = None

    def __repr__(self) -> str:
        return f"TrainingResult({self.embedding}, {self.history})"


def words_plus_contexts(result: TrainingResult) -> Embedding:
    r"""The sums of word and context vectors.

    .. math:: w_i + w'_i

    The cosines of sums count first-order similarity (words that occur together) besides
    second-order similarity (words that occur in like company).

    Args:
        result: Untied vectors.

    Returns:
        One vector for each word.

    Reference:
        Pennington, Socher, Manning 2014, section 4.2; Levy, Goldberg, Dagan 2015, section 3.3.
    """
    words, contexts = result.embedding, result.contexts
    return Embedding(words.vectors + contexts.vectors, words.vocabulary)
