"""The build of a book must fail when something is wrong, and show new results when they change.

A throw-away book is built by the real tools/build_book.py under the real settings.
"""

import os
import re
import shutil
import subprocess
import sys

import chapter_cache
import dev as runner
import export_notebooks
import nbformat
import pytest
import yaml
from book_pages import read_pages
from support import ROOT

CHAPTER = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---
# A chapter

Text.

```{code-cell} python3
from w2vlib import ANSWER
print("the answer is", ANSWER)
assert ANSWER > 0, "the claim is false"
```
"""

pytestmark = pytest.mark.build


def run(*command, cwd=ROOT):
    """Run a command; return its exit status and all it printed."""
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    answer = subprocess.run([str(part) for part in command], cwd=cwd, check=False, **output)
    return answer.returncode, answer.stdout


def build(book, *chapter):
    """Build a book as `make book` does, or one chapter of it."""
    return run(sys.executable, ROOT / "tools" / "build_book.py", "--root", book, *chapter)


@pytest.fixture
def book(tmp_path):
    """A book of one chapter, with a library of one number, under this project's settings."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text())
    own = ("only_build_toc_files", "exclude_patterns", "execute", "parse")
    config = {"title": "Test"} | {name: settings[name] for name in own}
    config["exclude_patterns"].remove("*.md")
    myst_nb = {k: v for k, v in settings["sphinx"]["config"].items() if k.startswith("nb_")}
    config["sphinx"] = {"config": myst_nb}
    (tmp_path / "_config.yml").write_text(yaml.safe_dump(config))
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: chapter\n")
    (tmp_path / "chapter.md").write_text(CHAPTER)
    (tmp_path / "w2vlib").mkdir()
    (tmp_path / "w2vlib" / "__init__.py").write_text("ANSWER = 42\n")
    return tmp_path


def page(book):
    """The built chapter."""
    return (book / "_build" / "html" / "chapter.html").read_text()


def test_a_crashing_cell_fails_the_build_and_is_shown(book):
    chapter = book / "chapter.md"
    chapter.write_text(CHAPTER.replace("assert", "1 / 0  # the planted fault\nassert"))
    status, output = build(book)
    assert status != 0
    assert "chapter.md" in output
    assert "the planted fault" in output, "the cell is not shown"
    assert "ZeroDivisionError" in output, "the error is not shown"


def test_a_warning_fails_every_build_not_only_the_first(book):
    (book / "chapter.md").write_text(CHAPTER.replace("Text.", "See {ref}`nowhere`."))
    for attempt in ("first", "second"):
        status, output = build(book)
        assert status != 0, f"the {attempt} build passes"
        assert "nowhere" in output, f"the {attempt} build does not say why"


def test_results_follow_the_library_and_a_new_text_runs_nothing(book):
    status, output = build(book)
    assert status == 0 and "Executing notebook" in output, output
    assert "the answer is 42" in page(book)

    (book / "chapter.md").write_text(CHAPTER.replace("Text.", "Other text."))
    status, output = build(book)
    assert status == 0 and "Executing notebook" not in output, output
    assert "Other text." in page(book)

    library = book / "w2vlib" / "__init__.py"
    library.write_text("ANSWER = 43\n")
    status, output = build(book)
    assert status == 0, output
    assert "the answer is 43" in page(book)

    library.write_text("ANSWER = -1\n")
    status, output = build(book)
    assert status != 0 and "the claim is false" in output


def test_one_chapter_alone(book):
    """The others are not run, but may be referred to; what this one does wrong is an error."""
    contents = {"format": "jb-book", "root": "chapter", "chapters": [{"file": "other"}]}
    (book / "_toc.yml").write_text(yaml.safe_dump(contents))
    crashes = CHAPTER.replace("ANSWER > 0", "ANSWER < 0").replace("# A ", "(far)=\n# A ")
    (book / "other.md").write_text(crashes)
    chapter = book / "chapter.md"
    chapter.write_text(CHAPTER.replace("Text.", "See {ref}`far`."))
    status, output = build(book, "chap")
    assert status == 0, output
    written = book / "_build/preview/html/chapter.html"
    assert "the answer is 42" in written.read_text()
    assert 'href="other.html#far"' in written.read_text()
    assert not (book / "_build/html").exists()

    chapter.write_text(CHAPTER.replace("Text.", "See {ref}`nowhere`."))
    for attempt in ("first", "second"):
        status, output = build(book, "chap")
        assert status != 0 and "nowhere" in output, attempt
    status, output = build(book, "other")
    assert status != 0 and "the claim is false" in output
    status, output = build(book, "third")
    assert status != 0 and "chapter, other" in output


def test_one_chapter_alone_runs_the_page_whose_value_it_states(book):
    contents = {"format": "jb-book", "root": "chapter", "chapters": [{"file": "other"}]}
    (book / "_toc.yml").write_text(yaml.safe_dump(contents))
    glued = 'from myst_nb import glue\nglue("size", 2 * ANSWER, display=False)\nassert'
    (book / "other.md").write_text(CHAPTER.replace("assert", glued))
    stated = "It is {glue:text}`other.md::size:.1f`."
    (book / "chapter.md").write_text(CHAPTER.replace("Text.", stated))
    status, output = build(book, "chap")
    assert status == 0, output
    assert "84.0" in (book / "_build/preview/html/chapter.html").read_text()


def notebook_tests(book, *further_cells):
    """Run the notebook beside the chapter as `make test` does."""
    source = CHAPTER.partition("```{code-cell} python3\n")[2].rpartition("```")[0].strip()
    cells = [nbformat.v4.new_code_cell(cell) for cell in (source, *further_cells)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    folder = book / "book" / "part"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "chapter.ipynb")
    shutil.copy(ROOT / "book" / "conftest.py", book / "book")
    options = "-rs -p no:cacheprovider -p no:xdist -p no:jaxtyping --nbval-lax --nbval-current-env"
    path = os.pathsep.join([str(book), str(ROOT / "tools")])
    command = [sys.executable, "-m", "pytest", *options.split(), "book"]
    return run("env", f"PYTHONPATH={path}", *command, cwd=book)


def test_the_build_and_the_notebook_tests_run_a_chapter_once_between_them(book):
    (book / "_toc.yml").write_text("format: jb-book\nroot: book/part/chapter\n")
    (book / "book" / "part").mkdir(parents=True)
    (book / "chapter.md").rename(book / "book" / "part" / "chapter.md")
    library = book / "w2vlib" / "__init__.py"

    assert build(book)[0] == 0
    status, output = notebook_tests(book)
    assert status == 0 and "1 skipped" in output and "has run already" in output

    library.write_text("ANSWER = 43\n")
    status, output = notebook_tests(book)
    assert status == 0 and "1 passed" in output, "a change of the library went unnoticed"
    status, output = build(book)
    assert status == 0 and "Executing notebook" not in output
    html = (book / "_build" / "html" / "book" / "part" / "chapter.html").read_text()
    assert "the answer is 43" in html, "the page does not show what the notebook test computed"

    library.write_text("ANSWER = -1\n")
    assert notebook_tests(book)[0] == 1
    assert build(book)[0] != 0, "the outputs of a failed notebook were kept"


def test_what_only_a_running_kernel_shows_is_tested_and_stays_out_of_the_page(book):
    (book / "_toc.yml").write_text("format: jb-book\nroot: book/part/chapter\n")
    (book / "book" / "part").mkdir(parents=True)
    live = 'print("dead on", "a page")'
    cell = f"\n```{{code-cell}} python3\n:tags: [skip-execution]\n\n{live}\n```\n"
    (book / "book" / "part" / "chapter.md").write_text(CHAPTER + cell)

    status, output = notebook_tests(book, live)
    assert status == 0 and "2 passed" in output
    status, output = build(book)
    assert status == 0 and "Executing notebook" not in output
    html = (book / "_build" / "html" / "book" / "part" / "chapter.html").read_text()
    assert "the answer is 42" in html
    assert "dead on a page" not in html


def test_a_number_that_the_build_computes_otherwise_is_named_and_fails_in_ci(book, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    config = yaml.safe_load((book / "_config.yml").read_text())
    config["repository"] = {"url": "https://github.com/a/b"}
    (book / "_config.yml").write_text(yaml.safe_dump(config))
    (book / "_toc.yml").write_text("format: jb-book\nroot: book/part/chapter\n")
    chapter = book / "book" / "part" / "chapter.md"
    notebook = chapter.with_suffix(".ipynb")
    chapter.parent.mkdir(parents=True)
    cell = "from myst_nb import glue\nfrom w2vlib import ANSWER\nglue('answer', ANSWER / 7)"
    text = "It is {glue:text}`answer:.1f`, exactly {glue:text}`answer:.3f`."
    chapter.write_text(CHAPTER.split("```")[0] + f"```{{code-cell}}\n{cell}\n```\n\n{text}\n")
    status, output = build(book)
    assert status == 0, output
    assert "book/part/chapter: `answer`: stated None, computed 6.0" in output
    assert export_notebooks.main(["--root", str(book)]) == 0
    assert "It is 6.0, exactly 6.000." in notebook.read_text()
    monkeypatch.setenv("CI", "true")
    status, output = build(book)
    assert status == 0, output
    assert "Executing notebook" not in output, "the committed values made the chapter run again"

    library = book / "w2vlib" / "__init__.py"
    library.write_text("ANSWER = 42.021\n")
    status, output = build(book)
    assert status == 1
    assert "book/part/chapter: `answer`: stated 6.000, computed 6.003" in output
    assert "computed 6.0\n" not in output, "a number that reads as before is no difference"
    assert "make notebooks" in output
    monkeypatch.delenv("CI")
    assert build(book)[0] == 0

    library.write_text("ANSWER = 'six'\n")
    assert build(book)[0] != 0
    assert not (book / "_build" / "values.json").exists(), "values of a build that is gone"


@pytest.mark.parametrize(
    ("file", "matters"),
    [
        ("w2vlib/datasets/data/counts.npz", True),
        ("w2vlib/book/page/panels.js", True),
        ("book/part/table.csv", True),
        ("constraints.txt", True),
        ("book/_static/custom.css", False),
        ("w2vlib/__pycache__/corpus.cpython-311.pyc", False),
        ("README.md", False),
    ],
)
def test_what_makes_executed_chapters_out_of_date(tmp_path, file, matters):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("old")
    before = chapter_cache.state_key(tmp_path)
    assert chapter_cache.state_key(tmp_path) == before
    (tmp_path / file).write_text("new")
    assert (chapter_cache.state_key(tmp_path) != before) == matters
    (tmp_path / file).write_text("old")
    (tmp_path / file).rename((tmp_path / file).with_stem("renamed"))
    assert (chapter_cache.state_key(tmp_path) != before) == matters


def test_workers_that_start_at_once_find_a_cache(tmp_path):
    """None of them has to make it; two that do so at a time fail."""
    page = tmp_path / "book" / "page.md"
    page.parent.mkdir()
    page.write_text("# A page\n")
    for _ in range(2):
        chapter_cache.drop_stale(tmp_path)
        made = {path: path.stat().st_ctime_ns for path in tmp_path.rglob("*.db")}
        assert made
        assert not chapter_cache.has_run(tmp_path, page)
        assert {path: path.stat().st_ctime_ns for path in tmp_path.rglob("*.db")} == made


def test_a_folder_without_a_book_is_said_to_be_none(tmp_path):
    status, output = build(tmp_path)
    assert status == 2
    assert "_config.yml" in output and str(tmp_path) in output


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """tools/dev.py, running its commands in an empty folder and in this interpreter."""
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    monkeypatch.setattr(runner, "PYTHON", sys.executable)
    monkeypatch.setattr(runner, "set_up", lambda: None)
    (tmp_path / "tools").mkdir()
    return runner


KILLED = "import os; os.kill(os.getpid(), 9)"


@pytest.mark.parametrize(
    ("build", "check", "status"),
    [
        ("raise SystemExit(7)", "print('checked')", 7),
        ("", "raise SystemExit(1)", 1),
        (KILLED, "print('checked')", 128 + 9),  # as a shell says it
        ("", "print('checked')", 0),
    ],
)
def test_the_runner_passes_on_the_exit_status(dev, tmp_path, capfd, build, check, status):
    (tmp_path / "tools" / "build_book.py").write_text(build)
    (tmp_path / "tools" / "check_site.py").write_text(check)
    assert dev.main(["book"]) == status
    captured = capfd.readouterr()
    assert ("checked" in captured.out) == ("index.html" in captured.out) == (status == 0)
    assert "Traceback" not in captured.err


def test_an_unknown_task_is_no_success(dev):
    assert dev.main(["bok"]) == 2
    assert dev.main([]) == 2
    assert dev.main(["--help"]) == 0


def pytest_in_this_project(*arguments):
    """Run pytest under the options of this project's pyproject.toml."""
    options = ["-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml", "-q"]
    return run(sys.executable, "-m", "pytest", *options, *arguments)


def test_nbval_turns_red_on_a_false_assertion_without_stored_outputs(tmp_path):
    for name, claim in (("good", "assert x == 1"), ("bad", "assert x == 2")):
        cells = [nbformat.v4.new_code_cell(code) for code in ("x = 1", claim)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    status, output = pytest_in_this_project(f"--rootdir={tmp_path}", tmp_path)
    assert status == 1, output
    assert re.search(r"FAILED .*bad\.ipynb::Cell 1", output)
    assert "1 failed, 3 passed" in output


def test_every_exported_notebook_is_collected_and_asserts_something():
    notebooks = [ROOT / f"{page.name}.ipynb" for page in read_pages(ROOT) if page.is_notebook]
    assert notebooks, "the table of contents has no chapter with code"
    status, output = pytest_in_this_project("--collect-only", *notebooks)
    assert status == 0, output
    for notebook in notebooks:
        cells = nbformat.read(notebook, as_version=4).cells
        codes = [cell.source for cell in cells if cell.cell_type == "code"]
        assert re.search(r"^\s*(assert |claim\()", "\n".join(codes), re.M), f"{notebook}: no claim"
        collected = len(re.findall(rf"{re.escape(notebook.name)}::Cell \d+", output))
        assert collected == len(codes), f"{notebook}: {collected} of {len(codes)} cells run"
