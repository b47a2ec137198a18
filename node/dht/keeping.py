"""What a node keeps for others: checked before it is taken, within bounds, for a day.

Nothing is kept that this node could not verify itself. When there is no room, what
stands farthest from this node goes first: others are asked for it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from formats.errors import Denied, TooMany
from node.dht.contact import place_of
from node.dht.rules import KEEP_SECONDS, KEPT_BYTES, KEPT_VALUES, PUTS_A_MINUTE


class Keepable(Protocol):
    """A value whose signatures hold. In a node: ``formats.published.Published``."""

    @property
    def id(self) -> bytes:
        """Whose it is."""
        ...

    @property
    def expires(self) -> int:
        """Milliseconds."""
        ...

    def check(self, key: bytes, now: int) -> None:
        """Return if it may stand under ``key`` at ``now``; raises Forged, Expired."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A value as it is kept: until when (milliseconds), and whose it is."""

    data: bytes
    id: bytes
    until: int


class Keeper:
    """The values of one node. ``decode`` raises what is wrong with a value.

    ``newer(fresh, kept)``: raises Stale, Forked or Forged if the fresh value does not
    stand in place of the kept one. ``room``: bytes of all of them.
    """

    def __init__(
        self,
        place: int,
        decode: Callable[[bytes], Keepable],
        newer: Callable[[bytes, bytes], None],
        room: int = KEPT_BYTES,
    ) -> None:
        self._place: Final = place
        self._decode = decode
        self._newer = newer
        self._room: Final = room
        self._kept: dict[bytes, Kept] = {}
        self._bytes = 0
        self._minute = -1
        self._puts: Counter[bytes] = Counter()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """Bytes of all values."""
        return self._bytes

    def get(self, key: bytes, now: int) -> bytes | None:
        """The value under a key, if it is kept and has not expired."""
        kept = self._kept.get(key)
        return kept.data if kept is not None and now < kept.until else None

    def admit(self, peer: bytes, now: int) -> None:
        """Return if that node may store one more value now; raises TooMany."""
        minute = now // 60_000
        if minute != self._minute:
            self._minute = minute
            self._puts.clear()
        self._puts[peer] += 1
        if self._puts[peer] > PUTS_A_MINUTE:
            raise TooMany("that many values a minute are not taken from one node")

    def examine(self, key: bytes, data: bytes, now: int) -> Kept:
        """The value as it may be kept: takes time, changes nothing, may run in a thread.

        Raises Malformed, Forged, Forked, Stale (older than what is kept), Expired, Denied
        (somebody else is found under that handle here).
        """
        kept = self._kept.get(key)
        until = now + KEEP_SECONDS * 1000
        if kept is not None and now < kept.until and kept.data == data:
            return Kept(data, kept.id, max(kept.until, until))
        value = self._decode(data)
        value.check(key, now)
        if kept is not None and now < kept.until:
            if kept.id != value.id:
                raise Denied("another person is kept under that handle")
            self._newer(data, kept.data)
        return Kept(data, value.id, min(until, value.expires))

    def keep(self, key: bytes, fresh: Kept, now: int) -> None:
        """Keep what was examined; raises TooMany if there is no room for what is so far away."""
        self._drop(key)
        self._kept[key] = fresh
        self._bytes += len(fresh.data)
        while len(self._kept) > KEPT_VALUES or self._bytes > self._room:
            self._drop(self._least_wanted(now))
        if key not in self._kept:
            raise TooMany("there is no room here for what belongs elsewhere")

    def expire(self, now: int) -> int:
        """Forget what has expired; returns how many there were."""
        gone = [key for key, kept in self._kept.items() if now >= kept.until]
        for key in gone:
            self._drop(key)
        return len(gone)

    def _least_wanted(self, now: int) -> bytes:
        def wanted(key: bytes) -> tuple[bool, int]:
            return now >= self._kept[key].until, place_of(key) ^ self._place

        return max(self._kept, key=wanted)

    def _drop(self, key: bytes) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= len(kept.data)
