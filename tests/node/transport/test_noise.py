"""Where we reach into libp2p's Noise, and what we do there: an upgrade that moves it is noticed."""

import random
from typing import Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from libp2p.peer.id import ID
from libp2p.security.noise.io import MAX_PLAINTEXT_LENGTH, NoiseTransportReadWriter
from libp2p.security.secure_session import SecureSession

from formats.errors import Unreachable
from node.transport.muxed import Identity
from node.transport.noise import LENGTH, MESSAGE, SEAL, Session, ciphers
from node.transport.sockets import Socket


async def shaken() -> tuple[Any, Any, Socket, Socket]:
    """Two sessions of libp2p, joined by a socket, after the handshake."""
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    client = await trio.open_tcp_stream(*listener.socket.getsockname()[:2])
    server = await listener.accept()
    await listener.aclose()
    one, other = Identity(), Identity()
    near, far = Socket(client, True), Socket(server, False)
    found: list[Any] = [None, None]

    async def answer() -> None:
        found[1] = await other.noise.secure_inbound(far)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        found[0] = await one.noise.secure_outbound(near, ID(other.peer))
    return found[0], found[1], near, far


async def test_what_we_use_of_libp2p_is_there() -> None:
    near, far, *sockets = await shaken()
    for session in (near, far):
        assert type(session) is SecureSession
        assert type(session.conn) is NoiseTransportReadWriter
        assert ciphers(session) is session.conn
    sealed = near.conn.encrypt(b"hello")
    assert (len(sealed), far.conn.decrypt(sealed)) == (5 + SEAL, b"hello")
    assert MAX_PLAINTEXT_LENGTH == MESSAGE
    for each in sockets:
        await each.close()


async def test_libp2p_reads_what_we_write_and_we_what_it_writes() -> None:
    near, far, near_wire, far_wire = await shaken()
    ours = Session(near_wire, ciphers(near))
    data = random.Random(1).randbytes(MESSAGE * 3 + 77)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ours.send, [data[:10], memoryview(data)[10:]])
        assert await far.read(len(data)) == data
    async with trio.open_nursery() as nursery:
        nursery.start_soon(far.write, data)
        heard = b""
        while len(heard) < len(data):
            heard += b"".join(await ours.receive())
    assert heard == data
    await near_wire.close()
    await far_wire.close()


class Said:
    """A wire on which everything was said already, in pieces."""

    is_initiator = False
    local = True
    port_here = 1
    address = "/ip4/127.0.0.1/tcp/1"

    def __init__(self, data: bytes, piece: int) -> None:
        self.left = data
        self.piece = piece

    async def receive_some(self, most: int = 0) -> bytes:
        await trio.lowlevel.checkpoint()
        some, self.left = self.left[: self.piece], self.left[self.piece :]
        return some

    async def send_all(self, data: bytes) -> None:
        raise AssertionError

    async def close(self) -> None:
        raise AssertionError


class Plain:
    """No cipher: sixteen bytes before each message, which must be these."""

    def encrypt(self, data: bytes) -> bytes:
        raise AssertionError

    def decrypt(self, data: bytes) -> bytes:
        assert data[:SEAL] == bytes(SEAL)
        return data[SEAL:]


def message(data: bytes) -> bytes:
    return (len(data) + SEAL).to_bytes(LENGTH, "big") + bytes(SEAL) + data


@given(st.lists(st.binary(max_size=60), max_size=8), st.integers(1, 100))
def test_how_messages_are_cut_makes_no_difference(messages: list[bytes], piece: int) -> None:
    async def heard() -> bytes:
        session = Session(Said(b"".join(map(message, messages)), piece), Plain())
        found = b""
        while some := await session.receive():
            assert all(some)
            found += b"".join(some)
        return found

    assert trio.run(heard) == b"".join(messages)


async def test_multistream_takes_only_what_it_asks_for() -> None:
    session = Session(Said(message(b"abc") + message(b"de"), 1000), Plain())
    assert [await session.read(1), await session.read(1)] == [b"a", b"b"]
    assert await session.receive() == [b"cde"]
    assert await session.receive() == []


@pytest.mark.parametrize("size", [0, 1, SEAL - 1])
async def test_a_message_without_a_seal_ends_the_connection(size: int) -> None:
    session = Session(Said(size.to_bytes(2, "big") + bytes(size), 1000), Plain())
    with pytest.raises(Unreachable):
        await session.receive()


async def test_what_was_changed_on_its_way_ends_the_connection() -> None:
    near, far, *sockets = await shaken()
    sealed = near.conn.encrypt(b"hello")
    for forged in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:-1], b"\0" + sealed):
        wire = Said(len(forged).to_bytes(2, "big") + forged, 1000)
        with pytest.raises(Unreachable):
            await Session(wire, ciphers(far)).receive()
    twice = Said((len(sealed).to_bytes(2, "big") + sealed) * 2, 1000)
    with pytest.raises(Unreachable):
        await Session(twice, ciphers(far)).receive()
    for each in sockets:
        await each.close()


async def test_a_write_that_was_given_up_is_the_last() -> None:
    class Stuck(Said):
        async def send_all(self, data: bytes) -> None:
            await trio.sleep_forever()

    class Sealing(Plain):
        def encrypt(self, data: bytes) -> bytes:
            return bytes(SEAL) + data

    session = Session(Stuck(b"", 1), Sealing())
    with trio.CancelScope() as scope:
        scope.cancel()
        await session.send([b"half"])
    with pytest.raises(Unreachable):
        await session.send([b"more"])
