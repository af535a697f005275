"""The furniture of the book: checked exercises, claims of the text, interactive figures.

The library does not need it: nothing outside this folder imports it.
"""

from w2vlib.book.checks import Feedback, check, claim, show
from w2vlib.book.explorer.figures import Choice, Explorer, explore_panels
from w2vlib.book.explorer.live import Entry, LiveExplorer, explore_live
from w2vlib.book.explorer.panels import Curves, Heatmap, Panel, Points, Words

__all__ = [
    "Choice",
    "Curves",
    "Entry",
    "Explorer",
    "Feedback",
    "Heatmap",
    "LiveExplorer",
    "Panel",
    "Points",
    "Words",
    "check",
    "claim",
    "explore_live",
    "explore_panels",
    "show",
]
