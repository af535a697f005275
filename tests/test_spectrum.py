"""Eigenpairs against planted ones and SciPy's."""

import numpy as np
import pytest
import scipy.sparse.linalg as sla
import torch

import w2vlib as w2v


def planted(values, size, seed=0, dtype=torch.float64):
    """A symmetric matrix with these eigenvalues; the rest are zero."""
    noise = torch.randn(size, len(values), generator=torch.Generator().manual_seed(seed))
    basis = torch.linalg.qr(noise.to(dtype)).Q
    return (basis * torch.tensor(values, dtype=dtype)) @ basis.T, basis


def operator(matrix):
    return w2v.SymmetricOperator(len(matrix), lambda x: matrix @ x, matrix.dtype)


@pytest.fixture(params=["dense", "operator"])
def form(request):
    return (lambda matrix: matrix) if request.param == "dense" else operator


def test_planted_eigenpairs(form):
    values = [9.0, 5.0, 3.0, -100.0]  # the most negative is the largest in size
    matrix, basis = planted(values, 60)
    spectrum = w2v.top_eigenpairs(form(matrix), k=3)
    np.testing.assert_allclose(spectrum.eigenvalues, values[:3], rtol=1e-6)
    cosines = (spectrum.eigenvectors * basis[:, :3]).sum(0).abs()
    np.testing.assert_allclose(cosines, 1, rtol=1e-6)


def test_degenerate_pair_as_a_subspace(form):
    matrix, basis = planted([4.0, 4.0, 1.0], 40)
    spectrum = w2v.top_eigenpairs(form(matrix), k=2)
    assert w2v.subspace_overlap(spectrum.eigenvectors, basis[:, :2]) == pytest.approx(1)


def test_real_target_against_scipy(enwiki):
    small = w2v.restrict_vocabulary(enwiki, 1000)
    target = w2v.qwem_target(w2v.corpus_statistics(small, dtype=torch.float64))
    ours = w2v.top_eigenpairs(target, k=50)
    values, vectors = sla.eigsh(target.numpy(), k=50, which="LA")
    np.testing.assert_allclose(ours.eigenvalues, values[::-1], rtol=1e-10)
    overlap = w2v.subspace_overlap(ours.eigenvectors, torch.from_numpy(vectors.copy()))
    assert overlap == pytest.approx(1, abs=1e-10)


def test_real_target_as_operator(enwiki):
    small = w2v.restrict_vocabulary(enwiki, 1000)
    target = w2v.qwem_target(w2v.corpus_statistics(small))
    dense, iterated = (w2v.top_eigenpairs(m, k=20) for m in (target, operator(target)))
    np.testing.assert_allclose(iterated.eigenvalues, dense.eigenvalues, rtol=1e-3)
    overlap = w2v.subspace_overlap(iterated.eigenvectors, dense.eigenvectors)
    assert overlap == pytest.approx(1, abs=1e-3)


def test_residuals_are_those_of_the_definition(form):
    matrix, _ = planted([3.0, 2.0, 1.0], 30)
    wrong = w2v.Spectrum(
        torch.tensor([3.0, 2.0], dtype=torch.float64), torch.eye(30, dtype=torch.float64)[:, :2]
    )
    expected = [
        float((matrix[:, k] - wrong.eigenvalues[k] * torch.eye(30)[:, k]).norm()) for k in (0, 1)
    ]
    np.testing.assert_allclose(w2v.residual_norms(form(matrix), wrong), expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_is_kept(form, dtype):
    matrix, _ = planted([3.0, 2.0], 20, dtype=dtype)
    spectrum = w2v.top_eigenpairs(form(matrix), k=1)
    assert spectrum.eigenvalues.dtype == spectrum.eigenvectors.dtype == dtype


def test_same_seed_same_bits():
    matrix, _ = planted([3.0, 2.0, 1.0], 50)
    first, second = (w2v.top_eigenpairs(operator(matrix), k=2, seed=7) for _ in range(2))
    assert torch.equal(first.eigenvectors, second.eigenvectors)


def test_signs(enwiki_spectrum):
    vectors = enwiki_spectrum.eigenvectors
    largest = vectors.gather(0, vectors.abs().argmax(0, keepdim=True))
    assert bool((largest > 0).all())
    flipped = w2v.canonical_signs(-vectors)
    assert torch.equal(flipped, vectors)


def test_overlap_of_planes_at_a_known_angle():
    angle = 0.7
    first = torch.eye(3, dtype=torch.float64)[:, :1]
    second = torch.tensor([[np.cos(angle)], [np.sin(angle)], [0.0]])
    assert w2v.subspace_overlap(first, 5 * second) == pytest.approx(np.cos(angle) ** 2)


class TestBadInput:
    @pytest.mark.parametrize("k", [0, 8])
    def test_number_of_modes(self, k):
        with pytest.raises(ValueError, match=rf"`k` must be in \[1, 7\].*got k={k}"):
            w2v.top_eigenpairs(torch.eye(7), k)

    def test_not_symmetric(self):
        with pytest.raises(ValueError, match="`matrix` must be symmetric"):
            w2v.top_eigenpairs(torch.tensor([[1.0, 2.0], [0.0, 1.0]]), 1)

    @pytest.mark.parametrize("matrix", [torch.ones(2, 3), torch.ones(2, 2, dtype=torch.int64)])
    def test_not_square_or_not_floating(self, matrix):
        top_eigenpairs = getattr(w2v.top_eigenpairs, "__wrapped__", w2v.top_eigenpairs)
        with pytest.raises(ValueError, match="must be square, of float32 or float64"):
            top_eigenpairs(matrix, 1)

    def test_not_finite(self):
        with pytest.raises(ValueError, match="must be finite"):
            w2v.top_eigenpairs(torch.full((2, 2), torch.nan), 1)

    def test_not_converged(self):
        skewed = torch.tensor([[0.0, 1.0], [-1.0, 0.0]], dtype=torch.float64)  # not symmetric
        rotation = torch.block_diag(skewed, skewed, skewed)
        with pytest.raises(RuntimeError, match=r"did not converge: largest residual|ARPACK found"):
            w2v.top_eigenpairs(operator(rotation), k=2)

    def test_ascending_eigenvalues(self):
        with pytest.raises(ValueError, match="must descend"):
            w2v.Spectrum(torch.tensor([1.0, 2.0]), torch.eye(2))


def test_published_spectrum_of_the_embedded_counts(enwiki_spectrum):
    """The counts reproduce the spectrum found by an independent count of the same articles."""
    values = enwiki_spectrum.eigenvalues
    np.testing.assert_allclose(values[:3], [1243.20, 1154.95, 879.52], atol=0.01)
    assert float(values[199]) == pytest.approx(115.80, abs=0.01)
