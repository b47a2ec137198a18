"""Changing a tree of folders within one operation.

An operation may run again on a newer state, so everything here is found again
by its path. Each folder is opened once and each changed page sealed once, by
``flush`` at the end, however many entries came and went.

    async def operation(changing: Changing) -> None:
        edit = TreeEdit(changing, root)
        folder = await edit.folder(("home", "photos"))
        await folder.put(entry)
        await edit.flush()
"""

from collections.abc import Sequence
from typing import Final

from client.drive.entry import Entry
from client.drive.folder import FolderEdit
from client.drive.node import NewFolder, open_folder
from client.keys import NodeKeys
from client.space.reading import Changing
from formats.errors import NotAFolder, NotFound


class TreeEdit:
    """Folders below one root, opened as they are needed. ``what`` is the root's path."""

    def __init__(self, changing: Changing, root: NodeKeys, what: str = "") -> None:
        self.changing: Final = changing
        self._root: Final = root
        self._what: Final = what
        self._folders: Final[dict[bytes, FolderEdit]] = {}

    async def folder(self, parts: Sequence[str]) -> FolderEdit:
        """The folder with this path below the root; raises NotFound, NotAFolder."""
        folder = await self.open(self._root, self._what)
        for part in parts:
            folder = await self.open_entry(folder, await need(folder, part))
        return folder

    async def open(self, keys: NodeKeys, what: str) -> FolderEdit:
        """The folder of a node secret."""
        folder = self._folders.get(keys.label)
        if folder is None:
            node = await open_folder(self.changing, keys, what)
            folder = self._folders[keys.label] = FolderEdit(self.changing, node, what)
        return folder

    async def open_entry(self, parent: FolderEdit, entry: Entry) -> FolderEdit:
        """The folder that an entry names."""
        what = f"{parent.what}/{entry.name}"
        if not entry.is_folder:
            raise NotAFolder(f"{what} is a {entry.kind}")
        return await self.open(entry.keys, what)

    def adopt(self, new: NewFolder, what: str) -> FolderEdit:
        """Note the leaf of a folder that was made, and go on in it."""
        self.changing.put(new.keys.label, new.leaf)
        folder = FolderEdit(self.changing, new.node, what)
        self._folders[new.keys.label] = folder
        return folder

    def forget(self, keys: NodeKeys) -> None:
        """A folder that is deleted within this operation: what was changed in it is dropped."""
        self._folders.pop(keys.label, None)

    async def flush(self) -> None:
        """Seal and note every page that was changed."""
        for folder in self._folders.values():
            await folder.flush()


async def need(folder: FolderEdit, name: str) -> Entry:
    """The entry of that name; raises NotFound naming its path."""
    entry = await folder.get(name)
    if entry is None:
        raise NotFound(f"{folder.what}/{name} does not exist")
    return entry
