"""What was opened lately, by the sealed bytes it came from: folders come back again and again.

Keys and plaintext are in here, so it belongs to one session and is cleared with
it. A key names everything that opening depends on, so what is found is what
opening again would give.
"""

from collections import OrderedDict
from threading import Lock
from typing import Final

LIMIT: Final = 1024 * 1024
"""Sealed bytes whose opened form is kept; that takes up to eight times as much memory."""

Key = tuple[bytes, ...]


class Opened:
    """Opened things by key, the least recently used forgotten first."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit: Final = limit
        self._kept: Final[OrderedDict[Key, object]] = OrderedDict()
        self._lock: Final = Lock()  # large changes are sealed in worker threads
        self._size = 0

    def get(self, key: Key) -> object | None:
        """What was opened under this key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Key, value: object) -> None:
        """Keep it; whoever takes it must not change it."""
        with self._lock:
            if key not in self._kept:
                self._size += _weight(key)
            self._kept[key] = value
            while self._size > self._limit:
                forgotten, _ = self._kept.popitem(last=False)
                self._size -= _weight(forgotten)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._size = 0


def _weight(key: Key) -> int:
    return sum(map(len, key))
