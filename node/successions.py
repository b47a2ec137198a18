"""Other identity keys: may they follow, and putting them in force. Everything or nothing.

    examine     record, whereabouts, sign-in record and commit hold together, and follow
    carry_out   in one transaction: the identity, what signs in, every space of the commit

An account is never between two sets of keys: a home that is killed has the old or the new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from formats.cid import Cid
from formats.commit import Commit
from formats.errors import Unfit
from formats.identity import IdentityChain, IdentityRecord
from formats.sign_in import SignInRecord
from formats.whereabouts import Whereabouts
from node import commits
from node.authorise import as_owner
from node.caller import Caller
from node.commits import Conflicted, Examined, Overtaken
from protocols.accounts import Succeed
from storage.contracts import AccountRow, IdentityRow, Transaction, View


@dataclass(frozen=True, slots=True)
class Succession:
    """One that holds together; ``row`` and ``before`` are what it was examined against."""

    row: AccountRow
    before: IdentityRow
    after: IdentityRow
    examined: Examined


def examine(
    view: View,
    caller: Caller,
    row: AccountRow,
    request: Succeed,
    inline: Mapping[Cid, bytes],
    peer: bytes,
    now: int,
) -> Succession | Conflicted:
    """Verify what follows; raises Denied, Forged, Stale, Forked, Unfit, Conflict, Malformed.

    That the caller may have the sign-in record of ``row`` was checked.
    """
    known = as_owner(view, caller, row.id)
    owner = known.followed_by(IdentityRecord.decode(request.record))
    before = view.identity(row.id)
    if before is None:
        raise Unfit("the account has no identity here")
    _check_whereabouts(request, owner, before, peer, now)
    SignInRecord.decode(request.sign_in).check_replaces(SignInRecord.decode(row.sign_in))
    commit = Commit.decode(request.commit)
    _check_commit(commit, owner)
    found = commits.examine(view, caller, commit, inline, now, owner)
    if isinstance(found, Conflicted):
        return found
    after = IdentityRow(row.id, owner.encoded, request.whereabouts)
    return Succession(row, before, after, found)


def _check_whereabouts(
    request: Succeed, owner: IdentityChain, before: IdentityRow, peer: bytes, now: int
) -> None:
    fresh, stored = (Whereabouts.decode(each) for each in (request.whereabouts, before.whereabouts))
    fresh.verify(owner, now)
    fresh.extends(stored.seq, stored.hash)
    if fresh.home.peer != peer or fresh.name != request.name:
        raise Unfit("the whereabouts name another home or another name")


def _check_commit(commit: Commit, owner: IdentityChain) -> None:
    """Return if it says anew who may write to spaces of this identity, and nothing else."""
    if any(move.space is None or move.pointer.owner != owner.id for move in commit.moves):
        raise Unfit("with other keys go space records, of one's own spaces")


def carry_out(
    tx: Transaction, caller: Caller, succession: Succession, request: Succeed, now: int
) -> None:
    """Put it in force; raises Overtaken, and what storage and quota raise."""
    if tx.account(request.name) != succession.row or tx.identity(succession.row.id) != (
        succession.before
    ):
        raise Overtaken
    commits.carry_out(tx, caller, succession.examined, request.blocks, now)
    tx.put_identity(succession.after)
    tx.put_account(replace(succession.row, sign_in=request.sign_in))
