"""NAT-PMP: a router that maps, one that refuses, one that says nothing, one that talks nonsense."""

import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import trio

from node.reach import natpmp
from node.reach.gateway import Gateway
from node.reach.natpmp import mapped
from tests.nat.nodes import until

ADDRESS = b"\0\x80" + struct.pack("!HI4s", 0, 9, bytes([203, 0, 113, 7]))


def mapping(request: bytes, result: int = 0, inside: int = 0, life: int = 3600) -> bytes:
    port = struct.unpack("!H", request[4:6])[0]
    return struct.pack("!BBHIHHI", 0, 130, result, 9, inside or port, 5000, life)


@asynccontextmanager
async def router(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[bytes], bytes]
) -> AsyncIterator[list[bytes]]:
    """A router on loopback; what it was asked."""
    asked: list[bytes] = []
    with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as heard:
        await heard.bind(("127.0.0.1", 0))
        monkeypatch.setattr(natpmp, "PORT", heard.getsockname()[1])
        monkeypatch.setattr(natpmp, "WAITS", (0.02, 0.02))

        async def serve() -> None:
            while True:
                data, who = await heard.recvfrom(64)
                asked.append(data)
                await heard.sendto(answer(data), who)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve)
            yield asked
            nursery.cancel_scope.cancel()


def good(request: bytes) -> bytes:
    return ADDRESS if request == b"\0\0" else mapping(request)


async def test_a_port_is_mapped(monkeypatch: pytest.MonkeyPatch) -> None:
    async with router(monkeypatch, good) as asked:
        found = await mapped("127.0.0.1", 4061)
        assert found is not None
        assert (found.address, found.outside) == ("/ip4/203.0.113.7/tcp/5000", 5000)
        assert (found.seconds, found.by) == (3600, "NAT-PMP")
    assert asked == [b"\0\0", struct.pack("!BBHHHI", 0, 2, 0, 4061, 4061, 3600)]


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: b"",
        lambda request: b"\0\x80\0\0",
        lambda request: ADDRESS + b"x",
        lambda request: b"\0\x80" + struct.pack("!HI4s", 3, 9, bytes(4)),
        lambda request: ADDRESS if request == b"\0\0" else mapping(request, result=2),
        lambda request: ADDRESS if request == b"\0\0" else mapping(request, inside=1),
        lambda request: ADDRESS if request == b"\0\0" else mapping(request, life=0),
        lambda request: ADDRESS if request == b"\0\0" else b"\x02" * 16,
    ],
)
async def test_what_is_no_mapping(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[bytes], bytes]
) -> None:
    async with router(monkeypatch, answer):
        assert await mapped("127.0.0.1", 4061) is None


async def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async with router(monkeypatch, good):
        pass
    assert await mapped("127.0.0.1", 4061) is None


async def test_it_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    async with router(monkeypatch, good) as asked, trio.open_nursery() as nursery:
        kept = Gateway(lambda: 4061, lambda: told.append(kept.address), lambda: "127.0.0.1")
        nursery.start_soon(kept.run)
        await until(lambda: bool(told))
        nursery.cancel_scope.cancel()
    assert told == ["/ip4/203.0.113.7/tcp/5000"]
    assert asked[-1] == struct.pack("!BBHHHI", 0, 2, 0, 4061, 0, 0), "it is given back"
