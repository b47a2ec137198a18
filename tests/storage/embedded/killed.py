"""A process that writes until it is killed, and says on its output what was acknowledged.

    python killed.py FOLDER SEED WRITERS

Each writer works through its own numbered steps and goes on where the store says
that it stopped. A line ``writer step`` means that this step was acknowledged.
"""

import os
import random
import sys
from pathlib import Path

import trio

from formats.cid import Block
from storage.contracts import SessionRow, SpaceKey, Transaction, View
from storage.embedded.store import EmbeddedStore

KEY = SpaceKey(b"o" * 32, b"s" * 32)
PACK = 3_000_000
SIZES = [10, 2000, 5000, 66_000, 262_184]


def session_of(writer: int, step: int) -> bytes:
    """The session of a step."""
    return b"%08d%08d" % (writer, step)


def blocks_of(seed: int, writer: int, step: int) -> list[Block]:
    """The blocks of a step."""
    rng = random.Random(f"{seed}/{writer}/{step}")
    return [Block.raw(rng.randbytes(rng.choice(SIZES))) for _ in range(rng.randint(1, 3))]


def last_of(view: View, writer: int) -> int:
    """The last step of a writer that is there, or -1."""
    return int(view.setting(f"writer {writer}") or b"-1")


def do_step(tx: Transaction, seed: int, writer: int, step: int) -> None:
    """Stage the step's blocks, refer to the first, drop the session of three steps ago."""
    tx.open_session(SessionRow(session_of(writer, step), KEY, b"m" * 32, 0, 0))
    for number, block in enumerate(blocks_of(seed, writer, step)):
        tx.stage(session_of(writer, step), block)
        if number == 0:
            tx.add_reference(KEY, block.cid)
    tx.close_session(session_of(writer, step - 3))
    tx.collect(20)
    tx.put_setting(f"writer {writer}", b"%d" % step)


async def write_on(store: EmbeddedStore, seed: int, writer: int) -> None:
    """One writer, for ever."""
    step = await store.read(lambda view: last_of(view, writer)) + 1
    while True:
        blocks_of(seed, writer, step)
        await store.write(lambda tx, n=step: do_step(tx, seed, writer, n))  # type: ignore[misc]
        os.write(1, b"%d %d\n" % (writer, step))
        step += 1


async def main(folder: Path, seed: int, writers: int) -> None:
    """Open the store and let all writers run."""
    store = await EmbeddedStore.open(folder, pack_size=PACK)
    os.write(1, b"open\n")
    async with trio.open_nursery() as nursery:
        for writer in range(writers):
            nursery.start_soon(write_on, store, seed, writer)


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
