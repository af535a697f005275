"""What the benchmarks share: cases in processes of their own, the machine, files of results."""

import json
import os
import platform
import re
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from report import PACKAGES

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
Row = dict


class Bench:
    """Runs cases, each in a process of its own."""

    def __init__(self, work: Path, repeats: int) -> None:
        self.work, self.repeats = work, repeats

    def once(self, case: str, **arguments: object) -> Row:
        """Run a case and return what it printed."""
        print(f"{case} {arguments or ''}", file=sys.stderr, flush=True)
        command = [sys.executable, str(HERE / "cases.py"), case, str(self.work)]
        done = subprocess.run(
            [*command, json.dumps(arguments)], stdout=subprocess.PIPE, text=True, check=True
        )
        return json.loads(done.stdout.splitlines()[-1])

    def alternate(self, cases: dict[str, str | tuple[str, Row]]) -> dict[str, Row]:
        """Run the cases in turn, several times; keep the median, and all seconds."""
        rows: dict[str, list[Row]] = {name: [] for name in cases}
        for _ in range(self.repeats):
            for name, case in cases.items():
                function, arguments = (case, {}) if isinstance(case, str) else case
                rows[name].append(self.once(function, **arguments))
        return {name: self.middle(runs) for name, runs in rows.items()}

    @staticmethod
    def middle(runs: list[Row]) -> Row:
        """The run of median time."""
        seconds = [run["seconds"] for run in runs]
        row = min(runs, key=lambda run: abs(run["seconds"] - statistics.median(seconds)))
        return {**row, "all_seconds": seconds}


def machine() -> Row:
    """The machine and the software that made the numbers."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor(),
        "cores": cores,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES if find_spec(name)},
    }


def device_name(device: str) -> str:
    """The name of the accelerator; the processor is named with the machine."""
    if not device.startswith("cuda"):
        return "cpu"
    import torch

    return torch.cuda.get_device_name(device)


def processor() -> str:
    """The name of the processor, where the system tells."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def save(results: Row, report: str, path: Path) -> None:
    """Write the numbers (.json) and the tables (.md), and show the tables."""
    numbers = json.dumps(results, indent=1)
    # Lists of numbers are read in one line.
    numbers = re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), numbers)
    write(path.with_suffix(".json"), numbers + "\n")
    write(path.with_suffix(".md"), report)
    print(report)


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)
