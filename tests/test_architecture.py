"""The house rules: one direction of imports, small files, and nothing public without a formula."""

import ast
import inspect
import io
import re
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import w2vlib as w2v

PACKAGE = Path(w2v.__file__).parent
ROOT = PACKAGE.parent
# A module may import those before it. Names of folders stand for all that is in them.
ORDER = [
    *("_arrays", "_devices", "_kernels", "_counting", "_planes"),
    *("text.facts", "_files", "text._layout", "text._normalizers", "text._kernels"),
    *("text._table", "text._columns", "text._strings", "text._sources", "text._totals"),
    *("text._pieces", "text._spool", "text._numbering", "text", "vocabulary", "corpus"),
    *("reading", "_phrase_kernels", "phrases", "cooccurrence", "spectrum"),
    *("stats", "losses", "targets", "weighted", "embedding"),
    *("vectors._layout", "vectors._sources", "vectors._table", "vectors._rows"),
    *("vectors._writing", "vectors", "vector_files"),
    *("solution", "flow"),
    *("training._validation", "training._divergence", "training._pair_blocks"),
    *("training.results", "training._recorder", "training.population", "training.gain"),
    *("training.sgns", "training.fasttext", "training.glove", "training"),
    *("_scores", "questions", "analogies", "_score_tables", "similarity", "margins"),
    *("task_vectors", "random_matrix", "attention"),
    *("datasets.shipped", "datasets.reference", "datasets.planted", "datasets.toy", "datasets"),
    "plotting",
    *("commands._options", "commands._messages", "commands._texts", "commands._vectors"),
    *("commands", "cli", "__main__"),
    *("book.writing", "book.exercises", "book.explorer", "book.plots", "book.checks", "book"),
]
# They come last, and nobody imports them.
FRONT_ENDS = ORDER[ORDER.index("plotting") :]

# What has a docstring, and the parts of the text that are no code.
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)
SILENT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE),
    *(tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER),
}


def name_of(path):
    """As in Python, without the package: `training.sgns`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
PAGE = sorted([*PACKAGE.rglob("*.js"), *(ROOT / "book" / "_static").glob("*.js")])
# Modules that are called by their names: `w2v.datasets.load_enwiki`.
BY_NAME = ["attention", "book", "cli", "datasets", "plotting", "random_matrix"]
PUBLIC = [
    name
    for name in map(name_of, MODULES)
    if name not in ("commands", "text", "training", "vectors")
    and not name.startswith(("_", "book.", "datasets."))
    and "._" not in name
]


def place(name):
    """The place in the order of a module, or of the nearest folder that has one."""
    while name not in ORDER:
        assert "." in name, f"give the new module {name} its place in ORDER"
        name = name.rpartition(".")[0]
    return ORDER.index(name)


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("w2vlib."):
            yield node.module.removeprefix("w2vlib.")
        elif isinstance(node, ast.ImportFrom) and node.module == "w2vlib":
            yield from (alias.name for alias in node.names)


def public_names():
    return [
        (module, name)
        for module in PUBLIC
        for name in __import__(f"w2vlib.{module}", fromlist=["_"]).__all__
    ]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path):
    here = place(name_of(path))
    for name in imported(path):
        there = place(name)
        assert there <= here, f"{name_of(path)} imports {name}, which comes later"
        inside = ORDER[there] == ORDER[here]
        assert inside or there < here, f"{name_of(path)} and {name} import each other"
        assert ORDER[there] not in FRONT_ENDS or ORDER[here] in FRONT_ENDS, (
            f"{name_of(path)} imports the front end {name}"
        )


def test_nothing_outside_imports_the_book():
    for path in MODULES:
        if not name_of(path).startswith("book"):
            assert not [name for name in imported(path) if name.startswith("book")], path


def code_lines(text):
    """The numbers of the lines of code: no blank lines, no comments, no docstrings."""
    tree = ast.parse(text)
    code = {
        row
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in SILENT
        for row in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            code -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return code


def test_code_lines_leave_out_what_is_read_only():
    text = '''"""Module."""

class Noun:
    """Class."""

    def verb(self):  # one line of code
        """Function,

        longer.
        """
        # a comment
        return """two

lines"""
'''
    assert sorted(code_lines(text)) == [3, 6, 12, 13, 14]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_are_small(path):
    text = path.read_text("utf-8")
    code = code_lines(text)
    assert len(code) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = len(code & set(range(node.body[0].lineno, node.end_lineno + 1)))
            assert length <= 40, f"{path.stem}.{node.name} has {length} lines of code"


@pytest.mark.parametrize("path", PAGE, ids=lambda path: path.name)
def test_scripts_of_the_page_are_programs(path):
    assert max(map(len, path.read_text("utf-8").splitlines())) <= 100
    if not (node := shutil.which("node")):
        pytest.skip("node is not installed: the grammar of the page's scripts goes unchecked")
    done = subprocess.run([node, "--check", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


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
        assert len(signature.parameters) <= 9
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
        assert (module in BY_NAME) != (name in w2v.__all__), name
        hidden = Path(*module.split("."), name)
        assert PACKAGE / hidden.with_suffix(".py") not in MODULES, f"{name} would hide the module"
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
        "import w2vlib.book; print(sorted({'matplotlib', 'ipywidgets'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["[]", "[]"]


def test_version_is_stated_once():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'version = "{w2v.__version__}"' in project


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_docstrings_mean_on_the_site_what_they_say(path):
    """Sphinx takes "rows: N." for an empty list, and "The words: ..." of a property for a type."""
    text = path.read_text("utf-8")
    assert not re.findall(r"^ +\w+: \w\.$", text, re.MULTILINE), "write :math:`N`"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and "property" in map(
            ast.unparse, node.decorator_list
        ):
            assert ": " not in ast.get_docstring(node).splitlines()[0], node.name


def code_of(path):
    """The code of a Python file, or that of the cells and blocks of a page."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return text
    blocks = re.findall(r"^(```+|~~~)\{?(?:code-cell|python)(.*?)^\1", text, re.M | re.S)
    return "\n".join(code for _, code in blocks)


def test_every_public_verb_is_used():
    """By a chapter, a recipe, the command, a benchmark or the README; else it is to be cut."""
    pages = [*(ROOT / "book").rglob("*.md"), ROOT / "README.md"]
    programs = [*(ROOT / "benchmarks").glob("*.py"), *(PACKAGE / "commands").glob("*.py")]
    code = "\n".join(map(code_of, [*pages, *programs]))
    used = {name for call in re.findall(r"\bw2v(?:\.\w+)+", code) for name in call.split(".")}
    for names in re.findall(r"^from w2vlib[\w.]* import (\([^)]*\)|.*)", code, re.M):
        used.update(re.findall(r"\w+", names))
    verbs = [(module, name) for module, name in public_names() if module != "cli"]
    verbs += [("datasets", name) for name in w2v.datasets.__all__]
    unused = [
        f"{module}.{name}"
        for module, name in verbs
        if inspect.isfunction(getattr(sys.modules[f"w2vlib.{module}"], name)) and name not in used
    ]
    assert not unused
