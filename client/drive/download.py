"""Getting files and folders from a drive onto the local disk, verified, as ``cp -r`` does.

Folders are walked and files opened with bulk reads; small files are written
many in a thread hop, large ones chunk by chunk in whatever order they come.
Whatever is damaged, withheld or in the way is told, and spares the rest.
Modified times, the executable bit and symbolic links come back.
"""

import os
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import trio

from client.drive.disk import local_error
from client.drive.drive import Drive
from client.drive.entry import FOLDERS, Entry, Kind
from client.drive.events import LeftOut, OnEvent, Started, Summary, Told, nobody
from client.drive.landing import Landing, Parts
from client.drive.larger import SPARED, LargerFiles
from client.drive.node import OF_ONE_NODE, FileNode, Node, inline_content, of_path, open_nodes
from client.drive.paths import DrivePath
from client.drive.reader import FileReader
from client.drive.resolve import Found, enter, resolve
from client.drive.tasks import together
from client.drive.transfers.downloading import Downloads
from client.drive.walk import Visit, walk
from client.home import persistent
from formats.errors import (
    Damaged,
    DiskFull,
    HoldfastError,
    IsAFolder,
    NotAFolder,
    NotFound,
)
from formats.limits import INLINE, MIB

BATCH: Final = 256
"""Files opened with one bulk read and written in one thread hop."""
BATCH_BYTES: Final = 4 * MIB
_BATCHES: Final = 4


_Nodes: TypeAlias = dict[DrivePath, Node | HoldfastError]


@dataclass(frozen=True, slots=True)
class _Thing:
    """A file, folder or link to be put down at ``parts``. ``entry`` is None for a home."""

    path: DrivePath
    parts: Parts
    entry: Entry | None
    found: Found

    @property
    def kind(self) -> Kind:
        return Kind.FOLDER if self.entry is None else self.entry.kind

    @property
    def size(self) -> int:
        return self.entry.size if self.entry is not None and self.kind is Kind.FILE else 0


async def download(
    drive: Drive,
    sources: Sequence[str],
    target: str,
    on_event: OnEvent = nobody,
    force: bool = False,
) -> Summary:
    """Get ``sources`` to ``target``, an absolute local path.

    If that is a folder they go into it; else there is one source and it gets
    that name. No local file is overwritten without ``force``. Raises Partial when
    something was left out (or its own error, when there was nothing else), and
    at once what makes the rest pointless: Unreachable, DiskFull and so on.
    """
    told = Told(on_event)
    paths = [drive.path(source) for source in sources]
    landing, name = await trio.to_thread.run_sync(_land_at, target, len(paths), force)
    try:
        await on_event(Started("download"))
        downloads = None if drive.journals is None else Downloads(drive.journals)
        got = _Download(landing, told, LargerFiles(landing, told, drive.now, downloads))
        with persistent():
            async with together() as nursery:
                for path in paths:
                    await got.start(nursery, drive, path, name)
                told.all_found = True
                await got.flush(nursery)
        await trio.to_thread.run_sync(got.set_times)
    finally:
        landing.close()
    return await told.end()


def _land_at(target: str, count: int, force: bool) -> tuple[Landing, str | None]:
    """The folder that things are put into, and the name a single one gets (None: its own)."""
    try:
        if os.path.isdir(target):
            return Landing(target, force), None
        if count > 1:
            raise NotAFolder(f"{target} is no folder: several things go into one that is there")
        if target.endswith(os.sep):
            raise NotFound(f"{target} does not exist", hint="make the folder first")
        above, name = os.path.split(target)
        return Landing(above, force), name
    except OSError as error:
        raise local_error(target, error) from error


@dataclass(slots=True)
class _Download:
    """What is under way."""

    landing: Landing
    told: Told
    larger: LargerFiles
    batch: list[_Thing] = field(default_factory=list)
    size: int = 0
    times: list[tuple[Parts, int]] = field(default_factory=list)
    blocked: set[Parts] = field(default_factory=set)
    batches: trio.Semaphore = field(default_factory=lambda: trio.Semaphore(_BATCHES))
    writing: trio.Lock = field(default_factory=trio.Lock)
    """Small files are put down by one thread: several fight for the folder in the kernel."""

    async def start(
        self, nursery: trio.Nursery, drive: Drive, path: DrivePath, name: str | None
    ) -> None:
        """Find one source, and everything below it."""
        try:
            found = await resolve(drive, path)
            parts = (name or (path.parts[-1] if path.parts else str(path.person)),)
            if found.is_folder:
                await self._walk(nursery, found, parts)
            else:
                await self._add(nursery, _Thing(path, parts, found.entry, found))
        except SPARED as error:
            await self.told.skip(str(path), error)

    async def flush(self, nursery: trio.Nursery) -> None:
        """Begin what was gathered."""
        if self.batch:
            await self.batches.acquire()
            things, self.batch, self.size = self.batch, [], 0
            nursery.start_soon(self._run, things)

    def set_times(self) -> None:
        """Give the folders that were made their times, the deepest first."""
        for parts, modified in reversed(self.times):
            if parts in self.landing.made:
                self.landing.set_time(parts, modified)

    async def _walk(self, nursery: trio.Nursery, found: Found, top: Parts) -> None:
        problems: list[HoldfastError] = []
        times = {found.path.parts: None if found.entry is None else found.entry.modified}
        async with aclosing(walk(found, problems, across=True)) as visits:
            async for visit in visits:
                parts = (*top, *visit.path.parts[len(found.path.parts) :])
                modified = times.pop(visit.path.parts, None)
                if modified is not None:
                    self.times.append((parts, modified))
                await self._add(nursery, _Thing(visit.path, parts, None, found))
                await self._visit(nursery, visit, parts)
                folders = (each for each in visit.listing.entries if each.kind in FOLDERS)
                times |= {visit.path.child(each.name).parts: each.modified for each in folders}
        for problem in problems:
            await self.told.skip(str(found.path), problem)

    async def _visit(self, nursery: trio.Nursery, visit: Visit, parts: Parts) -> None:
        for bad in visit.listing.bad:
            path = visit.path.child(bad.name)
            await self.told.skip(str(path), Damaged(f"{path}: {bad.reason}"))
        for entry in visit.listing.entries:
            path, place = visit.path.child(entry.name), (*parts, entry.name)
            if entry.is_mounted_file:
                await self._mounted_file(nursery, visit.found, path, place, entry)
            elif entry.kind not in FOLDERS:
                await self._add(nursery, _Thing(path, place, entry, visit.found))

    async def _mounted_file(
        self, nursery: trio.Nursery, above: Found, path: DrivePath, place: Parts, mount: Entry
    ) -> None:
        """A file that others may see alone, of a space of its own."""
        try:
            found = await enter(above, path, mount)
        except SPARED as error:
            await self.told.skip(str(path), of_path(error, str(path)))
        else:
            await self._add(nursery, _Thing(path, place, found.entry, found))

    async def _add(self, nursery: trio.Nursery, thing: _Thing) -> None:
        small = thing.size if thing.size <= INLINE else 0
        if self.batch and (len(self.batch) >= BATCH or self.size + small > BATCH_BYTES):
            await self.flush(nursery)
        self.batch.append(thing)
        self.size += small
        if thing.kind is Kind.FILE:
            self.told.found(thing.size)

    async def _run(self, things: list[_Thing]) -> None:
        """Open, fetch and put down a batch."""
        try:
            nodes = await _open(things)
            async with self.writing:
                outcomes = await trio.to_thread.run_sync(self._put_down, things, nodes)
            for thing, outcome in zip(things, outcomes, strict=True):
                if isinstance(outcome, FileNode):
                    await self._large(thing, outcome)
                else:
                    await self._tell(thing, outcome, nodes)
        finally:
            self.batches.release()

    async def _tell(self, thing: _Thing, outcome: HoldfastError | None, nodes: _Nodes) -> None:
        if isinstance(outcome, DiskFull):
            raise outcome
        if outcome is None:
            node = nodes.get(thing.path)
            size = node.header.size if isinstance(node, FileNode) else 0
            if thing.kind is Kind.FILE:
                await self.told.moved(size, str(thing.path))
            await self.told.done(self.landing.shown(thing.parts), thing.kind, size)
        elif not self._is_blocked(thing.parts):
            if thing.kind is Kind.FOLDER:
                self.blocked.add(thing.parts)
            await self.told.skip(str(thing.path), outcome)

    def _is_blocked(self, parts: Parts) -> bool:
        """Whether a folder above could not be made, which was told already."""
        return any(parts[:end] in self.blocked for end in range(1, len(parts)))

    def _put_down(
        self, things: Sequence[_Thing], nodes: _Nodes
    ) -> list[HoldfastError | FileNode | None]:
        """In a worker thread: everything but large files, which are handed back opened."""
        return [self._put_one(thing, nodes.get(thing.path)) for thing in things]

    def _put_one(
        self, thing: _Thing, node: Node | HoldfastError | None
    ) -> HoldfastError | FileNode | None:
        try:
            if thing.kind is Kind.FILE:
                return self._put_file(thing, node)
            if thing.kind is Kind.LINK and thing.entry is not None:
                target, modified = thing.entry.target or "", thing.entry.modified
                self.landing.link(thing.parts, target, modified)
            else:
                self.landing.folder(thing.parts)
        except LeftOut as left_out:
            return left_out.error
        except OF_ONE_NODE as error:
            return of_path(error, str(thing.path))
        return None

    def _put_file(
        self, thing: _Thing, node: Node | HoldfastError | None
    ) -> HoldfastError | FileNode | None:
        if isinstance(node, HoldfastError):
            return node
        if not isinstance(node, FileNode):
            return IsAFolder(f"{thing.path} is a folder, and its entry says that it is a file")
        if not node.header.inline:
            return node
        content, header = inline_content(node), node.header
        self.landing.file(thing.parts, content, header.modified, header.executable)
        return None

    async def _large(self, thing: _Thing, node: FileNode) -> None:
        """Fetch a larger file."""
        reader = FileReader(thing.found.reading, node, str(thing.path), thing.found.refresh)
        try:
            await self.larger.fetch(reader, thing.parts)
        except LeftOut as left_out:
            await self._tell(thing, left_out.error, {})
        except SPARED as error:
            await self._tell(thing, error, {})
        else:
            await self.told.done(self.landing.shown(thing.parts), Kind.FILE, node.header.size)


async def _open(things: Sequence[_Thing]) -> _Nodes:
    """The files among things, opened: a bulk read for each space they are in."""
    nodes: _Nodes = {}
    files = [thing for thing in things if thing.kind is Kind.FILE and thing.entry is not None]
    while files:
        found = files[0].found
        some = [thing for thing in files if thing.found is found]
        files = [thing for thing in files if thing.found is not found]
        items = [(thing.entry.keys, str(thing.path)) for thing in some if thing.entry is not None]
        opened = await open_nodes(found.reading, items)
        nodes |= {thing.path: node for thing, node in zip(some, opened, strict=True)}
    return nodes
