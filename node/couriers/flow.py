"""How many envelopes a courier takes: by source, by next node, at once; and none of them twice.

What is counted is forgotten after a minute, and when the node stops. This machine's own
connections are a source like any other only for the node that comes next.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from crypto.hashing import sha256
from formats.errors import Denied, TooMany
from node.caller import Caller

MINUTE: Final = 60_000
OF_SOURCE: Final = 120
"""Envelopes a minute from one address (``Caller.site``)."""

FOR_NEXT: Final = 240
"""Envelopes a minute for one next node, whoever sends them."""

AT_ONCE: Final = 64
"""Envelopes that are on their way at once."""

OF_SOURCE_AT_ONCE: Final = 16
REMEMBERED: Final = 50_000
"""Envelopes that are recognised when they come again; the oldest are forgotten."""


class Flow:
    """One courier's."""

    def __init__(self) -> None:
        self._minute = -1
        self._sources: Counter[str] = Counter()
        self._nexts: Counter[bytes] = Counter()
        self._busy: Counter[str] = Counter()
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    @contextmanager
    def one(self, caller: Caller, now: int) -> Iterator[None]:
        """One more envelope of this caller is being dealt with; raises TooMany."""
        self._turn(now)
        site = caller.site
        crowded = self._busy.total() >= AT_ONCE or (site and self._busy[site] >= OF_SOURCE_AT_ONCE)
        if crowded or (site and self._sources[site] >= OF_SOURCE):
            raise TooMany("too many envelopes at once or in a minute")
        self._sources[site] += 1
        self._busy[site] += 1
        try:
            yield
        finally:
            self._busy[site] -= 1
            if not self._busy[site]:
                del self._busy[site]

    def check_next(self, peer: bytes) -> None:
        """Return if one more may go to that node in this minute; raises TooMany."""
        if self._nexts[peer] >= FOR_NEXT:
            raise TooMany("too many envelopes for that node in a minute")
        self._nexts[peer] += 1

    def check_new(self, layer: bytes) -> None:
        """Return if this was not dealt with before; raises Denied."""
        digest = sha256(layer)
        if digest in self._seen:
            raise Denied("that envelope came before")
        self._seen[digest] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def _turn(self, now: int) -> None:
        if now // MINUTE != self._minute:
            self._minute = now // MINUTE
            self._sources.clear()
            self._nexts.clear()
