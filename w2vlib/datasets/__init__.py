"""Data that come with the package, are fetched once and checked, or are made by a known rule."""

from w2vlib.datasets.planted import (
    PlantedCorpus,
    PlantedReturns,
    asset_returns,
    graph_walks,
    market_baskets,
    simulated_genome,
)
from w2vlib.datasets.reference import Reference, load_reference
from w2vlib.datasets.shipped import (
    fetch_text8,
    load_analogies,
    load_enwiki,
    load_google_analogies,
)
from w2vlib.datasets.toy import (
    ToyLanguage,
    sample_pairs,
    sample_tokens,
    toy_language,
    toy_spectrum,
)

__all__ = [
    "PlantedCorpus",
    "PlantedReturns",
    "Reference",
    "ToyLanguage",
    "asset_returns",
    "fetch_text8",
    "graph_walks",
    "load_analogies",
    "load_enwiki",
    "load_google_analogies",
    "load_reference",
    "market_baskets",
    "sample_pairs",
    "sample_tokens",
    "simulated_genome",
    "toy_language",
    "toy_spectrum",
]
