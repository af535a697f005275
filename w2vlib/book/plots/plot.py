"""The noun of a static figure, and the page made of its drawings and its data."""

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from w2vlib.book.plots.data import Table

__all__ = ["Plot", "make_plot"]


@dataclass(frozen=True, eq=False, repr=False)
class Plot:
    """A static figure in three forms; each viewer picks the best that it can show.

    Attributes:
        html: The drawing as SVG, one for wide pages and one for phones, with its data as a table.
        png: The picture for print.
        text: What it shows, in words.
    """

    html: str
    png: bytes
    text: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {
            "text/html": self.html,
            "image/png": base64.b64encode(self.png).decode("ascii"),
            "text/plain": self.text,
        }

    def __repr__(self) -> str:
        return self.text


def make_plot(
    figure: "Figure",
    *,
    alt: str | None = None,
    table: Mapping[str, Sequence[object]] | None = None,
) -> Plot:
    """Draw a figure of matplotlib for the page, for phones and for print, and read its data.

    The figure stays as it is.

    Args:
        figure: The figure to draw.
        alt: A description for those who do not see it; made from its axes if left out.
        table: The columns of its table of data; read off the figure if left out.

    Returns:
        The drawn figure.
    """
    import copy

    from w2vlib.book.plots import data, drawing, narrow  # they need matplotlib

    wide, phone = copy.deepcopy(figure), copy.deepcopy(figure)
    alt = alt or data.described(figure)
    narrow.make_narrow(phone)
    drawings = [drawing.svg(wide, "w2v-wide", alt), drawing.svg(phone, "w2v-narrow", alt)]
    tables = data.tables_of(wide) if table is None else [data.table_of(table)]

    style = files("w2vlib.book").joinpath("page", "plots.css").read_text(encoding="utf-8")
    page = (
        '<div class="w2v-plot tex2jax_ignore mathjax_ignore">\n'
        f"<style>{style.strip()}</style>\n{''.join(drawings)}\n{_details(tables)}</div>\n"
    )
    return Plot(html=page, png=drawing.png(figure), text=f"[figure] {alt}")


def _details(tables: Sequence["Table"]) -> str:
    """Fold the tables away under a line that opens them."""
    if not tables:
        return ""
    body = "\n".join(map(_table, tables))
    return (
        "<details><summary>Data as a table</summary>"
        f'<div tabindex="0" role="region" aria-label="Data as a table">\n{body}\n'
        "</div></details>\n"
    )


def _table(table: "Table") -> str:
    title, shown = table.title, len(table.rows)
    if shown < table.total:
        left = f"{shown:,} of {table.total:,} rows; {table.total - shown:,} are left out"
        title = f"{title}: {left}" if title else left

    head = "".join(f'<th scope="col">{html.escape(name)}' for name in table.head)
    rows = ("".join(f"<td>{html.escape(cell)}" for cell in row) for row in table.rows)
    body = "\n".join(f"<tr>{row}" for row in rows)
    caption = f"<caption>{html.escape(title)}</caption>" if title else ""
    return f"<table>{caption}<thead><tr>{head}<tbody>\n{body}</table>"
