"""verify: who is this really."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.people import draw
from frontends.cli.terminal import moment

GROUP: Final = 5
LINE: Final = 4
"""Groups on a line."""
PREFIX: Final = "holdfast-safety1:"
"""What the QR code says before the digits, so that a camera tells it from a card."""


def verify(context: Context, options: argparse.Namespace) -> None:
    """Show the safety number, or note that it was compared."""
    asked: dict[str, object] = {"who": options.who}
    if options.confirm or options.undo:
        asked["confirm"] = bool(options.confirm)
    done = context.call("verify", asked)
    if context.output.json:
        return
    name = done.text("name")
    if options.confirm:
        context.output.line(f"{name} is verified, and stays so whatever keys they change to.")
    elif options.undo:
        context.output.line(f"{name} is not verified any more.")
    else:
        _show(context, name, done, options.qr)


def _show(context: Context, name: str, done: Fields, qr: bool) -> None:
    if done.number("alarm"):
        context.output.note(f"STOPPED: two histories of the keys of {name} were seen. Ask them.")
    context.output.line(f"{name} ({done.text('handle')}) sees the same 60 digits, if it is them:")
    for line in digits(done.text("number")):
        context.output.line(f"  {line}")
    if qr:
        draw(context, PREFIX + done.text("number"))
    if done.number("verified"):
        context.output.line(f"You compared them on {moment(done.number('verified'))}.")
    else:
        context.output.line(
            f"Compare them face to face or on the phone, then: 'holdfast verify {name} --confirm'."
        )


def digits(number: str) -> list[str]:
    """Lines of groups of digits, to be read aloud."""
    groups = [number[at : at + GROUP] for at in range(0, len(number), GROUP)]
    return [" ".join(groups[at : at + LINE]) for at in range(0, len(groups), LINE)]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="NAME", help="a contact")
    parser.add_argument("--qr", action="store_true", help="also draw it, for a camera")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--confirm", action="store_true", help="you compared it, it is the same")
    either.add_argument("--undo", action="store_true", help="you did not, after all")


COMMANDS: Final = (
    Command(
        "verify",
        "who is this really: the number that both of you see",
        verify,
        _options,
        examples="holdfast verify bob\nholdfast verify bob --qr\nholdfast verify bob --confirm",
        more="If the numbers differ, one of you holds somebody else's identity under that name.",
    ),
)
