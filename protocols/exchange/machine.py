"""Heads and their bodies, cut out of what is fed: what both ends have in common."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from formats import dag_cbor
from formats.dag_cbor import Value
from formats.errors import Malformed, ProtocolViolation
from protocols.exchange.heads import Head
from protocols.frames import MAX_FRAME, Frames
from protocols.operations import Operation

MAX_IN_FLIGHT: Final = 64
"""Requests of one stream that wait for their answer."""

MAX_HEAD_ITEMS: Final = 2**17
"""Values in one head. The largest message that the doors know has fewer; a frame has room for
eight times as many, which would take seconds to read."""

Rows = Mapping[str, Operation]


class State(Enum):
    """OPEN until the other side breaks a rule; nothing mends a BROKEN machine."""

    OPEN = auto()
    BROKEN = auto()


class Machine:
    """Heads and their bodies, cut out of what is fed. Subclasses judge the heads."""

    def __init__(self) -> None:
        self.state = State.OPEN
        self._frames = Frames()
        self._head: Head | None = None
        self._bodies: list[bytes] = []
        self._passed = 0

    @property
    def announced(self) -> int:
        """Bytes of the message that is arriving, with its head; 0 before its head is whole."""
        return 0 if self._head is None else self._head.weight

    @property
    def unread(self) -> int:
        """Bytes that were fed and not taken yet."""
        return len(self._frames)

    @property
    def between(self) -> bool:
        """Whether no message has begun to arrive."""
        return self._head is None and len(self._frames) == 0

    def feed(self, data: bytes) -> None:
        """More bytes of the stream. Ask for events until there is none before feeding again."""
        self._check_open()
        self._frames.feed(data)

    def _check_open(self) -> None:
        if self.state is State.BROKEN:
            raise ProtocolViolation("the other side broke the protocol earlier on this stream")

    def _next(self) -> tuple[Head, tuple[bytes, ...]] | None:
        self._check_open()
        try:
            return self._assembled()
        except ProtocolViolation:
            self._break()
            raise
        except Malformed as error:
            self._break()
            raise ProtocolViolation(
                f"what came is no message of this protocol: {error.message}"
            ) from None

    def _break(self) -> None:
        self.state = State.BROKEN
        self._frames, self._head, self._bodies = Frames(), None, []

    def _assembled(self) -> tuple[Head, tuple[bytes, ...]] | None:
        if self._head is None and not self._begun():
            return None
        head = self._head
        assert head is not None
        while self._passed < len(head.sizes):
            size = head.sizes[self._passed]
            body = self._frames.take(size, size)
            if body is None:
                return None
            self._passed += 1
            if head.wanted:
                self._bodies.append(body)
        bodies = tuple(self._bodies)
        self._head, self._bodies, self._passed = None, [], 0
        return head, bodies

    def _begun(self) -> bool:
        frame = self._frames.take(1, MAX_FRAME)
        if frame is None:
            return False
        value = dag_cbor.decode(frame, max_items=MAX_HEAD_ITEMS)
        if type(value) is not dict:
            raise ProtocolViolation("a head that is no map")
        self._head = self._judged(value, len(frame))
        return True

    def _judged(self, head: dict[str, Value], length: int) -> Head:
        raise NotImplementedError
