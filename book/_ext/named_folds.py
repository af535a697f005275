"""Sphinx extension: give every folded piece of code a name, and fold the code that draws figures.

myst-nb 1.4.0 calls each of them "Show code cell content". `tools/folds.py` says what is folded.
"""

from docutils import nodes
from folds import fold_of  # in tools/, which is on the path of the build

# It would be read in the place of the name.
UNNAMED = ' aria-label="Toggle hidden content"'


def fold_cells(app, doctree):
    """Tell myst-nb, which folds when it writes a page, what to fold and how to call it."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code" or not cell.children:
            continue
        code = cell[0].astext() if cell[0].get("nb_element") == "cell_code_source" else ""
        if fold := fold_of(cell["cell_metadata"].get("tags", []), code):
            cell["hide_mode"] = fold.mode
            cell["prompt_show"] = cell["prompt_hide"] = fold.name


def let_names_be_read(app, pagename, templatename, context, doctree):
    """Remove the label that hides the name of a fold from screen readers."""
    if body := context.get("body"):
        context["body"] = body.replace(UNNAMED, "")


def setup(app):
    """Connect to Sphinx."""
    app.connect("doctree-read", fold_cells)
    app.connect("html-page-context", let_names_be_read)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
