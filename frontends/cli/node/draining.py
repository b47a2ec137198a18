"""``holdfast node drain``: bringing a node to rest before it is stopped."""

import argparse
from typing import Final

from formats.errors import Partial
from frontends.cli.command import Command
from frontends.cli.context import Context


def drain(context: Context, options: argparse.Namespace) -> None:
    """Partial when something was still under way at the end."""
    if not context.output.json and not options.stop:
        context.output.note("letting what is under way end ...")
    done = context.call("node/drain", {"seconds": options.seconds, "stop": options.stop})
    if options.stop:
        if not context.output.json:
            context.output.line("The node takes everything again.")
        return
    if not done.flag("whole"):
        raise Partial(
            "the node takes no writes now; something was still being uploaded",
            hint="it may be stopped: nothing acknowledged is lost, and uploads go on later",
        )
    if not context.output.json:
        context.output.line("Nothing is under way, and nothing is written: it may be stopped.")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds", metavar="N", type=int, default=60, help="wait no longer than that (60)"
    )
    parser.add_argument("--stop", action="store_true", help="take everything again instead")


DRAIN: Final = Command(
    "drain",
    "let what is under way end, so that it may be stopped",
    drain,
    _options,
    examples="holdfast node drain\nholdfast node drain --seconds 600\nholdfast node drain --stop",
    more="New sign-ups, messages and changes are refused with 'try again when it is back';\n"
    "uploads under way go on, and reading does too. The next start takes everything again.",
)
