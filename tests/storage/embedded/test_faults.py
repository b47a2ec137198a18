"""Every call about packs fails once, in each way: nothing acknowledged is lost, the store lives."""

import errno
import threading
from pathlib import Path

import pytest
import trio
import trio.testing

from formats.errors import DiskFull, MissingBlock, StorageFailed
from storage.contracts import Transaction, View
from storage.embedded.store import EmbeddedStore
from tests.contracts.rows import ask, block, do, session_id, stage
from tests.storage.embedded.workload import FaultyFiles, Step, check

SEED = 11
STEPS = 16
PACK = 400_000
"""Small packs, so that new ones are begun, sparse ones emptied and dead ones removed."""

FAULTS = [errno.EIO, errno.ENOSPC, errno.EMFILE, 0]


async def run_all(path: Path, files: FaultyFiles) -> int:
    """All steps, each until it succeeds; how many times one failed."""
    failures = 0
    store = None
    while store is None:
        try:
            store = await EmbeddedStore.open(path, files=files, pack_size=PACK, readers=1)
        except (DiskFull, StorageFailed):
            failures += 1
    for step in range(STEPS):
        done = False
        while not done:
            try:
                await store.write(Step(SEED, step))
                done = True
            except (DiskFull, StorageFailed):
                failures += 1
    files.heal()
    await store.read(lambda view: check(view, SEED))
    await store.aclose()
    return failures


@pytest.mark.parametrize("kind", FAULTS)
async def test_each_call_fails_once(tmp_path: Path, kind: int) -> None:
    counted = FaultyFiles()
    await run_all(tmp_path / "count", counted)
    assert {"create", "write", "sync", "sync_folder"} <= set(counted.calls)
    failures = 0
    for at in range(0, len(counted.calls), 1 + len(counted.calls) // 20):
        path = tmp_path / f"at{at}"
        failures += await run_all(path, FaultyFiles(at, kind))
        store = await EmbeddedStore.open(path, pack_size=PACK, readers=1)
        await store.read(lambda view: check(view, SEED))
        await store.write(Step(SEED, STEPS))
        await store.read(lambda view: check(view, SEED))
        await store.aclose()
    assert (failures == 0) == (kind == 0)


@pytest.mark.parametrize("call", ["create", "write", "sync", "sync_folder"])
@pytest.mark.parametrize("kind", [errno.EIO, errno.ENOSPC])
async def test_a_disk_that_goes_on_failing_harms_only_what_needs_it(
    tmp_path: Path, call: str, kind: int
) -> None:
    files = FaultyFiles()
    store = await EmbeddedStore.open(tmp_path / "s", files=files)
    await store.write(stage([block(1, 100)], 1))
    files.hit, files.lasting, files.errno = call, True, kind
    for number in (2, 3):
        with pytest.raises(DiskFull if kind == errno.ENOSPC else StorageFailed):
            await store.write(stage([block(number, 100_000)], number))
    await store.write(do(Transaction.close_session, session_id(1)))
    await store.write(stage([block(4, 100)], 4))
    files.heal()
    await store.write(stage([block(2, 100_000)], 2))
    for number, size in [(2, 100_000), (4, 100)]:
        assert (
            await store.read(ask(View.block, block(number, size).cid)) == block(number, size).data
        )
    assert await store.read(ask(View.session, session_id(3))) is None
    await store.aclose()


async def test_a_failed_sync_fails_nobody_who_does_not_need_the_pack(tmp_path: Path) -> None:
    """Works of one batch: the sync fails, each is tried once more alone."""
    files = FaultyFiles()
    store = await EmbeddedStore.open(tmp_path / "s", files=files)
    files.hit, files.lasting, files.errno = "sync", True, errno.EIO
    ended: dict[int, str] = {}

    async def write(number: int, size: int) -> None:
        try:
            await store.write(stage([block(number, size)], number))
            ended[number] = "done"
        except StorageFailed:
            ended[number] = "failed"

    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(write, number, 100_000 if number % 4 == 0 else 100)
    assert ended == {number: "failed" if number % 4 == 0 else "done" for number in range(20)}
    await store.aclose()


async def test_a_pack_whose_sync_failed_is_never_trusted_again(tmp_path: Path) -> None:
    files = FaultyFiles()
    store = await EmbeddedStore.open(tmp_path / "s", files=files)
    await store.write(stage([block(1, 100_000)], 1))
    files.at, files.errno = len(files.calls) + 1, errno.EIO
    with pytest.raises(StorageFailed):
        await store.write(stage([block(2, 100_000)], 2))
    assert files.hit == "sync"
    await store.write(stage([block(2, 100_000)], 3))
    assert len(list((tmp_path / "s" / "packs").iterdir())) == 2
    for number in (1, 2):
        data = block(number, 100_000).data
        assert await store.read(ask(View.block, block(number, 100_000).cid)) == data
    await store.aclose()


async def test_a_failed_read_is_told_and_is_not_a_missing_block(tmp_path: Path) -> None:
    files = FaultyFiles()
    store = await EmbeddedStore.open(tmp_path / "s", files=files)
    await store.write(stage([block(1, 100_000)], 1))
    files.hit, files.lasting, files.errno = "read", True, errno.EIO
    with pytest.raises(StorageFailed, match="EIO"):
        await store.read(ask(View.block, block(1, 100_000).cid))
    files.heal()
    assert await store.read(ask(View.block, block(1, 100_000).cid)) == block(1, 100_000).data
    files.at, files.errno = len(files.calls), errno.EMFILE
    with pytest.raises(StorageFailed, match="EMFILE"):
        await store.read(ask(View.block, block(1, 100_000).cid))
    await store.aclose()


async def test_an_unreadable_pack_is_left_where_it_is(tmp_path: Path) -> None:
    """Reclaiming that cannot read gives up, and forgets nothing."""
    files = FaultyFiles()
    store = await EmbeddedStore.open(tmp_path / "s", files=files, pack_size=300_000)
    await store.write(stage([block(n, 100_000) for n in range(4)], 0))
    await store.write(stage([block(9, 100_000)], 9))
    await store.write(
        do(Transaction.unstage, session_id(0), [block(n, 100_000).cid for n in (0, 1)])
    )
    files.hit, files.lasting, files.errno = "read", True, errno.EIO
    await store.write(do(Transaction.collect, 9))
    for n in range(3):  # each may be followed by an attempt
        await store.write(do(Transaction.put_setting, "n", b"%d" % n))
    files.heal()
    for n in (2, 3):
        assert await store.read(ask(View.block, block(n, 100_000).cid)) == block(n, 100_000).data
    with pytest.raises(MissingBlock):
        await store.read(ask(View.block, block(0, 100_000).cid))
    await store.aclose()


@pytest.mark.parametrize("kind", [errno.EIO, errno.ENOSPC])
async def test_a_failed_write_takes_nothing_of_others_with_it(tmp_path: Path, kind: int) -> None:
    """Small appends of several works go out in one call, and it fails in the turn of the last."""
    files, ready = FaultyFiles(), threading.Event()
    store = await EmbeddedStore.open(tmp_path / "s", files=files)
    ended: dict[int, str] = {}

    async def write(number: int, sizes: list[int]) -> None:
        blocks = [block(10 * number + n, size) for n, size in enumerate(sizes)]
        try:
            await store.write(stage(blocks, number))
            ended[number] = "done"
        except (DiskFull, StorageFailed):
            ended[number] = "failed"

    async with trio.open_nursery() as nursery:
        nursery.start_soon(store.write, lambda tx: ready.wait())
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(write, 1, [100_000])
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(write, 2, [300_000, 300_000])
        await trio.testing.wait_all_tasks_blocked()
        files.at, files.errno = len(files.calls) + 1, kind  # after the pack is created
        ready.set()
    assert files.hit == "write"
    assert ended == {1: "done", 2: "failed"}
    files.heal()
    assert await store.read(ask(View.block, block(10, 100_000).cid)) == block(10, 100_000).data
    await store.aclose()
    store = await EmbeddedStore.open(tmp_path / "s")
    assert await store.read(ask(View.block, block(10, 100_000).cid)) == block(10, 100_000).data
    await store.aclose()
