"""How fast those who use a node may go."""

from dataclasses import replace

import pytest
import trio
import trio.testing

from formats.errors import TooMany
from node.build import Node
from node.caller import Caller
from node.config import SignUps
from node.counts import Counts
from node.limits import Limits
from node.pace import BURST, DAY, MOST_KNOWN, NOTHING, Pace
from protocols import accounts as a
from protocols import pointers as p
from storage.contracts import SpaceKey
from tests.node.people import NOW, Clock, Person

SITE = "192.0.2.7"
TEN = Limits(requests=10)


def away(site: str = SITE, owner: bytes = b"") -> Caller:
    """A connection from elsewhere, which acts for an account or for none."""
    caller = Caller(b"peer", local=False, site=site)
    if owner:
        caller.members.add((SpaceKey(owner, bytes(32)), b"digest"))
    return caller


async def asked(pace: Pace, times: int, *callers: Caller) -> float:
    """Seconds that so many requests took, by turns."""
    start = trio.current_time()
    for number in range(times):
        await pace.turn(callers[number % len(callers)], TEN)
    return trio.current_time() - start


async def test_a_burst_passes_and_the_rest_comes_at_the_rate(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pace, caller = Pace(Counts()), away()
    assert await asked(pace, int(BURST * 10), caller) < NOTHING
    assert await asked(pace, 50, caller) == pytest.approx(5)


async def test_many_connections_of_one_address_are_one(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pace = Pace(Counts())
    await asked(pace, int(BURST * 10), away(), away())
    assert await asked(pace, 10, away(), away(), away()) == pytest.approx(1)


async def test_one_account_from_many_addresses_is_one(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pace, callers = Pace(Counts()), [away(f"192.0.2.{n}", b"a" * 32) for n in range(50)]
    await asked(pace, int(BURST * 10), *callers)
    assert await asked(pace, 10, *callers) == pytest.approx(1)


async def test_others_and_this_machine_are_not_slowed(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pace = Pace(counts := Counts())
    await asked(pace, int(BURST * 10), away())
    assert await asked(pace, 5, away("192.0.2.8")) < NOTHING
    assert await asked(pace, 500, Caller()) == 0
    assert not counts.slowed
    await asked(pace, 1, away())
    assert counts.slowed["requests"] == 1


async def test_it_remembers_a_bounded_number(autojump_clock: trio.testing.MockClock) -> None:
    pace = Pace(Counts())
    for number in range(MOST_KNOWN + 10):
        await pace.turn(away(str(number)), TEN)
    assert len(pace._due) == MOST_KNOWN


async def test_every_door_waits_for_its_turn(
    node: Node, alice: Person, autojump_clock: trio.testing.MockClock
) -> None:
    node.core.config = replace(node.config, limits=TEN)
    doors = node.open(away())
    start = trio.current_time()
    for _ in range(int(BURST * 10) + 10):
        await doors.accounts.hello(a.AskHello("tests"))
    assert trio.current_time() - start == pytest.approx(1)


async def test_sign_ups_without_an_invite_are_counted_by_day(
    node: Node, alice: Person, clock: Clock
) -> None:
    limits = Limits(sign_ups_a_day=1, sign_ups_a_day_in_all=2)
    node.core.config = replace(node.config, sign_up=SignUps.OPEN, limits=limits)

    async def sign_up(name: str, site: str, invite: bytes | None = None) -> None:
        doors = node.open(away(site))
        await Person(name).sign_up(doors, invite)

    await sign_up("bob", "192.0.2.1")
    with pytest.raises(TooMany, match="today"):
        await sign_up("carol", "192.0.2.1")
    await sign_up("carol", "192.0.2.2")
    with pytest.raises(TooMany, match="today"):
        await sign_up("dave", "192.0.2.3")
    clock.now += DAY
    doors = node.open(away("192.0.2.1"))
    assert await doors.accounts.hello(a.AskHello("tests"))
    node.core.pace.check_sign_up(away("192.0.2.1"), limits, clock.now)


async def test_what_is_sent_in_a_day_has_a_ceiling() -> None:
    counts = Counts()
    pace, limits = Pace(counts), Limits(transfer_a_day=1000)
    pace.check_sent(away(), limits, NOW)
    counts.sent += 999
    pace.check_sent(away(), limits, NOW)
    counts.sent += 1
    with pytest.raises(TooMany, match="today"):
        pace.check_sent(away(), limits, NOW)
    pace.check_sent(Caller(), limits, NOW)
    pace.check_sent(away(), Limits(), NOW)
    pace.check_sent(away(), limits, NOW + DAY)


async def test_a_store_over_its_ceiling_takes_nothing_and_lets_read(
    node: Node, alice: Person
) -> None:
    node.core.config = replace(node.config, limits=Limits(min_free=0, storage=1))
    assert node.core.gate.is_due()
    doors = node.open()
    await alice.arrive(doors)
    node.core.gate.stored = (await node.admin.account("alice")).used
    assert node.core.gate.short(node.config.limits)
    assert await doors.pointers.resolve(p.Resolve(alice.id, alice.space.record.space, None))
