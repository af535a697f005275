"""Eigenpairs against planted ones and SciPy's."""

import numpy as np
import pytest
import scipy.sparse.linalg as sla
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support import unchecked

import w2vlib as w2v
from w2vlib._arrays import canonical_signs
from w2vlib.spectrum import _block_krylov


def planted(values, size, seed=0, dtype=torch.float64):
    """A symmetric matrix with these eigenvalues; the rest are zero."""
    noise = torch.randn(size, len(values), generator=torch.Generator().manual_seed(seed))
    basis = torch.linalg.qr(noise.to(dtype)).Q
    return (basis * torch.tensor(values, dtype=dtype)) @ basis.T, basis


def operator(matrix):
    return w2v.SymmetricOperator(len(matrix), lambda x: matrix @ x, matrix.dtype)


def iterate(matrix, k, tolerance=1e-4):
    """The eigenpairs by iteration, also of a matrix small enough to diagonalize."""
    values, vectors = _block_krylov(matrix, k, tolerance, 0, False)
    return w2v.Spectrum(values[:k], vectors)


def iterate_operator(matrix, k, tolerance=1e-4):
    return iterate(operator(matrix), k, tolerance)


SOLVERS = pytest.mark.parametrize("solve", [w2v.top_eigenpairs, iterate, iterate_operator])


@SOLVERS
def test_planted_eigenpairs(solve):
    values = [9.0, 5.0, 3.0, -100.0]  # the most negative is the largest in size
    matrix, basis = planted(values, 90)
    spectrum = solve(matrix, k=3)
    np.testing.assert_allclose(spectrum.eigenvalues, values[:3], rtol=1e-6)
    cosines = (spectrum.eigenvectors * basis[:, :3]).sum(0).abs()
    np.testing.assert_allclose(cosines, 1, rtol=1e-6)


@SOLVERS
def test_degenerate_pair_as_a_subspace(solve):
    matrix, basis = planted([4.0, 4.0, 1.0], 80)
    spectrum = solve(matrix, k=2)
    assert w2v.subspace_overlap(spectrum.eigenvectors, basis[:, :2]) == pytest.approx(1)


def test_real_target_against_scipy(enwiki):
    small = w2v.restrict_cooccurrence(enwiki, 1000)
    target = w2v.qwem_target(w2v.corpus_statistics(small, dtype=torch.float64))
    ours = w2v.top_eigenpairs(target, k=50)
    values, vectors = sla.eigsh(target.numpy(), k=50, which="LA")
    np.testing.assert_allclose(ours.eigenvalues, values[::-1], rtol=1e-10)
    overlap = w2v.subspace_overlap(ours.eigenvectors, torch.from_numpy(vectors.copy()))
    assert overlap == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize("tolerance", [1e-3, 1e-8])
def test_iteration_on_a_real_target(enwiki, tolerance):
    """Its most negative eigenvalue is several times the largest one."""
    small = w2v.restrict_cooccurrence(enwiki, 1000)
    target = w2v.qwem_target(w2v.corpus_statistics(small, dtype=torch.float64))
    values, vectors = torch.linalg.eigh(target)
    assert values[0] < -values[-1]
    iterated = iterate_operator(target, 40, tolerance)
    residuals = target @ iterated.eigenvectors - iterated.eigenvectors * iterated.eigenvalues
    assert float(residuals.norm(dim=0).max()) <= tolerance * float(values[-1])
    np.testing.assert_allclose(
        iterated.eigenvalues, values[-40:].flip(0), atol=tolerance * float(values[-1])
    )
    overlap = w2v.subspace_overlap(iterated.eigenvectors[:, :30], vectors[:, -30:])
    assert overlap == pytest.approx(1, abs=tolerance)


@given(
    seed=st.integers(0, 2**31),
    size=st.integers(80, 150),
    k=st.integers(1, 6),
    rank=st.integers(0, 12),
    shift=st.sampled_from([-3.0, 0.0, 2.0]),
)
@settings(max_examples=40)
def test_random_spectra_against_numpy(seed, size, k, rank, shift):
    """Low rank, repeated and missing eigenvalues: the space of the iteration is soon exhausted."""
    generator = np.random.default_rng(seed)
    values = generator.integers(-9, 10, rank).astype(float).tolist()
    matrix, _ = planted(values, size, seed) if rank else (torch.zeros(size, size).double(), None)
    matrix = matrix + shift * torch.eye(size, dtype=torch.float64)
    spectrum = iterate_operator(matrix, k, tolerance=1e-7)
    expected = np.linalg.eigvalsh(matrix.numpy())[::-1][:k]
    np.testing.assert_allclose(spectrum.eigenvalues, expected, atol=1e-6)
    gram = spectrum.eigenvectors.T @ spectrum.eigenvectors
    torch.testing.assert_close(gram, torch.eye(k, dtype=torch.float64), rtol=0, atol=1e-8)


@pytest.mark.parametrize("k", [1, 59, 60])
def test_many_modes_of_a_small_operator(k):
    matrix, _ = planted([5.0, -7.0, 2.0], 60)
    spectrum = w2v.top_eigenpairs(operator(matrix), k)
    expected = np.linalg.eigvalsh(matrix.numpy())[::-1][:k]
    np.testing.assert_allclose(spectrum.eigenvalues, expected, atol=1e-12)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_tiny_matrices(size):
    matrix = torch.diag(torch.arange(size, dtype=torch.float32))
    for form in (matrix, operator(matrix)):
        found = w2v.top_eigenpairs(form, size).eigenvalues.tolist()
        assert found == pytest.approx([*range(size)][::-1], rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("form", [lambda matrix: matrix, operator], ids=["matrix", "operator"])
def test_residuals_are_those_of_the_definition(form):
    matrix, _ = planted([3.0, 2.0, 1.0], 30)
    wrong = w2v.Spectrum(
        torch.tensor([3.0, 2.0], dtype=torch.float64), torch.eye(30, dtype=torch.float64)[:, :2]
    )
    expected = [
        float((matrix[:, k] - wrong.eigenvalues[k] * torch.eye(30)[:, k]).norm()) for k in (0, 1)
    ]
    np.testing.assert_allclose(w2v.residual_norms(form(matrix), wrong), expected, rtol=1e-12)


@SOLVERS
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_is_kept(solve, dtype):
    matrix, _ = planted([3.0, 2.0], 90, dtype=dtype)
    spectrum = solve(matrix, k=1)
    assert spectrum.eigenvalues.dtype == spectrum.eigenvectors.dtype == dtype


def test_too_large_to_diagonalize():
    """Same seed, same bits; and as exact as asked for."""
    matrix, basis = planted([3.0, 2.0, 1.0, -9.0], 2100)
    first, second, other = (
        w2v.top_eigenpairs(operator(matrix), k=2, seed=seed, tolerance=1e-10) for seed in (7, 7, 8)
    )
    assert torch.equal(first.eigenvectors, second.eigenvectors)
    assert not torch.equal(first.eigenvectors, other.eigenvectors)
    assert float(w2v.residual_norms(matrix, first).max()) < 3e-10
    assert w2v.subspace_overlap(first.eigenvectors, basis[:, :2]) == pytest.approx(1)


def test_signs(enwiki_spectrum):
    vectors = enwiki_spectrum.eigenvectors
    largest = vectors.gather(0, vectors.abs().argmax(0, keepdim=True))
    assert bool((largest > 0).all())
    flipped = canonical_signs(-vectors)
    assert torch.equal(flipped, vectors)


def test_overlap_of_planes_at_a_known_angle():
    angle = 0.7
    first = torch.eye(3, dtype=torch.float64)[:, :1]
    second = torch.tensor([[np.cos(angle)], [np.sin(angle)], [0.0]])
    assert w2v.subspace_overlap(first, 5 * second) == pytest.approx(np.cos(angle) ** 2)


@pytest.mark.parametrize("form", [torch.clone, operator])
def test_both_ends_against_numpy(form):
    noise = torch.randn(70, 70, generator=torch.Generator().manual_seed(2)).double()
    matrix = noise + noise.T
    found = w2v.extreme_eigenpairs(form(matrix), 6, 4)
    values = np.linalg.eigvalsh(matrix)[::-1]
    np.testing.assert_allclose(found.eigenvalues, [*values[:6], *values[-4:]], rtol=1e-8)
    assert float(w2v.residual_norms(matrix, found).max()) < 1e-8 * values[0]


def test_both_ends_of_a_real_target(enwiki):
    """Where the iteration finds them, and one end is ten times as far from zero as the other."""
    target = w2v.qwem_target(w2v.corpus_statistics(enwiki))
    found = w2v.extreme_eigenpairs(target, 5, 3)
    expected = sla.eigsh(target.numpy(), k=3, which="SA", return_eigenvectors=False)
    np.testing.assert_allclose(found.eigenvalues[-3:].flip(0), np.sort(expected), rtol=1e-4)


def test_strongest_modes_are_the_truncated_svd():
    noise = torch.randn(30, 30, generator=torch.Generator().manual_seed(3)).double()
    matrix = noise + noise.T
    modes = w2v.strongest_modes(w2v.top_eigenpairs(matrix, 30), 7)
    ours = (modes.eigenvectors * modes.eigenvalues) @ modes.eigenvectors.T
    U, s, Vh = np.linalg.svd(matrix.numpy())
    np.testing.assert_allclose(ours.numpy(), (U[:, :7] * s[:7]) @ Vh[:7], atol=1e-10)
    assert 0 < int((modes.eigenvalues < 0).sum()) < 7


class TestBadInput:
    @pytest.mark.parametrize("k", [0, 8])
    def test_number_of_modes(self, k):
        with pytest.raises(ValueError, match=rf"`k` must be in \[1, 7\].*got k={k}"):
            w2v.top_eigenpairs(torch.eye(7), k)

    @pytest.mark.parametrize("matrix", [torch.ones(2, 3), torch.ones(2, 2, dtype=torch.int64)])
    def test_not_square_or_not_floating(self, matrix):
        with pytest.raises(ValueError, match="must be square, of float32 or float64"):
            unchecked(w2v.top_eigenpairs)(matrix, 1)

    def test_not_finite(self):
        with pytest.raises(ValueError, match="must be finite"):
            w2v.top_eigenpairs(torch.full((2, 2), torch.nan), 1)

    @pytest.mark.parametrize(("size", "row"), [(2, 1), (1200, 1100)])  # of one tile, and of many
    def test_not_symmetric(self, size, row):
        matrix = torch.zeros(size, size)
        matrix[row, 0] = 1
        for form in (matrix, operator(matrix)):
            with pytest.raises(ValueError, match="`matrix` must be symmetric"):
                w2v.top_eigenpairs(form, 1)

    @pytest.mark.parametrize("ends", [(0, 1), (1, 0), (3, 3)])
    def test_ends(self, ends):
        with pytest.raises(ValueError, match=r"together, the size of `matrix`; got"):
            w2v.extreme_eigenpairs(torch.eye(5), *ends)

    @pytest.mark.parametrize("k", [0, 4])
    def test_number_of_strongest_modes(self, k):
        with pytest.raises(ValueError, match=r"`k` must be in \[1, 3\]"):
            w2v.strongest_modes(w2v.top_eigenpairs(torch.eye(5), 3), k)

    def test_not_converged(self):
        """What turns every vector by 90 degrees has no eigenvector; it is too large to look at."""
        turn = w2v.SymmetricOperator(2100, lambda x: torch.cat([x[1050:], -x[:1050]]))
        with pytest.raises(RuntimeError, match=r"did not converge.*raise `tolerance`"):
            w2v.top_eigenpairs(turn, k=3)

    def test_ascending_eigenvalues(self):
        with pytest.raises(ValueError, match="must descend"):
            w2v.Spectrum(torch.tensor([1.0, 2.0]), torch.eye(2))


def test_published_spectrum_of_the_embedded_counts(enwiki_spectrum):
    """The counts reproduce the spectrum found by an independent count of the same articles."""
    values = enwiki_spectrum.eigenvalues
    np.testing.assert_allclose(values[:3], [1243.20, 1154.95, 879.52], atol=0.01)
    assert float(values[199]) == pytest.approx(115.80, abs=0.01)


class TestModesOfAFactor:
    def test_are_those_of_its_gram_matrix(self):
        generator = torch.Generator().manual_seed(4)
        F = torch.randn(9, 3, generator=generator, dtype=torch.float64)
        spectrum = w2v.factor_spectrum(F)
        expected = w2v.top_eigenpairs(F @ F.T, k=3)
        torch.testing.assert_close(spectrum.eigenvalues, expected.eigenvalues)
        torch.testing.assert_close(spectrum.eigenvectors, expected.eigenvectors)

    def test_do_not_depend_on_the_rotation(self):
        generator = torch.Generator().manual_seed(5)
        F = torch.randn(9, 3, generator=generator, dtype=torch.float64)
        rotation = torch.linalg.qr(torch.randn(3, 3, generator=generator, dtype=torch.float64)).Q
        one, two = w2v.factor_spectrum(F), w2v.factor_spectrum(F @ rotation)
        torch.testing.assert_close(one.eigenvectors, two.eigenvectors)

    def test_overlaps(self):
        """A mode turned by 30 degrees in the plane of two others."""
        axes = torch.eye(4, dtype=torch.float64)[:, :2]
        half, root = 0.5, 0.75**0.5
        turned = torch.tensor([[root], [half], [0], [0]], dtype=torch.float64)
        torch.testing.assert_close(
            w2v.mode_overlaps(axes, turned), torch.tensor([[0.75], [0.25]], dtype=torch.float64)
        )
        with pytest.raises(ValueError, match="equally many rows; got 4 and 3"):
            unchecked(w2v.mode_overlaps)(axes, turned[:3])
