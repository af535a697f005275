"""Sphinx extension: numbers that cells hand to the text are written for readers.

Python writes -322 and 2e-10; the text says −322 and 2×10⁻¹⁰, as the figures do.
"""

from docutils import nodes

from w2vlib.book.writing import write_text


def rewrite_numbers(app, doctree, docname):
    """Rewrite what `{glue:text}` put into the page."""
    for pasted in doctree.findall(nodes.inline):
        if "pasted-text" in pasted["classes"]:
            pasted[:] = [nodes.Text(write_text(pasted.astext()))]


def setup(app):
    """Connect to Sphinx."""
    app.connect("doctree-resolved", rewrite_numbers)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
