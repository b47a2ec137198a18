"""A drive over a fake space: root, home and system are there."""

from dataclasses import dataclass, field

from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.events import Event, Skipped, Summary
from client.drive.node import new_folder
from client.drive.resolve import resolve
from client.space.reading import Changing
from formats.errors import HoldfastError
from tests.client.fakes import FakeSpace

NOW = 1_700_000_000_000


async def new_drive(name: str = "alice", space: FakeSpace | None = None) -> tuple[Drive, FakeSpace]:
    space = space or FakeSpace()
    root = new_folder(0)
    space.tree[root.keys.label] = root.leaf.block.data

    async def operation(changing: Changing) -> None:
        edit = TreeEdit(changing, root.keys, "/")
        top = await edit.folder(())
        for below in ("home", "system"):
            made = new_folder(0)
            await edit.make(top, made, made.entry(below, 0))
        await edit.flush()

    await space.commit(operation)
    return Drive(name, space, root.keys, lambda: NOW), space


@dataclass
class Heard:
    """Everything that was told."""

    events: list[Event] = field(default_factory=list)

    async def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def skipped(self) -> list[tuple[str, type[HoldfastError]]]:
        return [(each.path, type(each.error)) for each in self.events if isinstance(each, Skipped)]

    @property
    def summary(self) -> Summary:
        (summary,) = [each for each in self.events if isinstance(each, Summary)]
        return summary


async def content(drive: Drive, path: str) -> bytes:
    reader = await (await resolve(drive, drive.path(path))).reader()
    return await reader.read(0, reader.size)
