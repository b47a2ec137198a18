"""A home and a replica in one process: what calls what, and what can be made to lie."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio
from trio.testing import wait_all_tasks_blocked

from formats.cid import Block, Cid
from formats.errors import Unreachable
from formats.invite import Invite
from formats.replica import ReplicaGrant
from formats.whereabouts import Home, HomeRole
from node.build import Node, build
from node.config import Config
from node.following.following import Following
from node.following.standing import Noted
from protocols import replicas as r
from protocols.services import Doors, Replicas
from storage.contracts import SpaceKey, Store
from storage.memory import MemoryStore
from tests.node.people import NOW, YEAR, Clock, Person, label, leaf, lock_key, secret, segment

CEILING: Final = 2**30


class Between:
    """A replicas door behind which is another one: to count what goes by, or to lie."""

    def __init__(self, doors: Replicas) -> None:
        self._doors: Final = doors

    async def give(self, request: r.Give) -> r.Given:
        return await self._doors.give(request)

    async def standings(self, request: r.AskReplicas) -> r.Replicas:
        return await self._doors.standings(request)

    async def follow(self, request: r.Follow) -> r.Followed:
        return await self._doors.follow(request)

    async def line(self, request: r.AskLine) -> r.Line:
        return await self._doors.line(request)

    async def fetch(self, request: r.Fetch) -> r.Fetched:
        return await self._doors.fetch(request)

    async def needed(self, request: r.AskNeeded) -> r.Needed:
        return await self._doors.needed(request)

    async def bring(self, request: r.Bring) -> r.Brought:
        return await self._doors.bring(request)

    async def arrive(self, request: r.Arrive) -> r.Arrived:
        return await self._doors.arrive(request)


@dataclass
class Dialling:
    """A ``Network`` of one node, by whose peer id it is known where it calls."""

    own: bytes
    nodes: dict[bytes, Node]
    down: set[bytes] = field(default_factory=set)
    wrap: Callable[[Replicas], Replicas] | None = None
    reached: int = 0

    async def reach(self, home: Home) -> Doors:
        """As ``protocols.services.Network``."""
        await trio.lowlevel.checkpoint()
        if home.peer in self.down or home.peer not in self.nodes:
            raise Unreachable("that node does not answer")
        self.reached += 1
        node = self.nodes[home.peer]
        doors = node.open(node.caller(self.own, local=False))
        if self.wrap is not None:
            doors.replicas = self.wrap(doors.replicas)  # type: ignore[misc]
        return doors


@dataclass
class Two:
    """A home with alice, and another node that may follow her."""

    home: Node
    other: Node
    clock: Clock
    alice: Person
    network: Dialling
    nursery: trio.Nursery
    doors: Doors
    grant: ReplicaGrant | None = None
    following: trio.CancelScope | None = None

    def make_grant(
        self, seq: int = 0, ceiling: int = CEILING, until: int = NOW + YEAR
    ) -> ReplicaGrant:
        """Alice's leave for the other node."""
        replica = Home(self.other.peer_id, ("/ip4/127.0.0.1/tcp/4062",), HomeRole.REPLICA)
        alice = self.alice
        return ReplicaGrant.make(
            alice.chain, seq, self.home.peer_id, replica, ceiling, until, alice.daily
        )

    def give(self, grant: ReplicaGrant, invite: bytes | None = None) -> r.Give:
        """The request that hands over a grant."""
        alice = self.alice
        where = alice.whereabouts(self.home.peer_id).encoded
        return r.Give(grant.encoded, alice.chain.encoded, where, invite)

    async def invite(self, ceiling: int = CEILING) -> bytes:
        """The code of an invite for a replica at the other node."""
        return Invite.parse(await self.other.admin.invite(ceiling, replica=True)).code

    async def add(self, ceiling: int = CEILING) -> None:
        """Alice adds the replica: as ``client/replicas`` does."""
        self.grant = self.make_grant(ceiling=ceiling)
        await self.other.open().replicas.give(self.give(self.grant, await self.invite(ceiling)))
        await self.doors.replicas.give(self.give(self.grant))

    def follow(self) -> None:
        """The other node begins to follow."""
        self.following = trio.CancelScope()
        self.nursery.start_soon(self._follow, self.following)

    async def _follow(self, scope: trio.CancelScope) -> None:
        with scope:
            await Following(self.other.core, self.network).run()

    async def stop(self) -> None:
        """It stops."""
        assert self.following is not None
        self.following.cancel()
        await wait_all_tasks_blocked()

    def home_of(self) -> Home:
        """Alice's home."""
        return Home(self.home.peer_id, ())

    @property
    def key(self) -> SpaceKey:
        """Alice's space."""
        record = self.alice.space.record
        return SpaceKey(record.owner, record.space)

    async def put(self, *words: object, segments: int = 1, size: int = 1000) -> list[Block]:
        """Alice commits a leaf with some segments."""
        blocks = [segment(*words, at, size=size) for at in range(segments)]
        made = leaf(lock_key(*words), *words, segments=blocks)
        await self.alice.space.commit(self.doors, {label(*words): made}, segments=blocks)
        return blocks

    async def noted(self, node: Node | None = None) -> Noted:
        """How it stands, as a node has noted it (the home)."""
        row = await (node or self.home).store.read(
            lambda view: view.replica(self.alice.id, self.other.peer_id)
        )
        assert row is not None
        return Noted.decode(row.noted)

    async def at(self, node: Node) -> int:
        """The number of alice's newest state there; -1: none."""
        row = await node.store.read(lambda view: view.space(self.key))
        return -1 if row is None else row.seq

    async def has(self, cid: Cid) -> bool:
        """Whether the other node refers to this block for alice."""
        return bool(await self.other.store.read(lambda view: view.references(self.key, cid)))

    async def caught_up(self) -> None:
        """Until the other node is where the home is."""
        await until(self._is_level)

    async def _is_level(self) -> bool:
        return await self.at(self.other) == self.alice.space.seq

    async def told(self) -> str:
        """What the home was told by the replica, once it was."""
        await until(self._has_told)
        return (await self.noted()).told

    async def _has_told(self) -> bool:
        return bool((await self.noted()).told)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Let others go on until something is true."""
    with trio.fail_after(60):
        while not await true():
            await wait_all_tasks_blocked(0.001)


@asynccontextmanager
async def two(folder: Path, store: Store | None = None) -> AsyncIterator[Two]:
    """Two nodes on reference stores (the other on ``store``); alice lives at the first."""
    clock, nodes = Clock(), list[Node]()
    async with AsyncExitStack() as stack:
        for name in ("home", "other"):
            config = Config(folder / name, work_bits=4)
            kept = store if name == "other" and store is not None else MemoryStore()
            made = build(config, store=kept, clock=clock, key=secret("node", name))
            nodes.append(await stack.enter_async_context(made))
        home, other = nodes
        alice, doors = Person("alice"), home.open()
        await alice.sign_up(doors)
        nursery = await stack.enter_async_context(trio.open_nursery())
        network = Dialling(other.peer_id, {node.peer_id: node for node in nodes})
        yield Two(home, other, clock, alice, network, nursery, doors)
        nursery.cancel_scope.cancel()
