"""States that were: listed with their descent, pinned, weighed, given up; by those who may."""

import pytest

from formats.errors import Denied, TooMany
from formats.pointer import Pointer
from node import past
from node.build import Node
from node.jobs.retention import release_superseded
from node.room import yielding
from protocols import pointers as p
from protocols.services import Doors
from storage.contracts import SpaceKey
from tests.node.people import (
    NOW,
    Clock,
    Person,
    label,
    leaf,
    lock_key,
    prove_member,
    prove_reader,
    segment,
)

ALWAYS = 2**53


@pytest.fixture
async def mine(node: Node, alice: Person) -> Doors:
    doors = node.open()
    await alice.arrive(doors)
    return doors


def key_of(alice: Person) -> tuple[bytes, bytes]:
    return alice.id, alice.space.record.space


async def commits(alice: Person, mine: Doors, count: int) -> None:
    for _ in range(count):
        n = alice.space.seq
        await alice.space.commit(mine, {label(n): leaf(lock_key(n), n)})


def newest(alice: Person) -> Pointer:
    assert alice.space.pointer is not None
    return alice.space.pointer


async def listed(alice: Person, mine: Doors, below: int | None = None) -> list[p.State]:
    """Every state that is held, each verified to be an ancestor of the one before it."""
    tip = newest(alice)
    found: list[p.State] = []
    while True:
        answer = await mine.pointers.kept(p.Kept(*key_of(alice), tip.seq))
        for state in answer.states:
            older = Pointer.decode(state.pointer)
            tip.extends(older.seq, older.hash, state.between)
            older.verify(alice.space.record)
            tip = older
            found.append(state)
        if not answer.more:
            return found


async def test_states_are_listed_newest_first_with_proof_of_their_descent(
    node: Node, mine: Doors, alice: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        await commits(alice, mine, 1)
        clock.now += 1000
    states = await listed(alice, mine)
    assert [Pointer.decode(each.pointer).seq for each in states] == [*range(19, -1, -1)]
    assert [each.superseded for each in states] == [NOW + 1000 * n for n in range(19, -1, -1)]
    monkeypatch.setattr(p, "MAX_STATES", 3)
    assert await listed(alice, mine) == states
    monkeypatch.setattr(past, "MOST_BYTES", 1)
    assert await listed(alice, mine) == states


async def test_also_across_what_was_thinned(
    node: Node, mine: Doors, alice: Person, clock: Clock
) -> None:
    for _ in range(12):
        await commits(alice, mine, 5)
        clock.now += 3600_000
    while await release_superseded(node.core):
        pass
    states = await listed(alice, mine)
    assert 10 <= len(states) < 20


async def test_below_a_number_that_never_was(mine: Doors, alice: Person) -> None:
    await commits(alice, mine, 2)
    with pytest.raises(Denied):
        await mine.pointers.kept(p.Kept(*key_of(alice), alice.space.seq + 1))
    assert (await mine.pointers.kept(p.Kept(*key_of(alice), 0))).states == ()


async def test_strangers_and_readers_get_nothing(node: Node, mine: Doors, alice: Person) -> None:
    await commits(alice, mine, 2)
    doors = node.open()
    await prove_reader(doors, "bob")
    key = key_of(alice)
    with pytest.raises(Denied):
        await doors.pointers.kept(p.Kept(*key, 1))
    with pytest.raises(Denied):
        await doors.pointers.weigh(p.Weigh(*key))
    with pytest.raises(Denied):
        await doors.pointers.pins(p.AskPins(*key))
    with pytest.raises(Denied):
        await doors.pointers.pin(p.Pin(*key, 1, b""))
    with pytest.raises(Denied):
        await doors.pointers.unpin(p.Unpin(*key, 1))
    with pytest.raises(Denied):
        await doors.pointers.let_go(p.LetGo(*key, ALWAYS))


async def test_pinning(mine: Doors, alice: Person, clock: Clock) -> None:
    key = key_of(alice)
    await commits(alice, mine, 3)
    seq = alice.space.seq
    await mine.pointers.pin(p.Pin(*key, 1, b"one"))
    clock.now += 5
    pins = (await mine.pointers.pin(p.Pin(*key, seq, b"now"))).pins
    assert pins == (p.Pinned(seq, NOW + 5, b"now"), p.Pinned(1, NOW, b"one"))
    again = (await mine.pointers.pin(p.Pin(*key, 1, b"other"))).pins
    assert again[1] == p.Pinned(1, NOW, b"other")
    for absent in (seq + 1, 2**40):
        with pytest.raises(Denied):
            await mine.pointers.pin(p.Pin(*key, absent, b""))
    assert (await mine.pointers.unpin(p.Unpin(*key, 1))).pins == pins[:1]
    assert (await mine.pointers.unpin(p.Unpin(*key, 1))).pins == pins[:1]
    assert (await mine.pointers.pins(p.AskPins(*key))).pins == pins[:1]


async def test_a_bounded_number_of_them(
    mine: Doors, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(p, "MAX_PINS", 2)
    await commits(alice, mine, 3)
    for seq in (0, 1, 1):
        await mine.pointers.pin(p.Pin(*key_of(alice), seq, b""))
    with pytest.raises(TooMany):
        await mine.pointers.pin(p.Pin(*key_of(alice), 2, b""))


async def test_giving_up_the_past_gives_back_what_it_weighs(
    node: Node, mine: Doors, alice: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, key = segment("x", size=100_000), key_of(alice)
    await alice.space.commit(
        mine, {label("x"): leaf(lock_key("x"), segments=[part])}, segments=[part]
    )
    await alice.space.commit(mine, {label("x"): None})
    clock.now += 1
    await commits(alice, mine, 2)
    weight = await mine.pointers.weigh(p.Weigh(*key))
    assert weight.states == 4
    assert weight.bytes > 100_000
    assert not weight.at_least
    used, _ = await node.store.read(lambda view: view.usage(alice.id))
    monkeypatch.setattr(past, "MOST_WEIGHED", 3)
    assert (await mine.pointers.weigh(p.Weigh(*key))).at_least
    first = await mine.pointers.let_go(p.LetGo(*key, NOW + 1))
    assert (first.count, first.more) == (2, False)
    monkeypatch.setattr(past, "MOST_LINKS", 0)
    went = await mine.pointers.let_go(p.LetGo(*key, ALWAYS))
    assert (went.count, went.more) == (1, True)
    asked, count = 1, went.count
    while went.more:
        went = await mine.pointers.let_go(p.LetGo(*key, ALWAYS))
        asked, count = asked + 1, count + went.count
    assert (count, went.usage.used) == (2, used - weight.bytes)
    assert asked > 2  # one link at a time
    assert (await mine.pointers.weigh(p.Weigh(*key))).bytes == 0


async def test_pinned_ones_stay_when_all_is_given_up(mine: Doors, alice: Person) -> None:
    key = key_of(alice)
    await commits(alice, mine, 3)
    await mine.pointers.pin(p.Pin(*key, 1, b""))
    assert (await mine.pointers.let_go(p.LetGo(*key, ALWAYS))).count == 2
    assert [Pointer.decode(each.pointer).seq for each in await listed(alice, mine)] == [1]


async def test_a_member_may_look_and_not_give_up(node: Node, mine: Doors, alice: Person) -> None:
    """Somebody who may write can be undone, and must not be able to undo that."""
    await commits(alice, mine, 2)
    doors = node.open()
    await prove_member(doors, alice.space)
    assert (await doors.pointers.kept(p.Kept(*key_of(alice), alice.space.seq))).states
    assert (await doors.pointers.weigh(p.Weigh(*key_of(alice)))).states == 2
    for asking in (
        lambda: doors.pointers.pin(p.Pin(*key_of(alice), 1, b"")),
        lambda: doors.pointers.unpin(p.Unpin(*key_of(alice), 1)),
        lambda: doors.pointers.let_go(p.LetGo(*key_of(alice), ALWAYS)),
    ):
        with pytest.raises(Denied):
            await asking()


async def test_the_past_that_yields_passes_over_what_is_pinned(
    node: Node, mine: Doors, alice: Person
) -> None:
    key = SpaceKey(*key_of(alice))
    await commits(alice, mine, 3)
    await mine.pointers.pin(p.Pin(*key_of(alice), 1, b""))
    left = await node.store.read(lambda view: [row.seq for row in yielding(view, alice.id)])
    assert left == [0, 2]
    assert await node.store.read(lambda view: view.past_row(key, 1)) is not None
