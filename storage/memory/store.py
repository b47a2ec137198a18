"""The store itself: functions run on the event loop, one at a time.

Every view is consistent by itself; what a ``Transaction`` changed is unwound when its function
raises.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Self, TypeVar

import trio

from formats.errors import StorageFailed, Unfit
from storage.contracts import (
    Change,
    Copied,
    Transaction,
    View,
)
from storage.memory.journal import Journal
from storage.memory.tables import Tables
from storage.memory.transaction import MemoryTransaction
from storage.memory.view import MemoryView

T = TypeVar("T")


_CLOSED: Final = "the store is closed"


class MemoryStore:
    """``Store`` in memory. Cancellation never leaves half a write."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._closed = False

    def snapshot(self) -> Self:
        """A new open store with the same content, which shares nothing with this one."""
        made = type(self)()
        made._tables = self._tables.copy()
        return made

    async def read(self, work: Callable[[View], T]) -> T:
        await self._checkpoint()
        view = MemoryView(self._tables)
        try:
            return work(view)
        finally:
            view.expire()

    async def write(self, work: Callable[[Transaction], T]) -> T:
        await self._checkpoint()
        journal = Journal()
        transaction = MemoryTransaction(self._tables, journal)
        done = False
        try:
            value = work(transaction)
            done = True
            return value
        finally:
            transaction.expire()
            if not done:
                journal.unwind()

    async def copy_to(
        self, folder: Path, before: Path | None, step: Callable[[int], None]
    ) -> Copied:
        raise Unfit("what is in memory only has no copy", hint="use the embedded store")

    @property
    def keeps_house(self) -> bool:
        return True

    def watch(self, heard: Callable[[Change], None]) -> None:
        """Nobody else changes anything."""

    async def aclose(self) -> None:
        self._closed = True
        await trio.lowlevel.checkpoint()

    async def _checkpoint(self) -> None:
        if self._closed:
            raise StorageFailed(_CLOSED, "open it again")
        await trio.lowlevel.checkpoint()
        if self._closed:
            raise StorageFailed(_CLOSED, "open it again")
