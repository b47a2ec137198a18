"""A home that shows the past: what it has, and going on from there if the owner says so.

A home that was restored from a backup is older than what was seen of it. So is one
that rolls people back: nobody can tell the two apart but the owner, who knows
whether there was a restore. So every reading refuses, until the owner has been
shown what the home has and signs it: a space record of a later epoch that names
that very state (``formats.space``). From then on everybody follows who saw less.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import trio

from client.home import Connected
from client.marks import Mark
from client.space.state import NeedsBase, Tip, advance
from client.space.view import SpaceView, shown
from crypto.signing import SigningKey
from formats.commit import Commit, Move
from formats.errors import Conflict, Forked, Internal, Stale
from formats.identity import IdentityChain
from formats.pointer import Pointer
from formats.space import Member, SpaceRecord
from protocols import pointers as p

CODE: Final = 8
"""Bytes of a state's hash in the code by which a person says which one they were shown."""


class Verdict(StrEnum):
    """What a home has, compared with what was seen."""

    FITS = "fits"
    OLDER = "older"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a home has now, verified by itself; and what had been seen, if anything was.

    ``newer``: the state that had been seen, where it is still known here.
    """

    verdict: Verdict
    home: Tip
    seen: Mark | None
    newer: Tip | None

    @property
    def code(self) -> str:
        """Names the home's state: its number, and some of its hash."""
        pointer = self.home.pointer
        return f"{pointer.seq}-{pointer.hash[:CODE].hex()}"

    @property
    def members(self) -> tuple[Member, ...]:
        """The members from now on: the newest that are known."""
        return (self.newer or self.home).record.members

    @property
    def is_members_unsure(self) -> bool:
        """Whether members were changed after what the home has, and nobody here knows how."""
        later = self.seen is not None and self.seen.epoch > self.home.record.epoch
        return later and self.newer is None


async def look(view: SpaceView) -> Situation:
    """What the home has of this own space, whatever was seen; raises Forged, Unreachable.

    Changes nothing: neither the mark nor what is read.
    """
    mark = view.marks.get(view.owner, view.space)
    state = await view.resolve(None if mark is None else mark.seq)
    chain = await view.owners.chain(view.owner)
    home = await trio.to_thread.run_sync(advance, None, state, chain, view.space)
    verdict = Verdict.FITS
    try:
        await trio.to_thread.run_sync(advance, mark, state, chain, view.space)
    except NeedsBase:
        pass  # the owner said so already
    except Stale:
        verdict = Verdict.OLDER
    except Forked:
        verdict = Verdict.OTHER
    return Situation(verdict, home, mark, _newer(view, mark))


def _newer(view: SpaceView, mark: Mark | None) -> Tip | None:
    known = view.tip
    return known if known is not None and known.mark == mark else None


async def set_back(
    view: SpaceView,
    situation: Situation,
    chain: IdentityChain,
    member: SigningKey,
    daily: SigningKey,
    now: int,
    unseen: int = 0,
) -> Tip:
    """Sign that the space goes on from what the home has, and tell the home.

    What had been seen beyond it is given up; ``unseen``: also by others, who may have seen
    so many epochs more than was seen here. Raises Conflict if the home has another
    state by now.
    """
    tip = await trio.to_thread.run_sync(_signed, situation, chain, member, daily, now, unseen)
    request = p.Move(Commit((Move(tip.pointer, tip.record),)).encoded, ())

    async def ask(connected: Connected) -> p.Committed | p.Conflict:
        return await connected.doors.pointers.move(request)

    answer = await view.line.call(ask)
    if isinstance(answer, p.Conflict):
        current = [shown(each).pointer for each in answer.current]
        if current != [tip.pointer.encoded]:  # else our own answer was lost
            raise Conflict("the home has another state by now", hint="look at it again")
    return view.adopt(tip)


def _signed(
    situation: Situation,
    chain: IdentityChain,
    member: SigningKey,
    daily: SigningKey,
    now: int,
    unseen: int,
) -> Tip:
    home = situation.home
    at, skip = home.pointer, home.spine.skip_hash()
    if skip is None:
        raise Internal("the home's state came without its ancestors")
    seen = home.record.epoch if situation.seen is None else situation.seen.epoch
    above = max(home.record.epoch, seen) + unseen
    record = SpaceRecord.setting_back(
        home.record, at.seq, at.hash, above, chain, situation.members, daily
    )
    pointer = Pointer.following(at, skip, record, at.root, now, member)
    return Tip(pointer, record, home.spine.then(pointer.seq, pointer.hash), situation.seen)
