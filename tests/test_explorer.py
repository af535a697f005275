"""What all interactive figures share: three forms, controls, and a page that needs nothing."""

import base64
import html
import io
import re
import sys
import time

import matplotlib
import pytest
from figures import PAGE, Outline, find, output, press, texts
from PIL import Image

from w2vlib.book import Choice, Curves, Panel, Words, explore_panels

STEPS, LISTS = list(range(12)), {"sea": ["river", "coast"], "war": ["army"]}


def say(step, name):
    return f"Step {step}: the square is {step**2}, the word {list(LISTS)[name]}"


def squares(step, name):
    return Curves({"square": (STEPS, [step**2 for step in STEPS])}, now=step)


def near(step, name):
    return Words({"near": [f"{word} {step}" for word in list(LISTS.values())[name]]})


PANELS = [Panel("Squares", squares, x="step"), Panel("Words", near)]
CHOICES = [Choice("step", tuple(map(str, STEPS)), start=4), Choice("word", tuple(LISTS), start=1)]


def make_figure(panels=PANELS, choices=CHOICES, say=say, title="Squares and words", **more):
    return explore_panels(panels, choices, say=say, title=title, **more)


@pytest.fixture(scope="module")
def figure():
    return make_figure()


def test_three_forms_of_the_same(figure):
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert base64.b64decode(bundle["image/png"]) == figure.png
    assert Image.open(io.BytesIO(figure.png)).format == "PNG"
    assert repr(figure) == figure.text == bundle["text/plain"]
    assert say(4, 1) in figure.text
    assert make_figure(alt="In words").text == "[interactive figure] In words"


def test_without_scripts_the_page_is_a_described_picture(figure):
    """A viewer without scripts must show no dead controls; sanitizers must find nothing odd."""
    (_, group), (_, picture), (script, _) = Outline(figure.html).tags
    assert (group["aria-label"], script) == ("Squares and words", "script")
    assert say(4, 1) in picture["alt"]
    assert base64.b64decode(picture["src"].removeprefix("data:image/png;base64,")) == figure.png


def test_loads_nothing(figure):
    page = figure.html.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//[a-z]+\.|url\(|@import|import\(|fetch\(|XMLHttp|<link", page)


def test_same_input_same_bytes_whatever_the_readers_settings(figure):
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30}):
        again = make_figure()
    assert (again.html, again.png, again.text) == (figure.html, figure.png, figure.text)
    key = re.compile('data-w2v="(.+?)"')
    assert key.search(figure.html)[1] != key.search(make_figure(title="Another").html)[1]


def test_the_picture_is_of_the_first_position(figure):
    def frozen(*at):
        panels = [Panel(p.title, lambda _, draw=p.draw: draw(*at), x=p.x) for p in PANELS]
        return make_figure(panels, [Choice("none", ("0",))], lambda _: say(*at))

    assert figure.png == frozen(4, 1).png
    assert figure.png not in (frozen(5, 1).png, frozen(4, 0).png)


def test_live_agrees_with_the_data(figure):
    pytest.importorskip("ipywidgets")
    slider, word, picture, sentence = figure.live().children
    assert (picture.value, sentence.value) == (figure.png, say(4, 1))
    slider.value, word.value = 9, 0
    assert (slider.label, word.label, sentence.value) == ("9", "sea", say(9, 0))
    assert picture.value == figure.draw(9, 0) != figure.png


def test_live_without_ipywidgets_says_what_to_do(figure, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match="pip install ipywidgets"):
        figure.live()


# In a browser


def use_every_control(browser):
    from selenium.webdriver.support.select import Select

    press(browser, "HOME")
    for step in STEPS:  # browser and Python say the same
        assert output(browser) == say(step, 1)
        assert texts(browser, "li") == near(step, 1).columns["near"] + [""]
        assert float(texts(browser, ".w2v-key b")[0]) == step**2
        press(browser, "ARROW_RIGHT")
    Select(find(browser, "select")).select_by_visible_text("sea")
    assert (output(browser), texts(browser, "li")) == (say(11, 0), ["river 11", "coast 11"])


def test_on_a_plain_page(show, figure):
    browser = show(figure.html)
    assert output(browser) == say(4, 1)
    use_every_control(browser)


def test_in_a_sandboxed_frame(show, figure):
    """Colab shows each output in a frame of a foreign origin."""
    frame = html.escape(PAGE.format(body=figure.html, attributes=""))
    style = "width:900px;height:700px"
    browser = show(f'<iframe title="f" sandbox="allow-scripts" style="{style}" srcdoc="{frame}">')
    browser.switch_to.frame(0)
    use_every_control(browser)


def test_play_and_pause(show, figure):
    browser = show(figure.html)
    play = find(browser, "button")
    play.click()
    assert play.text == "Pause"
    assert find(browser, "output").get_attribute("aria-live") == "off"
    deadline = time.monotonic() + 10
    while output(browser) in (say(4, 1), say(5, 1)) and time.monotonic() < deadline:
        time.sleep(0.02)
    play.click()
    paused = output(browser)
    assert paused not in (say(4, 1), say(5, 1))
    assert find(browser, "output").get_attribute("aria-live") == "polite"
    time.sleep(1)
    assert output(browser) == paused


def test_reduced_motion_steps_instead_of_playing(show, figure):
    browser = show(figure.html)
    reduce = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", reduce)
    browser.refresh()
    find(browser, "button").click()
    time.sleep(1)
    assert (find(browser, "button").text, output(browser)) == ("Step", say(5, 1))


def test_page_shortcuts_do_not_steal_keys(show, figure):
    """Notebooks take arrow keys at the document, before the target sees them."""
    thief = """<script>document.addEventListener("keydown", (event) => {
        event.preventDefault(); document.title += event.key; }, true)</script>"""
    browser = show(figure.html + thief)
    press(browser, "ARROW_RIGHT")
    press(browser, "ESCAPE")
    assert (output(browser), browser.title) == (say(5, 1), "FigureEscape")


def test_copies_are_independent(show, figure):
    browser = show(figure.html + figure.html)
    press(browser, "ARROW_RIGHT", 1)
    insert = "document.body.append(document.createRange().createContextualFragment(arguments[0]))"
    browser.execute_script(insert, figure.html)  # as when a notebook cell runs again
    assert [output(browser, k) for k in range(3)] == [say(4, 1), say(5, 1), say(4, 1)]
