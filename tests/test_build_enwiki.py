"""The tool that makes the embedded counts, on a small text and on bad input."""

import lzma
import sys

import build_enwiki
import numpy as np
import pytest

import w2vlib as w2v

TEXT = "The cat saw the dog.\nThe dog, the CAT; the bird!\n"


@pytest.fixture
def run(monkeypatch):
    """A function that runs the tool in this process with the given arguments."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["build_enwiki.py", *map(str, arguments)])
        build_enwiki.main()

    return run


@pytest.mark.parametrize("suffix", [".txt", ".txt.xz"])
def test_small_text(run, tmp_path, suffix):
    articles, output = tmp_path / f"articles{suffix}", tmp_path / "counts.npz"
    data = TEXT.encode()
    articles.write_bytes(lzma.compress(data) if suffix.endswith("xz") else data)
    run(articles, "--output", output, "--words", 3, "--window", 2)
    counts = w2v.load_cooccurrence(output)
    assert counts.vocabulary.words == ("the", "cat", "dog")
    # "the cat the dog" and "the dog the cat the", with weights 2 and 1
    expected = [[2 * (1 + 2), 4 + 4, 2 + 4], [4 + 4, 0, 1 + 1], [2 + 4, 1 + 1, 0]]
    np.testing.assert_array_equal(counts.counts.toarray(), expected)
    assert "2 articles" in counts.source


def test_every_other_article(run, tmp_path):
    articles, output, half = (tmp_path / name for name in ("a.txt", "counts.npz", "half.npz"))
    articles.write_text(TEXT + "The cat, the cat: dog.\n")
    run(articles, "--output", output, "--half", half, "--words", 3, "--window", 2)
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
        (None, "does not exist; expected a text"),
        (b"", "holds no word"),
        (b"one two three\n", "has 3 words; 5,000 are needed"),
    ],
)
def test_bad_input(run, tmp_path, content, message):
    articles, output = tmp_path / "articles.txt", tmp_path / "counts.npz"
    if content is not None:
        articles.write_bytes(content)
    with pytest.raises(SystemExit, match=message) as exit:
        run(articles, "--output", output)
    assert "articles.txt" in exit.value.code  # a text, which Python prints; the status is 1
    assert not output.exists() and not list(tmp_path.glob(".counts*"))
