"""Revoking a machine, and what follows, cut off at every call: nothing is lost, nothing is open."""

from collections import deque
from collections.abc import Iterable
from typing import Final

import pytest

from client.identity.devices import own_digest, settle
from client.session import Owner
from client.sharing import guests, underway
from client.sharing.own_spaces import own_spaces
from client.social.store import look
from formats.errors import Stale, Unreachable
from tests.client.identity.lost import Lost
from tests.client.identity.revoking import call_it, follow_up, revoke
from tests.together.whole import check_space_whole, check_whole
from tests.world.faults import Breaks, LosesAnswer
from tests.world.person import Person
from tests.world.world import World

HERS = {"a.txt": b"one", "docs/b.txt": b"two", "docs/deep/c.bin": bytes(range(256)) * 300}
WRITTEN = {"trip/d.txt": b"four"}


AT_ONCE: Final = 8
"""Calls in one test."""
RENEWALS: Final = 6
"""Of keys in one world: friends keep every record of an identity, and can keep some eight."""
MOST: Final = 14 * AT_ONCE
"""More calls than it takes; how many it does is not for this test to say."""
CHANGING: Final = ("pointers.move", "accounts.succeed", "inbox.leave")
"""Calls after which something is another than before."""


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1, MOST + 1, AT_ONCE))
async def test_cut_off_before_every_call(first: int) -> None:
    reached = await _each(Breaks(at=at) for at in range(first, first + AT_ONCE))
    assert not reached or first + AT_ONCE <= MOST


@pytest.mark.slow
@pytest.mark.parametrize("on", CHANGING)
async def test_cut_off_after_every_call_that_changes_something(on: str) -> None:
    assert not await _each(LosesAnswer(on, at) for at in range(1, AT_ONCE + 1))


async def _each(faults: Iterable[Breaks | LosesAnswer]) -> bool:
    """One after the other, until one is not reached any more; whether all were."""
    ahead = deque(faults)
    while ahead:
        async with World.open("alice", "bob") as w:
            phone = await _prepared(w)
            while ahead and w.alice.session.chain.seq < RENEWALS:
                fault = ahead.popleft()
                print(fault)
                await _cut_off(w, phone, fault)
                if fault.seen < fault.at:
                    return False
    return True


async def _prepared(w: World) -> Person:
    """Who shares something for reading and something for writing, and has another machine."""
    await w.alice.befriend(w.bob)
    for path, content in (HERS | WRITTEN).items():
        await w.alice.put(path, content)
    await w.alice.share("docs", "bob")
    await w.alice.share_write("trip", "bob")
    return await w.alice.another_device()


async def _cut_off(w: World, phone: Person, fault: Breaks | LosesAnswer) -> None:
    await phone.sign_in()
    call_it(phone, "phone")
    await phone.put("phone.txt", b"x")
    await settle(phone.session)
    await w.alice.sign_in()
    lost, seq = Lost(phone), w.alice.session.chain.seq
    await lost.look()
    with w.alice.meeting(fault):
        try:
            await revoke(w.alice, own_digest(phone.session).hex())
            await follow_up(w.alice)
        except (Unreachable, Stale):
            await w.alice.crash()
    await w.alice.sign_in()
    await reads(w.alice)
    if w.alice.session.chain.seq > seq:
        await _gets_nothing(w, lost)
    await follow_up(w.alice, w.bob)
    await _is_whole(w)
    if w.alice.session.chain.seq > seq:
        await _gets_nothing(w, lost)


async def reads(alice: Person) -> None:
    """She has everything, however far it is."""
    for path, content in (HERS | WRITTEN).items():
        assert await alice.read(path) == content


async def _gets_nothing(w: World, lost: Lost) -> None:
    assert await lost.gets(Owner(w.alice.session.chain)) == set()


async def _is_whole(w: World) -> None:
    """All is done, nothing is left behind, and the friend has what he had."""
    system = await look(w.alice.session)
    assert await underway.renewal(system) is None
    await check_whole(w.alice)
    (apart,) = await guests.everything(system)
    await check_space_whole(w.alice, (await own_spaces(w.alice.session))[1], apart)
    assert await w.bob.read("/alice/docs/deep/c.bin") == HERS["docs/deep/c.bin"]
    await w.bob.put("/alice/trip/his.txt", b"his")
