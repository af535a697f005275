"""Sphinx extension: repair what Jupyter Book 1.x and its extensions get wrong in every page.

- sphinx-thebe would load code from a CDN; the book does not use it, so it is switched off.
- Jupyter Book emits some inline scripts twice, and declaring a constant twice is an error.
- sphinx-proof and sphinx-exercise give the same id to every box, and sphinx-proof no title to a
  proof, so that a folded one could not be opened.
- Some markup of Sphinx and docutils misleads screen readers.
"""

import re

from docutils import nodes

PREFIX = "Proof. "
REPEATED_IDS = {"proof-content", "exercise-content", "solution-content"}

# The arguments of a long signature are written as a list of definitions without terms.
ARGUMENTS = re.compile(r"<dl>\s*((?:<dd>.*?</dd>\s*)+)</dl>", re.DOTALL)


def switch_off_thebe(app, config):
    """Disconnect what adds thebe's scripts and its settings to the pages."""
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


def drop_repeated_scripts(app, pagename, templatename, context, doctree):
    """Keep the first of several equal inline scripts."""
    seen, kept = set(), []
    for script in context.get("script_files", []):
        body = (getattr(script, "attributes", None) or {}).get("body")
        if body and body in seen:
            continue
        seen.add(body)
        kept.append(script)
    context["script_files"] = kept


def as_spans(match):
    """Write the arguments of a signature as lines of one text."""
    lines = match[1].replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")
    return f'<span class="sig-lines">{lines}</span>'


def repair_markup(app, pagename, templatename, context, doctree):
    """Mend what screen readers would read wrongly."""
    if body := context.get("body"):
        body = ARGUMENTS.sub(as_spans, body)
        context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app):
    """Connect to Sphinx; the late priority lets every other extension add its scripts first."""
    app.connect("config-inited", switch_off_thebe)
    app.connect("doctree-read", repair_proofs)
    app.connect("html-page-context", drop_repeated_scripts, priority=900)
    app.connect("html-page-context", repair_markup)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
