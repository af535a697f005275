"""Static figures: what a reader of the page, of a phone, of print and of the table gets."""

import base64
import io
import re

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from figures import Outline
from PIL import Image
from support import ROOT

from w2vlib.book import show
from w2vlib.book.plots.plot import make_plot

CSS = (ROOT / "book/_static/custom.css").read_text("utf-8")
STYLE = "w2vlib.book.style"


@pytest.fixture
def draw():
    """Draw a figure with the book's style: `draw(lambda *axes: ..., columns)`."""

    def draw(paint, columns=1, **options):
        with plt.style.context(["default", STYLE]):
            figure, axes = plt.subplots(1, columns, squeeze=False, **options)
            paint(*axes.ravel())
            plt.close(figure)
            return figure

    return draw


def two_lines(ax):
    ax.plot([1, 2, 3], [0.5, -0.25, 1e-5], label="falling")
    ax.plot([1, 2, 3], [1, 2, 3], "k", label=r"rising, $\lambda_k$")
    ax.set(xlabel="step of <training>", ylabel="loss & more")
    ax.legend()


def drawings(plot):
    """The wide and the narrow drawing."""
    return re.findall(r"<svg.*?</svg>", plot.html, re.DOTALL)


def words(drawing):
    """The texts of a drawing, as a reader copies them."""
    found = re.findall(r"<text.*?</text>", drawing, re.DOTALL)
    return [re.sub("<[^>]*>", "", text) for text in found]


def places(drawing, text):
    """Where a text stands."""
    tags = [tag for tag in re.findall(r"<text[^>]*>[^<]*", drawing) if tag.endswith(f">{text}")]
    (tag,) = tags
    found = re.search(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)", tag)
    return (
        tuple(map(float, found.groups()))
        if found
        else tuple(float(re.search(rf'\b{name}="([-\d.]+)"', tag)[1]) for name in "xy")
    )


def table(plot):
    return [
        re.findall(r"<t[hd][^>]*>([^<]*)", row)
        for row in re.findall(r"<tr>.*", plot.html.replace("<tbody>", "\n"))
    ]


def test_three_forms(draw):
    plot = make_plot(draw(two_lines), alt="In words")
    bundle = plot._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert base64.b64decode(bundle["image/png"]) == plot.png
    assert repr(plot) == "[figure] In words"


def test_words_are_text(draw):
    wide, narrow = drawings(make_plot(draw(two_lines)))
    for drawing in (wide, narrow):
        assert {"falling", "step of &lt;training&gt;", "loss &amp; more"} <= set(words(drawing))
        assert "rising, λk" in words(drawing)
        assert "DejaVu" not in drawing


def test_numbers_of_axes_are_for_people(draw):
    def small(ax):
        ax.loglog([1e-4, 1], [1, 10], label="scale 1e-06")
        ax.legend()

    (wide, _) = drawings(make_plot(draw(small)))
    assert "10−4" in words(wide) and "scale 10⁻⁶" in words(wide)
    assert 'dy="' in wide  # an exponent is raised
    assert not re.search(r"\de-\d", " ".join(words(wide)))


def test_script_letters_are_written_as_letters_that_every_font_has(draw):
    plot = make_plot(draw(lambda ax: ax.set(xlabel=r"share of $\mathcal{S}$ in $\mathcal{L}$")))
    for drawing in drawings(plot):
        assert "share of S in L" in [text.replace("\u2009", " ") for text in words(drawing)]


def test_formulas_that_no_line_of_text_can_show_keep_their_bars(draw):
    (wide, _) = drawings(make_plot(draw(lambda ax: ax.set_title(r"$\frac{a}{b}$"))))
    assert "<rect" in wide and {"a", "b"} <= set("".join(words(wide)))


def test_same_input_same_bytes_whatever_the_readers_settings(draw):
    figure = draw(two_lines)
    first = make_plot(figure)
    with matplotlib.rc_context({"svg.fonttype": "path", "savefig.facecolor": "black"}):
        again = make_plot(figure)
    assert (again.html, again.png, again.text) == (first.html, first.png, first.text)


def test_the_figure_stays_as_it_is(draw):
    figure = draw(two_lines)
    size, sizes = figure.get_size_inches().copy(), figure.axes[0].xaxis.label.get_fontsize()
    make_plot(figure)
    assert (figure.get_size_inches() == size).all()
    assert figure.axes[0].xaxis.label.get_fontsize() == sizes


def test_colors_follow_the_theme(draw):
    def paint(ax):
        for k in range(6):
            ax.plot([0, 1], [k, k])

    used = set()
    for drawing in drawings(make_plot(draw(paint))):
        used |= set(re.findall(r"var\((--w2v-[\w-]+)", drawing))
    assert {"--w2v-blue", "--w2v-ink", "--w2v-paper"} <= used
    for name in used - {"--w2v-ink", "--w2v-paper"}:  # these two are colors of the theme itself
        assert len(re.findall(rf"^  {name}: ", CSS, re.MULTILINE)) == 2, name
    for name in ("--w2v-ink", "--w2v-paper"):
        (source,) = re.findall(rf"^  {name}: var\((.*)\)", CSS, re.MULTILINE)
        assert len(re.findall(rf"^  {source}: #", CSS, re.MULTILINE)) == 2


def test_colors_of_maps_and_what_is_drawn_on_them_stay(draw):
    def paint(ax):
        ax.imshow(np.eye(3), "RdBu")
        ax.text(1, 1, "here", color="white")

    for drawing in drawings(make_plot(draw(paint))):
        before = drawing[: drawing.index(">here<")]
        assert re.findall(r"fill:[^;\"]*", before)[-1] == "fill:#ffffff"


def test_drawings_of_a_page_share_no_names(draw):
    def clipped(ax):
        ax.plot([0, 1], [0, 1], "o-")

    plots = [make_plot(draw(clipped)), make_plot(draw(two_lines))]
    page = "".join(plot.html for plot in plots)
    ids = [attributes["id"] for _, attributes in Outline(page).tags if "id" in attributes]
    assert len(ids) == len(set(ids)) > 3
    for plot in plots:
        for drawing in drawings(plot):
            own = set(re.findall(r'\bid="([^"]+)"', drawing))
            used = re.findall(r'(?:url\(#|href="#)([^")]+)', drawing)
            assert own == set(used)


def test_nothing_is_loaded_and_nothing_leaks_into_the_page(draw):
    page = make_plot(draw(two_lines)).html
    assert not re.search(r"https?:|@import|<script", page)
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)[1]
    assert "*{" not in style.replace(" ", "")
    assert page.count("<style") == 1


def test_the_table_holds_what_is_plotted(draw):
    head, *rows = table(make_plot(draw(two_lines)))
    assert head == ["step of &lt;training&gt;", "falling", "rising, λ_k"]
    assert rows == [["1", "0.5", "1"], ["2", "−0.25", "2"], ["3", "10⁻⁵", "3"]]


def test_bars_points_errors_and_pictures_are_in_the_table(draw):
    def paint(bars, points, errors, picture):
        bars.barh(["cats", "dogs"], [2, 1])
        points.scatter([1, 2], [3, 4])
        points.annotate("king", (2, 4))
        errors.errorbar([1], [5], yerr=[0.5])
        errors.axhline(6, label="level")
        picture.imshow([[1, 2], [3, 4.5]])

    rows = table(make_plot(draw(paint, 4)))
    for row in (["cats", "2"], ["king", "2", "4"], ["1", "5", "0.5"], ["level", "6"]):
        assert row in rows
    assert ["1", "3", "4.5"] in rows


def test_long_tables_say_what_they_leave_out(draw):
    plot = make_plot(draw(lambda ax: ax.plot(range(1000), range(1000))))
    _, *rows = table(plot)
    assert len(rows) <= 200
    assert f"{1000 - len(rows)} are left out" in plot.html


def test_an_own_table(draw):
    plot = show("figure", draw(lambda ax: ax.fill([0, 1, 1], [0, 0, 1])), table={"area": [0.5]})
    assert table(plot) == [["area"], ["0.5"]]


def test_panels_are_below_each_other_on_phones(draw):
    def paint(left, right):
        left.plot([0, 1], [0, 1])
        left.set(xlabel="left", ylabel="height")
        right.set(xlabel="right")

    wide, narrow = drawings(make_plot(draw(paint, 2, figsize=(7.6, 3.6), sharey=True)))
    assert places(wide, "right")[0] > places(wide, "left")[0] + 100
    assert places(narrow, "right")[1] > places(narrow, "left")[1] + 100
    assert abs(places(narrow, "right")[0] - places(narrow, "left")[0]) < 20
    assert (words(wide).count("height"), words(narrow).count("height")) == (1, 2)


@pytest.mark.parametrize("columns", [1, 2])
def test_letters_are_large_enough_on_a_phone(draw, columns):
    def paint(*axes):
        for ax in axes:
            ax.plot([0, 1], [0, 1], label="a name of many words that is long, and longer")
            ax.set_xlabel("another name of many words that is long, and longer")
            ax.legend(fontsize=7)

    _, narrow = drawings(make_plot(draw(paint, columns)))
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', narrow)[1])
    sizes = [float(size) for size in re.findall(r"<text[^>]*font-size:([\d.]+)px", narrow)]
    assert min(sizes) * 328 / width >= 11  # a phone of 360 pixels, less its margins


def test_print_has_two_pixels_for_one_of_the_page(draw):
    plot = make_plot(draw(two_lines))
    picture = Image.open(io.BytesIO(plot.png))
    (shown,) = re.findall(r"max-width:(\d+)px", drawings(plot)[0])
    assert picture.format == "PNG"
    assert picture.width == pytest.approx(2 * int(shown), rel=0.02)


@pytest.mark.parametrize("kind", ["scatter", "marks"])
def test_many_points_are_pixels(draw, kind):
    x, y = np.random.default_rng(0).random((2, 20_000))

    def paint(ax):
        ax.scatter(x, y, 2) if kind == "scatter" else ax.plot(x, y, ".")
        ax.set_xlabel("name")

    plot = make_plot(draw(paint))
    for drawing in drawings(plot):
        assert "data:image/png;base64," in drawing
        assert "name" in words(drawing)
    assert len(plot.html) < 300_000


def test_what_it_shows_is_said(draw):
    plot = make_plot(draw(two_lines))
    for drawing in drawings(plot):
        label = re.search(r'role="img" aria-label="([^"]*)"', drawing)[1]
        assert "loss &amp; more against step of &lt;training&gt;" in label and "falling" in label


def test_alt_of_the_directive_describes_the_drawings(draw):
    import figure_alt
    from docutils import nodes

    plot = make_plot(draw(two_lines))
    raw, image = nodes.raw("", plot.html, format="html"), nodes.image(alt='A "fall"')
    bundle = nodes.container("", raw, image, nb_element="mime_bundle")
    figure_alt.describe_drawings(None, bundle)
    assert raw.astext().count('aria-label="A &quot;fall&quot;"') == 2
    assert "<table>" in raw.astext()
