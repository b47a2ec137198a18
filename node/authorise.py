"""Who may: what a connection has proven, against what is in force now.

To whoever may not, everything is one answer: ``denied()``. It is the same for what
is absent, present, retired and forbidden, and ``node/services/door.py`` gives
it after the same time.
"""

from dataclasses import dataclass

from crypto.signing import VerifyKey
from formats.errors import Denied, Expired, Forged, LivesElsewhere, WrongPassword
from formats.factors import Factors
from formats.identity import IdentityChain
from formats.sign_in import SignInRecord
from formats.space import Rights, SpaceRecord
from node.caller import Caller
from node.records import chain, space_record, whereabouts
from storage.contracts import AccountRow, SessionRow, SpaceKey, SpaceRow, View


def denied() -> Denied:
    """The one answer to whoever may not."""
    return Denied("there is nothing here for you")


@dataclass(frozen=True, slots=True)
class Standing:
    """A space, and the caller's member keys that its record lists now."""

    row: SpaceRow
    record: SpaceRecord
    members: frozenset[bytes]


def standing(view: View, caller: Caller, key: SpaceKey) -> Standing | None:
    """How the caller stands to a space; None when there is no such space."""
    row = view.space(key)
    if row is None:
        return None
    record = space_record(row.record)
    proven = caller.proven_members(key)
    listed = frozenset(digest for digest in proven if record.member(digest) is not None)
    return Standing(row, record, listed)


def as_member(view: View, caller: Caller, key: SpaceKey) -> Standing:
    """The space, for one of its members; raises Denied for anybody else."""
    found = standing(view, caller, key)
    if found is None or not found.members:
        raise denied()
    return found


def as_writer(view: View, caller: Caller, key: SpaceKey) -> tuple[Standing, bytes]:
    """The space and a member key of the caller's that may write; raises Denied."""
    found = as_member(view, caller, key)
    check_home(view, key.owner)
    for digest in sorted(found.members):
        member = found.record.member(digest)
        if member is not None and member.rights & Rights.WRITE:
            return found, digest
    raise denied()


def sources(view: View, caller: Caller, key: SpaceKey) -> tuple[SpaceKey, ...]:
    """The other spaces of the same owner in which the caller may write: a commit may name theirs.

    Whoever writes there can read there, so what they hold is nothing new to them.
    """
    others = {other for other, _ in caller.members if other.owner == key.owner and other != key}
    return tuple(other for other in sorted(others, key=_by_space) if _writes(view, caller, other))


def _by_space(key: SpaceKey) -> bytes:
    return key.space


def _writes(view: View, caller: Caller, key: SpaceKey) -> bool:
    found = standing(view, caller, key)
    if found is None:
        return False
    members = (found.record.member(digest) for digest in found.members)
    return any(member is not None and member.rights & Rights.WRITE for member in members)


def check_home(view: View, owner: bytes) -> None:
    """Return if the owner's account is here: nothing is written at a replica. Raises Denied."""
    if view.account_of(owner) is None:
        raise denied()


def check_lives(view: View, owner: bytes, own: bytes) -> None:
    """Return if this node is the home that the owner names now; raises LivesElsewhere.

    Only for whoever may write there: to others, what they asked for is denied before.
    """
    if not is_home(view, owner, own):
        raise LivesElsewhere("the account has moved to another home")


def is_home(view: View, owner: bytes, own: bytes) -> bool:
    """Whether the newest whereabouts that are known of the owner name this node as the home."""
    row = view.identity(owner)
    return row is not None and whereabouts(row.whereabouts).home.peer == own


def as_owner(view: View, caller: Caller, id: bytes) -> IdentityChain:
    """The identity of an account here, for who proved its present daily key; raises Denied."""
    check_home(view, id)
    return as_person(view, caller, id)


def own_account(view: View, caller: Caller, id: bytes) -> AccountRow:
    """The account itself, for its owner; raises Denied."""
    as_owner(view, caller, id)
    row = view.account_of(id)
    if row is None:
        raise denied()
    return row


def as_person(view: View, caller: Caller, id: bytes) -> IdentityChain:
    """The same for an identity that is known here, also where only a replica is kept."""
    known = person(view, caller, id)
    if known is None:
        raise denied()
    return known


def person(view: View, caller: Caller, id: bytes) -> IdentityChain | None:
    """The same; None for who did not prove that they are that person."""
    row = view.identity(id)
    known = None if row is None else chain(row.chain)
    return known if known is not None and (id, known.daily.digest()) in caller.owners else None


def as_signed_in(record: SignInRecord, caller: Caller) -> None:
    """Return if the caller proved the present sign-in key of this record; raises WrongPassword."""
    if (record.name, record.sign_in.digest()) not in caller.sign_ins:
        raise wrong_password()


def is_let_in(record: SignInRecord, factors: Factors, caller: Caller) -> bool:
    """Whether the caller proved the password and showed a factor, if the account has one.

    Raises WrongPassword where not even the password was proven.
    """
    as_signed_in(record, caller)
    return not factors.asked or (record.name, record.sign_in.digest()) in caller.passed


def wrong_password() -> WrongPassword:
    """The one answer to a wrong password and an unknown name."""
    return WrongPassword("the name and the password do not fit together")


def as_session(view: View, caller: Caller, session: bytes, now: int) -> SessionRow:
    """An open staging session of the caller's, who is still a member; raises Expired."""
    row = view.session(session)
    if row is None or now >= row.expires:
        raise no_session()
    if not _uses(view, caller, row):
        raise no_session()
    return row


def _uses(view: View, caller: Caller, row: SessionRow) -> bool:
    """Whether the caller proved a member key that may use a session."""
    found = standing(view, caller, row.key)
    return found is not None and any(
        may_use(found.record, row.member, each) for each in found.members
    )


def may_use(record: SpaceRecord, opened_by: bytes, member: bytes) -> bool:
    """Whether a member may use a session that another one opened: of one person they may.

    A person's machines have a member key each, which the right MEMBERS tells from a guest's. Both
    have to be members still, and may write.
    """
    opener, user = record.member(opened_by), record.member(member)
    if opener is None or user is None or not opener.rights & user.rights & Rights.WRITE:
        return False
    return opener == user or bool(opener.rights & user.rights & Rights.MEMBERS)


def is_own_session(view: View, caller: Caller, row: SessionRow) -> bool:
    """Whether a session is the caller's to close, also when they may not write any more."""
    return (row.key, row.member) in caller.members or _uses(view, caller, row)


def may_manage(view: View, key: SpaceKey, member: bytes) -> bool:
    """Whether a member of a space may change its members: its owner's own keys may."""
    row = view.space(key)
    found = None if row is None else space_record(row.record).member(member)
    return found is not None and bool(found.rights & Rights.MEMBERS)


def no_session() -> Expired:
    """The one answer to a session that is over, somebody else's, or was never opened."""
    return Expired("the staging session is over", hint="open a new one and stage again")


def check_daily(known: IdentityChain | None, key: VerifyKey) -> None:
    """Return if ``key`` is the daily key of an identity known here; raises Forged."""
    if known is None or known.daily != key:
        raise Forged("the key is not that identity's")
