"""A space that its owner brings by hand: out of a file, when there is no home to follow.

Only to where a replica of it is kept: then whoever runs the node allowed the bytes, and whoever
brings showed the key that granted it. What comes is staged, and taken when it is whole, by the
rules that hold for what is followed: nothing of it is believed.
"""

from collections.abc import Sequence
from typing import Final

from formats.cid import Cid
from formats.errors import MissingBlock
from formats.identity import IdentityChain
from node.authorise import as_person, denied, is_home
from node.caller import Caller
from node.core import Core
from node.following.bringing import bring
from node.following.pulling import session_of
from node.following.standing import is_over
from protocols import replicas as r
from storage.contracts import SpaceKey, View


class More(Exception):
    """The records that were brought do not reach far enough down: those below a number are next."""

    def __init__(self, below: int) -> None:
        super().__init__(below)
        self.below: Final = below


def check(view: View, caller: Caller, owner: bytes, own: bytes) -> IdentityChain:
    """The owner, if it is they who call and a replica of theirs may be kept here; raises Denied."""
    known, row = as_person(view, caller, owner), view.replica(owner, own)
    lives = view.account_of(owner) is not None and is_home(view, owner, own)
    if lives or row is None or is_over(row):
        raise denied()
    return known


def needed(view: View, key: SpaceKey, cids: Sequence[Cid]) -> tuple[Cid, ...]:
    """Which of these are neither held by the space nor brought already."""
    session = session_of(key)
    return tuple(
        cid
        for cid in dict.fromkeys(cids)
        if not view.references(key, cid) and not view.is_staged(session, cid)
    )


async def arrive(core: Core, owner: IdentityChain, request: r.Arrive) -> int | None:
    """Take the state, or say below which number records are wanted first.

    Raises MissingBlock for what was not brought, and what ``bring`` raises.
    """
    key = SpaceKey(request.owner, request.space)
    try:
        await bring(core, Brought(request), owner, key)
    except More as more:
        return more.below
    return None


class Brought:
    """``node.following.handing.Hands`` over one request: what is not in it is not there."""

    def __init__(self, request: r.Arrive) -> None:
        self._request: Final = request

    async def line(self, request: r.AskLine) -> r.Line:
        """The state, and the records that came with it; raises More for others."""
        if request.below is not None:
            raise More(request.below)
        return r.Line(self._request.pointer, self._request.record, self._request.bodies)

    async def fetch(self, request: r.Fetch) -> r.Fetched:
        """Blocks were to be brought before: raises MissingBlock."""
        raise MissingBlock.of(request.cids[0])
