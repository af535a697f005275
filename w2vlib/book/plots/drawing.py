"""A figure as SVG inside a page: text as text, colors of the theme, names that never collide."""

import base64
import hashlib
import html
import io
import re
import xml.etree.ElementTree as ET
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from PIL import Image

from w2vlib.book.plots.colors import INK, themed
from w2vlib.book.plots.texts import rewrite_text

DPI = 220  # twice the 110 pixels per inch at which the book shows figures
MANY = 1_000  # parts; a drawing with more is stored as pixels
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "w2v",
    "mathtext.fontset": "dejavusans",
    "axes.unicode_minus": True,
    "savefig.bbox": "tight",
    "savefig.pad_inches": 0.04,
}
# The ids by which a drawing tells this module about its parts.
KEEP, ALIGN = "w2v-keep", re.compile("w2v-(left|center|right)")
OWN = "\ue000"  # stands for the drawing's own prefix until its content is known
PIXELS = "data:image/png;base64,"
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
REFERENCE = re.compile(r"(?<=url\(#)[^)]+|(?<=^#).+")


def png(figure: Figure) -> bytes:
    """Draw the figure for print and for notebooks, two pixels for each of the page."""
    file = io.BytesIO()
    with mpl.rc_context(SETTINGS):
        figure.savefig(file, format="png", dpi=DPI, facecolor="white")
    return _indexed(Image.open(file).convert("RGB"), Image.Quantize.MAXCOVERAGE)


def _indexed(image: Image.Image, method: Image.Quantize) -> bytes:
    """Write a picture with a palette of its own, a third as large."""
    file = io.BytesIO()
    image.quantize(256, method).save(file, "png", optimize=True, dpi=(DPI, DPI))
    return file.getvalue()


def svg(figure: Figure, name: str, alt: str) -> str:
    """Draw the figure as an element of a page; this marks and changes the figure.

    Args:
        figure: A figure of its own: a copy of the one to keep.
        name: The class of the element.
        alt: What it shows, in words.
    """
    file = io.BytesIO()
    with mpl.rc_context(SETTINGS):
        figure.draw_without_rendering()  # only now are there ticks, and places of labels
        _mark(figure)
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(file, format="svg", dpi=DPI, transparent=True, metadata=nothing)

    root = ET.fromstring(file.getvalue())
    width, height = (round(float(part), 2) for part in root.get("viewBox", "").split()[2:])
    root.attrib.clear()
    _clean(root, keep=False)
    _rename(root)

    body = "".join(ET.tostring(child, "unicode") for child in root)
    key = hashlib.sha256((name + body).encode()).hexdigest()[:8]
    return (
        f'<svg class="{name}" role="img" aria-label="{html.escape(alt)}" '
        f'viewBox="0 0 {width:g} {height:g}" '
        f'style="max-width:{width / 72 * DPI / 2:.0f}px;fill:{INK}" '
        f'stroke-linejoin="round">{body.replace(OWN, f"w{key}-")}</svg>'
    )


def _mark(figure: Figure) -> None:
    """Say in the ids how texts are aligned and which parts keep their colors; find heavy ones."""
    for text in figure.findobj(Text):
        # What a turned text calls left and right is above and below for its letters.
        turned = text.get_rotation() % 180 != 0
        text.set_gid(f"w2v-{'center' if turned else text.get_horizontalalignment()}")

    for axes in figure.axes:
        for line in axes.lines:
            line.set_rasterized(_has_many_marks(line))
        for several in axes.collections:
            several.set_rasterized(_is_heavy(several))
        if axes.images or any(isinstance(part, QuadMesh) for part in axes.collections):
            # What is drawn on a picture is seen against it, whatever the theme.
            above: list[Artist] = [*axes.lines, *axes.collections, *axes.texts, *axes.patches]
            for part in above:
                part.set_gid(f"{KEEP} {part.get_gid() or ''}")


def _has_many_marks(line: Line2D) -> bool:
    """Marks stay as many as they are; of a line, the points that nobody sees are left out."""
    return line.get_marker() not in ("", " ", "None", None) and len(line.get_path()) > MANY


def _is_heavy(part: Collection) -> bool:
    corners = sum(len(path) for path in part.get_paths())
    return isinstance(part, QuadMesh) or len(_offsets(part)) > MANY or corners > MANY


def _offsets(part: Collection) -> np.ndarray:
    return np.asarray(part.get_offsets())


def _clean(element: ET.Element, *, keep: bool) -> None:
    """Leave of matplotlib's SVG what a page needs, from the element down."""
    for child in list(element):
        child.tag = child.tag.rpartition("}")[2]
        name = child.get("id", "")
        if child.tag in ("metadata", "style"):
            element.remove(child)
            continue

        _clean_attributes(child, keep=keep or KEEP in name)
        _clean(child, keep=keep or KEEP in name)
        if aligned := ALIGN.search(name):
            _rewrite_texts(child, aligned[1])
        if child.tag in ("g", "defs") and not len(child):
            element.remove(child)

    # A group without a meaning gives way to its content, and parts share one style.
    for place in reversed(range(len(element))):
        if element[place].tag == "g" and not set(element[place].attrib) - {"id"}:
            element[place : place + 1] = list(element[place])
    styles = {child.get("style", "") for child in element}
    if element.tag == "g" and "style" not in element.attrib and len(styles) == 1 < len(element):
        for child in element:
            element.set("style", child.attrib.pop("style", ""))


def _clean_attributes(element: ET.Element, *, keep: bool) -> None:
    for name, value in list(element.attrib.items()):
        del element.attrib[name]
        short = name.rpartition("}")[2]
        if short == "style":
            value = (value if keep else themed(value)).replace("; ", ";").replace(": ", ":")
        elif short == "href" and value.startswith(PIXELS):
            image = Image.open(io.BytesIO(base64.b64decode(value.removeprefix(PIXELS))))
            small = _indexed(image.convert("RGBA"), Image.Quantize.FASTOCTREE)
            value = PIXELS + base64.b64encode(small).decode()
        elif short == "d":
            decimals = 2 if len(value) < 3_000 else 1  # enough for curves of many points
            value = re.sub(r"\s*([A-Za-z])\s*", r"\1", _rounded(value, decimals)).strip()
        elif short in ("x", "y", "width", "height", "transform"):
            value = _rounded(value, 4 if short == "transform" else 2)
        element.set(short, value)

    if keep and element.tag == "g" and KEEP in element.get("id", ""):
        element.set("style", "fill:#000")  # matplotlib leaves out what is black
    element.tail = None
    if element.tag not in ("text", "tspan"):
        element.text = None


def _rounded(text: str, decimals: int) -> str:
    text = NUMBER.sub(lambda n: f"{round(float(n[0]), decimals):.{decimals}f}".rstrip("0"), text)
    return re.sub(r"\.(?=\D|$)", "", text)


def _rewrite_texts(group: ET.Element, align: str) -> None:
    """Give texts the page's font, except for formulas with bars, whose letters must stay."""
    for parent in group.iter():
        for text in parent.findall("text"):
            if parent.find("rect") is None:
                rewrite_text(text, align)
            else:
                text.set("style", "font-family:'DejaVu Sans',Verdana,sans-serif")
                for span in text:
                    style = re.sub(r"font-family:[^;]*;?", "", span.get("style", ""))
                    span.set("style", style)


def _rename(root: ET.Element) -> None:
    """Drop ids that nothing refers to, and give the others names of the drawing's own."""
    used: dict[str, str] = {}
    for element in root.iter():
        for name in ("href", "clip-path"):
            if found := REFERENCE.search(element.get(name, "")):
                new = used.setdefault(found[0], f"{OWN}{len(used)}")
                element.set(name, REFERENCE.sub(new, element.get(name, "")))

    for element in root.iter():
        if (name := element.attrib.pop("id", "")) in used:
            element.set("id", used[name])
