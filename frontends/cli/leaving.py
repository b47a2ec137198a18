"""``holdfast leave``: delete your account at its home; the receipts of homes that you left."""

import argparse
import os
from typing import Final

from formats.errors import Usage
from frontends.cli.account import check_daemon
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.passwords import ask_password, password_option, prompt_shown
from frontends.cli.progress import Progress
from frontends.cli.proving import proving
from frontends.cli.terminal import counted, duration, moment, size


def leave(context: Context, options: argparse.Namespace) -> None:
    """Show what would be deleted, ask, and delete it; or list receipts."""
    if options.receipts:
        _list(context)
        return
    check_daemon(context)
    from_stdin: bool = options.password_stdin
    asked = _asked(options)
    accept: str | None = options.accept
    if accept is None:
        shown = context.call("leave", asked)
        if context.output.json or shown.flag("left"):
            _say_gone(context, shown)
            return
        for line in _shown(shown, options):
            context.output.line(line)
        accept = _agreed(context, shown, options)
        if accept is None:
            return
    more = {"accept": accept, "password": ask_password(from_stdin)}
    progress = Progress(context.output, "left", resume="the same command finds out how it stands")
    _say_gone(context, proving(context, "leave", {**asked, **more}, from_stdin, progress))


def _asked(options: argparse.Namespace) -> dict[str, object]:
    if bool(options.export) == options.without_export:
        raise Usage(
            "say whether something keeps what is deleted: --export FILE, or --without-export",
            hint="a FILE that is not there yet is written first, as 'holdfast export' does",
        )
    file = os.path.abspath(options.export) if options.export else ""
    return {"file": file, "without_export": options.without_export}


def _shown(done: Fields, options: argparse.Namespace) -> list[str]:
    """What would be lost, in plain words."""
    where = "this node" if done.flag("here") else done.text("home")
    others = done.number("spaces") - 1
    folders = f", {counted(others, 'folder')} that others change, too" if others else ""
    lines = [
        f"{done.text('handle')} at {where}: {size(done.number('bytes'))}{folders}.",
        "All of it is deleted there, for good: files, older versions, snapshots, the trash, links,",
        "and messages that wait. Whoever you share with sees nothing of it any more, and whoever",
        "changes a folder of yours neither; what they share with you stays theirs.",
    ]
    if done.number("replicas"):
        lines.append(f"{counted(done.number('replicas'), 'replica')} of it are given up, too.")
    return lines + _kept(options)


def _kept(options: argparse.Namespace) -> list[str]:
    if options.export:
        return [
            f"{options.export} keeps it: that is written first if it is not there, read whole, and",
            "has to have all there is. 'holdfast import' brings it to another node, where you go",
            "on as you are: friends hear of it.",
        ]
    return [
        "Nothing keeps it. Your identity ends with it, unless a recovery kit and some node that",
        "has your data bring it back: nobody hears of you again.",
    ]


def _agreed(context: Context, done: Fields, options: argparse.Namespace) -> str | None:
    """The code, once the person typed the account's name; None where there is nobody to ask."""
    name, code = done.text("name"), done.text("code")
    if options.password_stdin or not context.output.terminal:
        how = f"--export {options.export}" if options.export else "--without-export"
        context.output.line(f"To delete it: holdfast leave {how} --accept {code}")
        return None
    if prompt_shown(f"Type '{name}' to delete the account: ") != name.casefold():
        raise Usage("that was not the name of the account", hint="nothing was deleted")
    return code


def _say_gone(context: Context, done: Fields) -> None:
    if context.output.json:
        return
    for line in _gone(done):
        context.output.line(line)


def _gone(done: Fields) -> list[str]:
    said = done.inner("receipt")
    lines = [
        f"The account of {done.text('handle')} at {done.text('home')} is deleted: {_what(said)}.",
        f"Its blocks leave that disk within {duration(said.number('rests'))}, but for what others "
        "store as well.",
        f"What the home signed of that is in {done.text('path')}",
    ]
    if done.number("lacking"):
        lines.append(
            f"The receipt does not name {counted(done.number('lacking'), 'folder')} that this "
            "machine has seen there: ask whoever runs that node."
        )
    if done.number("late"):
        lines.append(f"{counted(done.number('late'), 'change')} came at the last moment, and went.")
    return lines + [each.text("message") for each in done.objects("problems")]


def _what(said: Fields) -> str:
    spaces, messages = counted(said.number("spaces"), "space"), said.number("messages")
    more = f" and {counted(messages, 'message')}" if messages else ""
    return f"{size(said.number('bytes'))} in {spaces}{more}, at {moment(said.number('time'))}"


def _list(context: Context) -> None:
    for each in context.look("receipts").objects("receipts"):
        if context.output.json:
            continue
        said = _what(each.inner("receipt")) if each.has("receipt") else "no answer is known"
        context.output.line(f"{each.text('handle')}  {each.text('home')}  {said}")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--export",
        metavar="FILE",
        help="what keeps it: as 'holdfast export' writes it, now or before; it has to have all "
        "there is",
    )
    parser.add_argument(
        "--without-export", action="store_true", help="delete it though nothing keeps it"
    )
    parser.add_argument(
        "--accept", metavar="CODE", help="delete what was shown with this code, without asking"
    )
    parser.add_argument(
        "--receipts", action="store_true", help="list what homes signed that you left from here"
    )
    password_option(parser, "the password, then a code if one is asked,")


COMMANDS: Final = (
    Command(
        "leave",
        "delete your account at its home; out of a file you go on elsewhere",
        leave,
        _options,
        examples="holdfast leave --export /media/stick/alice.car\n"
        "holdfast leave --without-export\n"
        "holdfast leave --receipts",
        more="You are shown what would be deleted, and asked for the account's name and password.\n"
        "The home deletes all of it at once or nothing, whatever happens to it meanwhile, and\n"
        "signs what it had: that is kept on this machine. Friends and your other machines are\n"
        "told by the home, for a year, that you left; when you live somewhere again they hear\n"
        "of it, and what you shared is there again. To another home without a gap in between:\n"
        "'holdfast move'.",
    ),
)
