"""A process that writes to a store that others write to, until it is killed.

    python killed.py URL PACKS NAME WRITERS        (PGPASSWORD: the password)

Each writer moves one of two spaces, by one number a step, and notes in the space's history
who did. A line ``name.writer.step`` on the output means that this was acknowledged.
"""

import os
import random
import sys
from pathlib import Path

import trio

from formats.cid import Block
from storage.contracts import SessionRow, SpaceKey, SpaceRow, Store, Transaction
from storage.embedded.files import Files
from storage.embedded.local import LocalPacks
from storage.postgres.address import Address
from storage.postgres.store import PostgresStore

KEYS = [SpaceKey(b"o" * 32, bytes([number]) * 32) for number in range(2)]
PACK = 400_000


def block_of(name: str) -> Block:
    """What a step stores: a small block, or one for a pack."""
    rng = random.Random(name)
    return Block.raw(rng.randbytes(rng.choice([300, 70_000])))


def do_step(tx: Transaction, key: SpaceKey, name: str) -> int:
    """Move the space by one number; returns the number."""
    before, block = tx.space(key), block_of(name)
    seq = 0 if before is None else before.seq + 1
    session = name.encode().rjust(16, b"-")[-16:]
    tx.open_session(SessionRow(session, key, b"m" * 32, 2**50, 0))
    tx.stage(session, block)
    tx.add_reference(key, block.cid)
    tx.close_session(session)
    tx.put_space(SpaceRow(key, b"record", b"pointer", seq, block.cid, 0))
    tx.add_history(key, seq, name.encode())
    tx.collect(5)
    return seq


async def write_on(store: Store, name: str, writer: int) -> None:
    """One writer, for ever."""
    key, step = KEYS[writer % len(KEYS)], 0
    while True:
        each = f"{name}.{writer}.{step}"
        await store.write(lambda tx, each=each: do_step(tx, key, each))  # type: ignore[misc]
        os.write(1, each.encode() + b"\n")
        step += 1


async def main(url: str, packs: Path, name: str, writers: int) -> None:
    """Open the store and let all writers run."""
    store = await PostgresStore.open(Address(url), LocalPacks(Files(), packs, PACK), readers=1)
    os.write(1, b"open\n")
    async with trio.open_nursery() as nursery:
        for writer in range(writers):
            nursery.start_soon(write_on, store, name, writer)


if __name__ == "__main__":
    trio.run(main, sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
