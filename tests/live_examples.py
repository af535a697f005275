"""Three figures that a running kernel computes anew: models for those of the chapters."""

import torch

import w2vlib as w2v
from w2vlib.book import Choice, Curves, Heatmap, Panel, Words, explore_panels
from w2vlib.book.explorer.live import Entry, explore_live
from w2vlib.book.writing import write_number

WORDS, MODES = 1_000, (1, 2, 5, 10, 20)


def own_word():
    """Neighbors of a word as modes are added."""
    counts = w2v.restrict_cooccurrence(w2v.datasets.load_enwiki(), WORDS)
    target = w2v.qwem_target(w2v.corpus_statistics(counts))
    spectrum = w2v.top_eigenpairs(target, k=MODES[-1])
    vectors = w2v.spectral_embedding(spectrum, counts.vocabulary).vectors
    models = [w2v.Embedding(vectors[:, :k].contiguous(), counts.vocabulary) for k in MODES]

    def neighbors_of(word):
        near = [w2v.nearest_neighbors(model, word, k=5) for model in models]
        found = [[neighbor for neighbor, _ in row] for row in near]
        panel = Panel("Nearest neighbors", lambda at: Words({word: found[at]}))
        return explore_panels(
            [panel],
            [Choice("modes", MODES, start=2)],
            say=lambda at: f"With {MODES[at]} modes the nearest to {word} is {found[at][0]}.",
            title=f"Neighbors of {word}",
        )

    return explore_live(neighbors_of, [Entry("word", "king")])


def own_text():
    """Counts of a pasted text, for several windows."""
    windows = (1, 2, 4)

    def counts_of(text):
        words = text.lower().split()
        if len(set(words)) < 2:
            raise ValueError(f"`text` must have at least two different words; got {text!r}")
        vocabulary = w2v.build_vocabulary(words)
        corpus = w2v.encode([words], vocabulary)
        tables = [w2v.count_cooccurrences(corpus, window=window) for window in windows]
        names = vocabulary.words[:12]
        size = len(names)
        cells = [table.counts.toarray()[:size, :size] for table in tables]
        panel = Panel("Counts", lambda at: Heatmap(names, names, cells[at]))
        return explore_panels(
            [panel],
            [Choice("window", windows)],
            say=lambda at: (
                f"With a window of {windows[at]} the counts add up to "
                f"{write_number(cells[at].sum())}."
            ),
            title="Counts of a text",
        )

    return explore_live(counts_of, [Entry("text", "round and round we go")])


def own_matrix():
    """Modes of a matrix that gradient flow learns, from a start of any scale."""
    shares = torch.linspace(0, 3, 31)

    def flow_of(rows, scale):
        matrix = torch.tensor(rows, dtype=torch.float64)
        spectrum = w2v.top_eigenpairs(matrix, k=len(matrix))
        lam = spectrum.eigenvalues[spectrum.eigenvalues > 0]
        if not len(lam) or scale <= 0:
            raise ValueError("`matrix` needs a positive eigenvalue, and `scale` must be positive")
        start = torch.full_like(lam, scale**2)
        first = w2v.learning_times(lam, start)[0]
        strengths = w2v.mode_strengths(lam, start, shares * first)
        lines = {f"mode {k + 1}": (shares, strengths[:, k]) for k in range(len(lam))}
        panel = Panel("Strengths", lambda at: Curves(lines, now=shares[at]), x="time t / τ₁")
        return explore_panels(
            [panel],
            [Choice("time", [f"{share:.1f}" for share in shares], start=20)],
            say=lambda at: (
                f"At t = {shares[at]:.1f} τ₁, from {write_number(scale)}, mode 1 has "
                f"the strength {strengths[at, 0]:.2f}."
            ),
            title="Flow of a matrix",
        )

    return explore_live(flow_of, [Entry("matrix", [[2.0, 1.0], [1.0, 2.0]]), Entry("scale", 1e-3)])
