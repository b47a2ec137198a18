"""``holdfast node gc``: giving room back now."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.terminal import size


def gc(context: Context, _options: argparse.Namespace) -> None:
    """Run the node's jobs now, and say what they did."""
    done = context.call("node/gc", {})
    if context.output.json:
        return
    did = done.inner("did")
    for name in did.values:
        if did.number(name):
            context.output.line(f"{name:<12} {did.number(name):,}")
    before, after = done.number("on_disk_before"), done.number("on_disk")
    context.output.line(f"on disk      {size(after)}; it was {size(before)}")


GC: Final = Command(
    "gc",
    "give back now what nothing holds any more",
    gc,
    examples="holdfast node gc\nholdfast node gc --json",
    more="A node does this by itself, a little later. What is still kept (old versions, trash,\n"
    "uploads that may go on) is kept; room comes back when its time is over.",
)
