"""Show below each chapter's title where to run it, how long it ran, how hard and long it is.

The front matter of a chapter says `chapter: {difficulty: ...}`; the rest is known: the repository
from the theme's options, the time that code ran from the run that made the page's outputs, and the
time of reading from the source. So the sources stay plain MyST, and no badge can go stale.
"""

import json
from pathlib import Path

from docutils import nodes
from myst_blocks import parse  # in tools/, which is on the path of the build
from myst_nb.sphinx_ import NbMetadataCollector
from reading_time import minutes
from sphinx.addnodes import download_reference

SITE_BUILDERS = ("html", "dirhtml", "singlehtml")


def add_header(app, doctree):
    """Insert the header line below the title of a page that declares a chapter."""
    name = app.env.docname
    chapter = read_chapter(doctree)
    title = next(doctree.findall(nodes.title), None)
    if not chapter or title is None:
        return
    source = Path(app.env.doc2path(name)).read_text(encoding="utf-8")
    items = [
        *launch_links(name, app.config.html_theme_options),
        download_link(name),
        *runtime(NbMetadataCollector.get_exec_data(app.env, name)),
        nodes.inline("", chapter["difficulty"], classes=["chapter-difficulty"]),
        nodes.inline("", str(minutes(parse(source.split("\n")))), classes=["chapter-minutes"]),
    ]
    line = nodes.paragraph(classes=["chapter-header"])
    for item in items:
        if len(line):
            line += nodes.Text(" · ")
        line += item
    title.parent.insert(title.parent.index(title) + 1, line)


def read_chapter(doctree):
    """Return the front matter's `chapter`, which MyST hands on as a field of JSON, if any."""
    fields = {field[0].astext(): field[1].astext() for field in doctree.findall(nodes.field)}
    return json.loads(fields.get("chapter", "null"))


def launch_links(name, theme):
    """Link to the page's notebook on Colab and Binder, those of them that the theme offers."""
    launch = theme.get("launch_buttons", {})
    repository = theme.get("repository_url", "").removeprefix("https://github.com/").strip("/")
    branch = theme.get("repository_branch", "main")
    path = "/".join(filter(None, [theme.get("path_to_docs", "").strip("/"), f"{name}.ipynb"]))
    if not repository:
        return []
    addresses = {
        "Colab": ("colab_url", f"github/{repository}/blob/{branch}/{path}"),
        "Binder": ("binderhub_url", f"v2/gh/{repository}/{branch}?urlpath=lab/tree/{path}"),
    }
    return [
        link(f"Open in {service}", f"{launch[setting].rstrip('/')}/{rest}", service.lower())
        for service, (setting, rest) in addresses.items()
        if launch.get(setting)
    ]


def link(text, address, kind):
    return nodes.reference("", text, refuri=address, classes=[f"chapter-{kind}"])


def download_link(name):
    """Offer the notebook beside the page; Sphinx copies it, so that this works offline too."""
    node = download_reference(
        "", "", refdoc=name, reftarget=f"/{name}.ipynb", classes=["chapter-download"]
    )
    node += nodes.inline("", "Download notebook (.ipynb)")
    return node


def runtime(execution):
    """Say how long the page's code ran, if it ran: now or when its outputs were cached."""
    seconds = (execution or {}).get("runtime")
    if seconds is None:
        return []
    return [nodes.inline("", f"runs in {max(1, round(seconds))} s", classes=["chapter-runtime"])]


def drop_header(app, doctree, docname):
    """Leave the links out of print and EPUB, where they mean nothing."""
    if app.builder.name not in SITE_BUILDERS:
        for line in list(doctree.findall(nodes.paragraph)):
            if "chapter-header" in line["classes"]:
                line.parent.remove(line)


def setup(app):
    app.connect("doctree-read", add_header, priority=400)  # before Sphinx collects downloads
    app.connect("doctree-resolved", drop_header)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
