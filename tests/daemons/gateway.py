"""The owner's gateway in this process, on a real port, with any calls one likes."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio

from frontends.api.routes import Route
from frontends.api.state import State
from frontends.daemon.folder import prepare
from frontends.place import Place
from frontends.web.gateway import Gateway
from frontends.web.sites import Sites
from frontends.web.visits import Visits
from frontends.web.web import bound
from tests.daemons.processes import Home
from tests.daemons.served import finder, joined, read_all


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: the status, headers by name in small letters, and the body."""

    status: int
    headers: dict[str, str]
    body: bytes
    raw: bytes

    @property
    def lines(self) -> list[dict[str, Any]]:
        """A body of JSON lines."""
        return [json.loads(each) for each in self.body.splitlines()]

    @property
    def kind(self) -> str:
        """The kind of the error that the last line tells, empty for none."""
        return str(self.lines[-1].get("error", {}).get("kind", "")) if self.body else ""


@dataclass(slots=True)
class Caller:
    """A program on this machine that speaks to the gateway; a browser when it says so."""

    port: int
    page: str
    host: str
    headers: dict[str, str]

    async def connect(self) -> trio.SocketStream:
        """A connection, nothing sent yet."""
        return await trio.open_tcp_stream("127.0.0.1", self.port)

    async def send(self, data: bytes) -> Answered:
        """Send these bytes, and read until the other side closes."""
        async with await self.connect() as stream:
            await stream.send_all(data)
            return parsed(await read_all(stream))

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answered:
        """One request; ``headers`` stand above this caller's own, an empty one takes one away."""
        return await self.send(self.request(method, path, headers, body))

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> bytes:
        """Its bytes."""
        given = {"Host": self.host, **self.headers, **(headers or {})}
        if method == "POST":
            given.setdefault("Content-Length", str(len(body)))
        lines = [f"{name}: {value}" for name, value in given.items() if value]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + body

    async def call(self, name: str, values: object = None) -> Answered:
        """A call of the API."""
        return await self.ask("POST", f"/v1/{name}", None, json.dumps(values or {}).encode())

    async def enter(self, token: str) -> Answered:
        """Use a link; from then on this caller has its cookie and key."""
        answer = await self.call("web/enter", {"token": token})
        if answer.status == 200:
            cookie = answer.headers["set-cookie"].partition(";")[0]
            self.headers = {"Cookie": cookie, "Holdfast-Key": answer.lines[-1]["done"]["key"]}
        return answer


def stranger_of(home: Home) -> tuple[Caller, str]:
    """Somebody with a link to a daemon's page, who has not used it; and its token."""
    page, _, token = home.run("web").ok().out.strip().partition("/#enter=")
    host = page.removeprefix("http://")
    return Caller(int(host.partition(":")[2]), page, host, {}), token


def visitor_of(home: Home) -> Caller:
    """Somebody who came in at a daemon by a link; its own loop has ended."""
    caller, token = stranger_of(home)
    assert trio.run(caller.enter, token).status == 200
    return caller


@dataclass(slots=True)
class Served:
    """A gateway that runs."""

    state: State
    sites: Sites
    visits: Visits

    def caller(self, headers: Mapping[str, str] | None = None) -> Caller:
        """Somebody on this machine, who has not entered."""
        host = self.sites.page.removeprefix("http://")
        return Caller(self.sites.port, self.sites.page, host, dict(headers or {}))

    async def visitor(self) -> Caller:
        """Somebody who came by a link."""
        caller = self.caller()
        assert (await caller.enter(self.visits.link())).status == 200
        return caller


def parsed(data: bytes) -> Answered:
    """An answer: with a length, in chunks, or none at all (status 0)."""
    head, _, rest = data.partition(b"\r\n\r\n")
    if not head:
        return Answered(0, {}, b"", data)
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines]
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = joined(rest) if headers.get("transfer-encoding") == "chunked" else rest
    return Answered(int(first.split()[1]), headers, body, data)


@asynccontextmanager
async def gateway(
    folder: Path, *routes: Route, state: State | None = None
) -> AsyncIterator[Served]:
    """A gateway with these calls, or with all there are when none is given."""
    if state is None:
        place = Place(str(folder))
        prepare(place)
        state = State(place, headless=False)
    listeners = await bound(0)
    sites = Sites(listeners[0].socket.getsockname()[1])
    visits = Visits(trio.current_time)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Gateway(state, sites, visits, find=finder(routes)).serve, listeners)
        yield Served(state, sites, visits)
        nursery.cancel_scope.cancel()
