"""One SQLite connection's statements, with their errors told in our words."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from formats.errors import Internal
from storage.embedded.faults import of_sqlite
from storage.sql.statements import Row, Sql

_NUMBERS: Final = 2**62
"""Above every number of a block."""

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


class SqliteSql(Sql):
    """``Sql`` on a lent connection."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: _Executes = connection

    def expire(self) -> None:
        self._connection = _Over()

    def run(self, sql: str, *values: object) -> int:
        try:
            return self._connection.execute(sql, values).rowcount
        except sqlite3.Error as error:
            raise of_sqlite(error) from error

    def put(self, sql: str, *values: object) -> None:
        self.run(sql, *values)

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        if not rows:
            return
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise of_sqlite(error) from error

    def insert(self, sql: str, *values: object) -> int:
        try:
            return self._connection.execute(sql, values).lastrowid or 0
        except sqlite3.Error as error:
            raise of_sqlite(error) from error

    def row(self, sql: str, *values: object) -> Row | None:
        try:
            row: Row | None = self._connection.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise of_sqlite(error) from error
        return row

    def rows(self, sql: str, *values: object) -> list[Row]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise of_sqlite(error) from error

    def block_numbers(self) -> range:
        # Nobody else writes as long as this transaction is open.
        row = self.row("SELECT max(id) FROM block")
        return range(1 + ((row and row[0]) or 0), _NUMBERS)

    def follow_numbers(self) -> None:
        """They do so by themselves."""

    def faults(self, most: int) -> list[str]:
        said = [row[0] for row in self.rows(f"PRAGMA quick_check({most})")]
        return [] if said == ["ok"] else [f"the index database: {each}" for each in said]
