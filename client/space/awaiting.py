"""Waiting until a space has changed, whoever changed it: asked of its home, and verified."""

from typing import Final

import trio

from client.home import Connected
from client.space.state import Tip
from client.space.view import SpaceView, shown
from protocols.pointers import Resolved, Watch

WAIT: Final = 20_000
"""Milliseconds that the home may wait with one answer: well below what a call may take."""

APART: Final = 1.0
"""Seconds from one question to the next: a home that answers at once, again and again, that nothing
has changed keeps nobody busy."""


async def next_tip(view: SpaceView, seen: Tip) -> Tip:
    """The newest state of an own space, once it is another than the one that was ``seen``.

    Returns at once if it is. Raises what asking and verifying raise, ``Unreachable`` among them.
    """
    while view.tip is None or view.tip.order == seen.order:
        again = trio.current_time() + APART
        newest = await _asked(view)
        if newest.order != seen.order:
            return newest
        await trio.sleep_until(again)
    return view.tip


async def _asked(view: SpaceView) -> Tip:
    """The state after the newest one that was seen here, or that one again after a while."""
    mark = view.marks.get(view.owner, view.space)
    since = 0 if mark is None else mark.seq

    async def ask(connected: Connected) -> Resolved:
        return await connected.doors.pointers.watch(Watch(view.owner, view.space, since, WAIT))

    return await view.accept(shown(await view.line.call(ask)), since)
