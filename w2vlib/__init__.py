"""word2vec, solved: from co-occurrence counts to word vectors in closed form.

One line per arrow of the theory::

    cooccurrence = w2v.datasets.load_enwiki()
    statistics = w2v.corpus_statistics(cooccurrence)
    spectrum = w2v.top_eigenpairs(w2v.qwem_target(statistics), k=200)
    embedding = w2v.spectral_embedding(spectrum, cooccurrence.vocabulary)
"""

import importlib as _importlib
from types import ModuleType as _ModuleType

# In the order of the theory; each module's `__all__` says what is public.
from w2vlib.text.facts import *
from w2vlib.vocabulary import *
from w2vlib.corpus import *
from w2vlib.reading import *
from w2vlib.phrases import *
from w2vlib.cooccurrence import *
from w2vlib.spectrum import *
from w2vlib.stats import *
from w2vlib.losses import *
from w2vlib.targets import *
from w2vlib.weighted import *
from w2vlib.embedding import *
from w2vlib.vector_files import *
from w2vlib.solution import *
from w2vlib.flow import *
from w2vlib.training.results import *
from w2vlib.training.population import *
from w2vlib.training.gain import *
from w2vlib.training.sgns import *
from w2vlib.training.fasttext import *
from w2vlib.training.glove import *
from w2vlib.questions import *
from w2vlib.analogies import *
from w2vlib.similarity import *
from w2vlib.margins import *
from w2vlib.task_vectors import *

__version__ = "0.1.0"

__all__ = [
    name
    for name, value in globals().items()
    if not name.startswith("_") and not isinstance(value, _ModuleType)
]

# Modules that are called by their names load on first use: `import w2vlib` must not pay for
# matplotlib or pooch.
_BY_NAME = ("attention", "book", "datasets", "plotting", "random_matrix")


def __getattr__(name: str) -> _ModuleType:
    if name in _BY_NAME:
        return _importlib.import_module(f"w2vlib.{name}")
    raise AttributeError(f"module 'w2vlib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_BY_NAME, "__version__"])
