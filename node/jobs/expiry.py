"""Forget staging sessions, inbox tokens and invites whose time is over."""

from typing import Final

from node.core import Core
from storage.contracts import Transaction

BATCH: Final = 32

INVITES_SHOWN: Final = 30 * 24 * 3600 * 1000
"""Milliseconds for which an invite that expired is still listed."""


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


async def forget_invites(core: Core) -> int:
    """One pass over invites that expired a month ago; answers 0: one pass takes them all."""
    before = core.clock.now_ms() - INVITES_SHOWN
    late = await core.store.read(
        lambda view: [row.hash for row in view.invites() if row.expires < before]
    )

    def work(tx: Transaction) -> None:
        for hash in late:
            tx.delete_invite(hash)

    if late:
        await core.store.write(work)
    return 0
