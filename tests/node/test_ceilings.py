"""A member may add so many bytes and no more: counted as the space counts, given back with it."""

from collections.abc import Sequence

import pytest

from crypto.signing import SigningKey
from formats.cid import Block
from formats.errors import QuotaExceeded
from formats.space import Member, Rights, SpaceRecord
from node.build import Node
from protocols import blocks as b
from protocols import pointers as p
from protocols.services import Doors
from storage.contracts import SpaceKey
from storage.reachability import release_some
from tests.hostile.clients.test_requests import check_whole
from tests.node.people import Person, Space, label, leaf, lock_key, move, prove_member, segment
from tests.node.people import signing_key as make_key

GUEST: SigningKey = make_key("a guest with a ceiling")
CEILING = 200_000
SIZE = 60_000


class Shared:
    """A space of Alice's with a guest who may add so much, each at a connection of their own."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.alice = Person("alice")
        self.hers: Doors = node.open()
        self.his: Doors = node.open(node.caller(b"a guest's node", local=False))

    async def begin(self, ceiling: int | None = CEILING) -> Space:
        """The space, as the guest knows it."""
        await self.alice.sign_up(self.hers)
        guest = Member(GUEST.verify_key.digest(), Rights.WRITE, ceiling)
        space = self.alice.new_space("shared", guest)
        await prove_member(self.hers, space)
        root, blocks = space.change({label("first"): leaf(lock_key("first"), "first")})
        pointer = space.sign(root)
        await self.hers.pointers.move(move(pointer, blocks, space.record))
        space.took(pointer, root)
        space.key = GUEST
        await prove_member(self.his, space)
        return space

    async def charged(self, space: Space) -> tuple[int, int]:
        """What the guest has used and reserved."""
        key, digest = key_of(space), GUEST.verify_key.digest()
        return await self.node.store.read(lambda view: view.charged(key, digest))


def key_of(space: Space) -> SpaceKey:
    return SpaceKey(space.record.owner, space.record.space)


@pytest.fixture
async def shared(any_node: Node) -> Shared:
    return Shared(any_node)


async def add(shared: Shared, space: Space, word: str, size: int = SIZE) -> Sequence[Block]:
    """The guest adds a leaf with a segment; every block that was new."""
    part = segment(word, size=size)
    there = set(space.blocks)
    answer = await space.commit(
        shared.his, {label(word): leaf(lock_key(word), word, segments=[part])}, segments=[part]
    )
    assert isinstance(answer, p.Committed)
    return [Block.raw(data) for cid, data in space.blocks.items() if cid not in there]


async def test_what_a_guest_brings_in_is_charged_to_the_byte(shared: Shared) -> None:
    space = await shared.begin()
    new = await add(shared, space, "one")
    marker_aside = sum(len(block.data) for block in new)
    used, reserved = await shared.charged(space)
    assert reserved == 0
    # The marker block of ``Space.change`` came along, and nothing refers to it.
    assert marker_aside - 100 < used <= marker_aside


async def test_beyond_the_ceiling_nothing_is_taken_and_nothing_else_changes(
    shared: Shared,
) -> None:
    space = await shared.begin()
    for word in ("one", "two", "three"):
        await add(shared, space, word)
    before, seq = await shared.charged(space), space.seq
    part = segment("four", size=SIZE)
    made = {label("four"): leaf(lock_key("four"), "four", segments=[part])}
    with pytest.raises(QuotaExceeded, match="as its owner allows"):
        await space.commit(shared.his, made, segments=[part])
    assert (await shared.charged(space), space.seq) == (before, seq)
    await shared.node.store.read(lambda view: check_whole(view, key_of(space)))


async def test_removing_works_at_the_ceiling_and_gives_it_back_with_the_past(
    shared: Shared,
) -> None:
    space = await shared.begin()
    for word in ("one", "two", "three"):
        await add(shared, space, word)
    full, _ = await shared.charged(space)
    gone: dict[bytes, None] = {label("one"): None, label("two"): None}
    assert isinstance(await space.commit(shared.his, gone), p.Committed)
    assert (await shared.charged(space))[0] > full  # the states before are kept
    owner = shared.alice.id
    await shared.hers.pointers.let_go(p.LetGo(owner, space.record.space, 2**53))
    while await shared.node.store.write(lambda tx: release_some(tx, owner, 1000)):
        pass
    left, _ = await shared.charged(space)
    assert left < full - SIZE
    await add(shared, space, "four")


async def test_all_sessions_of_a_guest_count_together(shared: Shared) -> None:
    space = await shared.begin()
    request = b.OpenSession(space.record.owner, space.record.space)
    sessions = [(await shared.his.blocks.open_session(request)).session for _ in range(3)]
    for number, session in enumerate(sessions):
        await shared.his.blocks.stage(b.Stage(session, (segment(number, size=SIZE),)))
    with pytest.raises(QuotaExceeded):
        await shared.his.blocks.stage(b.Stage(sessions[0], (segment("more", size=SIZE),)))
    await shared.his.blocks.close_session(b.CloseSession(sessions[1]))
    await shared.his.blocks.stage(b.Stage(sessions[0], (segment("more", size=SIZE),)))


async def test_who_is_given_another_key_has_no_more_room_by_that(shared: Shared) -> None:
    space, alice = await shared.begin(), shared.alice
    for word in ("one", "two"):
        await add(shared, space, word)
    used, other = await shared.charged(space), make_key("the guest's other key")
    key, digest = key_of(space), other.verify_key.digest()
    for word in ("once", "and again"):  # which changes nothing
        mine = [each for each in space.record.members if each.rights & Rights.MEMBERS]
        guest = Member(digest, Rights.WRITE, CEILING, GUEST.verify_key.digest())
        record = SpaceRecord.following(space.record, alice.chain, [*mine, guest], alice.daily)
        root, blocks = space.change({label(word): leaf(lock_key(word), word)})
        pointer = space.sign(root, record, alice.member)
        await shared.hers.pointers.move(move(pointer, blocks, record))
        space.took(pointer, root, record)
        assert await shared.node.store.read(lambda view: view.charged(key, digest)) == used
        assert await shared.charged(space) == (0, 0)
    space.key = other
    await prove_member(shared.his, space)
    await add(shared, space, "three")
    with pytest.raises(QuotaExceeded):
        await add(shared, space, "four")
    await shared.node.store.read(lambda view: check_whole(view, key))


async def test_who_has_no_ceiling_is_charged_for_nothing(shared: Shared) -> None:
    space = await shared.begin(None)
    await add(shared, space, "one")
    assert await shared.charged(space) == (0, 0)


async def test_a_guest_is_told_of_its_own_use_and_not_of_the_owners(shared: Shared) -> None:
    space = await shared.begin()
    root, blocks = space.change({label("x"): leaf(lock_key("x"), "x")})
    answer = await shared.his.pointers.move(move(space.sign(root), blocks))
    assert isinstance(answer, p.Committed)
    used, reserved = await shared.charged(space)
    assert (answer.usage.used, answer.usage.reserved) == (used, reserved)
    assert answer.usage.limit == CEILING


async def test_a_guest_who_fills_the_account_costs_the_owner_none_of_their_past(
    shared: Shared,
) -> None:
    space = await shared.begin(None)
    account = await shared.node.store.read(lambda view: view.account_of(shared.alice.id))
    assert account is not None
    for word in ("one", "two"):
        await add(shared, space, word)
    key = key_of(space)
    kept = await shared.node.store.read(lambda view: [row.seq for row in view.past(key)])
    used, _ = await shared.node.store.read(lambda view: view.usage(shared.alice.id))
    await shared.node.admin.set_quota(account.name, used + 1000)
    opened = await shared.his.blocks.open_session(b.OpenSession(key.owner, key.space))
    with pytest.raises(QuotaExceeded):
        await shared.his.blocks.stage(b.Stage(opened.session, (segment("four", size=SIZE),)))
    assert kept == await shared.node.store.read(lambda view: [row.seq for row in view.past(key)])
