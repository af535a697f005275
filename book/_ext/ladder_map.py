"""Sphinx extension: at the head of each chapter the ladder of assumptions, and "you are here".

The ladder leads from a text, one assumption a rung, to a model that can be solved, and on to what
it has learned. A new chapter gets a rung in RUNGS, or in ACROSS the names of the rungs that it is
about.
"""

from dataclasses import dataclass
from html import escape

from chapter_header import SITE_BUILDERS
from docutils import nodes


@dataclass(frozen=True)
class Rung:
    """A place on the ladder: its name, what is assumed there, and the chapter that explains it."""

    name: str
    step: str
    page: str


EXPLAINED, SOLVED = "book/02-word2vec-explained", "book/03-solvable-model"
RUNGS = (
    Rung(
        "counts",
        "how often words are neighbors; their order is lost",
        f"{EXPLAINED}/02-text-to-counts",
    ),
    Rung("loss", "is a pair of words real, or made up?", f"{EXPLAINED}/03-negative-sampling"),
    Rung("training", "two vectors for each word, moved pair by pair", f"{EXPLAINED}/04-training"),
    Rung(
        "matrix",
        "what training would reach with as many dimensions as words",
        f"{EXPLAINED}/05-factorization",
    ),
    Rung("quartic loss", "a parabola in the place of the logarithm", f"{SOLVED}/06-quartic"),
    Rung(
        "equal weights",
        "all pairs weigh the same, or as words do; one vector for each word",
        f"{SOLVED}/07-target",
    ),
    Rung("solution", "a small start, and time without steps", f"{SOLVED}/08-gradient-flow"),
    Rung("features", "what the modes of the solution mean", f"{SOLVED}/10-features"),
)
ACROSS = {
    "book/01-first-look/01-closed-form": ("counts", "equal weights", "solution", "features"),
    "book/04-geometry/11-arithmetic": ("solution", "features"),
    "book/04-geometry/12-task-vectors": ("solution", "features"),
    "book/04-geometry/13-difficulty": ("solution", "features"),
    "book/04-geometry/14-symmetry": ("counts", "solution", "features"),
    "book/05-beyond/15-contrastive": ("loss", "quartic loss", "equal weights"),
    "book/05-beyond/16-other-data": ("counts", "equal weights", "features"),
    f"{SOLVED}/09-theory-and-training": ("training", "quartic loss", "equal weights", "solution"),
}


class LadderMap(nodes.General, nodes.Element):
    """The map of a page; `page` is its name. Only sites show it."""


def rungs_of(page):
    """Return the names of the rungs that a page is about; none if it is not on the map."""
    return ACROSS.get(page, tuple(rung.name for rung in RUNGS if rung.page == page))


def add_map(app, doctree):
    """Insert the map below the title; the header line, inserted later, goes between them."""
    page = app.env.docname
    title = next(doctree.findall(nodes.title), None)
    if title is not None and rungs_of(page):
        title.parent.insert(title.parent.index(title) + 1, LadderMap(page=page))


def write_map(translator, node):
    """Write the map as a list of links to the chapters."""
    if translator.builder.name not in SITE_BUILDERS:
        raise nodes.SkipNode

    here = rungs_of(node["page"])
    items = []
    for rung in RUNGS:
        address = translator.builder.get_relative_uri(node["page"], rung.page)
        current = ' aria-current="page"' if rung.page == node["page"] else ""
        place = ' class="here"' if rung.name in here else ""
        link = f'<a href="{escape(address)}" title="{escape(rung.step)}"{current}>{rung.name}</a>'
        items.append(f"<li{place}>{link}</li>")

    said = f"<p>You are here: <strong>{', '.join(here)}</strong></p>"
    translator.body.append('<nav class="ladder-map" aria-label="The ladder of assumptions">')
    translator.body.append(f"{said}<ol>{''.join(items)}</ol></nav>\n")
    raise nodes.SkipNode


def skip_map(translator, node):
    """Leave the map out of what is printed, where a link means nothing."""
    raise nodes.SkipNode


def setup(app):
    """Register the node, and add it before the header line is added, with priority 400."""
    others = dict.fromkeys(("latex", "text", "man", "texinfo"), (skip_map, None))
    app.add_node(LadderMap, html=(write_map, None), **others)
    app.connect("doctree-read", add_map, priority=390)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
