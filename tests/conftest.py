"""Shared fixtures: the embedded Wikipedia pipeline, computed once per worker."""

import hypothesis
import pytest
import torch

import w2vlib as w2v

# Kernels compile on their first call: a deadline would time the compiler.
hypothesis.settings.register_profile("w2vlib", deadline=None, derandomize=True)
hypothesis.settings.load_profile("w2vlib")


@pytest.fixture(scope="session")
def enwiki():
    return w2v.datasets.load_enwiki()


@pytest.fixture(scope="session")
def enwiki_target(enwiki):
    return w2v.qwem_target(w2v.corpus_statistics(enwiki))


@pytest.fixture(scope="session")
def enwiki_spectrum(enwiki_target):
    return w2v.top_eigenpairs(enwiki_target, k=200)


@pytest.fixture(scope="session")
def enwiki_embedding(enwiki, enwiki_spectrum):
    return w2v.spectral_embedding(enwiki_spectrum, enwiki.vocabulary)


@pytest.fixture
def toy_statistics():
    """Random statistics of twelve words, in float64."""
    counts = torch.rand(12, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    joint = counts + counts.T
    joint[0, 1] = joint[1, 0] = 0  # a pair that never occurs
    joint /= joint.sum()
    words = w2v.Vocabulary(tuple("abcdefghijkl"), torch.arange(12, 0, -1))
    return w2v.CorpusStatistics(joint, joint.sum(1), words)
