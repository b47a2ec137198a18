"""What leaves over one connection: frames without data first, then streams in turn. No I/O."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from node.transport.yamux import frames
from node.transport.yamux.frames import FIN, Kind, packed
from node.transport.yamux.stream import Stream

TURN: Final = 4 * 65_519 - frames.SIZE
"""Bytes of a stream before it is others' turn: with its header, four full messages of Noise."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be sent next, in pieces, and the streams of which nothing waits any more."""

    pieces: list[bytes | memoryview]
    emptied: list[Stream]

    @property
    def data(self) -> bytes:
        """All of it in one."""
        return b"".join(self.pieces)


class Leaving:
    """``settle`` is called with each stream whose end has left."""

    def __init__(self, settle: Callable[[Stream], None]) -> None:
        self._settle = settle
        self._frames: list[bytes | memoryview] = []
        self.waiting = 0
        """Bytes of frames without data that wait."""
        self._line: deque[Stream] = deque()

    @property
    def wants(self) -> bool:
        """Whether anything can leave now."""
        return bool(self._frames or self._line)

    def take(self, most: int) -> Batch:
        """What is to be sent next: at most about so many bytes, streams in turn."""
        pieces, size = self._frames, self.waiting
        self._frames, self.waiting = [], 0
        emptied: list[Stream] = []
        while self._line and size < most:
            stream = self._line.popleft()
            stream.ready = False
            size += self._turn(stream, pieces, emptied)
            self.stand(stream)
        return Batch(pieces, emptied)

    def _turn(self, stream: Stream, pieces: list[bytes | memoryview], emptied: list[Stream]) -> int:
        if not stream.sendable:
            return 0
        body = stream.cut(TURN)
        size = sum(map(len, body))
        if body:
            pieces.append(packed(Kind.DATA, 0, stream.id, size))
            pieces += body
            if not stream.pending:
                emptied.append(stream)
        if stream.closing and not stream.pending:
            stream.finished = True
            pieces.append(packed(Kind.WINDOW, FIN, stream.id, 0))
            self._settle(stream)
        return size + frames.SIZE

    def stand(self, stream: Stream) -> None:
        """Let a stream stand in line, if it has anything that can leave."""
        if stream.sendable and not stream.ready:
            stream.ready = True
            self._line.append(stream)

    def answer(self, kind: Kind, flags: int, stream: int, length: int) -> None:
        """Send a frame without data, before everything else."""
        self._frames.append(packed(kind, flags, stream, length))
        self.waiting += frames.SIZE
