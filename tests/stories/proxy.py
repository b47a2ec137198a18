"""A TCP proxy between two nodes that writes down every byte that passes, in both directions.

It stands where a listener on the cable would. A node announces the proxy's
addresses and no others: as many as an announcement holds, so that the node's own
do not fit (``node.build.MAX_ADDRESSES``), and nobody can go past it.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import BinaryIO, Final

import trio

PIECE: Final = 256 * 1024


@dataclass(slots=True)
class Line:
    """One connection: who called, as ``Proxy.knows`` has it; bytes that went to the node."""

    caller: str
    sent: int = 0
    open: trio.CancelScope = field(default_factory=trio.CancelScope)


@dataclass(slots=True)
class Proxy:
    """``addresses`` to announce; counts of what passed so far.

    ``knows``: says by the port that a call comes from who calls; asked before anything passes.
    """

    folder: Path
    addresses: tuple[str, ...] = ()
    bytes: int = 0
    lines: list[Line] = field(default_factory=list)
    knows: Callable[[int], str] = lambda _port: ""
    stopped: str = ""
    """Who called on the connection that ``hold`` stopped first."""
    _held_from: float = inf
    _held: trio.Event = field(default_factory=trio.Event)
    _let_go: trio.Event = field(default_factory=trio.Event)

    @classmethod
    def into(cls, folder: Path) -> "Proxy":
        """A proxy that writes to a new folder."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder)

    async def carry(self, near: trio.SocketStream, host: str, port: int) -> None:
        """One connection, to the node and back."""
        line = Line(self.knows(near.socket.getpeername()[1]))
        self.lines.append(line)
        number = self.connections
        try:
            far = await trio.open_tcp_stream(host, port)
        except OSError:
            await trio.aclose_forcefully(near)  # the node is down: so is its address
            return
        with (
            (self.folder / f"{number:05}-to-the-node").open("wb") as there,
            (self.folder / f"{number:05}-from-the-node").open("wb") as back,
        ):
            async with near, far, trio.open_nursery() as nursery:
                line.open = nursery.cancel_scope
                nursery.start_soon(self._copy, near, far, there, line, True)
                nursery.start_soon(self._copy, far, near, back, line, False)

    @property
    def connections(self) -> int:
        """How many there were so far."""
        return len(self.lines)

    def sent(self, caller: str) -> int:
        """Bytes that somebody sent to the node so far, on all their connections."""
        return sum(line.sent for line in self.lines if line.caller == caller)

    def cut(self, caller: str) -> None:
        """Close what somebody has open to the node; what is held of it never arrives."""
        for line in self.lines:
            if line.caller == caller:
                line.open.cancel()

    async def hold(self, after: int) -> None:
        """Stop everything once so many more bytes have passed; return when that is so."""
        self._held, self._let_go = trio.Event(), trio.Event()
        self._held_from = self.bytes + after
        await self._held.wait()

    def let_go(self) -> None:
        """Let everything pass again."""
        self._held_from = inf
        self._let_go.set()

    async def _copy(
        self,
        source: trio.SocketStream,
        sink: trio.SocketStream,
        record: BinaryIO,
        line: Line,
        to_node: bool,
    ) -> None:
        try:
            async for data in source:
                record.write(data)
                self.bytes += len(data)
                line.sent += len(data) if to_node else 0
                if self.bytes >= self._held_from:
                    self.stopped = self.stopped if self._held.is_set() else line.caller
                    self._held.set()
                    await self._let_go.wait()
                await sink.send_all(data)
            await sink.send_eof()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            line.open.cancel()  # one end is gone: the other shall notice


@asynccontextmanager
async def proxy(folder: Path, host: str, port: int, addresses: int) -> AsyncIterator[Proxy]:
    """A proxy to ``host:port`` on that many ports of loopback, as long as the block lasts."""
    made = Proxy.into(folder)

    async def carry(stream: trio.SocketStream) -> None:
        await made.carry(stream, host, port)

    async with trio.open_nursery() as nursery:
        ports: list[int] = []
        for _ in range(addresses):
            (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
            ports.append(listener.socket.getsockname()[1])
            nursery.start_soon(trio.serve_listeners, carry, [listener])
        made.addresses = tuple(f"/ip4/127.0.0.1/tcp/{each}" for each in ports)
        yield made
        nursery.cancel_scope.cancel()
