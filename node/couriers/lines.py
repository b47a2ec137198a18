"""Connections to next nodes, each kept for the one connection that it was opened for.

A sender asks for a record along a way and then sends a drop along the same: the second
time the nodes on it need not dial. Nobody else's envelope goes over such a line, so how fast
an answer comes tells nobody whether others wrote to the same node before.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from formats.errors import Denied, Unreachable
from formats.whereabouts import Home
from node.caller import Caller
from node.transport.tasks import patience
from protocols.services import Doors, Network

MOST: Final = 256
"""Lines that are kept, of all callers; each has one."""


class Lines:
    """One courier's. ``network`` comes once there is one."""

    def __init__(self) -> None:
        self.network: Network | None = None
        self._kept: Final[dict[Caller, Doors]] = {}

    @asynccontextmanager
    async def to(self, next: Home, caller: Caller) -> AsyncIterator[Doors]:
        """A connection to a node: that which the caller's last envelope went over, or a new one.

        Raises Unreachable, Denied (there is no network).
        """
        doors = await self._taken(next, caller)
        try:
            yield doors
        except BaseException:
            await _close(doors)
            raise
        await self._keep(doors, caller)

    async def let_go(self, caller: Caller) -> None:
        """That caller is gone."""
        doors = self._kept.pop(caller, None)
        if doors is not None:
            await _close(doors)

    async def _taken(self, next: Home, caller: Caller) -> Doors:
        kept = self._kept.pop(caller, None)
        if kept is not None and kept.peer == next.peer:
            return kept
        if kept is not None:
            await _close(kept)
        if self.network is None:
            raise Denied("this node passes nothing on to there")
        doors = await self.network.reach(next)
        if doors.peer != next.peer:
            await _close(doors)
            raise Unreachable("another node answers there")
        return doors

    async def _keep(self, doors: Doors, caller: Caller) -> None:
        if caller.closed or caller in self._kept or len(self._kept) >= MOST:
            await _close(doors)
        else:
            self._kept[caller] = doors


async def _close(doors: Doors) -> None:
    with patience(1):
        await doors.aclose()
