"""Data that come with the package, are fetched once and checked, or are made by a known rule."""

from w2vlib.datasets.planted import (
    PlantedCorpus,
    PlantedReturns,
    asset_returns,
    graph_walks,
    market_baskets,
    simulated_genome,
    symmetric_statistics,
)
from w2vlib.datasets.reference import Reference, load_reference
from w2vlib.datasets.shipped import (
    Place,
    fetch_text8,
    load_analogies,
    load_enwiki,
    load_google_analogies,
    load_places,
    load_taxonomy,
)
from w2vlib.datasets.toy import (
    ToyLanguage,
    sample_pairs,
    sample_tokens,
    toy_language,
    toy_spectrum,
)

__all__ = [
    "Place",
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
    "load_places",
    "load_reference",
    "load_taxonomy",
    "market_baskets",
    "sample_pairs",
    "sample_tokens",
    "simulated_genome",
    "symmetric_statistics",
    "toy_language",
    "toy_spectrum",
]
