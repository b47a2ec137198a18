"""The local disk as an origin: folders scanned, files read, nothing followed.

What cannot be taken in is told and spares the rest: names that are not UTF-8,
two names that are one when normalised, sockets and devices, what may not be
read. A file that changes while it is read is read again, and then told.
"""

import errno
import os
import stat
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import trio

from client.drive.chunks import Fill
from client.drive.disk import local_error, shown
from client.drive.entry import check_target
from client.drive.events import LeftOut, Told
from client.drive.file import About
from client.drive.intake.bases import Bases
from client.drive.intake.items import FileItem, FolderItem, Item, LinkItem
from client.drive.intake.origin import Large, Loaded, Small
from client.drive.places import Names
from client.drive.thumbnails.maker import Maker
from client.drive.types import HEAD, guess
from client.drive.writer import Source
from crypto.hashing import sha256
from crypto.secret import random_secret
from formats.errors import (
    BadName,
    Conflict,
    Exists,
    HoldfastError,
    Malformed,
    Unfit,
)
from formats.limits import CHUNK, INLINE
from formats.names import normalise_name

SCAN: Final = 1024
"""Names looked at in one thread hop, about."""
MUCH: Final = 1024
"""A folder with more names than this is taken in by the places of its names."""
READS: Final = 3
"""How often a small file that keeps changing is read."""
FEW: Final = 4
"""Small files alone, no more than these, are read as they are found: one hop less for each put."""
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_KINDS: Final = {
    stat.S_IFSOCK: "a socket",
    stat.S_IFIFO: "a pipe",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


@dataclass(frozen=True, slots=True)
class Start:
    """One thing on the disk and where in the home it goes."""

    path: str
    parts: tuple[str, ...]
    name: str


class LocalOrigin:
    """Trees on the local disk. What would go to ``elsewhere`` is not given, and is ``passed``."""

    def __init__(
        self, starts: Sequence[Start], told: Told, elsewhere: Collection[tuple[str, ...]] = ()
    ) -> None:
        self._told: Final = told
        self._elsewhere: Final = elsewhere
        self.passed: Final[list[Start]] = []
        self._left_out: Final[list[tuple[str, HoldfastError]]] = []
        self._waiting: Final = list(reversed(self._named(starts)))
        self._loaded: Final[dict[object, Small]] = {}

    async def more(self) -> Sequence[Item] | None:
        """The next things that were found."""
        if not self._waiting and not self._left_out:
            return None
        items = await trio.to_thread.run_sync(self._scan)
        for path, error in self._left_out:
            await self._told.skip(shown(path), error)
        self._left_out.clear()
        return items

    async def small(self, files: Sequence[FileItem], bases: Bases) -> list[Small]:
        """The contents of small files: one thread hop for all of them."""
        if all(file.handle in self._loaded for file in files):
            return [self._loaded.pop(file.handle) for file in files]
        return await trio.to_thread.run_sync(_read_all, files)

    @asynccontextmanager
    async def large(self, file: FileItem) -> AsyncIterator[Large]:
        """Open a file to be read in pieces."""
        opened = await trio.to_thread.run_sync(_open_large, str(file.handle))
        try:
            yield opened
        finally:
            os.close(opened.fd)

    def _scan(self) -> list[Item]:
        items: list[Item] = []
        while self._waiting and len(items) < SCAN:
            self._look(self._waiting.pop(), items)
        small = [item for item in items if isinstance(item, FileItem) and item.size <= INLINE]
        if not self._waiting and len(items) <= FEW:
            self._loaded.update(zip(map(_handle, small), _read_all(small), strict=True))
        return items

    def _look(self, at: Start, items: list[Item]) -> None:
        """Take in what is there, and put what is in it at the head of the queue."""
        if (*at.parts, at.name) in self._elsewhere:
            self.passed.append(at)
            return
        try:
            item = _item_of(at, os.lstat(at.path))
            if isinstance(item, FolderItem):
                item = self._enter(at, item)
            items.append(item)
        except OSError as error:
            self._left_out.append((at.path, local_error(at.path, error)))
        except LeftOut as left_out:
            self._left_out.append((at.path, left_out.error))

    def _enter(self, at: Start, folder: FolderItem) -> FolderItem:
        """Put what is in a folder at the head of the queue; in order of place if it is much."""
        try:
            inside = self._named(_inside(at, folder))
        except OSError as error:
            self._left_out.append((at.path, local_error(at.path, error)))
            return folder
        if len(inside) > MUCH:
            key = random_secret()
            folder, names = replace(folder, names=key), Names(key)
            inside.sort(key=lambda start: names.place(start.name))
        self._waiting.extend(reversed(inside))
        return folder

    def _named(self, starts: Sequence[Start]) -> list[Start]:
        """Those whose names can be; of two that are one when normalised, the first."""
        named: dict[tuple[str, ...], Start] = {}
        for at in starts:
            try:
                start = Start(at.path, at.parts, normalise_name(at.name))
            except BadName as error:
                problem: HoldfastError = BadName(f"{shown(at.path)}: {error.message}", error.advice)
            else:
                if named.setdefault((*at.parts, start.name), start) is start:
                    continue
                problem = Exists(f"{shown(at.path)}: another one here has the same name")
            self._left_out.append((at.path, problem))
        return list(named.values())


def _inside(at: Start, item: FolderItem) -> list[Start]:
    names = sorted(os.listdir(at.path))
    return [Start(os.path.join(at.path, name), item.place, name) for name in names]


class OpenFile:
    """An open local file: a ``Large`` and its ``Source``."""

    def __init__(self, path: str, fd: int, found: os.stat_result, head: bytes) -> None:
        self.path: Final = path
        self.fd: Final = fd
        self._found: Final = found
        self._head: Final = head

    @property
    def size(self) -> int:
        """Bytes, when it was opened."""
        return self._found.st_size

    @property
    def about(self) -> About:
        """Its times and mode, and what it seems to be."""
        return about_of(self._found, self.path, self._head)

    @property
    def mark(self) -> bytes:
        """Which file it is, and its size and times: what ``is_unchanged`` looks at, and more."""
        found = self._found
        which = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        return sha256(repr(which).encode())

    @property
    def source(self) -> Source:
        """Where its chunks come from."""
        return self

    async def is_unchanged(self) -> bool:
        """Whether size and times are what they were."""
        await trio.lowlevel.checkpoint()
        return _same(self._found, os.fstat(self.fd))

    async def picture(self, maker: Maker) -> bytes | None:
        """A thumbnail of what is in it."""
        try:
            content = await trio.to_thread.run_sync(os.pread, self.fd, self.size, 0)
        except OSError as error:
            raise LeftOut(local_error(self.path, error)) from error
        return await maker.make(content)

    async def chunk(self, chunk: int, size: int) -> Fill:
        """What reads a chunk."""
        await trio.lowlevel.checkpoint()
        return partial(self._fill, chunk * CHUNK, size)

    def _fill(self, offset: int, size: int, buffer: bytearray) -> bool:
        try:
            if size == CHUNK and _is_hole(self.fd, offset, size):
                return False
            view, at = memoryview(buffer)[:size], 0
            while at < size:
                got = os.preadv(self.fd, [view[at:]], offset + at)
                if not got:
                    raise LeftOut(Conflict(f"{shown(self.path)}: it got shorter while it was read"))
                at += got
        except OSError as error:
            raise LeftOut(local_error(self.path, error)) from error
        return True


def about_of(found: os.stat_result, path: str, head: bytes) -> About:
    """What we keep of what the disk says, and of how the content begins.

    There is no time of making, so it is the modified one.
    """
    when, executable = found.st_mtime_ns, bool(found.st_mode & stat.S_IXUSR)
    return About(when, when, executable, guess(os.path.basename(path), head))


def _item_of(at: Start, found: os.stat_result) -> Item:
    """What is there; raises LeftOut for what cannot be taken in."""
    common = (shown(at.path), at.parts, at.name, found.st_mtime_ns)
    if stat.S_ISREG(found.st_mode):
        return FileItem(*common, found.st_size, at.path)
    if stat.S_ISDIR(found.st_mode):
        return FolderItem(*common)
    if stat.S_ISLNK(found.st_mode):
        return LinkItem(*common, _target(at.path))
    kind = _KINDS.get(stat.S_IFMT(found.st_mode), "of an unknown kind")
    raise LeftOut(Unfit(f"{shown(at.path)} is {kind}", hint="files, folders and links can be put"))


def _target(path: str) -> str:
    try:
        return check_target(os.readlink(path))
    except Malformed as error:
        raise LeftOut(Unfit(f"{shown(path)}: {error.message}")) from None


def _handle(file: FileItem) -> object:
    return file.handle


def _read_all(files: Sequence[FileItem]) -> list[Small]:
    loaded: list[Small] = []
    for file in files:
        try:
            loaded.append(_read_small(str(file.handle)))
        except LeftOut as left_out:
            loaded.append(left_out.error)
    return loaded


def _read_small(path: str) -> Loaded | None:
    """A small file as it was at one moment; None if it is not small."""
    try:
        fd = os.open(path, _OPEN)
        try:
            return _read_steady(path, fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise LeftOut(local_error(path, error)) from error


def _read_steady(path: str, fd: int) -> Loaded | None:
    for _ in range(READS):
        before = _regular(path, fd)
        content = _read_whole(fd, before.st_size)
        if len(content) > INLINE:
            return None
        if len(content) == before.st_size and _same(before, os.fstat(fd)):
            return Loaded(content, about_of(before, path, content[:HEAD]))
    raise LeftOut(Conflict(f"{shown(path)}: it kept changing while it was being read"))


def _read_whole(fd: int, size: int) -> bytes:
    """What is in the file, at most a byte more than what is small."""
    content = os.pread(fd, min(size, INLINE) + 1, 0)
    while len(content) <= INLINE and (more := os.pread(fd, INLINE, len(content))):
        content += more
    return content


def _open_large(path: str) -> OpenFile:
    try:
        fd = os.open(path, _OPEN)
        try:
            return OpenFile(path, fd, _regular(path, fd), os.pread(fd, HEAD, 0))
        except BaseException:
            os.close(fd)
            raise
    except OSError as error:
        raise LeftOut(local_error(path, error)) from error


def _regular(path: str, fd: int) -> os.stat_result:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise LeftOut(Conflict(f"{shown(path)}: it is no file any more"))
    return found


def _same(a: os.stat_result, b: os.stat_result) -> bool:
    return (a.st_size, a.st_mtime_ns, a.st_ctime_ns) == (b.st_size, b.st_mtime_ns, b.st_ctime_ns)


def _is_hole(fd: int, offset: int, size: int) -> bool:
    """Whether the disk knows that this part is zero, so that it need not be read."""
    try:
        return os.lseek(fd, offset, os.SEEK_DATA) >= offset + size
    except OSError as error:
        return error.errno == errno.ENXIO
