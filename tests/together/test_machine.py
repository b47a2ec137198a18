"""A state machine with three writers against a plain model; Hypothesis finds the shortest clash.

Each step hands some deeds to some devices and lets them all run at once; after every
step one order must explain all that has happened since the beginning.
"""

import tempfile
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import trio
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.together.campaign import check, make_team
from tests.together.deeds import FILES, FOLDERS, Deed, Mkdir, Mv, Put, Read, Restore, Rm
from tests.together.devices import Device
from tests.together.record import Done
from tests.world.world import World

WRITERS: Final = 3

folders = st.lists(st.sampled_from(FOLDERS[:2]), min_size=1, max_size=2).map("/".join)
files = st.tuples(st.one_of(st.just(""), folders), st.sampled_from(FILES[:2])).map(
    lambda parts: "/".join(part for part in parts if part)
)
numbers = st.integers(1, 2**63)
deeds = st.one_of(
    st.builds(Put, files, numbers.map(lambda number: number.to_bytes(8, "big"))),
    st.builds(Mkdir, folders),
    st.builds(Mv, files, files),
    st.builds(Mv, folders, folders),
    st.builds(Rm, st.one_of(files, folders)),
    st.builds(Restore, st.one_of(files, folders)),
    st.builds(Read, files),
)
loads = st.lists(st.tuples(st.integers(0, WRITERS - 1), deeds), min_size=1, max_size=6)


class Portal:
    """A world in a thread of its own, for code that is not asynchronous."""

    def __init__(self) -> None:
        self.happened: Final[list[Done]] = []
        self.team: list[Device] = []
        self.world: World | None = None
        self._token: trio.lowlevel.TrioToken | None = None
        self._over = trio.Event()
        self._there: Final[SimpleQueue[BaseException | None]] = SimpleQueue()
        self._thread: Final = threading.Thread(target=self._run, name="world")
        self._thread.start()
        error = self._there.get()
        if error is not None:
            raise error

    def call(self, work: Callable[[], Coroutine[object, object, None]]) -> None:
        """Run ``work`` in the world."""
        trio.from_thread.run(work, trio_token=self._token)

    def close(self) -> None:
        """End it."""
        trio.from_thread.run_sync(self._over.set, trio_token=self._token)
        self._thread.join()

    def _run(self) -> None:
        try:
            trio.run(self._main)
        except BaseException as error:  # noqa: BLE001  # handed to whoever waits for the world
            self._there.put(error)

    async def _main(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        self._over = trio.Event()
        with tempfile.TemporaryDirectory() as disk:
            async with World.open("alice") as world:
                self.world = world
                self.team = await make_team(world, WRITERS, Path(disk), self.happened)
                self._there.put(None)
                await self._over.wait()


class Drive(RuleBasedStateMachine):
    """Alice's drive, and three devices of hers, each a member of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.portal = Portal()

    @rule(load=loads)
    def at_once(self, load: list[tuple[int, Deed]]) -> None:
        """These deeds, all at the same time; those of one device side by side too."""

        async def work() -> None:
            async with trio.open_nursery() as nursery:
                for device, deed in load:
                    nursery.start_soon(self.portal.team[device].do, deed)

        self.portal.call(work)

    @rule(device=st.integers(0, WRITERS - 1))
    def dies(self, device: int) -> None:
        """A device loses all it had in memory."""

        async def work() -> None:
            await self.portal.team[device].person.crash()
            await self.portal.team[device].wake()

        self.portal.call(work)

    @invariant()
    def one_order_explains_it(self) -> None:
        """All that happened, and what a new device sees."""

        async def work() -> None:
            assert self.portal.world is not None
            await check(self.portal.world, self.portal.happened)

        self.portal.call(work)

    def teardown(self) -> None:
        self.portal.close()


TestDrive = Drive.TestCase
TestDrive.settings = settings(
    max_examples=15, stateful_step_count=10, phases=[Phase.explicit, Phase.generate]
)
