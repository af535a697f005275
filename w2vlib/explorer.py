"""Interactive figures that need no kernel.

A slider made with ipywidgets is dead on a static page. An `Explorer` carries its numbers in a
small HTML document and so moves on a web site, in a notebook and in a file on disk; where HTML
cannot be shown (print, a terminal) its picture or its description stands in.
"""

import base64
import hashlib
import html
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING

from w2vlib._explorer import modes

if TYPE_CHECKING:
    import ipywidgets
    import matplotlib.figure

__all__ = ["Choice", "Explorer", "explore_modes"]


@dataclass(frozen=True)
class Choice:
    """A control of a figure.

    Attributes:
        label: What it sets.
        settings: The names of its settings, in order.
        start: The position of the setting that is shown first.
    """

    label: str
    settings: tuple[str, ...]
    start: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class Explorer:
    """An interactive figure in three forms, of which each viewer picks the best it can show.

    Attributes:
        html: The interactive figure; it loads nothing and needs no kernel.
        png: The picture of its first frame.
        text: What that picture shows, in words.
        choices: Its controls; the first is the slider.
        draw: Gives the picture for one position of every control.
        say: Gives the sentence for one position of every control.
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
            ImportError: if ipywidgets is not installed.
        """
        try:
            import ipywidgets
        except ImportError as error:
            raise ImportError(
                "`Explorer.live` needs ipywidgets, which is not installed: run "
                "`pip install ipywidgets`, or display the Explorer itself, which needs nothing"
            ) from error

        controls: list[ipywidgets.SelectionSlider | ipywidgets.Dropdown] = []
        for choice in self.choices:
            kind = ipywidgets.Dropdown if controls else ipywidgets.SelectionSlider
            options = [(name, position) for position, name in enumerate(choice.settings)]
            controls.append(kind(description=choice.label, options=options, value=choice.start))
        picture, sentence = ipywidgets.Image(format="png"), ipywidgets.Label()

        def redraw(_change: object = None) -> None:
            positions = [control.value for control in controls]
            picture.value, sentence.value = self.draw(*positions), self.say(*positions)

        for control in controls:
            control.observe(redraw, names="value")
        redraw()
        return ipywidgets.VBox([*controls, picture, sentence])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _asset(name: str) -> str:
    return files("w2vlib").joinpath("_explorer", name).read_text(encoding="utf-8").strip()


def _script_json(value: object) -> str:
    """Write JSON that is safe inside <script>: ASCII without `<`, `>` and `&`."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _png(figure: "matplotlib.figure.Figure") -> bytes:
    """Encode a figure with a palette of 128 colors: a third of the size of true color."""
    from PIL import Image

    true_color, indexed = io.BytesIO(), io.BytesIO()
    figure.savefig(true_color, format="png", dpi=144)
    picture = Image.open(true_color).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    picture.save(indexed, format="png", optimize=True)
    return indexed.getvalue()


def _render(
    name: str,
    payload: Mapping[str, object],
    *,
    title: str,
    alt: str | None,
    choices: Sequence[Choice],
    draw: Callable[..., bytes],
    say: Callable[..., str],
) -> Explorer:
    """Put the script, the style, the data and the first frame of figure `name` together.

    The static part of the HTML is a picture with a description, which the script replaces: a
    viewer that runs no scripts shows the picture and no dead controls.
    """
    start = [choice.start for choice in choices]
    png = draw(*start)
    alt = alt or f"{title}. At the start: {say(*start)}."
    css = _script_json(_asset("style.css") + _asset(f"{name}.css"))
    arguments = ",\n".join((css, _script_json(payload), _asset(f"{name}.js")))
    core = _asset("core.js")
    # A key made from the content keeps the output of a repeated run the same, byte for byte.
    key = "w2v-" + hashlib.sha256("".join((core, arguments, title, alt)).encode()).hexdigest()[:12]
    page = (
        f'<div class="w2v-figure tex2jax_ignore mathjax_ignore" role="group" '
        f'aria-label="{html.escape(title)}" data-w2v="{key}">'
        f'<img style="max-width:min(100%,54rem)" alt="{html.escape(alt)}" '
        f'src="data:image/png;base64,{_base64(png)}"></div>\n'
        f'<script>\n{core}("{key}",\n{arguments});\n</script>\n'
    )
    text = f"[interactive figure] {alt}"
    return Explorer(html=page, png=png, text=text, choices=tuple(choices), draw=draw, say=say)


def explore_modes(
    dims: Sequence[int],
    accuracy: Mapping[str, Sequence[float]],
    topics: Sequence[tuple[Sequence[str], Sequence[str]]],
    eigenvalues: Sequence[float],
    neighbors: Mapping[str, Sequence[Sequence[str]]],
    *,
    start: int,
    title: str = "What an embedding knows with its first d modes",
    alt: str | None = None,
) -> Explorer:
    r"""Explore what an embedding knows when it keeps the first d modes of its target matrix.

    The closed form keeps the d leading eigenvectors, :math:`W = U_d \Lambda_d^{1/2}`. For each d
    the figure shows how many analogies W solves, the words at the two poles of the eigenvector
    that comes in with d, and the words nearest to a query.

    Args:
        dims: Numbers of modes d, growing.
        accuracy: For each set of questions the share solved with each d, from 0 to 1; the first
            set is the main curve.
        topics: For each d the words at the two poles of eigenvector number d.
        eigenvalues: For each d eigenvalue number d.
        neighbors: For each query word and each d the nearest words, nearest first.
        start: The d of the first frame.
        title: A name for the figure, which screen readers announce.
        alt: A description of the first frame; made from the data if left out.

    Returns:
        The figure.

    Raises:
        ValueError: Lengths disagree, `start` is not in `dims`, or an accuracy is no share.

    Example:
        >>> figure = explore_modes([1, 2], {"all": [0.1, 0.4]}, [(["war"], ["tea"])] * 2,
        ...                        [9.0, 4.0], {"sea": [["war"], ["tea"]]}, start=2)
        >>> figure.say(0, 0, 0)
        'd = 1 mode: all 10 %; mode 1 (eigenvalue 9): war | tea; nearest to sea: war'
    """
    data = modes.Modes(
        dims=[int(d) for d in dims],
        accuracy={name: [float(share) for share in shares] for name, shares in accuracy.items()},
        topics=[(list(one), list(other)) for one, other in topics],
        eigenvalues=[float(value) for value in eigenvalues],
        neighbors={word: [list(row) for row in rows] for word, rows in neighbors.items()},
    )
    if start not in data.dims:
        raise ValueError(f"`start` must be one of `dims`, {data.dims}; got {start}")
    first = data.dims.index(start)
    return _render(
        "modes",
        modes.payload(data, first),
        title=title,
        alt=alt,
        choices=[
            Choice("modes kept", tuple(map(str, data.dims)), first),
            Choice("questions", tuple(data.accuracy), min(1, len(data.accuracy) - 1)),
            Choice("nearest to", tuple(data.neighbors)),
        ],
        draw=lambda *positions: _png(modes.picture(data, *positions)),
        say=partial(modes.sentence, data),
    )
