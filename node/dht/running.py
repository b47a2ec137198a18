"""A node that takes part: its DHT, on its listener, for its directory door."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, Protocol

import trio

from formats.dag_cbor import Value, decode, encode
from formats.errors import Malformed
from formats.fields import Fields, entries
from formats.limits import PEER
from formats.whereabouts import Home, read_addresses
from node.core import Core
from node.dht.asking import PeersAsking
from node.dht.contact import Contact
from node.dht.membership import Membership
from node.dht.messages import read_message, read_request, write_answer
from node.dht.publishing import Publisher
from node.dht.rules import PROTOCOL
from node.dht.service import Dht
from node.finding import Finder, Nowhere, Publication, Sighting
from node.near.neighbours import Neighbours
from node.network import Network
from node.peer import peer_of_address
from node.transport.carrier import Stream
from node.transport.handlers import Allowed
from node.transport.host import Host
from node.transport.tasks import background
from storage.contracts import Transaction, View

OFF: Final = Nowhere("this node does not look for people", "set find = true under [network]")
ALLOWED: Final = Allowed(streams=64, streams_of_peer=8, seconds=30)

KNOWN: Final = "nodes of the network"
MOST_KNOWN: Final = 40
"""Nodes that are noted, for the next start: the ones to begin with may be gone then."""

NOTE_SECONDS: Final = 1800


class Running(Protocol):
    """The node: ``node.build.Node``."""

    @property
    def core(self) -> Core:
        """What its doors share."""
        ...

    @property
    def peer_id(self) -> bytes:
        """Its peer id."""
        ...

    def addresses(self) -> tuple[str, ...]:
        """Where others may reach it."""
        ...


class Taking(Finder):
    """``Finder`` for the directory door: the DHT and who is published in it."""

    def __init__(self, dht: Dht, publisher: Publisher) -> None:
        self._dht = dht
        self._publisher = publisher

    async def find(self, key: bytes, newest: bool, hints: Sequence[Home]) -> Sighting:
        return await self._dht.find(key, newest, hints)

    async def publish(self, id: bytes, hints: Sequence[Home]) -> Publication:
        return await self._publisher.publish(id, hints)

    def changed(self, id: bytes) -> None:
        self._publisher.changed(id)

    def publication(self, id: bytes) -> Publication | None:
        return self._publisher.publication(id)


@asynccontextmanager
async def taking_part(
    node: Running, host: Host, near: Neighbours | None = None
) -> AsyncIterator[Dht | None]:
    """Take part in finding people until the block is left, if the settings say so.

    ``near``: nodes on the local network, which are asked as well.
    """
    core, settings = node.core, node.core.config.network
    if not settings.find:
        core.finder = OFF
        yield None
        return
    membership = Membership(settings.name, settings.key, node.peer_id)
    protocol = protocol_of(settings.name)
    asking = PeersAsking(host.peers, protocol, membership, node.peer_id)
    known = await core.store.read(lambda view: _known(view, settings.name))
    beginnings = (*configured(settings), *known)
    others = Neighbours(node.peer_id, settings.name) if near is None else near

    def begin_with() -> Iterable[Contact]:
        return (*others.contacts(), *beginnings)

    dht = Dht(node.peer_id, asking, core.clock, node.addresses, begin_with, settings.keep)
    publisher = Publisher(dht, core.store, core.clock)
    dht.staying.back = publisher.all_changed

    async def answer(stream: Stream, peer: bytes, address: str) -> None:
        ahead = await membership.answer(stream, peer)
        while (data := await read_message(stream, ahead)) is not None:
            await host.turn(address)
            request = read_request(data, peer)
            await stream.send_all(write_answer(request, await dht.answer(request, peer, address)))

    with host.handlers.serving(protocol, answer, ALLOWED):
        async with background() as nursery:
            dht.begin(nursery)
            others.watch(dht.meet)
            nursery.start_soon(publisher.run)
            nursery.start_soon(_note, core, dht, settings.name)
            before, core.finder = core.finder, Taking(dht, publisher)
            try:
                yield dht
            finally:
                core.finder = before


def protocol_of(name: str) -> str:
    """What nodes of the network of that name speak."""
    return PROTOCOL if name == Network().name else f"{PROTOCOL}/{name}"


def configured(settings: Network) -> Iterable[Contact]:
    """The nodes to begin with."""
    for address in settings.bootstrap:
        peer = peer_of_address(address)
        if peer is not None:
            yield Contact.of(peer, (address.rpartition("/p2p/")[0],))


async def _note(core: Core, dht: Dht, network: str) -> None:
    """Note now and then who answered, so that a restart needs none to begin with."""
    while True:
        await trio.sleep(NOTE_SECONDS)
        nodes = dht.table.nearest(dht.place, MOST_KNOWN)
        if nodes:
            await core.store.write(partial(_put, noted=_written(network, nodes)))


def _put(tx: Transaction, noted: bytes) -> None:
    tx.put_setting(KNOWN, noted)


def _written(network: str, nodes: Iterable[Contact]) -> bytes:
    listed: list[Value] = [{"peer": node.peer, "addresses": list(node.addresses)} for node in nodes]
    return encode({"network": network, "nodes": listed})


def _known(view: View, network: str) -> list[Contact]:
    """The nodes that were noted; none of another network."""
    noted = view.setting(KNOWN)
    if noted is None:
        return []
    try:
        fields = Fields(decode(noted), "noted nodes")
        if fields.text("network", 64) != network:
            return []
        return [_read(each) for each in entries(fields.list_("nodes", MOST_KNOWN), "noted node")]
    except Malformed:
        return []  # of another program's version: they will be found again


def _read(fields: Fields) -> Contact:
    return Contact.of(fields.bytes_("peer", minimum=1, maximum=PEER), read_addresses(fields))
