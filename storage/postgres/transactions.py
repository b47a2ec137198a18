"""The transaction around a batch of works: one at a time in the whole site.

It begins by taking the site's lock, so that whatever it reads stays true until it ends,
and notes a number of its own in the row of this process. When the connection is lost
while it commits, nobody has said whether it did. Then the number is looked up, once the
lock is free, which is when the server is done with the lost transaction.
"""

import time
from typing import Final

import psycopg

from crypto.secret import random_bytes
from formats.errors import DiskFull, StorageFailed
from storage.packs import PackWriting
from storage.postgres.connecting import Connection
from storage.postgres.faults import of_postgres
from storage.postgres.link import Link
from storage.postgres.pens import PostgresPens
from storage.postgres.schema import VERSION, check_version
from storage.postgres.site import Site

PATIENCE: Final = 20.0
"""Seconds for which a database that went away is waited for."""

DELAYS: Final = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds before each attempt to reach it again; then always the last."""

SETTINGS: Final = (
    # A node that is gone, or stands still, in the middle of a batch holds up every other node:
    # the server ends its transaction, and with it the lock.
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 4",
    "SET idle_in_transaction_session_timeout = '60s'",
)
"""What the writer's connection begins with."""

_NOTE: Final = f"""
    INSERT INTO writer (id, batch) VALUES (%s, %s)
    ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, seen = now()
    RETURNING {VERSION}
"""
_FORGET_OLD: Final = "DELETE FROM writer WHERE seen < now() - interval '30 days'"


class Transactions:
    """Begins, commits and aborts; ``packs`` hears of each. For the thread that writes."""

    def __init__(
        self, link: Link, site: Site, pens: PostgresPens, packs: PackWriting, newest: int
    ) -> None:
        self._link = link
        self._site = site
        self._pens = pens
        self._packs = packs
        self._newest = newest
        self._batch = 0
        self._connection: Connection | None = None  # that the last batch was begun on
        self._certain = True
        self._dropped = False  # whether the server dropped it, as was found out afterwards
        self.writer: Final = _number()
        """What this process is called among those that write."""

    @property
    def is_certain(self) -> bool:
        """Whether it is known what came of the last batch."""
        return self._certain

    @property
    def is_undone(self) -> bool:
        """Whether nothing of the last batch is there, as the connection was lost before its end."""
        return self._certain and (self._dropped or not self._link.is_up)

    def begin(self) -> Connection:
        """Begin, when it is this node's turn; raises SchemaTooNew, DiskFull, StorageFailed."""
        self._certain, self._dropped = True, False
        if not self._link.is_up:
            self._packs.seal()  # the lock of its pack went with the connection
        connection = self._link.get()
        self._pens.settle()
        self._packs.begin()
        self._batch = _number()
        try:
            with connection.pipeline():
                connection.execute("BEGIN")
                connection.execute(self._site.write)
                row = connection.execute(_NOTE, (self.writer, self._batch)).fetchone()
        except psycopg.Error as error:
            raise of_postgres(error) from error
        check_version(int(str(row and row[0])), self._newest)
        self._connection = connection
        return connection

    def commit(self) -> None:
        """Return when all of it is durable; raises DiskFull or StorageFailed when nothing is."""
        self._packs.sync()
        try:
            # Never on another connection than it was begun on: that would commit nothing, gladly.
            said = self._begun().execute("COMMIT", prepare=False).statusmessage
        except psycopg.Error as error:
            self._packs.seal()  # and kept: the commit may yet turn out to have been written
            if self._link.is_up or not self._was_committed():
                raise of_postgres(error) from error
            return  # it was; only the answer was lost
        if said != "COMMIT":  # it had failed before, and somebody did not mind
            raise StorageFailed("the database gave up a transaction")
        self._packs.commit()

    def abort(self) -> None:
        """Take back the transaction that is open, and never trust its pack again."""
        self._packs.discard()
        if self._link.is_up:
            try:
                self._link.held().execute("ROLLBACK", prepare=False)
            except psycopg.Error:
                self._link.drop()

    def forget_old(self) -> None:
        """Take away the rows of processes that did not write for long."""
        try:
            self._link.get().execute(_FORGET_OLD)
        except psycopg.Error as error:
            raise of_postgres(error) from error

    def _begun(self) -> Connection:
        if self._connection is None:
            raise StorageFailed("no transaction was begun")
        return self._connection

    def _was_committed(self) -> bool:
        """Whether the batch whose end was not heard is there. Raises StorageFailed if it cannot be
        found out: then the caller is told so, and may find it done.
        """
        self._certain = False
        began, attempt = time.monotonic(), 0
        while not self._certain:
            time.sleep(DELAYS[min(attempt, len(DELAYS) - 1)])
            try:
                self._dropped = not self._look_up()
                self._certain = True
            except (psycopg.Error, DiskFull, StorageFailed) as error:
                self._link.drop()
                if time.monotonic() - began > PATIENCE:
                    raise StorageFailed(
                        "the database went away while it stored this: it may be stored or not",
                        "try again: what is stored already is not stored twice",
                    ) from error
            attempt += 1
        return not self._dropped

    def _look_up(self) -> bool:
        connection = self._link.get()
        with connection.transaction():
            connection.execute(self._site.write)
            row = connection.execute(
                "SELECT batch FROM writer WHERE id = %s", (self.writer,)
            ).fetchone()
        return row == (self._batch,)


def _number() -> int:
    return int.from_bytes(random_bytes(8), "big", signed=True)
