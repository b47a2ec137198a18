"""Frames that no honest peer sends: each ends the connection, and nothing of it is kept."""

from struct import pack
from typing import Final

import pytest

from formats.errors import ProtocolViolation, Unreachable
from node.transport.yamux.events import Changed, Limits, Opened
from node.transport.yamux.frames import ACK, FIN, INITIAL, RST, SYN, Kind
from node.transport.yamux.machine import LINGERING, MOST_ANSWERS, Machine

DATA, WINDOW, PING, AWAY = Kind.DATA, Kind.WINDOW, Kind.PING, Kind.GO_AWAY
FULL: Final = 2**32 - 1


def frame(kind: int, flags: int, stream: int, length: int, body: bytes = b"") -> bytes:
    return pack("!BBHII", 0, kind, flags, stream, length) + body


OPENED: Final = frame(WINDOW, SYN, 1, 0)
"""The peer (which dialled) opens stream 1; the machine under test opened stream 2."""

VIOLATIONS: Final = {
    "a version there is not": pack("!BBHII", 1, 0, 0, 1, 0),
    "the last version": pack("!BBHII", 255, 0, 0, 1, 0),
    "a type there is not": frame(4, 0, 1, 0),
    "the last type": frame(255, 0, 0, 0),
    "a flag there is not": frame(WINDOW, 16, 1, 0),
    "all flags there are not": frame(WINDOW, 0xFFF0, 1, 0),
    "all flags": frame(WINDOW, 15, 3, 0),
    "data on no stream": frame(DATA, 0, 0, 1, b"x"),
    "a window of no stream": frame(WINDOW, 0, 0, 1),
    "a ping on a stream": frame(PING, SYN, 1, 0),
    "a ping that asks nothing": frame(PING, 0, 0, 0),
    "a ping that asks and answers": frame(PING, SYN | ACK, 0, 0),
    "a ping that ends": frame(PING, FIN, 0, 0),
    "a farewell on a stream": frame(AWAY, 0, 1, 0),
    "a farewell with flags": frame(AWAY, SYN, 0, 0),
    "opened with our parity": frame(WINDOW, SYN, 4, 0),
    "opened with our stream's number": frame(WINDOW, SYN, 2, 0),
    "opened twice": frame(WINDOW, SYN, 1, 0),
    "opened twice by data": frame(DATA, SYN, 1, 1, b"x"),
    "opened and answered": frame(WINDOW, SYN | ACK, 3, 0),
    "opened and reset": frame(WINDOW, SYN | RST, 3, 0),
    "answered by who opened it": frame(WINDOW, ACK, 1, 0),
    "answered twice": frame(WINDOW, ACK, 2, 0) * 2,
    "answered and never opened": frame(WINDOW, ACK, 4, 0),
    "ended and never opened": frame(WINDOW, FIN, 4, 0),
    "reset and never opened": frame(WINDOW, RST, 2**32 - 2, 0),
    "data and never opened": frame(DATA, 0, 3, 1, b"x"),
    "data of ours that never was": frame(DATA, 0, 4, 1, b"x"),
    "data beyond the window": frame(DATA, 0, 1, INITIAL + 1),
    "data beyond all windows": frame(DATA, 0, 1, FULL),
    "data beyond the window, opening": frame(DATA, SYN, 3, INITIAL + 1),
    "data that uses the window up, then a byte": frame(DATA, 0, 1, INITIAL, bytes(INITIAL))
    + frame(DATA, 0, 1, 1),
    "a window that overflows": frame(WINDOW, 0, 1, FULL),
    "a window that overflows by one": frame(WINDOW, 0, 1, FULL - INITIAL + 1),
    "windows that overflow together": frame(WINDOW, 0, 1, 2**31) * 2,
    "a window that overflows, opening": frame(WINDOW, SYN, 3, FULL),
    "a window that overflows, answering": frame(WINDOW, ACK, 2, FULL),
    "data after the end": frame(DATA, FIN, 1, 0) + frame(DATA, 0, 1, 1, b"x"),
    "an end after the end": frame(DATA, FIN, 1, 0) + frame(WINDOW, FIN, 1, 0),
    "data after a reset": frame(WINDOW, RST, 1, 0) + frame(DATA, 0, 1, 1, b"x"),
    "another protocol": b"GET / HTTP/1.1\r\n\r\n",
    "more questions than answers that are read": frame(PING, SYN, 0, 7) * (MOST_ANSWERS // 12 + 2),
    "more streams than resets that are read": b"".join(
        frame(WINDOW, SYN, id, 0) for id in range(3, 3 + 2 * (MOST_ANSWERS // 12 + 80), 2)
    ),
}


def listener() -> Machine:
    machine = Machine(initiator=False)
    assert machine.open().id == 2
    machine.take(1000)
    assert [type(event) for event in machine.feed(OPENED)] == [Opened]
    return machine


def feed(machine: Machine, said: bytes, cut: int) -> None:
    for at in range(0, len(said), cut):
        machine.feed(said[at : at + cut])


@pytest.mark.parametrize("cut", [1, 5, 12, 100_000])
@pytest.mark.parametrize("what", VIOLATIONS)
def test_it_ends_the_connection(what: str, cut: int) -> None:
    machine, said = listener(), VIOLATIONS[what]
    if len(said) > 100_000 and cut < 12:
        cut = 4093
    with pytest.raises(ProtocolViolation):
        feed(machine, said, cut)
    assert machine.broken
    assert machine.unread <= INITIAL
    with pytest.raises(ProtocolViolation):
        machine.feed(frame(PING, SYN, 0, 0))
    with pytest.raises(ProtocolViolation):
        machine.open()


HARMLESS: Final = {
    "nothing at all": b"",
    "no data": frame(DATA, 0, 1, 0),
    "a window of nothing": frame(WINDOW, 0, 1, 0),
    "the largest window": frame(WINDOW, 0, 1, FULL - INITIAL),
    "an answered ping nobody asked": frame(PING, ACK, 0, FULL),
    "a window of what is over": frame(WINDOW, RST, 1, 0) + frame(WINDOW, 0, 1, 9),
    "an end of what is over": frame(WINDOW, RST, 1, 0) + frame(WINDOW, FIN, 1, 0),
    "two resets": frame(WINDOW, RST, 1, 0) * 2,
    "a window of what was never opened by them": frame(WINDOW, 0, 77, 9),
    "a farewell of another program": frame(AWAY, 0, 0, 4101),
    "two farewells": frame(AWAY, 0, 0, 0) * 2,
    "a number that is used again": frame(WINDOW, RST, 1, 0) + OPENED,
    "a header that does not end": frame(DATA, 0, 1, 5)[:11],
    "a body that does not end": frame(DATA, 0, 1, 5, b"four"),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_it_harms_nobody(what: str) -> None:
    machine = listener()
    machine.feed(HARMLESS[what])
    assert not machine.broken


def test_all_of_the_window_may_be_used() -> None:
    machine = listener()
    machine.feed(frame(DATA, 0, 1, INITIAL, bytes(INITIAL)))
    assert machine.unread == INITIAL


def test_what_was_on_its_way_when_we_reset_is_passed_over_and_no_more() -> None:
    machine = Machine(initiator=False)
    [opened] = machine.feed(OPENED)
    assert isinstance(opened, Opened)
    machine.accept(opened.stream)
    window = opened.stream.allowance
    machine.reset(opened.stream)
    for _ in range(window // INITIAL):
        assert machine.feed(frame(DATA, 0, 1, INITIAL, bytes(INITIAL))) == []
    assert machine.unread == 0
    with pytest.raises(ProtocolViolation):
        machine.feed(frame(DATA, 0, 1, 1, b"x"))


def test_a_stream_that_is_reset_in_the_middle_of_a_body_drops_the_rest() -> None:
    machine = Machine(initiator=False)
    [opened] = machine.feed(OPENED)
    assert isinstance(opened, Opened)
    machine.feed(frame(DATA, 0, 1, 10, b"12345"))
    machine.reset(opened.stream)
    assert machine.feed(b"67890" + frame(PING, SYN, 0, 3)) == []
    assert (machine.unread, machine.streams) == (0, 0)
    assert machine.take(100).data.endswith(frame(PING, ACK, 0, 3))


def test_there_is_a_last_stream_and_the_next_is_reset() -> None:
    machine = Machine(initiator=False, limits=Limits(streams=2))
    for id in (1, 3):
        assert machine.feed(frame(WINDOW, SYN, id, 0))
    assert machine.feed(frame(DATA, SYN, 5, 3, b"abc")) == []
    assert machine.take(100).data == frame(WINDOW, RST, 5, 0)
    machine.feed(frame(WINDOW, RST, 3, 0))
    assert [type(event) for event in machine.feed(frame(WINDOW, SYN, 7, 0))] == [Opened]


def test_who_reads_nothing_of_ours_is_not_remembered_for_it() -> None:
    """A stream we have ended stays while the peer has not; it cannot keep any number of them."""
    machine = Machine(initiator=True)
    for _ in range(LINGERING + 5):
        machine.close(machine.open())
        machine.take(1000)
    assert machine.streams == LINGERING


def test_nothing_new_after_a_farewell_and_the_old_goes_on() -> None:
    machine = Machine(initiator=True)
    stream = machine.open()
    machine.feed(frame(AWAY, 0, 0, 0))
    with pytest.raises(Unreachable):
        machine.open()
    [changed] = machine.feed(frame(DATA, ACK, stream.id, 2, b"ok"))
    assert changed == Changed(stream)
    assert machine.read(stream, 100) == b"ok"
