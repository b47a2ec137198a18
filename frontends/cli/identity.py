"""Your identity keys: identity rotate, identity history."""

import argparse
from typing import Final

from frontends.cli.account import check_daemon
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.passwords import ask_password, password_option
from frontends.cli.proving import proving
from frontends.cli.terminal import moment

SHOWN: Final = 16
"""Digits of a hash that are shown; --json has all 64."""


def rotate(context: Context, options: argparse.Namespace) -> None:
    """Renew the keys."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    asked: dict[str, object] = {"password": ask_password(from_stdin)}
    done = proving(context, "identity/rotate", asked, from_stdin)
    if not context.output.json:
        context.output.line(f"Your keys are renewed: record {done.number('seq')} is in force.")
        context.output.line("Friends hear of it by themselves; safety numbers stay the same.")
        context.output.line("Your other machines have to sign in again.")


def history(context: Context, options: argparse.Namespace) -> None:
    """Show every record."""
    done = context.call("identity/history", {"who": options.who})
    if context.output.json:
        return
    context.output.line(f"{done.text('handle')}  id {done.text('id')}")
    for each in done.objects("records"):
        _show(context, each)
    if done.number("verified"):
        since = moment(done.number("verified"))
        context.output.line(f"Safety numbers were compared on {since}: they are of the id, so")
        context.output.line("that holds for each of these records, and for no other history.")
    if done.number("alarm"):
        context.output.note("STOPPED: another history of these keys was seen. Ask them.")


def _show(context: Context, each: Fields) -> None:
    force = "  (in force)" if each.flag("in_force") else ""
    context.output.line(f"record {each.number('seq')}  {moment(each.number('created'))}{force}")
    context.output.line(f"  hash    {_short(each, 'hash')}")
    context.output.line(f"  valid   {each.text('why')}")
    context.output.line(f"  signer  {_short(each, 'signer')}")
    context.output.line(f"  daily   {_short(each, 'daily')}")
    context.output.line(f"  next    {_short(each, 'next')}")


def _short(each: Fields, name: str) -> str:
    return each.text(name)[:SHOWN]


def _rotate_options(parser: argparse.ArgumentParser) -> None:
    password_option(parser, "the password, then a code if one is asked,")


def _history_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="NAME", nargs="?", help="a contact; without one, yourself")


COMMANDS: Final = (
    Command(
        "identity",
        "your identity keys: renewing them, and every record of them",
        below=(
            Command(
                "rotate",
                "have other keys from now on, and stay who you are",
                rotate,
                _rotate_options,
                examples="holdfast identity rotate\n"
                "pass show holdfast | holdfast identity rotate --password-stdin",
                more="Your id, handle, friends and shares stay. If it is cut off, your keys are\n"
                "the old or the new ones, never neither: do it again.\n"
                "Your files keep their secrets. Where a machine was lost 'holdfast devices\n"
                "revoke', and where somebody may have had the password 'holdfast passwd\n"
                "--rotate', give everything new ones, too.",
            ),
            Command(
                "history",
                "every record of an identity: when, why it is valid, which keys",
                history,
                _history_options,
                examples="holdfast identity history\nholdfast identity history bob\n"
                "holdfast identity history --json",
            ),
        ),
    ),
)
