"""Reaching other nodes: a fresh connection for each call of ``reach``, or Unreachable in seconds.

    async with dialing(node) as dialer:
        doors = await dialer.reach(home)

Calls for people leave from a libp2p identity that is made when the dialer is and
known nowhere else, never from the node's own: a home does not learn whose node asks.
Only a replica follows under its node's name (``node/following``).
The own node is reached in process. Nothing is remembered between calls, so a
node that is back is reached at once.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, Protocol

import trio

from crypto.secret import Secret
from formats.errors import HoldfastError, Unreachable
from formats.whereabouts import Home
from node.caller import Caller
from node.reach.circuit import Circuit
from node.reach.identify import observed
from node.reach.punching import taken
from node.transport.calling import AT_ONCE, Called, Calling, connected
from node.transport.muxed import Identity, Muxed, accepted
from node.transport.reading import UNREAD, Reading
from node.transport.remote import RemoteDoors
from node.transport.streams import Node
from node.transport.tasks import background, patience
from node.transport.unread import Together
from protocols.services import Doors

HOPELESS_SECONDS: Final = 300.0
"""Seconds for which no direct way to a node is looked for after one was not found."""


class OwnNode(Node, Protocol):
    """The node of this process."""

    @property
    def peer_id(self) -> bytes:
        """Its peer id."""
        ...


class Dialer:
    """A ``protocols.services.Network``. Made by ``dialing``."""

    def __init__(self, nursery: trio.Nursery, own: OwnNode | None, identity: Identity) -> None:
        self._nursery = nursery
        self._own = own
        self._identity = identity
        self._calling = Calling(self._identity, trio.CapacityLimiter(AT_ONCE), nursery)
        self._hopeless: dict[bytes, float] = {}
        self._open: dict[bytes, list[Muxed]] = {}
        self._reading = Reading(together=Together(UNREAD))
        self.nearby: Callable[[bytes], Sequence[str]] = lambda peer: ()
        """Addresses of a node on the local network, which are tried before those of its record."""

    @property
    def peer(self) -> bytes:
        """The peer id that other nodes see: of this run only, unless a key was given."""
        return self._identity.peer

    async def reach(self, home: Home) -> Doors:
        """A fresh connection to that node, within ``REACH_SECONDS``; else Unreachable."""
        if self._own is not None and home.peer == self._own.peer_id:
            await trio.lowlevel.checkpoint()
            return self._own.open(Caller())
        addresses = (*self.nearby(home.peer), *home.addresses)
        called = await connected(self._calling, home.peer, addresses)
        self._nursery.start_soon(self._carry, called.muxed)
        muxed = called.muxed if called.circuit is None else await self._direct(called)
        muxed.reading = lambda: self._reading
        doors = RemoteDoors(muxed)
        self._nursery.start_soon(doors.run)
        return doors

    def doubt(self, peer: bytes) -> None:
        """That node is elsewhere now: end the connections to it that say nothing any more."""
        for muxed in self._open.get(peer, ()):
            self._nursery.start_soon(muxed.probe)

    async def _carry(self, muxed: Muxed) -> None:
        self._open.setdefault(muxed.peer, []).append(muxed)
        try:
            await muxed.run()
        finally:
            self._open[muxed.peer].remove(muxed)
            if not self._open[muxed.peer]:
                del self._open[muxed.peer]

    async def _direct(self, called: Called) -> Muxed:
        """Instead of a call through a relay, a direct one if the NATs let us; before it is used."""
        relayed, circuit = called
        now = trio.current_time()
        self._hopeless = {peer: until for peer, until in self._hopeless.items() if until > now}
        if circuit is None or relayed.peer in self._hopeless:
            return relayed
        try:
            seen = await _seen(circuit)
            shake = partial(self._shaken, relayed.peer)
            direct = await taken(relayed, circuit.line.port_here, seen, shake)
        except BaseException:
            with patience(1):
                await relayed.aclose()
            raise
        if direct is None:
            self._hopeless[relayed.peer] = now + HOPELESS_SECONDS
            return relayed
        self._nursery.start_soon(self._carry, direct)
        await relayed.aclose()
        return direct

    async def _shaken(self, home: bytes, stream: trio.SocketStream) -> Muxed:
        """The home calls us back: in the handshake it has the part of who dials."""
        muxed = await accepted(stream, self._identity)
        if muxed.peer != home:
            await muxed.aclose()
            raise Unreachable("somebody else calls")
        return muxed


@asynccontextmanager
async def dialing(
    own: OwnNode | None = None, key: Secret | None = None, *, stock: bool = False
) -> AsyncIterator[Dialer]:
    """A dialer, whose connections last no longer than the block.

    ``key``: the seed of the node's key, for calls that are to come from the node itself.
    ``stock``: connections are cut into streams by libp2p's yamux.
    """
    async with background() as nursery:
        yield Dialer(nursery, own, Identity(key, stock=stock))


async def _seen(circuit: Circuit) -> list[str]:
    """As whom the relay sees us."""
    try:
        address = await observed(circuit.line.open)
    except HoldfastError:
        return []
    return [] if address is None else [address]
