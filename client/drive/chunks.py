"""One chunk in a worker thread: filled, sealed and hashed, or compared with what is stored."""

from collections.abc import Callable

from client.drive.content import Held, Sealer, held, is_zero, padded, segment_sizes
from client.drive.header import FileHeader
from client.drive.stored import Segments, Stored
from formats.cid import Block, Cid

Fill = Callable[[bytearray], bool]
"""Puts a whole chunk into the buffer, in a worker thread; False: it is a hole, nothing was put."""


def seal(
    header: FileHeader,
    chunk: int,
    size: int,
    fill: Fill,
    room: tuple[bytearray, Sealer],
    may_be_hole: bool,
) -> list[Block] | None:
    """Read, seal and hash one chunk, in a worker thread."""
    buffer, sealer = room
    if not fill(buffer):
        if may_be_hole:
            return None
        buffer[:size] = bytes(size)
    elif may_be_hole and size == header.shape.chunk and is_zero(buffer, size):
        return None
    return sealer.seal(header.ring.current, header.shape, chunk, buffer, size)


def filled(header: FileHeader, size: int, fill: Fill, buffer: bytearray) -> bool:
    """Put a chunk into a buffer, in a worker thread; whether it is a full chunk of zeros."""
    if not fill(buffer):
        buffer[:size] = bytes(size)
        return True
    return size == header.shape.chunk and is_zero(buffer, size)


def seal_changed(
    header: FileHeader,
    chunk: int,
    size: int,
    stored: Stored,
    there: Segments,
    room: tuple[bytearray, Sealer],
) -> list[Block | Cid]:
    """The segments of a chunk that is in its buffer, in a worker thread."""
    buffer, sealer = room
    buffer[size : padded(header.shape, size)] = bytes(padded(header.shape, size) - size)
    view, start = memoryview(buffer), 0
    made: list[Block | Cid] = []
    for position, length in enumerate(segment_sizes(header.shape, size)):
        end = start + length
        if stored.is_same(chunk, position, there, buffer, start, end):
            made.append(there[position][0])
        else:
            made.append(sealer.segment(header.ring.current, chunk, position, view[start:end]))
        start = end
    return made


def is_there(_buffer: bytearray) -> bool:
    """A ``Fill`` for what was put into the buffer before."""
    return True


def is_same(
    header: FileHeader, chunk: int, fill: Fill, room: tuple[bytearray, Sealer], there: Held
) -> bool:
    """Whether the source has what was sealed as ``there``, in a worker thread."""
    buffer, sealer = room
    if not fill(buffer):
        return False  # a hole by now: found again where it is sealed
    size = held(header, chunk)
    return sealer.sealed_this(header.ring.current, header.shape, chunk, buffer, size, there)
