"""notices: what whoever runs your home tells you, and writing to them."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.terminal import counted, moment


def listed(context: Context, _options: argparse.Namespace) -> None:
    """One line a notice, the newest first."""
    found = context.look("notices").objects("notices")
    if context.output.json:
        return
    for each in found:
        context.output.line(f"{moment(each.number('time'))}  {each.text('text')}")
    if not found:
        context.output.note("whoever runs your home says nothing")


def write(context: Context, options: argparse.Namespace) -> None:
    """A line to whoever runs the home."""
    done = context.call("notices/write", {"text": options.text})
    if not context.output.json:
        waiting = counted(done.number("waiting"), "line")
        context.output.line(f"sent to whoever runs your home; {waiting} of yours to be read")


def _write_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="one line, at most 1,000 bytes")


COMMANDS: Final = (
    Command(
        "notices",
        "what whoever runs your home tells you, and writing to them",
        more="Nothing of this is sealed: your home reads and keeps it as it is. Friends cannot\n"
        "write here, and whoever runs your home cannot write as a friend.",
        below=(
            Command(
                "list",
                "list what you are told, newest first",
                listed,
                examples="holdfast notices list\nholdfast notices list --json",
            ),
            Command(
                "write",
                "write a line to whoever runs your home",
                write,
                _write_options,
                examples='holdfast notices write "May I have 50 GiB more?"',
            ),
        ),
    ),
)
