"""A passphrase made by chance: passphrase. Needs no daemon."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context

USUAL: Final = 6
"""As ``client.words.passphrase`` has it, whose import is for who runs the command."""


def passphrase(context: Context, options: argparse.Namespace) -> None:
    """Print one."""
    from client.words.passphrase import passphrase as made

    words = made(options.words)
    if context.output.json:
        context.output.event("done", {"passphrase": words})
    else:
        context.output.line(words)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--words", type=int, default=USUAL, metavar="N", help=f"4 to 24 of them (usually {USUAL})"
    )


COMMANDS: Final = (
    Command(
        "passphrase",
        "make a passphrase by chance",
        passphrase,
        _options,
        examples="holdfast passphrase\nholdfast passphrase --words 8",
        more="Words of the EFF's long list, each worth 12.9 bits. Kept nowhere: write it down.",
    ),
)
