"""Shared fixtures: the embedded Wikipedia pipeline, computed once per worker; a browser."""

import os
from pathlib import Path

import hypothesis
import pytest
import torch
from example import make_figure
from figures import PAGE

import w2vlib as w2v

HERE = Path(__file__).parent
collect_ignore = ["conftest.py"]  # no doctests here; another folder's has the same module name
if not (HERE.parent / "tools").exists():  # a source distribution: the library without the book
    collect_ignore += ["anatomy.py", "test_build_enwiki.py"]
    collect_ignore += [f.name for f in HERE.glob("test_*.py") if "ROOT" in f.read_text("utf-8")]

# Kernels compile on their first call: a deadline would time the compiler.
hypothesis.settings.register_profile("w2vlib", deadline=None, derandomize=True)
hypothesis.settings.load_profile("w2vlib")


@pytest.fixture(scope="session")
def enwiki():
    return w2v.datasets.load_enwiki()


@pytest.fixture(scope="session")
def enwiki_target(enwiki):
    return w2v.qwem_target(w2v.corpus_statistics(enwiki))


@pytest.fixture(scope="session")
def enwiki_spectrum(enwiki_target):
    return w2v.top_eigenpairs(enwiki_target, k=200)


@pytest.fixture(scope="session")
def enwiki_embedding(enwiki, enwiki_spectrum):
    return w2v.spectral_embedding(enwiki_spectrum, enwiki.vocabulary)


@pytest.fixture(scope="session")
def gensim():
    """The package, or a skip."""
    return pytest.importorskip("gensim", reason="gensim is missing: it has none for Python 3.14")


@pytest.fixture(scope="session")
def datapath(gensim):
    """Where gensim keeps its test data."""
    from gensim.test.utils import datapath

    return datapath


@pytest.fixture
def toy_statistics():
    """Random statistics of twelve words, in float64."""
    counts = torch.rand(12, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    joint = counts + counts.T
    joint[0, 1] = joint[1, 0] = 0  # a pair that never occurs
    joint /= joint.sum()
    words = w2v.Vocabulary(tuple("abcdefghijkl"), torch.arange(12, 0, -1))
    return w2v.CorpusStatistics(joint, joint.sum(1), words)


@pytest.fixture(scope="session")
def checker():
    """tools/check_browser.py: in continuous integration, where Chromium must be, or on request."""
    if not (os.environ.get("CI") or os.environ.get("W2VLIB_BROWSER")):
        pytest.skip("needs Chromium: runs in CI, and here with W2VLIB_BROWSER=1")
    import check_browser

    return check_browser


@pytest.fixture(scope="session")
def figure():
    """The interactive figure of example.py."""
    return make_figure()


@pytest.fixture(scope="module")
def browser(checker):
    with checker.chromium() as browser:
        browser.set_window_size(1000, 900)
        yield browser


# Figures fit themselves to the page in the frame after they learn its width.
DRAWN = """
const done = arguments[0], next = requestAnimationFrame;
next(() => next(() => next(() => done())));
"""


@pytest.fixture
def show(browser, tmp_path):
    """Open a page with the given body; afterwards the console must be empty."""

    def open_page(body, attributes=""):
        path = tmp_path / "page.html"
        path.write_text(PAGE.format(body=body, attributes=attributes), encoding="utf-8")
        browser.get(path.as_uri())
        browser.execute_async_script(DRAWN)
        return browser

    yield open_page
    browser.switch_to.default_content()
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert browser.get_log("browser") == []
