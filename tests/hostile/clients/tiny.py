"""A million tiny blocks at a home with a disk: what they cost it, and whether all goes again.

    python -m tests.hostile.clients.tiny                    a million (minutes)
    python -m tests.hostile.clients.tiny --blocks 20000

One session stages them, each a few bytes; then it is closed and the garbage collected. Beside
it somebody else commits now and then. Ends with 0 if nothing of them is charged in the end,
what they were charged for was never less than their bytes, and the store is whole.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from formats.cid import Block
from formats.invite import Invite
from node.build import Node, build
from node.checking.pace import Pace
from node.checking.verify import verify
from node.config import Config
from node.jobs.garbage import collect_garbage
from protocols import accounts as a
from protocols import blocks as b
from protocols import pointers as p
from protocols.services import Doors
from tests.node.people import Person, label, leaf, lock_key, secret

BATCH: Final = 4000
"""Blocks of a request."""

EVERY: Final = 10
"""Requests between two commits of the other person."""


@dataclass
class Cost:
    """What they came to: seconds, and bytes of the data folder."""

    blocks: int
    charged: int = 0
    staging: float = 0.0
    slowest_commit: float = 0.0
    disk: int = 0
    closing: float = 0.0
    collecting: float = 0.0
    left: int = 0
    wrong: int = 0

    @property
    def holds(self) -> bool:
        """Whether the home came out of it as it should."""
        return self.charged >= self.blocks * 3 and not self.left and not self.wrong

    def line(self) -> str:
        """For people."""
        return (
            f"{self.blocks:,} blocks staged in {self.staging:.0f} s, {self.charged:,} bytes "
            f"charged, {self.disk / 2**20:.0f} MiB of disk; the slowest commit of somebody else "
            f"meanwhile {self.slowest_commit * 1e3:.0f} ms; closed in {self.closing:.1f} s, "
            f"collected in {self.collecting:.0f} s; {self.left} bytes left charged, "
            f"{self.wrong} things wrong"
        )


async def flood(folder: Path, blocks: int, told: Callable[[str], None] = lambda _: None) -> Cost:
    """Stage so many, close, collect; everything that is measured."""
    config = Config(folder, work_bits=4, quarantine=0)
    cost = Cost(blocks)
    async with build(config, key=secret("home")) as node:
        alice, mallory = Person("alice"), Person("mallory")
        hers, his = node.open(), node.open(node.caller(b"mallory's node", local=False))
        await alice.sign_up(hers)
        await mallory.sign_up(his, Invite.parse(await node.admin.invite()).code)
        before = await _reserved(his, mallory)
        asked = b.OpenSession(mallory.id, mallory.space.record.space)
        session = (await his.blocks.open_session(asked)).session
        for number in range(0, blocks, BATCH):
            await _stage(cost, his, session, range(number, min(number + BATCH, blocks)))
            if number // BATCH % EVERY == 0:
                await _commit(cost, hers, alice, number)
                told(f"{number:,}")
        cost.charged = await _reserved(his, mallory) - before
        cost.disk = await trio.to_thread.run_sync(_size, folder)
        await _clear(cost, node, his, session)
        cost.left = await _reserved(his, mallory) - before
        cost.wrong = (await verify(node.store, pace=Pace(share=1))).found.total
    return cost


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


async def _stage(cost: Cost, his: Doors, session: bytes, numbers: range) -> None:
    tiny = tuple(Block.raw(b"%d" % (10**9 + number)) for number in numbers)
    begun = time.monotonic()
    await his.blocks.stage(b.Stage(session, tiny))
    cost.staging += time.monotonic() - begun


async def _commit(cost: Cost, hers: Doors, alice: Person, number: int) -> None:
    begun = time.monotonic()
    done = await alice.space.commit(hers, {label(number): leaf(lock_key(number), number)})
    assert isinstance(done, p.Committed)
    cost.slowest_commit = max(cost.slowest_commit, time.monotonic() - begun)


async def _clear(cost: Cost, node: Node, his: Doors, session: bytes) -> None:
    begun = time.monotonic()
    await his.blocks.close_session(b.CloseSession(session))
    closed = time.monotonic()
    while await collect_garbage(node.core):
        pass
    cost.closing, cost.collecting = closed - begun, time.monotonic() - closed


async def _reserved(his: Doors, mallory: Person) -> int:
    return (await his.accounts.account(a.AskAccount(mallory.id))).usage.reserved


def main(words: Sequence[str] | None = None) -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.hostile.clients.tiny",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--blocks", type=int, default=1_000_000)
    options = parser.parse_args(words)
    with TemporaryDirectory() as folder:
        cost = trio.run(flood, Path(folder) / "node", options.blocks, print)
    print(cost.line())
    return 0 if cost.holds else 1


if __name__ == "__main__":
    sys.exit(main())
