"""``holdfast node verify`` and ``repair``: is everything whole, and what to do if not."""

import argparse
import os
from typing import Final

from formats.errors import Damaged
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.progress import Progress
from frontends.cli.terminal import counted, size

MOST: Final = 200
"""Findings that a person is shown; ``--json`` has all."""

REPAIR_HINT: Final = "run 'holdfast node repair', with --from BACKUP if there is a backup"
LEFT_HINT: Final = "what is left needs another copy of it: a backup that has it (--from)"


def verify(context: Context, options: argparse.Namespace) -> None:
    """Check the node; Damaged when something is wrong."""
    done = _run(context, "verify", {"deep": options.deep, "fast": options.fast})
    if not context.output.json:
        context.output.line(looked(done))
    if done.number("total"):
        raise Damaged(wrong(done), hint=REPAIR_HINT)


def repair(context: Context, options: argparse.Namespace) -> None:
    """Mend the node; Damaged when something is left."""
    sources = [os.path.abspath(each) for each in options.source or ()]
    done = _run(context, "repair", {"sources": sources, "fast": options.fast})
    mended = done.inner("mended")
    if not context.output.json:
        context.output.line(
            f"mended {counted(mended.number('blocks'), 'block')} "
            f"and {counted(mended.number('counts'), 'count')}"
        )
        if done.number("aside"):
            files = counted(done.number("aside"), "damaged block")
            context.output.line(f"{files} put aside in {context.place.home}/node/aside")
    if done.number("total"):
        raise Damaged(wrong(done), hint=LEFT_HINT)


def looked(done: Fields) -> str:
    """``looked at 2 spaces, 1,204 blocks, 3.1 MiB``."""
    return (
        f"looked at {counted(done.number('spaces'), 'space')}, "
        f"{counted(done.number('blocks'), 'block')}, {size(done.number('bytes'))}"
    )


def wrong(done: Fields) -> str:
    """``3 things are wrong: block 1, label 2``."""
    kinds = done.inner("wrong")
    said = ", ".join(f"{kind} {kinds.number(kind)}" for kind in sorted(kinds.values))
    total = done.number("total")
    return f"{counted(total, 'thing')} {'is' if total == 1 else 'are'} wrong: {said}"


class Shown:
    """Shows findings, the first of them."""

    def __init__(self, context: Context) -> None:
        self._output = context.output
        self._count = 0

    def show(self, kind: str, fields: Fields) -> None:
        """One event."""
        if kind != "finding":
            return
        self._count += 1
        if self._count <= MOST:
            self._output.line(finding_line(fields))
        elif self._count == MOST + 1:
            self._output.line("… and more: --json lists all")


def finding_line(fields: Fields) -> str:
    """``alice  block bafkrei…  space 3f2a…  a leaf is lost or damaged``."""
    whose = fields.text("account") or fields.text("owner") or "the node"
    parts = [f"{whose}: {fields.text('what')}"]
    parts += [f"{name} {fields.text(name)[:16]}" for name in ("space", "label") if fields.has(name)]
    if fields.has("block"):
        parts.append(f"block …{fields.text('block')[-12:]}")
    return f"{', '.join(parts)}: {fields.text('said')}"


def _run(context: Context, verb: str, asked: dict[str, object]) -> Fields:
    stopped = "stopped; what was done until then stays"
    progress = Progress(context.output, "looked at", "block", stopped)
    return context.call(f"node/{verb}", asked, Shown(context).show, progress)


def _fast(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fast", action="store_true", help="do not rest to let others go first")


def _verify_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--deep", action="store_true", help="read the contents of files too")
    _fast(parser)


def _repair_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="source",
        metavar="BACKUP",
        action="append",
        help="a backup, or a folder of backups, to take lost blocks from (repeatable)",
    )
    _fast(parser)


VERIFY: Final = Command(
    "verify",
    "check that everything the node holds is whole",
    verify,
    _verify_options,
    examples="holdfast node verify\nholdfast node verify --deep\n"
    "holdfast --home /srv/holdfast node verify --deep --json",
    more="Every record, history and tree is checked from its signature down, while the node\n"
    "serves; with --deep, every byte is read. What is wrong is named by account, space and\n"
    "label: which file a label is, only its owner can see. Ends with 8 when something is wrong.",
)

REPAIR: Final = Command(
    "repair",
    "mend what a check found wrong, from a backup or what is there",
    repair,
    _repair_options,
    examples="holdfast node repair\nholdfast node repair --from /mnt/backup/holdfast",
    more="Checks everything deeply first. Lost blocks come from the backups that are named;\n"
    "counts and sums are set to what there is. Nothing is thrown away: damaged bytes that\n"
    "were replaced are put aside, and what cannot be replaced stays as it is. It can be\n"
    "stopped and run again. Ends with 8 when something is left.",
)
