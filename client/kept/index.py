"""Which block is in which slab, and small sealed notes: one SQLite file.

Written by one thread and read by others, each side with a connection of its
own. Nothing it says is believed: bytes are hashed, notes are opened. After kill -9
it is as it was at the last batch; after a power cut perhaps a little older.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from formats.cid import MAX_BLOCK, Cid

FILE: Final = "index.sqlite"
VERSION: Final = 1
"""Another one's index is thrown away with its slabs: it is only a cache."""

ENTRY: Final = 200
"""What a block costs besides its bytes, about."""

_SCHEMA: Final = """
CREATE TABLE slabs (number INTEGER PRIMARY KEY AUTOINCREMENT, raw INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE blocks (cid BLOB PRIMARY KEY, slab INTEGER NOT NULL, at INTEGER NOT NULL,
    size INTEGER NOT NULL, space INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX blocks_by_slab ON blocks (slab);
CREATE TABLE spaces (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
CREATE TABLE notes (name BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
"""

_PASSING: Final = frozenset({5, 6, 8, 10, 13, 14})
"""BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN: the database itself is not at fault."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where a block is."""

    slab: int
    at: int
    size: int


class Index:
    """One connection to the index of a folder; made when it is new. Raises sqlite3.Error."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        path.touch(mode=0o600)
        self._sql: Final = sqlite3.connect(
            path, timeout=5, isolation_level=None, check_same_thread=False
        )
        self._sql.execute("PRAGMA journal_mode = WAL")
        self._sql.execute("PRAGMA synchronous = NORMAL")
        self._prepare()

    def begin(self) -> None:
        """Begin a batch."""
        self._sql.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        """The batch is there for everybody."""
        self._sql.execute("COMMIT")

    def undo(self) -> None:
        """Forget what the batch changed, if one was begun."""
        if self._sql.in_transaction:
            self._sql.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self._sql.close()

    def find(self, cid: Cid) -> Where | None:
        """Where a block is; None where the index says nothing, or nonsense."""
        row = self._sql.execute(
            "SELECT slab, at, size FROM blocks WHERE cid = ?", (cid,)
        ).fetchone()
        if row is None or not all(isinstance(each, int) and each >= 0 for each in row):
            return None
        return Where(*row) if row[2] <= MAX_BLOCK else None

    def add(self, cid: Cid, where: Where, space: int) -> None:
        """A block is there now, instead of where it was."""
        values = (cid, where.slab, where.at, where.size, space)
        self._sql.execute("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?)", values)

    def use(self, slab: int, more: int) -> None:
        """So many bytes more were appended to a slab."""
        self._sql.execute("UPDATE slabs SET used = used + ? WHERE number = ?", (more, slab))

    def remove(self, cid: Cid) -> None:
        """A block is not there any more."""
        self._sql.execute("DELETE FROM blocks WHERE cid = ?", (cid,))

    def space(self, name: bytes) -> int:
        """The number of a space, given when it is first met."""
        self._sql.execute("INSERT OR IGNORE INTO spaces (name) VALUES (?)", (name,))
        row = self._sql.execute("SELECT number FROM spaces WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def space_of(self, cid: Cid) -> int | None:
        """In which space a block was read first; None when it is not there."""
        row = self._sql.execute("SELECT space FROM blocks WHERE cid = ?", (cid,)).fetchone()
        return None if row is None else int(row[0])

    def drop_space(self, number: int) -> list[Where]:
        """Forget the blocks of a space; returns where they were."""
        found = "SELECT slab, at, size FROM blocks WHERE space = ?"
        places = [Where(*row) for row in self._sql.execute(found, (number,))]
        self._sql.execute("DELETE FROM blocks WHERE space = ?", (number,))
        return places

    def new_slab(self, raw: bool) -> int:
        """The number of a new slab: higher than any before."""
        cursor = self._sql.execute("INSERT INTO slabs (raw) VALUES (?)", (raw,))
        return int(cursor.lastrowid or 0)

    def slabs(self, raw: bool) -> dict[int, int]:
        """Bytes in each slab of one kind, the oldest first."""
        rows = self._sql.execute("SELECT number, used FROM slabs WHERE raw = ? ORDER BY 1", (raw,))
        return {int(number): int(used) for number, used in rows}

    def drop_slab(self, number: int) -> None:
        """Forget a slab and the blocks in it."""
        self._sql.execute("DELETE FROM blocks WHERE slab = ?", (number,))
        self._sql.execute("DELETE FROM slabs WHERE number = ?", (number,))

    def note(self, name: bytes, sealed: bytes | None) -> None:
        """Keep a note under a name instead of the one that was there; None takes it away."""
        if sealed is None:
            self._sql.execute("DELETE FROM notes WHERE name = ?", (name,))
        else:
            self._sql.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, sealed))

    def noted(self, name: bytes) -> bytes | None:
        """The note of that name."""
        row = self._sql.execute("SELECT sealed FROM notes WHERE name = ?", (name,)).fetchone()
        return row[0] if row is not None and isinstance(row[0], bytes) else None

    def _prepare(self) -> None:
        self.begin()
        if self._version() == 0:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                self._sql.execute(statement)
            self._sql.execute(f"PRAGMA user_version = {VERSION}")
        elif self._version() != VERSION:
            raise sqlite3.DatabaseError("an index of another version")
        self.end()

    def _version(self) -> int:
        return int(self._sql.execute("PRAGMA user_version").fetchone()[0])


def is_passing(error: sqlite3.Error) -> bool:
    """Whether the index may still be whole: it was busy, or the disk was full."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _PASSING
