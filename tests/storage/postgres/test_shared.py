"""Several stores on one database: each sees what the others did, and none is in another's way."""

import threading
from pathlib import Path

import pytest
import trio
import trio.testing

from formats.cid import Block
from storage.contracts import SpaceKey, Transaction, View
from storage.postgres.address import Address
from storage.postgres.store import PostgresStore
from tests.contracts.rows import ask, block, do, session_id, session_row, space_key, space_row
from tests.storage.postgres.counting import check_sound, counted, once
from tests.storage.postgres.line import line_to
from tests.storage.postgres.stores import PACK, opened
from tests.world.postgres import Cluster

KEY = space_key()
LARGE = 100_000


class Heard:
    """What a store was told of."""

    def __init__(self, store: PostgresStore) -> None:
        self.all: list[SpaceKey | bytes | None] = []
        self._more = trio.Event()
        store.watch(self._hear)

    def _hear(self, change: SpaceKey | bytes | None) -> None:
        self.all.append(change)
        self._more.set()
        self._more = trio.Event()

    async def until_it_is(self, change: SpaceKey) -> None:
        """Return once that was heard."""
        with trio.fail_after(120):
            while self.all[-1] != change:
                await self._more.wait()

    async def until(self, count: int) -> None:
        """Return once so much was heard."""
        with trio.fail_after(120):
            while len(self.all) < count:
                await self._more.wait()


async def test_a_store_hears_what_the_other_changed_once_it_is_true(
    address: Address, tmp_path: Path
) -> None:
    packs, target = tmp_path / "packs", b"t" * 32
    async with opened(address, packs) as one, opened(address, packs) as other:
        heard, own = Heard(other), Heard(one)

        def undone(tx: Transaction) -> None:
            tx.put_space(space_row(space_key(5), block(1).cid))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await one.write(undone)
        await one.write(lambda tx: tx.put_space(space_row(KEY, block(1).cid)))
        await heard.until(1)
        assert await other.read(ask(View.space, KEY)) is not None
        await one.write(do(Transaction.drop_message, target, 1, b"m"))
        await one.write(do(Transaction.forget_space, KEY))
        await one.write(do(Transaction.delete_replica, b"o" * 32, b"peer"))
        await heard.until(4)
        assert heard.all == [KEY, target, KEY, None]
        assert own.all == []


async def test_who_lost_the_line_is_told_that_anything_may_have_changed(
    address: Address, tmp_path: Path
) -> None:
    packs = tmp_path / "packs"
    with line_to(address) as line:
        async with opened(line.address, packs) as store:
            heard = Heard(store)
            line.cut_all()
            await heard.until(1)
            assert set(heard.all) == {None}
            async with opened(address, packs) as other:
                await other.write(lambda tx: tx.put_space(space_row(KEY, block(1).cid)))
                await heard.until_it_is(KEY)


async def test_writers_of_all_stores_take_turns(address: Address, tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    async with opened(address, packs) as one, opened(address, packs) as other:
        async with trio.open_nursery() as nursery:
            for number in range(60):
                store = (one, other)[number % 2]
                nursery.start_soon(store.write, once(str(number)))
        assert await counted(one) == await counted(other) == 60


async def test_one_store_keeps_house_and_the_next_takes_over(
    address: Address, tmp_path: Path
) -> None:
    packs = tmp_path / "packs"
    async with opened(address, packs) as last:
        async with opened(address, packs) as second:
            assert [last.keeps_house, second.keeps_house] == [True, False]
        async with opened(address, packs) as third:
            heard = Heard(third)
            await last.aclose()
            with trio.fail_after(120):
                while not third.keeps_house:
                    await trio.lowlevel.checkpoint()
            await heard.until(1)
            assert heard.all == [None]


async def test_two_sites_in_one_database_do_not_meet(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    other = Address(f"{address.url}?options=-csearch_path%3Dtheirs", address.password)
    async with opened(address, tmp_path / "packs") as one:
        await one.write(once("mine"))
        cluster.execute("CREATE SCHEMA theirs", cluster.name_of(address))
        async with opened(other, tmp_path / "theirs") as two:
            assert one.keeps_house
            assert two.keeps_house
            heard = Heard(one)
            await two.write(lambda tx: tx.put_space(space_row(KEY, block(1).cid)))
            await two.write(once("mine"))
            assert await counted(one) == await counted(two) == 1
        assert heard.all == []


def names(packs: Path) -> set[str]:
    return {path.name for path in packs.glob("*.pack")}


async def large(store: PostgresStore, number: int, count: int) -> list[Block]:
    """So many blocks for packs, in a session of that number."""
    blocks = [block(100 * number + each, LARGE) for each in range(count)]

    def work(tx: Transaction) -> None:
        tx.open_session(session_row(number))
        for each in blocks:
            tx.stage(session_id(number), each)

    await store.write(work)
    return blocks


async def forget(store: PostgresStore, number: int) -> None:
    """Let go of a session and what it held."""

    def work(tx: Transaction) -> None:
        tx.close_session(session_id(number))
        tx.collect(1000)

    await store.write(work)


async def until_gone(packs: Path, gone: set[str]) -> None:
    """Return when files are removed."""
    with trio.fail_after(60):
        while gone & names(packs):
            await trio.lowlevel.checkpoint()


async def test_a_pack_that_another_store_writes_is_left_alone(
    address: Address, tmp_path: Path
) -> None:
    packs = tmp_path / "packs"
    async with opened(address, packs) as house, opened(address, packs) as other:
        kept = await large(other, 1, 1)  # its pack is not full: it goes on with it
        going = await large(other, 2, 1)
        await forget(other, 2)
        (written,) = names(packs)
        await large(house, 3, 4)
        (full,) = names(packs) - {written}
        await large(house, 4, 1)  # so that the full one is not written any more
        await forget(house, 3)
        await until_gone(packs, {full})
        more = await large(other, 5, 1)
        assert names(packs) >= {written}
        for each in (*kept, *more):
            assert await house.read(ask(View.block, each.cid)) == each.data
        assert await house.read(ask(View.block_size, going[0].cid)) is None
        await check_sound(house)


async def test_a_pack_stays_as_long_as_somebody_reads_it(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    packs, database = tmp_path / "packs", cluster.name_of(address)
    async with opened(address, packs) as house, opened(address, packs) as other:
        blocks = await large(house, 1, 4)
        full = names(packs)
        begun, go_on = threading.Event(), threading.Event()

        def slow(view: View) -> bytes:
            assert view.block_size(blocks[0].cid) == LARGE
            begun.set()
            go_on.wait(60)
            return view.block(blocks[0].cid)

        async with trio.open_nursery() as nursery:
            read: list[bytes] = []

            async def read_slowly() -> None:
                read.append(await other.read(slow))

            nursery.start_soon(read_slowly)
            await trio.to_thread.run_sync(begun.wait)
            await forget(house, 1)
            await large(house, 2, 4)  # so that the first pack is not written any more
            with trio.fail_after(60):
                while cluster.execute("SELECT count(*) FROM doomed", database) != [(1,)]:
                    await trio.lowlevel.checkpoint()
            assert full <= names(packs)
            go_on.set()
        assert read == [blocks[0].data]
        await until_gone(packs, full)
        await check_sound(house)


async def test_what_a_crash_left_goes_and_what_others_write_stays(
    address: Address, tmp_path: Path
) -> None:
    packs = tmp_path / "packs"
    async with opened(address, packs) as one:
        kept = await large(one, 1, 1)
        orphan = packs / "000000000999.pack"
        orphan.write_bytes(bytes(PACK))
        async with opened(address, packs) as other:
            assert not orphan.exists()
            assert await other.read(ask(View.block, kept[0].cid)) == kept[0].data
            more = await large(one, 2, 1)
            assert await other.read(ask(View.block, more[0].cid)) == more[0].data
