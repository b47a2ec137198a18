"""Nodes on the machines of the laboratory, in one process: a relay, a home, and who calls it."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from crypto.secret import random_secret
from formats.base58 import base58
from formats.whereabouts import Home
from node.network import Network
from node.reach.called import Called
from node.reach.helpers import KnownRelay
from node.reach.identify import identifying
from node.reach.reaching import Reaching, reaching
from node.reach.relay import Relay, Terms
from node.reach.reserving import Reserving
from node.transport.addresses import names_loopback
from node.transport.dialer import Dialer, dialing
from node.transport.host import ANY, Host, listening
from tests.nat.internet import Internet, Machine
from tests.node.transport.fakes import FakeNode

PORT = 4061


@dataclass
class Relaying:
    """A public node that relays."""

    machine: Machine
    host: Host
    relay: Relay

    @property
    def known(self) -> KnownRelay:
        """As others know it."""
        outward = [each for each in self.host.addresses if not names_loopback(each)]
        return KnownRelay(self.host.peer, tuple(outward) or self.host.addresses)


@asynccontextmanager
async def relaying(machine: Machine, terms: Terms | None = None) -> AsyncIterator[Relaying]:
    """A relay there, until the block is left."""
    with machine.inside():
        async with listening(FakeNode(), random_secret(), ANY, PORT) as host:
            relay = Relay(host, lambda: host.addresses, terms)
            with relay.serving(), identifying(host, lambda: host.addresses):
                yield Relaying(machine, host, relay)


@dataclass
class Homely:
    """A node that is to be reached."""

    machine: Machine
    node: FakeNode
    host: Host
    reserving: Reserving
    called: Called

    @property
    def home(self) -> Home:
        """As others know it now."""
        return Home(self.host.peer, (*self.host.addresses, *self.reserving.addresses))

    async def reserved(self) -> None:
        """Wait until it has a place at a relay."""
        await until(lambda: bool(self.reserving.addresses))


@asynccontextmanager
async def homely(machine: Machine, *relays: KnownRelay) -> AsyncIterator[Homely]:
    """A home there, with places at those relays; until the block is left."""
    node = FakeNode()
    with machine.inside():
        async with (
            listening(node, random_secret(), ANY, PORT) as host,
            trio.open_nursery() as nursery,
        ):
            reserving = Reserving(host, lambda: relays, lambda: True, lambda: None)
            called = Called(host, reserving.holds)
            async with called.serving():
                nursery.start_soon(reserving.run)
                yield Homely(machine, node, host, reserving, called)
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def running(
    machine: Machine,
    *bootstrap: str,
    relay: bool = True,
    known: Callable[[], Iterable[KnownRelay]] = tuple,
) -> AsyncIterator[Reaching]:
    """A node there that finds out how it can be reached, as a daemon has it."""
    with machine.inside():
        settings = Network(bootstrap=bootstrap, relay=relay)
        async with (
            listening(FakeNode(), random_secret(), ANY, PORT) as host,
            reaching(host, settings, (), lambda addresses: None, known) as reach,
        ):
            yield reach


@asynccontextmanager
async def with_bootstrap(net: Internet, machine: Machine) -> AsyncIterator[Reaching]:
    """The same, with one public node to begin with. It is settled."""
    async with running(net.public("bootstrap")) as boot, running(machine, *named(boot)) as reach:
        await reach.settled(20)
        yield reach


def named(reach: Reaching) -> list[str]:
    """The addresses of a public node as they stand in ``bootstrap``."""
    host = reach.host
    outward = [each for each in host.addresses if "/127.0.0.1/" not in each and "/::1/" not in each]
    return [f"{each}/p2p/{base58(host.peer)}" for each in outward]


@asynccontextmanager
async def calling(machine: Machine) -> AsyncIterator[Dialer]:
    """A person's dialer there."""
    with machine.inside():
        async with dialing() as dialer:
            yield dialer


async def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that another task brings about."""
    with trio.fail_after(seconds):
        while not true():
            with trio.move_on_after(0.01):
                await trio.sleep_forever()
