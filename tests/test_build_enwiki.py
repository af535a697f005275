"""The tool that makes the embedded counts, on a small text and on bad input."""

import lzma
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import w2vlib as w2v

TOOL = Path(__file__).parents[1] / "tools" / "build_enwiki.py"
TEXT = "The cat saw the dog.\nThe dog, the CAT; the bird!\n"


def run(*arguments):
    return subprocess.run(
        [sys.executable, TOOL, *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("suffix", [".txt", ".txt.xz"])
def test_small_text(tmp_path, suffix):
    articles, output = tmp_path / f"articles{suffix}", tmp_path / "counts.npz"
    data = TEXT.encode()
    articles.write_bytes(lzma.compress(data) if suffix.endswith("xz") else data)
    done = run(articles, "--output", output, "--words", 3, "--window", 2)
    assert done.returncode == 0, done.stderr
    counts = w2v.load_cooccurrence(output)
    assert counts.vocabulary.words == ("the", "cat", "dog")
    # "the cat the dog" and "the dog the cat the", with weights 2 and 1
    expected = [[2 * (1 + 2), 4 + 4, 2 + 4], [4 + 4, 0, 1 + 1], [2 + 4, 1 + 1, 0]]
    np.testing.assert_array_equal(counts.counts.toarray(), expected)
    assert "2 articles" in counts.source


def test_every_other_article(tmp_path):
    articles, output, half = (tmp_path / name for name in ("a.txt", "counts.npz", "half.npz"))
    articles.write_text(TEXT + "The cat, the cat: dog.\n")
    done = run(articles, "--output", output, "--half", half, "--words", 3, "--window", 2)
    assert done.returncode == 0, done.stderr
    counts = w2v.load_cooccurrence(half)
    assert counts.vocabulary.words == w2v.load_cooccurrence(output).vocabulary.words
    assert counts.vocabulary.counts.tolist() == [4, 3, 2]
    # "the cat the dog" and "the cat the cat dog"
    expected = [[2 + 2, 4 + 6, 2 + 1], [4 + 6, 2, 1 + 2], [2 + 1, 1 + 2, 0]]
    np.testing.assert_array_equal(counts.counts.toarray(), expected)
    assert counts.source.startswith("The first, third, fifth, ... article")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist; expected a text with one document per line"),
        (b"", "holds no word"),
        (b"one two three\n", "a vocabulary of 5,000 was asked for"),
    ],
)
def test_bad_input(tmp_path, content, message):
    articles, output = tmp_path / "articles.txt", tmp_path / "counts.npz"
    if content is not None:
        articles.write_bytes(content)
    done = run(articles, "--output", output)
    assert done.returncode != 0
    assert "articles.txt" in done.stderr and message in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists() and not list(tmp_path.glob(".counts*"))
