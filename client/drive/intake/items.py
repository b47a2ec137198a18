"""Things on their way in: folders, links and files, and where each goes."""

from dataclasses import dataclass

from client.drive.entry import Kind
from crypto.secret import Secret
from formats.limits import INLINE


@dataclass(frozen=True, slots=True)
class Item:
    """Something to take in. ``source`` names it in messages; ``parts`` is the folder it goes to."""

    source: str
    parts: tuple[str, ...]
    name: str
    modified: int

    @property
    def place(self) -> tuple[str, ...]:
        """Its path in the home."""
        return (*self.parts, self.name)


@dataclass(frozen=True, slots=True)
class FolderItem(Item):
    """A folder; what is in it are items of their own, after it.

    ``names``: the key of its names' places, if it has to be made. An origin that
    gives things in the order of their places has each page written once or twice,
    where a batch of names in any other order would touch all pages.
    """

    names: Secret | None = None


@dataclass(frozen=True, slots=True)
class LinkItem(Item):
    """A symbolic link."""

    target: str


@dataclass(frozen=True, slots=True)
class FileItem(Item):
    """A file of about ``size`` bytes; the origin knows what ``handle`` is."""

    size: int
    handle: object


def is_small(item: Item) -> bool:
    """Whether it is a file that lives in its header leaf."""
    return isinstance(item, FileItem) and item.size <= INLINE


def is_large(item: Item) -> bool:
    """Whether it is a file in chunks."""
    return isinstance(item, FileItem) and item.size > INLINE


def kind_of(item: Item) -> Kind:
    """What it is, as entries say it."""
    if isinstance(item, FileItem):
        return Kind.FILE
    return Kind.LINK if isinstance(item, LinkItem) else Kind.FOLDER
