"""A connection to a node under one of its addresses: they are raced, and relays come last."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import trio

from formats.errors import Unreachable
from node.reach.circuit import Circuit, call
from node.transport.addresses import Endpoint, Target, targets
from node.transport.muxed import Identity, Muxed, dialled
from node.transport.tcp import connect

CONNECT_SECONDS: Final = 8.0
"""Longest until some machine answers at an address. Who answers nowhere is Unreachable then."""

SHAKE_SECONDS: Final = 10.0
"""Longest that whoever answers may take to show that it is the one."""

REACH_SECONDS: Final = 20.0
"""Longest that making a connection takes in all: over a slow line, by a relay, it is ten rounds."""

STAGGER: Final = 0.3
"""Seconds after which the next address is tried beside those that have not answered."""

AT_ONCE: Final = 8
"""Handshakes of this process at once; more of them only slow each other down."""


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
            return Called(await self._shaken(await _connected(target), peer), None)
        stream = await _connected(target.relay)
        circuit = await call(stream, calling.identity, target.peer, peer, calling.nursery)
        return Called(await self._shaken(circuit, peer), circuit)

    async def _shaken(self, stream: trio.SocketStream | Circuit, peer: bytes) -> Muxed:
        try:
            async with self._calling.handshakes:
                with trio.move_on_after(SHAKE_SECONDS):
                    return await dialled(stream, self._calling.identity, peer)
            raise Unreachable("it answers, and then says nothing")
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise

    async def _won(self, called: Called, race: trio.CancelScope) -> None:
        if self._winner is None:
            self._winner = called
            race.cancel()
        else:
            await called.muxed.aclose()


async def _connected(to: Endpoint) -> trio.SocketStream:
    with trio.move_on_after(CONNECT_SECONDS):
        return await connect(to)
    raise OSError("nobody answers")
