"""What goes wrong while devices work: lines that break, answers that are lost, sudden deaths."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeAlias

import trio

from tests.together.deeds import Deed
from tests.together.devices import Device
from tests.world.faults import Breaks, Hangs, LosesAnswer
from tests.world.world import World

Meets: TypeAlias = Breaks | LosesAnswer | Hangs

KINDS: Final[Sequence[tuple[str, Callable[[int], Sequence[Meets]]]]] = (
    ("line broke", lambda at: [Breaks(at=at)]),
    ("answer lost", lambda at: [LosesAnswer(at=at)]),
    ("answers lost", lambda at: [LosesAnswer("pointers.move", 1 + i) for i in range(at)]),
    ("device died", lambda at: [Hangs(at=at)]),
    ("device died in a commit", lambda at: [Hangs("pointers.move")]),
)


@dataclass
class Trouble:
    """Chooses what befalls each deed. ``often``: of a hundred deeds, how many meet something."""

    world: World
    home: str
    random: Random
    often: int
    met: Counter[str] = field(default_factory=Counter)
    one_at_a_time: trio.Lock = field(default_factory=trio.Lock)

    async def do_all(self, device: Device, deeds: Sequence[Deed]) -> None:
        """The deeds of a device, one after another."""
        for deed in deeds:
            if self.random.randrange(100) < self.often:
                await self._in_trouble(device, deed)
            else:
                await device.do(deed)
            if self.random.randrange(400) < self.often:
                await self._restart()

    async def _in_trouble(self, device: Device, deed: Deed) -> None:
        word, make = self.random.choice(KINDS)
        faults = make(self.random.choice((1, 1, 2, 3)))
        with device.person.meeting(*faults):
            if isinstance(faults[0], Hangs):
                await self._dies(device, deed, faults[0])
            else:
                await device.do(deed)
        self.met[word] += any(fault.seen >= fault.at for fault in faults)

    async def _dies(self, device: Device, deed: Deed, hangs: Hangs) -> None:
        """The deed, until the call that nobody answers; then the device wakes up anew."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_give_up, hangs, nursery.cancel_scope)
            await device.do(deed)
            nursery.cancel_scope.cancel()
        if hangs.reached.is_set():
            await device.person.crash()
            await device.wake()

    async def _restart(self) -> None:
        """The node is killed and started again on the same store."""
        async with self.one_at_a_time:
            self.met["node died"] += 1
            await self.world.restart(self.home)


async def _give_up(hangs: Hangs, deed: trio.CancelScope) -> None:
    """What the kernel does for a process that is killed."""
    await hangs.reached.wait()
    deed.cancel()
    hangs.over.set()
