"""Bytes that arrived over many connections and that nobody has taken: how many there may be.

    together = Together(64 * MIB)
    share = Share(look_again, cut_off)        # one for each connection
    share.of(together)
    share.holds(unread)                       # whenever that has changed
    if share.may_read: …

Each connection may keep a little in any case, so that whoever takes what comes is served
however much the others leave lying. With more than that it is not read while there is no
room. Somebody may leave theirs there for ever, so who has waited for a while has whoever
holds the most cut off.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

LEAST: Final = 64 * 1024
"""Bytes that one connection may keep unread when there is no room: one message of Noise."""

CAREFUL: Final = 64 * 1024
"""Bytes that are read at once while more than half of the room is taken."""


class Together:
    """So many bytes of all its shares. ``most`` may be changed at any time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.used = 0
        """Bytes that are unread now."""
        self.shares: Final[set[Share]] = set()
        self.waiting: Final[OrderedDict[Share, None]] = OrderedDict()
        """Those that are not read because there is no room, in the order in which they came."""

    @property
    def is_full(self) -> bool:
        """Whether there is no room."""
        return self.used >= self.most

    @property
    def is_crowded(self) -> bool:
        """Whether half of it is taken."""
        return self.used * 2 >= self.most

    def changed(self, size: int) -> None:
        """So many bytes more are held; negative: fewer."""
        self.used += size
        if self.waiting and not self.is_full:
            share, _ = self.waiting.popitem(last=False)
            share.look_again()


class Share:
    """What one connection holds.

    ``look_again`` is called when ``may_read`` may have changed, ``cut_off`` when the
    connection is to end because others wait for its room.
    """

    def __init__(self, look_again: Callable[[], None], cut_off: Callable[[], None]) -> None:
        self.look_again: Final = look_again
        self.cut_off: Final = cut_off
        self.size = 0
        """Bytes of this connection that are unread."""
        self._together: Together | None = None

    def of(self, together: Together | None) -> None:
        """Count it there from now on, and nowhere else; None: nowhere."""
        if together is self._together:
            return
        self._leave()
        self._together = together
        if together is not None:
            together.shares.add(self)
            together.changed(self.size)

    def holds(self, size: int) -> None:
        """So much is unread now."""
        if size != self.size:
            more, self.size = size - self.size, size
            if self._together is not None:
                self._together.changed(more)

    def end(self) -> None:
        """The connection is over: nothing of it is held any more."""
        self._leave()
        self._together = None

    @property
    def may_read(self) -> bool:
        """Whether more may be read of this connection now."""
        return self._together is None or self.size <= LEAST or not self._together.is_full

    @property
    def is_careful(self) -> bool:
        """Whether only a little may be read at once."""
        return self._together is not None and self._together.is_crowded

    def make_room(self) -> None:
        """Have whoever holds the most give it back, which may be this one."""
        if self._together is not None:
            largest = max(self._together.shares, key=lambda each: each.size)
            largest.end()
            largest.cut_off()

    def wait(self) -> None:
        """Have ``look_again`` called when there is room."""
        if self._together is not None:
            self._together.waiting[self] = None

    def _leave(self) -> None:
        if self._together is not None:
            self._together.shares.discard(self)
            self._together.waiting.pop(self, None)
            self._together.changed(-self.size)
