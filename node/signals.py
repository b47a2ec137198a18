"""Who waits for what: in-process events, so that nobody polls.

A waiter begins to listen *before* it looks at the state, so that what changes
in between is not missed:

    with signals.listening(key) as changed:
        look at the state
        await changed.wait()
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

import trio


class Signals:
    """Events by key, kept only while somebody listens."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, dict[trio.Event, None]] = {}

    @contextmanager
    def listening(self, key: Hashable) -> Iterator[trio.Event]:
        """An event that is set when ``key`` is fired the next time."""
        event = trio.Event()
        self._waiting.setdefault(key, {})[event] = None
        try:
            yield event
        finally:
            waiting = self._waiting.get(key, {})
            waiting.pop(event, None)
            if not waiting:
                self._waiting.pop(key, None)

    def fire(self, key: Hashable) -> None:
        """Wake everybody who listens to ``key``."""
        for event in self._waiting.get(key, ()):
            event.set()

    def fire_all(self) -> None:
        """Wake everybody: something may have changed, and it is not known what."""
        for key in list(self._waiting):
            self.fire(key)

    def __len__(self) -> int:
        """How many keys are listened to."""
        return len(self._waiting)
