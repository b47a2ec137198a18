"""Both drivers, joined by memory streams: promises, limits, and either side failing."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from formats import dag_cbor
from formats.cid import CID_SIZE, Block, Cid
from formats.errors import (
    BadBlock,
    Denied,
    HoldfastError,
    Internal,
    Malformed,
    ProtocolViolation,
    TimedOut,
    TooLarge,
    Unreachable,
)
from formats.whereabouts import Home
from node.transport.costs import MIB, Limits
from node.transport.memory import MemoryNetwork, _pair, connect_memory
from node.transport.remote import RemoteDoors
from node.transport.streams import Server
from protocols import blocks as b
from protocols import pointers as p
from protocols.exchange import MAX_IN_FLIGHT, Asker
from protocols.frames import framed
from protocols.operations import OPERATIONS
from protocols.wire import to_wire
from tests.node.transport.fakes import FakeNode
from tests.protocols.making import ROWS, plain

CLOSE = plain(b.CloseSession)
BIG = Block.raw(bytes(1024 * 1024))


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


async def ask(doors: Any, row: Any, **values: Any) -> Any:
    return await getattr(getattr(doors, row.door), row.name)(plain(row.request, **values))


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_every_operation_goes_there_and_back(node: FakeNode, row: Any) -> None:
    async with connect_memory(node) as doors:
        assert await ask(doors, row) == plain(row.replies[0])
        assert node.asked == [str(row)]
        assert doors.peer == node.peer_id


async def test_all_doors_of_a_connection_share_one_caller(node: FakeNode) -> None:
    async with connect_memory(node, b"somebody", local=False) as doors:
        for row in ROWS:
            await ask(doors, row)
        [caller] = node.callers
        assert (caller.peer, caller.local) == (b"somebody", False)
    assert node.closed == [caller]


async def test_an_error_of_the_block_stays_what_it_is(node: FakeNode) -> None:
    with pytest.raises(ZeroDivisionError):
        async with connect_memory(node):
            raise ZeroDivisionError


async def test_two_connections_are_two_callers(node: FakeNode) -> None:
    async with connect_memory(node, b"a") as one, connect_memory(node, b"b") as other:
        await one.blocks.close_session(CLOSE)
        await other.blocks.close_session(CLOSE)
    assert {caller.peer for caller in node.callers} == {b"a", b"b"}


async def test_errors_cross_with_their_message(node: FakeNode) -> None:
    @node.handles("blocks.read")
    async def answer(request: b.Read) -> b.Found:
        raise Denied("there is nothing there")

    async with connect_memory(node) as doors:
        with pytest.raises(Denied, match=r"^there is nothing there$"):
            await doors.blocks.read(plain(b.Read))
        await doors.blocks.close_session(CLOSE)


async def test_a_fault_of_ours_is_internal_and_says_nothing(
    node: FakeNode, caplog: pytest.LogCaptureFixture
) -> None:
    @node.handles("blocks.read")
    async def answer(request: b.Read) -> b.Found:
        raise ZeroDivisionError("the secret is 42")

    with caplog.at_level(logging.DEBUG):
        async with connect_memory(node) as doors:
            with pytest.raises(Internal) as raised:
                await doors.blocks.read(plain(b.Read))
            await doors.blocks.close_session(CLOSE)
    assert "secret" not in raised.value.message
    assert "secret" not in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "blocks.read" in caplog.text


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b.Closed(), Internal),
        (plain(b.Found, rest=(-1,)), Internal),
        (plain(b.Found, blocks=(BIG,) * 25), TooLarge),
    ],
)
async def test_an_answer_that_cannot_be_sent_is_an_error(
    node: FakeNode, reply: Any, kind: type[HoldfastError]
) -> None:
    @node.handles("blocks.read")
    async def answer(request: b.Read) -> Any:
        return reply

    async with connect_memory(node) as doors:
        with pytest.raises(kind):
            await doors.blocks.read(plain(b.Read))


async def test_a_message_that_breaks_its_limits_never_leaves(node: FakeNode) -> None:
    async with connect_memory(node) as doors:
        with pytest.raises(Malformed):
            await doors.blocks.stage(b.Stage(b"", ()))
        with pytest.raises(Malformed):
            await doors.blocks.stage(plain(b.Read))  # type: ignore[arg-type]
        with pytest.raises(TooLarge):
            await doors.blocks.stage(plain(b.Stage, blocks=(BIG,) * 17))
        assert node.asked == []


async def test_sixteen_mebibytes_arrive_as_blocks(node: FakeNode) -> None:
    blocks = tuple(Block.raw(bytes([n]) * (1024 * 1024)) for n in range(16))
    seen = []

    @node.handles("blocks.stage")
    async def answer(request: b.Stage) -> b.Staged:
        seen.append(request)
        return b.Staged(sum(len(block.data) for block in request.blocks))

    async with connect_memory(node) as doors:
        staged = await doors.blocks.stage(plain(b.Stage, blocks=blocks))
    assert staged == b.Staged(16 * 1024 * 1024)
    assert seen == [plain(b.Stage, blocks=blocks)]


async def test_requests_run_side_by_side_and_come_back_in_any_order(node: FakeNode) -> None:
    running = 0
    all_there = trio.Event()

    @node.handles("pointers.watch")
    async def answer(request: p.Watch) -> p.Resolved:
        nonlocal running
        running += 1
        if running == MAX_IN_FLIGHT:
            all_there.set()
        await all_there.wait()
        return plain(p.Resolved, pointer=bytes([request.seq]))

    answers: dict[int, p.Resolved] = {}

    async with connect_memory(node) as doors, trio.open_nursery() as nursery:

        async def watch(seq: int) -> None:
            answers[seq] = await doors.pointers.watch(plain(p.Watch, seq=seq))

        for seq in range(MAX_IN_FLIGHT):
            nursery.start_soon(watch, seq)
    assert {seq: answer.pointer for seq, answer in answers.items()} == {
        seq: bytes([seq]) for seq in range(MAX_IN_FLIGHT)
    }


async def test_the_sixty_fifth_waits_its_turn(node: FakeNode) -> None:
    waiting: list[trio.Event] = []

    @node.handles("pointers.watch")
    async def answer(request: p.Watch) -> p.Resolved:
        event = trio.Event()
        waiting.append(event)
        await event.wait()
        return plain(p.Resolved)

    async with connect_memory(node) as doors, trio.open_nursery() as nursery:
        for _ in range(MAX_IN_FLIGHT + 10):
            nursery.start_soon(doors.pointers.watch, plain(p.Watch))
        await trio.testing.wait_all_tasks_blocked()
        assert len(waiting) == MAX_IN_FLIGHT
        waiting[0].set()
        await trio.testing.wait_all_tasks_blocked()
        assert len(waiting) == MAX_IN_FLIGHT + 1
        for event in waiting:
            event.set()
        await trio.testing.wait_all_tasks_blocked()
        for event in waiting:
            event.set()


async def test_a_cancelled_request_harms_no_other(node: FakeNode) -> None:
    go = trio.Event()

    @node.handles("blocks.read")
    async def answer(request: b.Read) -> b.Found:
        await go.wait()
        return plain(b.Found, blocks=(BIG,))

    async with connect_memory(node) as doors:
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(doors.blocks.read, plain(b.Read))
                await trio.testing.wait_all_tasks_blocked()
                scope.cancel()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(doors.blocks.read, plain(b.Read))
            await trio.testing.wait_all_tasks_blocked()
            go.set()
        assert await doors.blocks.close_session(CLOSE) == b.Closed()


# --- the end of a connection


async def test_closing_ends_what_is_under_way_with_unreachable(node: FakeNode) -> None:
    @node.handles("pointers.watch")
    async def answer(request: p.Watch) -> p.Resolved:
        await trio.sleep_forever()
        raise AssertionError

    failed = 0
    async with connect_memory(node) as doors, trio.open_nursery() as nursery:

        async def watch() -> None:
            nonlocal failed
            with pytest.raises(Unreachable):
                await doors.pointers.watch(plain(p.Watch))
            failed += 1

        for _ in range(3):
            nursery.start_soon(watch)
        await trio.testing.wait_all_tasks_blocked()
        await doors.aclose()
        await doors.aclose()
    assert failed == 3
    with pytest.raises(Unreachable):
        await doors.blocks.close_session(CLOSE)


async def test_a_node_that_goes_away_is_unreachable_until_it_is_back(node: FakeNode) -> None:
    home = Home(node.peer_id, ())
    async with trio.open_nursery() as nursery:
        network = MemoryNetwork(nursery)
        with pytest.raises(Unreachable):
            await network.reach(home)
        network.add(node)
        doors = await network.reach(home)
        await doors.blocks.close_session(CLOSE)
        await network.remove(node.peer_id)
        with pytest.raises(Unreachable):
            await doors.blocks.close_session(CLOSE)
        with pytest.raises(Unreachable):
            await network.reach(home)
        network.add(node)
        again = await network.reach(home)
        await again.blocks.close_session(CLOSE)
        nursery.cancel_scope.cancel()


# --- time


async def test_a_handler_that_takes_too_long_is_timed_out_by_the_node(
    node: FakeNode, autojump_clock: MockClock
) -> None:
    @node.handles("pointers.resolve")
    async def answer(request: p.Resolve) -> p.Resolved:
        await trio.sleep_forever()
        raise AssertionError

    async with connect_memory(node) as doors:
        with pytest.raises(TimedOut, match="longer than it may"):
            await doors.pointers.resolve(plain(p.Resolve))
        assert trio.current_time() == pytest.approx(OPERATIONS["pointers"]["resolve"].seconds)
        await doors.blocks.close_session(CLOSE)


class Silent:
    """A connection to a peer that opens streams and says what a test tells it to."""

    peer = b"silent"

    def __init__(self) -> None:
        self.far: list[Any] = []
        self.closed = False

    async def open(self, protocol: str) -> Any:
        near, far = _pair()
        self.far.append(far)
        return near

    async def aclose(self) -> None:
        self.closed = True


@asynccontextmanager
async def remote(connection: Any) -> AsyncIterator[RemoteDoors]:
    async with trio.open_nursery() as nursery:
        doors = RemoteDoors(connection)
        nursery.start_soon(doors.run)
        yield doors
        await doors.aclose()


async def test_a_silent_peer_is_timed_out_and_its_connection_ended(
    autojump_clock: MockClock,
) -> None:
    silent = Silent()
    async with remote(silent) as doors, trio.open_nursery() as nursery:

        async def watch() -> None:
            with pytest.raises(Unreachable, match="silent"):
                await doors.pointers.watch(plain(p.Watch))

        nursery.start_soon(watch)
        with pytest.raises(TimedOut):
            await doors.pointers.resolve(plain(p.Resolve))
        assert trio.current_time() == pytest.approx(15)
    assert silent.closed


async def test_bytes_that_keep_coming_are_not_silence(autojump_clock: MockClock) -> None:
    silent = Silent()
    answer = plain(b.Found, blocks=(BIG,) * 4)
    async with remote(silent) as doors, trio.open_nursery() as nursery:

        async def read() -> None:
            assert await doors.blocks.read(plain(b.Read)) == answer

        nursery.start_soon(read)
        await trio.testing.wait_all_tasks_blocked()
        stream = b"".join(_reply(1, answer))
        for at in range(0, len(stream), 20 * 1024):
            await trio.sleep(1)
            await silent.far[0].send_all(stream[at : at + 20 * 1024])
    assert trio.current_time() > 200


async def test_bytes_that_drip_are_silence(autojump_clock: MockClock) -> None:
    silent = Silent()
    stream = b"".join(_reply(1, plain(b.Found, blocks=(BIG,) * 4)))
    async with remote(silent) as doors, trio.open_nursery() as nursery:

        async def drip() -> None:
            for at in range(0, len(stream), 100):
                await trio.sleep(1)
                await silent.far[0].send_all(stream[at : at + 100])

        async def start() -> None:
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(drip)

        nursery.start_soon(start)
        with pytest.raises(TimedOut):
            await doors.blocks.read(plain(b.Read))
        assert trio.current_time() < 70
        nursery.cancel_scope.cancel()


def _reply(id: int, message: Any) -> Iterator[bytes]:
    head, bodies = to_wire(message)
    reply: dict[str, Any] = {"i": id, "r": head}
    if bodies:
        reply["n"] = [len(body) for body in bodies]
    return framed([dag_cbor.encode(reply), *bodies])


async def test_a_peer_that_reads_nothing_ends_the_connection(autojump_clock: MockClock) -> None:
    silent = Silent()
    async with remote(silent) as doors:
        with pytest.raises((Unreachable, TimedOut)):
            await doors.blocks.stage(plain(b.Stage, blocks=(BIG,) * 16))


# --- peers that break the rules


@pytest.mark.parametrize("garbage", [b"\xff" * 4, bytes(4), b"GET / HTTP/1.1\r\n\r\n"])
async def test_a_node_that_talks_garbage_is_a_violation(garbage: bytes) -> None:
    silent = Silent()
    async with remote(silent) as doors, trio.open_nursery() as nursery:

        async def other() -> None:
            with pytest.raises(Unreachable):
                await doors.pointers.watch(plain(p.Watch))

        async def talk() -> None:
            await trio.testing.wait_all_tasks_blocked()
            await silent.far[-1].send_all(garbage)

        nursery.start_soon(other)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(talk)
        with pytest.raises(ProtocolViolation):
            await doors.blocks.close_session(CLOSE)
    assert silent.closed


async def test_a_wrong_block_in_an_answer_is_told_to_who_asked() -> None:
    silent = Silent()
    wrong = plain(b.Found, blocks=(Block.raw(b"right"),))
    async with remote(silent) as doors, trio.open_nursery() as nursery:

        async def talk() -> None:
            while not silent.far:
                await trio.lowlevel.checkpoint()
            await silent.far[0].receive_some()
            stream = b"".join(_reply(1, wrong)).replace(b"right", b"wrong")
            await silent.far[0].send_all(stream + b"".join(_reply(2, b.Closed())))

        async def other() -> None:
            while not silent.far:
                await trio.lowlevel.checkpoint()
            await doors.blocks.close_session(CLOSE)

        nursery.start_soon(talk)
        nursery.start_soon(other)
        with pytest.raises(BadBlock):
            await doors.blocks.read(plain(b.Read))


class FarSide:
    """The end a test plays against ``Server``: raw streams to a node."""

    def __init__(self, peer: bytes = b"far") -> None:
        self.peer, self.local = peer, False
        self.closed = trio.Event()
        self._send, self._receive = trio.open_memory_channel[Any](100)

    def open(self, protocol: str = b.PROTOCOL) -> Any:
        near, far = _pair()

        class Arrived:
            async def agree(self, protocols: Any) -> Any:
                if protocol == "silence":
                    await trio.sleep_forever()
                if protocol not in protocols:
                    raise ProtocolViolation("no such protocol")
                return protocol, far

        self._send.send_nowait(Arrived())
        return near

    async def accept(self) -> Any:
        try:
            return await self._receive.receive()
        except trio.EndOfChannel:
            return None

    async def aclose(self) -> None:
        self.closed.set()


def request_bytes(id: int = 1) -> bytes:
    return b"".join(
        framed([dag_cbor.encode({"i": id, "o": "close_session", "q": {"session": bytes(16)}})])
    )


@pytest.mark.parametrize(
    "garbage", [b"\xff" * 4, bytes(4), b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\1\xff"]
)
async def test_a_caller_that_talks_garbage_is_cut_off_and_others_are_served(
    node: FakeNode, garbage: bytes
) -> None:
    server = Server(node)
    bad, good = FarSide(b"bad"), FarSide(b"good")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.serve, bad)
        nursery.start_soon(server.serve, good)
        bad_stream, good_stream = bad.open(), good.open()
        await bad_stream.send_all(garbage)
        await bad.closed.wait()
        await good_stream.send_all(request_bytes())
        assert await good_stream.receive_some()
        assert not good.closed.is_set()
        nursery.cancel_scope.cancel()


async def served(node: FakeNode, limits: Limits, play: Any) -> FarSide:
    """A connection served with these limits, with ``play`` at the other end until it is closed."""
    far = FarSide()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Server(node, limits).serve, far)
        nursery.start_soon(play, far)
        await far.closed.wait()
        nursery.cancel_scope.cancel()
    return far


async def test_a_request_that_drips_in_is_cut_off(
    node: FakeNode, autojump_clock: MockClock
) -> None:
    async def play(far: FarSide) -> None:
        stream = far.open()
        for byte in request_bytes():
            await stream.send_all(bytes([byte]))
            await trio.sleep(9)

    await served(node, Limits(begun_seconds=30), play)
    assert trio.current_time() < 30 + 70
    assert node.asked == []


async def test_a_stream_may_be_idle_between_requests(
    node: FakeNode, autojump_clock: MockClock
) -> None:
    async def play(far: FarSide) -> None:
        stream = far.open()
        for id in (1, 2):
            await stream.send_all(request_bytes(id))
            assert await stream.receive_some()
            await trio.sleep(3600)
        await stream.send_all(b"\xff" * 4)

    await served(node, Limits(), play)
    assert len(node.asked) == 2


async def test_a_stream_that_never_says_what_it_is_for_is_cut_off(
    node: FakeNode, autojump_clock: MockClock
) -> None:
    async def play(far: FarSide) -> None:
        far.open("silence")

    await served(node, Limits(agree_seconds=10), play)
    assert trio.current_time() == pytest.approx(10)


async def test_a_protocol_that_is_not_served_harms_no_other_stream(node: FakeNode) -> None:
    far = FarSide()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Server(node).serve, far)
        far.open("/something/else/1")
        await trio.testing.wait_all_tasks_blocked()
        stream = far.open()
        await stream.send_all(request_bytes())
        assert await stream.receive_some()
        assert not far.closed.is_set()
        nursery.cancel_scope.cancel()


async def test_too_many_streams_are_cut_off(node: FakeNode) -> None:
    async def play(far: FarSide) -> None:
        for _ in range(4):
            far.open()

    await served(node, Limits(streams=3), play)


async def test_a_caller_that_does_not_read_its_answers_is_cut_off(
    node: FakeNode, autojump_clock: MockClock
) -> None:
    async def play(far: FarSide) -> None:
        stream = far.open()
        for id in range(1, 20):
            await stream.send_all(request_bytes(id))
            await trio.testing.wait_all_tasks_blocked()

    await served(node, Limits(stall_seconds=60), play)
    assert trio.current_time() >= 60


async def test_the_end_of_a_stream_ends_what_it_asked_for(node: FakeNode) -> None:
    ended = trio.Event()

    @node.handles("blocks.close_session")
    async def answer(request: b.CloseSession) -> b.Closed:
        try:
            await trio.sleep_forever()
        finally:
            ended.set()
        raise AssertionError

    far = FarSide()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Server(node).serve, far)
        stream = far.open()
        await stream.send_all(request_bytes())
        await trio.testing.wait_all_tasks_blocked()
        await stream.aclose()
        await ended.wait()
        assert not far.closed.is_set()
        nursery.cancel_scope.cancel()


async def test_requests_wait_for_room_and_all_arrive(node: FakeNode) -> None:
    holding = 0
    most = 0

    @node.handles("blocks.stage")
    async def answer(request: b.Stage) -> b.Staged:
        nonlocal holding, most
        holding += len(request.blocks)
        most = max(most, holding)
        await trio.lowlevel.checkpoint()
        holding -= len(request.blocks)
        return b.Staged(0)

    limits = Limits(bytes_in=5 * 1024 * 1024)
    async with connect_memory(node, limits=limits) as doors, trio.open_nursery() as nursery:
        for _ in range(12):
            nursery.start_soon(doors.blocks.stage, plain(b.Stage, blocks=(BIG, BIG)))
    assert len(node.asked) == 12
    assert most <= 4


async def test_after_a_large_head_of_a_stranger_it_is_others_turn(
    node: FakeNode, mock_clock: MockClock
) -> None:
    """However many connections they have, strangers get a part of the event loop's time."""
    cids = tuple(Cid.of_raw(n.to_bytes(2, "big")) for n in range(4096))
    async with (
        connect_memory(node) as one,
        connect_memory(node) as other,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(one.blocks.missing, plain(b.Missing, cids=cids))
        await trio.testing.wait_all_tasks_blocked()
        await other.blocks.close_session(plain(b.CloseSession))
        assert node.asked == ["blocks.close_session"]
        while len(node.asked) < 2:  # the head is read in a thread: its rest may begin later
            mock_clock.jump(0.001)
            await trio.lowlevel.checkpoint()
    assert node.asked == ["blocks.close_session", "blocks.missing"]


async def test_small_requests_of_a_stranger_do_not_add_up(node: FakeNode) -> None:
    """Each takes no room of the node's, so all of them together must be little."""
    held, most = trio.Event(), 0
    cids = tuple(Cid.of_raw(n.to_bytes(2, "big")) for n in range(1500))

    @node.handles("blocks.missing")
    async def answer(request: b.Missing) -> b.Lacking:
        nonlocal most
        most += len(request.cids) * CID_SIZE
        await held.wait()
        return b.Lacking(())

    async with connect_memory(node) as doors, trio.open_nursery() as nursery:
        for _ in range(MAX_IN_FLIGHT):
            nursery.start_soon(doors.blocks.missing, plain(b.Missing, cids=cids))
        while not most:
            await trio.lowlevel.checkpoint()
        await trio.testing.wait_all_tasks_blocked()
        assert 0 < most <= Limits().stranger_in
        held.set()
    assert len(node.asked) == MAX_IN_FLIGHT


READ_ONE: Final = b"".join(
    Asker(OPERATIONS["blocks"]).ask(OPERATIONS["blocks"]["read"], plain(b.Read))[1]
)


async def test_a_hundred_who_do_not_read_their_answers_hold_little_memory(node: FakeNode) -> None:
    """What is made for them and not taken is bounded for all together; whoever reads is served."""
    made = 0

    @node.handles("blocks.read")
    async def answer(request: b.Read) -> b.Found:
        nonlocal made
        made += 1
        return plain(b.Found, blocks=(BIG,) * 8)

    server = Server(node, Limits(strangers_answers=64 * MIB))
    async with trio.open_nursery() as nursery:
        for _ in range(100):
            far = FarSide()
            nursery.start_soon(server.serve, far)
            await far.open().send_all(READ_ONE)
        await trio.testing.wait_all_tasks_blocked()
        assert 0 < made * 8 <= 64
        nursery.cancel_scope.cancel()
    assert not any(room.used for room in server.shared._answers.values())


async def test_who_takes_an_answer_slowly_gives_way_when_others_wait(
    node: FakeNode, autojump_clock: MockClock
) -> None:
    @node.handles("blocks.read")
    async def answer(request: b.Read) -> b.Found:
        return plain(b.Found, blocks=(BIG,) * 8)

    limits = Limits(strangers_answers=MIB, stall_seconds=3600, stall_crowded=10)
    server = Server(node, limits)
    async with trio.open_nursery() as nursery:
        streams = []
        for _ in range(2):
            slow = FarSide()
            nursery.start_soon(server.serve, slow)
            streams.append(slow.open())
            await streams[-1].send_all(READ_ONE)
            await trio.testing.wait_all_tasks_blocked()
        heard = 0
        while heard < 8 * MIB:  # of the second, once the first was cut off
            heard += len(await streams[1].receive_some())
        assert trio.current_time() <= 3600 + 1
        nursery.cancel_scope.cancel()


async def test_large_answers_are_made_a_few_at_a_time(node: FakeNode) -> None:
    making, most = 0, 0

    @node.handles("blocks.read")
    async def answer(request: b.Read) -> b.Found:
        nonlocal making, most
        making += 1
        most = max(most, making)
        await trio.testing.wait_all_tasks_blocked()
        making -= 1
        return plain(b.Found)

    limits = Limits(large_answers=3)
    async with connect_memory(node, limits=limits) as doors, trio.open_nursery() as nursery:
        for _ in range(10):
            nursery.start_soon(doors.blocks.read, plain(b.Read))
    assert most == 3
