"""How many staging sessions may be open: a row each costs nothing of a quota, and is kept for days.

Far more than anybody has who closes theirs, or whose machine breaks off now and then: one upload
has one. A guest is stopped while half of an owner's are still free, so that guests keep no
owner from writing.
"""

from typing import Final

from formats.errors import TooMany
from node.authorise import may_manage
from storage.contracts import SpaceKey, View

OF_MEMBER: Final = 512
"""Sessions of one member key in all spaces of one owner."""

OF_OWNER: Final = 4096
"""Sessions in all spaces of one owner, whoever opened them; guests have half of it."""


def check_sessions(view: View, key: SpaceKey, member: bytes) -> None:
    """Return if this member may open one more for that space; raises TooMany."""
    of_owner, of_member = view.open_sessions(key.owner, member)
    most = OF_OWNER if may_manage(view, key, member) else OF_OWNER // 2
    if of_member >= OF_MEMBER or of_owner >= most:
        raise TooMany(
            f"there are {max(of_member, of_owner)} uploads under way to this account already",
            hint="let one of them end, or wait: those that broke off go after seven days",
        )
