"""Sphinx extension: the directive `{python-module}`, a module's reference from its docstrings.

autodoc writes reStructuredText, which a page in Markdown cannot take in. MyST's way out, a block
of reStructuredText in the page, would tie the page to Sphinx; this directive hides it instead.
References to names of the package, such as `w2vlib.qwem_target`, lead to the defining module.
"""

import importlib

from myst_parser.mocking import MockRSTParser
from sphinx.util.docutils import SphinxDirective, new_document

SOURCE = """
.. automodule:: {module}
   :members:
"""


class PythonModule(SphinxDirective):
    """Document what a module offers."""

    required_arguments = 1

    def run(self):
        """Parse autodoc's directive in a document of its own and hand over what it made."""
        inner = new_document(self.env.doc2path(self.env.docname), self.state.document.settings)
        inner.reporter = self.state.document.reporter
        MockRSTParser().parse(SOURCE.format(module=self.arguments[0]), inner)
        return inner.children


def find_in_package(app, env, node, contnode):
    """Resolve `package.name` to `package.module.name`, where autodoc has documented it."""
    package, _, name = node.get("reftarget", "").rpartition(".")
    if node.get("refdomain") != "py" or package != "w2vlib":
        return None
    member = getattr(importlib.import_module(package), name, None)
    target = f"{getattr(member, '__module__', package)}.{name}"
    domain, kind = env.get_domain("py"), node["reftype"]
    return domain.resolve_xref(env, node["refdoc"], app.builder, kind, target, node, contnode)


def setup(app):
    """Register the directive and the resolver."""
    app.add_directive("python-module", PythonModule)
    app.connect("missing-reference", find_in_package)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
