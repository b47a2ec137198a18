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

from crypto.secret import random_bytes
from formats.errors import StorageFailed
from storage.contracts import Change, Copied, Transaction, View
from storage.embedded.copying import Copier
from storage.embedded.faults import told
from storage.embedded.files import FILE_MODE, FOLDER_MODE, Files
from storage.embedded.local import LocalPacks
from storage.embedded.lock import ProcessLock
from storage.embedded.packs import PACK_SIZE
from storage.embedded.readers import Readers
from storage.embedded.reclaim import Reclaimer
from storage.embedded.reserve import Reserve
from storage.embedded.schema import MIGRATIONS, prepare
from storage.embedded.snapshots import Snapshots
from storage.embedded.sql import connect
from storage.embedded.writer import Writer
from storage.packs import SITE, SITE_SIZE, Pack, Packs

T = TypeVar("T")

CACHE: Final = 32 * 1024
"""Page cache of the writer in KiB."""


@dataclass(frozen=True, slots=True)
class _Settings:
    files: Files
    packs: Packs
    readers: int
    migrations: Sequence[str]


class EmbeddedStore:
    """``Store`` in one folder. Made by ``open``; use it from the trio run that opened it."""

    def __init__(
        self,
        lock: ProcessLock,
        packs: Packs,
        writer: Writer,
        readers: Readers,
        copier: "_Copier",
    ) -> None:
        self._lock = lock
        self._packs = packs
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
        packs: Packs | None = None,
        readers: int = 4,
        pack_size: int = PACK_SIZE,
        migrations: Sequence[str] = MIGRATIONS,
    ) -> Self:
        """Open the store in folder ``path``, made if it is new, and upgraded if it is old.

        ``packs``: where larger blocks are, if not in files of the folder; closed with the
        store, also when this fails. After a crash nothing needs repair: SQLite replays its
        log, and what the index does not know of packs is cut off. Raises ``AlreadyRunning``,
        ``SchemaTooNew``, ``DiskFull``, ``StorageFailed``.
        """
        files = files or Files()
        packs = packs or LocalPacks(files, path / "packs", pack_size)
        settings = _Settings(files, packs, readers, migrations)
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
                    settings.packs.close()
                    lock.release()
        return made

    @classmethod
    def _start(
        cls, path: Path, settings: _Settings, lock: ProcessLock, connection: sqlite3.Connection
    ) -> Self:
        packs, snapshots = settings.packs, Snapshots()
        rows = connection.execute("SELECT id, length, live FROM pack").fetchall()
        writing = packs.prepare([Pack(*row) for row in rows], _site(connection))
        reading = Readers(path / "index.db", packs, snapshots, settings.readers)
        reserve = Reserve(settings.files, path / "reserve")
        reserve.hold()
        writer = Writer(connection, packs, writing, Reclaimer(packs, snapshots), reserve)
        copier = _Copier(settings.files, path / "index.db", packs, snapshots)
        return cls(lock, packs, writer, reading, copier)

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

    @property
    def keeps_house(self) -> bool:
        return True

    def watch(self, heard: Callable[[Change], None]) -> None:
        """Nobody else changes anything: the folder is locked."""

    async def aclose(self) -> None:
        if self._closed is not None:
            await self._closed.wait()
            return
        self._closed = trio.Event()
        await self._readers.close()
        await self._writer.close()
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(self._packs.close)
        self._lock.release()
        self._closed.set()


@dataclass(frozen=True, slots=True)
class _Copier:
    """What copying takes of a store that is open."""

    files: Files
    index: Path
    packs: Packs
    snapshots: Snapshots

    def copy(self, folder: Path, before: Path | None, step: Callable[[int], None]) -> Copied:
        """Copy it; ended by being cancelled, at the next step."""

        def go_on(count: int) -> None:
            trio.from_thread.check_cancelled()
            step(count)

        return Copier(self.files, self.index, self.packs, folder, before, go_on).run(self.snapshots)


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


def _site(connection: sqlite3.Connection) -> bytes:
    """What names this store where others may keep packs too; made the first time."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (SITE,)).fetchone()
    if row is not None:
        return bytes(row[0])
    made = random_bytes(SITE_SIZE)
    connection.execute("INSERT INTO setting VALUES (?, ?)", (SITE, made))
    return made
