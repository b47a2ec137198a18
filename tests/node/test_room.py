"""The limit of an account holds against many at once, and the past yields a little at a time."""

from dataclasses import replace

import pytest
import trio

from formats.errors import QuotaExceeded
from formats.links import Role
from node import room
from node.build import Node
from node.commits import open_own_session
from node.jobs.retention import give_back
from node.sweeps import AGAIN
from protocols import blocks as b
from protocols import pointers as p
from protocols.services import Doors
from storage.contracts import SpaceKey, Transaction
from storage.reachability import KINDS
from tests.node.people import Clock, Person, label, leaf, lock_key, segment

WRITERS = 64
PART = 100_000


async def set_quota(node: Node, more: int) -> int:
    """Leave ``more`` bytes of room in alice's account; what its quota is then."""

    def work(tx: Transaction) -> int:
        row = tx.account("alice")
        assert row is not None
        quota = sum(tx.usage(row.id)) + more
        tx.put_account(replace(row, quota=quota))
        return quota

    return await node.store.write(work)


@pytest.fixture
async def alice(any_node: Node) -> Person:
    person = Person("alice")
    await person.sign_up(any_node.open())
    return person


@pytest.fixture
async def mine(any_node: Node, alice: Person) -> Doors:
    doors = any_node.open()
    await alice.arrive(doors)
    return doors


async def test_many_writers_at_once_cannot_pass_the_limit(
    any_node: Node, alice: Person, mine: Doors
) -> None:
    """64 tasks with sessions of their own stage until they are refused; 20 of their blocks fit."""
    quota = await set_quota(any_node, 20 * (PART + 100))
    open_session = b.OpenSession(alice.id, alice.space.record.space)
    taken: list[int] = []

    async def write(number: int) -> None:
        session = (await mine.blocks.open_session(open_session)).session
        for part in range(3):
            try:
                block = segment("parallel", number, part, size=PART)
                await mine.blocks.stage(b.Stage(session, (block,)))
            except QuotaExceeded:
                continue
            taken.append(len(block.data))
            used, reserved = await any_node.store.read(lambda view: view.usage(alice.id))
            assert used + reserved <= quota

    async with trio.open_nursery() as nursery:
        for number in range(WRITERS):
            nursery.start_soon(write, number)
    assert len(taken) == 20
    used, reserved = await any_node.store.read(lambda view: view.usage(alice.id))
    assert reserved == sum(taken)
    assert used + reserved <= quota


async def test_many_commits_at_once_settle_what_they_reserved(
    any_node: Node, alice: Person, mine: Doors
) -> None:
    """What a reply says is what the store has, and reserved is nothing when all is committed."""
    parts = [segment("one", n, size=PART) for n in range(5)]
    committed = await alice.space.commit(
        mine, {label("x"): leaf(lock_key("x"), segments=parts)}, segments=parts
    )
    assert isinstance(committed, p.Committed)
    used, reserved = await any_node.store.read(lambda view: view.usage(alice.id))
    assert (committed.usage.used, committed.usage.reserved) == (used, reserved)
    assert reserved == 0
    assert used > 5 * PART


async def test_a_large_past_is_given_back_in_short_transactions(
    any_node: Node, alice: Person, mine: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """400 leaves changed at once: no transaction takes many links back, and all are, in the end."""
    monkeypatch.setattr("node.jobs.retention.MOST_LINKS", 50)
    leaves = {label(n): leaf(lock_key(n), n) for n in range(400)}
    await alice.space.commit(mine, dict(leaves))
    before, _ = await any_node.store.read(lambda view: view.usage(alice.id))
    await alice.space.commit(mine, dict.fromkeys(leaves))
    key = SpaceKey(alice.id, alice.space.record.space)
    for old in await any_node.store.read(lambda view: list(view.retained(key))):
        await any_node.store.write(lambda tx, old=old: room.let_go(tx, old))  # type: ignore[misc]
    passes = []
    while taken := await give_back(any_node.core):
        passes.append(taken)
    used, _ = await any_node.store.read(lambda view: view.usage(alice.id))
    assert used < before / 20
    assert len(passes) > 8
    assert max(passes) <= 50


async def test_one_damaged_account_stops_nobody_elses_sweep(
    any_node: Node, alice: Person, mine: Doors, clock: Clock
) -> None:
    """What alice gives back cannot be followed: it stays, is said, and is tried again later."""
    key, other = SpaceKey(alice.id, alice.space.record.space), SpaceKey(bytes(32), bytes(32))
    odd, even = segment("no root at all"), segment("fine")

    def note(tx: Transaction) -> None:
        session = open_own_session(tx, key, bytes(32), 0)
        for space, block, role in ((key, odd, Role.ROOT), (other, even, Role.SEGMENT)):
            tx.stage(session, block)
            tx.add_reference(space, block.cid, KINDS[role])
            tx.add_releases(space, [(block.cid, KINDS[role])])

    await any_node.store.write(note)
    before = await any_node.store.read(lambda view: view.usage(alice.id))
    while await give_back(any_node.core):
        pass
    stopped = any_node.core.sweeps.stopped
    assert {owner: stop.kind for owner, stop in stopped.items()} == {alice.id: "Malformed"}
    assert await any_node.store.read(lambda view: view.usage(alice.id)) == before
    assert await any_node.store.read(lambda view: view.usage(other.owner)) == (0, 0)
    clock.now += AGAIN
    await give_back(any_node.core)
    assert stopped[alice.id].time == clock.now


async def test_what_cannot_be_given_back_makes_no_room(
    any_node: Node, alice: Person, mine: Doors
) -> None:
    key, odd = SpaceKey(alice.id, alice.space.record.space), segment("no root at all")

    def note(tx: Transaction) -> None:
        session = open_own_session(tx, key, bytes(32), 0)
        tx.stage(session, odd)
        tx.add_reference(key, odd.cid, KINDS[Role.ROOT])
        tx.add_releases(key, [(odd.cid, KINDS[Role.ROOT])])

    await any_node.store.write(note)
    await set_quota(any_node, 0)
    session = await mine.blocks.open_session(b.OpenSession(alice.id, alice.space.record.space))
    with pytest.raises(QuotaExceeded):
        await mine.blocks.stage(b.Stage(session.session, (segment("new"),)))
