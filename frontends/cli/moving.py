"""``holdfast move``: another node becomes your home."""

import argparse
from typing import Final

from frontends.cli.account import as_option, check_daemon
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.passwords import ask_password, password_option
from frontends.cli.progress import Progress
from frontends.cli.proving import proving
from frontends.cli.terminal import counted, moment


def move(context: Context, options: argparse.Namespace) -> None:
    """Move, or show what would be missing."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    asked: dict[str, object] = {
        "to": options.to,
        "password": ask_password(from_stdin),
        "name": options.as_name,
        "without_old_home": options.without_old_home,
        "accept": options.accept,
        "source": options.source,
    }
    progress = Progress(context.output, "moved", resume="the same command goes on")
    done = proving(context, "move", asked, from_stdin, progress)
    if context.output.json:
        return
    for line in _moved(done) if done.flag("moved") else _shown(done, options):
        context.output.line(line)


def _moved(done: Fields) -> list[str]:
    return lines_of_move(
        done, "The old home takes no more changes; while it is there, it follows as a replica."
    )


def lines_of_move(done: Fields, old: str) -> list[str]:
    """What to say to whoever lives at another node now; ``old``: of the home before."""
    lines = [
        f"You live at {done.inner('home').text('peer')} now.",
        "Friends hear of it by themselves, and links, shares and their access stay as they are.",
        old,
        "Second factors are kept by homes: 'holdfast factors' sets them up at the new one.",
    ]
    problems = [f"later: {each.text('message')}" for each in done.objects("problems")]
    return lines + problems


def _shown(done: Fields, options: argparse.Namespace) -> list[str]:
    code = done.text("code")
    source = f" --from {options.source}" if options.source else ""
    again = f"holdfast move --to {options.to} --without-old-home{source} --accept {code}"
    return lines_of_shown(done, "the new home" if source else "the replica", again)


def lines_of_shown(done: Fields, who: str, again: str) -> list[str]:
    """What would be gone if one went on from what ``who`` has; ``again``: how to agree to it."""
    lines = []
    for number, each in enumerate(done.objects("spaces")):
        what = "Your files" if number == 0 else "A folder that others change, too,"
        lines.append(f"{what}: {_standing(each, who)}")
    return [
        *lines,
        f"What the old home had, and neither this machine nor {who} has seen, is not known.",
        "If the old home is gone for good, and this is what you want to go on from:",
        f"  {again}",
    ]


def _standing(each: Fields, who: str) -> str:
    if not each.flag("there"):
        return f"{who} has nothing of it"
    at = f"{who} has change {each.number('seq')}, of {moment(each.number('time'))}"
    if each.flag("fits"):
        return f"{at}: all that was seen here"
    behind = each.number("changes") if each.has("changes") else 0
    if behind:
        return f"{at}; {counted(behind, 'change')} that this machine has seen would be gone"
    return f"{at}, which is another history than was seen here"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        metavar="NODE",
        required=True,
        help="an invite, a node's address, one of your replicas, or 'here' for this node",
    )
    as_option(parser)
    parser.add_argument(
        "--without-old-home",
        action="store_true",
        help="the old home is gone: one of your replicas takes its place",
    )
    parser.add_argument(
        "--from",
        metavar="REPLICA",
        dest="source",
        help="without the old home: what the new one copies all of it from first",
    )
    parser.add_argument(
        "--accept", metavar="CODE", help="go on from what the replica has, as it was shown"
    )
    password_option(parser, "the password, then a code if one is asked,")


COMMANDS: Final = (
    Command(
        "move",
        "make another node your home, with the help of the old one or without",
        move,
        _options,
        examples="holdfast move --to holdfast-invite1:...\n"
        "holdfast move --to 4nVwQ8sT\n"
        "holdfast move --to 4nVwQ8sT --without-old-home\n"
        "holdfast move --to holdfast-invite1:... --without-old-home --from 4nVwQ8sT",
        more="The new home copies all you have and checks every piece; then it becomes the home,\n"
        "and the old one a replica. Cut off anywhere, the same command goes on; until the new\n"
        "home has everything, the old one can be asked as before.\n\n"
        "Without the old home, one of your replicas becomes the home, with what it has: you are\n"
        "shown first what would be gone. With --from, a fresh node copies all of it from the\n"
        "replica and becomes the home instead. An old home that comes back is told, and takes no\n"
        "more changes; whatever it says, friends go by your newest signed word.",
    ),
)
