"""What a node that keeps a replica asks of a home that lies; on ``tests/node/following``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import cast

from trio.testing import wait_all_tasks_blocked

from node.checking.verify import verify
from protocols.operations import OPERATIONS
from protocols.services import Replicas
from tests.hostile.home.saying import Lie, Listening, Lying, Memory
from tests.node.following.worlds import Two, two
from tests.world.faults import Call, Fault


class Wrapped:
    """A replicas door behind which a fault is met."""

    def __init__(self, doors: Replicas, fault: Fault) -> None:
        for name in OPERATIONS["replicas"]:
            setattr(self, name, _method(doors, name, fault))


def _method(doors: Replicas, name: str, fault: Fault) -> object:
    async def ask(request: object) -> object:
        return await fault.meet(Call("replicas", name, request), getattr(doors, name))

    return ask


@dataclass
class Followed:
    """A replica that has followed for a while, and a home that can begin to lie."""

    two: Two
    memory: Memory
    number: int = 0

    async def lied_to(self, lie: Lie, operation: str) -> int:
        """There is something new, and the home lies about it: how often it did.

        Afterwards nothing wrong is stored, and once it tells the truth the replica is level.
        """
        row = OPERATIONS["replicas"][operation.partition(".")[2]]
        lying = Lying(lie, row, self.memory, Random(f"{operation} {lie}"))
        self.number += 1
        await self.two.put("new", self.number)
        await self._follow_until_settled(lying)
        found = await verify(self.two.other.store, deep=True)
        assert found.found.listed == [], lie.name
        self.two.network.wrap = None
        self.two.follow()
        await self.two.caught_up()
        await self.two.stop()
        return lying.told

    async def _follow_until_settled(self, lying: Lying) -> None:
        """As long as there is something to do that needs no waiting."""
        self.two.network.wrap = lambda doors: cast(Replicas, Wrapped(doors, lying))
        self.two.follow()
        for _ in range(60):
            await wait_all_tasks_blocked(0.001)
            if lying.told and await self._is_done():
                break
        await self.two.stop()

    async def _is_done(self) -> bool:
        """Whether the replica is level, or told why it is not."""
        level = await self.two.at(self.two.other) == self.two.alice.space.seq
        return level or bool((await self.two.noted()).told)


@asynccontextmanager
async def followed(folder: Path) -> AsyncIterator[Followed]:
    """Alice's node, and one that has followed it; what was answered then is remembered."""
    async with two(folder) as w:
        memory = Memory()
        w.network.wrap = lambda doors: cast(Replicas, Wrapped(doors, Listening(memory.first)))
        await w.put("old")
        await w.add()
        w.follow()
        await w.caught_up()
        await w.stop()
        yield Followed(w, memory)
