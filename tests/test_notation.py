r"""Each symbol of the book has one meaning: the page of notation says it, chapters keep to it.

A definition is a phrase such as "Let $X$ be the ...", "Write $X = ...$", "with $X$ the ...",
"a *name* $X$" or "the angle $X$", outside of proofs and solutions, whose letters are free. If the
first table has the letter, the words of the phrase must say what the table says: they share a word
with it, or a formula. A letter that it does not have may be defined in one chapter, or stand in
the second table for each chapter that defines it.
"""

import re
from collections import Counter, defaultdict

import pytest
from book_pages import Page, read_book
from myst_blocks import Block, parse, walk
from support import ROOT

NOTATION = "book/notation"
ROLE = re.compile(r"\{doc\}`([^`]+)`")
FORMULA = r"\$(?P<formula>[^$]+)\$"
OTHER = r"(?:,? (?:and )?\$[^$]+\$)*"
IS = r"(?:be|denote|stand for) (?:the|an?|any|its|their)\b"
AFTER = r"(?: (?:of|between|that|from|for|in|with)\b|[,.;:]|$)"
NAME = rf"(?:the|an?) (?!same)[\w*-]+(?: [\w*-]+){{0,2}}?{AFTER}"
ASSIGN = rf"\b(?:[Ll]et|[Ww]rite|[Dd]efine) (?:[a-z]+ ){{0,3}}?{FORMULA}"
SECOND = rf"\b(?:[Ll]et|[Ww]rite|[Dd]efine) [^.$]*\$[^$]+\$,? and {FORMULA}"
KIND = (
    "angle curvature derivatives? distance error gap group integral length noise rate ratio "
    "resolvent scale scores? share strength target weights?"
).replace(" ", "|")
APPOSED = rf"(?<!with )\b(?:[Tt]he|[Aa]n?|one) (?P<before>{KIND}) {FORMULA}"
HOLDING = rf"\b(?:matrix|vector|number|set) {FORMULA} (?=of )"
PHRASES = [
    rf"[Ll]et (?:(?!be )[a-z]+ ){{0,3}}?{FORMULA}{OTHER} (?={IS})",
    rf"[Ll]et [^.$]*\$[^$]+\$,? and {FORMULA} (?={IS})",
    ASSIGN,
    rf"\b(?:[Ww]rite|[Cc]all|[Dd]enote by) {FORMULA}(?= for | the | an? )",
    rf"\b(?:with|where|[Hh]ere|[Ii]f) {FORMULA} (?=(?:is |are |be )?{NAME})",
    rf"\band {FORMULA} (?={NAME})",
    rf"\b(?:[Aa]n?|[Tt]he|its|one) (?P<before>\*[^*$]+\*) {FORMULA}",
    SECOND,
    APPOSED,
    HOLDING,
    r"\$(?P<formula>[^$=]*:=[^$]*)\$",
]
GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma "
    "varsigma tau phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell"
)
STYLED = r"\\(?:bar|hat|tilde|mathcal|mathbb)\s*(?:\{\\mathcal\s*\w\}|\{\w\}|\w)"
NAMED = r"\\mathrm\{[A-Z]+\}|\\operatorname\{\w+\}"
ATOM = (
    rf"(?P<letter>{NAMED}|{STYLED}|\\(?:{'|'.join(GREEK.split())})(?![A-Za-z])|(?<!\\)[A-Za-z])"
    r"(?P<mark>'|\^\*|\^\{?[+-]\}?)?"
    r"(?P<index>_(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\mathrm \w+|\w))?"
)
LETTER = re.compile(
    rf"\s*{ATOM}(?:\^2)?(?P<of>\([^()]*\))?\s*"
    r"(?:(?P<relation>:?=|>|<|\\in|\\g[et]|\\l[et])(?P<right>.*))?"
)
VALUE = re.compile(r"(?:.*=)?\s*-?(?:[\d{},.]+|[\d.]*(?:\\(?:cdot|times) ?)?\d+\^\S+)\s*")
FREE = {"f", "v", "x", "y", "z"}  # a function, and variables: the page says so
COMMON = {"book", "each", "number", "matrix", "that", "their", "these", "with", "which"}


def symbol(formula):
    """Return letter, number of indices and what it is set to; None if it is no symbol."""
    match = LETTER.fullmatch(formula.replace("\n", " "))
    if not match:
        return None
    letter, count = _name(match)
    sets = match["right"] if match["relation"] in ("=", ":=") else ""
    return letter, count, sets


def _name(match):
    """Return the letter with its marks, and the number of its indices."""
    parts = [match["letter"], match["mark"] or "", match["index"] or ""]
    letter, mark, index = (re.sub(r"[\s_{}]", "", part) for part in parts)
    if "mathrm" in index:  # a name, as in \lambda_\mathrm{edge}
        return letter + mark + index, 0
    return letter + mark, len(index)


def words(text):
    """Return the words that say something, without their plural."""
    prose = re.sub(r"\$[^$]*\$|\{[^}]*\}`[^`]*`", " ", text).lower()
    return {word.removesuffix("s") for word in re.findall(r"[a-z]{4,}", prose)} - COMMON


def formulas(text):
    """Return what stands on either side of the signs of equality in a text's formulas."""
    sides = [side for f in re.findall(r"\$([^$]+)\$", text) for side in f.split("=")]
    plain = [re.sub(r"[\s{}&]|\\[,;! ]|\\begin.aligned.", "", side) for side in sides]
    return {side.replace("tfrac", "frac").rstrip(".,") for side in plain if len(side) > 2}


# ---------------------------------------------------------------- the page


def table(block: Block):
    """Return the rows of a list-table without its header, each a list of cells."""
    rows = re.split(r"^\* - ", block.body, flags=re.MULTILINE)[2:]
    return [[cell.strip() for cell in re.split(r"^  -(?: |$)", row, flags=re.M)] for row in rows]


def symbols(cell):
    """Yield the symbols of a cell, each written as a formula of its own."""
    for formula in re.findall(r"\$([^$]+)\$", cell):
        if found := symbol(formula):
            yield found[:2]


def read_notation(page: Page):
    """Return symbols and meaning of each row of the first table; symbols of the second by page."""
    tables = [block for block in walk(page.blocks) if block.name == "list-table"]
    everywhere = [(list(symbols(row[0])), row[1]) for row in table(tables[0])]
    local = defaultdict(list)
    for row in table(tables[1]):
        for name in ROLE.findall(row[2]):
            local[f"book/{name}"] += symbols(row[0])
    return everywhere, local


def twice(everywhere, local):
    """Say which symbols stand in two rows of the first table, in both, or twice for a chapter."""
    first = Counter(symbol for row, _ in everywhere for symbol in row)
    for each, times in first.items():
        if times > 1:
            yield f"`{each[0]}` stands in {times} rows"
    letters = {letter for letter, _ in first}
    for name, row in local.items():
        for each, times in Counter(row).items():
            if each[0] in letters:
                yield f"`{each[0]}` of {name} stands in both tables"
            if times > 1:
                yield f"`{each[0]}` stands in {times} rows for {name}"


# ---------------------------------------------------------------- the chapters


def prose(blocks):
    """Yield the sentences outside of code, proofs and solutions, with formulas in the line."""
    text = ""
    for block in blocks:
        if block.kind == "text":
            text += "\n\n" + block.body
        elif block.kind == "math":
            text = f"{text.rstrip()} ${block.body}$ "
        elif block.name not in ("prf:proof", "solution", "code-cell"):
            yield from prose(block.blocks)
    kept = re.findall(r"\$[^$]+\$", text)  # their points and brackets are none of the text's
    text = re.sub(r"\$[^$]+\$", "$", text)
    for sentence in re.split(r"(?<=[.:?!])\s+|\n\n", text):
        formulas = [kept.pop(0) for _ in range(sentence.count("$"))]
        whole = " ".join(sentence.split())
        while brackets := re.search(r"\([^()]*\)", whole):
            first, many = whole[: brackets.start()].count("$"), brackets[0].count("$")
            del formulas[first : first + many]
            whole = whole.replace(brackets[0], "", 1)
        pieces = zip(whole.split("$"), [*formulas, ""], strict=True)
        yield "".join(text + formula.replace("\n", " ") for text, formula in pieces)


def definitions(page: Page):
    """Yield letter, formula, the words that define it, and whether they only add a noun to it."""
    for sentence in prose(page.blocks):
        seen = set()
        for phrase in PHRASES:
            for match in re.finditer(phrase, sentence):
                found = symbol(match["formula"])
                if not found or match.start("formula") in seen or VALUE.fullmatch(found[2]):
                    continue  # "Let $k = 1$" gives a value, and defines nothing
                if phrase in (ASSIGN, SECOND) and not found[2].strip():
                    continue
                clause = re.split(r"[,;.:]| and \$", sentence[match.end() :])[0]
                clause = match.groupdict().get("before", "") + clause
                aside = phrase in (APPOSED, HOLDING)
                if phrase in (ASSIGN, SECOND) and not words(clause):
                    clause = sentence
                if words(clause) or not aside:
                    seen.add(match.start("formula"))
                    yield found[0], match["formula"], clause, aside


def redefined(page: Page, everywhere):
    """Say which symbols of the first table a chapter defines anew."""
    rows = defaultdict(list)
    for row, meaning in everywhere:
        for letter, _ in row:
            rows[letter].append(meaning)
    for letter, formula, clause, _ in definitions(page):
        if letter in FREE or letter not in rows:
            continue
        says = words(clause), formulas(f"${symbol(formula)[2]}$" if "=" in formula else clause)
        means = [(words(meaning), formulas(meaning)) for meaning in rows[letter]]
        if not any(says[0] & one[0] or says[1] & one[1] for one in means):
            yield f"`{formula}`: {clause.strip()}"


def undeclared(pages, everywhere, local):
    """Say where letters of neither table are defined in two chapters: rename one, or list both."""
    letters = {letter for row, _ in everywhere for letter, _ in row} | FREE
    chapters = defaultdict(dict)
    for page in pages:
        for letter, formula, clause, aside in definitions(page):
            if letter not in letters and not aside:
                chapters[letter].setdefault(page.name, f"`{formula}` {clause.strip()}")
    for letter, defined in chapters.items():
        for name, text in defined.items():
            if len(defined) > 1 and letter not in {each for each, _ in local[name]}:
                yield f"{name}: {text}"


BOOK = read_book(ROOT)
CHAPTERS = [page for page in BOOK.pages.values() if page.chapter]
EVERYWHERE, LOCAL = read_notation(BOOK.pages[NOTATION])


def test_a_symbol_stands_once():
    assert len(EVERYWHERE) > 40 and len(LOCAL) > 5
    assert list(twice(EVERYWHERE, LOCAL)) == []


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.name)
def test_no_chapter_defines_a_symbol_anew(page):
    found = list(redefined(page, EVERYWHERE))
    assert not found, "\n".join([f"{page.name}.md gives a symbol a second meaning:", *found])


def test_two_chapters_share_no_letter_that_is_not_listed():
    found = list(undeclared(CHAPTERS, EVERYWHERE, LOCAL))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", LOCAL)
def test_symbols_of_one_chapter_are_used_there(name):
    """Outside of proofs, or the row can go."""
    text = " ".join(prose(BOOK.pages[name].blocks))
    formulas = " ".join(re.findall(r"\$([^$]+)\$", text))
    found = re.finditer(rf"{ATOM}|\\[A-Za-z]+", formulas)  # the second: commands, no symbols
    used = {_name(match)[0] for match in found if match["letter"]}
    unused = {letter for letter, _ in LOCAL[name]} - used
    assert not unused, f"{name}.md does not use {unused}"


def test_terms_are_explained_where_the_page_says():
    """In italics, where a term is introduced, or in a title."""
    page = BOOK.pages[NOTATION]
    *_, terms = (block for block in walk(page.blocks) if block.name == "list-table")
    rows = table(terms)
    assert len(rows) > 20
    for row in rows:
        (name,) = ROLE.findall(row[2])
        source = (ROOT / "book" / f"{name}.md").read_text("utf-8")
        introduced = re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", source)
        introduced += re.findall(r"^(?:#+ |[:`]{3,}\{[\w:]+\})(.+)", source, flags=re.M)
        for term in row[0].split(", "):
            head = term.split(" of ")[0].lower()
            assert any(head in each.lower() for each in introduced), f"{name}.md: {term}"


def test_terms_are_in_order():
    *_, terms = (
        block for block in walk(BOOK.pages[NOTATION].blocks) if block.name == "list-table"
    )
    names = [row[0].lower() for row in table(terms)]
    assert names == sorted(names)


def test_all_chapters_have_definitions():
    """Appendices may have none."""
    for page in CHAPTERS:
        assert page.is_appendix or len(list(definitions(page))) >= 2, page.name


# ---------------------------------------------------------------- planted faults

TABLE = r"""
:::{list-table}
* - Symbol
  - Meaning
  - In code
* - $S$
  - weighted target $\Gamma^{1/2} M \, \Gamma^{1/2}$
  - `weighted_target(...)`
* - $\theta$
  - threshold of subsampling
  -
* - $R$
  - rotation, with $R R^\top = I$
  -
* - $P_{ij}$
  - joint probability of a pair
  -
* - $P_i$
  - unigram probability
  -
:::

:::{list-table}
* - Symbol
  - Meaning
  - Chapter
* - $c$
  - factor
  - {doc}`first`
:::
"""


def page(text, name="book/first"):
    return Page(name, "1", {}, parse(text.split("\n")))


def planted(old="", new=""):
    assert old in TABLE
    return read_notation(page(TABLE.replace(old, new) if old else TABLE))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("$R$", "$S$", "`S` stands in 2 rows"),
        ("$R$", "$R$, $S$", "`S` stands in 2 rows"),
        ("$P_i$", "$P_{kl}$", "`P` stands in 2 rows"),
        ("$c$", r"$\theta_k$", r"`\theta` of book/first stands in both tables"),
        ("$c$", "$c$, $c$", "`c` stands in 2 rows for book/first"),
    ],
)
def test_a_symbol_that_stands_twice_is_found(old, new, message):
    assert list(twice(*planted())) == []
    assert list(twice(*planted(old, new))) == [message]


REDEFINED = [
    "Let $S$ be the scores.",
    "Let $a_i$ and $S$ be any numbers.",
    "Take any matrix $S$ of scores.",
    r"For a group $S$ of words this is small.",
    r"Write $S = W W'^\top$.",
    r"Write $\theta$ for a variable.",
    r"Write $E = 1 + x$ and $\theta = x^2$.",
    r"with $\theta$ the angle between two lines",
    r"where $\theta > 0$ is the strength of a mode",
    r"Let $n$ be the mean, and $\theta$ an angle.",
    r"The angle $\theta$ is small.",
    "if the weights $P_{ij}$ are positive",
    r"A *spike* $\theta$ stands out.",
    r"We use $\theta_k := x$ here.",
    "Let\n\n$$\nS = x^2\n$$ (eq-s)\n",
    ":::{prf:theorem} T\n:label: t\n\nLet $S$ be the scores.\n:::",
]
KEPT = [
    "Let $S$ be the target with these weights.",
    r"Write $S = \Gamma^{1/2} M \, \Gamma^{1/2}$.",
    r"Let $R$ be a matrix with $R R^\top = I$.",
    r"Let $\theta = 10^{-4}$.",
    r"with a threshold $\theta > 0$",
    r"If $\theta$ is the same for all words, nothing changes.",
    r"With $S$ the loss becomes simple.",
    "the mean of a row, with the weights $P_i$",
    "Let $S$ be symmetric.",
    "Let $P_{ij}$ be the joint probability, and $P_i$ the unigram probability.",
    ":::{prf:proof}\nLet $S$ be the scores.\n:::",
    ":::{solution} ex-01-1\nLet $S$ be the scores.\n:::",
    "```\nLet $S$ be the scores.\n```",
]


@pytest.mark.parametrize("text", REDEFINED)
def test_a_second_meaning_is_found(text):
    assert len(list(redefined(page(text), planted()[0]))) == 1


@pytest.mark.parametrize("text", KEPT)
def test_the_meaning_of_the_table_may_be_repeated(text):
    assert list(redefined(page(text), planted()[0])) == []


def test_a_letter_of_two_chapters_must_be_listed_for_both():
    pages = [page(f"Let $c$ be the {what}.", f"book/{what}") for what in ("first", "second")]
    assert list(undeclared(pages[:1], *planted())) == []
    assert list(undeclared(pages, *planted())) == ["book/second: `c` be the second"]
    assert list(undeclared(pages, *planted("`first`", "`first`, {doc}`second`"))) == []
    assert len(list(undeclared(pages, *planted("$c$", "$b$")))) == 2
