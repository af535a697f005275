"""The toy language: its closed forms against brute force, its samples against its statistics."""

import itertools

import pytest
import torch

import w2vlib as w2v
from w2vlib.datasets import sample_pairs, sample_tokens, toy_language, toy_spectrum

STRENGTHS = (0.6, 0.3, -0.2)


def brute_force(strengths, distance):
    """Sum over all paths of the chain between two words."""
    words = list(itertools.product((1, -1), repeat=len(strengths)))
    step = torch.ones(len(words), len(words), dtype=torch.float64)
    for i, a in enumerate(words):
        for j, b in enumerate(words):
            for s, x, y in zip(strengths, a, b, strict=True):
                step[i, j] *= (1 + s) / 2 if x == y else (1 - s) / 2
    return torch.linalg.matrix_power(step, distance) / len(words)


@pytest.mark.parametrize("weighting", ["uniform", "linear", "harmonic"])
@pytest.mark.parametrize("window", [1, 3])
def test_probabilities(window, weighting):
    language = toy_language(STRENGTHS, window=window, weighting=weighting)
    weights = w2v.window_weights(window, weighting).double()
    expected = sum(w * brute_force(STRENGTHS, n) for n, w in enumerate(weights, start=1))
    torch.testing.assert_close(language.statistics.joint, expected / weights.sum())
    torch.testing.assert_close(
        language.statistics.unigram, torch.full((8,), 1 / 8, dtype=torch.float64)
    )


@pytest.mark.parametrize("window", [1, 4])
@pytest.mark.parametrize("target", ["qwem", "pmi"])
def test_spectrum(window, target):
    language = toy_language(STRENGTHS, window=window)
    make = {"qwem": w2v.qwem_target, "pmi": w2v.pmi}[target]
    matrix = make(language.statistics)
    spectrum = toy_spectrum(language, target)
    residual = matrix @ spectrum.eigenvectors - spectrum.eigenvectors * spectrum.eigenvalues
    assert float(residual.abs().max()) < 1e-12
    torch.testing.assert_close(
        spectrum.eigenvectors.T @ spectrum.eigenvectors, torch.eye(8, dtype=torch.float64)
    )
    torch.testing.assert_close(
        spectrum.eigenvalues, torch.linalg.eigvalsh(matrix).flip(0), rtol=0, atol=1e-12
    )
    assert len(toy_spectrum(language, target, k=2)) == 2


def test_pmi_has_the_attributes_as_modes():
    language = toy_language((0.6, 0.3, 0.2))
    eigenvalues = toy_spectrum(language, "pmi").eigenvalues
    expected = 8 * torch.atanh(torch.tensor([0.6, 0.3, 0.2], dtype=torch.float64))
    torch.testing.assert_close(eigenvalues[:3], expected)
    constant = 4 * torch.log1p(-(language.strengths**2)).sum()
    torch.testing.assert_close(eigenvalues[-1], constant)
    assert float(eigenvalues[3:-1].abs().max()) < 1e-12


def test_analogies_are_exact_parallelograms():
    language = toy_language((0.6, 0.5, 0.4, 0.3))
    spectrum = toy_spectrum(language, k=4)
    embedding = w2v.spectral_embedding(spectrum, language.vocabulary)
    a, b, c, d = embedding.vectors[language.analogies.questions].unbind(1)
    torch.testing.assert_close(b - a + c, d)
    result = w2v.solve_analogies(embedding, language.analogies)
    assert result.accuracy == 1
    assert len(result.by_category) == 4
    assert len(language.analogies) == 4 * 8 * 7


def test_tokens_have_the_statistics_of_the_language():
    window, tokens = 3, 200_000
    language = toy_language(STRENGTHS, window=window)
    corpus = sample_tokens(language, tokens, documents=10, seed=1)
    assert corpus.documents == 10
    assert len(corpus) == tokens
    counts = w2v.count_cooccurrences(corpus, window=window)
    joint = w2v.corpus_statistics(counts, dtype=torch.float64).joint
    # Neighbors overlap and the chain remembers: fewer independent pairs than tokens.
    error = (language.statistics.joint / (tokens / 10)).sqrt()
    assert bool(((joint - language.statistics.joint).abs() < 4 * error).all())


def test_pairs_have_the_statistics_of_the_language():
    language = toy_language(STRENGTHS)
    counts = sample_pairs(language, 100_000, seed=2)
    assert counts.total == 200_000
    joint = torch.from_numpy(counts.counts.toarray() / counts.total)
    error = (language.statistics.joint / 100_000).sqrt()
    assert bool(((joint - language.statistics.joint).abs() < 5 * error).all())


def test_samples_are_reproducible():
    language = toy_language()
    one, two, other = (sample_tokens(language, 50, seed=seed).tokens for seed in (3, 3, 4))
    assert one.equal(two)
    assert not one.equal(other)
    one, two = (sample_pairs(language, 50, seed=5).counts for _ in range(2))
    assert (one != two).nnz == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: toy_language((0.5,)), "two to eight"),
        (lambda: toy_language((0.5, 1.0)), "between -1 and 1"),
        (lambda: toy_language(window=0), "window"),
        (lambda: toy_spectrum(toy_language(), k=33), r"\[1, 32\]; got k=33"),
        (lambda: sample_tokens(toy_language(), 3, documents=4), "documents"),
        (lambda: sample_pairs(toy_language(), 0), "at least 1"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
