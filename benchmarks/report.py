"""The results in Markdown."""

import statistics
from collections.abc import Callable, Iterable

PACKAGES = ["w2vlib", "torch", "numpy", "scipy", "numba", "pyarrow", "gensim"]
Row = dict
Columns = dict[str, str | Callable[[Row], str]]

TEMPLATE = """\
# Benchmarks

{run}

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

READING = """\
# Reading

{run}

From the bytes of {megabytes:.0f} MB of text to the numbers of its words, with the 10,000 most
frequent of them as the vocabulary. All ways took turns on one machine, each in a process of its
own; the times are medians. Kernels are compiled before the clock runs.

{ways}

The documents of the last row are {files:,} files.

## Long texts

The same text several times as long, its pieces of 200 words in other orders each time: read,
counted within a window of 16, and saved. Memory is what the process has of its own; the numbers
of the words of a long text are on the disk. Each pair of words that occurs takes 12 bytes.

{long}
"""

TRAINING = """\
# Training

{run}

How good word vectors of 200 dimensions are after some time, for the {words:,} most frequent
words. All ways took turns on one machine. The clock runs from the text on disk (gensim's from
normalized text, which spares it that work), and stands still while vectors are scored. The last
column but one says when a way first did as well on Google's analogies as gensim at its end.

The closed form is that of `w2v embed`; its first row is the start, the last row what
`w2v embed --refine 20` writes. `train_sgns` and gensim train skip-gram with 5 negatives, window
16 and subsampling 1e-4; the others have 1 negative and no subsampling.

![Accuracy against time](training.png)
{tables}"""

THEORY = """\
# How far the closed forms hold

{run}

All on the counts that come with the library, for their most frequent words.

![Dynamics and mixing of modes](theory.png)

## Dynamics

{dynamics_words:,} words, the top {dynamics_modes} modes of M*. From a start that is aligned with
them (each of strength {start:g} squared), singular values are followed until all are learned. The
error is the largest over modes and times, each relative to the singular value at that time.

{dynamics}

Gradient descent takes steps; its error falls with their length.

Random starts are not aligned. Their columns have about the length `scale`. The error is the
largest over modes and times, as a share of the mode's final singular value: its median and range
over {seeds} starts. The closed form takes for the strengths of the modes at the start what each
mode has that stronger ones leave (`aligned_strengths`), or, naively, the singular values of the
start.

{small_starts}

## The weights of pairs

What word2vec's hyperparameters make of the weights G of pairs: their spread (the standard
deviation of the logarithm to base 10, for {weights_words:,} words), and the share of a matrix of
rank one. The defaults of word2vec's program are exponent 0.75, 5 negatives, 0.001.

{weights}

Subsampling and the exponent bring the weights nearer to each other, but not near to equal: those
of frequent and of rare words remain orders of magnitude apart. What they are near to is rank one,
which Proposition 2 solves as well.

## Four combinations of loss and weights

{ablation_words:,} words, {ablation_dim} dimensions, from a small random start; the share of
{ablation_questions:,} of our analogies after 400 steps of plain gradient descent (of half the
length at which it becomes unstable), and during 1,000 steps of Adam, at the end and at the best
time. *Overlap* is that of the space of the vectors, then, with the one of the closed form; *modes*
is the number of the closed form's modes among which each of the top 20 singular vectors is spread:
for uniform weights (Theorem 1) and for word2vec's weights of rank one (Proposition 2).

{ablation}

The weights decide whether gradient descent learns one mode after the other: under word2vec's,
frequent words are learned at a step that leaves rare words where they were. The loss decides what
happens later: under uniform weights word2vec's own drives the scores of pairs that never occur
toward minus infinity, where its approximation no longer holds.

## From the closed form to word2vec

{negatives_words:,} words, {negatives_dim} dimensions: steps on word2vec's own loss from the closed
form of Proposition 2, with one and with five negatives for each positive pair. Our analogies after
some steps, and the mean length of the vectors at the start and at the end. With five negatives
most scores should be near -log 5. Without biases no matrix of inner products of vectors with
themselves can be that: the vectors shrink, and the accuracy with them.

{negatives}

## Weighted least squares

Alternating least squares for {mixing_words:,} words and {mixing_dim} dimensions, 100 sweeps from
{mixing_seeds} random starts. The target is M*, the weights are as named; word2vec's are those
without subsampling and exponent, the random ones are log-normal. *Modes* counts as above: those of
M*, and those of the target scaled by the best weights of rank one.

{mixing}

word2vec's weights mix the modes of M*, but hardly those of the scaled target. That the general
problem is hard shows where the weights have no structure: there the sweeps converge slowly, and
what they reach depends on the start.

## GloVe

With constant weight GloVe has a closed form, too. Its top {glove_modes} modes and those of M*
share {glove_overlap:.1%} of their space ({glove_words:,} words). Our analogies, 100 dimensions:

{glove}

## Subwords

{subword_words:,} words, {subword_dim} dimensions, the quartic loss: a vector for each word, or the
sum of those of the word and its n-grams ({subword_columns:,} columns). Our analogies by category,
each at its best time.

{subwords}
"""


def run_line(results: Row, packages: list[str] = PACKAGES) -> str:
    """What was run, when, where and with what.

    Args:
        results: The results, with the machine as `harness.machine` describes it.
        packages: The packages whose versions matter.
    """
    made, device = results["machine"], results.get("device", "cpu")
    system = made["system"] + ("" if device == "cpu" else f", {device}")
    versions = ", ".join(f"{name} {made[name]}" for name in packages)
    return (
        f"`{results['command']}`, {made['date']}, on {made['processor']}, {made['cores']} cores, "
        f"{system}, Python {made['python']}; {versions}."
    )


def report(results: Row) -> str:
    """The tables of one run.

    Args:
        results: What `run.py` measured.
    """
    text = results["reading"]
    return TEMPLATE.format(
        run=run_line(results),
        counting=counting_table(results["counting"], text["pairs"]),
        solver=solver_table(results["solver"]),
        analogies=analogies_table(results["analogies"]),
        embedding=embedding_table(results["embedding"]),
        growth=growth_table(results["growth"]),
        **{key: value for key, value in text.items() if key != "peak_mib"},
    )


def reading_report(results: Row) -> str:
    """The tables of reading.

    Args:
        results: What `reading.py` measured.
    """
    rows = results["ways"]

    def ratio(name: str) -> str:
        normalizer = name.partition(":")[0]
        peer = next(row for key, row in rows.items() if key.startswith(f"{normalizer}: Python"))
        return f"{peer['seconds'] / rows[name]['seconds']:.0f}"

    lines = [
        [
            name,
            f"{row['seconds']:.2f}",
            f"{results['megabytes'] / row['seconds']:.0f}",
            f"{row['words'] / row['seconds'] / 1e6:.1f}",
            ratio(name),
        ]
        for name, row in rows.items()
    ]
    header = ["", "seconds", "MB/s", "million words/s", "times as fast as Python"]
    columns: Columns = {
        "million words": lambda row: f"{row['words_read'] / 1e6:.0f}",
        "MB of text": "{megabytes:,.0f}",
        "vocabulary": "{vocabulary:,}",
        "million pairs that occur": lambda row: f"{row['nonzeros'] / 1e6:.0f}",
        "seconds": "{seconds:.0f}",
        "memory, MiB": "{memory_mib:,.0f}",
    }
    return READING.format(
        run=run_line(results),
        megabytes=results["megabytes"],
        files=results["files"],
        ways=table(header, lines),
        long=listed_rows(results["long"], columns),
    )


def training_report(results: Row) -> str:
    """The tables of training, one for each text.

    Args:
        results: What `training.py` measured.
    """
    tables = [
        f"\n## {name.capitalize()}\n\n"
        f"{text['documents']:,} documents, {text['tokens']:,} tokens.\n\n"
        f"{training_table(text['ways'])}\n"
        for name, text in results["texts"].items()
    ]
    return TRAINING.format(
        run=run_line(results),
        words=results["words"],
        tables="".join(tables),
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


def theory_report(results: Row) -> str:
    """The tables of the theory's checks.

    Args:
        results: What `theory.py` measured.
    """
    dynamics, starts = results["dynamics"], results["small_starts"]
    ablation, mixing = results["ablation"], results["mixing"]
    negatives, glove, subwords = (
        results[name] for name in ("negatives", "other_losses", "subwords")
    )
    return THEORY.format(
        run=run_line(results, PACKAGES[:4]),
        dynamics_words=dynamics["words"],
        dynamics_modes=dynamics["modes"],
        start=dynamics["start"],
        dynamics=table(
            ["", "largest relative error"],
            [[name, f"{error:.1e}"] for name, error in dynamics["errors"].items()],
        ),
        seeds=len(next(iter(starts["errors"].values()))[0]),
        small_starts=starts_table(starts),
        weights_words=results["weights"]["words"],
        weights=weights_table(results["weights"]["rows"]),
        ablation_words=ablation["words"],
        ablation_dim=ablation["dim"],
        ablation_questions=ablation["questions"],
        ablation=ablation_table(ablation["rows"]),
        negatives_words=negatives["words"],
        negatives_dim=negatives["dim"],
        negatives=negatives_table(negatives),
        mixing_words=mixing["words"],
        mixing_dim=mixing["dim"],
        mixing_seeds=len(next(iter(mixing["rows"].values()))["errors"]),
        mixing=mixing_table(mixing["rows"]),
        glove_modes=glove["modes"],
        glove_overlap=glove["overlap"],
        glove_words=glove["words"],
        glove=table(
            ["", "correct"],
            [[name, f"{accuracy:.1%}"] for name, accuracy in glove["accuracy"].items()],
        ),
        subword_words=subwords["words"],
        subword_dim=subwords["dim"],
        subword_columns=subwords["columns"],
        subwords=subwords_table(subwords["rows"]),
    )


def starts_table(starts: Row) -> str:
    return table(
        ["scale", *starts["errors"]],
        [
            [f"{scale:.0e}"]
            + [
                f"{statistics.median(errors[n]):.4f} ({min(errors[n]):.4f}-{max(errors[n]):.4f})"
                for errors in starts["errors"].values()
            ]
            for n, scale in enumerate(starts["scales"])
        ],
    )


def weights_table(rows: list[Row]) -> str:
    return table(
        ["exponent", "negatives", "subsampling", "spread", "rank-one share"],
        [
            [
                f"{row['exponent']:g}" if "exponent" in row else row["setting"],
                f"{row['negatives']}" if "exponent" in row else "",
                "" if "exponent" not in row else f"{row['sample'] or 'none'}",
                f"{row['log_spread']:.3f}",
                f"{row['rank_one']:.1%}",
            ]
            for row in rows
        ],
    )


def ablation_table(rows: list[Row]) -> str:
    header = ["loss", "weights", "gradient descent", "Adam, at the end", "Adam, at its best"]
    header += ["step", "overlap, Th. 1", "modes, Th. 1", "overlap, Prop. 2", "modes, Prop. 2"]
    lines = []
    for row in rows:
        best = row["best"]
        trained = "step" in row
        lines.append(
            [
                row["loss"],
                row["weights"],
                f"{row['descent']:.1%}" if trained else "",
                f"{row['final']:.1%}" if trained else "",
                f"{best['accuracy']:.1%}",
                str(row["step"]) if trained else "",
                f"{best['overlap_uniform']:.3f}",
                f"{best['mixing_uniform']:.1f}",
                f"{best['overlap_word2vec']:.3f}",
                f"{best['mixing_word2vec']:.1f}",
            ]
        )
    return table(header, lines)


def negatives_table(negatives: Row) -> str:
    return table(
        ["negatives", "biases", *(f"{step} steps" for step in negatives["steps"]), "length"],
        [
            [
                str(row["negatives"]),
                "yes" if row["biases"] else "no",
                *(f"{accuracy:.1%}" for accuracy in row["accuracy"]),
                f"{row['length'][0]:.2f} to {row['length'][-1]:.2f}",
            ]
            for row in negatives["rows"]
        ],
    )


def mixing_table(rows: dict[str, Row]) -> str:
    columns: Columns = {
        "rank-one share": "{rank_one:.1%}",
        "modes of M*": "{mixing:.1f}",
        "modes of the scaled target": "{mixing_scaled:.1f}",
        "smallest error": lambda row: f"{min(row['errors']):.4g}",
        "largest error / smallest": lambda row: f"{max(row['errors']) / min(row['errors']):.6f}",
    }
    return named_rows(rows, columns, first="weights")


def subwords_table(rows: dict[str, Row]) -> str:
    categories = next(iter(rows.values()))["categories"]
    lines = [
        [name, *(f"{row['categories'][name]:.1%}" for row in rows.values())] for name in categories
    ]
    lines.append(["all", *(f"{row['total']:.1%}" for row in rows.values())])
    lines.append(["all, at the end", *(f"{row['final']:.1%}" for row in rows.values())])
    lines.append(["best step", *(str(row["step"]) for row in rows.values())])
    return table(["", *rows], lines)


def time_to(row: Row, goal: float) -> float | None:
    """When Google's analogies were first answered as well as this."""
    return next((point["seconds"] for point in row["points"] if point["google"] >= goal), None)


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def listed_rows(rows: Iterable[Row], columns: Columns) -> str:
    """A table with a line for each row; columns are format strings or functions of the row."""
    return table(list(columns), [cells(row, columns) for row in rows])


def named_rows(rows: dict[str, Row], columns: Columns, first: str = "") -> str:
    """The same with a line for each name."""
    return table([first, *columns], [[name, *cells(row, columns)] for name, row in rows.items()])


def cells(row: Row, columns: Columns) -> list[str]:
    """One line."""
    return [
        value.format(**row) if isinstance(value, str) else value(row) for value in columns.values()
    ]


def times_slowest(rows: dict[str, Row]) -> Callable[[Row], str]:
    """A column: how many times as fast as the slowest."""
    slowest = max(row["seconds"] for row in rows.values())
    return lambda row: f"{slowest / row['seconds']:.1f}"


def counting_table(rows: dict[str, Row], pairs: int) -> str:
    columns: Columns = {
        "seconds": "{seconds:.2f}",
        "million pairs/s": lambda row: f"{pairs / row['seconds'] / 1e6:.0f}",
        "times as fast as the slowest": times_slowest(rows),
        "peak MiB": "{peak_mib:.0f}",
    }
    return named_rows(rows, columns)


def solver_table(rows: dict[str, Row]) -> str:
    ours = [row for name, row in rows.items() if name.startswith("ours")]

    def ratio(peer: Row) -> str:
        as_good = [row["seconds"] for row in ours if row["residual"] <= peer["residual"]]
        return f"{peer['seconds'] / min(as_good):.1f}" if peer not in ours and as_good else ""

    columns: Columns = {
        "seconds": "{seconds:.2f}",
        "relative residual": "{residual:.1e}",
        "time / ours": ratio,
        "peak MiB": "{peak_mib:.0f}",
    }
    return named_rows(rows, columns)


def analogies_table(rows: dict[str, Row]) -> str:
    columns: Columns = {
        "seconds": "{seconds:.3f}",
        "correct": "{correct:,}",
        "questions": "{questions:,}",
        "times as fast as the slowest": times_slowest(rows),
    }
    return named_rows(rows, columns)


def embedding_table(rows: dict[str, Row]) -> str:
    first = next(iter(rows.values()))["seconds"]
    columns: Columns = {
        "seconds": "{seconds:.1f}",
        "time / ours": lambda row: f"{row['seconds'] / first:.1f}",
        "Google analogies": "{google:.1%}",
        "standard error": "{google_error:.1%}",
        "our analogies": "{own:.1%}",
        "WordSim-353": "{wordsim:.3f}",
        "peak MiB": "{peak_mib:.0f}",
    }
    return named_rows(rows, columns)


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
