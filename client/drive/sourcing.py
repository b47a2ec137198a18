"""A drive as the origin of things that are taken in: copied, had back, or sealed anew.

Files of the space that they go to are taken by reference, where whoever takes them wants
that; all others are read and sealed like files of a disk.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from client.drive.content import check_leaf
from client.drive.drive import Drive
from client.drive.entry import FOLDERS, Entry, Kind
from client.drive.events import LeftOut, Told
from client.drive.file import NewFile, with_picture
from client.drive.intake.bases import Bases
from client.drive.intake.items import FileItem, FolderItem, Item, LinkItem
from client.drive.intake.origin import Large, Loaded, Small
from client.drive.node import (
    OF_ONE_NODE,
    FileNode,
    Node,
    header_leaf,
    inline_content,
    missing,
    new_ring,
    of_path,
    open_file,
    open_nodes,
)
from client.drive.paths import DrivePath
from client.drive.reader import FileReader
from client.drive.remote import Remote, about
from client.drive.resolve import Found, enter
from client.drive.ring import Ring
from client.drive.thumbnails.sealed import pictures_of
from client.drive.walk import Visit, walk
from client.drive.writer import Content
from client.keys import NodeKeys, new_node_secret
from client.space.reading import Reading
from formats.errors import HoldfastError, NotAFolder, NotFound, Unfit
from formats.limits import INLINE

LEAVES: Final = 512
"""Chunk leaves read at once while a large file is copied."""


@dataclass(frozen=True, slots=True)
class _Handle:
    """A file of the source, where it is, and the space that it is in."""

    entry: Entry
    path: DrivePath
    found: Found

    @property
    def reading(self) -> Reading:
        return self.found.reading


class DriveOrigin:
    """A file or folder of a drive as an origin, with the shared folders that are below it.

    Files of the same space are copied by reference.
    """

    across: bool = True
    """Whether what is below in spaces of its own is meant, too."""

    def __init__(self, drive: Drive, found: Found, place: DrivePath, told: Told) -> None:
        self.found: Final = found
        self._place: Final = place
        self.told: Final = told
        self.drive: Final = drive
        self._problems: Final[list[HoldfastError]] = []
        self._visits: AsyncGenerator[Visit, None] | None = None
        self._started = False
        self._own = (b"", b"")
        self._modified: Final[dict[tuple[str, ...], int]] = {}

    async def more(self) -> Sequence[Item] | None:
        """The things of the next folder."""
        if not self._started:
            self._started = True
            own = await self.drive.space.reading()
            self._own = (own.owner, own.space)
            if not self.found.is_folder:
                return [self._only()]
            self._visits = walk(self.found, self._problems, across=self.across)
        if self._visits is None:
            return None
        visit = await anext(self._visits, None)
        for problem in self._problems:
            await self.told.skip(str(self.found.path), problem)
        self._problems.clear()
        return None if visit is None else await self._items(visit)

    async def small(self, files: Sequence[FileItem], bases: Bases) -> list[Small]:
        """Contents of small files; larger files of the own space as they shall be noted."""
        loaded: list[Small] = []
        for reading, some in groupby(files, lambda file: _handle(file).reading):
            loaded += await self._all_small(reading, list(some), bases)
        return loaded

    async def _all_small(
        self, reading: Reading, files: Sequence[FileItem], bases: Bases
    ) -> list[Small]:
        """Small files of one space."""
        handles = [_handle(file) for file in files]
        items = [(each.entry.keys, str(each.path)) for each in handles]
        nodes = await open_nodes(reading, items)
        pictures = await pictures_of(reading, nodes)
        loaded: list[Small] = []
        for file, node in zip(files, nodes, strict=True):
            picture = pictures.get(node.keys.label) if isinstance(node, FileNode) else None
            loaded.append(await self._small(file, node, bases, picture))
        return loaded

    @asynccontextmanager
    async def large(self, file: FileItem) -> AsyncIterator[Large]:
        """A file of another space, to be read chunk by chunk."""
        handle = _handle(file)
        try:
            node = await open_file(handle.reading, handle.entry.keys, str(handle.path))
        except OF_ONE_NODE as error:
            raise LeftOut(error) from error
        reader = FileReader(handle.reading, node, str(handle.path), handle.found.refresh)
        yield Remote(handle.reading, reader)

    def may_refer(self, node: FileNode, base: FileNode | None) -> bool:
        """Whether a larger file of the own space is taken by reference: a copy always is."""
        return True

    def ring(self, node: FileNode, base: FileNode | None) -> Ring:
        """The data keys of a file that is taken by reference."""
        return node.header.ring

    def entry(self, file: FileItem) -> Entry:
        """The entry of a file in the source."""
        return _handle(file).entry

    async def aclose(self) -> None:
        """Let go of the walk."""
        if self._visits is not None:
            await self._visits.aclose()

    def _only(self) -> Item:
        entry = self.found.entry
        if entry is None:
            raise Unfit(f"{self.found.path} is no file")
        return self._item(_Handle(entry, self.found.path, self.found), self._place)

    async def _items(self, visit: Visit) -> list[Item]:
        below = visit.path.parts[len(self.found.path.parts) :]
        place = replace(self._place, parts=(*self._place.parts, *below))
        entry = self.found.entry
        now = self.drive.now_ns()
        modified = self._modified.pop(visit.path.parts, now if entry is None else entry.modified)
        items: list[Item] = [FolderItem(str(visit.path), place.parts[:-1], place.name, modified)]
        for bad in visit.listing.bad:
            path = visit.path.child(bad.name)
            await self.told.skip(str(path), Unfit(f"{path}: {bad.reason}"))
        for each in visit.listing.entries:
            path = visit.path.child(each.name)
            if each.is_mounted_file and self.across:
                items += await self._mounted_file(visit.found, path, place, each)
            elif each.kind in FOLDERS:
                self._modified[path.parts] = each.modified
            else:
                items.append(self._item(_Handle(each, path, visit.found), place.child(each.name)))
        return items

    async def _mounted_file(
        self, above: Found, path: DrivePath, place: DrivePath, mount: Entry
    ) -> list[Item]:
        """A file that others may see alone, of a space of its own."""
        try:
            found = await enter(above, path, mount)
        except (NotFound, *OF_ONE_NODE) as error:
            await self.told.skip(str(path), of_path(error, str(path)))
            return []
        entry = mount if found.entry is None else found.entry
        return [self._item(_Handle(entry, path, found), place.child(mount.name))]

    def _item(self, handle: _Handle, place: DrivePath) -> Item:
        entry = handle.entry
        common = (str(handle.path), place.parts[:-1], place.name, entry.modified)
        if entry.kind is Kind.LINK:
            return LinkItem(*common, entry.target or "")
        size = min(entry.size, INLINE) if self._is_own(handle) else entry.size
        return FileItem(*common, size, handle)

    def _is_own(self, handle: _Handle) -> bool:
        """Whether it is in the space that it is copied to."""
        return self._own == (handle.reading.owner, handle.reading.space)

    async def _small(
        self, file: FileItem, node: Node | HoldfastError, bases: Bases, picture: bytes | None
    ) -> Small:
        handle = _handle(file)
        path = handle.path
        if isinstance(node, HoldfastError):
            return node
        if not isinstance(node, FileNode):
            return NotAFolder(f"{path} is a folder, and its entry says that it is a file")
        try:
            if node.header.inline:
                return Loaded(inline_content(node), about(node.header), picture)
            if self._is_own(handle) and self.may_refer(node, bases.nodes.get(file.place)):
                return await self._by_reference(file, node, bases, picture)
            if node.header.size > INLINE:
                return None
            reader = FileReader(handle.reading, node, str(path), handle.found.refresh)
            content = await reader.read(0, node.header.size)
            return Loaded(content, about(node.header), picture)
        except OF_ONE_NODE as error:
            return of_path(error, str(path))

    async def _by_reference(
        self, file: FileItem, node: FileNode, bases: Bases, picture: bytes | None
    ) -> NewFile:
        """A new node over the same segments."""
        base = bases.nodes.get(file.place)
        if base is None:
            keys, file_id = NodeKeys(new_node_secret()), new_ring()[0]
        else:
            keys, file_id = base.keys, base.header.id
        ring = self.ring(node, base)
        header = replace(node.header, id=file_id, ring=ring, modified=file.modified)
        handle = _handle(file)
        content = await _content_of(handle.reading, node, str(handle.path))
        header, thumb = with_picture(keys, header, picture)
        leaf, instead = header_leaf(keys, header), bases.entries.get(file.place)
        return NewFile(keys, header, leaf, content, base, instead, thumb)


async def _content_of(reading: Reading, node: FileNode, what: str) -> Content:
    """The CIDs of every segment of a file."""
    content = Content()
    chunks = list(node.header.stored_chunks())
    for start in range(0, len(chunks), LEAVES):
        labels = {chunk: node.keys.chunk_label(chunk) for chunk in chunks[start : start + LEAVES]}
        leaves = await reading.leaves([node.keys.ref(label) for label in labels.values()])
        for chunk, label in labels.items():
            leaf = leaves.get(label)
            if leaf is None:
                raise missing(what)
            check_leaf(node.header, chunk, leaf)
            content.cids[chunk] = b"".join(leaf.segments)
    return content


def _handle(file: FileItem) -> _Handle:
    assert isinstance(file.handle, _Handle)
    return file.handle
