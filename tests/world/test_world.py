"""The world itself: people sign up, nodes come and go, faults are met, time passes."""

import time

import pytest
from trio.testing import MockClock

from formats.errors import Denied, Unreachable, WrongPassword
from tests.world.faults import Breaks, LosesAnswer, Refuses
from tests.world.world import World


async def test_a_world_has_nodes_and_people() -> None:
    async with World.open("alice", "bob", carol="bob") as w:
        assert {resident.name for resident in await w.places["bob"].node.admin.accounts()} == {
            "bob",
            "carol",
        }
        assert w.alice.session.name == "alice"
        assert await w.carol.used() > 0


async def test_a_world_takes_milliseconds() -> None:
    async with World.open("alice"):
        pass
    begun = time.process_time()
    async with World.open("alice", "bob"):
        pass
    assert time.process_time() - begun < 1.5


async def test_somebody_signs_in_again_also_after_the_node_was_killed() -> None:
    async with World.open("alice") as w:
        before = w.alice.session.id
        await w.alice.sign_out()
        with pytest.raises(WrongPassword):
            await w.alice.sign_in("another password")
        await w.restart("alice")
        await w.alice.sign_in()
        assert w.alice.session.id == before


async def test_a_second_device_is_the_same_person() -> None:
    async with World.open("alice") as w:
        phone = await w.alice.another_device()
        assert phone.session.id == w.alice.session.id
        assert phone.road is not w.alice.road


async def test_a_dead_node_is_unreachable_and_comes_back_at_once() -> None:
    async with World.open("alice") as w:
        assert await w.alice.used() > 0
        await w.stop("alice")
        with pytest.raises(Unreachable):
            await w.alice.used()
        await w.start("alice")
        assert await w.alice.used() > 0


async def test_faults_are_met_only_in_their_block() -> None:
    async with World.open("alice") as w:
        with w.alice.meeting(Refuses("accounts.account", Denied("no"))), pytest.raises(Denied):
            await w.alice.used()
        assert await w.alice.used() > 0


async def test_a_broken_line_is_made_anew() -> None:
    async with World.open("alice") as w:
        await w.alice.used()
        with w.alice.meeting(Breaks("accounts.account")), w.alice.counting() as calls:
            assert await w.alice.used() > 0
        assert calls.count("accounts.hello") == 1
        with w.alice.meeting(LosesAnswer("accounts.account")), w.alice.counting() as calls:
            assert await w.alice.used() > 0
        assert calls.count("accounts.account") == 2


async def test_time_passes_when_it_is_told_to(moving_clock: MockClock) -> None:
    async with World.open("alice") as w:
        before = w.clock.now_ms()
        w.later(days=1)
        assert w.clock.now_ms() - before >= 24 * 3600 * 1000
        await w.alice.sign_out()
        await w.alice.sign_in()


async def test_people_become_friends_between_nodes() -> None:
    async with World.open("alice", "bob", carol="bob") as w:
        await w.alice.befriend(w.bob)
        await w.bob.befriend(w.carol)
        assert await w.alice.contacts() == {"bob"}
        assert await w.bob.contacts() == {"alice", "carol"}
        assert await w.carol.contacts() == {"bob"}
