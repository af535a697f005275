"""Look at every page of the built site through Chromium: `python tools/check_browser.py [SITE]`.

The browser can reach this computer only. On each page it must find everything it asks for, print
no error, set every formula, move every interactive figure and answer every quiz by keyboard, open
what is folded for whoever follows a link into it, print dark pages in light colors, fit a phone's
width, and meet the accessibility rules that axe-core can test, in the light and in the dark theme.
The search must find something and the theme switch must switch. The exit status is 1 if anything
was found.
"""

import functools
import importlib.util
import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
DESKTOP, PHONE = (1400, 1000), (390, 844)
PATIENCE = 180  # seconds before a page that does not answer counts as broken, not as slow
SEARCHED = "vector"  # a word that the book cannot do without

SETTLED = """
const done = arguments[arguments.length - 1];
const fonts = () => document.fonts.ready.then(() => requestAnimationFrame(() => done(true)));
window.MathJax?.startup?.promise ? MathJax.startup.promise.then(fonts) : fonts();
"""
MATH = """
const formulas = [...document.querySelectorAll('.bd-article .math')];
return formulas.filter(f => !f.querySelector('mjx-container') || f.querySelector('mjx-merror'))
  .map(f => f.textContent.trim().slice(0, 60));
"""
TOO_WIDE = """
const page = document.documentElement;
if (page.scrollWidth <= page.clientWidth) return [];
const scrolls = e => e && e !== page && (getComputedStyle(e).overflowX !== 'visible'
  || scrolls(e.parentElement));
return [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > page.clientWidth + 1 && !scrolls(e.parentElement))
  .slice(0, 3).map(e => e.tagName.toLowerCase() + '.' + e.className).concat(
    [`${page.scrollWidth} instead of ${page.clientWidth} pixels`]);
"""
# Links into folds are followed one by one: each must open what it leads to.
HIDDEN = """
const follow = (id) => {
  history.replaceState(null, "", "#" + id);
  dispatchEvent(new HashChangeEvent("hashchange"));
};
const folded = '.toggle-hidden .math[id], details:not([open]) [id]';
return [...document.querySelectorAll(folded)].map(e => e.id).slice(0, 5).filter(id => {
  follow(id);
  return !document.getElementById(id).checkVisibility({ visibilityProperty: true });
});
"""
PRINTED = """
const theme = () => document.documentElement.dataset.theme;
dispatchEvent(new Event("beforeprint"));
const printed = theme();
dispatchEvent(new Event("afterprint"));
return [printed, theme()];
"""
# Formulas are left out: MathJax makes thousands of elements, all in the color of the text nearby.
AXE = """
const done = arguments[arguments.length - 1];
axe.run({exclude: ['mjx-container']}, {resultTypes: ['violations'], runOnly: arguments[0]})
  .then(result => done(
    result.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v =>
      ({rule: v.id, places: v.nodes.slice(0, 3).map(n => n.target.join(' '))}))));
"""
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "dark": ["color-contrast"],  # the only rule for which the theme matters
}


class QuietHandler(SimpleHTTPRequestHandler):
    """Serve files without logging each one."""

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@contextmanager
def serving(site: Path) -> Iterator[str]:
    """Serve the site on a free port; yield its address."""
    handler = functools.partial(QuietHandler, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """Start Chromium with a profile of its own, on an empty page, with empty logs."""
    names = ("chromium", "chromium-browser", "google-chrome")
    binary = next(filter(None, map(shutil.which, names)), None)
    driver_path = shutil.which("chromedriver")
    if binary is None or driver_path is None:
        sys.exit("Chromium or chromedriver is missing (Debian: chromium, chromium-driver)")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = binary
        for flag in [*FLAGS, f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        browser = webdriver.Chrome(options, webdriver.ChromeService(driver_path))
        browser.set_script_timeout(PATIENCE)
        browser.set_page_load_timeout(PATIENCE)
        try:
            browser.get("about:blank")
            check_requests(browser, "")  # forget the browser's own start page
            yield browser
        finally:
            browser.quit()


def show(browser: webdriver.Chrome, address: str, size: tuple[int, int], theme: str) -> None:
    """Open a page in a window of the given size, as a reader who prefers the given theme."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    preference = {"name": "prefers-color-scheme", "value": theme}
    calm = {"name": "prefers-reduced-motion", "value": "reduce"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [preference, calm]})
    browser.get(address)
    browser.execute_async_script(SETTLED)


def check_requests(browser: webdriver.Chrome, address: str) -> list[str]:
    """Report requests to other hosts and requests that failed, and errors in the console."""
    found, asked = [], {}
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        method, event = message["method"], message["params"]
        if method == "Network.requestWillBeSent":
            url = asked[event["requestId"]] = event["request"]["url"]
            if not url.startswith((address, "data:", "blob:", "file:")):
                found.append(f"asks another host: {url[:120]}")
        elif method == "Network.responseReceived" and event["response"]["status"] >= 400:
            found.append(f"answer {event['response']['status']}: {event['response']['url'][:120]}")
        elif method == "Network.loadingFailed" and not event.get("canceled"):
            found.append(f"failed request: {asked.get(event['requestId'], '?')[:120]}")
    for entry in browser.get_log("browser"):
        if entry["level"] in ("SEVERE", "WARNING"):
            found.append(f"console: {entry['message'][:200]}")
    return found


def check_figures(browser: webdriver.Chrome) -> list[str]:
    """Report interactive figures whose reading does not follow the arrow keys."""
    found = []
    for number, figure in enumerate(browser.find_elements(By.CLASS_NAME, "w2v-figure"), start=1):
        for slider in figure.find_elements(By.CSS_SELECTOR, "input[type=range]"):
            output = figure.find_element(By.TAG_NAME, "output")
            slider.send_keys(Keys.HOME)
            before = output.text
            slider.send_keys(Keys.ARROW_RIGHT)
            if not before or output.text == before:
                found.append(f"interactive figure {number} stands still: `{before}`")
    return found


def answers_to(quiz: WebElement) -> Iterator[tuple[WebElement, str]]:
    """Yield what to type where: every choice, or every number that has a reply of its own."""
    fields = quiz.find_elements(By.TAG_NAME, "input")
    if replies := quiz.get_attribute("data-replies"):
        for low, high, *_ in json.loads(replies):
            if low is not None:
                yield fields[0], f"{Keys.CONTROL}a{Keys.NULL}{(low + high) / 2}"
    else:
        yield from ((field, Keys.SPACE) for field in fields)


def check_quizzes(browser: webdriver.Chrome) -> list[str]:
    """Report quizzes that leave an answer without a reply, or have other than one right answer."""
    found = []
    for number, quiz in enumerate(browser.find_elements(By.CLASS_NAME, "quiz-form"), start=1):
        replies, right = [], 0
        for field, keys in answers_to(quiz):
            field.send_keys(keys, Keys.ENTER)
            status = quiz.find_element(By.CSS_SELECTOR, "[role=status]")
            replies.append(status.text)
            right += status.get_attribute("data-passed") == "true"
        if not all(replies):
            found.append(f"quiz {number} leaves a choice without a reply")
        if right != 1:
            found.append(f"quiz {number} gives {len(replies)} replies, {right} of them right")
    return found


def check_folds(browser: webdriver.Chrome) -> list[str]:
    """Report a formula in a fold that stays hidden when its number is clicked elsewhere."""
    return [f"folded, and no link opens it: {name}" for name in browser.execute_script(HIDDEN)]


def check_paper(browser: webdriver.Chrome) -> list[str]:
    """Report a page in dark colors that is printed in them, or does not return to them."""
    themes = browser.execute_script(PRINTED)
    return [] if themes == ["light", "dark"] else [f"printing goes through the themes {themes}"]


def check_accessibility(browser: webdriver.Chrome, axe: str, theme: str) -> list[str]:
    """Report serious violations of the accessibility rules."""
    browser.execute_script(axe)
    return [
        f"axe ({theme}): {violation['rule']} at {'; '.join(violation['places'])}"
        for violation in browser.execute_async_script(AXE, RULES[theme])
    ]


def check_page(browser: webdriver.Chrome, site: str, page: str, axe: str) -> list[str]:
    """Return every fault of one page."""
    try:
        show(browser, site + page, DESKTOP, "light")
        found = [f"formula not set: {tex}" for tex in browser.execute_script(MATH)]
        found += check_figures(browser)
        found += check_quizzes(browser)
        found += check_folds(browser)
        found += check_accessibility(browser, axe, "light")
        show(browser, site + page, DESKTOP, "dark")
        if browser.execute_script("return document.documentElement.dataset.theme") != "dark":
            found.append("ignores the reader's preference for a dark theme")
        found += check_accessibility(browser, axe, "dark")
        found += check_paper(browser)
        show(browser, site + page, PHONE, "light")
        found += [f"wider than a phone: {place}" for place in browser.execute_script(TOO_WIDE)]
    except TimeoutException:
        found = [f"not ready after {PATIENCE} seconds"]
    return found + check_requests(browser, site)


def check_search(browser: webdriver.Chrome, site: str) -> list[str]:
    """Report a search that finds nothing."""
    show(browser, f"{site}search.html?q={SEARCHED}", DESKTOP, "light")
    wait = WebDriverWait(browser, PATIENCE)
    try:
        wait.until(lambda driver: driver.find_elements(By.CSS_SELECTOR, "#search-results li a"))
    except TimeoutException:
        return [f"the search for `{SEARCHED}` finds nothing"]
    return []


def check_theme_switch(browser: webdriver.Chrome, site: str, page: str) -> list[str]:
    """Report a theme switch that does not reach both themes."""
    show(browser, site + page, DESKTOP, "light")
    seen = set()
    for _ in range(3):
        browser.find_element(By.CSS_SELECTOR, ".theme-switch-button").click()
        background = "return getComputedStyle(document.body).backgroundColor"
        theme = "return document.documentElement.dataset.theme"
        seen.add((browser.execute_script(theme), browser.execute_script(background)))
    browser.execute_script("localStorage.clear()")
    themes, backgrounds = {theme for theme, _ in seen}, {color for _, color in seen}
    works = themes == {"light", "dark"} and len(backgrounds) == 2
    return [] if works else [f"the theme switch only reaches {sorted(seen)}"]


def check_from_disk(browser: webdriver.Chrome, site: Path, page: str) -> list[str]:
    """Report formulas that need a server: readers open the built pages from disk."""
    show(browser, (site / page).as_uri(), DESKTOP, "light")
    broken = browser.execute_script(MATH)
    return [f"formula not set when opened from disk: {broken[0]}"] if broken else []


def content_pages(site: Path) -> list[str]:
    """Return the pages to look at, without the redirect at the root."""
    files = (file.relative_to(site) for file in site.rglob("*.html"))
    return sorted(
        file.as_posix()
        for file in files
        if "_static" not in file.parts and file.as_posix() != "index.html"
    )


def axe_source() -> str:
    """Return the text of axe-core, a program that runs inside the page."""
    package = importlib.util.find_spec("axe_core_python")
    if package is None or package.origin is None:
        sys.exit("The package axe-core-python is missing. Run `make browser`")
    return Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def check_site(site: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each page, or part of the site, and its faults."""
    axe = axe_source()
    pages = content_pages(site)
    with serving(site) as address, chromium() as browser:
        for page in pages:
            yield page, check_page(browser, address, page, axe)
        content = next(page for page in pages if page.startswith("book/"))
        yield "the search", check_search(browser, address)
        yield "the theme switch", check_theme_switch(browser, address, content)
        for page in pages:
            yield f"{page}, from disk", check_from_disk(browser, site, page)


def main(arguments: list[str]) -> int:
    """Check one site; print what is wrong."""
    default = Path(__file__).parents[1] / "_build" / "html"
    site = (Path(arguments[0]) if arguments else default).resolve()
    if not (site / "index.html").exists():
        print(f"There is no built site in `{site}`. Run `make book` first", file=sys.stderr)
        return 2
    faulty = []
    for place, found in check_site(site):
        print(f"{'FAULTY' if found else 'good':7}{place}", *found, sep="\n    ", flush=True)
        faulty += [place] * bool(found)
    print("Browser check:", f"faults in {'; '.join(faulty)}" if faulty else "no faults")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
