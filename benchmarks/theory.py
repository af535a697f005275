#!/usr/bin/env python3
"""How far the closed forms hold, in numbers: on the counts that come with the library.

    python benchmarks/theory.py

Eight questions, each a function below that returns what it measured. The tables, their numbers and
a picture go to `benchmarks/results/`.
"""

import argparse
from functools import partial
from pathlib import Path

import torch
from harness import RESULTS, Row, machine, save
from report import theory_report

import w2vlib as w2v

SMALL, LARGE = 1000, 3000  # words


def main() -> None:
    """Answer all questions and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=RESULTS / "theory")
    options = parser.parse_args()
    questions = (
        *(dynamics, small_starts, weights, ablation),
        *(negatives, mixing, other_losses, subwords),
    )
    results = {"machine": machine(), "command": "python benchmarks/theory.py"}
    for question in questions:
        print(question.__doc__, flush=True)
        results[question.__name__] = question()
    save(results, theory_report(results), options.output)
    draw(results, options.output.with_suffix(".png"))


def counts(words: int) -> "w2v.Cooccurrence":
    """The counts of the most frequent words, from those that come with the library."""
    return w2v.restrict_cooccurrence(w2v.datasets.load_enwiki(), words)


def target_of(words: int) -> torch.Tensor:
    """M* in the setting that can be solved, in float64."""
    return w2v.qwem_target(w2v.corpus_statistics(counts(words), dtype=torch.float64))


# --- dynamics ---------------------------------------------------------------------------------


def dynamics(modes: int = 8, start: float = 1e-3) -> Row:
    """Aligned starts: the sigmoids against a solver and against gradient descent."""
    statistics = w2v.corpus_statistics(counts(SMALL), dtype=torch.float64)
    spectrum = w2v.top_eigenpairs(w2v.qwem_target(statistics), modes, tolerance=1e-12)
    values = spectrum.eigenvalues
    initial = spectrum.eigenvectors * start
    strengths = torch.full_like(values, start**2)
    end = 1.3 * float(w2v.learning_times(values, strengths).max())
    times = torch.linspace(0, end, 101, dtype=torch.float64)
    exact = w2v.mode_strengths(values, strengths, times).sqrt()
    flow = w2v.integrate_flow(w2v.qwem_target(statistics), initial, times)
    found = {"solver of differential equations": relative_error(flow.singular_values, exact)}
    for share in (0.4, 0.1, 0.025):
        found[f"gradient descent, step {share:g} / top eigenvalue"] = descent_error(
            statistics, spectrum, initial, share, end
        )
    return {
        "words": SMALL,
        "modes": modes,
        "start": start,
        "errors": found,
        "times": times.tolist(),
        "exact": exact.T.tolist(),
        "simulated": flow.singular_values.T.tolist(),
    }


def descent_error(
    statistics: "w2v.CorpusStatistics",
    spectrum: "w2v.Spectrum",
    initial: torch.Tensor,
    share: float,
    end: float,
) -> float:
    """The error of gradient descent with this learning rate, up to this time."""
    values = spectrum.eigenvalues
    rate = share / float(values[0])
    config = w2v.PopulationConfig(
        dim=len(values),
        loss=w2v.qwem_loss,
        optimizer="gd",
        learning_rate=rate,
        steps=int(end / (2 * rate)),
        record_every=max(1, int(end / (400 * rate))),
    )
    uniform = w2v.uniform_reweighting(statistics)
    history = w2v.train_population(
        statistics,
        config,
        reweighting=uniform,
        initial=w2v.Embedding(initial, statistics.vocabulary),
    ).history
    square = initial.square().sum(dim=0)
    exact = w2v.mode_strengths(values, square, history.times).sqrt()
    return relative_error(history.singular_values, exact)


def relative_error(found: torch.Tensor, exact: torch.Tensor) -> float:
    """The largest error over modes and times, each relative to the size of the mode then."""
    exact = exact.sort(dim=1, descending=True).values
    return float(((found - exact).abs() / exact).max())


def small_starts(modes: int = 8, seeds: int = 5) -> Row:
    """Random starts: the error of the sigmoids as the start becomes small."""
    target = target_of(SMALL)
    spectrum = w2v.top_eigenpairs(target, modes, tolerance=1e-12)
    values = spectrum.eigenvalues
    scales = [10.0**-n for n in range(9)]
    errors = {"strengths of the aligned start": [], "singular values of the start": []}
    for scale in scales:
        rows = [start_errors(target, spectrum, scale, seed) for seed in range(seeds)]
        for name, column in zip(errors, zip(*rows, strict=True), strict=True):
            errors[name].append(column)
    return {
        "words": SMALL,
        "modes": modes,
        "top": float(values[0]),
        "scales": scales,
        "errors": errors,
    }


def start_errors(
    target: torch.Tensor, spectrum: "w2v.Spectrum", scale: float, seed: int
) -> tuple[float, float]:
    """The errors of the sigmoids from two estimates of the strengths, relative to the end."""
    values = spectrum.eigenvalues
    generator = torch.Generator().manual_seed(seed)
    shape = (len(target), len(values))
    initial = scale * torch.randn(shape, generator=generator, dtype=torch.float64)
    initial /= len(target) ** 0.5  # columns of length about `scale`
    aligned = w2v.aligned_strengths(spectrum, initial)
    end = 1.3 * float(w2v.learning_times(values, aligned).max())
    times = torch.linspace(end / 300, end, 300, dtype=torch.float64)
    found = w2v.integrate_flow(target, initial, times).singular_values
    singular = torch.linalg.svdvals(initial).square()
    errors = []
    for strengths in (aligned, singular):
        exact = w2v.mode_strengths(values, strengths, times).sqrt()
        gap = found - exact.sort(dim=1, descending=True).values
        errors.append(float((gap.abs() / values.sqrt()).max()))
    return errors[0], errors[1]


# --- weights ----------------------------------------------------------------------------------


def weights() -> Row:
    """word2vec's hyperparameters: how far the weights of pairs are from the solvable ones."""
    statistics = w2v.corpus_statistics(counts(LARGE))
    rows = [{"setting": "the solvable setting", **spread(statistics, None)}]
    for exponent in (1.0, 0.75):
        for negatives in (1, 5):
            for sample in (None, 1e-3, 1e-4, 1e-5):
                reweighting = w2v.word2vec_reweighting(
                    statistics, negatives=negatives, exponent=exponent, sample=sample
                )
                setting = {"exponent": exponent, "negatives": negatives, "sample": sample}
                rows.append({**setting, **spread(statistics, reweighting)})
    return {"words": LARGE, "rows": rows}


def spread(
    statistics: "w2v.CorpusStatistics", reweighting: "w2v.Reweighting | None"
) -> dict[str, float]:
    """The spread of the weights G of all pairs."""
    if reweighting is None:
        reweighting = w2v.uniform_reweighting(statistics)
    return {
        "log_spread": w2v.log_weight_spread(statistics, reweighting),
        "rank_one": w2v.rank_one_share(statistics, reweighting),
    }


def ablation(dim: int = 100) -> Row:
    """Two losses under two weights: what each assumption of the theory changes."""
    statistics = w2v.corpus_statistics(counts(LARGE))
    questions = w2v.datasets.load_analogies(statistics.vocabulary)
    settings = {
        "uniform": w2v.uniform_reweighting(statistics),
        "word2vec": w2v.word2vec_reweighting(statistics, negatives=1, sample=None),
    }
    closed = {name: closed_form(statistics, name, dim) for name in settings}

    def measures(step: int, embedding: "w2v.Embedding") -> dict[str, float]:
        accuracy = w2v.solve_analogies(embedding, questions).accuracy
        return {"accuracy": accuracy, **overlaps(embedding, closed)}

    rows = [
        {"loss": "closed form", "weights": name, "best": measures(0, embedding)}
        for name, embedding in closed.items()
    ]
    for loss in (w2v.qwem_loss, w2v.sgns_loss):
        for name, reweighting in settings.items():
            train = partial(
                w2v.train_population, statistics, reweighting=reweighting, callback=measures
            )
            adam = w2v.PopulationConfig(dim=dim, loss=loss, steps=1000, record_every=50)
            rows.append(
                {
                    "loss": "quartic" if loss is w2v.qwem_loss else "word2vec's",
                    "weights": name,
                    **at_best(train(adam).history),
                    "descent": train(descent(statistics, reweighting, loss, dim))
                    .history.measured["accuracy"][-1]
                    .item(),
                }
            )
    return {"words": LARGE, "dim": dim, "questions": len(questions), "rows": rows}


def at_best(history: "w2v.TrainingHistory") -> Row:
    """What was measured when the accuracy was best, and the accuracy at the end."""
    accuracy = history.measured["accuracy"]
    best = int(accuracy.argmax())
    measured = {name: float(column[best]) for name, column in history.measured.items()}
    return {"best": measured, "step": int(history.steps[best]), "final": float(accuracy[-1])}


def descent(
    statistics: "w2v.CorpusStatistics",
    reweighting: "w2v.Reweighting",
    loss: "w2v.losses.PairLoss",
    dim: int,
) -> "w2v.PopulationConfig":
    """Plain gradient descent, with half the step at which it becomes unstable."""
    A, B = w2v.pair_weights(statistics, reweighting)
    top = float(w2v.top_eigenpairs((A - B) / (A + B).mean(), 1).eigenvalues[0])
    slope = 1.0 if loss is w2v.qwem_loss else 0.5  # the slope of the loss at 0, divided by B - A
    return w2v.PopulationConfig(
        dim=dim,
        loss=loss,
        optimizer="gd",
        learning_rate=0.25 / (slope * top),
        steps=400,
        record_every=400,
    )


def closed_form(statistics: "w2v.CorpusStatistics", name: str, dim: int) -> "w2v.Embedding":
    """Theorem 1 for uniform weights; Proposition 2 for word2vec's, nearly of rank one."""
    vocabulary = statistics.vocabulary
    if name == "uniform":
        spectrum = w2v.top_eigenpairs(w2v.qwem_target(statistics), dim, tolerance=1e-4)
        return w2v.spectral_embedding(spectrum, vocabulary)
    reweighting = w2v.word2vec_reweighting(statistics, negatives=1, sample=None)
    g = w2v.rank_one_weights(statistics, reweighting)
    operator = w2v.qwem_operator(statistics, reweighting, weights=g)
    spectrum = w2v.top_eigenpairs(operator, dim, tolerance=1e-4)
    return w2v.spectral_embedding(spectrum, vocabulary, weights=g)


def overlaps(embedding: "w2v.Embedding", closed: dict[str, "w2v.Embedding"]) -> Row:
    """The overlaps of the vectors' space with those of the closed forms; and of single modes."""
    found = w2v.factor_spectrum(embedding.vectors.double()).eigenvectors
    row: Row = {}
    for name, other in closed.items():
        modes = w2v.factor_spectrum(other.vectors.double()).eigenvectors
        row[f"overlap_{name}"] = float(w2v.subspace_overlap(found, modes))
        row[f"mixing_{name}"] = participation(w2v.mode_overlaps(found[:, :20], modes))
    return row


def participation(squares: torch.Tensor) -> float:
    """Among how many modes (columns) a row is spread, on average: 1 if it is one of them."""
    shares = squares / squares.sum(dim=1, keepdim=True)
    return float((1 / shares.square().sum(dim=1)).mean())


def negatives(dim: int = 100) -> Row:
    """Training from the closed form, with one and five negatives, with and without biases."""
    data = w2v.corpus_statistics(counts(LARGE))
    questions = w2v.datasets.load_analogies(data.vocabulary)
    start = closed_form(data, "word2vec", dim)

    def measures(_: int, embedding: "w2v.Embedding") -> dict[str, float]:
        accuracy = w2v.solve_analogies(embedding, questions).accuracy
        return {"accuracy": accuracy, "length": float(embedding.vectors.norm(dim=1).mean())}

    rows = []
    for k in (1, 5):
        reweighting = w2v.word2vec_reweighting(data, negatives=k, sample=None)
        for biases in (False, True):
            config = w2v.PopulationConfig(
                dim=dim, biases=biases, schedule="linear", steps=20, record_every=5
            )
            history = w2v.train_population(
                data, config, reweighting=reweighting, initial=start, callback=measures
            ).history
            measured = {name: column.tolist() for name, column in history.measured.items()}
            rows.append({"negatives": k, "biases": biases, **measured})
    return {"words": LARGE, "dim": dim, "steps": history.steps.tolist(), "rows": rows}


def mixing(dim: int = 20, seeds: int = 5) -> Row:
    """Weighted least squares: which modes the weights mix, and whether the start matters."""
    statistics = w2v.corpus_statistics(counts(SMALL), dtype=torch.float64)
    reweighting = w2v.plain_reweighting(statistics)
    G = torch.add(*w2v.pair_weights(statistics, reweighting))
    g = w2v.rank_one_weights(statistics, reweighting)
    target = w2v.qwem_target(statistics, reweighting)
    root = g.sqrt()
    plain, scaled = largest_modes(target), largest_modes(w2v.weighted_target(target, g))
    noise = torch.randn(G.shape, generator=torch.Generator().manual_seed(0), dtype=G.dtype)
    kinds = {
        "all equal": torch.ones_like(G),
        "of rank one": torch.outer(g, g),
        "word2vec's": G,
        "at random": torch.exp(2 * (noise + noise.T)),
    }
    rows = {}
    for name, weight in kinds.items():
        scale = weight / weight.sum()
        runs = [
            w2v.factorize_weighted(target, scale, dim, sweeps=100, seed=seed)
            for seed in range(seeds)
        ]
        product = runs[0].words @ runs[0].contexts.T
        in_plain, in_scaled = (
            w2v.mode_overlaps(w2v.factor_spectrum(matrix).eigenvectors[:, :dim], modes)
            for matrix, modes in ((product, plain), (root[:, None] * product * root, scaled))
        )
        rows[name] = {
            "errors": [float(run.errors[-1]) for run in runs],
            "rank_one": float(torch.linalg.eigvalsh(scale)[-1] ** 2 / scale.square().sum()),
            "mixing": participation(in_plain),
            "mixing_scaled": participation(in_scaled),
            "squares": in_plain[:, :dim].tolist(),
        }
    return {"words": SMALL, "dim": dim, "rows": rows}


def largest_modes(matrix: torch.Tensor, number: int = 40) -> torch.Tensor:
    """The eigenvectors of largest size, of either sign: what untied factors learn."""
    values, vectors = torch.linalg.eigh(matrix)
    return vectors[:, values.abs().argsort(descending=True)[:number]]


# --- other losses -----------------------------------------------------------------------------


def other_losses(modes: int = 10) -> Row:
    """GloVe with constant weight: how much of it is in the target of word2vec's approximation."""
    data = counts(LARGE)
    questions = w2v.datasets.load_analogies(data.vocabulary)
    targets = {
        "quartic approximation": w2v.qwem_target(w2v.corpus_statistics(data)),
        "GloVe, constant weight": w2v.glove_target(data),
    }
    spectra = {name: w2v.top_eigenpairs(M, 100, tolerance=1e-4) for name, M in targets.items()}
    first, second = (spectrum.eigenvectors[:, :modes] for spectrum in spectra.values())
    accuracy = {
        name: w2v.solve_analogies(
            w2v.spectral_embedding(spectrum, data.vocabulary), questions
        ).accuracy
        for name, spectrum in spectra.items()
    }
    overlap = float(w2v.subspace_overlap(first, second))
    return {"words": LARGE, "modes": modes, "overlap": overlap, "accuracy": accuracy}


def subwords(dim: int = 100) -> Row:
    """Words as sums of their letters' n-grams: accuracy by category, at the best time of each."""
    data = counts(LARGE)
    statistics = w2v.corpus_statistics(data)
    questions = w2v.datasets.load_analogies(data.vocabulary)
    features, names = w2v.ngram_incidence(data.vocabulary)
    config = w2v.PopulationConfig(
        dim=dim,
        loss=w2v.qwem_loss,
        learning_rate=0.01,
        steps=400,
        initial_scale=1e-2,
        record_every=20,
    )

    def accuracies(
        best: dict[str, Row], step: int, embedding: "w2v.Embedding"
    ) -> dict[str, float]:
        result = w2v.solve_analogies(embedding, questions)
        if result.accuracy > best.get("total", -1):
            best.update(total=result.accuracy, step=step, categories=result.by_category)
        return {"accuracy": result.accuracy}

    rows = {}
    for name, matrix in (("a vector for each word", None), ("with n-grams", features)):
        best: dict[str, Row] = {}
        result = w2v.train_population(
            statistics,
            config,
            reweighting=w2v.uniform_reweighting(statistics),
            features=matrix,
            callback=partial(accuracies, best),
        )
        final = float(result.history.measured["accuracy"][-1])
        rows[name] = {**best, "final": final}
    return {"words": LARGE, "dim": dim, "columns": len(names), "rows": rows}


# --- the picture ------------------------------------------------------------------------------


def draw(results: Row, path: Path) -> None:
    """Dynamics above, mixing below."""
    import matplotlib.pyplot as plt

    plt.style.use("w2vlib.book.style")
    figure, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
    draw_dynamics(results["dynamics"], axes[0, 0])
    draw_small_starts(results["small_starts"], axes[0, 1])
    for ax, name in zip(axes[1], ("all equal", "word2vec's"), strict=True):
        squares = torch.tensor(results["mixing"]["rows"][name]["squares"])
        ends = (0.5, len(squares) + 0.5)
        picture = ax.imshow(squares, vmin=0, vmax=1, extent=(*ends, *ends[::-1]))
        ticks = range(5, len(squares) + 1, 5)
        ax.grid(visible=False)
        ax.set(xticks=ticks, yticks=ticks, xlabel="mode of the target", ylabel="mode of factors")
        ax.set_title(f"weights {name}")
    figure.colorbar(picture, ax=axes[1], label="squared overlap")
    figure.savefig(path, dpi=150)


def draw_dynamics(results: Row, ax) -> None:  # noqa: ANN001
    """Sigmoids as lines, the simulation as dots."""
    for number, (exact, found) in enumerate(
        zip(results["exact"], results["simulated"], strict=True)
    ):
        color = f"C{number % 8}"
        ax.plot(results["times"], exact, color=color)
        ax.plot(results["times"][::5], found[::5], "o", color=color, markersize=3)
    ax.set(xlabel="time", ylabel="singular value")
    ax.set_title("Aligned start: closed form (lines), simulation (dots)")


def draw_small_starts(results: Row, ax) -> None:  # noqa: ANN001
    """Median and range over starts."""
    for name, errors in results["errors"].items():
        table = torch.tensor(errors)
        (line,) = ax.plot(results["scales"], table.median(dim=1).values, "o-", label=name)
        low, high = table.aminmax(dim=1)
        ax.fill_between(results["scales"], low, high, color=line.get_color(), alpha=0.2)
    ax.set(xscale="log", yscale="log", xlabel="scale of the start", ylabel="largest error")
    ax.set_title("Random start: error of the closed form")
    ax.legend(loc="lower right")


if __name__ == "__main__":
    main()
