"""Writing content: read a chunk, seal and hash its segments, stage them; several at once.

One thread hop reads, seals and hashes a whole chunk, in buffers that are used
again. What is sealed is staged while the next chunk is being sealed; chunks of
small files that wait at the same time go in one request. Memory does not grow
with the file, except for 36 bytes a segment: the CIDs that its leaves will name.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Final, Protocol

import trio

from client.drive.chunks import Fill, filled, is_same, is_there, seal, seal_changed
from client.drive.content import (
    Held,
    Sealer,
    chunk_leaf,
    held,
)
from client.drive.header import MAX_HOLES, FileHeader
from client.drive.staging import Buffers, Stager
from client.drive.stored import Stored
from client.drive.tasks import together
from client.keys import NodeKeys
from client.space.reading import Staging
from formats.cid import Block, Cid
from formats.errors import HoldfastError
from formats.leaf import Leaf

IN_FLIGHT: Final = 6
"""Chunks sealed or being staged at once."""

Progress = Callable[[int], Awaitable[None]]
"""Called with the bytes of the file that became durable at the home."""


class Source(Protocol):
    """Where content comes from, chunk by chunk, in any order."""

    async def chunk(self, chunk: int, size: int) -> Fill:
        """What fills a buffer with the ``size`` bytes of this chunk."""
        ...


class Keeping(Protocol):
    """What is kept of an upload while it goes on, so that it need not begin again."""

    def there(self, chunk: int) -> Held | None:
        """What was staged of this chunk before, if anything."""
        ...

    def is_trusted(self, chunk: int) -> bool:
        """Whether the source is known not to have changed since; else it is compared."""
        ...

    async def found(self, chunk: int, size: int) -> None:
        """What was there of this chunk is what the source has: its bytes need not be sent."""
        ...

    async def staged(self, chunk: int, held: Held) -> None:
        """This chunk is durable at the home now."""
        ...


@dataclass(slots=True)
class Content:
    """What was staged: the CIDs of each chunk's segments, joined; and the runs that are zero."""

    cids: dict[int, bytes] = field(default_factory=dict)
    unchanged: set[int] = field(default_factory=set)
    """Chunks whose leaves are there as they are."""
    sealed: int = 0
    """Segments that were sealed anew by an update."""
    _holes: set[int] = field(default_factory=set)
    _runs: int = 0

    @property
    def holes(self) -> tuple[tuple[int, int], ...]:
        """Runs of holes as a header has them."""
        runs: list[tuple[int, int]] = []
        for chunk in sorted(self._holes):
            if runs and sum(runs[-1]) == chunk:
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            else:
                runs.append((chunk, 1))
        return tuple(runs)

    def leave_out(self, chunk: int) -> bool:
        """Make a chunk a hole, if the header can take one more."""
        runs = self._runs + 1 - (chunk - 1 in self._holes) - (chunk + 1 in self._holes)
        if runs > MAX_HOLES:
            return False
        self._holes.add(chunk)
        self._runs = runs
        return True

    def leaves(self, keys: NodeKeys) -> Iterator[tuple[bytes, Leaf]]:
        """The label and leaf of each stored chunk."""
        for chunk, cids in sorted(self.cids.items()):
            yield chunk_leaf(keys, chunk, cids)


@asynccontextmanager
async def content_writer(
    staging: Staging, buffers: "Buffers", progress: Progress
) -> AsyncIterator["ContentWriter"]:
    """A writer of contents within one staging session; many may be written at once."""
    async with together() as nursery:
        yield ContentWriter(nursery, Stager(staging, nursery), buffers, progress)


class ContentWriter:
    """Seals and stages content; made by ``content_writer``, which waits for all of ``nursery``."""

    def __init__(
        self, nursery: trio.Nursery, stager: Stager, buffers: Buffers, progress: Progress
    ) -> None:
        self.nursery: Final = nursery
        self._stager: Final = stager
        self._buffers: Final = buffers
        self._progress: Final = progress
        self._in_flight: Final = trio.Semaphore(IN_FLIGHT)

    async def write(
        self, header: FileHeader, source: Source, keeping: "Keeping | None" = None
    ) -> Content:
        """Everything of ``header.size`` bytes, sealed under its current data key, and staged.

        What ``keeping`` has of it already is not staged again.
        """
        content = Content()
        async with together() as nursery:
            for chunk in range(header.shape.chunks(header.size)):
                await self._in_flight.acquire()
                nursery.start_soon(self._chunk, header, source, chunk, content, keeping)
        return content

    async def update(
        self, header: FileHeader, source: Source, stored: Stored, same: Callable[[int], None]
    ) -> Content:
        """As ``write``, naming again what is stored and has not changed.

        ``same`` is told of bytes that were there already.
        """
        content = Content()
        async with together() as nursery:
            for chunk in range(header.shape.chunks(header.size)):
                await self._in_flight.acquire()
                nursery.start_soon(self._update, header, source, chunk, content, stored, same)
        return content

    async def _update(
        self,
        header: FileHeader,
        source: Source,
        chunk: int,
        content: Content,
        stored: Stored,
        same: Callable[[int], None],
    ) -> None:
        try:
            size = held(header, chunk)
            made = await self._compared(header, source, chunk, content, stored)
            if made is not None:
                fresh = [each for each in made if isinstance(each, Block)]
                if fresh:
                    await self._stager.stage(fresh)
                content.sealed += len(fresh)
                cids = (each.cid if isinstance(each, Block) else each for each in made)
                content.cids[chunk] = b"".join(cids)
                same(size * (len(made) - len(fresh)) // len(made))
            await self._progress(size)
        finally:
            self._in_flight.release()

    async def _compared(
        self, header: FileHeader, source: Source, chunk: int, content: Content, stored: Stored
    ) -> list[Block | Cid] | None:
        """The segments of a chunk, those that are there by name; None for a hole."""
        size = held(header, chunk)
        room = await self._buffers.take()
        try:
            fill = await source.chunk(chunk, size)
            zero = await trio.to_thread.run_sync(filled, header, size, fill, room[0])
            if zero and content.leave_out(chunk):
                return None
            there = await stored.chunk(chunk)
            made = await trio.to_thread.run_sync(
                seal_changed, header, chunk, size, stored, there, room
            )
            if made == [cid for cid, _ in there]:
                content.unchanged.add(chunk)
            return made
        finally:
            self._buffers.give(room)

    async def pour(
        self,
        header: FileHeader,
        fill: Callable[[memoryview], Awaitable[int]],
        keeping: "Keeping | None" = None,
        first: int = 0,
    ) -> tuple[Content, int]:
        """What ``fill`` puts into the room it is given until it leaves some over; and its size.

        For content that comes in order, of unknown length; ``header`` gives key and shape. It
        may begin with chunk ``first``: then ``keeping`` has those before. When ``fill``
        raises, what had come is staged and kept first.
        """
        content, size = Content(), 0
        broke: HoldfastError | None = None
        for chunk in range(first):
            await self._named_again(header, chunk, content, keeping)
        async with together() as nursery:
            for chunk in count(first):
                await self._in_flight.acquire()
                room = await self._buffers.take()
                try:
                    got = await fill(memoryview(room[0])[: header.shape.chunk])
                except HoldfastError as error:
                    if keeping is None:
                        raise
                    broke = error
                    self._buffers.give(room)
                    self._in_flight.release()
                    break
                size += got
                nursery.start_soon(self._poured, header, chunk, got, room, content, keeping)
                if got < header.shape.chunk:
                    break
        if broke is not None:
            raise broke
        return content, size

    async def _named_again(
        self, header: FileHeader, chunk: int, content: Content, keeping: "Keeping | None"
    ) -> None:
        """A chunk that was staged before, of what comes in order."""
        there = None if keeping is None else keeping.there(chunk)
        if keeping is None or there is None:
            raise ValueError(f"chunk {chunk} was not staged")
        content.cids[chunk] = there.cids
        await keeping.found(chunk, header.shape.chunk)
        await self._progress(header.shape.chunk)

    async def _poured(
        self,
        header: FileHeader,
        chunk: int,
        size: int,
        room: tuple[bytearray, Sealer],
        content: Content,
        keeping: "Keeping | None",
    ) -> None:
        """Seal and stage a chunk that is in its buffer."""
        try:
            try:
                work = partial(seal, header, chunk, size, is_there, room)
                blocks = await trio.to_thread.run_sync(work, True) if size else None
                if size and blocks is None and not content.leave_out(chunk):
                    blocks = await trio.to_thread.run_sync(work, False)
            finally:
                self._buffers.give(room)
            if blocks:
                await self._stager.stage(blocks)
                content.cids[chunk] = b"".join(block.cid for block in blocks)
                if keeping is not None:
                    await keeping.staged(chunk, Held.of(blocks))
            await self._progress(size)
        finally:
            self._in_flight.release()

    async def _chunk(
        self,
        header: FileHeader,
        source: Source,
        chunk: int,
        content: Content,
        keeping: "Keeping | None",
    ) -> None:
        try:
            if keeping is None or not await self._kept(header, source, chunk, content, keeping):
                blocks = await self._sealed(header, source, chunk, content)
                if blocks:
                    await self._stager.stage(blocks)
                    content.cids[chunk] = b"".join(block.cid for block in blocks)
                    if keeping is not None:
                        await keeping.staged(chunk, Held.of(blocks))
            await self._progress(held(header, chunk))
        finally:
            self._in_flight.release()

    async def _kept(
        self,
        header: FileHeader,
        source: Source,
        chunk: int,
        content: Content,
        keeping: "Keeping",
    ) -> bool:
        """Whether a chunk was staged before and is still what the source has."""
        there = keeping.there(chunk)
        if there is None:
            return False
        if not keeping.is_trusted(chunk):
            room = await self._buffers.take()
            try:
                fill = await source.chunk(chunk, held(header, chunk))
                work = partial(is_same, header, chunk, fill, room, there)
                if not await trio.to_thread.run_sync(work):
                    return False
            finally:
                self._buffers.give(room)
        content.cids[chunk] = there.cids
        await keeping.found(chunk, held(header, chunk))
        return True

    async def _sealed(
        self, header: FileHeader, source: Source, chunk: int, content: Content
    ) -> list[Block] | None:
        """The blocks of a chunk, or None for a hole."""
        size = held(header, chunk)
        room = await self._buffers.take()
        try:
            fill = await source.chunk(chunk, size)
            work = partial(seal, header, chunk, size, fill, room)
            blocks = await trio.to_thread.run_sync(work, True)
            if blocks is None and not content.leave_out(chunk):
                blocks = await trio.to_thread.run_sync(work, False)
            return blocks
        finally:
            self._buffers.give(room)
