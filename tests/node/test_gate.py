"""What a node takes while it is being stopped, and with its disk nearly full."""

from dataclasses import replace
from pathlib import Path

import pytest
import trio
import trio.testing

from formats.cid import Block
from formats.errors import DiskFull, TooMany
from node.build import Node
from node.gate import LETTING_GO, QUIET, SMALL, Doing, Gate
from node.limits import Limits
from protocols import blocks as b
from protocols import pointers as p
from protocols.services import Doors
from tests.node.people import Person, label, leaf, lock_key

EVERYTHING = 2**53
LEAF = leaf(lock_key("x"), "x")


@pytest.fixture
async def mine(node: Node, alice: Person) -> Doors:
    doors = node.open()
    await alice.arrive(doors)
    return doors


async def session_of(doors: Doors, person: Person) -> bytes:
    record = person.space.record
    return (await doors.blocks.open_session(b.OpenSession(record.owner, record.space))).session


async def stage(doors: Doors, session: bytes, *blocks: Block) -> None:
    await doors.blocks.stage(b.Stage(session, blocks))


def short_of_room(node: Node, min_free: int = EVERYTHING) -> None:
    """The node's owner wants more kept free than the disk has."""
    node.core.config = replace(node.config, limits=Limits(min_free=min_free))


def halfway(node: Node) -> int:
    """A minimum that is above what is free, which is above half of it."""
    return node.core.gate.free() * 3 // 2


async def test_with_room_everything_goes_on(node: Node, mine: Doors, alice: Person) -> None:
    await stage(mine, await session_of(mine, alice), Block.raw(b"x"))
    await alice.space.commit(mine, {label("new"): LEAF})
    assert not node.core.gate.short(node.config.limits)


async def test_without_room_nothing_is_added(node: Node, mine: Doors, alice: Person) -> None:
    session = await session_of(mine, alice)
    short_of_room(node)
    with pytest.raises(DiskFull, match="keeps free"):
        await stage(mine, session, Block.raw(b"x"))
    with pytest.raises(DiskFull):
        await alice.space.commit(mine, {label("new"): LEAF})
    with pytest.raises(DiskFull):
        await Person("bob").sign_up(node.open())


async def test_without_room_deleting_goes_on(node: Node, mine: Doors, alice: Person) -> None:
    await alice.space.commit(mine, {label("a"): LEAF, label("b"): LEAF})
    short_of_room(node)
    answer = await alice.space.commit(mine, {label("a"): None})
    assert isinstance(answer, p.Committed)


async def test_a_large_deletion_finds_room_until_half_of_it_is_gone(
    node: Node, mine: Doors, alice: Person
) -> None:
    session = await session_of(mine, alice)
    short_of_room(node, halfway(node))
    for number in range(LETTING_GO // 2**19):
        await stage(mine, session, Block.raw(bytes([number]) * 2**19))
    with pytest.raises(DiskFull):
        await stage(mine, session, Block.raw(b"one byte more"))


async def test_with_room_again_it_goes_on(node: Node, mine: Doors, alice: Person) -> None:
    short_of_room(node)
    with pytest.raises(DiskFull):
        await alice.space.commit(mine, {label("new"): LEAF})
    node.core.config = replace(node.config, limits=Limits())
    assert isinstance(await alice.space.commit(mine, {label("new"): LEAF}), p.Committed)


def test_a_ceiling_of_the_store_is_a_lack_of_room(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    gate.stored = 100
    assert not gate.short(Limits(min_free=0, storage=101))
    assert gate.short(Limits(min_free=0, storage=100))
    assert not gate.short(Limits(min_free=0))


async def test_small_changes_pass_until_half_of_the_room_is_gone(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    some, all_ = Limits(min_free=gate.free() * 3 // 2), Limits(min_free=EVERYTHING)
    gate.check_commit(some, True, SMALL)
    for limits, weight in ((some, SMALL + 1), (all_, 1)):
        gate.check_commit(limits, False, weight)
        with pytest.raises(DiskFull):
            gate.check_commit(limits, True, weight)


async def test_a_drain_waits_for_what_is_under_way(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    gate, ended = Gate(tmp_path), trio.current_time()

    async def upload() -> None:
        nonlocal ended
        for _ in range(5):
            with gate.write():
                await trio.sleep(1)
            await trio.sleep(QUIET / 2)
        ended = trio.current_time()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(upload)
        await trio.testing.wait_all_tasks_blocked()
        assert await gate.drain(60)
    assert trio.current_time() - ended >= QUIET / 2
    assert gate.doing is Doing.CLOSED
    with pytest.raises(TooMany), gate.write():
        pass


async def test_a_drain_ends_in_its_time(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    gate = Gate(tmp_path)
    with gate.write():
        assert not await gate.drain(7)
    assert trio.current_time() == 7
    gate.reopen()
    with gate.write():
        assert gate.doing is Doing.OPEN


async def test_what_began_ends_and_nothing_begins(node: Node, mine: Doors, alice: Person) -> None:
    session = await session_of(mine, alice)
    node.core.gate.doing = Doing.DRAINING
    with pytest.raises(TooMany, match="being stopped"):
        await session_of(mine, alice)
    with pytest.raises(TooMany, match="being stopped"):
        await alice.space.commit(mine, {label("new"): LEAF})
    answer = await alice.space.commit(mine, {label("new"): LEAF}, session=session)
    assert isinstance(answer, p.Committed)
    node.core.gate.doing = Doing.CLOSED
    with pytest.raises(TooMany):
        await stage(mine, session, Block.raw(b"x"))
    assert await mine.pointers.resolve(p.Resolve(alice.id, alice.space.record.space, None))
