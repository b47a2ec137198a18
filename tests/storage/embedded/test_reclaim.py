"""Space comes back: dead packs go, sparse ones are emptied, the database gives pages back."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import trio

from formats.cid import Block
from storage.contracts import Transaction, View
from storage.embedded.store import EmbeddedStore
from tests.contracts.rows import ask, block, do, session_id, stage

SIZE = 100_000


def packs(path: Path) -> dict[str, int]:
    found = {}
    for each in (path / "packs").iterdir():
        with suppress(FileNotFoundError):  # the store may remove one just now
            found[each.name] = each.stat().st_size
    return found


async def until(store: EmbeddedStore, true: Callable[[], bool]) -> None:
    """Write nothing until something is true: reclaiming takes a step whenever the writer rests."""
    for _ in range(2000):
        if true():
            return
        await store.write(lambda tx: None)
    pytest.fail("it never became true")


async def fill(store: EmbeddedStore, count: int, size: int = SIZE) -> list[Block]:
    blocks = [block(n, size) for n in range(count)]
    await store.write(stage([]))
    for each in blocks:
        await store.write(do(Transaction.stage, session_id(0), each))
    return blocks


async def drop(store: EmbeddedStore, blocks: list[Block]) -> None:
    await store.write(do(Transaction.unstage, session_id(0), [each.cid for each in blocks]))
    while await store.write(do(Transaction.collect, 100)):
        pass


async def test_dead_packs_are_removed(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path, pack_size=4 * SIZE)
    blocks = await fill(store, 20)
    assert len(packs(tmp_path)) == 5
    await drop(store, blocks[:16])
    await until(store, lambda: len(packs(tmp_path)) == 1)
    for each in blocks[16:]:
        assert await store.read(ask(View.block, each.cid)) == each.data
    await store.aclose()


@pytest.mark.parametrize("restart", [False, True])
async def test_half_the_blocks_give_back_four_fifths_of_their_bytes(
    tmp_path: Path, restart: bool
) -> None:
    store = await EmbeddedStore.open(tmp_path, pack_size=10 * SIZE)
    blocks = await fill(store, 101)
    before = sum(packs(tmp_path).values())
    await drop(store, blocks[::2])
    if restart:
        await store.aclose()
        store = await EmbeddedStore.open(tmp_path, pack_size=10 * SIZE)
    gone = before - 50 * SIZE * 8 // 10
    await until(store, lambda: sum(packs(tmp_path).values()) < gone)
    for each in blocks[1::2]:
        assert await store.read(ask(View.block, each.cid)) == each.data
    await store.aclose()
    store = await EmbeddedStore.open(tmp_path, pack_size=10 * SIZE)
    for each in blocks[1::2]:
        assert await store.read(ask(View.block, each.cid)) == each.data
    await store.aclose()


async def test_a_reader_keeps_what_it_sees(tmp_path: Path) -> None:
    """A read that began before its blocks were collected, and their pack removed, gets them."""
    store = await EmbeddedStore.open(tmp_path, pack_size=SIZE, readers=2)
    blocks = await fill(store, 3)
    at_pack = tmp_path / "packs" / f"{1:012d}.pack"
    send, receive = trio.open_memory_channel[None](1)

    def slow(view: View) -> bytes:
        assert view.block_size(blocks[0].cid) == SIZE  # the read transaction begins here
        trio.from_thread.run(send.send, None, trio_token=token)
        trio.from_thread.run(held.wait, trio_token=token)
        return view.block(blocks[0].cid)

    token, held = trio.lowlevel.current_trio_token(), trio.Event()
    got: list[bytes] = []

    async def read() -> None:
        got.append(await store.read(slow))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        await receive.receive()
        await drop(store, blocks[:2])
        for _ in range(20):
            await store.write(lambda tx: None)
        assert at_pack.exists()
        held.set()
    assert got == [blocks[0].data]
    await until(store, lambda: not at_pack.exists())
    await store.aclose()


async def test_the_database_gives_its_pages_back(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)
    blocks = await fill(store, 700, 60_000)
    await drop(store, blocks[:690])
    index = tmp_path / "index.db"
    await store.aclose()
    assert index.stat().st_size > 30_000_000
    store = await EmbeddedStore.open(tmp_path)
    for _ in range(500):
        await store.write(lambda tx: None)
    await store.aclose()
    assert index.stat().st_size < 12_000_000
    store = await EmbeddedStore.open(tmp_path)
    for each in blocks[690:]:
        assert await store.read(ask(View.block, each.cid)) == each.data
    await store.aclose()


async def test_staging_again_makes_the_older_copy_dead(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path, pack_size=4 * SIZE)
    blocks = await fill(store, 8)
    for session in range(1, 4):
        await store.write(stage(blocks, session))
    await until(store, lambda: sum(packs(tmp_path).values()) < 20 * SIZE)
    for each in blocks:
        assert await store.read(ask(View.block, each.cid)) == each.data
    await store.aclose()


async def test_a_damaged_pack_does_not_keep_others_from_being_emptied(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path, pack_size=4 * SIZE)
    blocks = await fill(store, 13)
    first, second, third, _ = sorted((tmp_path / "packs").iterdir())
    with first.open("r+b") as file:
        file.seek(4)
        file.write(bytes(36))  # the CID of its first record
    await drop(store, blocks[1:4] + blocks[5:8] + blocks[8:12])
    await until(store, lambda: not second.exists() and not third.exists())
    assert first.exists()
    for each in (blocks[0], blocks[4], blocks[12]):
        assert await store.read(ask(View.block, each.cid)) == each.data
    await store.aclose()
