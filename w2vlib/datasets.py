"""Data that come with the package, and data that are fetched once and checked."""

import importlib.util
import os
from importlib import resources
from pathlib import Path

from w2vlib.analogies import AnalogySet, parse_analogies, questions_from_pairs
from w2vlib.cooccurrence import Cooccurrence, load_cooccurrence
from w2vlib.corpus import Vocabulary

__all__ = ["fetch_google_analogies", "load_analogies", "load_enwiki"]

_GOOGLE_NAME = "questions-words.txt"
_GOOGLE_URL = "https://download.tensorflow.org/data/questions-words.txt"
_GOOGLE_SHA256 = "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36"


def load_enwiki() -> Cooccurrence:
    """Co-occurrence counts of the 5,000 most frequent words of English Wikipedia articles.

    The text is 5,997 good and featured articles; the window reaches 16 words to each side with
    linear weights, and never over the end of an article. Words outside the 5,000 were dropped
    before windows were laid.

    Returns:
        The counts; their `source` names the text and its license (CC BY-SA 3.0, English Wikipedia
        contributors).

    >>> load_enwiki().vocabulary
    Vocabulary(5,000 words: the, of, and, ...)
    """
    with resources.as_file(_embedded("enwiki-5k.npz")) as path:
        return load_cooccurrence(path)


def load_analogies(vocabulary: Vocabulary) -> AnalogySet:
    """Analogy questions from the word pairs that come with the package.

    Within a category (capitals, plurals, tenses, ...) every two pairs make two questions; see
    :func:`w2vlib.questions_from_pairs`.

    Args:
        vocabulary: Questions with a word outside it are counted and left out.

    Raises:
        ValueError: No question lies in the vocabulary.
    """
    lines = _embedded("analogies.txt").read_text("utf-8").splitlines()
    return parse_analogies(questions_from_pairs(lines), vocabulary)


def fetch_google_analogies(vocabulary: Vocabulary) -> AnalogySet:
    """The published word2vec questions: 19,544 analogies in 14 categories.

    The file is taken from the folder named by the environment variable ``W2VLIB_DATA`` if it is
    there, else from an installed gensim, which carries it; else it is downloaded once, checked
    against its SHA-256, and kept in the user's cache folder (or in ``W2VLIB_DATA``).

    Args:
        vocabulary: Questions with a word outside it are counted and left out.

    Raises:
        ConnectionError: There is no local copy, and the download fails.
        ValueError: A local copy or the download does not have the published content; or no
            question lies in the vocabulary.

    Reference:
        Mikolov et al. 2013 (arXiv:1301.3781), table 1.
    """
    return parse_analogies(_google_file(), vocabulary)


def _embedded(name: str) -> Path:
    return Path(str(resources.files("w2vlib") / "data" / name))


def _google_file() -> Path:
    import pooch

    folder = os.environ.get("W2VLIB_DATA")
    for copy in _local_copies(folder):
        if copy.is_file():
            if pooch.file_hash(str(copy)) != _GOOGLE_SHA256:
                raise ValueError(
                    f"'{copy}' is not the published {_GOOGLE_NAME} (its SHA-256 differs); replace "
                    "it, or let W2VLIB_DATA name a folder with the right file"
                )
            return copy
    path = folder or pooch.os_cache("w2vlib")
    try:
        return Path(pooch.retrieve(_GOOGLE_URL, f"sha256:{_GOOGLE_SHA256}", _GOOGLE_NAME, path))
    except OSError as error:
        raise ConnectionError(
            f"{_GOOGLE_NAME} could not be downloaded from {_GOOGLE_URL} ({error}); put the file "
            "into a folder and name the folder in W2VLIB_DATA, or install gensim, which has it"
        ) from error


def _local_copies(folder: str | None) -> list[Path]:
    copies = [Path(folder) / _GOOGLE_NAME] if folder else []
    gensim = importlib.util.find_spec("gensim")
    if gensim is not None and gensim.origin is not None:
        copies.append(Path(gensim.origin).parent / "test" / "test_data" / _GOOGLE_NAME)
    return copies
