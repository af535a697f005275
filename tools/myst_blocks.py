"""Cut a MyST Markdown page into blocks, each with the line it starts on.

MyST's own parser says where directives and formulas begin and end; what lies between them is text
and keeps every line as it is. INLINE finds the roles in it.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docutils.parsers.rst.directives.misc import TestDirective
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

EXTENSIONS = {"amsmath", "colon_fence", "deflist", "dollarmath", "substitution"}
# The site knows no `$$` within a paragraph and shows it as text; here it is read, to be refused.
CONFIG = MdParserConfig(enable_extensions=EXTENSIONS, dmath_double_inline=True)
MYST = create_md_parser(CONFIG, RendererHTML)
KINDS = {
    "fence": "code", "colon_fence": "code", "math_block": "math", "math_block_label": "math",
    "myst_line_comment": "comment",
}  # fmt: skip
TEXT = {
    "paragraph_open", "heading_open", "bullet_list_open", "ordered_list_open", "blockquote_open",
    "table_open", "hr", "html_block", "code_block",
}  # fmt: skip
NAME = re.compile(r"\{([^{}`]+)\}\s*(.*)")  # of a directive, and what follows it
INLINE = re.compile(
    r"(?P<escape>\\.)"
    r"|\{(?P<role>[A-Za-z][\w:.+-]*)\}(?P<ticks>`+)(?P<content>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|(?P<code>(?P<fence>`+)(?!`).+?(?<!`)(?P=fence)(?!`))"
    r"|(?P<math>\$[^$]+\$)"
    r"|(?P<comment> ?<!--.*?-->)"
    r"|(?P<link>\[[^\[\]]*\]\((?!https?:)[^()\s]+\))"
    r"|(?P<substitution>\{\{.*?\}\})",
    re.DOTALL,
)


class MystError(ValueError):
    """Something in a page that cannot become part of a notebook."""


@dataclass
class Block:
    """One block of a page; `lines` is its body without fences and options."""

    kind: str  # text, code, math, directive, or the parser's name for what is none of these
    line: int
    lines: list[str] = field(default_factory=list)
    indent: str = ""
    name: str = ""  # of the directive
    title: str = ""  # what follows the directive's name
    label: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)
    number: str = ""  # as the site shows it; the exporter fills it in

    @property
    def body(self) -> str:
        """The body as one string."""
        return "\n".join(self.lines)


def walk(blocks: list[Block]) -> Iterator[Block]:
    """Yield every block in the order of the page, each before what it contains."""
    for block in blocks:
        yield block
        yield from walk(block.blocks)


def parse(lines: list[str], first_line: int = 1) -> list[Block]:
    """Cut `lines` into blocks; `first_line` is the number of the first line in its file."""
    blocks: list[Block] = []
    done = 0  # lines that are in a block

    def add_text(end: int) -> None:
        if any(line.strip() for line in lines[done:end]):
            blocks.append(Block("text", first_line + done, lines[done:end]))

    for token in MYST.parse("\n".join(lines)):
        if not token.map or token.map[0] < done:
            continue
        if token.type == "inline":
            _refuse_dollars(token, lines, first_line)
        elif token.type in KINDS or (token.level == 0 and token.type not in TEXT):
            begin, end = token.map
            add_text(begin)
            blocks.append(_block(token, lines[begin:end], first_line + begin))
            done = end
    add_text(len(lines))
    return blocks


def _refuse_dollars(token: Token, lines: list[str], first_line: int) -> None:
    """Refuse `$$` that the site takes for text: within a paragraph, or never closed."""
    for child in token.children or []:
        if "$$" in (child.content if child.type == "text" else child.markup):
            line = next(n for n in range(*token.map or ()) if "$$" in lines[n])
            remedy = "close it, and put blank lines around the formula"
            raise MystError(f"line {first_line + line}: `$$` here is no formula; {remedy}")


def _block(token: Token, lines: list[str], line: int) -> Block:
    first = lines[0].strip()
    kind = KINDS.get(token.type, token.type)
    if kind not in ("code", "math"):
        return Block(kind, line, lines, title=first)
    if not first.startswith(token.markup):
        remedy = "start it on the next line, indented"
        raise MystError(f"line {line}: `{first}` hides its beginning in a list; {remedy}")
    indent = lines[0][: -len(lines[0].lstrip())]
    if kind == "math":
        body = textwrap.dedent(token.content).strip().split("\n")
        return Block("math", line, body, indent, label=token.info)
    if len(lines) == 1 or not re.fullmatch(rf"\s*{token.markup}+\s*", lines[-1]):
        raise MystError(f"line {line}: the fence `{first}` is never closed; add {token.markup}")
    if not (name := NAME.fullmatch(token.info.strip())):
        if token.markup[0] == ":":
            raise MystError(f"line {line}: `{first}` opens no directive; write :::{{name}}")
        return Block("code", line, [first, *token.content.splitlines(), token.markup], indent)
    is_cell = name[1] == "code-cell"  # its options are YAML, those of others are texts
    read = parse_directive_text(TestDirective, "", token.content, validate_options=not is_cell)
    if read.warnings:
        raise MystError(f"line {line}: `{first}`: {read.warnings[0].msg}; correct the options")
    label = read.options.get("label") or read.options.get("name", "")
    inside = [] if is_cell else parse(read.body, line + 1 + read.body_offset)
    title, options = name[2], read.options
    return Block("directive", line, read.body, indent, name[1], title, label, options, inside)
