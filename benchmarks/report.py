"""The results in Markdown."""

PACKAGES = ["w2vlib", "torch", "numpy", "scipy", "numba", "pyarrow", "gensim"]
Row = dict

TEMPLATE = """\
# Benchmarks

`{command}`, {date}, on {processor}, {cores} cores, {system}, Python {python}; {packages}.

The text: {megabytes:.0f} MB, {documents:,} documents, {tokens:,} tokens of the {words:,} most
frequent words. The window of 16 holds {pairs:,} pairs of positions. Reading the file and
numbering its words took {seconds:.1f} s. All runs took turns on one machine: trust the ratios more
than the seconds.

## Counting

{counting}

GloVe's program has other weights (harmonic); it also reads the text and writes its counts.

## Eigenvectors

The top modes of the target matrix of {words:,} words, in float32. The residual is that of the
worst mode, as a share of the largest eigenvalue, measured in float64. The ratio is to the
fastest of our runs whose residual is as small or smaller.

{solver}

## Analogies

Google's questions, on the same vectors.

{analogies}

## A text file to word vectors

200 dimensions. `w2v embed` starts from the raw text, the start of Python included; gensim from the
normalized text (skip-gram, 5 negatives, window 16, subsampling 1e-4). The standard error is that
of drawing other word pairs.

{embedding}

## Growth

Seconds at several sizes, and the exponent of a power law fitted to them.

{growth}
"""

TRAINING = """\
# Training

`{command}`, {date}, on {processor}, {cores} cores, {system}{device}, Python {python}; {packages}.

How good word vectors of 200 dimensions are after some time, for the {words:,} most frequent
words. All ways took turns on one machine. The clock runs from the text on disk (gensim's from
normalized text, which spares it that work), and stands still while vectors are scored. The last
column but one says when a way first did as well on Google's analogies as gensim at its end.

The closed form is that of `w2v embed`; its first row is the start, the last row what
`w2v embed --refine 20` writes. `train_sgns` and gensim train skip-gram with 5 negatives, window
16 and subsampling 1e-4; the others have 1 negative and no subsampling.

![Accuracy against time](training.png)
{tables}"""


def report(results: Row) -> str:
    """The tables of one run.

    Args:
        results: What `run.py` measured.
    """
    made, text = results["machine"], results["reading"]
    return TEMPLATE.format(
        command=results["command"],
        packages=", ".join(f"{name} {made[name]}" for name in PACKAGES),
        counting=counting_table(results["counting"], text["pairs"]),
        solver=solver_table(results["solver"]),
        analogies=analogies_table(results["analogies"]),
        embedding=embedding_table(results["embedding"]),
        growth=growth_table(results["growth"]),
        **{key: made[key] for key in ("date", "processor", "cores", "system", "python")},
        **{key: value for key, value in text.items() if key != "peak_mib"},
    )


def training_report(results: Row) -> str:
    """The tables of training, one for each text.

    Args:
        results: What `training.py` measured.
    """
    made, device = results["machine"], results["device"]
    tables = [
        f"\n## {name.capitalize()}\n\n"
        f"{text['documents']:,} documents, {text['tokens']:,} tokens.\n\n"
        f"{training_table(text['ways'])}\n"
        for name, text in results["texts"].items()
    ]
    return TRAINING.format(
        command=results["command"],
        packages=", ".join(f"{name} {made[name]}" for name in PACKAGES),
        device="" if device == "cpu" else f", {device}",
        words=results["words"],
        tables="".join(tables),
        **{key: made[key] for key in ("date", "processor", "cores", "system", "python")},
    )


def training_table(ways: dict[str, Row]) -> str:
    """The first, second and last vectors of each way that are not random."""
    gensim = next(row for name, row in ways.items() if name.startswith("gensim"))
    goal = gensim["points"][-1]["google"]
    longest = time_to(gensim, goal)
    header = ["", "seconds", "Google analogies", "our analogies", "WordSim-353"]
    header += ["reaches gensim", "times as fast", "tokens/s", "peak MiB"]
    lines = []
    for name, row in ways.items():
        points = [point for point in row["points"] if point["google"] > 0]
        reached = time_to(row, goal)
        speed = f"{row['tokens_per_second']:,.0f}" if "tokens_per_second" in row else ""
        for number, point in enumerate(points):
            last = number == len(points) - 1
            lines.append(
                [
                    name if number == 0 else "",
                    f"{point['seconds']:.1f}",
                    f"{point['google']:.1%}",
                    f"{point['own']:.1%}",
                    f"{point['wordsim']:.3f}",
                    ("never" if reached is None else f"{reached:.1f} s") if last else "",
                    f"{longest / reached:.1f}" if last and reached else "",
                    speed if last else "",
                    f"{row['peak_mib']:.0f}" if last else "",
                ]
            )
    return table(header, lines)


def time_to(row: Row, goal: float) -> float | None:
    """When Google's analogies were first answered as well as this."""
    return next((point["seconds"] for point in row["points"] if point["google"] >= goal), None)


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def counting_table(rows: dict[str, Row], pairs: int) -> str:
    slowest = max(row["seconds"] for row in rows.values())
    return table(
        ["", "seconds", "million pairs/s", "times as fast as the slowest", "peak MiB"],
        [
            [
                name,
                f"{row['seconds']:.2f}",
                f"{pairs / row['seconds'] / 1e6:.0f}",
                f"{slowest / row['seconds']:.1f}",
                f"{row['peak_mib']:.0f}",
            ]
            for name, row in rows.items()
        ],
    )


def solver_table(rows: dict[str, Row]) -> str:
    ours = [row for name, row in rows.items() if name.startswith("ours")]

    def ratio(peer: Row) -> str:
        as_good = [row["seconds"] for row in ours if row["residual"] <= peer["residual"]]
        return f"{peer['seconds'] / min(as_good):.1f}" if peer not in ours and as_good else ""

    return table(
        ["", "seconds", "relative residual", "time / ours", "peak MiB"],
        [
            [
                name,
                f"{row['seconds']:.2f}",
                f"{row['residual']:.1e}",
                ratio(row),
                f"{row['peak_mib']:.0f}",
            ]
            for name, row in rows.items()
        ],
    )


def analogies_table(rows: dict[str, Row]) -> str:
    slowest = max(row["seconds"] for row in rows.values())
    return table(
        ["", "seconds", "correct", "questions", "times as fast as the slowest"],
        [
            [
                name,
                f"{row['seconds']:.3f}",
                f"{row['correct']:,}",
                f"{row['questions']:,}",
                f"{slowest / row['seconds']:.1f}",
            ]
            for name, row in rows.items()
        ],
    )


def embedding_table(rows: dict[str, Row]) -> str:
    first = next(iter(rows.values()))["seconds"]
    return table(
        [
            "",
            "seconds",
            "time / ours",
            "Google analogies",
            "standard error",
            "our analogies",
            "WordSim-353",
            "peak MiB",
        ],
        [
            [
                name,
                f"{row['seconds']:.1f}",
                f"{row['seconds'] / first:.1f}",
                f"{row['google']:.1%}",
                f"{row['google_error']:.1%}",
                f"{row['own']:.1%}",
                f"{row['wordsim']:.3f}",
                f"{row['peak_mib']:.0f}",
            ]
            for name, row in rows.items()
        ],
    )


def growth_table(rows: dict[str, Row]) -> str:
    return table(
        ["", "sizes", "seconds", "exponent"],
        [
            [
                name,
                ", ".join(f"{size:,}" for size in row["sizes"]),
                ", ".join(f"{seconds:.2f}" for seconds in row["seconds"]),
                f"{row['exponent']:.2f}",
            ]
            for name, row in rows.items()
        ],
    )
