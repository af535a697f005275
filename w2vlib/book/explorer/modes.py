"""What an embedding knows with its first d modes: the data, the words and the still picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure

# The light colors of style.css: ink, secondary text, rules, other curves; then the two curves.
INK, SOFT, RULE, FAINT = "#1f2328", "#59636e", "#d1d9e0", "#a3abb3"
FIRST, SECOND = "#0072b2", "#c25400"
POLES = ("one pole", "other pole")
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, eq=False)
class Modes:
    """The data of the figure, checked; a frame is a position in `dims`."""

    dims: list[int]
    accuracy: dict[str, list[float]]
    topics: list[tuple[list[str], list[str]]]
    eigenvalues: list[float]
    neighbors: dict[str, list[list[str]]]

    def __post_init__(self) -> None:
        if not self.dims or self.dims[0] < 1 or self.dims != sorted(set(self.dims)):
            raise ValueError(f"`dims` must be positive and growing, at least one; got {self.dims}")

        columns: dict[str, Sequence[object]] = {
            "`topics`": self.topics,
            "`eigenvalues`": self.eigenvalues,
            **{f"`accuracy[{name!r}]`": column for name, column in self.accuracy.items()},
            **{f"`neighbors[{word!r}]`": column for word, column in self.neighbors.items()},
        }
        for name, column in columns.items():
            if len(column) != len(self.dims):
                raise ValueError(
                    f"{name} must have one entry for each of the {len(self.dims)} `dims`; "
                    f"got {len(column)}"
                )

        if not (self.accuracy and self.neighbors):
            raise ValueError("`accuracy` and `neighbors` must each have a key; got an empty one")
        for name, shares in self.accuracy.items():
            if wrong := [share for share in shares if not 0 <= share <= 1]:
                raise ValueError(
                    f"`accuracy[{name!r}]` must hold shares between 0 and 1; got {wrong[0]}: "
                    "divide percentages by 100"
                )


def payload(data: Modes, start: int) -> dict[str, object]:
    """Every word once, in a table; elsewhere its position there."""
    table: dict[str, int] = {}

    def positions(words: Sequence[str]) -> list[int]:
        return [table.setdefault(word, len(table)) for word in words]

    return {
        "start": start,
        "dims": data.dims,
        "ticks": _ticks(data),
        "shares": _shares(data),
        "eigenvalues": [number(value) for value in data.eigenvalues],
        "names": list(data.accuracy),
        "accuracy": [[round(share, 4) for share in shares] for shares in data.accuracy.values()],
        "topics": [[positions(pole) for pole in poles] for poles in data.topics],
        "queries": list(data.neighbors),
        "neighbors": [[positions(row) for row in rows] for rows in data.neighbors.values()],
        "words": list(table),
    }


def _ticks(data: Modes) -> list[int]:
    inside = [d for d in TICKS if data.dims[0] <= d <= data.dims[-1]]
    return inside or [data.dims[0]]


def _shares(data: Modes) -> list[float]:
    """Steps of 20 % that reach above the best curve."""
    best = max(map(max, data.accuracy.values()))
    return [k / 5 for k in range(max(1, math.ceil(5 * best)) + 1)]


def number(value: float) -> str:
    """An eigenvalue to three digits or more."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(share: float) -> str:
    """A share as the script writes it: four digits arrive there, and it rounds a half up."""
    return f"{math.floor(100 * round(share, 4) + 0.5)} %"


def sentence(data: Modes, f: int, category: int, query: int) -> str:
    """Say what a frame shows."""
    d, names, word = data.dims[f], list(data.accuracy), list(data.neighbors)[query]
    shares = [f"{names[k]} {percent(data.accuracy[names[k]][f])}" for k in sorted({0, category})]
    one, other = (", ".join(pole) for pole in data.topics[f])
    return (
        f"d = {d} {'mode' if d == 1 else 'modes'}: {', '.join(shares)}; "
        f"mode {d} (eigenvalue {number(data.eigenvalues[f])}): {one} | {other}; "
        f"nearest to {word}: {', '.join(data.neighbors[word][f])}"
    )


def picture(data: Modes, f: int, category: int, query: int) -> "matplotlib.figure.Figure":
    """Draw one frame for print, laid out as on the page."""
    import matplotlib.style
    from matplotlib.figure import Figure

    with matplotlib.style.context("default"):
        figure = Figure(figsize=(7.6, 4.0))
        _draw_accuracy(figure.add_axes((0.07, 0.13, 0.51, 0.64)), data, f, category)
        _write_words(figure, data, f, query)
    return figure


def _draw_accuracy(axes: "matplotlib.axes.Axes", data: Modes, f: int, category: int) -> None:
    looks = {category: (SECOND, 2.0, "--", "s"), 0: (FIRST, 2.5, "-", "o")}
    for k, (name, shares) in enumerate(data.accuracy.items()):
        color, width, style, marker = looks.get(k, (FAINT, 0.8, "-", ""))
        label = f"{name}  {percent(shares[f])}" if k in looks else None
        front = 2 + (k in looks) + (k == 0)
        axes.plot(data.dims, shares, color=color, lw=width, ls=style, label=label, zorder=front)
        point = axes.plot(
            data.dims[f], shares[f], marker, color=color, ms=7, mec="w", zorder=front
        )
        point[0].set_clip_on(False)

    axes.axvline(data.dims[f], color=SOFT, lw=0.8, zorder=1)
    axes.set_xscale("log")
    axes.set_xticks(_ticks(data), [str(d) for d in _ticks(data)])
    axes.set_yticks(_shares(data), [percent(share) for share in _shares(data)])
    axes.minorticks_off()
    axes.set_xlabel("number of modes d", color=SOFT)
    axes.set_ylim(0, _shares(data)[-1])
    axes.tick_params(colors=SOFT, length=3, labelsize=9)
    axes.grid(axis="y", color=RULE, lw=0.8)
    axes.spines[:].set_visible(False)

    legend = axes.legend(
        loc="lower left", bbox_to_anchor=(-0.13, 1.02), frameon=False, fontsize=9, labelcolor=INK
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def _write_words(figure: "matplotlib.figure.Figure", data: Modes, f: int, query: int) -> None:
    def write(x: float, line: float, text: str, color: str = INK, ha: str = "left") -> None:
        y = 0.94 - 0.052 * line
        figure.text(x, y, text, color=color, fontsize=9.5, ha=ha, parse_math=False)

    left, right = 0.64, 0.83
    write(0.02, 0.0, "Analogies solved")
    write(left, 0.0, f"Mode {data.dims[f]}")
    write(0.99, 0.0, f"eigenvalue λ = {number(data.eigenvalues[f])}", SOFT, ha="right")

    for x, title, pole in zip((left, right), POLES, data.topics[f], strict=True):
        write(x, 1.6, title, SOFT)
        for k, word in enumerate(pole):
            write(x, 2.6 + k, word)

    word = list(data.neighbors)[query]
    below = 3.6 + max(map(len, data.topics[f]))
    write(left, below, f"Nearest to {word}", SOFT)
    for k, neighbor in enumerate(data.neighbors[word][f]):
        write((left, right)[k % 2], below + 1 + k // 2, neighbor)
