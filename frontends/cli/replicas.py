"""``holdfast replicas``: nodes of others that keep a second copy of your account."""

import argparse
import time
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.sizes import parse_size
from frontends.cli.terminal import aligned, counted, moment, size

HEADS: Final = ("REPLICA", "HOLDS", "OF", "STATE", "PROVEN")
SHORT: Final = 12
"""Last letters of a peer id that are shown: the first ones are alike."""

NO_END: Final = 2**53


def listed(context: Context, _options: argparse.Namespace) -> None:
    """One line a replica, and what is wrong with it below."""
    found = context.look("replicas").objects("replicas")
    if context.output.json:
        return
    for line in aligned([HEADS, *map(_row, found)]) if found else ():
        context.output.line(line)
    for each in found:
        for said in _problems(each):
            context.output.line(f"{_name(each)}: {said}")
    context.output.line(counted(len(found), "replica"))


def add(context: Context, options: argparse.Namespace) -> None:
    """Let a node keep one."""
    ceiling = None if options.ceiling is None else parse_size(options.ceiling)
    done = context.call("replicas/add", {"invite": options.invite, "ceiling": ceiling})
    if not context.output.json:
        context.output.line(
            f"{done.text('peer')} keeps a replica of up to {size(done.number('allowed'))}. "
            "It fetches what you have now; 'holdfast replicas' shows how far it is."
        )


def remove(context: Context, options: argparse.Namespace) -> None:
    """End one."""
    done = context.call("replicas/remove", {"replica": options.replica})
    if context.output.json:
        return
    if done.flag("told"):
        context.output.line(f"{done.text('peer')} gives up what it has of yours")
    else:
        context.output.line(
            f"{done.text('peer')} does not answer: it gets nothing more from your home, which "
            "tells it when it asks"
        )


def _row(replica: Fields) -> tuple[str, ...]:
    used = size(replica.number("used")) if replica.has("used") else "?"
    return _name(replica), used, _ceiling(replica), _state(replica), _proven(replica)


def _name(replica: Fields) -> str:
    return f"…{replica.text('peer')[-SHORT:]}"


def _ceiling(replica: Fields) -> str:
    if not replica.has("ceiling"):
        return "?"
    ceiling = replica.number("ceiling")
    return "as allowed" if ceiling >= NO_END else size(ceiling)


def _state(replica: Fields) -> str:
    if replica.has("behind"):
        behind = replica.number("behind")
        return f"{counted(behind, 'change')} behind" if behind else "has all"
    if replica.has("seq"):
        return f"has change {replica.number('seq')}"
    if replica.has("current") and replica.number("current"):
        return f"had all on {moment(replica.number('current'))}"
    return "nothing yet"


def _proven(replica: Fields) -> str:
    if not replica.has("proven") or not replica.number("proven"):
        return "never"
    return moment(replica.number("proven"))


def _problems(replica: Fields) -> list[str]:
    said = []
    if replica.has("told") and replica.text("told"):
        said.append(f"it does not follow: {replica.text('told')}")
    if replica.has("failed") and replica.number("failed") > replica.number("proven"):
        when = moment(replica.number("failed"))
        said.append(f"on {when} it did not show that it holds what it says")
    if replica.has("problem"):
        said.append(f"not asked just now: {replica.inner('problem').text('message')}")
    if replica.has("until") and replica.number("until") < time.time() * 1000:
        said.append("your grant has ended; it is renewed when you are signed in for a while")
    return said


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("invite", metavar="INVITE", help="of whoever runs the node, for a replica")
    parser.add_argument("--ceiling", metavar="SIZE", help="no more than this, such as 50GiB")


def _remove_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("replica", metavar="REPLICA", help="its peer id, or the last letters of it")


COMMANDS: Final = (
    Command(
        "replicas",
        "nodes that keep a second copy of your account",
        more="A replica follows your home: every change reaches it at once, sealed as it is. You\n"
        "and those you share with read it while your home is away. It cannot change anything.",
        below=(
            Command(
                "list",
                "how each replica stands",
                listed,
                examples="holdfast replicas list\nholdfast replicas list --json",
                more="What it has is what it showed just now, by your signature. PROVEN is when\n"
                "it last showed your home, for blocks drawn by lot, that it holds them.",
            ),
            Command(
                "add",
                "let a node keep a replica, with the invite of whoever runs it",
                add,
                _add_options,
                examples="holdfast replicas add holdfast-invite1:...\n"
                "holdfast replicas add holdfast-invite1:... --ceiling 50GiB",
                more="They make the invite: 'holdfast node replicas allow --ceiling 50GiB'. Old\n"
                "versions and snapshots from before are not copied; what comes from now on is\n"
                "kept as at home.",
            ),
            Command(
                "remove",
                "end a replica",
                remove,
                _remove_options,
                examples="holdfast replicas remove 4nVwQ8sT",
            ),
        ),
    ),
)
