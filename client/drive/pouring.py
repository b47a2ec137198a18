"""Putting what comes through a pipe: of unknown length and any size, in bounded memory.

The pipe is read a chunk at a time while earlier chunks are sealed and staged. What
comes through it cannot be read again: so a pipe that breaks off leaves nothing, and
if the file was changed by others meanwhile, what is sealed is planned anew under its
own key, as a version after theirs.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Final

from client.drive.crossing import inside
from client.drive.drive import HOME, Drive
from client.drive.edit import TreeEdit
from client.drive.entry import Kind
from client.drive.events import OnEvent, Started, Summary, Told, nobody
from client.drive.file import About, NewFile, large_file, plan_file, put_file, small_file
from client.drive.header import FileHeader
from client.drive.intake.bases import Bases, find_bases
from client.drive.intake.items import FileItem
from client.drive.intake.taking import ATTEMPTS
from client.drive.paths import DrivePath
from client.drive.resolve import resolve, try_descend
from client.drive.ring import Ring
from client.drive.staging import Buffers
from client.drive.types import HEAD, guess
from client.drive.writer import Content, content_writer
from client.space.reading import Changing
from formats.errors import Conflict, IsAFolder, NotFound
from formats.limits import INLINE

Read = Callable[[], Awaitable[bytes]]
"""The next bytes of a pipe, however many; none at its end. Raises what broke it off."""

Fill = Callable[[memoryview], Awaitable[int]]
"""Fills a room with the next bytes, as far as there are any; how many that were."""

SOURCE: Final = "standard input"


class Pipe:
    """What comes through a pipe, in pieces of the size that is asked for."""

    def __init__(self, read: Read) -> None:
        self._read: Final = read
        self._waiting = b""

    async def fill(self, room: memoryview) -> int:
        """Fill ``room``; how many bytes that were, fewer only at the end."""
        at = 0
        while at < len(room) and (self._waiting or await self._more()):
            some = memoryview(self._waiting)[: len(room) - at]
            room[at : at + len(some)] = some
            at += len(some)
            self._waiting = self._waiting[len(some) :]
        return at

    async def begins(self, size: int) -> bytes:
        """Up to ``size`` bytes, which will be given out again."""
        room = bytearray(size)
        got = bytes(room[: await self.fill(memoryview(room))])
        self._waiting = got + self._waiting
        return got

    async def _more(self) -> bool:
        self._waiting = await self._read()
        return bool(self._waiting)


class Portrait:
    """The thumbnail of what goes by, if it is an image that is not too large.

    Of other content nothing is kept; of an image, all of it until it was drawn.
    """

    def __init__(self, drive: Drive, type_: str | None, fill: Fill) -> None:
        self._maker: Final = drive.thumbnails
        self._type: Final = type_
        self._fill: Final = fill
        self._seen: bytearray | None = None
        if self._maker is not None and self._maker.draws(type_, 1):
            self._seen = bytearray()

    async def fill(self, room: memoryview) -> int:
        """What the original gives."""
        got = await self._fill(room)
        if self._seen is not None:
            self._seen += room[:got]
            if self._maker is None or not self._maker.draws(self._type, len(self._seen) or 1):
                self._seen = None
        return got

    async def drawn(self) -> bytes | None:
        """The thumbnail, when all has gone by; None if there is none."""
        if self._maker is None or not self._seen:
            return None
        seen, self._seen = bytes(self._seen), None
        return await self._maker.make(seen)


async def pour_in(
    drive: Drive,
    read: Read,
    target: str,
    on_event: OnEvent = nobody,
    modified: int | None = None,
) -> Summary:
    """Put what ``read`` gives to the file ``target``; returns when it is committed.

    ``modified``: when the content was, in nanoseconds; now without. The folder above is there; a
    file that is there gets a new version. Raises IsAFolder, NotFound before anything is read.
    """
    told, pipe = Told(on_event), Pipe(read)
    drive = await inside(drive, target)
    path = drive.own(target)
    await check_place(drive, path)
    await on_event(Started("upload"))
    start = await pipe.begins(INLINE + 1)
    if len(start) <= INLINE:
        picture = await _picture(drive, path, start)
        make = partial(_small, start, picture, modified)
        await commit(drive, path, len(start), make, None)
        await told.moved(len(start), str(path))
        size = len(start)
    else:
        kind = guess(path.title, start[:HEAD])
        size = await _large(drive, path, pipe, told, _about(drive, kind, modified))
    told.found(size)
    await told.done(str(path), Kind.FILE, size)
    return await told.end()


async def check_place(drive: Drive, path: DrivePath) -> None:
    """Return if a file can be put there; raises IsAFolder, NotFound."""
    home = await resolve(drive, drive.at())
    there = await try_descend(drive, home, path)
    if not path.parts or path.must_be_folder or (there is not None and there.is_folder):
        raise IsAFolder(
            f"{path} is a folder: what comes through a pipe has no name",
            hint="write the name of the file after it",
        )
    if there is None and await try_descend(drive, home, path.parent) is None:
        raise NotFound(f"{path.parent} does not exist", hint="make it with 'holdfast mkdir'")


async def _large(drive: Drive, path: DrivePath, pipe: Pipe, told: Told, about: About) -> int:
    """Seal and stage it as it comes, then make it visible; its size."""
    _, header = plan_file(INLINE + 1, about)
    portrait = Portrait(drive, about.type, pipe.fill)
    async with drive.space.staging() as staging:
        async with content_writer(staging, Buffers(), told.moved) as writer:
            content, size = await writer.pour(header, portrait.fill)
        make = partial(sealed, header, content, size, await portrait.drawn())
        await commit(drive, path, size, make, staging.session)
    return size


Make = Callable[[Drive, DrivePath, Bases], NewFile]


Within = Callable[[TreeEdit], Awaitable[None]]
"""What else is done by the operation that makes a file visible."""


async def commit(
    drive: Drive,
    path: DrivePath,
    size: int,
    make: Make,
    session: bytes | None,
    within: Within | None = None,
) -> None:
    """Make a file visible that ``make`` plans, again if others changed what is there."""
    item = FileItem(SOURCE, path.parent.parts, path.name, drive.now_ns(), size, None)
    for _ in range(ATTEMPTS):
        new = make(drive, path, await find_bases(drive, {}, [item]))
        if await drive.space.commit(partial(_operation, drive, path, new, session, within)):
            return
    raise Conflict(f"{path}: others kept changing it")


async def _operation(
    drive: Drive,
    path: DrivePath,
    new: NewFile,
    session: bytes | None,
    within: Within | None,
    changing: Changing,
) -> bool:
    if session is not None:
        changing.use_staging(session)
    edit = TreeEdit(changing, drive.root, f"/{drive.name}", HOME)
    folder = await edit.folder(path.parent.parts)
    current = await folder.get(path.name)
    if current is not None and current.kind in (Kind.FOLDER, Kind.MOUNT):
        raise IsAFolder(f"{path} is a folder")
    done = await put_file(edit, folder, path.name, new)
    if done and within is not None:
        await within(edit)
    await edit.flush()
    return done


async def _picture(drive: Drive, path: DrivePath, content: bytes) -> bytes | None:
    """A thumbnail of what came through whole."""
    maker = drive.thumbnails
    if maker is None or not maker.draws(guess(path.title, content[:HEAD]), len(content)):
        return None
    return await maker.make(content)


def _small(
    content: bytes,
    picture: bytes | None,
    modified: int | None,
    drive: Drive,
    path: DrivePath,
    bases: Bases,
) -> NewFile:
    base, instead = bases.nodes.get(path.parts), bases.entries.get(path.parts)
    about = _about(drive, guess(path.title, content[:HEAD]), modified)
    return small_file(content, about, base, instead, picture)


def sealed(
    planned: FileHeader,
    content: Content,
    size: int,
    picture: bytes | None,
    drive: Drive,
    path: DrivePath,
    bases: Bases,
) -> NewFile:
    """What is sealed already, after what is there now: the key says under which id it was."""
    base, instead = bases.nodes.get(path.parts), bases.entries.get(path.parts)
    about = About(planned.modified, planned.created, type=planned.type)
    keys, header = plan_file(size, about, base)
    ring = Ring((planned.ring.current,))
    return large_file(keys, replace(header, ring=ring), content, base, instead, picture)


def _about(drive: Drive, type_: str | None, modified: int | None) -> About:
    now = drive.now_ns()
    return About(modified or now, now, type=type_)
