"""Nodes of a DHT over real sockets on loopback, and the people of tests/records in it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from formats.base58 import base58
from formats.published import Published
from formats.whereabouts import Living, Whereabouts
from node.build import Node, build
from node.config import Config
from node.dht.running import taking_part
from node.dht.service import Dht
from node.network import Network
from node.transport.host import Host, listening
from storage.contracts import Store
from storage.memory import MemoryStore
from tests.node.people import Clock, secret
from tests.node.transport.test_network import until
from tests.records.people import DAY, NOW, Person, sealing

LOCAL = ["127.0.0.1"]


@dataclass(frozen=True)
class Member:
    """A node that takes part."""

    node: Node
    host: Host
    dht: Dht

    @property
    def address(self) -> str:
        """As one writes it under bootstrap."""
        return f"{self.host.addresses[0]}/p2p/{base58(self.host.peer)}"


@asynccontextmanager
async def member(
    folder: Path, word: object, network: Network, clock: Clock, store: Store | None = None
) -> AsyncIterator[Member]:
    """A node of that network, whose key is made of a word."""
    config = replace(Config(folder), network=network, work_bits=4)
    kept = MemoryStore() if store is None else store
    async with (
        build(config, store=kept, clock=clock, key=secret("dht", word)) as node,
        listening(node, node.key, LOCAL, 0) as host,
    ):
        node.found(host.addresses)
        async with taking_part(node, host) as dht:
            assert dht is not None
            yield Member(node, host, dht)


@asynccontextmanager
async def town(
    folder: Path, size: int, clock: Clock, network: Network | None = None
) -> AsyncIterator[list[Member]]:
    """That many nodes; each knew only the first to begin with, and has looked around."""
    settings = network or Network()
    async with AsyncExitStack() as stack:
        members: list[Member] = []
        for number in range(size):
            own = settings
            if members:
                own = replace(settings, bootstrap=(members[0].address,))
            members.append(await stack.enter_async_context(member(folder, number, own, clock)))
        await until(lambda: all(len(each.dht.table) for each in members))
        for each in members:
            await each.dht.staying.look_around()
        yield members


@cache
def published(name: str, length: int = 1, seq: int = 0, says: str | None = None) -> Published:
    """Somebody as they are published, with so many identity records; ``says``: their own name."""
    person = Person(name)
    chain, daily = person.chain(length), person.daily(length - 1)
    where = Whereabouts.make(
        chain, seq, Living(person.homes, says or name), sealing(name), NOW + DAY, daily
    )
    return Published(chain, where)
