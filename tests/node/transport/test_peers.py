"""Protocols besides the doors, and connections to other nodes under the node's own name."""

from collections.abc import AsyncIterator

import pytest
import trio

from crypto.secret import random_secret
from formats.errors import Malformed, UnknownVersion, Unreachable
from formats.whereabouts import Home
from node.transport.carrier import Stream
from node.transport.dialer import dialing
from node.transport.handlers import Allowed, Handlers
from node.transport.host import Host, listening
from node.transport.peers import Keeping
from protocols import blocks as b
from tests.node.transport.fakes import FakeNode
from tests.node.transport.test_network import LOCAL, ended, until
from tests.protocols.making import plain

ECHO = "/holdfast/echo/1"


async def echo(stream: Stream, peer: bytes, address: str) -> None:
    while data := await stream.receive_some():
        await stream.send_all(data)


@pytest.fixture
async def two() -> AsyncIterator[tuple[Host, Host]]:
    async with (
        listening(FakeNode(), random_secret(), LOCAL, 0) as one,
        listening(FakeNode(), random_secret(), LOCAL, 0) as other,
    ):
        yield one, other


async def heard(stream: Stream, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := await stream.receive_some()):
        data += more
    return data


async def said(host: Host, to: Host, text: bytes = b"hello") -> bytes:
    """What comes back over a stream of its own."""
    stream = await host.peers.open(to.peer, to.addresses, ECHO)
    try:
        await stream.send_all(text)
        return await heard(stream, len(text))
    finally:
        await stream.aclose()


async def test_a_handler_is_told_who_asks_and_from_where(two: tuple[Host, Host]) -> None:
    one, other = two
    asked: list[tuple[bytes, str]] = []

    async def note(stream: Stream, peer: bytes, address: str) -> None:
        asked.append((peer, address))
        await echo(stream, peer, address)

    with other.handlers.serving(ECHO, note):
        assert await said(one, other) == b"hello"
    [(peer, address)] = asked
    assert peer == one.peer
    assert address.startswith("/ip4/127.0.0.1/tcp/")


async def test_one_connection_serves_both_ways_and_is_kept(two: tuple[Host, Host]) -> None:
    one, other = two
    with one.handlers.serving(ECHO, echo), other.handlers.serving(ECHO, echo):
        for _ in range(5):
            assert await said(one, other) == b"hello"
        assert one.peers.dialled == 1
        assert other.peers.connected(one.peer)
        back = await other.peers.open(one.peer, (), ECHO)  # no address: over the one there is
        await back.send_all(b"you")
        assert await heard(back, 3) == b"you"
        await back.aclose()
    assert other.peers.dialled == 0
    assert one.connections == 0


async def test_many_who_want_the_same_node_share_one_dial(two: tuple[Host, Host]) -> None:
    one, other = two
    answers: list[bytes] = []

    async def ask() -> None:
        answers.append(await said(one, other))

    with other.handlers.serving(ECHO, echo, Allowed(streams_of_peer=16)):
        async with trio.open_nursery() as nursery:
            for _ in range(8):
                nursery.start_soon(ask)
    assert answers == [b"hello"] * 8
    assert (one.peers.dialled, other.connections) == (1, 1)


async def test_what_is_not_served_is_refused_and_the_doors_still_are(
    two: tuple[Host, Host],
) -> None:
    one, other = two
    with pytest.raises(UnknownVersion):
        await one.peers.open(other.peer, other.addresses, ECHO)
    async with dialing() as dialer:
        doors = await dialer.reach(Home(other.peer, other.addresses))
        assert await doors.blocks.close_session(plain(b.CloseSession)) == b.Closed()
    with other.handlers.serving(ECHO, echo):
        assert await said(one, other) == b"hello"
    with pytest.raises(UnknownVersion):
        await one.peers.open(other.peer, other.addresses, ECHO)


async def test_calls_of_a_person_do_not_come_from_the_node(two: tuple[Host, Host]) -> None:
    one, other = two
    peers: list[bytes] = []

    async def note(stream: Stream, peer: bytes, address: str) -> None:
        peers.append(peer)

    with other.handlers.serving(ECHO, note):
        assert await said(one, other) == b""
        async with dialing() as dialer:
            await dialer.reach(Home(other.peer, other.addresses))
            assert not other.peers.connected(one.peer) or one.peers.dialled == 1
            assert dialer.peer not in (one.peer, other.peer)
    assert peers == [one.peer]


@pytest.mark.parametrize("allowed", [Allowed(streams=2), Allowed(streams_of_peer=2)])
async def test_streams_above_the_limit_are_closed_unserved(
    two: tuple[Host, Host], allowed: Allowed
) -> None:
    one, other = two
    with other.handlers.serving(ECHO, echo, allowed):
        streams = [await one.peers.open(other.peer, other.addresses, ECHO) for _ in range(3)]
        for stream in streams[:2]:
            await stream.send_all(b"a")
            assert await heard(stream, 1) == b"a"
        assert await ended(streams[2])
        await streams[0].aclose()
        assert await ended(streams[0])
        assert await said(one, other) == b"hello"


async def test_who_takes_too_long_loses_the_connection(two: tuple[Host, Host]) -> None:
    one, other = two
    with other.handlers.serving(ECHO, echo, Allowed(seconds=0.2)):
        stream = await one.peers.open(other.peer, other.addresses, ECHO)
        await stream.send_all(b"a")
        assert await ended(stream)
        await until(lambda: other.connections == 0)


async def test_a_handler_that_fails_ends_its_stream_only(two: tuple[Host, Host]) -> None:
    one, other = two

    async def fail(stream: Stream, peer: bytes, address: str) -> None:
        if await stream.receive_some() == b"bad":
            raise Malformed("not understood")
        await stream.send_all(b"good!")

    with other.handlers.serving(ECHO, fail):
        assert await said(one, other, b"bad") == b""
        assert await said(one, other, b"well.") == b"good!"
    assert one.peers.dialled == 1


async def test_a_node_that_is_back_is_reached_at_once() -> None:
    seed = random_secret()
    async with listening(FakeNode(), random_secret(), LOCAL, 0) as one:
        async with listening(FakeNode(), seed, LOCAL, 0) as other:
            port = other.port
            with other.handlers.serving(ECHO, echo):
                assert await said(one, other) == b"hello"
        await until(lambda: not one.peers.connected(other.peer))
        with pytest.raises(Unreachable):
            await said(one, other)
        async with listening(FakeNode(), seed, LOCAL, port) as other:
            with other.handlers.serving(ECHO, echo):
                assert await said(one, other) == b"hello"


async def test_a_node_does_not_dial_itself(two: tuple[Host, Host]) -> None:
    one, _ = two
    with pytest.raises(Unreachable, match="itself"):
        await one.peers.open(one.peer, one.addresses, ECHO)


async def test_another_node_at_the_address_is_refused(two: tuple[Host, Host]) -> None:
    one, other = two
    with pytest.raises(Unreachable):
        await one.peers.open(b"\x00\x24" + bytes(36), other.addresses, ECHO)
    assert one.peers.dialled == 0


async def test_idle_connections_are_closed_unless_kept(two: tuple[Host, Host]) -> None:
    one, other = two
    one.peers._keeping = Keeping(idle=0.05, sweep=0.01)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(one.peers.sweep)
        with other.handlers.serving(ECHO, echo):
            with one.peers.keeping(other.peer):
                assert await said(one, other) == b"hello"
                with trio.move_on_after(0.3):
                    await until(lambda: one.peers.dialled == 0)
                assert one.peers.dialled == 1
            stream = await one.peers.open(other.peer, other.addresses, ECHO)
            with trio.move_on_after(0.3):
                await until(lambda: one.peers.dialled == 0)
            assert one.peers.dialled == 1  # in use
            await stream.aclose()
            await until(lambda: one.peers.dialled == 0)
        nursery.cancel_scope.cancel()


async def test_there_are_never_more_connections_than_allowed(two: tuple[Host, Host]) -> None:
    one, other = two
    one.peers._keeping = Keeping(connections=1)
    async with listening(FakeNode(), random_secret(), LOCAL, 0) as third:
        with other.handlers.serving(ECHO, echo), third.handlers.serving(ECHO, echo):
            assert await said(one, other) == b"hello"
            assert await said(one, third) == b"hello"
            assert one.peers.dialled == 1
            assert not one.peers.connected(other.peer)
            busy = await one.peers.open(third.peer, third.addresses, ECHO)
            with pytest.raises(Unreachable, match="as many"):
                await said(one, other)
            await busy.aclose()
            await until(lambda: not one.peers.connected(other.peer))


def test_a_protocol_is_served_by_one() -> None:
    handlers = Handlers()
    with (
        handlers.serving(ECHO, echo),
        pytest.raises(ValueError, match="already"),
        handlers.serving(ECHO, echo),
    ):
        pass
    assert handlers.protocols == ()
