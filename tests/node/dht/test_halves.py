"""A network is cut in two for an hour, both halves change, and it is one again."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from random import Random

import pytest
import trio
from trio.testing import MockClock

from formats.published import Published
from node.dht.answering import Kind
from node.dht.contact import Contact
from node.dht.lost import Lost
from node.dht.rules import LOST, LOST_SECONDS, LOST_TRIES
from tests.node.dht.halves import Halves, Place, halves
from tests.node.dht.town import published

NODES = 50
HOMES = range(4)
"""Nodes at which somebody lives, whose number is theirs; the odd ones are one half."""

LOOKING = 8
"""Nodes that look for everybody again and again."""

HOUR = 3600.0


def person(number: int, seq: int, length: int = 1) -> Published:
    return published(f"p{number}", length, seq)


@pytest.fixture(autouse=True)
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time does not jump while a thread verifies; and nobody verifies the same bytes twice."""

    async def run(work: Callable[..., object], *words: object, limiter: object) -> object:
        return work(*words)

    monkeypatch.setattr("node.dht.service.trio.to_thread.run_sync", run)
    monkeypatch.setattr(Published, "decode", cache(Published.decode))


Found = tuple[bool, int, tuple[int, int]]
"""Whether in the half of who looked; whose number; and how new."""


class Watch:
    """What each node has found, which must never be older than what it found before."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.seen: dict[tuple[Place, int, int], tuple[int, int]] = {}
        """By node, person, and which of their keys was looked for."""

    async def look(self, places: Iterable[Place]) -> list[Found]:
        """All of these look for everybody; what they find."""
        told: list[Found] = []
        async with trio.open_nursery() as nursery:
            for place in places:
                for number in HOMES:
                    nursery.start_soon(self._one, place, number, told)
        return told

    async def _one(self, place: Place, number: int, told: list[Found]) -> None:
        key = self.random.randrange(2)
        found = await place.finds(person(number, 0), key)
        assert found is not None
        before = self.seen.get((place, number, key), (0, 0))
        assert found.age >= before, f"older than it had seen itself: {found.age}, {before}"
        self.seen[place, number, key] = found.age
        told.append((place.half == number % 2, number, found.age))


async def change(world: Halves, places: list[Place], watch: Watch) -> None:
    """For an hour the halves do not reach each other; everybody moves twice, two change keys."""
    world.cut = True
    for seq in (1, 2):
        await trio.sleep(HOUR / 3)
        for number in HOMES:
            await places[number].publishes(person(number, seq))
        await trio.sleep(60)
        for same_half, _, age in await watch.look(places[-LOOKING:]):
            assert age == (0, seq if same_half else 0)
    for number in HOMES[:2]:
        await places[number].publishes(person(number, 0, 2))
    await trio.sleep(HOUR / 3)
    world.cut = False


@pytest.mark.slow
async def test_both_halves_change_and_afterwards_everybody_finds_the_newest(
    autojump_clock: MockClock, rng: Random
) -> None:
    watch = Watch(rng)
    async with halves(NODES, rng) as (world, places):
        for number in HOMES:
            await places[number].publishes(person(number, 0))
        await trio.sleep(60)
        await watch.look(places[-LOOKING:])
        await change(world, places, watch)
        await watch.look(places[-LOOKING:])  # not all of it can be known yet
        await trio.sleep(4 * LOST_SECONDS)
        for _, number, age in await watch.look(places):
            assert age == ((1, 0) if number < 2 else (0, 2))


async def test_who_asks_and_has_no_place_is_asked_back_once(
    autojump_clock: MockClock, rng: Random
) -> None:
    """With fifty nodes the first bucket has no place for all of them."""
    async with halves(NODES, rng) as (world, places):
        await trio.sleep(60)
        before = Counter(world.asked)
        await trio.sleep(1200)
        assert world.asked[Kind.PING] == before[Kind.PING]
        assert any(len(place.dht.table) < NODES - 1 for place in places)


def _node(number: int) -> Contact:
    return Contact.of(bytes([number]) * 8, ())


def test_many_that_were_lost_and_are_not_any_more_mean_that_the_network_was_cut() -> None:
    lost = Lost()
    assert not lost.are_back(8)
    for number in range(2):
        lost.add(_node(number))
    assert not lost.are_back(8)  # they are still lost
    lost.found(_node(0))
    assert not lost.are_back(9)  # they were not many
    assert lost.are_back(8)
    lost.settle()
    lost.add(_node(0))
    lost.found(_node(0))
    lost.found(_node(1))
    assert lost.are_back(8)
    lost.settle()
    assert not lost.are_back(8)


def test_in_a_large_network_as_many_as_are_remembered_are_many() -> None:
    lost = Lost()
    for number in range(LOST):
        lost.add(_node(number))
    for number in range(LOST // 2):
        assert not lost.are_back(5000)
        lost.found(_node(number))
    assert lost.are_back(5000)
    assert not lost.are_back(0)


def test_so_many_lost_ones_are_called_so_often(rng: Random) -> None:
    lost = Lost()
    for number in range(LOST + 1):
        lost.add(_node(number))
    assert len(lost) == LOST
    assert not lost.found(_node(0))  # the oldest made place
    assert lost.found(_node(1))
    assert len(lost.some(3, rng)) == 3
    assert len(lost.some(LOST, rng)) == len(lost) == LOST - 1
    for _ in range(LOST_TRIES - 1):
        lost.called(_node(2))
    assert len(lost) == LOST - 1
    lost.called(_node(2))
    lost.called(_node(2))
    assert len(lost) == LOST - 2
    assert not lost.found(_node(2))
