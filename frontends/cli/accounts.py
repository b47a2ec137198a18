"""Several accounts in one daemon: accounts list, switch; lock."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import aligned, duration, safe
from frontends.cli.times import parse_age


def show(context: Context, _options: argparse.Namespace) -> None:
    """List them."""
    done = context.look("accounts")
    if context.output.json:
        return
    found = done.objects("accounts")
    if not found:
        context.output.line("Nobody has signed in here: 'holdfast signup NAME', or 'login NAME'.")
        return
    for row in aligned([_row(each) for each in found]):
        context.output.row(row)
    if done.number("lock_after"):
        context.output.line(
            f"Locked after {duration(done.number('lock_after'))} without a command."
        )


def switch(context: Context, options: argparse.Namespace) -> None:
    """Have commands be about another one."""
    done = context.call("accounts/switch", {"who": options.who})
    if not context.output.json:
        context.output.line(f"Commands are about {done.text('handle')} now.")


def lock(context: Context, options: argparse.Namespace) -> None:
    """Lock now, or say when."""
    asked: dict[str, object] = {}
    if options.after is not None:
        asked["after"] = 0 if options.after == "never" else parse_age(options.after)
    done = context.call("lock", asked)
    if context.output.json:
        return
    if options.after is None:
        names = ", ".join(done.texts("locked"))
        said = f"Locked: {names}. 'holdfast login NAME' opens it again." if names else "Nobody was."
        context.output.line(said)
    elif done.number("after"):
        after = duration(done.number("after"))
        context.output.line(f"Accounts lock after {after} without a command, from now on.")
    else:
        context.output.line("Accounts do not lock by themselves.")


def _row(each: Fields) -> list[str]:
    how = "signed in" if each.flag("signed_in") else "locked"
    return [
        "*" if each.flag("current") else " ",
        safe(each.text("handle")),
        f"{how}, stays so" if each.flag("stay") else how,
    ]


def _switch_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="NAME", help="a name, or a handle where two are alike")


def _lock_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--after", metavar="AGE", help="by itself, after so long without a command; or 'never'"
    )


COMMANDS: Final = (
    Command(
        "accounts",
        "the accounts of this daemon, and which one commands are about",
        below=(
            Command(
                "list",
                "who is signed in here, and who is locked",
                show,
                examples="holdfast accounts list\nholdfast accounts list --json",
                more="The star is before the one that commands are about.",
            ),
            Command(
                "switch",
                "have commands be about another one who is signed in",
                switch,
                _switch_options,
                examples="holdfast accounts switch bob\n"
                "holdfast accounts switch bob~k7q2-xw9m-3tab-9c4d",
            ),
        ),
    ),
    Command(
        "lock",
        "let go of all keys until the password is typed again",
        lock,
        _lock_options,
        examples="holdfast lock\nholdfast lock --after 15m\nholdfast lock --after never",
        more="All accounts of this daemon. 'holdfast login NAME' opens one again, also while its\n"
        "home cannot be reached. An account that was to stay signed in does so no more.",
    ),
)
