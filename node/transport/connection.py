"""One connection that is served: who calls, the doors they have, and what all its streams share."""

from collections.abc import Iterable, Iterator
from typing import Final

import trio

from node.caller import Caller
from node.transport.room import Room
from node.transport.served import Served, knows
from node.transport.shared import Held, Shared
from protocols.services import Doors

SMALL: Final = 64 * 1024
"""Up to this size a request takes no room of the node's: so no caller can shut out another."""


class CutOff(Exception):
    """The connection is to be closed; the text is a word for the log."""


class Connection:
    """What the streams of one connection share. ``shared``: what all connections do."""

    def __init__(self, shared: Shared, caller: Caller, doors: Doors, served: Served) -> None:
        self.shared: Final = shared
        self.limits: Final = shared.limits
        self.caller: Final = caller
        self.doors: Final = doors
        self.served: Final = served
        self.large: Final = trio.CapacityLimiter(self.limits.large_answers)
        """Large answers that are being made or written."""
        self._room = Room(self.limits.bytes_in)
        self._stranger_room = Room(self.limits.stranger_in)
        served.caller = caller

    async def turn(self) -> None:
        """Go no further before a stranger's next turn: what they send faster is not even seen."""
        if not knows(self.caller):
            await self.shared.strangers_turns.wait(self.caller.site)

    async def take_for_answer(self, size: int) -> Held:
        """Room for a large answer of at most so many bytes."""
        return await _taken(size, self.shared.rooms_for_answers(self.caller))

    async def take(self, size: int) -> Held:
        """Room for a request: of the connection, and of the node if it is not small."""
        return await _taken(size, self._rooms(size))

    def _rooms(self, size: int) -> Iterator[Room]:
        """One after the other: while it waits for one, the caller may have proven something."""
        yield self._room if knows(self.caller) else self._stranger_room
        if size > SMALL:
            yield from self.shared.rooms_for(self.caller)


async def _taken(size: int, rooms: Iterable[Room]) -> Held:
    held = Held(size)
    try:
        for room in rooms:
            await held.take(room)
    except BaseException:
        held.give()
        raise
    return held
