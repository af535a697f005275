"""Interactive figures that need no kernel.

A slider made with ipywidgets is dead on a static page. An `Explorer` carries its numbers in a
small HTML document and so moves on a web site, in a notebook and in a file on disk; where HTML
cannot be shown (print, a terminal) its picture or its description stands in.
"""

import base64
import hashlib
import html
import itertools
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from types import ModuleType
from typing import TYPE_CHECKING

from w2vlib.book.explorer.panels import Panel
from w2vlib.book.writing import write_setting, write_text

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["Choice", "Explorer", "explore_panels"]

COMMENT = re.compile(r"^ *//.*\n|^ */\*[^*]*\*/\n|\n(?=\n)", re.MULTILINE)  # or an empty line
MAX_FRAMES, MAX_BYTES = 2_000, 500_000
# The programs of the page, in order.
SCRIPTS = ("core.js", "text.js", "kinds.js", "tables.js", "address.js", "panels.js")


@dataclass(frozen=True)
class Choice:
    """A control of a figure.

    Attributes:
        label: The name of what it sets.
        settings: The names of its settings, in order; numbers are written for readers.
        start: The position of the setting that is shown first.
    """

    label: str
    settings: Sequence[object]
    start: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class Explorer:
    """An interactive figure in three forms; each viewer picks the best that it can show.

    Attributes:
        html: The interactive figure; it loads nothing and needs no kernel.
        png: The picture of its first frame.
        text: What that picture shows, in words.
        choices: Its controls; the first is the slider.
        draw: A function that gives the picture for one position of every control.
        say: A function that gives the sentence for one position of every control.
    """

    html: str
    png: bytes
    text: str
    choices: tuple[Choice, ...]
    draw: Callable[..., bytes]
    say: Callable[..., str]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {
            "text/html": self.html,
            "image/png": _base64(self.png),
            "text/plain": self.text,
        }

    def __repr__(self) -> str:
        return self.text

    def live(self) -> "ipywidgets.VBox":
        """Build the same figure from ipywidgets, drawn by Python in a running kernel.

        Returns:
            A box with the slider, the menus, the picture and its sentence, in this order.

        Raises:
            ImportError: ipywidgets is not installed.
        """
        widgets = widgets_of()
        controls: list[ipywidgets.DOMWidget] = []
        for choice in self.choices:
            kind = widgets.Dropdown if controls else widgets.SelectionSlider
            options = [(write_setting(name), at) for at, name in enumerate(choice.settings)]
            controls.append(kind(description=choice.label, options=options, value=choice.start))
        picture, sentence = widgets.Image(format="png"), widgets.Label()

        def redraw(_change: object = None) -> None:
            positions = [control.value for control in controls]
            picture.value, sentence.value = self.draw(*positions), self.say(*positions)

        for control in controls:
            control.observe(redraw, names="value")
        redraw()
        return widgets.VBox([*controls, picture, sentence])


def widgets_of() -> ModuleType:
    """The package ipywidgets, or an error that says what to do."""
    try:
        import ipywidgets
    except ImportError as error:
        raise ImportError(
            "`live` needs ipywidgets, which is not installed: run `pip install ipywidgets`, or "
            "display the figure itself, which needs nothing"
        ) from error
    return ipywidgets


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _asset(name: str) -> str:
    """A file of the page without its comments, which are for those who read it here."""
    text = files("w2vlib.book").joinpath("page", name).read_text(encoding="utf-8")
    return COMMENT.sub("", text).strip()


def _script_json(value: object) -> str:
    """Write JSON that is safe inside <script>: ASCII without `<`, `>` and `&`."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _page(payload: object, title: str, alt: str, png: bytes) -> str:
    """Put the script, the style, the data and the first frame together.

    The static part of the HTML is a picture with a description, which the script replaces: a
    viewer that runs no scripts shows the picture and no dead controls.
    """
    css = _script_json(_asset("style.css") + _asset("panels.css"))
    program = "\n".join(map(_asset, SCRIPTS))
    build = f"(body, root) => buildPanels(body, root,\n{_script_json(payload)})"

    # A key made from the content keeps the output of a repeated run the same, byte for byte.
    content = "".join((program, css, build, title, alt))
    key = "w2v-" + hashlib.sha256(content.encode()).hexdigest()[:12]
    return (
        f'<div class="w2v-figure tex2jax_ignore mathjax_ignore" role="group" '
        f'aria-label="{html.escape(title)}" data-w2v="{key}">'
        f'<img style="max-width:min(100%,54rem)" alt="{html.escape(alt)}" '
        f'src="data:image/png;base64,{_base64(png)}"></div>\n'
        f'<script>\n(() => {{\n"use strict";\n{program}\n'
        f'mountFigure("{key}", {css}, {build});\n}})();\n</script>\n'
    )


def explore_panels(
    panels: Sequence[Panel],
    choices: Sequence[Choice],
    *,
    say: Callable[..., str],
    title: str,
    alt: str | None = None,
) -> Explorer:
    """Explore plots, tables of colors and lists of words side by side, moved by common controls.

    All frames are computed now, for every combination of settings. What several frames have in
    common (a curve, its x, a whole panel that does not follow a menu) is stored once.

    Args:
        panels: The parts to show, each drawn by a pure function of the positions of all controls.
        choices: The controls: the first is the slider, the others are menus.
        say: A function that gives, from the same positions, the sentence that tells what can be
            seen; it appears under the slider and is read aloud. In it, as in labels and names,
            `1e-4`, `-5` and `5%` are written for readers: 10⁻⁴, −5, 5 %.
        title: A name for the figure, which screen readers announce.
        alt: A description of the first frame; made from `title` and `say` if left out.

    Returns:
        The figure.

    Raises:
        ValueError: There is no panel or control, a control cannot start where it should, there
            are more than 2,000 combinations of settings or 500 kB of data, or a frame cannot be
            drawn.

    Example:
        >>> from w2vlib.book import Curves
        >>> powers = Choice("power", ("1", "2", "3"), start=1)
        >>> grid = [0.0, 0.5, 1.0]
        >>> figure = explore_panels(
        ...     [Panel("Powers", lambda p: Curves({"x^p": (grid, [x ** (p + 1) for x in grid])}))],
        ...     [powers], say=lambda p: f"x to the power of {p + 1}", title="Powers of x")
        >>> figure
        [interactive figure] Powers of x. At the start: x to the power of 2.
    """
    from w2vlib.book.explorer import films, stills  # they need matplotlib

    _check(choices)
    if not panels:
        raise ValueError("`panels` must have at least one panel; got none")

    positions = list(itertools.product(*(range(len(choice.settings)) for choice in choices)))
    number = {position: k for k, position in enumerate(positions)}
    start = tuple(choice.start for choice in choices)
    slider = [k for k, position in enumerate(positions) if position[1:] == start[1:]]
    said = [write_text(say(*position)) for position in positions]
    made = [films.make_film(panel, positions) for panel in panels]

    # What frames share is written once.
    pool, sentences = films.Pool(), films.Pool()
    payload = {
        "panels": [films.film_payload(film, pool, slider) for film in made],
        "choices": [vars(c) | {"settings": [*map(write_setting, c.settings)]} for c in choices],
        "pool": pool.contents,
        "says": [sentences.add(sentence) for sentence in said],
        "said": sentences.contents,
    }

    if (size := len(_script_json(payload))) > MAX_BYTES:
        largest = max(made, key=films.weight)
        raise ValueError(
            f"the data of the figure must be at most {MAX_BYTES / 1000:.0f} kB; got "
            f"{size / 1000:.0f} kB, of which {films.weight(largest) / 1000:.0f} kB for "
            f"{largest.panel.title!r}: give lines fewer points, controls fewer settings, or let "
            "frames share what does not change"
        )

    def draw(*position: int) -> bytes:
        k = number[position]
        return stills.png(made, k, said[k])

    def tell(*position: int) -> str:
        return said[number[position]]

    png, title = draw(*start), write_text(title)
    alt = alt or f"{title}. At the start: {tell(*start).rstrip('.')}."
    page, text = _page(payload, title, alt, png), f"[interactive figure] {alt}"
    return Explorer(html=page, png=png, text=text, choices=tuple(choices), draw=draw, say=tell)


def _check(choices: Sequence[Choice]) -> None:
    if not choices:
        raise ValueError("`choices` must have at least one control, the slider; got none")

    sizes = [len(choice.settings) for choice in choices]
    for choice, size in zip(choices, sizes, strict=True):
        if not 0 <= choice.start < size:
            raise ValueError(
                f"the control {choice.label!r} must start at one of its {size} settings; "
                f"got position {choice.start}"
            )

    if math.prod(sizes) > MAX_FRAMES:
        raise ValueError(
            f"`choices` must have at most {MAX_FRAMES:,} combinations of settings; got "
            f"{' x '.join(map(str, sizes))} = {math.prod(sizes):,}: leave settings out"
        )
