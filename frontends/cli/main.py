"""Run one command: parse, do it, and turn whatever went wrong into words and an exit code.

Exit codes: 0 is done and committed, the others are in ``formats/errors.py``
and ``docs/cli.md``; 141 is what a shell shows when the reader of a pipe has gone.
"""

import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from formats.errors import HoldfastError, Internal, Interrupted, Usage
from frontends.cli.command import make_parser, parse
from frontends.cli.context import Context
from frontends.cli.families import all_names, families
from frontends.cli.output import Output, OutputClosed, silence
from frontends.place import find_place

PIPE_CLOSED: Final = 141


def main() -> NoReturn:
    """The ``holdfast`` command."""
    try:
        code: object = run(sys.argv[1:])
    except SystemExit as end:  # argparse has shown some help
        code = end.code
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
    raise SystemExit(code)


def run(words: Sequence[str]) -> int:
    """Run the command these words name; returns the exit code."""
    output = Output(json="--json" in words)
    try:
        _run(words, output)
    except HoldfastError as error:
        output.failure(error)
        return error.exit_code
    except KeyboardInterrupt:
        output.failure(Interrupted("stopped"))
        return Interrupted.exit_code
    except OutputClosed:
        silence(sys.stdout)
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001  # the border to a person: no traceback crosses it
        return _fault(output, error)
    return 0


def _run(words: Sequence[str], output: Output) -> None:
    given = command_word(words)
    if given is not None and given not in all_names():
        raise _unknown(given)
    parser = make_parser(families(given))
    if not words:
        parser.print_help()
        raise SystemExit(Usage.exit_code)
    options = parse(parser, words)
    place = find_place(getattr(options, "home", None), os.environ)
    options.run(Context(place, output), options)


def _unknown(given: str) -> Usage:
    """There is no such command; the nearest one is named."""
    from difflib import get_close_matches

    near = get_close_matches(given, all_names(), 1)
    return Usage(
        f"there is no command '{given}'",
        hint=f"did you mean 'holdfast {near[0]}'?" if near else "'holdfast --help' lists all",
    )


def command_word(words: Sequence[str]) -> str | None:
    """The first word that is neither an option nor the folder of ``--home``."""
    rest = iter(words)
    for word in rest:
        if word == "--home":
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def _fault(output: Output, error: Exception) -> int:
    if os.environ.get("HOLDFAST_DEBUG"):
        import traceback

        output.note(traceback.format_exc())
    fault = Internal(
        f"a fault of this program: {type(error).__name__}: {error}",
        hint="please report it, with what HOLDFAST_DEBUG=1 shows",
    )
    output.failure(fault)
    return fault.exit_code
