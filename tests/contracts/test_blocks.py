"""Blocks, sessions and references: what is held, counted and collected."""

import pytest

from formats.cid import Block
from formats.errors import Exists, Expired, Internal, Malformed, MissingBlock
from storage.contracts import SessionRow, Store, Transaction, View
from tests.contracts.rows import (
    ask,
    block,
    bytes32,
    do,
    session_id,
    session_row,
    space_key,
    space_row,
    stage,
    stage_all,
)

SIZES = [0, 1, 100, 5000, 65_535, 65_536, 65_537, 262_184, 1024 * 1024]
KEY = space_key()
S0 = session_id(0)


@pytest.mark.parametrize("size", SIZES)
async def test_a_staged_block_reads_back(store: Store, size: int) -> None:
    each = block(1, size)
    await store.write(stage([each]))
    assert await store.read(ask(View.block, each.cid)) == each.data
    assert await store.read(ask(View.block_size, each.cid)) == size
    assert await store.read(ask(View.is_staged, S0, each.cid))
    assert not await store.read(ask(View.is_staged, session_id(1), each.cid))
    assert await store.read(ask(View.references, KEY, each.cid)) == 0


async def test_raw_and_cbor_of_the_same_bytes_are_two_blocks(store: Store) -> None:
    raw, cbor = Block.raw(b"\xa0"), Block.cbor(b"\xa0")
    await store.write(stage([raw]))
    assert await store.read(ask(View.block_size, cbor.cid)) is None
    with pytest.raises(MissingBlock):
        await store.read(ask(View.block, cbor.cid))


async def test_a_missing_block_is_named(store: Store) -> None:
    cid = block(9).cid
    with pytest.raises(MissingBlock) as caught:
        await store.read(ask(View.block, cid))
    assert caught.value.cid == cid
    assert await store.read(ask(View.block_size, cid)) is None


@pytest.mark.parametrize("size", [100, 100_000])
async def test_a_transaction_reads_its_own_blocks(store: Store, size: int) -> None:
    each = block(1, size)

    def work(tx: Transaction) -> bytes:
        stage_all(tx, [each])
        return tx.block(each.cid)

    assert await store.write(work) == each.data


async def test_reserved_counts_each_block_of_a_session_once(store: Store) -> None:
    def work(tx: Transaction) -> list[bool]:
        tx.open_session(session_row())
        return [tx.stage(S0, block(n, size)) for n, size in [(1, 10), (2, 70_000), (1, 10)]]

    assert await store.write(work) == [True, True, False]
    assert not await store.write(do(Transaction.stage, S0, block(2, 70_000)))
    row = await store.read(ask(View.session, S0))
    assert row is not None
    assert row.reserved == 70_010
    assert await store.read(ask(View.usage, KEY.owner)) == (0, 70_010)


async def test_two_sessions_pay_for_the_same_block_each(store: Store) -> None:
    await store.write(stage([block(1)], 0))
    await store.write(stage([block(1)], 1))
    assert await store.read(ask(View.usage, KEY.owner)) == (0, 200)
    await store.write(do(Transaction.close_session, S0))
    assert await store.read(ask(View.usage, KEY.owner)) == (0, 100)
    assert await store.write(do(Transaction.collect, 10)) == 0
    assert await store.read(ask(View.block, block(1).cid)) == block(1).data


async def test_closing_a_session_frees_what_only_it_held(store: Store) -> None:
    sizes = {1: 10, 2: 70_000, 3: 300_000}
    blocks = [block(n, size) for n, size in sizes.items()]
    await store.write(stage(blocks))
    await store.write(do(Transaction.add_reference, KEY, blocks[1].cid))
    await store.write(do(Transaction.close_session, S0))
    await store.write(do(Transaction.close_session, S0))
    assert await store.read(ask(View.session, S0)) is None
    assert not await store.read(ask(View.is_staged, S0, blocks[0].cid))
    assert await store.read(ask(View.usage, KEY.owner)) == (70_000, 0)
    assert await store.write(do(Transaction.collect, 1)) == 1
    assert await store.write(do(Transaction.collect, 10)) == 1
    assert await store.write(do(Transaction.collect, 10)) == 0
    sizes_left = [await store.read(ask(View.block_size, each.cid)) for each in blocks]
    assert sizes_left == [None, 70_000, None]
    assert await store.read(ask(View.block, blocks[1].cid)) == blocks[1].data


async def test_garbage_that_is_held_again_stays(store: Store) -> None:
    each = block(1, 100_000)
    await store.write(stage([each], 0))
    await store.write(do(Transaction.close_session, S0))
    await store.write(stage([each], 1))
    assert await store.write(do(Transaction.collect, 10)) == 0
    assert await store.read(ask(View.block, each.cid)) == each.data


async def test_garbage_can_still_be_referenced_until_it_is_taken(store: Store) -> None:
    await store.write(stage([block(1)]))
    await store.write(do(Transaction.close_session, S0))
    await store.write(do(Transaction.add_reference, KEY, block(1).cid))
    assert await store.write(do(Transaction.collect, 10)) == 0
    await store.write(do(Transaction.drop_reference, KEY, block(1).cid))
    assert await store.write(do(Transaction.collect, 10)) == 1


async def test_a_block_that_was_collected_can_come_back(store: Store) -> None:
    for size in (100, 100_000):
        for session in (0, 1):
            await store.write(stage([block(1, size)], session))
            await store.write(do(Transaction.close_session, session_id(session)))
            assert await store.write(do(Transaction.collect, 10)) == 1
            assert await store.read(ask(View.block_size, block(1, size).cid)) is None


async def test_links_are_counted_and_bytes_are_counted_once(store: Store) -> None:
    cid = block(1).cid
    await store.write(stage([block(1)]))
    assert await store.write(do(Transaction.add_reference, KEY, cid)) == 1
    assert await store.write(do(Transaction.add_reference, KEY, cid)) == 2
    assert await store.read(ask(View.references, KEY, cid)) == 2
    await store.write(do(Transaction.put_space, space_row(KEY, cid)))
    row = await store.read(ask(View.space, KEY))
    assert row is not None
    assert row.used == 100
    assert await store.write(do(Transaction.drop_reference, KEY, cid)) == 1
    assert await store.read(ask(View.usage, KEY.owner)) == (100, 100)
    assert await store.write(do(Transaction.drop_reference, KEY, cid)) == 0
    assert await store.read(ask(View.usage, KEY.owner)) == (0, 100)
    row = await store.read(ask(View.space, KEY))
    assert row is not None
    assert row.used == 0


async def test_each_space_counts_for_itself(store: Store) -> None:
    keys = [space_key(0), space_key(1), space_key(0, "bob")]

    def work(tx: Transaction) -> None:
        stage_all(tx, [block(1)])
        for key in keys:
            tx.add_reference(key, block(1).cid)

    await store.write(work)
    await store.write(do(Transaction.close_session, S0))
    assert await store.read(ask(View.usage, bytes32("alice"))) == (200, 0)
    assert await store.read(ask(View.usage, bytes32("bob"))) == (100, 0)
    await store.write(do(Transaction.drop_reference, keys[0], block(1).cid))
    assert await store.read(ask(View.references, keys[0], block(1).cid)) == 0
    assert await store.read(ask(View.references, keys[1], block(1).cid)) == 1
    assert await store.write(do(Transaction.collect, 10)) == 0


async def test_a_reference_needs_the_block(store: Store) -> None:
    with pytest.raises(MissingBlock):
        await store.write(do(Transaction.add_reference, KEY, block(1).cid))


async def test_a_link_that_is_not_held_cannot_be_given_back(store: Store) -> None:
    await store.write(stage([block(1)]))
    for number in (1, 2):
        with pytest.raises(Internal):
            await store.write(do(Transaction.drop_reference, KEY, block(number).cid))


async def test_a_block_is_linked_as_one_kind_only(store: Store) -> None:
    cid = block(1).cid
    await store.write(stage([block(1)]))
    await store.write(do(Transaction.add_reference, KEY, cid, 3))
    with pytest.raises(Malformed):
        await store.write(do(Transaction.add_reference, KEY, cid, 4))
    assert await store.write(do(Transaction.add_reference, space_key(1), cid, 4)) == 1
    assert await store.write(do(Transaction.add_reference, KEY, cid, 3)) == 2
    assert await store.write(do(Transaction.drop_reference, KEY, cid)) == 1
    assert await store.write(do(Transaction.drop_reference, KEY, cid)) == 0
    assert await store.write(do(Transaction.add_reference, KEY, cid, 4)) == 1


async def test_a_session_opens_once_and_can_be_extended(store: Store) -> None:
    row = session_row(0, expires=5)
    await store.write(do(Transaction.open_session, row))
    with pytest.raises(Exists):
        await store.write(do(Transaction.open_session, row))
    await store.write(do(Transaction.extend_session, S0, 99))
    assert await store.read(ask(View.session, S0)) == SessionRow(S0, KEY, row.member, 99, 0)
    with pytest.raises(Expired):
        await store.write(do(Transaction.extend_session, session_id(1), 99))
    with pytest.raises(Expired):
        await store.write(do(Transaction.stage, session_id(1), block(1)))


async def test_a_closed_session_id_can_be_opened_again_empty(store: Store) -> None:
    await store.write(stage([block(1)]))
    await store.write(do(Transaction.close_session, S0))
    await store.write(do(Transaction.open_session, session_row()))
    row = await store.read(ask(View.session, S0))
    assert row is not None
    assert row.reserved == 0
    assert not await store.read(ask(View.is_staged, S0, block(1).cid))


async def test_what_a_commit_holds_leaves_its_session(store: Store) -> None:
    blocks = [block(n, size) for n, size in [(1, 10), (2, 70_000), (3, 500)]]
    await store.write(stage(blocks))
    await store.write(do(Transaction.add_reference, KEY, blocks[1].cid))
    away = [blocks[0].cid, blocks[1].cid, blocks[1].cid, block(9).cid]
    await store.write(do(Transaction.unstage, S0, away))
    await store.write(do(Transaction.unstage, S0, away))
    await store.write(do(Transaction.unstage, session_id(5), away))
    row = await store.read(ask(View.session, S0))
    assert row is not None
    assert row.reserved == 500
    assert await store.read(ask(View.usage, KEY.owner)) == (70_000, 500)
    assert not await store.read(ask(View.is_staged, S0, blocks[1].cid))
    assert await store.write(do(Transaction.collect, 10)) == 1
    assert await store.write(do(Transaction.stage, S0, blocks[1]))
    assert await store.read(ask(View.usage, KEY.owner)) == (70_000, 70_500)


async def test_expired_sessions_come_oldest_first(store: Store) -> None:
    def work(tx: Transaction) -> None:
        for number, expires in enumerate([30, 10, 20, 40]):
            tx.open_session(session_row(number, expires=expires))

    await store.write(work)
    late = await store.read(ask(View.sessions_before, 40, 10))
    assert [row.expires for row in late] == [10, 20, 30]
    assert len(await store.read(ask(View.sessions_before, 40, 2))) == 2
    assert await store.read(ask(View.sessions_before, 10, 10)) == []


async def test_open_sessions_are_counted_by_owner_and_by_member(store: Store) -> None:
    mine, other, foreign = space_key(0), space_key(1), space_key(0, "bob")

    def work(tx: Transaction) -> None:
        for number, key in enumerate([mine, mine, other, foreign]):
            tx.open_session(session_row(number, key))
        guest = SessionRow(session_id(9), mine, bytes32("guest"), 1000, 0)
        tx.open_session(guest)
        assert tx.open_sessions(mine.owner, bytes32("guest")) == (4, 1)
        tx.close_session(session_id(0))

    await store.write(work)
    assert await store.read(ask(View.open_sessions, mine.owner, bytes32("member"))) == (3, 2)
    assert await store.read(ask(View.open_sessions, mine.owner, bytes32("nobody"))) == (3, 0)
    assert await store.read(ask(View.open_sessions, foreign.owner, bytes32("member"))) == (1, 1)
    assert await store.read(ask(View.open_sessions, bytes32("eve"), bytes32("member"))) == (0, 0)


async def test_garbage_rests_before_it_is_taken(store: Store) -> None:
    blocks = [block(1), block(2, 100_000), block(3)]
    await store.write(stage(blocks))
    await store.write(do(Transaction.unstage, S0, [blocks[0].cid]))
    assert await store.write(do(Transaction.rest, 100, 9)) == 1
    await store.write(do(Transaction.unstage, S0, [blocks[1].cid]))
    assert await store.write(do(Transaction.collect, 9, 10**15)) == 1  # the other does not rest yet
    assert await store.read(ask(View.block, blocks[1].cid)) == blocks[1].data
    assert await store.write(do(Transaction.rest, 200, 9)) == 1
    assert await store.write(do(Transaction.rest, 300, 9)) == 0
    assert await store.write(do(Transaction.collect, 9, 200)) == 0
    assert await store.write(do(Transaction.collect, 9, 201)) == 1
    assert await store.read(ask(View.block_size, blocks[1].cid)) is None
    assert await store.read(ask(View.block, blocks[2].cid)) == blocks[2].data


@pytest.mark.parametrize("size", [100, 100_000])
async def test_what_is_held_again_comes_out_of_quarantine(store: Store, size: int) -> None:
    each = block(1, size)
    await store.write(stage([each], 0))
    await store.write(do(Transaction.close_session, S0))
    await store.write(do(Transaction.rest, 0, 9))
    await store.write(do(Transaction.set_reference, KEY, each.cid, 1, 4))
    assert await store.write(do(Transaction.collect, 9)) == 0
    assert await store.read(ask(View.block, each.cid)) == each.data
    await store.write(do(Transaction.drop_reference, KEY, each.cid))
    assert await store.write(do(Transaction.collect, 9, 10**15)) == 0  # it rests anew
    assert await store.write(do(Transaction.collect, 9)) == 1


async def test_links_that_wait_to_be_given_back_are_kept_in_order(store: Store) -> None:
    blocks = [block(n) for n in range(4)]
    bob = space_key(0, "bob")
    await store.write(stage(blocks))

    def note(tx: Transaction) -> None:
        tx.add_releases(KEY, [(blocks[0].cid, 1), (blocks[1].cid, 5)])
        tx.add_releases(bob, [(blocks[2].cid, 3)])
        tx.add_releases(space_key(1), [(blocks[3].cid, 127)])

    await store.write(note)
    assert set(await store.read(ask(View.releasing))) == {KEY.owner, bob.owner}
    found = await store.read(ask(View.releases, KEY.owner, 9))
    assert [(each.key, each.cid, each.kind) for each in found] == [
        (space_key(1), blocks[3].cid, 127),
        (KEY, blocks[1].cid, 5),
        (KEY, blocks[0].cid, 1),
    ]
    assert await store.read(ask(View.releases, KEY.owner, 2)) == found[:2]
    await store.write(do(Transaction.forget_releases, found[:2]))
    assert await store.read(ask(View.releases, KEY.owner, 9)) == found[2:]
    await store.write(do(Transaction.forget_releases, found))
    assert await store.read(ask(View.releasing)) == [bob.owner]


async def test_a_link_to_nothing_cannot_wait(store: Store) -> None:
    with pytest.raises(MissingBlock):
        await store.write(do(Transaction.add_releases, KEY, [(block(1).cid, 1)]))
    assert await store.read(ask(View.releasing)) == []


async def test_a_member_is_charged_for_a_block_until_the_last_link_is_gone(store: Store) -> None:
    each, member = block(1, 500), bytes32("guest")

    def begin(tx: Transaction) -> None:
        stage_all(tx, [each])
        tx.add_reference(KEY, each.cid)
        tx.add_reference(KEY, each.cid)
        tx.charge(KEY, each.cid, member)
        tx.charge(KEY, each.cid, bytes32("other"))  # it stays whose it is
        tx.charge(KEY, each.cid, member)

    await store.write(begin)
    assert await store.read(ask(View.charged, KEY, member)) == (500, 0)
    assert await store.read(ask(View.charged, KEY, bytes32("other"))) == (0, 0)
    await store.write(do(Transaction.drop_reference, KEY, each.cid))
    assert await store.read(ask(View.charged, KEY, member)) == (500, 0)
    await store.write(do(Transaction.drop_reference, KEY, each.cid))
    assert await store.read(ask(View.charged, KEY, member)) == (0, 0)


async def test_what_is_charged_counts_in_one_space_and_with_its_sessions(store: Store) -> None:
    member, elsewhere = session_row().member, space_key(5)

    def work(tx: Transaction) -> list[tuple[int, int]]:
        stage_all(tx, [block(1, 300), block(2, 70_000)])
        tx.add_reference(KEY, block(1, 300).cid)
        tx.charge(KEY, block(1, 300).cid, member)
        return [tx.charged(KEY, member), tx.charged(elsewhere, member)]

    assert await store.write(work) == [(300, 70_300), (0, 0)]


async def test_nobody_is_charged_for_what_the_space_does_not_hold(store: Store) -> None:
    await store.write(stage([block(1)], 0))
    with pytest.raises(Internal):
        await store.write(do(Transaction.charge, KEY, block(1).cid, bytes32("guest")))
