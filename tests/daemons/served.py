"""The local API in this process, on a real socket, with any routes one likes."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from formats.errors import Usage
from frontends.api.asking import Finder
from frontends.api.routes import Route
from frontends.api.server import Server
from frontends.api.state import State
from frontends.api.table import find_route
from frontends.daemon.folder import prepare
from frontends.daemon.listener import listening
from frontends.place import Place


class Local:
    """A served API: ``ask`` sends bytes and returns all that comes back."""

    def __init__(self, place: Place, state: State) -> None:
        self.place = place
        self.state = state

    async def connect(self) -> trio.SocketStream:
        """A connection, nothing sent yet."""
        plain = trio.socket.socket(trio.socket.AF_UNIX, trio.socket.SOCK_STREAM)
        await plain.connect(self.place.socket)
        return trio.SocketStream(plain)

    async def ask(self, request: bytes) -> bytes:
        """Send these bytes, and read until the other side closes."""
        async with await self.connect() as stream:
            await stream.send_all(request)
            return await read_all(stream)

    async def post(self, path: str, body: object) -> tuple[int, list[dict[str, Any]]]:
        """Status and events of one call."""
        return answer(await self.ask(request("POST", path, json.dumps(body).encode())))

    async def get(self, path: str) -> tuple[int, list[dict[str, Any]]]:
        """Status and events of one question."""
        return answer(await self.ask(request("GET", path)))


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """An HTTP request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def read_all(stream: trio.SocketStream) -> bytes:
    """Everything until the end."""
    data = b""
    while more := await stream.receive_some(65536):
        data += more
    return data


def answer(data: bytes) -> tuple[int, list[dict[str, Any]]]:
    """HTTP status and events of an answer: in chunks, or up to its end."""
    head, _, rest = data.partition(b"\r\n\r\n")
    body = joined(rest) if b"chunked" in head else rest
    return int(head.split()[1]), [json.loads(line) for line in body.splitlines()]


def joined(chunks: bytes) -> bytes:
    """What came in chunks."""
    body = b""
    while chunks:
        size, _, chunks = chunks.partition(b"\r\n")
        count = int(size, 16)
        body, chunks = body + chunks[:count], chunks[count + 2 :]
        if not count:
            break
    return body


def finder(routes: Sequence[Route]) -> Finder:
    """Finds these routes, or all there are when none is given."""
    by_name = {(route.method, route.path): route for route in routes}

    async def find(method: str, path: str, _headless: bool) -> Route:
        if (method, path) not in by_name:
            raise Usage("no such call")
        return by_name[method, path]

    return find if routes else find_route


@asynccontextmanager
async def served(folder: Path, *routes: Route, headless: bool = False) -> AsyncIterator[Local]:
    """The API with these routes, or with all there are when none is given."""
    place = Place(str(folder))
    prepare(place)
    state = State(place, headless)
    with listening(place) as listener:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Server(state, finder(routes)).serve, listener)
            yield Local(place, state)
            nursery.cancel_scope.cancel()
