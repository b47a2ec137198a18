"""Turns: so many a second for each, so many for all together, and nobody waits behind a crowd.

    turns = Turns(each=100, together=300)
    await turns.wait("192.0.2.7")             # returns when it is this one's turn

Of each, one at a time stands in the common line, so one that asks a thousand times
delays another by one turn. Whoever has to wait is to be left unread meanwhile: then
asking faster costs nobody anything but the one who asks.
"""

from collections import OrderedDict
from typing import Final

import trio

BURST: Final = 2.0
"""Seconds whose turns may be taken all at once."""

MOST_KNOWN: Final = 20_000
"""Those that are remembered; who asked longest ago is forgotten."""


class Turns:
    """``each``, ``together``: turns a second."""

    def __init__(self, each: float, together: float) -> None:
        self._each = each
        self._common: Final = _Lane(together)
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()

    def renew(self, each: float, together: float) -> None:
        """So many a second from now on."""
        self._each, self._common.rate = each, together
        for lane in self._lanes.values():
            lane.rate = each

    async def wait(self, who: str, takes: int = 1) -> None:
        """Return when it is the turn of ``who``; "" is nobody in particular and never waits.

        ``takes``: turns that it takes at once, for what costs more.
        """
        await trio.lowlevel.checkpoint()
        if not who:
            return
        lane = self._lanes.pop(who, None) or _Lane(self._each)
        self._lanes[who] = lane
        if len(self._lanes) > MOST_KNOWN:
            self._lanes.popitem(last=False)
        async with lane.lock:
            await trio.sleep(lane.taken(takes))
            async with self._common.lock:
                await trio.sleep(self._common.taken(takes))


class _Lane:
    """Those who wait for the same, one after the other."""

    __slots__ = ("_due", "lock", "rate")

    def __init__(self, rate: float) -> None:
        self.lock = trio.Lock()
        self.rate = rate
        self._due = trio.current_time() - BURST

    def taken(self, many: int) -> float:
        """Take the next turns; the seconds until they have come."""
        now = trio.current_time()
        self._due = max(self._due, now - BURST) + many / self.rate
        return max(0.0, self._due - now)
