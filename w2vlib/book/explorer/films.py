"""All frames of a panel with what they share: axes, colors, and their place in the payload."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from w2vlib.book.explorer.panels import (
    Curves,
    Frame,
    Heatmap,
    Panel,
    Points,
    Words,
    cells_of,
    limits_of,
    lines_of,
    now_of,
)
from w2vlib.book.explorer.ticks import Axis, cell_decimals, make_axis
from w2vlib.book.writing import write_text

Looks: TypeAlias = dict[str, int]  # which color each line or group has
Sent: TypeAlias = dict[str, object]  # what the script in the page reads

COLORS = 4  # a fifth line or group is drawn without a color


@dataclass(frozen=True, eq=False)
class Film:
    """A panel and its frames, one for each position of the controls."""

    panel: Panel
    frames: list[Frame]
    x: Axis | None
    y: Axis | None
    looks: list[Looks]  # of each frame
    depths: tuple[float, float]  # what the deepest colors of a heat map stand for


def make_film(panel: Panel, positions: Sequence[tuple[int, ...]]) -> Film:
    """Draw and check all frames of a panel."""
    frames: list[Frame] = []
    for position in positions:
        frame = panel.draw(*position)
        if not isinstance(frame, Frame):
            raise ValueError(
                f"`draw` of the panel {panel.title!r} must return Curves, Points, Heatmap or "
                f"Words; got {type(frame).__name__} at {position}"
            )

        if frames and type(frame) is not type(frames[0]):
            raise ValueError(
                f"all frames of the panel {panel.title!r} must be of one kind; got "
                f"{type(frames[0]).__name__} at {positions[0]} and {type(frame).__name__} at "
                f"{position}: make a panel of each"
            )

        frames.append(frame)

    x, y = _axes(panel, frames)
    title, *labels = map(write_text, (panel.title, panel.x, panel.y))
    panel = replace(panel, title=title, x=labels[0], y=labels[1])
    return Film(panel, frames, x, y, _looks(frames), _depths(frames))


def _depths(frames: Sequence[Frame]) -> tuple[float, float]:
    maps = [cells_of(frame) for frame in frames if isinstance(frame, Heatmap)]
    cells = {value for rows in maps for row in rows for value in row}
    top = float(f"{max(map(abs, cells), default=0):.3g}") or 1.0
    return (-top if min(cells, default=0) < 0 else 0.0), top


def _axes(panel: Panel, frames: Sequence[Frame]) -> tuple[Axis | None, Axis | None]:
    xs: set[float] = set()
    ys: set[float] = set()

    # All frames share the axes, which hold still while the slider moves.
    for frame in frames:
        if not isinstance(frame, Curves | Points):
            return None, None
        for x, y in lines_of(frame).values():
            xs.update(x)
            ys.update(value for value in y if not math.isnan(value))
        if isinstance(frame, Curves) and (now := now_of(frame)) is not None:
            xs.add(now)

    if isinstance(frames[0], Curves):
        return _axis(panel, "x", xs, "none"), _axis(panel, "y", ys, "nice")
    if any(isinstance(frame, Points) and frame.diagonal for frame in frames):
        xs = ys = xs | ys
    return _axis(panel, "x", xs, "pad"), _axis(panel, "y", ys, "pad")


def _axis(panel: Panel, name: str, values: Iterable[float], room: str) -> Axis:
    limits, log = limits_of(panel, name), getattr(panel, f"log_{name}")
    found = sorted(values)
    if not found:
        raise ValueError(f"the panel {panel.title!r} must have a point in one of its frames")
    if log and found[0] <= 0:
        raise ValueError(
            f"`log_{name}` of the panel {panel.title!r} needs positive values; got {found[0]:g}: "
            "leave such values out or use a linear axis"
        )
    return make_axis(found, log=log, limits=limits, room=room)


def _shown(frame: Frame) -> list[str]:
    """The names that need a color, in order."""
    if isinstance(frame, Curves):
        return [name for name in frame.lines if name not in frame.faint]
    return list(frame.groups) if isinstance(frame, Points) else []


def _looks(frames: Sequence[Frame]) -> list[Looks]:
    """A color for each name: the same in all frames if there are enough, else by order."""
    every = list(dict.fromkeys(name for frame in frames for name in _shown(frame)))
    looks = []
    for frame in frames:
        order = every if len(every) <= COLORS else _shown(frame)
        looks.append({name: min(order.index(name), COLORS) for name in _shown(frame)})
    return looks


def dash(frame: Curves, name: str, look: int) -> int:
    """Which of the four line styles a line has; 0 is solid, 1 dashed."""
    if frame.dashed:
        return int(name in frame.dashed)
    return look if look < COLORS else 0


class Pool:
    """Contents without repetition; each is known by its position."""

    def __init__(self) -> None:
        self.contents: list[object] = []
        self._known: dict[str, int] = {}

    def add(self, content: object) -> int:
        """Return the position of a content."""
        key = json.dumps(content)
        if key not in self._known:
            self._known[key] = len(self.contents)
            self.contents.append(content)
        return self._known[key]

    def numbers(self, values: Iterable[float]) -> int:
        """Return the position of numbers to five digits; a gap is null."""
        return self.add([short(value) for value in values])

    def texts(self, words: Iterable[str]) -> int:
        """Return the position of words."""
        return self.add([str(word) for word in words])


def short(value: float) -> float | int | None:
    """A number to five digits, as JSON writes it shortest."""
    if math.isnan(value):
        return None
    rounded = float(f"{value:.5g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def film_payload(film: Film, pool: Pool, slider: Sequence[int]) -> Sent:
    """What the script needs to draw a panel; `slider` lists the frames that it passes."""
    own = Pool()
    frames = zip(film.frames, film.looks, strict=True)
    at = [own.add(_pack(frame, looks, pool)) for frame, looks in frames]

    payload: Sent = {
        "kind": type(film.frames[0]).__name__,
        "title": film.panel.title,
        "labels": [film.panel.x, film.panel.y],
        "frames": own.contents,
        "at": at,
    }

    if film.x and film.y:
        payload |= {"x": vars(film.x), "y": vars(film.y)}
    if isinstance(film.frames[0], Curves):
        nows = [now_of(frame) for frame in film.frames if isinstance(frame, Curves)]
        payload["drag"] = None not in nows and len({nows[k] for k in slider}) > 1
    if isinstance(film.frames[0], Heatmap):
        payload["depths"] = film.depths
        payload["decimals"] = cell_decimals(film.depths[1])

    return payload


def weight(film: Film) -> int:
    """The size of a panel's data if it were alone, in bytes."""
    pool = Pool()
    payload = film_payload(film, pool, ())
    return len(json.dumps([payload, pool.contents], separators=(",", ":")))


def _pack(frame: Frame, looks: Looks, pool: Pool) -> Sent:
    """A frame as the script reads it; "x", "words", ... are positions in the pool."""
    if isinstance(frame, Heatmap):
        names, columns = pool.texts(frame.rows), pool.texts(frame.columns)
        cells = [pool.numbers(row) for row in cells_of(frame)]
        return {"names": names, "columns": columns, "cells": cells}
    if isinstance(frame, Words):
        lists = {write_text(str(head)): words for head, words in frame.columns.items()}
        return {"lists": [{"head": head, "words": pool.texts(lists[head])} for head in lists]}

    lines: list[Sent] = []
    for name, (x, y) in lines_of(frame).items():
        look = looks.get(name, COLORS)
        line: Sent = {"name": write_text(str(name)), "look": look}
        line |= {"x": pool.numbers(x), "y": pool.numbers(y)}
        if isinstance(frame, Curves):
            line["dash"] = dash(frame, name, look)
        else:
            line["words"] = pool.texts(frame.labels.get(name, []))
        lines.append(line)

    if isinstance(frame, Points):
        return {"diagonal": frame.diagonal, "groups": lines}
    now = now_of(frame)
    sent = [pool.add(line) for line in lines]
    return {"now": None if now is None else short(now), "lines": sent}
