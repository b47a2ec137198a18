"""``holdfast node accounts`` and ``quota``: who lives on the node, what they use and may."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.sizes import parse_size
from frontends.cli.terminal import aligned, counted, moment, size

HEADS: Final = ("NAME", "USED", "RESERVED", "QUOTA", "MESSAGES", "SINCE")


def accounts(context: Context, _options: argparse.Namespace) -> None:
    """One line an account, and their number."""
    found = context.look("node/accounts").objects("accounts")
    if context.output.json:
        return
    for line in aligned([HEADS, *map(_row, found)]) if found else ():
        context.output.line(line)
    context.output.line(counted(len(found), "account"))


def show(context: Context, options: argparse.Namespace) -> None:
    """One account."""
    _said(context, context.call("node/quota", {"name": options.name}))


def set_(context: Context, options: argparse.Namespace) -> None:
    """Another limit for it."""
    quota = parse_size(options.size)
    _said(context, context.call("node/set-quota", {"name": options.name, "quota": quota}))


def reset(context: Context, options: argparse.Namespace) -> None:
    """Take away what somebody lost."""
    done = context.call("node/reset-factors", {"name": options.name})
    if not context.output.json:
        taken = counted(done.number("factors"), "second factor")
        context.output.line(f"{done.text('name')}: {taken} taken away. They are told of it.")


def _said(context: Context, account: Fields) -> None:
    if context.output.json:
        return
    used, quota = account.number("used") + account.number("reserved"), account.number("quota")
    context.output.line(f"{account.text('name')}: {size(used)} of {size(quota)}")
    if used > quota:
        context.output.line("It is over: it can read and delete, and adds nothing until it fits.")


def _row(account: Fields) -> tuple[str, ...]:
    return (
        account.text("name"),
        size(account.number("used")),
        size(account.number("reserved")),
        size(account.number("quota")),
        str(account.number("messages")),
        moment(account.number("created")),
    )


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the account")


def _name_and_size(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("size", metavar="SIZE", help="such as 500MiB, 100GiB or 2TiB")


ACCOUNTS: Final = Command(
    "accounts",
    "list who lives on the node, and what they use",
    accounts,
    examples="holdfast node accounts\nholdfast --home /srv/holdfast node accounts --json",
    more="An account is a name and some bytes here: what is in it, nobody but its owner can see.\n"
    "RESERVED: uploads under way. MESSAGES: sealed ones that wait to be collected.",
)

QUOTA: Final = Command(
    "quota",
    "how much an account may use",
    below=(
        Command(
            "show",
            "say what one account uses and may use",
            show,
            _name,
            examples="holdfast node quota show alice",
        ),
        Command(
            "set",
            "give an account another limit",
            set_,
            _name_and_size,
            examples="holdfast node quota set alice 200GiB",
            more="It holds at once. Below what the account uses, it can read and delete, and adds\n"
            "nothing until it fits.",
        ),
    ),
)

RESET_FACTORS: Final = Command(
    "reset-factors",
    "let somebody in who lost their second factors",
    reset,
    _name,
    examples="holdfast node reset-factors alice",
    more="Make sure that it is them who ask: from now on the password alone lets in. Every device\n"
    "of theirs is told, now or when it signs in next. Apps, keys and backup codes are all gone;\n"
    "they add new ones with 'holdfast factors'.",
)
