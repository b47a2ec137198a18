"""How one device reaches nodes: its own in process, others through the real codec and machines."""

from collections.abc import Iterable
from typing import Final

import trio

from formats.errors import Unreachable
from formats.whereabouts import Home
from node.transport.memory import MemoryNetwork
from protocols.services import Doors
from tests.world.faults import Call, Fault, Onward, WatchedDoors
from tests.world.place import Place


class Road:
    """A ``protocols.services.Network`` that remembers what was called, and meets faults."""

    def __init__(
        self, nursery: trio.Nursery, client: bytes, own: Place, places: Iterable[Place]
    ) -> None:
        self.own: Final = own
        self.faults: Final[list[Fault]] = []
        self.calls: Final[list[str]] = []
        """Every call of this device so far, as ``door.name``."""
        self._far: Final = MemoryNetwork(nursery, client)
        self._near: Final[list[WatchedDoors]] = []
        for place in places:
            self.arrive(place)

    def arrive(self, place: Place) -> None:
        """That node runs now."""
        if place is not self.own:
            self._far.add(place.node)

    async def leave(self, place: Place) -> None:
        """That node is going away: connections to it end."""
        if place is not self.own:
            await self._far.remove(place.node.peer_id)
            return
        while self._near:
            await self._near.pop().aclose()

    async def reach(self, home: Home) -> Doors:
        """A fresh connection to the node of that peer id, or Unreachable."""
        await trio.lowlevel.checkpoint()
        if not self.own.is_up:
            raise Unreachable("this machine is off")
        if home.peer == self.own.node.peer_id:
            near = WatchedDoors(self.own.open(), self._meet)
            self._near.append(near)
            return near
        return WatchedDoors(await self._far.reach(home), self._meet)

    async def _meet(self, call: Call, onward: Onward) -> object:
        self.calls.append(str(call))
        return await self._through(tuple(self.faults), call, onward)

    async def _through(self, faults: tuple[Fault, ...], call: Call, onward: Onward) -> object:
        """Through the newest fault first, then the ones before it, then to the node."""
        if not faults:
            return await onward(call.request)

        async def further(request: object) -> object:
            return await self._through(faults[:-1], Call(call.door, call.name, request), onward)

        return await faults[-1].meet(call, further)
