"""Room for bytes: never more than there is, first come first served, nothing waits forever."""

import trio
import trio.testing

from node.transport.room import Room


async def test_what_does_not_fit_waits_until_room_is_given_back() -> None:
    room, order = Room(10), list[int]()

    async def take(size: int) -> None:
        await room.take(size)
        order.append(size)

    await room.take(6)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(take, 5)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(take, 1)
        await trio.testing.wait_all_tasks_blocked()
        assert (order, room.used) == ([], 6)
        room.give(6)
    assert (order, room.used) == ([5, 1], 6)


async def test_what_is_larger_than_the_room_gets_all_of_it() -> None:
    room = Room(10)
    async with room.holding(100):
        assert room.used == 100
        with trio.move_on_after(0) as scope:
            await room.take(1)
        assert scope.cancelled_caught
    assert room.used == 0
    await room.take(10)
    assert room.used == 10


async def test_who_waits_goes_on_when_the_room_becomes_larger() -> None:
    room = Room(10)
    await room.take(10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(room.take, 5)
        await trio.testing.wait_all_tasks_blocked()
        room.resize(14)
        await trio.testing.wait_all_tasks_blocked()
        assert room.used == 10
        room.resize(15)
    assert room.used == 15
    room.resize(5)
    room.give(10)
    await room.take(0)
    assert room.used == 5


async def test_who_gives_up_waiting_holds_nothing() -> None:
    room = Room(10)
    await room.take(10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(room.take, 5)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    room.give(10)
    await room.take(10)
    assert room.used == 10
