"""Accounts, what they use, and what waits for them."""

from collections import Counter
from itertools import chain
from typing import Final

from formats.drop import check_sealed
from formats.errors import Expired, Forged, HoldfastError, Stale
from formats.identity import IdentityChain
from formats.sign_in import SignInRecord
from formats.whereabouts import Whereabouts
from node.checking.findings import Finding, Findings, Wrong
from node.checking.pace import Pace
from node.factors import of_account
from storage.contracts import AccountRow, View

PAGE: Final = 64
"""Messages read at once."""


def check_accounts(view: View, found: Findings, pace: Pace) -> None:
    """Every account has an identity whose records hold, and a sign-in record of its own."""
    for row in view.accounts():
        pace.step()
        try:
            _check_account(view, row)
        except HoldfastError as error:
            found.add(Finding(Wrong.RECORD, error.message, row.id))


def _check_account(view: View, row: AccountRow) -> None:
    sign_in = SignInRecord.decode(row.sign_in)
    if (sign_in.name, sign_in.id) != (row.name, row.id):
        raise Forged("sign-in record: it is of another account")
    of_account(row)
    identity = view.identity(row.id)
    if identity is None:
        raise Forged("the account has no identity")
    owner = IdentityChain.decode(identity.chain)
    if owner.id != row.id:
        raise Forged("identity chain: it is another identity's")
    try:
        Whereabouts.decode(identity.whereabouts).verify(owner, 0)
    except (Expired, Stale):
        return  # the person publishes them again when they are here


def check_sums(view: View, found: Findings, pace: Pace) -> None:
    """Used and reserved of every owner are what their spaces and sessions add up to."""
    used: Counter[bytes] = Counter()
    reserved: Counter[bytes] = Counter()
    for space in view.spaces():
        pace.step()
        used[space.key.owner] += space.used
    for session in view.sessions():
        size = 0
        for each in view.staged_in(session.session):
            pace.step()
            size += each.size
        reserved[session.key.owner] += session.reserved
        if size != session.reserved:
            said = f"a session has {session.reserved} bytes reserved, and its blocks have {size}"
            found.add(Finding(Wrong.SUM, said, session.key.owner, session.key))
    accounts = (row.id for row in view.accounts())
    for owner in dict.fromkeys(chain(used, reserved, accounts)):
        if view.usage(owner) != (used[owner], reserved[owner]):
            said = f"usage says {view.usage(owner)}, and it is {(used[owner], reserved[owner])}"
            found.add(Finding(Wrong.SUM, said, owner))


def check_inboxes(view: View, found: Findings, pace: Pace) -> None:
    """Every message has its size, and every inbox counts its own."""
    for target in view.inboxes():
        count = size = after = 0
        while page := view.messages(target, after, PAGE):
            for row in page:
                pace.step()
                count, size, after = count + 1, size + len(row.sealed), row.seq
                try:
                    check_sealed(row.sealed)
                except HoldfastError as error:
                    found.add(Finding(Wrong.SHAPE, f"message {row.seq}: {error.message}", target))
        if view.inbox_size(target) != (count, size):
            said = f"the inbox says {view.inbox_size(target)}, and holds {(count, size)}"
            found.add(Finding(Wrong.SUM, said, target))
