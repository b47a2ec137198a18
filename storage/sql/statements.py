"""The few calls that an engine answers, and the SQL they may be asked.

Statements are written once, for SQLite and PostgreSQL. What both take as it stands:
``INSERT … ON CONFLICT … DO UPDATE SET a = excluded.a``, ``UPDATE … FROM``, a name for
every subquery. What an engine translates (``storage/postgres/dialect.py``; SQLite
takes them as they are):

    ?  or  ?1 ?2         a value; of the second kind none may be left out
    a CROSS JOIN b ON    a join in this order: SQLite then begins with ``a``
    INDEXED BY name      by this index

A plain ``INSERT INTO table (columns) VALUES (?, ?)`` names its columns: an engine may
send many of them in bulk.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

Row = tuple[Any, ...]
"""A row as an engine gives it: only the schema knows the types of its columns."""

WALK: Final = 256
"""Rows fetched at once by ``walk``."""


class Sql(Protocol):
    """Statements in one transaction, lent to one function. Raises DiskFull, StorageFailed.

    Once the function has returned they raise ``Internal``.
    """

    def expire(self) -> None:
        """The loan is over: later statements raise ``Internal``."""
        ...

    def run(self, sql: str, *values: object) -> int:
        """Run a statement; returns how many rows it changed."""
        ...

    def put(self, sql: str, *values: object) -> None:
        """Run a statement that has no answer. An engine that is far away may hold it back, until
        one that has an answer, or the end: then its error is raised there.
        """
        ...

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """``put`` a statement for each row of values; with none, nothing is run."""
        ...

    def insert(self, sql: str, *values: object) -> int:
        """Insert one row into a table with an ``id``; returns its id."""
        ...

    def row(self, sql: str, *values: object) -> Row | None:
        """The first row of an answer. Fetched whole, so no statement is left open."""
        ...

    def rows(self, sql: str, *values: object) -> list[Row]:
        """All rows of an answer that is known to be short."""
        ...

    def block_numbers(self) -> range:
        """Numbers for new blocks, greater than all before, that nobody else gets."""
        ...

    def follow_numbers(self) -> None:
        """Rows were put with numbers of their own: those to come get greater ones."""
        ...

    def faults(self, most: int) -> list[str]:
        """What the engine finds wrong with its own files, in words; up to ``most`` things."""
        ...

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
