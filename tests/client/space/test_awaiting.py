"""Waiting for a space to change."""

from dataclasses import replace

import trio
import trio.testing

from client.space.awaiting import next_tip
from client.space.state import Tip
from protocols.pointers import Watch
from tests.client.space.conftest import InProcess, device
from tests.client.space.test_engine import put
from tests.node.people import Person
from tests.world.faults import Call, Onward, WatchedDoors


async def test_a_change_of_another_device_is_heard_and_verified(
    alice: Person, network: InProcess
) -> None:
    here, there = device(alice, network), device(alice, network)
    seen = (await here.view.refresh()).tip
    heard = list[Tip]()

    async def wait() -> None:
        heard.append(await next_tip(here.view, seen))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        assert heard == []
        await there.commit(put("a", b"1"))
    assert heard[0].pointer.seq == seen.pointer.seq + 1
    assert here.view.tip is heard[0]


async def test_a_change_that_was_seen_here_is_told_at_once(
    alice: Person, network: InProcess
) -> None:
    here = device(alice, network)
    seen = (await here.view.refresh()).tip
    await here.commit(put("a", b"1"))
    reached = network.reached
    assert (await next_tip(here.view, seen)).order > seen.order
    assert network.reached == reached


async def test_a_home_that_answers_at_once_that_nothing_changed_is_not_asked_without_pause(
    alice: Person, network: InProcess, autojump_clock: trio.testing.MockClock
) -> None:
    asked = list[float]()

    async def at_once(call: Call, onward: Onward) -> object:
        if not isinstance(call.request, Watch):
            return await onward(call.request)
        asked.append(trio.current_time())
        return await onward(replace(call.request, wait=0))

    network.wrap = lambda doors: WatchedDoors(doors, at_once)
    here = device(alice, network)
    seen = (await here.view.refresh()).tip
    with trio.move_on_after(9.5):
        await next_tip(here.view, seen)
    assert [round(each - asked[0]) for each in asked] == list(range(10))
