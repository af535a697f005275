"""Sphinx extension: what `:alt:` says about a figure also describes its drawing in the page.

MyST-NB 1.4 gives the description to pictures only. Figures of matplotlib are drawings in HTML, and
carry the same picture for print: its description is put in the place of their own.
"""

import html
import re

from docutils import nodes

LABEL = re.compile(r'(<svg class="w2v-[^>]*? aria-label=")[^"]*')


def describe_drawings(app, doctree):
    """Copy the description of each picture to the drawing that stands beside it."""
    for bundle in doctree.findall(nodes.container):
        if bundle.get("nb_element") != "mime_bundle":
            continue
        alts = [image["alt"] for image in bundle.findall(nodes.image) if image.get("alt")]
        for raw in list(bundle.findall(nodes.raw)) if alts else []:
            alt = html.escape(alts[0])
            text = LABEL.sub(lambda found, alt=alt: found[1] + alt, raw.astext())
            raw[:] = [nodes.Text(text)]
            raw.rawsource = text


def setup(app):
    """Connect to Sphinx."""
    app.connect("doctree-read", describe_drawings)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
