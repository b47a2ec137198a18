"""The threads that read, each on a connection of its own.

A read is one SQLite read transaction: WAL gives it one state of the index, and
its ticket keeps the packs of that state where they are.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import outcome

from storage.calls import Call, Desk
from storage.contracts import View
from storage.embedded.faults import told
from storage.embedded.snapshots import Snapshots
from storage.embedded.sql import SqliteSql, connect
from storage.packs import Packs
from storage.sql.view import SqlView

T = TypeVar("T")

CACHE: Final = 4096
"""Page cache of one reader in KiB; the rest is the operating system's."""


class Readers:
    """Runs functions on views, ``threads`` at a time."""

    def __init__(self, database: Path, packs: Packs, snapshots: Snapshots, threads: int) -> None:
        self._packs = packs
        self._snapshots = snapshots
        self._desk: Desk[View] = Desk()
        with told():
            connections = [_connect(database) for _ in range(threads)]
        for number, connection in enumerate(connections):
            self._desk.start(f"store-reader-{number}", partial(self._serve, connection))

    async def run(self, work: Callable[[View], T]) -> T:
        """Run ``work`` on a consistent view."""
        return await self._desk.call(work)

    async def close(self) -> None:
        """Finish what was asked and end the threads."""
        await self._desk.close()

    def _serve(self, connection: sqlite3.Connection) -> None:
        while (call := self._desk.queue.get()) is not None:
            if not call.abandoned:
                self._answer(connection, call)
            del call  # or its blocks would stay in memory until the next one
        connection.close()

    def _answer(self, connection: sqlite3.Connection, call: Call[View]) -> None:
        ticket = self._snapshots.enter()
        try:
            result = outcome.capture(self._read, connection, call.work)
        finally:
            self._snapshots.leave(ticket)
        call.answer(result)

    def _read(self, connection: sqlite3.Connection, work: Callable[[View], object]) -> object:
        view = SqlView(SqliteSql(connection), self._packs.reader())
        with told():
            connection.execute("BEGIN")
        try:
            return work(view)
        finally:
            view.expire()
            if connection.in_transaction:
                with told():
                    connection.execute("ROLLBACK")


def _connect(database: Path) -> sqlite3.Connection:
    connection = connect(database, cache=CACHE)
    connection.execute("PRAGMA query_only = ON")
    return connection
