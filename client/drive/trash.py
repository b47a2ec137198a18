"""The trash: what was removed and can be had back.

Removing moves the entry, whatever is below it, from its folder to ``system/trash``
below the root, in one commit. There it has a name of its own, and in its
extra key ``trash`` what is needed to put it back:

    trash = {path: from the home down, removed: ms, device, shared: others had access}

A shared folder with a space of its own has a trash there, of its own: ``trash_of``.

A thing to which others had access is refused to them from that commit on, and
gets new secrets when it comes back. Nothing leaves the trash by itself.
"""

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from client.drive.clearing import let_go, try_clear
from client.drive.crossing import holding, inside
from client.drive.drive import TRASH, Drive
from client.drive.edit import TreeEdit
from client.drive.entry import Entry
from client.drive.folder import FolderEdit, FolderView
from client.drive.listing import Usage
from client.drive.paths import DrivePath
from client.drive.resolve import Found, find_hidden
from client.drive.walk import walk
from client.space.past import ALWAYS
from client.space.reading import Changing
from crypto.secret import random_bytes
from formats.dag_cbor import Value
from formats.errors import (
    DiskFull,
    Exists,
    HoldfastError,
    Malformed,
    NotFound,
    QuotaExceeded,
    Unfit,
)
from formats.fields import Fields
from formats.limits import NAME, PATH

TOGETHER: Final = 16
"""Things that one commit takes out of the trash for good; each may have some hundred labels."""
ID: Final = 8
"""Letters of the name that people call a thing in the trash by."""
_KEY: Final = "trash"
_MAX_DEVICE: Final = 255


@dataclass(frozen=True, slots=True)
class Trashed:
    """One thing in the trash. ``path`` is where it was; ``removed`` in milliseconds.

    ``shared``: others had access to it, or to something below it.
    """

    path: DrivePath
    removed: int
    device: str
    shared: bool
    entry: Entry

    @property
    def id(self) -> str:
        """What it is called among others that had the same path."""
        return self.entry.name[-ID:]

    @classmethod
    def read(cls, drive: Drive, entry: Entry) -> "Trashed":
        """From its entry; raises Malformed for one that does not say where it was."""
        value = entry.extra.get(_KEY)
        if not isinstance(value, dict):
            raise Malformed(f"{entry.name}: something in the trash does not say where it was")
        fields = Fields(value, _KEY)
        parts = tuple(part for part in fields.text("path", PATH).split("/") if part)
        if not parts:
            raise Malformed(f"{entry.name}: something in the trash does not say where it was")
        return cls(
            drive.at(*parts),
            fields.uint("removed"),
            fields.text("device", _MAX_DEVICE),
            fields.flag("shared"),
            entry,
        )


@dataclass(frozen=True, slots=True)
class Restored:
    """Something that is back: where it was, and where it is now."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Emptied:
    """How many things went for good. ``unfinished``: why clearing has to go on later."""

    count: int
    unfinished: HoldfastError | None = None


async def trash_folder(drive: Drive, edit: TreeEdit) -> FolderEdit:
    """The trash within an operation; made if it is not there."""
    return await edit.way(await edit.hidden_folder(()), TRASH, drive.now_ns())


async def to_trash(
    drive: Drive, edit: TreeEdit, entry: Entry, parts: Sequence[str], above: Iterable[bytes]
) -> str:
    """Note an entry in the trash; returns its id there. The caller takes it out of its folder.

    ``parts`` is its path in the home, ``above`` are the ids of the folders above it.
    """
    shared = await drive.grants.trashed(edit, entry, parts, above)
    removed = drive.now()
    said: dict[str, Value] = {
        "path": "/".join(parts),
        "removed": removed,
        "device": drive.device,
        "shared": shared,
    }
    name = f"{removed:012x}-{random_bytes(ID // 2).hex()}"
    folder = await trash_folder(drive, edit)
    await folder.put(replace(entry, name=name, extra={**entry.extra, _KEY: said}))
    return name[-ID:]


async def trash_of(drive: Drive, folder: str | None) -> Drive:
    """The drive whose trash is meant: that of a shared folder, or without one the home's.

    Raises Unfit for a folder that has none of its own.
    """
    if folder is None:
        return drive
    its = await inside(drive, folder)
    if its.outer is None or its.path(folder).parts != its.whole.parts:
        raise Unfit(
            f"{drive.path(folder)} has no trash of its own",
            hint="what is shared for writing has one, and the home",
        )
    return its


async def trash(drive: Drive) -> tuple[list[Trashed], list[HoldfastError]]:
    """What is in the trash, the newest first; and what of it cannot be read."""
    found = await _found(drive)
    if found is None:
        return [], []
    view = FolderView(found.reading, await found.folder(), _WHAT)
    listing = await view.listing()
    return _sorted(drive, listing.entries, listing.problems), listing.problems


async def trash_usage(drive: Drive) -> Usage:
    """How much is in the trash, in bytes of contents."""
    usage, found = Usage(_WHAT), await _found(drive)
    if found is not None:
        async with aclosing(walk(found, usage.problems, any_depth=True)) as visits:
            async for visit in visits:
                usage.add(visit.listing)
    return usage


async def restore(drive: Drive, names: Sequence[str], to: str | None = None) -> list[Restored]:
    """Put things back where they were, all of it or nothing; folders above are made if need be.

    ``names``: a path as it was, of which the newest is meant, or an id. What has the
    name now stays, and the restored thing stands beside it under another. By a path it is
    found in the trash of a shared folder, too; by an id, in that of ``drive``.
    ``to``: into this folder instead. Raises NotFound, NotAFolder.
    """
    if names and drive.outer is None:
        drive = await holding(drive, names[0])
    into = None if to is None else drive.own(to)

    async def operation(changing: Changing) -> list[Restored]:
        edit = drive.edit(changing)
        folder = await trash_folder(drive, edit)
        there = _sorted(drive, (await folder.listing()).entries, [])
        back: list[Restored] = []
        for name in names:
            thing = _chosen(drive, there, name)
            there.remove(thing)
            await folder.remove(thing.entry.name)
            back.append(await _put_back(drive, edit, thing, into))
        await edit.flush()
        return back

    return await drive.space.commit(operation)


async def empty(drive: Drive, names: Sequence[str] = (), older_than: int | None = None) -> Emptied:
    """Remove things in the trash for good: those named, else all, else those removed before.

    ``older_than``: milliseconds since 1970. In commits of bounded size; what one took is gone.
    Where there is no room even for that, old versions are given up first.
    """
    count, going = 0, True
    while going:
        try:
            went = await drive.space.commit(_Emptying(drive, names, older_than))
        except (QuotaExceeded, DiskFull):
            if not await drive.past.let_go(ALWAYS):
                raise
            continue
        count, names, going = count + went.count, went.names, went.more
    return Emptied(count, await try_clear(drive) if count else None)


@dataclass(frozen=True, slots=True)
class _Went:
    """What one commit of emptying took, and what is still to be done."""

    count: int
    names: tuple[str, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class _Emptying:
    """The operation of one commit of emptying."""

    drive: Drive
    names: Sequence[str]
    older_than: int | None

    async def __call__(self, changing: Changing) -> _Went:
        edit = TreeEdit(changing, self.drive.root, "")
        folder = await trash_folder(self.drive, edit)
        entries = (await folder.listing()).entries
        chosen = self._chosen(entries)
        for entry in chosen[:TOGETHER]:
            await folder.remove(entry.name)
            await let_go(self.drive, edit, entry, _WHAT)
        await edit.flush()
        more = len(chosen) > TOGETHER
        return _Went(min(len(chosen), TOGETHER), tuple(self.names[TOGETHER:]), more)

    def _chosen(self, entries: Sequence[Entry]) -> list[Entry]:
        """All that shall go. What does not say where it was can only go with all the others."""
        if not self.names and self.older_than is None:
            return list(entries)
        there = _sorted(self.drive, entries, [])
        if self.older_than is not None:
            there = [each for each in there if each.removed < self.older_than]
        if not self.names:
            return [each.entry for each in there]
        chosen = []
        for name in self.names:
            thing = _chosen(self.drive, there, name)
            there.remove(thing)
            chosen.append(thing.entry)
        return chosen


def _sorted(drive: Drive, entries: Sequence[Entry], problems: list[HoldfastError]) -> list[Trashed]:
    """Things by when they were removed, the newest first."""
    there: list[Trashed] = []
    for entry in reversed(entries):
        try:
            there.append(Trashed.read(drive, entry))
        except Malformed as error:
            problems.append(error)
    return there


def _chosen(drive: Drive, there: Sequence[Trashed], name: str) -> Trashed:
    """The thing of that id, else the newest of that path."""
    for thing in there:
        if thing.id == name:
            return thing
    path = drive.own(name)
    for thing in there:
        if thing.path.parts == path.parts:
            return thing
    raise NotFound(f"{path} is not in the trash", hint="'holdfast trash list' shows what is")


async def _put_back(
    drive: Drive, edit: TreeEdit, thing: Trashed, into: DrivePath | None
) -> Restored:
    above = thing.path.parts[:-1] if into is None else into.parts
    folder = await edit.way(await edit.folder(()), above, drive.now_ns())
    name = await _free_name(folder, thing.path.name)
    extra = {key: value for key, value in thing.entry.extra.items() if key != _KEY}
    entry = replace(thing.entry, name=name, extra=extra)
    if thing.shared:
        entry = await drive.grants.restored(edit, entry)
    await folder.put(entry)
    return Restored(str(thing.path), f"{folder.what}/{name}")


async def _free_name(folder: FolderEdit, name: str) -> str:
    """The name itself, else ``name (restored).ext``, ``name (restored 2).ext`` and so on."""
    for number in range(1000):
        wanted = name if not number else beside(name, number)
        if await folder.get(wanted) is None:
            return wanted
    raise Exists(f"{folder.what}/{name} is there already, and a thousand restored ones beside it")


def beside(name: str, number: int) -> str:
    """Another name for a restored thing, of at most 255 bytes, its extension kept."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > NAME // 4:
        stem, dot, extension = name, "", ""
    tail = f" (restored{'' if number == 1 else f' {number}'}){dot}{extension}"
    room = NAME - len(tail.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + tail


async def _found(drive: Drive) -> Found | None:
    return await find_hidden(drive, TRASH)


_WHAT: Final = "the trash"
