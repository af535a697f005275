"""Numbers that are in memory while they are few, and else in a file."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import IO

import numpy as np

from w2vlib._devices import available_cores

__all__ = ["Spool"]

_IN_MEMORY = 2**27  # numbers of four bytes


class Spool:
    """Runs of numbers, one after the other.

    Attributes:
        lengths: How many numbers each run has.
    """

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self._runs: list[np.ndarray] = []
        self._total = 0
        self._file: IO[bytes] | None = None

    def append(self, run: np.ndarray) -> None:
        """Add a run of int32.

        Raises:
            OSError: There is no room on the disk.
        """
        self.lengths.append(len(run))
        self._runs.append(run)
        self._total += len(run)
        if self._file is None and self._total > _IN_MEMORY:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as its numbers
        if self._file is None:
            return
        try:
            for each in self._runs:
                self._file.write(each.data)
        except OSError as error:
            raise OSError(
                f"the numbers of the words need more room in the folder for temporary files, "
                f"{tempfile.gettempdir()} ({error}): set the environment variable TMPDIR to a "
                "folder with more room"
            ) from error
        self._runs = []

    def shortened(self, shorten: Callable[[int, np.ndarray], int]) -> tuple[np.ndarray, list[int]]:
        """Keep the first numbers of each run, and let go of the rest.

        Args:
            shorten: Changes the run with this number in place, and says how many numbers of it
                are left.

        Returns:
            What is left, together; and how many numbers there are of each run. If the numbers
            are many, they stay on the disk, and are read when they are needed.
        """
        if self._file is not None:
            return self._shortened_file(shorten)
        runs = self._runs
        few = max(1, len(runs) // (8 * available_cores()))  # that a thread takes at a time
        parts = [range(first, min(first + few, len(runs))) for first in range(0, len(runs), few)]
        with ThreadPoolExecutor(available_cores()) as pool:
            shorter = pool.map(lambda part: [shorten(n, runs[n]) for n in part], parts)
            kept = list(chain.from_iterable(shorter))
            places = np.cumsum([0, *kept])
            together = np.empty(places[-1], np.int32)

            def fill(part: range) -> None:
                for n in part:
                    together[places[n] : places[n + 1]] = runs[n][: kept[n]]
                    runs[n] = runs[n][:0]

            list(pool.map(fill, parts))
        return together, kept

    def _shortened_file(
        self, shorten: Callable[[int, np.ndarray], int]
    ) -> tuple[np.ndarray, list[int]]:
        """What is left moves to the front of the file."""
        assert self._file is not None
        self._file.flush()
        numbers = np.memmap(self._file, np.int32, "r+")
        kept, place, free = [], 0, 0
        for n, length in enumerate(self.lengths):
            run = np.array(numbers[place : place + length])
            kept.append(shorten(n, run))
            numbers[free : free + kept[-1]] = run[: kept[-1]]
            place, free = place + length, free + kept[-1]
        return numbers[:free], kept
