"""How fast those who use a node may go: requests a second, sign-ups and bytes sent a day.

Who asks faster than they may waits for their turn; nothing is refused for it. An
address is an IPv4 address or an IPv6 /64. What is counted here is forgotten within
a minute (requests) or a day, and when the node stops.
"""

from collections import Counter, OrderedDict
from typing import Final

import trio

from formats.errors import TooMany
from node.caller import Caller
from node.counts import Counts
from node.limits import Limits

BURST: Final = 2.0
"""Seconds whose requests may come all at once."""

NOTHING: Final = 0.001
"""Seconds that are not worth a wait."""

MOST_KNOWN: Final = 20_000
"""Addresses and accounts that are remembered; the ones that asked longest ago are forgotten."""

DAY: Final = 24 * 3600 * 1000


class Pace:
    """One node's."""

    def __init__(self, counts: Counts) -> None:
        self._counts: Final = counts
        self._due: OrderedDict[str | bytes, float] = OrderedDict()
        self._day = -1
        self._sent_before = 0
        self._signed_up: Counter[str] = Counter()

    async def turn(self, caller: Caller, limits: Limits) -> None:
        """Return when the caller may ask once more."""
        wait = max((self._wait(each, limits.requests) for each in caller.shares), default=0.0)
        if wait >= NOTHING:
            self._counts.slowed["requests"] += 1
            await trio.sleep(wait)

    def check_sign_up(self, caller: Caller, limits: Limits, now: int) -> None:
        """Return if one more account may be made without an invite today; raises TooMany."""
        self._turn_day(now)
        if caller.local:
            return
        of_address = self._signed_up[caller.site] < limits.sign_ups_a_day
        if not of_address or self._signed_up.total() >= limits.sign_ups_a_day_in_all:
            raise TooMany(
                "no more accounts are made here today",
                hint="try again tomorrow, or ask the node's owner for an invite",
            )

    def signed_up(self, caller: Caller) -> None:
        """An account was made without an invite."""
        if not caller.local:
            self._signed_up[caller.site] += 1

    def check_sent(self, caller: Caller, limits: Limits, now: int) -> None:
        """Return if more may be sent today; raises TooMany."""
        self._turn_day(now)
        sent = self._counts.sent - self._sent_before
        if limits.transfer_a_day and sent >= limits.transfer_a_day and not caller.local:
            raise TooMany(
                "the node has sent as much today as its owner lets it", hint="try again tomorrow"
            )

    def _turn_day(self, now: int) -> None:
        if now // DAY != self._day:
            self._day, self._sent_before = now // DAY, self._counts.sent
            self._signed_up.clear()

    def _wait(self, who: str | bytes, rate: int) -> float:
        """Seconds until it is this one's turn, having taken it."""
        now = trio.current_time()
        due = max(self._due.pop(who, now - BURST), now - BURST) + 1 / rate
        self._due[who] = due
        if len(self._due) > MOST_KNOWN:
            self._due.popitem(last=False)
        return due - now
