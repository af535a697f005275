"""A figure laid out for phones: one column, and letters as large as on a wide page."""

import itertools
import re
import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.text import Annotation, Text
from matplotlib.transforms import offset_copy

WIDTH = 3.7  # inches; 11 of its points are 13 pixels on a phone of 360
SMALLEST = 9.5  # points, 11 pixels there
LOWEST, HIGHEST = 2.3, 3.4  # inches of one pair of axes among several
WORD = re.compile(r"(?:\$[^$]*\$|[^\s$])+")


def make_narrow(figure: Figure) -> None:
    """Lay the figure out anew; change a copy of the one to keep."""
    for text in figure.findobj(Text):
        text.set_fontsize(max(SMALLEST, text.get_fontsize()))
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            size = max(SMALLEST, *(label.get_fontsize() for label in axis.get_ticklabels()), 0)
            axis.set_tick_params(labelsize=size)

    width, height = figure.get_size_inches()
    cells = _cells(figure)
    if len({column for _, column in cells}) > 1:
        _stack(figure, cells)
    else:
        figure.set_size_inches(min(width, WIDTH), height * (0.9 if width > WIDTH else 1))

    # What is done first changes the room for the second.
    for steps in ((_pull_in, _move_legend), (_break_lines, _thin_ticks)):
        figure.draw_without_rendering()
        for step, axes in itertools.product(steps, figure.axes):
            step(figure, axes)


def _cells(figure: Figure) -> dict[tuple[int, int], list[Axes]]:
    """The axes at each place of the figure's grid; two that share an x share a place."""
    cells: dict[tuple[int, int], list[Axes]] = {}
    for axes in figure.axes:
        if place := axes.get_subplotspec():
            cells.setdefault((place.rowspan.start, place.colspan.start), []).append(axes)
    return dict(sorted(cells.items()))


def _stack(figure: Figure, cells: dict[tuple[int, int], list[Axes]]) -> None:
    """Place all axes below each other, each with the labels that it shared with a neighbor."""
    heights = []
    for axes, *_ in cells.values():
        box = axes.get_position()
        width, height = figure.get_size_inches() * (box.width, box.height)
        heights.append(min(max(WIDTH * height / width, LOWEST), HIGHEST))

    figure.set_size_inches(WIDTH, sum(heights))
    grid = GridSpec(len(cells), 1, figure=figure, height_ratios=heights)
    for row, (place, members) in enumerate(cells.items()):
        for axes in members:
            axes.set_subplotspec(grid[row])
        _label_again(members[0], cells[place[0], min(c for r, c in cells if r == place[0])][0])


def _label_again(axes: Axes, first: Axes) -> None:
    """Show the numbers and the name that stood once, at the first axes of the row."""
    if axes.get_shared_x_axes().get_siblings(axes)[1:]:
        axes.tick_params(labelbottom=True)
    if first is not axes and axes.get_shared_y_axes().joined(axes, first):
        axes.tick_params(labelleft=True)
        axes.set_ylabel(axes.get_ylabel() or first.get_ylabel())


def _pull_in(figure: Figure, axes: Axes) -> None:
    """Move a note with an arrow to the left, if it would stick out on the right."""
    for note in axes.texts:
        if isinstance(note, Annotation) and note.arrow_patch:
            note.set_in_layout(False)
            box = note.get_window_extent()
            if box.x1 > axes.bbox.x1:
                half = box.x1 - box.width / 2 <= axes.bbox.x1
                note.set_horizontalalignment("center" if half else "right")


def _move_legend(figure: Figure, axes: Axes) -> None:
    """Set a legend that would cover much of the axes below them, from their left edge on."""
    if not (legend := axes.get_legend()):
        return
    room = 0.75 * figure.bbox.width
    for text in legend.get_texts():
        _wrap(text, room, text.get_window_extent().width)

    box, outer = legend.get_window_extent(), axes.get_tightbbox()
    if outer and (box.width > 0.6 * axes.bbox.width or box.height > 0.5 * axes.bbox.height):
        figure.set_figheight(figure.get_figheight() + (box.height + 4) / figure.dpi)
        points = 72 / figure.dpi
        left, low = outer.x0 - axes.bbox.x0, min(0, outer.y0 - axes.bbox.y0)
        corner = offset_copy(axes.transAxes, figure, left * points, low * points - 4, "points")
        legend.borderaxespad = 0
        legend.set_loc("upper left")
        legend.set_bbox_to_anchor((0, 0), corner)


def _break_lines(figure: Figure, axes: Axes) -> None:
    """Break titles and names of axes that are longer than their room."""
    room = 0.85 * figure.bbox.width
    for title in (axes._left_title, axes.title):  # type: ignore[attr-defined]
        _wrap(title, room, title.get_window_extent().width)

    below, beside = axes.xaxis.label, axes.yaxis.label
    _wrap(below, max(1.1 * axes.bbox.width, 0.4 * room), below.get_window_extent().width)
    _wrap(beside, axes.bbox.height, beside.get_window_extent().height)


def _thin_ticks(figure: Figure, axes: Axes) -> None:
    """Turn words below the axes that touch each other; of numbers, leave every second out."""
    shown = [label for label in axes.get_xticklabels() if label.get_text()]
    boxes = sorted((label.get_window_extent() for label in shown), key=lambda box: box.x0)
    if not any(a.x1 + 2 > b.x0 for a, b in itertools.pairwise(boxes)):
        return

    plain = " ".join(re.sub(r"\\\w+", "", label.get_text()) for label in shown)
    if re.search(r"[^\W\d_]{3}", plain):
        axes.tick_params(axis="x", labelrotation=90)
    else:
        names = [label.get_text() for label in axes.get_xticklabels()]
        axes.set_xticks(axes.get_xticks()[::2], names[::2])


def _wrap(text: Text, room: float, length: float) -> None:
    """Break a line that is longer than its room, between words and never inside a formula."""
    if length <= room or "\n" in text.get_text():
        return
    words = WORD.findall(text.get_text())
    stand_ins = [re.sub(r"\s", "\u00a0", word) for word in words]
    longest = max(8, int(len(text.get_text()) * room / length))
    lines = textwrap.wrap(" ".join(stand_ins), longest, break_long_words=False)
    text.set_text("\n".join(lines).replace("\u00a0", " "))
