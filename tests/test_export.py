"""The notebooks: plain Markdown with the site's numbers, the same code, and no solution.

The independent truths are the HTML that Jupyter Book builds (numbers, captions, references),
jupytext's own reading of the chapters (code cells) and nbformat's schema.
"""

import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import chapter_header  # noqa: E402
import claimed_values  # noqa: E402
import export_notebooks  # noqa: E402
from myst_blocks import MystError, parse, walk  # noqa: E402

FRONT = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
chapter: {difficulty: introductory, minutes: 45}
---
"""
BIBLIOGRAPHY = """\
@article{three, author={Karkada, Dhruva and Simon, James B. and Bahri, Yasaman},
  title={Closed form}, journal={arXiv}, year={2025}, eprint={2502.09863}, archiveprefix={arXiv}}
@inproceedings{two, author={Levy, Omer and Goldberg, Yoav}, title={Neural},
  booktitle={NeurIPS}, year={2014}}
@article{twin-a, author={Mikolov, Tom{\\'a}{\\v s} and A, B and C, D}, title={First},
  journal={X}, year={2013}}
@article{twin-b, author={Mikolov, Tom{\\'a}{\\v s} and E, F and G, H}, title={Second},
  journal={X}, year={2013}}
"""
# All that the site numbers, out of step, so that no counter can stand for another.
CHAPTER = r"""
# Chapter @

## A section

```{prf:definition} Counts
:label: def-@
A thing.
```

:::{prf:theorem} Best approximation
:label: thm-@-a
For every $x$,

$$
a &= b \\
  &= c
$$ (eq-@-in-theorem)
:::

```{prf:proof}
:class: dropdown
First,

$$ p = q $$ (eq-@-in-proof)
```

```{prf:theorem}
:label: thm-@-b
Another.
```

$$ not = counted $$

```{math}
:label: eq-@-directive
e = f
```

- In a list:

  $$ l = m $$ (eq-@-in-list)

```{code-cell} ipython3
:tags: [remove-output]

import time
from myst_nb import glue
time.sleep(2)
glue("picture-@", "a picture")
glue("share-@", 53.19563522992985, display=False)
glue("tokens-@", 18802559, display=False)
glue("minimum-@", -4112.5, display=False)
glue("words-@", "it's *a* snake_case_word, [x](y), $5$ <b> `c`", display=False)
```

```{glue:figure} picture-@
:name: fig-@-glued
The glued figure.
```

```{figure} ../dot.png
:alt: a dot
```

```{figure} ../dot.png
:name: fig-@-drawn
:alt: a dot
The drawn figure.
```

```{code-cell} ipython3
---
tags: [hide-input]
mystnb:
  figure:
    caption: The figure of a cell.
    name: fig-@-cell
---
# %% a comment that looks like a cell
"text"
```

```{table} A table
:name: tab-@
| a | b |
|---|---|
| 1 | 2 |
```

````{exercise} Predict
:label: ex-@-1
Nested:
```{note}
$$ n = o $$ (eq-@-in-note)
```
````

````{solution} ex-@-1
:class: dropdown
SECRET

$$ s = t $$ (eq-@-in-solution)
````

```{exercise}
:label: ex-@-2
:nonumber:
Unnumbered.
```

```{exercise-start} Gated
:label: ex-@-3
```
The gated text.
```{exercise-end}
```

```{solution-start} ex-@-3
:class: dropdown
```
SECRET too
```{code-cell} ipython3
secret = "SECRET"
```
```{solution-end}
```

$$ u = v $$ (eq-@-last)

## Another section

Refs: {eq}`eq-@-in-theorem` {eq}`eq-@-in-proof` {eq}`eq-@-directive` {eq}`eq-@-in-list`
{eq}`eq-@-in-note` {eq}`eq-@-last`; {numref}`fig-@-glued` {numref}`fig-@-drawn`
{numref}`fig-@-cell` {numref}`Picture %s <fig-@-drawn>` {ref}`fig-@-drawn` {numref}`tab-@`;
{prf:ref}`def-@` {prf:ref}`thm-@-b` {ref}`ex-@-1` {ref}`ex-@-3` {numref}`ex-@-3`
[it](#ex-@-1).

Far: {eq}`eq-§-last` {numref}`fig-§-cell` {prf:ref}`thm-§-b` {ref}`ex-§-3`
{doc}`/book/words` {term}`PMI` {doc}`back <../words>` [words](../words.md).

Values: {glue:text}`share-@:.1f` {glue:text}`share-@:.0f` {glue:text}`share-@`
{glue:text}`share-@:.2e` {glue:text}`tokens-@:,` {glue:text}`tokens-@` {glue:text}`tokens-@:.3g`
{glue:text}`minimum-@:,.0f` {glue:text}`words-@`;
{glue:text}`/book/0%-part/01-chapter.md::tokens-§:,`
{glue:text}`../0%-part/01-chapter.md::share-§:.3f`.
"""
WORDS = "# Words\n\n```{glossary}\nPMI\n  A log ratio.\n```\n"


def write_book(root, chapters):
    """Write a book around `chapters`, with the project's own configuration of numbers."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config |= {"execute": {"execute_notebooks": "cache", "raise_on_error": True}}
    config.pop("logo", None)
    config["html"].pop("favicon", None)
    sphinx = config["sphinx"]
    sphinx["local_extensions"] = {"chapter_header": str(ROOT / "book" / "_ext")}
    for name in ("html_static_path", "html_css_files", "mathjax_path"):
        sphinx["config"].pop(name, None)
    files = {
        "_config.yml": yaml.safe_dump(config),
        "book/references.bib": BIBLIOGRAPHY,
        "book/words.md": WORDS,
        "book/intro.md": "# Intro\n\n```{tableofcontents}\n```\n",
    }
    names = [f"book/0{number}-part/01-chapter" for number in range(1, len(chapters) + 1)]
    files |= {f"{name}.md": FRONT + text for name, text in zip(names, chapters, strict=True)}
    parts = [{"caption": "Words", "chapters": [{"file": "book/words"}]}]
    parts += [{"caption": name, "numbered": True, "chapters": [{"file": name}]} for name in names]
    files["_toc.yml"] = yaml.safe_dump({"format": "jb-book", "root": "book/intro", "parts": parts})
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    dot = (
        "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da63"
        "fcff1f0002eb01f5690a69480000000049454e44ae426082"
    )
    (root / "book" / "dot.png").write_bytes(bytes.fromhex(dot))
    return [root / f"{name}.ipynb" for name in names]


def two_chapters():
    """Return the sample chapter twice; each refers to the other."""
    return [
        CHAPTER.replace("@", here).replace("§", far).replace("%-", f"{number}-")
        for here, far, number in (("a", "b", 2), ("b", "a", 1))
    ]


def export(root, *arguments):
    return export_notebooks.main(["--root", str(root), *arguments])


def exported(tmp_path, text):
    """Return the Markdown of a chapter that has `text` for a body, its title taken off."""
    (path,) = write_book(tmp_path, [f"# T\n\n{text}"])
    assert export(tmp_path) == 0
    return markdown(path).split("\n\n", 2)[2]


def markdown(path):
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


# ---------------------------------------------------------------- against the site


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A book of two chapters, exported and built."""
    root = tmp_path_factory.mktemp("book")
    notebooks = write_book(root, two_chapters())
    assert export(root) == 0
    build(root)
    return root, notebooks


def build(root):
    command = [Path(sys.executable).parent / "jupyter-book", "build", root, "-W", "-n"]
    command.append("--keep-going")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def page_of(root, notebook):
    """Return the article of the page beside which `notebook` lies."""
    page = root / "_build" / "html" / notebook.relative_to(root).with_suffix(".html")
    text = page.read_text(encoding="utf-8")
    return text[text.index("<article") : text.index("</article>")]


def plain(fragment):
    """Strip tags and the signs of permanent links."""
    text = re.sub(r'<a class="headerlink".*?</a>', "", fragment, flags=re.DOTALL)
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())
    return re.sub(r"\bFig\. ", "Figure ", text)


@pytest.mark.build
def test_equation_tags_are_the_sites_numbers(built):
    root, notebooks = built
    for notebook in notebooks:
        page = re.sub(
            r'<div class="solution.*?</section>', "", page_of(root, notebook), flags=re.S
        )
        on_site = re.findall(r'<span class="eqno">\(([\d.]+)\)', page)
        assert len(on_site) == 6
        assert re.findall(r"\\tag\{([\d.]+)\}", markdown(notebook)) == on_site


@pytest.mark.build
def test_statements_figures_tables_and_exercises_have_the_sites_numbers_and_titles(built):
    root, notebooks = built
    for notebook in notebooks:
        on_site = re.findall(
            r'<span class="caption-number">(.*?)</(?:p|figcaption|caption)>',
            page_of(root, notebook),
            re.DOTALL,
        )
        bold = re.findall(
            r"\*\*((?:Definition|Theorem|Figure|Table|Exercise) \d[\d.]*)(.*?)\.\*\*(.*)",
            markdown(notebook),
        )
        titled = [
            f"{number.rstrip('.')}{title}"
            + (text if number[0] in "FT" and number[1] != "h" else "")
            for number, title, text in bold
        ]
        assert len(titled) == 9
        assert titled == [plain(text) for text in on_site]


@pytest.mark.build
@pytest.mark.parametrize("start", ["Refs:", "Far:"])
def test_references_read_as_on_the_site(built, start):
    root, notebooks = built
    for notebook in notebooks:
        (on_site,) = re.findall(rf"<p>({start}.*?)</p>", page_of(root, notebook), re.DOTALL)
        (ours,) = (part for part in markdown(notebook).split("\n\n") if part.startswith(start))
        ours = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", ours)
        assert " ".join(ours.split()) == plain(on_site)


@pytest.mark.build
def test_values_read_as_on_the_site(built, tmp_path, capsys):
    root, notebooks = built
    copy = shutil.copytree(root, tmp_path / "copy", ignore=shutil.ignore_patterns("html"))
    claimed_values.record(copy)
    assert export(copy) == 0
    assert "no value" not in capsys.readouterr().err
    for notebook in notebooks:
        (on_site,) = re.findall(r"<p>(Values:.*?)</p>", page_of(root, notebook), re.DOTALL)
        parts = markdown(copy / notebook.relative_to(root)).split("\n\n")
        (ours,) = (part for part in parts if part.startswith("Values:"))
        ours = MarkdownIt().use(dollarmath_plugin).render(ours)  # as a notebook's reader sees it
        assert "<b>" not in ours and "<em>" not in ours and "math" not in ours
        on_site = plain(on_site).replace("’", "'")  # Sphinx bends apostrophes in all texts
        assert plain(ours) == on_site
        assert "53.2 53 53.19563522992985" in on_site
    stored = json.loads((copy / "book" / "values.json").read_text())
    assert list(stored) == ["book/01-part/01-chapter", "book/02-part/01-chapter"]
    assert list(stored["book/01-part/01-chapter"]) == [
        "minimum-a",
        "share-a",
        "tokens-a",
        "words-a",
    ]
    before = {path: path.read_bytes() for path in copy.rglob("book/**/*") if path.is_file()}
    assert export(copy) == 0
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.build
def test_chapter_number_is_the_sites(built):
    root, notebooks = built
    for notebook in notebooks:
        heading = re.search(r"<h1>(.*?)</h1>", page_of(root, notebook), re.DOTALL)[1]
        assert f"# {plain(heading)}\n" in markdown(notebook)


@pytest.mark.build
def test_edit_link_leads_to_the_source_in_the_configured_repository(built):
    root, _ = built
    repository = yaml.safe_load((root / "_config.yml").read_text())["repository"]["url"]
    page = root / "_build/html/book/01-part/01-chapter.html"
    link = f'href="{repository}/edit/main/book/01-part/01-chapter.md"'
    assert link in page.read_text(encoding="utf-8")  # outside the article, in the header


@pytest.mark.build
def test_header_links_and_measured_time_survive_the_cache(built):
    root, notebooks = built
    config = yaml.safe_load((root / "_config.yml").read_text())
    slug = config["repository"]["url"].removeprefix("https://github.com/")

    def header():
        (line,) = re.findall(r'<p class="chapter-header">(.*?)</p>', page_of(root, notebooks[0]))
        return line

    fresh = header()
    path = "book/01-part/01-chapter.ipynb"
    assert f"https://colab.research.google.com/github/{slug}/blob/main/{path}" in fresh
    assert f"https://mybinder.org/v2/gh/{slug}/main?urlpath=lab/tree/{path}" in fresh
    download = re.search(r'href="([^"]+\.ipynb)"[^>]*><span>Download', fresh)[1]
    page = root / "_build" / "html" / "book" / "01-part"
    assert (page / download).read_bytes() == notebooks[0].read_bytes()
    assert "introductory" in fresh
    assert "about 45 minutes" in fresh
    seconds = int(re.search(r"runs in (\d+) s", fresh)[1])
    assert 2 <= seconds < 60  # its cell sleeps two seconds

    for folder in ("html", ".doctrees"):
        subprocess.run(["rm", "-rf", root / "_build" / folder], check=True)
    build(root)
    assert header() == fresh


# ---------------------------------------------------------------- code


def test_code_cells_are_those_that_jupytext_reads(tmp_path):
    (path, _) = write_book(tmp_path, two_chapters())
    assert export(tmp_path) == 0
    truth = jupytext.read(path.with_suffix(".md"))
    expected = [
        (cell.source, dict(cell.metadata))
        for cell in truth.cells
        if cell.cell_type == "code" and "SECRET" not in cell.source
    ]
    found = nbformat.read(path, as_version=4)
    nbformat.validate(found)
    ours = [(cell.source, dict(cell.metadata)) for cell in found.cells if cell.cell_type == "code"]
    assert ours[1:] == expected
    assert len(expected) == 2
    assert not any(cell.get("outputs") for cell in found.cells)


@pytest.mark.parametrize("in_colab", [False, True])
def test_first_cell_installs_the_library_in_colab_only(tmp_path, monkeypatch, in_colab):
    from IPython.core.interactiveshell import InteractiveShell

    (path,) = write_book(tmp_path, ["# T\n"])
    assert export(tmp_path) == 0
    shell, called = InteractiveShell(), []
    shell.register_magic_function(called.append, magic_name="pip")
    if in_colab:
        monkeypatch.setitem(sys.modules, "google.colab", object())
    shell.run_cell(nbformat.read(path, as_version=4).cells[0].source).raise_error()
    url = yaml.safe_load((tmp_path / "_config.yml").read_text())["repository"]["url"]
    assert called == ([f'install -q "w2vlib @ git+{url}@main"'] if in_colab else [])


# ---------------------------------------------------------------- values


def write_values(root, committed=None, computed=None):
    """Write the committed values of the first chapter, and those of its last build."""
    for name, values in (("book/values.json", committed), ("_build/values.json", computed)):
        if values is not None:
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(json.dumps({"book/01-part/01-chapter": values}))


def stored(root):
    values = json.loads((root / "book" / "values.json").read_text())
    return values.get("book/01-part/01-chapter")


@pytest.mark.parametrize(
    ("committed", "computed", "shown"),
    [
        (None, None, "`share`, `word`"),
        ({"share": 1.25}, None, "1.2, `word`"),
        ({"share": "no number", "word": 3}, None, "`share`, 3"),
        ({"share": 1.25, "word": "x"}, {"share": 2, "word": "y", "more": 0}, "2.0, y"),
        ({"share": 1.25, "word": "x"}, {"share": 2}, "1.2, x"),  # of an older text
        (None, {"share": 2, "word": "y"}, "2.0, y"),
        ({"share": 1.25, "word": "x"}, {}, "1.2, x"),
    ],
)
def test_the_notebook_states_the_committed_values_brought_up_to_the_last_build(
    tmp_path, capsys, committed, computed, shown
):
    write_values(tmp_path, committed, computed)
    text = "Values: {glue:text}`share:.1f`, {glue:text}`word`"
    assert exported(tmp_path, text) == f"Values: {shown}"
    said = capsys.readouterr().err
    unknown = re.findall(r"`(\w+)`", shown)
    assert ("no value for " + ", ".join(unknown) + ";" in said) == bool(unknown)
    assert ("book/01-part/01-chapter.md" in said) == bool(unknown)
    assert export(tmp_path, "--check") == 0


def test_values_that_read_as_before_and_names_of_no_text(tmp_path):
    write_values(tmp_path, {"share": 1.25, "old": 1}, {"share": 1.2400001, "more": 2})
    exported(tmp_path, "{glue:text}`share:.1f`, <!-- {glue:text}`more` -->\n\n% {glue:text}`more`")
    assert stored(tmp_path) == {"share": 1.25}
    exported(tmp_path, "{glue:text}`share:.1f`, exactly {glue:text}`share:.3f`")
    assert stored(tmp_path) == {"share": 1.2400001}
    assert not list(tmp_path.rglob("*.tmp"))


def test_values_of_a_solution_and_of_a_caption_are_kept(tmp_path):
    names = ["deep", "solved", "caption"]
    write_values(tmp_path, computed=dict.fromkeys(names, 1))
    cell = (
        "```{code-cell}\n---\nmystnb:\n  figure: {name: f, caption: 'Of {glue:text}`caption`.'}\n"
        "---\n1\n```\n\n"
    )
    exported(
        tmp_path,
        "````{exercise}\n:label: e\nWhat?\n```{note}\n{glue:text}`deep`\n"
        "```\n````\n\n```{solution} e\n{glue:text}`solved`\n```\n\n" + cell,
    )
    assert stored(tmp_path) == dict.fromkeys(names, 1)


def test_the_record_of_a_build_holds_texts_and_numbers_but_no_figures(tmp_path):
    texts = {"share": "0.5", "count": "3", "word": '"it\'s"', "other": "tensor(1.)"}
    bundles = {name: {"text/plain": text} for name, text in texts.items()}
    bundles["figure"] = {"text/plain": "<Figure size 704x418 with 1 Axes>", "image/png": "iVBO"}
    bundles["explorer"] = {"text/html": "<div></div>"}
    folder = tmp_path / "_build" / "jupyter_execute" / "book" / "part"
    folder.mkdir(parents=True)
    outputs = {name: {"data": bundle} for name, bundle in bundles.items()}
    (folder / "01-a.b.glue.json").write_text(json.dumps(outputs))
    claimed_values.record(tmp_path)
    text = (tmp_path / "_build" / "values.json").read_text()
    expected = {"count": 3, "other": "tensor(1.)", "share": 0.5, "word": "it's"}
    assert json.loads(text) == {"book/part/01-a.b": expected}
    assert re.findall(r'"(\w+)":', text) == list(expected)


def test_check_uses_the_committed_values_and_writes_none(tmp_path, capsys):
    write_values(tmp_path, {"share": 1.25})
    exported(tmp_path, "{glue:text}`share:.1f`")
    committed = (tmp_path / "book" / "values.json").read_bytes()
    write_values(tmp_path, computed={"share": 9})
    assert export(tmp_path, "--check") == 0
    assert (tmp_path / "book" / "values.json").read_bytes() == committed
    write_values(tmp_path, {"share": 9})
    assert export(tmp_path, "--check") == 1
    (tmp_path / "book" / "values.json").write_text("<<<<<<<")
    capsys.readouterr()
    assert export(tmp_path, "--check") == 2
    assert "values.json" in capsys.readouterr().err


# ---------------------------------------------------------------- cells


EXERCISE = ":::{exercise} %s\n:label: e%s\nWhat?\n:::\n\n"
SOLUTION = ":::{solution} e%s\nSECRET\n\n```{note}\nSECRET\n```\n:::\n\n"
HERE = "```{code-cell}\n1  # here\n```\n\n"


def outline(tmp_path, text):
    """Return the cells of a chapter below its title: the first line of each."""
    (path,) = write_book(tmp_path, [f"# T\n\n## Exercises\n\n{text}"])
    assert export(tmp_path) == 0
    return [cell.source.split("\n")[0] for cell in nbformat.read(path, as_version=4).cells][2:]


def test_every_exercise_is_a_cell_and_has_a_place_for_the_answer(tmp_path):
    blocks = [
        *[EXERCISE % ("A", 1), SOLUTION % 1],
        *[EXERCISE % ("B", 2), "% a comment\n\n", SOLUTION % 2, HERE],
        *[EXERCISE % ("C", 3), "A word.\n\n", HERE],
        *[EXERCISE % ("D", 4), EXERCISE % ("E", 5), HERE, SOLUTION % 5, "## More\n\n"],
        *[EXERCISE % ("F", 6), SOLUTION % 6],
    ]
    answer = "*Your answer:*"
    assert outline(tmp_path, "".join(blocks)) == [
        "## Exercises",
        *["**Exercise 1.1 (A).** What?", answer],
        *["**Exercise 1.2 (B).** What?", "1  # here"],
        *["**Exercise 1.3 (C).** What?", answer, "A word.", "1  # here"],
        *["**Exercise 1.4 (D).** What?", answer],
        *["**Exercise 1.5 (E).** What?", "1  # here"],
        "## More",
        *["**Exercise 1.6 (F).** What?", answer],
    ]


def test_a_gated_exercise_ends_where_its_source_says(tmp_path):
    gate = "```{exercise-start} %s\n:label: e%s\n```\nWhat\n\n```{note}\nis it?\n```\n%s"
    end = "\n```{exercise-end}\n```\n\n"
    text = gate % ("A", 1, end) + "A word.\n\n" + gate % ("B", 2, "\n" + HERE + end) + "The end."
    assert outline(tmp_path, text) == [
        "## Exercises",
        *["**Exercise 1.1 (A).**", "*Your answer:*", "A word."],
        *["**Exercise 1.2 (B).**", "1  # here", "The end."],
    ]


def test_every_section_starts_a_cell(tmp_path):
    text = (
        "## A\ntext\n\n```python\n\n## no heading\n```\n\n### Below\n## B\n\n:::{note}\n"
        "Hm.\n:::\n\n## C"
    )
    assert outline(tmp_path, text) == ["## Exercises", "## A", "## B", "## C"]


# ---------------------------------------------------------------- text


def test_a_figure_above_its_cell_says_that_it_comes(tmp_path):
    figure = "```{glue:figure} picture\n:name: fig-%s\nCaption.\n```\n\n"
    cell = '```{code-cell}\nclaim("picture", 1)\n```\n\n'
    text = exported(tmp_path, figure % "above" + cell + figure % "below")
    assert "**Figure 1.1.** Caption. *(A cell further below draws it.)*" in text
    assert text.endswith("**Figure 1.2.** Caption.")


def test_no_solution_is_left(tmp_path):
    text = CHAPTER.split("Far:")[0].replace("@", "a")
    (path,) = write_book(tmp_path, [text])
    assert export(tmp_path) == 0
    assert "SECRET" in path.with_suffix(".md").read_text()
    assert "SECRET" not in path.read_text()


@pytest.mark.parametrize(
    ("source", "plain_markdown"),
    [
        ("```{note}\nRead *this*.\n```", "> **Note**\n>\n> Read *this*."),
        (":::{tip} One line.\n:::", "> **Tip**\n>\n> One line."),
        (
            "::::{admonition} Quiz\n:class: quiz\nWhich?\n\n:::{dropdown} Answer\nThis.\n"
            ":::\n::::",
            "> **Quiz**\n>\n> Which?\n>\n> <details>\n> <summary><b>Answer</b></summary>\n>\n"
            "> This.\n>\n> </details>",
        ),
        (
            "```{admonition} Folded\n:class: dropdown\nText.\n```",
            "<details>\n<summary><b>Folded</b></summary>\n\nText.\n\n</details>",
        ),
        (  # a `>` inside a formula would be typeset
            "```{note}\n$$\na % why\n= b\n$$ (eq-x)\n```",
            "> **Note**\n>\n> $$ a = b \\tag{1.1} $$",
        ),
        ("````{note}\n```{tip}\nIn.\n```\n````", "> **Note**\n>\n> > **Tip**\n> >\n> > In."),
        ("$$a \\\\ b$$", "$$\n\\begin{split}\na \\\\ b\n\\end{split}\n$$"),
        (
            "```python\n# [a](b.md) and $$\n```\n\n``{eq} is code``, `$x$ [a](b.md)`",
            "```python\n# [a](b.md) and $$\n```\n\n``{eq} is code``, `$x$ [a](b.md)`",
        ),
        ("{math}`x_i`, H{sub}`2`O, {func}`~w2vlib.pmi`", "$x_i$, H<sub>2</sub>O, `pmi`"),
        ("A <!-- cited --> b\n% a comment\n<!-- and\nanother -->\nc", "A b\n\nc"),
        ("```{bibliography}\n```\n\nText.", "Text."),
        (
            "$f[i](x)$ and \\$5 and [x] [y](https://a.b)",
            "$f[i](x)$ and \\$5 and [x] [y](https://a.b)",
        ),
    ],
)
def test_myst_becomes_plain_markdown(tmp_path, source, plain_markdown):
    assert exported(tmp_path, source) == plain_markdown


def test_citations_and_their_list(tmp_path):
    text = exported(
        tmp_path, "{cite:p}`three,two`; {cite:t}`two` say; {cite}`twin-a`, {cite:t}`twin-b`."
    )
    body, references = text.split("\n\n## References\n\n")
    assert body == (
        "(Karkada et al., 2025; Levy and Goldberg, 2014); Levy and Goldberg (2014) say; "
        "(Mikolov et al., 2013a), Mikolov et al. (2013b)."
    )
    lines = references.split("\n")
    assert [line.split(".** ")[0].removeprefix("- **") for line in lines] == [
        "Karkada et al., 2025",
        "Levy and Goldberg, 2014",
        "Mikolov et al., 2013a",
        "Mikolov et al., 2013b",
    ]
    assert "Closed form" in lines[0]
    assert "[arXiv:2502.09863](https://arxiv.org/abs/2502.09863)" in lines[0]
    assert "Tomáš Mikolov" in lines[2]


def test_links_go_to_the_site_if_there_is_one(tmp_path):
    (path,) = write_book(tmp_path, ["# T\n\n{term}`PMI`, {doc}`../words`"])
    assert export(tmp_path) == 0
    assert "[PMI](https://github.com/" in markdown(path)
    config = yaml.safe_load((tmp_path / "_config.yml").read_text())
    config["html"]["baseurl"] = "https://example.org/site/"
    (tmp_path / "_config.yml").write_text(yaml.safe_dump(config))
    assert export(tmp_path) == 0
    assert "[PMI](https://example.org/site/book/words.html#term-PMI)" in markdown(path)
    assert "[Words](https://example.org/site/book/words.html)" in markdown(path)
    assert "](https://example.org/site/book/01-part/01-chapter.html)" in markdown(path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("Text.\n\n```{wonder}\n```", "line 11: there is no rule for the directive `{wonder}`"),
        ("Text\nwith {wonder}`x`.", "line 10: there is no rule for the role `{wonder}`"),
        ("{eq}`nowhere`", "line 9: no page defines the label `nowhere`"),
        ("{cite:p}`nobody`", "line 9: `nobody` is in no bibliography"),
        ("{doc}`nowhere`", "line 9: `nowhere` is no page of _toc.yml"),
        ("```{note}\nNever closed.", "line 9: the fence ````{note}` is never closed"),
        ("$$\nx", "line 9: `$$` within a paragraph"),
        ("Text:\n$$x$$", "line 10: `$$` within a paragraph"),
        ("$$x$$ (a) b", "line 9: `$$` within a paragraph"),
        ("(target)=\n## A", "line 9: there is no rule for `(target)=`"),
        ("\\begin{align}\nx\n\\end{align}", "line 9: there is no rule for `\\begin{align}`"),
        ("```{note}\n\n{wonder}`x`\n```", "line 11: there is no rule for the role `{wonder}`"),
        ("a {{ key }} b", "line 9: `{{ key }}` is a substitution"),
        ("{glue}`name`", "line 9: notebooks cannot show `{glue}`; use {glue:text}"),
        ("word\n: meaning", "line 9: there is no rule for `word`"),
        ("- ```{note}\n  Hm.\n  ```", "line 9: `- ```{note}` hides its beginning in a list"),
        ("```{prf:proof}\n$$x$$\n```", "line 9: the proof starts with no word"),
        ("$$a$$ (x)\n\n$$b$$ (x)", "line 11: the label `x` is taken"),
        ("`{eq}`", "`{eq}`` is left in the notebook"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_its_place(tmp_path, capsys, source, message):
    write_book(tmp_path, [f"# T\n\n{source}"])
    assert export(tmp_path) == 2
    said = capsys.readouterr().err
    assert "book/01-part/01-chapter.md" in said
    assert message in said


# ---------------------------------------------------------------- files


def test_same_source_same_bytes_and_check_writes_nothing(tmp_path, capsys):
    (path,) = write_book(tmp_path, ["# T\n\n```{code-cell}\n1\n```\n\n```{code-cell}\n1\n```"])
    assert export(tmp_path, "--check") == 1
    assert not path.exists()
    assert export(tmp_path) == 0
    first = path.read_bytes()
    assert export(tmp_path, "--check") == 0
    path.unlink()
    assert export(tmp_path) == 0
    assert path.read_bytes() == first
    assert first.endswith(b"}\n")
    assert b"\r" not in first
    ids = [cell["id"] for cell in json.loads(first)["cells"]]
    assert len(set(ids)) == len(ids)

    source = path.with_suffix(".md")
    source.write_text(source.read_text() + "\nMore.\n")
    capsys.readouterr()
    assert export(tmp_path, "--check") == 1
    assert "book/01-part/01-chapter.ipynb is not what its page gives" in capsys.readouterr().err
    assert path.read_bytes() == first


def test_an_edit_leaves_the_other_cells_alone(tmp_path):
    cell = "\n\n```{code-cell}\n%s\n```\n\n"
    (path,) = write_book(tmp_path, ["# T" + cell % "1" + cell % "2"])
    assert export(tmp_path) == 0
    before = {cell["id"] for cell in json.loads(path.read_text())["cells"]}
    write_book(tmp_path, ["# T" + cell % "0" + cell % "1" + cell % "2"])
    assert export(tmp_path) == 0
    after = [cell["id"] for cell in json.loads(path.read_text())["cells"]]
    assert len([name for name in after if name not in before]) == 1


def test_orphans_are_reported_then_removed_and_foreign_notebooks_stay(tmp_path, capsys):
    (path,) = write_book(tmp_path, ["# T\n"])
    assert export(tmp_path) == 0
    orphan, foreign = path.with_name("old.ipynb"), path.with_name("mine.ipynb")
    orphan.write_bytes(path.read_bytes())
    foreign.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    assert export(tmp_path, "--check") == 1
    assert "old.ipynb has no page any more" in capsys.readouterr().err
    assert orphan.exists()
    assert export(tmp_path) == 0
    assert not orphan.exists()
    assert foreign.exists()


@pytest.mark.parametrize(
    "chapter", ['{"difficulty": "easy", "minutes": 45}', '{"difficulty": "advanced"}']
)
def test_header_refuses_a_front_matter_that_it_cannot_show(chapter):
    from docutils import nodes
    from sphinx.errors import ExtensionError

    field = nodes.field(
        "", nodes.field_name("", "chapter"), nodes.field_body("", nodes.Text(chapter))
    )
    with pytest.raises(ExtensionError, match=r"book/x\.md: `chapter\.(difficulty|minutes)` is"):
        chapter_header.read_chapter("book/x", nodes.section("", field))


def test_parser_keeps_every_line_and_knows_its_number():
    text = CHAPTER.split("\n")
    for block in walk(parse(text, 1)):
        if block.kind == "text":
            assert text[block.line - 1].strip() == block.lines[0].strip()
        if block.kind == "directive":
            assert f"{{{block.name}}}" in text[block.line - 1]
    with pytest.raises(MystError, match=r"line 3: .*opens no directive"):
        parse(["a", "", "::: b", ":::"])


# ---------------------------------------------------------------- this book


def test_this_books_notebooks_are_what_their_pages_give():
    assert export(ROOT, "--check") == 0, "run `make notebooks`"


def test_this_books_notebooks_hold_no_myst():
    paths = sorted((ROOT / "book").rglob("*.ipynb"))
    assert paths
    for path in paths:
        truth = jupytext.read(path.with_suffix(".md")).cells
        code = [cell.source for cell in truth if cell.cell_type == "code"]
        ours = nbformat.read(path, as_version=4).cells
        assert {cell.source for cell in ours[1:] if cell.cell_type == "code"} <= set(code)
        nbformat.validate(nbformat.read(path, as_version=4))
        text = markdown(path)
        assert not re.search(r"\{[\w:]+\}`|`{3}\{|:::\{|^\(.+\)=$", text, re.MULTILINE), path


@pytest.mark.parametrize(
    ("stated", "now", "same"),
    [
        ("53.2", "53.2", True),
        ("53.2", "53.3", True),
        ("53.2", "53.4", False),
        ("-4,112", "-4,113", True),
        ("-4,112", "-4,114", False),
        ("0.022", "0.029", False),
        ("army, troops", "troops, army", False),
        (None, "53.2", False),
        (None, None, True),
    ],
)
def test_values_may_differ_by_one_unit_of_the_last_digit(stated, now, same):
    assert claimed_values.reads_the_same(stated, now) is same
