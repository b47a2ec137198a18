"""Forget staging sessions and inbox tokens whose time is over."""

from typing import Final

from node.core import Core
from storage.contracts import Transaction

BATCH: Final = 32


async def close_sessions(core: Core) -> int:
    """One pass over sessions nobody used for their whole life; how many were closed."""
    now = core.clock.now_ms()

    def work(tx: Transaction) -> int:
        rows = tx.sessions_before(now, BATCH)
        for row in rows:
            tx.close_session(row.session)
        return len(rows)

    return await core.store.write(work)


async def forget_tokens(core: Core) -> int:
    """One pass over tokens, and spent work, that expired; answers 0: one pass takes them all."""
    now = core.clock.now_ms()
    await core.store.write(lambda tx: tx.delete_expired_tokens(now))
    return 0
