"""Diagrams show the numbers that they are given, in words that fit a page and a phone."""

import itertools
import math

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from w2vlib.book import diagrams

WORDS = "the dog saw the cat and ran".split()
WINDOW = {1: 1, 2: 2, 4: 2, 5: 1}
W = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
C = torch.tensor([[1.0, 1.0], [-1.0, 2.0]])
NAMES = {"names": ["army", "war", "tea"], "context_names": ["soldier", "cup"]}
RUNGS = {"trained": 72.1, "quartic loss": 68.4, "rank-one weights": 66.0, "constant weights": 62.3}
NOISE = torch.linspace(-1, 1, 200)
SPECTRUM = torch.cat([NOISE, torch.tensor([2.0, 3.0, -2.0])])
MODES = torch.tensor([5.0, 3.0, 2.0])
DRAWN = {
    "window": lambda ax: diagrams.draw_window(WORDS, 3, WINDOW, ax=ax),
    "factors": lambda ax: diagrams.draw_factors(W, C, **NAMES, entry=(1, 1), ax=ax),
    "parabola": lambda ax: diagrams.draw_parabola(3.0, 1.0, ax=ax),
    "parabola, rare pair": lambda ax: diagrams.draw_parabola(0.1, 1.0, ax=ax),
    "parabola, chance": lambda ax: diagrams.draw_parabola(1.0, 1.0, ax=ax),
    "staircase": lambda ax: diagrams.draw_staircase(MODES, 1e-9, ax=ax),
    "spikes": lambda ax: diagrams.draw_spikes(SPECTRUM, (-1.0, 1.0), ax=ax),
    "ladder": lambda ax: diagrams.draw_ladder(RUNGS, unit="% of the possible gain", ax=ax),
}


@pytest.fixture(autouse=True)
def no_screen():
    mpl.use("agg")
    with plt.style.context("w2vlib.book.style"):
        yield
    plt.close("all")


@pytest.fixture
def ax():
    return plt.subplots()[1]


def labels(ax):
    """All words of a figure; matplotlib has some for ticks beyond the axes, which it hides."""
    yield from (*ax.texts, ax.xaxis.label, ax.yaxis.label)
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        for place, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True):
            if low <= place <= high:
                yield label


def texts(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("size", [(6.4, 3.8), (3.4, 3.2)], ids=["page", "phone"])
@pytest.mark.parametrize("name", DRAWN)
def test_words_fit_and_cover_no_other_word_and_no_curve(name, size):
    figure, ax = plt.subplots(figsize=size)
    assert DRAWN[name](ax) is ax
    figure.draw_without_rendering()
    shown = [text for text in labels(ax) if text.get_text()]
    boxes = {text: text.get_window_extent() for text in shown}
    for text, box in boxes.items():
        assert figure.bbox.padded(2).contains(*box.min), text
        assert figure.bbox.padded(2).contains(*box.max), text
    for first, second in itertools.combinations(shown, 2):
        assert not boxes[first].overlaps(boxes[second]), (first, second)
    for line, text in itertools.product(ax.lines, ax.texts):
        path = line.get_path().transformed(line.get_transform())
        assert not path.intersects_bbox(boxes[text], filled=False), (line, text)


@pytest.mark.parametrize("name", DRAWN)
def test_each_makes_a_figure_of_its_own_without_axes(name):
    before = plt.get_fignums()
    assert DRAWN[name](None).figure.number not in before


def test_window_shows_the_weights_of_the_neighbors_from_top_to_bottom(ax):
    diagrams.draw_window(WORDS, 3, WINDOW, ax=ax)
    assert [bar.get_width() for bar in ax.patches] == [0, 1, 2, 0, 2, 1, 0]
    assert [label.get_text() for label in ax.get_yticklabels()] == WORDS
    assert ax.yaxis_inverted()
    (center,) = [text for text in ax.texts if text.get_text() == "center"]
    assert center.xy[1] == 3


def test_scores_are_where_rows_meet_columns(ax):
    diagrams.draw_factors(W, C, **NAMES, entry=(1, 1), ax=ax)
    words, contexts, scores = (np.asarray(mesh.get_array()) for mesh in ax.collections)
    np.testing.assert_array_equal(scores, words @ contexts)
    row, column, both = (frame.get_bbox() for frame in ax.patches)
    assert (both.y0, both.y1) == (row.y0, row.y1) and (both.x0, both.x1) == (column.x0, column.x1)
    assert "scores: war · cup = 4.0" in texts(ax)
    diagrams.draw_factors(W, C, **NAMES, entry=(0, 1), ax=ax)
    assert "scores: army · cup = \N{MINUS SIGN}1.0" in texts(ax)


@pytest.mark.parametrize(("positive", "negative"), [(3.0, 1.0), (0.1, 1.0), (1.0, 1.0)])
def test_parabola_touches_at_zero_lies_above_and_both_end_where_they_say(ax, positive, negative):
    diagrams.draw_parabola(positive, negative, ax=ax)
    loss, parabola = (line.get_xydata() for line in ax.lines[:2])
    middle = len(loss) // 2
    assert loss[middle] == pytest.approx(parabola[middle]) and abs(loss[middle, 0]) < 1e-9
    assert (parabola[:, 1] >= loss[:, 1] - 1e-9).all()
    for curve, lowest in (
        (loss, math.log(positive / negative)),
        (parabola, 2 * (positive - negative) / (positive + negative)),
    ):
        assert curve[curve[:, 1].argmin(), 0] == pytest.approx(lowest, abs=0.05)
        assert any(f"{abs(lowest):.2f}" in text for text in texts(ax))


def test_staircase_falls_by_the_square_of_each_eigenvalue(ax):
    diagrams.draw_staircase(MODES, 1e-30, ax=ax)
    time, left = ax.lines[0].get_xydata().T
    shares = (100 * MODES.square() / MODES.square().sum()).tolist()
    between = [0.5, (1 + 5 / 3) / 2, (5 / 3 + 5 / 2) / 2]  # in units of the first, near enough
    plateaus = np.interp(between, time, left)
    expected = [100, 100 - shares[0], shares[2]]
    np.testing.assert_allclose(plateaus, expected, atol=0.5)
    assert texts(ax) == ["mode 1", "2", "3"]


def test_spikes_are_counted_on_either_side_of_the_bulk(ax):
    diagrams.draw_spikes(SPECTRUM, (-1.0, 1.0), ax=ax)
    assert texts(ax) == ["bulk: 200", "1 spike below", "2 spikes above"]
    assert sum(bar.get_height() for bar in ax.patches) == 200
    places = [x for line in ax.lines for x in line.get_xdata()]
    assert sorted(places) == [-2, 2, 3]
    ax.clear()
    diagrams.draw_spikes(NOISE, (-1.0, 1.0), ax=ax)
    assert texts(ax) == ["bulk: 200"]


def test_ladder_shows_values_from_the_top_and_prices_between(ax):
    diagrams.draw_ladder(RUNGS, unit="%", ax=ax)
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), list(RUNGS.values()))
    assert [label.get_text() for label in ax.get_yticklabels()] == list(RUNGS)
    assert ax.yaxis_inverted() and ax.get_xlabel() == "%"
    minus = "\N{MINUS SIGN}"
    shown = ["72.1", "68.4", "66.0", "62.3", f"{minus}3.7", f"{minus}2.4", f"{minus}3.7"]
    assert texts(ax) == shown


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diagrams.draw_window(WORDS, 7, {}), r"from 0 to 6, .*; got \[7\]: count from 0"),
        (lambda: diagrams.draw_window(WORDS, 0, {-1: 1}), r"got \[-1\]"),
        (
            lambda: diagrams.draw_factors(W, C, names=["a"], context_names=["b", "c"]),
            "`names` .* 3",
        ),
        (lambda: diagrams.draw_parabola(1.0, 0.0), "got 1.0 and 0.0"),
        (lambda: diagrams.draw_staircase(MODES, 2.0), "smallest eigenvalue, 2; got 2"),
        (lambda: diagrams.draw_spikes(NOISE, (5.0, 6.0)), "lie between -1 and 1; got 5 and 6"),
        (lambda: diagrams.draw_ladder({"trained": 1}), r"two rungs .*; got \['trained'\]"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
