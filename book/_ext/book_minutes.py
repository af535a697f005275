"""Sphinx extension: the directive `{book-minutes}`, how long the book and each part of it take.

The numbers are those below the titles of the chapters, added up.
"""

from pathlib import Path

from book_pages import read_pages  # in tools/, which is on the path of the build
from docutils import nodes
from docutils.statemachine import StringList
from reading_time import Minutes, minutes, spoken
from sphinx.util.docutils import SphinxDirective


def rows(root):
    """Yield the rows of the table; parts without chapters, such as the reference, have none."""
    yield "Part", "Reading", "Exercises"
    parts = {}
    for page in read_pages(root):
        if page.chapter:
            parts[page.part] = parts.get(page.part, Minutes(0, 0)) + minutes(page.blocks)
    for part, taken in parts.items():
        yield part, spoken(taken.reading), spoken(taken.exercises) if taken.exercises else "–"
    whole = sum(parts.values(), Minutes(0, 0))
    yield "**All**", f"**{spoken(whole.reading)}**", f"**{spoken(whole.exercises)}**"


class BookMinutes(SphinxDirective):
    """Insert the table as Markdown would write it."""

    def run(self):
        """Return the table; the page that shows it is read anew in every build."""
        self.env.note_reread()
        head, *body = rows(Path(self.env.srcdir))
        lines = ["| " + " | ".join(row) + " |" for row in (head, ["---", "---:", "---:"], *body)]
        container = nodes.container()
        self.state.nested_parse(StringList(lines), self.content_offset, container)
        return container.children


def setup(app):
    """Register the directive."""
    app.add_directive("book-minutes", BookMinutes)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
