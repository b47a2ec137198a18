"""A copy that ``copying.py`` made: reading it as a store, and putting it back."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import trio

from formats.errors import StorageFailed, Unfit
from storage.contracts import Change, Copied, Transaction, View
from storage.embedded.faults import told
from storage.embedded.files import FOLDER_MODE, Files
from storage.embedded.packs import PackReader
from storage.embedded.schema import MIGRATIONS, check_version
from storage.embedded.sql import SqliteSql
from storage.packs import pack_number
from storage.sql.view import SqlView

T = TypeVar("T")

Step = Callable[[int], None]
"""Called with the bytes just copied; what it raises ends the copying."""

PIECE: Final = 1024 * 1024
LOOP: Final = 40
"""ELOOP: a link where a file or folder of ours should be."""


class CopiedStore:
    """``Store`` over a copy: for reading only, one work at a time. Nothing in it is changed."""

    def __init__(self, folder: Path, files: Files | None = None) -> None:
        self._files = files or Files()
        self._packs = folder / "packs"
        with told():
            self._connection = connect_copy(folder)
            check_version(self._connection, folder / "index.db", len(MIGRATIONS))

    async def read(self, work: Callable[[View], T]) -> T:
        return await trio.to_thread.run_sync(self._read, work)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        raise Unfit("a copy is not changed", hint="restore it, and change that")

    async def copy_to(self, folder: Path, before: Path | None, step: Step) -> Copied:
        return await trio.to_thread.run_sync(self._copy, folder, step)

    @property
    def keeps_house(self) -> bool:
        return False

    def watch(self, heard: Callable[[Change], None]) -> None:
        """Nothing changes."""

    async def aclose(self) -> None:
        self._connection.close()
        await trio.lowlevel.checkpoint()

    def _read(self, work: Callable[[View], T]) -> T:
        view = SqlView(SqliteSql(self._connection), PackReader(self._files, self._packs))
        try:
            return work(view)
        finally:
            view.expire()

    def _copy(self, folder: Path, step: Step) -> Copied:
        """Put it back: into a new folder, only files of a store, and following no links."""

        total = 0

        def go_on(count: int) -> None:
            nonlocal total
            trio.from_thread.check_cancelled()
            total += count
            step(count)

        with told():
            make_folder(folder / "packs")
            names = [name for name in os.listdir(self._packs) if pack_number(name) is not None]
            sources = [self._packs.parent / "index.db", *(self._packs / each for each in names)]
            for source in sources:
                target = folder / source.relative_to(self._packs.parent)
                target.unlink(missing_ok=True)
                copy_file(self._files, source, target, go_on)
            for each in (folder / "packs", folder):
                self._files.sync_folder(each)
        return Copied(total, 0, 0)


def connect_copy(folder: Path) -> sqlite3.Connection:
    """A connection to the index of a copy, which nobody writes to: no file beside it is made."""
    path = folder / "index.db"
    if path.is_symlink() or not path.is_file():
        raise StorageFailed(f"{path} is not there", hint="name a folder that a backup was made in")
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    made = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    made.execute("PRAGMA query_only = ON")
    return made


def make_folder(path: Path) -> None:
    """A folder and the one it is in, for their owner alone; raises OSError where one is a link."""
    for each in (path.parent, path):
        if each.is_symlink():
            raise OSError(LOOP, "a link where a folder of ours should be", str(each))
        each.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def copy_file(files: Files, source: Path, target: Path, step: Step) -> None:
    """A new file with the bytes and the time of another, synced; raises OSError, for a link too."""
    handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        changed = os.fstat(handle).st_mtime_ns
        out = files.create(target)
        try:
            _pour(files, handle, out, step)
            files.sync(out)
        finally:
            files.close(out)
    finally:
        files.close(handle)
    os.utime(target, ns=(changed, changed))


def write_all(files: Files, target: int, data: bytes, at: int) -> None:
    """Write all of ``data`` at an offset of an open file; raises OSError."""
    gone = 0
    while gone < len(data):
        gone += files.write(target, [data[gone:]], at + gone)


def _pour(files: Files, source: int, target: int, step: Step) -> None:
    at = 0
    while data := files.read(source, PIECE, at):
        write_all(files, target, data, at)
        at += len(data)
        step(len(data))
