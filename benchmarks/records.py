"""Records in PostgreSQL beside the embedded store: the same works, in the same run, on one disk.

The server is a temporary one of the machine's own, reached over loopback; what it uses of
the processor counts. Where it is not installed its lines are left out.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import trio

from benchmarks.measuring import Bench
from benchmarks.sources import must_equal
from crypto.secret import random_bytes
from formats.cid import Block
from storage.contracts import RetainedRoot, SessionRow, SpaceKey, SpaceRow, Store, Transaction
from storage.embedded.files import Files
from storage.embedded.local import LocalPacks
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from tests.world.postgres import Cluster, programs, running_cluster

_SMALL: Final = 4096
_TOGETHER: Final = 200
"""Blocks of one request to stage."""

_WRITERS: Final = 16
_KEY: Final = SpaceKey(bytes(32), bytes(32))


def records(bench: Bench) -> None:
    """Small blocks, then commits by many at once and by one; on both back ends."""
    trio.run(_embedded, bench)
    if programs() is not None:
        with running_cluster(Path(tempfile.gettempdir())) as cluster:
            trio.run(_postgres, bench, cluster)


async def _embedded(bench: Bench) -> None:
    await _measure(bench, "embedded", await EmbeddedStore.open(bench.folder / "embedded"))


async def _postgres(bench: Bench, cluster: Cluster) -> None:
    packs = bench.folder / "packs"
    packs.mkdir()
    store = await PostgresStore.open(cluster.database(), LocalPacks(Files(), packs))
    pids = cluster.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'holdfast'")
    bench.watched += [int(str(pid)) for (pid,) in pids]
    await _measure(bench, "postgres", store)
    bench.watched.clear()


async def _measure(bench: Bench, name: str, store: Store) -> None:
    """All stretches on one store."""
    blocks = [Block.raw(random_bytes(_SMALL)) for _ in range(10 * bench.files)]
    requests = [blocks[at : at + _TOGETHER] for at in range(0, len(blocks), _TOGETHER)]
    with bench.measuring(f"records/blocks-{name}", items=len(blocks)):
        await _share(store, [_staging(number, each) for number, each in enumerate(requests)], 2)
    read = await store.read(lambda view: [view.block(each.cid) for each in blocks[:_TOGETHER]])
    must_equal(read, [each.data for each in blocks[:_TOGETHER]], "small blocks")
    commits = [_commit(number) for number in range(2 * bench.files)]
    half = len(commits) // 2
    with bench.measuring(f"records/many-{name}", items=half):
        await _share(store, commits[:half], _WRITERS)
    with bench.measuring(f"records/one-{name}", items=len(commits) - half):
        await _share(store, commits[half:], 1)
    row = await store.read(lambda view: view.space(_KEY))
    must_equal(row and row.used, len(commits) * _SMALL, "what the space uses")
    await store.aclose()


async def _share(store: Store, works: list[Callable[[Transaction], None]], most: int) -> None:
    """Write them all, so many at once."""
    limit = trio.Semaphore(most)

    async def write(work: Callable[[Transaction], None]) -> None:
        await store.write(work)
        limit.release()

    async with trio.open_nursery() as nursery:
        for work in works:
            await limit.acquire()
            nursery.start_soon(write, work)


def _staging(number: int, blocks: list[Block]) -> Callable[[Transaction], None]:
    """A request to stage blocks, as a put makes it."""

    def work(tx: Transaction) -> None:
        session = b"blocks" + number.to_bytes(10, "big")
        tx.open_session(SessionRow(session, _KEY, bytes(32), 2**50, 0))
        for block in blocks:
            tx.stage(session, block)

    return work


def _commit(number: int) -> Callable[[Transaction], None]:
    """What a small commit writes: a block, the space's pointer, its history, the state before."""
    block = Block.raw(number.to_bytes(8, "big") * (_SMALL // 8))

    def work(tx: Transaction) -> None:
        before = tx.space(_KEY)
        seq = 0 if before is None else before.seq + 1
        session = b"commit" + number.to_bytes(10, "big")
        tx.open_session(SessionRow(session, _KEY, bytes(32), 2**50, 0))
        tx.stage(session, block)
        tx.add_reference(_KEY, block.cid, 3)
        if before is not None:
            tx.retain(RetainedRoot(_KEY, before.seq, before.root, before.pointer, number))
        tx.add_history(_KEY, seq, bytes(300))
        tx.put_space(SpaceRow(_KEY, bytes(2000), bytes(3700), seq, block.cid, 0))
        tx.close_session(session)
        tx.usage(_KEY.owner)

    return work
