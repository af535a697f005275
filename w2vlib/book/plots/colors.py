"""The colors of the style sheet as variables of the page, which follow its theme."""

import re

# The cycle of style.mplstyle; custom.css has each variable for the light and the dark theme.
NAMES = {
    "#0072b2": "blue",
    "#d55e00": "orange",
    "#009e73": "green",
    "#cc79a7": "pink",
    "#e69f00": "amber",
    "#56b4e9": "sky",
}
INK, PAPER = "var(--w2v-ink,#000)", "var(--w2v-paper,#fff)"
GRAYISH = 26  # the largest difference of red, green and blue that still looks gray
HEX = re.compile("#[0-9a-f]{6}")


def themed(style: str) -> str:
    """Replace the colors in CSS that the theme should choose; those of color maps stay."""
    return HEX.sub(lambda found: _variable(found[0]), style)


def _variable(color: str) -> str:
    if color in NAMES:
        return f"var(--w2v-{NAMES[color]},{color})"

    parts = bytes.fromhex(color[1:])
    if max(parts) - min(parts) > GRAYISH:
        return color

    # A gray lies between ink and paper: in the dark theme these change places, and it with them.
    ink = round(100 * (1 - sum(parts) / (3 * 255)))
    return {0: PAPER, 100: INK}.get(ink, f"color-mix(in srgb,{INK} {ink}%,{PAPER})")
