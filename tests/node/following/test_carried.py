"""An owner brings a space to a replica by hand: what a home shows them is taken, nothing else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from formats.cid import Block, Cid
from formats.errors import (
    Denied,
    Forged,
    HoldfastError,
    MissingBlock,
    QuotaExceeded,
    Stale,
)
from formats.invite import Invite
from formats.links import Role, children
from formats.root import Root
from formats.tree.node import EMPTY
from node.checking.verify import verify
from protocols import replicas as r
from protocols.services import Doors
from storage.contracts import SpaceKey, View
from tests.node.following.worlds import CEILING, Two, two
from tests.node.people import Person, label, leaf, lock_key, segment


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Two]:
    async with two(tmp_path) as made:
        yield made


async def granted(w: Two, ceiling: int = CEILING) -> Doors:
    """Alice's connection to the other node, which keeps a replica and follows nobody."""
    w.grant = w.make_grant(ceiling=ceiling)
    doors = w.other.open()
    await doors.replicas.give(w.give(w.grant, await w.invite(ceiling)))
    await w.alice.arrive(doors)
    return doors


async def taken_out(w: Two) -> tuple[r.Line, list[Block]]:
    """All that the home hands to who shows the owner's key."""
    shown = await w.doors.replicas.line(r.AskLine(w.key.owner, w.key.space, None))
    waiting: list[tuple[Cid, Role]] = [(w.alice.space.root.block.cid, Role.ROOT)]
    found: dict[Cid, Block] = {}
    while waiting:
        cid, role = waiting.pop()
        if cid == EMPTY.cid or cid in found:
            continue
        answer = await w.doors.replicas.fetch(r.Fetch(w.key.owner, w.key.space, (cid,)))
        (found[cid],) = answer.blocks
        waiting += children(role, found[cid].data)
    return shown, list(found.values())


def arriving(w: Two, shown: r.Line, bodies: tuple[bytes, ...] | None = None) -> r.Arrive:
    assert shown.pointer is not None
    assert shown.record is not None
    brought = shown.bodies if bodies is None else bodies
    return r.Arrive(w.key.owner, w.key.space, shown.pointer, shown.record, brought)


async def bring(w: Two, doors: Doors, blocks: list[Block]) -> None:
    await doors.replicas.bring(r.Bring(w.key.owner, w.key.space, tuple(blocks)))


async def test_a_space_arrives_and_is_whole(world: Two) -> None:
    await world.put("one", segments=3)
    await world.put("two")
    doors = await granted(world)
    shown, blocks = await taken_out(world)
    asked = r.AskNeeded(world.key.owner, world.key.space, tuple(each.cid for each in blocks))
    assert (await doors.replicas.needed(asked)).cids == asked.cids
    await bring(world, doors, blocks[:4])
    assert (await doors.replicas.needed(asked)).cids == asked.cids[4:]
    await bring(world, doors, blocks[4:])
    assert (await doors.replicas.arrive(arriving(world, shown))).below is None
    assert await world.at(world.other) == world.alice.space.seq
    assert (await doors.replicas.needed(asked)).cids == ()
    assert (await verify(world.other.store, deep=True)).found.listed == []
    # Once more changes nothing, and later states go on from there.
    assert (await doors.replicas.arrive(arriving(world, shown))).below is None
    await world.put("three")
    shown, blocks = await taken_out(world)
    await bring(world, doors, blocks)
    assert (await doors.replicas.arrive(arriving(world, shown))).below is None
    assert await world.at(world.other) == world.alice.space.seq


async def test_records_come_in_parts(world: Two) -> None:
    for number in range(7):
        await world.put("a", number)
    doors = await granted(world)
    shown, blocks = await taken_out(world)
    await bring(world, doors, blocks)
    below: int | None = world.alice.space.seq
    for at in range(0, 7, 3):
        answer = await doors.replicas.arrive(arriving(world, shown, shown.bodies[at : at + 3]))
        assert answer.below is None or below is None or answer.below < below
        below = answer.below
    assert below is None
    kept = await world.other.store.read(partial(_history, key=world.key))
    assert kept == [*reversed(shown.bodies)]


def _history(view: View, key: SpaceKey) -> list[bytes | None]:
    row = view.space(key)
    return [] if row is None else [view.history(key, seq) for seq in range(row.seq)]


async def test_what_was_not_brought_is_missing(world: Two) -> None:
    await world.put("one", segments=3)
    doors = await granted(world)
    shown, blocks = await taken_out(world)
    for gone in blocks:
        await bring(world, doors, [each for each in blocks if each is not gone][:-1])
        with pytest.raises(MissingBlock):
            await doors.replicas.arrive(arriving(world, shown))
    assert await world.at(world.other) == -1


async def test_records_of_another_line_are_refused(world: Two) -> None:
    await world.put("one")
    await world.put("two")
    doors = await granted(world)
    shown, blocks = await taken_out(world)
    await bring(world, doors, blocks)
    with pytest.raises(Forged):
        await doors.replicas.arrive(arriving(world, shown, shown.bodies[1:]))
    other = Person("mallory")
    theirs = world.home.open()
    await other.sign_up(theirs, invite=await world_invite(world))
    asked = r.AskLine(other.id, other.space.record.space, None)
    with pytest.raises(Forged):
        await doors.replicas.arrive(arriving(world, await theirs.replicas.line(asked)))
    assert await world.at(world.other) == -1


async def world_invite(w: Two) -> bytes:
    return Invite.parse(await w.home.admin.invite(CEILING)).code


async def test_nobody_else_brings_or_is_handed_anything(world: Two) -> None:
    await world.put("one")
    await granted(world)
    shown, blocks = await taken_out(world)
    stranger = world.other.open()
    with pytest.raises(Denied):
        await bring(world, stranger, blocks)
    with pytest.raises(Denied):
        await stranger.replicas.arrive(arriving(world, shown))
    with pytest.raises(Denied):
        await world.home.open().replicas.line(r.AskLine(world.key.owner, world.key.space, None))


async def test_nothing_is_brought_to_the_home(world: Two) -> None:
    await world.put("one")
    shown, blocks = await taken_out(world)
    with pytest.raises(Denied):
        await bring(world, world.doors, blocks)
    with pytest.raises(Denied):
        await world.doors.replicas.arrive(arriving(world, shown))


async def test_nothing_is_brought_where_no_replica_is_kept_any_more(world: Two) -> None:
    await world.put("one")
    doors = await granted(world)
    _, blocks = await taken_out(world)
    over = world.make_grant(seq=9, ceiling=0)
    await doors.replicas.give(world.give(over))
    with pytest.raises(Denied):
        await bring(world, doors, blocks)


async def test_there_is_no_more_room_than_was_allowed(world: Two) -> None:
    await world.put("one", segments=5, size=100_000)
    doors = await granted(world, ceiling=200_000)
    _, blocks = await taken_out(world)
    with pytest.raises(QuotaExceeded):
        await bring(world, doors, blocks)


async def test_what_is_held_is_not_gone_behind(world: Two) -> None:
    await world.put("one")
    doors = await granted(world)
    old, before = await taken_out(world)
    await world.put("two")
    shown, blocks = await taken_out(world)
    await bring(world, doors, blocks)
    await doors.replicas.arrive(arriving(world, shown))
    await bring(world, doors, before)
    with pytest.raises(Stale):
        await doors.replicas.arrive(arriving(world, old))
    assert await world.at(world.other) == world.alice.space.seq


async def test_a_tree_with_a_leaf_in_the_wrong_place_is_refused(world: Two) -> None:
    """What no honest home would hand over, signed by a member."""
    await world.put("one")
    doors = await granted(world)
    shown, _ = await taken_out(world)
    space, made = world.alice.space, leaf(lock_key("x"), "x", segments=[segment("x")])
    _, new = space.change({label("x"): made}, segments=[segment("x")])
    wrong = Root(made.block.cid, EMPTY.cid)
    assert space.pointer is not None
    pointer = space.sign(wrong)
    await bring(world, doors, [*new, wrong.block])
    asked = replace(arriving(world, shown), pointer=pointer.encoded)
    with pytest.raises(HoldfastError):
        await doors.replicas.arrive(asked)
    assert await world.at(world.other) == -1
