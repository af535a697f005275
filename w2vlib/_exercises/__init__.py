"""The book's exercises, a module for each chapter.

An exercise has examples to try, the solution, and what common mistakes would give.
"""

from w2vlib._exercises import chapter01
from w2vlib._exercises.exercise import Exercise

__all__ = ["EXERCISES", "Exercise"]

EXERCISES: dict[str, Exercise] = {**chapter01.EXERCISES}
