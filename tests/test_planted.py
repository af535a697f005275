"""Data that are not text: their statistics as designed, and the structure found again."""

from functools import partial

import numpy as np
import pytest
import scipy.stats
import torch

import w2vlib as w2v
from w2vlib import datasets, similarity
from w2vlib.datasets.planted import _AISLES

LOYALTY = 0.8


def embed(planted, k, window, weighting="uniform"):
    """The pipeline of the book, as for a text."""
    counts = w2v.count_cooccurrences(planted.corpus, window=window, weighting=weighting)
    spectrum = w2v.top_eigenpairs(w2v.qwem_target(w2v.corpus_statistics(counts)), k)
    return spectrum, w2v.spectral_embedding(spectrum, counts.vocabulary)


def chance(labels):
    sizes = torch.bincount(labels[labels >= 0]).double()
    n = sizes.sum()
    return float((sizes * (sizes - 1)).sum() / (n * (n - 1)))


@pytest.mark.parametrize(
    "make",
    [datasets.simulated_genome, datasets.market_baskets, partial(datasets.graph_walks, degree=5)],
)
def test_same_seed_same_data(make):
    first, again, other = make(50, seed=3), make(50, seed=3), make(50, seed=4)
    assert torch.equal(first.corpus.tokens, again.corpus.tokens)
    assert first.vocabulary.words == again.vocabulary.words
    assert not torch.equal(first.corpus.tokens, other.corpus.tokens)
    assert torch.equal(first.vocabulary.counts, torch.bincount(first.corpus.tokens))
    assert (first.vocabulary.counts.diff() <= 0).all()


@pytest.fixture(scope="module")
def genome():
    return datasets.simulated_genome()


@pytest.fixture(scope="module")
def baskets():
    return datasets.market_baskets(loyalty=LOYALTY)


@pytest.fixture(scope="module")
def walks():
    return datasets.graph_walks()


class TestGenome:
    def test_motifs_are_all_that_is_planted(self, genome):
        """1,000 segments of 30 motifs, of 32; and the other k-mers as frequent as by chance."""
        counts = genome.vocabulary.counts.double()
        assert len(counts) == 4**5
        planted = counts[genome.labels >= 0].mean() - counts[genome.labels < 0].mean()
        # A motif that shares four bases with the end of another gets a quarter of its places;
        # one in four does, which adds up to 23 for the mean of 32 motifs.
        assert float(planted) == pytest.approx(1000 * 30 / 32, abs=4 * 23)
        sparse = datasets.simulated_genome(spacing=900)  # one motif in each segment
        counts = sparse.vocabulary.counts[sparse.labels < 0].double()
        assert float(counts.var() / counts.mean()) == pytest.approx(1, abs=0.3)  # Poisson

    def test_motifs_stand_anywhere_in_their_stretch(self):
        """A stretch of 10 bases has 6 places for a motif of 5: each in a sixth of the segments."""
        genome = datasets.simulated_genome(6000, length=10, spacing=10, kinds=1, motifs=1)
        motif = int(torch.nonzero(genome.labels == 0))
        # A segment's frame has one word; frame n shows a motif that begins at base n.
        hits = (genome.corpus.tokens.reshape(6000, 5) == motif).sum(dim=0).double()
        expected = torch.full((5,), 1000.0).double()  # and the sixth place is in the word cut off
        assert float((hits - expected).abs().max()) < 4 * 1000**0.5

    def test_kinds_are_drawn_by_chance(self):
        """Segments of two kinds, in random order."""
        genome = datasets.simulated_genome(400, length=10, spacing=10, kinds=2, motifs=1)
        kinds = genome.labels[genome.corpus.tokens.long()].reshape(400, 5).amax(dim=1)
        known = kinds[kinds >= 0]
        repeats = float((known[1:] == known[:-1]).double().mean())
        assert repeats == pytest.approx(0.5, abs=4 * 0.5 / len(known) ** 0.5)

    def test_every_frame_reads_the_same_bases(self, genome):
        words = [genome.vocabulary.words[i] for i in genome.corpus.tokens[:895].tolist()]
        frames = ["".join(words[179 * n : 179 * (n + 1)]) for n in range(5)]
        for shift, frame in enumerate(frames[1:], start=1):
            assert frames[0][shift:] == frame[:-shift]

    def test_kinds_are_recovered(self, genome):
        """Three modes for four kinds above the noise; every motif is next to one of its kind."""
        spectrum, embedding = embed(genome, 8, window=16)
        gaps = spectrum.eigenvalues[:-1] / spectrum.eigenvalues[1:]
        assert int(gaps.argmax()) == 2
        first = w2v.Embedding(embedding.vectors[:, :3], embedding.vocabulary)
        assert w2v.nearest_label_accuracy(first, genome.labels) == 1
        assert chance(genome.labels) < 0.25

    def test_nothing_to_recover_where_nothing_is(self, genome):
        """Labels of the motifs of another genome."""
        other = datasets.simulated_genome(seed=1)
        _, embedding = embed(other, 3, window=16)
        label = dict(zip(genome.vocabulary.words, genome.labels.tolist(), strict=True))
        wrong = torch.tensor([label[word] for word in other.vocabulary.words])
        hits = w2v.nearest_label_accuracy(embedding, wrong) * 32
        assert scipy.stats.binom.sf(hits - 1, 32, chance(wrong)) > 1e-3

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            ({"k": 9}, r"`k` must be in \[1, 8\].*got k=9"),
            ({"k": 2}, "quarter of the 4\\^k words motifs.*kinds=4, motifs=8"),
            ({"kinds": 1, "motifs": 257}, "quarter of the 4\\^k words motifs"),
            ({"kinds": 0}, "kinds=0"),
            ({"length": 901}, "`length` must be a multiple of k=5.*length=901"),
            ({"spacing": 9}, r"`spacing` in \[10, length\].*spacing=9"),
        ],
    )
    def test_impossible(self, bad, message):
        with pytest.raises(ValueError, match=message):
            datasets.simulated_genome(10, **bad)


class TestBaskets:
    def exact(self):
        """Joint probabilities of two goods of a basket, summed over its aisle, occasion, brand."""
        joint = torch.zeros(48, 48, dtype=torch.float64)
        for aisle in range(6):
            for occasion in range(4):
                for brand in range(2):
                    goods = torch.zeros(6, 4, 2, dtype=torch.float64)
                    goods[aisle] += 0.5 / 4
                    goods[:, occasion] += 0.5 / 6
                    goods[:, :, brand] *= LOYALTY
                    goods[:, :, 1 - brand] *= 1 - LOYALTY
                    joint += torch.outer(goods.flatten(), goods.flatten()) / 48
        return joint

    def test_pairs_are_as_designed(self, baskets):
        """Counts of all 2304 kinds of pairs, by Pearson's chi-squared test on disjoint pairs."""
        tokens = baskets.corpus.tokens.reshape(-1, 6)[:, :2].long()
        rank = {name: n for n, name in enumerate(baskets.vocabulary.words)}
        products = " ".join(_AISLES.values()).split()
        names = [f"{brand}-{name}" for name in products for brand in ("organic", "budget")]
        order = torch.tensor([rank[name] for name in names])
        found = torch.zeros(48, 48)
        found.index_put_((tokens[:, 0], tokens[:, 1]), torch.ones(len(tokens)), accumulate=True)
        found = found[order][:, order].flatten().numpy()
        expected = (self.exact() * len(tokens)).flatten().numpy()
        assert scipy.stats.chisquare(found, expected * found.sum() / expected.sum()).pvalue > 1e-3

    def test_shares_of_pairs_are_as_designed(self, baskets):
        """Of the same aisle, of the same occasion, of the same brand: by all pairs of a basket."""
        index = {name: n for n, name in enumerate(" ".join(_AISLES.values()).split())}
        words = [name.split("-") for name in baskets.vocabulary.words]
        product = torch.tensor([index[name] for _, name in words])
        organic = torch.tensor([brand == "organic" for brand, _ in words])
        tokens = baskets.corpus.tokens.reshape(-1, 6).long()
        number = len(tokens)
        exact = self.exact().reshape(6, 4, 2, 6, 4, 2)
        for values, expected in (
            (product // 4, exact.sum(dim=(1, 2, 4, 5)).trace()),
            (product % 4, exact.sum(dim=(0, 2, 3, 5)).trace()),
            (organic, LOYALTY**2 + (1 - LOYALTY) ** 2),
        ):
            shared = values[tokens][:, :, None] == values[tokens][:, None]
            share = (shared.double().sum(dim=(1, 2)) - 6) / 30  # of a basket's pairs
            error = float(share.std()) / number**0.5
            assert float(share.mean()) == pytest.approx(float(expected), abs=4 * error)

    def test_few_baskets_have_no_analogies(self):
        few = datasets.market_baskets(1)
        assert few.analogies is None and len(few) == 6

    def test_aisles_and_brands_are_recovered(self, baskets):
        """5 modes tell 6 aisles apart, 3 four occasions, 1 two brands."""
        spectrum, embedding = embed(baskets, 12, window=6)
        gaps = spectrum.eigenvalues[:-1] / spectrum.eigenvalues[1:]
        assert int(gaps.argmax()) == 8
        first = w2v.Embedding(embedding.vectors[:, :9], embedding.vocabulary)
        assert w2v.nearest_label_accuracy(first, baskets.labels) == 1
        assert w2v.solve_analogies(first, baskets.analogies).accuracy == 1

    def test_without_loyalty_there_are_no_brands(self, baskets):
        plain = datasets.market_baskets(loyalty=0.5)
        spectrum, embedding = embed(plain, 9, window=6)
        gaps = spectrum.eigenvalues[:-1] / spectrum.eigenvalues[1:]
        assert int(gaps.argmax()) == 7
        pairs = w2v.family_pairs(plain.analogies, "organic to budget")
        assert w2v.spike_share(w2v.extract_task_vectors(embedding, pairs)) < 0.9
        pairs = w2v.family_pairs(baskets.analogies, "organic to budget")
        _, embedding = embed(baskets, 9, window=6)
        assert w2v.mean_share(w2v.extract_task_vectors(embedding, pairs)) > 0.97

    @pytest.mark.parametrize("bad", [{"items": 1}, {"loyalty": 0.4}, {"baskets": 0}])
    def test_impossible(self, bad):
        with pytest.raises(ValueError, match=r"`items` at least 2 and `loyalty` in \[0.5, 1\]"):
            datasets.market_baskets(**bad)


class TestGraph:
    def links(self, planted):
        """The graph, from the steps that were taken."""
        steps = planted.corpus.tokens.reshape(-1, 40).long()
        size = len(planted.vocabulary)
        A = torch.zeros(size, size, dtype=torch.bool)
        A[steps[:, :-1].flatten(), steps[:, 1:].flatten()] = True
        return A

    def test_graph_is_as_designed(self, walks):
        A, labels = self.links(walks), walks.labels
        assert torch.equal(A, A.T) and not A.diagonal().any()
        size = len(labels)
        assert A.sum() / size == pytest.approx(20, abs=4 * (2 * 20 / size) ** 0.5)
        outside = A & (labels[:, None] != labels)
        error = (0.25 * 0.75 / (10 * size)) ** 0.5
        assert float(outside.sum() / A.sum()) == pytest.approx(0.25, abs=4 * error)

    def test_steps_follow_links_evenly(self, walks):
        """P_ij of neighbors is 1 / (number of links): the chain starts anywhere and forgets it."""
        A = self.links(walks)
        counts = w2v.count_cooccurrences(walks.corpus, window=1)
        P = w2v.corpus_statistics(counts, dtype=torch.float64).joint
        found = P[A] * A.sum()
        assert float(found.mean()) == pytest.approx(1, abs=1e-6)
        visits = counts.total / 2 / int(A.sum() / 2)  # of a link
        assert float(found.var()) == pytest.approx(1 / visits, rel=0.2)

    def test_communities_are_recovered(self, walks):
        spectrum, embedding = embed(walks, 8, window=10)
        gaps = spectrum.eigenvalues[:-1] / spectrum.eigenvalues[1:]
        assert int(gaps.argmax()) == 2  # three modes for four communities
        first = w2v.Embedding(embedding.vectors[:, :3], embedding.vocabulary)
        assert w2v.nearest_label_accuracy(first, walks.labels) == 1

    def test_below_the_threshold_nothing_can_be_found(self):
        """With c (1 - mixing r) ^ 2 < 1, r = K / (K - 1), communities leave no trace."""
        degree, mixing, communities = 20, 0.7, 4
        strength = degree * (1 - mixing * communities / (communities - 1)) ** 2
        assert strength < 1 < 20 * (1 - 0.25 * 4 / 3) ** 2
        hidden = datasets.graph_walks(mixing=mixing)
        _, embedding = embed(hidden, 3, window=10)
        accuracy = w2v.nearest_label_accuracy(embedding, hidden.labels)
        error = (0.25 * 0.75 / len(hidden.labels)) ** 0.5
        assert accuracy == pytest.approx(chance(hidden.labels), abs=4 * error)

    def test_every_node_starts_equally_many_walks(self, walks):
        starts = walks.corpus.tokens.reshape(-1, 40)[:, 0]
        assert (torch.bincount(starts) == 10).all()

    def test_number_of_links(self):
        """Of small communities, where oneself counts: averaged over twenty graphs."""
        found = [
            float(self.links(datasets.graph_walks(24, degree=3, walks=30, seed=seed)).sum())
            for seed in range(20)
        ]
        mean, error = np.mean(found), np.std(found) / 20**0.5
        assert mean == pytest.approx(24 * 3, abs=4 * error)
        assert error < 24 * 3 / 5 / 4  # one partner more or less of five would be seen

    def test_nodes_without_links_are_left_out(self):
        thin = datasets.graph_walks(200, degree=1.5, mixing=0.5)
        assert len(thin.vocabulary) == len(thin.labels) < 200
        assert w2v.count_cooccurrences(thin.corpus).counts.sum(axis=1).min() > 0

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            ({"communities": 1}, r"`communities` in \[2, nodes / 2\].*10, 10, 1, 40"),
            ({"communities": 6}, r"`communities` in \[2, nodes / 2\]"),
            ({"length": 1}, "`length` at least 2"),
            ({"mixing": 1.1}, r"`mixing` must be in \[0, 1\].*mixing=1.1"),
            ({"degree": 30.0}, "small enough for the 10 nodes.*degree=30"),
            ({"degree": float("nan")}, "degree=nan"),
            ({"degree": 1e-9}, "the graph has no link; raise `degree`"),
        ],
    )
    def test_impossible(self, bad, message):
        with pytest.raises(ValueError, match=message):
            datasets.graph_walks(10, **{"communities": 2, **bad})


class TestAssets:
    @pytest.mark.parametrize("tails", [None, 5])
    def test_correlations_are_as_designed(self, tails):
        """m + s within a sector and m across, of 20,000 days; variances of one."""
        planted = datasets.asset_returns(20_000, assets=10, sectors=2, tails=tails)
        found = torch.cov(planted.returns.T)
        same = planted.labels[:, None] == planted.labels
        expected = torch.where(same, 0.4, 0.3).fill_diagonal_(1)
        # A covariance of n days has the error ((1 + r²) / n)^1/2, a variance up to 3 times that.
        assert float((found - expected).abs().max()) < 4 * 3 * (1.2 / 20_000) ** 0.5

    def test_tails_are_those_of_student(self):
        """Far days by SciPy's distribution: of single movements, scaled to variance one."""
        plain = datasets.asset_returns(50_000, assets=4, sectors=1, market=0, sector=0, tails=3)
        x = (plain.returns * 3**0.5).flatten().numpy()
        assert scipy.stats.kstest(x, scipy.stats.t(3).cdf).pvalue > 1e-3
        assert not scipy.stats.kstest(x / 3**0.5, scipy.stats.norm.cdf).pvalue > 1e-3

    def sectors_found(self, planted):
        """By the first modes of the correlations after that of the market."""
        R = torch.corrcoef(planted.returns.T)
        spectrum = w2v.top_eigenpairs(R, 5)
        words = w2v.Vocabulary(planted.names, None)
        vectors = spectrum.eigenvectors[:, 1:]
        return w2v.nearest_label_accuracy(w2v.Embedding(vectors, words), planted.labels)

    def test_sectors_are_recovered(self):
        assert self.sectors_found(datasets.asset_returns(1000)) == 1

    def test_without_sectors_there_is_nothing_to_recover(self):
        """Chance, and one eigenvalue above the edge of noise: the market."""
        planted = datasets.asset_returns(1000, sector=0)
        error = (0.2 * 0.8 / 100) ** 0.5
        assert abs(self.sectors_found(planted) - chance(planted.labels)) < 4 * error
        eigenvalues = torch.linalg.eigvalsh(torch.corrcoef(planted.returns.T))
        law = w2v.random_matrix.MarchenkoPastur(ratio=0.1, variance=1.0)
        assert int((eigenvalues > w2v.random_matrix.mp_edges(law)[1]).sum()) == 1

    def test_same_seed_same_returns(self):
        first, again, other = (datasets.asset_returns(50, tails=3, seed=n) for n in (3, 3, 4))
        assert torch.equal(first.returns, again.returns)
        assert not torch.equal(first.returns, other.returns)

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            ({"days": 0}, "`days` must be at least 1.*days=0"),
            ({"sectors": 101}, r"`sectors` in \[1, assets\].*sectors=101"),
            ({"tails": 2}, "`tails` at least 3 or None.*tails=2"),
            ({"market": 0.95}, "add up to at most 1; got market=0.95, sector=0.1"),
            ({"sector": -0.1}, "sector=-0.1"),
            ({"market": float("nan")}, "market=nan"),
        ],
    )
    def test_impossible(self, bad, message):
        with pytest.raises(ValueError, match=message):
            datasets.asset_returns(**bad)


@pytest.mark.parametrize("room", [2**25, 100])  # for all cosines, and for those of three words
def test_nearest_label_by_brute_force(monkeypatch, room):
    monkeypatch.setattr(similarity, "_COSINES", room)
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(40, 3, generator=generator, dtype=torch.float64)
    labels = torch.randint(-1, 3, (40,), generator=generator)
    words = w2v.Vocabulary(tuple(f"w{n}" for n in range(40)), torch.arange(40, 0, -1))
    found = w2v.nearest_label_accuracy(w2v.Embedding(vectors, words), labels)
    keep = [n for n in range(40) if labels[n] >= 0]
    hits = 0
    for i in keep:
        cosine = torch.nn.functional.cosine_similarity
        nearest = max(
            (j for j in keep if j != i), key=lambda j: float(cosine(vectors[i], vectors[j], dim=0))
        )
        hits += int(labels[i] == labels[nearest])
    assert found == pytest.approx(hits / len(keep))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1], "one entry for each of the 3 words; got 2"),
        ([-1, -1, 0], "at least two words must have a label; 1 have one"),
    ],
)
def test_labels_that_do_not_fit(labels, message):
    words = w2v.Vocabulary(("a", "b", "c"), torch.tensor([3, 2, 1]))
    with pytest.raises(ValueError, match=message):
        w2v.nearest_label_accuracy(w2v.Embedding(torch.eye(3), words), torch.tensor(labels))


class TestSymmetry:
    """Words on a ring, a line and a grid."""

    @staticmethod
    def distances(n, ring):
        steps = (torch.arange(n)[:, None] - torch.arange(n)).abs().double()
        return torch.minimum(steps, n - steps) if ring else steps

    @staticmethod
    def block(statistics):
        return w2v.qwem_target(statistics)[1:, 1:]

    def test_words_are_equally_frequent_and_their_target_decays(self):
        D = self.distances(9, ring=False)
        planted = datasets.symmetric_statistics(D, nearest=1.2, decay=0.7)
        shares = planted.unigram[1:]
        assert torch.allclose(shares, shares[:1].expand(9))
        assert torch.allclose(self.block(planted), 1.2 * 0.7**D)
        # Half of the pairs of the word in the middle have the filler.
        assert float(planted.joint[5, 0] / planted.unigram[5]) == pytest.approx(0.5)

    def test_ring_has_the_discrete_fourier_transform_of_a_row(self):
        block = self.block(datasets.symmetric_statistics(self.distances(12, ring=True)))
        fourier = torch.fft.fft(block[0]).real.sort().values
        assert torch.allclose(torch.linalg.eigvalsh(block), fourier)

    def test_line_has_a_tridiagonal_inverse(self):
        """As Kac, Murdock and Szego found for their matrix."""
        block = self.block(datasets.symmetric_statistics(self.distances(7, ring=False)))
        inverse = torch.linalg.inv(block)
        beyond = (torch.arange(7)[:, None] - torch.arange(7)).abs() > 1
        assert float(inverse[beyond].abs().max()) < 1e-12

    def test_sums_of_distances_make_products(self):
        line, ring = self.distances(4, ring=False), self.distances(5, ring=True)
        ones = [torch.ones_like(D) for D in (line, ring)]
        sums = torch.kron(line, ones[1]) + torch.kron(ones[0], ring)
        both = self.block(datasets.symmetric_statistics(sums, nearest=1.0, decay=0.5))
        assert torch.allclose(both, torch.kron(0.5**line, 0.5**ring))

    def test_counts_approach_the_statistics(self):
        planted = datasets.symmetric_statistics(self.distances(12, ring=True))
        blocks = [
            self.block(w2v.corpus_statistics(datasets.sample_pairs(planted, pairs)))
            for pairs in (10_000, 1_000_000)
        ]
        few, many = ((block - self.block(planted)).norm() for block in blocks)
        assert float(few / many) == pytest.approx(10, rel=0.35)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"nearest": 2}, "got 2 and 0.6"),
            ({"decay": 1.0}, "got 1.5 and 1.0"),
            ({"distances": torch.ones(2, 2).triu()}, "symmetric matrix"),
            ({"distances": -torch.ones(2, 2)}, "without negative entries"),
        ],
    )
    def test_refuses_impossible_statistics(self, change, message):
        arguments = {"distances": self.distances(3, ring=True)} | change
        with pytest.raises(ValueError, match=message):
            datasets.symmetric_statistics(**arguments)
