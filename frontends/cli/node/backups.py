"""``holdfast node backup`` and ``restore``."""

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from formats.errors import Damaged
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.node.checking import Shown, looked, wrong
from frontends.cli.progress import Progress
from frontends.cli.terminal import counted, moment, size

if TYPE_CHECKING:
    from node.checking.verify import Report


def backup(context: Context, options: argparse.Namespace) -> None:
    """Take a backup, or check the newest one."""
    folder = os.path.abspath(options.folder)
    if options.check:
        _check(context, folder)
        return
    progress = Progress(
        context.output,
        "copied",
        stopped="stopped; earlier backups are whole",
        resume="the next backup goes on from here",
    )
    asked = {"to": folder, "keep": options.keep}
    done = context.call("node/backup", asked, progress=progress)
    if not context.output.json:
        _show(context, done)
    if done.number("lacking"):
        lost = counted(done.number("lacking"), "block")
        raise Damaged(
            f"the backup is complete, and lacks {lost} that the node itself has lost",
            hint="run 'holdfast node repair --from' an older backup",
        )


def _show(context: Context, done: Fields) -> None:
    context.output.line(
        f"{done.text('path')}: copied {size(done.number('bytes'))}, "
        f"shared {size(done.number('shared'))} with the one before"
    )
    if done.number("removed"):
        context.output.line(f"removed {counted(done.number('removed'), 'old backup')}")


def _check(context: Context, folder: str) -> None:
    """Check everything in the newest backup, deeply. Needs no daemon."""
    import trio

    from node.backups.folder import find_backup
    from node.backups.last import note_checked
    from node.backups.source import opened_backup
    from node.checking.pace import Pace
    from node.checking.verify import verify

    path = find_backup(Path(folder))

    async def check() -> "Report":
        async with opened_backup(path) as store:
            return await verify(store, True, Pace(share=1))

    report = trio.run(check)
    note_checked(Path(context.place.home), path, now_ms(), report.found.total)
    _tell(context, "looked", report, {"path": str(path)})


def restore(context: Context, options: argparse.Namespace) -> None:
    """Make a new home from a backup. Needs no daemon."""
    import trio

    from node.backups.restoring import restore as put_back

    folder = Path(os.path.abspath(options.folder))
    done = trio.run(put_back, folder, Path(context.place.home), now_ms())
    said = {"path": str(done.backup), "home": context.place.home, "made": done.made}
    if not context.output.json:
        context.output.line(f"{context.place.home} is as the node was on {moment(done.made)}.")
        context.output.line(
            "Start it with 'holdfast up' or 'serve'. What people did after that time is not in it."
        )
    _tell(context, "restored", done.report, said)


def now_ms() -> int:
    """The time of this machine, in ms."""
    return time.time_ns() // 1_000_000


def _tell(context: Context, verb: str, report: "Report", said: dict[str, object]) -> None:
    from frontends.api.node.findings import as_json, summed

    shown = Shown(context)
    for each in report.found.listed:
        fields = as_json(each, {})
        if context.output.json:
            context.output.event("finding", Fields(fields).values)
        else:
            shown.show("finding", Fields(fields))
    done = Fields(summed(report))
    if context.output.json:
        context.output.event("done", {**said, **done.values})
    elif verb == "looked":
        context.output.line(f"{said['path']}: {looked(done)}")
    if report.found.total:
        raise Damaged(wrong(done), hint="an older backup may have it whole")


def _backup_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a folder for backups, on another disk")
    parser.add_argument("--check", action="store_true", help="check the newest backup instead")
    parser.add_argument(
        "--keep", metavar="N", type=int, help="keep the newest N and remove older ones (all)"
    )


def _restore_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a backup, or a folder: its newest is taken")


BACKUP: Final = Command(
    "backup",
    "copy everything, as of one moment, into a folder",
    backup,
    _backup_options,
    examples="holdfast node backup /mnt/backup/holdfast\n"
    "holdfast node backup /mnt/backup/holdfast --keep 30\n"
    "holdfast node backup --check /mnt/backup/holdfast",
    more="The node serves meanwhile. Each backup is a folder that is whole by itself, named by\n"
    "the time; what did not change is shared with the one before (hard links). One that was\n"
    "stopped is gone on with by the next, and until it is complete all earlier ones stay.\n"
    "It is as sealed as the node's disk, but for the node's key: keep it as safe as the node.",
)

RESTORE: Final = Command(
    "restore",
    "make a new home from a backup",
    restore,
    _restore_options,
    examples="holdfast node restore /mnt/backup/holdfast\n"
    "holdfast node restore /mnt/backup/holdfast/20261128T172000Z --home /srv/holdfast",
    more="Needs no daemon. The data folder (--home) must be new or empty: nothing is\n"
    "overwritten. All of it is checked; damage is named, and what is whole is restored.",
)
