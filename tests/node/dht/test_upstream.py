"""What libp2p's own KadDHT does, for which ours asks, keeps and counts itself (decision 0255).

Each of these tests fails when upstream has mended it: then read the decision again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from libp2p import new_host
from libp2p.custom_types import TProtocol
from libp2p.kad_dht import common
from libp2p.kad_dht.kad_dht import DHTMode, KadDHT
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.records.validator import NamespacedValidator, Validator
from libp2p.tools.anyio_service import background_trio_service
from multiaddr import Multiaddr  # type: ignore[import-untyped]

from tests.node.transport.test_network import moment

pytestmark = pytest.mark.slow


class Newest(Validator):
    """Values are numbers; the greatest is the best."""

    def validate(self, key: str, value: bytes) -> None:
        int(value)

    def select(self, key: str, values: list[bytes]) -> int:
        return max(range(len(values)), key=lambda at: int(values[at]))


@asynccontextmanager
async def stock(**more: Any) -> AsyncIterator[KadDHT]:
    """A node of libp2p's own, as its recipe says."""
    host = new_host(listen_addrs=[Multiaddr("/ip4/127.0.0.1/tcp/0")])
    validator = NamespacedValidator({"n": Newest()}, strict_validation=True)
    async with host.run([Multiaddr("/ip4/127.0.0.1/tcp/0")]):
        dht = KadDHT(host, DHTMode.SERVER, validator=validator, validator_changed=True, **more)
        try:
            async with background_trio_service(dht):
                yield dht
        finally:
            with trio.CancelScope(shield=True):
                await host.close()


async def meet(one: KadDHT, other: KadDHT) -> None:
    """Both know each other."""
    await one.host.connect(info_from_p2p_addr(other.host.get_addrs()[0]))
    with trio.fail_after(60):
        while not (
            await one.routing_table.add_peer(other.host.get_id())
            and await other.routing_table.add_peer(one.host.get_id())
        ):
            await moment(0.05)  # until each has heard what the other speaks


async def test_a_value_that_was_read_once_is_read_from_memory_for_ever() -> None:
    async with stock() as one, stock() as other:
        await meet(one, other)
        await one.put_value("/n/x", b"1")
        assert await other.get_value("/n/x") == b"1"
        other_store = other.value_store.store
        kept = dict(other_store)
        await one.put_value("/n/x", b"2")
        other_store.clear()
        other_store.update(kept)  # as where the newer value went to other nodes
        assert await other.get_value("/n/x") == b"1"


async def test_the_prefix_of_a_private_network_is_ignored() -> None:
    async with stock(protocol_prefix=TProtocol("/holdfast")) as dht:
        served = dht.host.get_mux().get_protocols()
        assert common.PROTOCOL_ID == "/ipfs/kad/1.0.0"
        assert any("/ipfs/kad/1.0.0" in str(each) for each in served)
        assert not any("/holdfast" in str(each) for each in served)


async def test_a_put_that_nobody_took_looks_like_any_other() -> None:
    async with stock() as alone:
        said: object = await alone.put_value("/n/x", b"1")  # type: ignore[func-returns-value]
        assert said is None


async def test_one_provider_is_found_once_for_each_node_that_knows_it() -> None:
    async with stock() as one, stock() as other, stock() as third:
        for a, b in ((one, other), (one, third), (other, third)):
            await meet(a, b)
        assert await one.provide("/n/key")
        for _ in range(20):  # on a busy machine one of them may not answer in time
            found = await third.find_providers("/n/key")
            if [info.peer_id for info in found].count(one.host.get_id()) > 1:
                return
        raise AssertionError("upstream names each provider once: the work-around can go")
