"""What one end knows of one stream: what arrived, what waits to leave, who may send how much."""

from collections import deque
from typing import Final

from node.transport.yamux.frames import INITIAL


class Stream:
    """The state of one stream. Only the machine changes it; others may look."""

    __slots__ = (
        "_arrived",
        "_queued",
        "allowance",
        "awaits_ack",
        "closing",
        "credit",
        "deaf",
        "ended",
        "finished",
        "id",
        "ours",
        "pending",
        "ready",
        "reset",
        "unread",
    )

    def __init__(self, id: int, ours: bool, allowance: int) -> None:
        self.id: Final = id
        self.ours: Final = ours
        self.awaits_ack = True
        """Whether it was opened and the end that did not open it has said nothing of it yet."""
        self.allowance = allowance
        """Bytes that the peer may still send."""
        self.credit = INITIAL
        """Bytes that we may still send."""
        self.unread = 0
        """Bytes that arrived and were not taken."""
        self.pending = 0
        """Bytes that wait to leave."""
        self.closing = False
        """Whether we have ended it, though the end may still wait behind what is pending."""
        self.finished = False
        """Whether our end of it has left."""
        self.ended = False
        """Whether the peer has ended it."""
        self.reset = False
        """Whether it is over at once, for both."""
        self.deaf = False
        """Whether nobody here reads it any more."""
        self.ready = False
        """Whether it stands in line to send."""
        self._arrived: deque[bytes] = deque()
        self._queued: deque[memoryview] = deque()

    @property
    def over(self) -> bool:
        """Whether nothing more comes or goes."""
        return self.reset or (self.finished and self.ended)

    @property
    def sendable(self) -> bool:
        """Whether something of it can leave now."""
        if self.reset:
            return False
        if self.pending:
            return self.credit > 0
        return self.closing and not self.finished

    # --- arriving

    def arrive(self, data: bytes) -> None:
        """Keep what arrived."""
        self._arrived.append(data)
        self.unread += len(data)

    def taken(self, most: int) -> bytes:
        """What arrived, at most so many bytes; empty if nothing."""
        if not self._arrived:
            return b""
        if len(self._arrived[0]) > most:
            whole = self._arrived.popleft()
            self._arrived.appendleft(whole[most:])
            self.unread -= most
            return whole[:most]
        return self._pieces(most)

    def _pieces(self, most: int) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while self._arrived and size + len(self._arrived[0]) <= most:
            pieces.append(self._arrived.popleft())
            size += len(pieces[-1])
        self.unread -= size
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def forget_arrived(self) -> int:
        """Drop what was not taken; how many bytes that were."""
        size, self.unread = self.unread, 0
        self._arrived.clear()
        return size

    # --- leaving

    def queue(self, data: bytes) -> None:
        """Let this leave after what waits already."""
        if data:
            self._queued.append(memoryview(data))
            self.pending += len(data)

    def cut(self, most: int) -> list[memoryview]:
        """The next bytes that may leave: at most so many, and no more than our credit."""
        size = left = min(most, self.credit, self.pending)
        pieces = []
        while left:
            piece = self._queued.popleft()
            if len(piece) > left:
                self._queued.appendleft(piece[left:])
                piece = piece[:left]
            pieces.append(piece)
            left -= len(piece)
        self.pending -= size
        self.credit -= size
        return pieces

    def forget_queued(self) -> None:
        """Drop what waits to leave."""
        self._queued.clear()
        self.pending = 0
