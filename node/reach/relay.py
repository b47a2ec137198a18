"""Relaying for others: places for nodes that cannot be called, and calls to them, within limits.

    with relay.serving():
        ...

A node asks for a place on a connection it keeps; who calls it asks for it by its
peer id. What passes is encrypted from end to end. A place costs a line in a table;
a call costs what the terms say, counted for the node that is called, whoever calls.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from typing import Final

import trio

from formats.base58 import base58
from formats.errors import HoldfastError, Unreachable
from node.logs import Log
from node.reach.hop import CONNECT, HOP, RESERVE, STATUS, STOP, Hop, Limit, Status, Stop
from node.reach.multiaddr import encoded
from node.reach.telling import Telling
from node.reach.voucher import issue
from node.transport.addresses import endpoint, site_outside
from node.transport.carrier import Stream
from node.transport.handlers import Allowed
from node.transport.host import Host

_log: Final = Log("relay")

MAX_PEER: Final = 64


@dataclass(frozen=True, slots=True)
class Terms:
    """What this node does for others. Numbers, seconds, bytes."""

    places: int = 128
    places_of_site: int = 8
    """Asked for from one IPv4 address or IPv6 /64, this machine aside."""
    place_seconds: int = 3600
    calls: int = 12
    """At once, to one node."""
    calls_of_caller: int = 4
    """At once, by one peer, to all nodes."""
    call_seconds: int = 4 * 3600
    bytes_an_hour: int = 2 * 2**30
    """For one node, in both directions."""


@dataclass
class _Place:
    """A node that may be called, and what was done for it."""

    site: str
    expires: float
    calls: int = 0
    passed: int = 0
    since: float = 0.0

    def room(self, most: int, now: float) -> int:
        """Bytes that may still pass in this hour."""
        if now - self.since >= 3600:
            self.since, self.passed = now, 0
        return max(0, most - self.passed)


class Relay:
    """The relay of a node that listens."""

    def __init__(
        self, host: Host, addresses: Callable[[], tuple[str, ...]], terms: Terms | None = None
    ) -> None:
        self.terms = terms or Terms()
        self._host = host
        self._addresses = addresses
        self._places: dict[bytes, _Place] = {}
        self._callers: Counter[bytes] = Counter()

    @property
    def places(self) -> int:
        """Nodes that have a place now."""
        self._sweep()
        return len(self._places)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Relay until the block is left."""
        terms = self.terms
        allowed = Allowed(terms.places * 2, terms.calls_of_caller + 2, inf)
        with self._host.handlers.serving(HOP, self._answer, allowed):
            yield

    async def _answer(self, stream: Stream, peer: bytes, address: str) -> None:
        told = Telling(stream)
        asked = Hop.read(await told.hear())
        if asked.type == RESERVE:
            await told.tell(self._reserve(peer, address).encode())
        elif asked.type == CONNECT:
            await self._connect(told, peer, asked.peer)
        else:
            await told.tell(Hop(STATUS, status=Status.UNEXPECTED_MESSAGE).encode())

    # --- places

    def _reserve(self, peer: bytes, address: str) -> Hop:
        self._sweep()
        where = endpoint(address)
        if where is None:  # it came through a relay itself
            return Hop(STATUS, status=Status.PERMISSION_DENIED)
        place = self._places.get(peer)
        if place is None:
            of = site_outside(where.host)
            if not self._admits(of):
                return Hop(STATUS, status=Status.RESERVATION_REFUSED)
            place = self._places[peer] = _Place(of, 0)
        place.expires = trio.current_time() + self.terms.place_seconds
        return self._granted(peer)

    def _admits(self, of: str) -> bool:
        if len(self._places) >= self.terms.places:
            return False
        same = sum(place.site == of for place in self._places.values())
        return not of or same < self.terms.places_of_site

    def _granted(self, peer: bytes) -> Hop:
        expires = int(time.time()) + self.terms.place_seconds
        ours = f"/p2p/{base58(self._host.peer)}"
        found = (address for address in self._addresses() if endpoint(address) is not None)
        return Hop(
            STATUS,
            status=Status.OK,
            expire=expires,
            addresses=tuple(encoded(each.partition("/p2p/")[0] + ours for each in found)),
            voucher=issue(self._host.identity, peer, expires),
            limit=self._limit(),
        )

    def _limit(self) -> Limit:
        return Limit(self.terms.call_seconds, self.terms.bytes_an_hour)

    def _sweep(self) -> None:
        """Forget places that have run out, and those of nodes that are gone."""
        now, connected = trio.current_time(), self._host.peers.connected
        self._places = {
            peer: place
            for peer, place in self._places.items()
            if place.calls or (place.expires > now and connected(peer))
        }

    # --- calls

    async def _connect(self, told: Telling, caller: bytes, peer: bytes) -> None:
        self._sweep()
        place = self._places.get(peer) if 0 < len(peer) <= MAX_PEER else None
        refused = self._refused(place, caller)
        if place is None or refused is not None:
            await told.tell(Hop(STATUS, status=refused or Status.NO_RESERVATION).encode())
            return
        place.calls += 1
        self._callers[caller] += 1
        try:
            await self._call(told, caller, peer, place)
        finally:
            place.calls -= 1
            self._callers[caller] -= 1
            self._callers += Counter()

    def _refused(self, place: _Place | None, caller: bytes) -> Status | None:
        if place is None:
            return Status.NO_RESERVATION
        room = place.room(self.terms.bytes_an_hour, trio.current_time())
        if not room or place.calls >= self.terms.calls:
            return Status.RESOURCE_LIMIT_EXCEEDED
        if self._callers[caller] >= self.terms.calls_of_caller:
            return Status.RESOURCE_LIMIT_EXCEEDED
        return None

    async def _call(self, told: Telling, caller: bytes, peer: bytes, place: _Place) -> None:
        try:
            far = Telling(await self._host.peers.open(peer, (), STOP))
        except HoldfastError:
            await told.tell(Hop(STATUS, status=Status.CONNECTION_FAILED).encode())
            return
        try:
            await far.tell(Stop(caller, limit=self._limit()).encode())
            status = Stop.read(await far.hear()).status
            if status != Status.OK:
                await told.tell(Hop(STATUS, status=Status.CONNECTION_FAILED).encode())
                return
            await told.tell(Hop(STATUS, status=Status.OK, limit=self._limit()).encode())
            await self._pass(told, far, place)
        finally:
            await far.aclose()

    async def _pass(self, near: Telling, far: Telling, place: _Place) -> None:
        """Pass bytes both ways until one side ends, or the terms are used up."""
        with trio.move_on_after(self.terms.call_seconds):
            async with trio.open_nursery() as nursery:
                for one, other in ((near, far), (far, near)):
                    nursery.start_soon(self._pass_on, one, other, place, nursery.cancel_scope)

    async def _pass_on(
        self, one: Telling, other: Telling, place: _Place, both: trio.CancelScope
    ) -> None:
        try:
            while data := await one.receive_some():
                room = place.room(self.terms.bytes_an_hour, trio.current_time())
                if len(data) > room:
                    _log.info("limit", why="bytes")
                    break
                place.passed += len(data)
                await other.send_all(data)
        except Unreachable:
            _log.debug("call-ended")
        both.cancel()
