"""profile: what you say about yourself, and to whom."""

import argparse
from pathlib import Path
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.tree import show_problem

FIELDS: Final = ("name", "text", "links", "picture")


def show(context: Context, options: argparse.Namespace) -> None:
    """Show your own profile, or what a contact lets you see of theirs."""
    mine, shown = options.who is None, 0

    def tell(kind: str, fields: Fields) -> None:
        nonlocal shown
        if kind == "problem":
            show_problem(context.output.note, fields)
            return
        shown += 1
        _field(context, fields, mine)

    context.call("profile", {} if mine else {"who": options.who}, tell)
    if not shown and not context.output.json:
        hint = "'holdfast profile set name NAME' begins one" if mine else "they let you see none"
        context.output.note(f"no profile: {hint}")


def _field(context: Context, fields: Fields, mine: bool) -> None:
    first, *rest = fields.text("value").split("\n")
    context.output.line(f"{fields.text('field'):<8} {first}")
    for line in rest:
        context.output.line(f"{'':<8} {line}")
    if mine:
        seen = _by(fields) or "nobody"
        context.output.line(f"{'':<8} (seen by {seen})")


def change(context: Context, options: argparse.Namespace) -> None:
    """Write a field."""
    named: dict[str, object] = {"field": options.field, "value": options.value}
    if options.field == "picture":
        named = {"field": options.field, "file": str(Path(options.value).absolute())}
    elif options.field == "links":
        named["value"] = "\n".join(options.value.split())
    _say(context, context.call("profile/set", named))


def share(context: Context, options: argparse.Namespace) -> None:
    """Say who sees a field."""
    _say(context, context.call("profile/share", {"field": options.field, "who": options.who}))


def _say(context: Context, done: Fields) -> None:
    if not context.output.json:
        seen = _by(done) or "nobody but you"
        context.output.line(f"Your {done.text('field')} is seen by {seen}.")


def _by(fields: Fields) -> str:
    """Who sees a field, in words."""
    said = {"public": "everybody who knows your handle"}
    return ", ".join(said.get(each, each) for each in fields.texts("seen_by"))


def _show_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="NAME", nargs="?", help="a contact; you without it")


def _field_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("field", metavar="FIELD", choices=FIELDS, help=", ".join(FIELDS))


def _set_options(parser: argparse.ArgumentParser) -> None:
    _field_option(parser)
    parser.add_argument("value", metavar="VALUE", help="text; the path of a picture")


def _share_options(parser: argparse.ArgumentParser) -> None:
    _field_option(parser)
    parser.add_argument(
        "who", metavar="NAME", nargs="+", help="contacts, circles; all-contacts, public, nobody"
    )


COMMANDS: Final = (
    Command(
        "profile",
        "what you say about yourself, and to whom; what others say to you",
        more="Each field is a file in '.profile' of your home, seen by nobody unless you say so.\n"
        "What is 'public' anybody can read at your home who knows your handle, id or card.",
        below=(
            Command(
                "show",
                "show your profile, or what a contact lets you see of theirs",
                show,
                _show_options,
                examples="holdfast profile show\nholdfast profile show bob",
            ),
            Command(
                "set",
                "write a field; who sees it stays",
                change,
                _set_options,
                examples='holdfast profile set name "Alice of the hill"\n'
                'holdfast profile set links "https://example.org mailto:alice@example.org"\n'
                "holdfast profile set picture me.jpg",
            ),
            Command(
                "share",
                "say exactly who sees a field",
                share,
                _share_options,
                examples="holdfast profile share text family bob\n"
                "holdfast profile share name public\n"
                "holdfast profile share name all-contacts\nholdfast profile share picture nobody",
            ),
        ),
    ),
)
