"""``holdfast node invite``: who may make an account on the node."""

import argparse
import time
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.running import invite, invite_options
from frontends.cli.terminal import aligned, counted, moment, size

HEADS: Final = ("ID", "FOR", "MADE", "GOOD UNTIL", "QUOTA", "STATE")


def listed(context: Context, _options: argparse.Namespace) -> None:
    """One line an invite, newest first."""
    found = context.look("node/invites").objects("invites")
    if context.output.json:
        return
    for line in aligned([HEADS, *map(_row, found)]) if found else ():
        context.output.line(line)
    context.output.line(counted(len(found), "invite"))


def revoke(context: Context, options: argparse.Namespace) -> None:
    """It is good no more."""
    done = context.call("node/revoke", {"invite": options.invite})
    if not context.output.json:
        context.output.line(f"invite {done.text('id')} is good no more")


def _row(invite: Fields) -> tuple[str, ...]:
    return (
        invite.text("id"),
        "replica" if invite.flag("replica") else "account",
        moment(invite.number("created")),
        moment(invite.number("expires")),
        size(invite.number("quota")),
        _state(invite),
    )


def _state(invite: Fields) -> str:
    if invite.text("used_by"):
        return f"used by {invite.text('used_by')}"
    return "expired" if invite.number("expires") <= time.time() * 1000 else "waits"


def _revoke_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("invite", metavar="INVITE", help="its ID as listed, or its whole text")


INVITE: Final = Command(
    "invite",
    "who may make an account",
    below=(
        Command(
            "new",
            "make an invite: the right to one account",
            invite,
            invite_options,
            examples="holdfast node invite new\nholdfast node invite new --quota 50GiB --days 30",
            more="'holdfast invite' is the same. The invite is alone on the last line,\n"
            "and shown this once.",
        ),
        Command(
            "list",
            "list invites, and who used them",
            listed,
            examples="holdfast node invite list\nholdfast node invite list --json",
            more="Those that expired are forgotten after a month.",
        ),
        Command(
            "revoke",
            "take back an invite that nobody has used",
            revoke,
            _revoke_options,
            examples="holdfast node invite revoke 4f0c22d9",
        ),
    ),
)
