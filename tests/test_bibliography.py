"""The bibliography holds what the book cites, all of it and nothing else."""

import re

from pybtex.database import parse_file
from support import ROOT

CITATION = re.compile(r"\{cite:\w+\}`([^`]+)`")
ENTRIES = set(parse_file(str(ROOT / "book" / "references.bib")).entries)


def cited(texts):
    """Return every key that one of the texts cites."""
    return {
        key.strip() for text in texts for keys in CITATION.findall(text) for key in keys.split(",")
    }


def of_the_book():
    return cited(page.read_text(encoding="utf-8") for page in (ROOT / "book").rglob("*.md"))


def test_keys_of_a_text():
    text = "{cite:p}`a2000b, c2001d` and {cite:t}`e2002f`, not `g2003h` or {doc}`i2004j`"
    assert cited([text]) == {"a2000b", "c2001d", "e2002f"}
    assert cited(["none"]) == set()


def test_every_key_has_an_entry():
    assert of_the_book() - ENTRIES == set()


def test_every_entry_is_cited():
    assert len(ENTRIES) > 20
    assert ENTRIES - of_the_book() == set()
