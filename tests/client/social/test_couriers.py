"""Drops go by couriers where some are known: never silently lost, never by a way that tells."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from trio.testing import MockClock

from client.couriers import Couriers
from client.social import card, outbox
from client.social.delivering import STRAIGHT_AFTER
from client.social.store import look
from formats.errors import Unreachable
from formats.whereabouts import Home
from protocols import courier as c
from tests.world.faults import Call, LosesAnswer, Onward, Refuses
from tests.world.person import Person
from tests.world.world import World

HOMES = {name: Home(name.encode(), ()) for name in ("own", "target", "first", "second", "third")}


@pytest.fixture
def moving_clock() -> MockClock:
    """trio's clock for the whole test: runs as usual, and ``World.later`` moves it."""
    return MockClock(rate=1.0)


@dataclass
class Carried:
    """The nodes of a world that handed an envelope on, in the block."""

    by: list[str] = field(default_factory=list)


@contextmanager
def carrying(world: World) -> Iterator[Carried]:
    before = {name: road.calls.count("courier.carry") for name, road in world.between.items()}
    carried = Carried()
    yield carried
    for name, road in world.between.items():
        carried.by += [name] * (road.calls.count("courier.carry") - before[name])


async def befriended(world: World) -> tuple[Person, Person]:
    """Alice knows bob, who is written to, and carol (and whoever else there is)."""
    for name in world.people:
        if name != "alice":
            await world.alice.befriend(world.people[name])
    await world.alice.put("note.txt", b"x")
    return world.alice, world.bob


async def undelivered(person: Person) -> int:
    return len(await outbox.waiting(await look(person.session)))


async def test_a_friends_home_passes_a_drop_on() -> None:
    async with World.open("alice", "bob", "carol") as w:
        alice, bob = await befriended(w)
        with alice.counting() as calls, carrying(w) as carried:
            await alice.share("note.txt", "bob")
        assert "inbox.leave" not in calls
        assert set(carried.by) == {"alice", "carol"}  # by her home, by carol's, to bob's
        assert "alice changed what they share with you" in (await bob.collect())[0]


async def test_who_sits_at_their_own_node_goes_by_two_others() -> None:
    async with World.open("alice", "bob", "carol", "dave") as w:
        alice, bob = await befriended(w)
        session = alice.session
        session.around = replace(session.around, here=session.whereabouts.home.peer)
        with carrying(w) as carried:
            await alice.share("note.txt", "bob")
        assert set(carried.by) == {"carol", "dave"}
        assert len(await bob.collect()) == 1


async def test_without_any_courier_it_goes_straight() -> None:
    async with World.open("alice", "bob") as w:
        alice, bob = await befriended(w)
        with alice.counting() as calls, carrying(w) as carried:
            await alice.share("note.txt", "bob")
        assert carried.by == []
        assert calls.count("inbox.leave") == 1
        assert len(await bob.collect()) == 1


async def test_couriers_that_are_not_there_count_for_nothing() -> None:
    async with World.open("alice", "bob", "carol") as w:
        alice, bob = await befriended(w)
        session = alice.session
        session.around = replace(session.around, here=session.whereabouts.home.peer)
        await w.stop("carol")
        with alice.counting() as calls:
            await alice.share("note.txt", "bob")
        assert calls.count("inbox.leave") == 1
        assert len(await bob.collect()) == 1


async def test_of_two_couriers_the_one_that_is_there_goes_alone() -> None:
    async with World.open("alice", "bob", "carol", "dave") as w:
        alice, bob = await befriended(w)
        session = alice.session
        session.around = replace(session.around, here=session.whereabouts.home.peer)
        await w.stop("carol")
        with alice.counting() as calls, carrying(w) as carried:
            await alice.share("note.txt", "bob")
        assert "inbox.leave" not in calls
        assert carried.by == ["dave"]
        assert len(await bob.collect()) == 1


async def test_couriers_that_do_not_want_to_are_passed_over() -> None:
    async with World.open("alice", "bob", "carol") as w:
        alice, bob = await befriended(w)
        core = w.places["carol"].node.core
        core.config = replace(core.config, network=replace(core.config.network, courier=False))
        alice.session.couriers.hops.clear()
        with alice.counting() as calls:
            await alice.share("note.txt", "bob")
        assert calls.count("inbox.leave") == 1
        assert len(await bob.collect()) == 1


async def test_a_home_that_is_away_gets_it_later() -> None:
    async with World.open("alice", "bob", "carol") as w:
        alice, bob = await befriended(w)
        await w.stop("bob")
        with alice.counting() as calls:
            await alice.share("note.txt", "bob")
        assert "inbox.leave" not in calls  # nothing straight: somebody might wait for that
        assert await undelivered(alice) == 1
        await w.start("bob")
        assert await outbox.flush(alice.session) == []
        assert await undelivered(alice) == 0
        assert len(await bob.collect()) == 1


async def test_what_no_courier_brings_for_an_hour_goes_straight(moving_clock: MockClock) -> None:
    async with World.open("alice", "bob", "carol") as w:
        alice, bob = await befriended(w)
        w.between["carol"].faults.append(Refuses("courier.carry", Unreachable("not from here")))
        await alice.share("note.txt", "bob")
        assert await undelivered(alice) == 1
        w.later(seconds=STRAIGHT_AFTER / 1000)
        with alice.counting() as calls:
            assert await outbox.flush(alice.session) == []
        assert calls.count("inbox.leave") == 1
        assert len(await bob.collect()) == 1


class Lies:
    """A courier that says it was taken, and throws it away."""

    async def meet(self, call: Call, onward: Onward) -> object:
        if str(call) == "courier.carry":
            return c.Carried(bytes(c.REPLY))
        return await onward(call.request)


async def test_a_courier_that_throws_it_away_is_not_believed() -> None:
    async with World.open("alice", "bob", "carol") as w:
        alice, bob = await befriended(w)
        w.between["carol"].faults.append(Lies())
        await alice.share("note.txt", "bob")
        assert await undelivered(alice) == 1
        w.between["carol"].faults.clear()
        assert await outbox.flush(alice.session) == []
        assert len(await bob.collect()) == 1


async def test_an_answer_that_is_lost_costs_a_second_message_that_does_nothing() -> None:
    async with World.open("alice", "bob", "carol") as w:
        alice, bob = await befriended(w)
        lost = LosesAnswer("courier.carry")
        w.between["carol"].faults.append(lost)
        await alice.share("note.txt", "bob")
        assert lost.seen == 1
        assert await undelivered(alice) == 1
        assert await outbox.flush(alice.session) == []
        assert len(await bob.collect()) == 1


async def test_a_card_that_is_used_up_still_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "CARD_USES", 1)
    async with World.open("alice", "bob", "carol") as w:
        text = await w.bob.card()
        await w.alice.befriend(w.carol)
        await w.carol.collect()
        for person in (w.alice, w.carol):
            with person.counting() as calls, carrying(w) as carried:
                await person.follow(text)
            assert "inbox.leave" not in calls
            assert carried.by
            assert await undelivered(person) == 0
        assert len(await w.bob.collect()) == 2
        assert await w.bob.requests() == {"alice", "carol"}


@pytest.mark.parametrize("near", [True, False])
def test_ways_begin_and_end_where_they_may(near: bool) -> None:
    known = [HOMES[name] for name in ("own", "target", "first", "second", "third", "first")]
    couriers = Couriers()
    found = list(couriers.ways(known, HOMES["own"], near, [HOMES["target"]], Random(1)))
    assert len(found) == 3
    for first, last in found:
        assert last.peer in {b"first", b"second", b"third"}
        assert first.peer != last.peer
        assert (first.peer == b"own") is not near
        assert first.peer != b"target"


def test_who_turns_out_to_be_away_or_idle_is_gone_without() -> None:
    own, first, second = (HOMES[name] for name in ("own", "first", "second"))
    couriers, away = Couriers(), set[bytes]()
    tried = []
    ways = couriers.ways([first, second], own, False, [HOMES["target"]], Random(1), away)
    for way in ways:
        tried.append(way)
        away.add(own.peer)
        if way[0] == first:
            couriers.idle.add(first.peer)
    assert tried == [[own, second], [first, second], [second]]


def test_the_last_courier_is_drawn_evenly() -> None:
    random, known = Random(1), [HOMES[name] for name in ("first", "second", "third")]
    drawn = Counter(
        next(Couriers().ways(known, HOMES["own"], True, [HOMES["target"]], random))[-1].peer
        for _ in range(3000)
    )
    assert all(900 < count < 1100 for count in drawn.values())


def test_one_s_own_home_never_goes_alone() -> None:
    own, target = HOMES["own"], HOMES["target"]
    assert list(Couriers().ways([own, target], own, False, [target], Random(1))) == []
    only = list(Couriers().ways([HOMES["first"]], own, True, [target], Random(1)))
    assert only == [[HOMES["first"]]]
    couriers = Couriers(idle={b"own"})
    ways = list(couriers.ways([HOMES["first"]], own, False, [target], Random(1)))
    assert ways == [[HOMES["first"]]]
    same = list(Couriers().ways([HOMES["first"]], own, False, [own], Random(1)))
    assert same == [[HOMES["first"]]]
