"""The one thread of a process that writes: many works, one commit, all answered together.

As in ``storage/embedded/writer.py``, each work runs in a savepoint of the batch's
transaction. When the connection is lost before the commit, or the server ends the
transaction for the sake of another, nothing of the batch was answered yet: it is run
again, all of it, on a new connection if need be. Works are pure, so nobody can tell.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from queue import Empty
from typing import Final, TypeVar

import outcome
import psycopg
from psycopg.pq import TransactionStatus

from formats.errors import DiskFull, StorageFailed
from storage.calls import Answered, Call, Desk, answer_all
from storage.contracts import Transaction
from storage.packs import Packs, PackWriting
from storage.postgres.connecting import Connection
from storage.postgres.faults import is_transient, of_postgres
from storage.postgres.reclaim import Reclaimer, SharedMoves
from storage.postgres.site import Site
from storage.postgres.sql import PostgresSql
from storage.postgres.transactions import DELAYS, PATIENCE, Transactions
from storage.postgres.view import PostgresTransaction

T = TypeVar("T")

BATCH_BYTES: Final = 16 * 1024 * 1024
"""A batch takes no further work once it holds this many bytes of blocks."""

BATCH_WORKS: Final = 64
"""Savepoints of one transaction: with more, PostgreSQL slows down everybody who reads."""

_TRIES: Final = 8
"""Times a batch is run again because others were in its way."""

_RECLAIM_EVERY: Final = 8


class Writer:
    """Runs functions on transactions, one batch after another.

    ``leads``: whether this process keeps house.
    """

    def __init__(
        self,
        transactions: Transactions,
        site: Site,
        packs: Packs,
        pen: PackWriting,
        leads: Callable[[], bool],
    ) -> None:
        self._transactions = transactions
        self._site = site
        self._packs = packs
        self._pen = pen
        self._leads = leads
        self._reclaimer = Reclaimer(packs, site)
        self._desk: Desk[Transaction] = Desk()
        self._stopping = False
        self._inline = 0  # bytes of this batch that are in the database
        self._marked = False  # whether a savepoint is open that was not released
        self._down: float | None = None  # since when the database is away
        self._desk.start("store-writer", self._serve)

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in a transaction; durable when this returns."""
        return await self._desk.call(work)

    async def close(self) -> None:
        """Write what was accepted and end the thread."""
        await self._desk.close()

    # -- the thread -----------------------------------------------------------------------

    def _serve(self) -> None:
        batches = 0
        while not self._stopping:
            first = self._wait()
            if first is not None:
                self._run(first)
                batches += 1
            del first  # or its blocks would stay in memory until the next one
            if self._desk.queue.empty() or batches % _RECLAIM_EVERY == 0:
                self._reclaim()
        self._pen.seal()

    def _wait(self) -> Call[Transaction] | None:
        """The next call; None when there is something else to do first, or to stop."""
        queue = self._desk.queue
        try:
            if self._reclaimer.wanted and self._leads():
                call = queue.get_nowait()
            else:
                call = queue.get(timeout=self._reclaimer.rest)
        except Empty:
            self._reclaimer.look_again()
            return None
        self._stopping = call is None
        return call

    def _run(self, first: Call[Transaction]) -> None:
        taken = [first]
        # BaseException too: callers must not wait for ever for a thread that died.
        result = outcome.capture(self._batch, self._queued(taken))
        tries = 0
        while isinstance(result, outcome.Error) and self._again(result.error, tries):
            result = outcome.capture(self._batch, taken)
            tries += 1
        if isinstance(result, outcome.Value):
            answer_all(result.value)
        elif len(taken) > 1 and self._may_run_alone(result.error):
            self._run_each(taken, result.error)
        else:
            answer_all([(call, outcome.Error(result.error)) for call in taken])

    def _may_run_alone(self, error: BaseException) -> bool:
        """Whether it helps, and does nothing twice, to run each work of a batch by itself."""
        return isinstance(error, DiskFull | StorageFailed) and self._transactions.is_certain

    def _run_each(self, calls: list[Call[Transaction]], failed: BaseException) -> None:
        """Each by itself, so that what still can be done is not lost to its neighbours."""
        for call in calls:
            if self._down is not None:
                call.answer(outcome.Error(failed))
                continue
            result = outcome.capture(self._batch, [call])
            answer_all(result.value if isinstance(result, outcome.Value) else [(call, result)])

    def _again(self, error: BaseException, tries: int) -> bool:
        """Whether to run the batch again, after a while if need be."""
        if self._transactions.is_undone and isinstance(error, DiskFull | StorageFailed):
            now = time.monotonic()
            self._down = now if self._down is None else self._down
            if now - self._down > PATIENCE:
                return False
            time.sleep(DELAYS[min(tries, len(DELAYS) - 1)])
            return True
        return is_transient(error) and tries < _TRIES

    # -- one batch ------------------------------------------------------------------------

    def _batch(self, calls: Iterable[Call[Transaction]]) -> list[Answered[Transaction]]:
        """Run the calls and commit; nothing of them is there when this raises."""
        done = False
        try:
            answers = self._answers(calls)
            self._transactions.commit()
            done = True
        finally:
            if not done:
                self._transactions.abort()
        self._down = None
        return answers

    def _answers(self, calls: Iterable[Call[Transaction]]) -> list[Answered[Transaction]]:
        self._inline, self._marked = 0, False
        connection = self._transactions.begin()
        return [(call, self._work(connection, call)) for call in calls]

    def _queued(self, taken: list[Call[Transaction]]) -> Iterator[Call[Transaction]]:
        """What was taken, then as much of the queue as fits into a batch, which is taken too."""
        yield taken[0]
        while (call := self._following(len(taken))) is not None:
            taken.append(call)
            yield call

    def _following(self, count: int) -> Call[Transaction] | None:
        if count >= BATCH_WORKS or self._pen.pending + self._inline >= BATCH_BYTES:
            return None
        try:
            call = self._desk.queue.get_nowait()
        except Empty:
            return None
        if call is None:
            self._stopping = True
        return call

    # -- one work -------------------------------------------------------------------------

    def _work(self, connection: Connection, call: Call[Transaction]) -> outcome.Outcome[object]:
        if call.abandoned:
            return outcome.Value(None)
        mark = self._pen.end
        release = ("RELEASE SAVEPOINT work",) if self._marked else ()
        sql = PostgresSql(connection, *release, "SAVEPOINT work")
        reader = self._packs.reader()
        writer = self._transactions.writer
        changes = PostgresTransaction(sql, reader, self._pen, self._site, writer)
        result = outcome.capture(_finished, changes, call.work)
        changes.expire()
        self._marked = self._marked or not sql.is_untouched
        return self._judged(connection, changes, result, mark, sql.is_untouched)

    def _judged(
        self,
        connection: Connection,
        changes: PostgresTransaction,
        result: outcome.Outcome[object],
        mark: int,
        untouched: bool,
    ) -> outcome.Outcome[object]:
        """What is answered for a work; raises when the whole batch has to be run again."""
        if isinstance(result, outcome.Error) and is_transient(result.error):
            raise result.error
        if connection.closed:
            cause = result.error if isinstance(result, outcome.Error) else None
            raise StorageFailed("the connection to the database was lost") from cause
        if isinstance(result, outcome.Value):
            if connection.info.transaction_status is not TransactionStatus.INERROR:
                self._inline += changes.inline_bytes
                if changes.freed:
                    self._reclaimer.look_again()
                return result
            result = outcome.Error(StorageFailed("the database refused a part of this"))
        self._pen.rewind(mark)
        if not untouched:
            _execute(connection, "ROLLBACK TO SAVEPOINT work")
        return result

    # -- between batches ------------------------------------------------------------------

    def _reclaim(self) -> None:
        if self._stopping or not (self._reclaimer.wanted and self._leads()):
            return
        result = outcome.capture(self._reclaim_step)
        if isinstance(result, outcome.Value):
            self._reclaimer.committed()
        else:
            self._transactions.abort()
            self._reclaimer.lost(isinstance(result.error, DiskFull))

    def _reclaim_step(self) -> None:
        sql = PostgresSql(self._transactions.begin())
        reader = self._packs.reader()
        moves = SharedMoves(sql, reader, self._pen)
        try:
            self._reclaimer.step(moves)
            moves.settle()
            sql.flush()
        finally:
            sql.expire()
            reader.close()
        self._transactions.commit()


def _finished(changes: PostgresTransaction, work: Callable[[Transaction], object]) -> object:
    value = work(changes)
    changes.finish()
    return value


def _execute(connection: Connection, sql: str) -> None:
    try:
        connection.execute(sql)
    except psycopg.Error as error:
        raise of_postgres(error) from error
