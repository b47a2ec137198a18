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
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import trio

from formats.errors import Unreachable
from formats.whereabouts import Home
from node.caller import Caller
from node.reach.circuit import Circuit, call
from node.transport.addresses import Endpoint, Target, targets
from node.transport.muxed import Identity, Muxed, dialled
from node.transport.remote import RemoteDoors
from node.transport.streams import Node
from node.transport.tasks import background
from node.transport.tcp import connect
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
        calling = Calling(self._identity, self._handshakes, self._nursery)
        muxed = (await connected(calling, home.peer, home.addresses)).muxed
        doors = RemoteDoors(muxed)
        self._nursery.start_soon(muxed.run)
        self._nursery.start_soon(doors.run)
        return doors


@asynccontextmanager
async def dialing(own: OwnNode | None = None) -> AsyncIterator[Dialer]:
    """A dialer, whose connections last no longer than the block."""
    async with background() as nursery:
        yield Dialer(nursery, own)


@dataclass(frozen=True, slots=True)
class Calling:
    """Who calls, how many handshakes may be under way at once, and where lines to relays run."""

    identity: Identity
    handshakes: trio.CapacityLimiter
    nursery: trio.Nursery


class Called(NamedTuple):
    """A connection that was made. ``circuit``: what carries it, if that is a relay."""

    muxed: Muxed
    circuit: Circuit | None


async def connected(calling: Calling, peer: bytes, addresses: Iterable[str]) -> Called:
    """A connection to that node under one of its addresses, within ``REACH_SECONDS``.

    Else Unreachable. Relays are tried after everything else.
    """
    found = targets(addresses)
    if not found:
        raise Unreachable("no address is known under which the node could be reached")
    return await _Race(calling, peer, found).run()


class _Race:
    """Tries addresses in their order, each a little after the one before; the first wins."""

    def __init__(self, calling: Calling, peer: bytes, targets: list[Target]) -> None:
        self._calling = calling
        self._peer = peer
        self._targets = targets
        self._failed = [trio.Event() for _ in targets]
        self._why = "it does not answer"
        self._winner: Called | None = None

    async def run(self) -> Called:
        """The first connection that is made. Raises Unreachable."""
        try:
            with trio.move_on_after(REACH_SECONDS):
                async with trio.open_nursery() as nursery:
                    for at in range(len(self._targets)):
                        nursery.start_soon(self._attempt, at, nursery.cancel_scope)
        except BaseException:
            if self._winner is not None:
                await self._winner.muxed.aclose()
            raise
        if self._winner is None:
            raise Unreachable(f"the node cannot be reached: {self._why}")
        return self._winner

    async def _attempt(self, at: int, race: trio.CancelScope) -> None:
        if at:
            with trio.move_on_after(STAGGER * at):
                await self._failed[at - 1].wait()
        try:
            called = await self._call(self._targets[at])
        except (OSError, ValueError):  # ValueError: a name that cannot be one, such as "a..b"
            self._failed[at].set()
        except Unreachable as error:
            self._why = error.message
            self._failed[at].set()
        else:
            await self._won(called, race)

    async def _call(self, target: Target) -> Called:
        calling, peer = self._calling, self._peer
        if isinstance(target, Endpoint):
            return Called(await self._shaken(await connect(target), peer), None)
        stream = await connect(target.relay)
        circuit = await call(stream, calling.identity, target.peer, peer, calling.nursery)
        return Called(await self._shaken(circuit, peer), circuit)

    async def _shaken(self, stream: trio.SocketStream | Circuit, peer: bytes) -> Muxed:
        try:
            async with self._calling.handshakes:
                return await dialled(stream, self._calling.identity, peer)
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise

    async def _won(self, called: Called, race: trio.CancelScope) -> None:
        if self._winner is None:
            self._winner = called
            race.cancel()
        else:
            await called.muxed.aclose()
