"""The blocks door: staging that resumes and counts, and reads that prove what they say."""

from dataclasses import replace

import pytest

from crypto.signing import LockKey
from formats.cid import Block, Cid
from formats.errors import Denied, Expired, Forged, QuotaExceeded, TooLarge, Unfit
from formats.leaf import GENERATION_SIZE, MAX_SEGMENT_BLOCK, Leaf
from formats.root import Root
from formats.space import Rights
from formats.statement import Role
from formats.tree.lookup import lookup
from formats.tree.proof import Proof
from node.build import Node
from node.reading import NAMED_ROOT
from node.services.blocks import SESSION_LIFE
from protocols import blocks as b
from protocols import pointers as p
from protocols.services import Doors
from tests.node.people import (
    Clock,
    Person,
    Space,
    item,
    label,
    leaf,
    lock_key,
    move,
    proof,
    prove_member,
    prove_reader,
    read,
    segment,
    statement,
)
from tests.node.services.test_pointers import shrink, with_member

Fetched = dict[Cid, bytes]


@pytest.fixture
async def mine(node: Node, alice: Person) -> Doors:
    doors = node.open()
    await alice.arrive(doors)
    return doors


@pytest.fixture
async def theirs(node: Node) -> Doors:
    """A reader's connection, from another node."""
    return node.open(node.caller(b"bob's node", local=False))


async def session_of(doors: Doors, space: Space) -> bytes:
    request = b.OpenSession(space.record.owner, space.record.space)
    return (await doors.blocks.open_session(request)).session


def fetched(found: b.Found) -> Fetched:
    return {block.cid: block.data for block in found.blocks}


def proven(found: b.Found, space: Space, *labels: bytes) -> dict[bytes, Cid | None]:
    """What an answer proves of these labels, at the space's newest root."""
    blocks = fetched(found)
    root = Root.decode(blocks[space.root.block.cid])
    nodes = [data for cid, data in blocks.items() if _is_node(data)]
    top = blocks[root.tree]
    return Proof(root.tree, [top, *(each for each in nodes if each != top)]).lookup(labels)


def _is_node(data: bytes) -> bool:
    return data[:2] == b"\x82\x44"


# --- sessions


async def test_what_is_staged_may_be_committed_and_then_counts_once(
    node: Node, mine: Doors, alice: Person
) -> None:
    session = await session_of(mine, alice.space)
    parts = [segment(n, size=200_000) for n in range(3)]
    staged = await mine.blocks.stage(b.Stage(session, tuple(parts)))
    assert staged.reserved == sum(len(part.data) for part in parts)
    again = await mine.blocks.stage(b.Stage(session, tuple(parts[:1])))
    assert again.reserved == staged.reserved
    photo = leaf(lock_key("x"), segments=parts[:2])
    answer = await alice.space.commit(mine, {label("x"): photo}, session=session)
    assert isinstance(answer, p.Committed)
    assert answer.usage.reserved == len(parts[2].data)
    assert answer.usage.used < 2 * 200_000 + 10_000
    await mine.blocks.close_session(b.CloseSession(session))
    assert (await node.store.read(lambda view: view.usage(alice.id)))[1] == 0
    found = await mine.blocks.read(read(alice.space, item(label("x"), all=True)))
    assert {part.cid for part in parts[:2]} <= set(fetched(found))


async def test_missing_sees_session_and_space_and_no_further(
    node: Node, mine: Doors, alice: Person
) -> None:
    other = alice.new_space("other")
    elsewhere = segment("elsewhere")
    await begin(mine, other, elsewhere)
    session = await session_of(mine, alice.space)
    staged, lacking = segment("staged"), segment("lacking")
    await mine.blocks.stage(b.Stage(session, (staged,)))
    in_space = alice.space.root.tree
    cids = (staged.cid, lacking.cid, in_space, elsewhere.cid)
    answer = await mine.blocks.missing(b.Missing(session, cids))
    assert answer.cids == (lacking.cid, elsewhere.cid)


async def test_what_is_staged_is_given_back_and_nothing_else(mine: Doors, alice: Person) -> None:
    session, another = await session_of(mine, alice.space), await session_of(mine, alice.space)
    one, two, elsewhere = segment("one"), segment("two"), segment("elsewhere")
    await mine.blocks.stage(b.Stage(session, (one, two)))
    await mine.blocks.stage(b.Stage(another, (elsewhere,)))
    in_space = alice.space.root.tree
    cids = (two.cid, in_space, one.cid, elsewhere.cid, two.cid)
    assert (await mine.blocks.recall(b.Recall(session, cids))).blocks == (two, one)


async def test_as_much_is_given_back_as_an_answer_holds(mine: Doors, alice: Person) -> None:
    session = await session_of(mine, alice.space)
    size = MAX_SEGMENT_BLOCK - GENERATION_SIZE
    parts = [segment(n, size=size) for n in range(b.MAX_RECALLED)]
    fits = b.MAX_READ_BYTES // MAX_SEGMENT_BLOCK
    assert fits == b.MAX_RECALLED - 1
    for some in (parts[:fits], parts[fits:]):
        await mine.blocks.stage(b.Stage(session, tuple(some)))
    cids = tuple(part.cid for part in parts)
    assert list((await mine.blocks.recall(b.Recall(session, cids))).blocks) == parts[:fits]
    rest = b.Recall(session, cids[fits:])
    assert list((await mine.blocks.recall(rest)).blocks) == parts[fits:]


async def begin(mine: Doors, other: Space, part: Block) -> None:
    """A new space at the home, with one leaf of one segment."""
    await prove_member(mine, other)
    root, blocks = other.change({label("e"): leaf(lock_key("e"), segments=[part])}, segments=[part])
    pointer = other.sign(root)
    await mine.pointers.move(move(pointer, blocks, other.record))
    other.took(pointer, root)


async def test_a_session_ends_after_a_week_of_silence(
    mine: Doors, alice: Person, clock: Clock
) -> None:
    session = await session_of(mine, alice.space)
    for _ in range(3):
        clock.now += SESSION_LIFE - 1
        await mine.blocks.stage(b.Stage(session, (segment("x"),)))
    clock.now += SESSION_LIFE
    with pytest.raises(Expired):
        await mine.blocks.stage(b.Stage(session, (segment("x"),)))
    with pytest.raises(Expired):
        await alice.space.commit(mine, {}, session=session)


async def test_a_closed_session_is_gone(node: Node, mine: Doors, alice: Person) -> None:
    session = await session_of(mine, alice.space)
    part = segment("x")
    await mine.blocks.stage(b.Stage(session, (part,)))
    for _ in range(2):
        await mine.blocks.close_session(b.CloseSession(session))
    with pytest.raises(Expired):
        await mine.blocks.missing(b.Missing(session, (part.cid,)))
    with pytest.raises(Expired):
        await alice.space.commit(mine, {}, session=session)


async def test_a_session_is_its_members_alone(node: Node, mine: Doors, alice: Person) -> None:
    session = await session_of(mine, alice.space)
    space, theirs = await with_member(mine, alice, Rights.WRITE), node.open()
    await prove_member(theirs, space)
    for request in (theirs, node.open()):
        with pytest.raises(Expired):
            await request.blocks.stage(b.Stage(session, (segment("x"),)))
        with pytest.raises(Expired):
            await request.blocks.missing(b.Missing(session, ()))
        with pytest.raises(Expired):
            await request.blocks.recall(b.Recall(session, ()))
        await request.blocks.close_session(b.CloseSession(session))
    with pytest.raises(Expired):
        await space.commit(theirs, {}, session=session)
    await mine.blocks.stage(b.Stage(session, (segment("x"),)))


async def test_staging_stops_at_the_quota(node: Node, mine: Doors, alice: Person) -> None:
    used, _ = await node.store.read(lambda view: view.usage(alice.id))
    one, two = segment(1, size=100_000), segment(2, size=100_000)
    await shrink(node, alice, used + len(one.data))
    session = await session_of(mine, alice.space)
    await mine.blocks.stage(b.Stage(session, (one,)))
    with pytest.raises(QuotaExceeded):
        await mine.blocks.stage(b.Stage(session, (two,)))
    assert (await mine.blocks.missing(b.Missing(session, (one.cid, two.cid)))).cids == (two.cid,)


async def test_a_request_stages_a_bounded_amount(mine: Doors, alice: Person) -> None:
    session = await session_of(mine, alice.space)
    parts = tuple(segment(n, size=262_000) for n in range(65))
    with pytest.raises(TooLarge):
        await mine.blocks.stage(b.Stage(session, parts))
    await mine.blocks.stage(b.Stage(session, parts[:64]))


# --- reading as a member


async def test_a_member_gets_the_leaf_its_segments_and_the_proof(
    mine: Doors, alice: Person
) -> None:
    parts = [segment(n) for n in range(3)]
    photo = leaf(lock_key("x"), segments=parts)
    await alice.space.commit(mine, {label("x"): photo}, segments=parts)
    found = await mine.blocks.read(read(alice.space, item(label("x"), None, 2, 0, 7)))
    assert found.here == (True,)
    assert proven(found, alice.space, label("x")) == {label("x"): photo.block.cid}
    got = set(fetched(found))
    assert {parts[0].cid, parts[2].cid} <= got
    assert parts[1].cid not in got
    assert alice.space.pointer is not None
    assert (found.pointer, found.record) == (
        alice.space.pointer.encoded,
        alice.space.record.encoded,
    )


async def test_absence_is_proven_to_a_member(mine: Doors, alice: Person) -> None:
    for n in range(40):
        await alice.space.commit(mine, {label(n): leaf(lock_key(n), n)})
    found = await mine.blocks.read(read(alice.space, item(label("none")), item(label(3))))
    assert found.here == (False, True)
    assert proven(found, alice.space, label("none"))[label("none")] is None


async def test_each_block_comes_once(mine: Doors, alice: Person) -> None:
    changes: dict[bytes, Leaf | None] = {label(n): leaf(lock_key(n), n) for n in range(200)}
    await alice.space.commit(mine, changes)
    items = [item(each) for each in changes]
    found = await mine.blocks.read(read(alice.space, *items, *items))
    assert all(found.here)
    assert len(fetched(found)) == len(found.blocks)
    assert set(proven(found, alice.space, *changes).values()) == {
        each.block.cid for each in changes.values() if each
    }


async def test_records_that_the_caller_has_are_left_out(mine: Doors, alice: Person) -> None:
    pointer = alice.space.pointer
    assert pointer is not None
    found = await mine.blocks.read(read(alice.space, item(alice.label), known=pointer.hash))
    assert (found.pointer, found.record, found.between) == (None, None, ())
    assert found.here == (True,)


async def test_a_read_proves_descent_from_what_the_caller_knew(mine: Doors, alice: Person) -> None:
    old = alice.space.pointer
    assert old is not None
    for n in range(9):
        await alice.space.commit(mine, {label(n): leaf(lock_key(n), n)})
    found = await mine.blocks.read(read(alice.space, item(alice.label), since=old.seq))
    assert alice.space.pointer is not None
    alice.space.pointer.extends(old.seq, old.hash, found.between)


async def test_a_member_reads_any_root_that_is_kept(
    node: Node, mine: Doors, alice: Person, clock: Clock
) -> None:
    old = alice.space.root.block.cid
    await alice.space.commit(mine, {alice.label: None})
    clock.now += NAMED_ROOT * 2
    found = await mine.blocks.read(read(alice.space, item(alice.label), root=old))
    assert found.here == (True,)
    with pytest.raises(Denied):
        await mine.blocks.read(read(alice.space, item(alice.label), root=alice.space.root.tree))


async def test_nodes_are_for_members_and_within_the_space(
    node: Node, mine: Doors, theirs: Doors, alice: Person
) -> None:
    tree = alice.space.root.tree
    stray = segment("elsewhere")
    await begin(mine, alice.new_space("other"), stray)
    found = await mine.blocks.read(read(alice.space, nodes=(tree, stray.cid)))
    assert tree in fetched(found)
    assert stray.cid not in fetched(found)
    reader = await prove_reader(theirs, "bob")
    shown = proof(theirs, alice.lock, reader, alice.space, alice.label)
    request = read(alice.space, item(alice.label, shown), nodes=(alice.space.root.retired, tree))
    found = await theirs.blocks.read(request)
    assert found.here == (True,)


async def test_an_answer_is_bounded_and_says_what_to_ask_again(mine: Doors, alice: Person) -> None:
    places = []
    for n in range(5):
        parts = [segment(n, m, size=262_000) for m in range(20)]
        photo = leaf(lock_key(n), n, segments=parts)
        session = await session_of(mine, alice.space)
        await mine.blocks.stage(b.Stage(session, tuple(parts)))
        await alice.space.commit(mine, {label(n): photo}, session=session)
        places.append(label(n))
    items = [item(each, all=True) for each in places]
    found = await mine.blocks.read(read(alice.space, *items))
    assert found.here == (True,) * 5
    assert found.rest == (3, 4)
    assert sum(len(block.data) for block in found.blocks) <= b.MAX_READ_BYTES
    rest = await mine.blocks.read(read(alice.space, *(items[each] for each in found.rest)))
    assert rest.rest == ()
    assert len([cid for cid in {**fetched(found), **fetched(rest)} if cid.is_raw]) == 100


async def test_an_answer_has_a_bounded_number_of_blocks(mine: Doors, alice: Person) -> None:
    changes: dict[bytes, Leaf | None] = {label(n): leaf(lock_key("l"), n) for n in range(4000)}
    assert isinstance(await alice.space.commit(mine, changes), p.Committed)
    items = [item(each) for each in changes]
    found = await mine.blocks.read(read(alice.space, *items))
    assert len(found.blocks) <= 4096
    assert 0 < len(found.rest) < 4000
    assert not any(found.here[each] for each in found.rest)
    again = await mine.blocks.read(read(alice.space, *(items[each] for each in found.rest)))
    assert again.rest == ()
    assert all(again.here)


# --- reading with a proof


async def shared(mine: Doors, alice: Person, word: str = "x") -> tuple[bytes, LockKey]:
    """A leaf with one segment, and what a reader needs for it."""
    part = segment(word)
    photo = leaf(lock_key(word), word, segments=[part])
    await alice.space.commit(mine, {label(word): photo}, segments=[part])
    return label(word), lock_key(word)


async def test_a_reader_with_a_proof_gets_what_a_member_gets(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    place, lock = await shared(mine, alice)
    reader = await prove_reader(theirs, "bob")
    shown = proof(theirs, lock, reader, alice.space, place)
    found = await theirs.blocks.read(read(alice.space, item(place, shown, 0)))
    as_member = await mine.blocks.read(read(alice.space, item(place, None, 0)))
    assert found == as_member


async def test_a_reader_s_key_may_come_along_with_what_is_read(
    node: Node, mine: Doors, alice: Person
) -> None:
    place, lock = await shared(mine, alice)
    doors, other = (node.open(node.caller(b"a reader")) for _ in range(2))
    reader = lock_key("reader", "bob")
    along = await statement(doors, Role.READER, reader.public, reader)
    request = read(alice.space, item(place, proof(doors, lock, reader, alice.space, place), 0))
    with pytest.raises(Denied):
        await doors.blocks.read(request)
    with pytest.raises(Forged):
        await other.blocks.read(replace(request, reader=along))  # it is for one connection
    found = await doors.blocks.read(replace(request, reader=along))
    assert found == await doors.blocks.read(request)
    assert found == await mine.blocks.read(read(alice.space, item(place, None, 0)))


async def test_only_a_reader_s_key_comes_along_so(
    theirs: Doors, mine: Doors, alice: Person
) -> None:
    place, _ = await shared(mine, alice)
    subject = alice.id + alice.space.record.space
    member = await statement(theirs, Role.MEMBER, subject, alice.member)
    with pytest.raises(Unfit):
        await theirs.blocks.read(replace(read(alice.space, item(place)), reader=member))
    with pytest.raises(Denied):
        await theirs.blocks.read(read(alice.space, item(place)))


async def test_items_without_a_good_proof_are_as_if_they_were_not_there(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    place, lock = await shared(mine, alice)
    other, _ = await shared(mine, alice, "y")
    reader = await prove_reader(theirs, "bob")
    shown = proof(theirs, lock, reader, alice.space, place)
    alone = await theirs.blocks.read(read(alice.space, item(place, shown)))
    found = await theirs.blocks.read(
        read(alice.space, item(other, shown, 0), item(place, shown), item(label("z"), shown))
    )
    assert found.here == (False, True, False)
    assert found.rest == ()
    assert found.blocks == alone.blocks


async def test_a_reader_names_a_root_for_ten_minutes(
    mine: Doors, theirs: Doors, alice: Person, clock: Clock
) -> None:
    place, lock = await shared(mine, alice)
    old = alice.space.root.block.cid
    await alice.space.commit(mine, {label("more"): leaf(lock_key("more"), "more")})
    reader = await prove_reader(theirs, "bob")

    async def ask() -> b.Found:
        shown = proof(theirs, lock, reader, alice.space, place, expires=clock.now + 1000)
        return await theirs.blocks.read(read(alice.space, item(place, shown), root=old))

    clock.now += NAMED_ROOT - 1
    found = await ask()
    assert (found.here, old in fetched(found)) == ((True,), True)
    clock.now += 1
    with pytest.raises(Denied):
        await ask()


async def test_a_named_root_is_authorised_against_the_current_one(
    mine: Doors, theirs: Doors, alice: Person
) -> None:
    place, lock = await shared(mine, alice)
    old = alice.space.root.block.cid
    reader = await prove_reader(theirs, "bob")
    shown = proof(theirs, lock, reader, alice.space, place)
    request = read(alice.space, item(place, shown), root=old)
    await alice.space.commit(mine, {place: leaf(lock_key("another lock"), "x")})
    with pytest.raises(Denied):
        await theirs.blocks.read(request)
    await alice.space.commit(mine, {place: leaf(lock, "x")})
    assert (await theirs.blocks.read(request)).here == (True,)
    await alice.space.commit(mine, retire=[place])
    with pytest.raises(Denied):
        await theirs.blocks.read(request)
    await alice.space.commit(mine, {place: None})
    with pytest.raises(Denied):
        await theirs.blocks.read(request)


async def test_members_read_retired_labels(mine: Doors, alice: Person) -> None:
    place, _ = await shared(mine, alice)
    await alice.space.commit(mine, retire=[place])
    assert (await mine.blocks.read(read(alice.space, item(place)))).here == (True,)


async def test_several_readers_on_one_connection(mine: Doors, theirs: Doors, alice: Person) -> None:
    place, lock = await shared(mine, alice)
    readers = [await prove_reader(theirs, n) for n in range(3)]
    for reader in readers:
        shown = proof(theirs, lock, reader, alice.space, place)
        assert (await theirs.blocks.read(read(alice.space, item(place, shown)))).here == (True,)


async def test_a_rotten_block_is_left_out_and_the_rest_is_read(
    node: Node, mine: Doors, alice: Person
) -> None:
    place, _ = await shared(mine, alice)
    rotten = segment("x").cid
    tables = getattr(node.store, "_tables")  # noqa: B009 - the disk of the reference store
    tables.blocks[rotten] = b"rot"
    found = await mine.blocks.read(read(alice.space, item(place, None, 0), item(alice.label)))
    assert found.here == (True, True)
    assert rotten not in fetched(found)


async def test_what_is_read_is_what_was_committed(mine: Doors, alice: Person) -> None:
    place, _ = await shared(mine, alice)
    found = await mine.blocks.read(read(alice.space, item(place)))
    blocks = fetched(found)
    root = Root.decode(blocks[alice.space.root.block.cid])
    cid = lookup(blocks.__getitem__, root.tree, [place])[place]
    assert cid is not None
    assert Leaf.decode(blocks[cid]).lock == lock_key("x").public
