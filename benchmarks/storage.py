"""What the embedded store costs beside the bare disk; runs by itself.

    python -m benchmarks.storage [FOLDER] [--blocks N]

``ingest`` is 256 KiB blocks in writes of 8 MiB, each durable before the next; ``append``
is the same bytes to one file with a sync every 8 MiB, in turns with it.
``small`` is 1,000 leaves of 5 KiB in one write. ``index`` fills a store with N tiny
blocks, each staged, referred to and let go by its session, and looks some up. ``back``
deletes half of the ingested blocks while somebody writes. ``--only-index`` leaves the others
out. MB are 10^6 bytes.
"""

import argparse
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from io import FileIO
from pathlib import Path
from statistics import median
from typing import Final

import trio

from formats.cid import Block, Cid
from storage.contracts import SessionRow, SpaceKey, Transaction, View
from storage.embedded.store import EmbeddedStore

SEGMENT: Final = 256 * 1024
BATCH: Final = 32
BATCHES: Final = 128
KEY: Final = SpaceKey(bytes(32), bytes(32))
SESSION: Final = bytes(16)
SWEPT: Final = 100_000
"""Blocks of the index that are swept."""


def append(file: FileIO, blocks: list[Block]) -> float:
    """Seconds to append a batch to a file and sync it."""
    began = time.perf_counter()
    for block in blocks:
        file.write(block.data)
    os.fsync(file.fileno())
    return time.perf_counter() - began


def held_by(folder: Path) -> int:
    """Bytes of the files in a folder; a file may go meanwhile."""
    with os.scandir(folder) as entries:
        return sum(entry.stat().st_size for entry in entries if os.path.exists(entry.path))


def segment(number: int) -> Block:
    """A block of the ingest."""
    return Block.raw(number.to_bytes(8, "big") + bytes(SEGMENT - 8))


def staging(blocks: list[Block]) -> Callable[[Transaction], None]:
    """A work that stages blocks in the one session."""

    def work(tx: Transaction) -> None:
        for block in blocks:
            tx.stage(SESSION, block)

    return work


def opening(session: bytes) -> Callable[[Transaction], None]:
    """A work that opens a session."""
    return lambda tx: tx.open_session(SessionRow(session, KEY, bytes(32), 2**50, 0))


async def ingest(folder: Path) -> None:
    """The ingest in turns with appending, then its reading, then half of it deleted."""
    store = await EmbeddedStore.open(folder / "ingest")
    await store.write(opening(SESSION))
    bare, ours = list[float](), list[float]()
    with FileIO(folder / "plain", "w") as plain:
        for batch in range(BATCHES):
            blocks = [segment(batch * BATCH + number) for number in range(BATCH)]
            if batch % 2:
                bare.append(append(plain, blocks))
            began = time.perf_counter()
            await store.write(staging(blocks))
            ours.append(time.perf_counter() - began)
            if not batch % 2:
                bare.append(append(plain, blocks))
    size = BATCHES * BATCH * SEGMENT / 1e6
    print(f"append   {size / sum(bare):6.0f} MB/s, median batch {median(bare) * 1e3:.1f} ms")
    print(f"ingest   {size / sum(ours):6.0f} MB/s, median batch {median(ours) * 1e3:.1f} ms")
    print(f"ratio    {sum(bare) / sum(ours):6.2f}, of medians {median(bare) / median(ours):.2f}")
    await reading(store, size)
    await back(store, folder / "ingest" / "packs")
    await store.aclose()


async def reading(store: EmbeddedStore, size: float) -> None:
    """Every block of the ingest, a chunk of 20 at a time."""
    cids = [segment(number).cid for number in range(BATCHES * BATCH)]
    began = time.perf_counter()
    for start in range(0, len(cids), 20):
        wanted = cids[start : start + 20]
        await store.read(Blocks(wanted))
    print(f"read     {size / (time.perf_counter() - began):6.0f} MB/s")


class Blocks:
    """A work that reads blocks."""

    def __init__(self, cids: list[Cid]) -> None:
        self.cids = cids

    def __call__(self, view: View) -> int:
        return sum(len(view.block(cid)) for cid in self.cids)


async def back(store: EmbeddedStore, packs: Path) -> None:
    """Every second block goes; how much of the disk comes back, and how long writers wait."""
    held = left = held_by(packs)
    gone = [segment(number).cid for number in range(0, BATCHES * BATCH, 2)]
    waits: list[float] = []
    began = time.perf_counter()
    for start in range(0, len(gone), 256):
        some = gone[start : start + 256]
        await store.write(lambda tx, some=some: tx.unstage(SESSION, some))  # type: ignore[misc]
        await store.write(lambda tx: tx.collect(256))
    while time.perf_counter() - began < 20:
        start_write = time.perf_counter()
        await store.write(lambda tx: tx.put_setting("a", os.urandom(8)))
        waits.append(time.perf_counter() - start_write)
        left = held_by(packs)
        if held - left >= 0.8 * held / 2:
            break
    print(
        f"back     {(held - left) / (held / 2):6.2f} of the bytes deleted, in "
        f"{time.perf_counter() - began:.1f} s; a write waits {median(waits) * 1e3:.1f} ms"
        f" (median), {max(waits) * 1e3:.0f} ms (longest of {len(waits)})"
    )


async def small(folder: Path) -> None:
    """1,000 leaves in one write; single writes; the best of a few."""
    store = await EmbeddedStore.open(folder / "small")
    await store.write(opening(SESSION))
    best, single = 1e9, list[float]()
    for _ in range(10):
        blocks = [Block.raw(os.urandom(5120)) for _ in range(1000)]
        began = time.perf_counter()
        await store.write(staging(blocks))
        best = min(best, time.perf_counter() - began)
    for _ in range(200):
        block = Block.raw(os.urandom(5120))
        began = time.perf_counter()
        await store.write(staging([block]))
        single.append(time.perf_counter() - began)
    print(f"small    {best * 1e3:6.1f} ms for 1,000 leaves; {median(single) * 1e3:.2f} for one")
    await store.aclose()


async def index(folder: Path, count: int) -> None:
    """The index of ``count`` blocks: filling, size, opening, lookups."""
    path = folder / f"index{count}"
    store = await EmbeddedStore.open(path)
    began = time.perf_counter()
    for start in range(0, count, 2000):
        await store.write(Tiny(start))
    rate = count / (time.perf_counter() - began)
    await store.aclose()
    size = (path / "index.db").stat().st_size
    began = time.perf_counter()
    store = await EmbeddedStore.open(path)
    opened = time.perf_counter() - began
    rng = random.Random(1)
    cids = [tiny(rng.randrange(count)).cid for _ in range(5000)]
    lookup = await store.read(lambda view: timed(lambda: [view.block_size(c) for c in cids]))
    links = await store.read(lambda view: timed(lambda: [view.references(KEY, c) for c in cids]))
    print(
        f"index    {count} blocks: {rate:.0f}/s, {size / count:.0f} B each with 8 B of content,"
        f" opened in {opened * 1e3:.0f} ms,"
        f" {lookup / 5000 * 1e6:.1f} and {links / 5000 * 1e6:.1f} µs of processor a lookup"
    )
    await latencies(store, rng)
    await sweep(store, count)
    await store.aclose()


async def latencies(store: EmbeddedStore, rng: random.Random) -> None:
    """One leaf staged, admitted and let go by its session, durable, again and again."""
    waits, cpu = list[float](), list[float]()
    for number in range(500):
        began = time.perf_counter()
        cpu.append(await store.write(partial(one_leaf, number, rng.randbytes(5120))))
        waits.append(time.perf_counter() - began)
    print(
        f"         a leaf committed in {median(waits) * 1e3:.2f} ms (median),"
        f" {sorted(waits)[-5] * 1e3:.2f} (p99), {median(cpu) * 1e6:.0f} µs of processor"
    )


def one_leaf(number: int, data: bytes, tx: Transaction) -> float:
    """What a small commit does in the store; its processor seconds, without the sync."""
    began, session = time.thread_time(), b"leaf" + number.to_bytes(12, "big")
    opening(session)(tx)
    block = Block.raw(data)
    tx.stage(session, block)
    tx.add_reference(KEY, block.cid, 4)
    tx.close_session(session)
    written(tx)
    return time.thread_time() - began


def written(tx: Transaction) -> None:
    """Have a transaction write what it keeps in memory: this question needs it."""
    tx.sessions_before(0, 1)


async def sweep(store: EmbeddedStore, count: int) -> None:
    """Let go of some blocks, let them rest, take them: what a pass over all would take."""
    some = min(count, SWEPT)
    cids = [tiny(number).cid for number in random.Random(2).sample(range(count), some)]
    spent = 0.0
    for start in range(0, some, 1000):
        spent += await store.write(partial(let_go, cids[start : start + 1000]))
    for _ in range(0, some, 256):
        spent += await store.write(resting)
    each = spent / some
    print(
        f"         {each * 1e6:.0f} µs of processor to let go of a block, let it rest and take it;"
        f" {each * 1e7 / 60:.1f} min for 10^7, {each * 1e7 * 20 / 60:.0f} at a twentieth of a core"
    )


def let_go(cids: list[Cid], tx: Transaction) -> float:
    """Processor seconds to give links back."""

    def work() -> None:
        for cid in cids:
            tx.drop_reference(KEY, cid)
        written(tx)

    return timed(work)


def resting(tx: Transaction) -> float:
    """Processor seconds of one pass of the job that takes garbage."""
    return timed(lambda: (tx.rest(1, 256), tx.collect(256, 2)))


def timed(work: Callable[[], object]) -> float:
    """Processor seconds of this thread."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def tiny(number: int) -> Block:
    """A block of the index."""
    return Block.raw(number.to_bytes(8, "big"))


class Tiny:
    """A work that stages 2,000 tiny blocks, refers to them and lets the session go."""

    def __init__(self, start: int) -> None:
        self.start = start

    def __call__(self, tx: Transaction) -> None:
        session = self.start.to_bytes(16, "big")
        opening(session)(tx)
        for number in range(self.start, self.start + 2000):
            block = tiny(number)
            tx.stage(session, block)
            tx.add_reference(KEY, block.cid, 4)
        tx.close_session(session)


async def main(folder: Path, count: int, only_index: bool) -> None:
    """All of it."""
    if not only_index:
        await ingest(folder)
        await small(folder)
    for number in (2000, count):
        await index(folder, number)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("folder", nargs="?", default=None)
    options.add_argument("--blocks", type=int, default=200_000)
    options.add_argument("--only-index", action="store_true")
    given = options.parse_args()
    place = Path(tempfile.mkdtemp(prefix="holdfast-store-", dir=given.folder))
    try:
        trio.run(main, place, given.blocks, given.only_index)
    finally:
        shutil.rmtree(place)
