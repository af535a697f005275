"""An interactive figure with a panel of each kind, of numbers that are easy to recompute."""

import math

import numpy as np
import torch

from w2vlib.book import Choice, Curves, Heatmap, Panel, Points, Words, explore_panels

TIMES, RATES = [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0], [1.0, 0.5]
GRID = [0.25 * k for k in range(41)]
NAMES = ["war", "army", "tea"]


def growth(t, rate):
    """A rule that is easy to recompute."""
    return 1 - math.exp(-rate * t)


def curves(i, j):
    rates = {"fast": 2 * RATES[j], "slow": RATES[j], "still": 0.0}
    lines = {name: (GRID, [growth(t, rate) for t in GRID]) for name, rate in rates.items()}
    return Curves(lines, now=TIMES[i], faint=["still"])


def points(i, j):
    y = torch.tensor([1.0, -2.0, 3.0]) * TIMES[i]
    return Points({"all": ([1, 2, 3], y), "one": ([2.5], [0.5])}, labels={"all": NAMES})


def heatmap(i, j):
    return Heatmap(NAMES, ["x", "y"], np.array([[1, -1], [0, 0.5], [0.25, 0]]) * TIMES[i])


def words(i, j):
    return Words({"rising": NAMES[i % 2 :], "falling": NAMES[::-1]})


PANELS = [
    Panel("Growth", curves, x="time t", y="share λ"),
    Panel("Plane", points),
    Panel("Cells", heatmap),
    Panel("Lists", words),
]
CHOICES = [Choice("time", list(map(str, TIMES)), start=1), Choice("rate", RATES, start=1)]


def say(i, j):
    share = growth(TIMES[i], RATES[j])
    return f"At t = {TIMES[i]:g} and rate {RATES[j]:g} the slow share is {share:.2f}"


def make_figure(panels=PANELS, choices=CHOICES, say=say, title="Growth of shares", **more):
    return explore_panels(panels, choices, say=say, title=title, **more)
