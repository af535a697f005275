"""Data that come with the package, or are fetched once and checked."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Literal

from w2vlib.cooccurrence import Cooccurrence, load_cooccurrence, restrict_cooccurrence
from w2vlib.questions import (
    AnalogySet,
    pairs_by_category,
    parse_analogies,
    questions_from_pairs,
)
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "Place",
    "fetch_text8",
    "load_analogies",
    "load_enwiki",
    "load_google_analogies",
    "load_places",
    "load_taxonomy",
]


@dataclass(frozen=True)
class _Remote:
    """A file that is published somewhere, and what it must contain."""

    name: str
    url: str
    sha256: str


_TEXT8 = _Remote(
    "text8.zip",
    "https://mattmahoney.net/dc/text8.zip",
    "a6640522afe85d1963ad56c05b0ede0a0c000dddc9671758a6cc09b7a38e5232",
)
_TEXT8_UNPACKED = replace(
    _TEXT8,
    name="text8",
    sha256="6e890197040d37d85beb962ae1f041ff1d9a9ca8d20c7d99c85027eebf51dca7",
)


def load_enwiki(half: Literal["first", "second"] | None = None) -> Cooccurrence:
    """Co-occurrence counts of the 5,000 most frequent words of English Wikipedia articles.

    The text is 5,997 good and featured articles; the window reaches 16 words to each side with
    linear weights, and never over the end of an article. Words outside the 5,000 were dropped
    before windows were laid.

    Two halves, made of every other article, let one measure what depends on the sample. They hold
    the first 3,000 words, numbered as in the whole, and sum to its counts.

    Args:
        half: The half of the articles to load; all articles if None.

    Returns:
        The counts; their `source` names the text and its license (CC BY-SA 3.0, English Wikipedia
        contributors).

    Raises:
        ValueError: `half` is neither ``"first"`` nor ``"second"``.

    >>> load_enwiki().vocabulary
    Vocabulary(5,000 words: the, of, and, ...)
    """
    if half not in (None, "first", "second"):
        raise ValueError(f"`half` must be 'first', 'second' or None; got {half!r}")
    if half is None:
        with resources.as_file(embedded("enwiki-5k.npz")) as path:
            return load_cooccurrence(path)
    with resources.as_file(embedded("enwiki-3k-half.npz")) as path:
        first = load_cooccurrence(path)
    return first if half == "first" else _rest(load_enwiki(), first)


def _rest(whole: Cooccurrence, part: Cooccurrence) -> Cooccurrence:
    """The counts of the articles of `whole` that are not in `part`, which has every other one."""
    whole = restrict_cooccurrence(whole, len(part))
    words = whole.vocabulary.words
    of_whole, of_part = (each.vocabulary.known_counts("to be split") for each in (whole, part))
    vocabulary = Vocabulary(words, of_whole - of_part)
    counts = whole.counts - part.counts
    counts.eliminate_zeros()
    which = f"The second, fourth, sixth, ... article, the first {len(part):,} words."
    return Cooccurrence(counts, vocabulary, f"{which} {whole.source}")


def load_analogies(vocabulary: Vocabulary) -> AnalogySet:
    """Analogy questions from the word pairs that come with the package.

    Within a category (capitals, plurals, tenses, ...) every two pairs make two questions; see
    :func:`w2vlib.questions_from_pairs`.

    Args:
        vocabulary: The known words; questions with any other word are counted and left out.

    Raises:
        ValueError: No question lies in the vocabulary.
    """
    lines = embedded("analogies.txt").read_text("utf-8").splitlines()
    return parse_analogies(questions_from_pairs(lines), vocabulary)


def load_google_analogies(vocabulary: Vocabulary) -> AnalogySet:
    """The published word2vec questions: 19,544 analogies in 14 categories.

    They are made from the 573 word pairs behind them, which come with the package, and equal the
    published file ``questions-words.txt`` to the byte: in each category, every pair with the next
    39 pairs of the list, the first ones again after the last, except for those that share a word
    with it.

    Args:
        vocabulary: The known words; questions with any other word are counted and left out.

    Raises:
        ValueError: No question lies in the vocabulary.

    Reference:
        Mikolov et al. 2013 (arXiv:1301.3781), table 1; pairs by Google, Apache License 2.0.
    """
    lines = embedded("google_analogies.txt").read_text("utf-8").splitlines()
    return parse_analogies(_google_questions(lines), vocabulary)


def _google_questions(lines: Iterable[str]) -> Iterator[str]:
    """The lines of the published file, from word pairs below headings."""
    for name, pairs in pairs_by_category(lines).items():
        yield f": {name}"
        for number, pair in enumerate(pairs, start=1):
            following = (pairs[number:] + pairs[: number - 1])[:39]
            yield from (" ".join(pair + other) for other in following if not {*pair} & {*other})


@dataclass(frozen=True)
class Place:
    """A country or a city, and where it is.

    Attributes:
        word: Its name, as a word of the embedded counts.
        kind: ``"country"`` or ``"city"``.
        latitude: In degrees, positive to the north; of a country, that of its capital.
        longitude: In degrees, positive to the east; of a country, that of its capital.
        continent: Africa, Asia, Europe, North America, Oceania or South America.
    """

    word: str
    kind: Literal["country", "city"]
    latitude: float
    longitude: float
    continent: str


def load_places(vocabulary: Vocabulary) -> tuple[Place, ...]:
    """Countries and cities among the words, with their coordinates by GeoNames.

    A country has the coordinates of the capital that GeoNames lists. Names that mostly mean
    something else in the embedded counts, such as *georgia* and *jersey*, are not in the list.

    Args:
        vocabulary: The known words; places with another name are left out.

    Raises:
        ValueError: The vocabulary has no place.

    Reference:
        GeoNames (https://www.geonames.org), CC BY 4.0.

    >>> load_places(load_enwiki().vocabulary)[0]
    Place(word='argentina', kind='country', latitude=-34.613, longitude=-58.377, \
continent='South America')
    """
    places = []
    for line in embedded("places.tsv").read_text("utf-8").splitlines()[1:]:
        word, kind, latitude, longitude, continent = line.split("\t")
        if word in vocabulary.index:
            which: Literal["country", "city"] = "country" if kind == "country" else "city"
            places.append(Place(word, which, float(latitude), float(longitude), continent))
    if not places:
        raise ValueError("`vocabulary` has none of the places; the names are in lower case")
    return tuple(places)


def load_taxonomy(vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Animals, people, vehicles and buildings, and what WordNet says each of them is.

    Args:
        vocabulary: The known words; others are left out.

    Returns:
        For each word the chain of its hypernyms in WordNet 3.0, the most general first; the last
        one is the sense of the word itself.

    Raises:
        ValueError: The vocabulary has none of the words.

    Reference:
        Princeton University, WordNet 3.0 (https://wordnet.princeton.edu).

    >>> load_taxonomy(load_enwiki().vocabulary)["wolf"][-4:]
    ('placental', 'carnivore', 'canine', 'wolf')
    """
    taxonomy = {}
    for line in embedded("taxonomy.tsv").read_text("utf-8").splitlines()[1:]:
        word, chain = line.split("\t")
        if word in vocabulary.index:
            taxonomy[word] = tuple(chain.split(" > "))
    if not taxonomy:
        raise ValueError("`vocabulary` has none of the words of the taxonomy")
    return taxonomy


def fetch_text8(*, progress: bool = False) -> Path:
    """The text8 corpus: the first 100 MB of Wikipedia's text of 2006, on a single line.

    It is taken from the folder named by the environment variable ``W2VLIB_DATA`` if it is there,
    as ``text8.zip`` or unpacked as ``text8``; else it is downloaded once (31 MB), checked against
    its SHA-256, and kept in the user's cache folder (or in ``W2VLIB_DATA``). It is already lower
    case with letters and spaces only.

    Args:
        progress: Whether to show a progress bar of the download.

    Returns:
        The path of the file, which :func:`w2vlib.read_corpus` reads either way.

    Raises:
        ConnectionError: There is no local copy, and the download fails.
        ValueError: A local copy or the download does not have the published content.

    Reference:
        Mahoney 2011, *About the test data*, mattmahoney.net/dc/textdata.
    """
    copy = _local_copy(_TEXT8) or _local_copy(_TEXT8_UNPACKED)
    return copy or _download(_TEXT8, progress=progress)


def embedded(name: str) -> Path:
    """The path of a file that comes with the package."""
    return Path(str(resources.files("w2vlib.datasets") / "data" / name))


def _local_copy(remote: _Remote) -> Path | None:
    """The copy in ``W2VLIB_DATA``, checked; None if there is none."""
    import pooch

    folder = os.environ.get("W2VLIB_DATA")
    copy = Path(folder or ".", remote.name)
    if not folder or not copy.is_file():
        return None

    if pooch.file_hash(str(copy)) != remote.sha256:
        raise ValueError(
            f"'{copy}' is not the published {remote.name} (its SHA-256 differs); replace it, or "
            "let W2VLIB_DATA name a folder with the right file"
        )
    return copy


def _download(remote: _Remote, *, progress: bool = False) -> Path:
    """The file from its address, unless it was kept from an earlier time; checked either way."""
    import pooch

    folder = os.environ.get("W2VLIB_DATA") or pooch.os_cache("w2vlib")
    known = f"sha256:{remote.sha256}"

    try:
        path = pooch.retrieve(remote.url, known, remote.name, folder, progressbar=progress)
    except OSError as error:
        raise ConnectionError(
            f"{remote.name} could not be downloaded from {remote.url} ({error}); put the file "
            f"into a folder and name the folder in W2VLIB_DATA"
        ) from error
    return Path(path)
