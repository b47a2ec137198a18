"""Take away blocks that nothing holds any more, when they have rested in quarantine.

A block may be needed again meanwhile, or a fault in the counting be found: until its
time is over nothing is lost. Quarantine yields when the disk runs full, and before
anything new is refused for it.
"""

from typing import Final

from node.core import Core
from storage.contracts import Transaction

BATCH: Final = 256
"""Blocks taken in one transaction."""

RESTED: Final = 2048
"""Blocks that begin to rest in one transaction."""

LOW: Final = 64 * 1024 * 1024
"""Free bytes on the disk below which nothing rests, if the node's owner wants none kept free."""


async def collect_garbage(core: Core) -> int:
    """One pass; how many blocks began to rest or went."""
    now = core.clock.now_ms()
    low = core.gate.free() < max(LOW, 2 * core.config.limits.min_free)
    before = None if low else now - core.config.quarantine * 1000

    def work(tx: Transaction) -> int:
        return tx.rest(now, RESTED) + tx.collect(BATCH, before)

    return await core.store.write(work)
