r"""From word2vec to transformers: the first step of a layer of linear attention.

One layer without positional encoding reads a prompt of the words :math:`i_1, ..., i_L` and gives
every word j of the vocabulary a logit,

.. math:: z_j = \sum_{m=1}^{L} (w_j \cdot e_m) \, e_m^\top K e_L, \qquad e_m = w_{i_m},

with one matrix W for the embedding and the unembedding, queries and keys from one matrix Q of h
rows, such that :math:`K = Q^\top Q / h`, and values that are the embeddings themselves. It is
trained to predict the next word :math:`j^*`, with loss
:math:`\ell = \log \sum_j e^{z_j} - z_{j^*}`.

This is a model to think with, not what large language models are: it has no positions, no
normalization, one layer, and attention without a softmax.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from w2vlib._arrays import accumulate

__all__ = ["attention_logits", "attention_update", "skipgram_update", "wide_kernel"]


def wide_kernel(dim: int, width: int, *, seed: int = 0) -> Float[Tensor, "dim dim"]:
    r"""Queries times keys of a random wide layer: nearly the identity.

    .. math:: K = \frac{1}{h} Q^\top Q \to I \quad\text{as}\quad h \to \infty,

    for a Q of h rows with independent standard normal entries. If :math:`h \ge d` the eigenvalues
    of K lie between :math:`(1 \pm \sqrt{d / h})^2`, apart from small fluctuations, by
    the law of Marchenko and Pastur. The wider the layer, the less a step of training with a fixed
    learning rate changes K, by the order of 1 / h: training reaches the embeddings instead.

    Args:
        dim: d, the number of columns.
        width: h, the number of rows.
        seed: The seed of the random numbers.

    Returns:
        K, in float64.

    Raises:
        ValueError: A size is less than 1.
    """
    if min(dim, width) < 1:
        raise ValueError(f"`dim` and `width` must be at least 1; got {dim} and {width}")
    generator = torch.Generator().manual_seed(seed)
    Q = torch.randn(width, dim, generator=generator, dtype=torch.float64)
    return Q.T @ Q / width


def attention_logits(
    vectors: Float[Tensor, "vocab dim"],
    prompts: Int64[Tensor, "batch tokens"],
    kernel: Float[Tensor, "dim dim"] | None = None,
) -> Float[Tensor, "batch vocab"]:
    r"""What one layer of linear attention says about the next word.

    .. math:: z_j = \sum_m (w_j \cdot e_m) \, e_m^\top K e_L

    Args:
        vectors: W, a row for each word.
        prompts: The numbers of the words of every prompt; the last word is the query.
        kernel: K, symmetric; None means the identity.

    Returns:
        The logits of all words, for every prompt.

    Raises:
        ValueError: A number is not that of a word, the prompts are empty, or the kernel is not
            symmetric or of another size.

    Reference:
        Karkada et al. 2025 (arXiv:2502.09863), in the public review; Katharopoulos et al. 2020
        (linear attention); Kitaev et al. 2020 (queries equal to keys).
    """
    _check_kernel(vectors, kernel)
    E = vectors[_checked_words(vectors, prompts, "prompts")]
    return _attend(E, kernel) @ vectors.T


def attention_update(
    vectors: Float[Tensor, "vocab dim"],
    prompts: Int64[Tensor, "batch tokens"],
    next_words: Int64[Tensor, " batch"],
    kernel: Float[Tensor, "dim dim"] | None = None,
) -> Float[Tensor, "vocab dim"]:
    r"""The direction in which training moves all vectors: minus the gradient of the loss.

    With :math:`\delta = w_{j^*} - \sum_j p_j w_j`, the true next word minus the mean under the
    softmax p of the logits, the words of the prompt move by

    .. math:: -\frac{\partial \ell}{\partial e_m} = (e_m^\top K e_L) \, \delta
        + (\delta \cdot e_m) \, K e_L, \qquad
        -\frac{\partial \ell}{\partial e_L} \mathrel{+}= \sum_m (\delta \cdot e_m) \, K e_m,

    and all words, because they are also what is predicted, by

    .. math:: -\frac{\partial \ell}{\partial w_j} \mathrel{+}= \left(1_{j = j^*} - p_j\right)
        \sum_m (e_m^\top K e_L) \, e_m .

    The words of the prompt are drawn to the true next word and pushed away from the mean of all,
    as in word2vec, with a strength that attention sets. Attention draws only where
    :math:`e_m^\top K e_L > 0`.

    Args:
        vectors: W, a row for each word.
        prompts: The numbers of the words of every prompt.
        next_words: The number of the true next word of every prompt.
        kernel: K, symmetric; None means the identity. It is not trained.

    Returns:
        Minus the gradient of the mean loss over the prompts.

    Raises:
        ValueError: A number is not that of a word, the prompts are empty or not as many as the
            next words, or the kernel is not symmetric or of another size.
    """
    _check_kernel(vectors, kernel)
    prompts = _checked_words(vectors, prompts, "prompts")
    next_words = _checked_words(vectors, next_words, "next_words", len(prompts))

    E = vectors[prompts]
    attended = _attend(E, kernel)
    residual = _residual(attended @ vectors.T, next_words)
    delta = residual @ vectors

    # The vectors of the prompt act as values and as keys, and the last one as the query.
    KE = E if kernel is None else E @ kernel.to(E)
    along = torch.einsum("bd,bld->bl", delta, E)
    attention = torch.einsum("bld,bd->bl", KE, E[:, -1])
    change = attention[:, :, None] * delta[:, None] + along[:, :, None] * KE[:, -1:]
    change[:, -1] += torch.einsum("bl,bld->bd", along, KE)

    # Those of all words act as outputs.
    update = residual.T @ attended
    accumulate(update, prompts.flatten(), change.flatten(0, 1))
    return update / len(prompts)


def skipgram_update(
    vectors: Float[Tensor, "vocab dim"],
    centers: Int64[Tensor, " batch"],
    next_words: Int64[Tensor, " batch"],
) -> Float[Tensor, "vocab dim"]:
    r"""Skip-gram's rule with the softmax as noise: what is left of attention at the start.

    .. math:: -\frac{\partial \ell}{\partial w_i} = w_{j^*} - \sum_j p_j w_j, \qquad
        -\frac{\partial \ell}{\partial w_j} \mathrel{+}= \left(1_{j = j^*} - p_j\right) w_i,
        \qquad p_j \propto e^{w_i \cdot w_j} .

    If the vectors are nearly orthonormal, as random ones of many dimensions are, the last word of
    a prompt attends to itself alone, :math:`z_j \approx w_j \cdot e_L`, and
    :func:`attention_update` is this rule for the last word, up to terms of the size
    :math:`1 / \sqrt{d}` (if no word of the prompt is repeated or comes next). word2vec's own rule
    differs from it in the noise: there p is fixed in advance, and at small vectors each term has
    half the size.

    Args:
        vectors: W, a row for each word.
        centers: The numbers i of the words that predict.
        next_words: The numbers :math:`j^*` of the words that are to be predicted.

    Returns:
        Minus the gradient of the mean loss over the pairs.

    Raises:
        ValueError: A number is not that of a word, or there are not as many centers as next words.

    Reference:
        Mikolov et al. 2013 (arXiv:1310.4546), equation 2.
    """
    centers = _checked_words(vectors, centers, "centers")
    next_words = _checked_words(vectors, next_words, "next_words", len(centers))
    E = vectors[centers]
    residual = _residual(E @ vectors.T, next_words)
    update = residual.T @ E
    accumulate(update, centers, residual @ vectors)
    return update / len(centers)


def _attend(
    E: Float[Tensor, "batch tokens dim"], kernel: Float[Tensor, "dim dim"] | None
) -> Float[Tensor, "batch dim"]:
    """The sum of a prompt's vectors, weighted by attention."""
    query = E[:, -1] if kernel is None else E[:, -1] @ kernel.to(E)
    return torch.einsum("bld,bl->bd", E, torch.einsum("bld,bd->bl", E, query))


def _residual(
    logits: Float[Tensor, "batch vocab"], next_words: Int64[Tensor, " batch"]
) -> Float[Tensor, "batch vocab"]:
    """The true next word minus the softmax."""
    residual = -torch.softmax(logits, dim=1)
    residual[torch.arange(len(logits)), next_words] += 1
    return residual


def _checked_words(vectors: Tensor, words: Tensor, name: str, number: int | None = None) -> Tensor:
    """Numbers of words, on the device of the vectors."""
    if words.numel() == 0 or not 0 <= int(words.min()) <= int(words.max()) < len(vectors):
        raise ValueError(f"`{name}` must be numbers in [0, {len(vectors) - 1}], at least one")
    if number is not None and words.shape != (number,):
        raise ValueError(
            f"`{name}` must hold one word for each of the {number} that precede; "
            f"got {tuple(words.shape)}"
        )
    return words.to(vectors.device)


def _check_kernel(vectors: Tensor, kernel: Tensor | None) -> None:
    dim = vectors.shape[1]
    if kernel is None:
        return
    if kernel.shape != (dim, dim) or not torch.allclose(kernel, kernel.T):
        raise ValueError(
            f"`kernel` must be a symmetric matrix of {dim} rows, as `wide_kernel({dim}, ...)` is; "
            f"got {tuple(kernel.shape)}"
        )
