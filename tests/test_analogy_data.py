"""The embedded word pairs: well formed, answerable, and spelled as English grammar spells them."""

import re
from collections import Counter
from importlib import resources

import pytest

from w2vlib.datasets import load_analogies, load_enwiki

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


def read_families(text):
    """Return the pairs of each category, as a list of (name, pairs): names may repeat."""
    families = []
    for line in text.splitlines():
        if line.startswith(":"):
            families.append((line[1:].strip(), []))
        elif line.strip() and not line.startswith("#"):
            families[-1][1].append(tuple(line.split()))
    return families


def shape_faults(families):
    """Say what makes questions from these pairs malformed or unanswerable."""
    faults = []
    for name, count in Counter(name for name, _ in families).items():
        if count > 1 or not re.fullmatch(r"[a-z]+(-[a-z]+)*", name):
            faults.append(f"category {name!r} is repeated or oddly named")
    for name, pairs in families:
        if len(pairs) < 6:
            faults.append(f"{name}: only {len(pairs)} pairs")
        faults += [f"{name}: not a pair: {pair}" for pair in pairs if len(pair) != 2]
        counts = Counter(word for pair in pairs for word in pair)
        faults += [f"{name}: {word!r} occurs twice" for word, n in counts.items() if n > 1]
        faults += [f"{name}: {word!r}" for word in counts if not re.fullmatch("[a-z]+", word)]
    return faults


def spelling_faults(families):
    """Say which pairs break the spelling rule of their category."""
    faults = []
    for name, pairs in families:
        for first, second in pairs:
            stem = first[: max(2, len(first) - 3)]  # destroy, destruction: inflection spares it
            if name == "opposite-prefix":
                right = second.removesuffix(first) in PREFIXES
            elif name in ENDINGS and (first, second) not in SUPPLETIVE:
                right = second.endswith(ENDINGS[name]) and second.startswith(stem)
            else:
                right = first != second
            if not right:
                faults.append(f"{name}: {first} {second}")
    return faults


@pytest.fixture(scope="module")
def families():
    text = (resources.files("w2vlib.datasets") / "data" / "analogies.txt").read_text("utf-8")
    return read_families(text)


@pytest.fixture(scope="module")
def vocabulary():
    return load_enwiki().vocabulary


def test_pairs_make_answerable_questions(families):
    assert shape_faults(families) == []


def test_pairs_are_spelled_by_rule(families):
    assert spelling_faults(families) == []
    assert ENDINGS.keys() <= dict(families).keys()  # a renamed category must not escape its rule


def test_there_are_enough_pairs(families):
    assert len(families) >= 12
    assert sum(len(pairs) for _, pairs in families) >= 250


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


def test_the_embedded_vocabulary_covers_the_pairs(families, vocabulary):
    known = set(vocabulary.words)
    covered = {name: sum(known.issuperset(pair) for pair in pairs) for name, pairs in families}
    assert sum(covered.values()) >= 300
    assert sum(count >= 15 for count in covered.values()) >= 12
    assert min(covered.values()) >= 6, "a category with few questions has a meaningless accuracy"


def test_each_two_pairs_in_the_vocabulary_make_two_questions(families, vocabulary):
    known = set(vocabulary.words)
    counts = [sum(known.issuperset(pair) for pair in pairs) for _, pairs in families]
    assert len(load_analogies(vocabulary)) == sum(n * (n - 1) for n in counts)


GOOD = ["big bigger", "cold colder", "dark darker", "high higher", "low lower", "old older"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("high taller", "'high' occurs twice"),
        ("tall higher", "'higher' occurs twice"),
        ("lower lowest", "'lower' occurs twice"),
        ("Tall taller", "'Tall'"),
        ("well-known x", "'well-known'"),
        ("tall", "not a pair"),
        (": more\na b", "only 1 pairs"),
        (": adjective-comparative\n" + "\n".join(GOOD), "repeated"),
    ],
)
def test_shape_faults_are_found(line, fault):
    text = "\n".join([": adjective-comparative", *GOOD])
    assert shape_faults(read_families(text)) == []
    assert any(fault in found for found in shape_faults(read_families(f"{text}\n{line}")))


@pytest.mark.parametrize(
    ("category", "pair"),
    [
        ("adjective-comparative", "tall tallest"),
        ("verb-gerund", "run sitting"),
        ("opposite-prefix", "appointed disapointed"),
        ("opposite-prefix", "able able"),
        ("british-american", "color color"),
    ],
)
def test_spelling_faults_are_found(category, pair):
    assert spelling_faults(read_families(f": {category}\n{pair}")) == [f"{category}: {pair}"]
