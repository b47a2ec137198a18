"""Being called through a relay: a place at one or two relays, kept as long as it is needed.

A place lives on a connection, so it is asked for again often: that is also how we
notice within seconds that the connection is dead, because the line was cut or our
address changed, and take another one.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import trio

from formats.errors import HoldfastError, ProtocolViolation, Unreachable
from node.logs import Log
from node.peer import peer_of_address
from node.reach.circuit import relayed_by
from node.reach.helpers import KnownRelay
from node.reach.hop import HOP, RESERVE, STATUS, WORDS, Hop, Status
from node.reach.multiaddr import texts
from node.reach.telling import Telling
from node.reach.voucher import check
from node.transport.addresses import endpoint, is_loopback
from node.transport.host import Host

_log: Final = Log("relay")

MOST: Final = 2
"""Relays at which a place is kept."""

AGAIN: Final = 10.0
"""Seconds after which a place is asked for again."""

SILENT: Final = 4.0
"""Seconds without an answer after which a relay's connection is given up."""

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 60.0
"""Seconds before a relay that failed is tried again; doubled each time."""

PATIENT: Final = 2.0
"""When it has come to this, another relay is tried instead, if one is known."""

ADDRESSES_OF_RELAY: Final = 2
"""Addresses of one relay under which we let ourselves be called."""


def known_relays(addresses: Iterable[str]) -> list[KnownRelay]:
    """The relays that these name, as ``…/tcp/4061/p2p/PEER``; what names none is passed over."""
    found: dict[bytes, list[str]] = {}
    for address in addresses:
        peer, where = peer_of_address(address), address.rpartition("/p2p/")[0]
        if peer is not None and endpoint(where) is not None:
            found.setdefault(peer, []).append(where)
    return [KnownRelay(peer, tuple(where)) for peer, where in found.items()]


class Reserving:
    """Keeps places at relays. ``changed`` is called when ``addresses`` has changed."""

    def __init__(
        self,
        host: Host,
        relays: Callable[[], Sequence[KnownRelay]],
        needed: Callable[[], bool],
        changed: Callable[[], None],
    ) -> None:
        self._host = host
        self._relays = relays
        self._needed = needed
        self._changed = changed
        self._held: dict[bytes, tuple[str, ...]] = {}
        self._trying: set[bytes] = set()
        self._resting: dict[bytes, float] = {}
        self.why: dict[bytes, str] = {}
        """Of relays that gave no place: what they or the network said."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where this node can be called through relays; nowhere while none is needed."""
        if not self._needed():
            return ()
        return tuple(address for held in self._held.values() for address in held)

    @property
    def at(self) -> tuple[bytes, ...]:
        """The peer ids of the relays."""
        return tuple(self._held)

    def holds(self, relay: bytes) -> bool:
        """Whether there is a place at that relay."""
        return relay in self._held

    def rests(self, relay: bytes) -> bool:
        """Whether that node gave no place a short while ago."""
        return self._resting.get(relay, 0) > trio.current_time()

    async def run(self) -> None:
        """Keep places, until cancelled."""
        async with trio.open_nursery() as nursery:
            while True:
                for relay in self._candidates() if self._needed() else ():
                    self._trying.add(relay.peer)
                    nursery.start_soon(self._keep, relay)
                await trio.sleep(FIRST_WAIT)

    def _candidates(self) -> list[KnownRelay]:
        """Relays to begin with now: as many as are missing, none that just failed."""
        free = [each for each in self._relays() if each.peer not in self._trying]
        return [each for each in free if not self.rests(each.peer)][: MOST - len(self._trying)]

    async def _keep(self, relay: KnownRelay) -> None:
        """Have a place there as long as it is needed and given."""
        wait = FIRST_WAIT
        try:
            with self._host.peers.keeping(relay.peer):
                while self._needed():
                    wait = FIRST_WAIT if await self._asked(relay) else min(wait * 2, LONGEST_WAIT)
                    await trio.sleep(AGAIN if relay.peer in self._held else wait)
                    if wait > PATIENT and len(self._relays()) > len(self._trying):
                        self._resting[relay.peer] = trio.current_time() + LONGEST_WAIT
                        return  # somebody else may have a place
        finally:
            self._trying.discard(relay.peer)
            self._let_go(relay.peer)

    async def _asked(self, relay: KnownRelay) -> bool:
        try:
            found = await self._reserved(relay)
        except HoldfastError as error:
            self.why[relay.peer] = error.message
            _log.debug("no-place", why=type(error).__name__)
            self._let_go(relay.peer)
            await self._host.peers.drop(relay.peer)
            return False
        self.why.pop(relay.peer, None)
        if self._held.get(relay.peer) != found:
            self._held[relay.peer] = found
            self._changed()
        return True

    def _let_go(self, peer: bytes) -> None:
        if self._held.pop(peer, None) is not None:
            self._changed()

    async def _reserved(self, relay: KnownRelay) -> tuple[str, ...]:
        """Ask for a place; where we can be called by it. Raises what went wrong."""
        with trio.move_on_after(2 * SILENT):
            stream = await self._host.peers.open(relay.peer, relay.addresses, HOP)
            try:
                told = Telling(stream)
                await told.tell(Hop(RESERVE).encode())
                answer = Hop.read(await told.hear(SILENT))
            finally:
                await stream.aclose()
            return self._checked(relay, answer)
        raise Unreachable("the relay does not answer")

    def _checked(self, relay: KnownRelay, answer: Hop) -> tuple[str, ...]:
        if answer.type != STATUS:
            raise ProtocolViolation("the relay does not answer what was asked")
        if answer.status != Status.OK:
            words = {int(status): said for status, said in WORDS.items()}
            raise Unreachable(words.get(answer.status, f"the relay says {answer.status}"))
        if answer.expire <= time.time():
            raise ProtocolViolation("the relay gave a place that has run out")
        if answer.voucher:
            check(answer.voucher, relay.peer, self._host.peer, answer.expire)
        return self._named(relay, answer)

    def _named(self, relay: KnownRelay, answer: Hop) -> tuple[str, ...]:
        """By the addresses that work for us first, then by what it says of itself."""
        told = (each.partition("/p2p/")[0] for each in texts(answer.addresses, 16))
        outward = [each for each in told if _outward(each)]
        every = dict.fromkeys((*relay.addresses, *outward))
        suffix = relayed_by(relay.peer)
        return tuple(f"{each}{suffix}" for each in list(every)[:ADDRESSES_OF_RELAY])


def _outward(address: str) -> bool:
    where = endpoint(address)
    if where is None:
        return False
    try:
        return not is_loopback(where.host)
    except ValueError:
        return True  # a name
