"""Writers who should not write: forks, forgeries, other people's blocks, rights nobody gave."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crypto.purposes import SignPurpose
from crypto.signing import SigningKey
from formats.cid import Block, Cid
from formats.commit import Commit, Move
from formats.dag_cbor import Value, decode
from formats.envelope import Envelope
from formats.errors import Denied, Expired, Forged, HoldfastError, Malformed
from formats.pointer import Pointer
from formats.root import Root
from formats.space import Member, Rights, SpaceRecord
from formats.tree.update import build
from protocols import blocks as b
from protocols import pointers as p
from tests.hostile.clients.conftest import Home
from tests.node.people import (
    Space,
    label,
    leaf,
    lock_key,
    move,
    prove_member,
    read,
    segment,
    signing_key,
)


async def grow(home: Home, times: int = 5) -> list[Pointer]:
    """Alice's space after some commits; all its pointers, oldest first."""
    pointers = []
    for n in range(times):
        await home.alice.space.commit(home.hers, {label(n): leaf(lock_key(n), n)})
        assert home.alice.space.pointer is not None
        pointers.append(home.alice.space.pointer)
    return pointers


async def unchanged(home: Home, before: p.Resolved) -> None:
    space = home.alice.space
    after = await home.hers.pointers.resolve(p.Resolve(home.alice.id, space.record.space, None))
    assert after == before


async def state(home: Home) -> p.Resolved:
    space = home.alice.space
    return await home.hers.pointers.resolve(p.Resolve(home.alice.id, space.record.space, None))


# --- pointers that do not follow


@pytest.mark.parametrize("which", [0, 2, 3])
async def test_an_old_pointer_again_is_a_conflict(home: Home, which: int) -> None:
    old = (await grow(home))[which]
    before = await state(home)
    answer = await home.hers.pointers.move(move(old))
    assert isinstance(answer, p.Conflict)
    await unchanged(home, before)


async def test_a_fork_is_a_conflict(home: Home) -> None:
    root, blocks = home.alice.space.change({label("fork"): leaf(lock_key("fork"), "fork")})
    fork = home.alice.space.sign(root)
    await grow(home, 1)
    before = await state(home)
    answer = await home.hers.pointers.move(move(fork, blocks))
    assert isinstance(answer, p.Conflict)
    assert answer.current[0].pointer == before.pointer
    await unchanged(home, before)


def made(
    mine: Space, key: SigningKey | None = None, signer: SigningKey | None = None, **changed: Value
) -> Pointer:
    """The next pointer, with some fields changed; by ``signer``, with ``key`` beside it."""
    root, _ = mine.change()
    body = decode(mine.sign(root).body)
    assert isinstance(body, dict)
    key = key or mine.key
    wrong: dict[str, Value | None] = {**body, **changed}
    envelope = Envelope.sign(SignPurpose.POINTER, wrong, signer or key, keyed=True)
    return Pointer.decode(replace(envelope, key=key.verify_key).encoded)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"seq": 8}, Forged),
        ({"seq": 4}, Forged),
        ({"skip": bytes(32)}, Forged),
        ({"authority": bytes(32)}, Forged),
        ({"owner": bytes(32)}, Denied),
        ({"space": bytes(32)}, Denied),
        ({"member": bytes(32)}, Denied),
        ({"signer": signing_key("mallory")}, Forged),
        ({"key": signing_key("mallory")}, Forged),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value.__name__,
)
async def test_a_pointer_that_lies_is_refused(
    home: Home, changed: dict[str, Any], kind: type[HoldfastError]
) -> None:
    await grow(home)  # the next number is 6: its skip is not its prev
    before = await state(home)
    with pytest.raises(kind):
        await home.hers.pointers.move(move(made(home.alice.space, **changed)))
    await unchanged(home, before)


async def test_a_pointer_that_stands_on_nothing_is_a_conflict(home: Home) -> None:
    await grow(home)
    answer = await home.hers.pointers.move(move(made(home.alice.space, prev=bytes(32))))
    assert isinstance(answer, p.Conflict)


async def test_who_did_not_prove_the_signer_commits_nothing(home: Home) -> None:
    """A commit that was overheard or kept, sent by somebody else: not even a conflict."""
    root, blocks = home.alice.space.change({label("x"): leaf(lock_key("x"), "x")})
    request = move(home.alice.space.sign(root), blocks)
    with pytest.raises(Denied, match="there is nothing here for you"):
        await home.his.pointers.move(request)
    assert isinstance(await home.hers.pointers.move(request), p.Committed)
    with pytest.raises(Denied, match="there is nothing here for you"):
        await home.his.pointers.move(request)


async def test_a_stranger_learns_nothing_of_a_space_by_committing(home: Home) -> None:
    """Right state, wrong state, no such space: one answer."""
    await grow(home)
    key = home.mallory.member
    planted = Space(home.alice.space.record, key)
    planted.pointer, planted.spine = home.alice.space.pointer, home.alice.space.spine
    nowhere = Space(home.mallory.new_space("nowhere").record, key)
    nowhere.pointer, nowhere.spine = planted.pointer, planted.spine
    for space in (planted, nowhere):
        await prove_member(home.his, space)
        for pointer in (made(space), made(space, prev=bytes(32)), made(space, seq=78)):
            with pytest.raises(Denied, match="there is nothing here for you"):
                await home.his.pointers.move(move(pointer))


# --- other people's blocks


async def planted_leaf(home: Home, segments: list[Cid]) -> p.Move:
    """Mallory commits a leaf of his own over these segments, which he did not bring."""
    space = home.mallory.space
    own = leaf(lock_key("own"), "own")
    thief = replace(own, segments=tuple(segments))
    root, blocks = space.change({label("loot"): thief})
    return move(space.sign(root), [block for block in blocks if block.cid not in segments])


async def test_naming_somebody_elses_blocks_is_denied_as_if_they_were_not_there(
    home: Home,
) -> None:
    part, nowhere = segment("alice's"), segment("nowhere")
    photo = leaf(lock_key("photo"), segments=[part])
    await home.alice.space.commit(home.hers, {label("photo"): photo}, segments=[part])
    heard = set()
    for cid in (part.cid, nowhere.cid):
        with pytest.raises(Denied) as refused:
            await home.his.pointers.move(await planted_leaf(home, [cid]))
        heard.add(str(refused.value))
    assert heard == {"there is nothing here for you"}


async def test_naming_blocks_that_somebody_else_has_staged_is_denied(home: Home) -> None:
    part = segment("alice's")
    space = home.alice.space
    request = b.OpenSession(home.alice.id, space.record.space)
    session = (await home.hers.blocks.open_session(request)).session
    await home.hers.blocks.stage(b.Stage(session, (part,)))
    honest = await planted_leaf(home, [part.cid])
    with pytest.raises(Denied):
        await home.his.pointers.move(honest)
    stolen = Commit(Commit.decode(honest.commit).moves, session)
    with pytest.raises(Expired):
        await home.his.pointers.move(p.Move(stolen.encoded, honest.blocks))
    with pytest.raises(Expired):
        await home.his.blocks.missing(b.Missing(session, (part.cid,)))


@pytest.mark.parametrize("stolen", ["tree", "leaf", "root"])
async def test_naming_somebody_elses_tree_is_denied(home: Home, stolen: str) -> None:
    await grow(home)
    hers, his = home.alice.space, home.mallory.space
    if stolen == "root":
        pointer = made(his, root=hers.root.block.cid)
        with pytest.raises(Denied):
            await home.his.pointers.move(move(pointer))
        return
    top, blocks = hers.root.tree, []
    if stolen == "leaf":
        cid = leaf(lock_key(1), 1).block.cid
        tree = build({label(1): cid})
        top, blocks = tree.root, list(tree.blocks)
    root = Root(top, his.root.retired)
    with pytest.raises(Denied):
        await home.his.pointers.move(move(made(his, root=root.block.cid), [*blocks, root.block]))


async def test_what_one_space_has_is_in_another_for_who_may_write_to_both(home: Home) -> None:
    """So a folder gets a space of its own and nothing is sent again; nobody else gets at it."""
    part = segment("x")
    photo = leaf(lock_key("x"), segments=[part])
    await home.alice.space.commit(home.hers, {label("x"): photo}, segments=[part])
    other = home.alice.new_space("other")
    root, blocks = other.change({label("x"): photo})
    bare = [block for block in blocks if block.cid != photo.block.cid]
    begun = move(other.sign(root), bare, other.record)
    alone = home.node.open()
    for doors in (alone, home.hers):
        await prove_member(doors, other)
    with pytest.raises(Denied):  # this connection has not shown that it may write to the first
        await alone.pointers.move(begun)
    assert isinstance(await home.hers.pointers.move(begun), p.Committed)


async def test_a_guest_of_one_space_names_nothing_of_the_owners_others(home: Home) -> None:
    part = segment("private")
    shared = await shared_space(home, Member(GUEST.verify_key.digest(), Rights.WRITE))
    private = leaf(lock_key("private"), segments=[part])
    await home.alice.space.commit(home.hers, {label("private"): private}, segments=[part])
    for cid in (private.block.cid, home.alice.space.root.tree, home.alice.space.root.block.cid):
        tree = build({label("loot"): cid})
        root = Root(tree.root, shared.root.retired)
        with pytest.raises(Denied, match="there is nothing here for you"):
            await home.his.pointers.move(move(shared.sign(root), [*tree.blocks, root.block]))
    mine = replace(leaf(lock_key("own"), "own"), segments=(part.cid,))
    root, blocks = shared.change({label("loot"): mine})
    with pytest.raises(Denied):
        await home.his.pointers.move(move(shared.sign(root), blocks))


async def test_a_label_cannot_stand_for_a_block_of_another_kind(home: Home) -> None:
    space = home.alice.space
    for wrong in (space.root.tree, space.root.block.cid, segment("raw").cid):
        tree = build({label("x"): wrong})
        root = Root(tree.root, space.root.retired)
        pointer = made(space, root=root.block.cid)
        with pytest.raises((Malformed, Denied)):
            await home.hers.pointers.move(move(pointer, [*tree.blocks, root.block, segment("raw")]))


# --- members

GUEST = signing_key("mallory", "a guest of alice's")


async def shared_space(home: Home, guest: Member) -> Space:
    """A space of Alice's in which Mallory is a member; as he knows it, and has proven it."""
    shared = home.alice.new_space("shared", guest)
    await prove_member(home.hers, shared)
    root, blocks = shared.change({label("first"): leaf(lock_key("first"), "first")})
    pointer = shared.sign(root)
    await home.hers.pointers.move(move(pointer, blocks, shared.record))
    shared.took(pointer, root)
    shared.key = GUEST
    await prove_member(home.his, shared)
    return shared


def a_change(space: Space, deed: str) -> tuple[Root, list[Block]]:
    """One kind of change: a label comes, changes, goes, is retired."""
    first, other = label("first"), leaf(lock_key("first"), "other")
    if deed == "retire":
        return space.change(retire=[first])
    return space.change(
        {label("new") if deed == "add" else first: other if deed != "delete" else None}
    )


@pytest.mark.parametrize("deed", ["add", "change", "delete", "retire"])
@pytest.mark.parametrize("rights", [Rights.ADD, Rights.CHANGE, Rights.DELETE, Rights(0)])
async def test_a_guest_does_what_it_has_the_right_to(home: Home, rights: Rights, deed: str) -> None:
    shared = await shared_space(home, Member(GUEST.verify_key.digest(), rights))
    root, blocks = a_change(shared, deed)
    request = move(shared.sign(root), blocks)
    needed = {"add": Rights.ADD, "change": Rights.CHANGE}.get(deed, Rights.DELETE)
    if rights & needed:
        assert isinstance(await home.his.pointers.move(request), p.Committed)
    else:
        with pytest.raises(Forged):
            await home.his.pointers.move(request)


async def test_who_was_removed_commits_nothing_any_more_and_stages_nothing(home: Home) -> None:
    shared = await shared_space(home, Member(GUEST.verify_key.digest(), Rights.WRITE))
    request = b.OpenSession(home.alice.id, shared.record.space)
    session = (await home.his.blocks.open_session(request)).session
    waiting = a_change(shared, "add")
    members = [each for each in shared.record.members if each.key != GUEST.verify_key.digest()]
    record = SpaceRecord.following(shared.record, home.alice.chain, members, home.alice.daily)
    pointer = shared.sign(shared.root, record, home.alice.member)
    assert isinstance(await home.hers.pointers.move(move(pointer, (), record)), p.Committed)
    with pytest.raises(Denied):  # the state that it stands on is the old one, and that is not said
        await home.his.pointers.move(move(shared.sign(waiting[0]), waiting[1]))
    shared.took(pointer, shared.root, record)
    for key in (GUEST, home.alice.member):
        with pytest.raises(Denied):
            await home.his.pointers.move(move(shared.sign(waiting[0], key=key), waiting[1]))
    with pytest.raises(Expired):
        await home.his.blocks.stage(b.Stage(session, (segment("x"),)))
    with pytest.raises(Denied):
        await home.his.pointers.resolve(p.Resolve(home.alice.id, shared.record.space, None))


async def let_in(home: Home, rights: Rights) -> Space:
    """Mallory becomes a member of Alice's space."""
    space, key = home.alice.space, signing_key("mallory", "in alice's space")
    members = [*space.record.members, Member(key.verify_key.digest(), rights)]
    record = SpaceRecord.following(space.record, home.alice.chain, members, home.alice.daily)
    pointer = space.sign(space.root, record)
    await home.hers.pointers.move(move(pointer, (), record))
    space.took(pointer, space.root, record)
    theirs = Space(record, key)
    theirs.blocks, theirs.root = space.blocks, space.root
    theirs.pointer, theirs.spine = space.pointer, space.spine
    await prove_member(home.his, theirs)
    return theirs


Wrong = Callable[[Home, Space], SpaceRecord]


def everything_for_me(home: Home, space: Space) -> SpaceRecord:
    """Signed by Alice, as it may be for another occasion; brought by who may not bring it."""
    members = [replace(each, rights=Rights.ALL) for each in space.record.members]
    return SpaceRecord.following(space.record, home.alice.chain, members, home.alice.daily)


def signed_by_me(home: Home, space: Space) -> SpaceRecord:
    return SpaceRecord.following(
        space.record, home.alice.chain, space.record.members, home.mallory.daily
    )


def of_my_own_identity(home: Home, space: Space) -> SpaceRecord:
    return SpaceRecord.following(
        space.record, home.mallory.chain, space.record.members, home.mallory.daily
    )


def two_ahead(home: Home, space: Space) -> SpaceRecord:
    return everything_for_me(home, Space(everything_for_me(home, space), space.key))


@pytest.mark.parametrize(
    ("wrong", "rights"),
    [
        (everything_for_me, Rights.WRITE),
        (signed_by_me, Rights.ALL),
        (of_my_own_identity, Rights.ALL),
        (two_ahead, Rights.ALL),
    ],
)
async def test_members_are_changed_by_who_may_and_with_the_owners_word(
    home: Home, wrong: Wrong, rights: Rights
) -> None:
    space = await let_in(home, rights)
    before = await state(home)
    record = wrong(home, space)
    with pytest.raises((Forged, Denied)):
        await home.his.pointers.move(move(space.sign(space.root, record), (), record))
    await unchanged(home, before)


async def test_an_old_space_record_does_not_come_back(home: Home) -> None:
    first = home.alice.space.record
    await let_in(home, Rights.WRITE)
    before = await state(home)
    space = home.alice.space
    with pytest.raises(Forged):
        await home.hers.pointers.move(move(space.sign(space.root, first), (), first))
    with pytest.raises(Forged):
        await home.hers.pointers.move(move(space.sign(space.root, first)))
    await unchanged(home, before)


async def test_a_record_is_brought_with_the_pointer_that_names_it(home: Home) -> None:
    space = home.alice.space
    record = everything_for_me(home, space)
    with pytest.raises(Forged):
        await home.hers.pointers.move(move(space.sign(space.root, record)))
    with pytest.raises(Malformed):
        await home.hers.pointers.move(move(space.sign(space.root), (), record))


async def test_a_member_does_not_sign_as_another(home: Home) -> None:
    space = await let_in(home, Rights.WRITE)
    member = home.alice.member.verify_key.digest()
    with pytest.raises(Denied):
        await home.his.pointers.move(move(made(space, member=member)))
    await prove_member(home.his, space, signing_key("mallory", "in alice's space"))
    with pytest.raises(Denied):
        await home.his.pointers.move(
            move(made(space, key=home.alice.member, member=member, signer=space.key))
        )


async def test_one_bad_move_stops_all(home: Home) -> None:
    """His own space moves with a pointer of Alice's that he has not the right to: neither moves."""
    space = home.mallory.space
    root, blocks = space.change({label("x"): leaf(lock_key("x"), "x")})
    moves = (Move(space.sign(root)), Move(home.alice.space.sign(home.alice.space.root)))
    with pytest.raises(Denied):
        await home.his.pointers.move(p.Move(Commit(moves).encoded, tuple(blocks)))
    found = await home.his.pointers.resolve(p.Resolve(home.mallory.id, space.record.space, None))
    assert space.pointer is not None
    assert found.pointer == space.pointer.encoded


async def test_a_space_that_is_there_is_not_made_again(home: Home) -> None:
    space = home.alice.space
    fresh = Space(space.record, home.alice.member)
    fresh.record = SpaceRecord.first(
        space.record.space, home.alice.chain, space.record.members, home.alice.daily
    )
    root, blocks = fresh.change({label("x"): leaf(lock_key("x"), "x")})
    answer = await home.hers.pointers.move(move(fresh.sign(root), blocks, fresh.record))
    assert isinstance(answer, p.Conflict)


async def test_a_block_that_is_not_what_it_says_cannot_be_made() -> None:
    with pytest.raises(HoldfastError):
        Block.checked(Cid.of_raw(b"one"), b"two")


async def test_reading_back_what_was_not_admitted_is_in_vain(home: Home) -> None:
    """Staged is not committed: it can be read from nowhere."""
    space, part = home.mallory.space, segment("x")
    request = b.OpenSession(home.mallory.id, space.record.space)
    session = (await home.his.blocks.open_session(request)).session
    await home.his.blocks.stage(b.Stage(session, (part,)))
    found = await home.his.blocks.read(read(space, nodes=(part.cid,)))
    assert part.cid not in {block.cid for block in found.blocks}
