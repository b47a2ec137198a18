"""Circuit relay v2 with py-libp2p's own: its relay brings our callers to our home."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import trio
from libp2p.relay.circuit_v2.protocol import CircuitV2Protocol
from libp2p.relay.circuit_v2.resources import RelayLimits
from libp2p.tools.anyio_service import background_trio_service

from crypto.secret import random_secret
from formats.whereabouts import Home
from node.reach.called import Called
from node.reach.helpers import KnownRelay
from node.reach.reserving import Reserving
from node.transport.dialer import dialing
from node.transport.host import listening
from protocols.accounts import AskHello
from tests.nat.nodes import until
from tests.node.transport.fakes import FakeNode
from tests.node.transport.test_interop import stock_host
from tests.node.transport.test_network import LOCAL


@asynccontextmanager
async def stock_relay() -> AsyncIterator[Any]:
    """A libp2p host that relays."""
    limits = RelayLimits(3600, 1 << 30, 16, 16)
    async with (
        stock_host("/ip4/127.0.0.1/tcp/0") as host,
        background_trio_service(CircuitV2Protocol(host, limits, allow_hop=True)),
    ):
        yield host


async def test_a_stock_relay_brings_callers_to_us() -> None:
    logging.getLogger("libp2p").setLevel(logging.CRITICAL)
    async with (
        stock_relay() as stock,
        listening(FakeNode(), random_secret(), LOCAL, 0) as home,
        dialing() as dialer,
        trio.open_nursery() as nursery,
    ):
        port = stock.get_addrs()[0].value_for_protocol("tcp")
        known = KnownRelay(stock.get_id().to_bytes(), (f"/ip4/127.0.0.1/tcp/{port}",))
        reserving = Reserving(home, lambda: (known,), lambda: True, lambda: None)
        async with Called(home, reserving.holds).serving():
            nursery.start_soon(reserving.run)
            await until(lambda: bool(reserving.addresses))
            doors = await dialer.reach(Home(home.peer, reserving.addresses))
            assert doors.peer == home.peer
            await doors.accounts.hello(AskHello("x"))
            await doors.aclose()
        nursery.cancel_scope.cancel()
