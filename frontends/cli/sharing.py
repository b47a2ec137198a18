"""Your people and your files: share, unshare, shared."""

import argparse
from typing import Final

from frontends.cli.command import Command, remote_path
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import moment
from frontends.cli.tree import show_problem


def share(context: Context, options: argparse.Namespace) -> None:
    """Let a contact read something."""
    asked: dict[str, object] = {"path": remote_path(options.path), "who": options.who}
    if options.name is not None:
        asked["name"] = options.name
    done = context.call("share", asked)
    if not context.output.json:
        who, name = done.text("who"), done.text("name")
        context.output.line(f"{who} can read {done.text('path')} now, as '{name}'.")
        _say_waiting(context, done)


def unshare(context: Context, options: argparse.Namespace) -> None:
    """Take it back."""
    done = context.call("unshare", {"path": remote_path(options.path), "who": options.who})
    if not context.output.json:
        context.output.line(f"{done.text('who')} cannot read {done.text('path')} any more.")
        _say_waiting(context, done)


def shared(context: Context, options: argparse.Namespace) -> None:
    """List what you share and what is shared with you."""
    shown = 0

    def show(kind: str, fields: Fields) -> None:
        nonlocal shown
        shown += 1
        if kind == "problem":
            show_problem(context.output.note, fields)
        elif kind == "by_me":
            since = moment(fields.number("since"))
            who, name = fields.text("who"), fields.text("name")
            context.output.line(f"{fields.text('path')}  to {who}, as '{name}', since {since}")
        else:
            slash = "/" if fields.text("kind") == "folder" else ""
            context.output.line(f"{fields.text('path')}{slash}  from {fields.text('who')}")

    context.call("shared", {"by_me": options.by_me, "with_me": options.with_me}, show)
    if not shown and not context.output.json:
        context.output.note("nothing yet: 'holdfast share PATH NAME' lets a contact read something")


def _say_waiting(context: Context, done: Fields) -> None:
    if done.flag("waiting"):
        context.output.note("their home does not answer now; the daemon tells them when it is back")


def _share_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a file, or a folder with all below it")
    parser.add_argument("who", metavar="NAME", help="a contact")
    parser.add_argument(
        "--as", dest="name", metavar="SHARENAME", help="what they see; its own name without"
    )


def _unshare_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH")
    parser.add_argument("who", metavar="NAME", help="a contact")


def _shared_options(parser: argparse.ArgumentParser) -> None:
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--by-me", action="store_true", help="only what you share")
    either.add_argument("--with-me", action="store_true", help="only what is shared with you")


COMMANDS: Final = (
    Command(
        "share",
        "let a contact read a file, or a folder and all below it",
        share,
        _share_options,
        examples="holdfast share photos/2026 bob\nholdfast share photos/2026 bob --as summer",
        more="They see it as /YOU/SHARENAME, and nothing of the path above it.",
    ),
    Command(
        "unshare",
        "take it back: from then on their keys open nothing of it",
        unshare,
        _unshare_options,
        examples="holdfast unshare photos/2026 bob",
        more="What they copied while they could read it stays theirs.",
    ),
    Command(
        "shared",
        "list what you share and what is shared with you",
        shared,
        _shared_options,
        examples="holdfast shared\nholdfast shared --with-me --json",
    ),
)
