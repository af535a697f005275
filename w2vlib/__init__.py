"""word2vec, solved: from co-occurrence counts to word vectors in closed form.

One line per arrow of the theory::

    cooccurrence = w2v.datasets.load_enwiki()
    statistics = w2v.corpus_statistics(cooccurrence)
    spectrum = w2v.top_eigenpairs(w2v.qwem_target(statistics), k=200)
    embedding = w2v.spectral_embedding(spectrum, cooccurrence.vocabulary)
"""

import importlib
from types import ModuleType

from w2vlib.analogies import (
    AnalogyResult,
    AnalogySet,
    parse_analogies,
    questions_from_pairs,
    solve_analogies,
    standard_error,
)
from w2vlib.cooccurrence import (
    Cooccurrence,
    count_cooccurrences,
    load_cooccurrence,
    merge_cooccurrences,
    restrict_cooccurrence,
    save_cooccurrence,
    window_weights,
)
from w2vlib.corpus import (
    Corpus,
    Vocabulary,
    build_vocabulary,
    encode,
    keep_probability,
    merge_vocabularies,
    read_corpus,
    restrict_corpus,
    subsample,
    tokenize,
)
from w2vlib.embedding import (
    Embedding,
    align,
    load_embedding,
    mode_words,
    nearest_neighbors,
    principal_coordinates,
    save_embedding,
    spectral_embedding,
    to_keyed_vectors,
)
from w2vlib.flow import (
    FlowTrajectory,
    aligned_strengths,
    flow_embedding,
    gram_at,
    integrate_flow,
    learning_times,
    mode_strengths,
    modes_learned,
    untied_factors,
)
from w2vlib.losses import (
    PairLoss,
    contrastive_loss,
    glove_loss,
    infonce_loss,
    quartic_expansion,
    qwem_loss,
    sgns_loss,
    spectral_contrastive_loss,
)
from w2vlib.margins import (
    AnalogyMargins,
    analogy_margins,
)
from w2vlib.similarity import (
    SimilarityResult,
    SimilaritySet,
    evaluate_similarity,
    nearest_label_accuracy,
    parse_similarities,
)
from w2vlib.spectrum import (
    Spectrum,
    SymmetricOperator,
    factor_spectrum,
    mode_overlaps,
    residual_norms,
    subspace_overlap,
    top_eigenpairs,
)
from w2vlib.stats import (
    CorpusStatistics,
    Reweighting,
    corpus_statistics,
    pair_weights,
    plain_reweighting,
    rank_one_weights,
    uniform_reweighting,
    word2vec_reweighting,
)
from w2vlib.targets import (
    contrastive_target,
    contrastive_weights,
    infonce_target,
    pmi,
    ppmi,
    qwem_operator,
    qwem_target,
    shifted_ppmi,
    weighted_target,
)
from w2vlib.task_vectors import (
    TaskVectors,
    expected_strengths,
    extract_task_vectors,
    family_pairs,
    gram_spectrum,
    inverse_participation_ratio,
    mean_share,
    pairwise_cosines,
    shuffled_pairs,
    spike_share,
    spike_strength,
)
from w2vlib.training.fasttext import (
    FastTextConfig,
    FastTextResult,
    SubwordVectors,
    character_ngrams,
    ngram_incidence,
    subword_vector,
    train_fasttext,
)
from w2vlib.training.glove import (
    GloVeConfig,
    glove_target,
    train_glove,
)
from w2vlib.training.population import (
    PopulationConfig,
    train_population,
)
from w2vlib.training.results import (
    TrainingHistory,
    TrainingResult,
    words_plus_contexts,
)
from w2vlib.training.sgns import (
    SGNSConfig,
    train_sgns,
)
from w2vlib.weighted import (
    WeightedFactors,
    factorize_weighted,
    log_weight_spread,
    rank_one_share,
)

__version__ = "0.1.0"

__all__ = [
    "AnalogyMargins",
    "AnalogyResult",
    "AnalogySet",
    "Cooccurrence",
    "Corpus",
    "CorpusStatistics",
    "Embedding",
    "FastTextConfig",
    "FastTextResult",
    "FlowTrajectory",
    "GloVeConfig",
    "PairLoss",
    "PopulationConfig",
    "Reweighting",
    "SGNSConfig",
    "SimilarityResult",
    "SimilaritySet",
    "Spectrum",
    "SubwordVectors",
    "SymmetricOperator",
    "TaskVectors",
    "TrainingHistory",
    "TrainingResult",
    "Vocabulary",
    "WeightedFactors",
    "align",
    "aligned_strengths",
    "analogy_margins",
    "build_vocabulary",
    "character_ngrams",
    "contrastive_loss",
    "contrastive_target",
    "contrastive_weights",
    "corpus_statistics",
    "count_cooccurrences",
    "encode",
    "evaluate_similarity",
    "expected_strengths",
    "extract_task_vectors",
    "factor_spectrum",
    "factorize_weighted",
    "family_pairs",
    "flow_embedding",
    "glove_loss",
    "glove_target",
    "gram_at",
    "gram_spectrum",
    "infonce_loss",
    "infonce_target",
    "integrate_flow",
    "inverse_participation_ratio",
    "keep_probability",
    "learning_times",
    "load_cooccurrence",
    "load_embedding",
    "log_weight_spread",
    "mean_share",
    "merge_cooccurrences",
    "merge_vocabularies",
    "mode_overlaps",
    "mode_strengths",
    "mode_words",
    "modes_learned",
    "nearest_label_accuracy",
    "nearest_neighbors",
    "ngram_incidence",
    "pair_weights",
    "pairwise_cosines",
    "parse_analogies",
    "parse_similarities",
    "plain_reweighting",
    "pmi",
    "ppmi",
    "principal_coordinates",
    "quartic_expansion",
    "questions_from_pairs",
    "qwem_loss",
    "qwem_operator",
    "qwem_target",
    "rank_one_share",
    "rank_one_weights",
    "read_corpus",
    "residual_norms",
    "restrict_cooccurrence",
    "restrict_corpus",
    "save_cooccurrence",
    "save_embedding",
    "sgns_loss",
    "shifted_ppmi",
    "shuffled_pairs",
    "solve_analogies",
    "spectral_contrastive_loss",
    "spectral_embedding",
    "spike_share",
    "spike_strength",
    "standard_error",
    "subsample",
    "subspace_overlap",
    "subword_vector",
    "to_keyed_vectors",
    "tokenize",
    "top_eigenpairs",
    "train_fasttext",
    "train_glove",
    "train_population",
    "train_sgns",
    "uniform_reweighting",
    "untied_factors",
    "weighted_target",
    "window_weights",
    "word2vec_reweighting",
    "words_plus_contexts",
]

# Modules that are called by their names load on first use: `import w2vlib` must not pay for
# matplotlib or pooch.
_BY_NAME = ("attention", "book", "datasets", "plotting", "random_matrix")


def __getattr__(name: str) -> ModuleType:
    if name in _BY_NAME:
        return importlib.import_module(f"w2vlib.{name}")
    raise AttributeError(f"module 'w2vlib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_BY_NAME, "__version__"])
