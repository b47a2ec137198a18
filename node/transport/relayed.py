"""Bytes that a relay passes on, in the place of a TCP connection.

Noise and the muxer run over it from end to end: the relay sees what anybody on
the wire would.
"""

from collections.abc import Awaitable, Callable

import trio

from formats.errors import Unreachable
from node.transport.carrier import Stream
from node.transport.tasks import patience


class Relayed(trio.abc.Stream):
    """A stream through a relay. ``close`` is called once, when it is closed."""

    def __init__(
        self, stream: Stream, address: str, close: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self.address = address
        """Where the other end comes from: ``…/p2p/RELAY/p2p-circuit``."""
        self._stream = stream
        self._close = close

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """At least one byte, none at the end; may be more than ``max_bytes``."""
        try:
            return await self._stream.receive_some()
        except Unreachable:
            raise trio.BrokenResourceError from None

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Return when all of it is on its way."""
        try:
            await self._stream.send_all(bytes(data))
        except Unreachable:
            raise trio.BrokenResourceError from None

    async def wait_send_all_might_not_block(self) -> None:
        """Nothing that we use asks."""
        await trio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        """End the stream, and the connection to the relay if it was made for it alone."""
        close, self._close = self._close, None
        with patience(1):
            await self._stream.aclose()
            if close is not None:
                await close()
