"""The same code on CUDA gives the same vectors. Runs where a GPU is."""

import pytest
import torch

import w2vlib as w2v

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")


@pytest.fixture(scope="module")
def both(enwiki):
    def pipeline(device):
        statistics = w2v.corpus_statistics(enwiki, device=device)
        target = w2v.qwem_target(statistics)
        return target, w2v.top_eigenpairs(target, k=50)

    return pipeline("cpu"), pipeline("cuda")


def test_tensors_are_on_the_gpu(both):
    _, (target, spectrum) = both
    assert target.is_cuda and spectrum.eigenvalues.is_cuda and spectrum.eigenvectors.is_cuda


def test_same_target(both):
    (cpu, _), (gpu, _) = both
    torch.testing.assert_close(gpu.cpu(), cpu, rtol=0, atol=1e-5)


def test_same_spectrum(both):
    (_, cpu), (_, gpu) = both
    torch.testing.assert_close(gpu.eigenvalues.cpu(), cpu.eigenvalues, rtol=1e-4, atol=0)
    overlap = w2v.subspace_overlap(gpu.eigenvectors.cpu(), cpu.eigenvectors)
    assert overlap == pytest.approx(1, abs=1e-3)


def test_operator_runs_on_the_gpu(both):
    _, (target, spectrum) = both
    operator = w2v.SymmetricOperator(len(target), lambda x: target @ x, target.dtype, "cuda")
    iterated = w2v.top_eigenpairs(operator, k=5)
    assert iterated.eigenvectors.is_cuda
    torch.testing.assert_close(iterated.eigenvalues, spectrum.eigenvalues[:5], rtol=1e-3, atol=0)


def test_same_answers(both, enwiki):
    analogies = w2v.datasets.load_analogies(enwiki.vocabulary)
    (_, cpu), (_, gpu) = both
    answers = [
        w2v.solve_analogies(w2v.spectral_embedding(s, enwiki.vocabulary), analogies)
        for s in (cpu, gpu)
    ]
    assert answers[1].accuracy == pytest.approx(answers[0].accuracy, abs=0.002)


def test_neighbors(both, enwiki):
    (_, cpu), (_, gpu) = both
    lists = [
        [
            word
            for word, _ in w2v.nearest_neighbors(
                w2v.spectral_embedding(s, enwiki.vocabulary), "physics"
            )
        ]
        for s in (cpu, gpu)
    ]
    assert lists[0] == lists[1]
