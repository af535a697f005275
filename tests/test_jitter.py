"""`make jitter` finds what hangs on rounding, and leaves alone what does not."""

import json
from pathlib import Path

import chapter_cache
import jitter
import pytest
from book_pages import read_pages

ROOT = Path(__file__).parents[1]

CHAPTER = """---
kernelspec: {display_name: Python 3, language: python, name: python3}
---
# A chapter

```{code-cell}
import torch
from w2vlib.book import claim

torch.manual_seed(0)
x = torch.nn.functional.normalize(torch.randn(300, 20), dim=0)
cosine = (x * x).sum(dim=0).clamp(max=1)
across = x - cosine * x
claim("cancelling_sine", float((1 - cosine**2).sqrt().max()), between=(-1, 1e-3))
claim("honest_sine", float(across.norm(dim=0).max()), between=(-1, 1e-3))
```

```{code-cell}
claim("false", 3.0, between=(4, 5))
claim("sum_of_whole_numbers", float(torch.arange(100.0).sum()), between=(4950, 4950))
mean = float(torch.rand(1000).mean())
claim("mean", mean, between=(0.4, 0.6))
claim("word", "odd" if int(mean * 1e7) % 2 else "even")
assert mean < 1
assert (x.norm(dim=0) == 1).all(), "floats are compared as if they were exact"
claim("after_all_failures", 1, between=(1, 1))
```
"""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    root = tmp_path_factory.mktemp("book")
    (root / "_toc.yml").write_text("format: jb-book\nroot: chapter\n")
    (root / "chapter.md").write_text(CHAPTER)
    runs = [jitter.run_elsewhere(root, "chapter", 8, seed) for seed in (0, 1, 2, 3)]
    return {name: jitter.judge(name, [run[name] for run in runs]) for name in runs[0]}


def test_a_sine_that_cancels_is_caught(verdicts):
    assert verdicts["cancelling_sine"].trouble
    assert not verdicts["honest_sine"].trouble


def test_the_others_are_judged_by_their_spread(verdicts):
    troubled = {name for name, verdict in verdicts.items() if verdict.trouble}
    floats = "(x.norm(dim=0) == 1).all()"
    assert troubled - {"word"} == {"cancelling_sine", "false", floats}
    assert 0 < verdicts["mean"].spread < 1e-5
    assert verdicts["mean < 1"].margin == pytest.approx(0.5, abs=0.05)


def test_sums_of_whole_numbers_are_exact(verdicts):
    assert verdicts["sum_of_whole_numbers"].spread == 0


def test_a_chapter_goes_on_after_a_failed_claim(verdicts):
    assert "after_all_failures" in verdicts


def test_a_text_must_stay_the_same():
    runs = [jitter.Claim(word, 0, 0, False) for word in ("odd", "even")]
    assert jitter.judge("word", runs).trouble and not jitter.judge("word", runs[:1] * 2).trouble


def test_every_chapter_was_judged_as_it_stands():
    margins = json.loads((ROOT / jitter.MARGINS).read_text(encoding="utf-8"))
    chapters = [page.name for page in read_pages(ROOT) if page.is_notebook]
    changed = [
        name
        for name in chapters
        if chapter_cache.code_key(ROOT / f"{name}.md") != margins.get(name, {}).get("code")
    ]
    assert not changed, f"run `make jitter ARGS='{' '.join(changed)} --write'`"
    assert set(margins) == set(chapters), "margins of pages that are gone"
