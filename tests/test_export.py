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

import build_book
import claimed_values
import export_notebooks
import jupytext
import nbformat
import pytest
import yaml
from book_pages import read_book
from IPython.core.interactiveshell import InteractiveShell
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from myst_blocks import parse, walk
from support import ROOT

BOOK = read_book(ROOT)
CHAPTERS = [page for page in BOOK.pages.values() if page.is_notebook]

FRONT = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
chapter: {difficulty: introductory}
---
"""
BIBLIOGRAPHY = """\
@article{three, author={Karkada, Dhruva and Simon, James B. and Bahri, Yasaman},
  title={Closed form}, journal={arXiv}, year={2025}, eprint={2502.09863}, archiveprefix={arXiv}}
@inproceedings{two, author={Levy, Omer and Goldberg, Yoav}, title={Neural},
  booktitle={NeurIPS}, year={2014}}
@misc{twin-a, author={Mikolov, Tom{\\'a}{\\v s} and A, B and C, D}, title={First}, year={2013}}
@misc{twin-b, author={Mikolov, Tom{\\'a}{\\v s} and E, F and G, H}, title={Second}, year={2013}}
"""
# All that the site numbers, out of step, so that no counter can stand for another.
CHAPTER = r"""
# Chapter @

## A section

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
glue("low-@", -322.33, display=False)
glue("tiny-@", 2.05e-10, display=False)
glue("words-@", "it's *a* snake_case_word, [x](y), $5$ <b> `c`", display=False)
```
A line just below.

```{glue:figure} picture-@
:name: fig-@-one
The first figure.
```

```{code-cell} ipython3
---
tags: [hide-input]
---
# %% a comment that looks like a cell
"text"
```

```{glue:figure} picture-@
:name: fig-@-two
The second figure.
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

```python
secret = "SECRET"
```
````

```{exercise}
:label: ex-@-2
:nonumber:
Unnumbered.
```

```{exercise} Again
:label: ex-@-3
More.
```

$$ u = v $$ (eq-@-last)

Refs: {eq}`eq-@-in-theorem` {eq}`eq-@-in-proof` {eq}`eq-@-in-list` {eq}`eq-@-in-note`
{eq}`eq-@-last`; {numref}`fig-@-one` {numref}`fig-@-two`; {prf:ref}`thm-@-b`
{ref}`ex-@-1` {numref}`ex-@-3`.

Far: {eq}`eq-§-last` {numref}`fig-§-two` {prf:ref}`thm-§-b` {ref}`ex-§-3`
{doc}`/book/words` {doc}`back <../words>`.

Values: {glue:text}`share-@:.1f` {glue:text}`share-@:.0f` {glue:text}`share-@`
{glue:text}`tokens-@:,` {glue:text}`tokens-@:.3g` {glue:text}`words-@`
{glue:text}`low-@:.0f` {glue:text}`tiny-@:.0e`.
"""


def write_book(root, chapters, appendices=()):
    """Write a book around `chapters`, with the project's own configuration of numbers."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["execute"] = {"execute_notebooks": "cache", "raise_on_error": True}
    del config["logo"], config["html"]["favicon"]
    ours = ("chapter_header", "glued_numbers")
    config["sphinx"]["local_extensions"] = dict.fromkeys(ours, str(ROOT / "book" / "_ext"))
    for name in ("html_static_path", "html_css_files", "html_js_files", "mathjax_path"):
        config["sphinx"]["config"].pop(name, None)
    names = [f"book/0{number}-part/01-chapter" for number in range(1, len(chapters) + 1)]
    parts = [{"caption": "Words", "chapters": [{"file": "book/words"}]}]
    parts += [{"caption": name, "numbered": True, "chapters": [{"file": name}]} for name in names]
    files = {f"{name}.md": FRONT + text for name, text in zip(names, chapters, strict=True)}

    beside = [f"book/more/appendix-{number}" for number in range(len(appendices))]
    more = {"caption": "More", "chapters": [{"file": name} for name in beside]}
    parts += [more | {"numbered": True, "style": "alphaupper"}] * bool(beside)
    front = FRONT.replace("{difficulty", "{kind: appendix, difficulty")
    files |= {f"{name}.md": front + text for name, text in zip(beside, appendices, strict=True)}
    files |= {
        "_config.yml": yaml.safe_dump(config),
        "_toc.yml": yaml.safe_dump({"format": "jb-book", "root": "book/intro", "parts": parts}),
        "book/references.bib": BIBLIOGRAPHY,
        "book/words.md": "# Words\n",
        "book/intro.md": "# Intro\n\n```{tableofcontents}\n```\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return [root / f"{name}.ipynb" for name in [*names, *beside]]


def export(root, *arguments):
    return export_notebooks.main(["--root", str(root), *arguments])


def write_chapter(root, text):
    """Write and export a book of one chapter; return its notebook's path."""
    (path,) = write_book(root, [f"# T\n\n{text}"])
    assert export(root) == 0
    return path


def sources(path, kind):
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == kind]


def markdown(path):
    return "\n\n".join(sources(path, "markdown"))


def exported(root, text):
    """Return the Markdown of a chapter that has `text` for a body, its title taken off."""
    return markdown(write_chapter(root, text)).split("\n\n", 2)[2]


# ---------------------------------------------------------------- against the site


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A book of the sample twice, each referring to the other, and twice as an appendix."""
    root = tmp_path_factory.mktemp("book")
    pairs = (("a", "b"), ("b", "d"), ("c", "a"), ("d", "c"))
    pages = [CHAPTER.replace("@", own).replace("§", other) for own, other in pairs]
    notebooks = write_book(root, pages[:2], pages[2:])
    assert export(root) == 0
    return root, notebooks


@pytest.fixture(scope="module")
def built(sample):
    """The sample book after a build, its notebooks with the values of the build."""
    root, _ = sample
    build(root)
    claimed_values.record(root, root / "_build/jupyter_execute")
    assert export(root) == 0
    return sample


def build(root):
    program = Path(sys.executable).parent / "jupyter-book"
    command = [program, "build", root, "-W", "-n", "--keep-going"]
    environment = build_book.build_environment(ROOT)  # the extensions import from tools/
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def page_of(root, notebook):
    """Return the article of the page beside which `notebook` lies."""
    page = root / "_build" / "html" / notebook.relative_to(root).with_suffix(".html")
    text = page.read_text(encoding="utf-8")
    return text[text.index("<article") : text.index("</article>")]


def paragraph(text, start):
    (found,) = re.findall(rf"^(?:<p>)?({start}.*?)(?:</p>|\n\n|\Z)", text, re.DOTALL | re.M)
    return found


def plain(fragment):
    """Strip tags and the signs of permanent links."""
    text = re.sub(r'<a class="headerlink".*?</a>', "", fragment, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())


@pytest.mark.build
def test_numbers_titles_references_and_values_are_the_sites(built):
    root, notebooks = built
    for notebook in notebooks:
        page, text = page_of(root, notebook), markdown(notebook)
        outside = re.sub(r'<div class="solution.*?</section>', "", page, flags=re.DOTALL)
        equations = re.findall(r'<span class="eqno">\(([AB\d.]+)\)', outside)
        assert len(equations) == 5
        assert re.findall(r"\\tag\{([AB\d.]+)\}", text) == equations

        caption = r'<span class="caption-number">(.*?)</(?:p|figcaption)>'
        captions = [plain(found) for found in re.findall(caption, page, re.DOTALL)]
        assert len(captions) == 6
        bold = r"\*\*((Theorem|Figure|Exercise) [AB\d.]+\d)(.*?)\.\*\*(.*)"
        assert captions == [
            number + title + (rest if kind == "Figure" else "")
            for number, kind, title, rest in re.findall(bold, text)
        ]
        heading = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1]
        assert f"# {plain(heading)}\n" in text
        for start in ("Refs:", "Far:", "Values:"):
            ours = MarkdownIt().use(dollarmath_plugin).render(paragraph(text, start))
            on_site = plain(paragraph(page, start))
            assert plain(ours) == on_site.replace("’", "'")  # Sphinx bends apostrophes
        assert "53.2 53 53.19563522992985" in on_site and on_site.endswith(" −322 2×10⁻¹⁰.")


@pytest.mark.build
def test_header_links_and_measured_time_survive_the_cache(built):
    root, notebooks = built
    url = yaml.safe_load((root / "_config.yml").read_text())["repository"]["url"]
    slug = url.removeprefix("https://github.com/")

    def header():
        return re.search(r'<p class="chapter-header">(.*?)</p>', page_of(root, notebooks[0]))[1]

    fresh = header()
    path = "book/01-part/01-chapter.ipynb"
    assert f"https://colab.research.google.com/github/{slug}/blob/main/{path}" in fresh
    assert f"https://mybinder.org/v2/gh/{slug}/main?urlpath=lab/tree/{path}" in fresh
    download = re.search(r'href="([^"]+\.ipynb)"[^>]*><span>Download', fresh)[1]
    assert "introductory" in fresh and "reading about 5 min, exercises about 25 min" in fresh
    seconds = int(re.search(r"runs in (\d+) s", fresh)[1])
    assert 2 <= seconds < 60  # its cell sleeps two seconds

    for name in ("html", ".doctrees"):
        shutil.rmtree(root / "_build" / name)
    build(root)
    assert header() == fresh
    folder = root / "_build" / "html" / "book" / "01-part"
    assert (folder / download).read_bytes() == notebooks[0].read_bytes()
    edit = f'href="{url}/edit/main/book/01-part/01-chapter.md"'  # outside the article
    assert edit in (folder / "01-chapter.html").read_text(encoding="utf-8")


# ---------------------------------------------------------------- cells


def check_against_source(source, text):
    """Compare a notebook's text with its page: the code of the page, no MyST, no solution."""
    ours = nbformat.reads(text, as_version=4)
    nbformat.validate(ours)
    truth = jupytext.reads(source, "md:myst").cells
    expected = [(cell.source, cell.metadata) for cell in truth if cell.cell_type == "code"]
    code = [cell for cell in ours.cells if cell.cell_type == "code"]
    assert [(cell.source, cell.metadata) for cell in code[1:]] == expected
    assert not any(cell.outputs for cell in code)
    words = "\n\n".join(cell.source for cell in ours.cells if cell.cell_type == "markdown")
    assert not re.search(r"\{[\w:]+\}`|`{3}\{|:::\{|^\(.+\)=$", words, re.MULTILINE)
    solutions = re.findall(r"\{solution\} \S+\n(?::.*\n)*\s*(.+)", source)
    assert solutions or "kind: appendix" in source
    assert not any(first in text for first in solutions)
    return words


def test_the_sample_notebook_has_its_pages_code_and_text_and_no_solution(sample):
    path = sample[1][0]
    words = check_against_source(path.with_suffix(".md").read_text(), path.read_text())
    assert "A line just below." in words
    assert "SECRET" not in path.read_text()


def test_first_cell_installs_the_library_in_colab_only(sample, monkeypatch):
    guard = sources(sample[1][0], "code")[0]
    shell, called = InteractiveShell(), []
    shell.register_magic_function(called.append, magic_name="pip")
    shell.run_cell(guard).raise_error()
    assert called == []
    monkeypatch.setitem(sys.modules, "google.colab", object())
    shell.run_cell(guard).raise_error()
    assert called == [f'install -q "w2vlib @ git+{BOOK.repository}@main"']


EXERCISE = ":::{exercise} %s\n:label: e%s\nWhat?\n:::\n\n"
SOLUTION = ":::{solution} e%s\nSECRET\n\n```{note}\nSECRET\n```\n:::\n\n"
HERE = "```{code-cell}\n1  # here\n```\n\n"


def test_every_exercise_and_section_is_a_cell_and_has_a_place_for_the_answer(tmp_path):
    blocks = [
        "## Exercises\n\n",
        *[EXERCISE % ("A", 1), "% a comment\n\n", SOLUTION % 1, HERE],
        *[EXERCISE % ("B", 2), "A word.\n\n", HERE],
        *[EXERCISE % ("C", 3), EXERCISE % ("D", 4), HERE, SOLUTION % 4, "## More\n\n"],
        *[EXERCISE % ("E", 5), SOLUTION % 5],
        "## Last\ntext\n\n```python\n\n## no heading\n```\n\n### Below\n## End",
    ]
    path = write_chapter(tmp_path, "".join(blocks))
    answer = "*Your answer:*"
    cells = nbformat.read(path, as_version=4).cells
    assert [cell.source.split("\n")[0] for cell in cells[2:]] == [
        "## Exercises",
        *["**Exercise 1.1 (A).** What?", "1  # here"],
        *["**Exercise 1.2 (B).** What?", answer, "A word.", "1  # here"],
        *["**Exercise 1.3 (C).** What?", answer],
        *["**Exercise 1.4 (D).** What?", "1  # here"],
        "## More",
        *["**Exercise 1.5 (E).** What?", answer],
        *["## Last", "## End"],
    ]


# ---------------------------------------------------------------- text


FIGURE = "```{glue:figure} map\n:name: fig-map\nA *map*.\n```"
UNTOUCHED = """\
```python
# [a](b.md) and $$
```

``{eq} is code``, `$x$ [a](b.md)`; $f[i](x)$ and \\$5 and [x] [y](https://a.b)"""


@pytest.mark.parametrize(
    ("source", "plain_markdown"),
    [
        ("````{note}\n```{tip} In.\n```\n````", "> **Note**\n>\n> > **Tip**\n> >\n> > In."),
        (
            "```{admonition} Folded\n:class: dropdown\nText.\n```",
            "<details>\n<summary><b>Folded</b></summary>\n\nText.\n\n</details>",
        ),
        (  # a `>` inside a formula would be typeset
            "```{note}\n$$\na % why\n= b\n$$ (eq-x)\n```",
            "> **Note**\n>\n> $$ a = b \\tag{1.1} $$",
        ),
        ("$$a \\\\ b$$", "$$\n\\begin{split}\na \\\\ b\n\\end{split}\n$$"),
        ("A <!-- cited --> b\n% a comment\n<!-- and\nanother -->\nc", "A b\n\nc"),
        (UNTOUCHED, UNTOUCHED),
        (FIGURE, "**Figure 1.1.** A *map*. *(A cell further below draws it.)*"),
        (f'```{{code-cell}}\nclaim("map", 1)\n```\n{FIGURE}', "**Figure 1.1.** A *map*."),
    ],
)
def test_myst_becomes_plain_markdown(tmp_path, source, plain_markdown):
    assert exported(tmp_path, source) == plain_markdown


def test_citations_and_their_list(tmp_path):
    text = exported(
        tmp_path, "{cite:p}`three,two`; {cite:t}`two` say; {cite:p}`twin-a`, {cite:t}`twin-b`."
    )
    body, references = text.split("\n\n## References\n\n")
    assert body == (
        "(Karkada et al., 2025; Levy and Goldberg, 2014); Levy and Goldberg (2014) say; "
        "(Mikolov et al., 2013a), Mikolov et al. (2013b)."
    )
    (three, two, twin_a, twin_b) = references.split("\n")
    assert three.startswith("- **Karkada et al., 2025.** ")
    assert "[arXiv:2502.09863](https://arxiv.org/abs/2502.09863)" in three
    assert two.startswith("- **Levy and Goldberg, 2014.** ")
    assert twin_a.startswith("- **Mikolov et al., 2013a.** ") and "Tomáš Mikolov" in twin_a
    assert twin_b.startswith("- **Mikolov et al., 2013b.** ")


def test_links_go_to_the_site_if_there_is_one(tmp_path):
    path = write_chapter(tmp_path, "{doc}`../words`")
    config = yaml.safe_load((tmp_path / "_config.yml").read_text())
    config["html"]["baseurl"] = "https://example.org/site/"
    (tmp_path / "_config.yml").write_text(yaml.safe_dump(config))
    assert export(tmp_path) == 0
    assert "[Words](https://example.org/site/book/words.html)" in markdown(path)
    assert "](https://example.org/site/book/01-part/01-chapter.html)" in markdown(path)


@pytest.mark.parametrize(
    ("source", "place", "what"),
    [
        ("Text.\n\n```{wonder}\n```", "line 11", "{wonder}"),
        ("```{note}\n:class: tip\n\nHm.\n\n{wonder}`x`\n```", "line 14", "{wonder}"),
        ("(target)=\n## A", "line 9", "(target)="),
        ("a {{ key }} b", "line 9", "{{ key }}"),
        ("See\n[it](there.md).", "line 10", "[it](there.md)"),
        ("$$x$$ (a)\n\n{ref}`a`", "line 11", "{numref}"),
        ("```{note}\nNever closed.", "line 9", "```{note}"),
        ("- ```{note}\n  Hm.\n  ```", "line 9", "- ```{note}"),
        ("$$\nx", "line 9", "`$$`"),
        ("Text:\n$$x$$", "line 10", "`$$`"),
        ("```{prf:proof}\n$$x$$\n```", "line 9", "proof"),
        ("`{eq}`", ".md", "{eq}`"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_its_place(tmp_path, capsys, source, place, what):
    write_book(tmp_path, [f"# T\n\n{source}"])
    assert export(tmp_path) == 2
    said = capsys.readouterr().err
    assert "book/01-part/01-chapter.md" in said
    assert place in said and what in said


def test_parser_keeps_every_line():
    text = CHAPTER.split("\n")
    blocks = [block for block in walk(parse(text)) if block.kind in ("text", "directive")]
    lost = set(text) - {line for block in blocks for line in block.lines}
    assert all(re.match(r" *\$\$|[`:]{3}|:\w+:|---|tags:", line) for line in lost), lost


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
        ({"share": 1.25, "word": "x"}, {"share": 2, "word": "y", "more": 0}, "2.0, y"),
        ({"share": 1.25, "word": "x"}, {"share": 2}, "1.2, x"),  # of an older text
        (None, {"share": "no number", "word": "y"}, "`share`, y"),
    ],
)
def test_the_notebook_states_the_values_of_the_last_build(
    tmp_path, capsys, committed, computed, shown
):
    write_values(tmp_path, committed, computed)
    text = "{glue:text}`share:.1f`, {glue:text}`word`"
    assert exported(tmp_path, text) == shown
    assert ("share" in capsys.readouterr().err) == ("`" in shown)
    assert export(tmp_path, "--check") == 0


def test_values_that_read_as_before_and_names_of_no_text(tmp_path):
    write_values(tmp_path, {"share": 1.25, "old": 1}, {"share": 1.2400001, "more": 2, "deep": 3})
    rest = "```{solution} e\n{glue:text}`deep`\n```\n\n% {glue:text}`more`"
    exported(tmp_path, "{glue:text}`share:.1f`\n\n" + rest)
    assert stored(tmp_path) == {"share": 1.25, "deep": 3}
    exported(tmp_path, "{glue:text}`share:.1f`, exactly {glue:text}`share:.3f`")
    assert stored(tmp_path) == {"share": 1.2400001}


def test_a_value_of_another_page(tmp_path, capsys):
    """Only that page's build knows it, and it stays while any page shows it."""
    elsewhere = "book/02-part/01-chapter"
    (tmp_path / "_build").mkdir()
    computed = {elsewhere: {"share": 1.25, "more": 2}}
    (tmp_path / "_build" / "values.json").write_text(json.dumps(computed))
    text = "# T\n\n{glue:text}`../02-part/01-chapter.md::share:.1f`"
    write_book(tmp_path, [text, "# U\n"])
    assert export(tmp_path) == 0
    notebook = nbformat.read(tmp_path / "book/01-part/01-chapter.ipynb", as_version=4)
    assert any("1.2" in cell.source.split() for cell in notebook.cells)
    assert json.loads((tmp_path / "book/values.json").read_text()) == {elsewhere: {"share": 1.25}}
    assert export(tmp_path, "--check") == 0
    write_book(tmp_path, [text.replace("share", "shade"), "# U\n"])
    assert export(tmp_path) == 0
    assert "shade" in capsys.readouterr().err


def test_check_uses_the_committed_values_and_writes_none(tmp_path, capsys):
    write_values(tmp_path, {"share": 1.25})
    exported(tmp_path, "{glue:text}`share:.1f`")
    write_values(tmp_path, computed={"share": 9})
    assert export(tmp_path, "--check") == 0
    assert stored(tmp_path) == {"share": 1.25}
    write_values(tmp_path, {"share": 9})
    assert export(tmp_path, "--check") == 1
    (tmp_path / "book" / "values.json").write_text("<<<<<<<")
    assert export(tmp_path, "--check") == 2
    assert "values.json" in capsys.readouterr().err


def test_values_may_differ_by_one_unit_of_the_last_digit():
    same = claimed_values.reads_the_same
    assert same("53.2", "53.3") and not same("53.2", "53.4")
    assert same("-4,112", "-4,113") and not same("-4,112", "-4,114")
    assert same(None, None) and not same(None, "53.2")
    assert not same("army, troops", "troops, army")


# ---------------------------------------------------------------- files


def test_same_source_same_bytes_and_check_writes_nothing(tmp_path, capsys):
    path = write_chapter(tmp_path, HERE + HERE)  # the ids of equal cells must differ
    first = path.read_bytes()
    nbformat.validate(nbformat.read(path, as_version=4))
    assert first.endswith(b"}\n") and b"\r" not in first
    path.unlink()
    assert export(tmp_path, "--check") == 1 and not path.exists()
    assert write_chapter(tmp_path, HERE + HERE).read_bytes() == first

    write_book(tmp_path, ["# T\n\n```{code-cell}\n0\n```\n\n" + HERE + HERE])
    assert export(tmp_path, "--check") == 1
    assert "book/01-part/01-chapter.ipynb" in capsys.readouterr().err
    assert path.read_bytes() == first
    assert export(tmp_path) == 0
    ids = [
        {cell["id"] for cell in json.loads(text)["cells"]} for text in (first, path.read_text())
    ]
    assert len(ids[1] - ids[0]) == 1, "an edit changes other cells"


def test_the_record_of_a_build_holds_texts_and_numbers_but_no_figures(tmp_path):
    outputs = {
        "count": {"data": {"text/plain": "3"}},
        "other": {"data": {"text/plain": "tensor(1.)"}},
        "figure": {"data": {"text/plain": "<Figure with 1 Axes>", "image/png": "iVBO"}},
    }
    file = tmp_path / "_build" / "jupyter_execute" / "book" / "part" / "01-a.b.glue.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(outputs))
    claimed_values.record(tmp_path, tmp_path / "_build/jupyter_execute")
    found = claimed_values.read(tmp_path / claimed_values.COMPUTED)
    assert found == {"book/part/01-a.b": {"count": 3, "other": "tensor(1.)"}}


def test_orphans_are_reported_then_removed_and_foreign_notebooks_stay(tmp_path, capsys):
    path = write_chapter(tmp_path, "Text.")
    orphan, foreign = path.with_name("old.ipynb"), path.with_name("mine.ipynb")
    orphan.write_bytes(path.read_bytes())
    foreign.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    assert export(tmp_path, "--check") == 1
    assert "old.ipynb" in capsys.readouterr().err and orphan.exists()
    assert export(tmp_path) == 0
    assert not orphan.exists() and foreign.exists()


# ---------------------------------------------------------------- this book


def test_this_books_notebooks_are_what_their_pages_give():
    assert export(ROOT, "--check") == 0, "run `make notebooks`"


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.name.rpartition("/")[2])
def test_a_notebook_of_this_book_has_its_pages_code_and_no_solution_and_links_to_pages(page):
    source = (ROOT / f"{page.name}.md").read_text(encoding="utf-8")
    words = check_against_source(source, export_notebooks.notebook(BOOK, page))
    links = re.findall(
        rf"\]\({re.escape(f'{BOOK.repository}/blob/{BOOK.branch}/')}([^)#]+)", words
    )
    assert links and all((ROOT / link).exists() for link in links)
