"""What several tests need: the folder of the project, functions without shape checks."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def unchecked(function):
    """The function without the check of shapes and types, which would refuse before it does."""
    return getattr(function, "__wrapped__", function)
