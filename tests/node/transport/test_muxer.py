"""The driver of our yamux: who waits, who is woken, who is cut off, in virtual time."""

from typing import Any

import pytest
import trio
import trio.testing
from trio.testing import MockClock, wait_all_tasks_blocked

from formats.errors import UnknownVersion, Unreachable
from node.transport import muxer as muxer_module
from node.transport.carrier import Stream
from node.transport.muxer import PROBE_SECONDS, SILENT_SECONDS, STALL_SECONDS
from node.transport.reading import Reading
from node.transport.yamux.frames import INITIAL, Kind, packed
from tests.node.transport.wires import Joined, joined

ECHO = "/echo/1"


async def both(pair: Joined) -> tuple[Stream, Stream]:
    """A stream on which a protocol is agreed, from both ends."""
    found: dict[str, Stream] = {}

    async def take() -> None:
        arrival = await pair.far.accept()
        assert arrival is not None
        _, found["far"] = await arrival.agree([ECHO])

    async with trio.open_nursery() as nursery:
        nursery.start_soon(take)
        found["near"] = await pair.near.open(ECHO)
    return found["near"], found["far"]


async def heard(stream: Stream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += await stream.receive_some()
    return data


async def test_bytes_go_both_ways_and_have_an_end() -> None:
    async with joined() as pair:
        near, far = await both(pair)
        await near.send_all(b"question")
        assert await far.receive_some() == b"question"
        await far.send_all(b"answer")
        await far.aclose()
        assert await near.receive_some() == b"answer"
        assert await near.receive_some() == b""
        await near.send_all(b"")
        await near.aclose()
        await wait_all_tasks_blocked()
        assert pair.near.machine.streams == pair.far.machine.streams == 0


async def test_who_has_closed_hears_nothing_more_and_waits_for_nothing() -> None:
    async with joined() as pair:
        near, far = await both(pair)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(heard_end, near)
            await wait_all_tasks_blocked()
            await near.aclose()
        await far.send_all(b"too late")
        assert await near.receive_some() == b""
        assert pair.near.machine.unread == 0


async def heard_end(stream: Stream) -> None:
    assert await stream.receive_some() == b""


async def test_a_protocol_that_is_not_served_leaves_no_stream() -> None:
    async with joined() as pair:

        async def refuse() -> None:
            arrival = await pair.far.accept()
            assert arrival is not None
            with pytest.raises(Unreachable):
                await arrival.agree(["/other/1"])

        pair.nursery.start_soon(refuse)
        with pytest.raises(UnknownVersion):
            await pair.near.open("/holdfast/none/1")
        await wait_all_tasks_blocked()
        assert pair.near.machine.streams == pair.far.machine.streams == 0


async def test_one_write_carries_the_frames_of_many_streams() -> None:
    async with joined() as pair:
        streams = [await both(pair) for _ in range(8)]
        await wait_all_tasks_blocked()
        before = len(pair.near_wire.sent)
        async with trio.open_nursery() as nursery:
            for near, _ in streams:
                nursery.start_soon(near.send_all, b"x" * 1000)
        assert len(pair.near_wire.sent) - before == 1


async def test_who_is_cancelled_while_sending_gives_up_one_stream_only() -> None:
    async with joined() as pair:
        near, far = await both(pair)
        other, far_other = await both(pair)
        with trio.move_on_after(0) as scope:
            scope.cancel()
            await near.send_all(bytes(100))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fails, near)
            nursery.start_soon(fails, far)
        await other.send_all(b"still")
        assert await far_other.receive_some() == b"still"


async def fails(stream: Stream) -> None:
    """What had left may still arrive; then it must be said that it was not all."""
    with pytest.raises(Unreachable):
        await heard(stream, 101)


async def test_a_doubted_connection_ends_if_nothing_is_heard(autojump_clock: MockClock) -> None:
    async with joined() as pair:
        near, far = await both(pair)
        await trio.sleep(10)
        await pair.near.probe()
        await near.send_all(b"still there")
        assert await far.receive_some() == b"still there"
        pair.near_wire.deaf = True
        began = trio.current_time()
        await pair.near.probe()
        with pytest.raises(Unreachable):
            await near.receive_some()
        assert trio.current_time() - began == PROBE_SECONDS


async def test_what_is_not_read_is_no_reason_for_doubt(autojump_clock: MockClock) -> None:
    """Its pong waits behind what nobody takes."""
    async with joined() as pair:
        near, far = await both(pair)
        pair.near.reading = lambda: Reading(INITIAL, 0)
        await far.send_all(bytes(100))
        await trio.sleep(10)
        await pair.near.probe()
        assert await heard(near, 100) == bytes(100)


async def test_a_window_that_stays_shut_resets_nothing(autojump_clock: MockClock) -> None:
    size = INITIAL * 3
    async with joined() as pair:
        pair.far.reading = lambda: Reading(INITIAL, INITIAL * 2)
        near, far = await both(pair)
        pair.nursery.start_soon(near.send_all, bytes(size))
        await trio.sleep(3600)
        assert await heard(far, size) == bytes(size)


async def test_one_stream_that_nobody_reads_stops_no_other(autojump_clock: MockClock) -> None:
    async with joined() as pair:
        slow, _ = await both(pair)
        near, far = await both(pair)
        pair.nursery.start_soon(slow.send_all, bytes(20_000_000))
        await trio.sleep(1)
        for _ in range(10):
            await near.send_all(b"quick")
            assert await far.receive_some() == b"quick"


async def test_with_too_much_unread_the_connection_is_not_read(autojump_clock: MockClock) -> None:
    most = INITIAL * 2
    async with joined() as pair:
        pair.far.reading = lambda: Reading(INITIAL, most)
        streams = [await both(pair) for _ in range(8)]
        for near, _ in streams:
            pair.nursery.start_soon(near.send_all, bytes(INITIAL))
        await trio.sleep(1)
        assert most < pair.far.machine.unread <= most + 256 * 1024
        async with trio.open_nursery() as nursery:
            for _, far in streams:
                nursery.start_soon(heard, far, INITIAL)
        assert pair.far.machine.unread == 0


async def test_a_silent_line_is_pinged_and_lives(autojump_clock: MockClock) -> None:
    async with joined() as pair:
        near, far = await both(pair)
        await trio.sleep(24 * 3600)
        await near.send_all(b"hello")
        assert await far.receive_some() == b"hello"


async def test_who_fell_silent_is_left(autojump_clock: MockClock) -> None:
    async with joined() as pair:
        near, _ = await both(pair)
        pair.far_wire.deaf = True
        start = trio.current_time()
        with pytest.raises(Unreachable):
            await near.receive_some()
        await trio.sleep(1)
        assert SILENT_SECONDS <= trio.current_time() - start <= SILENT_SECONDS + 60
        assert pair.near_wire.closed


async def test_a_write_that_nobody_takes_ends_the_connection(autojump_clock: MockClock) -> None:
    async with joined() as pair:
        near, _ = await both(pair)
        pair.near_wire.stuck = True
        start = trio.current_time()
        with pytest.raises(Unreachable):
            await near.send_all(b"x")
        assert trio.current_time() - start == STALL_SECONDS
        await trio.sleep(1)
        assert pair.near_wire.closed


async def test_a_broken_rule_ends_everything_and_is_told(autojump_clock: MockClock) -> None:
    async with joined() as pair:
        near, far = await both(pair)
        await pair.near._session.send([packed(Kind.DATA, 0, 1, 2**31)])
        with pytest.raises(Unreachable):
            await far.receive_some()
        with pytest.raises(Unreachable):
            await near.receive_some()
        assert await pair.far.accept() is None
        with pytest.raises(Unreachable):
            await pair.near.open(ECHO)


async def test_what_had_arrived_can_be_read_when_the_connection_is_gone() -> None:
    async with joined() as pair:
        near, far = await both(pair)
        await near.send_all(b"the last words")
        await pair.near.aclose()
        await wait_all_tasks_blocked()
        assert await far.receive_some() == b"the last words"
        with pytest.raises(Unreachable):
            await far.receive_some()


async def test_closing_twice_and_before_running_is_closing() -> None:
    async with joined() as pair:
        await pair.near.aclose()
        await pair.near.aclose()
        assert await pair.far.accept() is None
        await pair.far.aclose()


async def test_streams_that_are_opened_and_reset_pile_up_nowhere() -> None:
    async with joined() as pair:
        for id in range(1, 20_001, 2):
            opening = packed(Kind.WINDOW, 1, id, 0) + packed(Kind.WINDOW, 8, id, 0)
            await pair.near._session.send([opening])
        await wait_all_tasks_blocked()
        assert len(pair.far._arrivals) <= pair.far.machine.limits.streams
        assert pair.far.machine.streams == 0


async def test_every_checkpoint_of_sending_may_be_cancelled() -> None:
    """Wherever somebody stops waiting, the other streams of the connection go on."""
    async with joined() as pair:
        for at in range(12):
            near, _ = await both(pair)
            with trio.CancelScope() as scope:
                await _cancelled_at(scope, at, near.send_all(bytes(INITIAL * 2)))
            other, far = await both(pair)
            await other.send_all(b"fine")
            assert await far.receive_some() == b"fine"


async def _cancelled_at(scope: trio.CancelScope, at: int, work: Any) -> None:
    async with trio.open_nursery() as nursery:

        async def cancel() -> None:
            for _ in range(at):
                await trio.lowlevel.checkpoint()
            scope.cancel()

        nursery.start_soon(cancel)
        await work


def test_the_time_limits_fit_together() -> None:
    assert muxer_module.PING_SECONDS * 2 < SILENT_SECONDS
