"""Panels and the kinds of their frames: what `explore_panels` shows.

The nouns hold what they are given, checked; the verbs below give it back as lists of numbers.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import SupportsFloat, TypeAlias

import numpy as np
from torch import Tensor

Numbers: TypeAlias = Sequence[SupportsFloat] | np.ndarray | Tensor
Limits: TypeAlias = tuple[SupportsFloat, SupportsFloat]
Lines: TypeAlias = dict[str, tuple[list[float], list[float]]]


@dataclass(frozen=True, eq=False)
class Curves:
    """A frame of lines over a common x axis.

    The first four lines get colors, line styles and a legend with their values at `now`; the
    others are thin. A line that is the same in all frames costs nothing.

    Attributes:
        lines: For each name, its x and its y; NaN in y leaves a gap.
        now: The place of a vertical rule; if all frames of the panel have one and it follows the
            slider, it can be dragged.
        dashed: Names of lines to draw dashed, such as theory beside measurement; the others are
            then solid. If none is named, each color has its own line style.
        faint: Names of lines to draw thin, without a legend.

    Example:
        >>> lines_of(Curves({"2x": ([0, 1], [0, 2])}, now=0.5))
        {'2x': ([0.0, 1.0], [0.0, 2.0])}
    """

    lines: Mapping[str, tuple[Numbers, Numbers]]
    now: SupportsFloat | None = None
    dashed: Collection[str] = ()
    faint: Collection[str] = ()

    def __post_init__(self) -> None:
        lines = lines_of(self)
        now_of(self)
        _check_names(self.dashed, lines, "`dashed`")
        _check_names(self.faint, lines, "`faint`")


@dataclass(frozen=True, eq=False)
class Points:
    """A frame of points in the plane.

    Attributes:
        groups: For each name, the x and the y of its points. Up to four groups have their own
            color and shape; the others are gray.
        labels: For some groups, a word for each point; words without room are left out, and
            appear under the mouse.
        diagonal: Whether to draw the line y = x; both axes then have the same limits.

    Example:
        >>> Points({"cities": ([1.0], [2.0])}, labels={"cities": ["paris"]}).labels
        {'cities': ['paris']}
    """

    groups: Mapping[str, tuple[Numbers, Numbers]]
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    diagonal: bool = False

    def __post_init__(self) -> None:
        groups = lines_of(self)
        _check_names(self.labels, groups, "`labels`")
        for name, words in self.labels.items():
            if len(words) != len(groups[name][0]):
                raise ValueError(
                    f"`labels[{name!r}]` must have a word for each of the {len(groups[name][0])} "
                    f"points; got {len(words)}"
                )


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A frame of colored cells; zero is the background, and the limits are those of all frames.

    Attributes:
        rows: Names of the rows, from the top.
        columns: Names of the columns.
        values: A value for each column in each row.

    Example:
        >>> cells_of(Heatmap(["war"], ["army", "tea"], [[1, -2]]))
        [[1.0, -2.0]]
    """

    rows: Sequence[str]
    columns: Sequence[str]
    values: Sequence[Numbers] | np.ndarray | Tensor

    def __post_init__(self) -> None:
        cells, tall, wide = cells_of(self), len(self.rows), len(self.columns)
        widths = sorted({len(row) for row in cells})
        if not tall or not wide or len(cells) != tall or widths != [wide]:
            raise ValueError(
                f"`values` must have a row for each of the {tall} `rows` and in it a value "
                f"for each of the {wide} `columns`, at least one of each; got "
                f"{len(cells)} rows of lengths {widths}"
            )


@dataclass(frozen=True, eq=False)
class Words:
    """A frame of lists of words, side by side.

    Attributes:
        columns: For each heading, its words, from the top.

    Example:
        >>> Words({"one pole": ["war", "army"]}).columns
        {'one pole': ['war', 'army']}
    """

    columns: Mapping[str, Sequence[str]]

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError("`columns` must have at least one entry; got none")


Frame: TypeAlias = Curves | Points | Heatmap | Words


@dataclass(frozen=True, eq=False)
class Panel:
    """A part of a figure, drawn anew for each position of the controls.

    Attributes:
        title: The title above it.
        draw: A function that gives the frame for one position (a number from 0) of every control.
            All frames of a panel are of one kind.
        x: A label for the x axis, in plain text.
        y: A label for the y axis, written above it.
        log_x: Whether the x axis is logarithmic.
        log_y: Whether the y axis is logarithmic.
        limits_x: The ends of the x axis; those of the data of all frames if left out.
        limits_y: The ends of the y axis.

    Example:
        >>> panel = Panel("A line", lambda slope: Curves({"y": ([0, 1], [0, slope])}), x="x")
        >>> panel.draw(3).lines
        {'y': ([0, 1], [0, 3])}
    """

    title: str
    draw: Callable[..., Frame]
    x: str = ""
    y: str = ""
    log_x: bool = False
    log_y: bool = False
    limits_x: Limits | None = None
    limits_y: Limits | None = None

    def __post_init__(self) -> None:
        limits_of(self, "x")
        limits_of(self, "y")


def lines_of(frame: Curves | Points) -> Lines:
    """The x and the y of each line or group; a gap is NaN."""
    what, given = ("groups", frame.groups) if isinstance(frame, Points) else ("lines", frame.lines)
    if not given:
        raise ValueError(f"`{what}` must have at least one entry; got none")

    lines = {}
    for name, (x, y) in given.items():
        xs = _floats(x, f"the x of `{what}[{name!r}]`")
        ys = _floats(y, f"the y of `{what}[{name!r}]`", gaps=what == "lines")
        if len(xs) != len(ys):
            raise ValueError(
                f"`{what}[{name!r}]` must have as many x as y; got {len(xs)} and {len(ys)}"
            )
        lines[name] = (xs, ys)

    return lines


def now_of(frame: Curves) -> float | None:
    """The place of the vertical rule."""
    return None if frame.now is None else _floats([frame.now], "`now`")[0]


def cells_of(frame: Heatmap) -> list[list[float]]:
    """The values of the cells, row by row."""
    return [_floats(row, f"`values[{k}]`") for k, row in enumerate(frame.values)]


def limits_of(panel: Panel, name: str) -> tuple[float, float] | None:
    """The ends that are given for an axis, "x" or "y"."""
    limits, log = getattr(panel, f"limits_{name}"), getattr(panel, f"log_{name}")
    if limits is None:
        return None

    low, high = _floats(limits, f"`limits_{name}`")
    if low >= high or (log and low <= 0):
        raise ValueError(
            f"`limits_{name}` must be two growing numbers, positive on a logarithmic axis; "
            f"got {limits}"
        )
    return low, high


def _floats(values: Numbers, what: str, *, gaps: bool = False) -> list[float]:
    plain = values.tolist() if isinstance(values, np.ndarray | Tensor) else values
    numbers = [math.nan if value is None else float(value) for value in plain]
    for k, value in enumerate(numbers):
        if math.isinf(value) or (math.isnan(value) and not gaps):
            allowed = "finite numbers, or NaN for a gap" if gaps else "finite numbers"
            raise ValueError(f"{what} must be {allowed}; entry {k} is {value}")
    return numbers


def _check_names(names: Collection[str], known: Collection[str], what: str) -> None:
    if isinstance(names, str):
        raise ValueError(f"{what} must be a list of names; got {names!r}: write [{names!r}]")
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"{what} must name entries of {list(known)}; got {unknown[0]!r}")
