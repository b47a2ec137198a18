"""Putting a node together: the only place that chooses implementations.

    async with build(load(home, os.environ)) as node:
        doors = node.open(node.caller())          # in process: no network, no codec

libp2p is not imported from here: it takes seconds, and the doors are open
before it is there. ``node/host.py`` serves the same doors over it.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from typing import Final

import trio

from crypto.secret import Secret, random_secret
from crypto.signing import LockKey, SigningKey
from formats.whereabouts import Home
from node.admin import Admin
from node.caller import Caller
from node.clock import Clock, SystemClock
from node.config import Config
from node.core import Arrived, Changed, Core, Moved
from node.couriers.courier import Courier
from node.doors import NodeDoors
from node.folder import NodeFolder
from node.following.following import Following
from node.following.source import OtherNodes, other_nodes
from node.gate import Gate
from node.jobs.guessing import keep_at_the_end, recall_guesses
from node.jobs.scheduler import keep_running
from node.peer import peer_id
from node.services.accounts import nobody
from node.signals import Signals
from node.storing.opening import open_store
from node.transport.tasks import background
from protocols.services import Doors, Network
from storage.contracts import Change, SpaceKey, Store, Transaction

_SERVER_SECRET: Final = "server secret"
MAX_ADDRESSES: Final = 16
"""Addresses that a node tells others of."""


class Node:
    """A running node. Its doors can be opened as long as ``build`` is not left."""

    def __init__(self, core: Core, key: Secret) -> None:
        self.core: Final = core
        self.key: Final = key
        """The seed of the node's Ed25519 key: for the host, nobody else."""
        self.admin: Final = Admin(core, self.addresses)
        self._found: tuple[str, ...] = ()
        self._as_node: Network | None = None

    @property
    def config(self) -> Config:
        """The settings."""
        return self.core.config

    @property
    def store(self) -> Store:
        """Where everything is."""
        return self.core.store

    @property
    def clock(self) -> Clock:
        """The node's time."""
        return self.core.clock

    @property
    def peer_id(self) -> bytes:
        """The node's name on the network."""
        return self.core.peer

    @property
    def folder(self) -> NodeFolder:
        """Where the node keeps its key and its port."""
        return NodeFolder(self.core.config.home)

    def caller(self, peer: bytes = b"", local: bool = True) -> Caller:
        """A new connection: in process, or from ``peer`` (``local``: over loopback)."""
        return Caller(peer, local)

    def open(self, caller: Caller | None = None) -> Doors:
        """The doors for one connection; in process when there is no caller."""
        return NodeDoors(self.core, self.caller() if caller is None else caller)

    def addresses(self) -> tuple[str, ...]:
        """Where others may reach this node, as multiaddress text: configured first, then found."""
        both = dict.fromkeys((*self.config.announce, *self._found))
        return tuple(both)[:MAX_ADDRESSES]

    async def follow(self, network: Network) -> None:
        """Follow the accounts that this node keeps replicas of, until cancelled.

        ``network`` dials as this node.
        """
        self._as_node = network
        await Following(self.core, network).run()

    def carry(self, network: Network, met: Callable[[], Iterable[Home]]) -> None:
        """Pass drops on from now on. ``network`` dials as nobody in particular; ``met``: nodes
        that this one knows.
        """
        self.core.courier.lines.network, self.core.courier.met = network, met

    def other_nodes(self) -> AbstractAsyncContextManager[OtherNodes | None]:
        """Where lost blocks may be had from: replicas, and homes; nothing before ``follow``."""
        if self._as_node is None:
            return nullcontext()
        return other_nodes(self.core, self._as_node)

    def renew(self, fresh: Config) -> None:
        """Go by these settings from now on, as far as a running node can."""
        self.core.config = self.core.config.renewed(fresh)

    def found(self, addresses: tuple[str, ...]) -> None:
        """Take note of the addresses that the host listens on."""
        self._found = addresses


@asynccontextmanager
async def build(
    config: Config,
    *,
    store: Store | None = None,
    clock: Clock | None = None,
    key: Secret | None = None,
) -> AsyncIterator[Node]:
    """A node with its background jobs, until the block is left.

    ``store`` and ``key`` (a seed of 32 bytes) are for tests: without them, the
    store that the settings say and the key of the data folder. A store that was handed in is
    left open.
    """
    folder = NodeFolder(config.home)
    seed = folder.key() if key is None else key
    async with _opened(folder, config, store) as opened:
        core = Core(
            config=config,
            store=opened,
            clock=SystemClock() if clock is None else clock,
            peer=peer_id(seed),
            secret=await _server_secret(opened),
            nobody=nobody(SigningKey.generate().verify_key),
            gate=Gate(config.home),
            key=LockKey.from_seed(seed),
            courier=Courier(seed, peer_id(seed)),
        )
        await recall_guesses(core)
        opened.watch(partial(_wake, core.signals))
        try:
            async with background() as tasks:
                tasks.start_soon(keep_running, core)
                yield Node(core, seed)
        finally:
            await keep_at_the_end(core)


@asynccontextmanager
async def _opened(folder: NodeFolder, config: Config, store: Store | None) -> AsyncIterator[Store]:
    if store is not None:
        yield store
        return
    folder.make()
    opened = await open_store(folder, config.store, os.environ)
    try:
        yield opened
    finally:
        with trio.CancelScope(shield=True):
            await opened.aclose()


def _wake(signals: Signals, change: Change) -> None:
    """Wake who waits for what another node on the same store changed."""
    if isinstance(change, SpaceKey):
        signals.fire(Moved(change))
        signals.fire(Changed(change.owner))
    elif change is not None:
        signals.fire(Arrived(change))
    else:
        signals.fire_all()


async def _server_secret(store: Store) -> Secret:
    """32 random bytes that stay the same for this store; made the first time."""
    fresh = random_secret().reveal()

    def work(tx: Transaction) -> bytes:
        kept = tx.setting(_SERVER_SECRET)
        if kept is None:
            tx.put_setting(_SERVER_SECRET, fresh)
        return fresh if kept is None else kept

    return Secret(await store.write(work))
