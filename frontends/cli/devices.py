"""Your devices: devices list, name."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import aligned, moment, safe

KEY: Final = 8
"""Digits of a key that are shown, and enough to name a device by; --json has all 64."""

STANDINGS: Final = {
    "here": "this one",
    "in": "signed in",
    "out": "has to sign in again",
    "revoked": "revoked",
}


def show(context: Context, _options: argparse.Namespace) -> None:
    """List them."""
    done = context.look("devices")
    if context.output.json:
        return
    rows = [["device", "", "first seen", "last seen", "key"]]
    rows += [_row(each) for each in done.objects("devices")]
    for row in aligned(rows):
        context.output.row(row)


def name(context: Context, options: argparse.Namespace) -> None:
    """Call one something else."""
    done = context.call("devices/name", {"device": options.device, "name": options.name})
    if not context.output.json:
        context.output.line(f"That device is called {safe(done.text('name'))} now.")


def _row(each: Fields) -> list[str]:
    standing = STANDINGS.get(each.text("standing"), each.text("standing"))
    if each.has("revoked"):
        standing = f"{standing} {moment(each.number('revoked'))}"
    return [
        safe(each.text("name")) or "(never said what it is)",
        standing,
        moment(each.number("since")) if each.has("since") else "?",
        moment(each.number("seen")) if each.has("seen") else "?",
        each.text("key")[:KEY],
    ]


def _name_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("device", metavar="DEVICE", help="its name, or the first digits of its key")
    parser.add_argument("name", metavar="NAME", help="what to call it")


COMMANDS: Final = (
    Command(
        "devices",
        "the machines you are signed in on: which there are, what they are called",
        below=(
            Command(
                "list",
                "your devices, when each was seen first and last, and which is this one",
                show,
                examples="holdfast devices list\nholdfast devices list --json",
                more="Each signs what it changes with a key of its own, so 'holdfast log' says\n"
                "which one made a change. Times are a device's own word, the last one to the\n"
                "day. One that 'has to sign in again' was signed in before your keys were renewed.",
            ),
            Command(
                "name",
                "call a device something else",
                name,
                _name_options,
                examples="holdfast devices name laptop 'blue laptop'\n"
                "holdfast devices name 4be1f09a phone",
                more="Any of yours, from any of yours. No two that may write have the same name.\n"
                "'holdfast settings device' on the device itself does the same.",
            ),
        ),
    ),
)
