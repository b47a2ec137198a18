"""Giving up an account that is not followed any more: its spaces, its records, its blocks.

The row with the newest grant stays, so that an older one is never taken again.
"""

from functools import partial
from typing import Final

from node.core import Core, Moved
from node.following.pulling import session_of
from node.room import let_go
from storage.contracts import SpaceKey, Transaction, View
from storage.reachability import release_root

BATCH: Final = 256
"""Superseded states given up in one transaction."""


async def leave(core: Core, owner: bytes) -> None:
    """Hold nothing of an account any more. Its bytes go as garbage does."""
    for key in await core.store.read(partial(_spaces, owner=owner)):
        while await core.store.write(partial(_leave_some, key=key)):
            pass
        core.signals.fire(Moved(key))
    await core.store.write(lambda tx: _forget(tx, owner))


def _spaces(view: View, owner: bytes) -> list[SpaceKey]:
    """Spaces that are held, and those that were about to be."""
    held = [row.key for row in view.spaces_of(owner)]
    return list(dict.fromkeys(held + [s.key for s in view.sessions() if s.key.owner == owner]))


def _leave_some(tx: Transaction, key: SpaceKey) -> bool:
    """Whether there is more to do. Whoever settled in meanwhile keeps what is there still."""
    tx.close_session(session_of(key))
    row = tx.space(key)
    if row is None or tx.account_of(key.owner) is not None:
        return False
    some = [past for past, _ in zip(tx.past(key), range(BATCH), strict=False)]
    for past in some:
        let_go(tx, past)
    if len(some) == BATCH:
        return True
    release_root(tx, key, row.root)
    tx.forget_space(key)
    return False


def _forget(tx: Transaction, owner: bytes) -> None:
    """Whoever was granted it anew meanwhile needs the records; so does who took leave here."""
    lives = tx.account_of(owner) is not None or any(tx.spaces_of(owner))
    if not lives and tx.departure(owner) is None:
        tx.delete_identity(owner)
