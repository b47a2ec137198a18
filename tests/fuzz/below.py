"""What is below the doors: the rules of yamux, messages of Noise, agreeing on protocols."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from random import Random
from struct import pack
from typing import Final

import trio

from formats.errors import HoldfastError, ProtocolViolation
from node.transport import multistream
from node.transport.noise import Session
from node.transport.yamux.events import Opened
from node.transport.yamux.machine import Machine
from protocols.operations import PROTOCOLS
from tests.fuzz.doors import Load

LENGTHS: Final = (0, 1, 12, 1000, 262_144, 262_145, 2**31, 2**32 - 1)
STREAMS: Final = (0, 1, 2, 3, 5, 7, 9, 2**32 - 1)


@asynccontextmanager
async def muxer_under_fire(random: Random) -> AsyncIterator[Load]:
    """Frames of yamux, many of them right, for a machine that reads, answers and gives up."""
    machines = [_fresh()]

    async def shoot(frame: bytes) -> None:
        machine = machines[0]
        try:
            for event in machine.feed(frame):
                if isinstance(event, Opened):
                    machine.accept(event.stream)
                    random.choice((machine.close, machine.reset, _leave))(event.stream)
        except ProtocolViolation:
            machines[0] = _fresh()
        machine.take(1 << 20)

    yield lambda: partial(shoot, _frame(random))


def _fresh() -> Machine:
    machine = Machine(initiator=False)
    machine.write(machine.open(), b"hello")
    return machine


def _leave(stream: object) -> None:
    """Neither read nor end it."""


def _frame(random: Random) -> bytes:
    length = random.choice(LENGTHS)
    kind, flags = (
        random.choice((0, 0, 1, 1, 2, 3, 4, 255)),
        random.choice((0, 0, 1, 1, 2, 4, 8, 15)),
    )
    version = random.choice((0,) * 30 + (1,))
    head = pack("!BBHII", version, kind, flags, random.choice(STREAMS), length)
    body = bytes(min(length, 300_000)) if kind == 0 else b""
    whole = head + body
    return whole if random.random() < 0.95 else whole[: random.randrange(len(whole))]


class _Said:
    """A wire on which this was said."""

    is_initiator = False
    local = True
    address = ""
    port_here = 0

    def __init__(self, data: bytes) -> None:
        self._left = data

    async def receive_some(self, most: int = 0) -> bytes:
        await trio.lowlevel.checkpoint()
        data, self._left = self._left, b""
        return data

    async def read(self, n: int = 1) -> bytes:
        data, self._left = self._left[:n], self._left[n:]
        return data

    async def write(self, data: bytes) -> None:
        return

    async def send_all(self, data: bytes) -> None:
        return

    async def close(self) -> None:
        return


class _Broken:
    """Ciphers that let half of all messages pass."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def encrypt(self, data: bytes) -> bytes:
        return data

    def decrypt(self, data: bytes) -> bytes:
        if self._random.random() < 0.5:
            raise ValueError
        return data[16:]


@asynccontextmanager
async def messages_under_fire(random: Random) -> AsyncIterator[Load]:
    """Messages of Noise and lines of multistream."""
    lines = [multistream.line(each) for each in (multistream.HEADER, "na", *PROTOCOLS.values())]

    def load() -> Callable[[], Awaitable[None]]:
        data = b"".join(random.choices(lines, k=random.randrange(12)))
        return partial(shoot, data + random.randbytes(random.choice((0, 1, 3, 70, 3000))))

    async def shoot(data: bytes) -> None:
        with suppress(HoldfastError):
            await multistream.agree(_Said(data), {"/none/1"})
        with suppress(HoldfastError):
            await multistream.choose(_Said(data), "/holdfast/blocks/1")
        with suppress(HoldfastError):
            session = Session(_Said(data), _Broken(random))
            while await session.receive():
                pass

    yield load
