"""Which readers may still see an old state, so that a pack one of them needs is not removed."""

from threading import Lock


class Snapshots:
    """Numbers the states of the store and knows the oldest one in use. For any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._state = 0
        self._ticket = 0
        self._readers: dict[int, int] = {}

    def enter(self) -> int:
        """Call before a reader begins; returns its ticket."""
        with self._lock:
            self._ticket += 1
            self._readers[self._ticket] = self._state
            return self._ticket

    def leave(self, ticket: int) -> None:
        """The reader is done."""
        with self._lock:
            del self._readers[ticket]

    def advance(self) -> int:
        """Call after a commit; returns the number of the state that it made."""
        with self._lock:
            self._state += 1
            return self._state

    def over(self, state: int) -> bool:
        """Whether every reader that is left began in ``state`` or later."""
        with self._lock:
            return all(began >= state for began in self._readers.values())
