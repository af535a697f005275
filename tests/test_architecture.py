"""The house rules: one direction of imports, small files, and nothing public without a formula."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import w2vlib as w2v

PACKAGE = Path(w2v.__file__).parent
ROOT = PACKAGE.parent
# A module may import those before it. Front ends come last, and nobody imports them.
PIPELINE = [
    *("corpus", "cooccurrence", "spectrum", "stats", "targets", "embedding", "flow"),
    *("losses", "history", "_recorder", "_blocks", "training", "skipgram", "subwords", "glove"),
    *("weighted", "analogies", "similarity", "margins", "task_vectors", "random_matrix"),
    "attention",
]
FRONT_ENDS = [
    "_toy_language",
    "_planted",
    "datasets",
    "plotting",
    "explorer",
    "checks",
    "_options",
    "cli",
    "__main__",
]
HELPERS = [
    *("_files", "_devices", "_kernels", "_reading", "_counting", "_planes", "_word2vec_format"),
    *("_exercises", "_explorer", "_arrays", "_validation", "_checkpoints", "_divergence"),
]
ORDER = HELPERS + PIPELINE + FRONT_ENDS
MODULES = [path for path in sorted(PACKAGE.glob("*.py")) if path.stem != "__init__"]
PUBLIC = [path.stem for path in MODULES if not path.stem.startswith("_")]


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("w2vlib."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "w2vlib":
            yield from (alias.name for alias in node.names)


def public_names():
    return [
        (module, name)
        for module in PUBLIC
        for name in __import__(f"w2vlib.{module}", fromlist=["_"]).__all__
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_point_one_way(path):
    assert path.stem in ORDER, "give the new module its place in ORDER"
    for name in imported(path):
        assert name in ORDER and ORDER.index(name) < ORDER.index(path.stem), (
            f"{path.stem} imports {name}, which comes later"
        )
        assert name not in FRONT_ENDS or path.stem in FRONT_ENDS, (
            f"{path.stem} imports the front end {name}"
        )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_modules_and_functions_are_small(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            length = node.end_lineno - node.body[0].lineno + 1
            if docstring is not None:
                length -= len(docstring.splitlines())
            assert length <= 40, f"{path.stem}.{node.name} has {length} lines"


@pytest.mark.parametrize(("module", "name"), public_names())
def test_public_names_are_documented_and_annotated(module, name):
    thing = getattr(__import__(f"w2vlib.{module}", fromlist=["_"]), name)
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return  # an alias of a type
    automatic = inspect.isclass(thing) and (thing.__doc__ or "").startswith(f"{name}(")
    assert inspect.getdoc(thing) and not automatic, f"{name} has no docstring"
    if inspect.isfunction(thing):
        signature = inspect.signature(thing)
        assert signature.return_annotation is not inspect.Signature.empty
        for parameter in signature.parameters.values():
            assert parameter.annotation is not inspect.Parameter.empty, parameter
        assert len(signature.parameters) <= 8
        if signature.parameters:
            documented = re.findall(r"^ {4}(\w+): ", inspect.getdoc(thing), re.MULTILINE)
            assert set(signature.parameters) <= set(documented), f"Args of {name}"


def test_public_names_are_on_the_library_page():
    page = (ROOT / "book/api.md").read_text("utf-8")
    for module, name in public_names():
        listed = f"{{python-module}} w2vlib.{module}\n" in page  # lists all of __all__
        assert listed, f"{module}, with {name}, is not in book/api.md"


def test_public_names_are_exported_and_hide_no_module():
    for module, name in public_names():
        if module in PIPELINE:
            assert getattr(w2v, name) is not None
        assert name not in ORDER, f"{name} would hide the module"
    assert set(w2v.__all__) <= {name for _, name in public_names()}


def test_import_is_light():
    """What a reader pays for `import w2vlib`: PyTorch, and no front end's packages.

    The interactive figures ask for theirs when they are drawn.
    """
    heavy = [
        "matplotlib",
        "numba",
        "pooch",
        "gensim",
        "ipywidgets",
        "IPython",
        "pyarrow",
        "scipy.sparse.linalg",
        "tqdm",
    ]
    program = (
        "import sys, torch; before = set(sys.modules); import w2vlib; "
        f"print(sorted(set({heavy}) & (set(sys.modules) - before))); "
        "import w2vlib.explorer; print(sorted({'matplotlib', 'ipywidgets'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["[]", "[]"]


def test_version_is_stated_once():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'version = "{w2v.__version__}"' in project


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_docstrings_mean_on_the_site_what_they_say(path):
    """Sphinx takes "rows: N." for an empty list, and "The words: ..." of a property for a type."""
    text = path.read_text("utf-8")
    assert not re.findall(r"^ +\w+: \w\.$", text, re.MULTILINE), "write :math:`N`"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and "property" in map(
            ast.unparse, node.decorator_list
        ):
            assert ": " not in ast.get_docstring(node).splitlines()[0], node.name
