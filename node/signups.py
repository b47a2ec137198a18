"""Sign-up: may this account be made, and making it. Everything or nothing.

    examine     identity, whereabouts, sign-in record, space and pointer hold together
    carry_out   in one transaction: leave to sign up, nothing of it taken, first root admitted

Examining keeps no writer waiting; what it found does not depend on the store.
"""

from dataclasses import dataclass, replace
from typing import Final

from crypto.hashing import sha256
from formats.commit import Move
from formats.errors import BadInvite, Exists, Unfit
from formats.identity import IdentityChain
from formats.names import check_account_name
from formats.pointer import Pointer
from formats.sign_in import SignInRecord
from formats.space import SpaceRecord
from formats.whereabouts import Whereabouts
from node.caller import Caller
from node.commits import Step, check_first, key_of, open_own_session, place
from node.config import Config, SignUps
from node.room import check_room
from protocols.accounts import SignUp
from storage.contracts import AccountRow, IdentityRow, InviteRow, Transaction, View

_RECEIPT: Final = b"holdfast/1/sign-up\0"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A sign-up that holds together."""

    request: SignUp
    receipt: bytes
    identity: IdentityRow
    step: Step


def receipt_of(request: SignUp) -> bytes:
    """What is kept of a request to know it again: a hash of its nonce and all that it says."""
    parts = (
        request.nonce,
        request.name.encode(),
        request.identity,
        request.whereabouts,
        request.sign_in,
        request.space,
        request.pointer,
    )
    return sha256(_RECEIPT + b"".join(map(sha256, parts)))


def examine(request: SignUp, peer: bytes, now: int) -> Newcomer:
    """Verify what a newcomer brings; raises Malformed, Forged, Stale, Expired, Unfit, BadName."""
    name = check_account_name(request.name)
    identity = IdentityChain.decode((request.identity,))
    whereabouts = Whereabouts.decode(request.whereabouts)
    whereabouts.verify(identity, now)
    if whereabouts.home.peer != peer or whereabouts.name != name:
        raise Unfit("the whereabouts name another home or another name")
    sign_in = SignInRecord.decode(request.sign_in)
    if (sign_in.name, sign_in.id, sign_in.seq) != (name, identity.id, 0):
        raise Unfit("the sign-in record is of another account")
    move = Move(Pointer.decode(request.pointer), SpaceRecord.decode(request.space))
    check_first(identity, move)
    row = IdentityRow(identity.id, identity.encoded, request.whereabouts)
    step = Step(key_of(move.pointer), move, None, identity.encoded)
    return Newcomer(request, receipt_of(request), row, step)


def check_leave(view: View, config: Config, caller: Caller, invite: bytes | None, now: int) -> int:
    """The quota of the account that this caller may make now; raises BadInvite."""
    if config.sign_up is SignUps.CLOSED:
        raise BadInvite("this node takes no new accounts", hint="choose another node")
    if invite is not None:
        return _invited(view, invite, now).quota
    first = caller.local and next(view.accounts(), None) is None
    if not first and config.sign_up is not SignUps.OPEN:
        raise BadInvite("this node needs an invite to make an account")
    return config.default_quota


def check_free(view: View, name: str) -> None:
    """Return if the account name is free; raises Exists."""
    if view.account(name) is not None:
        raise Exists("that account name is taken on this node", hint="choose another name")


def repeats(view: View, request: SignUp) -> bool:
    """Whether this very request was carried out, and is asked again since its answer was lost."""
    account = view.account(request.name)
    return account is not None and account.signed_up == receipt_of(request)


def carry_out(tx: Transaction, newcomer: Newcomer, quota: int, now: int) -> None:
    """Make the account, its identity and its first space."""
    request, key = newcomer.request, newcomer.step.key
    check_free(tx, request.name)
    if tx.account_of(key.owner) or tx.identity(key.owner) or tx.space(key):
        raise Exists("that identity has an account on this node", hint="sign in to it")
    receipt = newcomer.receipt
    tx.put_account(AccountRow(request.name, key.owner, request.sign_in, quota, now, receipt))
    tx.put_identity(newcomer.identity)
    session = open_own_session(tx, key, newcomer.step.move.pointer.member, now)
    for block in request.blocks:
        tx.stage(session, block)
    place(tx, newcomer.step, session, now)
    tx.close_session(session)
    check_room(tx, key.owner)
    if request.invite is not None:
        spend(tx, request.invite, request.name, now)


def spend(tx: Transaction, code: bytes, name: str, now: int) -> None:
    """An account of this name is what the invite was good for; raises BadInvite."""
    tx.put_invite(replace(_invited(tx, code, now), used_by=name))


def _invited(view: View, code: bytes, now: int) -> InviteRow:
    row = view.invite(sha256(code))
    if row is None or row.used_by or now >= row.expires:
        raise BadInvite("this node does not take this invite (any more)")
    if row.replica:
        raise BadInvite(
            "this invite is for a replica, not for an account",
            hint="use it where your account is: 'holdfast replicas add INVITE'",
        )
    return row
