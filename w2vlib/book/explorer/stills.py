"""The still picture of one frame of each panel, for print: plain matplotlib."""

import io
import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from w2vlib.book.explorer.films import COLORS, Film, Looks, dash
from w2vlib.book.explorer.panels import (
    Curves,
    Frame,
    Heatmap,
    Points,
    Words,
    cells_of,
    lines_of,
    now_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FAINT, RULE = "0.7", "0.4"
DASHES, MARKERS = ("-", "--", ":", "-."), "os^D."
LINE = 0.19  # inches of a line of words


def png(films: Sequence[Film], k: int, sentence: str) -> bytes:
    """Draw frame number k of every panel, whatever the reader's settings of matplotlib are."""
    import matplotlib.style
    from PIL import Image

    true_color, indexed = io.BytesIO(), io.BytesIO()
    with matplotlib.style.context(["default", "w2vlib.book.style", {"text.parse_math": False}]):
        picture(films, k, sentence).savefig(true_color, format="png", dpi=144)

    # A palette makes the file a third as large.
    image = Image.open(true_color).convert("RGB")
    image = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    image.save(indexed, "png", optimize=True)
    return indexed.getvalue()


def picture(films: Sequence[Film], k: int, sentence: str) -> "Figure":
    """Draw frame number k of every panel, two in a row, under the sentence that describes it."""
    from matplotlib.figure import Figure

    # The last of an odd number of panels fills its row.
    last = len(films) - 1
    places = [[at, min(at + 1, last)] for at in range(0, len(films), 2)] if last else [[0]]
    heights = [max(_height(films[at].frames[k]) for at in row) for row in places]

    figure = Figure(figsize=(7.6, 0.5 + sum(heights)), layout="constrained")
    figure.suptitle(textwrap.fill(sentence, 105), x=0.01, ha="left", fontsize=10)
    mosaic: Any = places
    drawn = figure.subplot_mosaic(mosaic, height_ratios=heights)
    for number, axes in drawn.items():
        film = films[number]
        axes.set_title(textwrap.fill(film.panel.title, 44), weight="bold")
        axes.set(xlabel=film.panel.x, ylabel=textwrap.fill(film.panel.y, 30))
        DRAW[type(film.frames[k])](axes, film.frames[k], film, film.looks[k])
        _scale(axes, film)

    # Only now is it known where the words beside points are.
    figure.draw_without_rendering()
    for number, axes in drawn.items():
        if isinstance(films[number].frames[k], Points):
            _leave_out_words(axes)
    return figure


def _height(frame: Frame) -> float:
    if not isinstance(frame, Words):
        return 3.5
    return LINE * (max(map(len, frame.columns.values())) + 3)


def _scale(axes: "Axes", film: Film) -> None:
    """Set limits and ticks as in the page, in every frame."""
    for letter in "xy":
        if axis := getattr(film, letter):
            scale = "log" if axis.log else "linear"
            axes.set(**{f"{letter}scale": scale, f"{letter}lim": axis.domain})
            getattr(axes, f"set_{letter}ticks")(axis.ticks, axis.names)
    axes.minorticks_off()


def _add_legend(axes: "Axes") -> None:
    """Add a legend below the axes, where it covers nothing."""
    below = (0.5, -0.2 if axes.get_xlabel() else -0.1)
    longest = max(map(len, axes.get_legend_handles_labels()[1]))
    columns = {"ncols": 1 if longest > 20 else 2, "columnspacing": 1}
    axes.legend(loc="upper center", bbox_to_anchor=below, fontsize=9, **columns)


def _short(names: Iterable[object]) -> list[str]:
    return [text if len(text := str(name)) < 20 else text[:18] + "…" for name in names]


def _leave_out_words(axes: "Axes") -> None:
    """Hide the words that would cover others."""
    taken: list[Any] = []
    for text in axes.texts:
        box = text.get_window_extent()
        text.set_visible(not any(box.overlaps(other) for other in taken))
        taken += [box] if text.get_visible() else []


def _draw_curves(axes: "Axes", frame: Curves, film: Film, looks: Looks) -> None:
    lines = lines_of(frame)
    others = [name for name in lines if looks.get(name, COLORS) == COLORS]

    for name, (x, y) in lines.items():
        if name in others:
            label = f"{len(others)} others" if len(others) > 1 else name
            axes.plot(x, y, color=FAINT, lw=0.8, label=label if name == others[-1] else None)
            continue
        look = looks[name]
        axes.plot(x, y, f"C{look}", ls=DASHES[dash(frame, name, look)], label=name, zorder=3)

    if (now := now_of(frame)) is not None:
        axes.axvline(now, color=RULE, lw=0.8)
    _add_legend(axes)


def _draw_points(axes: "Axes", frame: Points, film: Film, looks: Looks) -> None:
    assert film.x
    if frame.diagonal:
        axes.plot(film.x.domain, film.x.domain, "--", color=RULE, lw=0.8)

    for name, (x, y) in lines_of(frame).items():
        look = looks[name]
        color = f"C{look}" if look < COLORS else FAINT
        axes.scatter(x, y, 25, color, marker=MARKERS[look], label=name, zorder=3 - look / 9)
        for a, b, word in zip(x, y, frame.labels.get(name, []), strict=False):
            axes.annotate(word, (a, b), (4, 3), textcoords="offset points", fontsize=8)

    if len(frame.groups) > 1:
        _add_legend(axes)


def _draw_heatmap(axes: "Axes", frame: Heatmap, film: Film, looks: Looks) -> None:
    low, top = film.depths
    cells = cells_of(frame)
    image = axes.imshow(cells, "RdBu_r" if low else "Reds", aspect="auto", vmin=low, vmax=top)
    axes.figure.colorbar(image, ax=axes)

    # Names that have no room are left out.
    rows, columns = _short(frame.rows), _short(frame.columns)
    down, across = math.ceil(len(rows) / 20), math.ceil(len(columns) / 20)
    turned = 90 * (sum(map(len, columns)) > 35)
    axes.set_yticks(range(0, len(rows), down), rows[::down])
    axes.set_xticks(range(0, len(columns), across), columns[::across], rotation=turned)
    axes.grid(visible=False)


def _write_words(axes: "Axes", frame: Words, film: Film, looks: Looks) -> None:
    for j, (head, words) in enumerate(frame.columns.items()):
        for line, word in enumerate([head, *words]):
            place, down = (j / len(frame.columns), 1), (0, -72 * LINE * line)
            text = axes.annotate(word, place, down, "axes fraction", "offset points", va="top")
            text.set_color("k" if line else RULE)
    axes.set_axis_off()


DRAW: dict[type, Callable[..., None]] = {
    Curves: _draw_curves,
    Points: _draw_points,
    Heatmap: _draw_heatmap,
    Words: _write_words,
}
