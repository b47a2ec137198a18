"""The page: web."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context


def web(context: Context, options: argparse.Namespace) -> None:
    """Print a fresh link to the owner's page, and open it if that is wanted."""
    done = context.call("web/link", {})
    if not context.output.json:
        context.output.line(done.text("link"))
    if options.open:
        from frontends.browser import show

        if not show(context.place, done.text("link")):
            context.output.note("holdfast: no browser was found; open the link in one")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--open", action="store_true", help="open it in a browser, too")


COMMANDS: Final = (
    Command(
        "web",
        "print a link to your page in the browser",
        web,
        _options,
        examples="holdfast web\nholdfast web --open\nholdfast web --json",
        more="The link is good once, for ten minutes, on this machine. A browser that came in by\n"
        "it stays in until the daemon stops, or nothing was asked for twelve hours.",
    ),
)
