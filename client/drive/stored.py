"""What is stored of a file, to be compared with new content of it, segment by segment.

For ``put --update``: segments that are as they were are named again, and only the
others are sealed and sent (docs/decisions/0162). What cannot be read is as if it had
changed, so an update also mends it.
"""

from collections.abc import Sequence
from typing import Final

from client.drive.content import held, open_segments, segment_sizes
from client.drive.node import OF_ONE_NODE, FileNode
from client.drive.reader import FileReader
from client.drive.ring import MAX_RING
from client.space.reading import Reading
from formats.cid import Cid
from formats.errors import Conflict, Damaged
from formats.limits import SEGMENT

Segments = Sequence[tuple[Cid, bytes]]
"""Segments of one chunk as they are stored, in order."""


class Stored:
    """The stored content of a file with chunks."""

    def __init__(self, reading: Reading, node: FileNode, what: str) -> None:
        self.node: Final = node
        self._reader: Final = FileReader(reading, node, what)

    async def chunk(self, chunk: int) -> Segments:
        """What is stored of a chunk; nothing for a hole, and for what cannot be read."""
        header = self.node.header
        if chunk >= header.chunks or header.is_hole(chunk):
            return ()
        try:
            return await self._reader.stored(chunk)
        except (*OF_ONE_NODE, Conflict):
            return ()

    def is_same(
        self, chunk: int, position: int, segments: Segments, buffer: bytearray, start: int, end: int
    ) -> bool:
        """Whether a segment holds what is in the buffer from ``start`` to ``end``. Computes."""
        header = self.node.header
        sizes = segment_sizes(header.shape, held(header, chunk)) if segments else []
        if position >= len(sizes) or sizes[position] != end - start:
            return False
        plain = memoryview(bytearray(SEGMENT))[: end - start]
        try:
            open_segments(header, chunk, (position,), (segments[position][1],), plain)
        except Damaged:
            return False
        return buffer.startswith(plain, start)


def can_be_compared(base: FileNode | None) -> bool:
    """Whether new content of this file can name what is stored: one more key fits its ring."""
    return (
        base is not None
        and not base.header.inline
        and len(base.header.ring.keys) < MAX_RING
        and base.header.shape.segment == SEGMENT
    )
