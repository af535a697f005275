"""Where the ticks of an axis lie and how numbers are written on it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.ticker import MaxNLocator

from w2vlib.book.writing import write_number, write_power


@dataclass(frozen=True)
class Axis:
    """A scale with its ticks; the page and the still picture draw the same one."""

    domain: tuple[float, float]
    ticks: list[float]
    names: list[str]
    log: bool
    decimals: int | None  # of values read off the axis; None means three digits


def cell_decimals(top: float) -> int | None:
    """Decimals of numbers in the cells of a heat map: two digits of the largest."""
    decimals = max(0, 2 - math.ceil(math.log10(top) - 1e-9))
    return decimals if decimals <= 4 and top < 1e5 else None


def shown_names(names: Sequence[str], most: int) -> range:
    """Places of the names beside a heat map that are written: evenly, at most so many.

    Numbers in a row are shown at multiples of the step: 5, 10, 15, ...; the script has the same
    rule.
    """
    least = max(1, math.ceil(len(names) / most))
    step = next(int(grade) for grade in _grades(1.0, 10.0 * least) if grade >= least)
    first = int(names[0]) if str(names[0]).isdecimal() else 0
    in_a_row = list(names) == [str(first + k) for k in range(len(names))]
    return range(-first % step if in_a_row else 0, len(names), step)


def _multiples(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten, about five, around both ends."""
    found = MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high)
    return [float(f"{tick:.12g}") for tick in found]


def _grades(low: float, high: float, digits: Sequence[int] = (1, 2, 5)) -> list[float]:
    """1, 2, 5, 10, 20, ... (and 0.5, 0.2, ...), around both ends."""
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    return [float(f"{digit}e{power}") for power in powers for digit in digits]


def _within(ticks: Sequence[float], low: float, high: float) -> list[float]:
    low, high = low - 1e-6 * abs(low), high + 1e-6 * abs(high)
    return [tick for tick in ticks if low <= tick <= high]


def linear_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Multiples of 1, 2 or 5 times a power of ten, about five of them, and their names."""
    every = _multiples(low, high)
    ticks = _within(every, low, high)
    decimals = max(0, -math.floor(math.log10(every[1] - every[0]) + 1e-9))
    if decimals > 4 or max(abs(low), abs(high)) >= 1e6:
        return ticks, [write_number(tick) for tick in ticks]
    return ticks, [f"{tick:,.{decimals}f}".replace("-", "−") for tick in ticks]


def log_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Powers of ten, with 2 and 5 between them on short axes."""
    span = math.log10(high / low)
    longest = 2.5 if low >= 1 and high < 1000 else 2  # decades: short names have more room
    digits = (1, 2, 5) if span < longest else (1,)
    skip = max(1, math.ceil(span / 6))
    every = _grades(low, high, digits)
    ticks = [tick for tick in every if round(math.log10(tick)) % skip == 0]
    ticks = _within(ticks, low, high)

    if len(ticks) < 2:
        return linear_ticks(low, high)
    if all(1e-3 <= tick < 1e5 for tick in ticks):
        return ticks, [f"{tick:,g}" for tick in ticks]
    if digits == (1,):
        return ticks, [write_power(round(math.log10(tick))) for tick in ticks]
    return ticks, [write_number(tick) for tick in ticks]


def _domain(low: float, high: float, log: bool, room: str) -> tuple[float, float]:
    if low == high:  # a single value has room on both sides
        half = abs(low) / 2 or 1.0
        low, high = (low / 2, high * 2) if log else (low - half, high + half)

    if room == "none":
        return low, high
    if room == "pad" and log:
        share = (high / low) ** 0.05
        return low / share, high * share
    if room == "pad":
        width = 0.05 * (high - low)
        return low - width, high + width
    if log:
        grades = _grades(low, high)
        return max(g for g in grades if g <= low), min(g for g in grades if g >= high)
    ticks = _multiples(low, high)
    return ticks[0], ticks[-1]


def make_axis(
    values: Sequence[float], *, log: bool, limits: tuple[float, float] | None, room: str
) -> Axis:
    """Fit an axis around finite values; `room` is "none", "pad" or "nice", to the next tick."""
    low, high = limits or _domain(min(values), max(values), log, room)
    ticks, names = (log_ticks if log else linear_ticks)(low, high)
    first, second, *_ = _multiples(low, high)
    decimals = max(0, 2 - math.floor(math.log10(second - first) + 1e-9))
    exact = not log and decimals <= 5 and max(-low, high) < 1e6
    return Axis((low, high), ticks, names, log, decimals if exact else None)
