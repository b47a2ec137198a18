"""Walking a whole store, and mending it."""

import pytest

from formats.errors import MissingBlock
from storage.contracts import Reference, SpaceKey, Store, Transaction, View
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

KEY = space_key()
MANY = [block(number) for number in range(700)]  # more than two pages of the embedded store


async def test_every_block_is_met_once_in_pages(store: Store) -> None:
    await store.write(stage(MANY))
    met = []
    after = 0
    while page := await store.read(ask(View.blocks, after, 64)):
        assert [each.number for each in page] == sorted(each.number for each in page)
        met += page
        after = page[-1].number
    assert sorted(each.cid for each in met) == sorted(each.cid for each in MANY)
    assert {each.size for each in met} == {100}


async def test_a_block_that_comes_between_pages_hides_no_other(store: Store) -> None:
    await store.write(stage(MANY[:100]))
    first = await store.read(ask(View.blocks, 0, 50))

    def work(tx: Transaction) -> None:
        tx.unstage(session_id(0), [first[0].cid])
        tx.collect(1)
        tx.open_session(session_row(1))
        tx.stage(session_id(1), block(999))

    await store.write(work)
    rest = await store.read(ask(View.blocks, first[-1].number, 1000))
    met = {each.cid for each in (*first, *rest)}
    assert met >= {each.cid for each in MANY[:100]}


async def test_references_and_staged_blocks_are_walked(store: Store) -> None:
    def work(tx: Transaction) -> None:
        stage_all(tx, MANY)
        for each in MANY:
            tx.add_reference(KEY, each.cid, 3)
        tx.add_reference(KEY, MANY[0].cid, 3)
        tx.add_reference(space_key(1), MANY[0].cid, 5)

    await store.write(work)
    found = await store.read(lambda view: list(view.references_of(KEY)))
    assert len(found) == len(MANY)
    assert Reference(MANY[0].cid, 2, 3, 100) in found
    assert await store.read(lambda view: len(list(view.staged_in(session_id(0))))) == len(MANY)
    assert await store.read(lambda view: list(view.references_of(space_key(7)))) == []
    assert await store.read(lambda view: list(view.staged_in(session_id(7)))) == []


async def test_spaces_sessions_and_inboxes_are_walked(store: Store) -> None:
    keys = [space_key(number, owner) for number in range(2) for owner in ("alice", "bob")]

    def work(tx: Transaction) -> None:
        stage_all(tx, [block(1)])
        tx.open_session(session_row(1, keys[1]))
        tx.drop_message(bytes32("carol"), 1, b"sealed")
        for key in keys:
            tx.add_reference(key, block(1).cid)
            tx.put_space(space_row(key, block(1).cid))

    await store.write(work)
    spaces = await store.read(lambda view: list(view.spaces()))
    assert {row.key: row.used for row in spaces} == dict.fromkeys(keys, 100)
    sessions = await store.read(lambda view: list(view.sessions()))
    assert {row.session: row.reserved for row in sessions} == {session_id(0): 100, session_id(1): 0}
    assert await store.read(lambda view: list(view.inboxes())) == [bytes32("carol")]


@pytest.mark.parametrize("size", [10, 100_000])
async def test_mending_stores_the_bytes_and_changes_nothing_else(store: Store, size: int) -> None:
    each = block(1, size)

    def work(tx: Transaction) -> None:
        stage_all(tx, [each])
        tx.add_reference(KEY, each.cid, 4)
        assert tx.mend(each)
        assert not tx.mend(block(2, size))

    await store.write(work)
    assert await store.read(ask(View.block, each.cid)) == each.data
    assert await store.read(ask(View.usage, KEY.owner)) == (size, size)
    assert await store.read(ask(View.references, KEY, each.cid)) == 1
    assert await store.read(ask(View.block_size, block(2, size).cid)) is None


async def test_a_reference_can_be_set(store: Store) -> None:
    each = block(1)

    def held(view: View) -> tuple[int, int]:
        return view.references(KEY, each.cid), view.usage(KEY.owner)[0]

    await store.write(stage([each]))
    for count in (3, 1, 0, 0, 2):
        await store.write(do(Transaction.set_reference, KEY, each.cid, count, 4))
        assert await store.read(held) == (count, 100 if count else 0)
    await store.write(do(Transaction.close_session, session_id(0)))
    assert await store.write(do(Transaction.collect, 9)) == 0
    await store.write(do(Transaction.set_reference, KEY, each.cid, 0, 4))
    assert await store.write(do(Transaction.collect, 9)) == 1
    with pytest.raises(MissingBlock):
        await store.write(do(Transaction.set_reference, KEY, each.cid, 1, 4))


async def test_recounting_what_is_right_changes_nothing(store: Store) -> None:
    other: SpaceKey = space_key(1, "bob")

    def work(tx: Transaction) -> None:
        stage_all(tx, [block(n, size) for n, size in enumerate((5, 70_000, 9))])
        tx.open_session(session_row(1, other))
        tx.stage(session_id(1), block(0, 5))
        tx.add_reference(KEY, block(1, 70_000).cid)
        tx.add_reference(other, block(1, 70_000).cid)
        tx.close_session(session_id(0))

    def sums(view: View) -> list[object]:
        return [view.usage(KEY.owner), view.usage(other.owner), view.session(session_id(1))]

    await store.write(work)
    before = await store.read(sums)
    assert before[:2] == [(70_000, 0), (70_000, 5)]
    await store.write(do(Transaction.recount))
    assert await store.read(sums) == before
    assert await store.write(do(Transaction.collect, 9)) == 1
