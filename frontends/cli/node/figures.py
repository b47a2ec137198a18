"""``holdfast node usage`` and ``stats``: the node's room, and what it has done."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import moment, size


def usage(context: Context, _options: argparse.Namespace) -> None:
    """What is stored, promised and free."""
    done = context.look("node/usage")
    if context.output.json:
        return
    for line in _usage_lines(done):
        context.output.line(line)


def stats(context: Context, _options: argparse.Namespace) -> None:
    """What the node has done since it started."""
    done = context.look("node/stats")
    if context.output.json:
        return
    for line in _stats_lines(done):
        context.output.line(line)


def _usage_lines(done: Fields) -> list[str]:
    limit = done.number("storage")
    lines = [
        f"accounts   {done.number('accounts')}",
        f"stored     {size(done.number('used'))}, reserved {size(done.number('reserved'))}"
        + (f", of {size(limit)}" if limit else ""),
        f"promised   {size(done.number('promised'))}",
        f"inboxes    {done.number('messages')} messages, {size(done.number('message_bytes'))}",
        f"on disk    {size(done.number('on_disk'))}",
        f"free       {size(done.number('free'))}; {size(done.number('min_free'))} are kept free",
    ]
    if done.flag("short"):
        lines.append("Nothing new is stored for want of room; reading and deleting go on.")
    return lines


def _stats_lines(done: Fields) -> list[str]:
    return [
        f"since        {moment(done.number('started'))}",
        f"takes        {_TAKES.get(done.text('doing'), done.text('doing'))}",
        f"connections  {done.number('connections')} now, {done.number('arrived')} in all, "
        f"{done.number('turned_away')} turned away",
        f"traffic      {size(done.number('received'))} in, {size(done.number('sent'))} out",
        *_counted("answers", done.inner("answers")),
        *_counted("outcomes", done.inner("outcomes")),
        *_counted("cut off", done.inner("cut_off")),
        *_counted("slowed", done.inner("slowed")),
        *_counted("jobs", done.inner("jobs")),
        *_counted("failed", done.inner("failed_jobs")),
    ]


def _counted(title: str, counts: Fields) -> list[str]:
    names = sorted(counts.values, key=lambda name: (-counts.number(name), name))
    heads = [title] + [""] * (len(names) - 1)
    return [
        f"{head:<12} {counts.number(name):>9,}  {name}"
        for head, name in zip(heads, names, strict=False)
    ]


_TAKES: Final = {
    "open": "everything",
    "draining": "nothing new; what is under way goes on",
    "closed": "no writes: it may be stopped",
}

USAGE: Final = Command(
    "usage",
    "say what is stored, promised and free",
    usage,
    examples="holdfast node usage\nholdfast node usage --json",
)

STATS: Final = Command(
    "stats",
    "say what the node has done since it started",
    stats,
    examples="holdfast node stats\nholdfast node stats --json",
    more="Numbers only: whom they are of is not counted.",
)
