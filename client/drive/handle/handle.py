"""START HERE: one file, open: read and write at any offset, append, cut, save, see what it is.

    async with await open_handle(drive, "notes/today.txt", Access(write=True)) as file:
        await file.write(1000, b"...")
        await file.append(b"...")

Many may read one handle at once; what changes it takes turns. A handle stands on the
version that was there when it was opened, or that it saved last, and is not moved by
what others do. What is written is seen through this handle at once and by nobody
else until ``flush`` or ``close``: one commit of what changed, or nothing. If somebody
else saved another version meanwhile, ``flush`` raises Conflict and what was written
stays here, to be kept beside the other (``keep_both``) or given up (``abandon``).
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Final

import trio

from client.drive.drive import Drive
from client.drive.handle.elsewhere import keep_elsewhere
from client.drive.handle.saved import Saved, keep_beside, save
from client.drive.handle.version import Version
from client.drive.handle.working import Working
from client.drive.paths import DrivePath
from formats.errors import Conflict, Exists, Unfit

AHEAD: Final = 20
"""Segments that reading one after another fetches at once, at most: a chunk of them."""


@dataclass(frozen=True, slots=True)
class Stat:
    """What is known of an open file, with what was written and is not saved yet.

    Times are nanoseconds since 1970; ``modified`` is that of the version below.
    """

    path: str
    id: bytes
    size: int
    modified: int
    created: int
    executable: bool
    type: str | None
    is_changed: bool


class FileHandle:
    """An open file; made by ``opening.open_handle``. Close it, or use it in ``async with``.

    Leaving the block by an error gives up what was not saved. ``is_new``: no folder
    names it before it is saved for the first time.
    """

    def __init__(
        self, drive: Drive, path: DrivePath, version: Version, writable: bool, is_new: bool = False
    ) -> None:
        self._drive = drive
        self._path = path
        self._writable: Final = writable
        self._is_new = is_new
        self._work = Working(drive.space, version, drive.segments)
        self._is_named = True
        self._is_open = True
        self._turn: Final = trio.Lock()
        self._next = 0
        self._ahead = 0

    @property
    def path(self) -> DrivePath:
        """Where the file was when it was opened or last saved."""
        return self._path

    @property
    def size(self) -> int:
        """Bytes of the file, with what was written."""
        return self._work.draft.size

    @property
    def is_changed(self) -> bool:
        """Whether there is something that ``flush`` would save."""
        return self._work.draft.is_changed or self._is_new

    def stat(self) -> Stat:
        """What is known of it; asks nobody."""
        header = self._work.version.header
        return Stat(
            str(self._path),
            header.id,
            self.size,
            header.modified,
            header.created,
            header.executable,
            header.type,
            self.is_changed,
        )

    async def read(self, offset: int, length: int) -> bytes:
        """Bytes from ``offset`` on; fewer at the end of the file, none beyond it.

        Raises Damaged or Withheld naming the path; Conflict if the file was changed
        and the home does not serve the version of this handle any more.
        """
        self._check(offset, length)
        if not self._work.draft.is_changed:
            return await self._read(offset, length)
        async with self._turn:
            return await self._read(offset, length)

    async def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Write at any offset; what lies between the end and ``offset`` reads as zeros.

        Waits while too much is unsaved in memory. If it is cancelled, or staging fails
        (QuotaExceeded, Unreachable...), a part may have been written. Raises TooLarge.
        """
        self._check_writable(offset)
        async with self._turn:
            await self._work.write(offset, memoryview(data).cast("B"))

    async def append(self, data: bytes | bytearray | memoryview) -> int:
        """Write at the end, as this handle sees it; the offset at which that is."""
        self._check_writable()
        async with self._turn:
            offset = self.size
            await self._work.write(offset, memoryview(data).cast("B"))
            return offset

    async def truncate(self, size: int) -> None:
        """Cut the file, or let it grow by zeros: whole chunks of them take no room."""
        self._check_writable(size)
        async with self._turn:
            await self._work.resize(size)

    async def flush(self) -> None:
        """Save: when this returns, what was written is durable and seen by others.

        One commit, or nothing. Raises Conflict if somebody else saved a version since
        this handle's; a file that somebody removed meanwhile is put back. After an
        error what was written is still in the handle.
        """
        self._check()
        async with self._turn:
            if self.is_changed and self._is_named:
                saved = await save(self._drive, self._path, self._work, self._is_new)
                await self._stand_on(saved)

    async def make(self) -> None:
        """Save a file that is made here, empty or not, under its name alone; raises Exists."""
        try:
            await self.flush()
        except Conflict:
            raise Exists(f"{self._path} is there already") from None

    async def keep_both(self) -> DrivePath:
        """Save as a file of its own, beside the one that was opened: after a Conflict.

        Where that is: ``name (conflict from DEVICE DATE).ext``. The handle goes on with it.
        Of a file that is shared alone the copy is in the own home.
        """
        self._check_writable()
        async with self._turn:
            drive, own = self._drive, self._drive.outermost
            if drive.alone:
                saved = await keep_elsewhere(own, self._path, self._work)
                self._drive = own
            else:
                saved = await keep_beside(drive, self._path, self._work)
            await self._stand_on(saved)
            return self._path

    async def close(self) -> None:
        """Save, and let go of it. After an error it is open still: try again, or ``abandon`` it."""
        if self._is_open:
            await self.flush()
            await self.abandon()

    async def abandon(self) -> None:
        """Let go of it without saving: what was staged is forgotten."""
        self._is_open = False
        await self._work.aclose()

    def lost_its_name(self) -> None:
        """Its owner removed it by this program: as on a local disk it goes on until it is closed.

        It is not saved any more, wherever others are concerned.
        """
        self._is_named = False

    async def __aenter__(self) -> "FileHandle":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                await self.close()
        finally:
            await self.abandon()

    async def _stand_on(self, saved: Saved) -> None:
        """Go on from the version that was just saved."""
        before = self._work
        self._work = Working(self._drive.space, saved.version, self._drive.segments)
        self._path, self._is_new = saved.path, False
        await before.aclose()

    async def _read(self, offset: int, length: int) -> bytes:
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        return await self._work.read(offset, end, self._in_a_row(offset, end))

    def _in_a_row(self, offset: int, end: int) -> range:
        """Segments to fetch beyond ``end``: more and more while reads follow each other."""
        follows, self._next = offset == self._next, end
        self._ahead = min(max(1, self._ahead * 2), AHEAD) if follows and offset else 0
        header = self._work.version.header
        after = -(-end // header.shape.segment)
        of_chunk = -(-after // header.shape.per_chunk) * header.shape.per_chunk
        of_file = -(-header.size // header.shape.segment)
        return range(after, min(after + self._ahead, of_chunk, of_file))

    def _check(self, *amounts: int) -> None:
        if not self._is_open:
            raise Unfit(f"{self._path} is closed", hint="open it again")
        if any(amount < 0 for amount in amounts):
            raise Unfit("an offset, a length or a size is negative", hint="count from 0")

    def _check_writable(self, *amounts: int) -> None:
        self._check(*amounts)
        if not self._writable:
            raise Unfit(f"{self._path} was opened for reading only", hint="open it for writing")
