"""Let go of superseded states, as ``thinning.py`` says which; give back what only they held."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from node.core import Core
from node.jobs.thinning import Keeping, fading
from node.room import MOST_LINKS, let_go, pinned
from node.sweeps import BROKEN
from storage.contracts import PastRow, Transaction, View
from storage.reachability import release_some

MOST: Final = 4096
"""States that one pass lets go of at most."""

BATCH: Final = 256
"""States let go of in one transaction at most."""


async def release_superseded(core: Core) -> int:
    """One pass over the states of all accounts; how many went."""
    now, most = core.clock.now_ms(), core.config.retention
    due = await core.store.read(lambda view: _due(view, most, now))
    return sum(
        [
            await core.store.write(_LettingGo(due[at : at + BATCH]))
            for at in range(0, len(due), BATCH)
        ]
    )


def _due(view: View, most: int, now: int) -> list[PastRow]:
    due: list[PastRow] = []
    keeps = [(account.id, account.keep) for account in view.accounts()]
    for owner, keep in dict([*((row.owner, None) for row in view.replicas()), *keeps]).items():
        keeping = Keeping.of(keep, most)
        for space in view.spaces_of(owner):
            due += fading(view.past(space.key), pinned(view, space.key), now, keeping)
            if len(due) >= MOST:
                return due[:MOST]
    return due


@dataclass(frozen=True, slots=True)
class _LettingGo:
    """One transaction. What others let go of, or pinned, since it was looked at is passed over."""

    rows: list[PastRow]

    def __call__(self, tx: Transaction) -> int:
        gone = 0
        for row in self.rows:
            if tx.past_row(row.key, row.seq) == row and row.seq not in pinned(tx, row.key):
                let_go(tx, row)
                gone += 1
        return gone


async def give_back(core: Core) -> int:
    """One pass over the accounts with something to give back; how many links that took back.

    An account whose blocks cannot be followed is left as it is: see ``node/sweeps.py``.
    """
    now = core.clock.now_ms()
    owners = await core.store.read(lambda view: view.releasing())
    taken = 0
    for owner in owners:
        if core.sweeps.rests(owner, now):
            continue
        try:
            taken += await core.store.write(partial(release_some, owner=owner, most=MOST_LINKS))
            core.sweeps.went_on(owner)
        except BROKEN as error:
            core.sweeps.stop(owner, now, error)
    return taken
