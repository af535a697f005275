"""What is measured: each case runs in a process of its own and prints one line of JSON.

    python benchmarks/cases.py count_ours WORK_FOLDER '{"threads": 1}'

The process imports and compiles before its clock starts, unless the case is about the time that a
user waits. `run.py` calls the cases and compares them.
"""

import inspect
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, object]


def prepare(work: Path, corpus: str, vocabulary: int) -> Row:
    """Read the text once; leave tokens, counts, the target matrix and vectors for the others."""
    import w2vlib as w2v

    with clock() as reading:
        tokens = w2v.read_corpus(corpus, max_vocabulary=vocabulary, normalizer="text8")
    words = np.array(tokens.vocabulary.words)
    np.savez(
        work / "tokens.npz",
        tokens=tokens.tokens.numpy(),
        offsets=tokens.offsets.numpy(),
        words=words,
        word_counts=tokens.vocabulary.counts.numpy(),
    )
    with (work / "normalized.txt").open("w") as file:
        for first, last in zip(tokens.offsets[:-1], tokens.offsets[1:], strict=True):
            file.write(" ".join(words[tokens.tokens[first:last].numpy()]) + "\n")
    with (work / "glove-vocabulary.txt").open("w") as file:
        for word, count in zip(words, tokens.vocabulary.counts.tolist(), strict=True):
            file.write(f"{word} {count}\n")
    counts = w2v.count_cooccurrences(tokens)
    w2v.save_cooccurrence(counts, work / "counts.npz")
    target = w2v.qwem_target(w2v.corpus_statistics(counts))
    np.save(work / "target.npy", target.numpy())
    spectrum = w2v.top_eigenpairs(target, k=200)
    w2v.save_embedding(w2v.spectral_embedding(spectrum, tokens.vocabulary), work / "vectors.bin")
    return {
        "seconds": reading.seconds,
        "tokens": len(tokens),
        "documents": tokens.documents,
        "words": vocabulary,
        "pairs": pairs_within(tokens.offsets.numpy(), 16),
        "megabytes": Path(corpus).stat().st_size / 1e6,
    }


# --- reading ----------------------------------------------------------------------------------


def read_ours(work: Path, source: str, normalizer: str, threads: int = 2) -> Row:
    """`read_corpus`, on some of the cores, from the bytes on disk to the numbers of words."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    import w2vlib as w2v

    def read(path: Path) -> "w2v.Corpus":
        return w2v.read_corpus(path, max_vocabulary=10_000, normalizer=normalizer)  # type: ignore[arg-type]

    small = work / "small.txt"
    small.write_text("Some caf\u00e9s\n")
    read(small)  # compiles
    with clock() as reading:
        corpus = read(Path(source))
    assert corpus.reading is not None
    return {"seconds": reading.seconds, "words": corpus.reading.words, "kept": len(corpus)}


def read_python(work: Path, source: str, normalizer: str) -> Row:
    """The same with a regular expression and a dictionary, a line at a time."""
    import re
    from array import array
    from collections import Counter

    word = re.compile({"text8": "[a-z]+", "unicode": r"[^\W_]+(?:['-][^\W_]+)*"}[normalizer])
    with clock() as reading:
        numbers: dict[str, int] = {}
        tokens = array("i")
        with Path(source).open(encoding="utf-8") as file:
            for line in file:
                found = word.findall(line.lower())
                tokens.extend([numbers.setdefault(each, len(numbers)) for each in found])
        most = dict(Counter(tokens).most_common(10_000))
        kept = array("i", (token for token in tokens if token in most))
    return {"seconds": reading.seconds, "words": len(tokens), "kept": len(kept)}


def count_long(work: Path, source: str, copies: int, words: int) -> Row:
    """Read and count a text several times as long: its pieces of 200 words, in other orders."""
    import random

    import w2vlib as w2v
    from w2vlib._devices import give_memory_back

    text = Path(source).read_bytes().split()
    pieces = [b" ".join(text[first : first + 200]) for first in range(0, len(text), 200)]
    long, draw = work / "long.txt", random.Random(0)
    with long.open("wb") as file:
        for _ in range(copies):
            draw.shuffle(pieces)
            for first in range(0, len(pieces), 20):
                file.write(b" ".join(pieces[first : first + 20]) + b"\n")
    del text, pieces

    give_memory_back()
    with clock() as both, Memory() as memory:
        corpus = w2v.read_corpus(long, max_vocabulary=words, normalizer="text8")
        counts = w2v.count_cooccurrences(corpus)
        w2v.save_cooccurrence(counts, work / "long.npz")
    assert corpus.reading is not None
    size = long.stat().st_size
    long.unlink()
    return {
        "seconds": both.seconds,
        "megabytes": size / 1e6,
        "words_read": corpus.reading.words,
        "vocabulary": words,
        "nonzeros": counts.counts.nnz,
        "memory_mib": memory.most,
    }


# --- counting ---------------------------------------------------------------------------------


def count_ours(
    work: Path, threads: int = 2, weighting: str = "linear", tokens: float = 1.0, words: int = 0
) -> Row:
    """`count_cooccurrences`, on some of the cores, of some of the text, for some of the words."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    import w2vlib as w2v

    corpus = load_corpus(work, tokens, words)
    w2v.count_cooccurrences(load_corpus(work, 1e-3, words))  # compiles
    with clock() as counting:
        counts = w2v.count_cooccurrences(corpus, weighting=weighting)  # type: ignore[arg-type]
    return {
        "seconds": counting.seconds,
        "tokens": len(corpus),
        "words": len(counts),
        "pairs": pairs_within(corpus.offsets.numpy(), 16),
        "total": counts.total,
        "nonzeros": counts.counts.nnz,
    }


def count_scatter(work: Path) -> Row:
    """The obvious kernel: add to a dense matrix, pair by pair, on one core.

    It counts one order of each pair and adds the transpose; making the matrix sparse, as ours
    is, is left out.
    """
    import numba

    @numba.njit
    def scatter(
        tokens: np.ndarray, offsets: np.ndarray, weights: np.ndarray, counts: np.ndarray
    ) -> None:
        for document in range(len(offsets) - 1):
            end = offsets[document + 1]
            for center in range(offsets[document], end):
                for distance in range(1, min(len(weights), end - 1 - center) + 1):
                    counts[tokens[center], tokens[center + distance]] += weights[distance - 1]

    corpus = load_corpus(work)
    weights = np.arange(16, 0, -1)
    size = len(corpus.vocabulary)
    tokens, offsets = corpus.tokens.numpy(), corpus.offsets.numpy()
    scatter(tokens[:10], np.array([0, 10]), weights, np.zeros((size, size), np.int32))
    with clock() as counting:
        counts = np.zeros((size, size), np.int32)
        scatter(tokens, offsets, weights, counts)
        counts = counts + counts.T
    return {"seconds": counting.seconds, "total": int(counts.sum(dtype=np.int64))}


def count_glove(work: Path, binary: str) -> Row:
    """GloVe's program with its own weights; it also reads the text and writes the counts."""
    command = [
        *(binary, "-verbose", "0", "-symmetric", "1", "-window-size", "16", "-memory", "4.0"),
        *("-vocab-file", str(work / "glove-vocabulary.txt")),
        *("-overflow-file", str(work / "glove-overflow")),
    ]
    output = work / "glove-counts.bin"
    with (
        (work / "normalized.txt").open("rb") as text,
        output.open("wb") as result,
        clock() as counting,
    ):
        subprocess.run(command, stdin=text, stdout=result, check=True)
    records = np.fromfile(output, [("i", "<i4"), ("j", "<i4"), ("count", "<f8")])
    return {
        "seconds": counting.seconds,
        "total": float(records["count"].sum()),
        "nonzeros": len(records),
    }


# --- the solver -------------------------------------------------------------------------------


def solve_ours(work: Path, k: int = 200, tolerance: float = 1e-3, words: int = 0) -> Row:
    """`top_eigenpairs` of the target matrix."""
    import w2vlib as w2v

    matrix = load_target(work, words)
    w2v.top_eigenpairs(matrix[:1000, :1000].contiguous(), k=20)
    with clock() as solving:
        spectrum = w2v.top_eigenpairs(matrix, k, tolerance=tolerance)
    return solved(matrix, solving, spectrum.eigenvalues, spectrum.eigenvectors)


def solve_arpack(work: Path, k: int = 200, tolerance: float = 1e-3) -> Row:
    """`scipy.sparse.linalg.eigsh`: implicitly restarted Lanczos."""
    import torch
    from scipy.sparse.linalg import eigsh

    matrix = load_target(work)
    with clock() as solving:
        values, vectors = eigsh(matrix.numpy(), k, which="LA", tol=tolerance)
    return solved(
        matrix, solving, torch.from_numpy(values.copy()), torch.from_numpy(vectors.copy())
    )


def solve_scipy_lobpcg(work: Path, k: int = 200, iterations: int = 40) -> Row:
    """`scipy.sparse.linalg.lobpcg` from a random start."""
    import warnings

    import torch
    from scipy.sparse.linalg import lobpcg

    matrix = load_target(work)
    start = np.random.default_rng(0).standard_normal((len(matrix), k)).astype(np.float32)
    with clock() as solving, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values, vectors = lobpcg(matrix.numpy(), start, tol=1e-3, maxiter=iterations)
    return solved(matrix, solving, torch.from_numpy(values), torch.from_numpy(vectors))


def solve_torch_lobpcg(work: Path, k: int = 200, iterations: int = 40) -> Row:
    """`torch.lobpcg` from a random start."""
    import torch

    matrix = load_target(work)
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(len(matrix), k, generator=generator)
    with clock() as solving:
        values, vectors = torch.lobpcg(matrix, k, X=start, niter=iterations, tol=1e-3)
    return solved(matrix, solving, values, vectors)


def solve_full(work: Path, k: int = 200) -> Row:
    """`torch.linalg.eigh`: all eigenpairs."""
    import torch

    matrix = load_target(work)
    with clock() as solving:
        values, vectors = torch.linalg.eigh(matrix)
    return solved(matrix, solving, values[-k:], vectors[:, -k:])


# --- analogies --------------------------------------------------------------------------------


def analogies_ours(work: Path) -> Row:
    """`solve_analogies` on Google's questions."""
    import w2vlib as w2v

    embedding = w2v.load_embedding(work / "vectors.bin")
    questions = w2v.datasets.load_google_analogies(embedding.vocabulary)
    w2v.solve_analogies(embedding, questions)  # starts the threads
    with clock() as solving:
        result = w2v.solve_analogies(embedding, questions)
    correct = int(result.correct.sum())
    return {"seconds": solving.seconds, "correct": correct, "questions": len(questions)}


def loading_ours(work: Path, limit: int | None = None) -> Row:
    """`load_embedding`, of all words or of the first ones."""
    import w2vlib as w2v

    with clock() as loading:
        embedding = w2v.load_embedding(work / "vectors.bin", limit=limit)
    return {"seconds": loading.seconds, "words": len(embedding)}


def loading_gensim(work: Path, limit: int | None = None) -> Row:
    """Gensim's reader, and a copy of what it read as an `Embedding`."""
    from gensim.models import KeyedVectors

    import w2vlib as w2v

    with clock() as loading:
        keyed = KeyedVectors.load_word2vec_format(work / "vectors.bin", binary=True, limit=limit)
    with clock() as copying:
        embedding = w2v.from_keyed_vectors(keyed)
    return {"seconds": loading.seconds, "copying": copying.seconds, "words": len(embedding)}


def analogies_gensim(work: Path) -> Row:
    """Gensim's `evaluate_word_analogies` on the same vectors and questions."""
    from gensim.models import KeyedVectors
    from gensim.test.utils import datapath

    vectors = KeyedVectors.load_word2vec_format(work / "vectors.bin", binary=True)
    path = datapath("questions-words.txt")
    vectors.evaluate_word_analogies(path, restrict_vocab=len(vectors))
    with clock() as solving:
        _, sections = vectors.evaluate_word_analogies(path, restrict_vocab=len(vectors))
    correct, wrong = (len(sections[-1][kind]) for kind in ("correct", "incorrect"))
    return {"seconds": solving.seconds, "correct": correct, "questions": correct + wrong}


# --- a text file to word vectors --------------------------------------------------------------


def embed_ours(
    work: Path, corpus: str, vocabulary: int, device: str = "cpu", steps: int = 0
) -> Row:
    """The command that a user types, start of Python and compiled kernels from disk included."""
    output = work / "ours.txt"
    command = [
        *(sys.executable, "-m", "w2vlib", "embed", corpus, "-o", str(output), "--quiet"),
        *("--vocab", str(vocabulary), "--device", device, "--refine", str(steps)),
    ]
    with clock() as embedding:
        subprocess.run(command, check=True, stdout=sys.stderr)
    return {"seconds": embedding.seconds, **quality(output)}


def embed_gensim(
    work: Path, vocabulary: int, epochs: int, workers: int = 2, model: str = "Word2Vec"
) -> Row:
    """Gensim's Word2Vec or FastText on normalized text, which spares it that work."""
    import gensim.models

    output = work / f"{model}.txt"
    with clock() as embedding:
        trained = getattr(gensim.models, model)(
            corpus_file=str(work / "normalized.txt"),
            **gensim_settings(vocabulary),
            epochs=epochs,
            workers=workers,
        )
        trained.wv.save_word2vec_format(output)
    return {"seconds": embedding.seconds, **quality(output)}


def embed_glove(work: Path, epochs: int) -> Row:
    """`train_glove` on counts that weigh a pair as GloVe does, by the inverse of its distance."""
    import w2vlib as w2v

    counts = w2v.count_cooccurrences(load_corpus(work), weighting="harmonic")
    output = work / "glove.txt"
    with clock() as embedding:
        trained = w2v.train_glove(counts, w2v.GloVeConfig(dim=200, epochs=epochs))
        w2v.save_embedding(w2v.words_plus_contexts(trained), output)
    return {"seconds": embedding.seconds, **quality(output)}


def gensim_settings(vocabulary: int) -> Row:
    """Skip-gram with negative sampling, as usual but for the window."""
    return {
        "vector_size": 200,
        "window": 16,
        "sg": 1,
        "negative": 5,
        "sample": 1e-4,
        "min_count": 1,
        "max_final_vocab": vocabulary,
        "seed": 0,
    }


# --- training ---------------------------------------------------------------------------------


def train_statistics(
    work: Path, corpus: str, vocabulary: int, *, closed_form: bool, steps: int, device: str = "cpu"
) -> Row:
    """`train_population` on word2vec's loss, from the closed form or from a random start."""
    watch = Stopwatch()
    import w2vlib as w2v

    counts = w2v.count_cooccurrences(
        w2v.read_corpus(corpus, max_vocabulary=vocabulary, normalizer="text8")
    )
    statistics = w2v.corpus_statistics(counts, sparse=True, device=device)
    weights = w2v.word2vec_reweighting(statistics, negatives=1, sample=None)
    initial = None
    if closed_form:
        g = w2v.rank_one_weights(statistics, weights)
        operator = w2v.qwem_operator(statistics, weights, weights=g)
        spectrum = w2v.top_eigenpairs(operator, k=200)
        initial = w2v.spectral_embedding(spectrum, counts.vocabulary, weights=g)
    config = w2v.PopulationConfig(
        dim=200,
        biases=True,
        schedule="linear",
        steps=steps,
        initial_scale=0.1,
        record_every=max(1, steps // 5),
    )
    w2v.train_population(
        statistics, config, reweighting=weights, initial=initial, callback=watch.record
    )
    return {"points": watch.points}


def train_tokens(
    work: Path, corpus: str, vocabulary: int, *, epochs: int, device: str = "cpu"
) -> Row:
    """`train_sgns`, with the settings given to gensim."""
    watch = Stopwatch()
    import w2vlib as w2v

    tokens = w2v.read_corpus(corpus, max_vocabulary=vocabulary, normalizer="text8").to(device)
    config = w2v.SGNSConfig(dim=200, window=16, sample=1e-4, epochs=epochs)
    with clock(watch) as training:
        w2v.train_sgns(tokens, config, callback=watch.record)
    speed = len(tokens) * epochs / training.seconds
    return {"points": watch.points, "tokens_per_second": speed}


def train_gensim(work: Path, vocabulary: int, *, epochs: int, workers: int = 2) -> Row:
    """Gensim's Word2Vec on the normalized text, looked at after each epoch."""
    import torch

    import w2vlib as w2v

    watch = Stopwatch()
    from gensim.models import Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    class Watcher(CallbackAny2Vec):
        def on_epoch_end(self, model: Word2Vec) -> None:
            words = tuple(model.wv.index_to_key)
            counts = [model.wv.get_vecattr(word, "count") for word in words]
            known = w2v.Vocabulary(words, torch.tensor(counts))
            watch.record(0, w2v.Embedding(torch.from_numpy(model.wv.vectors.copy()), known))

    model = Word2Vec(**gensim_settings(vocabulary), workers=workers)
    path = str(work / "normalized.txt")
    model.build_vocab(corpus_file=path)
    with clock(watch) as training:
        model.train(
            corpus_file=path,
            total_words=model.corpus_total_words,
            epochs=epochs,
            callbacks=[Watcher()],
        )
    speed = model.corpus_total_words * epochs / training.seconds
    return {"points": watch.points, "tokens_per_second": speed}


# --- each step on one device ------------------------------------------------------------------


def parts(work: Path, device: str, again: int = 3, tokens: int = 500_000) -> Row:
    """Each step from tokens to vectors: the first call of a process, and the median of the next.

    Training on tokens sees this many of them, at most.
    """
    import statistics as middle

    import torch

    import w2vlib as w2v

    rows: dict[str, Row] = {}

    def timed(name: str, step: Callable[[], Any]) -> Any:  # noqa: ANN401
        seconds = []
        for _ in range(1 + again):
            with clock() as running:
                made = step()
                if device.startswith("cuda"):
                    torch.cuda.synchronize()
            seconds.append(running.seconds)
        first, *others = seconds
        print(f"  {name}: {seconds}", file=sys.stderr)
        rows[name] = {"first": first, "again": middle.median(others), "all": others}
        return made

    whole = load_corpus(work)
    corpus, some = (part.to(device) for part in (whole, load_corpus(work, tokens / len(whole))))
    counts = timed("counting", lambda: w2v.count_cooccurrences(corpus))
    k = min(200, len(counts) // 2)
    statistics = timed(
        "statistics", lambda: w2v.corpus_statistics(counts, sparse=True, device=device)
    )
    target = timed(
        "the matrix M*", lambda: w2v.qwem_target(w2v.corpus_statistics(counts, device=device))
    )
    timed("its top 200 modes", lambda: w2v.top_eigenpairs(target, k))
    weights = w2v.word2vec_reweighting(statistics)
    vectors = timed(
        "closed form with two vectors",
        lambda: w2v.solve_word2vec(statistics, k, reweighting=weights),
    )
    config = w2v.PopulationConfig(
        dim=k, tied=False, biases=True, schedule="linear", steps=20, record_every=20
    )
    timed(
        "20 steps of training on all pairs",
        lambda: w2v.train_population(statistics, config, reweighting=weights, initial=vectors),
    )
    sgns = w2v.SGNSConfig(dim=200, window=16, sample=1e-4, epochs=1)
    timed(f"`train_sgns`, {len(some):,} tokens", lambda: w2v.train_sgns(some, sgns))
    glove, fewer = (
        w2v.GloVeConfig(dim=200, epochs=1),
        w2v.restrict_cooccurrence(counts, min(2_000, len(counts))),
    )
    timed(
        f"`train_glove`, an epoch of {fewer.counts.nnz:,} pairs",
        lambda: w2v.train_glove(fewer, glove, device=device),
    )
    google = w2v.datasets.load_google_analogies(counts.vocabulary)
    timed("Google's analogies", lambda: w2v.solve_analogies(vectors[0], google))
    return {"steps": rows, "again": again}


# --- helpers ----------------------------------------------------------------------------------


class Clock:
    """Holds the seconds that a `with clock()` block took."""

    seconds = 0.0


@contextmanager
def clock(watch: "Stopwatch | None" = None) -> Iterator[Clock]:
    """Time a block, less the time for which a stopwatch stood still in it."""
    result, now = Clock(), time.perf_counter if watch is None else watch.read
    start = now()
    yield result
    result.seconds = now() - start


class Memory:
    """Holds the most memory, in MiB, that the process had of its own during a `with` block.

    What it maps of files is left out: the system takes that back when it needs it. The first
    number is that of the moment at which the block begins.
    """

    def __init__(self) -> None:
        self.most = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        status = Path("/proc/self/status")
        while status.is_file():
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            self.most = max(self.most, int(lines["RssAnon"].split()[0]) / 2**10)
            if self._done.wait(0.05):
                break


class Stopwatch:
    """Runs from the beginning of a case, and stands still while vectors are scored."""

    def __init__(self) -> None:
        self.points: list[Row] = []
        self._start, self._still = time.perf_counter(), 0.0

    def read(self) -> float:
        """The seconds so far."""
        return time.perf_counter() - self._start - self._still

    def record(self, _: int, embedding) -> dict[str, float]:  # noqa: ANN001
        """Score vectors that training has reached; a callback for it."""
        seconds, begin = self.read(), time.perf_counter()
        self.points.append({"seconds": seconds, **scores(embedding)})
        self._still += time.perf_counter() - begin
        return {}


def load_corpus(work: Path, share: float = 1.0, words: int = 0):  # noqa: ANN201
    """The first documents with this share of the tokens, restricted to the first words."""
    import torch

    import w2vlib as w2v

    with np.load(work / "tokens.npz") as file:
        tokens, offsets, spelling = file["tokens"], file["offsets"], file["words"]
        word_counts = file["word_counts"]
    offsets = offsets[: max(2, int(np.searchsorted(offsets, share * len(tokens))) + 1)]
    tokens = tokens[: offsets[-1]]
    if words:
        kept = tokens < words
        offsets = np.concatenate([[0], np.cumsum(kept)])[offsets]
        tokens, spelling, word_counts = tokens[kept], spelling[:words], word_counts[:words]
    vocabulary = w2v.Vocabulary(tuple(spelling.tolist()), torch.from_numpy(word_counts))
    return w2v.Corpus(torch.from_numpy(tokens), torch.from_numpy(offsets), vocabulary)


def load_target(work: Path, words: int = 0):  # noqa: ANN201
    """The target matrix, or its part for the first words."""
    import torch

    matrix = torch.from_numpy(np.load(work / "target.npy"))
    return matrix[:words, :words].contiguous() if words else matrix


def solved(matrix, solving: Clock, values, vectors) -> Row:  # noqa: ANN001
    """The largest residual, measured in float64, as a share of the largest eigenvalue."""
    import w2vlib as w2v

    values, order = values.double().sort(descending=True)
    spectrum = w2v.Spectrum(values, vectors.double()[:, order])
    residuals = w2v.residual_norms(matrix.double(), spectrum)
    return {
        "seconds": solving.seconds,
        "residual": float(residuals.max() / values.abs().max()),
        "top": float(values.max()),
        "k": len(values),
        "words": len(matrix),
    }


def quality(vectors: Path) -> Row:
    """What analogies and WordSim-353 say about a file of vectors."""
    import w2vlib as w2v

    return scores(w2v.load_embedding(vectors))


def scores(embedding) -> Row:  # noqa: ANN001
    """What Google's analogies, our own, and WordSim-353 (if gensim is there) say about vectors."""
    import w2vlib as w2v

    google = w2v.datasets.load_google_analogies(embedding.vocabulary)
    own = w2v.datasets.load_analogies(embedding.vocabulary)
    result = w2v.solve_analogies(embedding, google)
    row = {
        "google": result.accuracy,
        "google_error": w2v.standard_error(result),
        "own": w2v.solve_analogies(embedding, own).accuracy,
    }
    if find_spec("gensim"):
        from gensim.test.utils import datapath

        pairs = w2v.parse_similarities(datapath("wordsim353.tsv"), embedding.vocabulary)
        row["wordsim"] = w2v.evaluate_similarity(embedding, pairs).correlation
    return row


def pairs_within(offsets: np.ndarray, window: int) -> int:
    """The number of unordered pairs of positions within a window."""
    lengths = np.diff(offsets)
    return int(sum(np.maximum(lengths - d, 0).sum() for d in range(1, window + 1)))


def peak_mebibytes() -> float:
    """The most memory that this process or a child of it held."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return max(
        resource.getrusage(who).ru_maxrss / unit
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


CASES: dict[str, Callable[..., Row]] = {
    name: function
    for name, function in list(globals().items())
    if inspect.isfunction(function)
    and name.split("_")[0]
    in (*("prepare", "read", "count", "solve", "loading", "analogies", "embed", "train", "parts"),)
}


if __name__ == "__main__":
    name, folder, arguments = sys.argv[1:]
    row = CASES[name](Path(folder), **json.loads(arguments))
    print(json.dumps({**row, "peak_mib": peak_mebibytes()}))
