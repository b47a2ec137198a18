"""A network of many nodes in one process and in virtual time, which can be cut in two.

The nodes are ``node.dht`` as it runs, with homes that publish; only the wires are made up.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from random import Random
from typing import Final

import trio

from formats.errors import Unreachable
from formats.published import Published
from node.dht.answering import Answer, Kind, Request
from node.dht.asking import Asking
from node.dht.contact import Contact
from node.dht.publishing import Publisher
from node.dht.rules import ANSWER_SECONDS
from node.dht.service import Dht
from node.finding import choose
from storage.contracts import AccountRow, IdentityRow, Transaction
from storage.memory import MemoryStore
from tests.node.people import secret
from tests.records.people import NOW


class Halves:
    """The wires between all nodes. ``cut``: only those of one half reach each other."""

    def __init__(self, random: Random) -> None:
        self.random: Final = random
        self.nodes: Final[dict[bytes, Place]] = {}
        self.cut = False
        self.asked: Final[Counter[Kind]] = Counter()
        self._began: Final = trio.current_time()

    def now_ms(self) -> int:
        """The clock of all nodes: trio's."""
        return NOW + int((trio.current_time() - self._began) * 1000)


class Wires(Asking):
    """Those of one node."""

    def __init__(self, halves: Halves, place: "Place") -> None:
        self._halves = halves
        self._place = place

    async def ask(self, contact: Contact, request: Request) -> Answer:
        """As over a line of 20 to 200 ms; a cut one says nothing."""
        self._halves.asked[request.kind] += 1
        there = self._halves.nodes.get(contact.peer)
        apart = there is not None and there.half != self._place.half and self._halves.cut
        if there is None or apart:
            await trio.sleep(ANSWER_SECONDS)
            raise Unreachable("silence")
        await trio.sleep(self._halves.random.uniform(0.02, 0.2))
        return await there.dht.answer(request, self._place.dht.own, self._place.address)


class Place:
    """One node, and the home of whoever ``moves_in``."""

    def __init__(self, halves: Halves, number: int, first: Contact | None) -> None:
        self.half: Final = number % 2
        self.address: Final = f"/ip4/8.{number}.0.1/tcp/4061"
        self.contact: Final = Contact.of(secret("halves", number).reveal(), (self.address,))
        beginnings = () if first is None else (first,)
        wires = Wires(halves, self)
        own = self.contact.peer
        self.dht: Final = Dht(own, wires, halves, lambda: (self.address,), lambda: beginnings)
        self.store: Final = MemoryStore()
        self.publisher: Final = Publisher(self.dht, self.store, halves)
        self.dht.staying.back = self.publisher.all_changed
        halves.nodes[own] = self

    async def publishes(self, person: Published) -> None:
        """This is how somebody who lives here is from now on."""
        await self.store.write(partial(_put, person=person))
        self.publisher.changed(person.id)

    async def finds(self, person: Published, key: int = 0) -> Published | None:
        """Whom this node takes for the newest state of that person."""
        sighting = await self.dht.find(person.keys[key], newest=True)
        found = [Published.decode(value) for value in sighting.values]
        assert len(found) <= 1
        return found[0] if found else None


@asynccontextmanager
async def halves(size: int, random: Random) -> AsyncIterator[tuple[Halves, list[Place]]]:
    """That many nodes, which have met: each knew the first one to begin with."""
    made = Halves(random)
    places: list[Place] = []
    async with trio.open_nursery() as nursery:
        for number in range(size):
            places.append(Place(made, number, places[0].contact if places else None))
            places[-1].dht.begin(nursery)
            nursery.start_soon(places[-1].publisher.run)
            await trio.sleep(20)
        yield made, places
        nursery.cancel_scope.cancel()


def _put(tx: Transaction, person: Published) -> None:
    tx.put_account(AccountRow(person.handle.name, person.id, b"", 0, 0, b""))
    tx.put_identity(IdentityRow(person.id, person.chain.encoded, person.whereabouts.encoded))
    choose(tx, person.id, True)
