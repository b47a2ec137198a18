"""A process that fills its disk, and shows what the store still does then.

    python filled.py FOLDER (tmpfs | limit)

``tmpfs``: FOLDER is on a small disk. ``limit``: no file may pass 24 MiB. Says "well" at the end.
"""

import resource
import signal
import sys
from pathlib import Path

import trio

from formats.cid import Block
from formats.errors import DiskFull, StorageFailed
from storage.contracts import SessionRow, SpaceKey, Transaction
from storage.embedded.store import EmbeddedStore

KEY = SpaceKey(b"o" * 32, b"s" * 32)
MIB = 1024 * 1024


def session(number: int) -> bytes:
    """A session id."""
    return b"%016d" % number


def blocks(number: int, size: int) -> list[Block]:
    """Four blocks that only ``number`` has."""
    return [Block.raw(b"%d %d " % (number, n) + bytes(size)) for n in range(4)]


def put(tx: Transaction, number: int, size: int) -> None:
    """Stage the blocks of a number in a session of its own."""
    tx.open_session(SessionRow(session(number), KEY, b"m", 0, 0))
    for block in blocks(number, size):
        tx.stage(session(number), block)


class Put:
    """A ``work`` that stages the blocks of a number."""

    def __init__(self, number: int, size: int) -> None:
        self.number, self.size = number, size

    def __call__(self, tx: Transaction) -> None:
        put(tx, self.number, self.size)


async def fill(store: EmbeddedStore, first: int, size: int) -> int:
    """Stage until the disk is full; the number that failed."""
    for number in range(first, first + 10_000):
        try:
            await store.write(Put(number, size))
        except DiskFull:
            return number
        except StorageFailed as error:
            if "SQLITE_IOERR" not in error.message:  # the limit, as SQLite sees it
                raise
            return number
    raise AssertionError("the disk is never full")


async def read_all(store: EmbeddedStore, last: int, size: int) -> None:
    """Every acknowledged block is there."""
    for number in range(last):
        for block in blocks(number, size):
            assert await store.read(lambda view, b=block: view.block(b.cid)) == block.data  # type: ignore[misc]
        assert await store.read(lambda view, n=number: view.session(session(n)))  # type: ignore[misc]


def free(tx: Transaction, numbers: range) -> None:
    """Close sessions and take what they held."""
    for number in numbers:
        tx.close_session(session(number))
    tx.collect(1000)


async def main(folder: Path, size: int) -> None:
    """Fill, read, fail, free, write again, reopen."""
    store = await EmbeddedStore.open(folder, pack_size=2 * MIB)
    full = await fill(store, 0, size)
    assert full > 3
    await read_all(store, full, size)
    assert await store.read(lambda view: view.session(session(full))) is None
    half = range(full // 2)
    await store.write(lambda tx: free(tx, half))
    for number in half:  # space comes back while nothing else is asked
        await store.write(lambda tx, n=number: tx.put_setting("turn", b"%d" % n))  # type: ignore[misc]
    await store.write(Put(full, 100))
    await store.aclose()
    store = await EmbeddedStore.open(folder, pack_size=2 * MIB)
    for number in range(full // 2, full):
        for block in blocks(number, size):
            assert await store.read(lambda view, b=block: view.block(b.cid)) == block.data  # type: ignore[misc]
    assert await store.read(lambda view: view.block(blocks(full, 100)[3].cid))
    await store.aclose()
    print("well")


if __name__ == "__main__":
    if sys.argv[2] == "limit":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (24 * MIB, 24 * MIB))
    trio.run(main, Path(sys.argv[1]), int(sys.argv[3]))
