"""The pointers door: commits taken whole or not at all, and everybody told who was first."""

from dataclasses import replace

import pytest
import trio
import trio.testing

from formats.cid import Block
from formats.commit import Commit, Move
from formats.errors import (
    Denied,
    Expired,
    Forged,
    HoldfastError,
    Malformed,
    QuotaExceeded,
    Stale,
    TooLarge,
    TooMany,
)
from formats.identity import IdentityChain, IdentityRecord
from formats.leaf import Leaf
from formats.pointer import read_spine
from formats.root import Root
from formats.space import Member, Rights, SpaceRecord
from formats.tree.node import Node as TreeNode
from formats.tree.node import bucket_slot
from formats.tree.update import build
from node import room, trees
from node.build import Node
from node.jobs.retention import release_superseded
from node.room import METADATA_SLACK
from protocols import blocks as b
from protocols import directory as d
from protocols import pointers as p
from protocols.services import Doors
from storage.contracts import SpaceKey
from tests.node.people import (
    Clock,
    Person,
    Space,
    item,
    label,
    leaf,
    lock_key,
    move,
    prove_member,
    read,
    segment,
    signing_key,
)


@pytest.fixture
async def mine(node: Node, alice: Person) -> Doors:
    doors = node.open()
    await alice.arrive(doors)
    return doors


def ask(space: Space, since: int | None = None) -> p.Resolve:
    return p.Resolve(space.record.owner, space.record.space, since)


async def put(space: Space, doors: Doors, word: object) -> p.Committed | p.Conflict:
    return await space.commit(doors, {label(word): leaf(lock_key(word), word)})


# --- resolve


async def test_members_are_told_the_state(mine: Doors, alice: Person) -> None:
    found = await mine.pointers.resolve(ask(alice.space))
    assert alice.space.pointer is not None
    assert found.pointer == alice.space.pointer.encoded
    assert found.record == alice.space.record.encoded
    assert (found.spine, found.between) == ((), ())


async def test_a_state_comes_with_its_spine_and_proof_of_descent(
    mine: Doors, alice: Person
) -> None:
    pointers = [alice.space.pointer]
    for number in range(13):
        await put(alice.space, mine, number)
        pointers.append(alice.space.pointer)
    newest = alice.space.pointer
    assert newest is not None
    for old in pointers:
        assert old is not None
        found = await mine.pointers.resolve(ask(alice.space, old.seq))
        assert read_spine(newest, found.spine) == alice.space.spine
        newest.extends(old.seq, old.hash, found.between)


@pytest.mark.parametrize("which", ["stranger", "other space", "absent"])
async def test_to_others_every_space_is_denied(node: Node, alice: Person, which: str) -> None:
    doors = node.open()
    mallory = Person("mallory")
    await prove_member(doors, mallory.space)
    if which == "other space":
        await prove_member(doors, alice.space, mallory.member)
    space = mallory.space if which == "absent" else alice.space
    with pytest.raises(Denied, match="there is nothing here for you"):
        await doors.pointers.resolve(ask(space))
    with pytest.raises(Denied, match="there is nothing here for you"):
        await doors.pointers.watch(p.Watch(space.record.owner, space.record.space, 0, 1000))


# --- move


async def test_a_commit_is_answered_with_the_usage_after_it(mine: Doors, alice: Person) -> None:
    part = segment("part", size=100_000)
    before = (await mine.pointers.resolve(ask(alice.space))).pointer
    photo = leaf(lock_key("photo"), "photo", segments=[part])
    answer = await alice.space.commit(mine, {label("photo"): photo}, segments=[part])
    assert isinstance(answer, p.Committed)
    assert 100_000 < answer.usage.used < 110_000
    assert answer.usage.reserved == 0
    assert (await mine.pointers.resolve(ask(alice.space))).pointer != before


async def test_who_is_second_is_told_the_state_and_its_descent(node: Node, alice: Person) -> None:
    one, two = node.open(), node.open()
    await alice.arrive(one)
    await alice.arrive(two)
    root, blocks = alice.space.change({label("mine"): leaf(lock_key("mine"), "mine")})
    second, stood_on = alice.space.sign(root), alice.space.pointer
    for word in range(4):
        await put(alice.space, two, word)
    answer = await one.pointers.move(move(second, blocks))
    assert isinstance(answer, p.Conflict)
    (current,) = answer.current
    assert alice.space.pointer is not None
    assert stood_on is not None
    assert current.pointer == alice.space.pointer.encoded
    alice.space.pointer.extends(stood_on.seq, stood_on.hash, current.between)
    read_spine(alice.space.pointer, current.spine)


async def test_a_commit_whose_answer_was_lost_may_be_sent_again(mine: Doors, alice: Person) -> None:
    root, blocks = alice.space.change({label("a"): leaf(lock_key("a"), "a")})
    request = move(alice.space.sign(root), blocks)
    first = await mine.pointers.move(request)
    assert await mine.pointers.move(request) == first


async def test_several_spaces_move_together_or_not_at_all(mine: Doors, alice: Person) -> None:
    other = alice.new_space("other")
    await prove_member(mine, other)
    root, blocks = other.change({label("o"): leaf(lock_key("o"), "o")})
    first = other.sign(root)
    await mine.pointers.move(move(first, blocks, other.record))
    other.took(first, root)

    moves, all_blocks = [], []
    for space in (alice.space, other):
        root, blocks = space.change({label("both"): leaf(lock_key("both"), "both")})
        moves.append(Move(space.sign(root)))
        all_blocks += blocks
    await put(other, mine, "in between")
    answer = await mine.pointers.move(p.Move(Commit(tuple(moves)).encoded, tuple(all_blocks)))
    assert isinstance(answer, p.Conflict)
    assert [each.pointer for each in answer.current] == [
        space.pointer.encoded for space in (alice.space, other) if space.pointer
    ]

    root, blocks = other.change({label("both"): leaf(lock_key("both"), "both")})
    moves[1] = Move(other.sign(root))
    request = p.Move(Commit(tuple(moves)).encoded, (*all_blocks, *blocks))
    assert isinstance(await mine.pointers.move(request), p.Committed)


async def test_a_new_space_needs_an_account_of_its_owner(mine: Doors, alice: Person) -> None:
    mallory = Person("mallory")
    root, blocks = mallory.space.change({mallory.label: leaf(mallory.lock, "m")})
    await prove_member(mine, mallory.space)
    with pytest.raises(Denied):
        await mine.pointers.move(move(mallory.space.sign(root), blocks, mallory.space.record))


async def test_a_new_space_is_signed_by_its_owner(mine: Doors, alice: Person) -> None:
    mallory = Person("mallory")
    mallory.chain = alice.chain
    planted = mallory.new_space("planted")
    root, blocks = planted.change({label("x"): leaf(lock_key("x"), "x")})
    await prove_member(mine, planted)
    with pytest.raises(Forged):
        await mine.pointers.move(move(planted.sign(root), blocks, planted.record))


async def test_a_commit_that_is_too_large_is_refused(mine: Doors, alice: Person) -> None:
    parts = [segment(n, size=250_000) for n in range(68)]
    root, blocks = alice.space.change({label("x"): leaf(lock_key("x"), "x")})
    with pytest.raises(TooLarge):
        await mine.pointers.move(move(alice.space.sign(root), [*blocks, *parts]))


async def test_what_came_with_a_refused_commit_is_not_kept(
    node: Node, mine: Doors, alice: Person
) -> None:
    before = await node.store.read(lambda view: view.usage(alice.id))
    root, blocks = alice.space.change({label("x"): leaf(lock_key("x"), "x")})
    with pytest.raises(Denied):
        await mine.pointers.move(move(alice.space.sign(root), blocks[1:]))
    assert await node.store.read(lambda view: view.usage(alice.id)) == before
    assert await node.store.read(lambda view: view.block_size(blocks[1].cid)) is None


# --- members and rights


async def with_member(mine: Doors, alice: Person, rights: Rights, word: str = "bob") -> Space:
    """The space as another member sees it, who was just let in."""
    key = signing_key(word, "member")
    space = alice.space
    members = [*space.record.members, Member(key.verify_key.digest(), rights)]
    record = SpaceRecord.following(space.record, alice.chain, members, alice.daily)
    pointer = space.sign(space.root, record)
    assert isinstance(await mine.pointers.move(move(pointer, (), record)), p.Committed)
    space.took(pointer, space.root, record)
    theirs = Space(record, key)
    theirs.blocks, theirs.root = space.blocks, space.root
    theirs.pointer, theirs.spine = space.pointer, space.spine
    return theirs


@pytest.mark.parametrize(
    ("rights", "allowed"),
    [
        (Rights.ADD, {"add"}),
        (Rights.CHANGE, {"change"}),
        (Rights.DELETE, {"delete", "retire"}),
        (Rights.ADD | Rights.CHANGE, {"add", "change"}),
        (Rights.WRITE, {"add", "change", "delete", "retire"}),
    ],
)
@pytest.mark.parametrize("what", ["add", "change", "delete", "retire"])
async def test_a_member_does_what_it_has_the_right_to(
    node: Node, mine: Doors, alice: Person, rights: Rights, allowed: set[str], what: str
) -> None:
    space, theirs = await with_member(mine, alice, rights), node.open()
    await prove_member(theirs, space)
    new = leaf(lock_key("new"), "new")
    changes: dict[str, dict[bytes, Leaf | None]] = {
        "add": {label("new"): new},
        "change": {alice.label: new},
        "delete": {alice.label: None},
        "retire": {},
    }
    retire = [alice.label] if what == "retire" else []
    if what in allowed:
        assert isinstance(await space.commit(theirs, changes[what], retire=retire), p.Committed)
    else:
        with pytest.raises(Forged):
            await space.commit(theirs, changes[what], retire=retire)


async def test_a_member_without_rights_reads_and_commits_nothing(
    node: Node, mine: Doors, alice: Person
) -> None:
    space, theirs = await with_member(mine, alice, Rights(0)), node.open()
    await prove_member(theirs, space)
    found = await theirs.blocks.read(read(space, item(alice.label)))
    assert found.here == (True,)
    with pytest.raises(Forged):
        await space.commit(theirs, {label("x"): leaf(lock_key("x"), "x")})
    with pytest.raises(Denied):
        await theirs.blocks.open_session(b.OpenSession(alice.id, space.record.space))


async def test_a_removed_member_is_a_stranger_at_once(
    node: Node, mine: Doors, alice: Person
) -> None:
    space, theirs = await with_member(mine, alice, Rights.WRITE), node.open()
    await prove_member(theirs, space)
    session = (
        await theirs.blocks.open_session(b.OpenSession(alice.id, space.record.space))
    ).session
    me = [each for each in space.record.members if each.rights & Rights.MEMBERS]
    record = SpaceRecord.following(space.record, alice.chain, me, alice.daily)
    pointer = alice.space.sign(alice.space.root, record)
    await mine.pointers.move(move(pointer, (), record))
    with pytest.raises(Denied):
        await theirs.pointers.resolve(ask(space))
    with pytest.raises(Denied):
        await theirs.blocks.read(read(space, item(alice.label)))
    with pytest.raises(Denied):
        await space.commit(theirs, {label("x"): leaf(lock_key("x"), "x")})
    with pytest.raises(Expired):
        await theirs.blocks.stage(b.Stage(session, (segment("x"),)))


async def test_the_daily_key_of_yesterday_lets_nobody_in(mine: Doors, alice: Person) -> None:
    old = alice.chain
    fresh = signing_key("alice", "daily", 2)
    record = IdentityRecord.following(
        old.head, alice.next, fresh.verify_key, signing_key("n").verify_key.digest(), 1
    )
    alice.chain = IdentityChain((*old.records, record))
    yesterday, alice.daily = alice.daily, fresh
    whereabouts = alice.whereabouts(mine.peer, 1).encoded
    await mine.directory.publish(d.Publish(alice.id, (record.encoded,), whereabouts))
    members = alice.space.record.members
    stale = SpaceRecord.following(alice.space.record, old, members, yesterday)
    with pytest.raises(Stale):
        await mine.pointers.move(move(alice.space.sign(alice.space.root, stale), (), stale))
    good = SpaceRecord.following(alice.space.record, alice.chain, members, fresh)
    pointer = alice.space.sign(alice.space.root, good)
    assert isinstance(await mine.pointers.move(move(pointer, (), good)), p.Committed)


# --- retired labels


async def test_retired_labels_stay_while_a_kept_root_holds_them(
    node: Node, mine: Doors, alice: Person, clock: Clock, autojump_clock: trio.testing.MockClock
) -> None:
    space, place = alice.space, label("x")
    await put(space, mine, "x")
    await space.commit(mine, retire=[place])
    with pytest.raises(Forged):
        await space.commit(mine, unretire=[place])
    await space.commit(mine, {place: None})
    with pytest.raises(Forged):
        await space.commit(mine, unretire=[place])
    clock.now += node.config.retention * 1000 + 1
    await trio.sleep(600)
    assert isinstance(await space.commit(mine, unretire=[place]), p.Committed)


async def test_a_commit_may_not_unretire_and_drop_in_one(mine: Doors, alice: Person) -> None:
    await put(alice.space, mine, "x")
    await alice.space.commit(mine, retire=[label("x")])
    with pytest.raises(Forged):
        await alice.space.commit(mine, {label("x"): None}, unretire=[label("x")])


async def test_when_a_label_was_retired_is_not_rewritten(mine: Doors, alice: Person) -> None:
    await put(alice.space, mine, "x")
    await alice.space.commit(mine, retire=[label("x")])
    with pytest.raises(Forged):
        await alice.space.commit(mine, retire=[label("x")])


async def unretiring(node: Node, mine: Doors, alice: Person, clock: Clock, count: int) -> None:
    """Retire ``count`` labels that nothing holds, and take them all back in one commit."""
    places = [label("gone", n) for n in range(count)]
    await alice.space.commit(mine, retire=places)
    clock.now += node.config.retention * 1000 + 1
    while await release_superseded(node.core):
        pass
    answer = await alice.space.commit(mine, unretire=places)
    assert isinstance(answer, p.Committed)


async def test_a_commit_takes_back_a_bounded_number_of_labels(
    node: Node, mine: Doors, alice: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "MAX_UNRETIRED", 4)
    await unretiring(node, mine, alice, clock, 4)
    with pytest.raises(TooMany):
        await unretiring(node, mine, alice, clock, 5)


async def test_and_looks_for_them_in_a_bounded_number_of_roots(
    node: Node, mine: Doors, alice: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "MAX_LOOKUPS", 4)  # the tree is one and the same before and after
    await unretiring(node, mine, alice, clock, 4)
    with pytest.raises(TooMany):
        await unretiring(node, mine, alice, clock, 5)


# --- watch


async def test_a_watcher_is_told_when_the_space_moves(
    node: Node, alice: Person, autojump_clock: trio.testing.MockClock
) -> None:
    one, two = node.open(), node.open()
    await alice.arrive(one)
    await alice.arrive(two)
    seen: list[tuple[p.Resolved, float]] = []

    async def watch() -> None:
        request = p.Watch(alice.id, alice.space.record.space, 0, 60_000)
        seen.append((await one.pointers.watch(request), trio.current_time()))

    started = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch)
        await trio.sleep(5)
        assert not seen
        await put(alice.space, two, "x")
    assert alice.space.pointer is not None
    ((found, at),) = seen
    assert found.pointer == alice.space.pointer.encoded
    assert at - started == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize(("wait", "waited"), [(0, 0), (1500, 1.5), (10**9, 60)])
async def test_a_watcher_who_waits_in_vain_gets_the_same_state(
    mine: Doors, alice: Person, wait: int, waited: float, autojump_clock: trio.testing.MockClock
) -> None:
    key = (alice.id, alice.space.record.space)
    started = trio.current_time()
    found = await mine.pointers.watch(p.Watch(*key, 0, wait))
    assert trio.current_time() - started == pytest.approx(waited, abs=0.1)
    assert alice.space.pointer is not None
    assert found.pointer == alice.space.pointer.encoded


async def test_a_watcher_who_is_behind_is_answered_at_once(
    mine: Doors, alice: Person, autojump_clock: trio.testing.MockClock
) -> None:
    await put(alice.space, mine, "x")
    started = trio.current_time()
    await mine.pointers.watch(p.Watch(alice.id, alice.space.record.space, 0, 60_000))
    assert trio.current_time() == started


# --- quota


async def shrink(node: Node, alice: Person, quota: int) -> None:
    row = await node.store.read(lambda view: view.account("alice"))
    assert row is not None
    await node.store.write(lambda tx: tx.put_account(replace(row, quota=quota)))


async def test_a_full_account_may_still_delete(node: Node, mine: Doors, alice: Person) -> None:
    await put(alice.space, mine, "x")
    await shrink(node, alice, 1)
    assert isinstance(await alice.space.commit(mine, {label("x"): None}), p.Committed)


async def test_a_commit_far_over_the_quota_is_refused_whole(
    node: Node, mine: Doors, alice: Person
) -> None:
    used, _ = await node.store.read(lambda view: view.usage(alice.id))
    await shrink(node, alice, used)
    parts = [segment(n, size=260_000) for n in range(METADATA_SLACK // 260_000 + 1)]
    state = alice.space.pointer
    with pytest.raises(QuotaExceeded):
        await alice.space.commit(
            mine, {label("x"): leaf(lock_key("x"), segments=parts)}, segments=parts
        )
    assert (await mine.pointers.resolve(ask(alice.space))).pointer == (state and state.encoded)
    assert (await node.store.read(lambda view: view.usage(alice.id))) == (used, 0)


async def test_what_was_superseded_yields_to_what_is_new(
    node: Node, mine: Doors, alice: Person
) -> None:
    parts = [segment("old", n, size=250_000) for n in range(20)]
    photo = leaf(lock_key("x"), segments=parts)
    await alice.space.commit(mine, {label("x"): photo}, segments=parts)
    used, _ = await node.store.read(lambda view: view.usage(alice.id))
    await shrink(node, alice, used + 10_000)
    await alice.space.commit(mine, {label("x"): None})
    kept = await node.store.read(lambda view: len(list(view.retained(key_of(alice)))))
    assert kept == 2
    new = [segment("new", n, size=250_000) for n in range(20)]
    answer = await alice.space.commit(
        mine, {label("y"): leaf(lock_key("y"), segments=new)}, segments=new
    )
    assert isinstance(answer, p.Committed)
    assert answer.usage.used <= used + 10_000 + METADATA_SLACK
    assert await node.store.read(lambda view: view.references(key_of(alice), parts[0].cid)) == 0


@pytest.mark.parametrize(("most", "fits"), [(3, True), (2, False)])
async def test_one_request_lets_go_of_a_bounded_past(
    node: Node, mine: Doors, alice: Person, monkeypatch: pytest.MonkeyPatch, most: int, fits: bool
) -> None:
    """Only the third oldest state holds the large file that is in the way."""
    monkeypatch.setattr(room, "MOST_RELEASED", most)
    await put(alice.space, mine, 1)
    parts = [segment(n, size=262_000) for n in range(20)]
    photo = leaf(lock_key("x"), segments=parts)
    await alice.space.commit(mine, {label("x"): photo}, segments=parts)
    await alice.space.commit(mine, {label("x"): None})
    assert await node.store.read(lambda view: len(list(view.retained(key_of(alice))))) == 3
    await shrink(node, alice, METADATA_SLACK // 4)
    session = b.OpenSession(alice.id, alice.space.record.space)
    stage = b.Stage((await mine.blocks.open_session(session)).session, (segment("small"),))
    if fits:
        assert (await mine.blocks.stage(stage)).reserved == len(segment("small").data)
    else:
        with pytest.raises(QuotaExceeded):
            await mine.blocks.stage(stage)


def key_of(alice: Person) -> SpaceKey:
    return SpaceKey(alice.id, alice.space.record.space)


# --- what is wrong in itself


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ("garbage", Malformed),
        ("no blocks", Denied),
        ("not a root", Malformed),
        ("leaf is no leaf", Malformed),
        ("misplaced", Malformed),
    ],
)
async def test_a_commit_whose_blocks_are_wrong_is_refused(
    mine: Doors, alice: Person, wrong: str, kind: type[HoldfastError]
) -> None:
    good = leaf(lock_key("x"), "x").block
    if wrong == "garbage":
        with pytest.raises(kind):
            await mine.pointers.move(p.Move(b"garbage", ()))
        return
    if wrong == "leaf is no leaf":
        good = Block.cbor(b"\xa0")
    tree = build({label("x"): good.cid})
    blocks = [good, *tree.blocks]
    top = tree.root
    if wrong == "misplaced":
        number = int.from_bytes(label("x"), "big") >> 251
        node = Block.cbor(TreeNode({number ^ 1: bucket_slot([(label("x"), good.cid)])}).encode())
        blocks, top = [good, node], node.cid
    root = Root(top, alice.space.root.retired)
    if wrong == "not a root":
        root = Root(good.cid, alice.space.root.retired)
    alice.space.blocks.update({each.cid: each.data for each in blocks})
    if wrong == "no blocks":
        blocks = []
    with pytest.raises(kind):
        await mine.pointers.move(move(alice.space.sign(root), [*blocks, root.block]))
    assert isinstance(await put(alice.space, mine, "fine"), p.Committed)
