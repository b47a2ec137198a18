"""A crowd of simulated nodes that route, keep and answer by the code of ``node/dht``. No sockets.

A request takes five round trips of 40 to 250 ms; a node that is gone answers nothing and
is given up after ``ANSWER_SECONDS``. Hostile nodes hand out the oldest value they ever
had, never keep a newer one, and name nodes near the key that do not exist.
"""

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from formats.errors import HoldfastError, Stale
from node.dht.answering import Answer, Answers, Kind, Request
from node.dht.contact import Contact, place_of
from node.dht.keeping import Keeper
from node.dht.lookup import Lookup, Until
from node.dht.rules import ANSWER_SECONDS, COPIES, FIND_SECONDS, LATE_SECONDS
from node.dht.table import BITS, Table

ROUND_TRIPS = 5
"""Of one request over a fresh connection: TCP, Noise, yamux, the protocol, the question."""

FAR = 2**62
"""Milliseconds: values of the simulation expire by the keeper's rule alone."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody published, without the signatures: checking those is not simulated."""

    id: bytes
    seq: int
    expires: int = FAR

    @property
    def age(self) -> tuple[int, int]:
        """Greater for newer ones."""
        return 0, self.seq

    @property
    def data(self) -> bytes:
        """As it is kept."""
        return self.id + self.seq.to_bytes(4, "big")

    def check(self, key: bytes, now: int) -> None:
        """Holds under its own key only."""
        if key != self.id:
            raise Stale("foreign")


def decoded(data: bytes) -> Said:
    """A value from its bytes."""
    return Said(data[:-4], int.from_bytes(data[-4:], "big"))


def newer(fresh: bytes, kept: bytes) -> None:
    """Raises Stale if the kept one is newer."""
    if decoded(fresh).seq < decoded(kept).seq:
        raise Stale("older")


class Member:
    """One node of the crowd."""

    __slots__ = ("alive", "answers", "contact", "hostile", "old", "table")

    def __init__(self, peer: bytes, hostile: bool) -> None:
        self.contact = Contact(peer, (), place_of(peer))
        self.table = Table(self.contact.place)
        self.answers = Answers(self.table, Keeper(self.contact.place, decoded, newer))
        self.hostile = hostile
        self.alive = True
        self.old: dict[bytes, bytes] = {}

    def answer(self, request: Request, asker: bytes, now: int, random: Random) -> Answer:
        """By the rules, or against them."""
        if self.hostile:
            return self._lie(request, random)
        if request.kind is not Kind.PUT:
            return self.answers.answer(request, asker, now)
        try:
            fresh = self.answers.keeper.examine(request.key, request.value or b"", now)
            return self.answers.keep(request, fresh, now)
        except HoldfastError:
            return Answer()

    def _lie(self, request: Request, random: Random) -> Answer:
        if request.kind is Kind.PUT:
            self.old.setdefault(request.key, request.value or b"")
            return Answer(kept=True)
        place = place_of(request.key)
        named = tuple(
            Contact(random.randbytes(38), (), place ^ random.getrandbits(BITS - 20))
            for _ in range(COPIES)
        )
        return Answer(self.old.get(request.key), named)


@dataclass(slots=True)
class Trip:
    """How one lookup went. ``first``, ``rounds``: hops until the first value, and to the end."""

    lookup: Lookup[Said]
    messages: int = 0
    seconds: float = 0.0
    rounds: int = 0
    first: int = 0
    depth: dict[bytes, int] = field(default_factory=dict)


_Event = tuple[float, int, bool, Contact]
"""When; a number that orders; whether only patience ends then; with whom."""


class Crowd:
    """All nodes, living and gone, by peer id."""

    def __init__(self, size: int, hostile: float, random: Random) -> None:
        self.random = random
        self.hostile = hostile
        self.members: dict[bytes, Member] = {}
        self.living: list[Member] = []
        self._at: dict[bytes, int] = {}
        for _ in range(size):
            self.add()

    def add(self) -> Member:
        """A new node that knows nobody yet."""
        made = Member(self.random.randbytes(38), self.random.random() < self.hostile)
        self.members[made.contact.peer] = made
        self._at[made.contact.peer] = len(self.living)
        self.living.append(made)
        return made

    def end(self, member: Member) -> None:
        """It is gone, and what it kept with it."""
        member.alive = False
        at, last = self._at.pop(member.contact.peer), self.living.pop()
        if last is not member:
            self.living[at] = last
            self._at[last.contact.peer] = at

    def some(self) -> Member:
        """Any living node that keeps to the rules."""
        while True:
            member = self.random.choice(self.living)
            if not member.hostile:
                return member

    def acquaint(self) -> None:
        """Fill every table as a network that has run for long has them."""
        ordered = sorted(self.living, key=lambda member: member.contact.place)
        places = [member.contact.place for member in ordered]
        for member in ordered:
            for others in _buckets(member.contact.place, places):
                chosen = self.random.sample(others, min(COPIES, len(others)))
                for at in chosen:
                    member.table.seen(ordered[at].contact)

    def look(
        self, by: Member, kind: Kind, key: bytes, until: Until, start: Iterable[Contact] = ()
    ) -> Trip:
        """One lookup, request by request in the order in which answers arrive."""
        place = place_of(key)
        known: Sequence[Contact] = [*by.table.nearest(place), *start]
        trip = Trip(Lookup(place, known, until, by.contact.peer))
        trip.depth = {contact.peer: 0 for contact in known}
        arriving: list[_Event] = []
        request = Request(kind, key)
        while not trip.lookup.done and trip.seconds < FIND_SECONDS:
            for contact in trip.lookup.ask():
                self._send(trip, contact, arriving)
            trip.seconds, _, late, contact = heapq.heappop(arriving)
            if late:
                trip.lookup.late(contact)
            else:
                self._arrive(trip, by, contact, request)
        return trip

    def _send(self, trip: Trip, to: Contact, arriving: list["_Event"]) -> None:
        member = self.members.get(to.peer)
        alive = member is not None and member.alive
        takes = ROUND_TRIPS * self.random.uniform(0.04, 0.25) if alive else ANSWER_SECONDS
        trip.messages += 1
        trip.rounds = max(trip.rounds, trip.depth[to.peer] + 1)
        heapq.heappush(arriving, (trip.seconds + takes, trip.messages, False, to))
        heapq.heappush(arriving, (trip.seconds + LATE_SECONDS, trip.messages, True, to))

    def _arrive(self, trip: Trip, by: Member, contact: Contact, request: Request) -> None:
        member = self.members.get(contact.peer)
        if member is None or not member.alive:
            by.table.failed(contact)
            trip.lookup.failed(contact)
            return
        by.table.seen(contact)
        if not member.hostile:
            member.table.seen(by.contact)
        answer = member.answer(request, by.contact.peer, self.now, self.random)
        depth = trip.depth[contact.peer] + 1
        for named in answer.named:
            trip.depth.setdefault(named.peer, depth)
        value = None if answer.value is None else decoded(answer.value)
        if value is not None and not trip.first:
            trip.first = depth
        trip.lookup.answered(contact, answer.named, value)

    now: int = 0
    """Milliseconds."""

    def join(self, member: Member) -> int:
        """A new node looks around, as ``Dht._refresh`` does; how many messages that took."""
        start = [self.some().contact]
        trips = [self.look(member, Kind.FIND, member.contact.peer, Until.NEAREST, start)]
        return sum(trip.messages for trip in trips) + self.wander(member)

    def wander(self, member: Member, places: int = 3) -> int:
        """Three random places, as a refresh does."""
        messages = 0
        for _ in range(places if len(member.table) > COPIES else 0):
            key = self.random.randbytes(BITS // 8)
            messages += self.look(member, Kind.FIND, key, Until.NEAREST).messages
        return messages

    def store(self, by: Member, said: Said, has: set[bytes]) -> tuple[set[bytes], int]:
        """As ``Dht.store``: who keeps it now, and how many messages that took."""
        trip = self.look(by, Kind.FIND, said.id, Until.NEAREST)
        kept, messages = set(), trip.messages
        request = Request(Kind.PUT, said.id, said.data)
        for contact in trip.lookup.nearest:
            if contact.peer in has:
                kept.add(contact.peer)
                continue
            messages += 1
            member = self.members.get(contact.peer)
            if member is None or not member.alive:
                continue
            if member.answer(request, by.contact.peer, self.now, self.random).kept:
                kept.add(contact.peer)
        return kept, messages


def _buckets(place: int, places: list[int]) -> list[range]:
    """For each leading bit, the nodes that first differ from ``place`` there."""
    found = []
    for bit in range(BITS - 1, -1, -1):
        begin = ((place >> bit) ^ 1) << bit
        others = range(bisect_left(places, begin), bisect_left(places, begin + (1 << bit)))
        if others:
            found.append(others)
        own = (place >> bit) << bit
        if bisect_left(places, own + (1 << bit)) - bisect_left(places, own) <= 1:
            break
    return found
