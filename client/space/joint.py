"""One commit of two spaces of one home: both are at their new states, or neither is.

Each space has a turn; who wants both takes the first one's first. On a conflict of either
the newer states of both are verified, and the operation runs again. If an answer is lost,
the states of the home say what became of it, as for a commit of one.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio

from client.home import Connected
from client.space.committer import FOLLOW, MAX_REPLAYS, OwnSpace
from client.space.draft import Draft
from client.space.overlay import Overlay
from client.space.staging import needs_home
from formats.commit import Commit
from formats.errors import Conflict, Forked, HoldfastError, Unreachable
from formats.space import SpaceRecord
from protocols import pointers as p

T = TypeVar("T")

JointOperation = Callable[[Overlay, Overlay, SpaceRecord], Awaitable[T]]
"""Notes changes in both spaces; it is told the record in force in the second one."""


async def commit_both(first: OwnSpace, second: OwnSpace, operation: JointOperation[T]) -> T:
    """Run an operation until what it noted is committed in both spaces, together.

    Both lines lead to one home, and the first has proven the members of both.
    """
    try:
        async with first.turn, second.turn:
            return await _commit(first, second, operation)
    except Unreachable as error:
        raise needs_home(error) from error


async def _commit(first: OwnSpace, second: OwnSpace, operation: JointOperation[T]) -> T:
    for attempt in range(MAX_REPLAYS):
        one, two = await first.start(attempt), await second.start(attempt)
        here, there = Overlay(one), Overlay(two)
        try:
            result = await operation(here, there, two.tip.record)
        except HoldfastError:
            if attempt == 0 and (await first.was_old(one) or await second.was_old(two)):
                continue
            raise
        drafts = [
            (space, await space.draft(tip, overlay))
            for space, tip, overlay in ((first, one.tip, here), (second, two.tip, there))
            if not overlay.is_empty
        ]
        if not drafts or await _send(first, here.session or there.session, drafts):
            return result
    raise Conflict("others kept changing the same spaces; nothing was changed by this")


async def _send(
    first: OwnSpace, session: bytes | None, drafts: list[tuple[OwnSpace, Draft]]
) -> bool:
    made = [block for _, draft in drafts for block in draft.made]
    session, blocks = await first.ahead(session, made)
    commit = Commit(tuple(draft.move for _, draft in drafts), session)
    with trio.CancelScope(shield=True, deadline=trio.current_time() + FOLLOW):
        return await _move(first, p.Move(commit.encoded, tuple(blocks)), drafts)
    raise Unreachable("the home did not say whether the change was committed")


async def _move(first: OwnSpace, move: p.Move, drafts: list[tuple[OwnSpace, Draft]]) -> bool:
    async def ask(connected: Connected) -> p.Committed | p.Conflict:
        return await connected.doors.pointers.move(move)

    answer = await first.view.line.call(ask)
    for space, draft in drafts:
        if isinstance(answer, p.Conflict) or space.view.tip is not draft.tip:
            newest = await space.view.newest()
            there = newest.tip.pointer.seq >= draft.pointer.seq and await space.is_in(draft.pointer)
            if not there and isinstance(answer, p.Conflict):
                return False  # all or nothing: if one is not in, none is
            if not there:
                raise Forked("the home took a change, and showed a history without it")
    for space, draft in drafts:
        space.took(draft)
    return True
