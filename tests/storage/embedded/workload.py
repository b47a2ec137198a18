"""A seeded workload whose every step can be checked afterwards, and files that fail on order.

Step ``n`` stages a few blocks of many sizes, refers to some, closes an old
session, collects, and leaves a setting: so acknowledged means that the setting,
the blocks and the sums of step ``n`` are there, whole.
"""

import os
import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from formats.cid import Block
from storage.contracts import Store, Transaction, View
from storage.embedded.files import Files
from tests.contracts.rows import session_id, session_row, space_key

KEY = space_key()
SIZES = [10, 5000, 65_536, 65_537, 100_000, 262_184]
KEPT = 6
"""Sessions stay open for this many steps."""


@lru_cache(maxsize=64)
def step_blocks(seed: int, step: int) -> list[Block]:
    """The blocks of one step."""
    rng = random.Random(f"{seed}/{step}")
    return [Block.raw(rng.randbytes(rng.choice(SIZES))) for _ in range(rng.randint(1, 4))]


def run_step(tx: Transaction, seed: int, step: int) -> None:
    """Do step ``step``; steps go up from 0 without a gap."""
    tx.open_session(session_row(step))
    for number, block in enumerate(step_blocks(seed, step)):
        tx.stage(session_id(step), block)
        if number == 0:
            tx.add_reference(KEY, block.cid)
    if step >= KEPT:
        tx.close_session(session_id(step - KEPT))
    tx.collect(100)
    tx.put_setting("step", b"%d" % step)


def last_step(view: View) -> int:
    """The last step that is there, or -1."""
    return int(view.setting("step") or b"-1")


def check(view: View, seed: int) -> None:
    """All that the steps up to the last one made must be there, whole, and nothing else."""
    last = last_step(view)
    used = reserved = 0
    for step in range(last + 1):
        for number, block in enumerate(step_blocks(seed, step)):
            held = number == 0 or step > last - KEPT
            assert view.block_size(block.cid) == (len(block.data) if held else None)
            assert not held or view.block(block.cid) == block.data
            assert view.is_staged(session_id(step), block.cid) == (step > last - KEPT)
            used += len(block.data) if number == 0 else 0
            reserved += len(block.data) if step > last - KEPT else 0
    assert view.usage(KEY.owner) == (used, reserved)
    assert view.session(session_id(last + 1)) is None


async def run_steps(store: Store, seed: int, first: int, count: int) -> None:
    """Steps ``first`` to ``first + count - 1``, one write each."""
    for step in range(first, first + count):
        await store.write(Step(seed, step))


class Step:
    """A ``work`` that does one step."""

    def __init__(self, seed: int, step: int) -> None:
        self.seed = seed
        self.step = step

    def __call__(self, tx: Transaction) -> None:
        run_step(tx, self.seed, self.step)


class FaultyFiles(Files):
    """Files whose call number ``at`` fails with ``errno``, and which count their calls.

    ``errno`` 0 makes that call a short write, if it is a write. ``lasting``
    makes every later call of the same kind fail too.
    """

    def __init__(self, at: int = -1, errno: int = 0, *, lasting: bool = False) -> None:
        self.calls: list[str] = []
        self.at = at
        self.errno = errno
        self.lasting = lasting
        self.hit = ""

    def heal(self) -> None:
        """No more faults."""
        self.at = -1
        self.hit = ""
        self.lasting = False

    def _meet(self, name: str) -> bool:
        """Count a call; raise if it is its turn to fail; True if it is to be a short write."""
        self.calls.append(name)
        if len(self.calls) - 1 == self.at:
            self.hit = name
        elif not (self.lasting and self.hit == name):
            return False
        if self.errno:
            raise OSError(self.errno, os.strerror(self.errno))
        return True

    def create(self, path: Path) -> int:
        self._meet("create")
        return super().create(path)

    def reopen(self, path: Path) -> int:
        self._meet("reopen")
        return super().reopen(path)

    def open(self, path: Path) -> int:
        self._meet("open")
        return super().open(path)

    def write(self, handle: int, parts: Sequence[bytes], offset: int) -> int:
        if self._meet("write"):
            whole = b"".join(parts)
            return super().write(handle, [whole[: max(1, len(whole) // 2)]], offset)
        return super().write(handle, parts, offset)

    def read(self, handle: int, size: int, offset: int) -> bytes:
        self._meet("read")
        return super().read(handle, size, offset)

    def sync(self, handle: int) -> None:
        self._meet("sync")
        super().sync(handle)

    def sync_folder(self, path: Path) -> None:
        self._meet("sync_folder")
        super().sync_folder(path)

    def truncate(self, handle: int, size: int) -> None:
        self._meet("truncate")
        super().truncate(handle, size)

    def allocate(self, handle: int, size: int) -> None:
        self._meet("allocate")
        super().allocate(handle, size)

    def remove(self, path: Path) -> None:
        self._meet("remove")
        super().remove(path)
