"""How a handler answers: events as lines of JSON, or the bytes of a file, flushed as they come.

The status line waits for the first thing there is to say, so that a request that
fails at once has the HTTP status of its error. After that, an error is the last line
of the lines, or the trailer of bytes, which then also lack their regular end, so that
no HTTP client takes them for the whole file.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

import h11
import trio

from formats.errors import HoldfastError, Unfit
from frontends.telling import tell
from frontends.version import HEADER, named

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

LINES: Final = "application/x-ndjson"
EVENTS: Final = "text/event-stream"
BYTES: Final = "application/octet-stream"
TOGETHER: Final = 256
"""Lines sent at once, when there are many."""

PROGRESS_EVERY: Final = 0.1
"""Seconds between two lines of progress: the newest replaces what was not sent yet."""


class Reply:
    """One answer. ``stream`` and ``connection``: where it goes and how it is put into HTTP.

    ``headers`` are in its head, besides its own.
    """

    def __init__(
        self,
        stream: trio.SocketStream,
        connection: h11.Connection,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._socket = stream.socket
        self._headers = list(headers)
        self._connection = connection
        self._lock = trio.Lock()
        self._mode = ""
        self._lines = LINES
        self._progress: Json = None
        self._moved = trio.Event()
        self._unsent = bytearray()
        self._asides: list[Mapping[str, Json]] = []
        self.gone = False
        """Whether the caller is not there any more."""

    async def event(self, kind: str, value: Json) -> None:
        """One line, ``{kind: value}``. Waits while the reader is slow."""
        await self._line(kind, value, 200)

    async def events(self, kind: str, values: Sequence[Json]) -> None:
        """Several lines of one kind, sent together."""
        for start in range(0, len(values), TOGETHER):
            some = values[start : start + TOGETHER]
            async with self._lock:
                await self._send_lines(kind, some, 200)

    def aside(self, kind: str, value: Json) -> None:
        """A line that goes with the next one. Never waits. Before bytes, it is in their head."""
        self._asides.append({kind: value})

    def also(self, name: str, value: str) -> None:
        """One more header, before anything was said."""
        self._headers.append((name, value))

    def as_events(self) -> None:
        """Lines are server-sent events from now on, before anything was said."""
        self._lines = EVENTS

    def progress(self, value: Json) -> None:
        """Where things are. Never waits; the newest wins."""
        self._progress = value
        self._moved.set()

    async def data(self, data: bytes) -> None:
        """The next bytes of a file."""
        async with self._lock:
            self._begin(BYTES, 200)
            await self._send(self._put(h11.Data(data=data)))

    async def done(self, value: Json, as_bytes: bool) -> None:
        """The end: all of it was done. ``as_bytes``: the answer is bytes, if only none."""
        await self._flush_progress()
        if as_bytes:
            async with self._lock:
                self._begin(BYTES, 200)
                await self._send(self._put(h11.EndOfMessage()))
            return
        await self._line("done", value, 200)
        await self._end()

    async def failed(self, error: HoldfastError) -> None:
        """The end: this went wrong."""
        await self._flush_progress()
        if self._mode == BYTES:
            await self._break_off(error)
            return
        await self._line("error", dict(tell(error)), error.http_status)
        await self._end()

    async def keep_progress_flowing(self) -> None:
        """Send progress as it comes, not too often, until cancelled or nobody listens."""
        while True:
            await self._moved.wait()
            try:
                await self._flush_progress()
            except trio.BrokenResourceError:
                return
            await trio.sleep(PROGRESS_EVERY)

    async def _flush_progress(self) -> None:
        async with self._lock:
            value, self._progress = self._progress, None
            self._moved = trio.Event()
            if value is not None:
                await self._send_lines("progress", [value], 200)

    async def _line(self, kind: str, value: Json, status: int) -> None:
        async with self._lock:
            await self._send_lines(kind, [value], status)

    async def _send_lines(self, kind: str, values: Sequence[Json], status: int) -> None:
        if self._mode == BYTES:
            raise Unfit("bytes have begun: no line can follow")
        self._begin(self._lines, status)
        asides, self._asides = self._asides, []
        said = [*asides, *({kind: value} for value in values)]
        lines = "".join(map(_event if self._lines == EVENTS else _line, said))
        await self._send(self._put(h11.Data(data=lines.encode("ascii"))))

    async def _end(self) -> None:
        async with self._lock:
            await self._send(self._put(h11.EndOfMessage()))

    async def _break_off(self, error: HoldfastError) -> None:
        """The last chunk and the reason, without the empty line that would end the message."""
        reason = json.dumps({"error": tell(error)})
        async with self._lock:
            end = self._put(h11.EndOfMessage(headers=[("Holdfast-Error", reason)]))
            await self._send(end.removesuffix(b"\r\n"))

    def _begin(self, kind: str, status: int) -> None:
        if self._mode:
            return
        self._mode = kind
        headers = [
            ("Content-Type", kind),
            ("Transfer-Encoding", "chunked"),
            ("Connection", "close"),
            (HEADER, named()),
            *self._headers,
        ]
        if kind == BYTES and self._asides:
            asides, self._asides = self._asides, []
            headers.append(("Holdfast-Aside", json.dumps(asides)))
        head = h11.Response(status_code=status, headers=headers, reason=b"-")
        self._unsent += self._put(head)

    def _put(self, event: h11.Event) -> bytes:
        return self._connection.send(event) or b""

    async def _send(self, data: bytes) -> None:
        """Send it all. What a cancelled call could not send goes before the next."""
        self._unsent += data
        while self._unsent:
            try:
                sent = await self._socket.send(self._unsent)
            except OSError:
                self.gone = True
                raise trio.BrokenResourceError("the caller is gone") from None
            del self._unsent[:sent]


def _line(each: Mapping[str, Json]) -> str:
    """``{kind: value}`` as a line of JSON."""
    return f"{json.dumps(each)}\n"


def _event(each: Mapping[str, Json]) -> str:
    """The same as a server-sent event: its kind, and the value as JSON."""
    return "".join(f"event: {kind}\ndata: {json.dumps(value)}\n\n" for kind, value in each.items())
