"""What a figure shows, as tables: the numbers are read off its lines, marks, bars and pictures."""

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import AxLine, Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter

from w2vlib.book.plots.texts import spoken
from w2vlib.book.writing import write_number, write_text

MOST_ROWS = 200  # of all tables of a figure
WIDEST = 30  # columns of a picture


@dataclass(frozen=True)
class Table:
    """A table of numbers and words.

    Attributes:
        title: What it shows.
        head: The names of its columns.
        rows: Its rows, one cell for each column; numbers are written for people by then.
        total: The number of rows before some were left out.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int


def tables_of(figure: Figure) -> list[Table]:
    """Read the data of a figure; evenly spaced rows if there are more than 200."""
    tables = [table for axes in figure.axes for table in _tables_of_axes(axes)]
    return list(_thinned(tables))


def table_of(columns: Mapping[str, Sequence[object]]) -> Table:
    """Make a table of named columns."""
    rows = _rows(*([cell(value) for value in column] for column in columns.values()))
    return Table("", tuple(columns), rows, len(rows))


def cell(value: Any) -> str:  # noqa: ANN401
    """Write what stands in a cell: numbers to three digits, a dash for what is missing."""
    if isinstance(value, str):
        return write_text(value)
    if value is None or value is np.ma.masked or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return write_number(value)


def _thinned(tables: list[Table]) -> Iterator[Table]:
    """Leave out rows of long tables until all of them together are short enough."""
    step = 1
    while (
        sum(len(t.rows[::step]) if len(t.rows) > 20 else len(t.rows) for t in tables) > MOST_ROWS
    ):
        step += 1
        if step > max(len(table.rows) for table in tables):
            break
    for table in tables:
        yield replace(table, rows=table.rows[::step]) if len(table.rows) > 20 else table


def _tables_of_axes(axes: Axes) -> Iterator[Table]:
    if axes.get_label() == "<colorbar>":
        return
    words, title = _Names(axes), spoken(axes.get_title("left") or axes.get_title())
    for head, *columns in _columns(axes, words):
        rows = _rows(*columns)
        if rows:
            yield Table(title, tuple(head), rows, len(rows))


class _Names:
    """How an axes calls its x, its y and its parts."""

    def __init__(self, axes: Axes) -> None:
        # Axes beside or below each other show the name of a common axis once.
        of_rows, of_columns = (
            grouper.get_siblings(axes)
            for grouper in (axes.get_shared_y_axes(), axes.get_shared_x_axes())
        )
        whole = axes.figure
        self.x = (
            _first([a.get_xlabel() for a in (axes, *of_columns)], whole.get_supxlabel()) or "x"
        )
        self.y = _first([a.get_ylabel() for a in (axes, *of_rows)], whole.get_supylabel()) or "y"
        # A word in the color of a line stands for a label in a legend.
        self._beside = {to_hex(text.get_color()): text.get_text() for text in axes.texts}
        self._beside.pop("#000000", None)

    def of(self, part: object, color: str | None = None, otherwise: str = "") -> str:
        """The label of a part, or the word of its color, or another name."""
        label = str(part.get_label() or "")  # type: ignore[attr-defined]
        if label and not label.startswith("_"):
            return spoken(label)
        return spoken(self._beside.get(color or "", "")) or otherwise or self.y


def _columns(axes: Axes, names: _Names) -> Iterator[list[Sequence[str]]]:
    """Yield a head and its columns for every table of the axes."""
    taken: set[Line2D] = set()
    for container in axes.containers:
        if isinstance(container, BarContainer):
            yield _bars(axes, container, names)
        elif isinstance(container, ErrorbarContainer):
            line, caps, _ = container.lines
            taken |= {*caps, *([line] if line is not None else [])}
            if line is not None:
                yield _errors(axes, container, names)

    data = [line for line in axes.lines if line not in taken and not isinstance(line, AxLine)]
    across = [line for line in data if line.get_transform() != axes.transData]
    yield from _lines(axes, [line for line in data if line not in across], names)
    if across:
        yield _levels(axes, across, names)

    for part in axes.collections:
        if isinstance(part, PathCollection):
            yield _points(axes, part, names)
    pictures = [part for part in axes.collections if isinstance(part, QuadMesh)]
    for picture in (*axes.images, *pictures):
        values: Any = np.ma.asarray(picture.get_array())
        if values.ndim == 2 and max(values.shape) <= WIDEST:
            yield _picture(axes, values)


def _lines(axes: Axes, lines: list[Line2D], names: _Names) -> Iterator[list[Sequence[str]]]:
    """Lines with the same x share a table."""

    def x_of(line: Line2D) -> bytes:
        return np.asarray(line.get_xdata(orig=False), float).tobytes()

    several = len(lines) > 1
    for _, same in itertools.groupby(sorted(lines, key=x_of), x_of):
        group = sorted(same, key=lines.index)
        head = [names.x]
        for line in group:
            otherwise = f"{names.y}, line {lines.index(line) + 1}" if several else names.y
            head.append(names.of(line, to_hex(line.get_color()), otherwise))
        x, ys = group[0].get_xdata(orig=False), [line.get_ydata(orig=False) for line in group]
        yield [head, _on(axes.xaxis, x), *(_on(axes.yaxis, y) for y in ys)]


def _levels(axes: Axes, lines: list[Line2D], names: _Names) -> list[Sequence[str]]:
    """Lines across the whole axes."""
    head, labels, places = ("line across", "at"), [], []
    for line in lines:
        x, y = (np.asarray(part, float) for part in line.get_data(orig=False))
        flat = len(set(y)) == 1 and set(x) == {0, 1}
        labels.append(names.of(line, otherwise=names.y if flat else names.x))
        places += _on(axes.yaxis if flat else axes.xaxis, (y if flat else x)[:1])
    return [head, labels, places]


def _bars(axes: Axes, bars: BarContainer, names: _Names) -> list[Sequence[str]]:
    upright = bars.orientation != "horizontal"
    middles = [
        bar.get_x() + bar.get_width() / 2 if upright else bar.get_y() + bar.get_height() / 2
        for bar in bars
    ]
    if upright:
        name, values = names.of(bars), [bar.get_height() for bar in bars]
        return [[names.x, name], _on(axes.xaxis, middles), _on(axes.yaxis, values)]
    name, values = names.of(bars, otherwise=names.x), [bar.get_width() for bar in bars]
    head = ["" if names.y == "y" else names.y, name]
    return [head, _on(axes.yaxis, middles), _on(axes.xaxis, values)]


def _errors(axes: Axes, bars: ErrorbarContainer, names: _Names) -> list[Sequence[str]]:
    """Points with their error bars, as half the length of each."""
    line, _, ranges = bars.lines
    x, y = line.get_data(orig=False)
    head = [names.x, names.of(bars)]
    columns = [_on(axes.xaxis, x), _on(axes.yaxis, y)]
    directions = [k for k, has in enumerate((bars.has_xerr, bars.has_yerr)) if has]
    for k, part in zip(directions, ranges, strict=False):
        lengths = [np.ptp(segment[:, k]) / 2 for segment in part.get_segments()]
        head.append(f"± of {head[k]}")
        columns.append([cell(length) for length in lengths])
    return [head, *columns]


def _points(axes: Axes, points: PathCollection, names: _Names) -> list[Sequence[str]]:
    """Points, with the words beside them."""
    places: Any = np.ma.asarray(points.get_offsets(), float)
    x, y = places[:, 0], places[:, 1]
    head, columns = [names.x, names.of(points)], [_on(axes.xaxis, x), _on(axes.yaxis, y)]
    words = {tuple(np.round(_place(text), 9)): text.get_text() for text in axes.texts}
    found = [words.get(tuple(np.round(place, 9)), "") for place in places.tolist()]
    if any(found):
        return [["word", *head], found, *columns]
    return [head, *columns]


def _place(text: Text) -> tuple[float, ...]:
    """The point that a word belongs to."""
    return tuple(float(part) for part in getattr(text, "xy", None) or text.get_position())


def _picture(axes: Axes, values: np.ma.MaskedArray) -> list[Sequence[str]]:
    """A heat map as rows and columns."""
    rows, columns = (range(length) for length in values.shape)
    head = ["", *_on(axes.xaxis, columns)]
    body = [[cell(value) for value in values[:, column]] for column in columns]
    return [head, _on(axes.yaxis, rows), *body]


def _on(axis: Axis, values: Any) -> list[str]:  # noqa: ANN401
    """Values of an axis: by the name of the tick there, if its ticks have names."""
    names: dict[float, str] = {}
    if isinstance(
        axis.get_major_formatter(), FixedFormatter | FuncFormatter | StrCategoryFormatter
    ):
        labels = [label.get_text() for label in axis.get_ticklabels()]
        pairs = zip(axis.get_majorticklocs(), labels, strict=False)
        if any(re.search(r"[^\W\d_]", label) for label in labels):
            names = {float(place): spoken(label) for place, label in pairs}
    return [names.get(float(value)) or cell(value) for value in np.ma.asarray(values)]


def _rows(*columns: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(zip(*columns, strict=True))


def described(figure: Figure) -> str:
    """Say what the figure shows, from the names of its axes and of their parts."""
    panels = []
    for axes in figure.axes:
        if axes.get_label() == "<colorbar>":
            continue
        names, title = _Names(axes), spoken(axes.get_title("left") or axes.get_title())
        labels = [spoken(str(label)) for label in axes.get_legend_handles_labels()[1]]
        what = names.x if names.y == "y" else f"{names.y} against {names.x}"
        panels.append(": ".join(filter(None, [title, what, "; ".join(labels)])))
    return f"Plot of {'. '.join(panels)}." if panels else "Plot without axes."


def _first(labels: Sequence[str], otherwise: str) -> str:
    return spoken(next(filter(None, labels), otherwise))
