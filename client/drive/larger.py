"""Larger files on their way to the local disk: chunk by chunk, in whatever order they come.

What stops the whole, a full disk or Ctrl-C, leaves a part that the next one goes on with, where
that is noted; what goes wrong with one file alone leaves nothing of it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import trio

from client.drive.content import Sealer, held
from client.drive.events import LeftOut, Told
from client.drive.landing import ComingFile, Landing, Parts
from client.drive.node import OF_ONE_NODE, FileNode
from client.drive.reader import FileReader, Sink
from client.drive.staging import Buffers
from client.drive.tasks import together
from client.drive.transfers.downloading import LARGE, Downloading, Downloads
from formats.errors import Conflict, NotFound

SPARED: Final = (*OF_ONE_NODE, Conflict, NotFound)
"""What goes wrong with one thing, and spares the rest."""
_CHUNKS: Final = 3
"""Chunks under way at once, of all files together."""


@dataclass(frozen=True, slots=True)
class _Going:
    """A large file that is open, and the notes of it."""

    file: ComingFile
    kept: Downloading | None


class LargerFiles:
    """What they are written to, and what is noted of them."""

    def __init__(
        self, landing: Landing, told: Told, now: Callable[[], int], downloads: Downloads | None
    ) -> None:
        self._landing: Final = landing
        self._told: Final = told
        self._now: Final = now
        self._downloads: Final = downloads
        self._buffers: Final = Buffers(_CHUNKS)

    async def fetch(self, reader: FileReader, parts: Parts) -> None:
        """Fetch one and put it down at ``parts``; raises LeftOut and what is ``SPARED``."""
        node = reader.node
        begun = await trio.to_thread.run_sync(self._begin, reader.what, parts, node)
        with self._file(begun) as file:
            sink = partial(_write, file.fd, self._landing, parts)
            await self._chunks(reader, sink, begun.kept)
            await trio.to_thread.run_sync(file.finish, node.header.modified)

    @contextmanager
    def _file(self, going: _Going) -> Iterator[ComingFile]:
        """A large file on its way. What goes wrong with it alone leaves nothing of it.

        What stops the whole leaves it to be gone on with, if that is noted.
        """
        finished = True
        try:
            yield going.file
        except (LeftOut, *SPARED):
            raise
        except BaseException:
            finished = going.kept is None
            raise
        finally:
            if finished:
                going.file.abandon()
            else:
                going.file.keep()
            if going.kept is not None and self._downloads is not None:
                self._downloads.leave(going.kept, finished)

    def _begin(self, what: str, parts: Parts, node: FileNode) -> _Going:
        """In a worker thread: go on with a large file, or begin it."""
        downloads, target = self._downloads, self._landing.shown(parts)
        if downloads is None or node.header.size <= LARGE:
            return _Going(self._new_file(parts, node), None)
        header = node.leaf.header or b""
        kept = downloads.find(target, header)
        if kept is not None:
            return _Going(self._landing.go_on(parts, kept.download.part), kept)
        file = self._new_file(parts, node)
        try:
            begun = downloads.begin(what, target, file.name, file.fd, header, self._now())
            return _Going(file, begun)
        except BaseException:
            file.abandon()
            raise

    def _new_file(self, parts: Parts, node: FileNode) -> ComingFile:
        file = self._landing.begin(parts, node.header.executable)
        try:
            with self._landing.errors(parts):
                os.ftruncate(file.fd, node.header.size)
        except BaseException:
            file.abandon()
            raise
        return file

    async def _chunks(self, reader: FileReader, sink: Sink, kept: Downloading | None) -> None:
        header = reader.node.header
        async with together() as nursery:
            for chunk in header.stored_chunks():
                if kept is not None and chunk in kept.there:
                    self._told.already(held(header, chunk))
                    await self._told.moved(held(header, chunk), reader.what)
                    continue
                room = await self._buffers.take()
                nursery.start_soon(self._chunk, reader, chunk, sink, room, kept)

    async def _chunk(
        self,
        reader: FileReader,
        chunk: int,
        sink: Sink,
        room: tuple[bytearray, Sealer],
        kept: Downloading | None,
    ) -> None:
        try:
            await reader.pour(chunk, room[0], sink)
            if kept is not None:
                kept.wrote(chunk, self._now())
            await self._told.moved(held(reader.node.header, chunk), reader.what)
        finally:
            self._buffers.give(room)


def _write(fd: int, landing: Landing, parts: Parts, offset: int, view: memoryview) -> None:
    """Write a chunk to its place in a file, in a worker thread."""
    with landing.errors(parts):
        while view:
            written = os.pwrite(fd, view, offset)
            view, offset = view[written:], offset + written
