"""The same code on CUDA gives the same vectors. Runs where a GPU is."""

import pytest
import torch

import w2vlib as w2v
from w2vlib import targets

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


def test_counting(enwiki):
    """Integers: not nearly, but exactly the same."""
    generator = torch.Generator().manual_seed(0)
    draw = torch.rand(200_000, generator=generator) ** 4 * len(enwiki)
    offsets = torch.arange(0, 200_001, 400)
    corpus = w2v.Corpus(draw.int(), offsets, enwiki.vocabulary)
    moved = corpus.to("cuda")
    assert moved.tokens.is_cuda
    for weighting in ("linear", "harmonic"):
        cpu, gpu = (w2v.count_cooccurrences(c, weighting=weighting) for c in (corpus, moved))
        assert cpu.total == gpu.total and (cpu.counts != gpu.counts).nnz == 0


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_weighted_operator(enwiki, monkeypatch, share):
    monkeypatch.setattr(targets, "_DENSE_SHARE", share)  # dense, then sparse
    x = torch.randn(len(enwiki), 5, generator=torch.Generator().manual_seed(0))
    operators = []
    for device in ("cpu", "cuda"):
        statistics = w2v.corpus_statistics(enwiki, sparse=True, device=device)
        reweighting = w2v.word2vec_reweighting(statistics)
        weights = w2v.rank_one_weights(statistics, reweighting)
        operators.append(w2v.qwem_operator(statistics, reweighting, weights=weights))
    cpu, gpu = operators
    product = gpu @ x.cuda()
    assert product.is_cuda
    torch.testing.assert_close(product.cpu(), cpu @ x, rtol=1e-4, atol=1e-5)
    spectra = [w2v.top_eigenpairs(operator, k=20).eigenvalues.cpu() for operator in (cpu, gpu)]
    torch.testing.assert_close(*spectra, rtol=1e-4, atol=0)


def test_reweighting_from_statistics(both, enwiki):
    small = w2v.restrict_cooccurrence(enwiki, 300)
    results = []
    for device in ("cpu", "cuda"):
        statistics = w2v.corpus_statistics(small, dtype=torch.float64, device=device)
        reweighting = w2v.word2vec_reweighting(statistics)
        target = w2v.qwem_target(statistics, reweighting)
        assert target.device.type == reweighting.keep.device.type == device
        results.append((target.cpu(), w2v.rank_one_weights(statistics, reweighting).cpu()))
    torch.testing.assert_close(*results)


def test_flow():
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(30, 30, generator=generator, dtype=torch.float64)
    target, start = noise + noise.T, 0.1 * noise[:, :4]
    for verb in (
        lambda M, W: w2v.gram_at(M, W, 0.7),
        lambda M, W: w2v.untied_factors(M, 3, 2.0)[0].abs(),
        lambda M, W: w2v.integrate_flow(M, W, torch.tensor([0.5], device=M.device)).factors,
    ):
        result = verb(target.cuda(), start.cuda())
        assert result.is_cuda
        torch.testing.assert_close(result.cpu(), verb(target, start), rtol=1e-6, atol=1e-8)


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


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("tied", [True, False])
def test_training_on_statistics(enwiki, tied, sparse, kept, monkeypatch):
    """With all weights computed once, and block by block at each step."""
    monkeypatch.setattr("w2vlib.training._pair_blocks._KEPT_BYTES", 2**30 if kept else 0)
    small = w2v.restrict_cooccurrence(enwiki, 500)
    config = w2v.PopulationConfig(dim=20, steps=20, tied=tied, initial_scale=0.1)
    results = []
    for device in ("cpu", "cuda"):
        statistics = w2v.corpus_statistics(small, sparse=sparse, device=device)
        plain = w2v.plain_reweighting(statistics)
        results.append(w2v.train_population(statistics, config, reweighting=plain).embedding)
    cpu, gpu = results
    assert gpu.vectors.is_cuda
    torch.testing.assert_close(gpu.vectors.cpu(), cpu.vectors, rtol=0, atol=1e-3)


def test_training_on_tokens():
    """The same random numbers, so nearly the same vectors; on the GPU the same bits twice."""
    language = w2v.datasets.toy_language()
    text = w2v.datasets.sample_tokens(language, 2000)
    config = w2v.SGNSConfig(dim=8, window=2, epochs=2, sample=None, batch_tokens=64)
    cpu, gpu, again = (
        w2v.train_sgns(text.to(device), config).embedding.vectors
        for device in ("cpu", "cuda", "cuda")
    )
    assert gpu.is_cuda and gpu.equal(again)
    torch.testing.assert_close(gpu.cpu(), cpu, rtol=0, atol=1e-3)


def test_geometry_of_analogies(enwiki, enwiki_embedding):
    """Margins on the GPU; what is small comes back to the CPU."""
    analogies = w2v.datasets.load_analogies(enwiki.vocabulary)
    pairs = w2v.family_pairs(analogies, "male-female")
    results = []
    for device in ("cpu", "cuda"):
        embedding = enwiki_embedding.to(device)
        task = w2v.extract_task_vectors(embedding, pairs)
        assert task.vectors.device.type == device
        margins = w2v.analogy_margins(embedding, analogies)
        results.append(
            [
                w2v.gram_spectrum(task).eigenvalues,
                w2v.pairwise_cosines(task),
                torch.tensor([w2v.spike_strength(task), w2v.mean_share(task)]),
                margins.error,
                margins.cosine,
            ]
        )
    for cpu, gpu in zip(*results, strict=True):
        torch.testing.assert_close(gpu, cpu, rtol=1e-3, atol=1e-4)


def test_attention():
    generator = torch.Generator().manual_seed(0)
    W = torch.randn(50, 8, generator=generator, dtype=torch.float64)
    prompts = torch.randint(50, (10, 5), generator=generator)
    kernel = w2v.attention.wide_kernel(8, 20)
    cpu, gpu = (
        w2v.attention.attention_update(x, prompts[:, :-1], prompts[:, -1], kernel)
        for x in (W, W.cuda())
    )
    assert gpu.is_cuda
    torch.testing.assert_close(gpu.cpu(), cpu)


@pytest.mark.parametrize("method", ["add", "mul", "nearest"])
def test_single_analogies_and_several_right_answers(enwiki_embedding, method):
    moved = enwiki_embedding.to("cuda")
    cpu, gpu = (
        w2v.analogy(each, "france", "paris", "italy", k=5, method=method)
        for each in (enwiki_embedding, moved)
    )
    assert [word for word, _ in gpu] == [word for word, _ in cpu]
    torch.testing.assert_close(
        torch.tensor([score for _, score in gpu]), torch.tensor([score for _, score in cpu])
    )
    pairs = ["france paris/rome", "italy rome/paris", "germany berlin", "spain madrid/london"]
    questions = w2v.parse_analogies(pairs, enwiki_embedding.vocabulary)
    assert questions.alternatives is not None
    results = [
        w2v.solve_analogies(each, questions, method=method) for each in (enwiki_embedding, moved)
    ]
    assert torch.equal(results[0].predicted, results[1].predicted)
    assert torch.equal(results[0].correct, results[1].correct)
    margins = [w2v.analogy_margins(each, questions) for each in (enwiki_embedding, moved)]
    assert torch.equal(margins[0].answer, margins[1].answer)


def test_maps_and_files_of_vectors_on_the_gpu(enwiki_embedding, tmp_path):
    moved, words = enwiki_embedding.to("cuda"), ["france", "paris", "italy", "rome"]
    w2v.save_embedding(moved, tmp_path / "v.bin")
    loaded = w2v.load_embedding(tmp_path / "v.bin", dtype=torch.float16).to("cuda")
    assert loaded.vectors.is_cuda and loaded.vectors.dtype == torch.float16
    torch.testing.assert_close(loaded.vectors.float(), moved.vectors, rtol=1e-3, atol=1e-6)
    there = w2v.principal_coordinates(moved, words)
    here = w2v.principal_coordinates(enwiki_embedding, words)
    torch.testing.assert_close(there.cpu(), here, rtol=1e-3, atol=1e-4)
    w2v.plotting.plot_words(there.cpu(), words)
    w2v.save_for_projector(moved, tmp_path)
