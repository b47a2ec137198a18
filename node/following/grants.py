"""Taking a grant: at the home, which hands its blocks over, and at the replica that it names.

A grant that was replaced is never taken again, so its row stays when the leave is taken
back: the newest grant, of no bytes, stands against all that came before.
"""

from dataclasses import dataclass, replace
from typing import Final

from crypto.hashing import sha256
from formats.errors import BadInvite, Expired, Stale, TooMany, Unfit
from formats.handle import fingerprint
from formats.identity import IdentityChain
from formats.replica import ReplicaGrant
from formats.whereabouts import Whereabouts
from node.authorise import as_owner, as_person, denied
from node.caller import Caller
from node.following.standing import Noted, ceiling, matters
from node.records import chain, whereabouts
from protocols.replicas import MAX_REPLICAS, Give
from storage.contracts import IdentityRow, InviteRow, ReplicaRow, Transaction, View

MAX_FOLLOWED: Final = 1024
"""Accounts that one node follows."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A grant that may be taken: what is stored then, and what it was found against."""

    before: ReplicaRow | None
    row: ReplicaRow
    identity: IdentityRow | None = None
    spent: InviteRow | None = None

    @property
    def allowed(self) -> int:
        """Bytes that this node allows."""
        return Noted.decode(self.row.noted).allowed


def examine(view: View, caller: Caller, request: Give, own: bytes, now: int) -> Taken:
    """Whether a grant may be taken here; raises what ``Give`` says. Writes nothing."""
    grant = ReplicaGrant.decode(request.grant)
    if grant.home == own:
        return _at_home(view, caller, grant, now)
    if grant.peer == own:
        return _at_replica(view, grant, request, now)
    raise denied()


def carry_out(tx: Transaction, taken: Taken) -> None:
    """Take it; raises Stale when another one came first."""
    row, now = taken.row, tx.replica(taken.row.owner, taken.row.peer)
    if _grant_of(now) == row.grant and taken.spent is None:
        return  # the other node told us the same meanwhile
    if _grant_of(now) != _grant_of(taken.before):
        raise Stale("another grant came at the same time", hint="ask again how it stands")
    if taken.spent is not None:
        invite = tx.invite(taken.spent.hash)
        if invite is None or invite.used_by:
            raise _bad_invite()
        tx.put_invite(taken.spent)
    if taken.identity is not None:
        _put_newer(tx, taken.identity)
    tx.put_replica(row if now is None else replace(row, noted=_noted(now, taken)))


def _grant_of(row: ReplicaRow | None) -> bytes | None:
    return None if row is None else row.grant


def _noted(now: ReplicaRow, taken: Taken) -> bytes:
    """How the replica stands by now: it goes on following while its grant is examined."""
    if taken.spent is None:
        return now.noted
    return replace(Noted.decode(now.noted), allowed=taken.allowed).encoded


def _at_home(view: View, caller: Caller, grant: ReplicaGrant, now: int) -> Taken:
    owner = _who(view, caller, grant.id)
    grant.verify(owner)
    before = _known(view, grant)
    if before is None:
        held = sum(row.owner == grant.id and matters(row, now) for row in view.replicas())
        if grant.is_over:
            raise denied()
        if held >= MAX_REPLICAS:
            raise TooMany(f"an account has at most {MAX_REPLICAS} replicas")
    noted = b"" if before is None else before.noted
    return Taken(before, ReplicaRow(grant.id, grant.peer, grant.encoded, noted))


def _who(view: View, caller: Caller, id: bytes) -> IdentityChain:
    """The owner, whose account is here; or of whom a replica is kept, which may be followed too."""
    return as_owner(view, caller, id) if ceiling(view, id) is None else as_person(view, caller, id)


def _at_replica(view: View, grant: ReplicaGrant, request: Give, now: int) -> Taken:
    grant.verify(chain(request.chain))  # until the owner has signed, nothing is said of them
    owner = _owner(view, grant, request)
    before = _known(view, grant)
    noted = _allowance(view, grant, before)
    if grant.is_over and before is None:
        raise denied()
    spent = None if grant.is_over else _invited(view, request.invite, grant, noted, now)
    if spent is not None:
        noted = replace(noted, allowed=spent.quota)
        _check_room(view, before)
    row = ReplicaRow(grant.id, grant.peer, grant.encoded, noted.encoded)
    return Taken(before, row, _identity(view, owner, request, grant.peer, now), spent)


def _allowance(view: View, grant: ReplicaGrant, before: ReplicaRow | None) -> Noted:
    """How it stands, with what this node's owner allows so far; raises Unfit.

    An account that moved away has its room here still, and follows where it is now.
    """
    noted = Noted() if before is None else Noted.decode(before.noted)
    account, person = view.account_of(grant.id), view.identity(grant.id)
    if account is None or person is None:
        return noted
    if whereabouts(person.whereabouts).home.peer == grant.peer:
        raise Unfit("that account lives here", hint="a replica has to be on another node")
    return replace(noted, allowed=account.quota)


def _known(view: View, grant: ReplicaGrant) -> ReplicaRow | None:
    """The row that there is, if this grant may replace its own; raises Stale, Forked."""
    row = view.replica(grant.id, grant.peer)
    if row is not None:
        grant.extends(ReplicaGrant.decode(row.grant))
    return row


def _owner(view: View, grant: ReplicaGrant, request: Give) -> IdentityChain:
    """The owner as they say they are; whoever is known here already must be the same."""
    shown = chain(request.chain)
    known = view.identity(grant.id)
    if known is not None:
        pinned = chain(known.chain)
        shown.extends(grant.id, pinned.seq, pinned.head_hash)
    return shown


def _identity(
    view: View, owner: IdentityChain, request: Give, own: bytes, now: int
) -> IdentityRow | None:
    """What to keep of the owner's records: the newer ones."""
    fresh = Whereabouts.decode(request.whereabouts)
    try:
        fresh.verify(owner, now)
    except Expired:
        raise Unfit("the owner's whereabouts expired", hint="publish them again first") from None
    known = view.identity(owner.id)
    if known is not None and (
        Whereabouts.decode(known.whereabouts).seq > fresh.seq or _would_live(view, fresh, own)
    ):
        return replace(known, chain=owner.encoded)
    return IdentityRow(owner.id, owner.encoded, request.whereabouts)


def _would_live(view: View, fresh: Whereabouts, own: bytes) -> bool:
    """Whether an account that moved away would be back by this: it comes back by settling in."""
    return view.account_of(fresh.id) is not None and fresh.home.peer == own


def _put_newer(tx: Transaction, row: IdentityRow) -> None:
    """Keep what is known of the owner, unless more became known meanwhile."""
    known = tx.identity(row.id)
    if known is None or (
        len(known.chain) <= len(row.chain)
        and whereabouts(known.whereabouts).seq <= whereabouts(row.whereabouts).seq
    ):
        tx.put_identity(row)


def _invited(
    view: View, code: bytes | None, grant: ReplicaGrant, noted: Noted, now: int
) -> InviteRow | None:
    """The invite as it is spent; None where none is needed. Raises BadInvite.

    One for an account serves as well: who may live here may have a replica here first.
    """
    row, who = None if code is None else view.invite(sha256(code)), _for(grant.id)
    if noted.allowed and (code is None or (row is not None and row.used_by == who)):
        return None
    if row is None or row.used_by or now >= row.expires:
        raise _bad_invite()
    return replace(row, used_by=who)


def _for(owner: bytes) -> str:
    """How the list of invites says what one was used for."""
    return f"replica of ~{fingerprint(owner)}"


def _check_room(view: View, before: ReplicaRow | None) -> None:
    if before is None and sum(1 for _ in view.replicas()) >= MAX_FOLLOWED:
        raise TooMany("the node follows as many accounts as it can")


def _bad_invite() -> BadInvite:
    return BadInvite(
        "this node keeps no replica for this invite (any more)",
        hint="ask the node's owner: 'holdfast node replicas allow' makes one",
    )
