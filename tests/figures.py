"""How tests look at interactive figures: nasty words, the page around them, its controls."""

import json
from html.parser import HTMLParser

# Words are data: none of these may end the script, start a tag, or be read as a formula.
NASTY = ["</script><script>alert(1)</script>", "<!--", "&amp;", "\"'`${x}\\", "a\u2028b", "$x^2$"]

PAGE = """<!doctype html><html lang="en"{attributes}><head><title>Figure</title>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body><main><h1>Figure</h1>{body}</main></body></html>"""


class Outline(HTMLParser):
    """The tags of a document and the text of its scripts."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.scripts = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] == "script" and data.strip():
            self.scripts.append(data)


def find(browser, selector, k=0):
    return browser.find_elements("css selector", f".w2v-figure {selector}")[k]


def press(browser, key, k=0):
    from selenium.webdriver.common.keys import Keys

    find(browser, "input[type=range]", k).send_keys(getattr(Keys, key))


def output(browser, k=0):
    return find(browser, "output", k).text


def texts(browser, selector):
    # In one script: a figure that is drawn anew meanwhile has other elements.
    script = "return [...document.querySelectorAll(arguments[0])].map(item => item.textContent)"
    return browser.execute_script(script, f".w2v-figure {selector}")


def check_accessibility(browser, theme):
    """The figure has the colors of the theme and breaks no rule that axe-core can test."""
    from check_browser import axe_source

    dark = browser.execute_script(
        "return getComputedStyle(document.querySelector('.w2v-figure')).color"
    )
    assert (dark == "rgb(230, 233, 237)") == (theme == "dark")
    browser.execute_script(axe_source())
    report = browser.execute_async_script("axe.run('.w2v-figure').then(arguments[0])")
    assert len(report["passes"]) > 10
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in report["violations"]] == []
    assert {rule["id"] for rule in report["incomplete"]} <= {"color-contrast"}


def read_page(page):
    """The data in a page, with what its frames share put back where it belongs."""
    line = next(line for line in page.splitlines() if line.startswith('{"choices"'))
    sent, _ = json.JSONDecoder().raw_decode(line)
    shared = {"x", "y", "words", "names", "columns", "lines", "cells"}

    def found(at):
        return [found(k) for k in at] if isinstance(at, list) else whole(sent["pool"][at])

    def whole(part):
        if isinstance(part, list):
            return [whole(item) for item in part]
        if not isinstance(part, dict):
            return part
        return {k: found(v) if k in shared else whole(v) for k, v in part.items()}

    for panel in sent["panels"]:
        panel["frames"] = [whole(panel["frames"][k]) for k in panel["at"]]
    return sent
