"""Lost blocks from whoever has the same account: its replicas, or the home of one kept here.

A ``node.checking.repair.Source``. Each node is reached once; one that does not answer is
not asked again, so that a repair does not wait for it with every block.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from formats.cid import Cid
from formats.errors import HoldfastError
from formats.replica import ReplicaGrant
from formats.whereabouts import Home, Whereabouts
from node.core import Core
from node.following.connection import reached
from node.following.standing import Noted
from node.logs import Log
from protocols.replicas import Fetch
from protocols.services import Network, Replicas
from storage.contracts import ReplicaRow, SpaceKey, View

_log: Final = Log("node.replicas")


@dataclass(frozen=True, slots=True)
class Other:
    """Another node that should have a block of a space."""

    home: Home
    key: SpaceKey


class OtherNodes:
    """Looks blocks up at other nodes. Made by ``other_nodes``."""

    def __init__(self, core: Core, network: Network, stack: AsyncExitStack) -> None:
        self._core: Final = core
        self._network: Final = network
        self._stack: Final = stack
        self._doors: dict[bytes, Replicas | None] = {}

    async def find(self, cid: Cid) -> bytes | None:
        """What another node hands over under that name; None when none has it."""
        for other in await self._core.store.read(partial(self._others, cid=cid)):
            doors = await self._reach(other.home)
            data = None if doors is None else await self._ask(doors, other, cid)
            if data is not None:
                return data
        return None

    async def _ask(self, doors: Replicas, other: Other, cid: Cid) -> bytes | None:
        try:
            found = await doors.fetch(Fetch(other.key.owner, other.key.space, (cid,)))
        except HoldfastError as error:
            _log.debug("not handed over", kind=type(error).__name__)
            self._doors[other.home.peer] = None
            return None
        return next((block.data for block in found.blocks if block.cid == cid), None)

    async def _reach(self, home: Home) -> Replicas | None:
        if home.peer not in self._doors:
            self._doors[home.peer] = None
            try:
                doors = await self._stack.enter_async_context(reached(self._network, home))
            except HoldfastError as error:
                _log.debug("not reached", kind=type(error).__name__)
            else:
                self._doors[home.peer] = doors
        return self._doors[home.peer]

    def _others(self, view: View, cid: Cid) -> list[Other]:
        """Nodes with an account that refers to this block, as grants name them."""
        now = self._core.clock.now_ms()
        return [
            Other(home, row.key)
            for each in view.replicas()
            for home in self._partner(view, each, now)
            for row in view.spaces_of(each.owner)
            if view.references(row.key, cid)
        ]

    def _partner(self, view: View, row: ReplicaRow, now: int) -> list[Home]:
        grant = ReplicaGrant.decode(row.grant)
        if not grant.holds(now):
            return []
        if row.peer != self._core.peer:
            return [grant.replica]
        person = view.identity(row.owner)
        if person is None or not Noted.decode(row.noted).allowed:
            return []
        home = Whereabouts.decode(person.whereabouts).home
        return [home] if home.peer == grant.home else []


@asynccontextmanager
async def other_nodes(core: Core, network: Network) -> AsyncIterator[OtherNodes]:
    """A source of blocks from other nodes, whose connections last no longer than the block.

    ``network`` dials as this node.
    """
    async with AsyncExitStack() as stack:
        yield OtherNodes(core, network, stack)
