"""Settling in: an account for an identity that there is already. Everything or nothing.

    examine     who they are, that they say so on this connection, that this is to be their home
    carry_out   in one transaction: the account, and what a replica holds of it becomes its own

Whoever knows an identity only by its records cannot settle in for it: the daily key is shown
on the very connection. What is known here of the identity is never gone behind.
"""

from dataclasses import dataclass, replace

from crypto.hashing import sha256
from formats.errors import BadInvite, Exists, Forged, Stale, Unfit
from formats.identity import IdentityChain
from formats.names import check_account_name
from formats.sign_in import SignInRecord
from formats.statement import Hello, Role
from formats.whereabouts import Whereabouts
from node import signups
from node.caller import Caller
from node.core import Core
from node.departures import ended_by
from node.following.pulling import session_of
from node.following.standing import Noted
from node.records import chain
from node.records import whereabouts as whereabouts_of
from node.room import check_room
from protocols.accounts import Settle
from storage.contracts import AccountRow, IdentityRow, Transaction, View

_RECEIPT = b"holdfast/1/settle\0"


@dataclass(frozen=True, slots=True)
class Settler:
    """A request that holds together. ``before``: what was known here of the identity."""

    request: Settle
    before: IdentityRow | None
    identity: IdentityRow
    daily: bytes
    """Digest of the daily key, which the caller showed."""
    peer: bytes
    """This node's peer id."""


def receipt_of(request: Settle) -> bytes:
    """What is kept of a request to know it again; not what is of its connection alone."""
    records = b"".join(map(sha256, request.chain))
    parts = (request.nonce, request.name.encode(), records, request.whereabouts, request.sign_in)
    return sha256(_RECEIPT + b"".join(map(sha256, parts)))


def repeats(view: View, request: Settle) -> bool:
    """Whether this very request was carried out, and is asked again since its answer was lost."""
    account = view.account(request.name)
    return account is not None and account.signed_up == receipt_of(request)


def check_leave(view: View, core: Core, caller: Caller, request: Settle, now: int) -> int:
    """The quota of the account: by the invite, else by the replica kept here; raises BadInvite.

    Whoever runs the node chose to keep the replica, and how many bytes.
    """
    kept = _allowed(view, core.peer, sha256(request.chain[0]) if request.chain else b"")
    try:
        return max(kept, signups.check_leave(view, core.config, caller, request.invite, now))
    except BadInvite:
        if request.invite is not None or not kept:
            raise
        return kept


def examine(view: View, request: Settle, core: Core, caller: Caller, now: int) -> Settler:
    """Verify what a settler brings; raises what ``Settle`` says. Writes nothing."""
    name = check_account_name(request.name)
    identity = chain(request.chain)
    _check_said(identity, request, core, caller, now)
    known = view.identity(identity.id)
    whereabouts = Whereabouts.decode(request.whereabouts)
    whereabouts.verify(identity, now)
    if known is not None:
        pinned, stored = chain(known.chain), Whereabouts.decode(known.whereabouts)
        identity.extends(identity.id, pinned.seq, pinned.head_hash)
        whereabouts.extends(stored.seq, stored.hash)
    _check_left(view, whereabouts)
    if whereabouts.home.peer != core.peer or whereabouts.name != name:
        raise Unfit("the whereabouts name another home or another name")
    sign_in = SignInRecord.decode(request.sign_in)
    if (sign_in.name, sign_in.id) != (name, identity.id):
        raise Unfit("the sign-in record is of another account")
    row = IdentityRow(identity.id, identity.encoded, request.whereabouts)
    return Settler(request, known, row, identity.daily.digest(), core.peer)


def still(tx: Transaction, settler: Settler, core: Core, caller: Caller, now: int) -> Settler:
    """The request by what is known here in this transaction; raises as ``examine``.

    What follows the old home may have brought newer records since it was examined, and the owner
    may have taken leave.
    """
    if tx.identity(settler.identity.id) == settler.before:
        _check_left(tx, Whereabouts.decode(settler.identity.whereabouts))
        return settler
    return examine(tx, settler.request, core, caller, now)


def _check_left(view: View, whereabouts: Whereabouts) -> None:
    if ended_by(view, whereabouts):
        raise Stale("whoever settles in took leave of this node since they said so")


def carry_out(tx: Transaction, settler: Settler, quota: int, now: int) -> None:
    """Make the account. What a replica held of it is the account's from now on."""
    request, identity = settler.request, settler.identity
    tx.put_account(_account(tx, settler, quota, now))
    tx.put_identity(identity)
    tx.delete_departure(identity.id)
    _end_replica(tx, identity.id)
    check_room(tx, identity.id)
    if request.invite is not None:
        signups.spend(tx, request.invite, request.name, now)


def check_free(view: View, request: Settle, own: bytes) -> AccountRow | None:
    """The account that this identity had here before it moved away; None: there is none.

    Raises Exists where it lives here, or the name is somebody else's.
    """
    id = sha256(request.chain[0]) if request.chain else b""
    known, person = view.account_of(id), view.identity(id)
    if known is None or person is None:
        signups.check_free(view, request.name)
        return None
    if whereabouts_of(person.whereabouts).home.peer == own:
        raise Exists("that identity has an account on this node", hint="sign in to it")
    if known.name != request.name:
        raise Unfit(f"that identity is called '{known.name}' on this node")
    return known


def _account(tx: Transaction, settler: Settler, quota: int, now: int) -> AccountRow:
    """The account. One that comes back has what it had, and no less room."""
    request = settler.request
    receipt, known = receipt_of(request), check_free(tx, request, settler.peer)
    if known is None:
        id = settler.identity.id
        return AccountRow(request.name, id, request.sign_in, quota, now, receipt)
    most = max(quota, known.quota)
    return replace(known, sign_in=request.sign_in, quota=most, signed_up=receipt)


def _check_said(
    identity: IdentityChain, request: Settle, core: Core, caller: Caller, now: int
) -> None:
    """Return if whoever calls holds the daily key; raises Forged, Expired, Malformed."""
    said, key = Hello.decode(request.statement), identity.daily.encode()
    said.verify(key, request.signature, core.peer, caller.peer, caller.nonce, now)
    if (said.role, said.subject) != (Role.OWNER, identity.id):
        raise Forged("the statement is not of the one who settles in")


def _allowed(view: View, own: bytes, owner: bytes) -> int:
    """Bytes that a replica of this identity may have here, or what is left of its account.

    0 where there is neither.
    """
    account, row = view.account_of(owner), view.replica(owner, own)
    if account is not None:
        return account.quota
    return 0 if row is None else Noted.decode(row.noted).allowed


def _end_replica(tx: Transaction, owner: bytes) -> None:
    """The grant stays, against older ones; nothing is followed by it, and nothing fetched."""
    for row in [row for row in tx.replicas() if row.owner == owner]:
        tx.put_replica(replace(row, noted=replace(Noted.decode(row.noted), allowed=0).encoded))
    for space in list(tx.spaces_of(owner)):
        tx.close_session(session_of(space.key))
