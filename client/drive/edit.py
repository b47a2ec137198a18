"""Changing a tree of folders within one operation.

An operation may run again on a newer state, so everything here is found again
by its path. Each folder is opened once and each changed page sealed once, by
``flush`` at the end, however many entries came and went.

    async def operation(changing: Changing) -> None:
        edit = TreeEdit(changing, root, "/alice", hidden=("home",))
        folder = await edit.folder(("photos",))
        await folder.put(entry)
        await edit.flush()
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from client.drive.entry import Entry
from client.drive.folder import FolderEdit
from client.drive.node import NewFolder, new_folder, open_folder
from client.keys import NodeKeys
from client.space.reading import Changing
from formats.errors import NotAFolder, NotFound


class TreeEdit:
    """Folders of one space, opened as they are needed.

    Paths begin at ``hidden`` below the root, the folder that people see as ``what``.
    """

    def __init__(
        self, changing: Changing, root: NodeKeys, what: str = "", hidden: Sequence[str] = ()
    ) -> None:
        self.changing: Final = changing
        self._root: Final = root
        self._what: Final = what
        self._hidden: Final = tuple(hidden)
        self._folders: Final[dict[bytes, _Open]] = {}

    async def folder(self, parts: Sequence[str]) -> FolderEdit:
        """The folder with this path; raises NotFound, NotAFolder."""
        return (await self.chain(parts))[-1]

    async def chain(self, parts: Sequence[str]) -> list[FolderEdit]:
        """The folders on the way to this path, the top first."""
        top = await self.hidden_folder(self._hidden)
        top.what = self._what
        chain = [top]
        for part in parts:
            chain.append(await self.open_entry(chain[-1], await need(chain[-1], part)))
        return chain

    async def hidden_folder(self, parts: Sequence[str]) -> FolderEdit:
        """A folder below the root itself, where people see nothing."""
        folder = await self._open(self._root, self._what, None)
        for part in parts:
            folder = await self.open_entry(folder, await need(folder, part))
        return folder

    async def open_entry(self, parent: FolderEdit, entry: Entry) -> FolderEdit:
        """The folder that an entry names."""
        what = f"{parent.what}/{entry.name}"
        if not entry.is_folder:
            raise NotAFolder(f"{what} is a {entry.kind}")
        return await self._open(entry.keys, what, parent, entry)

    async def make(self, parent: FolderEdit, new: NewFolder, entry: Entry) -> FolderEdit:
        """Note a folder that did not exist, and its entry; go on in it."""
        self.changing.put(new.keys.label, new.leaf)
        folder = FolderEdit(self.changing, new.node, f"{parent.what}/{entry.name}")
        self._folders[new.keys.label] = _Open(folder, parent, entry)
        await parent.put(entry)
        return folder

    async def way(self, folder: FolderEdit, parts: Sequence[str], now: int) -> FolderEdit:
        """The folder at these names below one; those that are not there are made.

        ``now`` is in nanoseconds since 1970. Raises NotAFolder.
        """
        for part in parts:
            entry = await folder.get(part)
            if entry is None:
                new = new_folder(now)
                folder = await self.make(folder, new, new.entry(part, now))
            else:
                folder = await self.open_entry(folder, entry)
        return folder

    def forget(self, keys: NodeKeys) -> None:
        """A folder that is deleted within this operation: what was changed in it is dropped."""
        self._folders.pop(keys.label, None)

    async def flush(self) -> None:
        """Seal and note every page that was changed, the deepest folders first.

        A folder that got deeper says so in its entry, so that readers ask better.
        """
        for each in reversed([*self._folders.values()]):
            await each.folder.flush()
            if each.parent is not None and each.entry is not None:
                await _tell_depth(each.parent, each.entry, each.folder.depth)

    async def _open(
        self, keys: NodeKeys, what: str, parent: FolderEdit | None, entry: Entry | None = None
    ) -> FolderEdit:
        there = self._folders.get(keys.label)
        if there is None:
            node = await open_folder(self.changing, keys, what)
            there = _Open(FolderEdit(self.changing, node, what), parent, entry)
            self._folders[keys.label] = there
        return there.folder


@dataclass(frozen=True, slots=True)
class _Open:
    """A folder, and where its entry stands."""

    folder: FolderEdit
    parent: FolderEdit | None = None
    entry: Entry | None = None


async def _tell_depth(parent: FolderEdit, entry: Entry, depth: int) -> None:
    if depth <= entry.depth:
        return
    current = await parent.get(entry.name)
    if current is not None and current.secret == entry.secret:
        await parent.put(replace(current, depth=depth))


async def need(folder: FolderEdit, name: str) -> Entry:
    """The entry of that name; raises NotFound naming its path."""
    entry = await folder.get(name)
    if entry is None:
        raise NotFound(f"{folder.what}/{name} does not exist")
    return entry
