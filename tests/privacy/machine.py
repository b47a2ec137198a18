"""What a thief finds on the disk of a person's own machine: what was read there, sealed.

The person's home is elsewhere, so blocks that were read are kept (docs/spec/kept.md), and marks of
what was seen. Nobody is signed in any more, and the password is not known.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from client.identity.login import sign_in
from client.session import Surroundings
from formats.handle import handle
from tests.privacy.claims import Claim
from tests.privacy.guessers import Seen
from tests.privacy.home import NAMES, PDF, TEXT
from tests.privacy.symbols import Symbols
from tests.privacy.watching import everything_in, of_known, on_disk
from tests.world.person import CHEAP, Person
from tests.world.world import World

OWNERS: Final = ("alice", "carolina")
KEPT: Final = 2**26


@asynccontextmanager
async def machine(world: World, name: str) -> AsyncIterator[tuple[Person, Path]]:
    """Somebody at a machine with a disk, and its folder; signed out when this is left."""
    person = world.people[name]
    with TemporaryDirectory() as folder:
        there = Person(world, name, person.place, world.next_device(name))
        rng = Random(f"{world.seed}/{name}/disk")
        around = Surroundings(
            there.road, world.clock.now_ms, rng, Path(folder), hardness=CHEAP, keep=KEPT
        )
        there.goes_on(await sign_in(around, person.place.home, name, person.password))
        yield there, Path(folder)


async def names_and_contents(which: bool) -> dict[str, Seen]:
    """Names, sizes within their classes, type and content of what was read."""
    async with World.open("alice") as world:
        name = NAMES[which]
        await world.alice.put(
            f"{name}/{name}", ((TEXT * 30)[:1000], (PDF + bytes(1000))[:1000])[which]
        )
        await world.alice.put(f"{name}/film", bytes((296_000, 302_000)[which]))
        return await _read(world, "alice", (f"{name}/{name}", f"{name}/film"), {})


async def whose(which: bool) -> dict[str, Seen]:
    """The same thing of one of two friends."""
    async with World.open("alice", "others", bob="others", carolina="others") as world:
        for name in OWNERS:
            owner = world.people[name]
            await owner.befriend(world.bob)
            await owner.put("trip/photo", bytes(3000))
            await owner.share("trip", "bob")
        known = {name: _public(world.people[name]) for name in OWNERS}
        return await _read(world, "bob", (f"/{OWNERS[which]}/trip/photo",), known)


async def class_of_size(which: bool) -> dict[str, Seen]:
    """Two sizes of different classes."""
    async with World.open("alice") as world:
        await world.alice.put("notes", bytes((20_000, 60_000)[which]))
        return await _read(world, "alice", ("notes",), {})


async def _read(
    world: World, who: str, paths: tuple[str, ...], known: dict[str, tuple[bytes, ...]]
) -> dict[str, Seen]:
    """What is on somebody's disk after they read these, and signed out."""
    async with machine(world, who) as (person, folder):
        for path in paths:
            await person.read(path)
        await person.sign_out()
        names = {name: (name.encode(),) for name in NAMES if len(name) > 1}
        known = {**known, **names, "text": (TEXT[:20],), "pdf": (PDF,)}
        return {"machine": on_disk(folder, Symbols()) | of_known(everything_in(folder), known)}


def _public(person: Person) -> tuple[bytes, ...]:
    session = person.session
    return session.id, session.bundle.space, handle(session.name, session.id).encode()


_WHO: Final = ("machine",)

CLAIMS: Final = (
    Claim("names, sizes and contents of what was read at a machine", names_and_contents, _WHO),
    Claim("whose it was that was read at a machine", whose, _WHO, always=False),
    Claim("the class of a size that was read", class_of_size, shown=_WHO, always=False),
)
