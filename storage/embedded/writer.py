"""The one thread that writes: many works, one sync, all answered together.

A batch is one SQLite transaction. Each work runs in a savepoint of it, so one
that fails takes only itself back. Then the pack is synced, then the transaction
commits, which syncs the index; then everybody is answered. If the disk refuses
a sync or the commit, nothing of the batch counts: its part of the pack is never
trusted again, and each work is run once more by itself, so that a work that
still fits (deleting, above all) is not lost to a neighbour that does not.
"""

import sqlite3
from collections.abc import Callable
from queue import Empty
from typing import Final, TypeVar

import outcome

from formats.errors import DiskFull, StorageFailed
from storage.calls import Answered, Call, Desk, answer_all
from storage.contracts import Transaction
from storage.embedded.faults import of_sqlite, told
from storage.embedded.reclaim import Reclaimer, VacuumingMoves
from storage.embedded.reserve import Reserve
from storage.embedded.sql import SqliteSql
from storage.packs import Packs, PackWriting
from storage.sql.view import SqlTransaction

T = TypeVar("T")

BATCH_BYTES: Final = 16 * 1024 * 1024
"""A batch takes no further work once it holds this many bytes of blocks."""

BATCH_WORKS: Final = 1024

_CHECKPOINT_CHANGES: Final = 4000
_CHECKPOINT_BYTES: Final = 8 * 1024 * 1024
_LONG_WAL: Final = 16_384
"""Pages of WAL (64 MiB) from which we wait for readers, so that it can start over."""

_RECLAIM_EVERY: Final = 8
_UNLINK_SECONDS: Final = 0.2


class Writer:
    """Runs functions on transactions, one batch after another."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        place: Packs,
        packs: PackWriting,
        reclaimer: Reclaimer,
        reserve: Reserve,
    ) -> None:
        self._connection = connection
        self._place = place
        self._packs = packs
        self._reclaimer = reclaimer
        self._reserve = reserve
        self._desk: Desk[Transaction] = Desk()
        self._stopping = False
        self._inline = 0  # bytes of this batch that are in the database
        # Why the last checkpoint failed. Until one succeeds, no block is stored: the log,
        # which only a checkpoint lets start over, must not swallow the rest of the disk.
        self._clogged: DiskFull | StorageFailed | None = None
        self._stored = 0  # bytes of blocks that the last work stored, also if it failed
        self._since = (connection.total_changes, 0)  # changes, inline bytes since a checkpoint
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
            idle = self._desk.queue.empty()
            if self._reclaimer.wanted and (idle or batches % _RECLAIM_EVERY == 0):
                self._reclaim()
            self._checkpoint()
        self._finish()

    def _wait(self) -> Call[Transaction] | None:
        """The next call; None when there is something else to do first, or to stop."""
        queue = self._desk.queue
        try:
            if self._reclaimer.wanted:
                call = queue.get_nowait()
            else:
                call = queue.get(timeout=_UNLINK_SECONDS if self._reclaimer.waiting else None)
        except Empty:
            self._reclaimer.unlink()
            return None
        self._stopping = call is None
        return call

    def _run(self, first: Call[Transaction]) -> None:
        taken: list[Call[Transaction]] = []
        # BaseException too: callers must not wait for ever for a thread that died.
        result = outcome.capture(self._batch, first, taken)
        if isinstance(result, outcome.Value):
            answer_all(result.value)
            return
        self._abort()
        if not isinstance(result.error, DiskFull | StorageFailed):
            answer_all([(call, outcome.Error(result.error)) for call in taken])
        elif len(taken) == 1:
            self._last_try(first, result)
        else:
            for call in taken:
                self._run_alone(call)

    def _run_alone(self, call: Call[Transaction]) -> None:
        result = outcome.capture(self._single, call)
        if isinstance(result, outcome.Value):
            answer_all(result.value)
        else:
            self._abort()
            self._last_try(call, result)

    def _last_try(self, call: Call[Transaction], failed: outcome.Error) -> None:
        """On a full disk, a work that stores no block gets the room that was kept for it."""
        lets_go = isinstance(failed.error, DiskFull) and self._stored == 0
        if not (lets_go and self._reserve.give()):
            call.answer(failed)
            return
        outcome.capture(self._checkpoint_as, "PASSIVE")  # so that the log can start over
        result = outcome.capture(self._single, call)
        if isinstance(result, outcome.Value):
            answer_all(result.value)
        else:
            self._abort()
            call.answer(result)

    def _batch(
        self, first: Call[Transaction], taken: list[Call[Transaction]]
    ) -> list[Answered[Transaction]]:
        """Run as much of the queue as fits; ``taken`` learns what, also when this raises."""
        self._begin()
        answers: list[Answered[Transaction]] = []
        call: Call[Transaction] | None = first
        while call is not None:
            taken.append(call)
            answers.append((call, self._savepoint(call)))
            call = self._following(len(taken))
        self._commit()
        return answers

    def _single(self, call: Call[Transaction]) -> list[Answered[Transaction]]:
        self._begin()
        answers = [(call, self._savepoint(call))]
        self._commit()
        return answers

    def _following(self, count: int) -> Call[Transaction] | None:
        if count >= BATCH_WORKS or self._packs.pending + self._inline >= BATCH_BYTES:
            return None
        try:
            call = self._desk.queue.get_nowait()
        except Empty:
            return None
        if call is None:
            self._stopping = True
        return call

    # -- one work -------------------------------------------------------------------------

    def _savepoint(self, call: Call[Transaction]) -> outcome.Outcome[object]:
        if call.abandoned:
            return outcome.Value(None)
        mark = self._packs.end
        reader = self._place.reader()
        changes = SqlTransaction(SqliteSql(self._connection), reader, self._packs)
        self._execute("SAVEPOINT work")
        result = outcome.capture(_work, changes, call.work)
        changes.expire()
        self._stored = changes.inline_bytes + self._packs.end - mark
        if self._clogged is not None and self._stored and isinstance(result, outcome.Value):
            result = outcome.Error(type(self._clogged)(self._clogged.message))
        if not self._connection.in_transaction:
            # SQLite gave up the whole transaction, and the works before this one with it.
            raise StorageFailed("the index database gave up a transaction") from _cause(result)
        if isinstance(result, outcome.Error):
            self._packs.rewind(mark)
            self._execute("ROLLBACK TO work")
        else:
            self._inline += changes.inline_bytes
            if changes.freed:
                self._reclaimer.look_again()
        self._execute("RELEASE work")
        return result

    # -- the transaction around them ------------------------------------------------------

    def _begin(self) -> None:
        self._inline = 0
        self._packs.begin()
        self._execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        self._packs.sync()
        try:
            self._execute("COMMIT")
        except (DiskFull, StorageFailed):
            self._packs.seal()  # and keep it: the commit may yet turn out to have been written
            raise
        self._packs.commit()
        self._since = (self._since[0], self._since[1] + self._inline)
        self._reclaimer.committed()

    def _abort(self) -> None:
        """Take back the transaction that is open, and never trust its pack again."""
        self._packs.discard()
        if self._connection.in_transaction:
            outcome.capture(self._connection.execute, "ROLLBACK")

    def _execute(self, sql: str) -> None:
        try:
            self._connection.execute(sql)
        except sqlite3.Error as error:
            raise of_sqlite(error) from error

    # -- between batches ------------------------------------------------------------------

    def _reclaim(self) -> None:
        result = outcome.capture(self._reclaim_step)
        if isinstance(result, outcome.Error):
            self._abort()
            self._reclaimer.lost(isinstance(result.error, DiskFull))

    def _reclaim_step(self) -> None:
        self._begin()
        reader = self._place.reader()
        moves = VacuumingMoves(SqliteSql(self._connection), reader, self._packs)
        try:
            self._reclaimer.step(moves)
            moves.settle()
        finally:
            reader.close()
        self._commit()

    def _checkpoint(self) -> None:
        """Move the WAL into the database now and then, when everybody has been answered.

        What fails is tried again later: nothing acknowledged depends on it.
        """
        changes, inline = self._since
        total = self._connection.total_changes
        due = total - changes >= _CHECKPOINT_CHANGES or inline >= _CHECKPOINT_BYTES
        if not due and self._clogged is None:
            return
        self._since = (total, 0)
        result = outcome.capture(self._checkpoint_as, "PASSIVE")
        if isinstance(result, outcome.Value):
            self._clogged = None
            self._reserve.hold()
        elif isinstance(result.error, DiskFull | StorageFailed):
            self._clogged = result.error
        if isinstance(result, outcome.Value) and result.value > _LONG_WAL:
            outcome.capture(self._checkpoint_as, "RESTART")

    def _checkpoint_as(self, mode: str) -> int:
        with told():
            row = self._connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        return int(row[1])

    def _finish(self) -> None:
        outcome.capture(self._checkpoint_as, "TRUNCATE")
        self._packs.seal()
        with told():
            self._connection.close()


def _work(changes: SqlTransaction, work: Callable[[Transaction], object]) -> object:
    value = work(changes)
    changes.settle()
    return value


def _cause(result: outcome.Outcome[object]) -> BaseException | None:
    return result.error if isinstance(result, outcome.Error) else None
