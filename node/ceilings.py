"""How much a member may add: a ceiling of bytes in the space record, held in each transaction.

What a member's commits brought in counts as theirs until the space lets go of it; so
does what their open sessions hold. Moving something away needs a little room of its own,
since the state before is kept.
"""

from formats.errors import QuotaExceeded
from node.records import space_record
from storage.contracts import SpaceKey, Transaction


def ceiling_of(record: bytes, member: bytes) -> int | None:
    """Bytes that a member may add under this space record; None: as many as the owner has."""
    found = space_record(record).member(member)
    return None if found is None else found.quota


def check_ceiling(tx: Transaction, key: SpaceKey, member: bytes, slack: int = 0) -> None:
    """Return if the member is within its ceiling and ``slack``; raises QuotaExceeded.

    Called when everything new is counted already.
    """
    row = tx.space(key)
    ceiling = None if row is None else ceiling_of(row.record, member)
    if ceiling is not None and sum(tx.charged(key, member)) > ceiling + slack:
        raise QuotaExceeded(
            "you have added as much to this space as its owner allows",
            hint="remove something of yours, or ask the owner for more room",
        )
