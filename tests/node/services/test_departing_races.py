"""An account is deleted in the very moment between what a door looked at and what it writes."""

from collections.abc import Awaitable, Callable

import pytest

from formats.errors import Denied, Stale, Unfit
from node.build import Node
from node.departures import KEPT
from node.jobs.expiry import forget_farewells
from protocols import directory as d
from storage.contracts import DepartureRow
from tests.node.people import Clock, move, prove_member
from tests.node.services.test_departing import Home, _code, _home
from tests.node.services.test_settling import request as settling


@pytest.fixture
async def home(node: Node, clock: Clock) -> Home:
    return await _home(node, clock)


@pytest.fixture
def then_first(home: Home, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have something done just before the next write of the store begins."""
    store = home.node.core.store
    write = store.write

    def plan(first: Callable[[], Awaitable[object]]) -> None:
        async def written(work: Callable[..., object]) -> object:
            monkeypatch.setattr(store, "write", write)
            await first()
            return await write(work)

        monkeypatch.setattr(store, "write", written)

    return plan


async def test_whereabouts_that_were_on_their_way_do_not_bring_it_back(
    home: Home, then_first: Callable[..., None]
) -> None:
    other = await home.arrived()
    here = home.alice.whereabouts(home.node.peer_id, 9).encoded
    then_first(lambda: home.doors.accounts.depart(home.request(5)))
    with pytest.raises(Unfit, match="deleted here"):
        await other.directory.publish(d.Publish(home.alice.id, (), here))
    assert (await home.look()).whereabouts != here


async def test_who_was_settling_in_does_not_bring_it_back(
    home: Home, then_first: Callable[..., None]
) -> None:
    doors, code = home.open(local=False), _code(await home.node.admin.invite())
    asked = await settling(home.alice, doors, seq=2, invite=code)
    then_first(lambda: home.doors.accounts.depart(home.request(5)))
    with pytest.raises(Stale):
        await doors.accounts.settle(asked)
    assert (await home.look()).farewell is not None
    assert await home.read(lambda view: view.account_of(home.alice.id)) is None


async def test_a_space_that_was_on_its_way_is_not_begun(
    home: Home, then_first: Callable[..., None]
) -> None:
    other, alice = await home.arrived(), home.alice
    space = alice.new_space("late")
    await prove_member(other, space)
    root, new = space.change()
    then_first(lambda: home.doors.accounts.depart(home.request(5)))
    with pytest.raises(Denied):
        await other.pointers.move(move(space.sign(root), new, space.record))
    assert await home.read(lambda view: list(view.spaces_of(alice.id))) == []


async def test_who_left_again_meanwhile_is_not_forgotten(
    home: Home, then_first: Callable[..., None]
) -> None:
    await home.doors.accounts.depart(home.request(3))
    before = await home.node.store.read(lambda view: view.departure(home.alice.id))
    assert before is not None
    home.clock.now += KEPT + 1

    async def leave_again() -> None:
        later = DepartureRow(before.id, before.farewell, before.receipt, home.clock.now + KEPT)
        await home.node.store.write(lambda tx: tx.put_departure(later))

    then_first(leave_again)
    await forget_farewells(home.node.core)
    assert (await home.look()).farewell is not None
