r"""The geometry of analogies: what the word pairs of a family have in common.

For the pairs (a, b) of a family, such as countries and their capitals, the *task vectors* are the
differences :math:`r_n = w_{b_n} - w_{a_n}`, the rows of a matrix R of N pairs and d dimensions. If
all were equal, adding one would turn every a into its b.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from w2vlib._arrays import canonical_signs
from w2vlib.embedding import Embedding, unit_vectors
from w2vlib.questions import AnalogySet
from w2vlib.spectrum import Spectrum
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "TaskVectors",
    "expected_strengths",
    "extract_task_vectors",
    "family_pairs",
    "gram_spectrum",
    "inverse_participation_ratio",
    "mean_share",
    "pairwise_cosines",
    "shuffled_pairs",
    "spike_share",
    "spike_strength",
]


@dataclass(frozen=True, eq=False)
class TaskVectors:
    """The differences between the vectors of word pairs.

    Attributes:
        vectors: R, a row for each pair.
        pairs: The numbers of the words a, b.
        vocabulary: The words behind the numbers.
    """

    vectors: Float[Tensor, "pairs dim"]
    pairs: Int64[Tensor, "pairs 2"]
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        if len(self.vectors) != len(self.pairs) or len(self.pairs) < 2:
            raise ValueError(
                "there must be at least two pairs, and a vector for each; "
                f"got {len(self.pairs)} pairs, {len(self.vectors)} vectors"
            )
        if not bool(self.vectors.isfinite().all()) or not bool(self.vectors.any()):
            raise ValueError("`vectors` must be finite and not all 0")

    def __len__(self) -> int:
        return len(self.vectors)

    def __repr__(self) -> str:
        return f"TaskVectors({len(self)} pairs, {self.vectors.shape[1]} dimensions)"


def family_pairs(analogies: AnalogySet, category: str) -> Int64[Tensor, "pairs 2"]:
    """The word pairs behind the questions of a category, each once.

    Args:
        analogies: Questions "a is to b as c is to d". Of several right answers, d counts.
        category: The name of the category.

    Returns:
        The numbers of the words (a, b), and of (c, d), in ascending order.

    Raises:
        ValueError: There is no such category, or it has no question in the vocabulary.
    """
    if category not in analogies.categories:
        known = ", ".join(repr(name) for name in analogies.categories)
        raise ValueError(f"`category` must be one of {known}; got {category!r}")
    chosen = analogies.questions[analogies.category == analogies.categories.index(category)]
    if len(chosen) == 0:
        raise ValueError(
            f"category {category!r} has no question in the vocabulary; use a larger vocabulary"
        )
    return torch.unique(torch.cat([chosen[:, :2], chosen[:, 2:]]), dim=0)


def shuffled_pairs(pairs: Int64[Tensor, "pairs 2"], *, seed: int = 0) -> Int64[Tensor, "pairs 2"]:
    """The same words with partners exchanged at random: what is left without the pairing.

    The mean of the task vectors stays as it is, because it is the difference of the mean of the
    second words and the mean of the first. What changes is how far the individual vectors
    are from it.

    Args:
        pairs: The numbers of the words a, b, at least two pairs.
        seed: The seed of the random choice.

    Returns:
        The same first words, the second words moved along a random circle: no pair keeps its own
        second word, unless words are part of several pairs.

    Raises:
        ValueError: There are fewer than two pairs.
    """
    if len(pairs) < 2:
        raise ValueError(f"`pairs` must hold at least two pairs; got {len(pairs)}")
    order = torch.randperm(len(pairs), generator=torch.Generator().manual_seed(seed))
    shuffled = pairs.clone()
    shuffled[order, 1] = pairs[order.roll(1), 1]
    return shuffled


def extract_task_vectors(
    embedding: Embedding, pairs: Int64[Tensor, "pairs 2"], *, normalize: bool = False
) -> TaskVectors:
    r"""Subtract the vectors of the first words of pairs from those of the second.

    .. math:: r_n = w_{b_n} - w_{a_n}

    Args:
        embedding: The word vectors.
        pairs: The numbers of the words a, b; see :func:`family_pairs`.
        normalize: Whether to scale all word vectors to length one first, as analogy tests do.

    Returns:
        The differences, of the dtype and on the device of the embedding.

    Raises:
        ValueError: There are fewer than two pairs, a number is not that of a word, or all
            differences are 0.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), section 4.

    >>> words = Vocabulary(("a", "b", "c", "d"), torch.tensor([4, 3, 2, 1]))
    >>> embedding = Embedding(torch.tensor([[0.0, 1], [1, 1], [0, 5], [2, 5]]), words)
    >>> extract_task_vectors(embedding, torch.tensor([[0, 1], [2, 3]])).vectors
    tensor([[1., 0.],
            [2., 0.]])
    """
    many = pairs.ndim == 2 and pairs.shape[1] == 2 and len(pairs) >= 2
    if not many or not 0 <= int(pairs.min()) <= int(pairs.max()) < len(embedding):
        raise ValueError(
            f"`pairs` must be two or more pairs of numbers in [0, {len(embedding) - 1}], as "
            "`family_pairs` gives them for analogies over the same vocabulary"
        )

    vectors = unit_vectors(embedding) if normalize else embedding.vectors.detach()
    first, second = (vectors[pairs[:, n].to(vectors.device)] for n in (0, 1))
    return TaskVectors(second - first, pairs, embedding.vocabulary)


def gram_spectrum(task_vectors: TaskVectors, *, centered: bool = False) -> Spectrum:
    r"""The spectrum of the task vectors' inner products: bulk and spike.

    .. math:: \tfrac1d R R^\top u_k = \lambda_k u_k

    If the family has a common direction, one eigenvalue is far above the others: the *spike*.
    The others, the *bulk*, are what the pairs do not share; :mod:`w2vlib.random_matrix` has the
    laws of a bulk that is noise.

    Args:
        task_vectors: :math:`R`.
        centered: Whether to subtract the mean of the task vectors, which removes the common part.

    Returns:
        The N eigenvalues, descending, and eigenvectors over the pairs, in float64 on the CPU;
        centered, N - 1, without the eigenvalue 0 that the subtraction leaves.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), figure 4.
    """
    R = _matrix(task_vectors)
    if not centered:
        values, vectors = torch.linalg.eigh(R @ R.T / R.shape[1])
    else:
        above, R = float(R.square().sum()) / R.shape[1], R - R.mean(dim=0)
        # Move the eigenvalue 0 of the constant vector below all others, and leave it out.
        values, vectors = torch.linalg.eigh(R @ R.T / R.shape[1] - above / len(R))
        values, vectors = values[1:], vectors[:, 1:]
    return Spectrum(values.flip(0).clamp(min=0), canonical_signs(vectors.flip(1)))


def spike_strength(task_vectors: TaskVectors) -> float:
    r"""How far the largest eigenvalue stands out: the signal-to-noise ratio of a family.

    .. math:: \mathrm{SNR} = \frac{\lambda_{\max}(R R^\top) \, \mathrm{rank}(R)}
        {\mathrm{tr}(R R^\top)},

    the largest eigenvalue divided by the mean of those that are not 0. It lies between 1 and the
    rank. Noise has about :math:`(1 + \sqrt{\min(N, d) / \max(N, d)})^2`, up to 4, not 1.
    Groups of words that differ on average, or that vary along one axis, have a spike even if the
    pairs are wrong; :func:`shuffled_pairs` tells how much of one is due to the pairs.

    Args:
        task_vectors: :math:`R`.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), section 4.
    """
    return _strength(_matrix(task_vectors), torch.finfo(task_vectors.vectors.dtype).eps)


def expected_strengths(
    embedding: Embedding, pairs: Int64[Tensor, "pairs 2"], dims: Sequence[int]
) -> Float64[Tensor, " sizes"]:
    r"""The signal-to-noise ratio of a family before any training, for several dimensions.

    .. math:: \mathrm{SNR}(d) = \mathrm{SNR}\left(R_{:, 1 \ldots d}\right)

    The closed form of d dimensions is the first d columns of a larger one, so that counts,
    hyperparameters (in the weights of :func:`w2vlib.spectral_embedding`) and a single
    decomposition give it for all d. By the closed form of the flow (:func:`w2vlib.modes_learned`),
    d modes are also what a larger embedding has learned at some time.

    Args:
        embedding: The closed form of the largest dimension.
        pairs: The numbers of the words a, b.
        dims: The dimensions d.

    Returns:
        :func:`spike_strength` for each dimension.

    Raises:
        ValueError: A dimension or a pair is out of range, or all task vectors are 0.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), section 4 and figure 4.
    """
    if not dims or not 1 <= min(dims) <= max(dims) <= embedding.dim:
        raise ValueError(f"`dims` must be numbers in [1, {embedding.dim}]; got {list(dims)}")
    task_vectors = extract_task_vectors(embedding, pairs)
    R, eps = _matrix(task_vectors), torch.finfo(task_vectors.vectors.dtype).eps
    if not bool(R[:, : min(dims)].any()):
        raise ValueError("all task vectors are 0 in the smallest of `dims`; leave it out")
    return torch.tensor([_strength(R[:, :d], eps) for d in dims], dtype=torch.float64)


def spike_share(task_vectors: TaskVectors) -> float:
    r"""How far the task vectors are equal *up to scale*: the share of rank one.

    .. math:: \frac{\lambda_{\max}(R R^\top)}{\mathrm{tr}(R R^\top)}
        = 1 - \min_{c, v} \frac{\sum_n \lVert r_n - c_n v \rVert^2}{\sum_n \lVert r_n \rVert^2}

    It is 1 if all lie on one line, of whatever lengths and signs. That is necessary for a
    parallelogram, not sufficient: compare :func:`mean_share`.

    Args:
        task_vectors: :math:`R`.
    """
    squares = torch.linalg.svdvals(_matrix(task_vectors)).square()
    return float(squares[0] / squares.sum())


def mean_share(task_vectors: TaskVectors) -> float:
    r"""How far the task vectors are *equal*: the share of their mean.

    .. math:: \frac{1^\top R R^\top 1}{N \, \mathrm{tr}(R R^\top)}
        = \frac{N \lVert \bar r \rVert^2}{\sum_n \lVert r_n \rVert^2}
        = 1 - \min_{v} \frac{\sum_n \lVert r_n - v \rVert^2}{\sum_n \lVert r_n \rVert^2}

    It is never above :func:`spike_share`; divided by that, it says how much of the spike is the
    mean. Vectors without anything in common have 1 / N on average.

    Args:
        task_vectors: :math:`R`.
    """
    R = _matrix(task_vectors)
    return float(len(R) * R.mean(dim=0).square().sum() / R.square().sum())


def pairwise_cosines(task_vectors: TaskVectors) -> Float64[Tensor, " questions"]:
    r"""The cosine of the angle between every two task vectors of a family.

    .. math:: \frac{r_m \cdot r_n}{\lVert r_m \rVert \, \lVert r_n \rVert}, \qquad m < n

    Args:
        task_vectors: :math:`R`.

    Returns:
        N (N - 1) / 2 numbers; 0 for a difference of length 0.
    """
    unit = torch.nn.functional.normalize(_matrix(task_vectors), dim=1)
    m, n = torch.triu_indices(len(unit), len(unit), offset=1)
    return (unit @ unit.T)[m, n]


def inverse_participation_ratio(vectors: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch"]:
    r"""Into how few coordinates a vector is concentrated.

    .. math:: \mathrm{IPR} = \frac{\sum_k v_k^4}{\left(\sum_k v_k^2\right)^2}

    It is 1 for a vector along one axis and 1 / d for one that is spread evenly; its inverse is
    the number of modes that take part. Coordinates must be those of modes, as they are in a
    closed-form embedding, and in another one after :func:`w2vlib.align` to it.

    Args:
        vectors: One or more vectors, such as the mean of task vectors.

    Returns:
        A number for each vector; NaN for vectors of length 0.

    Reference:
        Bell, Dean 1970; Karkada et al. 2025 (arXiv:2502.09863), appendix.

    >>> inverse_participation_ratio(torch.tensor([[1.0, 1, 1, 1], [0, 0, 3, 0]]))
    tensor([0.2500, 1.0000])
    """
    squares = (vectors / vectors.abs().amax(dim=-1, keepdim=True)).square()
    return squares.square().sum(dim=-1) / squares.sum(dim=-1).square()


def _matrix(task_vectors: TaskVectors) -> Float64[Tensor, "pairs dim"]:
    """R in float64, on the CPU: it is small, and not every device has float64."""
    return task_vectors.vectors.cpu().double()


def _strength(R: Float64[Tensor, "pairs dim"], eps: float) -> float:
    """Singular values as small as the rounding of the vectors are those of a smaller rank."""
    singular = torch.linalg.svdvals(R)
    rank = int((singular > max(R.shape) * eps * singular[0]).sum())
    squares = singular.square()
    return float(squares[0] * rank / squares.sum())
