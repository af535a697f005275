"""Every contrastive loss: where the true loss is smallest, near where its expansion says.

The language has attributes of strength epsilon times a constant, so that the target matrix, and
with it the vectors that minimize the loss, become small with epsilon. A relative distance between
the minimum of the *true* loss and the closed form that shrinks with epsilon is what "the target of
the loss for small norms" means.
"""

import functools

import pytest
import torch
from torch.nn.functional import softplus

import w2vlib as w2v

DIM = 5
STRENGTHS = (0.6, 0.5, 0.42, 0.34, 0.26)  # no product of two is another


def language(epsilon):
    return w2v.datasets.toy_language([epsilon * s for s in STRENGTHS])


def minimize(loss, variables):
    """L-BFGS to the end, from a random start."""
    optimizer = torch.optim.LBFGS(
        variables,
        max_iter=500,
        history_size=20,
        tolerance_grad=1e-13,
        tolerance_change=1e-18,
        line_search_fn="strong_wolfe",
    )

    def closure():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    for _ in range(5):
        optimizer.step(closure)


def start(rows, columns=DIM, scale=1.0):
    generator = torch.Generator().manual_seed(0)
    draw = torch.randn(rows, columns, generator=generator, dtype=torch.float64)
    return (scale * draw / rows**0.5).requires_grad_()


def best_of_rank(target):
    """W W^T of the closed form, Theorem 1."""
    spectrum = w2v.top_eigenpairs(target, DIM, tolerance=1e-12)
    return spectrum.eigenvectors * spectrum.eigenvalues.clamp(min=0) @ spectrum.eigenvectors.T


def distance(W, target):
    expected = best_of_rank(target)
    return float((W.detach() @ W.detach().T - expected).norm() / expected.norm())


PAIR_LOSSES = {
    "word2vec": (lambda s: softplus(-s), softplus),
    "quartic": (lambda s: s**2 / 4 - s, lambda s: s**2 / 4 + s),
    "exponential": (lambda s: torch.exp(-s), torch.exp),
    "skewed": (lambda s: torch.exp(-2 * s), lambda s: 2 * softplus(s) + torch.exp(s)),
}


def at_minimum(name, epsilon):
    """The distance of the minimum of a loss from the closed form of its target."""
    toy = language(epsilon)
    statistics, V = toy.statistics, len(toy)
    P, independent = statistics.joint, torch.outer(statistics.unigram, statistics.unigram)
    if name == "SimCLR":
        W = start(V, scale=epsilon**0.5)
        minimize(lambda: w2v.infonce_loss(W @ W.T, P) / epsilon**2, [W])
        return distance(W, w2v.infonce_target(statistics))
    if name == "fastText":
        features, _ = w2v.ngram_incidence(toy.vocabulary)
        A = features.to_dense().double() if features.is_sparse else features.double()
        assert int(torch.linalg.matrix_rank(A)) == V, "every W is some A Z"
        Z = start(A.shape[1], scale=epsilon**0.5 / 4)

        def loss():
            W = A @ Z
            return w2v.sgns_loss(W @ W.T, P, independent).sum() / epsilon**2

        minimize(loss, [Z])
        return distance(A @ Z, w2v.qwem_target(statistics))
    f_plus, f_minus = PAIR_LOSSES[name]
    W = start(V, scale=epsilon**0.5)
    loss = w2v.contrastive_loss(f_plus, f_minus)
    minimize(lambda: loss(W @ W.T, P, independent).sum() / epsilon**2, [W])
    return distance(W, w2v.contrastive_target(statistics, loss))


@pytest.mark.parametrize("name", [*PAIR_LOSSES, "SimCLR", "fastText"])
def test_minimum_of_the_true_loss_approaches_the_target(name):
    """The relative distance falls at least in proportion to epsilon, up to a tenth."""
    epsilons = (0.4, 0.2, 0.1)
    far, near, nearest = (at_minimum(name, epsilon) for epsilon in epsilons)
    assert nearest < 0.1 * 0.6  # epsilon times the largest strength
    assert near < 1.1 * far / 2
    assert nearest < 1.1 * near / 2


def test_word2vec_is_of_second_order():
    """Its losses have no cubic term: half the norms, a quarter of the distance."""
    assert at_minimum("word2vec", 0.1) / at_minimum("word2vec", 0.2) == pytest.approx(
        1 / 4, rel=0.1
    )


def test_spectral_contrastive_loss_is_its_own_expansion():
    """For vectors of any length, because all words of the language are equally frequent."""
    statistics = language(1.0).statistics
    independent = torch.outer(statistics.unigram, statistics.unigram)
    W = start(len(statistics))
    loss = functools.partial(
        w2v.spectral_contrastive_loss, positive=statistics.joint, negative=independent
    )
    minimize(lambda: loss(W @ W.T).sum(), [W])
    target = w2v.contrastive_target(statistics, w2v.spectral_contrastive_loss)
    torch.testing.assert_close(target, statistics.joint / independent)
    assert distance(W, target) < 1e-6


def test_glove_with_biases_and_constant_weights():
    """Least squares: its target holds for any norm, and approaches word2vec's for small ones.

    Biases leave a common shift of the vectors free, which centering takes away.
    """
    apart = []
    for epsilon in (0.4, 0.2):
        toy = language(epsilon)
        X = toy.statistics.joint
        W, b = start(len(X), scale=epsilon**0.5), start(len(X), 1)
        loss = functools.partial(w2v.glove_loss, maximum=1, exponent=0)
        minimize(lambda W=W, b=b, X=X: loss(W @ W.T + b + b.T, X).mean(), [W, b])  # noqa: B023
        center = torch.eye(len(X), dtype=torch.float64) - 1 / len(X)
        target = center @ X.log() @ center
        target = (target + target.T) / 2
        assert distance(center @ W, target) < 1e-5
        quartic = w2v.qwem_target(toy.statistics)
        apart.append(float((target - quartic).norm() / quartic.norm()))
    assert apart[1] < 1.1 * apart[0] / 2


def test_softmax_weighs_words_by_their_frequencies():
    """With unequal frequencies: the closed form with the weights g = P_i, at the true minimum."""
    generator = torch.Generator().manual_seed(1)
    p = torch.rand(12, generator=generator, dtype=torch.float64) + 0.1
    p = p / p.sum()
    U = torch.randn(12, 4, generator=generator, dtype=torch.float64)
    U = U - p @ U
    words = w2v.Vocabulary(tuple("abcdefghijkl"), torch.arange(12, 0, -1))
    apart = []
    for epsilon in (0.04, 0.02):
        M = epsilon * U @ U.T
        P = torch.outer(p, p) * (1 + M)
        statistics = w2v.CorpusStatistics(P, p, words)
        target = w2v.infonce_target(statistics)
        torch.testing.assert_close(target, M)
        spectrum = w2v.top_eigenpairs(w2v.weighted_target(target, p), 2, tolerance=1e-12)
        closed = w2v.spectral_embedding(spectrum, words, weights=p).vectors
        W = start(12, 2, scale=epsilon**0.5)
        minimize(lambda W=W, P=P: w2v.infonce_loss(W @ W.T, P) / epsilon**2, [W])  # noqa: B023
        gap = W.detach() @ W.detach().T - closed @ closed.T
        apart.append(float(gap.norm() / (closed @ closed.T).norm()))
    assert apart[0] < 0.2
    assert apart[1] < 1.1 * apart[0] / 2


@pytest.mark.parametrize("name", PAIR_LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_small_vectors_move_where_the_target_says(toy_statistics, name, weighted):
    """At small W the gradient is -4 (G * M*) W, for any weights: so the first modes grow."""
    f_plus, f_minus = PAIR_LOSSES[name]
    rule = w2v.word2vec_reweighting if weighted else w2v.plain_reweighting
    weights, loss = rule(toy_statistics), w2v.contrastive_loss(f_plus, f_minus)
    pairs = w2v.pair_weights(toy_statistics, weights)
    M = w2v.contrastive_target(toy_statistics, loss, weights)
    G = w2v.contrastive_weights(toy_statistics, loss, weights)
    errors = []
    for scale in (1e-2, 1e-3):
        W = start(12, 4, scale)
        loss(W @ W.T, *pairs).sum().backward()
        expected = -4 * (G * M) @ W.detach()
        errors.append(float((W.grad - expected).norm() / expected.norm()))
    assert errors[1] < 1e-5
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.1)
