"""What all connections of a node share: its limits, room for bytes, and the turns of strangers."""

from typing import Final

import trio

from node.caller import Caller
from node.counts import Counts
from node.transport.costs import Limits
from node.transport.room import Room
from node.transport.served import knows
from node.transport.turns import Turns

MOST_SHARED: Final = 4096
"""Addresses and accounts whose room is kept; those that hold none are forgotten first."""


class Shared:
    """Of one node."""

    def __init__(self, limits: Limits, counts: Counts) -> None:
        self.limits = limits
        self.counts: Final = counts
        self.strangers_heads: Final = trio.Lock()
        """Held while a long head of a stranger is read."""
        self.strangers_turns: Final = Turns(limits.stranger_turns, limits.strangers_turns)
        """What strangers ask for takes turns."""
        self._requests: Final = {knows: Room(0) for knows in (True, False)}
        self._answers: Final = {knows: Room(0) for knows in (True, False)}
        self._requests_of: Final[dict[str | bytes, Room]] = {}
        self._answers_of: Final[dict[str | bytes, Room]] = {}
        self.renew(limits)

    def renew(self, limits: Limits) -> None:
        """Go by these from now on; what is held stays held."""
        self.limits = limits
        self.strangers_turns.renew(limits.stranger_turns, limits.strangers_turns)
        self._requests[True].resize(limits.known_in)
        self._requests[False].resize(limits.strangers_in)
        self._answers[True].resize(limits.answers)
        self._answers[False].resize(limits.strangers_answers)
        for room in self._requests_of.values():
            room.resize(limits.bytes_shared)

    def count_sent(self, size: int) -> None:
        """So many bytes went out."""
        self.counts.sent += size

    def rooms_for(self, caller: Caller) -> list[Room]:
        """Room for requests: of the address, of the account, of all such callers."""
        shared, most = self._requests_of, self.limits.bytes_shared
        rooms = [_room_of(shared, each, most) for each in caller.shares]
        return [*rooms, self._requests[knows(caller)]]

    def rooms_for_answers(self, caller: Caller) -> list[Room]:
        """Room for large answers: of the address, of the account, of all such callers."""
        shared, most = self._answers_of, self.limits.answers_shared
        rooms = [_room_of(shared, each, most) for each in caller.shares]
        return [*rooms, self._answers[knows(caller)]]

    def patience(self) -> float:
        """Seconds that a write of a MiB may take now."""
        crowded = any(room.crowded for room in self._answers.values())
        return self.limits.stall_crowded if crowded else self.limits.stall_seconds


class Held:
    """Room that one request holds, or its answer."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._rooms: list[Room] = []

    async def take(self, room: Room) -> None:
        """Wait for room there as well."""
        await room.take(self._size)
        self._rooms.append(room)

    def shrink(self, size: int) -> None:
        """Give back what it does not need after all."""
        for room in self._rooms:
            room.give(self._size - size)
        self._size = size

    def give(self) -> None:
        """Give all of it back; again: nothing more."""
        while self._rooms:
            self._rooms.pop().give(self._size)


def _room_of(shared: dict[str | bytes, Room], who: str | bytes, most: int) -> Room:
    if len(shared) > MOST_SHARED:
        for key in [key for key, room in shared.items() if not room.used]:
            del shared[key]
    return shared.setdefault(who, Room(most))
