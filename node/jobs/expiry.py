"""Forget staging sessions, inbox tokens, invites and farewells whose time is over."""

from functools import partial
from typing import Final

from node.core import Core
from node.following.standing import is_over
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


async def forget_farewells(core: Core) -> int:
    """One pass over accounts that were deleted long ago; answers 0: one pass takes them all."""
    now = core.clock.now_ms()
    late = await core.store.read(
        lambda view: [row.id for row in view.departures() if row.until < now]
    )
    for id in late:
        await core.store.write(partial(_forget_farewell, id=id, own=core.peer, now=now))
    return 0


def _forget_farewell(tx: Transaction, id: bytes, own: bytes, now: int) -> None:
    """With it go the records of the person, unless a replica of theirs is kept here by now."""
    gone = tx.departure(id)
    if gone is None or gone.until >= now:  # they came back since, and perhaps left again
        return
    tx.delete_departure(id)
    here = tx.replica(id, own)
    if tx.account_of(id) is not None or (here is not None and not is_over(here)):
        return
    for row in [row for row in tx.replicas() if row.owner == id]:
        tx.delete_replica(row.owner, row.peer)
    tx.delete_identity(id)
