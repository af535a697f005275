"""The still picture of one frame of each panel, for print, in the looks of the page."""

import math
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from w2vlib.book.explorer.films import COLORS, Film, dash
from w2vlib.book.explorer.panels import (
    Bars,
    Curves,
    Heatmap,
    Points,
    Words,
    bars_of,
    cells_of,
    lines_of,
    now_of,
)
from w2vlib.book.explorer.ticks import Axis, cell_decimals, fixed, number

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure

# The light colors of style.css: ink, secondary text, rules, other curves; then the two curves.
INK, SOFT, RULE, FAINT = "#1f2328", "#59636e", "#d1d9e0", "#a3abb3"
FIRST, SECOND = "#0072b2", "#c25400"
COLORED = (FIRST, SECOND, "#00795c", "#98407f", FAINT)
MARKERS = ("o", "s", "^", "D", "o")
DASHES = ("-", (0, (3.2, 2)), (0, (0.8, 1.8)), (0, (4.4, 2, 0.4, 2)))
DEEP = 0.72  # as in panels.css
WIDTH, ROW = 7.6, 3.6  # inches
Box: TypeAlias = tuple[float, float, float, float]


def picture(films: Sequence[Film], k: int, sentence: str) -> "matplotlib.figure.Figure":
    """Draw frame number k of every panel, two in a row, under the sentence that describes it."""
    import matplotlib
    import matplotlib.style
    from matplotlib.figure import Figure

    with matplotlib.style.context("default"), matplotlib.rc_context({"text.parse_math": False}):
        columns = min(2, len(films))
        rows = -(-len(films) // columns)
        said = textwrap.wrap(sentence, 105)
        head = 0.2 + 0.19 * len(said)
        tall = head + ROW * rows

        figure = Figure(figsize=(WIDTH, tall))
        figure.text(0.02, 1 - 0.1 / tall, "\n".join(said), color=INK, fontsize=9.5, va="top")

        for number_, film in enumerate(films):
            row, column = divmod(number_, columns)
            left, width = column / columns + 0.02, 1 / columns - 0.04
            top = 1 - (head + row * ROW + 0.15) / tall
            frame = (left, top - (ROW - 0.3) / tall, width, (ROW - 0.3) / tall)
            _draw_panel(figure, film, k, frame)
    return figure


def _draw_panel(figure: "matplotlib.figure.Figure", film: Film, k: int, frame: Box) -> None:
    left, bottom, width, height = frame
    tall, wide = figure.get_figheight(), width * WIDTH
    top = bottom + height
    title, x, y = film.panel.title, film.panel.x, film.panel.y
    size = min(11.0, 118 * wide / len(title)) if title else 11.0
    figure.text(left, top, title, color=INK, fontsize=size, weight="bold", va="top")

    shown = film.frames[k]
    if isinstance(shown, Words):
        _write_lists(figure, shown, frame)
        return

    axes = figure.add_axes(frame)
    axes.spines[:].set_visible(False)
    axes.tick_params(colors=SOFT, length=3, labelsize=9)
    handles = DRAW[type(shown)](axes, film, k)

    # As many columns as the longest entry of the legend leaves room for.
    longest = max((len(handle.get_label()) for handle in handles), default=0)
    columns = min(len(handles), max(1, int(wide / (0.55 + 0.075 * longest)))) or 1
    lines = -(-len(handles) // columns)
    _write_legend(axes, handles, columns, (left, top - 0.26 / tall))

    head = 0.38 + 0.19 * lines
    if y:
        figure.text(left, top - head / tall, y, color=SOFT, fontsize=9, va="top")
        head += 0.22

    # Room for the names on the left, the numbers on the right, the ticks below.
    names = _names_beside(film, k)
    beside = min(0.4 * wide, 0.14 + 0.078 * max(map(len, names), default=0)) / WIDTH
    low = (0.42 if x else 0.25) / tall
    if isinstance(shown, Heatmap):
        low += (0.078 * min(16, max(map(len, shown.columns))) - 0.1) / tall
    figure.text(left + (width + beside) / 2, bottom, x, color=SOFT, fontsize=9, ha="center")
    right = (0.5 if isinstance(shown, Bars) else 0.09) / WIDTH
    place = (left + beside, bottom + low, width - beside - right, height - low - head / tall)
    axes.set_position(place)

    if isinstance(shown, Points):
        _write_words(axes, film, shown)
    if isinstance(shown, Heatmap):
        _write_cells(axes, film, shown)


def _write_lists(figure: "matplotlib.figure.Figure", shown: Words, frame: Box) -> None:
    left, bottom, width, height = frame
    line = 0.2 / figure.get_figheight()
    for column, (head, words) in enumerate(shown.columns.items()):
        x = left + column * width / len(shown.columns)
        room = int(height / line) - 2
        fits = words if len(words) < room else [*words[: room - 2], "…"]
        for k, word in enumerate([head, *fits]):
            y = bottom + height - (1.65 + k) * line
            figure.text(x, y, word, color=INK if k else SOFT, fontsize=9.5, va="top")


def _write_legend(
    axes: "matplotlib.axes.Axes", handles: list[Any], columns: int, corner: tuple[float, float]
) -> None:
    if not handles:
        return

    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=corner,
        bbox_transform=axes.figure.transFigure,
        ncols=columns,
        frameon=False,
        fontsize=9,
        labelcolor=INK,
        borderpad=0,
        borderaxespad=0,
        columnspacing=1.2,
        handletextpad=0.6,
        labelspacing=0.3,
    )


def _names_beside(film: Film, k: int) -> list[str]:
    frame = film.frames[k]
    if isinstance(frame, Bars):
        return list(next(iter(frame.series.values())))
    if isinstance(frame, Heatmap):
        return list(frame.rows)
    return film.y.names if film.y else []


def _scale(axes: "matplotlib.axes.Axes", film: Film) -> None:
    for name in ("x", "y"):
        axis = getattr(film, name)
        if axis is None:
            getattr(axes, f"set_{name}ticks")([])
            continue

        if axis.log:
            getattr(axes, f"set_{name}scale")("log")
        getattr(axes, f"set_{name}lim")(axis.domain)
        getattr(axes, f"set_{name}ticks")(axis.ticks, axis.names)

    axes.minorticks_off()
    axes.grid(axis="y" if film.y else "x", color=RULE, lw=0.8)
    axes.set_axisbelow(True)


def value_at(film: Film, xs: Sequence[float], ys: Sequence[float], x: float) -> float | None:
    """The value of a line at x on the segment as it is drawn; None where there is none."""
    assert film.x is not None and film.y is not None
    f = np.log if film.x.log else np.asarray
    g = np.log if film.y.log else np.asarray

    for k, (a, y) in enumerate(zip(xs, ys, strict=True)):
        if a == x and y == y:
            return y
        if k + 1 == len(xs) or (a - x) * (xs[k + 1] - x) >= 0:
            continue

        # Between two points, as the eye reads the line: in the scale of the axes.
        share = float((f(x) - f(a)) / (f(xs[k + 1]) - f(a)))
        value = float(g(y) + share * (g(ys[k + 1]) - g(y)))
        if value == value:
            return float(np.exp(value)) if film.y.log else value
    return None


def _draw_curves(axes: "matplotlib.axes.Axes", film: Film, k: int) -> list[Any]:
    from matplotlib.lines import Line2D

    frame, looks = film.frames[k], film.looks[k]
    assert isinstance(frame, Curves)
    _scale(axes, film)

    handles = []
    now = now_of(frame)
    whole = film.panel.limits_x is None and film.panel.limits_y is None

    for order, (name, (x, y)) in enumerate(lines_of(frame).items()):
        look = looks.get(name, COLORS)
        line: dict[str, Any] = {"color": COLORED[look], "ls": DASHES[dash(frame, name, look)]}
        line["lw"] = 2.2 if look < COLORS else 0.8
        front = 3 + (COLORS - look) - order / 100
        axes.plot(x, y, zorder=front, clip_on=not whole, **line)
        if look == COLORS or not x:
            continue

        at, value = (x[-1], y[-1]) if now is None else (now, value_at(film, x, y, now))
        marker: dict[str, Any] = {"marker": MARKERS[look], "ms": 7, "mec": "w"}
        if value is not None and _inside(film, at, value):
            color = COLORED[look]
            axes.plot(at, value, color=color, zorder=9 + front, clip_on=False, **marker)

        text = "–" if value is None else fixed(value, _decimals(film.y))
        label = name if now is None else f"{name}  {text}"
        handles.append(Line2D([], [], label=label, **line, **marker))

    if others := [name for name in frame.lines if looks.get(name, COLORS) == COLORS]:
        label = ", ".join(others) if len(others) < 3 else f"{len(others)} others"
        handles.append(Line2D([], [], label=label, color=FAINT, lw=0.8))

    if now is not None:
        axes.axvline(now, color=SOFT, lw=0.8, zorder=2)
    return handles


def _inside(film: Film, x: float, y: float) -> bool:
    assert film.x is not None and film.y is not None
    return film.x.domain[0] <= x <= film.x.domain[1] and film.y.domain[0] <= y <= film.y.domain[1]


def _draw_points(axes: "matplotlib.axes.Axes", film: Film, k: int) -> list[Any]:
    frame, looks = film.frames[k], film.looks[k]
    assert isinstance(frame, Points)
    _scale(axes, film)
    if frame.diagonal and film.x:
        axes.plot(film.x.domain, film.x.domain, color=SOFT, lw=0.8, ls="--", zorder=2)

    handles = []
    for name, (x, y) in lines_of(frame).items():
        look = looks[name]
        color = SOFT if look == COLORS else COLORED[look]
        style: dict[str, Any] = {
            "marker": MARKERS[look],
            "s": 12 if look == COLORS else 42,
            "label": name,
        }
        handles.append(axes.scatter(x, y, color=color, ec="w", lw=0.8, zorder=8 - look, **style))

    return handles if len(handles) > 1 else []


def _write_words(axes: "matplotlib.axes.Axes", film: Film, frame: Points) -> None:
    """Put each word beside its point where it covers nothing; leave it out if there is no room."""
    import matplotlib.patheffects

    halo = [matplotlib.patheffects.withStroke(linewidth=2.5, foreground="w")]
    scale = 72 / axes.figure.dpi

    def place(x: float, y: float) -> tuple[float, float]:
        a, b = axes.transData.transform((x, y)) * scale
        return float(a), float(b)

    corners = axes.get_window_extent().get_points() * scale
    groups = lines_of(frame)
    dots = [place(a, b) for x, y in groups.values() for a, b in zip(x, y, strict=True)]
    words = [
        (a, b, word)
        for name, named in frame.labels.items()
        for a, b, word in zip(*groups[name], named, strict=True)
    ]
    taken = [(x - 3, y - 3, x + 3, y + 3) for x, y in dots]

    # Each word takes the first place beside its dot that is free.
    for a, b, word in words:
        if not _inside(film, a, b):
            continue
        (x, y), w = place(a, b), 4.9 * len(word)
        for left, base in (
            (x + 6, y - 3),
            (x - 6 - w, y - 3),
            (x - w / 2, y + 7),
            (x - w / 2, y - 13),
        ):
            box = (left, base - 1, left + w, base + 8)
            clear = all(
                box[2] <= o[0] or o[2] <= box[0] or box[3] <= o[1] or o[3] <= box[1] for o in taken
            )
            if clear and box[0] >= corners[0][0] and box[2] <= corners[1][0] + 4:
                taken.append(box)
                spot = (left - x, base - y)
                text = axes.annotate(word, (a, b), spot, textcoords="offset points", fontsize=8.5)
                text.set(color=INK, path_effects=halo, zorder=20)
                break


def _draw_bars(axes: "matplotlib.axes.Axes", film: Film, k: int) -> list[Any]:
    frame = film.frames[k]
    assert isinstance(frame, Bars) and film.x is not None
    _scale(axes, film)
    start = film.x.domain[0] if film.x.log else 0.0
    count = len(frame.series)
    handles = []

    for j, (series, values) in enumerate(bars_of(frame).items()):
        places = np.arange(len(values)) + (j - (count - 1) / 2) * 0.38
        thick = 0.62 if count == 1 else 0.36
        lengths = np.array(list(values.values()))
        bars = axes.barh(places, lengths - start, thick, start, color=COLORED[j], label=series)
        handles.append(bars)

        for place, value in zip(places, lengths, strict=True):
            spot = (max(value, start), place)
            text = axes.annotate(
                fixed(value, film.x.decimals), spot, (3, 0), textcoords="offset points"
            )
            text.set(va="center", fontsize=8, color=INK, zorder=5)

    beside: dict[str, Any] = {
        "transform": axes.get_yaxis_transform(),
        "ha": "right",
        "va": "center",
    }
    for place, name in enumerate(_names_beside(film, k)):
        axes.text(-0.02, place, name, fontsize=9, color=INK, **beside)
    axes.set_ylim(len(_names_beside(film, k)) - 0.45, -0.55)
    axes.axvline(start, color=SOFT, lw=0.8)

    return handles if count > 1 else []


def _draw_heatmap(axes: "matplotlib.axes.Axes", film: Film, k: int) -> list[Any]:
    from matplotlib.colors import LinearSegmentedColormap, to_rgb
    from matplotlib.patches import Patch

    frame = film.frames[k]
    assert isinstance(frame, Heatmap)

    paper = np.ones(3)
    ends = [paper + DEEP * (np.array(to_rgb(color)) - paper) for color in (FIRST, SECOND)]
    colors = LinearSegmentedColormap.from_list("w2v", [ends[0], paper, ends[1]])

    values = np.array(cells_of(frame))
    top = film.depths[1]
    axes.imshow(values, cmap=colors, vmin=-top, vmax=top, aspect="auto")
    axes.set_xticks([])
    axes.set_yticks([])

    for spot in np.arange(values.shape[0] + 1) - 0.5:
        axes.axhline(spot, color="w", lw=1)
    for spot in np.arange(values.shape[1] + 1) - 0.5:
        axes.axvline(spot, color="w", lw=1)

    middle = [number(depth) for depth in film.depths]
    sides = ends if film.depths[0] else [paper, ends[1]]
    return [
        Patch(fc=tuple(side), ec=RULE, label=name)
        for side, name in zip(sides, middle, strict=True)
    ]


def _write_cells(axes: "matplotlib.axes.Axes", film: Film, frame: Heatmap) -> None:
    """Name rows and columns, and write numbers where they fit."""
    beside: dict[str, Any] = {"fontsize": 9, "color": INK}
    box = axes.get_window_extent()
    dpi = axes.figure.dpi
    width = box.width / dpi / len(frame.columns)  # of a cell, in inches
    height = box.height / dpi / len(frame.rows)

    # Names that would overlap are left out.
    for row, name in enumerate(frame.rows):
        if row % math.ceil(0.16 / height) == 0:
            axes.text(-0.5, row, name + " ", ha="right", va="center", **beside)

    turned = 0.08 * max(map(len, frame.columns)) > width
    for column, name in enumerate(frame.columns):
        if not turned or column % math.ceil(0.16 / width) == 0:
            place = (column, len(frame.rows) - 0.4)
            axes.text(*place, name, ha="center", va="top", rotation=90 * turned, **beside)

    decimals = cell_decimals(film.depths[1])
    texts = [[fixed(value, decimals) for value in row] for row in cells_of(frame)]
    if height > 0.16 and 0.07 * max(len(text) for row in texts for text in row) <= width:
        for row, column in np.ndindex(len(frame.rows), len(frame.columns)):
            text = texts[row][column]
            axes.text(column, row, text, ha="center", va="center", fontsize=8, color=INK)


def _decimals(axis: Axis | None) -> int | None:
    return axis.decimals if axis else None


DRAW: dict[type, Callable[["matplotlib.axes.Axes", Film, int], list[Any]]] = {
    Curves: _draw_curves,
    Points: _draw_points,
    Bars: _draw_bars,
    Heatmap: _draw_heatmap,
}
