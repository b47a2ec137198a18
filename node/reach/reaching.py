"""How a node can be reached, found out and kept up to date as long as it runs.

    async with reaching(host, settings, announced, tell) as reach:
        await reach.settled(3)
        reach.standing, reach.addresses()

It asks the nodes it knows to call it. If they can, those addresses are told to everybody;
if they cannot, it keeps a place at one or two of them and is called through those. When
this machine's address, the router's or a relay changes, so do the addresses, and ``tell``
is called with the new ones.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

import trio

from formats.errors import HoldfastError
from node.logs import Log
from node.network import Network
from node.reach.autonat import Answer, CallingBack, ask
from node.reach.called import Called
from node.reach.gateway import Gateway, default_gateway
from node.reach.helpers import Helpers, KnownRelay
from node.reach.identify import identifying, observed
from node.reach.relay import Relay, Terms
from node.reach.reserving import Reserving, known_relays
from node.transport.addresses import endpoint, multiaddress, names_loopback
from node.transport.host import Host
from node.transport.tasks import background

_log: Final = Log("reach")

LOOK: Final = 2.0
"""Seconds between looks at this machine's own addresses, which cost next to nothing."""

AGAIN: Final = {"unknown": 5.0, "private": 60.0, "public": 120.0}
"""Seconds after which others are asked again, by how we stand (not known: if none answers)."""

ASKED: Final = 3
"""Nodes that are asked."""

ASK_SECONDS: Final = 15.0


class Standing(StrEnum):
    """Whether others can call this node."""

    UNKNOWN = "unknown"
    PUBLIC = "public"
    PRIVATE = "private"


_TRIED: Final = (Answer.OK, Answer.DIAL_ERROR)

AGREEING: Final = 2
"""Nodes that the settings do not name who have to agree that we can be called."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one node says: as whom it sees us, and where it could call us."""

    named: bool
    """Whether the settings name it: then it is believed."""
    seen: str = ""
    answer: Answer | None = None
    reached: str = ""


class Reaching:
    """Made by ``reaching``."""

    def __init__(
        self,
        host: Host,
        settings: Network,
        announced: Sequence[str],
        tell: Callable[[tuple[str, ...]], None],
        known: Callable[[], Iterable[KnownRelay]] = tuple,
    ) -> None:
        self.host: Final = host
        self.standing = Standing.UNKNOWN
        self.reached: tuple[str, ...] = ()
        """Addresses at which others called us."""
        self.seen: tuple[str, ...] = ()
        """As whom they see what we send."""
        self.reserving: Final = Reserving(host, self.helpers, self._needs_relay, self._changed)
        self.called: Final = Called(host, self.reserving.holds)
        terms = Terms(places=settings.relay_places, bytes_an_hour=settings.relay_an_hour)
        self.relay: Final = Relay(host, self.addresses, terms)
        self.gateway: Final = Gateway(lambda: host.port, self._look_again, self._router)
        self._again = True
        named = known_relays((*settings.relays, *settings.bootstrap))
        self._helpers: Final = Helpers(host.peer, named, known, self.reserving.rests)
        self._announced: Final = tuple(announced)
        self._tell: Final = tell
        self._told: tuple[str, ...] = ()
        self._asked = trio.Event()
        self._more = trio.Event()

    def helpers(self) -> list[KnownRelay]:
        """Nodes that may be asked to call us, and to relay for us."""
        return self._helpers.all()

    def addresses(self) -> tuple[str, ...]:
        """Where to reach this node, the best first: direct, by relay, on this machine."""
        ours = self.host.addresses
        outward = [each for each in ours if not names_loopback(each)]
        local = [each for each in ours if names_loopback(each)]
        return tuple(dict.fromkeys((*self.reached, *outward, *self.reserving.addresses, *local)))

    async def settled(self, seconds: float) -> None:
        """Return when it is known how we can be reached, or after so long."""
        with trio.move_on_after(seconds if self.helpers() else 0):
            await self._asked.wait()
            while self._needs_relay() and not self.reserving.addresses:
                await self._more.wait()

    async def run(self) -> None:
        """Keep finding out, until cancelled."""
        due = trio.current_time()
        while True:
            if self.host.look():
                self.standing, self.reached = Standing.UNKNOWN, ()
                self.gateway.look_again()
                self._look_again()
                self._changed()
            if self._again or trio.current_time() >= due:
                self._again = False
                answered = await self._ask()
                patient = answered and self.standing is Standing.UNKNOWN
                again = AGAIN[Standing.PRIVATE if patient else self.standing]
                due = trio.current_time() + again
            await trio.sleep(LOOK)

    def _router(self) -> str | None:
        """Who could let calls in; nobody, if we listen to this machine alone."""
        return None if all(map(names_loopback, self.host.addresses)) else default_gateway()

    def _look_again(self) -> None:
        """Something is new that others may be asked about."""
        self._again = True

    def _needs_relay(self) -> bool:
        return self.standing is not Standing.PUBLIC

    def _changed(self) -> None:
        """Tell what is new, and wake who waits for it."""
        addresses = self.addresses()
        if addresses != self._told:
            self._told = addresses
            self._tell(addresses)
        self._more.set()
        self._more = trio.Event()

    async def _ask(self) -> bool:
        """Have others call us, all at once; whether anybody answered."""
        found: list[_Finding] = []
        silent: list[bytes] = []
        self._helpers.choose()
        async with trio.open_nursery() as nursery:
            for helper in self.helpers()[:ASKED]:
                nursery.start_soon(self._ask_one, helper, found, silent)
        self._helpers.heard(silent)
        self.seen = tuple(dict.fromkeys(each.seen for each in found if each.seen))
        self.reached = _reached(found)
        before, self.standing = self.standing, _standing(found)
        if before is Standing.PUBLIC and self.standing is not before:
            self.gateway.look_again()  # it may have been started again, and forgotten us
        _log.debug("standing", is_=str(self.standing))
        self._asked.set()
        self._changed()
        return any(each.answer is not None for each in found)

    async def _ask_one(
        self, helper: KnownRelay, found: list[_Finding], silent: list[bytes]
    ) -> None:
        seen, answer, reached = "", None, ""
        with trio.move_on_after(ASK_SECONDS):
            try:
                opened = partial(self.host.peers.open, helper.peer, helper.addresses)
                seen = await observed(opened) or ""
                possible = self._possible(seen)
                answer, reached = await ask(self.host, helper.peer, possible)
                reached = reached if reached in possible else ""
            except HoldfastError as error:
                _log.debug("not-asked", why=type(error).__name__)
        if answer is None:
            silent.append(helper.peer)
        found.append(_Finding(self._helpers.is_named(helper.peer), seen, answer, reached))

    def _possible(self, seen: str) -> list[str]:
        """Addresses at which somebody who sees us there might call us."""
        where = endpoint(seen)
        ours = [] if where is None else [multiaddress(where.host, self.host.port)]
        mapped = [self.gateway.address] if self.gateway.address else []
        return list(dict.fromkeys((*self._announced, *mapped, *ours)))


def _standing(found: Sequence[_Finding]) -> Standing:
    """Whom the settings name is believed. Of strangers two must agree, and be the majority."""
    named = [each.answer for each in found if each.named and each.answer in _TRIED]
    answers = named or [each.answer for each in found if each.answer in _TRIED]
    worked = answers.count(Answer.OK)
    failed = len(answers) - worked
    if worked and (named or worked >= max(AGREEING, failed + 1)):
        return Standing.PUBLIC
    return Standing.PRIVATE if failed else Standing.UNKNOWN


def _reached(found: Sequence[_Finding]) -> tuple[str, ...]:
    """Where we were called, by the word of a named node or of strangers who agree."""
    counts = Counter(each.reached for each in found if each.reached)
    named = {each.reached for each in found if each.named}
    return tuple(each for each in counts if each in named or counts[each] >= AGREEING)


@asynccontextmanager
async def reaching(
    host: Host,
    settings: Network,
    announced: Sequence[str],
    tell: Callable[[tuple[str, ...]], None],
    known: Callable[[], Iterable[KnownRelay]] = tuple,
) -> AsyncIterator[Reaching]:
    """Do all of it for a node that listens, until the block is left.

    ``known``: nodes that may be asked for help besides those of the settings.
    """
    reach = Reaching(host, settings, announced, tell, known)
    async with background() as nursery, reach.called.serving():
        with ExitStack() as served:
            served.enter_context(identifying(host, reach.addresses))
            served.enter_context(CallingBack(host).serving())
            if settings.relay:
                served.enter_context(reach.relay.serving())
            if settings.map_port:
                nursery.start_soon(reach.gateway.run)
            nursery.start_soon(reach.run)
            nursery.start_soon(reach.reserving.run)
            yield reach
