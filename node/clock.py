"""What time it is, handed in: the real clock in a daemon, any other in a test.

Waiting is trio's affair (its own clock can be virtual too); this one only
says what records, sessions and proofs are compared with.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """The time of this node."""

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, as the machine has them."""
        return time.time_ns() // 1_000_000
