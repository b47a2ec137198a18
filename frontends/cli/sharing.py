"""Your people and your files: share, unshare, shared, access."""

import argparse
from typing import Final

from formats.errors import Usage
from frontends.cli.change import seal_anew
from frontends.cli.command import Command, remote_path
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.files import transfer_options
from frontends.cli.sizes import parse_size
from frontends.cli.terminal import moment, size
from frontends.cli.tree import show_problem


def share(context: Context, options: argparse.Namespace) -> None:
    """Let a contact read something."""
    asked: dict[str, object] = {"path": remote_path(options.path), "who": options.who}
    if options.name is not None:
        asked["name"] = options.name
    if options.write:
        asked["write"] = True
        asked["rights"] = options.rights.split(",") if options.rights else []
        asked["ceiling"] = None if options.ceiling is None else parse_size(options.ceiling)
    elif options.rights is not None or options.ceiling is not None:
        raise Usage("--rights and --ceiling say what --write means")
    done = context.call("share", asked)
    if not context.output.json and options.write:
        who, path = done.text("who"), done.text("path")
        who = f"everybody in '{who}'" if done.flag("circle") else who
        context.output.line(f"{who} can {_may(done)} in {path} now.")
        _say_waiting(context, done)
    elif not context.output.json:
        who, name = done.text("who"), done.text("name")
        everybody = f"everybody in '{who}'" if done.flag("circle") else who
        context.output.line(f"{everybody} can read {done.text('path')} now, as '{name}'.")
        _say_waiting(context, done)


def unshare(context: Context, options: argparse.Namespace) -> None:
    """Take it back."""
    asked: dict[str, object] = {"path": remote_path(options.path), "who": options.who}
    if options.write:
        asked["write"] = True
    if options.write and options.deep:
        raise Usage("--deep is for what they shall not read any more; with --write they may")
    done = context.call("unshare", asked)
    if not context.output.json:
        path, who = done.text("path"), done.text("who")
        if options.write:
            who = f"everybody in '{who}'" if done.flag("circle") else who
            context.output.line(f"{who} can read {path}, and change nothing in it any more.")
        elif done.flag("circle"):
            context.output.line(f"{path} is not shared with '{who}' any more.")
        else:
            context.output.line(f"{who} cannot read {path} any more.")
    if options.deep:
        seal_anew(context, options.path, options)


def shared(context: Context, options: argparse.Namespace) -> None:
    """List what you share and what is shared with you."""
    shown = 0

    def show(kind: str, fields: Fields) -> None:
        nonlocal shown
        shown += 1
        if kind == "problem":
            show_problem(context.output.note, fields)
        elif kind == "public":
            path, since = fields.text("path"), moment(fields.number("since"))
            context.output.line(f"{path}  to everybody who knows your handle, since {since}")
        elif kind == "by_me":
            since = moment(fields.number("since"))
            who, name = fields.text("who"), fields.text("name")
            who = f"all in '{who}'" if fields.flag("circle") else who
            may = _also(fields)
            line = f"{fields.text('path')}  to {who}, as '{name}', since {since}{may}"
            context.output.line(line)
        else:
            slash = "/" if fields.text("kind") == "folder" else ""
            who = fields.text("who")
            context.output.line(f"{fields.text('path')}{slash}  from {who}{_also(fields)}")

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
        may = _also(fields)
        context.output.line(f"{fields.text('who'):<16}  {of}{through}, since {since}{may}")

    done = context.call("access", {"path": path}, show)
    if done.has("public") and not context.output.json:
        since = moment(done.number("public"))
        context.output.line(f"everybody who knows your handle, since {since}")
    elif not done.number("people") and not context.output.json:
        context.output.note("nobody but you can see it")


def _also(fields: Fields) -> str:
    """What somebody may do besides reading: ``, may add, change and delete``."""
    return f", may {_may(fields)}" if fields.texts("rights") else ""


def _may(fields: Fields) -> str:
    words = fields.texts("rights")
    said = " and ".join(each for each in (", ".join(words[:-1]), words[-1]) if each)
    if fields.has("ceiling"):
        said += f" up to {size(fields.number('ceiling'))}"
    return said


def _say_waiting(context: Context, done: Fields) -> None:
    if done.flag("waiting"):
        context.output.note("their home does not answer now; the daemon tells them when it is back")


def _share_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a file, or a folder with all below it")
    parser.add_argument("who", metavar="NAME", help="a contact or circle; 'all-contacts'")
    parser.add_argument(
        "--as", dest="name", metavar="SHARENAME", help="what they see; its own name without"
    )
    parser.add_argument("--write", action="store_true", help="they may change it, too")
    parser.add_argument(
        "--rights", metavar="LIST", help="of add,change,delete; all without (with --write)"
    )
    parser.add_argument(
        "--ceiling", metavar="SIZE", help="what each may add at most, as 5GiB (with --write)"
    )


def _unshare_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH")
    parser.add_argument("who", metavar="NAME", help="a contact or circle")
    parser.add_argument(
        "--write", action="store_true", help="only the right to change it; they may read on"
    )
    parser.add_argument(
        "--deep", action="store_true", help="and seal the contents anew: all of it is sent again"
    )
    transfer_options(parser)


def _access_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="something of yours")


def _shared_options(parser: argparse.ArgumentParser) -> None:
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--by-me", action="store_true", help="only what you share")
    either.add_argument("--with-me", action="store_true", help="only what is shared with you")


COMMANDS: Final = (
    Command(
        "share",
        "let a contact or a circle read a file, or a folder and all below it",
        share,
        _share_options,
        examples=(
            "holdfast share photos/2026 bob\nholdfast share photos/2026 family --as summer\n"
            "holdfast share trip bob --write --rights add,change --ceiling 5GiB"
        ),
        more="They see it as /YOU/SHARENAME, and nothing of the path above it. With --write it\n"
        "gets a space of its own: 'holdfast log' says who wrote what there, it counts in your\n"
        "quota, and you can have back what was there before. Of a circle each has a ceiling alone.",
    ),
    Command(
        "unshare",
        "take it back: from then on their keys open nothing of it",
        unshare,
        _unshare_options,
        examples="holdfast unshare photos/2026 bob\nholdfast unshare trip bob --write\n"
        "holdfast unshare photos/2026 bob --deep",
        more="What they copied while they could read it stays theirs. With --deep the keys that\n"
        "they kept are of no use to a thief of your home's disk either: see 'holdfast reseal'.",
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
        "list who can see something of yours, in which way, since when",
        access,
        _access_options,
        examples="holdfast access photos/2026",
        more="Ways through a folder above it and through circles are told too.",
    ),
)
