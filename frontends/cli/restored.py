"""``holdfast restored``: your home went back to a backup; see what it has, and go on from there."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import counted, moment


def restored(context: Context, options: argparse.Namespace) -> None:
    """Show what the home has, or go on from it."""
    done = context.call("restored", {"accept": options.accept})
    if context.output.json:
        return
    for line in _accepted(done) if done.flag("accepted") else _shown(done):
        context.output.line(line)


def _shown(done: Fields) -> list[str]:
    home = done.inner("home")
    has = f"Your home has change {home.number('seq')}, of {moment(home.number('time'))}."
    if done.text("verdict") == "fits":
        return [
            has,
            "That goes with all that was seen here: nothing needs to be done.",
            "Should friends be told of two histories although your home was restored:",
            f"  holdfast restored --accept {done.text('code')}",
        ]
    seen, at = done.number("seen"), home.number("seq")
    newer = f", of {moment(done.inner('newer').number('time'))}" if done.has("newer") else ""
    lines = [has, f"Here, change {seen} was seen already{newer}."]
    if done.text("verdict") == "older":
        lines.append(f"Not at your home: {counted(seen - at, 'change')} made after that.")
    else:
        lines.append("The two are different histories: some changes that were seen are not in it.")
    lines += [
        "That is so when the home was restored from a backup. A home that rolls you back looks",
        "just the same: only you, or whoever runs it, can know. If it was restored, and the newer",
        "state is gone for good:",
        f"  holdfast restored --accept {done.text('code')}",
        "What is not in that state is then given up on all your machines and for your friends, and",
        "does not come back. Local copies of files are not touched: put those again that are lost.",
    ]
    if done.flag("members_unsure"):
        lines.append(
            "Who may write here was changed after that state, and this machine does not know how: "
            "look through your devices afterwards."
        )
    return lines


def _accepted(done: Fields) -> list[str]:
    at = done.inner("home").number("seq")
    return [
        f"Your files go on from change {at}. Your other machines and your friends follow.",
        "If you changed your password after that, it is the older one again: 'holdfast passwd'.",
    ]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--accept", metavar="STATE", help="go on from this state, as it was shown (120-3fa9…)"
    )


COMMANDS: Final = (
    Command(
        "restored",
        "your home went back to a backup: see what it has, go on from there",
        restored,
        _options,
        examples="holdfast restored\nholdfast restored --accept 120-3fa90c41d2b7e865",
        more="A home that shows an older state than was seen is refused, since nobody can tell a\n"
        "restored one from one that rolls you back. This shows what it has; with --accept, you\n"
        "sign that your files go on from exactly that, and everybody follows.",
    ),
)
