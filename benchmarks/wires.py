"""Ways to carry bytes between two processes: raw, encrypted by TLS, and libp2p's and our stacks.

Each way listens and dials; both ends get plain streams. ``answer`` is what the
listening process does with each: a request of eight bytes names a size, and so
many bytes come back. (Of raw TCP and TLS every stream is a connection of its own.)
"""

import os
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import trio

from crypto.secret import Secret
from formats.errors import Unreachable

if TYPE_CHECKING:
    from libp2p.abc import INetStream

PROTOCOL: Final = "/benchmark/1"
SEED: Final = Secret(bytes(31) + b"\x01")
HOST: Final = "127.0.0.1"
REQUEST: Final = 8

BODY: Final = os.urandom(1024 * 1024)


class Stream(Protocol):
    """What all of them have."""

    async def receive_some(self) -> bytes: ...
    async def send_all(self, data: bytes) -> None: ...


Opener = Callable[[], Any]
"""Opens one more stream."""


async def answer(stream: Stream) -> None:
    """Answer requests until the stream ends, the next one only when this one is on its way."""
    with suppress(Exception):
        held = b""
        while data := await stream.receive_some():
            held += data
            while len(held) >= REQUEST:
                size, held = int.from_bytes(held[:REQUEST], "big"), held[REQUEST:]
                await stream.send_all(BODY[:size])


async def take(stream: Stream, size: int) -> None:
    """Receive so many bytes, which are not kept."""
    while size > 0:
        data = await stream.receive_some()
        assert data
        size -= len(data)


# --- TCP and TLS


class Raw:
    """A TCP or TLS stream, read in pieces of 256 KiB."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream

    async def receive_some(self) -> bytes:
        return bytes(await self._stream.receive_some(256 * 1024))

    async def send_all(self, data: bytes) -> None:
        await self._stream.send_all(data)


async def tcp_listen(port: int, folder: Path) -> None:
    await trio.serve_tcp(lambda stream: answer(Raw(stream)), port, host=HOST)


@asynccontextmanager
async def tcp_dial(port: int, folder: Path) -> AsyncIterator[Opener]:
    async def opened() -> Stream:
        return Raw(await trio.open_tcp_stream(HOST, port))

    yield opened


def certificate(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


async def tls_listen(port: int, folder: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    await trio.serve_ssl_over_tcp(lambda stream: answer(Raw(stream)), port, context, host=HOST)


@asynccontextmanager
async def tls_dial(port: int, folder: Path) -> AsyncIterator[Opener]:
    context = ssl.create_default_context(cafile=folder / "cert.pem")

    async def opened() -> Stream:
        return Raw(await trio.open_ssl_over_tcp_stream(HOST, port, ssl_context=context))

    yield opened


# --- ours


async def own_listen(port: int, folder: Path) -> None:
    from node.transport.muxed import Identity, accepted

    identity = Identity(SEED)

    async def serve(socket: trio.SocketStream) -> None:
        try:
            muxed = await accepted(socket, identity)
        except Unreachable:
            return  # somebody who looked whether we listen
        async with trio.open_nursery() as nursery:
            nursery.start_soon(muxed.run)
            while (arrival := await muxed.accept()) is not None:
                _, stream = await arrival.agree([PROTOCOL])
                nursery.start_soon(answer, stream)

    await trio.serve_tcp(serve, port, host=HOST)


@asynccontextmanager
async def own_dial(port: int, folder: Path) -> AsyncIterator[Opener]:
    from node.peer import peer_id
    from node.transport.muxed import Identity, dialled

    socket = await trio.open_tcp_stream(HOST, port)
    muxed = await dialled(socket, Identity(), peer_id(SEED))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxed.run)
        yield lambda: muxed.open(PROTOCOL)
        await muxed.aclose()


# --- libp2p as it comes


class Stock:
    """A stream of libp2p's host."""

    def __init__(self, stream: "INetStream") -> None:
        self._stream = stream

    async def receive_some(self) -> bytes:
        return bytes(await self._stream.read(256 * 1024))

    async def send_all(self, data: bytes) -> None:
        await self._stream.write(data)


@asynccontextmanager
async def stock_host(addresses: list[Any], seed: bytes | None) -> AsyncIterator[Any]:
    from libp2p import new_host
    from libp2p.crypto.ed25519 import create_new_key_pair
    from libp2p.crypto.x25519 import create_new_key_pair as noise_keys
    from libp2p.security.noise.transport import PROTOCOL_ID, Transport

    pair = create_new_key_pair(seed)
    noise = Transport(pair, noise_keys().private_key)
    host = new_host(key_pair=pair, listen_addrs=addresses or None, sec_opt={PROTOCOL_ID: noise})
    async with host.run(addresses):
        try:
            yield host
        finally:
            with trio.CancelScope(shield=True):
                await host.close()


async def stock_listen(port: int, folder: Path) -> None:
    from libp2p.custom_types import TProtocol
    from multiaddr import Multiaddr  # type: ignore[import-untyped]

    where = Multiaddr(f"/ip4/{HOST}/tcp/{port}")
    async with stock_host([where], SEED.reveal()) as host:
        host.set_stream_handler(TProtocol(PROTOCOL), lambda stream: answer(Stock(stream)))
        await trio.sleep_forever()


@asynccontextmanager
async def stock_dial(port: int, folder: Path) -> AsyncIterator[Opener]:
    from libp2p.custom_types import TProtocol
    from libp2p.peer.id import ID
    from multiaddr import Multiaddr

    from node.peer import peer_id

    async with stock_host([], None) as host:
        peer = ID(peer_id(SEED))
        await host.get_network().dial_addr(Multiaddr(f"/ip4/{HOST}/tcp/{port}"), peer)

        async def opened() -> Stream:
            return Stock(await host.new_stream(peer, [TProtocol(PROTOCOL)]))

        yield opened


Dial = Callable[[int, Path], AbstractAsyncContextManager[Opener]]

STACKS: Final[dict[str, tuple[Callable[[int, Path], Any], Dial]]] = {
    "raw TCP": (tcp_listen, tcp_dial),
    "raw TLS 1.3": (tls_listen, tls_dial),
    "libp2p as it comes": (stock_listen, stock_dial),
    "ours": (own_listen, own_dial),
}
