"""An account is deleted, as its owner asks. Everything or nothing.

    examine     the owner says farewell to this very node, under the newest of their keys
    carry_out   in one transaction: account, spaces, messages and all that was noted go; the
                farewell stays, to be told to whoever knows the person, and the receipt

So an account is whole or gone, at every moment and after every crash. Giving back what its
spaces held is long work: it is noted in the same transaction, in the store's own list, and done
little by little by a job, which goes on from there whenever the node starts. Blocks that other
accounts hold too stay theirs.
"""

from dataclasses import dataclass, replace
from typing import Final

from formats.errors import Stale, Unfit
from formats.farewell import MAX_LISTED, Farewell, Held, Receipt
from formats.whereabouts import Whereabouts
from node import letters, notices, profiles
from node.authorise import as_owner, person
from node.caller import Caller
from node.checking.lost import forget_lost
from node.core import Core
from node.finding import forget_choice
from node.following.standing import Noted
from node.records import pointer, whereabouts
from node.room import let_go
from storage.contracts import AccountRow, DepartureRow, IdentityRow, SpaceKey, Transaction, View
from storage.reachability import release_root

KEPT: Final = 365 * 24 * 3600 * 1000
"""Milliseconds for which a farewell is told to whoever knows the person."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One that may be carried out; ``row`` and ``identity`` are what it was examined against."""

    row: AccountRow
    identity: IdentityRow
    farewell: Farewell


def repeated(view: View, caller: Caller, farewell: Farewell) -> bytes | None:
    """The receipt, for the owner whose very farewell was taken, and its answer lost."""
    row = view.departure(farewell.id)
    if row is None or row.farewell != farewell.encoded:
        return None
    return None if person(view, caller, farewell.id) is None else row.receipt


def examine(
    view: View, caller: Caller, row: AccountRow, farewell: Farewell, own: bytes
) -> Departure:
    """Verify what the owner says; raises Denied, Forged, Stale, Forked, Unfit.

    That the caller may have the sign-in record of ``row`` was checked.
    """
    known = as_owner(view, caller, row.id)
    identity = view.identity(row.id)
    if identity is None or farewell.id != row.id:
        raise Unfit("the farewell is of another account")
    farewell.verify(known)
    if farewell.home != own:
        raise Unfit("the farewell is to another node")
    if farewell.seq <= whereabouts(identity.whereabouts).seq:
        raise Stale("the owner has said since where they live")
    return Departure(row, identity, farewell)


def carry_out(tx: Transaction, core: Core, found: Departure, now: int) -> bytes:
    """Delete it; returns the receipt."""
    id, spaces = found.row.id, [row.key for row in tx.spaces_of(found.row.id)]
    receipt = _receipt(tx, core, found, now).sign(core.key)
    for session in [row.session for row in tx.sessions() if row.key.owner == id]:
        tx.close_session(session)
    for key in spaces:
        _forget_space(tx, key)
    tx.empty_inbox(id)
    _forget_notes(tx, found.row)
    _end_replica(tx, id, core.peer)
    tx.delete_account(found.row.name)
    tx.put_departure(DepartureRow(id, found.farewell.encoded, receipt, now + KEPT))
    return receipt


def ended_by(view: View, fresh: Whereabouts) -> bool:
    """Whether the owner took leave after they signed these whereabouts."""
    row = view.departure(fresh.id)
    return row is not None and Farewell.decode(row.farewell).ends(fresh)


def _receipt(view: View, core: Core, found: Departure, now: int) -> Receipt:
    id = found.row.id
    spaces = tuple(
        Held(row.key.space, row.seq, pointer(row.pointer).hash) for row in view.spaces_of(id)
    )
    return Receipt(
        peer=core.peer,
        id=id,
        farewell=found.farewell.hash,
        time=now,
        spaces=spaces[:MAX_LISTED],
        stored=sum(view.usage(id)),
        messages=view.inbox_size(id)[0],
        rests=core.config.quarantine,
    )


def _forget_space(tx: Transaction, key: SpaceKey) -> None:
    """Nothing of it is found any more; what it held is noted, to be given back."""
    for past in list(tx.past(key)):
        let_go(tx, past)
    row = tx.space(key)
    if row is not None:
        release_root(tx, key, row.root)
    tx.forget_space(key)
    forget_lost(tx, key)


def _forget_notes(tx: Transaction, row: AccountRow) -> None:
    """What was written to and by the owner, what they said to everybody, what they chose."""
    letters.forget(tx, row.id)
    notices.forget(tx, row.name)
    profiles.forget(tx, row.id)
    forget_choice(tx, row.id)


def _end_replica(tx: Transaction, owner: bytes, own: bytes) -> None:
    """The account had moved away, and this node kept a replica: no more. The grant stays.

    Grants to other nodes stay, too: they hear from them whether they may keep theirs.
    """
    row = tx.replica(owner, own)
    if row is not None:
        tx.put_replica(replace(row, noted=replace(Noted.decode(row.noted), allowed=0).encoded))
