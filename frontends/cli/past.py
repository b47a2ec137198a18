"""What was: versions, restore, log, snapshot, forget."""

import argparse
import time
from typing import Final

from formats.errors import Usage
from frontends.cli.command import Command, remote_path
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.files import Transfer, transfer_options
from frontends.cli.terminal import counted, moment, size
from frontends.cli.times import at_option, parse_age, parse_when


def versions(context: Context, options: argparse.Namespace) -> None:
    """List the versions of a file."""
    path = remote_path(options.path)

    def show(_kind: str, fields: Fields) -> None:
        context.output.line(version_line(fields, path))

    context.call("versions", {"path": path}, show)


def version_line(fields: Fields, path: str) -> str:
    """``2026-11-23 10:04     3.4 KiB  notes.txt@57``; the newest has no number."""
    amount = size(fields.number("size"))
    name = f"{path}@{fields.number('state')}" if fields.has("until") else f"{path}  (now)"
    if fields.text("who"):
        name += f"  by {fields.text('who')}"
    return f"{moment(fields.number('since'))}  {amount:>10}  {name}"


def restore(context: Context, options: argparse.Namespace) -> None:
    """Have something as it was."""
    path, at = remote_path(options.path), parse_when(options.at)
    if at is None:
        path, sign, at = path.rpartition("@")
        if not (sign and path and at.isascii() and at.isdecimal()):
            raise Usage("as it was when?", hint="'holdfast restore PATH@57', or --at WHEN")
    transfer = Transfer(context, "restored", options)
    asked: dict[str, object] = {"path": path, "at": at, "each": options.v}
    context.call("restore", asked, transfer.show, transfer.progress)


def log(context: Context, options: argparse.Namespace) -> None:
    """Say what changed."""
    most = None if options.v else MOST_SHOWN

    def show(_kind: str, fields: Fields) -> None:
        for line in log_lines(fields, most):
            context.output.line(line)

    asked: dict[str, object] = {"path": remote_path(options.path), "limit": options.n}
    context.call("log", asked, show)


def log_lines(fields: Fields, most: int | None) -> list[str]:
    """``2026-11-23 10:04  laptop  (state 57)`` and what it changed, one thing a line."""
    together = fields.number("states")
    states = f"state {fields.number('state')}"
    if together > 1:
        states += f", with {counted(together - 1, 'earlier one')}"
    who, device = fields.text("who"), fields.text("device")
    by = ", ".join(each for each in (who, device) if each) or "somebody"
    lines = [f"{moment(fields.number('made'))}  {by}  ({states})"]
    changes = fields.objects("changes")
    lines += [f"  {change_line(change)}" for change in changes[:most]]
    if most is not None and len(changes) > most:
        lines.append(f"  and {len(changes) - most:,} more (-v shows all)")
    return lines


def change_line(change: Fields) -> str:
    """``moved    /alice/a -> /alice/b``."""
    slash = "/" if change.text("kind") == "folder" else ""
    path = f"{change.text('path')}{slash}"
    if change.has("from"):
        path = f"{change.text('from')}{slash} -> {path}"
    return f"{change.text('what'):<8} {path}"


def snapshot(context: Context, options: argparse.Namespace) -> None:
    """Keep everything as it is now; list and delete what was kept so."""
    if options.list:
        _list(context)
    elif options.delete is not None:
        done = context.call("snapshot/delete", {"name": options.delete})
        if not context.output.json:
            context.output.line(f"{_named(done)} is kept no longer than other states")
    elif options.name in _MEANT:
        said = _MEANT[options.name]
        raise Usage(f"a snapshot called '{options.name}' is hardly meant", hint=f"{said}")
    else:
        name = options.name or time.strftime("%Y-%m-%d %H.%M.%S")
        done = context.call("snapshot", {"name": name})
        if not context.output.json:
            context.output.line(f"kept as '{done.text('name')}'")


_MEANT: Final = {
    "list": "'holdfast snapshot --list' shows those there are",
    "delete": "'holdfast snapshot --delete NAME' keeps one no longer",
}
"""Names that are commands elsewhere: nobody looks for a snapshot under them."""


def _list(context: Context) -> None:
    shown = 0

    def show(_kind: str, fields: Fields) -> None:
        nonlocal shown
        shown += 1
        context.output.line(f"{moment(fields.number('pinned'))}  {_named(fields)}")

    context.call("snapshot/list", {}, show)
    if not shown and not context.output.json:
        context.output.note("there are no snapshots: 'holdfast snapshot NAME' makes one")


def _named(fields: Fields) -> str:
    return fields.text("name") or f"state {fields.number('state')}"


def forget(context: Context, options: argparse.Namespace) -> None:
    """Give up old versions now."""
    asked: dict[str, object] = {}
    if options.older_than is not None:
        asked["before"] = int((time.time() - parse_age(options.older_than)) * 1000)
    done = context.call("forget", asked)
    if not context.output.json:
        context.output.line(f"{counted(done.number('count'), 'state')} given up")
        if done.number("states"):
            left = counted(done.number("states"), "state")
            context.output.line(f"{left} left, with {size(done.number('bytes'))} of their own")


def _path_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a file")


def _restore_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH@N", help="or PATH alone with --at")
    at_option(parser)
    transfer_options(parser)


def _log_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", nargs="?", default="", help="your home without")
    parser.add_argument("-n", type=int, metavar="COUNT", help="the newest COUNT states")
    parser.add_argument("-v", action="store_true", help="every change of each state")


def _snapshot_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="date and time without")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--list", action="store_true", help="those there are")
    either.add_argument("--delete", metavar="NAME", help="keep it no longer than other states")


def _forget_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--older-than", metavar="AGE", help="only what was replaced longer ago, such as 7d"
    )


MOST_SHOWN: Final = 10
"""Changes of one state that are shown without -v."""

COMMANDS: Final = (
    Command(
        "versions",
        "list what a file was",
        versions,
        _path_options,
        examples="holdfast versions notes.txt",
        more="Each line ends with what 'holdfast restore' takes. Everything is kept for an hour,\n"
        "then a state an hour for a day, a state a day for a month ('holdfast settings').",
    ),
    Command(
        "restore",
        "have a file or folder as it was",
        restore,
        _restore_options,
        examples="holdfast restore notes.txt@57\n"
        "holdfast restore photos --at '2026-11-23 10:04'\n"
        "holdfast restore photos --at 2h",
        more="A file gets a new version, so this too can be taken back; what is gone comes back;\n"
        "what a folder got since then stays. What 'rm' took is quicker to have back with\n"
        "'holdfast trash restore'.",
    ),
    Command(
        "log",
        "say what changed, when, and on which device",
        log,
        _log_options,
        examples="holdfast log\nholdfast log photos -n 10\nholdfast log notes.txt -v",
        more="Told from what was there before and after, not from what anybody said. The name of\n"
        "a device is told by the key that signed ('holdfast devices list'); for changes of before\n"
        "devices had keys, it is the device's own word.",
    ),
    Command(
        "snapshot",
        "keep everything as it is now until you say otherwise",
        snapshot,
        _snapshot_options,
        examples="holdfast snapshot 'before the move'\n"
        "holdfast snapshot --list\n"
        "holdfast snapshot --delete 'before the move'",
        more="It takes a moment and no room of its own; what is changed or removed afterwards\n"
        "goes on counting as yours. Your node does not see its name.",
    ),
    Command(
        "forget",
        "give up old versions now",
        forget,
        _forget_options,
        examples="holdfast forget\nholdfast forget --older-than 7d",
        more="For room, or for good. What is there now, the trash and snapshots stay.",
    ),
)
