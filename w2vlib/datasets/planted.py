"""Data that are not text, made with a structure that an embedding ought to find."""

import math
from dataclasses import dataclass, replace
from itertools import product

import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor

from w2vlib.corpus import Corpus
from w2vlib.questions import AnalogySet, parse_analogies, questions_from_pairs
from w2vlib.stats import CorpusStatistics
from w2vlib.vocabulary import Vocabulary

__all__ = [
    "PlantedCorpus",
    "PlantedReturns",
    "asset_returns",
    "graph_walks",
    "market_baskets",
    "simulated_genome",
    "symmetric_statistics",
]

_AISLES = {  # products for breakfast, lunch, dinner, parties
    "bakery": "bagels rolls focaccia brownies",
    "dairy": "yogurt cheddar parmesan brie",
    "fruit": "oranges apples lemons grapes",
    "meat": "bacon ham steak salami",
    "drinks": "coffee lemonade wine cola",
    "pantry": "cereal soup spaghetti popcorn",
}


@dataclass(frozen=True, eq=False)
class PlantedCorpus:
    """Documents of "words", and the group that each word belongs to.

    Attributes:
        corpus: The documents, for :func:`w2vlib.count_cooccurrences`.
        labels: For every word, the number of its group; -1 if it belongs to none.
        groups: The names of the groups.
        analogies: Questions that the structure answers; None if it has none.
    """

    corpus: Corpus
    labels: Int64[Tensor, " vocab"]
    groups: tuple[str, ...]
    analogies: AnalogySet | None = None

    @property
    def vocabulary(self) -> Vocabulary:
        """The words."""
        return self.corpus.vocabulary

    def __len__(self) -> int:
        return len(self.corpus)

    def __repr__(self) -> str:
        return (
            f"PlantedCorpus({len(self):,} tokens of {len(self.labels):,} words, "
            f"{len(self.groups)} groups)"
        )


@dataclass(frozen=True, eq=False)
class PlantedReturns:
    """Daily returns of assets, and the sector that each asset belongs to.

    Attributes:
        returns: The return of each asset on each day.
        labels: For every asset, the number of its sector.
        groups: The names of the sectors.
        names: The names of the assets.
    """

    returns: Float64[Tensor, "days vocab"]
    labels: Int64[Tensor, " vocab"]
    groups: tuple[str, ...]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.returns)

    def __repr__(self) -> str:
        return (
            f"PlantedReturns({len(self):,} days of {len(self.labels):,} assets, "
            f"{len(self.groups)} sectors)"
        )


def simulated_genome(
    segments: int = 1000,
    *,
    length: int = 900,
    kinds: int = 4,
    motifs: int = 8,
    spacing: int = 30,
    k: int = 5,
    seed: int = 0,
) -> PlantedCorpus:
    """A genome whose segments are of several kinds, each with motifs of its own.

    All bases are equally frequent and independent, except for the motifs: sequences of k bases
    that segments of their kind hold, at a random place in each stretch of `spacing` bases. Only
    their nearness to each other tells which motifs belong together.

    The words are the k-mers: sequences of k bases. Each segment gives k documents, one for each
    *reading frame*, which cuts it into k-mers that do not overlap; overlapping ones would have
    neighbors by construction.

    Args:
        segments: The number of segments.
        length: The number of bases of a segment, a multiple of k.
        kinds: The number of kinds.
        motifs: The number of motifs of each kind.
        spacing: The number of bases of a stretch, at least 2 k.
        k: The length of a motif and of a word.
        seed: The seed of the random choices.

    Returns:
        The documents; the label of a motif is its kind, other k-mers have none.

    Raises:
        ValueError: The sizes are impossible.
    """
    if not 1 <= k <= 8 or min(segments, kinds, motifs) < 1 or kinds * motifs > 4**k // 4:
        raise ValueError(
            "`k` must be in [1, 8], `segments`, `kinds` and `motifs` at least 1, and at most a "
            "quarter of the 4^k words motifs; "
            f"got k={k}, segments={segments}, kinds={kinds}, motifs={motifs}"
        )
    if length % k or not 2 * k <= spacing <= length:
        raise ValueError(
            f"`length` must be a multiple of k={k} and `spacing` in [{2 * k}, length]; "
            f"got length={length}, spacing={spacing}"
        )

    generator = torch.Generator().manual_seed(seed)
    draw = torch.randperm(4**k, generator=generator)[: kinds * motifs]
    places = 4 ** torch.arange(k).flip(0)
    bases = torch.randint(4, (segments, length), generator=generator)
    kind = torch.randint(kinds, (segments,), generator=generator)

    # A motif in each stretch of `spacing` bases, anywhere within it.
    stretches = length // spacing
    motif = draw[
        kind[:, None] * motifs + torch.randint(motifs, (segments, stretches), generator=generator)
    ]
    start = torch.randint(spacing - k + 1, (segments, stretches), generator=generator)
    start = start + spacing * torch.arange(stretches)
    where = (start[:, :, None] + torch.arange(k)).reshape(segments, -1)
    bases.scatter_(1, where, (motif[:, :, None] // places % 4).reshape(segments, -1))

    # Nothing marks where a word begins: every segment is read in all k frames.
    frames = [
        (bases[:, shift : length - k + shift].reshape(segments, -1, k) * places).sum(dim=2)
        for shift in range(k)
    ]
    words = torch.stack(frames, dim=1).reshape(segments * k, -1)

    labels = torch.full((4**k,), -1)
    labels[draw] = torch.arange(kinds * motifs) // motifs
    names = tuple("".join(letters) for letters in product("ACGT", repeat=k))
    groups = tuple(f"kind {n + 1}" for n in range(kinds))
    return _planted(words.flatten(), _equal_lengths(*words.shape), names, labels, groups)


def market_baskets(
    baskets: int = 20_000, *, items: int = 6, loyalty: int | float = 0.8, seed: int = 0
) -> PlantedCorpus:
    r"""Shopping baskets, whose goods share an aisle, an occasion, or a brand.

    There are 24 products, one for each of six aisles and four occasions, and two versions of
    each: organic and budget. A basket has an aisle and an occasion. Each of its goods is, with
    equal probability, of its aisle and any occasion, or of its occasion and any aisle. The buyer
    prefers organic or budget, and takes the preferred version with probability q.

    The order within a basket means nothing: count all its pairs, with the window `items` and
    equal weights.

    Args:
        baskets: The number of baskets.
        items: The number of goods in each.
        loyalty: q, in [1/2, 1].
        seed: The seed of the random choices.

    Returns:
        The baskets as documents; the label of a good is its aisle. The analogies are "organic
        brie is to budget brie as organic ham is to which?"; None if fewer than two products
        were sold in both versions.

    Raises:
        ValueError: A size or the loyalty is out of range.

    >>> market_baskets(100).groups
    ('bakery', 'dairy', 'fruit', 'meat', 'drinks', 'pantry')
    """
    if baskets < 1 or items < 2 or not 0.5 <= loyalty <= 1:
        raise ValueError(
            "`baskets` must be at least 1, `items` at least 2 and `loyalty` in [0.5, 1]; "
            f"got {baskets}, {items}, {loyalty}"
        )

    products = [name for names in _AISLES.values() for name in names.split()]
    aisles, occasions = len(_AISLES), len(products) // len(_AISLES)
    generator = torch.Generator().manual_seed(seed)
    sizes, drawn = (aisles, occasions), (baskets, items)

    # Each item is of the basket's aisle or of its occasion, with equal probability.
    any_aisle, any_occasion = (torch.randint(n, drawn, generator=generator) for n in sizes)
    of_aisle = torch.rand(drawn, generator=generator) < 0.5
    own_aisle, own_occasion = (torch.randint(n, (baskets, 1), generator=generator) for n in sizes)
    aisle = torch.where(of_aisle, own_aisle, any_aisle)
    occasion = torch.where(of_aisle, any_occasion, own_occasion)

    # The basket prefers a brand; some items stray.
    prefers = torch.randint(2, (baskets, 1), generator=generator)
    strays = torch.rand(drawn, generator=generator) >= loyalty
    goods = 2 * (aisle * occasions + occasion) + (prefers ^ strays.long())

    names = tuple(f"{brand}-{name}" for name in products for brand in ("organic", "budget"))
    labels = torch.arange(len(names)) // (2 * occasions)
    lengths = _equal_lengths(baskets, items)
    planted = _planted(goods.flatten(), lengths, names, labels, tuple(_AISLES))

    pairs = [f"organic-{name} budget-{name}" for name in products]
    sold = [pair for pair in pairs if set(pair.split()) <= planted.vocabulary.index.keys()]
    if len(sold) < 2:  # few baskets
        return planted
    questions = questions_from_pairs([": organic to budget", *sold])
    return replace(planted, analogies=parse_analogies(questions, planted.vocabulary))


def graph_walks(
    nodes: int = 500,
    *,
    communities: int = 4,
    degree: int | float = 20,
    mixing: int | float = 0.25,
    walks: int = 10,
    length: int = 40,
    seed: int = 0,
) -> PlantedCorpus:
    r"""Random walks on a graph with communities, as DeepWalk and node2vec take them.

    In the graph (a *planted partition*) two nodes are linked with one probability if they belong
    to the same community, and with a lower one if not, such that a node has `degree` links on
    average and a share `mixing` of them leads outside. Every node starts several walks, each of
    whose steps follows a random link: node2vec with p = q = 1. The graph is drawn as a matrix of
    all pairs of nodes, which limits it to about 10,000.

    Args:
        nodes: The number of nodes.
        communities: The number of communities, of equal size up to one.
        degree: The number of links of a node, on average.
        mixing: The share of links between communities, in [0, 1].
        walks: The number of walks that start at each node.
        length: The number of nodes of a walk.
        seed: The seed of the random choices.

    Returns:
        The walks as documents; the label of a node is its community. Nodes without a link are
        left out.

    Raises:
        ValueError: The sizes are impossible, or no link was drawn.

    Reference:
        Perozzi et al. 2014 (DeepWalk); Grover, Leskovec 2016 (node2vec).
    """
    if min(nodes, walks) < 1 or not 2 <= communities <= nodes // 2 or length < 2:
        raise ValueError(
            "`nodes` and `walks` must be at least 1, `communities` in [2, nodes / 2] and `length` "
            f"at least 2; got {nodes}, {walks}, {communities}, {length}"
        )

    labels = torch.arange(nodes) * communities // nodes
    generator = torch.Generator().manual_seed(seed)
    links = _planted_partition(labels, degree, mixing, generator)
    linked = links.any(dim=1)
    if not bool(linked.any()):
        raise ValueError("the graph has no link; raise `degree`")
    links, labels = links[linked][:, linked], labels[linked]

    # The neighbors of all nodes in one list, and where those of each node begin.
    degrees = links.sum(dim=1)
    neighbors = torch.nonzero(links)[:, 1]
    first = degrees.cumsum(dim=0) - degrees

    steps = [torch.arange(len(labels)).repeat(walks)]
    for _ in range(length - 1):
        draw = torch.rand(len(steps[0]), generator=generator, dtype=torch.float64)
        here = steps[-1]
        steps.append(neighbors[first[here] + (draw * degrees[here]).long()])

    names = tuple(f"node-{n}" for n in torch.nonzero(linked).flatten().tolist())
    groups = tuple(f"community {n + 1}" for n in range(communities))
    tokens = torch.stack(steps, dim=1).flatten()
    return _planted(tokens, _equal_lengths(len(steps[0]), length), names, labels, groups)


def asset_returns(
    days: int = 500,
    *,
    assets: int = 100,
    sectors: int = 5,
    market: int | float = 0.3,
    sector: int | float = 0.1,
    tails: int | None = None,
    seed: int = 0,
) -> PlantedReturns:
    r"""Daily returns with a market that moves all assets and sectors that move some.

    .. math:: x_{ti} = \sqrt{m} \, f_t + \sqrt{s} \, f_{t, g(i)}
        + \sqrt{1 - m - s} \, \varepsilon_{ti} .

    All terms on the right are independent with mean 0 and variance 1, so that two assets have
    the correlation m + s within a sector and m across. The factors f are normal. The movements
    of single assets are normal as well, or have Student's distribution, whose tails are heavy:
    the correlations stay the same.

    Args:
        days: The number of days.
        assets: The number of assets.
        sectors: The number of sectors, of equal size up to one.
        market: m, the share of the variance that comes from the market.
        sector: s, the share that comes from the sector.
        tails: The degrees of freedom of Student's distribution, at least 3; None for the normal.
        seed: The seed of the random choices.

    Returns:
        The returns; the label of an asset is its sector.

    Raises:
        ValueError: A size, a share or the tails are out of range.

    Reference:
        Laloux et al. 1999; Plerou et al. 1999 (real markets have such modes).

    >>> asset_returns(10, assets=4, sectors=2)
    PlantedReturns(10 days of 4 assets, 2 sectors)
    """
    if days < 1 or not 1 <= sectors <= assets or (tails is not None and tails < 3):
        raise ValueError(
            "`days` must be at least 1, `sectors` in [1, assets] and `tails` at least 3 or None; "
            f"got days={days}, sectors={sectors}, assets={assets}, tails={tails}"
        )
    if not (market >= 0 and sector >= 0 and market + sector <= 1):
        raise ValueError(
            "`market` and `sector` must be shares that add up to at most 1; "
            f"got market={market}, sector={sector}"
        )

    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    labels = torch.arange(assets) * sectors // assets
    common = market**0.5 * normal(days, 1) + sector**0.5 * normal(days, sectors)[:, labels]
    own = normal(days, assets)
    if tails is not None:  # Student's t, scaled to variance 1
        own = own * ((tails - 2) / normal(tails, days, assets).square().sum(dim=0)).sqrt()

    names = tuple(f"asset-{n + 1}" for n in range(assets))
    groups = tuple(f"sector {n + 1}" for n in range(sectors))
    returns = common + max(0.0, 1 - market - sector) ** 0.5 * own
    return PlantedReturns(returns, labels, groups, names)


def symmetric_statistics(
    distances: Float[Tensor, "vocab vocab"],
    *,
    nearest: int | float = 1.5,
    decay: int | float = 0.6,
) -> CorpusStatistics:
    r"""The statistics of words that meet by their distance from each other, and of a filler word.

    The block of the target that belongs to the words is a function of the distance,

    .. math:: M^*_{ij} = m \, \nu^{\Delta_{ij}}, \qquad
        P_{ij} = P_i P_j \, \frac{2 + M^*_{ij}}{2 - M^*_{ij}} ,

    exactly, since all words are equally frequent, whatever the distances: a filler, word 0, is the
    other half of the neighbors of the word that has the most, and fills up those of the others.

    Args:
        distances: :math:`\Delta_{ij}`, symmetric, not negative.
        nearest: m, the target of words at distance 0, strictly between 0 and 2.
        decay: :math:`\nu`, strictly between 0 and 1.

    Returns:
        The exact probabilities, in float64; word 0 is the filler, and word n + 1 has row n.

    Raises:
        ValueError: A number is out of range, or `distances` no matrix of distances.

    Reference:
        Karkada, Korchinski, Nava, Wyart, Bahri 2026 (arXiv:2602.15029).

    >>> steps = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    >>> joint = symmetric_statistics(steps, nearest=1, decay=0.5).joint
    >>> [round(float(x), 4) for x in (joint / joint.sum(dim=0).outer(joint.sum(dim=0)))[1, 1:]]
    [3.0, 1.6667]
    """
    if not (0 < nearest < 2 and 0 < decay < 1):
        raise ValueError(
            "`nearest` must be between 0 and 2 and `decay` between 0 and 1, without these; "
            f"got {nearest} and {decay}"
        )
    D = distances.double()
    if D.shape[0] != D.shape[1] or not bool((D >= 0).all()) or not torch.equal(D, D.T):
        raise ValueError("`distances` must be a symmetric matrix without negative entries")

    target = nearest * decay**D
    ratio = (2 + target) / (2 - target)

    # As frequent as the word with the most neighbors allows, if half of these are the filler.
    share = 1 / (2 * ratio.sum(dim=1).max())
    words = share**2 * ratio
    filler = share - words.sum(dim=1)
    rest = 1 - share * len(D) - filler.sum()

    top = torch.cat([rest[None], filler])
    joint = torch.cat([top[None], torch.cat([filler[:, None], words], dim=1)])
    names = ("filler", *(f"word-{n}" for n in range(len(D))))
    return CorpusStatistics(joint, joint.sum(dim=1), Vocabulary(names, None))


def _planted_partition(
    labels: Int64[Tensor, " vocab"],
    degree: int | float,
    mixing: int | float,
    generator: torch.Generator,
) -> Bool[Tensor, "vocab vocab"]:
    """Which nodes are linked: symmetric, none to itself."""
    same = labels[:, None] == labels
    partners = float(same.double().sum(dim=1).mean()) - 1  # in the same community
    inside = degree * (1 - mixing) / partners
    outside = degree * mixing / (len(labels) - 1 - partners)

    if not 0 <= min(inside, outside) <= max(inside, outside) <= 1 or not math.isfinite(degree):
        raise ValueError(
            "`mixing` must be in [0, 1], and `degree` positive and small enough for the "
            f"{len(labels)} nodes; got mixing={mixing}, degree={degree}"
        )

    chance = torch.where(same, inside, outside)
    draw = torch.rand(chance.shape, generator=generator, dtype=torch.float64)
    upper = torch.triu(draw < chance, diagonal=1)
    return upper | upper.T


def _equal_lengths(documents: int, length: int) -> Int64[Tensor, " bounds"]:
    return torch.arange(documents + 1) * length


def _planted(
    words: Int64[Tensor, " tokens"],
    offsets: Int64[Tensor, " bounds"],
    names: tuple[str, ...],
    labels: Int64[Tensor, " vocab"],
    groups: tuple[str, ...],
) -> PlantedCorpus:
    """With words numbered by frequency, as in any corpus; those that never occur are left out."""
    counts = torch.bincount(words, minlength=len(names))
    order = counts.argsort(descending=True, stable=True)[: int((counts > 0).sum())]
    number = torch.empty(len(names), dtype=torch.int32)
    number[order] = torch.arange(len(order), dtype=torch.int32)
    vocabulary = Vocabulary(tuple(names[i] for i in order.tolist()), counts[order])
    return PlantedCorpus(Corpus(number[words], offsets, vocabulary), labels[order], groups)
