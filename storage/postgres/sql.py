"""One PostgreSQL connection's statements, with their errors told in our words.

Statements without an answer are held back and go with the next that has one, in
one exchange: the database may be a network away.
"""

from collections.abc import Sequence
from typing import Final, Protocol

import psycopg
from psycopg.rows import TupleRow

from formats.errors import Internal
from storage.postgres.connecting import Connection
from storage.postgres.dialect import in_bulk, kinds_of, translated
from storage.postgres.faults import of_postgres
from storage.postgres.values import Numbers
from storage.sql.statements import Row, Sql

NUMBERS: Final = 64
"""Numbers of blocks that are taken from the sequence at once (its increment)."""

_HELD: Final = 256
_HELD_BYTES: Final = 1024 * 1024
"""Statements held back at most, and about how many bytes of values."""

_BULK: Final = 4
"""Rows from which an insert goes in bulk."""

Held = tuple[str, Sequence[object]]


class _Answers(Protocol):
    """What is left of a cursor when it is asked."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> TupleRow | None: ...
    def fetchall(self) -> list[TupleRow]: ...


_NUMBERED: Final = ("owner", "space", "payer", "release", "session", "inbox", "message")
"""Tables whose rows are numbered by a sequence of their own."""


class PostgresSql(Sql):
    """``Sql`` on a lent connection."""

    def __init__(self, connection: Connection, *first: str) -> None:
        """``first``: statements that go before any other, and not without one."""
        self._connection: Connection | None = connection
        self._cursor = psycopg.RawCursor(connection)
        self._cursor.format = psycopg.pq.Format.BINARY
        self._held: list[Held] = [(statement, ()) for statement in first]
        self._first = len(first)
        self._bytes = 0

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was sent, so that there is nothing to take back."""
        return bool(self._first)

    def expire(self) -> None:
        self._connection = None
        self._held.clear()

    def run(self, sql: str, *values: object) -> int:
        return self._ask(sql, values).rowcount

    def put(self, sql: str, *values: object) -> None:
        self._hold(translated(sql), values)

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        bulk = in_bulk(sql, kinds_of(rows)) if len(rows) >= _BULK else None
        if bulk is not None:
            self._hold(bulk, [_column(values) for values in zip(*rows, strict=True)])
            return
        text = translated(sql)
        for row in rows:
            self._hold(text, row)

    def insert(self, sql: str, *values: object) -> int:
        (number,) = self.row(f"{sql} RETURNING id", *values) or (0,)
        return int(number)

    def row(self, sql: str, *values: object) -> Row | None:
        return self._ask(sql, values).fetchone()

    def rows(self, sql: str, *values: object) -> list[Row]:
        return self._ask(sql, values).fetchall()

    def block_numbers(self) -> range:
        (first,) = self.row("SELECT nextval('block_number')") or (0,)
        return range(first, first + NUMBERS)

    def follow_numbers(self) -> None:
        for table in _NUMBERED:
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            self._ask(
                f"SELECT setval({sequence}, 1 + (SELECT coalesce(max(id), 0) FROM {table}))", ()
            )
        self._ask("SELECT setval('block_number', 1 + (SELECT coalesce(max(id), 0) FROM block))", ())

    def faults(self, most: int) -> list[str]:
        return []  # its own files are the server's to check: pg_amcheck, data checksums

    def flush(self) -> None:
        """Send what was held back; its errors are raised here."""
        if len(self._held) > self._first:
            with _Told():
                self._send()

    def _hold(self, text: str, values: Sequence[object]) -> None:
        self._lent()
        self._held.append((text, values))
        self._bytes += sum(_weight(value) for value in values)
        if len(self._held) >= _HELD or self._bytes >= _HELD_BYTES:
            self.flush()

    def _ask(self, sql: str, values: Sequence[object]) -> _Answers:
        connection = self._lent()
        with _Told():
            if not self._held:
                return self._cursor.execute(translated(sql), values)
            with connection.pipeline():
                self._send()
                return self._cursor.execute(translated(sql), values)

    def _send(self) -> None:
        held, self._held, self._bytes, self._first = self._held, [], 0, 0
        connection = self._lent()
        with connection.pipeline():
            cursor = psycopg.RawCursor(connection)
            for text, values in held:
                cursor.execute(text, values)

    def _lent(self) -> Connection:
        if self._connection is None:
            raise Internal("a view of the store was used after its function returned")
        return self._connection


class _Told:
    """Raises what psycopg raises inside as one of our errors. (A class: it is on every path.)"""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, psycopg.Error):
            raise of_postgres(error) from error


def _column(values: tuple[object, ...]) -> object:
    """A column as PostgreSQL takes it; its values are of one type."""
    numbers = tuple(value for value in values if isinstance(value, int))
    return Numbers(numbers) if len(numbers) == len(values) else list(values)


def _weight(value: object) -> int:
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Numbers):
        return 8 * len(value.values)
    return sum(map(_weight, value)) if isinstance(value, list) else 8
