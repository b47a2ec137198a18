"""What tests of moving between the nodes of a town have in common."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import trio

from client.moving.house import Wish
from formats.invite import Invite
from node.following.following import Following
from tests.client.people import Town
from tests.node.following.worlds import Dialling
from tests.world.faults import Call, Onward, WatchedDoors


@asynccontextmanager
async def following(
    world: Town, scopes: Mapping[str, trio.CancelScope] | None = None
) -> AsyncIterator[Town]:
    """Each node follows those accounts of the others that it may, until its scope is cancelled."""
    async with trio.open_nursery() as nursery:

        async def follow(name: str) -> None:
            node = world.nodes[name]
            network = Dialling(node.peer_id, {each.peer_id: each for each in world.nodes.values()})
            network.down = world.down
            with (scopes or {}).get(name) or trio.CancelScope():
                await Following(node.core, network).run()

        for name in world.nodes:
            nursery.start_soon(follow, name)
        yield world
        nursery.cancel_scope.cancel()


async def wish(world: Town, to: str, quota: int = 2**30, name: str = "alice") -> Wish:
    """To that node, with an invite of whoever runs it."""
    invite = Invite.parse(await world.nodes[to].admin.invite(quota))
    return Wish(world.home(to), invite.code, name)


class Killed(Exception):
    """The program ends here."""


def kill_at(world: Town, call: int, after: bool) -> None:
    """Have the program killed at its call of that number, before or after it is done there."""
    count = 0

    async def meet(asked: Call, onward: Onward) -> object:
        nonlocal count
        count += 1
        mine = count - 1
        if mine == call and not after:
            raise Killed
        try:
            return await onward(asked.request)
        finally:
            if mine == call:
                raise Killed

    world.wrap = lambda doors: WatchedDoors(doors, meet)
