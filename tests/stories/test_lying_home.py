"""A home that lies to its own people and to their friends: it can keep things back, and no more."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from formats.errors import HoldfastError, Stale
from formats.limits import SEGMENT
from tests.world.faults import AnswersPast, Fault, LeavesOut, Swaps
from tests.world.person import Person
from tests.world.world import World

CONTENT = b"".join(number.to_bytes(4, "big") for number in range(SEGMENT // 2))
MOST = 60
"""More blocks than any answer of this story has."""


async def honest(w: World) -> None:
    await w.alice.put("trips/large", CONTENT)
    await w.alice.put("trips/small", b"a few words")
    await w.alice.befriend(w.bob)
    await w.alice.share("trips", "bob")


async def everything(person: Person) -> tuple[set[str], bytes, bytes]:
    """All that there is to see of the folder."""
    return (
        await person.ls("/alice/trips"),
        await person.read("/alice/trips/large"),
        await person.read("/alice/trips/small"),
    )


TRUTH = ({"large", "small"}, CONTENT, b"a few words")


@pytest.mark.parametrize("lie", [LeavesOut, Swaps])
@pytest.mark.parametrize("name", ["alice", "bob"])
async def test_no_lie_about_blocks_is_believed(lie: Callable[[int], Fault], name: str) -> None:
    async with World.open("alice", "bob") as w:
        await honest(w)
        noticed = 0
        for which in range(MOST):
            fresh = await w.people[name].another_device()
            with fresh.meeting(lie(which)):
                noticed += await is_noticed(partial(everything, fresh))
            assert await everything(fresh) == TRUTH
            if which > noticed + 3:
                break
        assert noticed > 3


async def is_noticed(look: Callable[[], Awaitable[tuple[set[str], bytes, bytes]]]) -> bool:
    """Whether it ends with one of our errors; else what was seen must be the truth."""
    try:
        seen = await look()
    except HoldfastError:
        return True
    assert seen == TRUTH
    return False


async def test_the_past_is_noticed_once_the_present_was_seen() -> None:
    async with World.open("alice") as w:
        await w.alice.put("a", b"first")
        phone, past = await w.alice.another_device(), AnswersPast()
        with phone.meeting(past):
            assert await phone.ls() == {"a"}
        await w.alice.put("b", b"second")
        assert await phone.ls() == {"a", "b"}
        with phone.meeting(past), pytest.raises(Stale):
            await phone.ls()
        await phone.crash()
        await phone.sign_in()
        with phone.meeting(past), pytest.raises(Stale):
            await phone.ls()
        assert await phone.ls() == {"a", "b"}
