"""Two machines: what one writes the other reads, whatever the pieces, windows and turns."""

import random
from contextlib import suppress
from struct import pack
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.errors import ProtocolViolation, Unreachable
from node.transport.yamux.events import Changed, Event, GoneAway, Limits, Opened, Ponged
from node.transport.yamux.frames import ACK, FIN, INITIAL, RST, SYN, Goodbye, Kind
from node.transport.yamux.leaving import TURN, Batch
from node.transport.yamux.machine import Machine
from node.transport.yamux.stream import Stream

MOST: Final = 1 << 24


def frame(kind: int, flags: int, stream: int, length: int, body: bytes = b"") -> bytes:
    return pack("!BBHII", 0, kind, flags, stream, length) + body


def said(machine: Machine) -> bytes:
    return machine.take(MOST).data


def pair(window: int = INITIAL) -> tuple[Machine, Machine]:
    return Machine(True, Limits(window=window)), Machine(False, Limits(window=window))


def joined(window: int = INITIAL) -> tuple[Machine, Stream, Machine, Stream]:
    one, other = pair(window)
    near = one.open()
    [opened] = other.feed(said(one))
    assert isinstance(opened, Opened)
    other.accept(opened.stream)
    one.feed(said(other))
    return one, near, other, opened.stream


# --- on the wire


def test_what_leaves_is_what_others_expect() -> None:
    machine = Machine(True, Limits(window=INITIAL + 7))
    stream = machine.open()
    machine.write(stream, b"hello")
    machine.ping(9)
    machine.close(stream)
    machine.go_away(Goodbye.NORMAL)
    assert said(machine) == (
        frame(Kind.WINDOW, SYN, 1, 7)
        + frame(Kind.PING, SYN, 0, 9)
        + frame(Kind.GO_AWAY, 0, 0, 0)
        + frame(Kind.DATA, 0, 1, 5, b"hello")
        + frame(Kind.WINDOW, FIN, 1, 0)
    )
    assert not machine.wants


def test_a_stream_is_answered_with_what_may_come_in_addition() -> None:
    machine = Machine(False, Limits(window=INITIAL * 4))
    [opened] = machine.feed(frame(Kind.WINDOW, SYN, 1, 0))
    assert isinstance(opened, Opened)
    machine.accept(opened.stream)
    machine.accept(opened.stream)
    assert said(machine) == frame(Kind.WINDOW, ACK, 1, INITIAL * 3)


def test_pings_are_answered_and_heard() -> None:
    one, other = pair()
    one.ping(2**32 - 1)
    assert other.feed(said(one)) == []
    assert one.feed(said(other)) == [Ponged(2**32 - 1)]


def test_a_farewell_is_told() -> None:
    one, other = pair()
    one.go_away(Goodbye.PROTOCOL)
    assert other.feed(said(one)) == [GoneAway(1)]


# --- windows


def test_no_more_leaves_than_the_other_side_takes() -> None:
    one, near, other, far = joined()
    one.write(near, bytes(INITIAL * 3))
    other.feed(said(one))
    assert far.unread == INITIAL
    assert (near.pending, one.wants) == (INITIAL * 2, False)
    assert len(other.read(far, MOST)) == INITIAL
    one.feed(said(other))
    other.feed(said(one))
    assert (near.pending, far.unread) == (INITIAL, INITIAL)


def test_a_window_is_given_back_by_eighths_not_by_bytes() -> None:
    one, near, other, far = joined()
    one.write(near, bytes(INITIAL))
    other.feed(said(one))
    updates = 0
    while other.read(far, 1000):
        updates += bool(said(other))
    assert updates == 7


def test_a_larger_window_is_given_when_the_limit_grows() -> None:
    one, near, other, far = joined()
    other.limits = Limits(window=INITIAL * 8)
    one.write(near, bytes(INITIAL * 8))
    other.feed(said(one))
    assert len(other.read(far, MOST)) == INITIAL
    one.feed(said(other))
    other.feed(said(one))
    assert far.unread == INITIAL * 7


def test_streams_take_turns() -> None:
    one, near, _, _ = joined(MOST)
    second = one.open()
    one.write(near, bytes(TURN * 3))
    one.write(second, b"short")
    batch = one.take(TURN + 30)
    assert (near.pending, second.pending) == (TURN * 2, 0)
    assert batch.emptied == [second]
    one.take(TURN)
    assert near.pending == TURN


# --- ends


def test_one_end_can_close_and_still_be_written_to() -> None:
    one, near, other, far = joined()
    one.write(near, b"question")
    one.close(near)
    assert Changed(far) in other.feed(said(one))
    assert other.read(far, MOST) == b"question"
    assert far.ended
    assert not far.over
    other.write(far, b"answer")
    other.close(far)
    one.feed(said(other))
    assert (near.over, far.over, one.streams, other.streams) == (True, True, 0, 0)
    assert one.unread == 0


def test_the_end_comes_after_what_waits_for_the_window() -> None:
    one, near, other, far = joined()
    one.write(near, bytes(INITIAL + 5))
    one.close(near)
    other.feed(said(one))
    assert not far.ended
    other.read(far, MOST)
    one.feed(said(other))
    other.feed(said(one))
    assert (len(other.read(far, MOST)), far.ended) == (5, True)


@pytest.mark.parametrize("which", ["near", "far"])
def test_a_reset_ends_both_at_once(which: str) -> None:
    one, near, other, far = joined()
    one.write(near, b"x")
    other.feed(said(one))
    if which == "near":
        one.reset(near)
        other.feed(said(one))
    else:
        other.reset(far)
        one.feed(said(other))
    assert near.reset
    assert far.reset
    assert (one.streams, other.streams, other.unread) == (0, 0, 0)
    with pytest.raises(Unreachable):
        one.write(near, b"more")


def test_what_was_read_before_a_reset_is_not_counted() -> None:
    one, near, other, far = joined()
    one.write(near, b"12345")
    other.feed(said(one))
    assert other.read(far, 2) == b"12"
    assert other.unread == 3
    one.reset(near)
    other.feed(said(one))
    assert other.unread == 0


# --- anything, in any pieces


class Town:
    """Two machines with many streams, wires that cut anywhere, and what must have come across."""

    def __init__(self, seed: int, window: int) -> None:
        self.random = random.Random(seed)
        self.machines = pair(window)
        self.wires = [bytearray(), bytearray()]
        self.written: dict[tuple[int, int], bytes] = {}
        self.heard: dict[tuple[int, int], bytes] = {}
        self.open: list[tuple[int, Stream]] = []
        self.reset: set[int] = set()

    def step(self) -> None:
        end = self.random.randrange(2)
        self.random.choice(
            (self.begin, self.write, self.write, self.read, self.read, self.send, self.send,
             self.deliver, self.deliver, self.deliver, self.finish, self.give_up)
        )(end)  # fmt: skip

    def begin(self, end: int) -> None:
        if len(self.open) < 12:
            self.add(end, self.machines[end].open())

    def add(self, end: int, stream: Stream) -> None:
        self.open.append((end, stream))
        self.written.setdefault((end, stream.id), b"")
        self.heard.setdefault((end, stream.id), b"")

    def some(self, end: int) -> Stream | None:
        mine = [stream for side, stream in self.open if side == end and not stream.over]
        return self.random.choice(mine) if mine else None

    def write(self, end: int) -> None:
        stream = self.some(end)
        if stream is not None and not stream.closing:
            data = self.random.randbytes(self.random.choice([0, 1, 100, 5000, 300_000]))
            self.machines[end].write(stream, data)
            self.written[end, stream.id] += data

    def read(self, end: int) -> None:
        stream = self.some(end)
        if stream is not None and not stream.deaf:
            most = self.random.choice([1, 1000, MOST])
            self.heard[end, stream.id] += self.machines[end].read(stream, most)

    def send(self, end: int) -> None:
        self.wires[end] += self.machines[end].take(self.random.choice([0, 1, 4096, MOST])).data

    def deliver(self, end: int) -> None:
        size = self.random.choice([1, 7, 12, 13, 65_519, MOST])
        data, self.wires[end] = bytes(self.wires[end][:size]), self.wires[end][size:]
        for event in self.machines[1 - end].feed(data):
            self.happened(1 - end, event)

    def happened(self, end: int, event: Event) -> None:
        if isinstance(event, Opened):
            self.machines[end].accept(event.stream)
            self.add(end, event.stream)

    def finish(self, end: int) -> None:
        stream = self.some(end)
        if stream is not None and self.random.random() < 0.2 and stream.ended:
            self.machines[end].close(stream)

    def give_up(self, end: int) -> None:
        stream = self.some(end)
        if stream is not None and self.random.random() < 0.1:
            self.machines[end].reset(stream)
            self.reset.add(stream.id)

    def settle(self) -> None:
        """Let everything that is under way arrive."""
        for _ in range(400):
            for end in (0, 1):
                self.wires[end] += self.machines[end].take(MOST).data
                self.deliver(end)
                for side, stream in self.open:
                    if side == end and not stream.deaf:
                        self.heard[end, stream.id] += self.machines[end].read(stream, MOST)


@given(st.integers(0, 2**32), st.sampled_from([INITIAL, INITIAL * 5]))
def test_what_is_written_is_what_is_read(seed: int, window: int) -> None:
    town = Town(seed, window)
    for _ in range(150):
        town.step()
    town.settle()
    for (end, id), written in town.written.items():
        heard = town.heard.get((1 - end, id), b"")
        assert written.startswith(heard)
        if id not in town.reset and (1 - end, id) in town.heard:
            stream = next(each for side, each in town.open if (side, each.id) == (1 - end, id))
            assert heard == written or stream.deaf
    assert not any(machine.broken for machine in town.machines)


@given(st.binary(max_size=200), st.booleans(), st.integers(1, 20))
def test_how_hostile_bytes_are_cut_makes_no_difference(
    data: bytes, initiator: bool, cut: int
) -> None:
    def outcome(size: int) -> tuple[bool, bytes]:
        machine = Machine(initiator)
        machine.feed(frame(Kind.WINDOW, SYN, 2 if initiator else 1, 0))
        with suppress(ProtocolViolation):
            for at in range(0, len(data), size):
                machine.feed(data[at : at + size])
        return machine.broken, said(machine)

    assert outcome(cut) == outcome(200)


def test_a_batch_is_one_piece_of_bytes() -> None:
    assert Batch([b"a", memoryview(b"b")], []).data == b"ab"


def test_reset_is_told_by_who_resets_only() -> None:
    one, near, other, _ = joined()
    one.reset(near)
    assert said(one) == frame(Kind.WINDOW, RST, 1, 0)
    other.feed(frame(Kind.WINDOW, RST, 1, 0))
    assert said(other) == b""
