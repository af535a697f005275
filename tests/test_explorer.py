import base64
import html
import io
import json
import re
import sys
import time

import pytest
from figures import NASTY, PAGE, Outline, check_accessibility, find, output, press, texts
from PIL import Image

from w2vlib.book import explore_modes

SETS = ["all questions", *(f"set {k}" for k in range(12))]
LONG = "telecommunications"
QUERIES = ["physics", "france", "king", "music", "river", "she", "better", "three"]


def make_word(k):
    """Distinct words of three to six letters."""
    letters = ""
    while k or len(letters) < 3:
        k, letter = divmod(k, 26)
        letters += chr(97 + letter)
    return letters * (1 + len(letters) % 2)


def make_data():
    """Data as large as the book's, by a rule that has no meaning but is easy to recompute."""
    dims = sorted({*range(1, 31), *(round(30 * (200 / 30) ** (k / 51)) for k in range(52))})
    frames = range(len(dims))
    return {
        "dims": dims,
        # Eighths are halves of a percent, where rules of rounding differ.
        "accuracy": {
            name: [min(8, f * (k + 3) // 40) / 8 for f in frames] for k, name in enumerate(SETS)
        },
        "topics": [
            (
                [make_word(31 * f + k) for k in range(7)],
                [make_word(31 * f + 9 + k) for k in range(6)] + [LONG[: 8 + f % 11]],
            )
            for f in frames
        ],
        "eigenvalues": [2000.4 / d for d in dims],
        "neighbors": {
            query: [[make_word(97 * q + 5 * f + k) for k in range(6)] for f in frames]
            for q, query in enumerate(QUERIES)
        },
    }


def make_figure(**changes):
    return explore_modes(**{**make_data(), "start": 20, **changes})


@pytest.fixture(scope="module")
def figure():
    return make_figure()


@pytest.fixture(scope="module")
def nasty():
    """A small figure all of whose words are nasty."""
    return explore_modes(
        [2, 3],
        {NASTY[0]: [0.25, 0.5], NASTY[1]: [0.5, 0.75]},
        [(NASTY, NASTY[::-1])] * 2,
        [3.0, 2.0],
        {NASTY[2]: [NASTY, NASTY[::-1]]},
        start=2,
        title=NASTY[3] + NASTY[2],
    )


def read_payload(page):
    (line,) = [line for line in page.splitlines() if line.startswith('{"accuracy"')]
    return json.loads(line.rstrip(","))


def test_bundle_has_the_three_forms(figure):
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert picture.format == "PNG" and picture.width > 1000
    assert repr(figure) == bundle["text/plain"]
    for fact in ("d = 20 modes", "all questions 13 %", "eigenvalue 100", make_word(31 * 19)):
        assert fact in bundle["text/plain"]


def test_same_input_same_bytes(figure):
    again, other = make_figure(), make_figure(start=21)
    assert (again.html, again.png, again.text) == (figure.html, figure.png, figure.text)
    keys = {re.search('data-w2v="(.+?)"', f.html)[1] for f in (figure, again, other)}
    assert len(keys) == 2


def test_picture_ignores_the_readers_matplotlib_settings(figure):
    import matplotlib

    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30}):
        assert make_figure().png == figure.png


def test_size(figure):
    assert len(figure.html) < 150_000


def test_payload_gives_the_data_back(figure):
    data, payload = make_data(), read_payload(figure.html)
    words = payload["words"]
    assert len(set(words)) == len(words)
    assert payload["dims"] == data["dims"]
    assert payload["dims"][payload["start"]] == 20
    assert payload["names"] == SETS
    for shares, sent in zip(data["accuracy"].values(), payload["accuracy"], strict=True):
        assert sent == pytest.approx(shares, abs=1e-4)
    assert [tuple([words[k] for k in pole] for pole in poles) for poles in payload["topics"]] == (
        data["topics"]
    )
    sent = [[[words[k] for k in row] for row in rows] for rows in payload["neighbors"]]
    assert dict(zip(payload["queries"], sent, strict=True)) == data["neighbors"]
    values = [float(text.replace(",", "")) for text in payload["eigenvalues"]]
    assert values == pytest.approx(data["eigenvalues"], rel=0.005)


def test_static_part_is_a_described_picture_and_nothing_else(figure):
    """A viewer without scripts must show no dead controls; sanitizers must find nothing odd."""
    outline = Outline(figure.html)
    assert [tag for tag, _ in outline.tags] == ["div", "img", "script"]
    (_, group), (_, picture), (_, script) = outline.tags
    assert group["class"].split()[0] == "w2v-figure"
    assert "d = 20 modes" in picture["alt"]
    assert base64.b64decode(picture["src"].removeprefix("data:image/png;base64,")) == figure.png
    assert script == {}


def test_loads_nothing(figure):
    page = figure.html.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//[a-z]+\.|url\(|@import|import\(|fetch\(|XMLHttp|<link", page)


def test_words_cannot_escape(nasty):
    outline = Outline(nasty.html)
    assert [tag for tag, _ in outline.tags] == ["div", "img", "script"]
    assert outline.tags[0][1]["aria-label"] == NASTY[3] + NASTY[2]
    assert len(outline.scripts) == 1
    assert "\u2028" not in outline.scripts[0]
    payload = read_payload(nasty.html)
    assert set(payload["words"]) == set(NASTY)
    assert payload["names"] == NASTY[:2]


def drop_last(sequence):
    return sequence[:-1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dims": []}, "`dims` must be positive and growing, at least one; got []"),
        ({"dims": [0, *range(2, 82)]}, "`dims` must be positive"),
        ({"dims": [2, 1, *range(3, 82)]}, "`dims` must be positive and growing"),
        ({"start": 2000}, "`start` must be one of `dims`"),
        ({"accuracy": {}}, "`accuracy` and `neighbors` must each have a key"),
        ({"neighbors": {}}, "`accuracy` and `neighbors` must each have a key"),
        ({"accuracy": {"all": [0.5] * 80}}, "`accuracy['all']` must have one entry for each of"),
        ({"accuracy": {"all": [43.0] * 81}}, "got 43.0: divide percentages by 100"),
        ({"accuracy": {"all": [float("nan")] * 81}}, "shares between 0 and 1; got nan"),
        ({"topics": drop_last}, "`topics` must have one entry for each of the 81 `dims`; got 80"),
        ({"eigenvalues": drop_last}, "`eigenvalues` must have one entry"),
        ({"neighbors": {"sea": [["tea"]]}}, "`neighbors['sea']` must have one entry"),
    ],
)
def test_mistakes_are_named(change, message):
    change = {k: v(make_data()[k]) if callable(v) else v for k, v in change.items()}
    with pytest.raises(ValueError, match=re.escape(message)):
        make_figure(**change)


def test_live_agrees_with_the_data(figure):
    pytest.importorskip("ipywidgets")
    data = make_data()
    slider, questions, query, picture, sentence = figure.live().children
    assert picture.value == figure.png
    assert sentence.value in figure.text
    slider.value, questions.value, query.value = 30, 4, 1
    assert slider.label == "31" and questions.label == "set 3" and query.label == "france"
    # 2/8 and 5/8 by the rule of make_data
    assert sentence.value.startswith(
        "d = 31 modes: all questions 25 %, set 3 63 %; mode 31 (eigen"
    )
    assert ", ".join(data["neighbors"]["france"][30]) in sentence.value
    assert " | ".join(", ".join(pole) for pole in data["topics"][30]) in sentence.value
    assert picture.value != figure.png


def test_live_without_ipywidgets_says_what_to_do(figure, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match="pip install ipywidgets"):
        figure.live()


def test_one_curve_one_frame():
    small = explore_modes([7], {"all": [0.0]}, [(["a"], ["b"])], [1.0], {"c": [["d"]]}, start=7)
    assert "d = 7 modes: all 0 %" in small.text


# In a browser


def use_every_control(browser):
    from selenium.webdriver.support.select import Select

    data = make_data()
    marker = float(find(browser, "circle").get_attribute("cx"))
    assert output(browser) == "d = 20 modes: 13 %"
    press(browser, "ARROW_RIGHT")
    assert output(browser) == "d = 21 modes: 13 %"
    assert float(find(browser, "circle").get_attribute("cx")) > marker
    assert texts(browser, "ul li") == [word for pole in data["topics"][20] for word in pole]
    questions, query = (Select(find(browser, "select", k)) for k in (0, 1))
    query.select_by_visible_text("river")
    assert texts(browser, "ol li") == data["neighbors"]["river"][20]
    square = float(find(browser, "rect").get_attribute("y"))
    questions.select_by_visible_text("set 4")
    assert texts(browser, ".w2v-legend b") == ["13 %", "50 %"]
    assert float(find(browser, "rect").get_attribute("y")) < square
    press(browser, "HOME")
    assert output(browser) == "d = 1 mode: 0 %"
    assert texts(browser, ".w2v-name span span") == ["2,000"]
    press(browser, "END")
    assert output(browser) == "d = 200 modes: 75 %"
    press(browser, "PAGE_DOWN")
    assert 100 < int(output(browser).split()[2]) < 200


def test_on_a_plain_page(show, figure):
    use_every_control(show(figure.html))


def test_in_a_sandboxed_frame(show, figure):
    """Colab shows each output in a frame of a foreign origin."""
    frame = html.escape(PAGE.format(body=figure.html, attributes=""))
    style = "width:900px;height:700px"
    browser = show(f'<iframe title="f" sandbox="allow-scripts" style="{style}" srcdoc="{frame}">')
    browser.switch_to.frame(0)
    use_every_control(browser)


def test_browser_and_python_say_the_same(show, figure):
    browser = show(figure.html)
    press(browser, "HOME")
    for f in range(len(make_data()["dims"])):
        said = figure.say(f, 0, 0).split(";")[0].replace("all questions ", "")
        assert output(browser) == said
        press(browser, "ARROW_RIGHT")


def test_dragging_in_the_chart(show, figure):
    from selenium.webdriver import ActionChains

    browser = show(figure.html)
    chart = find(browser, "svg[role=img]")
    half = chart.size["width"] // 2
    ActionChains(browser).move_to_element_with_offset(chart, 3 - half, 0).click().perform()
    assert output(browser).startswith("d = 1 mode:")
    drag = ActionChains(browser).move_to_element(chart).click_and_hold()
    drag.move_by_offset(half - 3, 0).release().perform()
    assert output(browser).startswith(f"d = {make_data()['dims'][-1]} modes:")
    assert find(browser, "input") == browser.switch_to.active_element


def test_play_and_pause(show, figure):
    browser = show(figure.html)
    play = find(browser, "button")
    assert play.text == "Play"
    play.click()
    assert play.text == "Pause"
    assert find(browser, "output").get_attribute("aria-live") == "off"
    deadline = time.monotonic() + 10
    while output(browser).startswith(("d = 20 ", "d = 21 ")) and time.monotonic() < deadline:
        time.sleep(0.02)
    play.click()
    paused = output(browser)
    assert int(paused.split()[2]) > 21
    assert find(browser, "output").get_attribute("aria-live") == "polite"
    time.sleep(0.5)
    assert output(browser) == paused


def test_reduced_motion_steps_instead_of_playing(show, figure):
    browser = show(figure.html)
    reduce = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", reduce)
    browser.refresh()
    step = find(browser, "button")
    assert step.text == "Step"
    step.click()
    time.sleep(0.5)
    assert output(browser).startswith("d = 21 ")


def test_page_shortcuts_do_not_steal_keys(show, figure):
    """Notebooks take arrow keys at the document, before the target sees them."""
    thief = """<script>document.addEventListener("keydown", (event) => {
        event.preventDefault(); document.title += event.key; }, true)</script>"""
    browser = show(figure.html + thief)
    press(browser, "ARROW_RIGHT")
    assert output(browser).startswith("d = 21 ")
    press(browser, "ESCAPE")
    assert browser.title == "FigureEscape"


def test_two_copies_are_independent(show, figure):
    browser = show(figure.html + figure.html)
    press(browser, "ARROW_RIGHT", 1)
    assert output(browser, 0).startswith("d = 20 ")
    assert output(browser, 1).startswith("d = 21 ")
    insert = "document.body.append(document.createRange().createContextualFragment(arguments[0]))"
    browser.execute_script(insert, figure.html)  # as when a notebook cell runs again
    assert [output(browser, k)[4:6] for k in range(3)] == ["20", "21", "20"]


def test_nasty_words_are_shown_as_they_are(show, nasty):
    browser = show(nasty.html)
    assert texts(browser, "ol li") == NASTY
    assert texts(browser, "ul li") == NASTY + NASTY[::-1]
    assert texts(browser, "option") == [NASTY[1], NASTY[2]]


@pytest.mark.parametrize("width", [360, 390, 620, 700, 1200])
def test_nothing_moves_but_the_data(show, figure, width):
    browser = show(figure.html)
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    measure = """return JSON.stringify(Array.from(
        document.querySelectorAll(".w2v-figure, .w2v-figure :is(input, output, ul, ol, li, svg)"),
        (node) => node.getBoundingClientRect()))"""
    boxes = set()
    for key in ("HOME", *["PAGE_UP"] * 10, "END"):
        press(browser, key)
        boxes.add(browser.execute_script(measure))
    assert len(boxes) == 1
    scrolls = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not browser.execute_script(scrolls)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_both_themes(show, figure, theme):
    check_accessibility(show(figure.html, f' data-theme="{theme}"'), theme)
