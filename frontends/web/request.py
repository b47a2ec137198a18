"""One request that came in: what it asks for, and the ways to answer it."""

from collections.abc import Iterable
from dataclasses import dataclass

import h11
import trio

from formats.errors import HoldfastError
from frontends.api.incoming import Incoming
from frontends.api.reply import EVENTS, Reply
from frontends.web.answer import Answer
from frontends.web.guard import Headers, headers_of
from frontends.web.headers import CALLS, Header


@dataclass(frozen=True, slots=True)
class Request:
    """Its head was read; its body, if any, comes from ``incoming``."""

    stream: trio.SocketStream
    connection: h11.Connection
    incoming: Incoming
    reply: Reply
    head: h11.Request
    headers: Headers

    @classmethod
    def made(
        cls,
        stream: trio.SocketStream,
        connection: h11.Connection,
        incoming: Incoming,
        reply: Reply,
        head: h11.Request,
    ) -> "Request":
        """Of a head; raises Malformed."""
        headers = headers_of(list(head.headers))
        if EVENTS.encode() in headers.get(b"accept", b""):
            reply.as_events()
        return cls(stream, connection, incoming, reply, head, headers)

    @property
    def target(self) -> str:
        """What is asked for, as it was sent."""
        return self.head.target.decode("ascii", "replace")

    @property
    def is_look(self) -> bool:
        """Whether it is GET or HEAD."""
        return self.head.method in (b"GET", b"HEAD")

    def header(self, name: bytes) -> str:
        """A header, empty if it is not there."""
        return self.headers.get(name, b"").decode("ascii", "replace")

    async def refuse(self, error: HoldfastError) -> None:
        """Say what was wrong: to a person who opened an address in words, else as calls do."""
        if "text/html" not in self.header(b"accept"):
            await self.reply.failed(error)
            return
        said = f"{error.message}\n{error.advice}\n".encode("utf-8", "replace")
        kind = ("Content-Type", "text/plain; charset=utf-8")
        await self.answer(CALLS).whole(error.http_status, said, kind)

    def answer(self, headers: Iterable[Header]) -> Answer:
        """An answer that is no call's."""
        return Answer(self.stream, self.connection, headers, self.head.method == b"HEAD")
