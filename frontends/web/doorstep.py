"""Connections of those who have not shown that they may come in: a few, and not for long.

Anybody on this machine can connect, ask for the page, hand in a token. Who says nothing, or a
letter a second, or does not take what is sent, is let go when too many wait: the one that has
waited longest. So no number of them keeps the owner out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import trio

from formats.errors import TimedOut, TooMany

WAITING: Final = 64
"""Connections that may be on the doorstep at once."""

AT_WORK: Final = 256
"""Requests of those who have entered that may be answered at once."""


class Doorstep:
    """Counts who waits and who is being answered."""

    def __init__(self) -> None:
        self._waiting: Final[dict[object, trio.CancelScope]] = {}
        self._inside = 0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While somebody is on the doorstep; raises TimedOut when others took the place."""
        place = object()
        scope = trio.CancelScope()
        self._waiting[place] = scope
        if len(self._waiting) > WAITING:
            self._waiting.pop(next(iter(self._waiting))).cancel()
        try:
            with scope:
                yield
        finally:
            self._waiting.pop(place, None)
        if scope.cancelled_caught:
            raise TimedOut("too many connections wait here; this one did longest")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """While a request is answered; raises TooMany."""
        if self._inside >= AT_WORK:
            raise TooMany(f"{AT_WORK} requests are being answered")
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
