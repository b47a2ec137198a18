"""What carries frames: a stream, and both ends of a connection. The rest is behind this seam.

The drivers (``remote``, ``streams``) know only these; ``muxed`` has them over
libp2p, ``memory`` within a process. A faster muxer or another transport is a
further implementation of the same three.

Every method raises Unreachable, and no other error, when the connection is
gone. Whoever cancels one of them gives up the whole connection: libp2p may have
sent half a frame.
"""

from collections.abc import Collection
from typing import Protocol


class Stream(Protocol):
    """Bytes in both directions, in order. One task reads, one writes."""

    async def receive_some(self) -> bytes:
        """At least one byte, or none when the other side has ended the stream."""
        ...

    async def send_all(self, data: bytes) -> None:
        """Return when all of it is on its way; waits while the other side does not read."""
        ...

    async def aclose(self) -> None:
        """End the stream. Never raises, never waits for the other side."""
        ...


class Connection(Protocol):
    """The end that dialled."""

    @property
    def peer(self) -> bytes:
        """The authenticated peer id of the other end."""
        ...

    async def open(self, protocol: str) -> Stream:
        """A new stream that speaks ``protocol``; UnknownVersion if the node has none."""
        ...

    async def aclose(self) -> None:
        """End the connection and all its streams. Never raises."""
        ...


class Arrival(Protocol):
    """A stream that the other end has opened; what it will speak is not agreed yet."""

    async def agree(self, protocols: Collection[str]) -> tuple[str, Stream]:
        """Let the other end choose; ProtocolViolation, and no stream, if it chooses none."""
        ...


class Incoming(Protocol):
    """The end that was dialled."""

    @property
    def peer(self) -> bytes:
        """The authenticated peer id of the other end."""
        ...

    @property
    def local(self) -> bool:
        """Whether the other end is on this machine."""
        ...

    @property
    def address(self) -> str:
        """Where the other end comes from, as a multiaddress; "" within a process."""
        ...

    async def accept(self) -> Arrival | None:
        """The next stream the other end opens, None when the connection has ended."""
        ...

    async def aclose(self) -> None:
        """End the connection and all its streams. Never raises."""
        ...
