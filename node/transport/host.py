"""The listener: accepts connections from other nodes, within limits, and serves them.

    async with listening(node, node.key, ["0.0.0.0"], 4061) as host:
        host.addresses                        # ('/ip4/192.168.1.5/tcp/4061', …)

What a stranger costs before saying who they are is bounded: handshakes at once and a
second, in all and for each address, and ten seconds each. Who says nothing makes
way when others come, and so do connections that have proven nothing and ask nothing.
"""

import errno
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import trio

from crypto.secret import Secret
from formats.errors import BadConfig, Unreachable
from node.counts import Counts
from node.logs import Log
from node.transport.accepting import accepting
from node.transport.addresses import (
    endpoint,
    multiaddress,
    names_loopback,
    reachable,
    site_outside,
    through,
)
from node.transport.costs import Limits
from node.transport.handlers import Handlers
from node.transport.lobby import Lobby
from node.transport.muxed import Identity, Muxed, accepted
from node.transport.peers import Peers
from node.transport.reading import UNREAD, Reading, Readings
from node.transport.relayed import Relayed
from node.transport.served import Served, knows
from node.transport.streams import Node, Server
from node.transport.tasks import background, patience

HANDSHAKE: Final = 8
"""Turns that one takes: they are the dearest that a stranger can ask for."""
ANY: Final = ("0.0.0.0", "::")
NO_SUCH_FAMILY: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
"""What a machine without IPv6, or without IPv4, answers to who listens on any address of it."""

READS: Final = 4
"""Readings of a stranger's connection that take one turn together."""

_log: Final = Log("transport")


@dataclass(frozen=True, slots=True)
class Doorway:
    """How many may come in, and how. Connections, and seconds."""

    connections: int = 512
    connections_of_site: int = 64
    """From one IPv4 address or one IPv6 /64, this machine aside."""
    handshakes: int = 128
    handshakes_of_site: int = 16
    handshake_seconds: float = 10.0
    sheltered: float = 2.0
    """Seconds that a handshake may take even when others find no place for it."""
    idle_stranger: float = 600.0
    """After which a connection that has proven nothing is closed."""
    idle_known: float = 24 * 3600.0
    """After which any other is."""
    idle_crowded: float = 30.0
    """Instead of both, for strangers, while three quarters of all places are taken."""
    idle_full: float = 5.0
    """After which one of a stranger ends when somebody new finds no place."""
    sweep: float = 10.0
    unread: int = UNREAD
    """Bytes of all connections that arrived and nobody has taken."""
    stock: bool = False
    """Whether connections are cut into streams by libp2p's yamux; from the start, or not at all."""


class Host:
    """A node that listens."""

    def __init__(
        self,
        server: Server,
        identity: Identity,
        doorway: Doorway,
        peers: Peers,
        hosts: Sequence[str] = (),
    ) -> None:
        self.peer: Final = identity.peer
        self.doorway = doorway
        """Changed by ``renew``; who is in stays."""
        self.addresses: tuple[str, ...] = ()
        """Where it may be reached, as multiaddresses: outward ones first, then loopback."""
        self.port = 0
        self.peers: Final = peers
        """Other nodes, dialled under this node's own name."""
        self._server = server
        self._identity = identity
        self.hosts: Final = hosts
        """The IP addresses that it listens on."""
        self.moved = trio.Event()
        """Set, and replaced, when this machine's addresses have changed."""
        self._lobby = Lobby()
        self._connected: Counter[str] = Counter()
        self._open: dict[Served, trio.CancelScope] = {}

    def renew(self, doorway: Doorway, limits: Limits) -> None:
        """Admit and serve by these from now on; connections there are keep what they have."""
        self.doorway = doorway
        self._server.shared.renew(limits)
        self.peers.readings.share_out(doorway.unread)

    @property
    def identity(self) -> Identity:
        """Who this node is to others."""
        return self._identity

    @property
    def handlers(self) -> Handlers:
        """What is served besides the doors, on connections in both directions."""
        return self._server.handlers

    def look(self) -> bool:
        """Find out again where this machine is; whether that has changed."""
        found = [multiaddress(ip, self.port) for each in self.hosts for ip in reachable(each)]
        before, self.addresses = (
            self.addresses,
            tuple(sorted(dict.fromkeys(found), key=names_loopback)),
        )
        if self.addresses == before:
            return False
        self.moved.set()
        self.moved = trio.Event()
        return True

    @property
    def connections(self) -> int:
        """Connections that are served now."""
        return len(self._open)

    def is_welcome(self, host: str) -> bool:
        """Whether a socket from this IP address is worth a look: its site has places left."""
        place = site_outside(host)
        most, sheltered = self.doorway.handshakes_of_site, self.doorway.sheltered
        if self._connects(place) and not self._lobby.is_shut(place, most, sheltered):
            return True
        self._server.counts.turned_away += 1
        return False

    async def turn(self, address: str) -> None:
        """Return when it is the turn of a stranger at this multiaddress to ask for something."""
        await self._server.shared.strangers_turns.wait(place_of(address))

    async def accept(self, stream: trio.SocketStream) -> None:
        """Serve whoever is at the other end of this socket. Raises nothing."""
        try:
            host = str(stream.socket.getpeername()[0])
        except OSError:
            await trio.aclose_forcefully(stream)
            return
        await self._admit(stream, site_outside(host))

    async def accept_relayed(
        self, stream: Relayed, relay: bytes, beside: Callable[[Muxed], Awaitable[None]]
    ) -> None:
        """Serve whoever calls through a relay. All who come by one count as one place.

        ``beside`` is called with the connection, as a task of its own.
        """
        muxed = await self._shaken(stream, relay.hex())
        if muxed is not None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(beside, muxed)
                await self.serve(muxed, relay.hex())
                nursery.cancel_scope.cancel()

    async def _admit(self, stream: trio.SocketStream, place: str) -> None:
        muxed = await self._shaken(stream, place)
        if muxed is not None:
            await self.serve(muxed, place)

    async def _shaken(self, stream: trio.SocketStream | Relayed, place: str) -> Muxed | None:
        """The connection, None if there is no place for it or the handshake fails."""
        muxed = None
        if self._admits(place):
            with self._shaking(place) as scope:
                if scope is not None:
                    muxed = await self._secured(stream, place)
        if muxed is None:
            self._server.counts.turned_away += 1
            await trio.aclose_forcefully(stream)
        return muxed

    def _shaking(self, place: str) -> AbstractContextManager[trio.CancelScope | None]:
        return self._lobby.place(
            place,
            most=self.doorway.handshakes,
            most_of_one=self.doorway.handshakes_of_site,
            sheltered=self.doorway.sheltered,
            seconds=self.doorway.handshake_seconds,
        )

    async def _secured(self, stream: trio.SocketStream | Relayed, place: str) -> Muxed | None:
        await self._server.shared.strangers_turns.wait(place, HANDSHAKE)
        try:
            return await accepted(stream, self._identity)
        except Unreachable as error:
            _log.debug("refused", why=type(error).__name__)
            return None

    def _admits(self, place: str) -> bool:
        if len(self._open) >= self.doorway.connections:
            self._make_place()
        if len(self._open) >= self.doorway.connections:
            return False
        return self._connects(place)

    def _connects(self, place: str) -> bool:
        return not place or self._connected[place] < self.doorway.connections_of_site

    def _make_place(self) -> None:
        """End the connection of a stranger that has asked nothing for longest, if it is long."""
        now = trio.current_time()
        strangers = [each for each in self._open if not _known(each)]
        idle = max(strangers, key=lambda each: each.idle(now), default=None)
        if idle is not None and idle.idle(now) > self.doorway.idle_full:
            self._open.pop(idle).cancel()

    async def serve(self, muxed: Muxed, place: str) -> None:
        """Serve a connection until it ends. ``place``: whom it counts for."""
        served, counts = Served(place), self._server.counts
        counts.arrived += 1
        counts.connected += 1
        muxed.reading = partial(self._reading, served)
        muxed.turn = partial(self._turn_to_read, served)
        self._connected[place] += 1
        try:
            async with trio.open_nursery() as nursery:
                self._open[served] = nursery.cancel_scope
                nursery.start_soon(muxed.run)
                with self.peers.arrived(muxed, served):
                    await self._server.serve(muxed, served)
                nursery.cancel_scope.cancel()
        finally:
            self._open.pop(served, None)
            counts.connected -= 1
            self._connected[place] -= 1
            self._connected += Counter()
            with patience(1):
                await muxed.aclose()

    async def _turn_to_read(self, served: Served) -> None:
        """Return when a connection may be read once more: small pieces cost more than bytes do."""
        served.reads += 1
        if served.reads % READS == 0 and not _known(served):
            await self._server.shared.strangers_turns.wait(served.site)

    async def sweep(self) -> None:
        """Close idle connections, until cancelled."""
        while True:
            await trio.sleep(self.doorway.sweep)
            now = trio.current_time()
            crowded = len(self._open) * 4 >= self.doorway.connections * 3
            for served, scope in list(self._open.items()):
                if served.idle(now) > self._patience(served, crowded):
                    scope.cancel()

    def _reading(self, served: Served) -> Reading:
        readings = self.peers.readings
        return readings.known if _known(served) else readings.strangers

    def _patience(self, served: Served, crowded: bool) -> float:
        if _known(served):
            return self.doorway.idle_known
        return self.doorway.idle_crowded if crowded else self.doorway.idle_stranger


@asynccontextmanager
async def listening(
    node: Node,
    key: Secret,
    hosts: Sequence[str],
    port: int,
    *,
    doorway: Doorway | None = None,
    limits: Limits | None = None,
    counts: Counts | None = None,
) -> AsyncIterator[Host]:
    """Listen on these IP addresses and serve ``node`` until the block is left.

    ``key``: the seed of the node's Ed25519 key. ``port`` 0 takes a free one, the same
    on all addresses. ``0.0.0.0`` and ``::`` are left out on a machine without that family,
    if there is another. Raises BadConfig when an address or the port cannot be had.
    """
    doorway = doorway or Doorway()
    server, identity = Server(node, limits, counts), Identity(key, stock=doorway.stock)
    bound = await _bound(hosts, port)
    listeners = [listener for _, listener in bound]
    async with background() as nursery:
        peers = Peers(nursery, server, identity, readings=Readings(doorway.unread))
        host = Host(server, identity, doorway, peers, [each for each, _ in bound])
        host.port = int(listeners[0].socket.getsockname()[1])
        host.look()
        nursery.start_soon(host.sweep)
        nursery.start_soon(host.peers.sweep)
        for listener in listeners:
            nursery.start_soon(accepting, listener, host.is_welcome, host.accept)
        yield host


def place_of(address: str) -> str:
    """For whom a connection from this multiaddress counts: its site, or the relay it came by."""
    relay, direct = through(address), endpoint(address)
    if relay is not None:
        return relay.peer.hex()
    return "" if direct is None else site_outside(direct.host)


def _known(served: Served) -> bool:
    return served.caller is not None and knows(served.caller)


async def _bound(hosts: Sequence[str], port: int) -> list[tuple[str, trio.SocketListener]]:
    """Addresses and listening sockets, all of one port."""
    bound: list[tuple[str, trio.SocketListener]] = []
    left_out: BadConfig | None = None
    for host in hosts:
        try:
            more = await trio.open_tcp_listeners(port, host=host)
        except OSError as error:
            why = "is taken" if error.errno == errno.EADDRINUSE else "cannot be listened on"
            refused = BadConfig(f"port {port} {why} ({host})")
            if host in ANY and error.errno in NO_SUCH_FAMILY:
                left_out = refused
                continue
            await _closed(bound)
            raise refused from None
        bound += [(host, listener) for listener in more]
        port = port or int(more[0].socket.getsockname()[1])
    if not bound and left_out is not None:
        raise left_out
    return bound


async def _closed(bound: Sequence[tuple[str, trio.SocketListener]]) -> None:
    for _, listener in bound:
        await listener.aclose()
