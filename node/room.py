"""Room in an account: what was superseded yields before anybody is told that there is none.

The old states of spaces count in the quota. When something new does not fit,
the oldest of them go first, though their time has not come. Pinned ones stay:
somebody said that they shall.
"""

from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import Final

from formats.errors import QuotaExceeded
from storage.contracts import PastRow, SpaceKey, Transaction, View
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
    for old in list(islice(yielding(tx, owner), MOST_RELEASED)):
        let_go(tx, old)
        if sum(tx.usage(owner)) <= most:
            return
    raise QuotaExceeded("the account has no room for this")


def let_go(tx: Transaction, old: PastRow) -> int:
    """Stop holding a superseded state; how many links that took back."""
    tx.forget_retained(old.key, old.seq)
    return release_root(tx, old.key, old.root)


def yielding(view: View, owner: bytes) -> Iterator[PastRow]:
    """The superseded states of all spaces of an owner that are not pinned, oldest first."""
    spaces = [_of_space(view, space.key) for space in view.spaces_of(owner)]
    return merge(*spaces, key=lambda row: (row.superseded, row.seq))


def _of_space(view: View, key: SpaceKey) -> Iterator[PastRow]:
    stay = pinned(view, key)
    return (row for row in view.past(key) if row.seq not in stay)


def pinned(view: View, key: SpaceKey) -> set[int]:
    """The numbers of the states of a space that were pinned."""
    return {pin.seq for pin in view.pins(key)}
