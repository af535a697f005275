"""Figures that a running kernel computes anew, from what readers put in."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from w2vlib.book.explorer.figures import Explorer, widgets_of

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["Entry", "LiveExplorer", "explore_live"]

Rows: TypeAlias = Sequence[Sequence[float]]

LINE = 40  # characters; a longer text gets a box of several lines


@dataclass(frozen=True)
class Entry:
    """Something that readers put in: a word, a text, a number or a matrix.

    Attributes:
        label: The name of it, such as "word".
        start: What is in at first: a text, a number, or the rows of a matrix. What readers put in
            is of the same kind.
        options: Texts to choose from; without them a text is free.
    """

    label: str
    start: str | float | Rows
    options: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.options and self.start not in self.options:
            raise ValueError(
                f"the entry {self.label!r} must start at one of its options "
                f"{list(self.options)}; got {self.start!r}"
            )


@dataclass(frozen=True, eq=False, repr=False)
class LiveExplorer(Explorer):
    """An interactive figure of the first entries; `live` takes others.

    Attributes:
        compute: A pure function that gives the figure for a value of every entry.
        entries: What readers put in.
    """

    compute: Callable[..., Explorer]
    entries: tuple[Entry, ...]

    def live(self) -> "ipywidgets.VBox":
        """Build boxes for the entries above the figure, which a running kernel computes anew.

        Returns:
            A box with the boxes of the entries, a line for messages, and the box of the figure,
            in this order.

        Raises:
            ImportError: ipywidgets is not installed.
        """
        widgets = widgets_of()
        boxes = [_box(widgets, entry) for entry in self.entries]
        message = widgets.HTML()
        place = widgets.VBox([super().live()])

        def recompute(_change: object = None) -> None:
            message.value = "Computing ..."
            try:
                pairs = zip(self.entries, boxes, strict=True)
                place.children = [self.compute(*(_read(e, box.value) for e, box in pairs)).live()]
                message.value = ""

            # What is wrong with the reader's word is said beside it, without a traceback.
            except (ValueError, KeyError) as error:
                place.children = []
                message.value = html.escape(str(error.args[0] if error.args else error))

        for box in boxes:
            box.observe(recompute, names="value")
        return widgets.VBox([*boxes, message, place])


def explore_live(compute: Callable[..., Explorer], entries: Sequence[Entry]) -> LiveExplorer:
    """Explore what a page cannot hold: a figure of the reader's own word, text or matrix.

    The site shows the figure of the first entries, which moves like any other, and says where to
    try more. In a notebook `live()` adds a box for each entry; the running kernel then computes
    the figure anew. Call it in a cell of its own with the tag `skip-execution`: a page without a
    kernel must not run it.

    Args:
        compute: A pure function from a value of each entry, in order, to a figure of
            :func:`explore_panels`. It raises `ValueError` or `KeyError`, with what is needed in
            the message, for values that it cannot take.
        entries: What readers put in; a matrix comes as a list of rows.

    Returns:
        The figure of the first entries; its `live()` takes others.

    Raises:
        ValueError: There is no entry.

    Example:
        >>> from w2vlib.book import Choice, Curves, Panel, explore_panels
        >>> def powers_of(base):
        ...     panel = Panel("Powers", lambda n: Curves({"b^n": ([0, 1, 2], [1, base, base**2])}))
        ...     return explore_panels([panel], [Choice("n", (0, 1, 2))],
        ...                           say=lambda n: f"{base:g} to the {n} is {base**n:g}",
        ...                           title="Powers")
        >>> figure = explore_live(powers_of, [Entry("base", 3.0)])
        >>> figure.say(0)
        '3 to the 0 is 1'
        >>> base, message, place = figure.live().children
        >>> base.value = 5.0
        >>> slider, picture, sentence = place.children[0].children
        >>> slider.value = 2
        >>> sentence.value
        '5 to the 2 is 25'
    """
    if not entries:
        raise ValueError("`entries` must have at least one entry; got none")

    first = compute(*(entry.start for entry in entries))
    own = " and ".join(entry.label for entry in entries)
    note = f"Run this page in Colab or Binder to try your own {own}."

    parts = {part.name: getattr(first, part.name) for part in fields(Explorer)}
    parts["html"] += f'<p style="margin:0;font-size:.9em">{html.escape(note)}</p>\n'
    parts["text"] += f"{'' if first.text.endswith('.') else '.'} {note}"
    return LiveExplorer(**parts, compute=compute, entries=tuple(entries))


def _box(widgets: ModuleType, entry: Entry) -> "ipywidgets.DOMWidget":
    look = {"description": entry.label, "style": {"description_width": "initial"}}
    if entry.options:
        return widgets.Dropdown(options=list(entry.options), value=entry.start, **look)
    if isinstance(entry.start, int | float):
        return widgets.FloatText(value=entry.start, continuous_update=False, **look)

    text = entry.start
    if not isinstance(text, str):
        text = "\n".join(" ".join(f"{value:g}" for value in row) for row in text)
    kind = widgets.Textarea if "\n" in text or len(text) > LINE else widgets.Text
    return kind(value=text, continuous_update=False, **look)


def _read(entry: Entry, value: str | float) -> str | float | Rows:
    """What was put in, as the kind that the entry starts with."""
    if isinstance(entry.start, str | int | float):
        return value.strip() if isinstance(value, str) else value

    lines = re.split(r"[\n;]", str(value).replace("−", "-").replace(",", " "))
    try:
        rows = [[float(part) for part in line.split()] for line in lines if line.strip()]
    except ValueError:
        rows = []
    if not rows or len({len(row) for row in rows}) > 1:
        raise ValueError(
            f"`{entry.label}` must be rows of numbers, all of one length, a row in each line; "
            f"got {value!r}: separate numbers by spaces"
        )
    return rows
