"""Connections within one process, through the real codec, machines and drivers.

    async with connect_memory(node) as doors:
        hello = await doors.accounts.hello(AskHello("…"))

What a test of two people at two nodes needs of a network, without sockets: the
bytes are those of the wire. ``MemoryNetwork`` is a ``protocols.services.Network``
over nodes by peer id, which can be taken away and put back.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import trio

from formats.errors import ProtocolViolation, Unreachable
from formats.whereabouts import Home
from node.transport.carrier import Arrival, Stream
from node.transport.costs import Limits
from node.transport.remote import RemoteDoors
from node.transport.streams import Node, Server
from node.transport.tasks import background
from protocols.services import Doors

PIECES: Final = 4
"""Writes that a stream holds before the writer waits for the reader."""


class NamedNode(Node, Protocol):
    """A node that says who it is."""

    @property
    def peer_id(self) -> bytes:
        """Its peer id."""
        ...


@asynccontextmanager
async def connect_memory(
    node: NamedNode, client: bytes = b"", *, local: bool = True, limits: Limits | None = None
) -> AsyncIterator[Doors]:
    """One connection to ``node`` from an end whose peer id is ``client``."""
    async with background() as nursery:
        doors = _connected(nursery, Server(node, limits), node.peer_id, client, local)
        try:
            yield doors
        finally:
            with trio.CancelScope(shield=True):
                await doors.aclose()


class MemoryNetwork:
    """Nodes by peer id; ``reach`` connects to them. Give it a nursery to live in."""

    def __init__(self, nursery: trio.Nursery, client: bytes = b"client") -> None:
        self._nursery = nursery
        self._client = client
        self._servers: dict[bytes, Server] = {}
        self._open: dict[bytes, list[RemoteDoors]] = {}

    def add(self, node: NamedNode) -> None:
        """Let this node be reached."""
        self._servers[node.peer_id] = Server(node)

    async def remove(self, peer: bytes) -> None:
        """Take a node away: its connections end, further ones are Unreachable."""
        del self._servers[peer]
        for doors in self._open.pop(peer, []):
            await doors.aclose()

    async def reach(self, home: Home) -> Doors:
        """A fresh connection to the node of that peer id; Unreachable if it is not there."""
        await trio.lowlevel.checkpoint()
        server = self._servers.get(home.peer)
        if server is None:
            raise Unreachable("the node does not answer")
        doors = _connected(self._nursery, server, home.peer, self._client, False)
        self._open.setdefault(home.peer, []).append(doors)
        return doors


def _connected(
    nursery: trio.Nursery, server: Server, peer: bytes, client: bytes, local: bool
) -> RemoteDoors:
    far = _FarEnd(client, local)
    doors = RemoteDoors(_NearEnd(peer, far))
    nursery.start_soon(doors.run)
    nursery.start_soon(server.serve, far)
    return doors


class _FarEnd:
    """The served end of a connection."""

    def __init__(self, peer: bytes, local: bool) -> None:
        self.peer = peer
        self.local = local
        self.address = ""
        self.arriving, self._arrived = trio.open_memory_channel[_Arrival](64)
        self.streams: list[_MemoryStream] = []

    async def accept(self) -> Arrival | None:
        try:
            return await self._arrived.receive()
        except (trio.EndOfChannel, trio.ClosedResourceError):
            return None

    async def aclose(self) -> None:
        self.arriving.close()
        self._arrived.close()
        for stream in self.streams:
            stream.close()


class _NearEnd:
    """The end that dialled."""

    def __init__(self, peer: bytes, far: _FarEnd) -> None:
        self.peer = peer
        self._far = far

    async def open(self, protocol: str) -> Stream:
        near, far = _pair()
        self._far.streams += (near, far)
        try:
            await self._far.arriving.send(_Arrival(protocol, far))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise Unreachable("the connection is closed") from None
        return near

    async def aclose(self) -> None:
        await self._far.aclose()


@dataclass(frozen=True, slots=True)
class _Arrival:
    protocol: str
    stream: "_MemoryStream"

    async def agree(self, protocols: Collection[str]) -> tuple[str, Stream]:
        await trio.lowlevel.checkpoint()
        if self.protocol not in protocols:
            raise ProtocolViolation("the other side asked for a protocol that is not served")
        return self.protocol, self.stream


class _MemoryStream:
    """One end of a pair of channels."""

    def __init__(
        self, writing: trio.MemorySendChannel[bytes], reading: trio.MemoryReceiveChannel[bytes]
    ) -> None:
        self._writing = writing
        self._reading = reading

    async def receive_some(self) -> bytes:
        try:
            return await self._reading.receive()
        except trio.EndOfChannel:
            return b""
        except trio.ClosedResourceError:
            raise Unreachable("the connection is closed") from None

    async def send_all(self, data: bytes) -> None:
        try:
            await self._writing.send(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise Unreachable("the connection is closed") from None

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        self._writing.close()
        self._reading.close()


def _pair() -> tuple[_MemoryStream, _MemoryStream]:
    there_in, there_out = trio.open_memory_channel[bytes](PIECES)
    back_in, back_out = trio.open_memory_channel[bytes](PIECES)
    return _MemoryStream(there_in, back_out), _MemoryStream(back_in, there_out)
