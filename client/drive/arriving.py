"""A file that arrives in order, of known size, and goes on where it broke off: from a browser.

What is durable at the home is kept as of any upload (``transfers/``): for seven days, over the end
of this process. Only its sender has the content, so what was sent is not compared: the sender says
by a *mark* that it is the same content as before.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import trio

from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.entry import Kind
from client.drive.events import OnEvent, Started, Summary, Told, nobody
from client.drive.file import About, plan_file
from client.drive.header import Shape
from client.drive.paths import DrivePath
from client.drive.pouring import Pipe, Portrait, Read, check_place, commit, pour_in, sealed
from client.drive.staging import Buffers
from client.drive.transfers.journals import Journals
from client.drive.transfers.uploading import Uploading
from client.drive.transfers.uploads import Uploads
from client.drive.types import HEAD, guess
from client.drive.writer import content_writer
from client.home import persistent
from crypto.hashing import sha256
from formats.errors import Conflict, Malformed, TooMany
from formats.limits import INLINE

SOURCE: Final = "a browser"
TURN: Final = 10.0
"""Seconds to wait for somebody who is sending to the same place."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """A file on its way to ``target``, of ``size`` bytes; ``modified`` in nanoseconds.

    ``mark`` is another one for other content: a sender's name, size and time of it, say.
    """

    target: str
    size: int
    mark: str
    modified: int | None = None

    @property
    def digest(self) -> bytes:
        """The mark as it is noted."""
        return sha256(f"{self.size}\0{self.mark}".encode("utf-8", "replace"))


async def arrived(drive: Drive, coming: Arriving) -> int:
    """How many bytes from its beginning need not be sent again.

    Raises TooMany when it is being sent just now, and what ``pour_in`` raises of its place.
    """
    drive = await inside(drive, coming.target)
    path = drive.own(coming.target)
    await check_place(drive, path)
    journals = drive.journals
    if coming.size <= INLINE or journals is None:
        return 0
    told, uploads = Told(nobody), Uploads(drive, journals)
    async with (
        _turn(journals, path),
        uploads.going_on(path.parts, coming.size, told.already) as upload,
    ):
        return _whole(upload, coming) * Shape().chunk


async def take(
    drive: Drive, read: Read, coming: Arriving, offset: int, on_event: OnEvent = nobody
) -> Summary:
    """Take what ``read`` gives from ``offset`` on, to the end, and make the file visible.

    ``offset`` is what ``arrived`` said; raises Conflict when that is not so any more, Malformed
    when more or fewer bytes came than were said. What breaks off is kept.
    """
    journals = drive.journals
    if coming.size <= INLINE or journals is None:
        return await _at_once(drive, read, coming, offset, on_event)
    told, drive = Told(on_event), await inside(drive, coming.target)
    path = drive.own(coming.target)
    await check_place(drive, path)
    await on_event(Started("upload"))
    told.found(coming.size)
    with persistent():
        async with _turn(journals, path):
            await _large(Uploads(drive, journals), path, read, coming, offset, told)
    await told.done(str(path), Kind.FILE, coming.size)
    return await told.end()


async def _at_once(
    drive: Drive, read: Read, coming: Arriving, offset: int, on_event: OnEvent
) -> Summary:
    if offset:
        raise Conflict(_ELSEWHERE, hint=_AGAIN)
    pipe = _Exactly(Pipe(read), coming.size)
    return await pour_in(drive, pipe.read, coming.target, on_event, coming.modified)


async def _large(
    uploads: Uploads, path: DrivePath, read: Read, coming: Arriving, offset: int, told: Told
) -> None:
    drive = uploads.drive
    pipe = _Exactly(Pipe(read), coming.size - offset)
    start = b"" if offset else await pipe.pipe.begins(HEAD)
    about = About(coming.modified or drive.now_ns(), drive.now_ns(), type=guess(path.title, start))
    portrait = Portrait(drive, None if offset else about.type, pipe.fill)
    async with uploads.going_on(path.parts, coming.size, told.already) as upload:
        first = _whole(upload, coming)
        if first * Shape().chunk != offset:
            raise Conflict(_ELSEWHERE, hint=_AGAIN)
        _, header = plan_file(coming.size, about)
        header = upload.plan(SOURCE, coming.digest, header)
        async with content_writer(upload.staging, Buffers(), told.moved) as writer:
            content, _ = await writer.pour(header, portrait.fill, upload, first)
        await pipe.ended()
        make = partial(sealed, header, content, coming.size, await portrait.drawn())
        session = upload.staging.session
        await commit(drive, path, coming.size, make, session, upload.strike)
        upload.finished = True


def _whole(upload: Uploading, coming: Arriving) -> int:
    """How many chunks from the first on are there, of this very content."""
    held = {} if upload.begun is None else upload.begun.held
    count = 0
    while count in held and held[count][1] == coming.digest:
        count += 1
    return min(count, (coming.size - 1) // Shape().chunk)


@asynccontextmanager
async def _turn(journals: Journals, path: DrivePath) -> AsyncIterator[None]:
    """One at a time to one place: what broke off is noted before it is gone on with."""
    turn = journals.turn(str(path))
    with trio.move_on_after(TURN) as waiting:
        await turn.acquire()
    if waiting.cancelled_caught:
        raise TooMany(f"{path} is being sent just now")
    try:
        yield
    finally:
        turn.release()


class _Exactly:
    """As many bytes as were said, or Malformed."""

    def __init__(self, pipe: Pipe, size: int) -> None:
        self.pipe: Final = pipe
        self._left = size

    async def fill(self, room: memoryview) -> int:
        """Fill ``room``, or what is left."""
        wanted = min(len(room), self._left)
        got = await self.pipe.fill(room[:wanted])
        if got < wanted:
            raise Malformed(f"the file ended {self._left - got} bytes too soon")
        self._left -= got
        return got

    async def read(self) -> bytes:
        """The next bytes; none at the end."""
        piece = bytearray(min(self._left, INLINE))
        await self.fill(memoryview(piece))
        if not piece:
            await self.ended()
        return bytes(piece)

    async def ended(self) -> None:
        """That nothing follows."""
        if await self.pipe.begins(1):
            raise Malformed("the file goes on behind its end")


_ELSEWHERE: Final = "what is here of it ends elsewhere"
_AGAIN: Final = "ask where to go on, and send from there"
