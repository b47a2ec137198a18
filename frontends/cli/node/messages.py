"""``holdfast node messages``: what those who live on the node are told."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.terminal import aligned, counted, moment


def listed(context: Context, _options: argparse.Namespace) -> None:
    """One line a message, oldest first."""
    found = context.look("node/messages").objects("messages")
    if context.output.json:
        return
    rows = [
        (
            str(each.number("number")),
            moment(each.number("time")),
            each.text("to") or "everybody",
            each.text("text"),
        )
        for each in found
    ]
    for line in aligned([("NO", "SINCE", "TO", "TEXT"), *rows]) if rows else ():
        context.output.line(line)
    context.output.line(counted(len(found), "message"))


def send(context: Context, options: argparse.Namespace) -> None:
    """Tell it from now on."""
    done = context.call("node/send", {"text": options.text, "to": options.to or ""})
    if not context.output.json:
        to = done.text("to") or "everybody"
        context.output.line(f"message {done.number('number')}: {to} is told from now on")


def remove(context: Context, options: argparse.Namespace) -> None:
    """Tell it no more."""
    done = context.call("node/unsend", {"number": options.number})
    if not context.output.json:
        context.output.line(f"message {done.number('number')} is told no more")


def inbox(context: Context, _options: argparse.Namespace) -> None:
    """One line a message, by account."""
    found = context.look("node/inbox").objects("messages")
    if context.output.json:
        return
    rows = [
        (e.text("who"), str(e.number("number")), moment(e.number("time")), e.text("text"))
        for e in found
    ]
    for line in aligned([("FROM", "NO", "SENT", "TEXT"), *rows]) if rows else ():
        context.output.line(line)
    context.output.line(counted(len(found), "message"))


def done(context: Context, options: argparse.Namespace) -> None:
    """Remove one that was read."""
    said = context.call("node/inbox/remove", {"who": options.who, "number": options.number})
    if not context.output.json:
        context.output.line(f"message {said.number('number')} of {said.text('who')} is gone")


def _done_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="NAME", help="the account it is from")
    parser.add_argument("number", metavar="NUMBER", type=int, help="as 'inbox' has it")


def _send_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="one line")
    parser.add_argument("--to", metavar="NAME", help="for one account alone")


def _remove_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="NUMBER", type=int, help="as 'list' has it")


MESSAGES: Final = Command(
    "messages",
    "what those who live here are told, and what they write",
    below=(
        Command(
            "list",
            "list what is told",
            listed,
            examples="holdfast node messages list\nholdfast node messages list --json",
        ),
        Command(
            "send",
            "tell everybody who lives here, or one of them, something",
            send,
            _send_options,
            examples='holdfast node messages send "The node moves on Sunday; back by noon."\n'
            'holdfast node messages send --to alice "You have 200 GiB now."',
            more="They see it with 'holdfast status' and 'holdfast whoami' until it is removed.\n"
            "It is not sealed: the node keeps it as it is.",
        ),
        Command(
            "remove",
            "stop telling it",
            remove,
            _remove_options,
            examples="holdfast node messages remove 3",
        ),
        Command(
            "inbox",
            "list what those who live here wrote to you",
            inbox,
            examples="holdfast node messages inbox\nholdfast node messages inbox --json",
            more="They write with 'holdfast notices write'. 'send --to NAME' answers one of them.",
        ),
        Command(
            "done",
            "remove one of those, which makes room for another",
            done,
            _done_options,
            examples="holdfast node messages done alice 3",
        ),
    ),
)
