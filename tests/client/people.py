"""People with sessions at real nodes in process, and a network between them that can fail."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from client.identity.login import sign_in
from client.identity.password import Hardness
from client.identity.signup import sign_up
from client.session import Session, Surroundings
from crypto.passwords import Floor
from formats.errors import Unreachable
from formats.invite import Invite
from formats.whereabouts import Home
from node.build import Node, build
from node.config import Config
from protocols.services import Doors
from storage.contracts import Store
from storage.memory import MemoryStore
from tests.node.people import Clock, secret

CHEAP: Final = Hardness(1, 8192, Floor(1, 8192))
PASSWORD: Final = "correct horse battery"


@dataclass
class Town:
    """Nodes by name, one clock for all, and everything a test may break."""

    nodes: dict[str, Node] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    down: set[bytes] = field(default_factory=set)
    wrap: Callable[[Doors], Doors] = lambda doors: doors
    reached: int = 0

    async def reach(self, home: Home) -> Doors:
        """As ``protocols.services.Network``: the doors of that node."""
        node = self._node(home.peer)
        if node is None or home.peer in self.down:
            raise Unreachable("that node does not answer")
        self.reached += 1
        return self.wrap(node.open(node.caller(b"client", local=True)))

    def _node(self, peer: bytes) -> Node | None:
        return next((node for node in self.nodes.values() if node.peer_id == peer), None)

    def home(self, node: str) -> Home:
        """A node as a home."""
        return Home(self.nodes[node].peer_id, (f"/ip4/127.0.0.1/tcp/1/{node}",))

    def around(self, folder: Path | None = None, keep: int | None = None) -> Surroundings:
        """What a session is given here."""
        return Surroundings(self, self.clock.now_ms, Random(7), folder, CHEAP, keep=keep)

    async def sign_up(self, name: str, node: str) -> Session:
        """A new person; with an invite, as a first one needs none and others do."""
        invite = Invite.parse(await self.nodes[node].admin.invite())
        return await sign_up(self.around(), self.home(node), name, PASSWORD, invite.code)

    async def sign_in(self, name: str, node: str, password: str = PASSWORD) -> Session:
        """The same person on another machine, or after a restart."""
        return await sign_in(self.around(), self.home(node), name, password)


@asynccontextmanager
async def town(
    folder: Path, *names: str, stores: Mapping[str, Store] | None = None
) -> AsyncIterator[Town]:
    """Nodes of these names; ``stores``: what some of them have already."""
    made = Town()
    kept = {} if stores is None else stores
    async with AsyncExitStack() as stack:
        for name in names:
            config, store = Config(folder / name, work_bits=4), kept.get(name) or MemoryStore()
            made.nodes[name] = await stack.enter_async_context(
                build(config, store=store, clock=made.clock, key=secret("node", name))
            )
        yield made
