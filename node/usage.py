"""What an account uses, as its owner and the members of its spaces are told."""

from protocols.accounts import Usage
from storage.contracts import View


def usage(view: View, owner: bytes) -> Usage:
    """Bytes stored and reserved by the spaces of an owner, and the account's limit."""
    account = view.account_of(owner)
    used, reserved = view.usage(owner)
    return Usage(used, reserved, 0 if account is None else account.quota)
