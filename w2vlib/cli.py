"""The command `w2v`: a text file in, word vectors out."""

import argparse
import io
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial

import w2vlib as w2v
from w2vlib._devices import give_memory_back
from w2vlib.commands._messages import WarnedError, in_options, show
from w2vlib.commands._options import (
    analogy_options,
    common_options,
    count_options,
    embed_options,
    evaluate_options,
    export_options,
    neighbors_options,
    phrases_options,
    plot_options,
)
from w2vlib.commands._texts import count, download, embed, phrases
from w2vlib.commands._vectors import analogy, evaluate, export, neighbors, plot

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments after ``w2v``; None takes those of the command line.

    Returns:
        The exit code: 0, or 1 if the data or a file was at fault, or 130 if interrupted. Wrong
        usage exits with 2.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console may lack characters of a word
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(argv)
    if getattr(options, "texts", None) == []:
        options.command.error("no text is given: name files or folders, or - for standard input")
    give_memory_back()

    try:
        with warnings.catch_warnings():
            quiet = options.quiet and not options.strict
            warnings.simplefilter("ignore" if quiet else "always", w2v.DataWarning)
            warnings.showwarning = partial(show, options, warnings.showwarning)
            options.run(options)
        sys.stdout.flush()  # here a full disk or a closed pipe can still be reported
    except WarnedError:
        return 1
    except KeyboardInterrupt:
        print("w2v: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, MemoryError) as error:
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"w2v: error: {in_options(str(message)) or repr(error)}", file=sys.stderr)
        return 1

    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="w2v",
        description="Word vectors in closed form, from texts or co-occurrence counts.",
        epilog="`w2v COMMAND --help` lists the options of a command.",
    )

    version = f"w2v {w2v.__version__}"
    parser.add_argument("-V", "--version", action="version", version=version)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").rstrip(".")
        summary = text[0].lower() + text[1:]
        added = commands.add_parser(run.__name__, help=summary, description=f"{text}.")
        added.set_defaults(run=run, command=added)
        common_options(added)
        return added

    embed_options(command(embed))
    count_options(command(count))
    evaluate_options(command(evaluate))
    neighbors_options(command(neighbors))
    analogy_options(command(analogy))
    plot_options(command(plot))
    export_options(command(export))
    phrases_options(command(phrases))
    command(download).add_argument("name", choices=["text8"])
    return parser
