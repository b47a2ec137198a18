"""An answer that is no call's: parts of the page, and what people keep."""

from collections.abc import Iterable
from typing import Final

import h11
import trio

from frontends.web.headers import Header


class Answer:
    """One answer, for one request. ``bare``: it was asked with HEAD, so only the head goes."""

    def __init__(
        self,
        stream: trio.SocketStream,
        connection: h11.Connection,
        headers: Iterable[Header],
        bare: bool,
    ) -> None:
        self._stream: Final = stream
        self._connection: Final = connection
        self._headers: Final = tuple(headers)
        self.bare: Final = bare

    async def begin(self, status: int, *more: Header, length: int | None = None) -> None:
        """The head. ``length``: bytes that follow; None: as many as come."""
        size = (
            ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))
        )
        given = {name for name, _ in more}
        headers = [each for each in self._headers if each[0] not in given]
        headers += [*more, ("Connection", "close")]
        if status not in (204, 304):
            headers.append(size)
        await self._send(h11.Response(status_code=status, headers=headers, reason=b"-"))

    async def data(self, data: bytes) -> None:
        """The next bytes. Waits while the reader is slow."""
        if not self.bare and data:
            await self._send(h11.Data(data=data))

    async def end(self) -> None:
        """There is no more."""
        await self._send(h11.EndOfMessage())

    async def whole(self, status: int, body: bytes, *more: Header) -> None:
        """All of it at once."""
        await self.begin(status, *more, length=len(body))
        if status not in (204, 304):
            await self.data(body)
        await self.end()

    async def _send(self, event: h11.Event) -> None:
        await self._stream.send_all(self._connection.send(event) or b"")
