"""The results of `geometry.py` in Markdown."""

from report import PACKAGES, Columns, Row, listed_rows, named_rows, run_line, table

GEOMETRY = """\
# The geometry of analogies

{run}

All on the counts that come with the library: {words:,} words, closed-form embeddings, our
{questions:,} questions.

![Spikes, accuracy, room for errors, and a bulk](geometry.png)

## The families

{dim} dimensions. The *task vectors* of a family are the differences between the vectors of the two
words of its pairs. SNR is the largest eigenvalue of their Gram matrix, divided by the mean of
those that are not 0; beside it that of *random* partners (mean of {shuffles} draws), how much of
this random spike is the mean task vector, and the SNR of independent normal numbers (*noise*).
*Equal up to scale* is the share of rank one, *equal* the share of the mean. *Modes* is the number
of modes that take part in the mean. *Gain* is the mean cosine between task vectors, minus that of
random partners. *Nearest* is the accuracy of the word nearest to c, without addition.

{families}

Most of most spikes is the mean: what is equal up to scale is then nearly equal, too. Antonyms are
the exception. But a spike need not come from the pairs. Random partners have one as well, because
the two groups of words differ on average (then the mean makes most of it, as in place-adjective),
or because all words of the family vary along one axis (as those of antonyms). In several families
of the second kind random partners even have the larger SNR.

## What tells a family's difficulty in advance

Rank correlations over {families_count} families, of numbers that are known from counts and the
dimension alone, with the accuracy, and with the accuracy above that of the nearest word: what
addition adds. Of a number that is not related to the accuracy, one in twenty would be found beyond
{by_chance:.2f}.

{difficulty}

SNR and accuracy of every family, by dimension:

{by_dimension}

The largest SNR over all dimensions and the best accuracy have {peak:.2f}. The SNR orders families
poorly, before and after the rank is divided out (*equal up to scale*). What addition adds goes
with how far the task vectors are *equal*. The accuracy itself goes, from 16 dimensions on, with
how much of their likeness is due to the right partners (*gain*).

## From hyperparameters to trained vectors

{trained_words:,} words, {trained_dim} dimensions, {trained_families} families: the SNR of the
closed form of Proposition 2, which knows counts and hyperparameters, and that of vectors that were
trained on word2vec's own loss for {trained_steps} steps from a random start (with biases where
there are several negatives). Rank correlation over the families; median and range of found /
expected; and the accuracy of the trained vectors.

{trained}

What SNR a family will have is known before training; that it is a poor guide to the accuracy is
another matter.

## Why the spike fades sooner than the accuracy

All questions. The prediction is b - a + c, of unit vectors; the *error* is its distance from the
answer. *Towards* is the error's part in the direction of the strongest competitor, *half way* is
half the distance from the answer to the competitor. An answer is right if and only if its *lead*,
half way minus towards, is positive. All are means over questions (the last of ratios), but for the
*spread* of the lead, its standard deviation.

{dimensions}

With more dimensions the error becomes longer all the way, while the accuracy rises and then falls
slowly: what counts is the lead. A smaller and smaller share of the error points to the competitor,
which moves away as well. From 128 dimensions on the mean of the lead hardly changes. Its spread
becomes smaller, so that fewer questions are on the good side of a mean that is on the bad one.

The lead in four families:

{shown}

In place-adjective the lead is positive from 64 dimensions on and stays so, though the SNR falls to
a quarter. In verb-gerund, which has hardly a direction, it never is.

## The bulk

Kolmogorov's distance between the centered spectrum and four laws, none with a number set by hand:
all variances equal; those of the columns (modes) as they are; those of the pairs as they are; and
the law of Marchenko and Pastur with the mean and variance of the spectrum. The *effective
dimension* is that of this fit, beside that of a simulation in which pairs are unrelated but
columns and pairs have their variances; then the same for pairs that are scaled to equal length.
The *spike* is compared with what the fitted law and the length of the mean task vector predict.

*Above* counts eigenvalues above the edge of the law of the pairs: directions in which pairs agree
besides their mean.

{bulk}

The effective dimension is far below the number of dimensions. In the families of verbs, unequal
lengths of the pairs are nearly all of the reason: scaled to equal lengths they have most of the
effective dimension that unrelated pairs would have. In place-adjective and male-female they have
not: these pairs share a direction besides their mean.

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

Queries times keys, {kernel_dim} x {kernel_dim}, from a random matrix of so many rows: extreme
eigenvalues, and the edges of the law.

{kernels}
"""


def geometry_report(results: Row) -> str:
    """The tables of the geometry of analogies.

    Args:
        results: What `geometry.py` measured.
    """
    families, difficulty, dimensions, domains, attention = (
        results[name] for name in ("families", "difficulty", "dimensions", "domains", "attention")
    )
    trained = results["before_training"]
    return GEOMETRY.format(
        run=run_line(results, PACKAGES[:4]),
        words=families["words"],
        questions=dimensions["questions"],
        dim=families["dim"],
        shuffles=families["shuffles"],
        families=families_table(families["rows"]),
        families_count=len(families["rows"]),
        peak=difficulty["peak"],
        by_chance=difficulty["by_chance"],
        difficulty=difficulty_table(difficulty["rows"]),
        by_dimension=by_dimension_table(difficulty),
        trained_words=trained["words"],
        trained_dim=trained["dim"],
        trained_families=trained["families"],
        trained_steps=trained["steps"],
        trained=listed_rows(
            trained["rows"],
            {
                "negatives": "{negatives}",
                "subsampling": lambda row: (
                    "none" if row["sample"] is None else f"{row['sample']:g}"
                ),
                "correlation": "{correlation:.3f}",
                "found / expected": "{median:.2f} ({smallest:.2f}-{largest:.2f})",
                "accuracy": "{accuracy:.1%}",
            },
        ),
        dimensions=dimensions_table(dimensions["rows"]),
        shown=shown_table(dimensions),
        bulk=bulk_table(results["bulk"]),
        domains=domains_table(domains["rows"]),
        analogies=domains["rows"]["baskets"]["analogies"],
        detected=listed_rows(
            domains["detected"],
            {
                "links to other communities": "{mixing:.0%}",
                "signal": "{signal:.2f}",
                "nearest": "{nearest:.1%}",
            },
        ),
        attention_words=attention["words"],
        attention_length=attention["length"],
        attention=listed_rows(
            attention["rows"],
            {"dimensions": "{dim}", "distance": "{error:.3f}", "cosine": "{cosine:.4f}"},
        ),
        kernel_dim=attention["kernel_dim"],
        kernels=listed_rows(
            attention["kernels"],
            {
                "rows": "{width:,}",
                "smallest": "{smallest:.3f}",
                "lower edge": "{edges[0]:.3f}",
                "largest": "{largest:.3f}",
                "upper edge": "{edges[1]:.3f}",
            },
        ),
    )


def families_table(rows: dict[str, Row]) -> str:
    columns: Columns = {
        "pairs": "{pairs}",
        "SNR": "{strength:.1f}",
        "random": "{strength_shuffled:.1f}",
        "its mean": "{mean_shuffled:.0%}",
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


def by_dimension_table(difficulty: Row) -> str:
    lines = [
        [
            name,
            *(
                f"{strength:.1f}, {accuracy:.0%}"
                for strength, accuracy in zip(
                    strengths, difficulty["accuracies"][name], strict=True
                )
            ),
        ]
        for name, strengths in difficulty["strengths"].items()
    ]
    return table(["family", *(str(row["dim"]) for row in difficulty["rows"])], lines)


def dimensions_table(rows: list[Row]) -> str:
    columns: Columns = {
        "accuracy": "{correct:.1%}",
        "median rank": "{rank:,}",
        "cosine": "{cosine:.2f}",
        "error": "{error:.2f}",
        "towards": "{pull:.2f}",
        "half way": "{half_spacing:.2f}",
        "lead": "{lead:.3f}",
        "spread": "{lead_spread:.3f}",
        "towards / error": "{towards:.2f}",
    }
    return named_rows({str(row["dim"]): row["all"] for row in rows}, columns, first="dimensions")


def shown_table(dimensions: Row) -> str:
    """The lead of some families."""
    columns: Columns = {name: f"{{{name}[lead]:.3f}}" for name in dimensions["shown"]}
    return listed_rows(dimensions["rows"], {"dimensions": "{dim}", **columns})


def bulk_table(families: dict[str, list[Row]]) -> str:
    columns: Columns = {
        "family": "{family}",
        "dimensions": "{dim}",
        "equal": "{gaps[plain]:.3f}",
        "columns": "{gaps[columns]:.3f}",
        "pairs": "{gaps[pairs]:.3f}",
        "fitted": "{gaps[fitted]:.3f}",
        "above": "{above}",
        "effective dimension": "{effective:.0f}",
        "simulated": "{effective_null[0]:.0f} ± {effective_null[1]:.0f}",
        "of equal lengths": "{evened:.0f}",
        "simulated, equal lengths": "{evened_null[0]:.0f} ± {evened_null[1]:.0f}",
        "spike": "{spike:.3f}",
        "predicted": "{expected_spike:.3f}",
    }
    rows = ({**row, "family": name} for name, rows in families.items() for row in rows)
    return listed_rows(rows, columns)


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
