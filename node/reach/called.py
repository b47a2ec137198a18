"""Being called through a relay, and calling back: taking calls, and making them direct if we can.

A call through a relay is served like any other. Beside it the caller is offered a
direct connection; it is the caller's to use the one or the other.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from math import inf
from typing import Final

import trio

from formats.errors import HoldfastError
from node.logs import Log
from node.reach.circuit import relayed_by
from node.reach.hop import STOP, Status, Stop
from node.reach.identify import observed
from node.reach.punching import offered
from node.reach.telling import Telling
from node.transport.addresses import endpoint, site
from node.transport.carrier import Stream
from node.transport.handlers import Allowed
from node.transport.host import Host
from node.transport.muxed import Muxed, dialled
from node.transport.relayed import Relayed
from node.transport.tasks import background

CALLS: Final = 256
CALLS_BY_RELAY: Final = 15
"""At once. A connection has no more than 16 streams, and one is for asking for the place."""

PUNCHES: Final = 8
"""Attempts at a direct connection that are under way."""

_log: Final = Log("relay")


class Called:
    """Takes the calls that relays bring: from ``known`` ones, where we have a place."""

    def __init__(self, host: Host, known: Callable[[bytes], bool]) -> None:
        self._host = host
        self._known = known
        self._punches = trio.CapacityLimiter(PUNCHES)
        self.punched = 0
        """Direct connections that were made in place of relayed ones."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Take calls until the block is left."""
        async with background() as nursery:
            answer = partial(self._answer, nursery)
            allowed = Allowed(CALLS, CALLS_BY_RELAY, inf)
            with self._host.handlers.serving(STOP, answer, allowed):
                yield

    async def _answer(
        self, nursery: trio.Nursery, stream: Stream, relay: bytes, _address: str
    ) -> None:
        told = Telling(stream)
        asked = Stop.read(await told.hear())
        if not self._known(relay) or not asked.peer:
            await told.tell(Stop(status=Status.PERMISSION_DENIED).encode())
            return
        await told.tell(Stop(status=Status.OK).encode())

        async def beside(muxed: Muxed) -> None:
            await self._call_back(nursery, muxed, relay)

        await self._host.accept_relayed(Relayed(told, relayed_by(relay)), relay, beside)

    async def _call_back(self, nursery: trio.Nursery, relayed: Muxed, relay: bytes) -> None:
        """Offer the caller a direct connection."""
        host, caller = self._host, relayed.peer

        async def shake(stream: trio.SocketStream) -> Muxed:
            return await dialled(stream, host.identity, caller)

        async with self._punches:
            ours = await self._seen(relay)
            direct = await offered(relayed, host.peers.port_here(relay), ours, shake)
        if direct is not None:
            nursery.start_soon(self._serve, direct)

    async def _seen(self, relay: bytes) -> list[str]:
        """As whom the relay sees our line to it; nothing if it does not say."""
        try:
            seen = await observed(partial(self._host.peers.open, relay, ()))
        except HoldfastError as error:
            _log.debug("not-seen", why=type(error).__name__)
            return []
        return [] if seen is None else [seen]

    async def _serve(self, direct: Muxed) -> None:
        self.punched += 1
        where = endpoint(direct.address)
        await self._host.serve(direct, "" if where is None else site(where.host))
