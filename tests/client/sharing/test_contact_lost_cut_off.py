"""Giving anew what a contact had who lost a machine, cut off at every call: all is gone on with."""

from collections.abc import Iterable
from typing import Final

import pytest
from trio.testing import MockClock

from client.identity.devices import own_digest, settle
from client.sharing import guests, underway
from client.sharing.jobs import finish
from client.sharing.own_spaces import own_spaces
from client.social import contacts, outbox
from client.social.store import look
from formats.errors import Unreachable
from tests.client.identity.revoking import call_it, follow_up, revoke
from tests.client.sharing.lost_contact import LostContact
from tests.together.whole import check_space_whole, check_whole
from tests.world.faults import Breaks, LosesAnswer
from tests.world.person import Person
from tests.world.world import World

HERS = {"docs/b.txt": b"two", "docs/deep/c.bin": bytes(range(256)) * 300, "trip/d.txt": b"four"}

AT_ONCE: Final = 8
"""Calls in one test."""
MOST: Final = 6 * AT_ONCE
"""More calls than it takes."""
CHANGING: Final = ("pointers.move", "inbox.leave")
"""Calls after which something is another than before."""


@pytest.fixture
def moving_clock() -> MockClock:
    """trio's clock for the whole test: runs as usual, and ``World.later`` moves it."""
    return MockClock(rate=1.0)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1, MOST + 1, AT_ONCE))
async def test_cut_off_before_every_call(moving_clock: MockClock, first: int) -> None:
    reached = await _each(Breaks(at=at) for at in range(first, first + AT_ONCE))
    assert not reached or first + AT_ONCE <= MOST


@pytest.mark.slow
@pytest.mark.parametrize("on", CHANGING)
async def test_cut_off_after_every_call_that_changes_something(
    moving_clock: MockClock, on: str
) -> None:
    assert not await _each(LosesAnswer(on, at) for at in range(1, AT_ONCE + 1))


async def _each(faults: Iterable[Breaks | LosesAnswer]) -> bool:
    """Each in turn, until one is not reached any more; whether all were."""
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        for path, content in HERS.items():
            await w.alice.put(path, content)
        await w.alice.share("docs", "bob")
        await w.alice.share_write("trip", "bob")
        await w.bob.collect()
        phone = await w.bob.another_device()
        for fault in faults:
            print(fault)
            await _cut_off(w, phone, fault)
            w.later(days=1)  # no more than so often in one
            if fault.seen < fault.at:
                return False
    return True


async def _cut_off(w: World, phone: Person, fault: Breaks | LosesAnswer) -> None:
    await phone.sign_in()
    call_it(phone, "phone")
    await settle(phone.session)
    seen = LostContact(phone, w.alice)
    await seen.look()
    await revoke(w.bob, own_digest(phone.session).hex())
    await follow_up(w.bob)
    with w.alice.meeting(fault):
        try:
            await w.alice.collect()
            await finish(w.alice.session)
        except Unreachable:
            await w.alice.crash()
            await w.alice.sign_in()
    for path, content in HERS.items():  # she has everything, however far it is
        assert await w.alice.read(path) == content
    await w.bob.collect()
    if not await outbox.waiting(await look(w.alice.session)):  # he was told, or nothing was done
        await w.bob.put("/alice/trip/his.txt", b"between")  # whichever key he has is good
    await _went_on(w)
    assert await seen.gets() == set()
    assert await seen.writes() == set()
    assert await w.bob.read("/alice/docs/deep/c.bin") == HERS["docs/deep/c.bin"]
    await w.bob.put("/alice/trip/his.txt", b"his")


async def _went_on(w: World) -> None:
    """What a session does by itself, after which nothing is left behind."""
    await w.alice.collect()
    await finish(w.alice.session)
    assert not await outbox.flush(w.alice.session)
    await w.bob.collect()
    system = await look(w.alice.session)
    assert await underway.due(system) == []
    assert not (await contacts.by_name(system, "bob")).is_lost
    await check_whole(w.alice)
    (apart,) = await guests.everything(system)
    await check_space_whole(w.alice, (await own_spaces(w.alice.session))[1], apart)
