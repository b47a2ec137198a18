"""``holdfast node replicas``: second copies of accounts, kept here and elsewhere."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.replicas import NO_END
from frontends.cli.sizes import parse_size
from frontends.cli.terminal import aligned, counted, moment, size

HEADS: Final = ("WHOSE", "KEPT", "HOLDS", "OF", "STATE")


def listed(context: Context, _options: argparse.Namespace) -> None:
    """One line a replica, those kept here first."""
    found = context.look("node/replicas").objects("replicas")
    if context.output.json:
        return
    for line in aligned([HEADS, *map(_row, found)]) if found else ():
        context.output.line(line)
    context.output.line(counted(len(found), "replica"))


def allow(context: Context, options: argparse.Namespace) -> None:
    """An invite for one replica."""
    asked = {"ceiling": parse_size(options.ceiling), "days": options.days}
    done = context.call("node/replicas/allow", asked)
    if context.output.json:
        return
    context.output.line(
        f"This lets one person keep a replica of up to {options.ceiling} here, if they begin "
        f"within {counted(done.number('days'), 'day')}: 'holdfast replicas add' where they are."
    )
    context.output.line(done.text("invite"))


def remove(context: Context, options: argparse.Namespace) -> None:
    """Keep one no longer."""
    done = context.call("node/replicas/remove", {"who": options.who})
    if not context.output.json:
        context.output.line(
            f"the replica of {done.text('who')} is given up: {size(done.number('used'))}"
        )


def _row(replica: Fields) -> tuple[str, ...]:
    where = "here" if replica.flag("here") else f"…{replica.text('peer')[-12:]}"
    most = replica.number("ceiling")
    if replica.flag("here"):
        most = min(most, replica.number("allowed"))
    of = "as allowed" if most >= NO_END else size(most)
    return replica.text("who"), where, size(replica.number("used")), of, _state(replica)


def _state(replica: Fields) -> str:
    if replica.text("told"):
        return replica.text("told")
    if not replica.flag("follows"):
        return "the grant has ended; kept, and not followed"
    current = replica.number("current")
    return f"had all on {moment(current)}" if current else "begins"


def _allow_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ceiling", metavar="SIZE", required=True, help="at most, such as 50GiB")
    parser.add_argument("--days", metavar="N", type=int, help="how long it can be begun (7)")


def _remove_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="WHOSE", help="the owner's handle, as it is listed")


REPLICAS: Final = Command(
    "replicas",
    "second copies of accounts: kept here for others, and elsewhere",
    below=(
        Command(
            "list",
            "whose are kept here, and where those of accounts here are",
            listed,
            examples="holdfast node replicas list\nholdfast node replicas list --json",
        ),
        Command(
            "allow",
            "make an invite: room for a replica of somebody's account",
            allow,
            _allow_options,
            examples="holdfast node replicas allow --ceiling 50GiB",
            more="The invite is alone on the last line, and shown this once. Among others it is\n"
            "listed by 'node invite list'; 'node invite revoke' takes it back until it is used.",
        ),
        Command(
            "remove",
            "keep a replica no longer; what is held of it goes",
            remove,
            _remove_options,
            examples="holdfast node replicas remove alice~k7q2-xw9m-3tab-9c4d",
        ),
    ),
)
