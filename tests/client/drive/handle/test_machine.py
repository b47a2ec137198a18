"""Open files against plain bytes, over a fake space and over a real node."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from hypothesis import settings

from client.drive.drive import Drive
from formats.errors import Unreachable
from tests.client.drive.drives import NOW, new_drive
from tests.client.drive.handle.machine import Handles, Stage
from tests.client.fakes import FakeSpace
from tests.world.faults import Refuses
from tests.world.world import World


@asynccontextmanager
async def over_a_fake_space() -> AsyncIterator[Stage]:
    """Both drives on one space in a dict."""
    mine, space = await new_drive()
    space.keeps = 1000
    others = Drive("alice", space, mine.root, lambda: NOW, device="phone")
    yield Stage(mine, others, lambda: failing(space))


@contextmanager
def failing(space: FakeSpace) -> Iterator[None]:
    """The next commit does not get through, nor does staging."""

    async def fail() -> None:
        raise Unreachable("the home is gone")

    space.failures, space.on_stage = [Unreachable("the home is gone")], fail
    try:
        yield
    finally:
        space.failures, space.on_stage = [], None


@asynccontextmanager
async def over_a_node() -> AsyncIterator[Stage]:
    """Two devices at a real node."""
    async with World.open("alice") as w:
        other = await w.alice.another_device()
        mine, others = w.alice.drive, other.drive
        mine.device = "device"

        @contextmanager
        def fail() -> Iterator[None]:
            gone = Unreachable("the home is gone")
            with w.alice.meeting(Refuses("blocks", gone), Refuses("pointers", gone)):
                yield

        yield Stage(mine, others, fail)


class OverAFakeSpace(Handles):
    opened = staticmethod(over_a_fake_space)


class OverANode(Handles):
    opened = staticmethod(over_a_node)


TestOverAFakeSpace = OverAFakeSpace.TestCase
TestOverAFakeSpace.settings = settings(max_examples=60, stateful_step_count=40)
TestOverANode = OverANode.TestCase
TestOverANode.settings = settings(max_examples=10, stateful_step_count=30)
