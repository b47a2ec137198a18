"""The doors over real sockets and libp2p: promises, failures, and hostile ends."""

import errno
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import trio

from crypto.secret import Secret, random_secret
from formats.cid import Block
from formats.errors import (
    BadConfig,
    HoldfastError,
    TimedOut,
    UnknownVersion,
    Unreachable,
)
from formats.whereabouts import Home
from node.build import Node, build
from node.config import Config
from node.peer import peer_id
from node.transport import calling, remote
from node.transport.carrier import Stream
from node.transport.dialer import Dialer, dialing
from node.transport.host import ANY, Doorway, Host, listening
from node.transport.muxed import Identity, dialled
from node.transport.muxer import Muxer
from protocols import accounts as a
from protocols import blocks as b
from protocols import pointers as p
from protocols.exchange import Asker
from protocols.operations import OPERATIONS
from storage.memory import MemoryStore
from tests.architecture.tree import ROOT
from tests.node.transport.fakes import FakeNode
from tests.protocols.making import ROWS, plain

SEED: Final = Secret(bytes(range(32)))
CLOSE: Final = plain(b.CloseSession)
LOCAL: Final = ["127.0.0.1"]


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
async def host(node: FakeNode) -> AsyncIterator[Host]:
    async with listening(node, SEED, LOCAL, 0) as host:
        yield host


@pytest.fixture
async def dialer() -> AsyncIterator[Dialer]:
    async with dialing() as dialer:
        yield dialer


def home(host: Host) -> Home:
    return Home(host.peer, host.addresses)


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that another task brings about; the test's own limit is the limit."""
    while not true():
        await moment(0.005)


async def moment(seconds: float) -> None:
    """Real time, for what happens in real time."""
    with trio.move_on_after(seconds):
        await trio.sleep_forever()


# --- the ordinary way


async def test_every_operation_goes_there_and_back(dialer: Dialer, host: Host) -> None:
    doors = await dialer.reach(home(host))
    for row in ROWS:
        answer = await getattr(getattr(doors, row.door), row.name)(plain(row.request))
        assert answer == plain(row.replies[0])
    assert doors.peer == host.peer == peer_id(SEED)


async def test_the_node_sees_an_identity_of_this_run_only(
    node: FakeNode, host: Host, dialer: Dialer
) -> None:
    async with dialing() as other:
        for each in (dialer, other, dialer):
            doors = await each.reach(home(host))
            await doors.blocks.close_session(CLOSE)
        assert [caller.peer for caller in node.callers] == [dialer.peer, other.peer, dialer.peer]
    assert all(caller.local for caller in node.callers)
    assert len({dialer.peer, other.peer, host.peer}) == 3


async def test_closing_a_connection_ends_it_at_the_node(
    node: FakeNode, host: Host, dialer: Dialer
) -> None:
    doors = await dialer.reach(home(host))
    await doors.blocks.close_session(CLOSE)
    await doors.aclose()
    await until(lambda: host.connections == 0)
    assert node.closed == node.callers
    with pytest.raises(Unreachable):
        await doors.blocks.close_session(CLOSE)


async def test_the_own_node_is_reached_in_process(node: FakeNode) -> None:
    async with dialing(node) as dialer:
        doors = await dialer.reach(Home(node.peer_id, ()))
        await doors.blocks.close_session(CLOSE)
    [caller] = node.callers
    assert (caller.peer, caller.local) == (b"", True)


async def test_sixty_four_requests_at_once(node: FakeNode, host: Host, dialer: Dialer) -> None:
    there, all_there = 0, trio.Event()

    @node.handles("pointers.watch")
    async def answer(request: p.Watch) -> p.Resolved:
        nonlocal there
        there += 1
        if there == 64:
            all_there.set()
        await all_there.wait()
        return plain(p.Resolved, pointer=bytes([request.seq]))

    answers: list[int] = []
    doors = await dialer.reach(home(host))
    async with trio.open_nursery() as nursery:

        async def watch(seq: int) -> None:
            resolved = await doors.pointers.watch(plain(p.Watch, seq=seq))
            assert resolved.pointer == bytes([seq])
            answers.append(seq)

        for seq in range(64):
            nursery.start_soon(watch, seq)
    assert sorted(answers) == list(range(64))


async def test_sixteen_mebibytes_there_and_back(node: FakeNode, host: Host, dialer: Dialer) -> None:
    blocks = tuple(Block.raw(bytes([n]) * (1024 * 1024)) for n in range(16))

    @node.handles("blocks.stage")
    async def stage(request: b.Stage) -> b.Staged:
        assert request.blocks == blocks
        return b.Staged(1)

    @node.handles("blocks.read")
    async def read(request: b.Read) -> b.Found:
        return plain(b.Found, blocks=blocks)

    doors = await dialer.reach(home(host))
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(doors.blocks.stage, plain(b.Stage, blocks=blocks))
            nursery.start_soon(doors.blocks.read, plain(b.Read))
    assert (await doors.blocks.read(plain(b.Read))).blocks == blocks


async def test_a_hundred_connections_at_once(node: FakeNode, host: Host, dialer: Dialer) -> None:
    async with trio.open_nursery() as nursery:

        async def connect() -> None:
            doors = await dialer.reach(home(host))
            assert await doors.blocks.close_session(CLOSE) == b.Closed()

        for _ in range(100):
            nursery.start_soon(connect)
    assert host.connections == 100
    assert len(node.callers) == 100


@pytest.mark.slow
async def test_connections_that_end_leave_nothing_behind(host: Host, dialer: Dialer) -> None:
    tasks = trio.lowlevel.current_statistics().tasks_living
    for _ in range(400):
        doors = await dialer.reach(home(host))
        await doors.blocks.close_session(CLOSE)
        await doors.aclose()
    await until(lambda: host.connections == 0)
    await until(lambda: trio.lowlevel.current_statistics().tasks_living <= tasks)
    assert host._connected.total() == len(host._lobby) == 0


@pytest.fixture
async def real_node(tmp_path: Path) -> AsyncIterator[Node]:
    async with build(Config(tmp_path), store=MemoryStore(), key=SEED) as made:
        yield made


async def test_a_real_node_is_greeted(real_node: Node, dialer: Dialer) -> None:
    async with listening(real_node, real_node.key, LOCAL, 0) as host:
        real_node.found(host.addresses)
        assert host.peer == real_node.peer_id
        doors = await dialer.reach(Home(real_node.peer_id, real_node.addresses()))
        hello = await doors.accounts.hello(a.AskHello("test"))
        again = await doors.accounts.hello(a.AskHello("test"))
        other = await (await dialer.reach(home(host))).accounts.hello(a.AskHello("test"))
    assert (hello.server, hello.client) == (host.peer, dialer.peer)
    assert hello.nonce == again.nonce != other.nonce


# --- nodes that are not there


async def test_a_node_without_an_address_cannot_be_reached(dialer: Dialer) -> None:
    for addresses in ((), ("/ip4/127.0.0.1/udp/1/quic-v1",)):
        with pytest.raises(Unreachable, match="no address"):
            await dialer.reach(Home(b"peer", addresses))


async def test_a_node_that_is_off_is_unreachable_and_back_at_once(
    node: FakeNode, dialer: Dialer
) -> None:
    async with listening(node, SEED, LOCAL, 0) as host:
        where, port = home(host), host.port
        doors = await dialer.reach(where)
        await doors.blocks.close_session(CLOSE)
    with pytest.raises(Unreachable):
        await doors.blocks.close_session(CLOSE)
    for _ in range(3):
        with pytest.raises(Unreachable):
            await dialer.reach(where)
    async with listening(node, SEED, LOCAL, port) as host:
        assert host.port == port
        again = await dialer.reach(where)
        assert await again.blocks.close_session(CLOSE) == b.Closed()


async def test_addresses_that_lead_nowhere_do_not_matter(host: Host, dialer: Dialer) -> None:
    nowhere = (
        "/ip6/2001:db8::1/tcp/4061",
        "/ip4/127.0.0.1/tcp/1",
        "/dns4/x.invalid/tcp/1",
        "/dns4/a..b/tcp/1",
    )
    doors = await dialer.reach(Home(host.peer, nowhere + host.addresses))
    assert await doors.blocks.close_session(CLOSE) == b.Closed()


async def test_another_node_at_the_address_is_not_spoken_to(
    node: FakeNode, host: Host, dialer: Dialer
) -> None:
    with pytest.raises(Unreachable):
        await dialer.reach(Home(Identity().peer, host.addresses))
    assert node.callers == []


async def test_an_impostor_ahead_of_the_right_address_is_passed_over(
    node: FakeNode, host: Host, dialer: Dialer
) -> None:
    async with listening(FakeNode(), random_secret(), LOCAL, 0) as impostor:
        doors = await dialer.reach(Home(host.peer, impostor.addresses + host.addresses))
        assert doors.peer == host.peer


@asynccontextmanager
async def socket_that(play: Callable[[trio.SocketStream], Any]) -> AsyncIterator[str]:
    """A TCP listener of the test's own; its address."""
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, play, [listener])
        yield f"/ip4/127.0.0.1/tcp/{listener.socket.getsockname()[1]}"
        nursery.cancel_scope.cancel()


async def test_a_socket_that_says_nothing_is_unreachable_in_time(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "SHAKE_SECONDS", 0.5)

    async def silent(stream: trio.SocketStream) -> None:
        await trio.sleep_forever()

    async with socket_that(silent) as address:
        start = trio.current_time()
        with pytest.raises(Unreachable):
            await dialer.reach(Home(Identity().peer, (address,)))
        assert trio.current_time() - start < 5


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-x\r\n", b"\xff" * 4096, b"\x00" * 4096])
async def test_a_socket_that_says_something_else_is_unreachable(
    dialer: Dialer, said: bytes
) -> None:
    async def other(stream: trio.SocketStream) -> None:
        await stream.send_all(said)
        await stream.aclose()

    async with socket_that(other) as address:
        with pytest.raises(Unreachable):
            await dialer.reach(Home(Identity().peer, (address,)))


async def test_a_port_that_is_taken_is_named(host: Host, node: FakeNode) -> None:
    with pytest.raises(BadConfig, match=f"port {host.port} is taken"):
        async with listening(node, SEED, LOCAL, host.port):
            raise AssertionError


async def test_a_family_that_the_machine_lacks_is_left_out(
    node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = trio.open_tcp_listeners

    async def without_six(port: int, *, host: str) -> list[trio.SocketListener]:
        if ":" in host:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return list(await real(port, host=host))

    monkeypatch.setattr(trio, "open_tcp_listeners", without_six)
    async with listening(node, SEED, ANY, 0) as host:
        assert list(host.hosts) == ["0.0.0.0"]
        assert not any("/ip6/" in address for address in host.addresses)
    for hosts in (["::"], ["127.0.0.1", "::1"]):
        with pytest.raises(BadConfig, match=f"cannot be listened on \\({hosts[-1]}\\)"):
            async with listening(node, SEED, hosts, 0):
                raise AssertionError


async def test_all_addresses_share_one_port(node: FakeNode, dialer: Dialer) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    async with listening(node, SEED, ["127.0.0.1", "::1"], 0) as host:
        assert host.addresses == (
            f"/ip4/127.0.0.1/tcp/{host.port}",
            f"/ip6/::1/tcp/{host.port}",
        )
        for address in host.addresses:
            doors = await dialer.reach(Home(host.peer, (address,)))
            assert await doors.blocks.close_session(CLOSE) == b.Closed()


# --- connections that die


SERVER: Final = """
import sys
import trio
from crypto.secret import Secret
from node.transport.host import ANY, listening
from tests.node.transport.fakes import FakeNode
from protocols import blocks as b

async def main():
    node = FakeNode()
    @node.handles("pointers.watch")
    async def watch(request):
        print("asked", flush=True)
        await trio.sleep_forever()
    async with listening(node, Secret(bytes(range(32))), ["127.0.0.1"], int(sys.argv[1])) as host:
        print(host.port, flush=True)
        await trio.sleep_forever()

trio.run(main)
"""


@asynccontextmanager
async def another_process(port: int = 0) -> AsyncIterator[tuple[subprocess.Popen[bytes], int]]:
    """A node in a process of its own, and its port."""
    command = [sys.executable, "-c", SERVER, str(port)]
    process = _started(command)
    try:
        assert process.stdout is not None
        yield process, int(await trio.to_thread.run_sync(process.stdout.readline))
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


@pytest.mark.slow
async def test_a_node_that_is_killed_ends_all_requests_and_is_back_when_it_is(
    dialer: Dialer,
) -> None:
    async with another_process() as (process, port), trio.open_nursery() as nursery:
        where = Home(peer_id(SEED), (f"/ip4/127.0.0.1/tcp/{port}",))
        doors = await dialer.reach(where)
        ended = 0

        async def watch() -> None:
            nonlocal ended
            with pytest.raises(Unreachable):
                await doors.pointers.watch(plain(p.Watch))
            ended += 1

        for _ in range(3):
            nursery.start_soon(watch)
            assert process.stdout is not None
            await trio.to_thread.run_sync(process.stdout.readline)
        process.kill()
        start = trio.current_time()
        await until(lambda: ended == 3)
        assert trio.current_time() - start < 5
    with pytest.raises(Unreachable):
        await dialer.reach(where)
    async with another_process(port):
        again = await dialer.reach(where)
        assert await again.blocks.close_session(CLOSE) == b.Closed()


async def test_a_node_that_never_answers_is_timed_out(
    node: FakeNode, host: Host, dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "GRACE", -9.5)

    @node.handles("pointers.resolve")
    async def answer(request: p.Resolve) -> p.Resolved:
        await trio.sleep_forever()
        raise AssertionError

    doors = await dialer.reach(home(host))
    await doors.blocks.close_session(CLOSE)
    with pytest.raises(TimedOut):
        await doors.pointers.resolve(plain(p.Resolve))
    with pytest.raises(Unreachable, match="silent"):
        await doors.blocks.close_session(CLOSE)


# --- hostile ends


async def raw_socket(host: Host) -> trio.SocketStream:
    return await trio.open_tcp_stream("127.0.0.1", host.port)


async def closed(stream: trio.SocketStream) -> bool:
    """Wait until the other side has closed."""
    try:
        while await stream.receive_some():
            pass
    except trio.BrokenResourceError:
        pass
    return True


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\xff" * 64,
        b"\x00" * 64,
        b"\x13/multistream/1.0.0\n\x0b/plaintext\n" * 20,
        b"\x13/multistream/1.0.0\n\x07/noise\n" + b"\xff\xff" + b"x" * 65535,
        b"\x13/multistream/1.0.0\n\x07/noise\n" + b"\x00\x00" * 10,
    ],
)
async def test_garbage_is_closed_and_others_are_served(
    node: FakeNode, dialer: Dialer, garbage: bytes
) -> None:
    async with listening(node, SEED, LOCAL, 0, doorway=Doorway(handshake_seconds=2)) as host:
        await _throw(host, garbage)
        doors = await dialer.reach(home(host))
        assert await doors.blocks.close_session(CLOSE) == b.Closed()


async def _throw(host: Host, garbage: bytes) -> None:
    async with await raw_socket(host) as stream:
        await stream.send_all(garbage)
        assert await closed(stream)


async def test_plaintext_is_not_offered(host: Host) -> None:
    async with await raw_socket(host) as stream:
        await stream.send_all(b"\x13/multistream/1.0.0\n\x11/plaintext/2.0.0\n\x0b/tls/1.0.0\n")
        heard = b""
        while heard.count(b"\n") < 3:
            heard += await stream.receive_some()
    assert heard == b"\x13/multistream/1.0.0\n\x03na\n\x03na\n"


async def test_idle_sockets_are_closed_and_make_place(node: FakeNode, dialer: Dialer) -> None:
    doorway = Doorway(handshakes=3, handshake_seconds=2)
    async with listening(node, SEED, LOCAL, 0, doorway=doorway) as host:
        idle = [await raw_socket(host) for _ in range(3)]
        await until(lambda: len(host._lobby) == 3)
        with pytest.raises(Unreachable):
            await dialer.reach(home(host))
        for stream in idle:
            assert await closed(stream)
            await stream.aclose()
        await until(lambda: len(host._lobby) == 0)
        doors = await dialer.reach(home(host))
        assert await doors.blocks.close_session(CLOSE) == b.Closed()


async def test_sockets_that_say_nothing_shut_nobody_out(node: FakeNode, dialer: Dialer) -> None:
    doorway = Doorway(sheltered=0.2, handshake_seconds=60)
    async with listening(node, SEED, LOCAL, 0, doorway=doorway) as host:
        idle = [await raw_socket(host) for _ in range(250)]
        await until(lambda: len(host._lobby) == doorway.handshakes)
        await moment(0.3)
        for _ in range(3):
            doors = await dialer.reach(home(host))
            assert await doors.blocks.close_session(CLOSE) == b.Closed()
        for stream in idle:
            await stream.aclose()


async def test_connections_that_ask_nothing_shut_nobody_out(node: FakeNode, dialer: Dialer) -> None:
    doorway = Doorway(connections=4, idle_full=0.2)
    async with listening(node, SEED, LOCAL, 0, doorway=doorway) as host:
        idle = [await dialer.reach(home(host)) for _ in range(4)]
        await moment(0.3)
        doors = await dialer.reach(home(host))
        assert await doors.blocks.close_session(CLOSE) == b.Closed()
        assert host.connections == 4
        with pytest.raises(Unreachable):
            await _all_asked(idle)


async def _all_asked(doors: list[Any]) -> None:
    for each in doors:
        await each.blocks.close_session(CLOSE)


async def test_there_is_a_last_place_and_strangers_that_ask_nothing_make_way(
    node: FakeNode, dialer: Dialer
) -> None:
    doorway = Doorway(connections=4, idle_crowded=2, sweep=0.05)
    async with listening(node, SEED, LOCAL, 0, doorway=doorway) as host:
        idle = [await dialer.reach(home(host)) for _ in range(4)]
        with pytest.raises(Unreachable):
            await dialer.reach(home(host))
        await until(lambda: host.connections < 4)
        with pytest.raises(Unreachable):
            await idle[0].blocks.close_session(CLOSE)
        doors = await dialer.reach(home(host))
        assert await doors.blocks.close_session(CLOSE) == b.Closed()


async def test_somebody_known_is_not_closed_for_being_idle(node: FakeNode, dialer: Dialer) -> None:
    doorway = Doorway(connections=2, idle_stranger=2, idle_crowded=2, sweep=0.05)
    async with listening(node, SEED, LOCAL, 0, doorway=doorway) as host:
        known, stranger = await dialer.reach(home(host)), await dialer.reach(home(host))
        await known.blocks.close_session(CLOSE)
        node.callers[0].owners.add((bytes(32), bytes(32)))
        await until(lambda: host.connections == 1)
        assert await known.blocks.close_session(CLOSE) == b.Closed()
        with pytest.raises(Unreachable):
            await stranger.blocks.close_session(CLOSE)


@asynccontextmanager
async def muxed_to(host: Host) -> AsyncIterator[Muxer]:
    """A connection of which the test plays the asking end itself."""
    muxed = await dialled(await raw_socket(host), Identity(), host.peer)
    assert isinstance(muxed, Muxer)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxed.run)
        yield muxed
        await muxed.aclose()


async def test_a_protocol_that_is_not_served_is_not_opened(host: Host) -> None:
    async with muxed_to(host) as muxed:
        with pytest.raises(UnknownVersion):
            await muxed.open("/holdfast/blocks/2")


async def ended(stream: Stream) -> bool:
    """Wait until the other side has ended the stream or the connection."""
    try:
        while await stream.receive_some():
            pass
    except Unreachable:
        pass
    return True


@pytest.mark.parametrize("garbage", [b"\xff" * 4, bytes(4), b"\x00\x00\x00\x01\xff"])
async def test_garbage_on_a_stream_ends_its_connection_only(
    host: Host, dialer: Dialer, garbage: bytes
) -> None:
    good = await dialer.reach(home(host))
    await good.blocks.close_session(CLOSE)
    async with muxed_to(host) as muxed:
        stream = await muxed.open(b.PROTOCOL)
        await stream.send_all(garbage)
        assert await ended(stream)
    assert await good.blocks.close_session(CLOSE) == b.Closed()


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack("!BBHII", 0, 0, 0, 1, 2**32 - 1),
        struct.pack("!BBHII", 0, 0, 1, 1, 2**32 - 1),
        struct.pack("!BBHII", 9, 9, 0xFFFF, 0, 0) * 100,
        struct.pack("!BBHII", 0, 3, 0, 0, 1),
    ],
)
async def test_a_muxer_that_breaks_the_rules_harms_itself(
    host: Host, dialer: Dialer, frame: bytes
) -> None:
    async with muxed_to(host) as muxed:
        await muxed._session.send([frame])
        doors = await dialer.reach(home(host))
        assert await doors.blocks.close_session(CLOSE) == b.Closed()


async def test_who_ignores_the_window_is_cut_off(node: FakeNode, dialer: Dialer) -> None:
    """What nobody reads is bounded: a peer may send as much as it was told, and nothing more."""
    held = trio.Event()

    @node.handles("blocks.stage")
    async def stage(request: b.Stage) -> b.Staged:
        await held.wait()
        return b.Staged(0)

    async with listening(node, SEED, LOCAL, 0) as host:
        async with muxed_to(host) as muxed:
            stream = await muxed.open(b.PROTOCOL)
            await stream.send_all(_two_stages()[: 1024 * 1024 + 1000])
            await until(lambda: node.asked == ["blocks.stage"])
            frame = struct.pack("!BBHII", 0, 0, 0, 1, 65507) + bytes(65507)
            with pytest.raises(Unreachable):
                await _flood(muxed, frame)
        await until(lambda: host.connections == 0)
        doors = await dialer.reach(home(host))
        assert await doors.blocks.close_session(CLOSE) == b.Closed()


async def _flood(muxed: Muxer, frame: bytes) -> None:
    while True:
        await muxed._session.send([frame])


def _two_stages() -> bytes:
    asker = Asker(OPERATIONS["blocks"])
    block = Block.raw(bytes(1024 * 1024))
    asked = [asker.ask(OPERATIONS["blocks"]["stage"], plain(b.Stage, blocks=(block,)))]
    asked += [asker.ask(OPERATIONS["blocks"]["stage"], plain(b.Stage, blocks=(block,)))]
    return b"".join(write for _, writes in asked for write in writes)


@pytest.mark.slow
async def test_a_reader_that_pauses_loses_nothing(host: Host, node: FakeNode) -> None:
    """libp2p resets a stream whose window stays shut for five seconds; ours waits."""
    blocks = tuple(Block.raw(bytes([n]) * (1024 * 1024)) for n in range(16))

    @node.handles("blocks.read")
    async def read(request: b.Read) -> b.Found:
        return plain(b.Found, blocks=blocks)

    async with muxed_to(host) as muxed:
        stream = await muxed.open(b.PROTOCOL)
        await stream.send_all(_one_read())
        await moment(6.5)
        heard = 0
        while heard < 16 * 1024 * 1024:
            more = await stream.receive_some()
            assert more
            heard += len(more)


def _one_read() -> bytes:
    _, writes = Asker(OPERATIONS["blocks"]).ask(OPERATIONS["blocks"]["read"], plain(b.Read))
    return b"".join(writes)


def test_libp2p_and_we_name_a_node_alike() -> None:
    assert Identity(SEED).peer == peer_id(SEED)


async def test_errors_are_ours_alone(host: Host, node: FakeNode, dialer: Dialer) -> None:
    doors = await dialer.reach(home(host))

    async def keep_asking() -> None:
        while True:
            await doors.blocks.close_session(CLOSE)

    async def ask() -> None:
        with pytest.raises(HoldfastError):
            await keep_asking()

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(ask)
        await until(lambda: len(node.asked) > 20)
        for scope in list(host._open.values()):
            scope.cancel()
