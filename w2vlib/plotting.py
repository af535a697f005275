"""Figures of the library's nouns: each draws on `ax` and returns it, and computes nothing."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter
from torch import Tensor

from w2vlib.analogies import AnalogyResult
from w2vlib.spectrum import Spectrum

__all__ = ["plot_accuracy", "plot_pairs", "plot_spectrum"]

# Okabe and Ito's palette, legible with every common color vision.
BLUE, ORANGE, GRAY = "#0072B2", "#D55E00", "#6B7280"


def plot_spectrum(spectrum: Spectrum, *, ax: Axes | None = None) -> Axes:
    """Draw the eigenvalues against their rank, both axes logarithmic.

    Args:
        spectrum: Positive eigenvalues.
        ax: The axes to draw on; None makes a new figure.

    Returns:
        The axes drawn on.

    Raises:
        ValueError: An eigenvalue is not positive; a logarithmic axis cannot show it.
    """
    if float(spectrum.eigenvalues[-1]) <= 0:
        raise ValueError(
            "`spectrum` must have positive eigenvalues only: the axes are logarithmic; "
            f"the smallest is {float(spectrum.eigenvalues[-1]):.4g}: ask for fewer modes"
        )

    ax = _axes(ax)
    values = spectrum.eigenvalues.cpu()
    ax.loglog(range(1, len(values) + 1), values, ".-", color=BLUE, markersize=4, linewidth=1)

    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:,g}")
        axis.set_minor_formatter(NullFormatter())

    ax.set(xlabel="rank k", ylabel=r"eigenvalue $\lambda_k$")
    return ax


def plot_accuracy(
    result: AnalogyResult,
    *,
    baseline: AnalogyResult | None = None,
    baseline_label: str = "baseline",
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of correct answers in each category, the best on top.

    Args:
        result: The answers of an embedding; each category shows its number of questions.
        baseline: Other answers to the same questions, drawn as marks.
        baseline_label: The name of the baseline in the legend.
        ax: The axes to draw on; None makes a new figure.

    Returns:
        The axes drawn on.
    """
    ax = _axes(ax)
    analogies = result.analogies
    names = sorted(result.by_category, key=result.by_category.__getitem__)
    sizes = analogies.category.bincount(minlength=len(analogies.categories)).tolist()
    labels = [f"{name} ({sizes[analogies.categories.index(name)]:,})" for name in names]

    ax.barh(labels, [100 * result.by_category[name] for name in names], color=BLUE)
    if baseline is not None:
        marks = [100 * baseline.by_category[name] for name in names]
        ax.plot(marks, labels, "D", color=ORANGE, markeredgecolor="white", label=baseline_label)
        ax.legend(loc="lower right")

    ax.set(xlabel="questions answered correctly (%)", xlim=(0, 100))
    ax.grid(axis="y", visible=False)
    return ax


def plot_pairs(
    coordinates: Float[Tensor, "pairs 2 2"],
    labels: Sequence[tuple[str, str]],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw word pairs in a plane, an arrow from the first word of each pair to the second.

    Args:
        coordinates: The positions of the words, (pairs, 2 words, 2 axes).
        labels: The two words of each pair.
        ax: The axes to draw on; None makes a new figure.

    Returns:
        The axes drawn on.

    Raises:
        ValueError: There is not one label for each pair.
    """
    if len(coordinates) != len(labels):
        raise ValueError(
            f"`labels` must have one entry for each of the {len(coordinates)} pairs; "
            f"got {len(labels)}"
        )

    ax = _axes(ax)
    for (start, end), (first, second) in zip(coordinates.tolist(), labels, strict=True):
        arrow = {"arrowstyle": "->", "color": GRAY, "linewidth": 1, "shrinkA": 4, "shrinkB": 4}
        ax.annotate("", xy=end, xytext=start, arrowprops=arrow)
        upward = end[1] >= start[1]
        _label(ax, start, first, BLUE, above=not upward)
        _label(ax, end, second, ORANGE, above=upward)

    ax.margins(0.12)
    return ax


def _label(ax: Axes, point: Sequence[float], word: str, color: str, *, above: bool) -> None:
    ax.plot(*point, "o", color=color, markersize=4)
    ax.annotate(
        word,
        (point[0], point[1]),
        xytext=(0, 5 if above else -5),
        textcoords="offset points",
        color=color,
        ha="center",
        va="bottom" if above else "top",
    )


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots(layout="constrained")[1] if ax is None else ax
