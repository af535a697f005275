#!/usr/bin/env python3
"""The geometry of analogies, in numbers: on the counts that come with the library.

    python benchmarks/geometry.py

Seven questions, each a function below that returns what it measured. The tables, their numbers and
a picture go to `benchmarks/results/`.
"""

import argparse
import statistics
from functools import cache, partial
from pathlib import Path

import torch
from geometry_report import geometry_report
from harness import RESULTS, Row, machine, save
from scipy.stats import spearmanr

import w2vlib as w2v

DIMS = (4, 8, 16, 32, 64, 128, 256, 512, 1000)
DIM = 200
SHUFFLES = 20
SHOWN = ("place-adjective", "male-female", "verb-past-regular", "verb-gerund")


def main() -> None:
    """Answer all questions and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=RESULTS / "geometry")
    options = parser.parse_args()
    results = {"machine": machine(), "command": "python benchmarks/geometry.py"}
    asked = (families, difficulty, before_training, dimensions, bulk, domains, attention)
    for question in asked:
        print(question.__doc__, flush=True)
        results[question.__name__] = question()
    save(results, geometry_report(results), options.output)
    draw(results, options.output.with_suffix(".png"))


@cache
def spectrum() -> "w2v.Spectrum":
    """The top modes of M* of all words, once for all questions."""
    target = w2v.qwem_target(w2v.corpus_statistics(w2v.datasets.load_enwiki()))
    return w2v.top_eigenpairs(target, max(DIMS), tolerance=1e-4)


@cache
def embedding(dim: int) -> "w2v.Embedding":
    """The closed form: the first columns of one factorization."""
    modes = spectrum()
    top = w2v.Spectrum(modes.eigenvalues[:dim], modes.eigenvectors[:, :dim])
    return w2v.spectral_embedding(top, w2v.datasets.load_enwiki().vocabulary)


@cache
def questions() -> "w2v.AnalogySet":
    """The questions of our own set."""
    return w2v.datasets.load_analogies(w2v.datasets.load_enwiki().vocabulary)


@cache
def accuracies(dim: int) -> dict[str, float]:
    """The accuracy in each category."""
    return w2v.solve_analogies(embedding(dim), questions()).by_category


@cache
def nearest(dim: int) -> dict[str, float]:
    """The accuracy of the word nearest to c, which ignores a and b."""
    return w2v.solve_analogies(embedding(dim), questions(), method="nearest").by_category


def pairs_of(category: str) -> torch.Tensor:
    """The word pairs of a category of our questions."""
    return w2v.family_pairs(questions(), category)


# --- families ---------------------------------------------------------------------------------


def families() -> Row:
    """Every family: its spike, what of it the pairing makes, and its accuracy."""
    rows = {}
    for name, accuracy in accuracies(DIM).items():
        pairs = pairs_of(name)
        task = w2v.extract_task_vectors(embedding(DIM), pairs)
        mean = task.vectors.mean(dim=0)
        rows[name] = {
            "pairs": len(pairs),
            "strength": w2v.spike_strength(task),
            "strength_shuffled": shuffled(w2v.spike_strength, pairs, DIM),
            "mean_shuffled": shuffled(mean_in_spike, pairs, DIM),
            "strength_noise": w2v.random_matrix.mp_edges(
                w2v.random_matrix.MarchenkoPastur(len(pairs) / DIM)
            )[1],
            "spike_share": w2v.spike_share(task),
            "mean_share": w2v.mean_share(task),
            "participation": 1 / float(w2v.inverse_participation_ratio(mean)),
            "gain": pairing_gain(pairs, DIM),
            "accuracy": accuracy,
            "nearest": nearest(DIM)[name],
        }
    return {"words": len(embedding(DIM)), "dim": DIM, "shuffles": SHUFFLES, "rows": rows}


def shuffled(measure, pairs: torch.Tensor, dim: int) -> float:  # noqa: ANN001
    """The mean of a measure over random partners."""
    return statistics.fmean(
        measure(w2v.extract_task_vectors(embedding(dim), w2v.shuffled_pairs(pairs, seed=seed)))
        for seed in range(SHUFFLES)
    )


def mean_in_spike(task: "w2v.TaskVectors") -> float:
    """How much of the spike is the mean task vector."""
    return w2v.mean_share(task) / w2v.spike_share(task)


def mean_cosine(task: "w2v.TaskVectors") -> float:
    """The mean cosine of the angles between task vectors."""
    return float(w2v.pairwise_cosines(task).mean())


def pairing_gain(pairs: torch.Tensor, dim: int) -> float:
    """How much more alike task vectors are with the right partners than with random ones."""
    task = w2v.extract_task_vectors(embedding(dim), pairs)
    return mean_cosine(task) - shuffled(mean_cosine, pairs, dim)


def difficulty() -> Row:
    """Which number, known before any training, orders the families by their accuracy?"""
    names = list(accuracies(DIM))
    strengths = {
        name: w2v.expected_strengths(embedding(max(DIMS)), pairs_of(name), DIMS).tolist()
        for name in names
    }
    rows = []
    for column, dim in enumerate(DIMS):
        tasks = {name: w2v.extract_task_vectors(embedding(dim), pairs_of(name)) for name in names}
        accuracy = [accuracies(dim)[name] for name in names]
        baseline = [nearest(dim)[name] for name in names]
        above = [a - b for a, b in zip(accuracy, baseline, strict=True)]
        measures = {
            "strength": [strengths[name][column] for name in names],
            "spike_share": [w2v.spike_share(task) for task in tasks.values()],
            "mean_share": [w2v.mean_share(task) for task in tasks.values()],
            "gain": [pairing_gain(pairs_of(name), dim) for name in names],
        }
        rows.append(
            {
                "dim": dim,
                "baseline": spearman(baseline, accuracy),
                "accuracy": {key: spearman(x, accuracy) for key, x in measures.items()},
                "above": {key: spearman(x, above) for key, x in measures.items()},
            }
        )
    reached = {name: [accuracies(dim)[name] for dim in DIMS] for name in names}
    best = [max(values) for values in reached.values()]
    return {
        "peak": spearman([max(strengths[name]) for name in names], best),
        "by_chance": 1.96 / (len(names) - 1) ** 0.5,
        "strengths": strengths,
        "accuracies": reached,
        "rows": rows,
    }


def spearman(first: list[float], second: list[float]) -> float:
    """Rank correlation."""
    return float(spearmanr(first, second).statistic)


def before_training(words: int = 3000, dim: int = 100, steps: int = 300) -> Row:
    """From hyperparameters to the strengths that word2vec's vectors have after training."""
    counts = w2v.restrict_cooccurrence(w2v.datasets.load_enwiki(), words)
    data = w2v.corpus_statistics(counts)
    asked = w2v.datasets.load_analogies(data.vocabulary)
    rows = []
    for negatives, sample in ((1, None), (1, 1e-4), (5, None), (5, 1e-4)):
        reweighting = w2v.word2vec_reweighting(data, negatives=negatives, sample=sample)
        g = w2v.rank_one_weights(data, reweighting)
        operator = w2v.qwem_operator(data, reweighting, weights=g)
        modes = w2v.top_eigenpairs(operator, dim, tolerance=1e-4)
        closed = w2v.spectral_embedding(modes, data.vocabulary, weights=g)
        config = w2v.PopulationConfig(dim=dim, steps=steps, biases=negatives > 1)
        trained = w2v.train_population(data, config, reweighting=reweighting).embedding
        by_category = w2v.solve_analogies(trained, asked).by_category
        pairs = [w2v.family_pairs(asked, name) for name in by_category]
        expected, found = (
            [w2v.spike_strength(w2v.extract_task_vectors(x, each)) for each in pairs]
            for x in (closed, trained)
        )
        ratios = [b / a for a, b in zip(expected, found, strict=True)]
        rows.append(
            {
                "negatives": negatives,
                "sample": sample,
                "correlation": spearman(expected, found),
                "median": statistics.median(ratios),
                "smallest": min(ratios),
                "largest": max(ratios),
                "accuracy": w2v.solve_analogies(trained, asked).accuracy,
            }
        )
    return {"words": words, "dim": dim, "steps": steps, "families": len(pairs), "rows": rows}


def dimensions() -> Row:
    """Why the strength of spikes falls sooner than the accuracy: competitors."""
    rows = []
    for dim in DIMS:
        margins = w2v.analogy_margins(embedding(dim), questions())
        row = {"dim": dim, "all": measured(margins, torch.ones(len(margins), dtype=torch.bool))}
        for name in SHOWN:
            number = questions().categories.index(name)
            row[name] = measured(margins, questions().category == number)
        rows.append(row)
    return {"questions": len(questions()), "shown": list(SHOWN), "rows": rows}


def measured(margins: "w2v.AnalogyMargins", chosen: torch.Tensor) -> Row:
    """What the margins say on average about the chosen questions."""
    half = margins.spacing.double() / 2
    means = {
        name: float(getattr(margins, name)[chosen].double().mean())
        for name in ("correct", "cosine", "error", "pull")
    }
    return {
        **means,
        "half_spacing": float(half[chosen].mean()),
        "lead": float((half - margins.pull)[chosen].mean()),
        "lead_spread": float((half - margins.pull)[chosen].std()),
        "towards": float((margins.pull / margins.error)[chosen].double().mean()),
        "rank": int(margins.rank[chosen].median()),
    }


# --- random matrices --------------------------------------------------------------------------


def bulk() -> Row:
    """The bulk of a family: which laws describe it, without anything set by hand."""
    return {name: [bulk_row(name, dim) for dim in (128, 256, 512, 1000)] for name in SHOWN}


def bulk_row(category: str, dim: int) -> Row:
    """Four laws: equal variances, unequal columns, unequal pairs, and a fit."""
    task = w2v.extract_task_vectors(embedding(dim), pairs_of(category))
    R = task.vectors.double()
    centered = w2v.gram_spectrum(task, centered=True).eigenvalues
    N, number, noise = len(R), len(centered), R - R.mean(dim=0)
    columns, pairs = R.var(dim=0), noise.square().sum(dim=1) / dim * N / number
    x = torch.linspace(float(centered.min()) / 4, 1.5 * float(centered.max()), 300).double()
    plain = w2v.random_matrix.MarchenkoPastur(number / dim, float(columns.mean()))
    fitted = w2v.random_matrix.fit_marchenko_pastur(centered)
    # Unequal rows are unequal columns of the transposed matrix, with other zeros and units.
    by_pairs = (dim / N) ** 2 * w2v.random_matrix.generalized_mp_density(pairs, dim, dim / N * x)
    by_columns = w2v.random_matrix.generalized_mp_density(columns, number, x)
    laws = {
        "plain": partial(w2v.random_matrix.mp_cdf, plain),
        "columns": partial(integrated, x, by_columns),
        "pairs": partial(integrated, x, by_pairs),
        "fitted": partial(w2v.random_matrix.mp_cdf, fitted),
    }
    lengths = noise.norm(dim=1, keepdim=True)
    # theta^2 = N |mean|^2 / d, without what noise adds to the square of a mean.
    signal = N * float(R.mean(dim=0).square().sum() - columns.sum() / N) / dim
    return {
        "dim": dim,
        "pairs": N,
        "spike": float(w2v.gram_spectrum(task).eigenvalues[0]),
        "expected_spike": w2v.random_matrix.outlier_eigenvalue(fitted, max(signal, 0)),
        "effective": effective_dimension(noise),
        "effective_null": null_dimension(columns, lengths),
        "evened": effective_dimension(noise / lengths),
        "evened_null": null_dimension(columns, torch.ones_like(lengths)),
        "gaps": {name: gap(centered, law) for name, law in laws.items()},
        "above": int(
            (centered > w2v.random_matrix.generalized_mp_edge(pairs, dim) * N / dim).sum()
        ),
        "eigenvalues": centered.tolist(),
        "x": x[::5].tolist(),
        "plain": w2v.random_matrix.mp_density(plain, x)[::5].tolist(),
        "by_pairs": by_pairs[::5].tolist(),
    }


def effective_dimension(R: torch.Tensor) -> float:
    """The effective dimension of a matrix, from its centered spectrum."""
    singular = torch.linalg.svdvals(R - R.mean(dim=0))
    centered = singular[: len(R) - 1].square() / R.shape[1]
    return len(centered) / w2v.random_matrix.fit_marchenko_pastur(centered).ratio


def null_dimension(columns: torch.Tensor, lengths: torch.Tensor) -> list[float]:
    """Mean and deviation for unrelated pairs: normal numbers with these columns and lengths."""
    generator = torch.Generator().manual_seed(0)
    found = []
    for _ in range(SHUFFLES):
        draw = torch.randn(len(lengths), len(columns), generator=generator, dtype=torch.float64)
        noise = torch.nn.functional.normalize(draw * columns.sqrt(), dim=1)
        found.append(effective_dimension(lengths * noise))
    return [statistics.fmean(found), statistics.stdev(found)]


def gap(eigenvalues: torch.Tensor, cdf) -> float:  # noqa: ANN001
    """Kolmogorov's distance between a spectrum and a law."""
    ascending = eigenvalues.double().sort().values
    number = len(ascending)
    law = cdf(ascending)
    steps = torch.arange(number + 1) / number
    return float(torch.maximum(law - steps[:-1], steps[1:] - law).max())


def integrated(x: torch.Tensor, density: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """The distribution function of a density on a grid."""
    grid = torch.cat([torch.zeros(1).double(), torch.cumulative_trapezoid(density, x)])
    right = torch.searchsorted(x, at).clamp(1, len(x) - 1)
    share = (at - x[right - 1]) / (x[right] - x[right - 1])
    return grid[right - 1] + share * (grid[right] - grid[right - 1])


# --- other data, other models -----------------------------------------------------------------


def domains() -> Row:
    """The same pipeline on data that are not text: what was planted, and what is found."""
    made = {
        "genome": (w2v.datasets.simulated_genome(), 16, 3),
        "baskets": (w2v.datasets.market_baskets(), 6, 9),
        "graph": (w2v.datasets.graph_walks(), 10, 3),
    }
    rows = {}
    for name, (planted, window, modes) in made.items():
        vectors, eigenvalues = recovered(planted, window, modes)
        sizes = torch.bincount(planted.labels[planted.labels >= 0]).double()
        number = float(sizes.sum())
        rows[name] = {
            "words": len(planted.vocabulary),
            "tokens": len(planted),
            "groups": len(planted.groups),
            "modes": modes,
            "last_mode": eigenvalues[-2],
            "next_mode": eigenvalues[-1],
            "nearest": w2v.nearest_label_accuracy(vectors, planted.labels),
            "chance": float((sizes * (sizes - 1)).sum()) / (number * (number - 1)),
        }
        if planted.analogies is not None:
            rows[name]["analogies"] = w2v.solve_analogies(vectors, planted.analogies).accuracy
    degree, communities, detected = 20, 4, []
    for mixing in (0.25, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75):
        walks = w2v.datasets.graph_walks(degree=degree, communities=communities, mixing=mixing)
        vectors, _ = recovered(walks, 10, communities - 1)
        second = 1 - mixing * communities / (communities - 1)
        found = w2v.nearest_label_accuracy(vectors, walks.labels)
        detected.append({"mixing": mixing, "signal": degree * second**2, "nearest": found})
    return {"rows": rows, "detected": detected}


def recovered(
    planted: "w2v.datasets.PlantedCorpus", window: int, modes: int
) -> tuple["w2v.Embedding", list[float]]:
    """Vectors of this many modes, and the eigenvalues of these and the next."""
    counts = w2v.count_cooccurrences(planted.corpus, window=window, weighting="uniform")
    target = w2v.qwem_target(w2v.corpus_statistics(counts))
    top = w2v.top_eigenpairs(target, modes + 1, tolerance=1e-6)
    first = w2v.Spectrum(top.eigenvalues[:modes], top.eigenvectors[:, :modes])
    return w2v.spectral_embedding(first, planted.vocabulary), top.eigenvalues.tolist()


def attention(words: int = 1000, length: int = 8, prompts: int = 200, draws: int = 5) -> Row:
    """Linear attention at the start: how fast it becomes skip-gram as vectors become wide."""
    rows = []
    for dim in (16, 64, 256, 1024, 4096):
        generator = torch.Generator().manual_seed(dim)
        measures = [attention_errors(words, dim, length, prompts, generator) for _ in range(draws)]
        rows.append({"dim": dim, **{k: sum(m[k] for m in measures) / draws for k in measures[0]}})
    kernel_dim, kernels = 64, []
    for width in (256, 1024, 4096, 16384):
        eigenvalues = torch.linalg.eigvalsh(w2v.attention.wide_kernel(kernel_dim, width))
        edges = w2v.random_matrix.mp_edges(w2v.random_matrix.MarchenkoPastur(kernel_dim / width))
        extremes = {"smallest": float(eigenvalues[0]), "largest": float(eigenvalues[-1])}
        kernels.append({"width": width, "edges": edges, **extremes})
    return {
        "words": words,
        "length": length,
        "rows": rows,
        "kernel_dim": kernel_dim,
        "kernels": kernels,
    }


def attention_errors(
    words: int, dim: int, length: int, prompts: int, generator: torch.Generator
) -> dict[str, float]:
    """The errors of skip-gram's rule for random vectors and prompts without repeated words."""
    W = torch.randn((words, dim), generator=generator, dtype=torch.float64) / dim**0.5
    order = torch.rand(prompts, words, generator=generator).argsort(dim=1)
    asked, following = order[:, :length], order[:, length]
    full = w2v.attention.attention_update(W, asked, following)
    reduced = w2v.attention.skipgram_update(W, asked[:, -1], following)
    return {
        "error": float((full - reduced).norm() / reduced.norm()),
        "cosine": float((full * reduced).sum() / (full.norm() * reduced.norm())),
    }


# --- the picture ------------------------------------------------------------------------------


def draw(results: Row, path: Path) -> None:
    """Strength, accuracy and margins against the dimension; and two bulks."""
    import matplotlib.pyplot as plt

    plt.style.use("w2vlib.book.style")
    figure, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
    rows = results["dimensions"]["rows"]
    dims = [row["dim"] for row in rows]
    for name in SHOWN:
        axes[0, 0].plot(dims, results["difficulty"]["strengths"][name], "o-", label=name)
        axes[0, 1].plot(dims, [row[name]["correct"] for row in rows], "o-", label=name)
    axes[0, 0].set(xscale="log", yscale="log", xlabel="dimensions", ylabel="SNR")
    axes[0, 0].set_title("The spike fades")
    axes[0, 1].set(xscale="log", xlabel="dimensions", ylabel="accuracy", ylim=(0, 1))
    axes[0, 1].legend()
    axes[0, 1].set_title("The accuracy fades later, or not")
    labels = {
        "error": "length of the error",
        "pull": "error towards the competitor",
        "half_spacing": "half the way to the competitor",
    }
    for key, label in labels.items():
        values = [row["place-adjective"][key] for row in rows]
        axes[1, 0].plot(dims, values, "o-", label=label)
    axes[1, 0].set(xscale="log", xlabel="dimensions", ylabel="distance", ylim=(0, None))
    axes[1, 0].set_title("Room for errors: place-adjective")
    axes[1, 0].legend()
    category, row = "place-adjective", results["bulk"]["place-adjective"][1]
    axes[1, 1].hist(row["eigenvalues"], bins=12, density=True, color="0.8")
    axes[1, 1].plot(row["x"], row["plain"], label="pairs of equal variance")
    axes[1, 1].plot(row["x"], row["by_pairs"], label="pairs of their own variances")
    axes[1, 1].axvline(row["spike"], color="C3", linestyle="--", label="spike")
    axes[1, 1].set(xlabel="eigenvalue of the Gram matrix", ylabel="density")
    axes[1, 1].set_title(f"Bulk and spike: {category}, {row['dim']} dimensions")
    axes[1, 1].legend()
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
