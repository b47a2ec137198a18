"""Where things come from: what an origin has to give."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from client.drive.file import About, NewFile
from client.drive.intake.bases import Bases
from client.drive.intake.items import FileItem, Item
from client.drive.thumbnails.maker import Maker
from client.drive.writer import Source
from formats.errors import HoldfastError


@dataclass(frozen=True, slots=True)
class Loaded:
    """A small file's content."""

    content: bytes
    about: About
    picture: bytes | None = None
    """Its thumbnail, if it is known already."""


Small: TypeAlias = "Loaded | NewFile | HoldfastError | None"


class Large(Protocol):
    """A file that is open to be read chunk by chunk."""

    @property
    def size(self) -> int: ...
    @property
    def about(self) -> About: ...
    @property
    def source(self) -> Source: ...

    @property
    def mark(self) -> bytes:
        """What tells this state of it from every other on this machine; empty if nothing does."""
        ...

    async def picture(self, maker: Maker) -> bytes | None:
        """A thumbnail of it; None if there is none."""
        ...

    async def is_unchanged(self) -> bool:
        """Whether it still is what it was when it was opened."""
        ...


class Origin(Protocol):
    """Where things come from. Raises ``LeftOut`` for what cannot be read."""

    async def more(self) -> Sequence[Item] | None:
        """The next things, a folder before what is in it; None at the end."""
        ...

    async def small(self, files: Sequence[FileItem], bases: Bases) -> list[Small]:
        """The contents of small files, in order, or the files as they shall be noted.

        None for one that is not small any more.
        """
        ...

    def large(self, file: FileItem) -> AbstractAsyncContextManager[Large]:
        """Open a file."""
        ...
