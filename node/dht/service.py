"""The DHT of one node: joining, finding, storing, and answering others.

    dht = Dht(own, asking, clock, settings)
    async with trio.open_nursery() as nursery:
        dht.begin(nursery)
        sighting = await dht.find(key, newest=True, hints=())

It dials who is configured, who answered before, whom a caller hints at, and whom
those name. Without any of them it asks nobody and waits to be asked.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from random import SystemRandom
from typing import Final

import trio

from formats.errors import HoldfastError, Unreachable
from formats.published import Published
from formats.whereabouts import Home
from node.clock import Clock
from node.dht.answering import Answer, Answers, Kind, Request
from node.dht.asking import Asking
from node.dht.contact import Contact, place_of
from node.dht.keeping import Keeper
from node.dht.lookup import Lookup, Until
from node.dht.lost import Lost
from node.dht.rules import FIND_SECONDS, KEPT_BYTES, LATE_SECONDS, MOST_ASKED
from node.dht.sightings import Sightings, newest
from node.dht.staying import Staying
from node.dht.table import Table
from node.dht.trust import believed, is_there, nearest_reach
from node.finding import Sighting
from node.logs import Log

FEW: Final = 4
"""Nodes below which the ones to begin with are asked as well."""

CHECKS: Final = 8
"""Nodes that asked us, and are looked at whether they answer, at once."""

REMEMBERED: Final = 256
"""Nodes of which is remembered when they were asked back."""

ASK_BACK_SECONDS: Final = 600.0
"""After which a node that asks, and is not in the table, is asked back once more."""

_log: Final = Log("node.dht")


@dataclass(frozen=True, slots=True)
class Stored:
    """How many of the nodes nearest to a key keep a value; who they are."""

    by: frozenset[bytes]
    asked: int


class Dht:
    """One node of the DHT. ``beginnings``: nodes that are configured, or were known before.

    ``addresses``: where this node may be dialled; ``room``: bytes that it keeps for
    others. Call ``begin`` first.
    """

    def __init__(
        self,
        own: bytes,
        asking: Asking,
        clock: Clock,
        addresses: Callable[[], tuple[str, ...]],
        beginnings: Callable[[], Iterable[Contact]] = tuple,
        room: int = KEPT_BYTES,
    ) -> None:
        self.own: Final = own
        self.place: Final = place_of(own)
        self.table: Final = Table(self.place)
        self.keeper: Final = Keeper(self.place, Published.decode, _newer, room)
        self.lost: Final = Lost()
        self._answers = Answers(self.table, self.keeper)
        self._asking = asking
        self._clock = clock
        self._addresses = addresses
        self._beginnings = beginnings
        self._sightings = Sightings()
        self._asked_back: OrderedDict[bytes, float] = OrderedDict()
        self._examining = trio.CapacityLimiter(1)
        self._checks = trio.CapacityLimiter(CHECKS)
        self._nursery: trio.Nursery | None = None
        self.staying: Final = Staying(self, SystemRandom(), self._tidy)

    # -- others ask us

    async def answer(self, request: Request, asker: bytes, observed: str) -> Answer:
        """What this node answers, and note who asked."""
        self._met(asker, request.addresses, observed)
        now = self._clock.now_ms()
        if request.kind is not Kind.PUT:
            return self._answers.answer(request, asker, now)
        try:
            fresh = await trio.to_thread.run_sync(
                self._answers.examine, request, asker, now, limiter=self._examining
            )
            return self._answers.keep(request, fresh, now)
        except HoldfastError as error:
            _log.debug("not kept", why=type(error).__name__)
            return Answer()

    def _met(self, asker: bytes, addresses: tuple[str, ...], observed: str) -> None:
        """Get to know a node that asked, if it is where it says and answers as well."""
        if self._nursery is None or not is_there(addresses, observed):
            return
        contact = believed(Contact.of(asker, addresses), nearest_reach([observed]))
        if contact is None or contact in set(self.table) or not self._checks.available_tokens:
            return
        if self._asks_back(asker):
            self._nursery.start_soon(self._check, contact)

    def _asks_back(self, asker: bytes) -> bool:
        """Whether it is time: there may be no place for it in the table, however often it asks."""
        now = trio.current_time()
        if now - self._asked_back.get(asker, -ASK_BACK_SECONDS) < ASK_BACK_SECONDS:
            return False
        self._asked_back[asker] = now
        self._asked_back.move_to_end(asker)
        if len(self._asked_back) > REMEMBERED:
            self._asked_back.popitem(last=False)
        return True

    def meet(self, contact: Contact) -> None:
        """Get to know a node on the local network, if it is of this network and answers."""
        if self._nursery is not None:
            self._nursery.start_soon(self._check, contact)

    async def _check(self, contact: Contact) -> None:
        """Without our addresses: who is asked back does not ask back in turn."""
        async with self._checks:
            await self._ask(contact, Request(Kind.PING))

    # -- we ask others

    async def find(self, key: bytes, newest: bool, hints: Sequence[Home] = ()) -> Sighting:
        """See ``node.finding.Finder``."""
        now = self._clock.now_ms()
        if not newest and (fresh := self._sightings.fresh(key, now)) is not None:
            return fresh
        known = self._sightings.get(key)
        until = Until.NEWEST if newest else Until.FIRST
        try:
            lookup = await self.look(Kind.GET, key, until, hints)
        except Unreachable:
            if known is not None and not newest:
                return known
            raise
        sighting = Sighting(self._best(key, lookup, known, now), now, lookup.asked)
        if not sighting.values and known is not None and not newest:
            return known
        self._sightings.note(key, sighting)
        return sighting

    async def store(
        self, key: bytes, data: bytes, hints: Sequence[Home], has: frozenset[bytes]
    ) -> Stored:
        """Have the nodes nearest to a key keep a value; ``has``: those known to do.

        Says who keeps it now. Raises Unreachable when there is nobody.
        """
        lookup: Lookup[Published] = await self.look(Kind.FIND, key, Until.NEAREST, hints)
        nearest = lookup.nearest
        kept = {contact.peer for contact in nearest if contact.peer in has}

        async def put(contact: Contact) -> None:
            answer = await self._ask(contact, self._request(Kind.PUT, key, data))
            if answer is not None and answer.kept:
                kept.add(contact.peer)

        async with trio.open_nursery() as nursery:
            for contact in nearest:
                if contact.peer not in kept:
                    nursery.start_soon(put, contact)
        return Stored(frozenset(kept), len(nearest))

    async def look(
        self, kind: Kind, key: bytes, until: Until, hints: Sequence[Home] = ()
    ) -> Lookup[Published]:
        """Look for the nodes nearest to a key, or a value; within ``FIND_SECONDS``.

        Raises Unreachable when nobody answered.
        """
        lookup: Lookup[Published] = Lookup(place_of(key), self._start(key, hints), until, self.own)
        with trio.move_on_after(FIND_SECONDS):
            await self._drive(lookup, self._request(kind, key))
        if not lookup.nearest and not lookup.values:
            raise Unreachable(
                "no other node answers that could be asked",
                hint="name a friend's node under [network] bootstrap in config.toml",
            )
        return lookup

    async def _drive(self, lookup: Lookup[Published], request: Request) -> None:
        """Requests are not cut off when there is enough: the connection would be lost with them."""
        answers, answered = trio.open_memory_channel[_Told](MOST_ASKED)
        waiting: deque[tuple[float, Contact]] = deque()

        async def ask(contact: Contact) -> None:
            answers.send_nowait((contact, await self._ask(contact, request)))

        while not lookup.done:
            for contact in lookup.ask():
                self._background().start_soon(ask, contact)
                waiting.append((trio.current_time() + LATE_SECONDS, contact))
            told = await _received(answered, waiting[0][0] if waiting else inf)
            if told is None:
                lookup.late(waiting.popleft()[1])
            else:
                self._take(lookup, request.key, *told)

    def _take(
        self, lookup: Lookup[Published], key: bytes, contact: Contact, answer: Answer | None
    ) -> None:
        if answer is None:
            lookup.failed(contact)
            return
        near = nearest_reach(contact.addresses)
        named = [each for each in (believed(one, near) for one in answer.named) if each]
        lookup.answered(contact, named, self._checked(key, answer.value))

    async def _ask(self, contact: Contact, request: Request) -> Answer | None:
        """Its answer, None if there is none; the table learns of both."""
        try:
            answer = await self._asking.ask(contact, request)
        except HoldfastError as error:
            _log.debug("no answer", why=type(error).__name__)
            if self.table.failed(contact):
                self.lost.add(contact)
            return None
        self.table.seen(contact)
        self.lost.found(contact)
        return answer

    def _background(self) -> trio.Nursery:
        if self._nursery is None:
            raise Unreachable("the network is still being started")
        return self._nursery

    def _request(self, kind: Kind, key: bytes, value: bytes | None = None) -> Request:
        return Request(kind, key, value, self._addresses())

    def _start(self, key: bytes, hints: Sequence[Home]) -> list[Contact]:
        known = self.table.nearest(place_of(key))
        if len(known) >= FEW:
            return known
        told = (Contact.of(home.peer, home.addresses) for home in hints)
        others = [*self._beginnings(), *told]
        return list(dict.fromkeys(each for each in [*known, *others] if each.peer != self.own))

    def _checked(self, key: bytes, value: bytes | None) -> Published | None:
        """A value that holds here and now; None also for what somebody made up."""
        if value is None:
            return None
        try:
            found = Published.decode(value)
            found.check(key, self._clock.now_ms())
        except HoldfastError as error:
            _log.debug("false value", why=type(error).__name__)
            return None
        return found

    def _best(
        self, key: bytes, lookup: Lookup[Published], known: Sighting | None, now: int
    ) -> tuple[bytes, ...]:
        """The newest of what was found, is kept here, and was seen before (``known``)."""
        kept = self._checked(key, self.keeper.get(key, now))
        seen = [self._checked(key, value) for value in (known.values if known else ())]
        found = [*lookup.values.values(), *([kept] if kept is not None else [])]
        return newest(found, [each for each in seen if each is not None])

    # -- staying in the network

    def begin(self, nursery: trio.Nursery) -> None:
        """Take part from now on, until the nursery is cancelled."""
        self._nursery = nursery
        nursery.start_soon(self.staying.run)

    def knows_anybody(self) -> bool:
        """Whether there is anybody to begin with."""
        return bool(self._start(self.own, ()))

    async def look_near(self, key: bytes) -> None:
        """Get to know the nodes nearest to a key; raises Unreachable when nobody answered."""
        await self.look(Kind.FIND, key, Until.NEAREST)

    async def call(self, contact: Contact) -> bool:
        """Whether it answers; it is told where we are."""
        return await self._ask(contact, self._request(Kind.PING, b"")) is not None

    def _tidy(self) -> None:
        now = self._clock.now_ms()
        self.keeper.expire(now)
        self._sightings.expire(now)


_Told = tuple[Contact, Answer | None]


async def _received(answered: trio.MemoryReceiveChannel[_Told], until: float) -> _Told | None:
    """The next answer, None if there is none until then."""
    try:
        with trio.fail_at(until):
            return await answered.receive()
    except trio.TooSlowError:
        return None


def _newer(fresh: bytes, kept: bytes) -> None:
    Published.decode(fresh).extends(Published.decode(kept))
