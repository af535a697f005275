"""Numbers as readers know them, in Python and in the page by the same rule."""

import json
import random
import shutil
import subprocess

import numpy as np
import pytest
import torch
from support import ROOT

from w2vlib.book.writing import write_number, write_setting, write_text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (1e-4, "10⁻⁴"),
        (-2.5e-7, "−2.5×10⁻⁷"),
        (0.001, "0.001"),
        (0.12345, "0.123"),
        (-3, "−3"),
        (12_345.6, "12,346"),
        (1e6, "10⁶"),
        (9.99e5, "999,000"),
        (np.float32(0.5), "0.5"),
        (torch.tensor(2.0), "2"),
    ],
)
def test_numbers(value, written):
    assert write_number(value) == written


@pytest.mark.parametrize(
    ("setting", "written"),
    [
        (1.0, "1"),
        (0.3125, "0.3125"),
        (1e-12, "10⁻¹²"),
        ("1e-12", "10⁻¹²"),
        ("0.000001", "10⁻⁶"),
        ("0.30", "0.30"),  # digits that an author writes stay
        (-5, "−5"),
        (np.int64(1_234_567), "1,234,567"),
        (torch.tensor(-0.5), "−0.5"),
        (True, "True"),
        ("-inf", "-inf"),
    ],
)
def test_settings(setting, written):
    assert write_setting(setting) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("At 1e-04, then 1.5e-07 and 3e+06", "At 10⁻⁴, then 1.5×10⁻⁷ and 3×10⁶"),
        ("from -1 to (-3), x = -.5", "from −1 to (−3), x = −.5"),
        ("47 % or 50%", "47\u202f% or 50\u202f%"),
        ("12000 words, 0.00012 of them", "12,000 words, 1.2×10⁻⁴ of them"),
    ],
)
def test_texts(text, written):
    assert write_text(text) == written
    assert write_text(written) == written


@pytest.mark.parametrize(
    "text", ["top-5 of 2015-16", "t-1", "5 - 3", "0.123456", "v1e5", "1,234.56789", "0.000", "a-b"]
)
def test_names_dates_and_decimals_stay(text):
    assert write_text(text) == text


def test_the_page_writes_numbers_by_the_same_rule():
    if not (node := shutil.which("node")):
        pytest.skip("node is not installed: the numbers of the page go unchecked")
    draw = random.Random(0)
    values = [draw.choice((1, -1)) * 10 ** draw.uniform(-12, 9) for _ in range(200)]
    values += [0, 1e-4, -1e-7, 0.001, 1e6, 1000, 12_345, 0.5]
    script = (ROOT / "w2vlib/book/page/text.js").read_text("utf-8")
    script += f"\nconsole.log(JSON.stringify({json.dumps(values)}.map(formatNumber)));"
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [write_number(value) for value in values]
