"""Noting the items of a batch in one operation, and what became of each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.file import NewFile, another_file, put_file
from client.drive.folder import FolderEdit
from client.drive.intake.items import FolderItem, Item
from client.drive.intake.sealing import Ready
from client.drive.node import OF_ONE_NODE, NewFolder
from formats.errors import Conflict, Exists, HoldfastError, IsAFolder, NotAFolder, NotFound


class Again(Enum):
    """An outcome: plan it again; or: a folder above it could not be made, which was told."""

    AGAIN = 0
    BLOCKED = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """An outcome: somebody else changed the file meanwhile, so it is noted beside it.

    ``name``: what it is called there.
    """

    name: str


Outcome: TypeAlias = HoldfastError | Again | Kept | None
"""What became of an item; None: it is noted."""


@dataclass(slots=True)
class Noting:
    """The items of a batch on their way into one operation."""

    edit: TreeEdit
    replacing: bool
    beside: Callable[[str], Iterator[str]] | None
    """Names for what conflicts with a name; None: nothing can stand beside."""
    folders: dict[tuple[str, ...], FolderEdit] = field(default_factory=dict)
    blocked: set[tuple[str, ...]] = field(default_factory=set)

    async def reach(self, ready: Sequence[Ready]) -> None:
        """Read the pages of folders that are there and get many names, all at once."""
        names: dict[tuple[str, ...], list[str]] = {}
        for each in ready:
            names.setdefault(each.item.parts, []).append(each.item.name)
        for parts, some in names.items():
            if len(some) > 1:
                try:
                    await (await self._folder(parts)).reach(some)
                except (NotFound, *OF_ONE_NODE):
                    continue  # to be made; or told of where it is used

    async def note(self, each: Ready) -> Outcome:
        """Note one item."""
        item, made = each.item, each.made
        if any(item.parts[:end] in self.blocked for end in range(1, len(item.parts) + 1)):
            return Again.BLOCKED
        try:
            folder = await self._folder(item.parts)
            if isinstance(made, NewFile):
                return await self._note_file(folder, item, made)
            if isinstance(made, NewFolder):
                await self._note_folder(folder, item, made)
            else:
                await self._note_link(folder, made)
        except (NotFound, Exists, Conflict, *OF_ONE_NODE) as error:
            if isinstance(item, FolderItem):
                self.blocked.add(item.place)
            return error
        return None

    async def _note_file(self, folder: FolderEdit, item: Item, made: NewFile) -> Outcome:
        current = await folder.get(item.name)
        if current is not None and current.kind in (Kind.FOLDER, Kind.MOUNT):
            raise IsAFolder(f"{folder.what}/{item.name} is a folder")
        if current is not None and not self.replacing:
            raise Exists(f"{folder.what}/{item.name} is there already")
        if await put_file(self.edit, folder, item.name, made):
            return None
        if current is None or _has_new_keys(current, made):
            return Again.AGAIN
        return await self._keep_both(folder, item, made)

    async def _keep_both(self, folder: FolderEdit, item: Item, made: NewFile) -> Outcome:
        """Note a file beside what somebody else made of its name since it was planned."""
        if self.beside is None:
            raise _changed_meanwhile(item.source)
        for name in self.beside(item.name):
            if await folder.get(name) is None and await put_file(
                self.edit, folder, name, another_file(made)
            ):
                return Kept(name)
        raise Exists(f"{folder.what}/{item.name} is there already")

    async def _note_folder(self, folder: FolderEdit, item: Item, made: NewFolder) -> None:
        current = await folder.get(item.name)
        if current is None:
            entry = made.entry(item.name, item.modified)
            self.folders[item.place] = await self.edit.make(folder, made, entry)
        elif current.kind is Kind.MOUNT:
            raise NotAFolder(
                f"{folder.what}/{item.name} is a shared folder with a space of its own;"
                " what would go into it is left out",
                hint="put that into it by its own path",
            )
        elif not current.is_folder:
            raise NotAFolder(
                f"{folder.what}/{item.name} is a {current.kind}; what would go into it is left out"
            )

    async def _note_link(self, folder: FolderEdit, entry: Entry) -> None:
        current = await folder.get(entry.name)
        if current is not None and not (self.replacing and current.kind is Kind.LINK):
            raise Exists(f"{folder.what}/{entry.name} is there already, a {current.kind}")
        await folder.put(entry)

    async def _folder(self, parts: tuple[str, ...]) -> FolderEdit:
        if parts not in self.folders:
            if not parts:
                self.folders[parts] = await self.edit.folder(())
            else:
                parent = await self._folder(parts[:-1])
                entry = await parent.get(parts[-1])
                if entry is None:
                    raise NotFound(f"{parent.what}/{parts[-1]} does not exist")
                self.folders[parts] = await self.edit.open_entry(parent, entry)
        return self.folders[parts]


def _changed_meanwhile(source: str) -> Conflict:
    """Of a file that is shared alone: nobody would find what stood beside it."""
    return Conflict(
        f"{source}: somebody else changed the file while this was on its way; theirs is there",
        hint="look at theirs, and say it again to put yours over it: 'holdfast versions' has both",
    )


def _has_new_keys(current: Entry, made: NewFile) -> bool:
    """Whether a file is the version that was planned upon, under keys that were renewed since."""
    base = made.base
    if base is None or current.secret == made.keys.secret:
        return False
    said = (current.id, current.size, current.modified)
    return said == (base.header.id, base.header.size, base.header.modified)
