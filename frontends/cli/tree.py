"""Your files, looked at: ls, stat, du, find."""

import argparse
from collections.abc import Callable
from typing import Final

from frontends.cli.command import Command, remote_path
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.sizes import parse_size
from frontends.cli.terminal import columns, counted, moment, safe, size, terminal_width
from frontends.cli.times import at_option, parse_time, parse_when

LETTERS: Final = {"folder": "d", "link": "l", "mount": "m", "unreadable": "?"}
KINDS: Final = ("file", "folder", "link", "mount")


def ls(context: Context, options: argparse.Namespace) -> None:
    """List folders."""
    listing = Listing(context, options.l)
    asked: dict[str, object] = {
        "paths": [remote_path(path) for path in options.path],
        "recursive": options.R,
        "at": parse_when(options.at),
    }
    context.call("ls", asked, listing.show, at_end=listing.flush)


class Listing:
    """Shows entries: one a line when long or piped, in columns on a terminal."""

    def __init__(self, context: Context, long: bool) -> None:
        self._output = context.output
        self._long = long
        self._together = context.output.terminal and not long
        self._kept: list[str] = []
        self._headings = 0

    def show(self, kind: str, fields: Fields) -> None:
        """One event of ``ls`` or ``find``."""
        if kind == "folder":
            self.flush()
            self._output.line(f"{'' if not self._headings else chr(10)}{fields.text('path')}:")
            self._headings += 1
        elif kind == "problem":
            show_problem(self._output.note, fields)
        elif self._long:
            self._output.line(long_line(fields))
        elif self._together:
            self._kept.append(safe(short_name(fields)))
        else:
            self._output.line(short_name(fields))

    def flush(self) -> None:
        """Show what was kept back for columns."""
        for row in columns(self._kept, terminal_width()):
            self._output.row(row)
        self._kept = []


def short_name(fields: Fields) -> str:
    """The name, with a slash behind a folder."""
    return fields.text("name") + ("/" if fields.text("kind") in ("folder", "mount") else "")


def long_line(fields: Fields) -> str:
    """``-x    3.4 KiB  2026-11-23 10:04  run.sh``."""
    kind = fields.text("kind")
    mode = LETTERS.get(kind, "-") + ("x" if fields.flag("executable") else "-")
    amount = size(fields.number("size")) if kind == "file" else "-"
    when = moment(fields.number("modified")) if fields.has("modified") else "-"
    target = f" -> {fields.text('target')}" if kind == "link" else ""
    note = f"  ({fields.text('note')})" if fields.has("note") else ""
    return f"{mode} {amount:>10}  {when:<16}  {short_name(fields)}{target}{note}"


def stat(context: Context, options: argparse.Namespace) -> None:
    """Say everything that is known of things."""

    def show(kind: str, fields: Fields) -> None:
        if kind == "problem":
            show_problem(context.output.note, fields)
        else:
            for line in stat_lines(fields):
                context.output.line(line)

    context.call("stat", {"paths": [remote_path(path) for path in options.path]}, show)


def stat_lines(fields: Fields) -> list[str]:
    """One thing a line."""
    kind = fields.text("kind")
    facts = {
        "path": fields.text("path"),
        "kind": kind + (", executable" if fields.flag("executable") else ""),
        "target": fields.text("target"),
        "size": f"{size(fields.number('size'))} ({fields.number('size'):,} bytes)"
        if kind == "file"
        else "",
        "holds": counted(fields.number("count"), "name") if fields.has("count") else "",
        "type": fields.text("type"),
        "modified": moment(fields.number("modified")) if fields.has("modified") else "",
        "created": moment(fields.number("created")) if fields.has("created") else "",
        "id": fields.text("id"),
        "note": fields.text("note"),
    }
    return [f"{name:<9} {value}" for name, value in facts.items() if value]


def du(context: Context, options: argparse.Namespace) -> None:
    """Say how much is below."""

    def show(kind: str, fields: Fields) -> None:
        if kind == "problem":
            show_problem(context.output.note, fields)
            return
        if kind == "versions":
            context.output.line(old_versions_line(fields, options.bytes))
            return
        what = "(trash)" if kind == "trash" else fields.text("path")
        amount = f"{fields.number('bytes')}" if options.bytes else size(fields.number("bytes"))
        files = counted(fields.number("files"), "file")
        context.output.line(f"{amount:>10}  {files:>12}  {what}")

    context.call("du", {"paths": [remote_path(path) for path in options.path]}, show)


def old_versions_line(fields: Fields, exact: bool) -> str:
    """``   3.1 MiB     57 states  (old versions)``: stored for them alone, sealed."""
    amount = f"{fields.number('bytes')}" if exact else size(fields.number("bytes"))
    states = counted(fields.number("states"), "state")
    more = ", or more" if fields.flag("at_least") else ""
    return f"{amount:>10}  {states:>12}  (old versions{more})"


def find(context: Context, options: argparse.Namespace) -> None:
    """Find things by name, kind, size and time."""

    def show(kind: str, fields: Fields) -> None:
        if kind == "problem":
            show_problem(context.output.note, fields)
        else:
            context.output.line(long_line(fields) if options.l else fields.text("path"))

    asked: dict[str, object] = {
        "path": remote_path(options.path),
        "name": options.name,
        "kind": options.kind,
        "min_size": _size(options.min_size),
        "max_size": _size(options.max_size),
        "since": _time(options.since),
        "until": _time(options.until),
    }
    context.call("find", {key: value for key, value in asked.items() if value is not None}, show)


def show_problem(note: Callable[[str], None], fields: Fields) -> None:
    """One thing that could not be done, beside the results."""
    path = fields.text("path") if fields.has("path") else ""
    message = fields.text("message")
    named = message.startswith(path)  # most messages name the thing themselves
    note(f"holdfast: {message}" if named else f"holdfast: {path}: {message}")


def _size(text: str | None) -> int | None:
    return None if text is None else parse_size(text)


def _time(text: str | None) -> int | None:
    return None if text is None else parse_time(text)


def _ls_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", nargs="*", help="your home folder without")
    parser.add_argument("-l", action="store_true", help="kind, x, size, time and name")
    parser.add_argument("-R", action="store_true", help="everything below too")
    at_option(parser)


def _paths_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", nargs="+")


def _du_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", nargs="*", help="your home folder without")
    parser.add_argument("--bytes", action="store_true", help="exact numbers")


def _find_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", nargs="?", default="", help="your home without")
    parser.add_argument("--name", metavar="PATTERN", help="such as '*.jpg'; case does not matter")
    parser.add_argument("--kind", choices=KINDS, help="only these")
    parser.add_argument("--min-size", metavar="SIZE", help="at least this large, such as 10MiB")
    parser.add_argument("--max-size", metavar="SIZE", help="at most this large")
    parser.add_argument("--since", metavar="TIME", help="changed at 2026-11-23 or later")
    parser.add_argument("--until", metavar="TIME", help="changed at 2026-11-23 or before")
    parser.add_argument("-l", action="store_true", help="as ls -l shows them")


COMMANDS: Final = (
    Command(
        "ls",
        "list folders",
        ls,
        _ls_options,
        examples="holdfast ls\nholdfast ls -l photos\nholdfast ls -R /bob/holiday\nholdfast ls /\n"
        "holdfast ls photos --at 2026-11-23",
        more="'holdfast ls /' lists you and the people who may share something with you.",
    ),
    Command(
        "stat",
        "say everything that is known of files and folders",
        stat,
        _paths_options,
        examples="holdfast stat photos/2026\nholdfast stat --json notes.txt",
    ),
    Command(
        "du",
        "say how much is below folders",
        du,
        _du_options,
        examples="holdfast du\nholdfast du --bytes photos /bob/holiday",
        more="Without PATH also what waits in the trash, and what old versions hold.",
    ),
    Command(
        "find",
        "find files and folders by name, kind, size and time",
        find,
        _find_options,
        examples="holdfast find --name '*.jpg'\n"
        "holdfast find photos --kind file --min-size 10MiB -l\n"
        "holdfast find --since 2026-11-01",
    ),
)
