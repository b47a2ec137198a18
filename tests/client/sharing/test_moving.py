"""A folder on its way into a space of its own, cut off at every call: in one space or the other."""

from contextlib import suppress
from dataclasses import dataclass

import pytest

from client.sharing.inside import share_write
from client.sharing.jobs import finish
from formats.errors import Unreachable
from tests.world.faults import Call, LineBroke, Onward
from tests.world.world import World

FILES = {f"trip/{n % 3}/{n}.txt": b"content %d" % n for n in range(12)}


@dataclass
class Dies:
    """From its ``at``-th commit on the device is gone; ``after``: that commit is still made."""

    at: int
    after: bool
    seen: int = 0

    async def meet(self, call: Call, onward: Onward) -> object:
        """Nothing gets through once it is dead."""
        if self.seen >= self.at:
            raise LineBroke("it is dead")
        if call.fits("pointers.move"):
            self.seen += 1
            if self.seen == self.at:
                if self.after:
                    await onward(call.request)
                raise LineBroke("it dies")
        return await onward(call.request)


async def whole(w: World) -> bool:
    """Whether every file is where it was, with what it held."""
    return all([await w.alice.read(path) == content for path, content in FILES.items()])


@pytest.mark.parametrize("at", range(1, 8))
@pytest.mark.parametrize("after", [False, True])
async def test_dead_at_each_commit_it_is_whole_and_goes_on(at: int, after: bool) -> None:
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        for path, content in FILES.items():
            await w.alice.put(path, content)
        with w.alice.meeting(Dies(at, after)), suppress(Unreachable):
            await share_write(w.alice.session, "trip", "bob")
        other = await w.alice.another_device()
        assert all([await other.read(path) == content for path, content in FILES.items()])
        await other.put("while/it/lasts.txt", b"goes on")
        await finish(other.session)
        assert all([await other.read(path) == content for path, content in FILES.items()])
        await w.alice.share_write("trip", "bob")
        await w.bob.put("/alice/trip/0/new.txt", b"new")
        assert await other.read("trip/0/new.txt") == b"new"
        assert await whole(w)
