"""What people who live here say to everybody: kept as they signed it, one record each.

Kept as a setting, like whether they are published: a record has 48 KiB at most, and is no
part of what an account may store.
"""

from typing import Final

from formats.profile import PublicProfile
from storage.contracts import Transaction, View

_SAYS: Final = "profile "


def profile_of(view: View, id: bytes) -> PublicProfile | None:
    """What somebody says, if they ever said anything to everybody."""
    data = view.setting(_SAYS + id.hex())
    return None if data is None else PublicProfile.decode(data)


def replace_profile(tx: Transaction, id: bytes, fresh: PublicProfile) -> None:
    """Keep what was verified; raises Stale and Forked for one that is not newer."""
    before = profile_of(tx, id)
    if before is not None:
        fresh.extends(before.seq, before.hash)
    tx.put_setting(_SAYS + id.hex(), fresh.encoded)


def forget(tx: Transaction, id: bytes) -> None:
    """There is no such account any more."""
    tx.delete_setting(_SAYS + id.hex())
