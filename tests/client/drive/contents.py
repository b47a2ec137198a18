"""Content for tests: made from a seed, written to a fake space and read back."""

from dataclasses import replace
from random import Random

import trio

from client.drive.chunks import Fill
from client.drive.file import About, NewFile, large_file, plan_file
from client.drive.header import Shape
from client.drive.node import FileNode, open_file
from client.drive.reader import FileReader
from client.drive.staging import Buffers
from client.drive.writer import content_writer
from client.space.reading import Changing, Space
from tests.client.fakes import FakeSpace

ABOUT = About(5, 6)


def content_of(size: int, seed: int = 1) -> bytes:
    return Random(seed).randbytes(size)


async def ignored(_size: int) -> None:
    pass


class BytesSource:
    """A source in memory."""

    def __init__(self, data: bytes, step: int) -> None:
        self.data = data
        self.step = step

    async def chunk(self, chunk: int, size: int) -> Fill:
        await trio.lowlevel.checkpoint()

        def fill(buffer: bytearray) -> bool:
            buffer[:size] = self.data[chunk * self.step : chunk * self.step + size]
            return True

        return fill


async def write_large(
    space: Space, data: bytes, base: FileNode | None = None, shape: Shape | None = None
) -> NewFile:
    """Write ``data`` in chunks, whatever its size, as a node of no folder."""
    shape = shape or Shape()
    async with space.staging() as staging:
        keys, header = plan_file(len(data), ABOUT, base)
        header = replace(header, inline=False, shape=shape)
        async with content_writer(staging, Buffers(), ignored) as writer:
            content = await writer.write(header, BytesSource(data, shape.chunk))
        new = large_file(keys, header, content, base)

        async def operation(changing: Changing) -> None:
            changing.use_staging(staging.session)
            for label, leaf in new.leaves():
                changing.put(label, leaf)

        await space.commit(operation)
    return new


async def open_reader(space: FakeSpace, new: NewFile) -> FileReader:
    reading = await space.reading()
    return FileReader(reading, await open_file(reading, new.keys, "/a/file"), "/a/file")
