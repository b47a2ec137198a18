"""The version that a handle stands on: its segments, fetched as they are asked for, and opened.

A version is one state of one file and never changes: whoever reads goes on reading
what was there when it was opened, for as long as the home still serves it.
Segments are counted through the whole file: number n holds the bytes from
``n * shape.segment`` on.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

import trio

from client.drive.content import check_leaf, held, segment_sizes
from client.drive.handle.segments import Segments
from client.drive.header import FileHeader
from client.drive.node import OF_ONE_NODE, FileNode, inline_content, missing, of_path, open_file
from client.drive.reader import LEAVES_AHEAD, Refresh
from client.space.reading import Reading
from crypto.purposes import SealPurpose
from formats.cid import Cid
from formats.errors import Conflict, Damaged, HoldfastError
from formats.leaf import Leaf

MAX_LEAVES: Final = 512
"""Chunk leaves that a version remembers, some 2 KiB each."""
_WORTH_A_HOP: Final = 4
"""Opening more segments than this goes to a worker thread."""


async def same_content(one: "Version", other: "Version") -> bool:
    """Whether two versions differ in nothing but their keys: access was taken back between them."""
    first, second = one.header, other.header
    if replace(first, ring=second.ring) != second:
        return False
    if first.inline:
        return inline_content(one.node) == inline_content(other.node)
    for chunk in first.stored_chunks():
        if (await one.leaf(chunk)).segments != (await other.leaf(chunk)).segments:
            return False
    return True


class Version:
    """One version of a file. ``what`` is its path, for errors; ``refresh`` gives newest readings.

    ``reading`` None: it was committed here, and is looked up when it is first read.
    """

    def __init__(
        self,
        node: FileNode,
        what: str,
        refresh: Refresh,
        cache: Segments,
        reading: Reading | None = None,
        leaves: Mapping[int, Leaf] | None = None,
    ) -> None:
        self.node: Final = node
        self.what = what
        self._refresh: Final = refresh
        self._cache: Final = cache
        self._reading = reading
        self._leaves: Final[OrderedDict[int, Leaf]] = OrderedDict(leaves or {})
        self._one_asks: Final = trio.Lock()

    @property
    def header(self) -> FileHeader:
        """What its header says."""
        return self.node.header

    @property
    def leaves(self) -> Mapping[int, Leaf]:
        """The chunk leaves that are at hand."""
        return self._leaves

    async def segments(
        self, wanted: Sequence[int], ahead: Sequence[int] = ()
    ) -> Mapping[int, bytes]:
        """What these segments hold, by number, zeros for holes; no bytes beyond the end.

        If one has to be fetched, those of ``ahead`` come along and are kept. Raises
        Damaged or Withheld naming the path, Conflict if the file was changed and the
        home does not serve this version any more.
        """
        if self.header.inline:
            return {0: inline_content(self.node)}
        found: dict[int, bytes] = {}
        try:
            lacking = await self._at_hand(wanted, found)
            if lacking:
                lacking += [each for each in ahead if each not in wanted]
                for chunk, some in groupby(sorted(lacking), self._chunk_of):
                    found |= await self._fetched(chunk, list(some))
        except OF_ONE_NODE as error:
            raise await self._explained(error) from error
        return found

    def seen(self, chunk: int, cid: Cid, opened: bytes) -> None:
        """Keep what was just sealed: it will be read as it is."""
        self._cache.put((self.node.keys.chunk_label(chunk), cid), opened)

    async def leaf(self, chunk: int) -> Leaf:
        """The leaf of a stored chunk; its neighbours come along in the same request."""
        async with self._one_asks:
            if chunk not in self._leaves:
                await self._fetch_leaves(chunk)
            leaf = self._leaves.get(chunk)
        if leaf is None:
            raise missing(self.what)
        check_leaf(self.header, chunk, leaf)
        self._leaves.move_to_end(chunk)
        return leaf

    def _chunk_of(self, number: int) -> int:
        return number // self.header.shape.per_chunk

    async def _at_hand(self, wanted: Sequence[int], found: dict[int, bytes]) -> list[int]:
        """Take what needs no request; the numbers of the others."""
        lacking = []
        for number in wanted:
            chunk, position = divmod(number, self.header.shape.per_chunk)
            if self.header.is_hole(chunk):
                found[number] = bytes(self._length(number))
                continue
            leaf = await self.leaf(chunk)
            key = self.node.keys.chunk_label(chunk), leaf.segments[position]
            opened = self._cache.get(key)
            if opened is None:
                lacking.append(number)
            else:
                found[number] = opened[: self._length(number)]
        return lacking

    async def _fetched(self, chunk: int, numbers: list[int]) -> dict[int, bytes]:
        """Segments of one chunk, from the home."""
        if self.header.is_hole(chunk):
            return {}
        leaf = await self.leaf(chunk)
        positions = [number % self.header.shape.per_chunk for number in numbers]
        label = self.node.keys.chunk_label(chunk)
        reading = await self._at()
        blocks = await reading.segments(self.node.keys.ref(label), leaf, positions)
        if len(blocks) > _WORTH_A_HOP:
            opened = await trio.to_thread.run_sync(self._opened, chunk, positions, blocks)
        else:
            opened = self._opened(chunk, positions, blocks)
        for position, content in zip(positions, opened, strict=True):
            self._cache.put((label, leaf.segments[position]), content)
        return {
            number: content[: self._length(number)]
            for number, content in zip(numbers, opened, strict=True)
        }

    def _opened(self, chunk: int, positions: Sequence[int], blocks: Sequence[bytes]) -> list[bytes]:
        sizes = segment_sizes(self.header.shape, held(self.header, chunk))
        opened = []
        for position, block in zip(positions, blocks, strict=True):
            content = self.header.ring.open(block, SealPurpose.SEGMENT, chunk, position)
            if len(content) != sizes[position]:
                raise Damaged("a segment of it has another size than its header says")
            opened.append(content)
        return opened

    def _length(self, number: int) -> int:
        """Bytes of the file in a segment."""
        step = self.header.shape.segment
        return max(0, min(step, self.header.size - number * step))

    async def _fetch_leaves(self, chunk: int) -> None:
        first = chunk - chunk % LEAVES_AHEAD
        near = range(first, min(first + LEAVES_AHEAD, self.header.chunks))
        labels = {
            each: self.node.keys.chunk_label(each)
            for each in near
            if each not in self._leaves and not self.header.is_hole(each)
        }
        reading = await self._at()
        found = await reading.leaves([self.node.keys.ref(label) for label in labels.values()])
        if reading.moved_on and await self._differs(await self._refresh()):
            raise Conflict(f"{self.what} was changed while it was being read")
        for each, label in labels.items():
            if label in found:
                self._leaves[each] = found[label]
        while len(self._leaves) > MAX_LEAVES:
            self._leaves.popitem(last=False)

    async def _at(self) -> Reading:
        """A reading in which this version is."""
        if self._reading is None:
            reading = await self._refresh()
            if await self._differs(reading):
                raise Conflict(f"{self.what} was changed by somebody else meanwhile")
            self._reading = reading
        return self._reading

    async def _differs(self, reading: Reading) -> bool:
        node = await open_file(reading, self.node.keys, self.what)
        return node.leaf.header != self.node.leaf.header

    async def _explained(self, error: HoldfastError) -> HoldfastError:
        """The error, naming the path: Conflict if it is only that the file was changed since."""
        try:
            changed = await self._differs(await self._refresh())
        except OF_ONE_NODE:
            changed = False  # it is gone, or damaged too: then the first error says it best
        if changed:
            return Conflict(f"{self.what} was changed while it was being read")
        return error if self.what in error.message else of_path(error, self.what)
