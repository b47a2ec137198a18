"""Turns and places: who is fast waits alone, who is silent drives out only their own."""

from collections import Counter

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from node.transport.lobby import Lobby
from node.transport.turns import BURST, Turns


async def asks(turns: Turns, who: str, done: Counter[str]) -> None:
    while True:
        await turns.wait(who)
        done[who] += 1


async def test_each_has_their_rate(autojump_clock: MockClock) -> None:
    turns, done = Turns(10, 1000), Counter[str]()
    with trio.move_on_after(10):
        async with trio.open_nursery() as nursery:
            for who in ("a", "a", "a", "b"):
                nursery.start_soon(asks, turns, who, done)
    assert all(abs(done[who] - (10 + BURST) * 10) <= 1 for who in "ab")


async def test_rates_may_change(autojump_clock: MockClock) -> None:
    turns, done = Turns(10, 1000), Counter[str]()
    async with trio.open_nursery() as nursery:
        for who in "ab":
            nursery.start_soon(asks, turns, who, done)
        await trio.sleep(10)
        before = Counter(done)
        turns.renew(5, 1000)
        await trio.sleep(10)
        assert all(abs(done[who] - before[who] - 50) <= 1 for who in "ab")
        before = Counter(done)
        turns.renew(5, 4)
        await trio.sleep(10)
        assert 40 <= done.total() - before.total() <= (10 + BURST) * 4
        nursery.cancel_scope.cancel()


async def test_a_crowd_of_one_address_is_one_in_the_common_line(autojump_clock: MockClock) -> None:
    turns, done = Turns(100, 100), Counter[str]()
    with trio.move_on_after(20):
        async with trio.open_nursery() as nursery:
            for _ in range(500):
                nursery.start_soon(asks, turns, "crowd", done)
            nursery.start_soon(asks, turns, "one", done)
    assert done["one"] >= done.total() * 0.45
    assert done.total() <= 22 * 100 + 1


async def test_one_who_asks_little_waits_for_as_many_as_there_are_addresses(
    autojump_clock: MockClock,
) -> None:
    turns, done = Turns(100, 100), Counter[str]()
    async with trio.open_nursery() as nursery:
        for at in range(200):
            nursery.start_soon(asks, turns, f"hostile {at // 10}", done)
        await trio.sleep(60)
        start = trio.current_time()
        await turns.wait("honest")
        assert trio.current_time() - start <= 21 / 100
        nursery.cancel_scope.cancel()


async def test_what_costs_more_takes_more(autojump_clock: MockClock) -> None:
    turns, done = Turns(8, 1000), Counter[str]()

    async def dials() -> None:
        while True:
            await turns.wait("a", 8)
            done["a"] += 1

    with trio.move_on_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(dials)
            nursery.start_soon(asks, turns, "b", done)
    assert abs(done["a"] - (10 + BURST)) <= 1
    assert abs(done["b"] - (10 + BURST) * 8) <= 1


async def test_this_machine_never_waits(autojump_clock: MockClock) -> None:
    turns = Turns(1, 1)
    start = trio.current_time()
    for _ in range(100):
        await turns.wait("")
    assert trio.current_time() == start


async def sits(lobby: Lobby, where: str, gone: list[str]) -> None:
    with lobby.place(where, most=6, most_of_one=3, sheltered=2, seconds=10) as scope:
        if scope is not None:
            await trio.sleep_forever()
    gone.append(where)


async def test_who_is_silent_makes_place_after_a_while_only(autojump_clock: MockClock) -> None:
    lobby, gone = Lobby(), list[str]()
    async with trio.open_nursery() as nursery:
        for where in ("a", "a", "a", "b", "b", "c"):
            nursery.start_soon(sits, lobby, where, gone)
            await wait_all_tasks_blocked()
        with lobby.place("d", most=6, most_of_one=3, sheltered=2, seconds=10) as scope:
            assert scope is None
        await trio.sleep(2)
        with lobby.place("d", most=6, most_of_one=3, sheltered=2, seconds=10) as scope:
            assert scope is not None
            await wait_all_tasks_blocked()
            assert (gone, len(lobby)) == (["a"], 6)
        nursery.cancel_scope.cancel()


async def test_one_address_drives_out_its_own(autojump_clock: MockClock) -> None:
    lobby, gone = Lobby(), list[str]()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(sits, lobby, "b", gone)
        await trio.sleep(1)
        for _ in range(4):
            nursery.start_soon(sits, lobby, "a", gone)
            await trio.sleep(2)
        assert gone == ["a"]
        nursery.cancel_scope.cancel()


async def test_a_place_lasts_only_so_long(autojump_clock: MockClock) -> None:
    lobby, gone = Lobby(), list[str]()
    start = trio.current_time()
    await sits(lobby, "a", gone)
    assert trio.current_time() - start == pytest.approx(10)
    assert len(lobby) == 0
