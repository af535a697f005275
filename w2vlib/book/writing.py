"""How numbers are written for readers: in settings, ticks and sentences of figures."""

import re
from collections.abc import Callable
from numbers import Integral, Real
from typing import SupportsFloat

from torch import Tensor

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
POWER_FROM, COMMAS_FROM, POWER_TO = 1e6, 1e3, 1e-3  # sizes; between them numbers are plain

# What programs write and readers do not. A letter, digit or point before it makes it a name.
NUMERAL = r"(?<![\w.,])[1-9][0-9]*(?:\.[0-9]+)?e[+-]?[0-9]{1,3}(?!\w)"
SMALL = r"(?<![\w.,])0\.000[0-9]*[1-9][0-9]*"
LONG = r"(?<![\w.,])[1-9][0-9]{4,}(?!\w)"
MINUS = r"(?<![\w)\]^-])-(?=\.?[0-9])"
PERCENT = r"(?<=[0-9]) ?%"
THIN_SPACE = "\u202f"  # no line breaks here


def write_power(exponent: int) -> str:
    """Write a power of ten."""
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def write_number(value: SupportsFloat, digits: int = 3) -> str:
    """Write a number for readers: 12,000, −0.25, 10⁻⁴, 2.5×10⁻⁷.

    Args:
        value: The number, finite.
        digits: A number of significant digits; thousands keep all of theirs.

    Returns:
        The text, with a real minus sign; sizes below 0.001 and from a million on have powers
        of ten. The script of the page has the same rule.

    Example:
        >>> [write_number(value) for value in (0.000001, -0.25, 12000)]
        ['10⁻⁶', '−0.25', '12,000']
    """
    value = float(value)
    size, sign = float(f"{abs(value):.{digits}g}"), "−" if value < 0 else ""
    if size == 0:
        return "0"
    if size < POWER_TO or size >= POWER_FROM:
        first, power = f"{size:.{digits - 1}e}".split("e")
        times = "" if float(first) == 1 else f"{float(first):g}×"
        return sign + times + write_power(int(power))
    return sign + (f"{abs(value):,.0f}" if size >= COMMAS_FROM else f"{size:g}")


def write_setting(setting: object) -> str:
    """Write the setting of a control: a number as above, a text with its numbers for readers."""
    if isinstance(setting, Tensor):
        setting = setting.item()
    if isinstance(setting, Integral) and not isinstance(setting, bool):
        return f"{int(setting):,}".replace("-", "−")
    if isinstance(setting, Real) and not isinstance(setting, bool):
        return write_number(setting, digits=6)
    return write_text(str(setting))


def write_text(text: str) -> str:
    """Write the numbers in a text for readers: `1e-4` becomes 10⁻⁴, `-5` −5, `5%` 5 %.

    Dates, names (`top-5`) and hyphens between words stay.
    """
    changes: list[tuple[str, Callable[[re.Match[str]], str]]] = [
        (NUMERAL, lambda found: write_number(float(found[0]), digits=6)),
        (SMALL, lambda found: write_number(float(found[0]), digits=6)),
        (LONG, lambda found: f"{int(found[0]):,}"),
        (MINUS, lambda found: "−"),
        (PERCENT, lambda found: THIN_SPACE + "%"),
    ]
    for pattern, change in changes:
        text = re.sub(pattern, change, text)
    return text
