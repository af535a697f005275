"""What each kind of panel shows: the data in the page and in the picture are the data given."""

import itertools
import re

import numpy as np
import pytest
from example import (
    GRID,
    NAMES,
    PANELS,
    RATES,
    TIMES,
    curves,
    growth,
    heatmap,
    make_figure,
    say,
    words,
)
from figures import NASTY, Outline, check_accessibility, find, output, press, read_page, texts

from w2vlib.book import Choice, Curves, Heatmap, Panel, Points, Words, explore_panels
from w2vlib.book.explorer import films, stills, ticks


def one_frame(frame, **more):
    return make_figure(
        [Panel("One", lambda p: frame, **more)], [Choice("p", "0")], lambda p: "one"
    )


@pytest.fixture(scope="module")
def nasty():
    """All words are nasty, and so are the names of everything."""
    numbers = list(range(len(NASTY)))
    frames = [
        Curves({NASTY[0]: ([0, 1], [0, 1]), NASTY[1]: ([0, 1], [1, 0])}, now=0.5),
        Points({NASTY[2]: (numbers, numbers)}, labels={NASTY[2]: NASTY}),
        Heatmap(NASTY, NASTY, [numbers] * len(NASTY)),
        Words({NASTY[3]: NASTY}),
    ]
    panels = [
        Panel(NASTY[k], lambda p, frame=frame: frame, x=NASTY[k], y=NASTY[k - 1])
        for k, frame in enumerate(frames)
    ]
    title = NASTY[3] + NASTY[2]
    return make_figure(panels, [Choice(NASTY[5], NASTY)], lambda p: NASTY[p], title)


def test_the_page_has_the_data_given(figure):
    page = read_page(figure.html)
    assert [choice["start"] for choice in page["choices"]] == [1, 1]

    for k, (i, j) in enumerate(itertools.product(range(len(TIMES)), range(len(RATES)))):
        lines, plane, cells, lists = (panel["frames"][k] for panel in page["panels"])
        assert page["said"][page["says"][k]] == say(i, j)

        assert lines["now"] == TIMES[i]
        for line, (name, (x, y)) in zip(lines["lines"], curves(i, j).lines.items(), strict=True):
            assert line["name"] == name
            assert line["x"] == pytest.approx(x) and line["y"] == pytest.approx(y, rel=1e-4)

        many, one = plane["groups"]
        assert (many["words"], many["x"]) == (NAMES, [1, 2, 3])
        assert many["y"] == [TIMES[i], -2 * TIMES[i], 3 * TIMES[i]]
        assert (one["name"], one["x"], one["y"]) == ("one", [2.5], [0.5])

        assert (cells["names"], cells["columns"]) == (NAMES, ["x", "y"])
        assert np.array_equal(cells["cells"], heatmap(i, j).values)
        assert {row["head"]: row["words"] for row in lists["lists"]} == words(i, j).columns


def test_the_picture_has_the_data_given():
    made = [films.make_film(panel, [(1, 1)]) for panel in PANELS]
    drawn = stills.picture(made, 0, "what is to be seen")
    lines, plane, cells, lists = drawn.axes[: len(PANELS)]

    shown = [(list(line.get_xdata()), list(line.get_ydata())) for line in lines.get_lines()]
    assert all((x, y) in shown for x, y in curves(1, 1).lines.values())
    assert ([1, 1], [0, 1]) in shown  # the rule at t = 1
    legend = [text.get_text() for text in lines.get_legend().get_texts()]
    assert legend == ["fast", "slow", "still"]

    assert {text.get_text() for text in plane.texts} == set(NAMES)
    assert np.array_equal(cells.images[0].get_array(), heatmap(1, 1).values)
    written = [text.get_text() for text in lists.texts]
    assert written == ["rising", *NAMES[1:], "falling", *NAMES[::-1]]
    assert drawn.get_suptitle() == "what is to be seen"
    assert (lines.get_title(), lines.get_xlabel()) == ("Growth", "time t")


def test_words_cannot_escape(nasty):
    outline = Outline(nasty.html)
    assert [tag for tag, _ in outline.tags] == ["div", "img", "script"]
    assert len(outline.scripts) == 1
    assert "\u2028" not in outline.scripts[0]
    assert read_page(nasty.html)["panels"][-1]["frames"][0]["lists"][0]["words"] == NASTY


NAN, INF = float("nan"), float("inf")
LINE = ([0, 1], [0, 1])
MISTAKES = [
    (lambda: Curves({}), "`lines` must have at least one entry"),
    (lambda: Curves({"a": ([0, 1], [0])}), "`lines['a']` must have as many x as y; got 2 and 1"),
    (lambda: Curves({"a": ([0, NAN], [0, 1])}), "x of `lines['a']` must be finite numbers; entry"),
    (lambda: Curves({"a": ([0, 1], [0, INF])}), "or NaN for a gap; entry 1 is inf"),
    (lambda: Curves({"a": LINE}, now=NAN), "`now` must be finite"),
    (lambda: Curves({"a": LINE}, dashed=["b"]), "`dashed` must name entries of ['a']; got 'b'"),
    (lambda: Curves({"a": LINE}, faint="a"), "`faint` must be a list of names; got 'a': write"),
    (lambda: Points({"a": ([0], [NAN])}), "the y of `groups['a']` must be finite"),
    (
        lambda: Points({"a": LINE}, {"a": ["w"]}),
        "`labels['a']` must have a word for each of the 2",
    ),
    (lambda: Points({"a": LINE}, {"b": ["w"]}), "`labels` must name entries of ['a']"),
    (lambda: Heatmap(["a"], ["b"], [[1, 2]]), "got 1 rows of lengths [2]"),
    (lambda: Words({}), "`columns` must have at least one entry"),
    (lambda: Panel("t", curves, limits_x=(1, 1)), "`limits_x` must be two growing numbers"),
    (lambda: Panel("t", curves, limits_y=(0, 1), log_y=True), "positive on a logarithmic axis"),
    (lambda: one_frame(Curves({"a": LINE}), log_x=True), "`log_x` of the panel 'One' needs pos"),
    (lambda: one_frame(Curves({"a": ([], [])})), "'One' must have a point in one of its frames"),
    (lambda: one_frame("words"), "`draw` of the panel 'One' must return Curves, Points"),
    (
        lambda: make_figure([Panel("P", lambda i, j: [curves, words][i % 2](i, j))]),
        "the panel 'P' must be of one kind; got Curves at (0, 0) and Words at (1, 0)",
    ),
    (lambda: make_figure([]), "`panels` must have at least one panel"),
    (lambda: make_figure(choices=[]), "`choices` must have at least one control"),
    (
        lambda: make_figure(choices=[Choice("c", "1", 1)]),
        "'c' must start at one of its 1 settings",
    ),
    (
        lambda: make_figure(choices=[Choice("c", "ab" * 30)] * 2),
        "at most 2,000 combinations of settings; got 60 x 60 = 3,600: leave settings out",
    ),
]


@pytest.mark.parametrize(("make", "message"), MISTAKES)
def test_mistakes_are_named(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_too_much_data_is_refused_and_the_panel_named(monkeypatch):
    monkeypatch.setattr("w2vlib.book.explorer.figures.MAX_BYTES", 60_000)
    make_figure()
    random = np.random.default_rng(0).random((len(TIMES), 2000))
    big = Panel("Big", lambda i, j: Curves({"noise": (range(2000), random[i])}))
    with pytest.raises(ValueError, match=r"at most 60 kB; got \d+ kB, of which .* for 'Big'"):
        make_figure([*PANELS, big])


def test_colors_stay_with_their_names():
    """Four names or fewer keep a color each; of more, each frame colors its first four."""

    def looks(count, *shown):
        lines = {str(k): LINE for k in range(count)}
        frames = [Curves(lines, faint=[n for n in lines if n not in names]) for names in shown]
        panel = Panel("P", lambda p: frames[p])
        figure = make_figure([panel], [Choice("p", range(len(shown)))], str)
        drawn = [frame["lines"] for frame in read_page(figure.html)["panels"][0]["frames"]]
        return [{x["name"]: x["look"] for x in lines if x["look"] < 4} for lines in drawn]

    assert looks(3, "01", "12") == [{"0": 0, "1": 1}, {"1": 1, "2": 2}]
    assert looks(6, "012", "345") == [{"0": 0, "1": 1, "2": 2}, {"3": 0, "4": 1, "5": 2}]
    assert looks(6, "012345", "5")[0] == {"0": 0, "1": 1, "2": 2, "3": 3}


@pytest.mark.parametrize(
    ("make", "ends", "expected"),
    [
        (ticks.linear_ticks, (-3, 4), "−2 0 2 4"),
        (ticks.linear_ticks, (0.011, 0.042), "0.02 0.03 0.04"),
        (ticks.linear_ticks, (0, 45_000), "0 10,000 20,000 30,000 40,000"),
        (ticks.linear_ticks, (-2e-7, 2e-7), "−2×10⁻⁷ −10⁻⁷ 0 10⁻⁷ 2×10⁻⁷"),
        (ticks.log_ticks, (1, 1000), "1 10 100 1,000"),
        (ticks.log_ticks, (1, 200), "1 2 5 10 20 50 100 200"),
        (ticks.log_ticks, (1, 1e12), "10⁰ 10² 10⁴ 10⁶ 10⁸ 10¹⁰ 10¹²"),
        (ticks.log_ticks, (6, 9), "6 7 8 9"),  # too short for 1, 2, 5
    ],
)
def test_ticks(make, ends, expected):
    values, names = make(*map(float, ends))
    assert names == expected.split()
    assert all(ends[0] <= value <= ends[1] for value in values)


@pytest.mark.parametrize(
    ("values", "log", "room", "domain"),
    [
        ([-0.3, 41], False, "nice", (-10, 50)),
        ([0, 10], False, "pad", (-0.5, 10.5)),
        ([0, 9.7], False, "none", (0, 9.7)),
        ([3, 700], True, "nice", (2, 1000)),
        ([0, 0], False, "none", (-1, 1)),
        ([4, 4], True, "none", (2, 8)),
    ],
)
def test_axes_reach_around_the_data(values, log, room, domain):
    axis = ticks.make_axis([*map(float, values)], log=log, limits=None, room=room)
    assert axis.domain == pytest.approx(domain)
    assert len(axis.ticks) >= 2


@pytest.mark.parametrize(
    ("names", "most", "shown"),
    [
        (range(1, 9), 15, "1 2 3 4 5 6 7 8"),
        (range(1, 41), 15, "5 10 15 20 25 30 35 40"),
        (range(30), 15, "0 2 4 6 8 10 12 14 16 18 20 22 24 26 28"),
        ("abcdefg", 3, "a f"),
    ],
)
def test_names_beside_a_heat_map_are_even(names, most, shown):
    names = [str(name) for name in names]
    assert [names[k] for k in ticks.shown_names(names, most)] == shown.split()


def test_limits_that_are_given_stay_and_a_diagonal_has_equal_ones():
    frame = Points({"a": ([0, 1], [10, 20])}, diagonal=True)
    given, equal = one_frame(frame, limits_x=(-1, 7), limits_y=(0, 30)), one_frame(frame)
    (panel,), (diagonal,) = (read_page(figure.html)["panels"] for figure in (given, equal))
    assert (panel["x"]["domain"], panel["y"]["domain"]) == ([-1, 7], [0, 30])
    assert diagonal["x"] == diagonal["y"]


def test_numbers_of_settings_sentences_and_names_are_for_readers():
    lines = {"scale 1e-06": ([0, 1], [0, 1]), "scale 1": ([0, 1], [1, 0])}
    panel = Panel("Up to 1e6", lambda p: Curves(lines), x="share -1 to 5%")
    choices = [Choice("start", [1, 1e-12, "0.000001"])]
    figure = explore_panels([panel], choices, say=lambda p: f"{p}: 50% of 20000", title="1e-5")
    page = read_page(figure.html)

    (panel,) = page["panels"]
    assert page["choices"][0]["settings"] == ["1", "10⁻¹²", "10⁻⁶"]
    assert (page["said"][0], figure.say(0)) == ("0: 50\u202f% of 20,000",) * 2
    assert [line["name"] for line in panel["frames"][0]["lines"]] == ["scale 10⁻⁶", "scale 1"]
    assert (panel["title"], panel["labels"][0]) == ("Up to 10⁶", "share −1 to 5\u202f%")
    assert "10⁻⁵" in figure.text

    drawn = stills.picture([films.make_film(Panel("P", lambda p: Curves(lines)), [(0,)])], 0, "s")
    legend = drawn.axes[0].get_legend().get_texts()
    assert [text.get_text() for text in legend] == ["scale 10⁻⁶", "scale 1"]


# In a browser


def legend(browser):
    return texts(browser, ".w2v-curves .w2v-key b")


def test_the_slider_changes_every_drawing(show, figure):
    browser = show(figure.html)
    drawing = "return [...document.querySelectorAll('.w2v-panel')].map((one) => one.outerHTML)"
    before = browser.execute_script(drawing)
    press(browser, "ARROW_RIGHT")
    assert find(browser, "input").get_attribute("aria-valuetext") == say(2, 1)
    assert all(a != b for a, b in zip(before, browser.execute_script(drawing), strict=True))


def test_values_stand_on_the_line_as_drawn(show):
    """Between two points of a line with logarithmic axes, the middle is the geometric mean."""
    frame = Curves({"a": ([1, 100], [1, 16])}, now=10)
    assert legend(show(one_frame(frame, log_x=True, log_y=True).html)) == ["4"]


def test_gaps_have_no_line_and_no_value(show):
    frame = Curves({"a": ([0, 1, 2, 3], [0, 1, NAN, 3]), "b": ([0, 3], [0, 3])}, now=2.5)
    browser = show(one_frame(frame).html)
    assert legend(browser) == ["–", "2.50"]
    path = find(browser, ".w2v-curves svg svg path.w2v-stroke0").get_attribute("d")
    assert path.count("M") == 2


def test_dashed_lines_are_dashed(show):
    browser = show(one_frame(Curves({"a": LINE, "b": LINE}, dashed=["b"])).html)
    style = "return getComputedStyle(arguments[0]).strokeDasharray"
    paths = [find(browser, f"svg svg path.w2v-stroke{k}") for k in (0, 1)]
    solid, dashed = (browser.execute_script(style, path) for path in paths)
    assert solid == "none" != dashed


def test_dragging_the_rule_moves_the_slider(show, figure):
    from selenium.webdriver import ActionChains

    browser = show(figure.html)
    chart = find(browser, ".w2v-curves svg[role=img]")
    half = chart.size["width"] // 2
    drag = ActionChains(browser).move_to_element(chart).click_and_hold()
    drag.move_by_offset(half - 3, 0).release().perform()
    assert output(browser) == say(len(TIMES) - 1, 1)
    drag = ActionChains(browser).move_to_element(chart).click_and_hold()
    drag.move_by_offset(half - 3, 0).move_by_offset(6 - 2 * half, 0).release().perform()
    assert output(browser) == say(0, 1)
    assert find(browser, "input") == browser.switch_to.active_element


def test_nasty_words_are_shown_as_they_are(show, nasty):
    browser = show(nasty.html)
    press(browser, "HOME")
    for word in NASTY:
        assert find(browser, "output").get_property("textContent") == word
        press(browser, "ARROW_RIGHT")
    assert texts(browser, ".w2v-words li") == NASTY
    assert texts(browser, ".w2v-points path title") == NASTY[::-1]
    assert texts(browser, ".w2v-name b") == NASTY[:4]


@pytest.mark.parametrize("width", [320, 360, 1000])
def test_nothing_moves_but_the_data_and_all_fits(show, figure, width):
    browser = show(figure.html)
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    wait = "const done = arguments[0]; requestAnimationFrame(() => setTimeout(done, 100));"
    browser.execute_async_script(wait)

    measure = """return JSON.stringify(Array.from(
        document.querySelectorAll(".w2v-figure, .w2v-figure :is(input, .w2v-panel, svg[role])"),
        (node) => node.getBoundingClientRect()))"""
    boxes = set()
    press(browser, "HOME")
    for _ in TIMES:
        boxes.add(browser.execute_script(measure))
        press(browser, "ARROW_RIGHT")
    assert len(boxes) == 1

    # Letters keep their size: a drawing is as wide as its place.
    root = "document.documentElement"
    assert browser.execute_script(f"return {root}.scrollWidth <= {root}.clientWidth")
    for chart in browser.find_elements("css selector", ".w2v-figure svg[role]"):
        drawn = float(chart.get_dom_attribute("viewBox").split()[2])
        assert drawn == pytest.approx(chart.size["width"], rel=0.02)


def open_tables(browser):
    done = """const done = arguments[0];
        document.querySelector("details").addEventListener("toggle", () => done());
        document.querySelector("summary").click();"""
    browser.execute_async_script(done)


def tables(browser):
    script = """return [...document.querySelectorAll(".w2v-figure table")].map(table =>
        [...table.rows].map(row => [...row.cells].map(cell => cell.textContent)))"""
    return browser.execute_script(script)


def test_the_tables_have_the_numbers_that_are_shown(show, figure):
    browser = show(figure.html)
    assert tables(browser) == []
    open_tables(browser)
    for i in (1, 2):
        lines, plane, cells, lists = tables(browser)
        assert lines[0] == ["time t", "fast", "slow", "still"]
        times = [float(row[0]) for row in lines[1:]]
        assert (times[0], times[-1]) == (GRID[0], GRID[-1])
        assert TIMES[i] in times and times == sorted(set(times)) and len(times) <= 12
        for time, *values in lines[1:]:
            shares = [growth(float(time), rate) for rate in (2 * RATES[1], RATES[1], 0)]
            assert [float(value) for value in values] == pytest.approx(shares, abs=6e-4)

        signs = [1, -2, 3]
        assert [row[0] for row in plane[1:]] == [*NAMES, "–"]
        found = [float(row[3].replace("−", "-")) for row in plane[1:4]]
        assert found == [sign * TIMES[i] for sign in signs]
        assert cells[0] == ["", "x", "y"]
        assert cells[1] == ["war", f"{TIMES[i]:.1f}", f"−{TIMES[i]:.1f}"]
        assert [row[1] for row in lists[1:]] == [*words(i, 1).columns["rising"], ""][:3]
        press(browser, "ARROW_RIGHT")
    here = texts(browser, "tr.w2v-here th")
    assert here == ["2"]  # the moment of the slider, one step on


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_both_themes(show, figure, theme):
    browser = show(figure.html, f' data-theme="{theme}"')
    open_tables(browser)
    check_accessibility(browser, theme)
