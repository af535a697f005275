"""Cut a MyST Markdown page into blocks, each with the line it starts on.

A full MyST parser throws the source away; the exporter wants to keep every line that it does not
change. So this one goes line by line and knows only what begins and ends a block: fences, display
math, targets, cell breaks and comments. What lies between is text; INLINE finds the roles and
links in it.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

FENCE = re.compile(r"^(\s*)(`{3,}|~{3,}|:{3,})(?:\{([^}`]+)\})?\s*([^`]*)$")
MATH = re.compile(r"^(\s*)\$\$(.*)$")
MATH_END = re.compile(r"^(.*?)\$\$\s*(?:\(([^()\s]+)\))?\s*$")
ENVIRONMENT = re.compile(r"^(\s*)\\begin\{([a-z]+\*?)\}")
IN_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:`{3,}|~{3,}|:{3,})\{")
TARGET = re.compile(r"^\(([^()\s]+)\)=\s*$")
OPTION = re.compile(r"^:([\w-]+):\s*(.*)$")
INLINE = re.compile(
    r"(?P<escape>\\.)"
    r"|\{(?P<role>[A-Za-z][\w:.+-]*)\}(?P<ticks>`+)(?P<content>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|(?P<code>(?P<fence>`+)(?!`).+?(?<!`)(?P=fence)(?!`))"
    r"|(?P<display>\$\$)"
    r"|(?P<math>\$[^$]+\$)"
    r"|(?P<comment> ?<!--.*?-->)"
    r"|(?P<image>!?)\[(?P<text>[^\[\]]*)\]\((?P<link>[^()\s]+)\)"
    r"|(?P<substitution>\{\{.*?\}\})",
    re.DOTALL,
)
VERBATIM = {"code-cell", "code", "code-block", "math", "glossary", "raw"}


class MystError(ValueError):
    """Something in a page that cannot become part of a notebook."""


@dataclass
class Block:
    """One block of a page; `lines` is its body without fences and options."""

    kind: str  # text, code, math, environment, target, break, comment or directive
    line: int
    lines: list[str] = field(default_factory=list)
    indent: str = ""
    name: str = ""  # of the directive, the target or the LaTeX environment
    title: str = ""  # what follows the directive's name
    label: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)
    number: str = ""  # as the site shows it; the exporter fills it in

    @property
    def body(self) -> str:
        """The body as one string."""
        return "\n".join(self.lines)


def split_front_matter(text: str) -> tuple[dict[str, Any], list[str], int]:
    """Return the front matter, the lines after it and the number of the first of them."""
    lines = text.split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        return {}, lines, 1
    end = lines.index("---", 1)
    return yaml.safe_load("\n".join(lines[1:end])) or {}, lines[end + 1 :], end + 2


def walk(blocks: list[Block]) -> Iterator[Block]:
    """Yield every block in the order of the page, each before what it contains."""
    for block in blocks:
        yield block
        yield from walk(block.blocks)


def parse(lines: list[str], first_line: int = 1) -> list[Block]:
    """Cut `lines` into blocks; `first_line` is the number of the first line in its file."""
    blocks: list[Block] = []
    at = 0
    while at < len(lines):
        block, taken = _next_block(lines[at:], first_line + at)
        if block.kind == "math" and at and blocks[-1].kind == "text" and lines[at - 1].strip():
            # In the middle of a paragraph MyST takes the dollars for text.
            raise MystError(f"line {block.line}: no blank line before `$$`; put one there")
        at += taken
        if block.kind == "text" and blocks and blocks[-1].kind == "text":
            blocks[-1].lines += block.lines
        else:
            blocks.append(block)
    return blocks


def _next_block(lines: list[str], line: int) -> tuple[Block, int]:
    first = lines[0]
    if fence := FENCE.match(first):
        return _fenced(fence, lines, line)
    if math := MATH.match(first):
        return _dollar_math(math, lines, line)
    if environment := ENVIRONMENT.match(first):
        return _environment(environment, lines, line)
    if target := TARGET.match(first):
        return Block("target", line, name=target[1]), 1
    if IN_BULLET.match(first):
        remedy = "start the directive on the bullet's next line, indented"
        raise MystError(f"line {line}: `{first.strip()}` hides a directive in a bullet; {remedy}")
    if first.startswith("+++"):
        return Block("break", line), 1
    if first.startswith("%"):
        return Block("comment", line, [first[1:]]), 1
    if first.startswith("<!--"):
        end = next((i for i, text in enumerate(lines) if "-->" in text), len(lines) - 1)
        return Block("comment", line, lines[: end + 1]), end + 1
    return Block("text", line, [first]), 1


def _fenced(fence: re.Match[str], lines: list[str], line: int) -> tuple[Block, int]:
    indent, marks, name, title = fence[1], fence[2], fence[3], fence[4].strip()
    closing = re.compile(rf"^\s*{marks[0]}{{{len(marks)},}}\s*$")
    end = next((i for i, text in enumerate(lines[1:], 1) if closing.match(text)), None)
    if end is None:
        raise MystError(
            f"line {line}: the fence `{lines[0].strip()}` is never closed; add {marks}"
        )
    body = [text.removeprefix(indent) for text in lines[1:end]]
    if name is None:
        if marks[0] == ":":
            raise MystError(
                f"line {line}: `{lines[0].strip()}` opens no directive; write :::{{name}}"
            )
        return Block("code", line, [lines[0].strip(), *body, marks], indent), end + 1
    options, skipped = _options(body)
    skipped += bool(options and body[skipped:] and not body[skipped].strip())
    body = body[skipped:]
    block = Block("directive", line, body, indent, name, title, options=options)
    block.label = str(options.get("label", options.get("name", "")))
    if name not in VERBATIM:
        block.blocks = parse(body, line + 1 + skipped)
    return block, end + 1


def _options(body: list[str]) -> tuple[dict[str, Any], int]:
    """Read a directive's options, written as `:key: value` lines or between `---` lines."""
    if body and body[0] == "---" and "---" in body[1:]:
        end = body.index("---", 1)
        return yaml.safe_load("\n".join(body[1:end])) or {}, end + 1
    options: dict[str, Any] = {}
    for count, text in enumerate(body):
        if not (option := OPTION.match(text)):
            return options, count
        options[option[1]] = option[2]
    return options, len(body)


def _dollar_math(math: re.Match[str], lines: list[str], line: int) -> tuple[Block, int]:
    body = [math[2], *lines[1:]]
    for count, text in enumerate(body, 1):
        if end := MATH_END.match(text):
            inner = textwrap.dedent("\n".join([*body[: count - 1], end[1]])).strip().split("\n")
            return Block("math", line, inner, math[1], label=end[2] or ""), count
        if "$$" in text:
            raise MystError(
                f"line {line}: text follows the closing `$$`; give it a line of its own"
            )
    raise MystError(f"line {line}: the formula that starts with `$$` is never closed; add `$$`")


def _environment(start: re.Match[str], lines: list[str], line: int) -> tuple[Block, int]:
    closing = rf"\end{{{start[2]}}}"
    for count, text in enumerate(lines, 1):
        if closing in text:
            inner = "\n".join(lines[:count]).strip()
            inner = inner.removeprefix(rf"\begin{{{start[2]}}}").removesuffix(closing).strip()
            return Block("environment", line, inner.split("\n"), start[1], start[2]), count
    raise MystError(f"line {line}: `\\begin{{{start[2]}}}` has no `{closing}`")
