"""On the wire we are plain libp2p: a stock py-libp2p host and ours understand each other."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import trio
from libp2p import new_host
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.x25519 import create_new_key_pair as noise_keys
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE
from libp2p.security.noise.transport import Transport as Noise
from multiaddr import Multiaddr  # type: ignore[import-untyped]

from crypto.secret import random_secret
from formats import dag_cbor
from node.transport.host import Doorway, listening
from node.transport.muxed import Identity, dialled
from protocols import blocks as b
from protocols.frames import framed
from tests.node.transport.fakes import FakeNode

ASKED = b"".join(
    framed([dag_cbor.encode({"i": 1, "o": "close_session", "q": {"session": bytes(16)}})])
)
ANSWERED = b"".join(framed([dag_cbor.encode({"i": 1, "r": {}})]))


@asynccontextmanager
async def stock_host(*addresses: str) -> AsyncIterator[Any]:
    """An ordinary libp2p host, with Noise as its only way to be private."""
    pair = create_new_key_pair()
    listen = [Multiaddr(address) for address in addresses]
    noise = Noise(pair, noise_keys().private_key)
    host = new_host(key_pair=pair, listen_addrs=listen or None, sec_opt={NOISE: noise})
    async with host.run(listen):
        try:
            yield host
        finally:
            with trio.CancelScope(shield=True):
                await host.close()


BOTH: Final = pytest.mark.parametrize("fallback", [False, True], ids=["own", "libp2p"])
"""Our muxer, and libp2p's that is fallen back to."""


@BOTH
async def test_a_stock_host_asks_us(fallback: bool) -> None:
    node = FakeNode()
    doorway = Doorway(stock=fallback)
    listens = listening(node, random_secret(), ["127.0.0.1"], 0, doorway=doorway)
    async with listens as ours, stock_host() as stock:
        peer = ID(ours.peer)
        await stock.get_network().dial_addr(Multiaddr(ours.addresses[0]), peer)
        stream = await stock.new_stream(peer, [TProtocol(b.PROTOCOL)])
        await stream.write(ASKED)
        heard = b""
        while len(heard) < len(ANSWERED):
            heard += await stream.read(100)
        assert heard == ANSWERED
        assert node.callers[0].peer == stock.get_id().to_bytes()


@asynccontextmanager
async def dialled_to(stock: Any, fallback: bool) -> AsyncIterator[Any]:
    """A connection of ours to a stock host."""
    port = int(stock.get_addrs()[0].value_for_protocol("tcp"))
    socket = await trio.open_tcp_stream("127.0.0.1", port)
    muxed = await dialled(socket, Identity(stock=fallback), stock.get_id().to_bytes())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxed.run)
        yield muxed
        await muxed.aclose()


@BOTH
async def test_we_ask_a_stock_host(fallback: bool) -> None:
    async with stock_host("/ip4/127.0.0.1/tcp/0") as stock:

        async def echo(stream: Any) -> None:
            await stream.write(await stream.read(100))
            await stream.close()

        stock.set_stream_handler(TProtocol("/echo/1"), echo)
        async with dialled_to(stock, fallback) as muxed:
            stream = await muxed.open("/echo/1")
            await stream.send_all(b"hello")
            assert await stream.receive_some() == b"hello"
            assert await stream.receive_some() == b""


async def test_a_stock_host_and_we_send_each_other_more_than_any_window() -> None:
    """Both windows shut and open many times; nothing is lost, doubled or out of order."""
    data = random.Random(7).randbytes(12_000_000)
    async with stock_host("/ip4/127.0.0.1/tcp/0") as stock:

        async def echo(stream: Any) -> None:
            left = len(data)
            while left:
                some = await stream.read(65_536)
                await stream.write(some)
                left -= len(some)
            await stream.close()

        stock.set_stream_handler(TProtocol("/echo/1"), echo)
        async with dialled_to(stock, False) as muxed, trio.open_nursery() as nursery:
            stream = await muxed.open("/echo/1")
            nursery.start_soon(stream.send_all, data)
            heard = bytearray()
            while some := await stream.receive_some():
                heard += some
            assert heard == data
