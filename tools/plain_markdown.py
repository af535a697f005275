"""Turn a page's MyST into the plain Markdown that Colab, JupyterLab and GitHub understand."""

import posixpath
import re

from book_pages import Book, Page
from claimed_values import formatted, read_use
from myst_blocks import INLINE, Block, MystError
from pybtex.database import BibliographyData
from pybtex.plugin import find_plugin

from w2vlib.book.writing import write_text

ADMONITIONS = {"note", "tip", "hint", "important", "warning"}
REMEDY = "write it another way, or teach tools/plain_markdown.py about it"


class Renderer:
    """Renders the blocks of one page, and remembers what it cites and lacks."""

    def __init__(self, book: Book, page: Page) -> None:
        self.book = book
        self.page = page
        self.cited: set[str] = set()
        self.unknown: set[str] = set()  # values that the text states and nobody has committed
        self.code_above = ""  # of the cells so far; the notebook adds to it

    def fail(self, line: int, what: str, remedy: str) -> MystError:
        """Build the error that stops the export: the place, what is wrong, the way out."""
        return MystError(f"{self.page.name}.md, line {line}: {what}; {remedy}")

    def blocks(self, blocks: list[Block]) -> str:
        """Render blocks one after the other, a blank line between them."""
        parts = [_indent(self.block(block).strip("\n"), block.indent) for block in blocks]
        return "\n\n".join(part for part in parts if part.strip())

    def block(self, block: Block) -> str:
        """Render one block; comments say nothing to a reader."""
        match block.kind:
            case "text":
                return self.inline(block.body, block.line)
            case "code":
                return block.body
            case "math":
                return _display(block.body, block.number)
            case "directive":
                return self.directive(block)
            case "comment":
                return ""
        raise self.fail(block.line, f"there is no rule for `{block.title}`", REMEDY)

    def directive(self, block: Block) -> str:
        """Render a directive by its family; a solution stays on the site."""
        name = block.name
        if name == "solution":
            return ""
        if name in ADMONITIONS or name == "admonition":
            return self.box(block)
        if name.startswith("prf:") or name == "exercise":
            return self.statement(block)
        if name == "glue:figure":
            return self.figure(block)
        raise self.fail(block.line, f"there is no rule for the directive `{{{name}}}`", REMEDY)

    def box(self, block: Block) -> str:
        """Render an admonition as a quotation, or folded where the site folds it."""
        title, body = self.inline(block.title, block.line), self.blocks(block.blocks)
        if block.name in ADMONITIONS:  # what follows these names is text, not a title
            body = f"{title}\n{body}".strip()
            title = block.name.capitalize()
        if "dropdown" in block.options.get("class", "").split():
            return _details(title, body)
        return _quote(f"**{title}**\n\n{body}" if title else body)

    def statement(self, block: Block) -> str:
        """Render a theorem as a quotation, which shows its end; a proof folded; an exercise."""
        body = self.blocks(block.blocks)
        if block.name == "prf:proof":
            if block.blocks[:1] and block.blocks[0].kind != "text":
                # The site sets "Proof." before the first line, whatever that line is.
                raise self.fail(block.line, "the proof starts with no word", "write one")
            return _details("Proof", body)
        kind = block.name.removeprefix("prf:").capitalize()
        title = f" ({self.inline(block.title, block.line)})" if block.title else ""
        head = f"**{f'{kind} {block.number}'.strip()}{title}.**"
        runs_in = re.match(r"[\w*$`(\[]", body) and not body.startswith(("$$", "```", "* "))
        text = f"{head} {body}" if runs_in else f"{head}\n\n{body}".rstrip()
        return _quote(text) if block.name.startswith("prf:") else text

    def figure(self, block: Block) -> str:
        """Render the caption of a figure; the figure is the output of its cell."""
        body = self.blocks(block.blocks)
        caption = f"**Figure {block.number}.** {body}" if block.number else body
        drawn = f'"{block.title}"' in self.code_above
        return caption if drawn else f"{caption} *(A cell further below draws it.)*"

    def inline(self, text: str, line: int) -> str:
        """Render the roles in a text; code and formulas stay as they are."""

        def replace(match: re.Match[str]) -> str:
            at = line + text.count("\n", 0, match.start())
            if match["role"]:
                return self.role(match["role"], " ".join(match["content"].split()), at)
            if match["substitution"]:
                raise self.fail(at, f"`{match[0]}` is a substitution", "write out its text")
            if match["link"]:
                remedy = "use a role, or the full address"
                raise self.fail(at, f"`{match[0]}` leads nowhere from a notebook", remedy)
            return "" if match["comment"] else match[0]

        return INLINE.sub(replace, text)

    def role(self, role: str, content: str, line: int) -> str:
        """Render a role by its family."""
        match role:
            case "eq" | "numref" | "prf:ref" | "ref":
                return self.reference(role, content, line)
            case "cite:p" | "cite:t":
                return self.cite(content.split(","), role == "cite:t", line)
            case "doc":
                return self.page_link(content, line)
            case "glue:text":
                return self.value(content)
        raise self.fail(line, f"there is no rule for the role `{{{role}}}`", REMEDY)

    def value(self, content: str) -> str:
        """Write out what a cell computed, as the site shows it; without a value, its name."""
        use = read_use(content, self.page.name)
        text = formatted(self.book.values.get(use.page, {}), use)
        if text is None:
            self.unknown.add(use.name)
            return f"`{use.name}`"
        return re.sub(r"([\\`*_$<>\[\]])", r"\\\1", write_text(text))

    def reference(self, role: str, label: str, line: int) -> str:
        """Word a reference as the site does; one to another page becomes a link."""
        if label not in self.book.labels:
            raise self.fail(line, f"no page defines the label `{label}`", "define or correct it")
        target = self.book.labels[label]
        if not target.reference:
            raise self.fail(line, f"`{label}` has no number", "say in words what is meant")
        if role == "ref" and not target.reference.startswith("Exercise"):
            remedy = "use {eq}, {numref} or {prf:ref}"
            raise self.fail(line, f"`{{ref}}` shows no number of `{label}`", remedy)
        if target.page == self.page.name:
            return target.reference
        return f"[{target.reference}]({self.book.url(target.page, target.anchor)})"

    def page_link(self, content: str, line: int) -> str:
        """Link to a page of the book, by its title or by the text before `<page>`."""
        explicit = re.fullmatch(r"(.*?)\s*<([^<>]+)>", content)
        text, path = explicit.groups() if explicit else ("", content)
        folder = posixpath.dirname(self.page.name)
        name = posixpath.normpath(posixpath.join(folder, path)).strip("/").removesuffix(".md")
        if name not in self.book.pages:
            raise self.fail(line, f"`{path}` is no page of _toc.yml", "correct the link")
        return f"[{text or self.book.pages[name].title}]({self.book.url(name)})"

    def cite(self, keys: list[str], in_text: bool, line: int) -> str:
        """Cite by authors and year."""
        cites = []
        for key in (key.strip() for key in keys):
            if key not in self.book.bibliography.entries:
                raise self.fail(
                    line, f"`{key}` is in no bibliography", "add it or correct the key"
                )
            self.cited.add(key)
            names, year = _names_and_year(self.book.bibliography, key)
            cites.append(f"{names} ({year})" if in_text else f"{names}, {year}")
        return ", ".join(cites) if in_text else f"({'; '.join(cites)})"


def reference_list(bibliography: BibliographyData, keys: set[str]) -> str:
    """Write out the cited works, in the order of their short forms."""
    short = {key: ", ".join(_names_and_year(bibliography, key)) for key in keys}
    style = find_plugin("pybtex.style.formatting", "unsrt")()
    backend = find_plugin("pybtex.backends", "markdown")()
    lines = ["## References", ""]
    for entry in style.format_bibliography(bibliography, sorted(keys, key=lambda key: short[key])):
        full = re.sub(r"\\([.()\-])", r"\1", entry.text.render(backend)).replace("\n", " ")
        lines.append(f"- **{short[entry.key]}.** {full}")
    return "\n".join(lines)


def _names_and_year(bibliography: BibliographyData, key: str) -> tuple[str, str]:
    """Return "Levy and Goldberg" and "2014"; a letter tells two works of one year apart."""
    names, year = _short(bibliography, key)
    twins = [
        other for other in bibliography.entries if _short(bibliography, other) == (names, year)
    ]
    return names, year + ("abcdefghij"[twins.index(key)] if len(twins) > 1 else "")


def _short(bibliography: BibliographyData, key: str) -> tuple[str, str]:
    entry = bibliography.entries[key]
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [
        " ".join(str(part) for part in (*person.rich_prelast_names, *person.rich_last_names))
        for person in people
    ]
    shown = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return shown or key, entry.fields.get("year", "n.d.")


def _display(body: str, number: str) -> str:
    """Write a display formula; as Sphinx does, split one of several lines without environment."""
    if "\\\\" in body and "\\begin{" not in body:
        body = f"\\begin{{split}}\n{body}\n\\end{{split}}"
    tag = f" \\tag{{{number}}}" if number else ""
    return f"$$\n{body}{tag}\n$$"


def _quote(text: str) -> str:
    """Write a quotation; each formula goes on one line, lest the `>` become part of it."""

    def on_one_line(math: re.Match[str]) -> str:
        return " ".join(re.sub(r"(?<!\\)%.*", "", math[0]).split())

    text = re.sub(r"\$\$.*?\$\$", on_one_line, text, flags=re.DOTALL)
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _details(title: str, body: str) -> str:
    return f"<details>\n<summary><b>{title}</b></summary>\n\n{body}\n\n</details>"


def _indent(text: str, indent: str) -> str:
    return "\n".join(indent + line if line else line for line in text.split("\n"))
