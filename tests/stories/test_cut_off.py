"""A day of Alice's, with one thing going wrong at some call of it, chosen by the seed."""

from collections.abc import Awaitable, Callable
from random import Random

import pytest
import trio

from formats.errors import NotFound, Unreachable
from tests.stories.story import REFUSALS
from tests.world.faults import Breaks, Fault, Hangs, LosesAnswer
from tests.world.person import Person
from tests.world.world import World

Step = Callable[[Person], Awaitable[object]]

BIG = b"0123456789abcdef" * 20_000
DAY: tuple[Step, ...] = (
    lambda alice: alice.put("notes/a.txt", b"first"),
    lambda alice: alice.put("notes/a.txt", b"second"),
    lambda alice: alice.put("notes/big", BIG),
    lambda alice: alice.mkdir("other/deep"),
    lambda alice: alice.mv("notes/a.txt", "other/deep/b.txt"),
    lambda alice: alice.share("other", "bob"),
    lambda alice: alice.share("notes", "bob"),
    lambda alice: alice.unshare("notes", "bob"),
    lambda alice: alice.rotate(),
    lambda alice: alice.put("gone", b"soon"),
    lambda alice: alice.rm("gone"),
    lambda alice: alice.put("box/back", b"back"),
    lambda alice: alice.rm("box"),
    lambda alice: alice.bring_back("box"),
    lambda alice: alice.empty_trash(),
)
EVENING = {"box", "box/back", "notes", "notes/big", "other", "other/deep", "other/deep/b.txt"}
TRIES = 6
"""Calls that are chosen for each kind of fault."""


async def live(w: World, fault: Fault | None) -> int:
    """The day; what was cut off is done again. Returns how many calls it took."""
    with w.alice.counting() as calls:
        for step in DAY:
            with w.alice.meeting(*([fault] if fault else [])):
                done = await survived(w, fault, step)
            if not done:
                await again(w, step)
    return len(calls)


async def survived(w: World, fault: Fault | None, step: Step) -> bool:
    """Whether the step came to its end. A call that hangs takes the machine with it."""
    if not isinstance(fault, Hangs):
        return await came_to_its_end(w, step)
    done = False
    async with trio.open_nursery() as nursery:
        nursery.start_soon(give_up, fault, nursery.cancel_scope)
        done = await came_to_its_end(w, step)
        nursery.cancel_scope.cancel()
    if fault.reached.is_set() and not done:
        await w.alice.crash()
        await w.restart("alice")
        await w.alice.sign_in()
    return done


async def came_to_its_end(w: World, step: Step) -> bool:
    try:
        await step(w.alice)
    except Unreachable:
        return False
    return True


async def give_up(fault: Hangs, step: trio.CancelScope) -> None:
    """What the kernel does for a process that is killed."""
    await fault.reached.wait()
    step.cancel()
    fault.over.set()


async def again(w: World, step: Step) -> None:
    """Do it once more; that it was done already is no error."""
    try:
        await step(w.alice)
    except NotFound:
        return


async def check_evening(w: World) -> None:
    """Everything is as it is after a day on which nothing happened."""
    phone = await w.alice.another_device()
    for alice in (w.alice, phone):
        assert await alice.ls_all() == EVENING
        assert await alice.read("notes/big") == BIG
        assert await alice.read("other/deep/b.txt") == b"second"
        assert await alice.read("box/back") == b"back"
        assert await alice.in_trash() == set()
    await w.bob.collect()
    assert await w.bob.shared_with_me() == {"/alice/other"}
    assert await w.bob.read("/alice/other/deep/b.txt") == b"second"
    with pytest.raises(REFUSALS):
        await w.bob.ls("/alice/notes")


async def day_with(fault: Fault | None) -> int:
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        calls = await live(w, fault)
        await check_evening(w)
    return calls


@pytest.mark.parametrize("kind", [Breaks, LosesAnswer, Hangs])
async def test_a_day_on_which_something_happens(kind: type[Breaks], rng: Random) -> None:
    calls = await day_with(None)
    assert calls > 20
    for at in sorted(rng.sample(range(1, calls + 1), TRIES)):
        print(f"{kind.__name__} at call {at} of {calls}")
        await day_with(kind(at=at))


async def test_two_devices_at_once_lose_nothing() -> None:
    async with World.open("alice") as w:
        devices = [w.alice, await w.alice.another_device(), await w.alice.another_device()]
        async with trio.open_nursery() as nursery:
            for number, device in enumerate(devices):
                for file in range(4):
                    content = f"{number} {file}".encode()
                    nursery.start_soon(device.put, f"box/{number}-{file}", content)
        fresh = await w.alice.another_device()
        names = {f"{number}-{file}" for number in range(3) for file in range(4)}
        assert await fresh.ls("box") == names
        assert {await fresh.read(f"box/{name}") for name in names} == {
            name.replace("-", " ").encode() for name in names
        }
