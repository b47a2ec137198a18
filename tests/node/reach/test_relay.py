"""A relay keeps to its terms, and trusts nobody: on loopback, with real connections."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trio

from crypto.secret import random_secret
from formats.base58 import base58
from formats.errors import Unreachable
from formats.whereabouts import Home
from node.network import Network
from node.reach.called import Called
from node.reach.helpers import KnownRelay
from node.reach.hop import CONNECT, HOP, RESERVE, STATUS, STOP, Hop, Status, Stop
from node.reach.reaching import reaching
from node.reach.relay import Relay, Terms
from node.reach.reserving import Reserving, known_relays
from node.reach.telling import Telling
from node.transport.carrier import Stream
from node.transport.dialer import dialing
from node.transport.host import Host, listening
from protocols.accounts import AskHello
from tests.nat.nodes import until
from tests.node.transport.fakes import FakeNode
from tests.node.transport.test_network import LOCAL


@asynccontextmanager
async def node() -> AsyncIterator[Host]:
    async with listening(FakeNode(), random_secret(), LOCAL, 0) as host:
        yield host


@asynccontextmanager
async def two() -> AsyncIterator[tuple[Host, Host]]:
    async with node() as one, node() as other:
        yield one, other


@asynccontextmanager
async def relay(terms: Terms | None = None) -> AsyncIterator[tuple[Host, Relay]]:
    async with node() as host:
        made = Relay(host, lambda: host.addresses, terms)
        with made.serving():
            yield host, made


async def asked(of: Host, by: Host, message: Hop) -> tuple[Hop, Telling]:
    """The answer of a relay, and the stream it came on."""
    told = Telling(await by.peers.open(of.peer, of.addresses, HOP))
    await told.tell(message.encode())
    return Hop.read(await told.hear()), told


async def status(of: Host, by: Host, message: Hop) -> int:
    answer, told = await asked(of, by, message)
    await told.aclose()
    assert answer.type == STATUS
    return answer.status


async def test_a_place_is_given_with_a_voucher() -> None:
    async with relay() as (host, made), node() as home:
        answer, told = await asked(host, home, Hop(RESERVE))
        assert (answer.status, made.places) == (Status.OK, 1)
        assert answer.limit is not None
        assert (answer.limit.seconds, answer.limit.bytes) == (4 * 3600, 2 * 2**30)
        assert answer.voucher
        await told.aclose()
        assert await status(host, home, Hop(RESERVE)) == Status.OK
        assert made.places == 1


async def test_its_terms_are_those_of_the_settings() -> None:
    settings = Network(relay_places=1, relay_an_hour=2**20, map_port=False)
    async with node() as host, reaching(host, settings, (), lambda addresses: None), two() as homes:
        answer, told = await asked(host, homes[0], Hop(RESERVE))
        assert answer.limit is not None
        assert answer.limit.bytes == 2**20
        assert await status(host, homes[1], Hop(RESERVE)) == Status.RESERVATION_REFUSED
        await told.aclose()


async def test_places_are_limited_and_free_again_when_a_node_is_gone() -> None:
    async with relay(Terms(places=1)) as (host, made), node() as one:
        assert await status(host, one, Hop(RESERVE)) == Status.OK
        async with node() as other:
            assert await status(host, other, Hop(RESERVE)) == Status.RESERVATION_REFUSED
        await one.peers.drop(host.peer)
        await until(lambda: made.places == 0)
        async with node() as other:
            assert await status(host, other, Hop(RESERVE)) == Status.OK


async def test_a_place_runs_out() -> None:
    async with relay(Terms(place_seconds=0)) as (host, made), node() as home, node() as caller:
        assert await status(host, home, Hop(RESERVE)) == Status.OK
        assert made.places == 0
        assert await status(host, caller, Hop(CONNECT, home.peer)) == Status.NO_RESERVATION


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Hop(CONNECT), Status.NO_RESERVATION),
        (Hop(CONNECT, b"x" * 65), Status.NO_RESERVATION),
        (Hop(CONNECT, b"nobody"), Status.NO_RESERVATION),
        (Hop(STATUS), Status.UNEXPECTED_MESSAGE),
        (Hop(7), Status.UNEXPECTED_MESSAGE),
    ],
)
async def test_what_cannot_be_done_is_said(message: Hop, expected: Status) -> None:
    async with relay() as (host, _), node() as caller:
        assert await status(host, caller, message) == expected


@asynccontextmanager
async def echoing(host: Host, said: Status = Status.OK) -> AsyncIterator[Host]:
    """A node with a place there, which answers calls with what they say."""

    async def answer(stream: Stream, _peer: bytes, _address: str) -> None:
        told = Telling(stream)
        assert Stop.read(await told.hear()).peer
        await told.tell(Stop(status=said).encode())
        while data := await told.receive_some():
            await told.send_all(data)

    async with node() as home:
        with home.handlers.serving(STOP, answer):
            assert await status(host, home, Hop(RESERVE)) == Status.OK
            yield home


async def called(host: Host, home: Host) -> int:
    """What a stranger is told who calls."""
    async with node() as caller:
        return await status(host, caller, Hop(CONNECT, home.peer))


async def heard(told: Telling, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := await told.receive_some()):
        data += more
    return data


async def test_bytes_pass_both_ways() -> None:
    async with relay() as (host, _), echoing(host) as home, node() as caller:
        answer, told = await asked(host, caller, Hop(CONNECT, home.peer))
        assert answer.status == Status.OK
        await told.send_all(b"hello" * 1000)
        assert await heard(told, 5000) == b"hello" * 1000
        await told.aclose()
        await until(lambda: not home.handlers._served[STOP].open)


async def test_a_call_that_is_refused_is_a_failed_one() -> None:
    async with relay() as (host, _), echoing(host, Status.PERMISSION_DENIED) as home:
        assert await called(host, home) == Status.CONNECTION_FAILED


async def test_bytes_are_counted_for_who_is_called() -> None:
    async with (
        relay(Terms(bytes_an_hour=10_000)) as (host, _),
        echoing(host) as home,
        two() as (caller, other),
    ):
        _, told = await asked(host, caller, Hop(CONNECT, home.peer))
        await told.send_all(bytes(5000))
        assert len(await heard(told, 5000)) == 5000
        await told.send_all(bytes(1))
        assert await heard(told, 1) == b""
        refused = await status(host, other, Hop(CONNECT, home.peer))
        assert refused == Status.RESOURCE_LIMIT_EXCEEDED


async def test_calls_are_limited() -> None:
    terms = Terms(calls=3, calls_of_caller=2)
    async with relay(terms) as (host, _), echoing(host) as home, node() as one, node() as other:
        held = [await asked(host, one, Hop(CONNECT, home.peer)) for _ in range(2)]
        assert [answer.status for answer, _ in held] == [Status.OK] * 2
        refused = Status.RESOURCE_LIMIT_EXCEEDED
        assert await status(host, one, Hop(CONNECT, home.peer)) == refused
        answer, told = await asked(host, other, Hop(CONNECT, home.peer))
        assert answer.status == Status.OK
        assert await status(host, other, Hop(CONNECT, home.peer)) == refused
        await told.aclose()
        await held[0][1].aclose()


async def test_a_call_ends_after_its_time() -> None:
    async with relay(Terms(call_seconds=0)) as (host, _), echoing(host) as home, node() as caller:
        _, told = await asked(host, caller, Hop(CONNECT, home.peer))
        assert await heard(told, 1) == b""


async def test_a_home_is_reached_from_end_to_end() -> None:
    async with relay() as (host, _), node() as home, dialing() as dialer:
        known = KnownRelay(host.peer, host.addresses)
        reserving = Reserving(home, lambda: (known,), lambda: True, lambda: None)
        async with trio.open_nursery() as nursery:
            async with Called(home, reserving.holds).serving():
                nursery.start_soon(reserving.run)
                await until(lambda: bool(reserving.addresses))
                doors = await dialer.reach(Home(home.peer, reserving.addresses))
                assert doors.peer == home.peer
                await doors.accounts.hello(AskHello("x"))
                await doors.aclose()
                wrong = Home(replace(known).peer[:-1] + b"x", reserving.addresses)
                with pytest.raises(Unreachable):
                    await dialer.reach(wrong)
            nursery.cancel_scope.cancel()


async def test_only_relays_that_were_asked_may_bring_callers() -> None:
    async with relay() as (host, _), node() as home:
        reserving = Reserving(home, lambda: (), lambda: True, lambda: None)
        async with Called(home, reserving.holds).serving():
            assert await status(host, home, Hop(RESERVE)) == Status.OK
            assert await called(host, home) == Status.CONNECTION_FAILED


def test_relays_are_known_by_their_addresses() -> None:
    peer = bytes(range(34))
    name = base58(peer)
    where = ("/ip4/192.0.2.1/tcp/1", "/dns4/example.org/tcp/2")
    named = [f"{each}/p2p/{name}" for each in where]
    assert known_relays([*named, "/ip4/192.0.2.1/tcp/1", f"/udp/1/p2p/{name}"]) == [
        KnownRelay(peer, where)
    ]
