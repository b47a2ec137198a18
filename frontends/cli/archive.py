"""``holdfast export`` and ``import``: an account in a file."""

import argparse
import os
from typing import Final

from formats.errors import Usage
from frontends.cli.account import as_option, check_daemon, stay_option
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.moving import lines_of_move, lines_of_shown
from frontends.cli.passwords import ask_password, password_option
from frontends.cli.progress import Progress
from frontends.cli.proving import proving
from frontends.cli.terminal import counted, moment, size

PIPE: Final = "-"


def export(context: Context, options: argparse.Namespace) -> None:
    """Write all of the account into one file, or to standard output."""
    from_stdin: bool = options.password_stdin
    path = "" if options.file == PIPE else os.path.abspath(options.file)
    if not path and context.output.json:
        raise Usage("standard output is either the file or JSON", hint="name a file")
    check_daemon(context)
    asked: dict[str, object] = {"path": path, "password": ask_password(from_stdin)}
    if not path:
        ready = proving(context, "export", asked, from_stdin)
        context.pour("export/pour", {"ready": ready.text("ready")})
        return
    done = proving(context, "export", asked, from_stdin, _progress(context, "exported"))
    if not context.output.json:
        for line in _exported(options.file, done):
            context.output.line(line)


def bring(context: Context, options: argparse.Namespace) -> None:
    """Bring an account out of a file to a node, or check the file."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    asked: dict[str, object] = {
        "path": os.path.abspath(options.file),
        "password": ask_password(from_stdin, "Password, as it was when the file was written: "),
        "device_secret": _device_secret(options),
        "check": options.check,
        "to": options.to,
        "name": options.as_name,
        "without_old_home": options.without_old_home,
        "accept": options.accept,
        "stay": options.stay,
    }
    done = context.call("import", asked, progress=_progress(context, "imported"))
    if context.output.json:
        return
    for line in _imported(options, done):
        context.output.line(line)


def _device_secret(options: argparse.Namespace) -> str | None:
    """The words, where the file needs them."""
    if not options.device_secret:
        return None
    return ask_password(options.password_stdin, "Device secret: ")


def _progress(context: Context, verb: str) -> Progress:
    resume = "the same command goes on from here"
    return Progress(context.output, verb, "block", "stopped", resume)


def _exported(file: str, done: Fields) -> list[str]:
    return [
        f"{file}: all of your account as it was on {moment(done.number('made'))}: "
        f"{counted(done.number('blocks'), 'block')}, {size(done.number('bytes'))}",
        "It opens with the password you have now, and your device secret if there is one.",
        f"'holdfast import --check {file}' reads all of it and says whether it is whole.",
    ]


def _imported(options: argparse.Namespace, done: Fields) -> list[str]:
    if options.check:
        return [
            f"{options.file} is whole: {done.text('handle')} as of {moment(done.number('made'))}, "
            f"{counted(done.number('blocks'), 'block')}, {size(done.number('bytes'))}"
        ]
    if done.flag("moved"):
        return lines_of_move(done, "It is told, when it is there again, that you live here.")
    again = f"holdfast import {options.file} --accept {done.text('code')}"
    return lines_of_shown(done, "the file", again)


def _export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a new file; '-' for standard output")
    password_option(parser, "the password, then a code if one is asked,")


def _import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="what 'holdfast export' wrote")
    parser.add_argument(
        "--check", action="store_true", help="only read all of it and verify it; changes nothing"
    )
    parser.add_argument(
        "--to",
        metavar="NODE",
        default="here",
        help="an invite, or the address of an open node; without it, this node",
    )
    as_option(parser)
    parser.add_argument(
        "--device-secret", action="store_true", help="ask for the device secret's words, too"
    )
    parser.add_argument(
        "--without-old-home",
        action="store_true",
        help="go on from the file though the home it was written at answers",
    )
    parser.add_argument(
        "--accept", metavar="CODE", help="go on from what the file has, as it was shown"
    )
    stay_option(parser)
    password_option(parser, "the password (and the device secret as a second line)")


COMMANDS: Final = (
    Command(
        "export",
        "write your whole account into one sealed file",
        export,
        _export_options,
        examples="holdfast export /media/stick/alice.car\n"
        "holdfast export - | ssh backup 'cat > alice.car'",
        more="All your files, shares, contacts and keys, as they are now, without older versions.\n"
        "Who finds the file learns its size; it opens with your password, and your device secret\n"
        "if you have one. Cut off anywhere, the same command goes on (FILE.part is what is there\n"
        "so far).",
    ),
    Command(
        "import",
        "bring an account out of a file to a node, which becomes its home",
        bring,
        _import_options,
        examples="holdfast import --check /media/stick/alice.car\n"
        "holdfast import /media/stick/alice.car\n"
        "holdfast import alice.car --to holdfast-invite1:...",
        more="For when the home is gone, or was left. Every block, root, record and signature is\n"
        "verified before anything is told to a node; then the node takes it, verifies it again,\n"
        "and becomes the home. Links, shares and friends go on. Cut off anywhere, the same\n"
        "command goes on.\n\n"
        "What this machine has seen that is not in the file is shown first. Second factors are\n"
        "kept by homes: 'holdfast factors' sets them up at the new one.",
    ),
)
