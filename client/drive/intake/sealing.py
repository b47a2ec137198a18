"""Items sealed and made: small files, folders, links; in worker threads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from client.drive.entry import Entry, Kind
from client.drive.file import NewFile, small_file
from client.drive.intake.bases import Bases
from client.drive.intake.items import FileItem, FolderItem, Item, LinkItem
from client.drive.intake.origin import Loaded, Small
from client.drive.node import NewFolder, new_folder
from formats.limits import KIB

Made: TypeAlias = NewFolder | NewFile | Entry
"""An item as it will be noted."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An item, sealed. ``staged``: its bytes were counted when they were staged."""

    item: Item
    made: Made
    staged: bool

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self.made.header.size if isinstance(self.made, NewFile) else 0

    @property
    def weight(self) -> int:
        """Bytes that it adds to a commit, about."""
        thumb = self.made.thumb if isinstance(self.made, NewFile) else None
        return self.size + KIB + (0 if thumb is None else len(thumb.body or b""))

    @property
    def inline(self) -> int:
        """Bytes of content that the commit itself makes durable."""
        return 0 if self.staged else self.size


def seal_small(
    files: Sequence[FileItem], loaded: Sequence[Small], bases: Bases
) -> list[NewFile | None]:
    """Seal small files, in a worker thread."""
    return [_sealed(file, load, bases) for file, load in zip(files, loaded, strict=True)]


def _sealed(file: FileItem, load: Small, bases: Bases) -> NewFile | None:
    if isinstance(load, Loaded):
        base, instead = bases.nodes.get(file.place), bases.entries.get(file.place)
        return small_file(load.content, load.about, base, instead, load.picture)
    return load if isinstance(load, NewFile) else None


def make_others(
    items: Sequence[Item], others: Iterable[int], made: dict[int, Made], now: int
) -> None:
    """Folders and links, in a worker thread."""
    for at in others:
        item = items[at]
        if isinstance(item, FolderItem):
            made[at] = new_folder(now, names=item.names)
        elif isinstance(item, LinkItem):
            made[at] = Entry(item.name, Kind.LINK, item.modified, target=item.target)
