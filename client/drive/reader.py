"""Reading files: any range, a stream in order, or every chunk in whatever order it comes.

Only the segments that are needed are fetched. What is in flight is bounded:
memory does not grow with the file. A reading is one state of the space; when
the home no longer serves that state, the newest one is taken if the file in it
is still the same.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Final

import trio

from client.drive.content import check_leaf, held, open_segments, segment_sizes
from client.drive.node import OF_ONE_NODE, FileNode, inline_content, missing, of_path, open_file
from client.drive.tasks import together
from client.space.reading import Reading
from formats.cid import Cid
from formats.errors import Conflict, HoldfastError
from formats.leaf import Leaf

IN_FLIGHT: Final = 3
"""Chunks fetched or opened at once for one file."""
LEAVES_AHEAD: Final = 64
"""Chunk leaves asked for at once."""
LEAVES_KEPT: Final = 512
"""Chunk leaves at hand for reading here and there, about: 2.5 GiB of a file, 1 MiB of memory."""
_WORTH_A_HOP: Final = 4
"""Opening more segments than this goes to a worker thread."""

Refresh = Callable[[], Awaitable[Reading]]
Sink = Callable[[int, memoryview], None]
"""Takes content that begins at an offset of the file, in a worker thread."""


class FileReader:
    """One file, open for reading. ``what`` is its path; ``refresh`` gives the newest reading."""

    def __init__(
        self, reading: Reading, node: FileNode, what: str, refresh: Refresh | None = None
    ) -> None:
        self.node: Final = node
        self.what: Final = what
        self._reading: Final = reading
        self._refresh: Final = refresh
        self._leaves: dict[int, Leaf] = {}
        self._one_asks: Final = trio.Lock()

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.node.header.size

    async def read(self, offset: int, length: int) -> bytes:
        """Bytes from ``offset`` on, fewer at the end.

        Raises Damaged or Withheld naming the path, Conflict if the file was changed since.
        """
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        try:
            if self.node.header.inline:
                return inline_content(self.node)[offset:end]
            async with aclosing(self._parts(offset, end)) as parts:
                return b"".join([part async for part in parts])
        except OF_ONE_NODE as error:
            raise await self._explained(error) from error

    async def pour(self, chunk: int, buffer: bytearray, sink: Sink) -> None:
        """Fetch one stored chunk, open it in ``buffer`` and hand it to ``sink``: one thread hop."""
        try:
            leaf = await self._leaf(chunk)
            blocks = await self._segments(chunk, leaf, range(len(leaf.segments)))
            await trio.to_thread.run_sync(self._pour, chunk, blocks, buffer, sink)
        except OF_ONE_NODE as error:
            raise await self._explained(error) from error

    async def stored(self, chunk: int) -> list[tuple[Cid, bytes]]:
        """The segments of a stored chunk as they are at the home: CID and sealed bytes."""
        leaf = await self._leaf(chunk)
        blocks = await self._segments(chunk, leaf, range(len(leaf.segments)))
        return list(zip(leaf.segments, blocks, strict=True))

    def _pour(self, chunk: int, blocks: Sequence[bytes], buffer: bytearray, sink: Sink) -> None:
        header, view = self.node.header, memoryview(buffer)
        open_segments(header, chunk, range(len(blocks)), blocks, view)
        sink(chunk * header.shape.chunk, view[: held(header, chunk)])

    async def _parts(self, offset: int, end: int) -> AsyncGenerator[memoryview, None]:
        step = self.node.header.shape.chunk
        for chunk in range(offset // step, -(-end // step)):
            start = chunk * step
            yield await self._part(chunk, max(offset - start, 0), min(end - start, step))

    async def _part(self, chunk: int, start: int, end: int) -> memoryview:
        """Bytes ``start`` to ``end`` of one chunk."""
        header = self.node.header
        if header.is_hole(chunk):
            return memoryview(bytes(end - start))
        first, last = start // header.shape.segment, (end - 1) // header.shape.segment
        positions = range(first, last + 1)
        blocks = await self._segments(chunk, await self._leaf(chunk), positions)
        sizes = segment_sizes(header.shape, held(header, chunk))
        buffer = bytearray(sum(sizes[first : last + 1]))
        work = (header, chunk, positions, blocks, memoryview(buffer))
        if len(blocks) > _WORTH_A_HOP:
            await trio.to_thread.run_sync(open_segments, *work)
        else:
            open_segments(*work)
        base = first * header.shape.segment
        return memoryview(buffer)[start - base : end - base]

    async def _leaf(self, chunk: int) -> Leaf:
        """The leaf of a stored chunk; those that follow it come along in the same request."""
        async with self._one_asks:
            if chunk not in self._leaves:
                await self._fetch_leaves(chunk)
            leaf = self._leaves.get(chunk)
        if leaf is None:
            raise missing(self.what)
        check_leaf(self.node.header, chunk, leaf)
        return leaf

    async def _fetch_leaves(self, chunk: int) -> None:
        header, keys = self.node.header, self.node.keys
        ahead = range(chunk, min(chunk + LEAVES_AHEAD, header.chunks))
        labels = {at: keys.chunk_label(at) for at in ahead if not header.is_hole(at)}
        found = await self._reading.leaves([keys.ref(label) for label in labels.values()])
        if self._reading.moved_on and self._refresh and await self._is_changed(self._refresh):
            raise Conflict(f"{self.what} was changed while it was being read")
        if len(self._leaves) > LEAVES_KEPT:
            self._leaves.clear()
        self._leaves |= {at: found[label] for at, label in labels.items() if label in found}

    async def _segments(self, chunk: int, leaf: Leaf, positions: Sequence[int]) -> list[bytes]:
        ref = self.node.keys.ref(self.node.keys.chunk_label(chunk))
        return await self._reading.segments(ref, leaf, positions)

    async def _explained(self, error: HoldfastError) -> HoldfastError:
        """The error, naming the path: Conflict if it is only that the file was changed since."""
        if self._refresh is not None and await self._is_changed(self._refresh):
            return Conflict(f"{self.what} was changed while it was being read")
        return error if self.what in error.message else of_path(error, self.what)

    async def _is_changed(self, refresh: Refresh) -> bool:
        try:
            node = await open_file(await refresh(), self.node.keys, self.what)
        except OF_ONE_NODE:
            return False  # it is gone, or damaged too: then the first error says it best
        return node.leaf.header != self.node.leaf.header


@asynccontextmanager
async def stream(
    file: FileReader, offset: int = 0, length: int | None = None
) -> AsyncIterator[AsyncIterator[bytes]]:
    """The file in order, in pieces of at most a chunk (5 MiB), the next ones on their way.

    async with stream(file) as pieces:
        async for piece in pieces:
            ...
    """
    end = file.size if length is None else min(file.size, offset + length)
    send, receive = trio.open_memory_channel[_Coming](IN_FLIGHT - 2)
    async with together() as nursery:
        nursery.start_soon(_feed, file, offset, end, send, nursery)
        yield _Pieces(receive)
        nursery.cancel_scope.cancel()


class _Coming:
    """A piece that is being fetched; what went wrong is told to whoever waits for it."""

    def __init__(self) -> None:
        self._there: Final = trio.Event()
        self._piece = b""
        self._error: HoldfastError | None = None

    async def fetch(self, file: FileReader, offset: int, length: int) -> None:
        try:
            self._piece = await file.read(offset, length)
        except HoldfastError as error:
            self._error = error
        self._there.set()

    async def piece(self) -> bytes:
        await self._there.wait()
        if self._error is not None:
            raise self._error
        return self._piece


async def _feed(
    file: FileReader,
    offset: int,
    end: int,
    send: trio.MemorySendChannel[_Coming],
    nursery: trio.Nursery,
) -> None:
    step = file.node.header.shape.chunk
    async with send:
        while offset < end:
            until = min(end, (offset // step + 1) * step)
            coming = _Coming()
            await send.send(coming)
            nursery.start_soon(coming.fetch, file, offset, until - offset)
            offset = until


class _Pieces:
    """What comes out of a stream. A class, for a generator that is left early must be closed."""

    def __init__(self, receive: trio.MemoryReceiveChannel[_Coming]) -> None:
        self._receive: Final = receive

    def __aiter__(self) -> "_Pieces":
        return self

    async def __anext__(self) -> bytes:
        coming = await self._receive.__anext__()
        return await coming.piece()
