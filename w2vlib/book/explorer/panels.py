"""Panels and the kinds of their frames: what `explore_panels` shows, checked when made."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import SupportsFloat, TypeAlias

import numpy as np
from torch import Tensor

Numbers: TypeAlias = Sequence[SupportsFloat] | np.ndarray | Tensor
Limits: TypeAlias = tuple[SupportsFloat, SupportsFloat]


def _floats(
    values: Numbers | Iterable[SupportsFloat], what: str, *, gaps: bool = False
) -> list[float]:
    plain = values.tolist() if isinstance(values, np.ndarray | Tensor) else values
    numbers = [math.nan if value is None else float(value) for value in plain]
    for k, value in enumerate(numbers):
        if math.isinf(value) or (math.isnan(value) and not gaps):
            allowed = "finite numbers, or NaN for a gap" if gaps else "finite numbers"
            raise ValueError(f"{what} must be {allowed}; entry {k} is {value}")
    return numbers


def _pairs(
    lines: Mapping[str, tuple[Numbers, Numbers]], what: str, *, gaps: bool
) -> dict[str, tuple[list[float], list[float]]]:
    if not lines:
        raise ValueError(f"{what} must have at least one entry; got none")

    pairs = {}
    for name, (x, y) in lines.items():
        xs = _floats(x, f"the x of {what[:-1]}[{name!r}]`")
        ys = _floats(y, f"the y of {what[:-1]}[{name!r}]`", gaps=gaps)
        if len(xs) != len(ys):
            raise ValueError(
                f"{what[:-1]}[{name!r}]` must have as many x as y; got {len(xs)} and {len(ys)}"
            )
        pairs[str(name)] = (xs, ys)

    return pairs


def _names(names: Collection[str], known: Collection[str], what: str) -> tuple[str, ...]:
    names = (names,) if isinstance(names, str) else tuple(names)
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"{what} must name entries of {list(known)}; got {unknown[0]!r}")
    return names


@dataclass(frozen=True, eq=False)
class Curves:
    """A frame of lines over a common x axis.

    The first four lines get colors, line styles and a legend with their values at `now`; the
    others are thin. A line that is the same in all frames costs nothing.

    Attributes:
        lines: For each name its x and its y; NaN in y leaves a gap.
        now: Where a vertical rule stands; if all frames of the panel have one and it follows the
            slider, it can be dragged.
        dashed: Names of lines to draw dashed, such as theory beside measurement; the others are
            then solid. If none is named, each color has its own line style.
        faint: Names of lines to draw thin, without a legend.

    Example:
        >>> Curves({"2x": ([0, 1], [0, 2])}, now=0.5).lines
        {'2x': ([0.0, 1.0], [0.0, 2.0])}
    """

    lines: Mapping[str, tuple[Numbers, Numbers]]
    now: SupportsFloat | None = None
    dashed: Collection[str] = ()
    faint: Collection[str] = ()

    def __post_init__(self) -> None:
        lines = _pairs(self.lines, "`lines`", gaps=True)
        now = None if self.now is None else _floats([self.now], "`now`")[0]
        object.__setattr__(self, "lines", lines)
        object.__setattr__(self, "now", now)
        object.__setattr__(self, "dashed", _names(self.dashed, lines, "`dashed`"))
        object.__setattr__(self, "faint", _names(self.faint, lines, "`faint`"))


@dataclass(frozen=True, eq=False)
class Points:
    """A frame of points in the plane.

    Attributes:
        groups: For each name the x and the y of its points. Up to four groups have their own
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
        groups = _pairs(self.groups, "`groups`", gaps=False)
        labels = {name: [str(word) for word in words] for name, words in self.labels.items()}
        for name in _names(tuple(labels), groups, "`labels`"):
            if len(labels[name]) != len(groups[name][0]):
                raise ValueError(
                    f"`labels[{name!r}]` must have a word for each of the {len(groups[name][0])} "
                    f"points; got {len(labels[name])}"
                )
        object.__setattr__(self, "groups", groups)
        object.__setattr__(self, "labels", labels)


@dataclass(frozen=True, eq=False)
class Bars:
    """A frame of lying bars; their lengths are read on the x axis, which begins at zero.

    Attributes:
        series: One or two series, each with a value for each of the same names.

    Example:
        >>> Bars({"share": {"war": 0.5, "tea": 0.2}}).series
        {'share': {'war': 0.5, 'tea': 0.2}}
    """

    series: Mapping[str, Mapping[str, SupportsFloat]]

    def __post_init__(self) -> None:
        if not 1 <= len(self.series) <= 2:
            raise ValueError(
                f"`series` must have one or two series; got {len(self.series)}: "
                "use a panel or a setting for each"
            )

        names = [str(name) for name in next(iter(self.series.values()))]
        series = {}
        for key, values in self.series.items():
            if not names or sorted(map(str, values)) != sorted(names):
                raise ValueError(
                    f"`series[{key!r}]` must have a value for each of the names {names}, "
                    f"at least one; got {list(values)}"
                )

            numbers = _floats(values.values(), f"`series[{key!r}]`")
            given = dict(zip(map(str, values), numbers, strict=True))
            series[str(key)] = {name: given[name] for name in names}

        object.__setattr__(self, "series", series)


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A frame of colored cells; zero is the paper, and the limits are those of all frames.

    Attributes:
        rows: Names of the rows, from the top.
        columns: Names of the columns.
        values: A value for each column in each row.

    Example:
        >>> Heatmap(["war"], ["army", "tea"], [[1, -2]]).values
        [[1.0, -2.0]]
    """

    rows: Sequence[str]
    columns: Sequence[str]
    values: Sequence[Numbers] | np.ndarray | Tensor

    def __post_init__(self) -> None:
        rows, columns = [str(row) for row in self.rows], [str(name) for name in self.columns]
        values = [_floats(row, f"`values[{k}]`") for k, row in enumerate(self.values)]
        widths = sorted({len(row) for row in values})
        if not rows or not columns or len(values) != len(rows) or widths != [len(columns)]:
            raise ValueError(
                f"`values` must have a row for each of the {len(rows)} `rows` and in it a value "
                f"for each of the {len(columns)} `columns`, at least one of each; got "
                f"{len(values)} rows of lengths {widths}"
            )

        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "values", values)


@dataclass(frozen=True, eq=False)
class Words:
    """A frame of lists of words, side by side.

    Attributes:
        columns: For each heading its words, from the top.

    Example:
        >>> Words({"one pole": ["war", "army"]}).columns
        {'one pole': ['war', 'army']}
    """

    columns: Mapping[str, Sequence[str]]

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError("`columns` must have at least one entry; got none")
        columns = {
            str(head): [str(word) for word in words] for head, words in self.columns.items()
        }
        object.__setattr__(self, "columns", columns)


Frame: TypeAlias = Curves | Points | Bars | Heatmap | Words


@dataclass(frozen=True, eq=False)
class Panel:
    """A part of a figure, drawn anew for each position of the controls.

    Attributes:
        title: What it shows.
        draw: Gives the frame for one position (a number from 0) of every control. All frames of
            a panel are of one kind.
        x: A label for the x axis, in plain text.
        y: A label for the y axis, which stands above it.
        log_x: Whether the x axis is logarithmic.
        log_y: Whether the y axis is logarithmic.
        limits_x: The ends of the x axis; those of the data of all frames if left out.
        limits_y: The ends of the y axis.

    Example:
        >>> panel = Panel("A line", lambda slope: Curves({"y": ([0, 1], [0, slope])}), x="x")
        >>> panel.draw(3).lines
        {'y': ([0.0, 1.0], [0.0, 3.0])}
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
        for name in ("limits_x", "limits_y"):
            limits = getattr(self, name)
            if limits is None:
                continue

            low, high = _floats(limits, f"`{name}`")
            log = self.log_x if name == "limits_x" else self.log_y
            if low >= high or (log and low <= 0):
                raise ValueError(
                    f"`{name}` must be two growing numbers, positive on a logarithmic axis; "
                    f"got {limits}"
                )

            object.__setattr__(self, name, (low, high))
