#!/usr/bin/env python3
"""Run the README's program and write its output, and its picture, from the real result.

python tools/build_readme.py            # rewrite README.md and book/_static/capitals.png
python tools/build_readme.py --check    # only compare the output, for the tests
"""

import argparse
import contextlib
import io
import math
import re
import sys
from pathlib import Path
from typing import Any

import w2vlib as w2v

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "book/_static/capitals.png"
BLOCK = re.compile(r"```python\n(?P<program>.*?)```\n\n```\n(?P<output>.*?)```\n", re.DOTALL)
CAPITALS = (
    "france paris, germany berlin, italy rome, russia moscow, japan tokyo, "
    "england london, greece athens"
)


def main() -> None:
    """Compare the README with what its program prints, or bring it up to date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if it differs")
    options = parser.parse_args()
    readme = ROOT / "README.md"
    text = readme.read_text("utf-8")
    found = BLOCK.search(text)
    if found is None:
        sys.exit("build_readme: README.md has no python block followed by an output block")
    names, output = run(found["program"])
    if options.check:
        if not agrees(found["output"], output):
            sys.exit(f"README.md states\n{found['output']}but its program prints\n{output}")
        return
    start, end = found.span("output")
    readme.write_text(text[:start] + output + text[end:], "utf-8")
    draw(names["embedding"])


def run(program: str) -> tuple[dict[str, Any], str]:
    """Execute a program; return its names and what it printed."""
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(program, names)
    return names, printed.getvalue()


def agrees(stated: str, printed: str) -> bool:
    """Tell whether two outputs have the same words and, within 0.5 %, the same numbers.

    Products of matrices round differently on other processors, which can flip the answer
    to an analogy question whose two best candidates are almost equally near.
    """
    numbers = re.compile(r"\d[\d,]*(?:\.\d+)?")
    if numbers.sub("#", stated) != numbers.sub("#", printed):
        return False
    pairs = zip(numbers.findall(stated), numbers.findall(printed), strict=True)
    return all(
        math.isclose(*(float(x.replace(",", "")) for x in pair), rel_tol=5e-3) for pair in pairs
    )


def draw(embedding: "w2v.Embedding") -> None:
    """Draw countries and capitals as the first chapter does."""
    import matplotlib.pyplot as plt

    plt.style.use("w2vlib.book.style")
    pairs = [tuple(pair.split()) for pair in CAPITALS.split(", ")]
    words = [word for pair in pairs for word in pair]
    points = w2v.principal_coordinates(embedding, words).reshape(-1, 2, 2)
    figure, ax = plt.subplots(figsize=(8, 4.2))
    w2v.plotting.plot_pairs(points, pairs, ax=ax)
    ax.set(xlabel="first principal component", ylabel="second principal component")
    figure.savefig(PICTURE, dpi=150)


if __name__ == "__main__":
    main()
