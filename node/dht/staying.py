"""Staying in the network: joining, looking around, and meeting again after a cut."""

from collections.abc import Callable
from random import Random
from typing import Final, Protocol

import trio

from formats.errors import Unreachable
from node.dht.contact import Contact
from node.dht.lost import Lost
from node.dht.rules import COPIES, LOST, LOST_AT_ONCE, LOST_SECONDS, REFRESH_SECONDS
from node.dht.table import BITS, Table

AGAIN: Final = (5.0, 15.0, 60.0, 300.0, 900.0)
"""Seconds after which a node that found nobody tries again to join."""

ELSEWHERE: Final = 3
"""Far parts of the network that a look around goes to."""


class Looking(Protocol):
    """What it takes of a node."""

    @property
    def own(self) -> bytes:
        """Its peer id."""
        ...

    @property
    def table(self) -> Table:
        """Whom it knows."""
        ...

    @property
    def lost(self) -> Lost:
        """Who fell silent."""
        ...

    def knows_anybody(self) -> bool:
        """Whether there is anybody to begin with."""
        ...

    async def look_near(self, key: bytes) -> None:
        """Look for the nodes nearest to a key; raises Unreachable when nobody answered."""
        ...

    async def call(self, contact: Contact) -> bool:
        """Whether it answers."""
        ...


class Staying:
    """Keeps one node in the network for as long as ``run`` runs.

    ``tidy``: called before each look around.
    """

    def __init__(self, node: Looking, random: Random, tidy: Callable[[], None]) -> None:
        self.back: Callable[[], None] = lambda: None
        """Called when much of the network that had fallen silent is there again."""
        self._node: Final = node
        self._random: Final = random
        self._tidy: Final = tidy

    async def run(self) -> None:
        """Look around now, and again on schedule; sooner when many lost nodes are back."""
        tries = 0
        while True:
            joined = await self.look_around()
            tries = 0 if joined else tries + 1
            pause = REFRESH_SECONDS if joined else AGAIN[min(tries, len(AGAIN)) - 1]
            with trio.move_on_after(self._about(pause)) as scope:
                await self._await_many()
            if not scope.cancelled_caught:
                await self._meet_again()

    def _about(self, seconds: float) -> float:
        """So that nodes which started together do not all look at one time."""
        return seconds * self._random.uniform(0.9, 1.1)

    async def _await_many(self) -> None:
        """Call those that fell silent, now and then, until most are there of what were many.

        Then the network was cut in two, and both halves have changed since.
        """
        while True:
            await trio.sleep(self._about(LOST_SECONDS))
            if await self._call_lost(LOST_AT_ONCE):
                await self._call_lost(LOST)
            if self._node.lost.are_back(len(self._node.table)):
                return

    async def _meet_again(self) -> None:
        """Twice: the second time when the others have noticed as well."""
        self._node.lost.settle()
        for _ in range(2):
            await self.look_around()
            self.back()
            await trio.sleep(2 * LOST_SECONDS)

    async def _call_lost(self, most: int) -> bool:
        """Whether one of those that are called answers."""
        answered: list[Contact] = []

        async def call(contact: Contact) -> None:
            if await self._node.call(contact):
                answered.append(contact)
            else:
                self._node.lost.called(contact)

        async with trio.open_nursery() as nursery:
            for contact in self._node.lost.some(most, self._random):
                nursery.start_soon(call, contact)
        return bool(answered)

    async def look_around(self) -> bool:
        """Look around near this node and here and there far away; whether anybody answered."""
        self._tidy()
        if not self._node.knows_anybody():
            return False
        try:
            await self._node.look_near(self._node.own)
            for _ in range(ELSEWHERE if len(self._node.table) > COPIES else 0):
                await self._node.look_near(self._random.randbytes(BITS // 8))
        except Unreachable:
            return False
        return True
