"""What was begun and not finished: transfers."""

import argparse
from typing import Final

from formats.errors import Usage
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import counted, moment, safe, size


def transfers(context: Context, options: argparse.Namespace) -> None:
    """List what is unfinished, or let go of it."""
    if options.action == "forget":
        _forget(context, options)
    elif options.name or options.all:
        raise Usage("names and --all go with 'forget'", hint="see 'holdfast transfers --help'")
    else:
        _list(context)


def _list(context: Context) -> None:
    shown = 0

    def show(_kind: str, fields: Fields) -> None:
        nonlocal shown
        shown += 1
        context.output.line(line(fields))

    context.call("transfers", {}, show)
    if not shown and not context.output.json:
        context.output.note("nothing is unfinished")


def line(fields: Fields) -> str:
    """``4fd8a1c0  2026-11-23 10:04  1.2 GiB of 4.0 GiB  /home/me/a.iso -> /alice/a.iso``."""
    done, whole = size(fields.number("done")), size(fields.number("size"))
    device = "" if fields.flag("here") else f" on {safe(fields.text('device'))}"
    running = "  (running)" if fields.flag("running") else ""
    local, path = f"{safe(fields.text('local'))}{device}", safe(fields.text("path"))
    source, target = (path, local) if fields.text("verb") == "get" else (local, path)
    when = moment(fields.number("began"))
    return f"{fields.text('name')}  {when}  {done} of {whole}  {source} -> {target}{running}"


def _forget(context: Context, options: argparse.Namespace) -> None:
    if bool(options.name) == options.all:
        raise Usage(
            "which? name some, or all with --all",
            hint="'holdfast transfers' shows what each is called",
        )
    count = 0

    def show(_kind: str, _fields: Fields) -> None:
        nonlocal count
        count += 1

    context.call("transfers/forget", {"names": options.name}, show)
    if not context.output.json:
        context.output.line(f"{counted(count, 'transfer')} forgotten")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("list", "forget"), help="list without")
    parser.add_argument("name", metavar="NAME", nargs="*", help="as the list shows it")
    parser.add_argument("--all", action="store_true", help="all that are not running")


COMMANDS: Final = (
    Command(
        "transfers",
        "list what was cut off, or let go of it",
        transfers,
        _options,
        examples="holdfast transfers\n"
        "holdfast transfers forget 4fd8a1c0\n"
        "holdfast transfers forget --all",
        more="A put that was cut off in a file over 64 MiB is kept for 7 days. The same put on\n"
        "the same machine goes on with it; on another machine, 'holdfast put --resume' does,\n"
        "with a copy of the file. What was sent counts in your quota until it is forgotten.\n"
        "A get that was cut off in a file over 16 MiB goes on when the same is got again, as long\n"
        "as the machine was not started anew; its part is a hidden file beside the target.",
    ),
)
