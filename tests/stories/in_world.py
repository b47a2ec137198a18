"""The stage of one process: a ``World`` whose people put local files, in seconds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from tests.stories.stage import Actor
from tests.world.faults import Hangs
from tests.world.person import Person
from tests.world.world import World


class WorldActor:
    """A person of a world, as a story needs them."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.name = person.name
        self.cat = person.read
        self.card = person.card
        self.follow = person.follow
        self.requests = person.requests
        self.accept = person.accept
        self.following = person.following
        self.share = person.share
        self.shared_with_me = person.shared_with_me
        self.put = person.upload
        self.get = person.download
        self.listing = person.ls_all

    async def unshare(self, path: str, name: str) -> None:
        """Take it back, and finish what a daemon finishes by itself."""
        await self.person.unshare(path, name)
        await self.person.rotate()

    async def attend(self) -> None:
        """Collect what was left."""
        await self.person.collect()


class WorldStage:
    """Alice and Bob at their nodes; a crash is a call that hangs, and then nothing is there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.alice = WorldActor(world.alice)
        self.bob = WorldActor(world.bob)

    async def carol(self) -> WorldActor:
        """Carol, with an account on Bob's node."""
        return WorldActor(await self.world.settle("carol", "bob"))

    async def crash_in_put(self, actor: Actor, source: Path) -> None:
        """The second piece never arrives; how many more there are is a matter of speed."""
        await self._crash(self.world.people[actor.name], source, None, Hangs("blocks.stage", at=2))

    async def crash_in_get(self, actor: Actor, source: str, to: Path) -> None:
        """The second answer never comes."""
        await self._crash(self.world.people[actor.name], source, to, Hangs("blocks.read", at=2))

    async def _crash(
        self, person: Person, source: Path | str, to: Path | None, hangs: Hangs
    ) -> None:
        async def work() -> None:
            if isinstance(source, Path):
                await person.upload(source)
            elif to is not None:
                await person.download(source, to)
            raise AssertionError("it was done before it could be interrupted")

        with person.meeting(hangs):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(work)
                await hangs.reached.wait()
                nursery.cancel_scope.cancel()
                hangs.over.set()
        for name in ("alice", "bob"):
            await self.world.people[name].crash()
            await self.world.restart(name)
            await self.world.people[name].sign_in()


@asynccontextmanager
async def world_stage() -> AsyncIterator[WorldStage]:
    """Alice and Bob, each at home, until the block is left."""
    async with World.open("alice", "bob") as world:
        yield WorldStage(world)
