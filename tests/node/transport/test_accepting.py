"""Accepting: who is not welcome costs two calls, and keeps nobody else out; what takes turns."""

import socket
from collections import Counter

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from node.transport import accepting as module
from node.transport import host as host_module
from node.transport.accepting import AT_ONCE, accepting
from node.transport.dialer import dialing
from node.transport.host import HANDSHAKE, READS, Doorway, listening, place_of
from node.transport.turns import Turns
from protocols import blocks as b
from tests.node.transport.fakes import FakeNode
from tests.node.transport.test_network import CLOSE, LOCAL, SEED, home, until
from tests.protocols.making import plain

OUTSIDE = "192.0.2.1"


async def test_who_is_not_welcome_is_closed_and_others_are_served() -> None:
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port, asked = listener.socket.getsockname()[1], list[str]()

    def is_welcome(host: str) -> bool:
        asked.append(host)
        return len(asked) > 2 * AT_ONCE + 3

    async def serve(stream: trio.SocketStream) -> None:
        await stream.send_all(b"hello")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(accepting, listener, is_welcome, serve)
        for _ in range(2 * AT_ONCE + 3):
            async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                assert await stream.receive_some() == b""
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            assert await stream.receive_some() == b"hello"
            assert await stream.receive_some() == b""  # served, and closed
        nursery.cancel_scope.cancel()
    assert set(asked) == {"127.0.0.1"}
    with pytest.raises(OSError, match="connect"):
        await trio.open_tcp_stream("127.0.0.1", port)


async def test_refusing_leaves_turns_to_others() -> None:
    queue, dialled = socket.create_server(("127.0.0.1", 0), backlog=64), list[socket.socket]()
    with queue:
        queue.setblocking(False)
        for _ in range(AT_ONCE + 1):
            dialled.append(socket.create_connection(queue.getsockname()))
        async with trio.open_nursery() as nursery:
            taken = [module._taken(queue, lambda host: False, _never, nursery) for _ in range(2)]
    for each in dialled:
        with each:
            assert each.recv(1) == b""
    assert taken == [False, True]


async def _never(stream: trio.SocketStream) -> None:
    raise AssertionError


async def test_who_is_being_served_is_closed_when_the_listener_is() -> None:
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(accepting, listener, lambda host: True, _forever)
        stream = await trio.open_tcp_stream(*listener.socket.getsockname())
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    async with stream:
        assert await stream.receive_some() == b""


async def _forever(stream: trio.SocketStream) -> None:
    await trio.sleep_forever()


# --- what takes turns


class Counted(Turns):
    """Counts turns; nobody waits."""

    def __init__(self) -> None:
        super().__init__(1, 1)
        self.taken = Counter[str]()

    async def wait(self, who: str, takes: int = 1) -> None:
        await trio.lowlevel.checkpoint()
        self.taken[who] += takes


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """All who dial come from one address elsewhere."""
    monkeypatch.setattr(host_module, "site_outside", lambda host: OUTSIDE)


@pytest.mark.usefixtures("outside")
async def test_all_that_a_stranger_asks_for_takes_turns() -> None:
    asked = 3 * READS
    async with listening(FakeNode(), SEED, LOCAL, 0) as host, dialing() as dialer:
        turns = host._server.shared.strangers_turns = Counted()  # type: ignore[misc]
        doors = await dialer.reach(home(host))
        for _ in range(asked):
            await doors.blocks.close_session(CLOSE)
        await until(lambda: bool(turns.taken))
        least = HANDSHAKE + 1 + asked  # a stream, and each request
        assert set(turns.taken) == {OUTSIDE}
        assert turns.taken[OUTSIDE] >= least + asked // READS
        assert turns.taken[OUTSIDE] <= least + (2 * asked + 20) // READS


@pytest.mark.usefixtures("outside")
async def test_who_has_proven_something_takes_none() -> None:
    node = FakeNode()

    @node.handles("blocks.close_session")
    async def known(request: b.CloseSession) -> b.Closed:
        node.callers[-1].owners.add((bytes(32), bytes(32)))
        return plain(b.Closed)

    async with listening(node, SEED, LOCAL, 0) as host, dialing() as dialer:
        turns = host._server.shared.strangers_turns = Counted()  # type: ignore[misc]
        doors = await dialer.reach(home(host))
        await doors.blocks.close_session(CLOSE)
        before = turns.taken.copy()
        for _ in range(4 * READS):
            await doors.blocks.close_session(CLOSE)
        assert turns.taken == before


@pytest.mark.usefixtures("outside")
async def test_a_site_with_all_places_taken_is_not_welcome() -> None:
    doorway = Doorway(connections_of_site=1)
    async with (
        listening(FakeNode(), SEED, LOCAL, 0, doorway=doorway) as host,
        dialing() as dialer,
    ):
        assert host.is_welcome("192.0.2.1")
        doors = await dialer.reach(home(host))
        await doors.blocks.close_session(CLOSE)
        assert not host.is_welcome("192.0.2.1")
        assert host._server.counts.turned_away == 1


@pytest.mark.usefixtures("outside")
async def test_silent_sockets_make_their_site_unwelcome_until_they_would_make_place() -> None:
    doorway = Doorway(handshakes_of_site=1, sheltered=0.3)
    async with (
        listening(FakeNode(), SEED, LOCAL, 0, doorway=doorway) as host,
        await trio.open_tcp_stream("127.0.0.1", host.port),
    ):
        await until(lambda: not host.is_welcome(OUTSIDE))
        await until(lambda: host.is_welcome(OUTSIDE))
        assert host._server.counts.turned_away > 0


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/ip4/192.0.2.7/tcp/4061", "192.0.2.7"),
        ("/ip6/2001:db8::1/tcp/4061", "2001:0db8:0000:0000"),
        ("/ip4/127.0.0.1/tcp/4061", ""),
        ("nonsense", ""),
    ],
)
def test_for_whom_a_connection_counts(address: str, place: str) -> None:
    assert place_of(address) == place
