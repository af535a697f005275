"""Words as sums of their character n-grams: fastText."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from w2vlib._arrays import accumulate, quiet_sparse
from w2vlib._files import opened_npz, replacing
from w2vlib.corpus import Corpus
from w2vlib.training._recorder import Callback
from w2vlib.training._validation import at_least_one
from w2vlib.training.results import TrainingResult
from w2vlib.training.sgns import SGNSConfig, WordVectors, run_skipgram
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "FastTextConfig",
    "FastTextResult",
    "SubwordVectors",
    "character_ngrams",
    "load_subwords",
    "ngram_incidence",
    "save_subwords",
    "subword_vector",
    "train_fasttext",
]

_FORMAT = "w2vlib-subwords-1"


@dataclass(frozen=True)
class FastTextConfig(SGNSConfig):
    """The hyperparameters of fastText: those of word2vec, and the n-grams.

    Attributes:
        min_n: The shortest n-gram, in characters.
        max_n: The longest n-gram.
        buckets: The number of buckets to which n-grams are hashed; some share one.
    """

    min_n: int = 3
    max_n: int = 6
    buckets: int = 2_000_000

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_lengths(self.min_n, self.max_n)
        at_least_one(self, "buckets")


@dataclass(frozen=True, eq=False)
class SubwordVectors:
    """Vectors of words and of n-grams, from which a vector for any word can be made.

    Attributes:
        words: A vector for each word of the vocabulary.
        ngrams: A vector for each bucket that some word of the vocabulary uses.
        bucket_numbers: The numbers of these buckets, ascending.
        vocabulary: The words.
        config: How n-grams are cut and hashed.
    """

    words: Float[Tensor, "vocab dim"]
    ngrams: Float[Tensor, "buckets dim"]
    bucket_numbers: Int64[Tensor, " buckets"]
    vocabulary: Vocabulary
    config: FastTextConfig

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"SubwordVectors({len(self.words):,} words, {len(self.ngrams):,} n-grams)"


@dataclass(frozen=True, eq=False)
class FastTextResult(TrainingResult):
    """Trained vectors of words, and their parts.

    Attributes:
        embedding: The vectors of the words, made of their parts.
        contexts: W', the vectors of the words as contexts.
        history: What was measured along the way.
        subwords: The parts; see :func:`subword_vector`.
    """

    subwords: SubwordVectors = field(kw_only=True)


def character_ngrams(word: str, *, min_n: int = 3, max_n: int = 6) -> list[str]:
    """The character n-grams of a word between the marks ``<`` and ``>``.

    Args:
        word: The word.
        min_n: The shortest n-gram, at least 1.
        max_n: The longest n-gram.

    Returns:
        All of them, from left to right; a single mark is not one.

    Raises:
        ValueError: The lengths are impossible.

    Reference:
        Bojanowski et al. 2017 (arXiv:1607.04606), section 3.2.

    >>> character_ngrams("where", min_n=3, max_n=3)
    ['<wh', 'whe', 'her', 'ere', 're>']
    """
    _check_lengths(min_n, max_n)
    marked = f"<{word}>"
    return [
        marked[start : start + n]
        for start in range(len(marked))
        for n in range(min_n, min(max_n, len(marked) - start) + 1)
        if not (n == 1 and start in (0, len(marked) - 1))
    ]


def bucket_of(ngram: str, buckets: int = 2_000_000) -> int:
    """The number to which fastText hashes an n-gram.

    The hash is FNV-1a of 32 bits over the bytes in UTF-8, each taken as a signed number, modulo
    the number of buckets.

    Args:
        ngram: The n-gram.
        buckets: The number of buckets.

    Reference:
        Bojanowski et al. 2017 (arXiv:1607.04606), section 3.2, and the published program.

    >>> bucket_of("<wh")
    167652
    """
    value = 2166136261
    for byte in ngram.encode():
        signed = byte - 256 if byte > 127 else byte
        value = ((value ^ (signed & 0xFFFFFFFF)) * 16777619) & 0xFFFFFFFF
    return value % buckets


def ngram_incidence(
    vocabulary: Vocabulary, *, min_n: int = 3, max_n: int = 6, min_words: int = 2
) -> tuple[Tensor, list[str]]:
    r"""Which n-grams are in which words: the matrix that ties words spelled alike together.

    .. math:: F = [\, I \;\; A \,],

    where :math:`A_{in}` is how often n-gram n is in word i,
    so W = F Z gives each word a vector of its own, plus those of its n-grams, without
    hashing. It is made for the `features` of :func:`w2vlib.train_population`: gradient flow in Z
    is that in W with the preconditioner :math:`F F^\top`.

    Args:
        vocabulary: The words.
        min_n: The shortest n-gram.
        max_n: The longest n-gram.
        min_words: The smallest number of words that an n-gram must be in to be kept.

    Returns:
        F, a sparse matrix (vocab, vocab + n-grams) in float32; and the names of its columns.

    Raises:
        ValueError: The lengths are impossible.

    Reference:
        Bojanowski et al. 2017 (arXiv:1607.04606), equation 2.

    >>> words = Vocabulary(("tea", "teas"), torch.tensor([2, 1]))
    >>> ngram_incidence(words, max_n=3)[1]
    ['tea', 'teas', '<te', 'tea']
    """
    grams = [Counter(character_ngrams(w, min_n=min_n, max_n=max_n)) for w in vocabulary.words]
    popular = Counter(gram for counts in grams for gram in counts)
    columns = [gram for gram, words in popular.items() if words >= min_words]
    number = {gram: len(grams) + n for n, gram in enumerate(columns)}

    entries = [(i, i, 1) for i in range(len(grams))]
    for i, counts in enumerate(grams):
        entries += [(i, number[gram], times) for gram, times in counts.items() if gram in number]
    rows, cols, values = (torch.tensor(part) for part in zip(*entries, strict=True))
    shape = (len(grams), len(grams) + len(columns))
    indices = torch.stack([rows, cols])

    with quiet_sparse():
        matrix = torch.sparse_coo_tensor(indices, values.float(), shape, check_invariants=True)
    return matrix.coalesce(), [*vocabulary.words, *columns]


def subword_vector(subwords: SubwordVectors, word: str) -> Float[Tensor, " dim"]:
    """The vector of any word: the mean of its own vector, if it has one, and those of its n-grams.

    Args:
        subwords: The trained parts.
        word: A word, in the vocabulary or not.

    Raises:
        KeyError: The word is not in the vocabulary and shares no n-gram with any that is.

    Reference:
        Bojanowski et al. 2017 (arXiv:1607.04606), section 3.2 (the program takes the mean).
    """
    config = subwords.config
    numbers = _buckets(word, config)
    places = torch.searchsorted(subwords.bucket_numbers.cpu(), torch.tensor(numbers).long())
    places = places.clamp(max=max(0, len(subwords.bucket_numbers) - 1))

    known = [
        int(place)
        for place, number in zip(places, numbers, strict=True)
        if len(subwords.bucket_numbers) and int(subwords.bucket_numbers[place]) == number
    ]

    rows = [subwords.ngrams[known]]
    if word in subwords.vocabulary.index:
        rows.append(subwords.words[subwords.vocabulary.number(word)][None])

    parts = torch.cat(rows)
    if len(parts) == 0:
        raise KeyError(
            f"{word!r} is not in the vocabulary, and none of its n-grams is in a word that is"
        )
    return parts.mean(dim=0)


def save_subwords(subwords: SubwordVectors, path: str | Path) -> None:
    """Write the parts of words, from which vectors of words never seen are made.

    Args:
        subwords: The vectors of words and n-grams, and how n-grams are cut.
        path: The file, ending in ``.npz``; an existing file is replaced once the new one is whole.

    Raises:
        ValueError: `path` does not end in ``.npz``.
        FileNotFoundError: The folder of `path` does not exist.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"`path` must end in '.npz'; got '{path}'")
    counts = subwords.vocabulary.counts
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            format=np.array(_FORMAT),
            config=np.array(json.dumps(asdict(subwords.config))),
            spelling=np.frombuffer("\n".join(subwords.vocabulary.words).encode(), np.uint8),
            counts=np.empty(0, np.int64) if counts is None else counts.numpy(),
            words=subwords.words.detach().cpu().numpy(),
            ngrams=subwords.ngrams.detach().cpu().numpy(),
            bucket_numbers=subwords.bucket_numbers.cpu().numpy(),
        )


def load_subwords(path: str | Path) -> SubwordVectors:
    """Read what :func:`save_subwords` wrote.

    Args:
        path: The file to read.

    Raises:
        FileNotFoundError: There is no file at `path`.
        ValueError: The file is damaged or of another format.
    """
    with opened_npz(path, _FORMAT, "save_subwords") as file:
        words = tuple(file["spelling"].tobytes().decode().split("\n"))
        counts = torch.from_numpy(file["counts"])
        return SubwordVectors(
            torch.from_numpy(file["words"]),
            torch.from_numpy(file["ngrams"]),
            torch.from_numpy(file["bucket_numbers"]),
            Vocabulary(words, counts if len(counts) else None),
            FastTextConfig(**json.loads(str(file["config"]))),
        )


def train_fasttext(
    corpus: Corpus,
    config: FastTextConfig,
    *,
    seed: int = 0,
    callback: Callback | None = None,
    progress: bool = False,
) -> FastTextResult:
    r"""Skip-gram with negative sampling in which words are made of their n-grams.

    .. math:: w_i = \frac{1}{|\mathcal G_i|} \sum_{g \in \mathcal G_i} z_g,

    where :math:`\mathcal G_i` holds word i itself and its n-grams. Everything else is as in
    :func:`w2vlib.train_sgns`.

    Args:
        corpus: The encoded text. Computation is on its device, in float32.
        config: The hyperparameters.
        seed: The seed of all random choices.
        callback: A function called with the number of tokens seen and the embedding at every
            record.
        progress: Whether to show a progress bar.

    Returns:
        Vectors of the words and of their parts, and the history.

    Raises:
        ValueError: No two tokens are neighbors.
        RuntimeError: The vectors diverged; see :func:`w2vlib.train_sgns`.

    Reference:
        Bojanowski et al. 2017 (arXiv:1607.04606).
    """
    device, vocabulary = corpus.tokens.device, corpus.vocabulary
    hashed = [_buckets(word, config) for word in vocabulary.words]
    numbers = torch.tensor(sorted({b for bag in hashed for b in bag}), dtype=torch.int64)
    place = {int(number): len(hashed) + n for n, number in enumerate(numbers)}
    bags = [[i, *(place[b] for b in bag)] for i, bag in enumerate(hashed)]

    generator = torch.Generator().manual_seed(seed)
    Z = (torch.rand(len(hashed) + len(numbers), config.dim, generator=generator) - 0.5) * 2
    centers = BagVectors((Z / config.dim).to(device), bags)
    C = torch.zeros(len(hashed), config.dim, device=device)

    records = run_skipgram(corpus, config, centers, C, seed, callback, progress)
    trained = records.result(centers.table(), C)

    words, ngrams = centers.rows.split([len(hashed), len(numbers)])
    subwords = SubwordVectors(words, ngrams, numbers, vocabulary, config)
    return FastTextResult(trained.embedding, trained.contexts, trained.history, subwords=subwords)


class BagVectors(WordVectors):
    """Vectors of the centers: the mean of several rows for each word.

    The numbers of the rows of all words lie one after the other, so that a word with many parts
    costs no more than these.

    Attributes:
        numbers: The numbers of the rows that words are made of.
        starts: The place in `numbers` at which each word begins.
        lengths: The number of parts of each word.
    """

    def __init__(self, rows: Tensor, bags: list[list[int]]) -> None:
        super().__init__(rows)
        device = rows.device
        self.numbers = torch.tensor([n for bag in bags for n in bag], dtype=torch.int64).to(device)
        self.lengths = torch.tensor([len(bag) for bag in bags]).to(device)
        self.starts = self.lengths.cumsum(0) - self.lengths

    def __getitem__(self, words: Tensor) -> Tensor:
        different, which = words.unique(return_inverse=True)
        numbers, owners = self._parts(different)
        means = self.rows.new_zeros(len(different), self.rows.shape[1])
        accumulate(means, owners, self.rows[numbers])
        return means.div_(self.lengths[different, None])[which]

    def add(self, words: Tensor, updates: Tensor) -> None:
        """Add to all parts of the words, in proportion to their shares."""
        different, which = words.unique(return_inverse=True)
        sums = updates.new_zeros(len(different), updates.shape[-1])
        accumulate(sums, which.flatten(), updates.flatten(0, -2))
        numbers, owners = self._parts(different)
        accumulate(self.rows, numbers, sums.div_(self.lengths[different, None])[owners])

    def table(self) -> Tensor:
        """The vectors of all words."""
        everyone = torch.arange(len(self.lengths), device=self.rows.device)
        return torch.cat([self[part] for part in everyone.split(1024)])

    def _parts(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """The numbers of all parts of some words, and for each of them which word has it."""
        lengths = self.lengths[words]
        owners = torch.repeat_interleave(lengths)
        ends = lengths.cumsum(0)
        within = torch.arange(len(owners), device=owners.device) - (ends - lengths)[owners]
        return self.numbers[self.starts[words][owners] + within], owners


def _buckets(word: str, config: FastTextConfig) -> list[int]:
    ngrams = character_ngrams(word, min_n=config.min_n, max_n=config.max_n)
    return [bucket_of(ngram, config.buckets) for ngram in ngrams]


def _check_lengths(min_n: int, max_n: int) -> None:
    if not 1 <= min_n <= max_n:
        raise ValueError(
            f"`min_n` and `max_n` must be whole numbers with 1 <= min_n <= max_n; "
            f"got {min_n} and {max_n}"
        )
