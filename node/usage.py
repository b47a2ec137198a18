"""What an account uses, as its owner and the members of its spaces are told."""

from node.ceilings import ceiling_of
from protocols.accounts import Usage
from storage.contracts import SpaceKey, View


def usage_of_guest(view: View, key: SpaceKey, member: bytes) -> Usage:
    """What is charged to a member of somebody else's space, and its ceiling; 0 if it has none."""
    row = view.space(key)
    ceiling = None if row is None else ceiling_of(row.record, member)
    return Usage(*view.charged(key, member), ceiling or 0)


def usage(view: View, owner: bytes) -> Usage:
    """Bytes stored and reserved by the spaces of an owner, and the account's limit."""
    account = view.account_of(owner)
    used, reserved = view.usage(owner)
    return Usage(used, reserved, 0 if account is None else account.quota)
