"""The trash: listing it, restoring, emptying."""

import argparse
import time
from shlex import quote
from typing import Final

from formats.errors import Usage
from frontends.cli.command import Command, remote_path
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import counted, moment, size
from frontends.cli.times import parse_age
from frontends.cli.tree import show_problem


def trash(context: Context, options: argparse.Namespace) -> None:
    """Look into the trash, put things back, or empty it."""
    action = options.action or "list"
    _check_belongs(options, action)
    {"list": _list, "restore": _restore, "empty": _empty}[action](context, options)


def _check_belongs(options: argparse.Namespace, action: str) -> None:
    """Return if what was said goes with the action; raises Usage."""
    needs = {"list": "", "restore": "to", "empty": "older_than"}[action]
    if action == "list" and options.path:
        raise Usage("'holdfast trash list' shows everything in it", hint=_HELP)
    if action == "restore" and not options.path:
        raise Usage("what shall be restored?", hint="'holdfast trash list' shows what there is")
    for option in ("to", "older_than"):
        if option != needs and getattr(options, option) is not None:
            raise Usage(f"--{option.replace('_', '-')} does not go with {action}", hint=_HELP)
    if options.older_than is not None and options.path:
        raise Usage("name paths, or an age with --older-than, and not both", hint=_HELP)


def _list(context: Context, options: argparse.Namespace) -> None:
    shown = 0
    others: list[str] = []

    def show(kind: str, fields: Fields) -> None:
        nonlocal shown
        if kind == "trash_of":
            others.append(fields.text("path"))
            return
        shown += 1
        if kind == "problem":
            show_problem(context.output.note, fields)
        else:
            context.output.line(line(fields))

    context.call("trash", _of(options), show)
    if context.output.json:
        return
    if not shown:
        context.output.note("the trash is empty")
    for path in others:
        context.output.note(f"{path} has a trash of its own: holdfast trash --of {quote(path)}")


def _of(options: argparse.Namespace) -> dict[str, object]:
    """Whose trash: a shared folder's, or that of the home."""
    return {} if options.of is None else {"of": remote_path(options.of)}


def line(fields: Fields) -> str:
    """``4fd8a1c0  2026-11-23 10:04     3.4 KiB  /alice/notes.txt``."""
    is_folder = fields.text("kind") == "folder"
    amount = size(fields.number("size")) if fields.text("kind") == "file" else "-"
    slash, shared = "/" if is_folder else "", "  (was shared)" if fields.flag("shared") else ""
    when = moment(fields.number("removed"))
    return f"{fields.text('id')}  {when}  {amount:>10}  {fields.text('path')}{slash}{shared}"


def _restore(context: Context, options: argparse.Namespace) -> None:
    asked = _of(options) | {"names": [remote_path(path) for path in options.path]}
    if options.to is not None:
        asked["to"] = remote_path(options.to)

    def show(_kind: str, fields: Fields) -> None:
        context.output.line(f"restored {fields.text('to')}")

    context.call("trash/restore", asked, show)


def _empty(context: Context, options: argparse.Namespace) -> None:
    asked = _of(options) | {"names": [remote_path(path) for path in options.path]}
    if options.older_than is not None:
        asked["before"] = int((time.time() - parse_age(options.older_than)) * 1000)
    done = context.call("trash/empty", asked)
    if context.output.json:
        return
    context.output.line(f"{counted(done.number('count'), 'thing')} gone for good")
    if done.has("unfinished"):
        why = done.inner("unfinished").text("message")
        context.output.note(f"clearing what they held goes on later ({why})")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=("list", "restore", "empty"), help="list without"
    )
    parser.add_argument(
        "path", metavar="PATH", nargs="*", help="where it was, or what the list calls it"
    )
    parser.add_argument("--to", metavar="FOLDER", help="restore into this folder")
    parser.add_argument("--of", metavar="FOLDER", help="the trash of this shared folder")
    parser.add_argument(
        "--older-than", metavar="AGE", help="empty what was removed longer ago, such as 30d"
    )


_HELP: Final = "see 'holdfast trash --help'"

COMMANDS: Final = (
    Command(
        "trash",
        "look into the trash, restore from it, or empty it",
        trash,
        _options,
        examples="holdfast trash\n"
        "holdfast trash restore photos/2019\n"
        "holdfast trash restore 4fd8a1c0 --to rescued\n"
        "holdfast trash empty --older-than 30d\n"
        "holdfast trash empty\n"
        "holdfast trash --of trip",
        more="A thing goes back to where it was. If something else has its name now, it stands\n"
        "beside it as 'NAME (restored)'. What was shared is not shared any more. Nothing leaves\n"
        "the trash by itself, and what is in it counts as yours. A folder that is shared for\n"
        "writing has a trash of its own: name it with --of.",
    ),
)
