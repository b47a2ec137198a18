"""Waiting for a space to change."""

import trio
import trio.testing

from client.space.awaiting import next_tip
from client.space.state import Tip
from tests.client.space.conftest import InProcess, device
from tests.client.space.test_engine import put
from tests.node.people import Person


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
