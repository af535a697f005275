"""The words of a drawing as text of the page: its font, and formulas as words with indices.

matplotlib places every letter of a formula by itself, for its own font. Here they become a line of
text again, anchored where the figure wanted it, so that any font looks right and a reader can
select and search it.
"""

import functools
import re
import xml.etree.ElementTree as ET
from string import ascii_uppercase

from matplotlib.font_manager import FontProperties, findfont, get_font

from w2vlib.book.writing import SUPERSCRIPTS, write_text

Glyph = tuple[float, float, str, str]  # x, y, style, letter

# matplotlib writes script capitals in places of Unicode that belong to no letter.
SCRIPT = {0xE22D + place: capital for place, capital in enumerate(ascii_uppercase)}
SPACE = 0.1  # of the size: a wider gap between letters is a space


def rewrite_text(text: ET.Element, align: str) -> None:
    """Turn a text of matplotlib's SVG into one in the font of the page.

    Args:
        text: The element; its letters may be placed one by one.
        align: How the figure aligns it: "left", "center" or "right".
    """
    style = text.get("style", "")
    spans = list(text)
    if not spans:
        content = write_text(text.text or "")
        if "text-anchor" not in style:
            _anchor(text, _width(text.text or "", _size(style), style), align)
        text.text = content
        text.set("style", _short(style))
        return

    glyphs = sorted(glyph for span in spans for glyph in _glyphs(span))
    last = glyphs[-1]
    width = last[0] + _width(last[3], _size(last[2]), last[2])
    size = max(_size(glyph[2]) for glyph in glyphs)
    base = next(y for _, y, look, _ in glyphs if _size(look) == size)
    for span in spans:
        text.remove(span)

    text.set("style", _short(style + f";font-size:{size:g}px"))
    text.text = None
    _write_line(text, glyphs, size, base)
    _anchor(text, width, align)
    text.set("y", f"{base:.2f}")


def _write_line(text: ET.Element, glyphs: list[Glyph], size: float, base: float) -> None:
    """Write letters as runs of one style, with spaces where the formula has gaps."""
    at, end, run = base, glyphs[0][0], None
    for x, y, style, letter in glyphs:
        own = _size(style)
        if x - end > SPACE * size and letter != " ":
            letter = ("\u2009" if x - end < 0.22 * size else " ") + letter
        end = x + _width(letter.strip(), own, style) if letter.strip() else x + 0.32 * own

        look = _short(style.replace(f"{own:g}px", "")) if own == size else _short(style)
        # Letters on the line differ in y by the rounding of their heights.
        here = at if abs(y - at) < 0.02 * size else y
        if run is None or run.get("style", "") != look or here != at:
            run = ET.SubElement(text, "tspan", {"style": look} if look else {})
            if here != at:
                run.set("dy", f"{here - at:.2f}")
        run.text = write_text((run.text or "") + letter)
        at = here


def _glyphs(span: ET.Element) -> list[Glyph]:
    """The letters of a span; it has one place for each, or the same y for all."""
    letters = (span.text or "").replace("\u00a0", " ").translate(SCRIPT)
    xs, ys = ([float(part) for part in span.get(name, "0").split()] for name in "xy")
    ys = ys if len(ys) == len(letters) else ys[:1] * len(letters)
    style = span.get("style", "")
    return [(x, y, style, c) for x, y, c in zip(xs, ys, letters, strict=False)]


def _anchor(text: ET.Element, width: float, align: str) -> None:
    """Fix the start, the middle or the end of a line, which other fonts make longer or shorter."""
    share, name = {"center": (0.5, "middle"), "right": (1, "end")}.get(align, (0, "start"))
    if share:
        text.set("x", f"{share * width:.2f}")
        text.set("text-anchor", name)


def _short(style: str) -> str:
    """Leave of a text's style what the page does not decide."""
    kept = []
    if weight := re.search(r"\b(bold|[6-9]00)\b", style):
        kept.append(f"font-weight:{weight[1]}")
    if re.search(r"\b(italic|oblique)\b", style):
        kept.append("font-style:italic")
    if size := re.search(r"([\d.]+)px", style):
        kept.append(f"font-size:{size[1]}px")
    if re.search(r"(px|family:)\s*'?[\w ]*Mono", style):
        kept.append("font-family:var(--w2v-mono,monospace)")
    kept += re.findall(r"(?:text-anchor|fill|opacity): ?[^;]+", style)
    return ";".join(dict.fromkeys(kept))


def _size(style: str) -> float:
    return float(found[1]) if (found := re.search(r"([\d.]+)px", style)) else 10.0


def _width(text: str, size: float, style: str) -> float:
    weight = "bold" if re.search(r"\b(bold|[6-9]00)\b", style) else "normal"
    return size * sum(_advance(letter, weight) for letter in text)


@functools.cache
def _advance(letter: str, weight: str) -> float:
    """The width of a letter in matplotlib's own font, for the size one."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    font.set_size(100, 72)
    if ord(letter) not in font.get_charmap():
        return 0.6  # as wide as a digit
    return font.load_char(ord(letter)).linearHoriAdvance / 65536 / 100


SAID = {
    **{"times": "×", "cdot": "·", "infty": "∞", "propto": "∝", "sum": "Σ", "sqrt": "√"},
    **{"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε"},
    **{"eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π"},
    **{"rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω"},
    **{"Delta": "Δ", "Sigma": "Σ", "Lambda": "Λ", "leq": "≤", "geq": "≥", "approx": "≈"},
    **{"log": "log", "sin": "sin", "cos": "cos", "dots": "…", "pm": "±", "in": "∈"},
}


def spoken(text: str) -> str:
    """Write a label with formulas as one line of plain text."""

    def formula(found: re.Match[str]) -> str:
        inner = re.sub(
            r"\\(?:math\w+|text\w*|tfrac|frac|left|right|bar|hat|tilde) ?", "", found[1]
        )
        inner = re.sub(r"\\[,;:! ]", " ", inner)
        inner = re.sub(r"\\([A-Za-z]+) ?", lambda name: SAID.get(name[1], name[1]), inner)
        inner = re.sub(r"\^\{?(-?\d+)(?![\d/])\}?", lambda n: n[1].translate(SUPERSCRIPTS), inner)
        inner = re.sub(r"\^\{([^{}]*/[^{}]*)\}", r"^(\1)", inner).replace("^*", "*")
        inner = re.sub(r"(log|sin|cos)(?=\w)", r"\1 ", inner)
        return re.sub(r"\s*([=<>≤≥≈∝])\s*", r" \1 ", re.sub(r"[{}]", "", inner))

    plain = re.sub(r"\$([^$]*)\$", formula, text)
    return write_text(re.sub(r"\s+", " ", plain).strip())
