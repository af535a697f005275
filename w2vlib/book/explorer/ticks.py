"""Where the ticks of an axis lie and how numbers are written on it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Axis:
    """A scale with its ticks; the page and the still picture draw the same one."""

    domain: tuple[float, float]
    ticks: list[float]
    names: list[str]
    log: bool
    decimals: int | None  # of values read off the axis; None means three digits


def number(value: float) -> str:
    """A value to three digits; the script has the same rule."""
    size, sign = float(f"{abs(value):.3g}"), "−" if value < 0 else ""
    if size == 0:
        return "0"
    if size < 1e-3 or size >= 1e6:
        digits, power = f"{size:.2e}".split("e")
        return f"{sign}{float(digits):g}×{_power(int(power))}"
    return sign + (f"{abs(value):,.0f}" if size >= 1000 else f"{size:g}")


def cell_decimals(top: float) -> int | None:
    """Decimals of numbers in the cells of a heat map: two digits of the largest."""
    decimals = max(0, 2 - math.ceil(math.log10(top) - 1e-9))
    return decimals if decimals <= 4 and top < 1e5 else None


def _power(exponent: int) -> str:
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def _grade(size: float, up: bool) -> float:
    """The nearest of 1, 2, 5, 10, 20, ... (and 0.5, 0.2, ...) on one side of a positive number."""
    decade = math.floor(math.log10(size))
    grades = [
        digit * 10.0**power for power in (decade - 1, decade, decade + 1) for digit in (1, 2, 5)
    ]
    if up:
        return min(grade for grade in grades if grade >= size * (1 - 1e-9))
    return max(grade for grade in grades if grade <= size * (1 + 1e-9))


def _step(low: float, high: float) -> float:
    return _grade((high - low) / 5, up=True)


def linear_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Multiples of 1, 2 or 5 times a power of ten, about five of them, and their names."""
    step = _step(low, high)
    counts = range(math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6) + 1)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    ticks = [round(count * step, decimals + 1) for count in counts]
    if decimals > 4 or max(abs(low), abs(high)) >= 1e6:
        return ticks, [number(tick) for tick in ticks]
    return ticks, [f"{tick:,.{decimals}f}".replace("-", "−") for tick in ticks]


def log_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Powers of ten, with 2 and 5 between them on short axes."""
    span = math.log10(high / low)
    longest = 2.5 if low >= 1 and high < 1000 else 2  # decades: short names have more room
    digits = (1, 2, 5) if span < longest else (1,)
    skip = max(1, math.ceil(span / 6))
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [digit * 10.0**power for power in powers if power % skip == 0 for digit in digits]
    ticks = [float(f"{tick:.3g}") for tick in every]
    ticks = [tick for tick in ticks if low * (1 - 1e-6) <= tick <= high * (1 + 1e-6)]

    if len(ticks) < 2:
        return linear_ticks(low, high)
    if all(1e-3 <= tick < 1e5 for tick in ticks):
        return ticks, [f"{tick:,g}" for tick in ticks]
    if digits == (1,):
        return ticks, [_power(round(math.log10(tick))) for tick in ticks]
    return ticks, [number(tick) for tick in ticks]


def _widen(low: float, high: float, log: bool) -> tuple[float, float]:
    """Give a single value room on both sides."""
    if high > low:
        return low, high
    if log:
        return low / 2, high * 2
    room = abs(low) / 2 or 1.0
    return low - room, high + room


def _pad(low: float, high: float, log: bool) -> tuple[float, float]:
    if log:
        room = (high / low) ** 0.05
        return low / room, high * room
    room = 0.05 * (high - low)
    return low - room, high + room


def _nice(low: float, high: float, log: bool) -> tuple[float, float]:
    """Reach to the next tick on both sides."""
    if log:
        return _grade(low, up=False), _grade(high, up=True)
    step = _step(low, high)
    first, last = math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)
    return float(f"{first * step:.12g}"), float(f"{last * step:.12g}")


def make_axis(
    values: Sequence[float], *, log: bool, limits: tuple[float, float] | None, room: str
) -> Axis:
    """Fit an axis around finite values; `room` is "none", "pad" or "nice"."""
    if limits is None:
        domain = _widen(min(values), max(values), log)
        if room != "none":
            domain = (_pad if room == "pad" else _nice)(*domain, log)
    else:
        domain = limits

    low, high = domain
    ticks, names = (log_ticks if log else linear_ticks)(low, high)
    decimals = max(0, 2 - math.floor(math.log10(_step(low, high)) + 1e-9))
    exact = not log and decimals <= 5 and max(-low, high) < 1e6
    return Axis((low, high), ticks, names, log, decimals if exact else None)
