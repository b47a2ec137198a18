"""A copy of a store that is in use, of one moment, into another folder.

    index.db            through SQLite's own backup, inside one read transaction
    packs/*.pack        as far as that index has them: they are only ever appended to

The copy has the layout of a store and can be opened as one. A pack that an older
copy has alike (its length and the time of its last change) is linked to, not copied:
nobody changes a copy. A copy that was stopped is gone on with: packs that are
there are not copied again. At the end each block's record is looked up in its pack.
"""

import os
import sqlite3
import stat
from pathlib import Path
from typing import Final

from storage.contracts import Copied
from storage.embedded.copied import Step, connect_copy, make_folder, write_all
from storage.embedded.faults import told
from storage.embedded.files import FILE_MODE, Files
from storage.embedded.packs import PackReader, pack_path
from storage.embedded.schema import PAGE
from storage.embedded.snapshots import Snapshots
from storage.embedded.sql import SqliteSql, connect
from storage.packs import Pack, Packs, pack_name, record_head
from storage.sql.known import join

PAGES: Final = 1024
"""Pages of the index copied between two looks at whether to go on."""

CACHE: Final = 1024
"""Page cache of the reading side in KiB."""


class Copier:
    """Copies a store to ``target``; ``before`` is an older copy, or None."""

    def __init__(
        self,
        files: Files,
        index: Path,
        packs: Packs,
        target: Path,
        before: Path | None,
        step: Step,
    ) -> None:
        self._files = files
        self._index = index
        self._packs = packs
        self._target = target
        self._before = before
        self._step = step
        self._bytes = self._linked = 0

    def run(self, snapshots: Snapshots) -> Copied:
        """Copy everything; synced when this returns. Raises DiskFull, StorageFailed."""
        ticket = snapshots.enter()  # before the index is looked at: so no pack of its goes
        try:
            with told():
                make_folder(self._target / "packs")
                packs = self._copy_index()
                self._tidy(packs)
                certain = {pack.id for pack in packs if self._take_pack(pack)}
                lacking = self._check(packs, certain)
                for folder in (self._target / "packs", self._target):
                    self._files.sync_folder(folder)
        finally:
            snapshots.leave(ticket)
        return Copied(self._bytes, self._linked, lacking)

    # -- the index ------------------------------------------------------------------------

    def _copy_index(self) -> list[Pack]:
        """Copy the index as it is at one moment; returns the packs it has then."""
        draft = self._target / "index.db.part"
        _remove(draft)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, FILE_MODE))
        source, copy = connect(self._index, cache=CACHE), sqlite3.connect(draft)
        try:
            # In a read transaction of its own, the backup is not begun anew when others write.
            source.execute("PRAGMA query_only = ON")
            source.execute("BEGIN")
            rows = source.execute("SELECT id, length, live FROM pack ORDER BY id").fetchall()
            copy.execute("PRAGMA journal_mode = OFF")
            copy.execute("PRAGMA synchronous = OFF")
            source.backup(copy, pages=PAGES, progress=self._of_index, sleep=0)
        finally:
            copy.close()
            source.close()
        self._sync(draft)
        draft.replace(self._target / "index.db")
        return [Pack(*row) for row in rows]

    def _of_index(self, _status: int, left: int, total: int) -> None:
        self._note(min(PAGES, total - left) * PAGE)

    def _note(self, count: int) -> None:
        self._bytes += count
        self._step(count)

    # -- packs ----------------------------------------------------------------------------

    def _tidy(self, packs: list[Pack]) -> None:
        """Remove what an earlier, unfinished copy took that is not in the index any more."""
        known = {pack_name(pack.id) for pack in packs}
        for name in os.listdir(self._target / "packs"):
            if name not in known:
                _remove(self._target / "packs" / name)

    def _take_pack(self, pack: Pack) -> bool:
        """Have the pack in the copy; whether its bytes were read just now."""
        there = pack_path(self._target / "packs", pack.id)
        stamp = self._packs.stamp(pack.id)
        if _alike(stamp, there, pack.length):
            return False
        _remove(there)
        older = None if self._before is None else pack_path(self._before / "packs", pack.id)
        if older is not None and _alike(stamp, older, pack.length):
            try:
                os.link(older, there, follow_symlinks=False)
                self._linked += pack.length
                return False
            except OSError:
                pass  # that disk has no links, or too many of them
        self._copy_pack(pack)
        return True

    def _copy_pack(self, pack: Pack) -> None:
        """Copy a pack as far as the index has it; one that is lost or short, as far as it is."""
        there = pack_path(self._target / "packs", pack.id)
        draft = there.with_suffix(".part")
        _remove(draft)
        stamp = self._packs.stamp(pack.id)
        if stamp is None:
            return
        out, at = self._files.create(draft), 0
        try:
            for piece in self._packs.pieces(pack):
                write_all(self._files, out, piece, at)
                at += len(piece)
                self._note(len(piece))
            self._files.sync(out)
        finally:
            self._files.close(out)
        os.utime(draft, ns=(stamp, stamp))
        draft.replace(there)

    # -- the end --------------------------------------------------------------------------

    def _check(self, packs: list[Pack], certain: set[int]) -> int:
        """Look up every block's record; packs that do not fit are copied anew, and looked at again.

        Returns how many blocks are not in the original either.
        """
        wrong = self._wrong()
        again = {pack.id: pack for pack in packs if pack.id in wrong and pack.id not in certain}
        for pack in again.values():
            _remove(pack_path(self._target / "packs", pack.id))
            self._copy_pack(pack)
        if again:
            wrong = self._wrong()
        return sum(wrong.values())

    def _wrong(self) -> dict[int, int]:
        """Packs in which blocks are not where the index has them, and how many."""
        index = connect_copy(self._target)
        reader = PackReader(self._files, self._target / "packs")
        sizes = reader.sizes()
        wrong: dict[int, int] = {}
        try:
            sql = "SELECT id, head, tail, size, pack, place FROM block WHERE id > ?"
            for row in SqliteSql(index).walk(f"{sql} ORDER BY id LIMIT ?", 0):
                self._step(0)
                _, head, tail, size, pack, place = row
                if pack == 0:
                    continue
                record = record_head(join(head, tail), size)
                there = place + size <= sizes.get(pack, 0) and reader.head(pack, place) == record
                wrong[pack] = wrong.get(pack, 0) + (not there)
        finally:
            reader.close()
            index.close()
        return {pack: count for pack, count in wrong.items() if count}

    def _sync(self, path: Path) -> None:
        handle = self._files.reopen(path)
        try:
            os.fsync(handle)
        finally:
            self._files.close(handle)


def _alike(stamp: int | None, copy: Path, length: int) -> bool:
    """Whether the copy is a file of that length, made of the original as it is now."""
    try:
        found = copy.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == length and found.st_mtime_ns == stamp


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
