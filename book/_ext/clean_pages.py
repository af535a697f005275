"""Sphinx extension: repair what the book's other extensions get wrong in every page.

Each repair says what it repairs, and in which version. A new one may make it needless.
"""

import re

from docutils import nodes

# sphinx-proof 0.4.0 writes "Proof. " into the first line of a proof and gives it no title, so that
# a folded one could not be opened.
PREFIX = "Proof. "
# sphinx-proof 0.4.0 and sphinx-exercise 1.2.1 give the body of every box the same id; the id of
# every proof is "proof".
REPEATED_IDS = {"proof-content", "exercise-content", "solution-content"}
# Sphinx 7.4.7 writes the arguments of a long signature as a list of definitions without terms.
ARGUMENTS = re.compile(r"<dl>\s*((?:<dd>.*?</dd>\s*)+)</dl>", re.DOTALL)


def switch_off_thebe(app, config):
    """Disconnect what adds thebe's scripts and its settings to the pages."""
    # Jupyter Book 1.0.4 puts sphinx-thebe 0.3.1 into every book, with `thebe: false` too. It adds
    # the address of a CDN and declares its constants twice, which is an error.
    for event in ("env-before-read-docs", "doctree-resolved"):
        for listener in list(app.events.listeners.get(event, [])):
            if listener.handler.__module__.startswith("sphinx_thebe"):
                app.disconnect(listener.id)


def repair_proofs(app, doctree):
    """Give proofs a title and no id, and the bodies of theorems and exercises no id."""
    for proof in doctree.findall(nodes.admonition):
        if "proof" not in proof["classes"]:
            continue
        proof["ids"].clear()
        proof["classes"].append("proof-text")  # theorems carry the class "proof" too
        first = next(iter(proof.findall(nodes.Text)), "")
        if first.startswith(PREFIX):
            rest = first[len(PREFIX) :]
            first.parent.replace(first, nodes.Text(rest))
            proof.insert(0, nodes.title("", "Proof"))
    for section in list(doctree.findall(nodes.section)):
        if REPEATED_IDS.intersection(section["ids"]):
            body = nodes.container("", *section.children, classes=section["classes"])
            section.parent.replace(section, body)  # a section without id upsets Sphinx


def as_spans(match):
    """Write the arguments of a signature as lines of one text."""
    lines = match[1].replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")
    return f'<span class="sig-lines">{lines}</span>'


def repair_markup(app, pagename, templatename, context, doctree):
    """Mend what screen readers would read wrongly."""
    if body := context.get("body"):
        body = ARGUMENTS.sub(as_spans, body)
        # docutils 0.21.2 gives citations a role that is no member of the list around them.
        context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app):
    """Connect to Sphinx."""
    app.connect("config-inited", switch_off_thebe)
    app.connect("doctree-read", repair_proofs)
    app.connect("html-page-context", repair_markup)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
