"""Which code the site folds, and under which name.

Set-up, claims and the drawing of figures are there for those who run a chapter; a reader meets
their names, and the code behind a click. The sources and the notebooks show all of it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

SHOWS = re.compile(r"^(\w+ = )?show\(", re.MULTILINE)


@dataclass(frozen=True)
class Fold:
    """What is folded, "input" or "all" (with what the cell printed), and what readers see."""

    mode: str
    name: str


SETUP = Fold("all", "Set-up")
CLAIMS = Fold("all", "The numbers of this chapter, asserted")
FIGURE = Fold("input", "How this figure is drawn")


def fold_of(tags: Collection[str], code: str) -> Fold | None:
    """Return how the site folds a cell, or None if it shows it."""
    if "setup" in tags:
        return SETUP
    if "claims" in tags:
        return CLAIMS
    if "hide-input" in tags or SHOWS.search(code):
        return FIGURE
    return None
