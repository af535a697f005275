"""The still picture of one frame of each panel, for print: plain matplotlib."""

import io
import textwrap
from collections.abc import Sequence

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

from w2vlib.book.explorer.films import COLORS, Film, dash
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
from w2vlib.book.explorer.ticks import shown_names
from w2vlib.book.writing import write_text

INKS, RULE = ("C0", "C1", "C2", "C3", "0.7"), "0.4"
LINE = 14  # points from one word of a list to the next
DASHES, MARKERS = ("-", "--", ":", "-."), "os^D."


def png(films: Sequence[Film], k: int, sentence: str) -> bytes:
    """Draw frame number k of every panel, whatever the reader's settings of matplotlib are."""
    true_color, indexed = io.BytesIO(), io.BytesIO()
    with matplotlib.style.context(["default", "w2vlib.book.style", {"text.parse_math": False}]):
        picture(films, k, sentence).savefig(true_color, format="png", dpi=144)

    # A palette makes the file a third as large.
    image = Image.open(true_color).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE)
    image.save(indexed, "png", optimize=True)
    return indexed.getvalue()


def picture(films: Sequence[Film], k: int, sentence: str) -> Figure:
    """Draw frame number k of every panel, two in a row, under the sentence that describes it."""
    rows = [films[first : first + 2] for first in range(0, len(films), 2)]
    heights = [max(_height(film.frames[k]) for film in row) for row in rows]
    figure = Figure(figsize=(7.6, 0.5 + sum(heights)), layout="constrained")
    figure.suptitle(textwrap.fill(sentence, 105), x=0.01, ha="left", fontsize=10)

    ratios = {"height_ratios": heights}
    places = figure.subplots(len(rows), len(rows[0]), squeeze=False, gridspec_kw=ratios).ravel()
    for axes in places[len(films) :]:
        axes.set_axis_off()
    for axes, film in zip(places, films, strict=False):
        axes.set_title(textwrap.fill(film.panel.title, 44), weight="bold")
        axes.set(xlabel=film.panel.x, ylabel=textwrap.fill(film.panel.y, 30))
        _draw(axes, film, k)

    # Only now is it known where the words beside points are: those that cover others go.
    figure.draw_without_rendering()
    for axes, film in zip(places, films, strict=False):
        taken: list[Bbox] = []
        for word in axes.texts if isinstance(film.frames[k], Points) else []:
            box = word.get_window_extent()
            word.set_visible(not box.count_overlaps(taken))
            taken += [box] if word.get_visible() else []
    return figure


def _height(frame: Frame) -> float:
    """Inches that a panel needs: lists of words those of their lines, all others the same."""
    if not isinstance(frame, Words):
        return 3.5
    return 0.6 + LINE / 72 * (1 + max(map(len, frame.columns.values())))


def _draw(axes: Axes, film: Film, k: int) -> None:
    frame = film.frames[k]
    if isinstance(frame, Heatmap):
        return _draw_heatmap(axes, frame, film.depths)
    if isinstance(frame, Words):
        return _write_words(axes, frame)

    if isinstance(frame, Curves):
        _draw_curves(axes, frame, film.looks[k])
    else:
        _draw_points(axes, frame, film.looks[k])
    if len(lines_of(frame)) > 1 or isinstance(frame, Curves):
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.2, fontsize=9)

    # Limits and ticks as in the page, the same in every frame.
    assert film.x and film.y
    axes.set(xscale="log" if film.x.log else "linear", xlim=film.x.domain)
    axes.set(yscale="log" if film.y.log else "linear", ylim=film.y.domain)
    axes.set_xticks(film.x.ticks, film.x.names)
    axes.set_yticks(film.y.ticks, film.y.names)
    axes.minorticks_off()


def _draw_curves(axes: Axes, frame: Curves, looks: dict[str, int]) -> None:
    lines = lines_of(frame)
    others = [name for name in lines if looks.get(name, COLORS) == COLORS]
    gray = f"{len(others)} others" if len(others) > 1 else "".join(others)
    for name, (x, y) in lines.items():
        look = looks.get(name, COLORS)
        colored = look < COLORS
        label = name if colored else gray if name == others[0] else None
        axes.plot(x, y, INKS[look], ls=DASHES[dash(frame, name, look)])
        axes.lines[-1].set(
            label=label and write_text(str(label)),
            linewidth=1.5 if colored else 0.8,
            zorder=3 - look / 9,
        )

    if (now := now_of(frame)) is not None:
        axes.axvline(now, color=RULE, lw=0.8)


def _draw_points(axes: Axes, frame: Points, looks: dict[str, int]) -> None:
    if frame.diagonal:
        axes.axline((0, 0), slope=1, ls="--", color=RULE, lw=0.8)

    for name, (x, y) in lines_of(frame).items():
        look = looks[name]
        axes.scatter(x, y, 25, INKS[look], marker=MARKERS[look], zorder=3 - look / 9)
        axes.collections[-1].set_label(write_text(str(name)))
        for a, b, word in zip(x, y, frame.labels.get(name, []), strict=False):
            axes.annotate(word, (a, b), (4, 3), textcoords="offset points", fontsize=8)


def _draw_heatmap(axes: Axes, frame: Heatmap, depths: tuple[float, float]) -> None:
    low, top = depths
    colors = "RdBu_r" if low else "Reds"
    image = axes.imshow(cells_of(frame), colors, aspect="auto", vmin=low, vmax=top)
    axes.figure.colorbar(image, ax=axes).ax.tick_params(labelsize=9)

    # Names that have no room are left out, long ones cut.
    rows, columns = ([str(name)[:20] for name in names] for names in (frame.rows, frame.columns))
    down, across = shown_names(rows, 15), shown_names(columns, 15)
    turned = 90 * (sum(len(columns[k]) for k in across) > 35)
    axes.set_yticks(down, [rows[k] for k in down])
    axes.set_xticks(across, [columns[k] for k in across], rotation=turned)
    axes.tick_params(labelsize=9)
    axes.grid(visible=False)


def _write_words(axes: Axes, frame: Words) -> None:
    for j, (head, words) in enumerate(frame.columns.items()):
        for line, word in enumerate([write_text(str(head)), *words]):
            place, below = (j / len(frame.columns), 1), (0, -LINE * (line + 1))
            text = axes.annotate(word, place, below, "axes fraction", "offset points")
            text.set_color("k" if line else RULE)
    axes.set_axis_off()
