"""Messages on a stream: each its length as a varint, then its bytes. And what follows them.

libp2p's small protocols begin with a message or two; on a relay, the bytes of
somebody's connection follow on the same stream. So what was read too far is kept.
"""

from typing import Final

import trio

from formats.errors import Malformed, ProtocolViolation, Unreachable
from formats.varint import varint
from node.reach.protobuf import Message, read_varint
from node.transport.carrier import Stream

MAX_MESSAGE: Final = 8 * 1024
"""Bytes of the longest message that is read."""

PATIENCE: Final = 10.0
"""Seconds that the other side may take for one."""


class Telling:
    """A ``carrier.Stream`` on which messages can be told and heard before it is used as one."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._ahead = b""

    async def tell(self, message: bytes) -> None:
        """Send a message."""
        await self._stream.send_all(varint(len(message)) + message)

    async def hear(self, seconds: float = PATIENCE) -> Message:
        """The next message. Raises Malformed, ProtocolViolation; Unreachable if none comes."""
        with trio.move_on_after(seconds):
            return Message(await self._next())
        raise Unreachable("the other side says nothing")

    async def _next(self) -> bytes:
        while True:
            found = _whole(self._ahead)
            if found is not None:
                message, self._ahead = found
                return message
            more = await self._stream.receive_some()
            if not more:
                raise Unreachable("the other side ended the stream")
            self._ahead += more

    async def receive_some(self) -> bytes:
        """At least one byte of what follows, or none at the end."""
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            return ahead
        return await self._stream.receive_some()

    async def send_all(self, data: bytes) -> None:
        """Return when all of it is on its way."""
        await self._stream.send_all(data)

    async def aclose(self) -> None:
        """End the stream."""
        await self._stream.aclose()


def _whole(data: bytes) -> tuple[bytes, bytes] | None:
    """The first message and what follows it; None if it is not all there."""
    if not data or (data[-1] >= 0x80 and len(data) < 3):
        return None
    try:
        size, at = read_varint(data, 0)
    except Malformed:
        raise ProtocolViolation("a message without a length") from None
    if size > MAX_MESSAGE:
        raise ProtocolViolation(f"a message of {size} bytes, and {MAX_MESSAGE} are allowed")
    return (data[at : at + size], data[at + size :]) if at + size <= len(data) else None
