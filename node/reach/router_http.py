"""Asking a router's web server: one request, one answer of limited size, of the router alone.

Nothing is followed: no redirection, and no address that is not the router's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import h11
import trio

from formats.errors import Malformed, ProtocolViolation
from node.transport.addresses import Endpoint
from node.transport.tcp import connect

MAX_ANSWER: Final = 64 * 1024
"""Bytes of what a router says; its description has a few KiB."""

MAX_HEAD: Final = 8 * 1024
MAX_URL: Final = 1024


@dataclass(frozen=True, slots=True)
class Page:
    """Something on a router's web server."""

    router: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str, router: str, base: str = "") -> "Page":
        """What a URL names, which may be relative to ``base``. Raises Malformed.

        Also if it is on any host but the router, or is no plain HTTP.
        """
        try:
            parts = urlsplit(urljoin(base, url))
            port = 80 if parts.port is None else parts.port
        except ValueError:
            raise Malformed("a router's URL that is none") from None
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if parts.scheme != "http" or parts.hostname != router or parts.username is not None:
            raise Malformed("a router's URL that is not the router's own")
        if len(target) > MAX_URL or not port or not _is_plain(target):
            raise Malformed("a router's URL that is none")
        return cls(router, port, target)

    @property
    def url(self) -> str:
        """As text."""
        return f"http://{self.host}{self.target}"

    @property
    def host(self) -> str:
        """The router and the port, as they stand in a request."""
        return f"{self.router}:{self.port}"


def _is_plain(target: str) -> bool:
    return target.startswith("/") and all("!" <= letter <= "~" for letter in target)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a router said. ``ours``: this machine's address on the connection."""

    status: int
    body: bytes
    ours: str


async def asked(page: Page, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()) -> Answer:
    """GET a page, or POST a body to it. Raises OSError, ProtocolViolation."""
    async with await connect(Endpoint(page.router, page.port)) as stream:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        try:
            await stream.send_all(_request(connection, page, body, headers))
            status, said = await _answer(connection, stream)
        except h11.ProtocolError:
            raise ProtocolViolation("the router does not speak HTTP") from None
        except trio.BrokenResourceError:
            raise ProtocolViolation("the router ended the connection") from None
        return Answer(status, said, str(stream.socket.getsockname()[0]))


def _request(
    connection: h11.Connection, page: Page, body: bytes, headers: Sequence[tuple[str, str]]
) -> bytes:
    every = [("Host", page.host), ("Connection", "close"), *headers]
    if body:
        every.append(("Content-Length", str(len(body))))
    method = "POST" if body else "GET"
    parts = [
        connection.send(h11.Request(method=method, target=page.target, headers=every)),
        connection.send(h11.Data(data=body)) if body else b"",
        connection.send(h11.EndOfMessage()),
    ]
    return b"".join(part for part in parts if part)


async def _answer(connection: h11.Connection, stream: trio.SocketStream) -> tuple[int, bytes]:
    status, said = 0, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await stream.receive_some(8192))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            said += event.data
            if len(said) > MAX_ANSWER:
                raise ProtocolViolation(f"the router says more than {MAX_ANSWER} bytes")
        elif isinstance(event, h11.EndOfMessage):
            return status, bytes(said)
        elif not isinstance(event, h11.InformationalResponse):
            raise ProtocolViolation("the router ended the connection")
