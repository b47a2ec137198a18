"""A further backup of a node that goes on serving.

The copy is of one moment. An older backup stays whole until the new one is complete,
and is removed only if so many are not to be kept. A backup that was stopped, or found
the disk full, is gone on with by the next.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from formats.errors import Unfit
from node.backups.folder import BackupFolder, Note, read_plain
from node.folder import NodeFolder, write_whole
from storage.contracts import Store

MAX_PLAIN: Final = 1024 * 1024
"""Bytes of settings that are taken along."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A complete backup; bytes copied and shared; blocks the node had lost; backups removed."""

    path: Path
    bytes: int
    shared: int
    lacking: int
    removed: int


async def back_up(
    store: Store,
    home: Path,
    peer: bytes,
    now: int,
    target: Path,
    keep: int | None = None,
    step: Callable[[int], None] = lambda count: None,
) -> Taken:
    """Take a backup of the node at ``home`` into ``target``; synced when this returns.

    ``keep``: how many backups to keep, the new one included; None keeps all. ``step`` is
    called from another thread with the bytes copied. Raises Unfit, AlreadyRunning,
    DiskFull, StorageFailed.
    """
    folder = BackupFolder(target)
    await trio.to_thread.run_sync(_prepare, folder, home)
    with folder.held():
        await trio.to_thread.run_sync(folder.begin)
        older = await trio.to_thread.run_sync(folder.backups)
        before = older[-1] / "store" if older else None
        copied = await store.copy_to(folder.unfinished / "store", before, step)
        note = Note(now, peer, copied.lacking)
        path = await trio.to_thread.run_sync(_complete, folder, NodeFolder(home), note)
        removed = 0 if keep is None else await trio.to_thread.run_sync(folder.thin, keep)
    return Taken(path, copied.bytes, copied.shared, copied.lacking, removed)


def _prepare(folder: BackupFolder, home: Path) -> None:
    if folder.path.resolve().is_relative_to(home.resolve()):
        raise Unfit(
            "a backup inside the data folder would be lost with it",
            hint="name a folder on another disk",
        )
    folder.prepare()


def _complete(folder: BackupFolder, node: NodeFolder, note: Note) -> Path:
    into = folder.unfinished
    for file in (node.key_file, node.port_file, node.home / "config.toml"):
        if file.exists():
            write_whole(into / file.name, read_plain(file, MAX_PLAIN))
        else:
            (into / file.name).unlink(missing_ok=True)
    note.write(into)
    return folder.complete(time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(note.made / 1000)))
