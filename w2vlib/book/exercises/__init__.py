"""The book's exercises, a module for each chapter.

An exercise has examples to try, the solution, and what common mistakes would give.
"""

from w2vlib.book.exercises import (
    chapter01,
    chapter02,
    chapter03,
    chapter04,
    chapter05,
    chapter06,
    chapter07,
    chapter08,
    chapter09,
    chapter10,
)
from w2vlib.book.exercises.exercise import Exercise

__all__ = ["EXERCISES", "Exercise"]

EXERCISES: dict[str, Exercise] = {
    **chapter01.EXERCISES,
    **chapter02.EXERCISES,
    **chapter03.EXERCISES,
    **chapter04.EXERCISES,
    **chapter05.EXERCISES,
    **chapter06.EXERCISES,
    **chapter07.EXERCISES,
    **chapter08.EXERCISES,
    **chapter09.EXERCISES,
    **chapter10.EXERCISES,
}
