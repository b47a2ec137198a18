"""One connection's statements, with their errors told in our words."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from formats.errors import Internal
from storage.embedded.faults import of_sqlite

Row = tuple[Any, ...]
"""A row as SQLite gives it: only the schema knows the types of its columns."""

WALK: Final = 256
"""Rows fetched at once by ``walk``."""

_WAL_PAGES: Final = 16_384
"""Safety net: SQLite checkpoints by itself at 64 MiB of WAL. We do it earlier, after answering."""


class _Executes(Protocol):
    def execute(self, sql: str, parameters: Sequence[object] = ..., /) -> sqlite3.Cursor: ...
    def executemany(self, sql: str, rows: Sequence[Sequence[object]], /) -> sqlite3.Cursor: ...


class _Over:
    """Stands in for the connection once the function that it was lent to has returned."""

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> sqlite3.Cursor:
        raise Internal("a view of the store was used after its function returned")

    def executemany(self, sql: str, rows: Sequence[Sequence[object]], /) -> sqlite3.Cursor:
        return self.execute(sql)


def connect(path: Path, *, cache: int) -> sqlite3.Connection:
    """A connection for one thread, in autocommit mode, with ``cache`` KiB of page cache."""
    made = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    made.execute(f"PRAGMA cache_size = -{cache}")
    made.execute("PRAGMA temp_store = MEMORY")  # also keeps savepoints out of temporary files
    made.execute("PRAGMA synchronous = FULL")
    made.execute("PRAGMA secure_delete = OFF")  # all of it is sealed; Debian's default is ON
    made.execute("PRAGMA fullfsync = ON")  # matters on a Mac only
    made.execute("PRAGMA checkpoint_fullfsync = ON")
    made.execute("PRAGMA busy_timeout = 1000")
    made.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
    return made


class Sql:
    """Statements on a lent connection. Raises ``DiskFull`` or ``StorageFailed``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: _Executes = connection

    def expire(self) -> None:
        """The loan is over: later statements raise ``Internal``."""
        self._connection = _Over()

    def run(self, sql: str, *values: object) -> int:
        """Run a statement; returns how many rows it changed."""
        try:
            return self._connection.execute(sql, values).rowcount
        except sqlite3.Error as error:
            raise of_sqlite(error) from error

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement once for each row of values; with none, nothing is run."""
        if not rows:
            return
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise of_sqlite(error) from error

    def insert(self, sql: str, *values: object) -> int:
        """Insert one row; returns its row id."""
        try:
            return self._connection.execute(sql, values).lastrowid or 0
        except sqlite3.Error as error:
            raise of_sqlite(error) from error

    def row(self, sql: str, *values: object) -> Row | None:
        """The first row of an answer. Fetched whole, so no statement is left open."""
        try:
            row: Row | None = self._connection.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise of_sqlite(error) from error
        return row

    def rows(self, sql: str, *values: object) -> list[Row]:
        """All rows of an answer that is known to be short."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise of_sqlite(error) from error

    def walk(self, sql: str, first: object, *values: object) -> Iterator[Row]:
        """All rows of a long answer, a page at a time; the table may change meanwhile.

        ``sql`` asks for rows whose key is greater than its first parameter, in
        order of that key, which is the first column; its last parameter is the limit.
        """
        after = first
        while True:
            page = self.rows(sql, after, *values, WALK)
            yield from page
            if len(page) < WALK:
                return
            after = page[-1][0]
