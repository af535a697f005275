"""The embedded word pairs: well formed, answerable, and spelled as English grammar spells them."""

import re
from importlib import resources

import pytest

from w2vlib.datasets import load_analogies

PREFIXES = ("un", "in", "im", "il", "ir", "dis")

# What the second word of a pair must end in, whatever the first is.
ENDINGS = {
    "adjective-adverb": "ly",
    "adjective-comparative": "er",
    "adjective-superlative": "est",
    "singular-plural": "s",
    "verb-gerund": "ing",
    "verb-noun": "ion",
    "verb-past-regular": "ed",
    "verb-third-person": "s",
}
SUPPLETIVE = {("good", "better"), ("good", "best"), ("bad", "worse"), ("bad", "worst")}


@pytest.fixture(scope="module")
def families():
    """The pairs of each category, as a list of (name, pairs): names may repeat."""
    text = (resources.files("w2vlib.datasets") / "data" / "analogies.txt").read_text("utf-8")
    families = []
    for line in text.splitlines():
        if line.startswith(":"):
            families.append((line[1:].strip(), []))
        elif line.strip() and not line.startswith("#"):
            families[-1][1].append(tuple(line.split()))
    return families


def test_pairs_make_answerable_questions(families):
    names = [name for name, _ in families]
    assert len(set(names)) == len(names), "each category once"
    for name, pairs in families:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
        assert len(pairs) >= 6 and all(len(pair) == 2 for pair in pairs), name
        words = [word for pair in pairs for word in pair]
        assert len(set(words)) == len(words), f"{name}: each word once"
        assert all(re.fullmatch("[a-z]+", word) for word in words), name


def test_pairs_are_spelled_by_rule(families):
    assert ENDINGS.keys() <= dict(families).keys()  # a renamed category must not escape its rule
    for name, pairs in families:
        for first, second in pairs:
            stem = first[: max(2, len(first) - 3)]  # destroy, destruction: inflection spares it
            if name == "opposite-prefix":
                right = second.removesuffix(first) in PREFIXES
            elif name in ENDINGS and (first, second) not in SUPPLETIVE:
                right = second.endswith(ENDINGS[name]) and second.startswith(stem)
            else:
                right = first != second
            assert right, f"{name}: {first} {second}"


def test_ordinals_follow_their_cardinals(families):
    irregular = {
        "one": "first",
        "two": "second",
        "three": "third",
        "five": "fifth",
        "eight": "eighth",
        "nine": "ninth",
        "twelve": "twelfth",
    }
    for cardinal, ordinal in dict(families)["cardinal-ordinal"]:
        assert ordinal == irregular.get(cardinal, re.sub("y$", "ie", cardinal) + "th")


def test_the_embedded_vocabulary_covers_the_pairs(families, enwiki):
    known = set(enwiki.vocabulary.words)
    counts = [sum(known.issuperset(pair) for pair in pairs) for _, pairs in families]
    assert sum(counts) >= 300
    assert sum(count >= 15 for count in counts) >= 12
    assert min(counts) >= 6, "a category with few questions has a meaningless accuracy"
    questions = sum(n * (n - 1) for n in counts)  # each two pairs make two
    assert len(load_analogies(enwiki.vocabulary)) == questions
