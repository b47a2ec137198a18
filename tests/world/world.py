"""Nodes and people in one process, in milliseconds.

    async with World.open("alice", "bob", carol="bob") as w:
        await w.alice.put("a.txt", b"...")

makes a node for alice with her account on it, one for bob, and an account for
carol on bob's node, by his invite. Everything is real but the disk (the
reference store), the sockets (memory) and the cost of passwords and messages:
between nodes every byte goes through the codec and the machines of the wire.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import trio

from tests.conftest import SEED
from tests.node.people import secret
from tests.world.clock import Clock
from tests.world.person import Person
from tests.world.place import Place
from tests.world.road import Road


class World:
    """Made by ``World.open``. People are attributes: ``w.alice``."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self.clock: Final = Clock()
        self.seed: Final = SEED
        self.places: Final[dict[str, Place]] = {}
        self.people: Final[dict[str, Person]] = {}
        self.between: Final[dict[str, Road]] = {}
        """How each node reaches others, to pass drops on."""
        self._nursery: Final = nursery
        self._roads: Final[list[Road]] = []
        self._devices: Final[dict[str, int]] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, *owners: str, **guests: str) -> AsyncIterator["World"]:
        """A world where each owner has a node, and each guest an account on an owner's."""
        async with _plainly(), trio.open_nursery() as nursery:
            world = cls(nursery)
            for owner in owners:
                await world.node(owner)
                await world.settle(owner, owner)
            for guest, owner in guests.items():
                await world.settle(guest, owner)
            yield world
            await world.close()
            nursery.cancel_scope.cancel()

    def __getattr__(self, name: str) -> Person:
        """``w.alice``."""
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(f"nobody here is called {name}") from None

    async def node(self, name: str) -> Place:
        """One more node, running."""
        place = self.places[name] = Place(name, self.clock)
        await self.start(name)
        return place

    async def settle(self, name: str, at: str) -> Person:
        """One more person, with an account on that node, signed in."""
        place = self.places[at]
        invite = None if await place.node.admin.is_empty() else await place.node.admin.invite()
        self.people[name] = person = Person(self, name, place)
        await person.sign_up(invite)
        return person

    async def start(self, name: str) -> None:
        """Start a node that is not running."""
        place = self.places[name]
        await place.start(self._nursery)
        for road in self._roads:
            road.arrive(place)
        if name not in self.between:
            self.between[name] = self.road(f"courier {name}", place)
        place.node.carry(self.between[name], tuple)

    async def stop(self, name: str) -> None:
        """Kill a node; every connection to it breaks."""
        place = self.places[name]
        for road in self._roads:
            await road.leave(place)
        await place.stop()

    async def restart(self, name: str) -> None:
        """Kill a node and start it again on the same store."""
        await self.stop(name)
        await self.start(name)

    def later(self, *, seconds: float = 0, days: float = 0) -> None:
        """Let time pass for everybody; the test asks for the fixture ``moving_clock``."""
        self.clock.move(seconds + days * 24 * 3600)

    async def close(self) -> None:
        """Everybody leaves, every node stops."""
        for person in self.people.values():
            await person.crash()
        for name, place in self.places.items():
            if place.is_up:
                await self.stop(name)

    # --- for Person

    def road(self, word: str, own: Place) -> Road:
        """How one more device reaches nodes."""
        running = [place for place in self.places.values() if place.is_up]
        road = Road(self._nursery, secret("client", word).reveal(), own, running)
        self._roads.append(road)
        return road

    def next_device(self, name: str) -> int:
        """A number for one more device of somebody."""
        self._devices[name] = self._devices.get(name, 1) + 1
        return self._devices[name]


@asynccontextmanager
async def _plainly() -> AsyncIterator[None]:
    """What one thing alone went wrong is raised as it is, not in a group of one."""
    try:
        yield
    except BaseExceptionGroup as group:
        alone: BaseException = group
        while isinstance(alone, BaseExceptionGroup) and len(alone.exceptions) == 1:
            alone = alone.exceptions[0]
        if alone is group:
            raise
        raise alone from None
