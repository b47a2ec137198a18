"""From a path to what is there: in one's own space, or in what somebody shares.

Each folder on the way is one leaf and one page, at most one request each when
nothing is cached: a child's node secret is sealed in its parent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from client.drive.drive import HOME, ONLY, Drive
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView, open_ahead
from client.drive.node import FileNode, FolderNode, open_file, open_folder
from client.drive.paths import DrivePath
from client.drive.reader import FileReader, Refresh
from client.keys import NodeKeys, Ref
from client.space.opened import Opened
from client.space.reading import Reading
from formats.errors import (
    Damaged,
    Denied,
    HoldfastError,
    IsAFolder,
    NotAFolder,
    NotFound,
    Unfit,
    Withheld,
)
from formats.leaf import Leaf


class Lasting:
    """A reading that goes on in the newest state when a home no longer serves its own.

    A home serves a state for ten minutes after it was superseded; a long walk may take longer.
    """

    def __init__(self, reading: Reading, refresh: Refresh) -> None:
        self._now = reading
        self._is_newer = False
        self._refresh: Final = refresh

    @property
    def owner(self) -> bytes:
        """The owner's identity id."""
        return self._now.owner

    @property
    def space(self) -> bytes:
        """The space id."""
        return self._now.space

    @property
    def opened(self) -> Opened:
        """What was opened of it lately."""
        return self._now.opened

    @property
    def moved_on(self) -> bool:
        """Whether it went on in a newer state."""
        return self._is_newer or self._now.moved_on

    async def leaves(self, refs: Sequence[Ref]) -> dict[bytes, Leaf]:
        """Leaves by label; tried once more in the newest state when all are refused."""
        try:
            return await self._now.leaves(refs)
        except Denied:
            self._now, self._is_newer = await self._refresh(), True
            return await self._now.leaves(refs)

    async def segments(self, ref: Ref, leaf: Leaf, positions: Sequence[int]) -> list[bytes]:
        """Segments of a leaf, likewise."""
        try:
            return await self._now.segments(ref, leaf, positions)
        except Denied:
            self._now, self._is_newer = await self._refresh(), True
            return await self._now.segments(ref, leaf, positions)


@dataclass(slots=True)
class Found:
    """What a path names. ``entry`` is None for a home, ``keys`` for a link.

    ``refresh`` gives the newest reading of the same space. A folder is opened once.
    ``drive``: whose mounts are followed below it; None where they are not, as in a space
    that is mounted itself: there others write entries.
    """

    path: DrivePath
    reading: Reading
    keys: NodeKeys | None
    entry: Entry | None
    refresh: Refresh
    drive: Drive | None = field(default=None, repr=False, compare=False)
    _view: FolderView | None = field(default=None, repr=False, compare=False)

    @property
    def is_folder(self) -> bool:
        """Whether there are names below it."""
        return self.entry is None or self.entry.kind in (Kind.FOLDER, Kind.MOUNT)

    async def folder(self) -> FolderNode:
        """It as an opened folder; raises NotAFolder."""
        return (await self.view()).node

    async def view(self, whole: bool = False) -> FolderView:
        """It as a folder to look names up in, with the pages that were read; NotAFolder.

        ``whole``: all of it will be read, so that more may come with the first request.
        """
        if self._view is None:
            if self.keys is None or not self.is_folder:
                raise _no_folder(self.path, self.entry)
            self._view = await self._opened(self.keys, whole)
        return self._view

    async def _opened(self, keys: NodeKeys, whole: bool) -> FolderView:
        what = str(self.path)
        if whole and self.entry is not None and self.entry.depth:
            return await open_ahead(self.reading, keys, what)
        return FolderView(self.reading, await open_folder(self.reading, keys, what), what)

    async def file(self) -> FileNode:
        """It as an opened file; raises IsAFolder, Unfit for a link."""
        if self.is_folder:
            raise IsAFolder(f"{self.path} is a folder")
        if self.keys is None:
            target = self.entry.target if self.entry else ""
            raise Unfit(f"{self.path} is a symbolic link to {target}", hint="name its target")
        return await open_file(self.reading, self.keys, str(self.path))

    async def reader(self) -> FileReader:
        """It as a file to read."""
        return FileReader(self.reading, await self.file(), str(self.path), self.refresh)


async def resolve(drive: Drive, path: DrivePath) -> Found:
    """What the path names now. Raises NotFound, NotAFolder, and whatever reading raises."""
    if drive.outer is not None and path.person != drive.name:
        return await resolve(drive.outer, path)
    start = await _start(drive, path)
    return _checked(await descend(drive, start, path.parts), path)


async def try_descend(drive: Drive, start: Found, path: DrivePath) -> Found | None:
    """What a path names, from its home ``start``; None if nothing has that name in its folder.

    The folder itself must be there.
    """
    if not path.parts:
        return start
    return await try_below(drive, await descend(drive, start, path.parts[:-1]), path)


async def try_below(drive: Drive, folder: Found, path: DrivePath) -> Found | None:
    """What a path names, from the folder it is in; None if nothing there has that name."""
    await folder.view()
    try:
        found = await descend(drive, folder, path.parts[-1:])
    except NotFound:
        return None
    return _checked(found, path)


async def open_path(drive: Drive, path: str) -> FileReader:
    """The file at a path, to be read: ``reader.stream`` gives it in order."""
    return await (await resolve(drive, drive.path(path))).reader()


async def find_hidden(drive: Drive, parts: Sequence[str]) -> Found | None:
    """A folder below the root of the own space, where people see nothing; None if there is none."""
    reading = await drive.space.reading()
    top = Found(DrivePath(""), reading, drive.root, None, drive.space.reading)
    try:
        return await descend(drive, top, parts)
    except NotFound:
        return None


async def descend(drive: Drive, found: Found, parts: Sequence[str]) -> Found:
    """Go down from a folder."""
    for part in parts:
        found = await _below(drive, found, part)
    return found


async def _below(drive: Drive, parent: Found, name: str) -> Found:
    path = parent.path.child(name)
    view = await parent.view()
    hint = 0 if parent.entry is None else parent.entry.depth
    entry = await view.get(name, drive.depth_of(view.node.header.id, hint))
    drive.saw_depth(view.node.header.id, view.depth)
    if entry is None and parent.entry is None and path.person not in (None, drive.name):
        raise drive.grants.gone(str(path.person), name)
    if entry is None:
        raise NotFound(f"{path} does not exist")
    if entry.kind is Kind.MOUNT:
        return await _mounted(drive, path, entry)
    keys = None if entry.kind is Kind.LINK else entry.keys
    return Found(path, parent.reading, keys, entry, parent.refresh, parent.drive)


async def enter(found: Found, path: DrivePath, entry: Entry) -> Found:
    """What a mount at ``path``, somewhere below ``found``, leads to.

    Raises Denied where mounts are not followed, and for one that was not accepted.
    """
    if found.drive is None:
        raise Denied(f"{path} leads out of a shared space, and is not followed")
    return await _mounted(found.drive, path, entry)


async def _mounted(drive: Drive, path: DrivePath, entry: Entry) -> Found:
    owner, space, keys = entry.owner or b"", entry.space or b"", entry.keys
    inner = await drive.shares.within(drive, path, entry)
    if inner is not None:
        home = await _home(inner, inner.at())
        if inner.alone:
            return await _only(inner, home, path)
        return Found(path, home.reading, home.keys, entry, home.refresh)

    async def refresh() -> Reading:
        return await drive.shares.mounted(owner, space, keys)

    seen = replace(entry, kind=Kind.FILE) if entry.is_mounted_file else entry
    return Found(path, Lasting(await refresh(), refresh), keys, seen, refresh)


async def _only(drive: Drive, home: Found, path: DrivePath) -> Found:
    """The one file of a drive, as it stands at ``path``."""
    found = await descend(drive, home, [ONLY])
    if found.entry is None or found.entry.kind is not Kind.FILE:
        raise Damaged(f"{path} is no file any more: others put something else there")
    return replace(found, path=path, entry=replace(found.entry, name=path.title))


async def _start(drive: Drive, path: DrivePath) -> Found:
    """The home, or the folder of shares, in which the path begins."""
    person = path.person
    if person is None:
        raise Unfit("'/' is everybody, and no file or folder")
    if person == drive.name:
        return await _home(drive, drive.at())
    top = DrivePath(person)

    async def refresh() -> Reading:
        return (await drive.shares.open(person))[0]

    theirs, keys = await drive.shares.open(person, next(iter(path.parts), None))
    return Found(top, Lasting(theirs, refresh), keys, None, refresh, drive)


async def _home(drive: Drive, top: DrivePath) -> Found:
    """The folder that people see as the drive's home."""
    reading = Lasting(await drive.space.reading(), drive.space.reading)
    last: HoldfastError | None = None
    for keys in (drive.root, *drive.older):
        root = Found(top, reading, keys, None, drive.space.reading)
        try:
            home = await descend(drive, root, HOME)
        except (Denied, NotFound, Withheld) as error:
            last = last or error
            continue
        return Found(top, reading, home.keys, None, drive.space.reading, drive)
    raise last or NotFound(f"{top} does not exist")


def _checked(found: Found, path: DrivePath) -> Found:
    if path.must_be_folder and not found.is_folder:
        raise _no_folder(path, found.entry)
    return found


def _no_folder(path: DrivePath, entry: Entry | None) -> NotAFolder:
    return NotAFolder(f"{path} is a {'folder' if entry is None else entry.kind}")
