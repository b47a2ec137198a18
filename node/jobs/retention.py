"""Let go of superseded states, as ``thinning.py`` says which."""

from dataclasses import dataclass
from typing import Final

from node.core import Core
from node.jobs.thinning import Keeping, fading
from node.room import let_go, pinned
from storage.contracts import PastRow, Transaction, View

MOST: Final = 4096
"""States that one pass lets go of at most."""

BATCH: Final = 32
"""States let go of in one transaction at most."""

MOST_LINKS: Final = 2000
"""Links after which a transaction takes no further state (some 50 ms): others write in between.

One state alone may have more, if ten thousands of leaves were changed at once after it.
"""


async def release_superseded(core: Core) -> int:
    """One pass over the states of all accounts; how many went."""
    now, most = core.clock.now_ms(), core.config.retention
    due = await core.store.read(lambda view: _due(view, most, now))
    at = gone = 0
    while at < len(due):
        did = await core.store.write(_LettingGo(due[at : at + BATCH]))
        at, gone = at + did.seen, gone + did.gone
    return gone


def _due(view: View, most: int, now: int) -> list[PastRow]:
    due: list[PastRow] = []
    for account in view.accounts():
        keeping = Keeping.of(account.keep, most)
        for space in view.spaces_of(account.id):
            due += fading(view.past(space.key), pinned(view, space.key), now, keeping)
            if len(due) >= MOST:
                return due[:MOST]
    return due


@dataclass(frozen=True, slots=True)
class _Did:
    """How far one transaction came."""

    seen: int
    gone: int


@dataclass(frozen=True, slots=True)
class _LettingGo:
    """One transaction. What others let go of, or pinned, since it was looked at is passed over."""

    rows: list[PastRow]

    def __call__(self, tx: Transaction) -> _Did:
        links = seen = gone = 0
        for row in self.rows:
            if links > MOST_LINKS:
                break
            seen += 1
            if tx.past_row(row.key, row.seq) == row and row.seq not in pinned(tx, row.key):
                links += let_go(tx, row)
                gone += 1
        return _Did(seen, gone)
