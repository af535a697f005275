"""Figures draw the data they are given, on the axes they are given, and return them."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import w2vlib as w2v
from w2vlib import plotting


@pytest.fixture(autouse=True)
def no_screen():
    mpl.use("agg")
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return plt.subplots()[1]


@pytest.fixture
def result():
    words = w2v.Vocabulary(tuple("abcdef"), torch.arange(6, 0, -1))
    analogies = w2v.AnalogySet(
        torch.zeros(4, 4, dtype=torch.int64), torch.tensor([0, 0, 0, 1]), ("easy", "hard"), words
    )
    correct = torch.tensor([True, True, False, False])
    return w2v.AnalogyResult(analogies, torch.zeros(4, dtype=torch.int64), correct)


def test_spectrum_shows_rank_against_eigenvalue(ax):
    spectrum = w2v.Spectrum(torch.tensor([5.0, 2.0, 1.0]), torch.eye(4)[:, :3])
    assert plotting.plot_spectrum(spectrum, ax=ax) is ax
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[1, 5], [2, 2], [3, 1]])


def test_accuracy_shows_the_best_on_top(result, ax):
    assert plotting.plot_accuracy(result, ax=ax) is ax
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["hard (1)", "easy (3)"]  # from the bottom up, with numbers of questions
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0, 200 / 3])


def test_accuracy_marks_the_baseline(result, ax):
    plotting.plot_accuracy(result, baseline=result, ax=ax)
    assert ax.lines[0].get_xdata().tolist() == pytest.approx([0, 200 / 3])


def test_pairs_are_arrows_between_their_words(ax):
    points = torch.tensor([[[0.0, 0.0], [1.0, 2.0]], [[3.0, 1.0], [4.0, 0.0]]])
    labels = [("france", "paris"), ("japan", "tokyo")]
    assert plotting.plot_pairs(points, labels, ax=ax) is ax
    arrows = [text for text in ax.texts if text.arrowprops is not None]
    ends = [(*arrow.xyann, *arrow.xy) for arrow in arrows]
    np.testing.assert_allclose(ends, points.reshape(2, 4))
    words = {text.get_text(): text.xy for text in ax.texts if text.get_text()}
    assert words["paris"] == pytest.approx((1, 2)) and words["japan"] == pytest.approx((3, 1))


def test_each_makes_its_own_figure_without_axes(result):
    before = plt.get_fignums()
    made = plotting.plot_accuracy(result)
    assert made.figure.number not in before


def test_negative_eigenvalues_are_refused():
    spectrum = w2v.Spectrum(torch.tensor([5.0, -2.0]), torch.eye(4)[:, :2])
    with pytest.raises(ValueError, match=r"axes are logarithmic; the smallest is -2"):
        plotting.plot_spectrum(spectrum)


def test_pairs_need_a_label_each():
    with pytest.raises(ValueError, match="one entry for each of the 2 pairs; got 1"):
        plotting.plot_pairs(torch.zeros(2, 2, 2), [("a", "b")])


def test_style_of_the_book_loads():
    with plt.style.context("w2vlib.book.style"):
        assert plt.rcParams["axes.spines.top"] is False


def test_labels_of_words_keep_clear_of_each_other(ax):
    """Words in a row, closer together than they are long."""
    words = [f"lengthy{n}" for n in range(4)]
    points = torch.tensor([[0.0, 0.0], [0.1, 0.0], [0.2, 0.0], [1.0, 1.0]])
    assert plotting.plot_words(points, words, ax=ax) is ax
    np.testing.assert_allclose(ax.lines[0].get_xydata(), points)
    assert [(text.get_text(), text.xy) for text in ax.texts] == [
        (word, tuple(point)) for word, point in zip(words, points.tolist(), strict=True)
    ]
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not any(one.overlaps(other) for n, one in enumerate(boxes) for other in boxes[:n])


def test_words_need_a_position_each():
    with pytest.raises(ValueError, match="2 positions"):
        plotting.plot_words(torch.zeros(2, 2), ["a"])


def test_dollars_in_words_are_no_mathematics(ax):
    plotting.plot_words(torch.eye(2), ["$x^{$", "a$b$"], ax=ax)
    plotting.plot_pairs(torch.eye(2)[None], [("$x^{$", "a$b$")], ax=ax)
    ax.figure.canvas.draw()
