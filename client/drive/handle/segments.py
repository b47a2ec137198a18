"""Opened segments in memory, for all handles of a drive together: what was read or written lately.

Random reads come back to the same chunk, and a read of 64 KiB costs a segment of
256 KiB. A segment is kept under its file's label and its CID, so that what is found
is what opening that file's segment again would give. Plaintext is in here: it
belongs to one drive and goes with it.
"""

from collections import OrderedDict
from typing import Final

from formats.cid import Cid
from formats.limits import MIB

KEPT: Final = 16 * MIB
"""Bytes of opened segments that a drive keeps."""
UNSAVED: Final = 32 * MIB
"""Bytes that all handles of a drive hold unsaved in memory before they stage what they can."""

Key = tuple[bytes, Cid]


class Segments:
    """Opened segments, the least recently used forgotten first; and a count of what is unsaved."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit: Final = limit
        self._kept: Final[OrderedDict[Key, bytes]] = OrderedDict()
        self._size = 0
        self.unsaved = 0
        """Bytes in the memory of handles that are staged nowhere yet."""

    def get(self, key: Key) -> bytes | None:
        """What the segment says, if it was opened lately."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Key, opened: bytes) -> None:
        """Keep an opened segment."""
        before = self._kept.pop(key, None)
        self._size += len(opened) - len(before or b"")
        self._kept[key] = opened
        while self._size > self._limit:
            _, forgotten = self._kept.popitem(last=False)
            self._size -= len(forgotten)

    def forget(self) -> None:
        """Forget what was opened."""
        self._kept.clear()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return self._size
