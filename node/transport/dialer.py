"""Reaching other nodes: a fresh connection for each call of ``reach``, or Unreachable in seconds.

    async with dialing(node) as dialer:
        doors = await dialer.reach(home)

Calls leave from a libp2p identity that is made when the dialer is and known
nowhere else, never from the node's own: a home does not learn whose node asks.
The own node is reached in process. Nothing is remembered between calls, so a
node that is back is reached at once.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final, Protocol

import trio

from formats.errors import Unreachable
from formats.whereabouts import Home
from node.caller import Caller
from node.transport.addresses import Endpoint, endpoints
from node.transport.muxed import Identity, Muxed, dialled
from node.transport.remote import RemoteDoors
from node.transport.streams import Node
from node.transport.tasks import background
from protocols.services import Doors

REACH_SECONDS: Final = 8.0
"""Longest that ``reach`` takes."""

STAGGER: Final = 0.3
"""Seconds after which the next address is tried beside those that have not answered."""

AT_ONCE: Final = 8
"""Handshakes of this process at once; more of them only slow each other down."""


class OwnNode(Node, Protocol):
    """The node of this process."""

    @property
    def peer_id(self) -> bytes:
        """Its peer id."""
        ...


class Dialer:
    """A ``protocols.services.Network``. Made by ``dialing``."""

    def __init__(self, nursery: trio.Nursery, own: OwnNode | None) -> None:
        self._nursery = nursery
        self._own = own
        self._identity = Identity()
        self._handshakes = trio.CapacityLimiter(AT_ONCE)

    @property
    def peer(self) -> bytes:
        """The peer id that other nodes see: of this run only."""
        return self._identity.peer

    async def reach(self, home: Home) -> Doors:
        """A fresh connection to that node, within ``REACH_SECONDS``; else Unreachable."""
        if self._own is not None and home.peer == self._own.peer_id:
            await trio.lowlevel.checkpoint()
            return self._own.open(Caller())
        muxed = await connected(self._identity, self._handshakes, home.peer, home.addresses)
        doors = RemoteDoors(muxed)
        self._nursery.start_soon(muxed.run)
        self._nursery.start_soon(doors.run)
        return doors


@asynccontextmanager
async def dialing(own: OwnNode | None = None) -> AsyncIterator[Dialer]:
    """A dialer, whose connections last no longer than the block."""
    async with background() as nursery:
        yield Dialer(nursery, own)


async def connected(
    identity: Identity, handshakes: trio.CapacityLimiter, peer: bytes, addresses: Iterable[str]
) -> Muxed:
    """A connection to that node under one of its addresses, within ``REACH_SECONDS``.

    Else Unreachable. ``handshakes``: how many may be under way at once.
    """
    targets = endpoints(addresses)
    if not targets:
        raise Unreachable("no address is known under which the node could be reached")
    return await _Race(identity, handshakes, peer, targets).run()


class _Race:
    """Tries addresses in their order, each a little after the one before; the first wins."""

    def __init__(
        self,
        identity: Identity,
        handshakes: trio.CapacityLimiter,
        peer: bytes,
        targets: list[Endpoint],
    ) -> None:
        self._identity = identity
        self._handshakes = handshakes
        self._peer = peer
        self._targets = targets
        self._failed = [trio.Event() for _ in targets]
        self._why = "it does not answer"
        self._winner: Muxed | None = None

    async def run(self) -> Muxed:
        """The first connection that is made. Raises Unreachable."""
        try:
            with trio.move_on_after(REACH_SECONDS):
                async with trio.open_nursery() as nursery:
                    for at in range(len(self._targets)):
                        nursery.start_soon(self._attempt, at, nursery.cancel_scope)
        except BaseException:
            if self._winner is not None:
                await self._winner.aclose()
            raise
        if self._winner is None:
            raise Unreachable(f"the node cannot be reached: {self._why}")
        return self._winner

    async def _attempt(self, at: int, race: trio.CancelScope) -> None:
        if at:
            with trio.move_on_after(STAGGER * at):
                await self._failed[at - 1].wait()
        try:
            target = self._targets[at]
            stream = await trio.open_tcp_stream(target.host, target.port)
            muxed = await self._shaken(stream)
        except (OSError, ValueError):  # ValueError: a name that cannot be one, such as "a..b"
            self._failed[at].set()
        except Unreachable as error:
            self._why = error.message
            self._failed[at].set()
        else:
            await self._won(muxed, race)

    async def _shaken(self, stream: trio.SocketStream) -> Muxed:
        try:
            async with self._handshakes:
                return await dialled(stream, self._identity, self._peer)
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise

    async def _won(self, muxed: Muxed, race: trio.CancelScope) -> None:
        if self._winner is None:
            self._winner = muxed
            race.cancel()
        else:
            await muxed.aclose()
