"""The cores shared among the processes of the tests; what was not tested, said at the end."""

import os
from collections import Counter

import pytest

# Before NumPy and PyTorch are imported: processes that all use all cores mostly wait for each
# other. What a test or a notebook starts inherits it.
if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):
    cores = max(1, (os.cpu_count() or 1) // int(workers))
    os.environ.setdefault("OMP_NUM_THREADS", str(cores))


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    """Say how many tests were skipped, a line for each reason."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"{number} skipped: {reason}")
