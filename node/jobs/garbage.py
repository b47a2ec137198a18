"""Take away blocks that nothing holds any more."""

from typing import Final

from node.core import Core

BATCH: Final = 256
"""Blocks taken in one transaction."""


async def collect_garbage(core: Core) -> int:
    """One pass; how many blocks went."""
    return await core.store.write(lambda tx: tx.collect(BATCH))
