"""What all interactive figures share: three forms, controls, and a page that needs nothing."""

import base64
import html
import io
import re
import sys
import time

import matplotlib
import pytest
from example import PANELS, RATES, TIMES, growth, make_figure, say, words
from figures import PAGE, Outline, find, output, press, texts
from PIL import Image

from w2vlib.book import Choice, Panel


def test_three_forms_of_the_same(figure):
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert base64.b64decode(bundle["image/png"]) == figure.png
    assert Image.open(io.BytesIO(figure.png)).format == "PNG"
    assert repr(figure) == figure.text == bundle["text/plain"]
    assert say(1, 1) in figure.text
    assert make_figure(alt="In words").text == "[interactive figure] In words"


def test_without_scripts_the_page_is_a_described_picture(figure):
    """A viewer without scripts must show no dead controls; sanitizers must find nothing odd."""
    (_, group), (_, picture), (script, _) = Outline(figure.html).tags
    assert (group["aria-label"], script) == ("Growth of shares", "script")
    assert say(1, 1) in picture["alt"]
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


def test_the_picture_is_of_the_first_position():
    shown = [PANELS[0], PANELS[-1]]  # their axes are the same in every frame

    def frozen(*at):
        panels = [Panel(p.title, lambda _, draw=p.draw: draw(*at), x=p.x, y=p.y) for p in shown]
        return make_figure(panels, [Choice("none", ("0",))], lambda _: say(*at)).png

    first = make_figure(shown).png
    assert first == frozen(1, 1)
    assert first not in (frozen(2, 1), frozen(1, 0))


def test_live_agrees_with_the_data(figure):
    pytest.importorskip("ipywidgets")
    slider, menu, *_, picture, sentence = figure.live().children
    assert (picture.value, sentence.value) == (figure.png, say(1, 1))
    slider.value, menu.value = 4, 0
    assert (slider.label, menu.label, sentence.value) == ("3.0", "1", say(4, 0))
    assert picture.value == figure.draw(4, 0) != figure.png


def test_live_without_ipywidgets_says_what_to_do(figure, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match="pip install ipywidgets"):
        figure.live()


# In a browser


# Colab shows each output in a frame of a foreign origin.
FRAME = '<iframe title="f" sandbox="allow-scripts" style="width:900px;height:700px" srcdoc="{}">'


@pytest.mark.parametrize("framed", [False, True])
def test_every_position_is_as_python_says(show, figure, framed):
    from selenium.webdriver.support.select import Select

    page = html.escape(PAGE.format(body=figure.html, attributes=""))
    browser = show(FRAME.format(page) if framed else figure.html)
    if framed:
        browser.switch_to.frame(0)
    assert output(browser) == say(1, 1)

    for j in (1, 0):
        Select(find(browser, "select")).select_by_index(j)
        press(browser, "HOME")
        for i, time_shown in enumerate(TIMES):
            rising, falling = words(i, j).columns.values()
            assert output(browser) == say(i, j)
            assert texts(browser, "li") == [*rising, *[""] * (3 - len(rising)), *falling]
            values = [f"{growth(time_shown, rate * RATES[j]):.3f}" for rate in (2, 1)]
            assert texts(browser, ".w2v-curves .w2v-key b") == values
            press(browser, "ARROW_RIGHT")
        assert output(browser) == say(len(TIMES) - 1, j)


def test_play_and_pause(show, figure):
    browser = show(figure.html)
    play = find(browser, "button")
    play.click()
    assert play.text == "Pause"
    assert spoken(browser) == (say(1, 1), "off")
    deadline = time.monotonic() + 10
    while output(browser) in (say(1, 1), say(2, 1)) and time.monotonic() < deadline:
        time.sleep(0.02)
    play.click()
    paused = output(browser)
    assert paused not in (say(1, 1), say(2, 1))
    assert spoken(browser) == (paused, "polite")
    time.sleep(1)
    assert output(browser) == paused


def spoken(browser):
    """What a screen reader reads of the slider, and whether it also reads the sentence out."""
    now = find(browser, "input").get_attribute("aria-valuetext")
    return now, find(browser, "output").get_attribute("aria-live")


def test_each_step_is_spoken_once(show, figure):
    """By the slider where the reader is on it, else by the sentence."""
    from selenium.webdriver.support.select import Select

    browser = show(figure.html)
    press(browser, "ARROW_RIGHT")
    assert spoken(browser) == (say(2, 1), "off")
    Select(find(browser, "select")).select_by_index(0)
    assert spoken(browser) == (say(2, 0), "polite")
    press(browser, "ARROW_RIGHT")
    assert spoken(browser) == (say(3, 0), "off")


def test_space_on_the_slider_plays_and_pauses_and_does_not_scroll(show, figure):
    browser = show(figure.html + "<p style='height: 3000px'>")
    press(browser, "SPACE")
    assert find(browser, "button").text == "Pause"
    deadline = time.monotonic() + 10
    while output(browser) == say(2, 1) and time.monotonic() < deadline:
        time.sleep(0.02)
    press(browser, "SPACE")
    paused = output(browser)
    assert find(browser, "button").text == "Play"
    assert paused not in (say(1, 1), say(2, 1))
    assert spoken(browser) == (paused, "off")  # the slider has the focus, and says it
    assert browser.execute_script("return scrollY") == 0


def named(figure, name):
    return f'<figure id="{name}">{figure.html}</figure>'


def wait_for_address(browser, part):
    deadline = time.monotonic() + 5
    while part not in browser.current_url and time.monotonic() < deadline:
        time.sleep(0.05)
    assert part in browser.current_url
    return browser.current_url


def test_the_address_has_the_state_and_opens_it(show, figure):
    browser = show(named(figure, "fig-a") + named(figure, "fig-b"))
    entries = browser.execute_script("return history.length")
    press(browser, "END")
    press(browser, "HOME", 1)
    wait_for_address(browser, "fig-b.time=0")
    press(browser, "ARROW_LEFT", 0)
    address = wait_for_address(browser, "#fig-a")
    assert browser.execute_script("return history.length") == entries
    assert "rate" not in address  # it stands where it starts

    browser.get("about:blank")
    browser.get(address)
    assert [output(browser, k) for k in (0, 1)] == [say(len(TIMES) - 2, 1), say(0, 1)]
    assert find(browser, "input").get_property("value") == str(len(TIMES) - 2)


def test_an_address_of_nonsense_opens_the_start(show, figure):
    browser = show(named(figure, "fig-a"))
    plain = browser.current_url
    browser.get(plain + "?fig-a.time=99&fig-a.rate=x&other=1#elsewhere")
    assert output(browser) == say(1, 1)
    press(browser, "ARROW_RIGHT")
    address = wait_for_address(browser, "fig-a.time=2")
    assert "other=1" in address and "fig-a.rate" not in address


def test_figures_without_a_name_leave_the_address(show, figure):
    browser = show(figure.html)
    before = browser.current_url
    press(browser, "ARROW_RIGHT")
    time.sleep(0.8)
    assert browser.current_url == before


def test_on_a_phone_the_slider_stays_in_sight(show, figure):
    browser = show(figure.html)
    for width, stays in ((390, True), (1000, False)):
        screen = {"width": width, "height": 500, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        panel = find(browser, ".w2v-words")
        browser.execute_script("arguments[0].scrollIntoView({block: 'end'})", panel)
        time.sleep(0.2)
        top = "return arguments[0].getBoundingClientRect().top"
        assert (browser.execute_script(top, find(browser, "input")) >= 0) == stays


def test_reduced_motion_steps_instead_of_playing(show, figure):
    browser = show(figure.html)
    reduce = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", reduce)
    browser.refresh()
    find(browser, "button").click()
    time.sleep(1)
    assert (find(browser, "button").text, output(browser)) == ("Step", say(2, 1))


def test_page_shortcuts_do_not_steal_keys(show, figure):
    """Notebooks take arrow keys at the document, before the target sees them."""
    thief = """<script>document.addEventListener("keydown", (event) => {
        event.preventDefault(); document.title += event.key; }, true)</script>"""
    browser = show(figure.html + thief)
    press(browser, "ARROW_RIGHT")
    press(browser, "ESCAPE")
    assert (output(browser), browser.title) == (say(2, 1), "FigureEscape")


def test_copies_are_independent(show, figure):
    browser = show(figure.html + figure.html)
    press(browser, "ARROW_RIGHT", 1)
    insert = "document.body.append(document.createRange().createContextualFragment(arguments[0]))"
    browser.execute_script(insert, figure.html)  # as when a notebook cell runs again
    assert [output(browser, k) for k in range(3)] == [say(1, 1), say(2, 1), say(1, 1)]
