#!/usr/bin/env python3
"""What a GPU gains: each step from a text to vectors, on the cores and on the GPU.

    python benchmarks/gpu.py ARTICLES.txt [--device cuda]

The text has one document per line. Cores and GPU take turns on one machine, each run in a process
of its own. A table and its numbers go to `benchmarks/results/`; it takes a few minutes.
"""

import argparse
import tempfile
from pathlib import Path

from harness import RESULTS, Bench, Row, device_name, machine, save
from report import PACKAGES, run_line, table

REPORT = """\
# On a GPU

{run}

{tokens:,} tokens of the {words:,} most frequent words; 200 dimensions. *First* is the first call
in a process, with what starts only once (libraries, compiled code); *again* is the median of the
next {again}. The last column is the ratio of the second numbers.

{parts}

The command as a user types it, from the raw text to a file of vectors, start of Python included;
median of {repeats}:

{commands}
"""


def main() -> None:
    """Measure on both devices, in turns."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="plain UTF-8 text, one document per line")
    parser.add_argument("--vocab", type=int, default=10_000, help="words (default 10,000)")
    parser.add_argument("--device", default="cuda", help="beside the cores (default cuda)")
    parser.add_argument("--repeats", type=int, default=3, help="of each process (default 3)")
    parser.add_argument("--output", type=Path, default=RESULTS / "gpu")
    options = parser.parse_args()
    corpus, words = str(options.corpus.resolve()), options.vocab
    devices = ["cpu", options.device]
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as work:
        bench = Bench(Path(work), options.repeats)
        reading = bench.once("prepare", corpus=corpus, vocabulary=words)
        commands = {
            f"w2v embed --device {device}{' --refine 20' * (steps > 0)}": (
                "embed_ours",
                {"corpus": corpus, "vocabulary": words, "device": device, "steps": steps},
            )
            for steps in (0, 20)
            for device in devices
        }
        results = {
            "machine": machine(),
            "command": f"python benchmarks/gpu.py {options.corpus.name}",
            "device": device_name(options.device),
            "repeats": options.repeats,
            "tokens": reading["tokens"],
            "words": words,
            "parts": [bench.once("parts", device=device) for device in devices],
            "commands": bench.alternate(commands),
        }
    save(results, gpu_report(results), options.output)


def gpu_report(results: Row) -> str:
    """The tables.

    Args:
        results: What this program measured.
    """
    cores, gpu = (run["steps"] for run in results["parts"])
    parts = []
    for name in cores:
        pair = (cores[name], gpu[name])
        seconds = [f"{row[when]:.3f}" for row in pair for when in ("first", "again")]
        parts.append([name, *seconds, f"{pair[0]['again'] / pair[1]['again']:.1f}"])
    header = ["seconds", "cores, first", "again", "GPU, first", "again", "times as fast"]
    commands = [
        [f"`{name}`", f"{row['seconds']:.1f}", f"{row['google']:.1%}"]
        for name, row in results["commands"].items()
    ]
    return REPORT.format(
        run=run_line(results, [name for name in PACKAGES if name in results["machine"]]),
        parts=table(header, parts),
        commands=table(["", "seconds", "Google analogies"], commands),
        again=results["parts"][0]["again"],
        **{name: results[name] for name in ("tokens", "words", "repeats")},
    )


if __name__ == "__main__":
    main()
