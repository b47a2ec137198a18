"""One large upload that goes on, or begins: what is there already, what is staged now.

What is staged is noted twice: each chunk at once in this machine's journal, and after
``NOTE_CHUNKS`` chunks or ``NOTE_TIME`` seconds, whichever comes first, in the owner's space.
So a put on the same machine sends nothing again, and one on another machine little;
and a put that is done sooner costs the space nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import trio

from client.drive.content import Held
from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.header import FileHeader, Shape
from client.drive.ring import Ring
from client.drive.transfers import shelf
from client.drive.transfers.journals import UP, Journals, UploadJournal
from client.drive.transfers.underway import Upload
from client.space.reading import Staging
from crypto.secret import random_bytes
from formats.errors import Conflict

NOTE_CHUNKS: Final = 50
"""Chunks (250 MiB) after which they are noted in the space: what fits into one small file."""
NOTE_TIME: Final = 60.0
"""Seconds after which they are, on a slow line."""
_ID: Final = 16


@dataclass(slots=True)
class Begun:
    """What was begun before. ``held``: chunks that the home has, and of which source state."""

    upload: Upload
    held: dict[int, tuple[Held, bytes]] = field(default_factory=dict)
    notes: int = 0
    journal: UploadJournal | None = None


def shared_path(drive: Drive, place: tuple[str, ...]) -> str | None:
    """The whole path of a place in a shared folder; None for one in the own home."""
    return None if drive.outer is None else str(drive.at(*place))


class Uploading:
    """A ``Keeping`` of one file. ``resumed`` is told of bytes that need not be sent again."""

    def __init__(
        self,
        drive: Drive,
        journals: Journals,
        place: tuple[str, ...],
        staging: Staging,
        begun: Begun | None,
        resumed: Callable[[int], None],
    ) -> None:
        self.place: Final = place
        self.staging: Final = staging
        self._drive: Final = drive
        self._journals: Final = journals
        self.begun = begun
        self._old: Final[list[Begun]] = []
        self._resumed: Final = resumed
        self._mark = b""
        self._fresh: list[tuple[int, Held]] = []
        self._noting: Final = trio.Lock()
        self._noted_at = trio.current_time()
        self.finished = False

    def plan(self, source: str, mark: bytes, header: FileHeader) -> FileHeader:
        """The header to be written: with the data key of what was begun, if it fits.

        ``mark`` tells the state of the source from every other one on this machine.
        """
        begun = self.begun
        if begun is None or begun.upload.size != header.size or header.shape != Shape():
            self._drop()
            begun = self.begun = Begun(self._new(source, header))
            self._fresh.clear()
        now = self._drive.now()
        if begun.journal is None:
            begun.journal = self._journals.begin(begun.upload, now)
            self._journals.live.add(begun.upload.id)
            begun.journal.staged([(at, held) for at, (held, _) in begun.held.items()], now)
            if begun.notes:
                begun.journal.noted(begun.notes, now)
        self._mark = mark
        begun.journal.mark(mark, now)
        return replace(header, ring=Ring((begun.upload.key,)))

    def there(self, chunk: int) -> Held | None:
        """What the home has of this chunk."""
        held = None if self.begun is None else self.begun.held.get(chunk)
        return None if held is None else held[0]

    def is_trusted(self, chunk: int) -> bool:
        """Whether the source is as it was when this chunk was read, on this machine."""
        return bool(self._mark) and self._need.held[chunk][1] == self._mark

    async def found(self, chunk: int, size: int) -> None:
        """It is still the same: from now on also for this state of the source."""
        begun = self._need
        held, mark = begun.held[chunk]
        if mark != self._mark:
            begun.held[chunk] = held, self._mark
            self._journal.staged([(chunk, held)], self._drive.now())
        self._resumed(size)
        await trio.lowlevel.checkpoint()

    async def staged(self, chunk: int, held: Held) -> None:
        """Note it here, and now and then in the space, if nobody else reads there."""
        self._need.held[chunk] = held, self._mark
        self._journal.staged([(chunk, held)], self._drive.now())
        self._fresh.append((chunk, held))
        if self._is_due and not self._noting.locked():
            async with self._noting:
                await self._note()

    async def strike(self, edit: TreeEdit) -> None:
        """Within the operation that makes the file visible: its notes go."""
        for each in (*self._old, self.begun):
            if each is not None and each.notes:
                await shelf.strike(edit, each.upload.id)

    async def end(self) -> None:
        """Let go of what is staged if it is finished, or nothing was; else it is kept."""
        if self.finished or self.begun is None or not self.begun.held:
            self._drop()
            await self._drive.space.close_staging(self.staging.session)

    @property
    def _is_due(self) -> bool:
        late = trio.current_time() - self._noted_at >= NOTE_TIME
        return self._drive.outer is None and (late or len(self._fresh) >= NOTE_CHUNKS)

    async def _note(self) -> None:
        begun, chunks = self._need, self._fresh[:NOTE_CHUNKS]
        try:
            await shelf.note(self._drive, begun.upload, begun.notes + 1, chunks)
        except Conflict:
            return  # others keep changing the space: the next chunk tries again
        begun.notes += 1
        self._journal.noted(begun.notes, self._drive.now())
        self._fresh = self._fresh[len(chunks) :]
        self._noted_at = trio.current_time()

    def _new(self, source: str, header: FileHeader) -> Upload:
        drive = self._drive
        key, session = header.ring.current, self.staging.session
        id, began = random_bytes(_ID), drive.now()
        what = id, self.place, source, drive.device, began
        return Upload(*what, header.size, key, session, shared_path(drive, self.place))

    def _drop(self) -> None:
        if self.begun is not None:
            self._old.append(self.begun)
            self._journals.forget(UP, self.begun.upload.id)

    @property
    def _need(self) -> Begun:
        if self.begun is None:
            raise ValueError("it was not planned yet")
        return self.begun

    @property
    def _journal(self) -> UploadJournal:
        journal = self._need.journal
        if journal is None:
            raise ValueError("it was not planned yet")
        return journal
