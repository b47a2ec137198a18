"""A file of another space, read chunk by chunk where it is: what a copy of it is made from."""

from typing import Final

from client.drive.chunks import Fill
from client.drive.events import LeftOut
from client.drive.file import About
from client.drive.header import FileHeader
from client.drive.node import OF_ONE_NODE
from client.drive.reader import FileReader
from client.drive.thumbnails.maker import Maker
from client.drive.thumbnails.sealed import pictures_of
from client.drive.writer import Source
from client.space.reading import Reading
from formats.limits import CHUNK


class Remote:
    """A file that is read through a reader: a ``Large`` and its ``Source``."""

    def __init__(self, reading: Reading, reader: FileReader) -> None:
        self._reading: Final = reading
        self._reader: Final = reader

    @property
    def size(self) -> int:
        """Bytes."""
        return self._reader.size

    @property
    def about(self) -> About:
        """From its header."""
        return about(self._reader.node.header)

    @property
    def source(self) -> Source:
        """Where its chunks come from."""
        return self

    @property
    def mark(self) -> bytes:
        """Nothing: a copy that is cut off begins again."""
        return b""

    async def picture(self, maker: Maker) -> bytes | None:
        """The thumbnail that it has: nothing is read twice for it."""
        node = self._reader.node
        return (await pictures_of(self._reading, [node])).get(node.keys.label)

    async def is_unchanged(self) -> bool:
        """One reading never changes."""
        return True

    async def chunk(self, chunk: int, size: int) -> Fill:
        """A chunk, read now and put into the buffer later."""
        try:
            content = await self._reader.read(chunk * CHUNK, size)
        except OF_ONE_NODE as error:
            raise LeftOut(error) from error

        def fill(buffer: bytearray) -> bool:
            buffer[:size] = content
            return True

        return fill


def about(header: FileHeader) -> About:
    """What a header says of a file besides its content."""
    return About(header.modified, header.created, header.executable, header.type)
