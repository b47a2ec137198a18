"""py-libp2p's own KadDHT and our nodes speak with each other, under our protocol's name.

That it can be given the name is a patch of a constant: it passes over the prefix it is
given (``test_upstream.py``). These tests tell when what it says on the wire changes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from libp2p.custom_types import TProtocol
from libp2p.kad_dht import common, kad_dht, peer_routing, value_store
from libp2p.kad_dht.kad_dht import DHTMode, KadDHT
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.records.validator import NamespacedValidator, Validator
from libp2p.tools.anyio_service import background_trio_service
from multiaddr import Multiaddr  # type: ignore[import-untyped]

from formats.errors import Unreachable
from formats.published import Published
from node.dht.answering import Answer, Kind, Request
from node.dht.contact import Contact
from node.dht.rules import PROTOCOL
from node.network import Network
from tests.node.dht.test_network import found, store
from tests.node.dht.town import Member, member, published, town
from tests.node.people import Clock
from tests.node.transport.test_interop import stock_host

pytestmark = pytest.mark.slow

VALUE = b"a value of theirs"


class Anything(Validator):
    """Takes every value."""

    def validate(self, key: str, value: bytes) -> None:
        return

    def select(self, key: str, values: list[bytes]) -> int:
        return 0


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Theirs speaks under the name of ours."""
    for module in (common, kad_dht, peer_routing, value_store):
        monkeypatch.setattr(module, "PROTOCOL_ID", TProtocol(PROTOCOL))


@asynccontextmanager
async def stock() -> AsyncIterator[KadDHT]:
    """A node of theirs that serves."""
    async with stock_host("/ip4/127.0.0.1/tcp/0") as host:
        validator = NamespacedValidator({"n": Anything()}, strict_validation=False)
        dht = KadDHT(host, DHTMode.SERVER, validator=validator, validator_changed=True)
        async with background_trio_service(dht):
            yield dht


def theirs(dht: KadDHT) -> Contact:
    """A node of theirs as ours knows it."""
    address = str(dht.host.get_addrs()[0]).partition("/p2p/")[0]
    return Contact.of(dht.host.get_id().to_bytes(), (address,))


async def meets(dht: KadDHT, ours: Member) -> ID:
    """Theirs dials ours and knows it from then on; our peer id."""
    info = info_from_p2p_addr(Multiaddr(ours.address))
    await dht.host.connect(info)
    assert await dht.routing_table.add_peer(info)
    return info.peer_id


async def asked(ours: Member, dht: KadDHT, request: Request) -> Answer:
    """What theirs answers to ours."""
    return await ours.dht._asking.ask(theirs(dht), request)


async def test_theirs_asks_ours(tmp_path: Path, clock: Clock) -> None:
    alice, bob = published("alice"), published("bob")
    async with town(tmp_path, 3, clock) as nodes, stock() as dht:
        await store(nodes[1], alice)
        peer = await meets(dht, nodes[0])
        closer = await dht.peer_routing._query_peer_for_closest(peer, alice.keys[0])
        assert {each.to_bytes() for each in closer} == {each.host.peer for each in nodes[1:]}
        read = dht.value_store._get_from_peer
        assert await read(peer, alice.keys[0]) == alice.encode()
        assert await read(peer, bob.keys[0]) is None
        assert await dht.value_store._store_at_peer(peer, bob.keys[0], bob.encode())
        assert await read(peer, bob.keys[0]) == bob.encode()
        assert await found(nodes[2], bob) == [bob]


async def test_ours_takes_nothing_of_theirs_that_does_not_hold(
    tmp_path: Path, clock: Clock
) -> None:
    alice = published("alice")
    async with town(tmp_path, 2, clock) as nodes, stock() as dht:
        peer = await meets(dht, nodes[0])
        await dht.value_store._store_at_peer(peer, alice.keys[0], VALUE)
        assert nodes[0].dht.keeper.get(alice.keys[0], clock.now) is None


async def test_ours_asks_theirs(tmp_path: Path, clock: Clock) -> None:
    alice = published("alice")
    async with member(tmp_path, "ours", Network(), clock) as ours, stock() as dht:
        key = alice.keys[0]
        assert await asked(ours, dht, Request(Kind.PING)) == Answer()
        assert await asked(ours, dht, Request(Kind.FIND, key)) == Answer()
        assert (await asked(ours, dht, Request(Kind.GET, key))).value is None
        dht.value_store.put(key, alice.encode())
        value = (await asked(ours, dht, Request(Kind.GET, key))).value
        assert value is not None
        assert Published.decode(value) == alice
        with pytest.raises(Unreachable):  # its keys begin with a word that says how to check them
            await asked(ours, dht, Request(Kind.PUT, alice.keys[1], alice.encode()))


async def test_theirs_names_others_to_ours(tmp_path: Path, clock: Clock) -> None:
    async with town(tmp_path, 2, clock) as nodes, stock() as dht:
        await meets(dht, nodes[0])
        named = (await asked(nodes[1], dht, Request(Kind.FIND, nodes[0].host.peer))).named
        assert [each.peer for each in named] == [nodes[0].host.peer]
        assert set(nodes[0].host.addresses) & set(named[0].addresses)
