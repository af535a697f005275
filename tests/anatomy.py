"""What every chapter must have. Each rule yields its complaints; `problems` collects them.

Some rules are younger than the chapters. `TO_BE_REWRITTEN` names the chapters that break one of
these; they are warned about, where others fail.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator

from book_pages import Book, Page
from export_notebooks import notebook
from myst_blocks import Block, MystError, walk
from reading_time import words_of_prose

FIRST_SECTIONS = ["What you will learn", "The question"]
LAST_SECTIONS = ["Exercises", "What we learned", "Further reading"]
LIMITS = "Limits"  # before the exercises, if these use it, or after what we learned
DIFFICULTIES = ("introductory", "intermediate", "advanced")
KINDS = ("chapter", "appendix")  # an appendix has code, but need not teach
MOST_LINES_OF_CODE = 10
MOST_LINES_OF_A_FIGURE = 45  # the site folds them
MOST_WORDS_OF_PROSE = 4000
WIDEST_LINE_OF_CODE = 79
GLUED = re.compile(r"""\b(?:glue|claim|show)\(\s*f?["']([^"']+)""")
EXPLORER = re.compile(r"\bexplore_\w+\(")
GOAL = re.compile(r"\bG\d+\b")
ROLE = re.compile(r"\{([\w:]+)\}(`+)(.+?)(?<!`)\2", re.DOTALL)
NOT_PROSE = re.compile(r"``.+?``|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|https?://\S+", re.DOTALL)
PERCENTAGE = re.compile(r"\d[\d.,]*\s*(?:\\?%|percent\b|per cent\b)")
DECIMAL = re.compile(r"(?<![\w.])\d+\.\d+(?![\w.]*\w)")
CITED = "\N{REFERENCE MARK}"  # stands for a citation, or for the comment `cited`


class Chapter:
    """A page, with its pieces at hand."""

    def __init__(self, page: Page, book: Book) -> None:
        self.page = page
        self.book = book
        self.blocks = list(walk(page.blocks))
        self.sections = _sections(page.blocks)
        self.cells = [block for block in self.blocks if block.name == "code-cell"]

    @property
    def is_appendix(self) -> bool:
        return self.page.is_appendix

    def named(self, *names: str) -> list[Block]:
        return [block for block in self.blocks if block.name in names]

    def tagged(self, tag: str) -> list[Block]:
        return [cell for cell in self.cells if tag in tags(cell)]

    def section(self, title: str) -> str:
        """Return all text of a section, with what its directives hold."""
        blocks = walk(self.sections.get(title, []))
        return "\n".join(block.body for block in blocks if block.kind == "text")

    def exercises(self) -> dict[str, str]:
        """Return label -> title and text of every exercise."""
        return {block.label: f"{block.title}\n{block.body}" for block in self.named("exercise")}


Rule = Callable[[Chapter], Iterator[str]]


def _sections(blocks: list[Block]) -> dict[str, list[Block]]:
    """Sort the blocks under the headings of level 2; "" holds what comes before the first."""
    title = ""
    sections: dict[str, list[Block]] = {title: []}
    for block in blocks:
        if block.kind != "text":
            sections[title].append(block)
            continue
        for at, line in enumerate(block.lines):
            if line.startswith("## "):
                title = line[3:].strip()
                sections[title] = []
            else:
                sections[title].append(Block("text", block.line + at, [line]))
    return sections


def tags(cell: Block) -> list[str]:
    found: list[str] = cell.options.get("tags", [])
    return found


def prose(block: Block) -> str:
    """Return a block's text with citations marked, and roles, code, formulas and links blanked."""

    def blank(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    def role(match: re.Match[str]) -> str:
        return (CITED if match[1].startswith("cite") else "") + blank(match)

    text = re.sub(r"<!--\s*cited\s*-->", CITED, block.body)
    return NOT_PROSE.sub(blank, ROLE.sub(role, text))


# ---------------------------------------------------------------- the rules


def front_matter(chapter):
    front = chapter.page.front
    about = front.get("chapter", {})
    if about.get("difficulty") not in DIFFICULTIES:
        yield f"`chapter.difficulty` must be one of {', '.join(DIFFICULTIES)}"
    if about.get("kind", "chapter") not in KINDS:
        yield f"`chapter.kind` must be one of {', '.join(KINDS)}"
    for name in sorted(set(about) - {"difficulty", "kind"}):
        yield f"`chapter.{name}` means nothing; delete it (the site counts the minutes itself)"
    if front.get("kernelspec", {}).get("name") != "python3":
        yield "`kernelspec.name` must be python3"
    if front.get("jupytext", {}).get("text_representation", {}).get("format_name") != "myst":
        yield "`jupytext.text_representation.format_name` must be myst"


def sections(chapter):
    titles = [
        line
        for block in chapter.page.blocks
        if block.kind == "text"
        for line in block.lines
        if re.match(r"##? ", line)
    ]
    if [title[:2] for title in titles].count("# ") != 1 or not titles[0].startswith("# "):
        yield "the page must start with its only `# Title`"
    if chapter.is_appendix:
        return
    second = [title[3:].strip() for title in titles if title.startswith("## ")]
    if second[: len(FIRST_SECTIONS)] != FIRST_SECTIONS:
        yield f"the first sections must be {FIRST_SECTIONS}, not {second[: len(FIRST_SECTIONS)]}"
    if second.count(LIMITS) != 1 or LIMITS not in second[2:-1]:
        yield f"before `{LAST_SECTIONS[-1]}` there must be a section `{LIMITS}`"
    second = [title for title in second if title != LIMITS]
    if second[-len(LAST_SECTIONS) :] != LAST_SECTIONS:
        yield f"the last sections must be {LAST_SECTIONS}, not {second[-len(LAST_SECTIONS) :]}"
    if len(second) <= len(FIRST_SECTIONS) + len(LAST_SECTIONS):
        yield "between question and exercises there must be a section of theory"


def goals(chapter):
    if chapter.is_appendix:
        return
    text = chapter.section("What you will learn")
    named = re.findall(r"^- \*\*(G\d+)\*\* \S", text, re.MULTILINE)
    if not 3 <= len(named) <= 5 or named != [f"G{n}" for n in range(1, len(named) + 1)]:
        yield f"there must be three to five goals, `- **G1** ...` and so on; found {named}"
    if not re.search(r"^Prerequisites: \S", text, re.MULTILINE):
        yield "below the goals there must be a paragraph that starts with `Prerequisites:`"
    traced = set()
    for label, exercise in chapter.exercises().items():
        its_goals = {
            goal for group in re.findall(r"\((G[^)]*)\)", exercise) for goal in GOAL.findall(group)
        }
        traced |= its_goals
        if not its_goals:
            yield f"exercise `{label}` names no goal, such as (G1, G3)"
    learned = set(GOAL.findall(chapter.section("What we learned")))
    for goal in named:
        if goal not in traced:
            yield f"no exercise trains {goal}"
        if goal not in learned:
            yield f"`What we learned` does not mention {goal}"
    for goal in sorted((traced | learned) - set(named)):
        yield f"{goal} is mentioned but is no goal"


def setup_cell(chapter):
    cells = chapter.tagged("setup")
    if len(cells) != 1 or chapter.cells[0] is not cells[0]:
        yield "the first code cell, and no other, must have the tag `setup`"
    elif "hide-cell" not in tags(cells[0]) or "import" not in cells[0].body:
        yield "the setup cell must import what the chapter needs, and have the tag `hide-cell`"


def claims(chapter):
    cells = chapter.tagged("claims")
    if len(cells) != 1 and not (chapter.is_appendix and not cells):
        yield f"there must be one cell with the tag `claims`; found {len(cells)}"
        return
    claimed = {name for cell in cells for name in GLUED.findall(cell.body)}
    used = {
        content.split(":")[0]
        for block in chapter.blocks
        if block.kind == "text"
        for role, _, content in ROLE.findall(block.body)
        if role in ("glue", "glue:text") and "::" not in content  # `::`: of another page
    }
    for name in sorted(used):
        if not any(_stands_for(pattern, name) for pattern in claimed):
            yield f"the text shows `{name}`, which the claims cell does not claim"
    for pattern in sorted(claimed):
        if not any(_stands_for(pattern, name) for name in used):
            yield f"the claims cell claims `{pattern}`, which the text does not show"
    shown = {block.title for block in chapter.named("glue:figure")}
    for cell in chapter.cells:
        if cell not in cells and set(GLUED.findall(cell.body)) - shown:
            yield f"line {cell.line}: what is no figure belongs in the claims cell"


def _stands_for(pattern, name):
    """Say whether `name` is what `claim` got, be it written out or as an f-string."""
    parts = [re.escape(part) for part in re.split(r"\{.*?\}", pattern)]
    return re.fullmatch(r"\w+".join(parts), name) is not None


def typed_numbers(chapter):
    for block in chapter.blocks:
        formulas = [block.body] if block.kind == "math" else re.findall(r"\$[^$]+\$", block.body)
        for formula in formulas:
            if block.kind in ("math", "text") and re.search(r"\d\s*\\%", formula):
                yield f"line {block.line}: `{formula}` hides a percentage in a formula; claim it"
        if block.kind != "text":
            continue
        text = prose(block)
        for sentence in re.finditer(r".+?(?:[.!?](?=\s+[^a-z\s])|\n\n|\Z)", text, re.DOTALL):
            number = PERCENTAGE.search(sentence[0]) or DECIMAL.search(sentence[0])
            if number and CITED not in sentence[0]:
                line = block.line + text.count("\n", 0, sentence.start() + number.start())
                yield (
                    f"line {line}: `{number[0]}` is typed by hand; claim it and show it with "
                    "{glue:text}, or cite its source in the same sentence (or with <!-- cited -->)"
                )


def code_length(chapter):
    shown = {block.title for block in chapter.named("glue:figure")}
    for cell in chapter.cells:
        if {"setup", "claims"} & set(tags(cell)):
            continue
        lines = [line for line in cell.lines if line.strip() and not line.strip().startswith("#")]
        draws = shown & set(GLUED.findall(cell.body))
        most = MOST_LINES_OF_A_FIGURE if draws else MOST_LINES_OF_CODE
        if len(lines) > most:
            yield f"line {cell.line}: {len(lines)} lines of code; at most {most}"


def statements(chapter):
    for cell in chapter.cells:
        code = re.sub(r"^[%!].*$", "", cell.body, flags=re.MULTILINE)
        for node in ast.walk(ast.parse(code)):
            is_expression = isinstance(node, ast.Expr | ast.Subscript)
            if is_expression and isinstance(node.value, ast.Tuple):
                yield (
                    f"line {cell.line}: `{ast.unparse(node)}` makes a tuple only to run its "
                    "parts; write one statement a line"
                )


def words_between_cells(chapter):
    """A reader is told what comes, and what she saw, between any two cells."""
    for siblings in _lists_of_blocks(chapter.page.blocks):
        before = None
        for block in siblings:
            if block.name == "code-cell":
                quiet = {"setup", "claims"} & set(tags(block))
                if before and not quiet:
                    yield f"line {block.line}: no word between this cell and the one before"
                before = None if quiet else block
            elif block.kind != "comment":
                before = None


def _lists_of_blocks(blocks: list[Block]) -> Iterator[list[Block]]:
    yield blocks
    for block in blocks:
        yield from _lists_of_blocks(block.blocks)


def interactive_figure(chapter):
    if chapter.is_appendix:
        return
    shown = {block.title for block in chapter.named("glue:figure")}
    for cell in chapter.cells:
        glued = set(GLUED.findall(cell.body))
        if EXPLORER.search(cell.body) and glued & shown:
            return
    yield "no cell calls an `explore_...()` and shows it as a numbered figure"


def figures(chapter):
    makers = {name: cell for cell in chapter.cells for name in GLUED.findall(cell.body)}
    for block in chapter.named("glue:figure"):
        where = f"line {block.line}: the figure `{block.title}`"
        brings_its_own = block.title in makers and EXPLORER.search(makers[block.title].body)
        if not block.options.get("alt") and not brings_its_own:
            yield f"{where} has no `:alt:` text"
        if not block.body.strip():
            yield f"{where} has no caption"
        if not block.label.startswith("fig-"):
            yield f"{where} has no `:name: fig-...`"
        if block.title not in makers:
            yield f"{where} is glued by no cell"
        elif "remove-output" not in tags(makers[block.title]):
            yield f"{where} shows twice; give its cell the tag `remove-output`"


def live_figures(chapter):
    """A figure of the reader's own word or text needs a cell that a running kernel runs."""
    skipped = [cell for cell in chapter.cells if "skip-execution" in tags(cell)]
    code = "\n".join(cell.body for cell in chapter.cells)
    made = re.findall(r"^(\w+) = show\([^,]+, explore_live\(", code, re.MULTILINE)
    if code.count("explore_live(") > len(made):
        yield 'each `explore_live(...)` must be in `own = show("own", explore_live(...))`'
    for name in made:
        if not any(f"{name}.live()" in cell.body for cell in skipped):
            yield f"no cell with the tag `skip-execution` calls `{name}.live()`"
    for cell in skipped:
        if ".live()" not in cell.body:
            yield f"line {cell.line}: the tag `skip-execution` is for cells that call `.live()`"


def teaching(chapter):
    exercises = chapter.named("exercise")
    proofs = [b for b in chapter.named("prf:proof") if "dropdown" in str(b.options.get("class"))]
    quizzes = [b for b in chapter.blocks if "quiz" in str(b.options.get("class", "")).split()]
    code = "\n".join(block.body for block in chapter.blocks if block.kind == "code")
    code += "\n".join(block.body for block in chapter.cells)
    checked = set(re.findall(r"""\bcheck\(\s*["']([^"']+)""", code))
    solved = {block.title for block in chapter.named("solution")}
    if not chapter.is_appendix:
        if not proofs:
            yield "there is no folded proof, `{prf:proof}` with `:class: dropdown`"
        if not quizzes:
            yield "there is no quiz, a block with `:class: quiz`"
        if not any("break it" in block.title.lower() for block in exercises):
            yield "no exercise is titled `Break it ...`"
        if not checked:
            yield 'nothing calls `check("01-1", ...)`'
    numbered = {name for name in checked if name[-1].isdigit()}  # the others are within sections
    for name in sorted(numbered - {block.label.removeprefix("ex-") for block in exercises}):
        yield f'`check("{name}", ...)` has no exercise `ex-{name}`'
    for block in exercises:
        if block.label not in solved:
            yield f"line {block.line}: exercise `{block.label}` has no solution"


def labels(chapter):
    counted = [block for block in chapter.blocks if block.number]
    for block in counted:
        if block.name.startswith("prf:") and not block.label:
            yield f"line {block.line}: `{block.name}` has no `:label:`; two such break the build"
        if block.name == "exercise":
            part, number = block.number.split(".")
            label = f"ex-{int(part):02}-{number}"
            if block.label != label:
                yield f"line {block.line}: label exercise {block.number} `{label}`"
    try:
        notebook(chapter.book, chapter.page)
    except MystError as error:
        yield str(error)


def length(chapter):
    words = words_of_prose(chapter.page.blocks)
    if words > MOST_WORDS_OF_PROSE:
        yield (
            f"{words:,} words of prose, at most {MOST_WORDS_OF_PROSE:,}; cut, or fold a proof "
            "(folded proofs, exercises, solutions and captions do not count)"
        )


def code_width(chapter):
    for cell in chapter.cells:
        wide = [line for line in cell.lines if len(line) > WIDEST_LINE_OF_CODE]
        if wide:
            yield (
                f"line {cell.line}: {len(wide)} lines of code too wide, at most "
                f"{WIDEST_LINE_OF_CODE} characters; the first is `{wide[0].strip()}`"
            )


def raw_results(chapter):
    """Results are sentences, tables and figures: no braces, quotes or sixteen digits of Python."""
    for cell in chapter.cells:
        code = re.sub(r"^[%!].*$", "", cell.body, flags=re.MULTILINE)
        if "remove-output" in tags(cell) or not (body := ast.parse(code).body):
            continue
        calls = (node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.Call))
        for call in calls:
            if ast.unparse(call.func) == "print" and any(map(_is_raw, call.args)):
                yield f"line {cell.line}: `{ast.unparse(call)}` prints raw Python; word it"
        last = body[-1]
        is_silent = code.rstrip().endswith(";")
        if isinstance(last, ast.Expr) and not isinstance(last.value, ast.Call) and not is_silent:
            yield (
                f"line {cell.line}: the cell ends in `{ast.unparse(last)}`, whose value is shown "
                "as raw Python; print a sentence or a table"
            )


def _is_raw(node: ast.expr) -> bool:
    """Say whether the text of an argument of `print` is Python: `{...}`, `(1, 2)`, f"{x=}"."""
    if isinstance(node, ast.JoinedStr):
        pairs = zip(node.values, node.values[1:], strict=False)
        return any(
            isinstance(before, ast.Constant)
            and str(before.value).endswith(f"{ast.unparse(after.value)}=")
            for before, after in pairs
            if isinstance(after, ast.FormattedValue)
        )
    displays = ast.Dict | ast.List | ast.Set | ast.Tuple
    return isinstance(node, displays | ast.DictComp | ast.ListComp | ast.SetComp)


RULES = [
    front_matter, sections, goals, setup_cell, claims, typed_numbers, code_length,
    statements, words_between_cells, interactive_figure, figures, live_figures, teaching, labels,
]  # fmt: skip
YOUNG_RULES = [length, code_width, raw_results]
TO_BE_REWRITTEN = {
    "book/01-first-look/01-closed-form",
    "book/02-word2vec-explained/02-text-to-counts",
    "book/02-word2vec-explained/03-negative-sampling",
    "book/02-word2vec-explained/04-training",
    "book/02-word2vec-explained/05-factorization",
    "book/03-solvable-model/06-quartic",
    "book/03-solvable-model/07-target",
    "book/03-solvable-model/09-theory-and-training",
    "book/03-solvable-model/10-features",
    "book/recipes",
    "book/reference",
}  # to see what is wrong with one, delete its line and run its test


def problems(page: Page, book: Book, rules: Iterable[Rule] = (*RULES, *YOUNG_RULES)) -> list[str]:
    """Return every complaint about a chapter, each with the name of its rule."""
    chapter = Chapter(page, book)
    return [f"{rule.__name__}: {complaint}" for rule in rules for complaint in rule(chapter)]
