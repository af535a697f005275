"""The book's exercises, a module for each chapter: all modules here that begin with "chapter".

A module for each kind of answer says what such an exercise is, and judges answers to it:
`choice`, `function` and `number`.
"""

import importlib
import pkgutil

from w2vlib.book.exercises.choice import ChoiceExercise
from w2vlib.book.exercises.function import FunctionExercise
from w2vlib.book.exercises.number import NumberExercise, PredictionExercise

__all__ = ["EXERCISES", "Exercise"]

Exercise = ChoiceExercise | FunctionExercise | NumberExercise | PredictionExercise

EXERCISES: dict[str, Exercise] = {}
for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    if _module.startswith("chapter"):
        EXERCISES |= importlib.import_module(f"{__name__}.{_module}").EXERCISES
