"""A root folder in a fake space, and short ways to change what is in it."""

from dataclasses import dataclass, field

from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView, Listing
from client.drive.node import NewFolder, new_folder, open_folder
from client.keys import new_node_secret
from client.space.reading import Changing
from crypto.secret import random_bytes
from tests.client.fakes import FakeSpace


@dataclass
class Tree:
    """A space whose root folder is there."""

    space: FakeSpace = field(default_factory=FakeSpace)
    root: NewFolder = field(default_factory=lambda: new_folder(0))

    def __post_init__(self) -> None:
        self.space.tree[self.root.keys.label] = self.root.leaf.block.data

    async def view(self) -> FolderView:
        reading = await self.space.reading()
        return FolderView(reading, await open_folder(reading, self.root.keys, "/a"), "/a")

    async def listing(self) -> Listing:
        return await (await self.view()).listing()

    async def put(self, *entries: Entry) -> None:
        async def operation(changing: Changing) -> None:
            edit = TreeEdit(changing, self.root.keys, "/a")
            await (await edit.folder(())).put(*entries)
            await edit.flush()

        await self.space.commit(operation)

    async def remove(self, *names: str) -> None:
        async def operation(changing: Changing) -> None:
            edit = TreeEdit(changing, self.root.keys, "/a")
            await (await edit.folder(())).remove(*names)
            await edit.flush()

        await self.space.commit(operation)


def entry(name: str, size: int = 0) -> Entry:
    """A file that is nowhere."""
    return Entry(name, Kind.FILE, 1, new_node_secret(), random_bytes(16), size)
