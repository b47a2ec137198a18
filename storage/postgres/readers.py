"""The threads that read, each on a connection of its own.

A read is one REPEATABLE READ transaction: one state of the index, whose packs stay as
long as it lasts (``reclaim.py``). A connection that was lost is made anew, and the read is
run again: it is a pure function. That is done once; with the database away, reading fails.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import outcome
import psycopg

from formats.errors import StorageFailed
from storage.calls import Call, Desk
from storage.contracts import View
from storage.packs import Packs
from storage.postgres.address import Address
from storage.postgres.link import Link
from storage.postgres.sql import PostgresSql
from storage.sql.view import SqlView

T = TypeVar("T")

_BEGIN: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Readers:
    """Runs functions on views, ``threads`` at a time."""

    def __init__(self, address: Address, packs: Packs, threads: int) -> None:
        self._packs = packs
        self._desk: Desk[View] = Desk()
        for number in range(threads):
            self._desk.start(f"store-reader-{number}", partial(self._serve, Link(address)))

    async def run(self, work: Callable[[View], T]) -> T:
        """Run ``work`` on a consistent view."""
        return await self._desk.call(work)

    async def close(self) -> None:
        """Finish what was asked and end the threads."""
        await self._desk.close()

    def _serve(self, link: Link) -> None:
        while (call := self._desk.queue.get()) is not None:
            if not call.abandoned:
                self._answer(link, call)
            del call  # or its blocks would stay in memory until the next one
        link.drop()

    def _answer(self, link: Link, call: Call[View]) -> None:
        result = outcome.capture(self._read, link, call.work)
        if isinstance(result, outcome.Error) and _was_lost(link, result.error):
            result = outcome.capture(self._read, link, call.work)
        call.answer(result)
        self._end(link)

    def _read(self, link: Link, work: Callable[[View], object]) -> object:
        sql = PostgresSql(link.get(), _BEGIN)
        view = SqlView(sql, self._packs.reader())
        try:
            return work(view)
        finally:
            view.expire()

    def _end(self, link: Link) -> None:
        """End the transaction, when the caller has been answered."""
        if not link.is_up:
            return
        try:
            link.get().execute("COMMIT", prepare=False)
        except psycopg.Error:
            link.drop()


def _was_lost(link: Link, error: BaseException) -> bool:
    return isinstance(error, StorageFailed) and not link.is_up
