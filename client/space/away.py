"""Reading while the home cannot be reached: from a replica, or from what was kept of what was read.

``newest`` asks the home first. If it does not answer, its replicas are asked: they are
believed in nothing more than a home is, so what they show is of the same line and never
older than what this person has seen. If none has that, the state that was last confirmed
serves, if it is still the one that the mark remembers. Whoever reads so is told how old
it is (``listening``); what was not read before is ``NotKept``, and the rest goes on.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

import trio

from client.kept.space import State
from client.keys import Ref
from client.space.state import NeedsBase, Shown, Tip, advance
from client.space.tip_reading import TipReading
from client.space.view import SpaceView
from formats.errors import (
    Denied,
    Forged,
    HoldfastError,
    NotKept,
    ProtocolViolation,
    Stale,
    TimedOut,
    Unreachable,
    Withheld,
)
from formats.leaf import Leaf

SLOW: Final = 1.0
"""A home that took longer than this (seconds) not to answer is let be for a while."""
PAUSE: Final = 15.0
"""Seconds for which it is not asked again by somebody who can read what is kept."""


@dataclass(frozen=True, slots=True)
class Away:
    """A home that could not be reached, and how old what was read instead is.

    ``whose`` home; ``time`` of the state as its writer's clock had it, and when it was last
    ``confirmed`` to be the newest by ours, both in milliseconds since 1970. ``confirmed``
    is None where a replica showed it, which cannot know what the home has had since.
    """

    whose: str
    time: int
    confirmed: int | None


_LISTENER: Final[ContextVar[Callable[[Away], None] | None]] = ContextVar("away", default=None)


@contextmanager
def listening(tell: Callable[[Away], None]) -> Iterator[None]:
    """Within this, ``tell`` hears of each reading that is from what is kept."""
    token = _LISTENER.set(tell)
    try:
        yield
    finally:
        _LISTENER.reset(token)


async def newest(view: SpaceView, refs: Sequence[Ref] = ()) -> TipReading:
    """The newest state, from these leaves of it for a reader; else what is kept of it.

    Raises Unreachable or TimedOut when the home does not answer and nothing is kept.
    """
    began = trio.current_time()
    if began < view.silent_until:
        instead = await _elsewhere(view, refs) or await _kept(view)
        if instead is not None:
            return instead
    try:
        found = await _asked(view, refs)
        view.silent_until = began
        return found
    except (Unreachable, TimedOut):
        now = trio.current_time()
        view.silent_until = now + PAUSE if now - began > SLOW else now
        instead = await _elsewhere(view, refs) or await _kept(view)
        if instead is None:
            raise
        return instead


async def _asked(view: SpaceView, refs: Sequence[Ref]) -> TipReading:
    return await (view.refresh() if view.is_member else view.open(refs))


async def _elsewhere(view: SpaceView, refs: Sequence[Ref]) -> TipReading | None:
    """The newest state at the first replica that has one this person may go by.

    One that is behind what was seen here, or has nothing, is passed over; raises Forked for
    another history.
    """
    for replica in view.elsewhere():
        began = trio.current_time()
        if began < replica.silent_until:
            continue
        try:
            found = await _asked(replica, refs)
        except (Unreachable, TimedOut):
            now = trio.current_time()
            replica.silent_until = now + PAUSE if now - began > SLOW else now
        except (Stale, Denied, Withheld, Forged, ProtocolViolation):
            continue
        else:
            _tell(Away(replica.whose, found.tip.pointer.time, None))
            return found
    return None


def _tell(away: Away) -> None:
    tell = _LISTENER.get()
    if tell is not None:
        tell(away)


async def _kept(view: SpaceView) -> "AwayReading | None":
    state = None if view.kept is None else view.kept.state()
    tip = None if state is None else await _verified(view, state)
    if view.kept is None or state is None or tip is None:
        return None
    away = Away(view.kept.whose, tip.pointer.time, state.confirmed)
    _tell(away)
    return AwayReading(view, tip, away)


async def _verified(view: SpaceView, state: State) -> Tip | None:
    """The kept state, if it is the very one that was seen last; another one is not read."""
    for known in (view.tip, view.away):
        if known is not None and known.pointer.encoded == state.pointer:
            return known
    mark = view.marks.get(view.owner, view.space)
    if mark is None:
        return None
    shown = Shown(state.pointer, state.record)
    chain = await view.owners.chain(view.owner)
    try:
        tip = await trio.to_thread.run_sync(advance, mark, shown, chain, view.space)
    except (HoldfastError, NeedsBase):
        return None
    if tip.mark != mark:
        return None
    view.away = tip
    return tip


class AtHand(TipReading):
    """A ``Reading`` of what is here of one state, in memory or kept. Asks nobody."""

    async def leaves(self, refs: Sequence[Ref]) -> dict[bytes, Leaf]:
        """The leaves, all of which must be kept; raises NotKept."""
        await trio.lowlevel.checkpoint()
        leaves: dict[bytes, Leaf] = {}
        lacking, _ = self._kept(refs, leaves)
        if lacking:
            raise self._not_kept()
        return leaves

    async def segments(self, ref: Ref, leaf: Leaf, positions: Sequence[int]) -> list[bytes]:
        """The segments, all of which must be kept; raises NotKept."""
        wanted = [leaf.segments[position] for position in positions]
        kept = self.view.kept
        got = {} if kept is None else await kept.load_all(wanted)
        if any(cid not in got for cid in wanted):
            raise self._not_kept()
        return [got[cid] for cid in wanted]

    def _not_kept(self) -> NotKept:
        return NotKept("this was not read here yet")


class AwayReading(AtHand):
    """The same while the home cannot be reached."""

    def __init__(self, view: SpaceView, tip: Tip, away: Away) -> None:
        super().__init__(view, tip)
        self.away: Final = away

    def _not_kept(self) -> NotKept:
        return NotKept(
            f"the home of {self.away.whose} cannot be reached, and this is not kept here"
        )
