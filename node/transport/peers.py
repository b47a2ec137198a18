"""Other nodes, under our own name: connections that are kept as long as they are of use.

    stream = await host.peers.open(peer, addresses, "/holdfast/kad/1.0.0")

Between nodes only: a person's calls leave from the dialer, whose identity nobody
knows. A node that is connected already, whoever dialled, is not dialled again, and
both ends of a connection serve what the node serves. Each stream that was opened
has to be closed; a connection that carries none for a while is, and so is the one
that was idle longest when there are too many.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import trio

from formats.errors import Unreachable
from node.transport.calling import AT_ONCE, Calling, connected
from node.transport.carrier import Stream
from node.transport.muxed import Identity, Muxed
from node.transport.reading import Readings
from node.transport.served import Served
from node.transport.streams import Server
from node.transport.tasks import patience


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many connections that we dialled are kept, and for how many idle seconds."""

    connections: int = 128
    idle: float = 120.0
    sweep: float = 15.0


class Peers:
    """The nodes this one is connected to. Made by ``listening``."""

    def __init__(
        self,
        nursery: trio.Nursery,
        server: Server,
        identity: Identity,
        keeping: Keeping | None = None,
        readings: Readings | None = None,
    ) -> None:
        self.readings: Final = readings or Readings()
        """How much may be unread of the connections of this node, also of those made to it."""
        self._nursery = nursery
        self._server = server
        self._identity = identity
        self._keeping = keeping or Keeping()
        self._calling = Calling(identity, trio.CapacityLimiter(AT_ONCE), nursery)
        self._lines: dict[bytes, list[_Line]] = {}
        self._kept: dict[bytes, int] = {}
        self._turns: dict[bytes, _Turn] = {}

    @property
    def dialled(self) -> int:
        """Connections there are because we made them."""
        return sum(line.ours for line in self._all())

    def connected(self, peer: bytes) -> bool:
        """Whether there is a connection to that node, whoever made it."""
        return peer in self._lines

    async def open(self, peer: bytes, addresses: Sequence[str], protocol: str) -> Stream:
        """A new stream to that node, over a connection there is, else over a fresh one.

        Raises Unreachable within seconds, and UnknownVersion if the node does not
        speak the protocol.
        """
        line = self._known(peer)
        if line is not None:
            try:
                return await _opened(line, protocol)
            except Unreachable:
                self._unlist(line)  # it had ended, and nobody had noticed
        return await _opened(await self._line(peer, addresses), protocol)

    def _known(self, peer: bytes) -> "_Line | None":
        lines = self._lines.get(peer)
        return lines[-1] if lines else None

    def port_here(self, peer: bytes) -> int:
        """Our TCP port of the connection to that node, 0 if there is none."""
        line = self._known(peer)
        return 0 if line is None else line.muxed.port_here

    async def prove(self, peer: bytes, address: str) -> None:
        """Return if that node is at that address: by a connection of its own, which is ended.

        Raises Unreachable if nobody is, or somebody else.
        """
        await (await connected(self._calling, peer, (address,))).muxed.aclose()

    def doubt(self, peer: bytes) -> None:
        """That node is elsewhere now: end the connections to it that say nothing any more."""
        for line in self._lines.get(peer, ()):
            self._nursery.start_soon(line.muxed.probe)

    async def drop(self, peer: bytes) -> None:
        """End the connections to that node, those that it made as well."""
        for line in self._lines.pop(peer, []):
            await line.muxed.aclose()

    @contextmanager
    def keeping(self, peer: bytes) -> Iterator[None]:
        """Do not close a connection to that node for being idle while the block lasts."""
        self._kept[peer] = self._kept.get(peer, 0) + 1
        try:
            yield
        finally:
            self._kept[peer] -= 1
            if not self._kept[peer]:
                del self._kept[peer]

    @contextmanager
    def arrived(self, muxed: Muxed, served: Served) -> Iterator[None]:
        """Use this connection, which the other node made, until the block is left."""
        with self._listed(_Line(muxed, served, ours=False)):
            yield

    async def sweep(self) -> None:
        """Close connections of ours that are idle, until cancelled."""
        while True:
            await trio.sleep(self._keeping.sweep)
            now = trio.current_time()
            for line in self._idle(now):
                if line.idle(now) > self._keeping.idle:
                    await line.muxed.aclose()

    def _all(self) -> list["_Line"]:
        return [line for lines in self._lines.values() for line in lines]

    def _idle(self, now: float) -> list["_Line"]:
        """Those that may be closed, the longest idle first."""
        free = [
            line
            for line in self._all()
            if line.ours and line.idle(now) > 0 and line.muxed.peer not in self._kept
        ]
        return sorted(free, key=lambda line: -line.idle(now))

    async def _line(self, peer: bytes, addresses: Sequence[str]) -> "_Line":
        """The connection to use; whoever else wants one to the same node waits for the same."""
        if peer == self._identity.peer:
            raise Unreachable("that is this node itself")
        turn = self._turns.setdefault(peer, _Turn())
        turn.waiting += 1
        try:
            async with turn.lock:
                return self._known(peer) or await self._dialled(peer, addresses)
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._turns[peer]

    async def _dialled(self, peer: bytes, addresses: Sequence[str]) -> "_Line":
        await self._make_place()
        muxed = (await connected(self._calling, peer, addresses)).muxed
        muxed.reading = lambda: self.readings.ours
        line = _Line(muxed, Served(), ours=True)
        self._nursery.start_soon(self._carry, line)
        self._lines.setdefault(peer, []).append(line)
        return line

    async def _make_place(self) -> None:
        if self.dialled < self._keeping.connections:
            return
        idle = self._idle(trio.current_time())
        if not idle:
            raise Unreachable("as many other nodes are connected as this one allows")
        await idle[0].muxed.aclose()
        self._unlist(idle[0])

    async def _carry(self, line: "_Line") -> None:
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(line.muxed.run)
                await self._server.serve(line.muxed, line.served)
                nursery.cancel_scope.cancel()
        finally:
            self._unlist(line)
            with patience(1):
                await line.muxed.aclose()

    @contextmanager
    def _listed(self, line: "_Line") -> Iterator[None]:
        self._lines.setdefault(line.muxed.peer, []).append(line)
        try:
            yield
        finally:
            self._unlist(line)

    def _unlist(self, line: "_Line") -> None:
        lines = self._lines.get(line.muxed.peer, [])
        if line in lines:
            lines.remove(line)
        if not lines:
            self._lines.pop(line.muxed.peer, None)


class _Turn:
    """Who asks for a connection to one node, one after the other."""

    def __init__(self) -> None:
        self.lock = trio.Lock()
        self.waiting = 0


class _Line:
    """One connection, and the streams that were opened on it from here."""

    def __init__(self, muxed: Muxed, served: Served, *, ours: bool) -> None:
        self.muxed = muxed
        self.ours = ours
        self.served = served
        self.streams = 0
        self._last = trio.current_time()

    def let_go(self) -> None:
        self.streams -= 1
        self._last = trio.current_time()

    def idle(self, now: float) -> float:
        """Seconds without a stream in either direction; 0 while there is one."""
        return 0.0 if self.streams else min(now - self._last, self.served.idle(now))


async def _opened(line: _Line, protocol: str) -> Stream:
    line.streams += 1
    try:
        stream = await line.muxed.open(protocol)
    except BaseException:
        line.let_go()
        raise
    return _Counted(stream, line)


class _Counted:
    """A stream that its connection knows of until it is closed."""

    def __init__(self, stream: Stream, line: _Line) -> None:
        self._stream = stream
        self._line: _Line | None = line

    async def receive_some(self) -> bytes:
        return await self._stream.receive_some()

    async def send_all(self, data: bytes) -> None:
        await self._stream.send_all(data)

    async def aclose(self) -> None:
        line, self._line = self._line, None
        try:
            await self._stream.aclose()
        finally:
            if line is not None:
                line.let_go()
