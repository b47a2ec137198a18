"""Versions: what a file was, and having it back.

A version is one sealing of a file: as long as its header leaf is the same, so is the file.
So the versions among many states are found by looking at both ends of a stretch, and into
its middle only where the ends differ.

Restoring copies forward, as a new version on top of what is there. Content is taken by
reference where the file still has the node secret it had, so that everybody who could read
it still may; otherwise it is read and sealed anew: a label or key that was retired never
stands in a root again (docs/decisions/0142).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from client.drive.asof import When, drive_at, drive_of
from client.drive.change import mkdir
from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.entry import Entry, Kind
from client.drive.events import OnEvent, Started, Summary, Told, nobody
from client.drive.folder import FolderView
from client.drive.intake.items import FileItem, Item
from client.drive.intake.taking import take_in
from client.drive.node import FileNode
from client.drive.paths import DrivePath
from client.drive.resolve import Found, resolve, try_descend
from client.drive.ring import MAX_RING, DataKey, Ring
from client.drive.sourcing import DriveOrigin
from client.space.past import Was
from formats.cid import Cid
from formats.errors import HoldfastError, IsAFolder, NotAFolder, NotFound, Unfit


@dataclass(frozen=True, slots=True)
class Version:
    """What a file was. ``seq``: the newest state that had it; ``since``: when the oldest was made.

    ``until``: when that state was superseded; None: it still is so. Times in milliseconds,
    ``modified`` in nanoseconds. ``member``: digest of the key that signed the oldest.
    """

    seq: int
    since: int
    until: int | None
    size: int
    modified: int
    executable: bool
    member: bytes


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file in one state: which sealing of it, and what it said."""

    leaf: Cid
    node: FileNode


async def versions(drive: Drive, path: str) -> list[Version]:
    """Every version of the file at this path that is kept, newest first.

    States in which nothing, or something else than a file, had the path are passed over.
    Raises IsAFolder, Unfit for a link, NotFound if no state has it.
    """
    drive = await inside(drive, path)
    at = drive.own(path)
    states = await drive.past.states()

    seen: dict[int, _Seen | None] = {}

    async def look(index: int) -> _Seen | None:
        if index not in seen:
            seen[index] = await _look(drive_of(drive, states[index]), at)
        return seen[index]

    found = await stretches(0, len(states) - 1, look) if states else []
    ends = [index - 1 for index, _ in found[1:]] + [len(states) - 1]
    told = [
        _version(thing.node, states[index], states[end])
        for (index, thing), end in zip(found, ends, strict=True)
        if thing is not None
    ]
    if not told:
        raise await _no_file(drive, at)
    return told


async def restore_version(
    drive: Drive, path: str, when: When, on_event: OnEvent = nobody
) -> Summary:
    """Have a file, or a folder with all below it, as it was then, on top of what is there.

    A file gets a new version, one that is gone comes back; what a folder got since stays.
    """
    drive = await inside(drive, path)
    told, at = Told(on_event), drive.own(path)
    if not at.parts and drive.outer is None:
        raise Unfit(f"{at} is everything: name a file or folder to restore")
    past = await drive_at(drive, when)
    found = await resolve(past, at)
    if at.parts and at.parent.parts:
        await mkdir(drive, str(at.parent), parents=True)
    await on_event(Started("restore"))
    for each in [found] if at.parts else await _below(past, found):
        origin = PastOrigin(drive, each, each.path, told)
        try:
            await take_in(drive, origin, told)
        finally:
            await origin.aclose()
    return await told.end()


async def _below(past: Drive, home: Found) -> list[Found]:
    """What was in a shared folder as a whole."""
    names = [each.name for each in (await (await home.view()).listing()).entries]
    return [await resolve(past, home.path.child(name)) for name in names]


class PastOrigin(DriveOrigin):
    """What was, as an origin: without the files that are as they were."""

    async def more(self) -> Sequence[Item] | None:
        """The things of the next folder that have to be restored."""
        items = await super().more()
        if items is None:
            return None
        files = [item for item in items if isinstance(item, FileItem)]
        same = await self._unchanged(files)
        for item in files:
            if item.place in same:
                self.told.same(item.size)
        return [item for item in items if item.place not in same]

    def may_refer(self, node: FileNode, base: FileNode | None) -> bool:
        """Only while the file has the secret that it had."""
        return (
            base is not None
            and base.keys.secret == node.keys.secret
            and len(node.header.ring.keys) < MAX_RING
        )

    def ring(self, node: FileNode, base: FileNode | None) -> Ring:
        """The data keys of then, and a fresh one for what is written from now on."""
        newest = node.header.ring.current.generation
        if base is not None:
            newest = max(newest, base.header.ring.current.generation)
        fresh: DataKey = Ring.new(node.header.id, newest + 1).current
        return Ring((*node.header.ring.keys, fresh))

    async def _unchanged(self, files: Sequence[FileItem]) -> set[tuple[str, ...]]:
        """The places of files whose leaf is now what it was then."""
        if not files:
            return set()
        now = await self.drive.space.reading()
        there = await _entries(self.drive, files[0].parts)
        pairs = [(item, self.entry(item), there.get(item.name)) for item in files]
        kept = [
            (item, was.keys.ref())
            for item, was, entry in pairs
            if entry is not None and entry.secret == was.secret
        ]
        if not kept:
            return set()
        refs = [ref for _, ref in kept]
        before, after = await self.found.reading.leaves(refs), await now.leaves(refs)
        return {
            item.place
            for item, ref in kept
            if ref.label in before and before.get(ref.label) == after.get(ref.label)
        }


async def _entries(drive: Drive, parts: tuple[str, ...]) -> dict[str, Entry]:
    """What is in a folder of the home now, by name; nothing where there is none."""
    home = await resolve(drive, drive.at())
    try:
        folder: Found | None = await try_descend(drive, home, drive.at(*parts))
    except (NotFound, NotAFolder):
        return {}
    if folder is None or not folder.is_folder:
        return {}
    view = FolderView(folder.reading, await folder.folder(), str(folder.path))
    return {entry.name: entry for entry in (await view.listing()).entries}


async def _look(drive: Drive, path: DrivePath) -> _Seen | None:
    """The file at a path of a drive; None where no file is."""
    try:
        found = await resolve(drive, path)
    except (NotFound, NotAFolder):
        return None
    if found.entry is None or found.entry.kind is not Kind.FILE:
        return None
    node = await found.file()
    return _Seen(node.leaf.block.cid, node)


def _version(node: FileNode, newest: Was, oldest: Was) -> Version:
    header = node.header
    return Version(
        newest.seq,
        oldest.made,
        newest.superseded,
        header.size,
        header.modified,
        header.executable,
        oldest.pointer.member,
    )


async def _no_file(drive: Drive, path: DrivePath) -> HoldfastError:
    """Why nothing can be told of a path."""
    try:
        found = await resolve(drive, path)
    except (NotFound, NotAFolder):
        return NotFound(f"{path} does not exist, and no state that is kept has it")
    if found.is_folder:
        return IsAFolder(f"{path} is a folder", hint=_FOLDER)
    return Unfit(f"{path} is a link, and has no versions")


_FOLDER: Final = "'holdfast log PATH' says what changed in it, 'holdfast ls --at' how it was"


async def stretches(
    first: int, last: int, look: Callable[[int], Awaitable[_Seen | None]]
) -> list[tuple[int, _Seen | None]]:
    """What is seen at the places from ``first`` to ``last``, told once where it begins.

    Looks into a stretch only if its ends differ, or nothing is at either of them.
    """
    left, right = await look(first), await look(last)
    if _same(left, right) and (left is not None or last - first < 2):
        return [(first, left)]
    if last - first < 2:
        return [(first, left), (last, right)]
    middle = (first + last) // 2
    before = await stretches(first, middle, look)
    after = await stretches(middle + 1, last, look)
    return before + (after[1:] if _same(before[-1][1], after[0][1]) else after)


def _same(one: _Seen | None, other: _Seen | None) -> bool:
    return (None if one is None else one.leaf) == (None if other is None else other.leaf)
