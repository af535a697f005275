"""What the command `w2v` says: before the work, on the way, and at its end."""

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from w2vlib.text.facts import DataWarning

__all__ = ["WarnedError", "check_output", "check_strict", "finish", "in_options", "note", "show"]

# The arguments of functions that are options of the command, too.
_OPTIONS = {
    name: f"--{name.replace('_', '-')}"
    for name in ("column", "dim", "documents", "errors", "min_count", "normalizer", "window")
}
_OPTIONS |= {"max_vocabulary": "--vocab", "source": "the text"}


class WarnedError(Exception):
    """The data was warned about, and warnings are errors."""


def check_strict(options: argparse.Namespace) -> None:
    """Stop after warnings that were shown, if they are errors.

    Raises:
        WarnedError: There were some, and ``--strict`` was given.
    """
    if options.strict and getattr(options, "warned", False):
        raise WarnedError


def note(options: argparse.Namespace, message: str) -> None:
    """Say something worth knowing that misleads nobody."""
    if not options.quiet:
        print(f"w2v: {in_options(message)}", file=sys.stderr)


def show(
    options: argparse.Namespace,
    others: Callable[..., None],
    message: Warning | str,
    category: type[Warning],
    *where: Any,  # noqa: ANN401
    **more: Any,  # noqa: ANN401
) -> None:
    """Print a warning about the data; leave any other one to Python."""
    if issubclass(category, DataWarning):
        options.warned = True
        kind, end = ("error", " (--strict)") if options.strict else ("warning", "")
        print(f"w2v: {kind}: {in_options(str(message))}{end}", file=sys.stderr)
    else:
        others(message, category, *where, **more)


def in_options(message: str) -> str:
    """A message of the library in one line, with its arguments as options of the command."""
    message = re.sub(
        r'`(\w+)="([^"`]*)"`',
        lambda found: f"`{found[1]}` {shlex.quote(found[2])}",
        " ".join(message.split()),
    )
    return re.sub(r"`(\w+)`", lambda found: _OPTIONS.get(found[1], found[0]), message)


def finish(options: argparse.Namespace, *messages: str) -> None:
    """Print the last lines of a run, those that are not empty."""
    if not options.quiet:
        print(*filter(None, messages), sep="\n")


def check_output(output: Path, inputs: Sequence[Path] = ()) -> None:
    """Find out, before the work begins, whether its result can be written."""
    folder = output.parent
    if not folder.is_dir():
        raise FileNotFoundError(
            f"cannot write '{output}': the folder '{folder}' does not exist; create it first"
        )

    if output.is_dir() or not os.access(folder, os.W_OK):
        raise PermissionError(
            f"cannot write '{output}': it is a folder, or its folder may not be written to"
        )

    if output.resolve() in [path.resolve() for path in inputs]:
        raise ValueError(f"'{output}' would replace the input; give another name with -o")
