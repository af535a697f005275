"""The checks of the built site must find planted faults."""

import itertools

import check_site
import pytest
from support import ROOT

GOOD = """<!DOCTYPE html>
<html lang="en"><head><title>A page</title>
<link rel="canonical" href="https://example.org/page.html">
<link rel="stylesheet" href="_static/style.css"></head>
<body><h1 id="top">A page</h1>
<a href="other.html#there">other</a> <a href="#top">top</a> <a href="https://example.org">out</a>
<img src="_static/dot.png" alt=""> <img src="data:image/png;base64,AA==" alt="a dot">
</body></html>"""
OTHER = '<html lang="en"><head><title>B</title></head><body><p id="there">B</p></body></html>'


def write_site(folder, page=GOOD, style="p { color: red }"):
    """Write a site of two pages."""
    (folder / "_static").mkdir()
    (folder / "_static" / "style.css").write_text(style)
    (folder / "_static" / "dot.png").write_bytes(b"")
    (folder / "other.html").write_text(OTHER)
    (folder / "page.html").write_text(page)
    return folder


def test_a_good_site_has_no_faults(tmp_path):
    assert check_site.check_site(write_site(tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("_static/style.css", "https://cdn.example/style.css", "loads from another host"),
        ("_static/dot.png", "//cdn.example/dot.png", "loads from another host"),
        ("</body>", '<script src="http://cdn.example/a.js"></script></body>', "another host"),
        ("</body>", '<p style="background: url(https://cdn.example/a.png)">', "another host"),
        ("</head>", "<style>@import 'https://cdn.example/a.css';</style></head>", "another host"),
        ("_static/dot.png", "_static/gone.png", "missing file: _static/gone.png"),
        ("other.html#there", "gone.html", "broken link: gone.html"),
        ("other.html#there", "other.html#gone", "broken anchor: other.html#gone"),
        ("#top", "#gone", "broken anchor: #gone"),
        ("</body>", '<p id="top"></p></body>', "id used twice: top"),
        (' alt=""', "", "image without alt: _static/dot.png"),
        (' lang="en"', "", "<html> without lang"),
        ("<title>A page</title>", "", "no <title>"),
        ("A page</h1>", "A page in /home/ada/book</h1>", "path of this computer"),
    ],
)
def test_a_planted_fault_is_found_and_named(tmp_path, old, new, fault):
    assert old in GOOD
    site = write_site(tmp_path, GOOD.replace(old, new))
    (found,) = check_site.check_site(site, paths=["/home/ada"])
    assert found.startswith("page.html: ") and fault in found


def test_a_style_sheet_that_loads_from_elsewhere_is_found(tmp_path):
    write_site(tmp_path, style="@font-face { src: url('https://fonts.example/a.woff2') }")
    (found,) = check_site.check_site(tmp_path)
    assert "style.css: loads from another host: https://fonts.example/a.woff2" in found


def test_the_checkout_is_a_path_to_hide():
    paths = check_site.machine_paths()
    assert str(ROOT) in paths
    assert "/" not in paths and "/usr" not in paths


def test_an_empty_site_is_no_success(tmp_path):
    assert "make book" in check_site.check_site(tmp_path)[0]


BROWSER_PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light"><head><title>A page</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<script>
document.documentElement.dataset.theme =
  matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
</script></head>
<body><main class="bd-article"><h1>A page</h1>
<p><span class="math"><mjx-container>x</mjx-container></span></p>
<div class="w2v-figure"><label>d <input type="range" min="0" max="9" value="3"
  oninput="this.closest('.w2v-figure').querySelector('output').value = this.value"></label>
<output>3</output></div>
<form class="quiz-form" onsubmit="const chosen = this.querySelector(':checked').dataset;
  const said = this.querySelector('p');
  said.textContent = chosen.reply; said.dataset.passed = chosen.passed; return false">
<label><input type="radio" name="q" data-reply="No." data-passed="false"> 1</label>
<label><input type="radio" name="q" data-reply="Yes." data-passed="true"> 2</label>
<button type="submit">Check</button><p role="status"></p></form>
<details><summary>Proof</summary>
<div class="math" id="equation-a"><mjx-container>y</mjx-container></div></details>
FOLDS PRINT</main></body></html>"""
for script in ("folds", "print"):
    text = (ROOT / "book" / "_static" / f"{script}.js").read_text("utf-8")
    BROWSER_PAGE = BROWSER_PAGE.replace(script.upper(), f"<script>{text}</script>")


@pytest.fixture(scope="module")
def browse(checker, tmp_path_factory):
    """A function that checks one page in Chromium."""
    folder = tmp_path_factory.mktemp("site")
    with checker.serving(folder) as address, checker.chromium() as browser:
        names = (f"page{n}.html" for n in itertools.count())  # the browser may keep what it saw

        def check(page):
            name = next(names)
            (folder / name).write_text(page)
            return checker.check_page(browser, address, name, checker.axe_source())

        yield check


def test_a_good_page_passes_the_browser(browse):
    assert browse(BROWSER_PAGE) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("</main>", '<img src="https://cdn.example/a.png" alt=""></main>', "asks another host"),
        ("</main>", '<img src="gone.png" alt=""></main>', "answer 404"),
        ("</main>", "<script>nonsense()</script></main>", "console: "),
        ("<mjx-container>x</mjx-container>", "\\(x\\)", "formula not set: \\(x\\)"),
        (">x</mjx", "><mjx-merror>x</mjx-merror></mjx", "formula not set"),
        ("oninput", "onpaste", "interactive figure 1 stands still"),
        ('passed="true"', 'passed="false"', "quiz 1 gives 2 replies, 0 of them right"),
        ('reply="No."', 'reply=""', "quiz 1 leaves a choice without a reply"),
        ('"hashchange"', '"hashgone"', "folded, and no link opens it: equation-a"),
        ('"beforeprint"', '"beforerain"', "printing goes through the themes ['dark', "),
        ('"afterprint"', '"afterrain"', "printing goes through the themes ['light', 'light']"),
        ("</main>", '<p style="width: 800px">wide</p></main>', "wider than a phone"),
        ("<label>d ", "<div>", "axe (light): label"),
        ("</main>", '<p style="color: #ccc; background: #fff">pale</p></main>', "color-contrast"),
        ('"dark" : "light"', '"light" : "light"', "ignores the reader's preference"),
    ],
)
def test_a_fault_that_only_a_browser_sees_is_found(browse, old, new, fault):
    assert old in BROWSER_PAGE
    assert any(fault in found for found in browse(BROWSER_PAGE.replace(old, new)))
