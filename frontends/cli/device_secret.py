"""The device secret: device-secret show, on, off."""

import argparse
from typing import Final

from frontends.cli.account import check_daemon, tell_device_secret
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.passwords import ask_password, password_option
from frontends.cli.people import draw
from frontends.cli.proving import proving


def show(context: Context, options: argparse.Namespace) -> None:
    """Show its words."""
    done = context.look("device-secret")
    if context.output.json:
        return
    tell_device_secret(context, done.text("words"))
    if options.qr:
        draw(context, done.text("words"))


def turn_on(context: Context, options: argparse.Namespace) -> None:
    """Have a new one."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    asked: dict[str, object] = {"password": ask_password(from_stdin)}
    done = proving(context, "device-secret/on", asked, from_stdin)
    if not context.output.json:
        tell_device_secret(context, done.text("words"))


def turn_off(context: Context, options: argparse.Namespace) -> None:
    """Have none."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    asked: dict[str, object] = {"password": ask_password(from_stdin)}
    proving(context, "device-secret/off", asked, from_stdin)
    if not context.output.json:
        context.output.line("There is none any more: your password alone opens your keys.")


def _password_options(parser: argparse.ArgumentParser) -> None:
    password_option(parser, "the password, then a code if one is asked,")


def _show_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--qr", action="store_true", help="also draw them, for a camera")


COMMANDS: Final = (
    Command(
        "device-secret",
        "what your machines have besides your password",
        more="With it, whoever steals your home's disk cannot find your password by trying,\n"
        "however weak it is. Every machine needs it once, to sign in; who has lost it everywhere\n"
        "cannot.",
        below=(
            Command(
                "show",
                "its words, to write down or type at another machine",
                show,
                _show_options,
                examples="holdfast device-secret show\nholdfast device-secret show --qr",
            ),
            Command(
                "on",
                "have a new one from now on",
                turn_on,
                _password_options,
                examples="holdfast device-secret on",
            ),
            Command(
                "off",
                "have none: the password alone is enough everywhere",
                turn_off,
                _password_options,
                examples="holdfast device-secret off",
            ),
        ),
    ),
)
