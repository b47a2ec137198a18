"""When the node was last backed up, and whether that was found whole: for status and doctor."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import trio

from formats.errors import HoldfastError
from frontends.api.reply import Json
from frontends.api.state import State
from frontends.checks import GOOD, WARNING, Check
from frontends.place import Place

if TYPE_CHECKING:
    from node.backups.last import LastBackup

OLD: Final = 30 * 24 * 3600 * 1000
"""Milliseconds after which it is said that a backup is old."""

_TAKE: Final = "'holdfast node backup DIR' takes one, into a folder on another disk"


def backup_fields(place: Place) -> Json:
    """What is known of the last one; None: none was taken from here."""
    from node.backups.last import last_backup

    last = last_backup(Path(place.home))
    return None if last is None else asdict(last)


async def check_backup(state: State) -> list[Check]:
    """Whether there is a recent one. Of a store that others keep, this node knows nothing."""
    from node.backups.last import last_backup

    try:
        node = await state.node.wait()
        lives = len(await node.admin.accounts())
    except HoldfastError:
        return []  # the store's own check says so
    if node.config.store.records != "files":
        return []
    last = await trio.to_thread.run_sync(last_backup, Path(state.place.home))
    return [judged(last, lives, node.clock.now_ms())]


def judged(last: "LastBackup | None", lives: int, now: int) -> Check:
    """How it is, in words. ``lives``: accounts on the node; ``now`` in ms."""
    if last is None:
        if not lives:
            return Check("backup", GOOD, "nobody lives here yet, so there is nothing to back up")
        return Check("backup", WARNING, "this node was never backed up", _TAKE)
    said = f"the last backup is of {_day(last.made)}, in {last.path}"
    if last.lacking:
        return Check("backup", WARNING, f"{said}, and lacks what the node had lost", _MEND)
    if last.wrong:
        return Check("backup", WARNING, f"{said}, and it is damaged", _TAKE)
    if now - last.made > OLD:
        return Check("backup", WARNING, f"{said}: that is long ago", _TAKE)
    if last.checked is None:
        return Check("backup", GOOD, f"{said}; it was not checked yet")
    return Check("backup", GOOD, f"{said}; found whole on {_day(last.checked)}")


def _day(ms: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(ms / 1000))


_MEND: Final = "'holdfast node repair --from DIR' takes what is lost from an older backup"
