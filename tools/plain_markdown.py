"""Turn a page's MyST into the plain Markdown that Colab, JupyterLab and GitHub understand."""

import os
import re
from pathlib import Path

from book_pages import Book, Page
from claimed_values import formatted, read_use
from myst_blocks import INLINE, Block, MystError
from pybtex.database import BibliographyData
from pybtex.plugin import find_plugin

ADMONITIONS = {
    "note", "tip", "hint", "important", "seealso",
    "warning", "caution", "danger", "attention", "error",
}  # fmt: skip
TITLED = {"admonition", "dropdown", "card", "tab-item", "margin", "sidebar", "topic"}
TRANSPARENT = {"tab-set", "div", "container", "grid", "grid-item"}
DROPPED = {"bibliography", "contents", "exercise-end", "index", "solution", "tableofcontents"}
CODE = {"code", "code-block", "code-cell"}
CODE_ROLES = {"attr", "class", "code", "data", "exc", "file", "func", "meth", "mod", "obj"}
REMEDY = "write it another way, or teach tools/plain_markdown.py about it"


class Renderer:
    """Renders the blocks of one page, and remembers what it cites and lacks."""

    def __init__(self, book: Book, page: Page) -> None:
        self.book = book
        self.page = page
        self.folder = Path(page.name).parent
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
        """Render a directive by its family."""
        name = block.name
        if name in DROPPED:
            return ""
        if name in TRANSPARENT:
            return self.blocks(block.blocks)
        if name in CODE:
            return f"```{block.title or 'python'}\n{block.body}\n```"
        if name == "math":
            return _display(block.body.strip(), block.number)
        if name in ADMONITIONS or name in TITLED:
            return self.box(block)
        if name.startswith("prf:") or name in ("exercise", "exercise-start"):
            return self.statement(block)
        if name in ("figure", "glue:figure", "image", "table"):
            return self.figure(block)
        raise self.fail(block.line, f"there is no rule for the directive `{{{name}}}`", REMEDY)

    def box(self, block: Block) -> str:
        """Render an admonition as a quotation, or folded where the site folds it."""
        title, body = self.inline(block.title, block.line), self.blocks(block.blocks)
        if block.name in ADMONITIONS:  # what follows these names is text, not a title
            body = f"{title}\n{body}".strip()
            title = "See also" if block.name == "seealso" else block.name.capitalize()
        if block.name == "dropdown" or "dropdown" in str(block.options.get("class")).split():
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
        kind = block.name.removeprefix("prf:").removesuffix("-start").capitalize()
        title = f" ({self.inline(block.title, block.line)})" if block.title else ""
        head = f"**{f'{kind} {block.number}'.strip()}{title}.**"
        runs_in = re.match(r"[\w*$`(\[]", body) and not body.startswith(("$$", "```", "* "))
        text = f"{head} {body}" if runs_in else f"{head}\n\n{body}".rstrip()
        return _quote(text) if block.name.startswith("prf:") else text

    def figure(self, block: Block) -> str:
        """Render a figure or table with its caption; a glued figure is its cell's output."""
        body = self.blocks(block.blocks)
        if block.name == "table":
            title = self.inline(block.title, block.line)
            return f"**Table {block.number}.** {title}\n\n{body}" if title else body
        caption = f"**Figure {block.number}.** {body}" if block.number else body
        if block.name == "glue:figure":
            drawn = f'"{block.title}"' in self.code_above
            return caption if drawn else f"{caption} *(A cell further below draws it.)*"
        return f"![{block.options.get('alt', '')}]({self.file_url(block.title)})\n\n{caption}"

    def file_url(self, path: str) -> str:
        """Return the address of a file of the repository; Colab has no files beside a notebook."""
        if re.match(r"[a-z]+:", path):
            return path
        name = Path(os.path.normpath(self.folder / path)).as_posix()
        return f"{self.book.repository}/raw/{self.book.branch}/{name}"

    def inline(self, text: str, line: int) -> str:
        """Render the roles and links in a text; code and formulas stay as they are."""

        def replace(match: re.Match[str]) -> str:
            at = line + text.count("\n", 0, match.start())
            if match["role"]:
                return self.role(match["role"], " ".join(match["content"].split()), at)
            if match["substitution"]:
                raise self.fail(at, f"`{match[0]}` is a substitution", "write out its text")
            if match["link"]:
                return self.link(match, at)
            return "" if match["comment"] else match[0]

        return INLINE.sub(replace, text)

    def role(self, role: str, content: str, line: int) -> str:
        """Render a role by its family."""
        explicit = re.fullmatch(r"(.*?)\s*<([^<>]+)>", content)
        text, target = (explicit[1], explicit[2]) if explicit else ("", content)
        match role.removeprefix("py:"):
            case "eq" | "numref" | "prf:ref":
                return self.reference(target, text, line)
            case "ref":
                return self.reference(target, text, line, by_title=True)
            case "cite" | "cite:p" | "cite:t":
                return self.cite(content.split(","), role == "cite:t", line)
            case "doc":
                return self.page_link(target, text, line)
            case "term":
                return self.term(target, text or target)
            case "download":
                return f"[{text or Path(target).name}]({self.file_url(target)})"
            case "math":
                return f"${content}$"
            case "sub" | "sup" | "kbd":
                return f"<{role}>{content}</{role}>"
            case "abbr":
                return re.sub(r"\s*\(.*\)$", "", content)
            case "glue:text":
                return self.value(content)
            case "glue" | "glue:any" | "glue:md":
                raise self.fail(line, f"notebooks cannot show `{{{role}}}`", "use {glue:text}")
            case name if name in CODE_ROLES:
                return f"`{content.rsplit('.', 1)[-1] if content.startswith('~') else content}`"
        raise self.fail(line, f"there is no rule for the role `{{{role}}}`", REMEDY)

    def value(self, content: str) -> str:
        """Write out what a cell computed, as the site shows it; without a value, its name."""
        use = read_use(content, self.page.name)
        text = formatted(self.book.values, use)
        if text is None:
            self.unknown.add(use.name)
            return f"`{use.name}`"
        return re.sub(r"([\\`*_$<>\[\]])", r"\\\1", text)

    def reference(self, label: str, text: str, line: int, by_title: bool = False) -> str:
        """Word a reference as the site does; one to another page becomes a link."""
        if label not in self.book.labels:
            raise self.fail(line, f"no page defines the label `{label}`", "define or correct it")
        target = self.book.labels[label]
        by_title = by_title and bool(target.title) and not target.reference.startswith("Exercise")
        shown = text or (self.inline(target.title, line) if by_title else target.reference)
        number = target.reference.strip("()").rpartition(" ")[2]
        shown = shown.replace("%s", number).replace("{number}", number)
        if not shown:
            raise self.fail(line, f"`{label}` has no number and no title", "give a text for it")
        if target.page == self.page.name:
            return shown
        return f"[{shown}]({self.book.url(target.page, target.anchor)})"

    def term(self, term: str, shown: str) -> str:
        """Link a term to the glossary, if the book has one."""
        anchor = "term-" + re.sub(r"[^\w]+", "-", term)
        return (
            f"[{shown}]({self.book.url(self.book.glossary, anchor)})"
            if self.book.glossary
            else shown
        )

    def page_link(self, path: str, text: str, line: int) -> str:
        """Link to a page of the book, by its title unless `text` says otherwise."""
        name = path.removesuffix(".md")
        name = Path(
            os.path.normpath(name[1:] if name[0] == "/" else self.folder / name)
        ).as_posix()
        if name not in self.book.pages:
            raise self.fail(line, f"`{path}` is no page of _toc.yml", "correct the link")
        return f"[{text or self.book.pages[name].title}]({self.book.url(name)})"

    def link(self, match: re.Match[str], line: int) -> str:
        """Render a Markdown link or image that only the site can follow."""
        text, link = match["text"], match["link"]
        path, _, label = link.partition("#")
        if re.match(r"[a-z]+:", link):
            return match[0]
        if match["image"]:
            return f"![{text}]({self.file_url(link)})"
        if path.endswith(".md"):
            return self.page_link(path, self.inline(text, line), line)
        if label or link in self.book.labels:
            return self.reference(label or link, text, line, by_title=not link[0].isalpha())
        return f"[{text}]({self.file_url(link)})"

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
