"""Backing a node up, while it serves."""

from dataclasses import dataclass
from pathlib import Path

import trio

from formats.errors import Usage
from frontends.api.node.findings import telling
from frontends.api.reply import Json, Reply
from frontends.api.shapes import LocalPath, check_absolute
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class BackingUp:
    """``to``: an absolute path. ``keep``: how many backups to keep there; without it, all."""

    to: LocalPath
    keep: int | None = None


async def backup(state: State, asked: BackingUp, reply: Reply) -> Json:
    """Take a backup of the node, of one moment, into a folder."""
    from node.backups.last import LastBackup
    from node.backups.taking import back_up

    check_absolute(asked.to)
    if asked.keep is not None and asked.keep < 1:
        raise Usage("at least one backup has to be kept", hint="leave --keep away to keep all")
    node = await state.node.wait()
    home, now, done = Path(state.place.home), node.clock.now_ms(), [0]

    def step(count: int) -> None:
        done[0] += count

    async with telling(reply, lambda: {"files": 0, "bytes": done[0]}):
        taken = await back_up(
            node.store,
            home,
            node.peer_id,
            now,
            Path(asked.to),
            asked.keep,
            step,
        )
    whole = taken.bytes + taken.shared
    last = LastBackup(now, str(taken.path), whole, taken.lacking)
    await trio.to_thread.run_sync(last.keep, home)
    return {
        "path": str(taken.path),
        "bytes": taken.bytes,
        "shared": taken.shared,
        "lacking": taken.lacking,
        "removed": taken.removed,
    }
