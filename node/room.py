"""Room in an account: what was superseded yields before anybody is told that there is none.

The old states of spaces count in the quota. When something new does not fit,
the oldest of them go first, though their time has not come.
"""

from typing import Final

from formats.errors import QuotaExceeded
from storage.contracts import RetainedRoot, Transaction
from storage.reachability import release_root

METADATA_SLACK: Final = 4 * 1024 * 1024
"""How far a commit may pass the quota with what came inside it, so that deleting always works."""

MOST_RELEASED: Final = 64
"""Superseded states that one request lets go of to make room."""


def make_room(tx: Transaction, owner: bytes, slack: int = 0) -> None:
    """Return if the owner's usage is within the quota and ``slack``, after letting go of the past.

    Called when everything new is counted already; raises QuotaExceeded.
    """
    account = tx.account_of(owner)
    most = slack if account is None else account.quota + slack
    if sum(tx.usage(owner)) <= most:
        return
    for old in _past(tx, owner)[:MOST_RELEASED]:
        let_go(tx, old)
        if sum(tx.usage(owner)) <= most:
            return
    raise QuotaExceeded("the account has no room for this")


def let_go(tx: Transaction, old: RetainedRoot) -> int:
    """Stop holding a superseded state; how many links that took back."""
    tx.forget_retained(old.key, old.seq)
    return release_root(tx, old.key, old.root)


def _past(tx: Transaction, owner: bytes) -> list[RetainedRoot]:
    """The superseded states of all spaces of an owner, oldest first."""
    rows = [row for space in tx.spaces_of(owner) for row in tx.retained(space.key)]
    return sorted(rows, key=lambda row: (row.superseded, row.seq))
