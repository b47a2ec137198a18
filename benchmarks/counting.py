"""A network that counts: requests, and bytes of blocks in requests and answers."""

from typing import Final

from benchmarks.measuring import Tally
from formats.cid import Block
from formats.whereabouts import Home
from protocols.services import Doors, Network
from tests.world.faults import Call, Onward, WatchedDoors


class CountingNetwork:
    """A ``protocols.services.Network`` in front of another one."""

    def __init__(self, network: Network, tally: Tally) -> None:
        self._network: Final = network
        self._tally: Final = tally

    async def reach(self, home: Home) -> Doors:
        """A connection of the other network, counted."""
        return WatchedDoors(await self._network.reach(home), self._meet)

    async def _meet(self, call: Call, onward: Onward) -> object:
        self._tally.requests += 1
        self._tally.moved += _weight(call.request)  # sent, also if nobody waits for the answer
        answer = await onward(call.request)
        self._tally.moved += _weight(answer)
        return answer


def _weight(message: object) -> int:
    blocks: object = getattr(message, "blocks", ())
    if not isinstance(blocks, tuple):
        return 0
    return sum(len(block.data) for block in blocks if isinstance(block, Block))
