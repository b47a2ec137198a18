"""Your people and your files: share, unshare, shared, access."""

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
        everybody = f"everybody in '{who}'" if done.flag("circle") else who
        context.output.line(f"{everybody} can read {done.text('path')} now, as '{name}'.")
        _say_waiting(context, done)


def unshare(context: Context, options: argparse.Namespace) -> None:
    """Take it back."""
    done = context.call("unshare", {"path": remote_path(options.path), "who": options.who})
    if not context.output.json:
        path, who = done.text("path"), done.text("who")
        if done.flag("circle"):
            context.output.line(f"{path} is not shared with '{who}' any more.")
        else:
            context.output.line(f"{who} cannot read {path} any more.")
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
            who = f"all in '{who}'" if fields.flag("circle") else who
            context.output.line(f"{fields.text('path')}  to {who}, as '{name}', since {since}")
        else:
            slash = "/" if fields.text("kind") == "folder" else ""
            context.output.line(f"{fields.text('path')}{slash}  from {fields.text('who')}")

    context.call("shared", {"by_me": options.by_me, "with_me": options.with_me}, show)
    if not shown and not context.output.json:
        context.output.note("nothing yet: 'holdfast share PATH NAME' lets a contact read something")


def access(context: Context, options: argparse.Namespace) -> None:
    """List who can see something, and in which way."""
    path = remote_path(options.path)

    def show(_kind: str, fields: Fields) -> None:
        since = moment(fields.number("since"))
        circle = fields.text("circle")
        through = f", in '{circle}'" if circle else ""
        of = fields.text("path")
        context.output.line(f"{fields.text('who'):<16}  {of}{through}, since {since}")

    done = context.call("access", {"path": path}, show)
    if not done.number("people") and not context.output.json:
        context.output.note("nobody but you can see it")


def _say_waiting(context: Context, done: Fields) -> None:
    if done.flag("waiting"):
        context.output.note("their home does not answer now; the daemon tells them when it is back")


def _share_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a file, or a folder with all below it")
    parser.add_argument("who", metavar="NAME", help="a contact or circle; 'all-contacts'")
    parser.add_argument(
        "--as", dest="name", metavar="SHARENAME", help="what they see; its own name without"
    )


def _unshare_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH")
    parser.add_argument("who", metavar="NAME", help="a contact or circle")


def _access_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="something of yours")


def _shared_options(parser: argparse.ArgumentParser) -> None:
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--by-me", action="store_true", help="only what you share")
    either.add_argument("--with-me", action="store_true", help="only what is shared with you")


COMMANDS: Final = (
    Command(
        "share",
        "let a contact, or all in a circle, read a file, or a folder and all below it",
        share,
        _share_options,
        examples="holdfast share photos/2026 bob\nholdfast share photos/2026 family --as summer",
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
    Command(
        "access",
        "list exactly who can see something of yours, in which way, since when",
        access,
        _access_options,
        examples="holdfast access photos/2026",
        more="Ways through a folder above it and through circles are told too.",
    ),
)
