#!/usr/bin/env python3
"""How fast a text is read, and how much memory a long one takes.

    python benchmarks/reading.py ARTICLES.txt

The text has one document per line. The ways take turns on one machine, each in a process of its
own. Tables and their numbers go to `benchmarks/results/`.
"""

import argparse
import tempfile
from pathlib import Path

from harness import RESULTS, Bench, Row, machine, save
from report import reading_report


def main() -> None:
    """Read the text in every way, as many files, and several times as long."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="plain UTF-8 text, one document per line")
    parser.add_argument("--copies", type=int, default=14, help="of the long text (default 14)")
    parser.add_argument("--repeats", type=int, default=5, help="of the measurements (default 5)")
    parser.add_argument("--output", type=Path, default=RESULTS / "reading")
    options = parser.parse_args()
    source = str(options.corpus.resolve())
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as work:
        bench = Bench(Path(work), options.repeats)
        folder = split(options.corpus, Path(work) / "files")
        long = [
            {"copies": copies, "words": words}
            for words in (10_000, 100_000)
            for copies in (1, options.copies)
        ]
        results = {
            "machine": machine(),
            "command": f"python benchmarks/reading.py {options.corpus.name}",
            "megabytes": options.corpus.stat().st_size / 1e6,
            "files": len(list(folder.iterdir())),
            "ways": bench.alternate(ways(source, str(folder))),
            "long": [bench.once("count_long", source=source, **case) for case in long],
        }
    save(results, reading_report(results), options.output)


def ways(source: str, folder: str) -> dict[str, str | tuple[str, Row]]:
    """The ways to read one text."""
    cases: dict[str, str | tuple[str, Row]] = {}
    for normalizer in ("text8", "unicode"):
        python = {"source": source, "normalizer": normalizer}
        cases[f"{normalizer}: Python, a regular expression and a dictionary"] = (
            "read_python", python
        )  # fmt: skip
        for threads in (1, 2):
            ours = {**python, "threads": threads}
            cases[f"{normalizer}: ours, {threads} core{'s' * (threads > 1)}"] = ("read_ours", ours)
    many = {"source": folder, "normalizer": "text8"}
    cases["text8: ours, 2 cores, each document a file"] = ("read_ours", many)
    return cases


def split(corpus: Path, folder: Path) -> Path:
    """Write each document into a file of its own."""
    folder.mkdir()
    with corpus.open("rb") as file:
        for number, line in enumerate(file):
            (folder / f"{number:06}.txt").write_bytes(line)
    return folder


if __name__ == "__main__":
    main()
