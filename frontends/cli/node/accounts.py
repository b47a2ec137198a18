"""``holdfast node accounts``: who lives on the node, and what they use."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import aligned, counted, moment, size


def accounts(context: Context, _options: argparse.Namespace) -> None:
    """One line an account, and their number."""
    found = context.look("node/accounts").objects("accounts")
    if context.output.json:
        return
    rows = [("NAME", "USED", "RESERVED", "QUOTA", "SINCE"), *map(_row, found)]
    for line in aligned(rows) if found else ():
        context.output.line(line)
    context.output.line(counted(len(found), "account"))


def _row(account: Fields) -> tuple[str, ...]:
    return (
        account.text("name"),
        size(account.number("used")),
        size(account.number("reserved")),
        size(account.number("quota")),
        moment(account.number("created")),
    )


ACCOUNTS: Final = Command(
    "accounts",
    "list who lives on the node, and what they use",
    accounts,
    examples="holdfast node accounts\nholdfast --home /srv/holdfast node accounts --json",
    more="An account is a name and some bytes here: what is in it, nobody but its owner can see.",
)
