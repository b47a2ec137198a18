"""Let go of superseded states whose time is over."""

from typing import Final

from node.core import Core
from node.room import let_go
from storage.contracts import Transaction

BATCH: Final = 32
"""States let go of in one transaction at most."""

MOST_LINKS: Final = 2000
"""Links after which a transaction takes no further state (some 50 ms): others write in between.

One state alone may have more, if ten thousands of leaves were changed at once after it.
"""


async def release_superseded(core: Core) -> int:
    """One pass over what was superseded longer ago than the retention time; how many went."""
    before = core.clock.now_ms() - core.config.retention * 1000

    def work(tx: Transaction) -> int:
        links = gone = 0
        for row in tx.retained_before(before, BATCH):
            links += let_go(tx, row)
            gone += 1
            if links > MOST_LINKS:
                break
        return gone

    return await core.store.write(work)
