"""One clock for every node and person of a world.

It is trio's clock, counted from a fixed day. In a test that asks for the fixture
``moving_clock`` it runs as usual and can be moved on; waits end, proofs expire and
jobs run as if that time had passed.
"""

from typing import Final

import trio
from trio.testing import MockClock

START: Final = 1_795_000_000_000
"""When every world begins, in milliseconds since 1970 (a day in November 2026)."""


class Clock:
    """What ``node.clock`` and sessions ask. Works in worker threads too."""

    def __init__(self) -> None:
        self._clock: Final = trio.lowlevel.current_clock()
        self._zero: Final = self._clock.current_time()

    def now_ms(self) -> int:
        """Milliseconds since 1970, as this world has them."""
        return START + int((self._clock.current_time() - self._zero) * 1000)

    def move(self, seconds: float) -> None:
        """Let that much time pass at once."""
        if not isinstance(self._clock, MockClock):
            raise TypeError("ask for the fixture 'moving_clock' in a test that moves time")
        self._clock.jump(seconds)
