"""All or nothing, one after the other, cancellation, closing."""

from functools import partial

import pytest
import trio
import trio.testing

from formats.errors import Denied, Internal, StorageFailed
from storage.contracts import InviteRow, Store, Transaction, View
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


async def test_what_raises_leaves_nothing(store: Store) -> None:
    blocks = [block(1, 10), block(2, 200_000)]
    await store.write(lambda tx: stage_all(tx, [blocks[0]]))

    def work(tx: Transaction) -> None:
        stage_all(tx, blocks, 1)
        tx.add_reference(KEY, blocks[1].cid)
        tx.close_session(session_id(0))
        tx.collect(10)
        tx.put_setting("a", b"b")
        tx.drop_message(b"t" * 32, 1, b"m")
        raise Denied("no")

    with pytest.raises(Denied):
        await store.write(work)
    assert await store.read(ask(View.block_size, blocks[1].cid)) is None
    assert await store.read(ask(View.is_staged, session_id(0), blocks[0].cid))
    assert await store.read(ask(View.session, session_id(1))) is None
    assert await store.read(ask(View.usage, KEY.owner)) == (0, 10)
    assert await store.read(ask(View.setting, "a")) is None
    assert await store.read(ask(View.inbox_size, b"t" * 32)) == (0, 0)
    assert await store.read(ask(View.references, KEY, blocks[1].cid)) == 0
    assert await store.write(do(Transaction.collect, 10)) == 0


async def test_a_failing_neighbour_harms_nobody(store: Store) -> None:
    async def add(number: int) -> None:
        def work(tx: Transaction) -> None:
            stage_all(tx, [block(number, 70_000 if number % 3 else 50)], number)
            if number % 2:
                raise Denied(str(number))

        if number % 2:
            with pytest.raises(Denied, match=f"^{number}$"):
                await store.write(work)
        else:
            await store.write(work)

    async with trio.open_nursery() as nursery:
        for number in range(40):
            nursery.start_soon(add, number)
    for number in range(40):
        each = block(number, 70_000 if number % 3 else 50)
        there = await store.read(ask(View.is_staged, session_id(number), each.cid))
        assert there == (number % 2 == 0)
        if there:
            assert await store.read(ask(View.block, each.cid)) == each.data


async def test_parallel_writers_lose_no_update(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.put_setting("n", str(int(tx.setting("n") or b"0") + 1).encode())

    async with trio.open_nursery() as nursery:
        for _ in range(64):
            nursery.start_soon(store.write, work)
    assert await store.read(ask(View.setting, "n")) == b"64"


async def test_a_view_sees_one_state(store: Store) -> None:
    def put(tx: Transaction, n: bytes) -> None:
        tx.put_setting("a", n)
        tx.put_setting("b", n)

    def check(view: View) -> bool:
        return all(view.setting("a") == view.setting("b") for _ in range(20))

    async def writer() -> None:
        for n in range(30):
            await store.write(partial(put, n=b"%d" % n))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(writer)
        for _ in range(30):
            assert await store.read(check)


async def test_any_error_of_the_work_comes_back(store: Store) -> None:
    def fail(_: View) -> None:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        await store.read(fail)
    with pytest.raises(ZeroDivisionError, match="mine"):
        await store.write(fail)


async def test_a_cancelled_write_is_whole_or_nothing_and_the_store_lives(store: Store) -> None:
    for number in range(20):
        with trio.CancelScope() as scope:
            if number % 2:
                scope.cancel()
            else:
                scope.deadline = trio.current_time() + number / 5000
            await store.write(stage([block(number, 90_000)], number))
    await store.write(do(Transaction.put_setting, "after", b"1"))
    for number in range(20):
        row = await store.read(ask(View.session, session_id(number)))
        staged = await store.read(
            ask(View.is_staged, session_id(number), block(number, 90_000).cid)
        )
        assert (row is not None) == staged


async def test_a_cancelled_read_harms_nobody(store: Store) -> None:
    await store.write(stage([block(1)]))
    with trio.CancelScope() as scope:
        scope.cancel()
        await store.read(ask(View.block, block(1).cid))
    assert scope.cancelled_caught
    assert await store.read(ask(View.block, block(1).cid)) == block(1).data


async def test_a_view_dies_with_its_function(store: Store) -> None:
    kept: list[View] = []
    changed: list[Transaction] = []
    await store.read(kept.append)
    await store.write(changed.append)
    with pytest.raises(Internal):
        kept[0].setting("a")
    with pytest.raises(Internal):
        changed[0].put_setting("a", b"")
    with pytest.raises(Internal):
        changed[0].open_session(session_row())


async def test_walks_may_change_what_they_walk(store: Store) -> None:
    def work(tx: Transaction) -> int:
        for number in range(600):
            tx.put_invite(_invite(number))
        for row in tx.invites():
            tx.put_invite(type(row)(row.hash, 0, 0, 0, "x"))
        return sum(row.used_by == "x" for row in tx.invites())

    assert await store.write(work) == 600


def _invite(number: int) -> InviteRow:
    return InviteRow(bytes32(f"i{number}"), 1, 1, 1, "")


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.aclose()
    await store.aclose()
    with pytest.raises(StorageFailed):
        await store.read(ask(View.setting, "a"))
    with pytest.raises(StorageFailed):
        await store.write(do(Transaction.put_setting, "a", b""))


async def test_closing_finishes_what_was_accepted(store: Store) -> None:
    done: list[int] = []

    async def write(number: int) -> None:
        try:
            await store.write(stage([block(number, 100_000)], number))
        except StorageFailed:
            return
        done.append(number)

    async with trio.open_nursery() as nursery:
        for number in range(10):
            nursery.start_soon(write, number)
        await trio.testing.wait_all_tasks_blocked()
        await store.aclose()
    assert len(done) == 10


async def test_calls_are_checkpoints(store: Store) -> None:
    with trio.testing.assert_checkpoints():
        await store.read(ask(View.setting, "a"))
    with trio.testing.assert_checkpoints():
        await store.write(do(Transaction.put_setting, "a", b""))


async def test_a_process_that_is_alone_keeps_house_and_is_told_nothing(store: Store) -> None:
    heard: list[object] = []
    store.watch(heard.append)
    await store.write(lambda tx: tx.put_space(space_row(KEY, block(1, 1).cid)))
    await store.write(do(Transaction.drop_message, b"t" * 32, 1, b"m"))
    await store.write(do(Transaction.put_setting, "a", b"b"))
    assert heard == []
    assert store.keeps_house
