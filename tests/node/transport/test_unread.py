"""What many connections sent and nobody has taken: bounded, and the honest ones are served."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from formats.errors import HoldfastError
from node.transport.carrier import Stream
from node.transport.muxer import CROWDED_SECONDS
from node.transport.reading import UNREAD, Reading, Readings
from node.transport.unread import CAREFUL, LEAST, Share, Together
from node.transport.yamux.frames import INITIAL
from tests.node.transport.test_muxer import both, heard
from tests.node.transport.wires import Joined, joined

MIB = 1024 * 1024


def nothing() -> None:
    """Nobody waits for this one."""


def share(together: Together | None, size: int, look: Callable[[], None] = nothing) -> Share:
    made = Share(look, nothing)
    made.of(together)
    made.holds(size)
    return made


# --- the count


def test_who_holds_little_is_read_whoever_holds_much() -> None:
    together = Together(10 * LEAST)
    small, large = share(together, LEAST), share(together, LEAST + 1)
    assert small.may_read
    assert large.may_read
    share(together, 8 * LEAST - 2)
    assert large.may_read  # one byte is left
    share(together, 1)
    assert together.used == together.most
    assert small.may_read
    assert not large.may_read


def test_who_ends_gives_back_what_they_held() -> None:
    together = Together(MIB)
    one, other = share(together, MIB), share(together, MIB)
    one.end()
    assert together.used == MIB
    one.holds(0)
    one.end()
    assert together.used == MIB
    other.holds(5)
    assert together.used == 5


def test_who_becomes_known_is_counted_among_the_known() -> None:
    readings = Readings()
    strangers, known = readings.strangers.together, readings.known.together
    one = share(strangers, 7)
    one.of(known)
    one.of(known)
    assert strangers is not None
    assert known is not None
    assert (strangers.used, known.used) == (0, 7)
    one.of(None)
    assert known.used == 0
    assert one.may_read
    assert not one.is_careful


def test_whoever_waits_is_woken_one_after_the_other() -> None:
    together = Together(MIB)
    woken: list[int] = []
    holders = [share(together, MIB // 2) for _ in range(2)]
    waiting = [share(together, LEAST + 1, partial(woken.append, at)) for at in range(3)]
    for each in waiting:
        each.wait()
    waiting[0].end()
    holders[0].holds(MIB // 2 - 1)
    assert woken == []  # still no room
    holders[0].holds(0)
    assert woken == [1]
    holders[1].holds(0)
    assert woken == [1, 2]


def test_who_waited_too_long_has_the_largest_give_way() -> None:
    together = Together(MIB)
    cut: list[str] = []
    shares = {}
    for name, size in (("small", LEAST), ("large", MIB), ("middle", MIB // 2)):
        each = shares[name] = Share(nothing, partial(cut.append, name))
        each.of(together)
        each.holds(size)
    shares["middle"].make_room()
    assert cut == ["large"]
    assert together.used == MIB // 2 + LEAST
    shares["middle"].make_room()
    assert cut == ["large", "middle"]
    shares["middle"].make_room()  # it counts nowhere any more
    assert together.used == LEAST


def test_a_node_shares_its_room_out_and_can_change_it() -> None:
    readings = Readings()
    rooms = [readings.known.together, readings.ours.together, readings.strangers.together]
    assert sum(room.most for room in rooms if room is not None) == UNREAD
    readings.share_out(16 * MIB)
    assert [room.most // MIB for room in rooms if room is not None] == [8, 4, 4]


# --- connections


@asynccontextmanager
async def crowd(size: int, reading: Reading) -> AsyncIterator[list[Joined]]:
    """So many connections, whose far ends read by that."""
    async with AsyncExitStack() as stack:
        pairs = [await stack.enter_async_context(joined()) for _ in range(size)]
        for pair in pairs:
            pair.far.reading = lambda: reading
        yield pairs


async def fill(pair: Joined, size: int) -> tuple[Stream, Stream]:
    """Send what nobody takes, as fast as it leaves."""
    near, far = await both(pair)

    async def send() -> None:
        try:
            await near.send_all(bytes(size))
        except HoldfastError:
            return  # cut off

    pair.nursery.start_soon(send)
    return near, far


async def test_a_thousand_connections_keep_no_more_than_that_and_an_honest_one_is_served(
    autojump_clock: MockClock,
) -> None:
    together = Together(8 * MIB)
    reading = Reading(window=INITIAL, unread=MIB, together=together)
    async with crowd(1000, reading) as pairs, crowd(1, reading) as [honest]:
        for pair in pairs:
            await fill(pair, LEAST * 3)
        await wait_all_tasks_blocked()
        held = sum(pair.far.machine.unread for pair in pairs)
        assert together.used == held
        assert together.most <= held <= together.most + len(pairs) * (LEAST + CAREFUL)
        near, far = await both(honest)
        honest.nursery.start_soon(near.send_all, bytes(4 * MIB))
        began = trio.current_time()
        assert await heard(far, 4 * MIB) == bytes(4 * MIB)
        assert trio.current_time() - began < 1


async def test_when_it_stays_so_who_holds_most_is_cut_off_and_no_more_than_are_needed(
    autojump_clock: MockClock,
) -> None:
    together = Together(MIB)
    reading = Reading(window=INITIAL, unread=MIB, together=together)
    async with crowd(8, reading) as pairs, crowd(1, reading) as [honest]:
        streams = [await fill(pair, INITIAL * 3) for pair in pairs]
        _, far = await fill(honest, LEAST)
        await trio.sleep(CROWDED_SECONDS / 2)
        assert all(pair.far._open for pair in pairs)
        await trio.sleep(CROWDED_SECONDS * 3)
        there = [pair for pair in pairs if pair.far._open]
        assert 0 < len(there) < len(pairs)
        assert honest.far._open
        assert await heard(far, LEAST) == bytes(LEAST)
        for pair, (_, end) in zip(pairs, streams, strict=True):
            if pair in there:  # whoever takes what came is served on
                assert len(await heard(end, INITIAL * 3)) == INITIAL * 3
        assert together.used == 0


async def test_who_waits_goes_on_when_another_has_taken_theirs(autojump_clock: MockClock) -> None:
    together = Together(MIB // 2)
    reading = Reading(window=MIB, unread=8 * MIB, together=together)
    async with crowd(2, reading) as [one, other]:
        _, first = await fill(one, MIB // 2 + LEAST)
        await wait_all_tasks_blocked()
        assert together.is_full
        _, second = await fill(other, MIB // 2)
        await wait_all_tasks_blocked()
        assert LEAST < other.far.machine.unread <= LEAST + CAREFUL
        assert len(await heard(first, MIB // 2 + LEAST)) == MIB // 2 + LEAST
        await wait_all_tasks_blocked()
        assert other.far.machine.unread == MIB // 2
        assert len(await heard(second, MIB // 2)) == MIB // 2


@pytest.mark.parametrize("cancelled", [False, True])
async def test_nothing_is_counted_of_a_connection_that_has_ended(cancelled: bool) -> None:
    together = Together(MIB)
    reading = Reading(window=INITIAL, unread=MIB, together=together)
    async with crowd(1, reading) as [pair]:
        await fill(pair, INITIAL)
        await wait_all_tasks_blocked()
        assert together.used == pair.far.machine.unread > INITIAL // 2
        if cancelled:
            pair.nursery.cancel_scope.cancel()
        else:
            await pair.near.aclose()
            await wait_all_tasks_blocked()
            assert together.used == 0
    assert together.used == 0
    assert not together.shares
