"""The results of `geometry.py` in Markdown."""

from report import PACKAGES, Columns, Row, named_rows, table

GEOMETRY = """\
# The geometry of analogies

`{command}`, {date}, on {processor}, {cores} cores, {system}, Python {python}; {packages}.

All on the counts that come with the library: {words:,} words, closed-form embeddings, our
{questions:,} questions.

![Spikes, accuracy, room for errors, and a bulk](geometry.png)

## The families

{dim} dimensions. The *task vectors* of a family are the differences between the vectors of the two
words of its pairs. SNR is the largest eigenvalue of their Gram matrix, divided by the mean of
those that are not 0; beside it that of random partners (mean of {shuffles} draws), and of
independent normal numbers. *Equal up to scale* is the share of rank one, *equal* the share of the
mean. *Modes* is the number of modes that take part in the mean. *Gain* is the mean cosine between
task vectors, minus that of random partners. *Nearest* is the accuracy of the word nearest to c,
whatever a and b are.

{families}

Most of most spikes is the mean: what is equal up to scale is then nearly equal, too. Antonyms are
the exception; theirs point in both directions. But much of the SNR has nothing to do with the
pairs: the two groups of words differ on average, whoever the partners are. For several families
random partners have the larger SNR.

## What tells a family's difficulty in advance

Rank correlations over {families_count} families, of numbers that are known from counts and the
dimension alone, with the accuracy, and with the accuracy above that of the nearest word: what the
parallelogram adds. Of correlations that are 0 in truth, one in twenty would be found beyond
{by_chance:.2f}.

{difficulty}

The largest SNR over all dimensions and the best accuracy have {peak:.2f}. On this corpus the SNR
orders families poorly, for two reasons. Part of the accuracy needs no direction, because the
answer is next to c. And SNR counts pairs: it is the share of rank one times the rank. The share
that is *equal* orders what the parallelogram adds.

## Why the spike fades and the accuracy does not

All questions. The *error* e is the prediction minus the vector of the answer, all of unit vectors;
*towards* is its part in the direction of the strongest competitor v, and *half way* is half the
distance from the answer to v. An answer is right if and only if *towards* is less than *half way*.

{dimensions}

With more dimensions the error becomes longer, but ever less of it points to the competitor, which
moves away as well: the accuracy follows the race of these two, not the length of the error. In
place-adjective the competitor stays ahead; in verb-gerund, which has hardly a direction, the noise
catches up with it.

{shown}

## The bulk

Kolmogorov's distance between the centered spectrum and four laws, none with a number set by hand:
all variances equal; those of the columns (modes) as they are; those of the pairs as they are; and
the law of Marchenko and Pastur with the mean and variance of the spectrum. The *effective
dimension* is that of the fit; then the same after all pairs were scaled to equal length; and what
the variances of the columns would make it. The *spike* is compared with what the fitted law and
the length of the mean task vector predict.

{bulk}

The effective dimension is far below the number of dimensions mostly because pairs have unequal
lengths, not because modes have unequal variances: scaled to equal lengths, the pairs of the verbs
have the effective dimension that the columns allow. Those of male-female have not: these pairs
have more in common than one direction.

## Data that are not text

The same pipeline: counts, M*, its top modes. *Last* and *next* are the eigenvalues of the last of
these modes and of the one after; *nearest* is how often the nearest word is of the same group.

{domains}

Analogies of the baskets (organic to budget): {analogies:.0%}. Communities of a graph fade from
sight as more links lead outside. The *signal* is the number of links of a node times the squared
second eigenvalue of the mixing; below 1 (the threshold of Kesten and Stigum) no fast method is
known that finds them.

{detected}

## Linear attention

{attention_words:,} words with random vectors, prompts of {attention_length} words. The first step
of training, and skip-gram's rule for the last word of each prompt: relative distance, cosine.

{attention}

Queries times keys, 64 x 64, from a random matrix of so many rows: extreme eigenvalues, and the
edges of the law.

{kernels}
"""


def geometry_report(results: Row) -> str:
    """The tables of the geometry of analogies.

    Args:
        results: What `geometry.py` measured.
    """
    made, families, difficulty = (results[key] for key in ("machine", "families", "difficulty"))
    dimensions, domains, attention = (
        results[key] for key in ("dimensions", "domains", "attention")
    )
    return GEOMETRY.format(
        command=results["command"],
        packages=", ".join(f"{name} {made[name]}" for name in PACKAGES[:4]),
        words=families["words"],
        questions=dimensions["questions"],
        dim=families["dim"],
        shuffles=families["shuffles"],
        families=families_table(families["rows"]),
        families_count=difficulty["families"],
        peak=difficulty["peak"],
        by_chance=difficulty["by_chance"],
        difficulty=difficulty_table(difficulty["rows"]),
        dimensions=dimensions_table(dimensions["rows"]),
        shown=shown_table(dimensions),
        bulk=bulk_table(results["bulk"]),
        domains=domains_table(domains["rows"]),
        analogies=domains["rows"]["baskets"]["analogies"],
        detected=table(
            ["links to other communities", "signal", "nearest"],
            [
                [f"{row['mixing']:.0%}", f"{row['signal']:.2f}", f"{row['nearest']:.1%}"]
                for row in domains["detected"]
            ],
        ),
        attention_words=attention["words"],
        attention_length=attention["length"],
        attention=table(
            ["dimensions", "distance", "cosine"],
            [
                [str(row["dim"]), f"{row['error']:.3f}", f"{row['cosine']:.4f}"]
                for row in attention["rows"]
            ],
        ),
        kernels=kernels_table(attention["kernels"]),
        **{key: made[key] for key in ("date", "processor", "cores", "system", "python")},
    )


def families_table(rows: dict[str, Row]) -> str:
    columns: Columns = {
        "pairs": "{pairs}",
        "SNR": "{strength:.1f}",
        "random partners": "{strength_shuffled:.1f}",
        "noise": "{strength_noise:.1f}",
        "equal up to scale": "{spike_share:.1%}",
        "equal": "{mean_share:.1%}",
        "modes": "{participation:.0f}",
        "gain": "{gain:.3f}",
        "accuracy": "{accuracy:.1%}",
        "nearest": "{nearest:.1%}",
    }
    return named_rows(rows, columns, first="family")


def difficulty_table(rows: list[Row]) -> str:
    names = {
        "SNR": "strength",
        "equal up to scale": "spike_share",
        "equal": "mean_share",
        "gain": "gain",
    }
    lines = []
    for row in rows:
        of_accuracy = [f"{row['accuracy'][key]:.2f}" for key in names.values()]
        of_above = [f"{row['above'][key]:.2f}" for key in names.values()]
        lines.append([str(row["dim"]), f"{row['baseline']:.2f}", *of_accuracy, *of_above])
    above = [f"above nearest: {name}" for name in names]
    return table(["dimensions", "nearest", *names, *above], lines)


def dimensions_table(rows: list[Row]) -> str:
    header = ["dimensions", "accuracy", "median rank", "cosine", "error", "towards", "half way"]
    return table(
        [*header, "towards / error"],
        [
            [
                str(row["dim"]),
                f"{row['all']['correct']:.1%}",
                f"{row['all']['rank']:,}",
                *(f"{row['all'][key]:.2f}" for key in ("cosine", "error", "pull")),
                f"{row['all']['half_spacing']:.2f}",
                f"{row['all']['across']:.2f}",
            ]
            for row in rows
        ],
    )


def shown_table(dimensions: Row) -> str:
    """SNR, accuracy, and the two distances whose order decides."""
    names = dimensions["shown"]
    lines = []
    for row in dimensions["rows"]:
        cells = [
            f"{row[name]['strength']:.1f}, {row[name]['correct']:.0%}, "
            f"{row[name]['pull']:.2f} : {row[name]['half_spacing']:.2f}"
            for name in names
        ]
        lines.append([str(row["dim"]), *cells])
    heading = [f"{name}: SNR, accuracy, towards : half way" for name in names]
    return table(["dimensions", *heading], lines)


def bulk_table(families: dict[str, list[Row]]) -> str:
    header = ["family", "dimensions", "equal", "columns", "pairs", "fitted"]
    header += ["effective dimension", "pairs of equal length", "of columns"]
    header += ["spike", "predicted"]
    return table(
        header,
        [
            [
                name,
                str(row["dim"]),
                *(f"{row['gaps'][law]:.3f}" for law in ("plain", "columns", "pairs", "fitted")),
                f"{row['effective_dim']:.0f}",
                f"{row['effective_dim_evened']:.0f}",
                f"{row['columns_dim']:.0f}",
                f"{row['spike']:.3f}",
                f"{row['expected_spike']:.3f}",
            ]
            for name, rows in families.items()
            for row in rows
        ],
    )


def domains_table(rows: dict[str, Row]) -> str:
    columns: Columns = {
        "words": "{words:,}",
        "tokens": "{tokens:,}",
        "groups": "{groups}",
        "modes": "{modes}",
        "last": "{last_mode:.1f}",
        "next": "{next_mode:.1f}",
        "nearest": "{nearest:.1%}",
        "by chance": "{chance:.1%}",
    }
    return named_rows(rows, columns)


def kernels_table(rows: list[Row]) -> str:
    return table(
        ["rows", "smallest", "lower edge", "largest", "upper edge"],
        [
            [
                f"{row['width']:,}",
                *(
                    f"{number:.3f}"
                    for number in (
                        row["smallest"],
                        row["edges"][0],
                        row["largest"],
                        row["edges"][1],
                    )
                ),
            ]
            for row in rows
        ],
    )
