"""Packs in a bucket: whose they are, what a crash leaves, what is given back, what is damaged."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from formats.cid import Block
from formats.errors import MissingBlock, StorageFailed
from storage.contracts import Transaction
from storage.embedded.copied import CopiedStore
from storage.embedded.store import EmbeddedStore
from storage.s3.bucket import Bucket
from storage.s3.opening import open_packs
from storage.s3.reading import FOLDER, key_of, number_of
from tests.contracts.rows import session_id, session_row
from tests.storage.embedded.killed import last_of
from tests.storage.embedded.test_killed import WRITERS, settled
from tests.storage.embedded.workload import check, run_steps
from tests.storage.killing import run_and_kill
from tests.world.s3 import ENVIRON, PATIENT, shared

SCRIPT = Path(__file__).with_name("killed.py")
KILLS = int(os.environ.get("HOLDFAST_KILLS", "4"))
SEED = 5


async def opened(folder: Path, prefix: str, cache: int = 20_000_000) -> EmbeddedStore:
    settings = shared().settings(prefix)
    packs = open_packs(settings, ENVIRON, folder.with_name("cache"), cache, PATIENT)
    return await EmbeddedStore.open(folder, packs=packs, readers=2)


@pytest.fixture
def seen(prefix: str) -> Iterator[Bucket]:
    """The place of the test's store, to look at and to damage."""
    bucket = shared().bucket(prefix)
    yield bucket
    bucket.close()


def known(store: EmbeddedStore) -> set[int]:
    return {pack for (pack,) in store._writer._connection.execute("SELECT id FROM pack")}


def there(bucket: Bucket) -> set[int | None]:
    return {number_of(each.key) for each in bucket.listed(FOLDER)}


async def swept(store: EmbeddedStore, bucket: Bucket) -> None:
    """Wait until the bucket has what the index has, and nothing else: a thread sees to it."""
    with trio.fail_after(60):
        while (await trio.to_thread.run_sync(there, bucket)) - {None} != known(store):
            continue


async def test_a_second_store_is_not_let_in(tmp_path: Path, prefix: str) -> None:
    store = await opened(tmp_path / "one", prefix)
    await run_steps(store, SEED, 0, 3)
    with pytest.raises(StorageFailed, match="of another store") as caught:
        await opened(tmp_path / "other" / "two", prefix)
    assert "another s3_prefix" in caught.value.advice
    await store.aclose()
    again = await opened(tmp_path / "one", prefix)
    await again.read(lambda view: check(view, SEED))
    await again.aclose()


async def test_a_bucket_that_lost_everything_is_told(
    tmp_path: Path, prefix: str, seen: Bucket
) -> None:
    store = await opened(tmp_path / "one", prefix)
    await run_steps(store, SEED, 0, 3)
    await store.aclose()
    for each in list(seen.listed("")):
        seen.delete(each.key)
    with pytest.raises(StorageFailed, match="not in the bucket any more"):
        await opened(tmp_path / "one", prefix)


async def test_the_next_start_removes_what_no_commit_knows(
    tmp_path: Path, prefix: str, seen: Bucket
) -> None:
    store = await opened(tmp_path / "one", prefix)
    await run_steps(store, SEED, 0, 5)
    await store.aclose()
    seen.put(key_of(12345), [b"an orphan"])
    seen.put(f"{FOLDER}notes.txt", [b"somebody's"])
    store = await opened(tmp_path / "one", prefix)
    await run_steps(store, SEED, 5, 5)
    await swept(store, seen)
    assert seen.get(f"{FOLDER}notes.txt", 0, 99) == b"somebody's"
    await store.read(lambda view: check(view, SEED))
    await store.aclose()


def hold(session: int, blocks: list[Block]) -> object:
    def work(tx: Transaction) -> None:
        tx.open_session(session_row(session))
        for block in blocks:
            tx.stage(session_id(session), block)

    return work


async def test_space_comes_back(
    tmp_path: Path, prefix: str, seen: Bucket, rng: random.Random
) -> None:
    """Whole packs go at once; of a sparse one what lives is written anew."""
    store = await opened(tmp_path / "one", prefix)
    blocks = [Block.raw(rng.randbytes(200_000)) for _ in range(12)]

    def mixed(tx: Transaction) -> None:
        for session in (0, 1):
            tx.open_session(session_row(session))
        for number, block in enumerate(blocks):
            tx.stage(session_id(0 if number % 4 else 1), block)

    await store.write(mixed)
    (first,) = there(seen)

    def let_go(tx: Transaction) -> None:
        tx.close_session(session_id(0))
        tx.collect(100)

    await store.write(let_go)
    kept = blocks[::4]
    with trio.fail_after(60):
        while first in there(seen):
            await store.write(lambda tx: tx.put_setting("turn", b""))
    assert [await store.read(lambda view, b=b: view.block(b.cid)) for b in kept] == [  # type: ignore[misc]
        b.data for b in kept
    ]
    assert sum(each.size for each in seen.listed(FOLDER)) < 700_000
    await store.aclose()


async def test_a_damaged_cache_costs_a_fetch(tmp_path: Path, prefix: str) -> None:
    store = await opened(tmp_path / "one", prefix)
    await run_steps(store, SEED, 0, 6)
    pieces = [each for each in (tmp_path / "cache").iterdir() if each.name != "lock"]
    assert pieces
    for number, each in enumerate(pieces):
        whole = each.read_bytes()
        damaged = [whole[: len(whole) // 2], bytes(len(whole)), whole[:-9] + bytes(9), b""]
        each.write_bytes(damaged[number % 4])
    await store.read(lambda view: check(view, SEED))
    await store.aclose()


async def test_what_is_damaged_in_the_bucket_is_not_silently_wrong(
    tmp_path: Path, prefix: str, seen: Bucket, rng: random.Random
) -> None:
    store = await opened(tmp_path / "one", prefix, cache=0)
    flipped, cut, gone = (Block.raw(rng.randbytes(100_000)) for _ in range(3))
    packs: list[int | None] = []
    for number, block in enumerate((flipped, cut, gone)):
        before = there(seen)
        await store.write(hold(number, [block]))  # type: ignore[arg-type]
        packs += there(seen) - before
    contents = [seen.get(key_of(pack or 0), 0, 200_000) or b"" for pack in packs]
    for pack in packs:
        seen.delete(key_of(pack or 0))
    seen.put(key_of(packs[0] or 0), [contents[0][:-1], bytes([contents[0][-1] ^ 1])])
    seen.put(key_of(packs[1] or 0), [contents[1][:50_000]])
    damaged = await store.read(lambda view: view.block(flipped.cid))
    assert not flipped.cid.matches(damaged)  # as from any disk: whoever asks checks it
    for block in (cut, gone):
        with pytest.raises(MissingBlock):
            await store.read(lambda view, b=block: view.block(b.cid))  # type: ignore[misc]
    faults = await store.read(lambda view: view.faults())
    assert len(faults) == 2
    await store.aclose()


async def test_a_copy_is_a_store_of_files(tmp_path: Path, prefix: str) -> None:
    store = await opened(tmp_path / "one", prefix)
    await run_steps(store, SEED, 0, 8)
    first = await store.copy_to(tmp_path / "a", None, lambda count: None)
    await run_steps(store, SEED, 8, 2)
    second = await store.copy_to(tmp_path / "b", tmp_path / "a", lambda count: None)
    await store.aclose()
    assert first.lacking == second.lacking == 0
    assert second.shared > 0
    for each in ("a", "b"):
        copy = CopiedStore(tmp_path / each)
        await copy.read(lambda view: check(view, SEED))
        await copy.aclose()
    restored = await EmbeddedStore.open(tmp_path / "b")
    await run_steps(restored, SEED, 10, 3)
    await restored.read(lambda view: check(view, SEED))
    await restored.aclose()


async def test_killed_at_any_moment(
    tmp_path: Path, prefix: str, seen: Bucket, rng: random.Random
) -> None:
    seed, acknowledged = rng.getrandbits(32), dict[int, int]()
    for _ in range(KILLS):
        arguments = [str(tmp_path / "one"), str(seed), str(WRITERS), str(shared().port), prefix]
        acknowledged |= await trio.to_thread.run_sync(
            run_and_kill, SCRIPT, arguments, rng.randint(0, 40)
        )
        store = await opened(tmp_path / "one", prefix)
        acknowledged = await store.read(
            lambda view, told=acknowledged: settled(view, seed, told)  # type: ignore[misc]
        )
        await store.aclose()
    store = await opened(tmp_path / "one", prefix)
    await swept(store, seen)
    assert max(await store.read(lambda view: [last_of(view, n) for n in range(WRITERS)])) >= 0
    await store.aclose()
