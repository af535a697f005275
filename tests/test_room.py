"""Dense matrices that do not fit are refused before the work; so is what is no tensor."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from support import Sizes, unchecked

import w2vlib as w2v
from w2vlib import _devices

V = 60


@pytest.fixture(scope="module")
def counts():
    numbers = np.random.default_rng(0).integers(0, 3, (V, V)).astype(np.int64)
    words = w2v.Vocabulary(tuple(f"w{n}" for n in range(V)), torch.ones(V, dtype=torch.int64))
    return w2v.Cooccurrence(sp.csr_array(numbers + numbers.T), words)


def plain(statistics):
    return w2v.plain_reweighting(statistics)


OF_STATISTICS = {
    "pmi": w2v.pmi,
    "ppmi": w2v.ppmi,
    "shifted_ppmi": lambda s: w2v.shifted_ppmi(s, negatives=2),
    "infonce_target": w2v.infonce_target,
    "qwem_target": w2v.qwem_target,
    "contrastive_target": lambda s: w2v.contrastive_target(s, w2v.sgns_loss),
    "contrastive_weights": lambda s: w2v.contrastive_weights(s, w2v.sgns_loss, plain(s)),
    "pair_weights": lambda s: w2v.pair_weights(s, plain(s)),
    "rank_one_share": lambda s: w2v.rank_one_share(s, plain(s)),
    "log_weight_spread": lambda s: w2v.log_weight_spread(s, plain(s)),
}


def with_room(monkeypatch, numbers):
    """Room for so many numbers in float32."""
    monkeypatch.setattr(_devices, "_LARGE", 0)
    monkeypatch.setattr(_devices, "free_memory", lambda device: 4 * numbers)


def refused(call):
    with Sizes() as counted, pytest.raises(ValueError, match=f"{V} x {V}") as raised:
        call()
    assert max(counted.made, default=0) < V**2, "before the work"
    return str(raised.value)


@pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "dense"])
@pytest.mark.parametrize("name", OF_STATISTICS)
def test_what_does_not_fit_is_refused_before_the_work(counts, name, sparse, monkeypatch):
    statistics, function = w2v.corpus_statistics(counts, sparse=sparse), OF_STATISTICS[name]
    with_room(monkeypatch, V**2)
    assert "`qwem_operator`" in refused(lambda: function(statistics))
    with_room(monkeypatch, 7 * V**2)
    function(statistics)


def test_counts_written_out(counts, monkeypatch):
    with_room(monkeypatch, V**2 - 1)
    assert "`sparse=True`" in refused(lambda: w2v.corpus_statistics(counts))
    statistics = w2v.corpus_statistics(counts, sparse=True)
    assert "`train_glove`" in refused(lambda: w2v.glove_target(counts))

    # What needs no such matrix takes its place.
    assert w2v.qwem_operator(statistics) @ torch.ones(V, 2) is not None
    with_room(monkeypatch, V**2)
    w2v.corpus_statistics(counts)
    with pytest.raises(ValueError, match="sparse=True"):
        w2v.corpus_statistics(counts, dtype=torch.float64)


def test_copies_of_matrices(counts, monkeypatch):
    target = w2v.qwem_target(w2v.corpus_statistics(counts))
    with_room(monkeypatch, V**2 - 1)
    refused(lambda: w2v.weighted_target(target, torch.ones(V)))
    refused(lambda: w2v.extreme_eigenpairs(target, 1, 1))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what is free")
def test_a_limit_on_the_process_counts():
    """Set from outside: 30,000 words take 3.6 GB, and the process may have one more."""
    program = """
import resource
import numpy as np, scipy.sparse as sp, torch
import w2vlib as w2v
diagonal = sp.csr_array(sp.eye_array(30_000, dtype=np.int64, format="csr"))
words = w2v.Vocabulary(tuple(map(str, range(30_000))), torch.ones(30_000, dtype=torch.int64))
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + 2**30
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    w2v.corpus_statistics(w2v.Cooccurrence(diagonal, words))
except ValueError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "30,000 x 30,000" in done.stdout and "3.6 GB" in done.stdout, done


def test_free_memory_of_this_machine():
    free = _devices.free_memory(torch.device("cpu"))
    assert free is None or free > 2**20


MATRIX = np.diag([1.0, 2.0, 3.0])
SPECTRUM = w2v.Spectrum(torch.ones(1), torch.eye(3)[:, :1])


@pytest.mark.parametrize(
    "call",
    [
        lambda M: unchecked(w2v.top_eigenpairs)(M, 1),
        lambda M: unchecked(w2v.extreme_eigenpairs)(M, 1, 1),
        lambda M: unchecked(w2v.residual_norms)(M, SPECTRUM),
        lambda M: unchecked(w2v.weighted_target)(M, torch.ones(3)),
        lambda M: unchecked(w2v.factor_spectrum)(M),
        lambda M: unchecked(w2v.subspace_overlap)(M, torch.eye(3)),
        lambda M: unchecked(w2v.mode_overlaps)(torch.eye(3), M),
        lambda M: unchecked(w2v.factorize_weighted)(M, torch.ones(3, 3), 1),
        lambda M: unchecked(w2v.factorize_weighted)(torch.ones(3, 3), M, 1),
    ],
)
@pytest.mark.parametrize(
    ("matrix", "remedy"),
    [
        (MATRIX, r"numpy.*torch\.from_numpy\("),
        (sp.csr_array(MATRIX), r"scipy.*toarray\(\)"),
        (torch.from_numpy(MATRIX).to_sparse(), r"sparse.*to_dense\(\)"),
        (MATRIX.tolist(), r"list.*torch\.as_tensor"),
    ],
    ids=["numpy", "scipy", "sparse", "list"],
)
def test_matrices_of_other_libraries(call, matrix, remedy):
    with pytest.raises(TypeError, match=remedy):
        call(matrix)


@pytest.mark.parametrize("matrix", [MATRIX, sp.csr_array(MATRIX)], ids=["numpy", "scipy"])
def test_a_matrix_of_counts_needs_its_words(matrix):
    with pytest.raises(TypeError, match="vocabulary"):
        unchecked(w2v.corpus_statistics)(matrix)
