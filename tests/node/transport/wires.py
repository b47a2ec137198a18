"""Two ends of a muxed connection over memory, with ciphers that only count."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio
import trio.testing

from formats.errors import Unreachable
from node.transport.muxer import Muxer
from node.transport.noise import Session


class Counting:
    """Seals with a number, so that what is lost, doubled or out of order does not open."""

    def __init__(self) -> None:
        self.out = self.into = 0

    def encrypt(self, data: bytes) -> bytes:
        self.out += 1
        return self.out.to_bytes(16, "big") + data

    def decrypt(self, data: bytes) -> bytes:
        self.into += 1
        assert int.from_bytes(data[:16], "big") == self.into
        return data[16:]


@dataclass
class MemoryWire:
    """One end of a wire of memory. ``deaf``: it gives nothing that arrives any more."""

    stream: trio.StapledStream
    is_initiator: bool
    local: bool = True
    port_here: int = 1
    address: str = "/ip4/127.0.0.1/tcp/1"
    closed: bool = False
    deaf: bool = False
    stuck: bool = False
    sent: list[int] = field(default_factory=list)

    async def receive_some(self, most: int = 256 * 1024) -> bytes:
        try:
            data = await self.stream.receive_some(most)
        except (trio.ClosedResourceError, trio.BrokenResourceError):
            raise Unreachable("closed") from None
        if self.deaf:
            await trio.sleep_forever()
        return bytes(data)

    async def send_all(self, data: bytes) -> None:
        if self.stuck:
            await trio.sleep_forever()
        self.sent.append(len(data))
        try:
            await self.stream.send_all(data)
        except (trio.ClosedResourceError, trio.BrokenResourceError):
            raise Unreachable("closed") from None

    async def close(self) -> None:
        self.closed = True
        await trio.aclose_forcefully(self.stream)


@dataclass
class Joined:
    """Both ends, running."""

    near: Muxer
    far: Muxer
    near_wire: MemoryWire
    far_wire: MemoryWire
    nursery: trio.Nursery


@asynccontextmanager
async def joined() -> AsyncIterator[Joined]:
    one, other = trio.testing.memory_stream_pair()
    near_wire, far_wire = MemoryWire(one, True), MemoryWire(other, False)
    near = Muxer(near_wire, Session(near_wire, Counting()), b"far")
    far = Muxer(far_wire, Session(far_wire, Counting()), b"near")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(near.run)
        nursery.start_soon(far.run)
        yield Joined(near, far, near_wire, far_wire, nursery)
        nursery.cancel_scope.cancel()
