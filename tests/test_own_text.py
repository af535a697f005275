"""What users bring, in their terms: the page "Bring your own text" as typed, and what trips them.

Each row of the page's two tables is run: a row without a maker of its input in `MAKERS` fails.
"""

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import threading
import types
import warnings
import zipfile
from itertools import chain, pairwise
from pathlib import Path

import pytest
import torch
from support import ROOT

import w2vlib as w2v
from w2vlib.cli import main

PAGE = (ROOT / "book/own-text.md").read_text("utf-8")
pytestmark = pytest.mark.filterwarnings("error::w2vlib.DataWarning")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name, text):
    """Write a file, and return its name."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def drawn(words="the cat sat on a mat and dog saw it", documents=40, length=40, seed=0):
    """Documents of random words, the first of which are frequent, as in a real text."""
    draw, words = random.Random(seed), words.split(" ")
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    return [" ".join(draw.choices(words, weights, k=length)) for _ in range(documents)]


def lines(texts):
    return "".join(f"{text}\n" for text in texts)


def decoded(corpus):
    """The documents as texts of words with spaces between them."""
    tokens, words = corpus.tokens.tolist(), corpus.vocabulary.words
    return [
        " ".join(words[token] for token in tokens[first:last])
        for first, last in pairwise(corpus.offsets.tolist())
    ]


def frequencies(corpus):
    return dict(zip(corpus.vocabulary.words, corpus.vocabulary.counts.tolist(), strict=True))


def same_counts(first, second):
    assert first.vocabulary.words == second.vocabulary.words
    assert torch.equal(first.vocabulary.counts, second.vocabulary.counts)
    return (first.counts != second.counts).nnz == 0


def vectors(name="vectors.txt"):
    """The words in a file of vectors, all of which differ from zero."""
    embedding = w2v.load_embedding(name)
    assert embedding.vectors.abs().sum(dim=1).min() > 0
    return set(embedding.vocabulary.words)


def run(command):
    """Type a command; return the exit code."""
    program, *arguments = shlex.split(command)
    assert program == "w2v"
    return main(arguments)


def in_bash(command, **environment):
    """Type a command into a shell that knows `w2v`."""
    if not shutil.which("bash"):
        pytest.skip("bash is missing: pipes go untested")
    program = f'w2v() {{ {shlex.quote(sys.executable)} -m w2vlib "$@"; }}; {command}'
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        ["bash", "-c", program],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        check=False,
    )


def as_table(name, texts, header="text"):
    """A table with a column of numbers and one of texts."""
    rows = [{"id": number, header: text} for number, text in enumerate(texts)]
    if name.endswith(".parquet"):
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.Table.from_pylist(rows), name)
    elif name.endswith(".jsonl"):
        write(name, lines(map(json.dumps, rows)))
    else:
        file = io.StringIO()
        excel = "excel-tab" if name.endswith(".tsv") else "excel"
        table = csv.DictWriter(file, ["id", header], dialect=excel)
        table.writeheader()
        table.writerows(rows)
        write(name, file.getvalue())
    return name


# ------------------------------------------------------------------ the two tables of the page


def rows_of(page):
    """The rows of a page's tables: the first cell, without marks, and the second."""
    found = {}
    for line in re.findall(r"^\|.*\|$", page, re.MULTILINE):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 2 and cells[0] not in ("What you have", "Language", "---"):
            assert cells[0] not in found
            found[cells[0]] = cells[1].replace(r"\|", "|")
    return found


ROWS = rows_of(PAGE)
THE, LONG = drawn(), "the cat sat on a mat and dog saw it".split()
RUSSIAN = drawn("и в не кот он на что я собака дом")
PERSIAN = "می\u200cخواهم کتاب\u200cها من"
CHINESE = drawn("的 我们 今天 去 北京 看 朋友 他们 很 高兴 ，")


def has_all(words=LONG):
    """The check that all these words have vectors, and no other."""

    def check(*_):
        assert vectors() == set(words)

    return check


def plain(texts=THE, words=LONG, name="my.txt"):
    """A text, and the words whose vectors it gives."""
    return lambda: write(name, lines(texts)) and has_all(words)


def wrapped():
    write("my.txt", "\n\n".join(textwrap.fill(text, 30) for text in THE))

    def check(printed):
        assert "40 documents" in printed and "cut off" not in printed
        has_all()()

    return check


def files():
    for number, text in enumerate(THE):
        write(f"folder/{number}.txt", textwrap.fill(text, 30))
    write("folder/picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0")

    def check(printed):
        assert "40 documents from 41 files" in printed
        assert "1 left out: 'folder/picture.png'" in printed
        has_all()()

    return check


def several():
    write("one.txt", lines(THE[:20]))
    write("two.txt", lines(THE[20:]))

    def check(printed):
        assert "40 documents from 2 files" in printed
        has_all()()

    return check


def table(name):
    def make():
        as_table(name, THE)
        return has_all()

    return make


def piped():
    write("data.tsv", lines(f"7\t{text}" for text in THE))
    Path("my.txt.gz").write_bytes(gzip.compress(lines(THE).encode()))
    return has_all()


def markup():
    write("page.html", "".join(f"<p class='a'>{text}</p>\n" for text in drawn(length=20)))

    def check(printed):
        assert "warning: 'page.html' looks like HTML or XML" in printed
        has_all([*LONG, "class", "p"])()

    return check


def latin():
    write("my.txt", lines(drawn("die Füße und schöne Äpfel")).encode("latin-1"))
    return has_all("die füße und schöne äpfel".split())


def broken():
    write("my.txt", lines(THE).encode() + b"caf\xe9 the\n")

    def check(printed):
        assert "warning: 1 word left out, because some of their bytes are not UTF-8" in (printed)
        has_all()()
        assert run("w2v embed my.txt --errors strict -o strict.txt") == 1
        assert not Path("strict.txt").exists()

    return check


def phrases():
    draw = random.Random(0)
    others = "the cat sat on a mat and dog saw it".split()
    texts = [[draw.choice(others) for _ in range(40)] for _ in range(100)]
    for text in texts[::5]:
        text.insert(20, "New York")
    write("my.txt", lines(map(" ".join, texts)))
    return has_all([*others, "new_york"])


def short():
    write("my.txt", lines([*(text for long in drawn() for text in long.split(" and ")), "alone"]))

    def check(printed):
        assert "1 of 11 words never occur near another one" in printed and "'alone'" in printed
        has_all()()

    return check


def large():
    write("my.txt", lines(THE * 200))

    def check(printed):
        assert "8,000 documents, 320,000 words" in printed
        has_all()()

    return check


def in_memory():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": [*THE, None]})

    def check(corpus):
        assert decoded(corpus) == THE
        assert corpus.reading.missing == 1

    return {"table": frame}, check


def lists():
    def check(corpus):
        assert decoded(corpus) == THE

    return {"lists": [text.split() for text in THE], "chain": chain}, check


def tokenizer():
    write("my.txt", lines(text.replace(" ", "|") for text in THE))

    def check(corpus):
        assert decoded(corpus) == THE

    return {"tokenizer": lambda line: line.split("|") if line else []}, check


def languages():
    texts = {
        "english": "the don't covid-19 new_york",
        "german": "Straße Äpfel Müller",
        "russian": "привет ёлка мир",
        "greek": "ΟΔΟΣ φίλος σοφός",
        "arabic": "كتاب في مدرسة",
        "hindi": "हिन्दी में किताब",
        "korean": "나는 학교에 간다",
    }
    write("my.txt", lines(drawn(" ".join(texts.values()))))
    return has_all(" ".join(texts.values()).replace("ΟΔΟΣ", "οδος").lower().split())


MAKERS = {
    "A text with one document per line": plain(),
    "A book, or another text wrapped into short lines": wrapped,
    "A folder with one document per file": files,
    "Several files": several,
    "A compressed text (`.gz`, `.bz2`, `.xz`, `.zip`)": lambda: (
        Path("my.txt.gz").write_bytes(gzip.compress(lines(THE).encode())) and has_all()
    ),
    "CSV or TSV": table("my.csv"),
    "JSON lines": table("my.jsonl"),
    "Parquet": table("my.parquet"),
    "The output of another program": piped,
    "HTML or XML": markup,
    "A text in another encoding than UTF-8": latin,
    "A text with a few broken bytes": broken,
    "A text that is tokenized already": plain(
        drawn("The the cat . , it's U.S."), "The the cat . , it's U.S.".split()
    ),
    "A text with phrases, such as New York": phrases,
    "Very short texts: messages, titles, queries": short,
    "A toy text of a few words": plain(
        ["the cat sat on the mat"] * 50, "the cat sat on mat".split()
    ),
    "More text than memory can hold": large,
    "In Python: a list of strings, or a column of pandas or polars": in_memory,
    "In Python: lists of words": lists,
    "In Python: a tokenizer of your own": tokenizer,
    "English, German, Russian, Greek, Arabic, Hindi, Korean and others with spaces between "
    "words": languages,
    "English, to compare with published numbers on text8 or enwik": plain(
        drawn("It's the U.S. don't"), "it s the u don t".split()
    ),
    "German, if capitals matter": plain(drawn("das Essen essen"), "das Essen essen".split()),
    "Turkish": plain(drawn("Işık İstanbul ılık ilk IŞIK"), "ışık istanbul ılık ilk".split()),
    "Persian": plain(drawn(PERSIAN), PERSIAN.split()),
    "Chinese": plain(CHINESE, "的 我们 今天 去 北京 看 朋友 他们 很 高兴".split()),
    "Japanese": plain(drawn("私 は 東京 に 行く 。"), "私 は 東京 に 行く".split()),
    "Thai": plain(drawn("ฉัน ไป โรงเรียน ทุก วัน"), "ฉัน ไป โรงเรียน ทุก วัน".split()),
}
CODE = re.compile(r"`([^`]+)`")


def test_each_row_has_an_input():
    assert list(ROWS) == list(MAKERS)


@pytest.mark.parametrize("row", ROWS)
def test_as_typed(row, capsys):
    spans = CODE.findall(ROWS[row])
    typed = [span for span in spans if re.match(r"(w2v|cut|iconv|sed) ", span)]
    called = [span for span in spans if span.startswith("w2v.")]
    assert typed or called, "this row has nothing to type"

    made = MAKERS[row]()
    if called:
        names, check = made
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", w2v.DataWarning)
            check(eval(called[0], {"w2v": w2v, **names}))
        return

    for command in typed:
        Path("vectors.txt").unlink(missing_ok=True)
        if command.startswith("w2v ") and not re.search(r"[|<>]", command):
            assert run(command) == 0
            printed = "".join(capsys.readouterr())
        else:
            done = in_bash(command)
            printed = (done.stdout + done.stderr).decode()
            assert done.returncode == 0, printed
        if "embed" in command:
            made(printed)


def test_chinese_in_python_as_written(monkeypatch):
    """The example with a segmenter that stands in for jieba: it yields spaces and signs, too."""
    jieba = types.ModuleType("jieba")
    jieba.cut = lambda line: re.findall("我们|今天|北京|.", line)
    monkeypatch.setitem(sys.modules, "jieba", jieba)
    write("zh.txt", "我们今天去 北京。\n\n今天！\n")
    (code,) = re.findall(r"```python\n(import jieba.*?)```", PAGE, re.DOTALL)
    names = {"w2v": w2v}
    exec(code, names)
    assert decoded(names["corpus"]) == ["我们 今天 去 北京", "今天"]


# ------------------------------------------------------------------ what lines are


class TestLines:
    def test_wrapped_lines_warn_and_paragraphs_bring_the_pairs_back(self, capsys):
        write("book.txt", "\n\n".join(textwrap.fill(text, 30) for text in THE))
        write("joined.txt", lines(THE))
        corpus = w2v.read_corpus("book.txt")
        with pytest.warns(w2v.DataWarning, match=r"cut off where lines end.*\"paragraphs\""):
            torn = w2v.count_cooccurrences(corpus)
        whole = w2v.count_cooccurrences(w2v.read_corpus("joined.txt"))
        assert torn.total < whole.total / 2 and torn.cut > 2 * whole.cut
        assert same_counts(
            w2v.count_cooccurrences(w2v.read_corpus("book.txt", documents="paragraphs")), whole
        )
        assert run("w2v embed book.txt") == 0
        assert "--documents paragraphs" in capsys.readouterr().err

    def test_paragraphs_of_windows_and_of_lines_with_spaces(self):
        write("a.txt", "a b\r\nc\r\n\r\nd e\r\n \t\r\nf\r\n")
        assert decoded(w2v.read_corpus("a.txt", documents="paragraphs")) == ["a b c", "d e", "f"]

    def test_many_small_files_give_exactly_the_counts_of_one(self):
        for number, text in enumerate(THE):
            write(f"many/{number:03}.txt", text)
        write("one.txt", lines(THE))
        many, one = (w2v.read_corpus(path) for path in ("many", "one.txt"))
        assert torch.equal(many.tokens, one.tokens)
        assert same_counts(w2v.count_cooccurrences(many), w2v.count_cooccurrences(one))

    def test_wrapped_lines_warn_after_phrases_were_joined(self):
        write("book.txt", lines(textwrap.fill(text, 30) for text in THE))
        phrases = w2v.find_phrases(w2v.read_corpus("book.txt"))
        with pytest.warns(w2v.DataWarning, match="cut off where lines end"):
            w2v.count_cooccurrences(phrases.corpus)

    def test_a_lonely_word_is_left_out(self, capsys):
        write("queries.txt", lines([*THE, "lonely"]))
        assert run("w2v embed queries.txt") == 0
        assert "are left out: 'lonely'" in capsys.readouterr().err
        assert vectors() == set(LONG)

    def test_only_lonely_words_are_refused(self, capsys):
        write("titles.txt", lines(LONG))
        assert run("w2v embed titles.txt") == 1
        assert "no two words occur within the window" in capsys.readouterr().err

    def test_a_toy_text_says_what_helps(self, capsys):
        write("toy.txt", "the cat sat on the mat\n" * 50)
        assert run("w2v embed toy.txt -o wide.txt") in (0, 1)
        assert "--window of 2" in capsys.readouterr().err
        assert run("w2v embed toy.txt --window 2") == 0
        assert vectors() == set("the cat sat on mat".split())


# ------------------------------------------------------------------ words of every language


class TestWords:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Привет, МИР! Ёлка — это ёлка.", "привет мир ёлка это ёлка"),
            ("Müller aß schöne Äpfel", "müller aß schöne äpfel"),
            ("ΟΔΥΣΣΕΥΣ σοφός ΣΟΦΟΣ", "οδυσσευς σοφός σοφος"),
            ("İstanbul şeker ılık Çok ağaç", "istanbul şeker ılık çok ağaç"),
            ("covid-19 3D don’t l'été new_york", "covid-19 3d don't l'été new_york"),
            ("हिन्दी में किताब", "हिन्दी में किताब"),
            ("می\u200cخواهم", "می\u200cخواهم"),
        ],
        ids=["Russian", "German", "Greek", "Turkish", "links", "Hindi", "Persian"],
    )
    def test_words_of_other_languages_survive(self, text, words):
        write("my.txt", text)
        corpus = w2v.read_corpus("my.txt")
        assert decoded(corpus) == [words] and w2v.tokenize(text) == words.split()
        assert corpus.reading.letters_dropped == 0

    def test_text8_on_russian_names_the_remedy(self, capsys):
        write("ru.txt", lines(RUSSIAN + THE))
        assert run("w2v embed ru.txt --normalizer text8") == 0
        assert vectors() == set(LONG)
        assert "to keep words of every script, use --normalizer unicode" in capsys.readouterr().err
        assert run("w2v embed ru.txt") == 0
        assert vectors() == {*LONG, *"и в не кот он на что я собака дом".split()}

    def test_text8_on_nothing_but_russian_names_the_remedy(self, capsys):
        write("ru.txt", lines(RUSSIAN))
        assert run("w2v embed ru.txt --normalizer text8") == 1
        assert "unicode" in capsys.readouterr().err

    def test_unsegmented_chinese_warns_and_segmented_does_not(self):
        write("zh.txt", "我们今天去北京看朋友，他们很高兴。\n" * 40)
        with pytest.warns(w2v.DataWarning, match="segmenter such as jieba"):
            w2v.read_corpus("zh.txt")
        write("zh.txt", lines(CHINESE))
        assert "北京" in w2v.read_corpus("zh.txt").vocabulary

    def test_unsegmented_chinese_in_which_no_phrase_occurs_twice_warns(self):
        write("zh.txt", lines(text.replace(" ", "") for text in CHINESE))
        with pytest.warns(w2v.DataWarning, match="segmenter such as jieba"):
            w2v.read_corpus("zh.txt")

    def test_two_unicode_forms_are_one_word(self):
        write("fr.txt", "caf\u00e9 cafe\u0301 the\n")
        assert frequencies(w2v.read_corpus("fr.txt")) == {"caf\u00e9": 2, "the": 1}
        with pytest.warns(w2v.DataWarning, match=r"1 words differ .* \(NFC\)"):
            corpus = w2v.read_corpus("fr.txt", normalizer="whitespace")
        assert len(corpus.vocabulary) == 3

    def test_a_no_break_space_survives_to_the_file_and_back(self):
        number = "10\u00a0000"
        write("fr.txt", lines(drawn(f"de {number} « mot » la")))
        assert run("w2v embed fr.txt --normalizer whitespace") == 0
        assert number in vectors()
        for name in ("again.txt", "again.bin"):
            w2v.save_embedding(w2v.load_embedding("vectors.txt"), name)
            assert number in vectors(name)

    @pytest.mark.parametrize("word", ["a\nb", "new york", "a\tb", ""])
    def test_a_word_with_white_space_is_refused_when_the_vocabulary_is_made(self, word):
        for make in (
            lambda: w2v.build_vocabulary([word, "c"]),
            lambda: w2v.Vocabulary((word, "c"), None),
        ):
            with pytest.raises(ValueError, match="without white space"):
                make()

    def test_a_tokenizer_that_yields_spaces_is_refused(self):
        write("my.txt", "two  spaces\n")
        with pytest.raises(ValueError, match=r"must yield words: .*''"):
            w2v.read_corpus("my.txt", normalizer=lambda line: line.split(" "))

    def test_a_tokenizer_sees_the_lines_of_the_text(self):
        write("my.txt", "a|b\nc\n")
        corpus = w2v.read_corpus("my.txt", normalizer=lambda line: line.split("|"))
        assert decoded(corpus) == ["a b", "c"]

    def test_phrases_stay_one_word(self):
        write("my.txt", lines(drawn("new_york san_francisco the in")))
        assert run("w2v embed my.txt") == 0
        assert {"new_york", "san_francisco"} <= vectors()


# ------------------------------------------------------------------ tables and columns

CELLS = [
    'He said "no", twice',
    "a\ttab, and one\nline feed",
    "plain text",
    "windows\r\nline",
    '"quoted"',
    "",
    "naïve café",
]


def words_of_cells():
    return [" ".join(w2v.tokenize(cell)) for cell in CELLS if cell]


class TestTables:
    @pytest.mark.parametrize(
        "name",
        [
            "my.csv",
            "my.tsv",
            "my.jsonl",
            "my.parquet",
            "my.csv.gz",
        ],
    )
    def test_a_column_is_the_list_of_its_cells(self, name):
        plain_name = name.removesuffix(".gz")
        as_table(plain_name, CELLS, "review")
        if name != plain_name:
            Path(name).write_bytes(gzip.compress(Path(plain_name).read_bytes()))
        with pytest.warns(w2v.DataWarning, match="1 texts? without content left out"):
            corpus = w2v.read_corpus(name, column="review")
        assert decoded(corpus) == words_of_cells()
        assert corpus.reading.missing == 1
        with pytest.warns(w2v.DataWarning, match="1 texts? without content left out"):
            listed = w2v.read_texts(CELLS)
        assert torch.equal(listed.tokens, corpus.tokens)

    @pytest.mark.parametrize("name", ["my.csv", "my.tsv", "my.jsonl", "my.parquet"])
    @pytest.mark.parametrize("option", ["", "--column revue"])
    def test_without_the_column_the_columns_are_named(self, name, option, capsys):
        as_table(name, CELLS, "review_text")
        assert run(f"w2v embed {name} {option}") == 1
        err = capsys.readouterr().err
        assert "the columns id, review_text" in err and "--column review_text" in err
        assert not Path("vectors.txt").exists()

    @pytest.mark.parametrize("name", ["my.jsonl", "my.parquet"])
    def test_a_list_of_words_is_their_text(self, name):
        as_table(name, [["the", "cat"], None, ["the", "dog", "sat"]])
        with pytest.warns(w2v.DataWarning, match="1 texts? without content left out"):
            corpus = w2v.read_corpus(name, column="text")
        assert decoded(corpus) == ["the cat", "the dog sat"]

    def test_a_table_without_names_says_what_helps(self, capsys):
        text = "the first words of a long text stand where a name should be"
        write("posts.tsv", f"0\t2021-01-01\t{text}\n1\t2021-01-02\t{text}\n")
        assert run("w2v embed posts.tsv") == 1
        err = capsys.readouterr().err
        assert "cut -f3 posts.tsv | w2v embed -" in err

    def test_names_of_columns_are_quoted_for_the_shell(self, capsys):
        as_table("my.csv", CELLS, "text of it")
        assert run("w2v embed my.csv") == 1
        assert "--column 'text of it'" in capsys.readouterr().err

    def test_a_column_without_text_is_refused(self):
        as_table("my.parquet", [[1.5, 2.5], [3.5]])
        with pytest.raises(ValueError, match="lists of words"):
            w2v.read_corpus("my.parquet", column="text")

    def test_a_column_of_a_text_is_refused(self, capsys):
        write("my.txt", "id,text\n")
        assert run("w2v embed my.txt --column text") == 1
        assert "is no table" in capsys.readouterr().err

    def test_rows_that_cannot_be_read_are_counted(self):
        write("my.csv", "id,text\n1,a b\n2,c, d\n3,e f\n")
        with pytest.warns(w2v.DataWarning, match="1 rows? left out"):
            corpus = w2v.read_corpus("my.csv", column="text")
        assert decoded(corpus) == ["a b", "e f"] and corpus.reading.malformed == 1

    def test_a_quote_that_is_never_closed_is_said(self):
        write("my.tsv", 'id\ttext\n1\t"hello world\n2\tgood bye\n3\tsome rest\n')
        with pytest.warns(w2v.DataWarning):
            w2v.read_corpus("my.tsv", column="text")

    def test_an_object_may_lack_the_key(self):
        write("my.jsonl", '{"id": 1}\n{"id": 2, "text": "a b"}\n')
        with pytest.warns(w2v.DataWarning, match="1 texts? without content left out"):
            assert decoded(w2v.read_corpus("my.jsonl", column="text")) == ["a b"]

    def test_a_csv_of_one_column_may_have_commas(self):
        write("my.csv", "text\nhello world\ngood bye, my friend\n")
        assert decoded(w2v.read_corpus("my.csv", column="text")) == [
            "hello world",
            "good bye my friend",
        ]

    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            ("mac.csv", b"id,text\r1,the cat\r2,a mat\r", "mac.csv"),
            ("wide.csv", "id,text\n1,the cat\n".encode("utf-16"), "UTF-16"),
            ("empty.csv", b"", "empty|no word"),
        ],
    )
    def test_a_table_that_cannot_be_read_says_why(self, name, data, said, capsys):
        write(name, data)
        assert run(f"w2v embed {name} --column text") == 1
        assert re.search(said, capsys.readouterr().err.replace(f"'{name}' is a table", ""))

    def test_a_table_in_a_zip_file_is_a_table(self):
        with zipfile.ZipFile("my.zip", "w") as archive:
            archive.writestr("my.csv", "id,text\n1,the cat\n")
        assert decoded(w2v.read_corpus("my.zip", column="text")) == ["the cat"]

    @pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
    def test_a_column_of_a_data_frame(self, library):
        frames = pytest.importorskip(library)
        texts = ["a b", None, "c\nd", "a"]
        if library == "pandas":
            column = frames.DataFrame({"text": [*texts, float("nan")]})["text"]
        elif library == "polars":
            column = frames.DataFrame({"text": [*texts, None]})["text"]
        else:
            column = frames.table({"text": [*texts, None]})["text"]
        with pytest.warns(w2v.DataWarning, match="2 texts? without content left out"):
            corpus = w2v.read_texts(column)
        assert decoded(corpus) == ["a b", "c d", "a"] and corpus.reading.missing == 2

    def test_a_data_frame_is_refused_with_advice(self):
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame({"text": THE})
        with pytest.raises(ValueError, match=r'take the column .* `table\["text"\]`'):
            w2v.read_texts(frame)
        with pytest.raises(ValueError, match="list of words"):
            w2v.encode(frame, w2v.build_vocabulary(LONG))

    @pytest.mark.parametrize("function", ["build_vocabulary", "read_corpus"])
    def test_a_data_frame_is_no_list_of_words_or_paths(self, function):
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame({"text": THE})
        with pytest.raises(ValueError, match="column"):
            getattr(w2v, function)(frame)

    @pytest.mark.parametrize("texts", ["the cat sat on the mat", ["the cat sat", "on the mat"]])
    def test_texts_where_paths_are_meant_get_advice(self, texts):
        with pytest.raises((ValueError, FileNotFoundError), match="read_texts"):
            w2v.read_corpus(texts)

    def test_strings_where_lists_of_words_are_meant_are_refused(self):
        vocabulary = w2v.build_vocabulary(["a", "cat"])
        for call in (
            lambda: w2v.build_vocabulary("the cat"),
            lambda: w2v.encode(["a cat"], vocabulary),
            lambda: w2v.encode("a cat", vocabulary),
        ):
            with pytest.raises(ValueError, match="got a string"):
                call()
        embedding = w2v.Embedding(torch.eye(2), vocabulary)
        with pytest.raises(ValueError, match="list of at least two words"):
            w2v.principal_coordinates(embedding, "cat")
        # The tests check types before the function does: either refuses.
        with pytest.raises((ValueError, TypeError), match="words"):
            w2v.Vocabulary("ab", None)
        with pytest.raises((ValueError, TypeError), match="texts"):
            w2v.read_texts([["a", "cat"]])

    # ------------------------------------------------------------------ files, and what is none

    def test_half_a_character_costs_its_word(self):
        """As strings have it that a program cut in the middle of an emoji."""
        with pytest.warns(w2v.DataWarning, match="UTF-8"):
            corpus = w2v.read_texts(["a cat \ud83d sat"] + ["the dog sat"] * 100)
        assert decoded(corpus)[:2] == ["a cat sat", "the dog sat"]


class TestFiles:
    @pytest.mark.parametrize("name", ["my.bz2", "my.xz", "my.zip", "my.txt.gz"])
    def test_compressed(self, name):
        data = lines(THE).encode()
        if name.endswith(".zip"):
            with zipfile.ZipFile(name, "w") as archive:
                archive.writestr("my.txt", data)
        else:
            packers = {".bz2": bz2.compress, ".xz": lzma.compress, ".gz": gzip.compress}
            Path(name).write_bytes(packers[Path(name).suffix](data))
        assert run(f"w2v embed {name}") == 0
        assert vectors() == set(LONG)

    def test_what_is_no_text_is_left_out_by_name(self):
        write("texts/a.txt", lines(THE))
        write("texts/empty.txt", "")
        write("texts/picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0")
        with pytest.warns(w2v.DataWarning) as warned:
            corpus = w2v.read_corpus("texts")
        assert decoded(corpus) == THE
        said = "\n".join(str(each.message) for each in warned)
        assert "1 without a word: texts/empty.txt" in said
        assert "1 left out: 'texts/picture.png'" in said

    def test_a_file_in_another_encoding_among_others_is_left_out_by_name(self):
        write("texts/a.txt", lines(THE))
        write("texts/b.txt", lines(drawn("für schöne Äpfel", 1, 6)).encode("latin-1"))
        with pytest.warns(w2v.DataWarning, match=r"1 left out: 'texts/b.txt' is not UTF-8.*iconv"):
            corpus = w2v.read_corpus("texts")
        assert decoded(corpus) == THE
        assert "f" in w2v.read_corpus("texts", errors="replace").vocabulary
        with pytest.raises(ValueError, match=r"texts/b.txt' is not UTF-8"):
            w2v.read_corpus("texts", errors="strict")

    def test_an_empty_file_alone_is_refused(self, capsys):
        write("empty.txt", "")
        assert run("w2v embed empty.txt") == 1
        assert "'empty.txt' holds no word" in capsys.readouterr().err

    @pytest.mark.parametrize("name", ["photo.png", "paper.pdf", "table.xlsx"])
    def test_a_file_that_is_no_text_is_called_so(self, name, capsys):
        noise = random.Random(0).randbytes(5000)
        if name == "paper.pdf":
            data = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + noise.replace(b"\0", b"x")
        else:
            data = (b"PK\3\4\0" if name == "table.xlsx" else b"\x89PNG\r\n\x1a\n\0") + noise
        write(name, data)
        assert run(f"w2v embed {name}") == 1
        assert "iconv" not in capsys.readouterr().err

    def test_a_broken_byte_is_left_out_and_many_are_refused(self, capsys):
        write("some.txt", lines(THE).encode() + b"caf\xe9\n")
        with pytest.warns(w2v.DataWarning, match="1 word left out.*iconv"):
            corpus = w2v.read_corpus("some.txt")
        assert corpus.reading.not_utf8 == 1 and "caf" not in corpus.vocabulary
        write("latin.txt", lines(drawn("für schöne Äpfel")).encode("latin-1"))
        assert run("w2v embed latin.txt") == 1
        err = capsys.readouterr().err
        assert "iconv" in err and "--errors" in err and not Path("vectors.txt").exists()

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("<html><body>\n<p>the cat</p>\n<p>a mat</p>\n</body></html>\n" * 9, "HTML or XML"),
            ('{"id": 1, "text": "the cat"}\n{"id": 2, "text": "a mat"}\n' * 9, "JSON"),
        ],
    )
    def test_markup_under_the_name_of_a_text_warns(self, text, kind):
        write("my.txt", text)
        with pytest.warns(w2v.DataWarning, match=f"looks like {kind}"):
            w2v.read_corpus("my.txt")

    def test_a_page_of_long_paragraphs_warns(self):
        page = "".join(f"<p>{text} {text}</p>\n" for text in THE)
        write("page.html", f"<!DOCTYPE html>\n<html><body>\n{page}</body></html>\n")
        with pytest.warns(w2v.DataWarning, match="looks like HTML"):
            w2v.read_corpus("page.html")

    @pytest.mark.parametrize("indent", [None, 1])
    def test_a_json_array_warns(self, indent):
        rows = [{"id": n, "text": text} for n, text in enumerate(THE)]
        write("my.json", json.dumps(rows, indent=indent))
        with pytest.warns(w2v.DataWarning, match="looks like JSON"):
            w2v.read_corpus("my.json")

    def test_a_table_under_the_name_of_a_text_warns(self):
        as_table("my.csv", CELLS * 20)
        Path("my.csv").rename("my.txt")
        with pytest.warns(w2v.DataWarning, match="table"):
            w2v.read_corpus("my.txt")

    @pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
    def test_standard_input(self, monkeypatch, compress):
        Path("stream").write_bytes(compress(lines(THE).encode()))
        with Path("stream").open("rb") as stream:
            monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=stream))
            assert run("w2v embed -") == 0
        assert vectors() == set(LONG)

    @pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this system has no /dev/fd")
    def test_a_pipe_by_its_path(self):
        """What a shell makes of `<(...)`."""
        reading, writing = os.pipe()

        def fill():
            with os.fdopen(writing, "wb") as file:
                file.write(lines(THE).encode())

        thread = threading.Thread(target=fill)
        thread.start()
        assert run(f"w2v embed /dev/fd/{reading}") == 0
        thread.join()
        os.close(reading)
        assert vectors() == set(LONG)


# ------------------------------------------------------------------ the command says and is quiet


def one_word_alone():
    write("my.txt", lines([*THE, "lonely"]))
    return "my.txt"


def wrapped_lines():
    return write("my.txt", lines(textwrap.fill(text, 30) for text in THE))


def tags():
    return write("my.txt", "<p>the cat</p> <p>a mat</p>\n" * 90)


def one_empty_file():
    write("empty.txt", "")
    return write("my.txt", lines(THE)) + " empty.txt"


def a_broken_byte():
    return write("my.txt", lines(THE).encode() + b"caf\xe9 the\n")


def two_forms():
    return write("my.txt", lines([*THE, "café cafe\u0301 the"])) + " --normalizer whitespace"


def no_spaces():
    return write("my.txt", lines([*THE, *["我们今天去北京看朋友 我们今天去北京看朋友"] * 40]))


def russian_in_text8():
    return write("my.txt", lines([*THE, *RUSSIAN])) + " --normalizer text8"


def fewer_words_than_asked():
    return write("my.txt", lines(THE)) + " --vocab 5000"


def toy_text():
    return write("my.txt", "the cat sat on the mat\nthe dog sat\n" * 50) + " --window 2"


def missing_cells():
    return as_table("my.csv", [*THE, ""]) + " --column text"


FAULTS = [
    *(one_word_alone, wrapped_lines, tags, one_empty_file, a_broken_byte, two_forms, no_spaces),
    *(russian_in_text8, fewer_words_than_asked, toy_text),
    missing_cells,
]


@pytest.mark.parametrize("fault", FAULTS)
class TestWarnings:
    def test_are_said_once_and_in_the_options_of_the_command(self, fault, capsys):
        assert run(f"w2v embed {fault()}") == 0
        printed = capsys.readouterr().err.splitlines()
        said = [line for line in printed if line.startswith("w2v: warning")]
        assert said and len(said) == len(set(said))
        assert not re.search(r"`(column|documents|window|errors|normalizer)", "".join(said))

    def test_strict_makes_them_errors_and_writes_nothing(self, fault, capsys):
        assert run(f"w2v embed {fault()} --strict --counts counts.npz") == 1
        out, err = capsys.readouterr()
        assert "(--strict)" in err and not out
        assert not list(Path().glob("vectors*")) and not list(Path().glob("*.part"))

    def test_quiet_prints_nothing(self, fault, capsys):
        assert run(f"w2v embed {fault()} --quiet") == 0
        assert capsys.readouterr() == ("", "")
        assert Path("vectors.txt").exists()


def test_strict_says_all_that_is_wrong_with_a_text(capsys):
    write("my.txt", "thé cafe\u0301\n" * 30 + "café thé\n" * 30)
    Path("empty.txt").touch()
    assert run("w2v count my.txt empty.txt --normalizer whitespace --strict") == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) > 1 and all("(--strict)" in line for line in said)
    assert not Path("counts.npz").exists()


def test_a_forgotten_text_is_asked_for_with_the_way_to_use_a_pipe(capsys):
    with pytest.raises(SystemExit) as end:
        run("w2v embed -o vectors.txt")
    assert end.value.code == 2
    assert "- for standard input" in capsys.readouterr().err


def test_strict_leaves_a_text_without_faults_alone(capsys):
    write("my.txt", lines(drawn(" ".join(a + b for a in "kmtpsr" for b in "aeiou"), 200)))
    assert run("w2v embed my.txt --dim 5 --vocab 20 --strict") == 0
    assert "warning" not in capsys.readouterr().err


def test_an_unknown_word_leaves_the_others_their_neighbors(capsys):
    write("my.txt", lines(THE))
    assert run("w2v embed my.txt --quiet") == 0
    assert run("w2v neighbors vectors.txt cat zebra DOG -k 2") == 0
    out, err = capsys.readouterr()
    assert [line.split("\t")[0] for line in out.splitlines()] == ["cat", "cat", "dog", "dog"]
    assert "'zebra' is not among" in err
    assert run("w2v neighbors vectors.txt zebra") == 1


def test_a_console_that_lacks_characters():
    write("zh.txt", lines(CHINESE))
    assert run("w2v embed zh.txt") == 0
    done = in_bash("w2v neighbors vectors.txt 北京 -k 2", PYTHONIOENCODING="cp1252")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2 and rb"\u5317\u4eac" in done.stdout


# ------------------------------------------------------------------ vectors, and questions


@pytest.fixture
def cased(folder):
    """A file of vectors with names in capitals, in which questions have answers."""
    words = "Paris France Rome Italy Madrid Spain cat".split()
    countries = torch.eye(3).repeat_interleave(2, dim=0)
    capital = torch.tensor([1.0, 0, 1, 0, 1, 0])[:, None]
    points = torch.cat([torch.cat([countries, capital], dim=1), -torch.ones(1, 4)])
    w2v.save_embedding(w2v.Embedding(points, w2v.Vocabulary(tuple(words), None)), "cased.txt")
    return w2v.load_embedding("cased.txt")


class TestVectors:
    @pytest.mark.parametrize(
        ("write_words", "other_case"), [(str, 0), (str.lower, 6), (str.upper, 6)]
    )
    def test_cased_vectors_answer_questions_in_any_case(self, cased, write_words, other_case):
        pairs = map(write_words, ["France Paris", "Italy Rome", "Spain Madrid"])
        questions = w2v.questions_from_pairs([": capitals", *pairs])
        analogies = w2v.parse_analogies(questions, cased.vocabulary)
        result = w2v.solve_analogies(cased, analogies)
        assert (len(analogies), analogies.out_of_vocabulary) == (6, 0)
        assert result.accuracy == 1 and analogies.other_case == other_case

    def test_the_command_says_how_many_were_found_in_another_case(self, cased, capsys):
        write("questions.txt", ": capitals\nfrance paris italy rome\nFrance Paris Italy Rome\n")
        assert run("w2v evaluate cased.txt --analogies questions.txt --json") == 0
        scores = json.loads(capsys.readouterr().out)["analogies"]["questions.txt"]
        assert (scores["correct"], scores["questions"], scores["other_case"]) == (2, 2, 1)
        write("pairs.txt", "paris france 9\nRome Italy 8\ncat spain 1\n")
        assert run("w2v evaluate cased.txt --similarities pairs.txt --json") == 0
        scores = json.loads(capsys.readouterr().out)["similarities"]["pairs.txt"]
        assert (scores["pairs"], scores["other_case"]) == (3, 2)

    def test_the_word_as_written_comes_first(self):
        vocabulary = w2v.Vocabulary(("us", "US", "Straße"), None)
        assert [vocabulary.find(word) for word in ("US", "us", "Us", "STRASSE")] == [1, 0, 0, 2]

    def test_a_question_of_five_words_is_left_out(self, cased):
        questions = [": c", "France Paris Italy Rome", "France Paris Italy Rome Milan"]
        with pytest.warns(w2v.DataWarning, match="line 3: 'France Paris Italy Rome Milan'"):
            assert len(w2v.parse_analogies(questions, cased.vocabulary)) == 1

    def test_counts_are_unknown_and_can_be_made(self, cased):
        write("my.txt", lines(drawn("Paris France Rome Italy Madrid Spain cat the")))
        vocabulary = cased.vocabulary
        corpus = w2v.encode([["cat", "Paris", "Rome"]] * 5, vocabulary)
        assert vocabulary.counts is None
        for use in (
            lambda: w2v.subsample(corpus),
            lambda: w2v.merge_vocabularies([vocabulary]),
            lambda: w2v.train_sgns(corpus, w2v.SGNSConfig(dim=4, epochs=1), initial=cased),
        ):
            with pytest.raises(ValueError, match="read a text with `vocabulary=`"):
                use()
        corpus = w2v.read_corpus("my.txt", vocabulary=vocabulary, normalizer="whitespace")
        counted = Path("my.txt").read_text().split()
        assert frequencies(corpus) == {word: counted.count(word) for word in vocabulary.words}
        assert corpus.vocabulary.words == vocabulary.words
        config = w2v.SGNSConfig(dim=4, epochs=1)
        trained = w2v.train_sgns(corpus, config, initial=cased)
        assert trained.embedding.vectors.isfinite().all()
