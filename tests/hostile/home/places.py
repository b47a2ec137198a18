"""A world with a home that will lie, and people who know its truth."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from client.kept.writer import LEAST
from formats.cid import Cid
from formats.links import Role
from formats.published import Published
from formats.whereabouts import Home
from node.checking.findings import Finding, Wrong
from node.checking.lost import remember
from node.finding import Publication, Sighting
from storage.contracts import SpaceKey, View
from storage.reachability import ROLES
from tests.hostile.home.saying import Memory
from tests.world.person import Person
from tests.world.place import Place
from tests.world.world import World

SMALL: Final = b"a few words"
BIG: Final = bytes(range(256)) * 1200
"""More than one segment."""


@dataclass
class Setting:
    """Alice at her home, which will lie to ``her``; ``keeper`` is a machine of hers with a disk.

    Mallory lives there too, Bob is a friend at another node, Carl's node carries for others.
    ``kept``: a segment that the keeper has.
    """

    world: World
    her: Person
    keeper: Person
    bob: Person
    kept: Cid
    folder: Path
    memory: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        self._numbers = count(1)

    @property
    def place(self) -> Place:
        """Her home."""
        return self.her.place

    @property
    def home(self) -> Home:
        """The same, as a card says it."""
        return self.her.place.home

    def number(self) -> int:
        """One that was not used before."""
        return next(self._numbers)

    def forget(self) -> None:
        """Nothing is in her device's memory but keys and marks."""
        session = self.her.session
        session.cache.clear()
        session._space = None

    async def replaced(self) -> None:
        """She goes on at a device that has not been lied to."""
        await self.her.crash()
        self.her = await self.keeper.another_device()

    async def lose_a_block(self) -> None:
        """A segment that the keeper has rots on the home's disk, and a check there notes it."""
        blocks = self.place.store._tables.blocks
        blocks[self.kept] = bytes(len(blocks[self.kept]))
        key = SpaceKey(self.keeper.session.id, self.keeper.session.bundle.space)
        found = Finding(Wrong.BLOCK, "it rotted", key=key, cid=self.kept)
        await self.place.node.store.write(lambda tx: remember(tx, [found]))


class Finds:
    """What the home's node finds of strangers: Bob, as he is."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._people = people

    async def find(self, key: bytes, newest: bool, hints: Sequence[Home]) -> Sighting:
        """Bob and nobody else."""
        found = [Published(each.session.chain, each.session.whereabouts) for each in self._people]
        return Sighting(tuple(each.encode() for each in found), 77, 5)

    async def publish(self, id: bytes, hints: Sequence[Home]) -> Publication:
        """At some nodes."""
        return Publication(3, 4, 88)

    def changed(self, id: bytes) -> None:
        """Nothing to do."""

    def publication(self, id: bytes) -> Publication | None:
        """As it went."""
        return Publication(3, 4, 88)


@asynccontextmanager
async def setting(folder: Path) -> AsyncIterator[Setting]:
    """Everything that the stories tell of."""
    async with World.open("alice", "bob", "carl", mallory="alice") as w:
        alice, bob, mallory = w.alice, w.bob, w.mallory
        for person in (alice, mallory):
            await person.put("docs/small", SMALL)
            await person.put("docs/large", BIG)
        await alice.befriend(bob)
        await bob.put("his", b"what is his")
        w.places["alice"].node.core.finder = Finds([bob])
        keeper = Person(w, "alice", alice.place, w.next_device("alice"), folder / "keeper", LEAST)
        (folder / "keeper").mkdir()
        keeper.password = alice.password
        await keeper.sign_in()
        await keeper.read("docs/large")
        kept = (await segments_of(alice))[0]
        for name in ("large", "changing"):
            await alice.put(name, b"as it was first")
        yield Setting(w, alice, keeper, bob, kept, folder)


async def segments_of(person: Person) -> list[Cid]:
    """The segments of all that somebody has at their home."""
    key = SpaceKey(person.session.id, person.session.bundle.space)

    def work(view: View) -> list[Cid]:
        found = view.references_of(key)
        return [each.cid for each in found if ROLES[each.kind] is Role.SEGMENT]

    return await person.place.node.store.read(work)
