"""Room in an account: what was superseded yields before anybody is told that there is none.

The old states of spaces count in the quota. When something new does not fit, the
oldest of them go first, though their time has not come: in transactions of their
own, each a short one, after which the new is tried again. Pinned ones stay:
somebody said that they shall.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from heapq import merge
from typing import Final, TypeVar

from formats.errors import QuotaExceeded
from node.following.standing import ceiling
from node.sweeps import BROKEN
from storage.contracts import PastRow, SpaceKey, Store, Transaction, View
from storage.reachability import release_root, release_some

T = TypeVar("T")

METADATA_SLACK: Final = 4 * 1024 * 1024
"""How far a commit may pass the quota with what came inside it, so that deleting always works."""

MOST_RELEASED: Final = 64
"""Superseded states that one request lets go of to make room."""

MOST_LINKS: Final = 1000
"""Links that one transaction takes back (some 20 ms): others write in between."""


def check_room(tx: Transaction, owner: bytes, slack: int = 0) -> None:
    """Return if the owner's usage is within the quota and ``slack``; raises QuotaExceeded.

    Called when everything new is counted already.
    """
    account = tx.account_of(owner)
    if account is None:
        _check_replica(tx, owner)
    elif sum(tx.usage(owner)) > account.quota + slack:
        raise QuotaExceeded("the account has no room for this")


def _check_replica(tx: Transaction, owner: bytes) -> None:
    """The same where only a replica of the account is kept: what is fetched has no slack."""
    most = ceiling(tx, owner) or 0
    if sum(tx.usage(owner)) > most:
        raise QuotaExceeded(
            f"the replica has no room for this: {most} bytes are all it may hold",
            hint="grant more, or ask whoever keeps it for an invite with more",
        )


async def write_with_room(
    store: Store, owners: Collection[bytes], work: Callable[[Transaction], T]
) -> T:
    """Run a work that calls ``check_room``; as long as there is none, the owners' past yields.

    ``owners`` may be filled by the work. Raises QuotaExceeded when nothing is left that
    could yield, and what the work raises.
    """
    left = MOST_RELEASED
    while True:
        try:
            return await store.write(work)
        except QuotaExceeded:
            queued = await _yield_some(store, owners, left)
            if queued is None:
                raise
            left -= queued


def let_go(tx: Transaction, old: PastRow) -> None:
    """Stop holding a superseded state. Its bytes leave the usage by ``release_some``."""
    tx.forget_retained(old.key, old.seq)
    release_root(tx, old.key, old.root)


async def _yield_some(store: Store, owners: Iterable[bytes], most: int) -> int | None:
    """Give some of the past back; how many states were let go of, None if nothing was done."""
    for owner in owners:
        try:
            queued = await store.write(partial(_yield_of, owner=owner, most=most))
        except BROKEN:
            continue  # the job that finds the same will say so
        if queued is not None:
            return queued
    return None


def _yield_of(tx: Transaction, owner: bytes, most: int) -> int | None:
    if release_some(tx, owner, MOST_LINKS):
        return 0
    old = next(yielding(tx, owner), None) if most > 0 else None
    if old is None:
        return None
    let_go(tx, old)
    release_some(tx, owner, MOST_LINKS)
    return 1


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
