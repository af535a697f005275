"""Figures of the library's nouns: each draws on `ax` and returns it, and computes nothing."""

from collections.abc import Iterable, Sequence
from functools import cache

import matplotlib as mpl
import matplotlib.pyplot as plt
from jaxtyping import Float
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, NullFormatter
from matplotlib.transforms import Bbox
from torch import Tensor

from w2vlib.analogies import AnalogyResult
from w2vlib.spectrum import Spectrum

__all__ = ["plot_accuracy", "plot_pairs", "plot_spectrum", "plot_words"]

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

    for label in ax.get_yticklabels():
        label.set(parse_math=False)
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


def plot_words(
    coordinates: Float[Tensor, "words 2"], words: Sequence[str], *, ax: Axes | None = None
) -> Axes:
    """Draw words as points with labels, which keep clear of each other where there is room.

    Letters that the font lacks come from other fonts of this computer.

    Args:
        coordinates: The positions of the words, such as those of
            :func:`w2vlib.principal_coordinates`.
        words: The labels, one for each position.
        ax: The axes to draw on, at their final size; None makes a new figure.

    Returns:
        The axes drawn on.

    Raises:
        ValueError: There is not one label for each position.
    """
    if len(coordinates) != len(words):
        raise ValueError(
            f"`words` must have one entry for each of the {len(coordinates)} positions; "
            f"got {len(words)}"
        )

    ax = _axes(ax)
    points = coordinates.tolist()
    ax.plot(*zip(*points, strict=True), "o", color=BLUE, markersize=4)
    ax.margins(0.12)
    ax.set_aspect("equal", adjustable="datalim")  # a distance is a distance in all directions
    ax.figure.canvas.figure.draw_without_rendering()  # now the axes have their place in the figure
    taken = [
        Bbox.from_extents(x - 3, y - 3, x + 3, y + 3) for x, y in ax.transData.transform(points)
    ]
    for point, word in zip(points, words, strict=True):
        label = ax.annotate(word, point, (0, 0), textcoords="offset points", **_as_written(word))
        boxes = {side: _put(label, side) for side in _SIDES}
        best = min(boxes, key=lambda side: sum(map(boxes[side].overlaps, taken)))
        taken.append(_put(label, best))
    return ax


# Where a label may lie beside its point, the best first.
_SIDES = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)]


def _put(label: Text, side: tuple[int, int]) -> Bbox:
    """Move a label to one side of its point; the place it then takes."""
    right, up = side
    label.set(
        position=(5 * right, 5 * up),
        ha=("center", "left", "right")[right],
        va=("center", "bottom", "top")[up],
    )
    return label.get_window_extent()


def missing_letters(words: Iterable[str]) -> str:
    """The letters of words for which this computer has no font."""
    letters = sorted({letter for word in words for letter in word})
    return "".join(letter for letter in letters if _font_with(letter) is None)


@cache
def _font_with(letter: str) -> str | None:
    """A family of fonts with this letter: "" for the usual one, or the first of the others."""
    usual = (font_manager.findfont(font_manager.FontProperties()), "")
    others = [(font.fname, font.name) for font in font_manager.fontManager.ttflist]
    for path, name in [usual, *others]:
        # The last resort has a box for every letter.
        if "LastResort" not in path and font_manager.get_font(path).get_char_index(ord(letter)):
            return name
    return None


def _as_written(word: str) -> dict:
    """A text that is drawn as it is: dollars are no mathematics, and other fonts fill in."""
    others = {name for letter in word if (name := _font_with(letter))}
    return {"parse_math": False, "family": [*mpl.rcParams["font.family"], *sorted(others)]}


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
        **_as_written(word),
    )


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots(layout="constrained")[1] if ax is None else ax
