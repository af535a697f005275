"""Linear attention against automatic differentiation, and its limit of wide vectors."""

import itertools
import math

import pytest
import torch
from support import unchecked
from torch.nn.functional import cross_entropy, logsigmoid

import w2vlib as w2v

V, LENGTH, PROMPTS = 300, 6, 40


def vectors(dim, size=V, seed=0):
    """Nearly orthonormal if there are many dimensions."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(size, dim, generator=generator, dtype=torch.float64) / dim**0.5


def prompts(size=V, seed=1):
    generator = torch.Generator().manual_seed(seed)
    draw = torch.randint(size, (PROMPTS, LENGTH + 1), generator=generator)
    return draw[:, :-1], draw[:, -1]


def logits_word_by_word(W, prompt, K):
    """The definition f(X) = W E E^T K E of one layer, read off at the last word."""
    X = torch.eye(len(W), dtype=W.dtype)[:, prompt]
    E = W.T @ X
    return (W @ E @ (E.T @ K @ E))[:, -1]


@pytest.mark.parametrize("kernel", ["identity", "random"])
def test_logits_are_those_of_the_layer(kernel):
    W, (words, _) = vectors(8), prompts()
    K = None if kernel == "identity" else w2v.attention.wide_kernel(8, 5)
    found = w2v.attention.attention_logits(W, words, K)
    matrix = torch.eye(8, dtype=W.dtype) if K is None else K
    for row, prompt in enumerate(words):
        torch.testing.assert_close(found[row], logits_word_by_word(W, prompt, matrix))


@pytest.mark.parametrize("kernel", ["identity", "random"])
@pytest.mark.parametrize("size", [5, V])  # with five words, prompts repeat them
def test_update_is_the_gradient(kernel, size):
    W, (words, following) = vectors(8, size).requires_grad_(), prompts(size)
    K = None if kernel == "identity" else w2v.attention.wide_kernel(8, 5)
    cross_entropy(w2v.attention.attention_logits(W, words, K), following).backward()
    found = w2v.attention.attention_update(W.detach(), words, following, K)
    torch.testing.assert_close(found, -W.grad, rtol=1e-10, atol=1e-14)


def test_vectors_of_single_precision():
    """The kernel follows the vectors."""
    W, (words, following), K = vectors(8), prompts(), w2v.attention.wide_kernel(8, 20)
    found = w2v.attention.attention_update(W.float(), words, following, K)
    assert found.dtype == torch.float32
    exact = w2v.attention.attention_update(W, words, following, K)
    torch.testing.assert_close(found.double(), exact, rtol=1e-4, atol=1e-6)


def test_skipgram_update_is_the_gradient():
    W, (words, following) = vectors(8).requires_grad_(), prompts()
    centers = words[:, -1]
    cross_entropy(W[centers] @ W.T, following).backward()
    found = w2v.attention.skipgram_update(W.detach(), centers, following)
    torch.testing.assert_close(found, -W.grad, rtol=1e-10, atol=1e-14)


def distinct(prompts, size, seed=2):
    """Prompts without repeated words, and a next word that is not among them."""
    generator = torch.Generator().manual_seed(seed)
    draw = torch.rand(prompts, size, generator=generator).argsort(dim=1)[:, : LENGTH + 1]
    return draw[:, :-1], draw[:, -1]


@pytest.mark.parametrize("dim", [256, 1024])
def test_gradient_of_a_logit_is_the_vector_of_its_word(dim):
    r"""d z_j / d e_L is w_j and noise of the squared length (L + 5) / d.

    Besides w_j it has (|e_L|^2 - 1) w_j, of variance 2 / d; 2 (w_j e_L) e_L, 4 / d; and the
    (w_j e_m) e_m of the other words, 1 / d each.
    """
    W = vectors(dim)
    words, following = distinct(PROMPTS, V)
    squares = []
    for prompt, j in zip(words, following, strict=True):
        E = W[prompt].requires_grad_()
        z = (E @ W[j]) @ (E @ E[-1])
        (gradient,) = torch.autograd.grad(z, E)
        squares.append((gradient[-1] - W[j]).square().sum())
    found, expected = float(torch.stack(squares).mean()), (LENGTH + 5) / dim
    # Each of the squares is a sum of squares of normal numbers, mostly of three.
    assert found == pytest.approx(expected, rel=4 * PROMPTS**-0.5 * 2**0.5 / 3**0.5)


def test_wide_vectors_are_skipgram():
    """The relative error of the rule falls like 1 / sqrt(d)."""
    words, following = distinct(PROMPTS, V)
    dims, errors = (512, 2048, 8192), []
    for dim in dims:
        W = vectors(dim)
        full = w2v.attention.attention_update(W, words, following)
        reduced = w2v.attention.skipgram_update(W, words[:, -1], following)
        errors.append(float((full - reduced).norm() / reduced.norm()))
    for narrow, wide in itertools.pairwise(errors):
        assert math.log(narrow / wide, 4) == pytest.approx(0.5, abs=0.1)
    # In all vectors that a prompt moves: 2 / d for each word of it, and those of the last word.
    bound = [2 * ((2 * LENGTH + 5) / dim) ** 0.5 for dim in dims]
    assert all(error < limit for error, limit in zip(errors, bound, strict=True))


def test_words_of_the_prompt_are_drawn_to_the_next_word():
    """Of any attention that is positive; where it is negative they are pushed away."""
    dim = 4000
    W = vectors(dim, 40)
    prompt, following = torch.tensor([[1, 2, 3]]), torch.tensor([9])
    W[1] += 0.5 * W[3]  # the last word attends to word 1
    W[2] -= 0.5 * W[3]
    update = w2v.attention.attention_update(W, prompt, following)
    softmax = torch.softmax(w2v.attention.attention_logits(W, prompt)[0], dim=0)
    towards = W[9] - softmax @ W
    drawn = (update[:4] @ towards) / towards.norm() ** 2
    noise = 6 / dim**0.5
    expected = torch.tensor([0.0, 0.5, -0.5, 1.0]).double()
    # besides the draw, words are pushed apart as words that are not the next one
    residual = -softmax[:4, None] * (W[[1, 2, 3]] * (W[[1, 2, 3]] @ W[3])[:, None]).sum(dim=0)
    drawn = drawn - residual @ towards / towards.norm() ** 2
    torch.testing.assert_close(drawn, expected, rtol=0, atol=noise)


def test_word2vec_with_the_softmax_as_noise():
    """Half of the rule, for small vectors: its derivatives at 0 are 1/2."""
    centers, following = prompts()[0][:, -1], prompts()[1]
    errors = []
    for scale in (0.3, 0.1):
        W = (scale * vectors(50)).requires_grad_()
        s = W[centers] @ W.T
        noise = torch.softmax(s.detach(), dim=1)
        positive = logsigmoid(s[torch.arange(PROMPTS), following])
        loss = -(positive + (noise * logsigmoid(-s)).sum(dim=1)).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        rule = w2v.attention.skipgram_update(W.detach(), centers, following) / 2
        errors.append(float((gradient + rule).norm() / rule.norm()))
    assert errors[1] < 0.02
    assert errors[0] / errors[1] == pytest.approx(9, rel=0.3)  # of the order of s


def test_mean_update_from_counts():
    """Over all pairs of a text, at W = 0: (P - P_i / V) W, the centered joint probabilities."""
    toy = w2v.datasets.toy_language((0.6, 0.3, 0.2))
    P, size = toy.statistics.joint, len(toy)
    W = 1e-4 * vectors(3, size)
    mean = torch.zeros_like(W)
    for i in range(size):
        for j in range(size):
            mean += P[i, j] * w2v.attention.skipgram_update(
                W, torch.tensor([i]), torch.tensor([j])
            )
    expected = 2 * (P - torch.outer(P.sum(dim=1), torch.full((size,), 1 / size))) @ W
    torch.testing.assert_close(mean, expected, rtol=1e-5, atol=1e-9)


class TestKernel:
    @pytest.mark.parametrize("width", [400, 4000])
    def test_is_nearly_the_identity(self, width):
        """Its eigenvalues fill the interval of Marchenko and Pastur."""
        dim = 100
        found = torch.linalg.eigvalsh(w2v.attention.wide_kernel(dim, width))
        low, high = w2v.random_matrix.mp_edges(w2v.random_matrix.MarchenkoPastur(dim / width))
        assert float(found[0]) == pytest.approx(low, abs=0.05 * (high - low))
        assert float(found[-1]) == pytest.approx(high, abs=0.05 * (high - low))

    def test_seeds(self):
        first, again, other = (w2v.attention.wide_kernel(3, 4, seed=seed) for seed in (1, 1, 2))
        assert torch.equal(first, again) and not torch.equal(first, other)

    def test_training_hardly_changes_a_wide_one(self):
        """A step of gradient descent on Q moves K = Q^T Q / h by the order of 1 / h."""
        W, (words, following) = vectors(8), prompts()
        changes = []
        for width in (1000, 4000, 16_000):
            generator = torch.Generator().manual_seed(0)
            Q = torch.randn(width, 8, generator=generator, dtype=torch.float64).requires_grad_()
            loss = cross_entropy(
                w2v.attention.attention_logits(W, words, Q.T @ Q / width), following
            )
            (gradient,) = torch.autograd.grad(loss, Q)
            after = Q.detach() - gradient
            change = (after.T @ after - Q.detach().T @ Q.detach()) / width
            changes.append(float(change.norm()))
        assert changes[0] / changes[1] == pytest.approx(4, rel=0.2)
        assert changes[1] / changes[2] == pytest.approx(4, rel=0.2)

    def test_impossible_sizes(self):
        with pytest.raises(ValueError, match="`dim` and `width` must be at least 1; got 3 and 0"):
            w2v.attention.wide_kernel(3, 0)


@pytest.mark.parametrize(
    ("words", "following", "name"),
    [([[0, 5]], [0], "prompts"), ([[0, 1]], [-1], "next_words"), ([[]], [0], "prompts")],
)
def test_numbers_that_are_no_words(words, following, name):
    words = torch.tensor(words, dtype=torch.int64)
    with pytest.raises(ValueError, match=f"`{name}` must be numbers in"):
        w2v.attention.attention_update(vectors(2, 5), words, torch.tensor(following))


def test_sizes_that_do_not_fit():
    W, words = vectors(3), torch.tensor([[0, 1], [2, 3]])
    with pytest.raises(ValueError, match="one word for each of the 2 that precede; got"):
        unchecked(w2v.attention.attention_update)(W, words, torch.tensor([4]))
    with pytest.raises(ValueError, match="one word for each of the 2 that precede; got"):
        unchecked(w2v.attention.skipgram_update)(W, torch.tensor([0, 1]), torch.tensor([4]))
    lopsided = torch.triu(torch.ones(3, 3, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"must be a symmetric matrix of 3 rows.*got \(3, 3\)"):
        w2v.attention.attention_logits(W, words, lopsided)
    with pytest.raises(ValueError, match=r"must be a symmetric matrix of 3 rows.*got \(4, 4\)"):
        unchecked(w2v.attention.attention_logits)(W, words, torch.eye(4).double())
