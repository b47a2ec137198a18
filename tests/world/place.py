"""A node of a world: in memory, started and stopped at will, always on the same store."""

from pathlib import Path
from typing import Final

import trio

from formats.errors import Unreachable
from formats.whereabouts import Home
from node.build import Node, build
from node.config import Config
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.node.people import secret
from tests.world.clock import Clock

WORK_BITS: Final = 4
"""What an anonymous message costs in a world: next to nothing."""


class Place:
    """One node. ``store`` outlives every run of it, as a disk would.

    ``folder``: a data folder to be in, with the store that nodes really have.
    """

    def __init__(self, name: str, clock: Clock, folder: Path | None = None) -> None:
        self.name: Final = name
        self.store: Final = MemoryStore()
        self.folder: Final = folder
        self._clock: Final = clock
        home = Path("/no/folder/needed") if folder is None else folder
        self._config: Final = Config(home, work_bits=WORK_BITS)
        self._node: Node | None = None
        self._up = trio.Event()
        self._stop = trio.Event()
        self._stopped = trio.Event()

    @property
    def node(self) -> Node:
        """The node as it runs now; Unreachable while it does not."""
        if self._node is None:
            raise Unreachable("that node is not running")
        return self._node

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self._node is not None

    @property
    def home(self) -> Home:
        """Where it is, as whereabouts and cards say."""
        return Home(self.node.peer_id, self.node.addresses())

    def open(self) -> Doors:
        """Its doors, in process."""
        return self.node.open()

    def dressed(self, node: Node) -> Node:
        """The node as callers get it: for who watches one."""
        return node

    async def start(self, nursery: trio.Nursery) -> None:
        """Run it until ``stop``."""
        self._up, self._stop, self._stopped = trio.Event(), trio.Event(), trio.Event()
        nursery.start_soon(self._run)
        await self._up.wait()

    async def stop(self) -> None:
        """End it at once, as kill -9 would: what is in the store is what was committed."""
        self._stop.set()
        await self._stopped.wait()

    async def _run(self) -> None:
        key = secret("world", self.name)
        store = self.store if self.folder is None else None
        try:
            async with build(self._config, store=store, clock=self._clock, key=key) as node:
                node.found((f"/dns4/{self.name}.example/tcp/4061",))
                self._node = self.dressed(node)
                self._up.set()
                await self._stop.wait()
        finally:
            self._node = None
            self._stopped.set()
