"""How fast a check goes, how far it is, and stopping it from another thread.

A check runs in one of the threads that read. It rests as long as it has worked, in
short turns, so that requests are answered in between.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Final

TURN: Final = 0.01
"""Seconds of work between two rests."""

LOOK: Final = 32
"""Steps between two looks at the clock."""


class Stopped(Exception):
    """Whoever asked for the check is gone."""


@dataclass(slots=True)
class Pace:
    """Called once a step. ``share``: the part of the time spent working; 1 never rests."""

    share: float = 0.5
    blocks: int = 0
    bytes: int = 0
    stop: Event = field(default_factory=Event)
    clock: Callable[[], float] = time.monotonic
    rest: Callable[[float], None] = time.sleep
    _began: float | None = None

    def step(self, size: int = 0) -> None:
        """One block was looked at, ``size`` bytes of it were hashed; raises Stopped."""
        self.blocks += 1
        self.bytes += size
        if self.blocks % LOOK == 0 or size:
            self._look()

    def _look(self) -> None:
        if self.stop.is_set():
            raise Stopped
        now = self.clock()
        if self._began is None:
            self._began = now
        worked = now - self._began
        if worked < TURN:
            return
        if self.share < 1:
            self.rest(worked * (1 - self.share) / self.share)
        self._began = self.clock()
