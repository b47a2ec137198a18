"""Lies of the carrier, about every operation: cut off at every byte, dripping, endless, silent."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock

from formats.cid import Block
from formats.errors import HoldfastError, ProtocolViolation, TimedOut, Unreachable
from node.transport.carrier import Stream
from node.transport.remote import GRACE, MOST_FORGIVEN, RemoteDoors
from protocols.frames import framed
from protocols.operations import OPERATIONS, Operation
from tests.hostile.home.saying import Answer
from tests.protocols.making import plain

ROWS = [row for door in OPERATIONS.values() for row in door.values()]


@dataclass
class Carrier:
    """A connection on which a node says these pieces, with so many seconds before each.

    ``ends``: then it closes the connection; else it says nothing more.
    """

    pieces: Iterator[bytes]
    pause: float = 0.0
    ends: bool = True
    peer: bytes = b"home"
    closed: trio.Event = field(default_factory=trio.Event)

    async def open(self, protocol: str) -> Stream:
        return self

    async def receive_some(self) -> bytes:
        await trio.sleep(self.pause)
        for piece in self.pieces:
            return piece
        if not self.ends:
            await self.closed.wait()
        return b""

    async def send_all(self, data: bytes) -> None:
        await trio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        self.closed.set()


def reply(row: Operation) -> bytes:
    """An answer as it goes over the wire, with a block where there can be one."""
    kind = row.replies[0]
    shape = row.answers[kind.__name__]
    block = {} if shape.blocks is None else {shape.blocks: (Block.raw(bytes(40)),)}
    return b"".join(framed(Answer.of(row, plain(kind, **block)).parts(row)))


async def asked(row: Operation, carrier: Carrier) -> object:
    """What an honest client gets."""
    async with trio.open_nursery() as nursery:
        doors = RemoteDoors(carrier)
        nursery.start_soon(doors.run)
        try:
            with_block = {} if row.asks.blocks is None else {row.asks.blocks: ()}
            method = getattr(getattr(doors, row.door), row.name)
            answer: object = await method(plain(row.request, **with_block))
            return answer
        finally:
            with trio.CancelScope(shield=True):
                await doors.aclose()
            nursery.cancel_scope.cancel()


async def failed(row: Operation, carrier: Carrier) -> HoldfastError:
    """What it is told instead of an answer."""
    with pytest.raises((HoldfastError, ExceptionGroup)) as raised:
        await asked(row, carrier)
    error: BaseException = raised.value
    while isinstance(error, BaseExceptionGroup):
        (error,) = error.exceptions
    assert isinstance(error, HoldfastError), error
    return error


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_an_answer_that_is_cut_off_at_any_byte_is_none(row: Operation) -> None:
    whole = reply(row)
    assert type(await asked(row, Carrier(iter([whole])))) is row.replies[0]
    for cut in range(len(whole)):
        error = await failed(row, Carrier(iter([whole[:cut]] if cut else [])))
        assert type(error) is Unreachable, (cut, error)
        assert "closed the connection" in error.message


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_an_answer_byte_by_byte_is_the_same_answer(row: Operation) -> None:
    whole = reply(row)
    answer = await asked(row, Carrier(bytes([byte]) for byte in whole))
    assert type(answer) is row.replies[0]


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_silence_ends_in_the_time_that_the_operation_has(
    row: Operation, autojump_clock: MockClock
) -> None:
    begun = trio.current_time()
    error = await failed(row, Carrier(iter([]), ends=False))
    assert type(error) in (TimedOut, Unreachable)
    assert trio.current_time() - begun <= row.seconds + GRACE + 1


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_dripping_ends_too(row: Operation, autojump_clock: MockClock) -> None:
    """A byte a second, of a frame that never becomes whole."""

    def drip() -> Iterator[bytes]:
        yield (1_000_000).to_bytes(4, "big")
        while True:
            yield b"\x00"

    begun = trio.current_time()
    error = await failed(row, Carrier(drip(), pause=1.0))
    assert type(error) is TimedOut
    assert trio.current_time() - begun <= row.seconds + GRACE + MOST_FORGIVEN


@pytest.mark.parametrize("said", [b"\0" * 64, b"\xff" * 64, b"HTTP/1.1 200 OK\r\n\r\n"], ids=repr)
@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_what_is_no_frame_ends_the_connection(row: Operation, said: bytes) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield said

    error = await failed(row, Carrier(endless()))
    assert type(error) is ProtocolViolation
