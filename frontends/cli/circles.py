"""Your circles: named sets of contacts to share with."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields


def new(context: Context, options: argparse.Namespace) -> None:
    """Make an empty circle."""
    done = context.call("circle/new", {"circle": options.circle})
    if not context.output.json:
        name = done.text("circle")
        context.output.line(f"There is a circle '{name}' now: 'holdfast circle add {name} NAME'.")


def add(context: Context, options: argparse.Namespace) -> None:
    """Let somebody in."""
    done = context.call("circle/add", {"circle": options.circle, "who": options.who})
    _say(context, done)


def remove(context: Context, options: argparse.Namespace) -> None:
    """Let somebody out."""
    done = context.call("circle/remove", {"circle": options.circle, "who": options.who})
    _say(context, done)


def delete(context: Context, options: argparse.Namespace) -> None:
    """Forget a circle."""
    done = context.call("circle/delete", {"circle": options.circle})
    if not context.output.json:
        context.output.line(
            f"The circle '{done.text('circle')}' is gone; what was shared with it is taken back."
        )


def circles(context: Context, _options: argparse.Namespace) -> None:
    """List circles and who is in them."""
    shown = 0

    def show(_kind: str, fields: Fields) -> None:
        nonlocal shown
        shown += 1
        inner = [f"{each} (a circle)" for each in fields.texts("circles")]
        inside = ", ".join([*fields.texts("members"), *inner])
        context.output.line(f"{fields.text('circle'):<16}  {inside or 'nobody yet'}")

    context.call("circle/list", {}, show)
    if not shown and not context.output.json:
        context.output.note("none yet: 'holdfast circle new NAME' makes one")


def _say(context: Context, done: Fields) -> None:
    if not context.output.json:
        count, name = done.number("people"), done.text("circle")
        people = "1 person is" if count == 1 else f"{count or 'no'} people are"
        context.output.line(f"{people} in '{name}' now.")


def _circle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("circle", metavar="CIRCLE")


def _membership(parser: argparse.ArgumentParser) -> None:
    _circle(parser)
    parser.add_argument("who", metavar="NAME", nargs="+", help="a contact, or another circle")


COMMANDS: Final = (
    Command(
        "circle",
        "name sets of contacts, and share with all in one at once",
        more="Nobody in a circle sees who else is, or what you call it. Everybody who follows you\n"
        "is in the circle 'all-contacts', which is always there.",
        below=(
            Command(
                "new",
                "make an empty circle",
                new,
                _circle,
                examples="holdfast circle new family",
            ),
            Command(
                "add",
                "let contacts in: they see what is shared with it, old and new",
                add,
                _membership,
                examples="holdfast circle add family bob carol\nholdfast circle add friends family",
                more="A circle holds people, and circles that hold people alone.",
            ),
            Command(
                "remove",
                "let contacts out: what they saw through it is taken back at once",
                remove,
                _membership,
                examples="holdfast circle remove family bob",
                more="What they copied while they could read it stays theirs.",
            ),
            Command(
                "list",
                "list circles and who is in them",
                circles,
                examples="holdfast circle list\nholdfast circle list --json",
            ),
            Command(
                "delete",
                "forget a circle, and take back what was shared with it",
                delete,
                _circle,
                examples="holdfast circle delete family",
            ),
        ),
    ),
)
