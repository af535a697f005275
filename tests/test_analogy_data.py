"""Questions as they are published, in small; and the embedded word pairs.

The latter are well formed, answerable, and spelled as English grammar spells them.
"""

import re
from importlib import resources

import pytest

import w2vlib as w2v
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


WORDS = (
    "rome italy italian athens greece greek good better bad worse mouse mice :) happy :( sad "
    "#fun #sad km/h car"
)
VOCABULARY = w2v.Vocabulary(tuple(WORDS.split()), None)


def spelled(analogies):
    """Each question: its category, its words, and the set of its right answers."""
    words = analogies.vocabulary.words
    further = analogies.alternatives
    rows = analogies.questions.tolist()
    return [
        (
            analogies.categories[category],
            " ".join(words[i] for i in row),
            {words[row[3]], *(words[i] for i in ([] if further is None else further[n].tolist()))},
        )
        for n, (row, category) in enumerate(zip(rows, analogies.category.tolist(), strict=True))
    ]


def read(source):
    return spelled(w2v.parse_analogies(source, VOCABULARY))


def written(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


class TestGoogle:
    def test_a_file_from_windows_with_tabs_and_comments(self, tmp_path):
        text = (
            "\ufeff: capital countries\r\n# a note of mine\r\n\r\nRome\tItaly\tAthens\tGreece\r\n"
            ":gram\r\ngood better bad worse\r\n"
        )
        assert read(written(tmp_path / "questions-words.txt", text)) == [
            ("capital countries", "rome italy athens greece", {"greece"}),
            ("gram", "good better bad worse", {"worse"}),
        ]

    def test_words_that_look_like_headings_or_comments(self):
        lines = [":) happy :( sad", "#fun happy #sad sad"]
        assert [words for _, words, _ in read(lines)] == lines

    def test_a_comment_that_could_be_a_question_is_reported(self):
        vocabulary = w2v.Vocabulary(("#", "a", "b", "c"), None)
        lines = ["# a b c", "a b c #"]
        with pytest.warns(w2v.DataWarning, match="comments"):
            assert len(w2v.parse_analogies(lines, vocabulary)) == 1

    def test_another_encoding_is_said_with_its_place(self, tmp_path):
        path = written(tmp_path / "cp1252.txt", b": c\ncaf\xe9 a b c\n")
        with pytest.raises(ValueError, match=r"cp1252.txt.*0xe9 at offset 7.*ENCODING"):
            w2v.parse_analogies(path, VOCABULARY)


class TestMicrosoft:
    def test_without_headings_the_category_is_the_file(self, tmp_path):
        path = written(
            tmp_path / "syntax.questions", "good better bad worse\nrome mice rome cow\n"
        )
        analogies = w2v.parse_analogies(path, VOCABULARY)
        assert spelled(analogies) == [("syntax", "good better bad worse", {"worse"})]
        assert analogies.out_of_vocabulary == 1
        assert w2v.parse_analogies(path.read_text().split("\n"), VOCABULARY).categories == (
            "questions",
        )

    def test_answers_in_another_file(self):
        with pytest.raises(ValueError, match="answers lie in another file"):
            read(["good better bad JJ_JJR", "mouse mice car NN_NNS"])


class TestBats:
    @pytest.fixture
    def bats(self, tmp_path):
        folder = tmp_path / "BATS"
        written(folder / "1_Inflection" / "I01 [noun - plural].txt", "mouse\tmice\ncar\tcars\n")
        written(
            folder / "3_World" / "E01 [country].txt",
            "rome\titaly/italian\r\nathens\thellas/greek/greece\r\ntokyo\tjapan\r\n",
        )
        written(folder / "1_Inflection" / "I02.txt", "good\tbetter\nbad\tworse/mice\n")
        written(folder / ".hidden", "rome italy athens greece\n")
        written(folder / ".git" / "config.txt", "rome italy athens greece\n")
        return folder

    def test_a_folder_of_pairs(self, bats):
        analogies = w2v.parse_analogies(bats, VOCABULARY)
        assert sorted(spelled(analogies), key=str) == sorted(
            [
                ("I02", "good better bad worse", {"worse", "mice"}),
                ("I02", "bad worse good better", {"better"}),
                ("E01 [country]", "rome italy athens greek", {"greek", "greece"}),
                ("E01 [country]", "athens greek rome italy", {"italy", "italian"}),
            ],
            key=str,
        )
        assert analogies.out_of_vocabulary == 2 + 4  # with cars, and with tokyo

    def test_a_single_file_equals_its_part_of_the_folder(self, bats):
        single = read(bats / "3_World" / "E01 [country].txt")
        whole = [row for row in read(bats) if row[0].startswith("E01")]
        assert len(single) == 2 and single == whole

    def test_files_without_questions_are_reported(self, bats):
        expected = read(bats)
        written(bats / "picture.png", b"\x89PNG\xff\xfe")
        written(bats / "README.md", "This set has forty files.\nThey hold fifty pairs each.\n")
        written(bats / "empty.txt", "")
        with pytest.warns(w2v.DataWarning) as caught:
            assert read(bats) == expected
        (message,) = [str(warning.message) for warning in caught]
        assert all(name in message for name in ("picture.png", "README.md", "empty.txt"))

    def test_a_folder_without_questions(self, tmp_path):
        with pytest.raises(ValueError, match="none of the 0 files"):
            read(tmp_path)

    def test_a_slash_within_a_word(self):
        assert read(["car km/h", "rome italy"])[0][1:] == ("car km/h rome italy", {"italy"})

    def test_a_single_pair_is_reported(self):
        with pytest.warns(w2v.DataWarning, match="single pair.*lonely"):
            assert len(read([": lonely", "mouse mice", ": p", "rome italy", "athens greece"])) == 2

    def test_a_repeated_pair_asks_nothing_new(self):
        assert read(["rome italy", "athens greece", "rome italy"]) == read(
            ["rome italy", "athens greece"]
        )


def test_pairs_of_hashtags_and_smileys_are_expanded():
    lines = list(w2v.questions_from_pairs([":moods", "# a comment", ":) happy", "#sad sad"]))
    assert lines == [": moods", ":) happy #sad sad", "#sad sad :) happy"]


def test_headings_that_begin_as_comments_do(tmp_path):
    """All pairs fall into one category: the reader is told how to part them."""
    words = w2v.Vocabulary(("paris", "france", "rome", "italy", "king", "queen"), None)
    lines = ["# capitals", "france paris", "italy rome", "# family", "king queen"]
    with pytest.warns(w2v.DataWarning, match="headings.*': '"):
        assert len(w2v.parse_analogies(lines, words)) == 6


def test_lines_of_another_shape_are_told_how_a_heading_looks():
    words = w2v.Vocabulary(("paris", "france", "rome", "italy"), None)
    with pytest.warns(w2v.DataWarning, match="heading is ': name'"):
        w2v.parse_analogies(["[capitals]", "france paris", "italy rome"], words)
