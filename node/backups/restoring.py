"""A new home from a backup.

Everything is copied beside its place, checked deeply, and then given its name: a
restore that was stopped leaves no home that looks whole, and is simply run again.

A restored home is older than what people have seen of it. Its store says so from
then on (``restored``), so that whoever runs the node can be told; each person
decides for their own space, with ``holdfast restored``.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from formats.dag_cbor import decode, encode
from formats.errors import Unfit
from formats.fields import Fields
from node.backups.folder import Note, find_backup, read_plain
from node.backups.taking import MAX_PLAIN
from node.checking.pace import Pace
from node.checking.verify import Report, verify
from node.folder import failed, sync_folder, write_whole
from storage.contracts import Store, Transaction, View
from storage.embedded.copied import CopiedStore
from storage.embedded.store import EmbeddedStore

DRAFT: Final = "node.restoring"
SETTING: Final = "restored"
SETTINGS: Final = "config.toml"


@dataclass(frozen=True, slots=True)
class Restored:
    """From which backup, when that was made (ms), and what is wrong with what it held."""

    backup: Path
    made: int
    report: Report


@dataclass(frozen=True, slots=True)
class Origin:
    """A store that came from a backup: when that was made, and when it was put back (ms)."""

    made: int
    restored: int


async def restore(
    path: Path, home: Path, now: int, step: Callable[[int], None] = lambda count: None
) -> Restored:
    """Make the data folder ``home`` from a backup; it must be new, or empty.

    ``path``: a backup, or a folder of which the newest is taken. Raises Unfit,
    StorageFailed, DiskFull, SchemaTooNew.
    """
    backup = await trio.to_thread.run_sync(find_backup, path)
    note = Note.read(backup)
    draft = home / DRAFT
    await trio.to_thread.run_sync(_make_room, home, draft)
    copy = CopiedStore(backup / "store")
    try:
        await copy.copy_to(draft / "store", None, step)
    finally:
        await copy.aclose()
    report = await _check(draft / "store")
    store = await EmbeddedStore.open(draft / "store")
    try:
        await store.write(lambda tx: _say(tx, Origin(note.made, now)))
    finally:
        with trio.CancelScope(shield=True):
            await store.aclose()
    await trio.to_thread.run_sync(_complete, backup, home)
    return Restored(backup, note.made, report)


async def origin(store: Store) -> Origin | None:
    """Where the store came from, if it was restored."""

    def work(view: View) -> Origin | None:
        said = view.setting(SETTING)
        if said is None:
            return None
        fields = Fields(decode(said), "restored")
        return Origin(fields.uint("made"), fields.uint("restored"))

    return await store.read(work)


async def _check(folder: Path) -> Report:
    copy = CopiedStore(folder)
    try:
        return await verify(copy, True, Pace(share=1))
    finally:
        await copy.aclose()


def _say(tx: Transaction, said: Origin) -> None:
    tx.put_setting(SETTING, encode({"made": said.made, "restored": said.restored}))


def _make_room(home: Path, draft: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        ours = {DRAFT, SETTINGS} if draft.is_dir() else {DRAFT}
        others = [each.name for each in home.iterdir() if each.name not in ours]
        if others:
            raise Unfit(
                f"{home} has other things in it",
                hint="name a new folder: what is there is never overwritten",
            )
        home.chmod(0o700)
        if draft.is_symlink():
            draft.unlink()
        elif draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
    except OSError as error:
        raise failed("the data folder cannot be made", error) from None


def _complete(backup: Path, home: Path) -> None:
    draft = home / DRAFT
    for name in ("node.key", "port"):
        if (backup / name).exists():
            write_whole(draft / name, read_plain(backup / name, MAX_PLAIN))
    if (backup / SETTINGS).exists():
        write_whole(home / SETTINGS, read_plain(backup / SETTINGS, MAX_PLAIN))
    try:
        sync_folder(draft)
        draft.rename(home / "node")
        sync_folder(home)
    except OSError as error:
        raise failed("the restored home cannot be completed", error) from None
