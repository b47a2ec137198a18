"""Whether a node takes something new now: not when it is stopping or its disk is nearly full.

    open      everything goes on
    draining  what began may go on to its end; nothing new begins
    closed    nothing is written any more; reading goes on

With less free disk than the node's owner wants kept, or more stored than they allow,
nothing is added: reading, deleting, taking back and signing in go on.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

import trio

from formats.errors import DiskFull, TooMany
from node.limits import Limits

FRESH: Final = 2.0
"""Seconds for which a look at the disk is good."""

QUIET: Final = 3.0
"""Seconds without a write after which nothing is under way any more: uploads are many requests."""

SMALL: Final = 64 * 1024
"""Bytes of a commit that moves something away."""

LETTING_GO: Final = 4 * 2**20
"""Bytes that a session may hold with the disk nearly full: what a large deletion writes."""


class Doing(StrEnum):
    """What a node takes."""

    OPEN = "open"
    DRAINING = "draining"
    CLOSED = "closed"


class Gate:
    """One node's. ``home``: a folder on its disk; ``stored``: bytes of all accounts, if known."""

    def __init__(self, home: Path) -> None:
        self._home: Final = home
        self._free: int | None = None
        self._looked = 0.0
        self._counted = -FRESH
        self._writing = 0
        self._last = -QUIET
        self._idle = trio.Event()
        self.stored = 0
        self.doing = Doing.OPEN

    @property
    def writing(self) -> int:
        """Writes that are under way."""
        return self._writing

    def is_due(self) -> bool:
        """Whether ``stored`` should be counted again; who asks does it."""
        now = time.monotonic()
        if now - self._counted < FRESH:
            return False
        self._counted = now
        return True

    def free(self) -> int:
        """Bytes free on the disk, as they were a moment ago."""
        now = time.monotonic()
        if self._free is None or now - self._looked >= FRESH:
            self._free, self._looked = free_bytes(self._home), now
        return self._free

    def check_new(self, limits: Limits) -> None:
        """Return if something may be added; raises TooMany and DiskFull."""
        self.check_begin()
        if self.short(limits):
            raise short_of_room()

    def check_begin(self) -> None:
        """Return if something may begin that need not add anything; raises TooMany."""
        if self.doing is not Doing.OPEN:
            raise _stopping()

    def check_commit(self, limits: Limits, grows: bool, weight: int) -> None:
        """Return if a commit of ``weight`` bytes may be made; raises DiskFull.

        ``grows``: it adds more than it takes away. A small one that does is let through as
        long as half of the room is there: the first thing that is ever removed makes a trash.
        """
        if grows and self.short(limits) and (weight > SMALL or self._low(limits)):
            raise short_of_room()

    def staging_room(self, limits: Limits) -> int | None:
        """Bytes that one session may hold now; None: as many as the quota allows."""
        if not self.short(limits):
            return None
        return 0 if self._low(limits) else LETTING_GO

    def short(self, limits: Limits) -> bool:
        """Whether nothing may be added, for want of room."""
        full = limits.storage and self.stored >= limits.storage
        return bool(full) or self.free() < limits.min_free

    def _low(self, limits: Limits) -> bool:
        return self.free() * 2 < limits.min_free

    @contextmanager
    def write(self) -> Iterator[None]:
        """Around every write; raises TooMany when the node is closed."""
        if self.doing is Doing.CLOSED:
            raise _stopping()
        self._writing += 1
        try:
            yield
        finally:
            self._writing -= 1
            self._last = trio.current_time()
            if not self._writing:
                self._idle.set()

    async def drain(self, patience: float) -> bool:
        """Let what began end, then close; whether it all did within ``patience`` seconds."""
        self.doing = Doing.DRAINING
        with trio.move_on_after(patience) as scope:
            await self._quiet()
        self.doing = Doing.CLOSED
        return not scope.cancelled_caught

    def reopen(self) -> None:
        """Take everything again."""
        self.doing = Doing.OPEN

    async def _quiet(self) -> None:
        while True:
            while self._writing:
                self._idle = trio.Event()
                await self._idle.wait()
            rest = self._last + QUIET - trio.current_time()
            if rest <= 0:
                return
            await trio.sleep(rest)


def free_bytes(folder: Path) -> int:
    """Bytes that an ordinary user may still write to a folder's disk."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _stopping() -> TooMany:
    return TooMany(
        "the node is being stopped and takes nothing new", hint="try again when it is back"
    )


def short_of_room() -> DiskFull:
    """The one answer to whoever would add something now."""
    return DiskFull(
        "the node has less room than its owner keeps free",
        hint="reading and deleting go on; ask the node's owner to make room",
    )
