"""Diagrams of the ideas of the book, drawn from numbers.

Each function draws on `ax`, or on a new figure, and returns the axes. Sizes are those of the
figure and of its font, so that the same call fits a page and a phone; what a thing is, is written
beside it. Chapters call them as `diagrams.draw_ladder(...)`: importing them imports matplotlib,
which `w2vlib.book` leaves to those who draw.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from w2vlib.book.writing import write_text
from w2vlib.flow import learning_times, mode_strengths
from w2vlib.losses import qwem_loss, sgns_loss
from w2vlib.plotting import BLUE, GRAY, ORANGE

SIGNS = LinearSegmentedColormap.from_list("signs", [ORANGE, "#F3F4F6", BLUE])
POINTS = "offset points"  # the unit of distances between a mark and its label


def draw_window(
    sentence: Sequence[str],
    center: int,
    weights: Mapping[int, int | float],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw a window over a sentence: its words from top to bottom, and what each counts.

    Args:
        sentence: The words.
        center: The position of the center word, from 0.
        weights: The weight of each neighbor, by its position.
        ax: The axes to draw on; None makes a new figure.

    Returns:
        The axes drawn on.

    Raises:
        ValueError: The center or a neighbor is at no position of the sentence.
    """
    if wrong := [at for at in (center, *weights) if not 0 <= at < len(sentence)]:
        raise ValueError(
            f"`center` and `weights` must name positions from 0 to {len(sentence) - 1}, those of "
            f"the sentence; got {wrong}: count from 0"
        )

    ax = _axes(ax)
    rows = range(len(sentence))
    bars = ax.barh(rows, [weights.get(at, 0) for at in rows], color=BLUE, height=0.7)
    ax.bar_label(bars, [f"{weights[at]:g}" if at in weights else "" for at in rows], padding=3)
    ax.annotate("center", (0, center), (4, 0), textcoords=POINTS, color=ORANGE, va="center")

    ax.set_yticks(rows, sentence)
    for at, word in enumerate(ax.get_yticklabels()):
        if at == center:
            word.set(color=ORANGE, fontweight="bold")
        elif at not in weights:
            word.set(color=GRAY, fontstyle="italic")

    ax.invert_yaxis()
    ax.margins(x=0.15)
    ax.set_xticks([])
    _only_labels(ax)
    return ax


def draw_factors(
    words: Float[Tensor, "vocab dim"],
    contexts: Float[Tensor, "context dim"],
    *,
    names: Sequence[str],
    context_names: Sequence[str],
    entry: tuple[int, int] = (0, 0),
    ax: Axes | None = None,
) -> Axes:
    r"""Draw two matrices of vectors and their product, the scores, where rows meet columns.

    The depth of a color is relative to the largest entry of its matrix; blue is positive, orange
    negative. One score is framed, with the row and the column whose inner product it is.

    Args:
        words: The vectors of a few words, W.
        contexts: The vectors of a few contexts, :math:`W'`.
        names: The words.
        context_names: The contexts.
        entry: The row and the column of the score that is framed.
        ax: The axes to draw on; None makes a new figure.

    Returns:
        The axes drawn on.

    Raises:
        ValueError: There is not one name for each row of a matrix.
    """
    for argument, given, rows in (
        ("names", names, len(words)),
        ("context_names", context_names, len(contexts)),
    ):
        if len(given) != rows:
            raise ValueError(
                f"`{argument}` must have one entry for each of the {rows} rows; got {len(given)}"
            )

    ax = _axes(ax)
    (height, dim), width = words.shape, len(contexts)
    i, j = entry
    scores = words @ contexts.T
    right = below = dim + 1  # where the scores begin: a free cell beside each factor
    _draw_matrix(ax, words, (0, below))
    _draw_matrix(ax, contexts.T, (right, 0))
    _draw_matrix(ax, scores, (right, below))

    frames = [((0, below + i), dim, 1), ((right + j, 0), 1, dim), ((right + j, below + i), 1, 1)]
    for corner, wide, high in frames:
        ax.add_patch(Rectangle(corner, wide, high, fill=False, ec="black", lw=1.5, zorder=3))

    ax.text(dim / 2, below - 0.3, "$W$", ha="center")
    ax.text(right - 0.3, dim / 2, r"$W'^\top$", ha="right", va="center")
    framed = f"{names[i]} · {context_names[j]} = {write_text(f'{float(scores[i, j]):.1f}')}"
    ax.text(right + width, below + height + 0.3, f"scores: {framed}", ha="right", va="top")

    ax.set_yticks([below + 0.5 + k for k in range(height)], names)
    ax.set_xticks([right + 0.5 + k for k in range(width)], context_names, rotation=90)
    ax.xaxis.tick_top()
    ax.set(xlim=(0, right + width), ylim=(below + height + 1, 0), aspect="equal")
    _only_labels(ax)
    return ax


def draw_parabola(positive: int | float, negative: int | float, *, ax: Axes | None = None) -> Axes:
    r"""Draw word2vec's loss of one pair, the parabola that touches it at 0, and where both end.

    Args:
        positive: A, the weight of the pair among the positive ones.
        negative: B, its weight among the negative ones.
        ax: The axes to draw on; None makes a new figure.

    Returns:
        The axes drawn on.

    Raises:
        ValueError: A weight is not positive; the loss would have no minimum.
    """
    if min(positive, negative) <= 0:
        raise ValueError(
            "`positive` and `negative` must be positive, or the loss has no minimum; "
            f"got {positive} and {negative}"
        )

    ax = _axes(ax)
    A, B = torch.tensor([positive], dtype=torch.float64), torch.tensor([negative]).double()
    target, score = 2 * (A - B) / (A + B), (A / B).log()
    side = 1 if score >= 0 else -1
    reach = max(2.0, 1.6 * float(score.abs()))
    s = torch.linspace(-reach, reach, 201, dtype=torch.float64)

    def parabola(s: Tensor) -> Tensor:
        return sgns_loss(torch.zeros(1), A, B) + qwem_loss(s, A, B) / 2

    ax.plot(s, sgns_loss(s, A, B), color=BLUE)
    ax.plot(s, parabola(s), color=ORANGE, ls="--")
    ax.plot(0, parabola(torch.zeros(1)), "o", color=GRAY)

    # One name goes into the corner above the flat end, one into that below the steep end.
    corners = [(0.5 + 0.47 * side, 0.97, "top"), (0.5 - 0.47 * side, 0.03, "bottom")]
    minima = [
        ("parabola,\nlowest at $M^*$", target, parabola(target), ORANGE),
        ("word2vec's loss,\nlowest at $\\log(A/B)$", score, sgns_loss(score, A, B), BLUE),
    ]
    for (name, x, y, color), (across, up, edge) in zip(minima, corners, strict=True):
        ax.plot(x, y, "o", color=color)
        text = f"{name} = {write_text(f'{float(x):.2f}')}"
        align = "left" if across < 0.5 else "right"
        ax.text(across, up, text, color=color, ha=align, va=edge, transform=ax.transAxes)

    low, high = ax.get_ylim()
    ax.set_yticks([tick for tick in ax.get_yticks() if tick >= 0])
    room = 0.35 * (high - low)  # for the name below, and for that above the flat end
    ax.set_ylim(low - room, max(high, float(parabola(s[[-1 if side > 0 else 0]])) + room))
    ax.set(xlabel="score $s$ of the pair", ylabel="loss")
    return ax


def draw_staircase(
    eigenvalues: Float[Tensor, " modes"], start: int | float, *, ax: Axes | None = None
) -> Axes:
    r"""Draw how the loss falls, one mode after the other, from a small start.

    Args:
        eigenvalues: :math:`\lambda_k > 0`, largest first.
        start: The strength that every mode starts from, :math:`s_k^2(0)`.
        ax: The axes to draw on; None makes a new figure.

    Returns:
        The axes drawn on; time is in units of the first learning time.

    Raises:
        ValueError: A mode starts from its final strength or above, so that no step is seen.
    """
    if not 0 < start < float(eigenvalues.min()):
        raise ValueError(
            f"`start` must be between 0 and the smallest eigenvalue, {float(eigenvalues.min()):g};"
            f" got {start:g}: choose a smaller one"
        )

    ax = _axes(ax)
    values = eigenvalues.double().cpu()
    initial = torch.full_like(values, start)
    steps = learning_times(values, initial)
    times = torch.linspace(0, 1.3 * float(steps[-1]), 600, dtype=torch.float64)

    def left(times: Tensor) -> Tensor:
        gaps = (values - mode_strengths(values, initial, times)).square()
        return 100 * gaps.sum(1) / values.square().sum()

    ax.plot(times / steps[0], left(times), color=BLUE)
    for k, (at, loss) in enumerate(zip(steps / steps[0], left(steps), strict=True), 1):
        label = f"mode {k}" if k == 1 else f"{k}"
        ax.annotate(label, (float(at), float(loss)), (5, 3), textcoords=POINTS, color=GRAY)

    ax.set(xlabel=r"time $t / \tau_1$", ylabel="loss left to learn (%)", ylim=(0, 108))
    return ax


def draw_spikes(
    eigenvalues: Float[Tensor, " modes"],
    edges: tuple[int | float, int | float],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw a spectrum as the bulk that noise would make, and the spikes that stand out of it.

    Args:
        eigenvalues: The eigenvalues, in any order.
        edges: Where the bulk begins and ends, by theory or by a simulation.
        ax: The axes to draw on; None makes a new figure.

    Returns:
        The axes drawn on.

    Raises:
        ValueError: No eigenvalue is between the edges: there is no bulk to draw.
    """
    low, high = edges
    values = eigenvalues.double().cpu()
    bulk = values[(values >= low) & (values <= high)]
    if not len(bulk):
        raise ValueError(
            f"`edges` must enclose the bulk of the eigenvalues, which lie between "
            f"{float(values.min()):g} and {float(values.max()):g}; got {low:g} and {high:g}"
        )

    ax = _axes(ax)
    counts, *_ = ax.hist(bulk, bins=30, range=edges, color=GRAY, alpha=0.6)
    top = max(counts)
    ax.annotate(
        f"bulk: {len(bulk)}", ((low + high) / 2, top), (0, 3), textcoords=POINTS, color=GRAY,
        ha="center", va="bottom",
    )  # fmt: skip

    sides = [("below", values[values < low], "left"), ("above", values[values > high], "right")]
    for side, spikes, align in sides:
        if not len(spikes):
            continue
        ax.vlines(spikes, 0, 0.3 * top, color=BLUE)
        ax.plot(spikes, [0.3 * top] * len(spikes), "o", color=BLUE, markersize=4)
        outermost = float(spikes.max() if side == "above" else spikes.min())
        plural = "spike" if len(spikes) == 1 else "spikes"
        ax.annotate(
            f"{len(spikes)} {plural} {side}", (outermost, 0.3 * top), (0, 5),
            textcoords=POINTS, color=BLUE, ha=align, va="bottom",
        )  # fmt: skip

    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="eigenvalue", ylabel="how many", ylim=(0, 1.15 * top))
    return ax


def draw_ladder(
    rungs: Mapping[str, int | float], *, unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw a ladder of assumptions from top to bottom, with what each step costs.

    Args:
        rungs: How good the model is, by the name of each rung from the first down; the figure
            shows one decimal.
        unit: What the measure is, for the axis below.
        ax: The axes to draw on; None makes a new figure.

    Returns:
        The axes drawn on.

    Raises:
        ValueError: There are fewer than two rungs, and so no step.
    """
    if len(rungs) < 2:
        raise ValueError(f"`rungs` must name two rungs at least, for a step; got {list(rungs)}")

    ax = _axes(ax)
    names, values = list(rungs), list(rungs.values())
    rows = range(len(names))
    ax.plot(values, rows, "o-", color=BLUE)
    for row, value in enumerate(values):
        text = write_text(f"{value:.1f}")
        ax.annotate(text, (value, row), (8, 0), textcoords=POINTS, color=BLUE, va="center")
    for row, (before, after) in enumerate(pairwise(values)):
        price = write_text(f"{after - before:+.1f}")
        ax.annotate(
            price, ((before + after) / 2, row + 0.5), (-8, 0), textcoords=POINTS, color=ORANGE,
            ha="right", va="center",
        )  # fmt: skip

    ax.set_yticks(rows, names)
    ax.invert_yaxis()
    ax.margins(x=0.4)  # for the numbers beside the outermost rungs
    ax.set_xlabel(unit)
    return ax


def _draw_matrix(ax: Axes, matrix: Tensor, corner: tuple[int, int]) -> None:
    """Draw a matrix as cells of size 1 from its upper left corner on."""
    (x, y), (rows, columns) = corner, matrix.shape
    largest = float(matrix.abs().max()) or 1.0
    across, down = [x + k for k in range(columns + 1)], [y + k for k in range(rows + 1)]
    cells = ax.pcolormesh(across, down, matrix.cpu(), cmap=SIGNS, vmin=-largest, vmax=largest)
    cells.set(edgecolors="white", linewidth=0.5)


def _only_labels(ax: Axes) -> None:
    """Leave of the axes only the labels."""
    ax.grid(visible=False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots(layout="constrained")[1] if ax is None else ax
