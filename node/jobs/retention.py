"""Let go of superseded states whose time is over."""

from typing import Final

from node.core import Core
from node.room import let_go
from storage.contracts import Transaction

BATCH: Final = 1
"""States let go of in one transaction, so that others write in between: usually some 3 ms, but
seconds for a state after which ten thousands of leaves were changed at once."""


async def release_superseded(core: Core) -> int:
    """One pass over what was superseded longer ago than the retention time; how many went."""
    before = core.clock.now_ms() - core.config.retention * 1000

    def work(tx: Transaction) -> int:
        rows = tx.retained_before(before, BATCH)
        for row in rows:
            let_go(tx, row)
        return len(rows)

    return await core.store.write(work)
