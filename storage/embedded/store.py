"""EmbeddedStore: the default back end. START HERE.

One folder, for its owner alone::

    index.db (-wal, -shm)   records, the index of all blocks, blocks up to 64 KiB
    packs/NNNNNNNNNNNN.pack larger blocks
    reserve                 room for deleting when the disk is full
    lock                    held by the process that has the store open

``docs/spec/storage.md`` is the layout, ``docs/decisions/0040`` to ``0045`` say why.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

import trio

from formats.errors import StorageFailed
from storage.contracts import Copied, Transaction, View
from storage.embedded.copying import Copier
from storage.embedded.faults import told
from storage.embedded.files import FILE_MODE, FOLDER_MODE, Files
from storage.embedded.lock import ProcessLock
from storage.embedded.packs import PACK_SIZE, Pack, PackWriter, sweep
from storage.embedded.readers import Readers
from storage.embedded.reclaim import Reclaimer
from storage.embedded.reserve import Reserve
from storage.embedded.schema import MIGRATIONS, prepare
from storage.embedded.snapshots import Snapshots
from storage.embedded.sql import connect
from storage.embedded.writer import Writer

T = TypeVar("T")

CACHE: Final = 32 * 1024
"""Page cache of the writer in KiB."""


@dataclass(frozen=True, slots=True)
class _Settings:
    files: Files
    readers: int
    pack_size: int
    migrations: Sequence[str]


class EmbeddedStore:
    """``Store`` in one folder. Made by ``open``; use it from the trio run that opened it."""

    def __init__(
        self, lock: ProcessLock, writer: Writer, readers: Readers, copier: "_Copier"
    ) -> None:
        self._lock = lock
        self._writer = writer
        self._readers = readers
        self._copier = copier
        self._closed: trio.Event | None = None

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        files: Files | None = None,
        readers: int = 4,
        pack_size: int = PACK_SIZE,
        migrations: Sequence[str] = MIGRATIONS,
    ) -> Self:
        """Open the store in folder ``path``, made if it is new, and upgraded if it is old.

        After a crash nothing needs repair: SQLite replays its log, and what the
        index does not know of packs is cut off. Raises ``AlreadyRunning``,
        ``SchemaTooNew``, ``DiskFull``, ``StorageFailed``.
        """
        settings = _Settings(files or Files(), readers, pack_size, migrations)
        return await trio.to_thread.run_sync(cls._open, path, settings)

    @classmethod
    def _open(cls, path: Path, settings: _Settings) -> Self:
        with told():
            _make_folders(path, settings.files)
            lock = ProcessLock(path / "lock")
            opened = False
            try:
                connection = _connect(path / "index.db", settings.migrations)
                made = cls._start(path, settings, lock, connection)
                opened = True
            finally:
                if not opened:
                    lock.release()
        return made

    @classmethod
    def _start(
        cls, path: Path, settings: _Settings, lock: ProcessLock, connection: sqlite3.Connection
    ) -> Self:
        files, folder, snapshots = settings.files, path / "packs", Snapshots()
        packs = _open_packs(connection, settings, folder)
        reclaimer = Reclaimer(files, folder, snapshots)
        reading = Readers(path / "index.db", folder, files, snapshots, settings.readers)
        reserve = Reserve(files, path / "reserve")
        reserve.hold()
        writer = Writer(connection, packs, reclaimer, reserve, files, folder)
        return cls(lock, writer, reading, _Copier(files, path, snapshots))

    async def read(self, work: Callable[[View], T]) -> T:
        return await self._readers.run(work)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        return await self._writer.run(work)

    async def copy_to(
        self, folder: Path, before: Path | None, step: Callable[[int], None]
    ) -> Copied:
        if self._closed is not None:
            raise StorageFailed("the store is closed", "open it again")
        return await trio.to_thread.run_sync(self._copier.copy, folder, before, step)

    async def aclose(self) -> None:
        if self._closed is not None:
            await self._closed.wait()
            return
        self._closed = trio.Event()
        await self._readers.close()
        await self._writer.close()
        self._lock.release()
        self._closed.set()


@dataclass(frozen=True, slots=True)
class _Copier:
    """What copying takes of a store that is open."""

    files: Files
    path: Path
    snapshots: Snapshots

    def copy(self, folder: Path, before: Path | None, step: Callable[[int], None]) -> Copied:
        """Copy it; ended by being cancelled, at the next step."""

        def go_on(count: int) -> None:
            trio.from_thread.check_cancelled()
            step(count)

        return Copier(self.files, self.path, folder, before, go_on).run(self.snapshots)


def _make_folders(path: Path, files: Files) -> None:
    fresh = not path.exists()
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    path.chmod(FOLDER_MODE)
    (path / "packs").mkdir(mode=FOLDER_MODE, exist_ok=True)
    if fresh:
        files.sync_folder(path.parent)
    files.sync_folder(path)


def _connect(path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    # SQLite gives its -wal and -shm files the mode of the database.
    path.touch(mode=FILE_MODE)
    connection = connect(path, cache=CACHE)
    ready = False
    try:
        prepare(connection, path, migrations)
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        ready = True
    finally:
        if not ready:
            connection.close()
    return connection


def _open_packs(connection: sqlite3.Connection, settings: _Settings, folder: Path) -> PackWriter:
    """Sweep what no commit knows, and go on where the last pack ends."""
    packs = [Pack(*row) for row in connection.execute("SELECT id, length, live FROM pack")]
    files = settings.files
    greatest = sweep(files, folder, {pack.id: pack.length for pack in packs})
    last = max(packs, key=lambda pack: pack.id, default=None)
    following = max(greatest, last.id if last else 0) + 1
    writer = PackWriter(files, folder, following, settings.pack_size)
    if last is not None and greatest == last.id:
        writer.resume(last)
    return writer
