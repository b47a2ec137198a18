"""What comes in with a request: its head, then its body, piece by piece as it is wanted."""

from typing import Final

import h11
import trio

from formats.errors import Interrupted

AT_ONCE: Final = 256 * 1024
"""Bytes taken from the socket at once."""

HEAD_AT_ONCE: Final = 16 * 1024
"""The same before the head has come."""

ARGUMENTS: Final = b"holdfast-request"
"""The header that holds the arguments of a call whose body is the bytes of a file."""


class Incoming:
    """The request on one connection. Whoever does not read makes the sender wait."""

    def __init__(self, stream: trio.SocketStream, connection: h11.Connection) -> None:
        self._stream: Final = stream
        self._connection: Final = connection
        self.ended: Final = trio.Event()
        """Set when the body has come to its end."""

    async def head(self) -> h11.Request:
        """Method, path and headers."""
        event = await self._event(HEAD_AT_ONCE)
        if not isinstance(event, h11.Request):
            raise trio.BrokenResourceError("gone before it had asked")
        return event

    async def data(self) -> bytes:
        """The next bytes of the body; none at its end.

        Raises BrokenResourceError or RemoteProtocolError if it breaks off.
        """
        event = await self._event()
        if isinstance(event, h11.Data):
            return bytes(event.data)
        if isinstance(event, h11.EndOfMessage):
            self.ended.set()
            return b""
        raise trio.BrokenResourceError("gone before it had asked")

    async def piped(self) -> bytes:
        """The same for a handler: a body that breaks off was stopped by the caller."""
        try:
            return await self.data()
        except (trio.BrokenResourceError, h11.RemoteProtocolError):
            raise Interrupted("stopped before the end of what comes in") from None

    async def _event(self, at_once: int = AT_ONCE) -> object:
        while True:
            event = self._connection.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._connection.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                await self._stream.send_all(self._connection.send(go_on) or b"")
            self._connection.receive_data(await self._stream.receive_some(at_once))
