#!/usr/bin/env python3
"""How good word vectors are after some time of training, by several ways, beside gensim.

    python benchmarks/training.py ARTICLES.txt [--epochs 5] [--device cuda]

The text has one document per line. All ways take turns on one machine, each in a process of its
own; once with all documents and once with a random part of them. Clocks run from the text on
disk, and stand still while vectors are scored. A table, its numbers and a plot go to
`benchmarks/results/`.
"""

import argparse
import random
import tempfile
from pathlib import Path

from harness import RESULTS, Bench, Row, device_name, machine, save
from report import training_report


def main() -> None:
    """Train in every way on both texts, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="plain UTF-8 text, one document per line")
    parser.add_argument("--vocab", type=int, default=10_000, help="words (default 10,000)")
    parser.add_argument("--epochs", type=int, default=5, help="of word2vec (default 5)")
    parser.add_argument("--part", type=float, default=0.4, help="of the second text (default 0.4)")
    parser.add_argument("--device", default="cpu", help="of our training (default cpu)")
    parser.add_argument("--output", type=Path, default=RESULTS / "training")
    options = parser.parse_args()
    command = f"python benchmarks/training.py {options.corpus.name} --epochs {options.epochs}"
    if options.device != "cpu":
        command += f" --device {options.device}"
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as work:
        part = Path(work) / "part.txt"
        some_lines(options.corpus, part, options.part)
        texts = {"all documents": options.corpus, f"{options.part:.0%} of the documents": part}
        results = {
            "machine": machine(),
            "command": command,
            "device": device_name(options.device),
            "words": options.vocab,
            "texts": {name: ways(Path(work), path, options) for name, path in texts.items()},
        }
    save(results, training_report(results), options.output)
    draw(results, options.output.with_suffix(".png"))


def ways(work: Path, text: Path, options: argparse.Namespace) -> Row:
    """Every way to train on one text."""
    bench = Bench(work, repeats=1)
    words = {"vocabulary": options.vocab}
    ours = {"corpus": str(text.resolve()), "device": options.device, **words}
    reading = bench.once("prepare", corpus=ours["corpus"], **words)
    return {
        "tokens": reading["tokens"],
        "documents": reading["documents"],
        "ways": {
            "closed form, then 20 steps on statistics": bench.once(
                "train_statistics", **ours, closed_form=True, steps=20
            ),
            "random start, 100 steps on statistics": bench.once(
                "train_statistics", **ours, closed_form=False, steps=100
            ),
            f"train_sgns, {options.epochs} epochs": bench.once(
                "train_tokens", **ours, epochs=options.epochs
            ),
            f"gensim, {options.epochs} epochs, 2 workers": bench.once(
                "train_gensim", **words, epochs=options.epochs
            ),
        },
    }


def some_lines(source: Path, target: Path, share: float) -> None:
    """Copy each line with this probability."""
    draw = random.Random(0)
    with source.open("rb") as lines, target.open("wb") as copy:
        copy.writelines(line for line in lines if draw.random() < share)


def draw(results: Row, path: Path) -> None:
    """Accuracy against seconds, a panel for each text."""
    import matplotlib.pyplot as plt

    plt.style.use("w2vlib.book.style")
    figure, axes = plt.subplots(
        1, 2, figsize=(10, 4.5), sharex=True, sharey=True, layout="constrained"
    )
    for ax, (name, text) in zip(axes, results["texts"].items(), strict=True):
        for way, row in text["ways"].items():
            # At a random start nothing is right.
            points = [point for point in row["points"] if point["google"] > 0]
            seconds = [point["seconds"] for point in points]
            accuracy = [100 * point["google"] for point in points]
            ax.plot(seconds, accuracy, marker="o", label=way)
        ax.set(xscale="log", xlabel="seconds from the text on disk")
        ax.set_title(f"{name}: {text['tokens'] / 1e6:.1f} million tokens")
        ax.grid(visible=True, alpha=0.3)
    axes[0].set_ylabel("Google's analogies, % correct")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
