"""Room for a number of bytes, shared by whoever holds some: first come, first served."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from trio.lowlevel import ParkingLot


class Room:
    """Bytes that may be held at once.

    What is larger than the whole room gets it when it is empty, so that
    nothing waits forever.
    """

    __slots__ = ("_freed", "_most", "_turn", "_used")

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._turn = trio.Lock()
        self._freed = ParkingLot()

    @property
    def used(self) -> int:
        """Bytes held now."""
        return self._used

    @property
    def crowded(self) -> bool:
        """Whether somebody waits for room."""
        return bool(self._freed)

    def resize(self, most: int) -> None:
        """So much from now on; who waits looks again."""
        self._most = most
        self._freed.unpark_all()

    async def take(self, size: int) -> None:
        """Wait for ``size`` bytes of room and hold them until ``give``."""
        async with self._turn:
            while self._used and self._used + size > self._most:
                await self._freed.park()
            self._used += size

    def give(self, size: int) -> None:
        """Give back what ``take`` took."""
        self._used -= size
        self._freed.unpark()

    @asynccontextmanager
    async def holding(self, size: int) -> AsyncIterator[None]:
        """``take`` and ``give`` around a block."""
        await self.take(size)
        try:
            yield
        finally:
            self.give(size)
