"""The book's exercises, a module for each chapter: all modules here that begin with "chapter".

An exercise has examples to try, the solution, and what common mistakes would give.
"""

import importlib
import pkgutil

from w2vlib.book.exercises.exercise import Exercise

__all__ = ["EXERCISES", "Exercise"]

EXERCISES: dict[str, Exercise] = {}
for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    if _module.startswith("chapter"):
        EXERCISES |= importlib.import_module(f"{__name__}.{_module}").EXERCISES
