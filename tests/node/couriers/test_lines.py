"""A line to a next node is kept for one connection, and for nobody else."""

from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
import trio.testing

from crypto.secret import random_secret
from formats.courier.envelope import Enquire, post
from formats.courier.reply import Reply
from formats.errors import Unreachable
from formats.whereabouts import Home
from node.couriers import lines
from protocols.services import Doors, Network
from tests.node.couriers.test_courier import NAMES, OUTSIDE, Town, carry, town

__all__ = ["town"]


@dataclass
class Counted:
    """A network that counts whom it reached, and how many of these lines are open."""

    network: Network
    reached: Counter[bytes] = field(default_factory=Counter)
    open: Counter[bytes] = field(default_factory=Counter)

    async def reach(self, home: Home) -> Doors:
        doors = await self.network.reach(home)
        self.reached[home.peer] += 1
        self.open[home.peer] += 1
        closing, closed = doors.aclose, set[bool]()

        async def close() -> None:
            self.open[home.peer] -= not closed
            closed.add(True)
            await closing()

        doors.aclose = close  # type: ignore[method-assign]
        return doors


@pytest.fixture
def counted(town: Town) -> Counted:
    found = Counted(town.network)
    for node in town.nodes.values():
        node.core.courier.lines.network = found
    return found


async def delivered(town: Town, doors: Doors, number: int) -> None:
    """Ask for the record of the home along the way, then leave a message, over one connection."""
    way = [await town.hop("first"), await town.hop("second")]
    asking = Enquire(town.home("home"), random_secret())
    carried = await doors.courier.carry(carry(post(way, asking)))
    assert Reply.open(carried.reply, asking.reply).record is not None
    posted, last = await town.posted(*NAMES, message=bytes([number]) * 16384)
    carried = await doors.courier.carry(carry(posted))
    assert Reply.open(carried.reply, last.reply) == Reply()


async def test_a_way_is_dialled_once_and_let_go_with_its_sender(
    town: Town, counted: Counted
) -> None:
    doors = town.doors("first")
    await delivered(town, doors, 1)
    second, home = town.home("second").peer, town.home("home").peer
    assert counted.reached == {second: 1, home: 1}
    assert counted.open == {second: 1, home: 1}
    assert len(await town.waiting()) == 1
    await doors.aclose()
    await trio.testing.wait_all_tasks_blocked()
    assert counted.open == {second: 0, home: 0}


async def test_another_s_envelope_goes_over_a_line_of_its_own(town: Town, counted: Counted) -> None:
    """Or the time of an answer would tell a stranger whether somebody wrote there just now."""
    for number in range(3):
        await delivered(town, town.doors("first"), number)
    assert counted.reached == {town.home("second").peer: 3, town.home("home").peer: 3}


async def test_who_asks_for_many_nodes_keeps_one_line(town: Town, counted: Counted) -> None:
    doors = town.doors("first")
    for name in ("second", "home", "second"):
        asking = Enquire(town.home(name), random_secret())
        await doors.courier.carry(carry(post([await town.hop("first")], asking)))
    assert counted.reached == {town.home("second").peer: 2, town.home("home").peer: 1}
    assert counted.open == {town.home("second").peer: 1, town.home("home").peer: 0}


async def test_no_more_lines_are_kept_than_there_is_room_for(
    town: Town, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST", 1)
    second = town.home("second").peer
    for _ in range(3):
        asking = Enquire(town.home("second"), random_secret())
        await town.doors("first").courier.carry(carry(post([await town.hop("first")], asking)))
    assert counted.open[second] == 1


async def test_a_line_that_broke_is_not_kept(town: Town, counted: Counted) -> None:
    doors, second = town.doors("first"), town.nodes["second"]
    asking = Enquire(town.home("second"), random_secret())
    await doors.courier.carry(carry(post([await town.hop("first")], asking)))
    await town.network.remove(second.peer_id)
    asking = replace(asking, reply=random_secret())
    with pytest.raises(Unreachable):
        await doors.courier.carry(carry(post([await town.hop("first")], asking)))
    town.network.add(second)
    asking = replace(asking, reply=random_secret())
    await doors.courier.carry(carry(post([await town.hop("first")], asking)))
    assert counted.open[second.peer_id] == 1
    assert OUTSIDE not in second.core.courier.lines._kept
