"""The furniture of the book: checked exercises, claims of the text, interactive figures.

The library does not need it: nothing outside this folder imports it.
"""

from w2vlib.book.checks import Feedback, check, claim, show
from w2vlib.book.explorer.figures import Choice, Explorer, explore_panels
from w2vlib.book.explorer.panels import Curves, Heatmap, Panel, Points, Words

__all__ = [
    "Choice",
    "Curves",
    "Explorer",
    "Feedback",
    "Heatmap",
    "Panel",
    "Points",
    "Words",
    "check",
    "claim",
    "explore_panels",
    "show",
]
